//! Settlements: what a merchant is owed goes to a service, and what comes back waits in suspense.

use std::sync::Arc;

use super::super::transfer;
use super::{service_of, top_up, unchanged};
use crate::account::Account;
use crate::command::bank::ConcludeSettlement;
use crate::document::Document;
use crate::entry::{Balanced, Entry, EntryKind, Posting, Sums};
use crate::id::DocumentId;
use crate::money::Tiyin;
use crate::plan::{Plan, Reply};
use crate::reject::Reject;
use crate::rows::Rows;
use crate::settlement::{Settlement, SettlementState, Share};
use crate::step::{Event, remember};
use crate::time::UnixMillis;

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

/// Books a settlement: what the merchant is owed goes to the service that pays it out. From here
/// on its orders are sent until each has an end. A repeat changes nothing.
pub(super) fn send(rows: &Rows, id: DocumentId, now: UnixMillis) -> Result<Plan, Reject> {
    let mut settlement = find(rows, id)?;
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
    let entries = vec![entry(&settlement, EntryKind::Settled, now, postings)];
    settlement.state = SettlementState::Sent;
    settlement.attempts = settlement.attempts.saturating_add(1);
    remember(&mut settlement.steps, now, Event::Sent, None);
    let mut plan = Plan::document(Document::Settlement(settlement));
    plan.entries = entries;
    plan.services = vec![Arc::new(service)];
    Ok(plan)
}

/// Notes how a settlement's orders ended. What came back for refused ones is taken off the service,
/// where other orders could spend it, and waits in suspense. A repeat changes nothing.
pub(super) fn conclude(conclude: &ConcludeSettlement, rows: &Rows) -> Result<Plan, Reject> {
    let ConcludeSettlement { id, attempt, state, returned, note, now, .. } = conclude;
    let mut settlement = find(rows, *id)?;
    // What has money behind it is not withdrawn, what has none is not settled, and what is in
    // suspense has not reached anybody.
    let is_step = *state != SettlementState::Sent
        && settlement.state.can_go(*state)
        && settlement.attempts == *attempt
        && settlement.suspended == Tiyin::ZERO;
    if !is_step {
        return Ok(unchanged(Document::Settlement(settlement)));
    }
    let mut entries = Vec::new();
    let mut services = Vec::new();
    if *state == SettlementState::Differs {
        let mut service = service_of(rows, settlement.service, settlement.partner)?;
        let held = service.available.min(*returned);
        if let (true, Some(left)) = (held > Tiyin::ZERO, service.available.checked_sub(held)) {
            service.available = left;
            settlement.suspended = held;
            let sums = Sums { amount: held, commission: Tiyin::ZERO };
            let postings = transfer(Account::Service(service.id), Account::Suspense, sums);
            entries.push(entry(&settlement, EntryKind::SettlementHeld, *now, postings));
            services.push(Arc::new(service));
        }
    }
    settlement.state = *state;
    let event = match state {
        SettlementState::Settled => Event::Posted,
        _ => Event::Refused,
    };
    remember(&mut settlement.steps, *now, event, note.clone());
    let mut plan = Plan::document(Document::Settlement(settlement));
    plan.entries = entries;
    plan.services = services;
    Ok(plan)
}

/// Sends refused shares anew: what waited in suspense is on the service again. A settlement that
/// does not differ stays as it is.
pub(super) fn resume(
    rows: &Rows,
    id: DocumentId,
    shares: &[Share],
    now: UnixMillis,
) -> Result<Plan, Reject> {
    let mut settlement = find(rows, id)?;
    if settlement.state != SettlementState::Differs {
        return Ok(unchanged(Document::Settlement(settlement)));
    }
    let cost = Settlement::cost(shares).ok_or(Reject::AmountDiffers)?;
    if Settlement::cost(&settlement.shares) != Some(cost) {
        return Err(Reject::AmountDiffers);
    }
    let mut entries = Vec::new();
    let mut services = Vec::new();
    if settlement.suspended > Tiyin::ZERO {
        let mut service = service_of(rows, settlement.service, settlement.partner)?;
        top_up(&mut service, settlement.suspended)?;
        let sums = Sums { amount: settlement.suspended, commission: Tiyin::ZERO };
        let postings = transfer(Account::Suspense, Account::Service(service.id), sums);
        entries.push(entry(&settlement, EntryKind::SettlementResumed, now, postings));
        services.push(Arc::new(service));
        settlement.suspended = Tiyin::ZERO;
    }
    settlement.shares = shares.to_vec();
    settlement.state = SettlementState::Sent;
    settlement.attempts = settlement.attempts.saturating_add(1);
    remember(&mut settlement.steps, now, Event::Sent, None);
    let mut plan = Plan::document(Document::Settlement(settlement));
    plan.entries = entries;
    plan.services = services;
    Ok(plan)
}
