//! receipts.confirm_hold: captures a held receipt, all of it or a part.

use std::sync::Arc;

use super::pay::{held_entry, paid_entry};
use super::with_key;
use crate::acquirer::Acquirer;
use crate::command::{ConfirmOutcome, Target};
use crate::entry::{Entry, EntryKind};
use crate::id::OperationId;
use crate::money::Tiyin;
use crate::plan::{OutboxKind, OutboxRow, Plan, Reply};
use crate::receipt::{Receipt, ReceiptState as State};
use crate::reject::Reject;
use crate::time::UnixMillis;

/// Starts the capture: state 5 → 30. A hold that was already captured is answered as it is.
pub(super) fn begin(
    current: Arc<Receipt>,
    target: &Target,
    operation: OperationId,
    amount: Option<Tiyin>,
) -> Result<Plan, Reject> {
    match current.state {
        State::Held => {}
        State::Paid if current.held_at.is_some() => {
            return Ok(with_key(Plan::answer(Reply::Receipt(current)), target));
        }
        other => return Err(Reject::ReceiptState(other)),
    }
    let amount = amount.unwrap_or(current.amount);
    if amount > current.amount {
        return Err(Reject::MoreThanHeld);
    }
    if current.acquirer == Acquirer::Payme && amount != current.amount {
        return Err(Reject::WholeHoldOnly);
    }
    if amount == Tiyin::ZERO {
        return Err(Reject::AmountBelowLimit);
    }
    let mut receipt = Receipt::clone(&current);
    receipt.walk(&[State::CloseQueued]);
    receipt.operation = Some(operation);
    let row = OutboxRow {
        operation,
        kind: OutboxKind::Capture,
        document: receipt.id.into(),
        owner: receipt.kassa.into(),
        amount,
        created_at: target.now,
    };
    Ok(with_key(Plan::begun(receipt, row), target))
}

/// What became of the capture.
pub(super) struct End {
    pub(super) operation: OperationId,
    pub(super) amount: Tiyin,
    pub(super) outcome: ConfirmOutcome,
    pub(super) now: UnixMillis,
}

/// Ends the capture. A repeat, or an outcome that comes too late, changes nothing.
pub(super) fn finish(current: Arc<Receipt>, end: &End) -> Plan {
    if current.operation != Some(end.operation) || current.state != State::CloseQueued {
        return Plan::answer(Reply::Receipt(current));
    }
    let mut receipt = Receipt::clone(&current);
    receipt.operation = None;
    let mut entries = Vec::new();
    match end.outcome {
        ConfirmOutcome::HoldStands => receipt.walk(&[State::Held]),
        ConfirmOutcome::HoldGone => {
            entries.push(hold_ended_entry(&current, end.now));
            receipt.walk(&[State::Cancelled]);
            receipt.cancelled_at = Some(end.now);
        }
        ConfirmOutcome::Captured => {
            entries.push(hold_ended_entry(&current, end.now));
            receipt.commission = captured_commission(&current, end.amount);
            receipt.amount = end.amount;
            receipt.walk(&[State::Closing, State::Paid]);
            receipt.paid_at = Some(end.now);
            entries.push(paid_entry(&receipt, end.now));
        }
    }
    Plan { entries, outbox_done: Some(end.operation), ..Plan::receipt(receipt) }
}

/// The exact reverse of the entry made when the money was held.
pub(super) fn hold_ended_entry(held: &Receipt, now: UnixMillis) -> Entry {
    let entry = held_entry(held, now);
    Entry { kind: EntryKind::HoldEnded, postings: entry.postings.reversed(), ..entry }
}

/// The commission of the captured part, rounded down in favour of the merchant.
fn captured_commission(held: &Receipt, captured: Tiyin) -> Tiyin {
    let whole = i128::from(held.amount.get().max(1));
    let part = i128::from(held.commission.get()) * i128::from(captured.get()) / whole;
    i64::try_from(part).ok().and_then(Tiyin::new).unwrap_or(Tiyin::ZERO)
}
