//! Payment orders and incoming payments: money leaves and reaches a service's account.

mod movement;
mod settlement;

use std::sync::Arc;

use super::transfer;
use crate::account::Account;
use crate::bank::{Direction, OrderState as State, ServiceId};
use crate::bank_service::BankService;
use crate::command::bank::{BankCommand, OrderEnd, SettleOrder};
use crate::document::Document;
use crate::entry::{Balanced, Entry, EntryKind, Sums};
use crate::id::{DocumentId, PartnerId};
use crate::money::Tiyin;
use crate::order::{Incoming, PaymentOrder, StatementLine};
use crate::plan::{Plan, Reply};
use crate::reject::Reject;
use crate::rows::Rows;
use crate::step::{Event, remember};
use crate::time::UnixMillis;

/// Decides a command of the bank.
pub(super) fn decide(command: &BankCommand, rows: &Rows) -> Result<Plan, Reject> {
    match command {
        BankCommand::Accept { order, key, refuse_unfunded } => {
            accept(order, key, *refuse_unfunded, rows)
        }
        BankCommand::Settle(settle) => self::settle(settle, rows),
        BankCommand::Defer { id, due_at, tries, note } => {
            let mut order = find(rows, *id)?;
            // Who looked at it before somebody else did knows less, and must not write over it.
            if order.state != State::Entered || *tries <= order.tries {
                return Ok(unchanged(Document::Order(order)));
            }
            order.due_at = Some(*due_at);
            order.tries = *tries;
            order.reason.clone_from(note);
            Ok(Plan::document(Document::Order(order)))
        }
        BankCommand::Receive { incoming, key } => receive(incoming, key, rows),
        BankCommand::Move { movement, key, beside } => movement::book(movement, key, *beside, rows),
        BankCommand::Match { id, lines, key } => movement::explain(rows, *id, *lines, key),
        BankCommand::Propose { settlement, key } => settlement::propose(settlement, key, rows),
        BankCommand::Send(send) => settlement::send(send, rows),
        BankCommand::Conclude(conclude) => settlement::conclude(conclude, rows),
        BankCommand::Resume { send, attempt, shares } => {
            settlement::resume(send, *attempt, shares, rows)
        }
    }
}

fn find(rows: &Rows, id: DocumentId) -> Result<PaymentOrder, Reject> {
    let found = rows.documents.get(&id).and_then(|document| document.order());
    found.cloned().ok_or(Reject::OrderNotFound)
}

/// The service of a partner; another partner's does not exist for it.
fn service_of(rows: &Rows, id: ServiceId, partner: PartnerId) -> Result<BankService, Reject> {
    let found = rows.services.get(&id).filter(|service| service.partner == partner);
    found.map(|service| BankService::clone(service)).ok_or(Reject::NoSuchService)
}

/// The answer to what changes nothing.
fn unchanged(document: Document) -> Plan {
    Plan::answer(Reply::Document(Arc::new(document)))
}

/// Puts money on a service. Whatever is set aside must fit on it again, should it come back.
fn top_up(service: &mut BankService, amount: Tiyin) -> Result<(), Reject> {
    let available = service.available.checked_add(amount);
    let fits = |available: &Tiyin| available.checked_add(service.reserved).is_some();
    service.available = available.filter(fits).ok_or(Reject::AmountAboveLimit)?;
    Ok(())
}

/// Sets the money of an order aside; the entry, or none when the service has too little.
fn set_aside(
    service: &mut BankService,
    order: &mut PaymentOrder,
    at: UnixMillis,
) -> Result<Option<Entry>, Reject> {
    let total = order.amount.checked_add(order.commission).ok_or(Reject::AmountAboveLimit)?;
    let left = service.available.checked_sub(total);
    let reserved = service.reserved.checked_add(total).filter(|_| left.is_some());
    let (Some(left), Some(reserved)) = (left, reserved) else { return Ok(None) };
    (service.available, service.reserved) = (left, reserved);
    order.is_funded = true;
    let (from, to) = (Account::Service(order.service), Account::ServiceReserved(order.service));
    let sums = Sums { amount: total, commission: Tiyin::ZERO };
    Ok(Some(entry(order, EntryKind::OrderAccepted, at, transfer(from, to, sums))))
}

