//! Settlements: what a merchant is owed goes to a service, and what comes back waits in suspense.

use std::sync::Arc;

use super::super::transfer;
use super::{About, Change, line, service_of, set_aside, top_up, unchanged};
use crate::account::Account;
use crate::bank::{Direction, OrderState};
use crate::bank_service::BankService;
use crate::command::bank::{ConcludeSettlement, SendSettlement, SettleOrder};
use crate::document::Document;
use crate::entry::{Balanced, Entry, EntryKind, Posting, Sums};
use crate::id::DocumentId;
use crate::money::Tiyin;
use crate::order::{PaymentOrder, StatementLine, document_number};
use crate::plan::{Plan, Reply};
use crate::reject::Reject;
use crate::rows::Rows;
use crate::settlement::{Settlement, SettlementState, Share};
use crate::step::{Event, remember};
use crate::time::UnixMillis;

/// A moment before every other: whoever looks for what is due by now finds it.
const AT_ONCE: UnixMillis = UnixMillis(0);

fn find(rows: &Rows, id: DocumentId) -> Result<Settlement, Reject> {
    let found = rows.documents.get(&id).and_then(|document| document.settlement());
    found.cloned().ok_or(Reject::OrderNotFound)
}

fn entry(settlement: &Settlement, kind: EntryKind, at: UnixMillis, postings: Balanced) -> Entry {
    Entry { kind, owner: settlement.merchant.into(), document: settlement.id, at, postings }
}

/// Keeps a computed settlement. The chain of a merchant's settlements goes on in one way: computing
/// the next one again gives the one that is there, unless it was withdrawn.
pub(super) fn propose(
    settlement: &Settlement,
    key: &Arc<str>,
    rows: &Rows,
) -> Result<Plan, Reject> {
    let known = rows.by_key(key);
    let is_open = |found: &Settlement| found.state != SettlementState::Withdrawn;
    if let Some(known) = known.filter(|known| known.settlement().is_some_and(is_open)) {
        return Ok(Plan::answer(Reply::Document(known.clone())));
    }
    assert!(settlement.state == SettlementState::Proposed, "a settlement is born proposed");
    assert!(settlement.suspended == Tiyin::ZERO, "a settlement is born with nothing in suspense");
    let mut settlement = settlement.clone();
    remember(&mut settlement.steps, settlement.created_at, Event::Accepted, None);
    let id = settlement.id;
    let mut plan = Plan::document(Document::Settlement(settlement));
    plan.is_new_document = true;
    plan.keys_taken = vec![(key.clone(), id)];
    Ok(plan)
}

/// Books a settlement: what the merchant is owed goes to the service that pays it out, and is set
/// aside for its orders in the same step. A repeat changes nothing.
pub(super) fn send(send: &SendSettlement, rows: &Rows) -> Result<Plan, Reject> {
    let mut settlement = find(rows, send.id)?;
    if settlement.state != SettlementState::Proposed {
        return Ok(unchanged(Document::Settlement(settlement)));
    }
    let mut service = service_of(rows, settlement.service, settlement.partner)?;
    let net = settlement.gross.checked_sub(settlement.commission).ok_or(Reject::AmountDiffers)?;
    top_up(&mut service, net)?;
    let mut postings = vec![Posting {
        account: Account::Merchant(settlement.merchant),
        amount: settlement.gross.get(),
    }];
    for (account, amount) in
        [(Account::Service(settlement.service), net), (Account::Fees, settlement.commission)]
    {
        if amount != Tiyin::ZERO {
            postings.push(Posting { account, amount: -amount.get() });
        }
    }
    let postings = Balanced::new(postings).map_err(|_| Reject::AmountDiffers)?;
    let entries = vec![entry(&settlement, EntryKind::Settled, send.now, postings)];
    let lines = arrived(&mut service, &settlement, send, net);
    let shares = settlement.shares.iter().collect();
    if !are_orders_of(shares, send, &settlement) {
        return Err(Reject::AmountDiffers);
    }
    leave(&mut settlement, send);
    order(settlement, service, send, (rows, entries, lines))
}

