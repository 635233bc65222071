//! Payment orders and incoming payments: money leaves and reaches a service's account.

mod movement;
mod settlement;

use std::sync::Arc;

use super::transfer;
use crate::account::Account;
use crate::bank_service::{BankService, Direction, ServiceId};
use crate::command::bank::{BankCommand, OrderEnd, SettleOrder};
use crate::document::Document;
use crate::entry::{Balanced, Entry, EntryKind, Sums};
use crate::id::{DocumentId, PartnerId};
use crate::money::Tiyin;
use crate::order::{Incoming, OrderState as State, PaymentOrder, StatementLine};
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
        BankCommand::Move { movement, key } => Ok(movement::book(movement, key, rows)),
        BankCommand::Match { id, lines, key } => movement::explain(rows, *id, *lines, key),
        BankCommand::Propose { settlement, key } => settlement::propose(settlement, key, rows),
        BankCommand::Send { id, service: _, now } => settlement::send(rows, *id, *now),
        BankCommand::Conclude(conclude) => settlement::conclude(conclude, rows),
        BankCommand::Resume { id, service: _, shares, now } => {
            settlement::resume(rows, *id, shares, *now)
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
    let total = order.amount.checked_add(order.commission).ok_or(Reject::AmountAboveLimit)?;
    let at = order.created_at;
    remember(&mut order.steps, at, Event::Accepted, None);
    let left = service.available.checked_sub(total);
    let reserved = service.reserved.checked_add(total).filter(|_| left.is_some());
    order.is_funded = reserved.is_some();
    if refuse_unfunded && !order.is_funded {
        return Err(Reject::Underfunded);
    }
    let mut entries = Vec::new();
    let mut services = Vec::new();
    if let (Some(left), Some(reserved)) = (left, reserved) {
        (service.available, service.reserved) = (left, reserved);
        let (from, to) = (Account::Service(order.service), Account::ServiceReserved(order.service));
        let sums = Sums { amount: total, commission: Tiyin::ZERO };
        entries.push(entry(&order, EntryKind::OrderAccepted, at, transfer(from, to, sums)));
        services.push(Arc::new(service));
    }
    let id = order.id;
    let mut plan = Plan::document(Document::Order(order));
    plan.is_new_document = true;
    plan.entries = entries;
    plan.services = services;
    plan.keys_taken = vec![(key.clone(), id)];
    Ok(plan)
}

fn entry(order: &PaymentOrder, kind: EntryKind, at: UnixMillis, postings: Balanced) -> Entry {
    Entry { kind, owner: order.partner.into(), document: order.id, at, postings }
}

/// Ends an order: its money leaves, or is free again. A repeat changes nothing.
fn settle(settle: &SettleOrder, rows: &Rows) -> Result<Plan, Reject> {
    let SettleOrder { id, service, end, by_hand, now } = settle;
    let mut order = find(rows, *id)?;
    if order.state != State::Entered {
        return Ok(unchanged(Document::Order(order)));
    }
    assert!(order.service == *service, "the service of an order is loaded with it");
    let mut service = service_of(rows, *service, order.partner)?;
    order.due_at = None;
    order.ended_at = Some(*now);
    if by_hand.is_some() {
        remember(&mut order.steps, *now, Event::EndedByHand, by_hand.clone());
    }
    let mut lines = Vec::new();
    let mut entries = Vec::new();
    match end {
        OrderEnd::Posted { bank_day, parties } if order.is_funded => {
            order.state = State::Posted;
            order.reason = None;
            remember(&mut order.steps, *now, Event::Posted, None);
            let reserved = Account::ServiceReserved(order.service);
            let total = take_reserved(&mut service, &order);
            let sums = Sums { amount: total, commission: order.commission };
            let postings = transfer(reserved, Account::Correspondent, sums);
            entries.push(entry(&order, EntryKind::OrderPosted, *now, postings));
            service.last_line += 1;
            lines.push(StatementLine {
                service: order.service,
                id: service.last_line,
                direction: Direction::Out,
                document: order.id,
                at: order.created_at,
                bank_day: *bank_day,
                amount: order.amount,
                number: i64::from(order.doc_number()),
                parties: parties.clone(),
            });
        }
        OrderEnd::Posted { .. } | OrderEnd::Deleted { .. } => {
            let reason = match end {
                OrderEnd::Deleted { reason } => reason.clone(),
                OrderEnd::Posted { .. } => Arc::from("not enough money on the service"),
            };
            order.state = State::Deleted;
            order.reason = Some(reason.clone());
            remember(&mut order.steps, *now, Event::Deleted, Some(reason));
            if order.is_funded {
                let total = take_reserved(&mut service, &order);
                #[expect(clippy::expect_used, reason = "top_up() keeps room for it")]
                let available = service.available.checked_add(total).expect("a balance overflows");
                service.available = available;
                let from = Account::ServiceReserved(order.service);
                let to = Account::Service(order.service);
                let sums = Sums { amount: total, commission: Tiyin::ZERO };
                let postings = transfer(from, to, sums);
                entries.push(entry(&order, EntryKind::OrderDeleted, *now, postings));
            }
        }
    }
    let mut plan = Plan::document(Document::Order(order));
    plan.entries = entries;
    plan.services = vec![Arc::new(service)];
    plan.lines = lines;
    Ok(plan)
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
    service.last_line += 1;
    let line = StatementLine {
        service: incoming.service,
        id: service.last_line,
        direction: Direction::In,
        document: incoming.id,
        at: incoming.at,
        bank_day: incoming.bank_day,
        amount: incoming.amount,
        number: incoming.number,
        parties: incoming.parties.clone(),
    };
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
