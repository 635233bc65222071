//! Paying by a kassa at Payme: the intent, then the outcome. Payme is asked in between.

use std::sync::Arc;

use super::cancel::given_back_entry;
use super::confirm::hold_ended_entry;
use super::pay::{held_entry, paid_entry};
use super::{find, owned, with_key};
use crate::acquirer::Acquirer;
use crate::command::payme::{Begin, End, PaymeCommand};
use crate::id::OperationId;
use crate::plan::{OutboxKind, OutboxRow, Plan, Reply};
use crate::receipt::{Receipt, ReceiptState as State};
use crate::reject::Reject;
use crate::rows::Rows;
use crate::time::UnixMillis;

/// Decides one command.
pub(super) fn decide(command: &PaymeCommand, rows: &Rows) -> Result<Plan, Reject> {
    match command {
        PaymeCommand::Begin(pay) => begin(owned(rows, &pay.target)?, pay),
        PaymeCommand::Finish { receipt, operation, end, now } => {
            Ok(finish(find(rows, *receipt)?, *operation, *end, *now))
        }
        PaymeCommand::CancelledThere { receipt, now } => {
            Ok(cancelled_there(find(rows, *receipt)?, *now))
        }
    }
}

/// Starts: state 0 → 1 → 2 (or 6), with the intent in the outbox.
fn begin(current: Arc<Receipt>, pay: &Begin) -> Result<Plan, Reject> {
    let Begin { target, operation, hold, payer } = pay;
    if current.acquirer != Acquirer::Payme {
        return Err(Reject::OtherAcquirer);
    }
    if current.state != State::Created {
        return Err(Reject::ReceiptState(current.state));
    }
    let mut receipt = Receipt::clone(&current);
    receipt.hold |= *hold;
    let (asked, kind) = if receipt.hold {
        (State::Holding, OutboxKind::Hold)
    } else {
        (State::Debiting, OutboxKind::Debit)
    };
    receipt.walk(&[State::Checking, asked]);
    receipt.operation = Some(*operation);
    receipt.payer = payer.clone();
    let row = OutboxRow {
        operation: *operation,
        kind,
        document: receipt.id.into(),
        owner: receipt.kassa.into(),
        amount: receipt.amount,
        created_at: target.now,
    };
    Ok(with_key(Plan::begun(receipt, row), target))
}

/// Ends a payment. A repeat, or an outcome that comes too late, changes nothing.
fn finish(current: Arc<Receipt>, operation: OperationId, end: End, now: UnixMillis) -> Plan {
    let is_open = matches!(current.state, State::Debiting | State::Holding);
    let is_impossible = matches!(end, End::Held(_)) && current.state == State::Debiting;
    if current.operation != Some(operation) || !is_open || is_impossible {
        return Plan::answer(Reply::Receipt(current));
    }
    let mut receipt = Receipt::clone(&current);
    receipt.operation = None;
    let mut entries = Vec::new();
    match end {
        End::Refused => {
            receipt.walk(&[State::Created]);
            receipt.payer = None;
        }
        End::Closed => {
            receipt.walk(&[State::Created, State::Cancelled]);
            receipt.cancelled_at = Some(now);
        }
        End::Held(card) => {
            hold(&mut receipt, operation, now);
            receipt.card = card;
            entries.push(held_entry(&receipt, now));
        }
        End::Paid(card) => {
            receipt.card = card;
            // What was to be held and is paid already was confirmed there meanwhile.
            if current.state == State::Holding {
                hold(&mut receipt, operation, now);
                entries.push(held_entry(&receipt, now));
                entries.push(hold_ended_entry(&receipt, now));
                receipt.walk(&[State::CloseQueued]);
            }
            receipt.debit = Some(operation);
            receipt.walk(&[State::Closing, State::Paid]);
            receipt.paid_at = Some(now);
            entries.push(paid_entry(&receipt, now));
        }
    }
    Plan { entries, outbox_done: Some(operation), ..Plan::receipt(receipt) }
}

/// Cancels what Payme has cancelled by itself: state 4 or 5 → 21 → 50. A receipt that is being
/// cancelled from here, or has ended, stays as it is: its money goes back once.
fn cancelled_there(current: Arc<Receipt>, now: UnixMillis) -> Plan {
    let is_with_us = matches!(current.state, State::Paid | State::Held);
    if current.acquirer != Acquirer::Payme || !is_with_us {
        return Plan::answer(Reply::Receipt(current));
    }
    let mut receipt = Receipt::clone(&current);
    receipt.walk(&[State::CancelQueued, State::Cancelled]);
    receipt.cancelled_at = Some(now);
    Plan { entries: vec![given_back_entry(&current, now)], ..Plan::receipt(receipt) }
}

fn hold(receipt: &mut Receipt, operation: OperationId, now: UnixMillis) {
    receipt.debit = Some(operation);
    receipt.walk(&[State::Held]);
    receipt.held_at = Some(now);
}