/// The line of money that reaches the service.
fn arrived(
    service: &mut BankService,
    settlement: &Settlement,
    send: &SendSettlement,
    amount: Tiyin,
) -> Vec<StatementLine> {
    if amount == Tiyin::ZERO {
        return Vec::new();
    }
    let about = About {
        document: settlement.id,
        number: i64::from(document_number(settlement.id)),
        at: send.now,
        bank_day: send.bank_day,
        parties: &send.parties,
    };
    vec![line(service, Direction::Incoming, amount, &about)]
}

/// Whether the orders are those of these shares, one for each.
fn are_orders_of(shares: Vec<&Share>, send: &SendSettlement, settlement: &Settlement) -> bool {
    let is_of = |(share, order): (&Share, &PaymentOrder)| {
        order.order_key == share.order_key
            && (order.amount, order.commission) == (share.amount, share.bank_fee)
            && order.settlement == Some(settlement.id)
            && (order.service, order.partner) == (settlement.service, settlement.partner)
            && order.state == OrderState::Entered
    };
    shares.len() == send.orders.len()
        && send.keys.len() == send.orders.len()
        && shares.into_iter().zip(&send.orders).all(is_of)
}

/// Notes that orders are on their way.
fn leave(settlement: &mut Settlement, send: &SendSettlement) {
    settlement.state = SettlementState::Sent;
    settlement.attempts = settlement.attempts.saturating_add(1);
    settlement.waiting = u32::try_from(send.orders.len()).unwrap_or(u32::MAX);
    settlement.due_at = (settlement.waiting == 0).then_some(AT_ONCE);
    remember(&mut settlement.steps, send.now, Event::Sent, None);
}

/// Accepts the orders of a settlement. Either all of them can be paid, or nothing happens.
fn order(
    settlement: Settlement,
    mut service: BankService,
    send: &SendSettlement,
    (rows, mut entries, lines): (&Rows, Vec<Entry>, Vec<StatementLine>),
) -> Result<Plan, Reject> {
    let mut orders = Vec::with_capacity(send.orders.len());
    let mut keys_taken = Vec::with_capacity(send.orders.len());
    for (order, key) in send.orders.iter().zip(&send.keys) {
        if let Some(known) = rows.by_key(key) {
            return Err(Reject::OrderUsed(known.clone()));
        }
        let mut order = order.clone();
        remember(&mut order.steps, send.now, Event::Accepted, None);
        let entry = set_aside(&mut service, &mut order, send.now)?;
        entries.push(entry.ok_or(Reject::Underfunded)?);
        keys_taken.push((key.clone(), order.id));
        orders.push(Arc::new(Document::Order(order)));
    }
    let mut plan = Plan::document(Document::Settlement(settlement));
    plan.new_documents = orders;
    plan.keys_taken = keys_taken;
    plan.entries = entries;
    plan.services = vec![Arc::new(service)];
    plan.lines = lines;
    Ok(plan)
}

/// The settlement after one of its orders has ended. What was set aside for a refused one goes to
/// suspense before anything else can be paid with it. After the last one it is to be concluded.
pub(super) fn order_ended(
    rows: &Rows,
    id: DocumentId,
    (order, settle): (&PaymentOrder, &SettleOrder),
    (service, change): (&mut BankService, &mut Change),
) -> Result<Settlement, Reject> {
    let mut settlement = find(rows, id)?;
    if order.state == OrderState::Deleted {
        #[expect(clippy::expect_used, reason = "the order's money has just come back")]
        let total = order.amount.checked_add(order.commission).expect("a total overflows");
        let left = service.available.checked_sub(total).ok_or(Reject::Underfunded)?;
        let suspended = settlement.suspended.checked_add(total).ok_or(Reject::AmountAboveLimit)?;
        (service.available, settlement.suspended) = (left, suspended);
        let sums = Sums { amount: total, commission: Tiyin::ZERO };
        let postings = transfer(Account::Service(service.id), Account::Suspense, sums);
        let held = entry(&settlement, EntryKind::SettlementHeld, settle.now, postings);
        change.entries.push(held);
        let about = About {
            document: settlement.id,
            number: i64::from(document_number(settlement.id)),
            at: settle.now,
            bank_day: settle.bank_day,
            parties: &settle.aside,
        };
        change.lines.push(line(service, Direction::Outgoing, total, &about));
    }
    settlement.waiting = settlement.waiting.saturating_sub(1);
    settlement.due_at = (settlement.waiting == 0).then_some(AT_ONCE);
    Ok(settlement)
}

