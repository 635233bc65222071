//! The decisions: what a command changes, given the rows it names. Pure and total.

mod bank;
mod cancel;
mod cards;
mod confirm;
mod fiscal;
mod pay;
mod payme;
mod shift;
#[cfg(test)]
mod tests;
mod till;

use std::sync::Arc;

use crate::command::{Command, IdempotencyKey, Target};
use crate::entry::{Balanced, Sums};
use crate::id::ReceiptId;
use crate::plan::{IdempotencyRow, Plan};
use crate::receipt::{Receipt, ReceiptState};
use crate::reject::Reject;
use crate::rows::Rows;

/// Decides one command.
///
/// # Errors
/// A [`Reject`] when the request is refused and nothing is to be written.
///
/// # Panics
/// On a defect of ours (an impossible step, an unbalanced entry); the batch must then be rolled
/// back and decided one command at a time.
pub fn decide(command: &Command, rows: &Rows) -> Result<Plan, Reject> {
    if command.keys().key.is_some_and(|key| rows.is_used(key)) {
        return Err(Reject::IdempotencyKeyUsed);
    }
    match command {
        Command::CreateReceipt { receipt, key } => Ok(create(receipt, key.as_ref(), rows)),
        Command::BeginPay(pay) => pay::begin(pay, rows),
        Command::FinishPay { receipt, operation, one_time_card, outcome, now } => {
            let end = pay::End {
                operation: *operation,
                one_time_card: *one_time_card,
                outcome: *outcome,
                now: *now,
            };
            Ok(pay::finish(find(rows, *receipt)?, &end, rows))
        }
        Command::BeginConfirm { target, operation, amount } => {
            confirm::begin(owned(rows, target)?, target, *operation, *amount)
        }
        Command::FinishConfirm { receipt, operation, amount, outcome, now } => {
            let end = confirm::End {
                operation: *operation,
                amount: *amount,
                outcome: *outcome,
                now: *now,
            };
            Ok(confirm::finish(find(rows, *receipt)?, &end))
        }
        Command::BeginCancel { target, operation } => {
            cancel::begin(owned(rows, target)?, target, *operation)
        }
        Command::FinishCancel { receipt, operation, outcome, now } => {
            Ok(cancel::finish(find(rows, *receipt)?, *operation, *outcome, *now))
        }
        Command::SetFiscal { target, fiscal } => {
            let mut receipt = Receipt::clone(&*owned(rows, target)?);
            receipt.fiscal = Some(fiscal.clone());
            Ok(with_key(Plan::receipt(receipt), target))
        }
        Command::CreateCard { card, key } => Ok(cards::create(card, key.as_ref())),
        Command::SendCode { kassa, token, code, now } => {
            cards::send_code(&*cards::find(rows, *kassa, token)?, *code, *now)
        }
        Command::VerifyCard { kassa, token, code, now } => {
            Ok(cards::verify(&*cards::find(rows, *kassa, token)?, code, *now))
        }
        Command::RemoveCard { kassa, token, now } => {
            Ok(cards::remove(&*cards::find(rows, *kassa, token)?, *now))
        }
        Command::ResealCard { card, from, to } => cards::reseal(rows, *card, from, to),
        Command::Payme(command) => payme::decide(command, rows),
        Command::Till(command) => till::decide(command, rows),
        Command::Fiscal(command) => fiscal::decide(command, rows),
        Command::Shift(command) => shift::decide(command, rows),
        Command::Bank(command) => bank::decide(command, rows),
    }
}

fn create(receipt: &Receipt, key: Option<&IdempotencyKey>, rows: &Rows) -> Plan {
    assert!(receipt.state == ReceiptState::Created, "a receipt is born in state 0");
    assert!(receipt.commission <= receipt.amount, "commission is part of the amount");
    let receipt = Receipt { number: rows.next_number, ..receipt.clone() };
    let document = *receipt.id.as_bytes();
    let at = receipt.created_at;
    let key = key.map(|key| IdempotencyRow { key: key.clone(), document, at });
    Plan { created: true, key, ..Plan::receipt(receipt) }
}

/// The receipt of an internal command.
fn find(rows: &Rows, id: ReceiptId) -> Result<Arc<Receipt>, Reject> {
    rows.receipts.get(&id).cloned().ok_or(Reject::ReceiptNotFound)
}

/// The receipt a kassa asks about; another kassa's receipt does not exist for it.
fn owned(rows: &Rows, target: &Target) -> Result<Arc<Receipt>, Reject> {
    let receipt = find(rows, target.receipt)?;
    if receipt.kassa == target.kassa { Ok(receipt) } else { Err(Reject::ReceiptNotFound) }
}

/// Adds the caller's idempotency key to a plan about the target.
fn with_key(plan: Plan, target: &Target) -> Plan {
    let Target { receipt, kassa: _, now, key } = target;
    let document = *receipt.as_bytes();
    let row = |key: &IdempotencyKey| IdempotencyRow { key: key.clone(), document, at: *now };
    Plan { key: key.as_ref().map(row), ..plan }
}

/// The postings of a transfer that must balance by construction.
fn transfer(
    debit: crate::account::Account,
    credit: crate::account::Account,
    sums: Sums,
) -> Balanced {
    #[expect(clippy::expect_used, reason = "amounts are checked when a receipt is created")]
    Balanced::transfer(debit, credit, sums).expect("a receipt's amount covers its commission")
}