/// Accepts an order and sets its money aside. Without enough money it is accepted all the same and
/// ends deleted, or is refused if that is wanted. A number that was used before is refused first
/// ("orderId"): its first use may be what took the money.
fn accept(
    order: &PaymentOrder,
    key: &Arc<str>,
    refuse_unfunded: bool,
    rows: &Rows,
) -> Result<Plan, Reject> {
    assert!(order.state == State::Entered, "an order is born entered");
    assert!(order.amount > Tiyin::ZERO, "an order is of more than nothing");
    if let Some(known) = rows.by_key(key) {
        return Err(Reject::OrderUsed(known.clone()));
    }
    let mut service = service_of(rows, order.service, order.partner)?;
    let mut order = order.clone();
    let at = order.created_at;
    remember(&mut order.steps, at, Event::Accepted, None);
    order.is_funded = false;
    let entries: Vec<Entry> = set_aside(&mut service, &mut order, at)?.into_iter().collect();
    if refuse_unfunded && !order.is_funded {
        return Err(Reject::Underfunded);
    }
    let id = order.id;
    let mut plan = Plan::document(Document::Order(order));
    plan.is_new_document = true;
    if !entries.is_empty() {
        plan.services = vec![Arc::new(service)];
    }
    plan.entries = entries;
    plan.keys_taken = vec![(key.clone(), id)];
    Ok(plan)
}

fn entry(order: &PaymentOrder, kind: EntryKind, at: UnixMillis, postings: Balanced) -> Entry {
    Entry { kind, owner: order.partner.into(), document: order.id, at, postings }
}

/// What a line of a statement is about.
struct About<'a> {
    document: DocumentId,
    number: i64,
    at: UnixMillis,
    bank_day: i64,
    parties: &'a Arc<str>,
}

/// The next line of a service's statement.
fn line(
    service: &mut BankService,
    direction: Direction,
    amount: Tiyin,
    about: &About<'_>,
) -> StatementLine {
    service.last_line += 1;
    StatementLine {
        service: service.id,
        id: service.last_line,
        direction,
        document: about.document,
        at: about.at,
        bank_day: about.bank_day,
        amount,
        number: about.number,
        parties: about.parties.clone(),
    }
}

/// Ends an order: its money leaves, or is free again. A repeat changes nothing.
///
/// Money of a settlement is never free: when its order is refused, it goes to suspense at once.
fn settle(settle: &SettleOrder, rows: &Rows) -> Result<Plan, Reject> {
    let mut order = find(rows, settle.id)?;
    if order.state != State::Entered {
        return Ok(unchanged(Document::Order(order)));
    }
    assert!(order.service == settle.service, "the service of an order is loaded with it");
    assert!(order.settlement == settle.settlement, "so is the settlement");
    let mut service = service_of(rows, order.service, order.partner)?;
    order.due_at = None;
    order.ended_at = Some(settle.now);
    if settle.by_hand.is_some() {
        remember(&mut order.steps, settle.now, Event::EndedByHand, settle.by_hand.clone());
    }
    let mut change = Change { entries: Vec::new(), lines: Vec::new() };
    match &settle.end {
        OrderEnd::Posted { parties } if order.is_funded => {
            post(&mut order, &mut service, (settle, parties), &mut change);
        }
        OrderEnd::Posted { .. } => {
            let reason = Arc::from("not enough money on the service");
            delete(&mut order, &mut service, (settle, reason), &mut change);
        }
        OrderEnd::Deleted { reason } => {
            delete(&mut order, &mut service, (settle, reason.clone()), &mut change);
        }
    }
    let mut others = Vec::new();
    if let Some(id) = order.settlement {
        let ended =
            settlement::order_ended(rows, id, (&order, settle), (&mut service, &mut change));
        others.push(Arc::new(Document::Settlement(ended?)));
    }
    let mut plan = Plan::document(Document::Order(order));
    plan.other_documents = others;
    plan.entries = change.entries;
    plan.services = vec![Arc::new(service)];
    plan.lines = change.lines;
    Ok(plan)
}