/// Notes how a settlement's orders ended, or that it is given up. A repeat changes nothing.
pub(super) fn conclude(conclude: &ConcludeSettlement, rows: &Rows) -> Result<Plan, Reject> {
    let ConcludeSettlement { id, attempt, state, note, now } = conclude;
    let mut settlement = find(rows, *id)?;
    // What has money behind it is not withdrawn, what has none is not settled, and what is in
    // suspense or on its way has not reached anybody.
    let has_reached = settlement.suspended == Tiyin::ZERO || *state != SettlementState::Settled;
    let is_step = *state != SettlementState::Sent
        && settlement.state.can_go(*state)
        && settlement.attempts == *attempt
        && settlement.waiting == 0
        && has_reached;
    if !is_step {
        return Ok(unchanged(Document::Settlement(settlement)));
    }
    settlement.state = *state;
    settlement.due_at = None;
    let event = match state {
        SettlementState::Settled => Event::Posted,
        _ => Event::Refused,
    };
    remember(&mut settlement.steps, *now, event, note.clone());
    Ok(Plan::document(Document::Settlement(settlement)))
}

/// Sends refused shares anew: what waited in suspense is on the service again, and set aside for
/// their new orders in the same step. Who looked at another attempt changes nothing.
///
/// The new orders must cost exactly what is in suspense: only money that has come back is paid
/// again, so a share that was paid can never be, whatever the caller takes it for.
pub(super) fn resume(
    send: &SendSettlement,
    attempt: u32,
    shares: &[Share],
    rows: &Rows,
) -> Result<Plan, Reject> {
    let mut settlement = find(rows, send.id)?;
    if settlement.state != SettlementState::Differs || settlement.attempts != attempt {
        return Ok(unchanged(Document::Settlement(settlement)));
    }
    let is_anew = |(old, new): &(&Share, &Share)| old.order_key != new.order_key;
    let pairs = || settlement.shares.iter().zip(shares);
    let anew: Vec<&Share> = pairs().filter(is_anew).map(|(_, new)| new).collect();
    let is_same = |(old, new): (&Share, &Share)| {
        (old.amount, old.bank_fee) == (new.amount, new.bank_fee)
            && (old.order_key != new.order_key || old == new)
    };
    let returned = Settlement::cost(anew.iter().copied());
    let fits = settlement.shares.len() == shares.len()
        && pairs().all(is_same)
        && returned == Some(settlement.suspended)
        && settlement.suspended > Tiyin::ZERO
        && are_orders_of(anew, send, &settlement);
    if !fits {
        return Err(Reject::AmountDiffers);
    }
    let mut service = service_of(rows, settlement.service, settlement.partner)?;
    top_up(&mut service, settlement.suspended)?;
    let sums = Sums { amount: settlement.suspended, commission: Tiyin::ZERO };
    let postings = transfer(Account::Suspense, Account::Service(service.id), sums);
    let entries = vec![entry(&settlement, EntryKind::SettlementResumed, send.now, postings)];
    let lines = arrived(&mut service, &settlement, send, settlement.suspended);
    settlement.suspended = Tiyin::ZERO;
    settlement.shares = shares.to_vec();
    leave(&mut settlement, send);
    order(settlement, service, send, (rows, entries, lines))
}
