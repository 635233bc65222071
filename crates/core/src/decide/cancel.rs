//! receipts.cancel: an unpaid receipt ends at once; a paid or held one gives its money back first.

use std::sync::Arc;

use super::confirm::hold_ended_entry;
use super::pay::paid_entry;
use super::with_key;
use crate::acquirer::Acquirer;
use crate::command::{Outcome, Target};
use crate::entry::{Entry, EntryKind};
use crate::id::OperationId;
use crate::network::Network;
use crate::plan::{OutboxKind, OutboxRow, Plan, Reply};
use crate::receipt::{Receipt, ReceiptState as State};
use crate::reject::Reject;
use crate::time::UnixMillis;

/// Starts a cancel: 0 → 50, or 4 and 5 → 21 with the refund or release in the outbox. A repeat is
/// answered with the receipt as it is; after a refusal (20) the network is asked once more.
pub(super) fn begin(
    current: Arc<Receipt>,
    target: &Target,
    operation: OperationId,
) -> Result<Plan, Reject> {
    let kind = match current.state {
        State::CancelQueued | State::Cancelled => {
            return Ok(with_key(Plan::answer(Reply::Receipt(current)), target));
        }
        // It can be paid there as long as it is open there.
        State::Created if current.acquirer == Acquirer::Payme => {
            return Err(Reject::OtherAcquirer);
        }
        State::Created => {
            let mut receipt = Receipt::clone(&current);
            receipt.walk(&[State::Cancelled]);
            receipt.cancelled_at = Some(target.now);
            return Ok(with_key(Plan::receipt(receipt), target));
        }
        State::Paid | State::Paused if current.paid_at.is_some() => OutboxKind::Refund,
        State::Held | State::Paused if only_confirmable(&current, target.now) => {
            return Err(Reject::HoldOnlyConfirmable);
        }
        State::Held | State::Paused => OutboxKind::Release,
        other => return Err(Reject::ReceiptState(other)),
    };
    let mut receipt = Receipt::clone(&current);
    receipt.walk(&[State::CancelQueued]);
    receipt.operation = Some(operation);
    let row = OutboxRow {
        operation,
        kind,
        document: receipt.id.into(),
        owner: receipt.kassa.into(),
        amount: receipt.amount,
        created_at: target.now,
    };
    Ok(with_key(Plan::begun(receipt, row), target))
}

/// HUMO: a hold older than 30 days can only be confirmed ("Payme Subscribe API, holding").
fn only_confirmable(receipt: &Receipt, now: UnixMillis) -> bool {
    let over = receipt.held_at.is_some_and(|held_at| Network::hold_is_over(held_at, now));
    let by_network = receipt.acquirer == Acquirer::Networks;
    by_network && over && receipt.card.is_some_and(|card| card.network == Network::Humo)
}

/// Ends a cancel. A network that refuses leaves the receipt paused for an operator: the shop was
/// told that the money is on its way back. Payme may refuse, and then all is as it was.
pub(super) fn finish(
    current: Arc<Receipt>,
    operation: OperationId,
    outcome: Outcome,
    now: UnixMillis,
) -> Plan {
    if current.operation != Some(operation) || current.state != State::CancelQueued {
        return Plan::answer(Reply::Receipt(current));
    }
    let mut receipt = Receipt::clone(&current);
    receipt.operation = None;
    let mut entries = Vec::new();
    match outcome {
        Outcome::Refused => receipt.walk(&[match (current.acquirer, current.paid_at) {
            (Acquirer::Networks, _) => State::Paused,
            (Acquirer::Payme, Some(_)) => State::Paid,
            (Acquirer::Payme, None) => State::Held,
        }]),
        Outcome::Done => {
            entries.push(given_back_entry(&current, now));
            receipt.walk(&[State::Cancelled]);
            receipt.cancelled_at = Some(now);
        }
    }
    Plan { entries, outbox_done: Some(operation), ..Plan::receipt(receipt) }
}

/// The exact reverse of the entry made when the receipt was paid or held.
pub(super) fn given_back_entry(current: &Receipt, now: UnixMillis) -> Entry {
    if current.paid_at.is_none() {
        return hold_ended_entry(current, now);
    }
    let entry = paid_entry(current, now);
    Entry { kind: EntryKind::ReceiptRefunded, postings: entry.postings.reversed(), ..entry }
}