/// What the end of an order adds to the books.
struct Change {
    entries: Vec<Entry>,
    lines: Vec<StatementLine>,
}

/// What was set aside for an order leaves the bank; the amount and the commission are lines of
/// their own, so that lines sum to what the service has.
fn post(
    order: &mut PaymentOrder,
    service: &mut BankService,
    (settle, parties): (&SettleOrder, &Arc<str>),
    change: &mut Change,
) {
    order.state = State::Posted;
    order.reason = None;
    remember(&mut order.steps, settle.now, Event::Posted, None);
    let total = take_reserved(service, order);
    let sums = Sums { amount: total, commission: order.commission };
    let reserved = Account::ServiceReserved(order.service);
    let postings = transfer(reserved, Account::Correspondent, sums);
    change.entries.push(entry(order, EntryKind::OrderPosted, settle.now, postings));
    let own = About {
        document: order.id,
        number: i64::from(order.doc_number()),
        at: order.created_at,
        bank_day: settle.bank_day,
        parties,
    };
    change.lines.push(line(service, Direction::Outgoing, order.amount, &own));
    order.line = Some(service.last_line);
    if order.commission > Tiyin::ZERO {
        let about = About { parties: &settle.aside, ..own };
        change.lines.push(line(service, Direction::Outgoing, order.commission, &about));
    }
}

/// What was set aside for an order is free again.
fn delete(
    order: &mut PaymentOrder,
    service: &mut BankService,
    (settle, reason): (&SettleOrder, Arc<str>),
    change: &mut Change,
) {
    order.state = State::Deleted;
    order.reason = Some(reason.clone());
    remember(&mut order.steps, settle.now, Event::Deleted, Some(reason));
    if !order.is_funded {
        return;
    }
    let total = take_reserved(service, order);
    #[expect(clippy::expect_used, reason = "top_up() keeps room for it")]
    let available = service.available.checked_add(total).expect("a balance overflows");
    service.available = available;
    let (from, to) = (Account::ServiceReserved(order.service), Account::Service(order.service));
    let postings = transfer(from, to, Sums { amount: total, commission: Tiyin::ZERO });
    change.entries.push(entry(order, EntryKind::OrderDeleted, settle.now, postings));
}

/// Takes what was set aside for `order` off the service's reserve.
fn take_reserved(service: &mut BankService, order: &PaymentOrder) -> Tiyin {
    #[expect(clippy::expect_used, reason = "the sum was set aside when the order was accepted")]
    let total = order.amount.checked_add(order.commission).expect("a total overflows");
    #[expect(clippy::expect_used, reason = "what was set aside is still there")]
    let reserved = service.reserved.checked_sub(total).expect("a reserve is overdrawn");
    service.reserved = reserved;
    total
}

/// Books money that came in. The same reference again changes nothing.
fn receive(incoming: &Incoming, key: &Arc<str>, rows: &Rows) -> Result<Plan, Reject> {
    if let Some(known) = rows.by_key(key) {
        return Ok(Plan::answer(Reply::Document(known.clone())));
    }
    let mut service = service_of(rows, incoming.service, incoming.partner)?;
    top_up(&mut service, incoming.amount)?;
    let about = About {
        document: incoming.id,
        number: incoming.number,
        at: incoming.at,
        bank_day: incoming.bank_day,
        parties: &incoming.parties,
    };
    let line = line(&mut service, Direction::Incoming, incoming.amount, &about);
    let sums = Sums { amount: incoming.amount, commission: Tiyin::ZERO };
    let to = Account::Service(incoming.service);
    let entry = Entry {
        kind: EntryKind::BankReceived,
        owner: incoming.partner.into(),
        document: incoming.id,
        at: incoming.at,
        postings: transfer(Account::Correspondent, to, sums),
    };
    let mut plan = Plan::document(Document::Incoming(incoming.clone()));
    plan.is_new_document = true;
    plan.entries = vec![entry];
    plan.services = vec![Arc::new(service)];
    plan.lines = vec![line];
    plan.keys_taken = vec![(key.clone(), incoming.id)];
    Ok(plan)
}
