//! Fiscal receipts: the draft, then what the fiscal module made of it.

use std::sync::Arc;

use super::till;
use crate::command::fiscal::{BeginFiscal, FinishFiscal, FiscalCommand};
use crate::document::Document;
use crate::fiscal_receipt::{FiscalReceipt, FiscalState as State, Registration};
use crate::plan::{IdempotencyRow, OutboxKind, OutboxRow, Plan, Reply};
use crate::reject::Reject;
use crate::rows::Rows;
use crate::step::{Event, remember};
use crate::till::TillState;

/// Decides a command about fiscal receipts.
pub(super) fn decide(command: &FiscalCommand, rows: &Rows) -> Result<Plan, Reject> {
    match command {
        FiscalCommand::Begin(begin) => self::begin(begin, rows),
        FiscalCommand::Finish(finish) => self::finish(finish, rows),
    }
}

/// Drafts a receipt. An order that the till has sent before is answered as it is.
///
/// The payment it names must be known, paid, of the same amount, and on no other receipt
/// ("/order", `extra_info`).
fn begin(begin: &BeginFiscal, rows: &Rows) -> Result<Plan, Reject> {
    let BeginFiscal { receipt, client_key, .. } = begin;
    assert!(receipt.state == State::Draft, "a fiscal receipt is born as a draft");
    if let Some(known) = client_key.as_ref().and_then(|key| rows.by_key(key)) {
        return match known.fiscal() {
            // A refused draft may be corrected and sent again under the same number.
            Some(fiscal) if fiscal.state == State::Refused => write(begin, rows),
            Some(fiscal) if fiscal.body == receipt.body => {
                Ok(Plan::answer(Reply::Document(known.clone())))
            }
            _ => Err(Reject::OrderIdUsed),
        };
    }
    write(begin, rows)
}

fn write(begin: &BeginFiscal, rows: &Rows) -> Result<Plan, Reject> {
    let BeginFiscal { receipt, operation, client_key, payment, key } = begin;
    let mut receipt = FiscalReceipt::clone(receipt);
    let mut documents = Vec::new();
    if let Some(link) = payment {
        let found = rows.by_key(&link.paid_key).and_then(|document| document.till());
        let mut paid = found.cloned().ok_or(Reject::PaymentNotFound)?;
        if paid.till != receipt.till {
            return Err(Reject::PaymentNotFound);
        }
        if paid.state != TillState::Succeeded {
            return Err(Reject::TillState(paid.state));
        }
        if paid.amount != link.amount {
            return Err(Reject::AmountDiffers);
        }
        if paid.order.is_some() || paid.fiscal.is_some() {
            return Err(Reject::OtherFiscalReceipt);
        }
        paid.order = Some(receipt.id);
        receipt.payment = Some(paid.id);
        documents.push(Arc::new(Document::Till(paid)));
    }
    receipt.operation = Some(*operation);
    remember(&mut receipt.steps, receipt.created_at, Event::Sent, None);
    let row = OutboxRow {
        operation: *operation,
        kind: OutboxKind::FiscalRegister,
        document: receipt.id,
        owner: receipt.merchant.into(),
        amount: receipt.total,
        created_at: receipt.created_at,
    };
    let (id, at) = (receipt.id, receipt.created_at);
    let mut plan = Plan::document_begun(Document::Fiscal(receipt), row);
    plan.is_new_document = true;
    plan.key = key.as_ref().map(|key| IdempotencyRow { key: key.clone(), document: id.0, at });
    plan.other_documents = documents;
    plan.keys_taken.extend(client_key.iter().map(|key| (key.clone(), id)));
    Ok(plan)
}

/// Ends a draft. A repeat changes nothing.
///
/// A receipt that goes on to a wallet is answered with the intent of that delivery, whose document
/// is the payment.
fn finish(finish: &FinishFiscal, rows: &Rows) -> Result<Plan, Reject> {
    let FinishFiscal { id, payment, last_key, operation, end, deliver_as, now } = finish;
    let found = rows.documents.get(id).and_then(|document| document.fiscal());
    let mut receipt = found.cloned().ok_or(Reject::OrderNotFound)?;
    if receipt.operation != Some(*operation) || receipt.state != State::Draft {
        return Ok(Plan::answer(Reply::Document(Arc::new(Document::Fiscal(receipt)))));
    }
    assert!(receipt.payment == *payment, "the payment of a fiscal receipt is loaded with it");
    receipt.operation = None;
    let mut paid = match payment {
        Some(payment) => Some(till::find(rows, *payment)?),
        None => None,
    };
    let mut row = None;
    let mut keys_taken = Vec::new();
    match end {
        Ok(registration) => {
            receipt.state = State::Registered;
            let url = &registration.url;
            remember(&mut receipt.steps, *now, Event::Registered, Some(url.clone()));
            if let Some(paid) = &mut paid {
                remember(&mut paid.steps, *now, Event::Fiscalised, Some(url.clone()));
                // A payment that went back meanwhile has nothing to be delivered for, and one
                // that the till has brought another receipt for keeps that. Advances and credits
                // have no address that a wallet could show.
                let is_free = paid.operation.is_none() && paid.fiscal.is_none();
                if paid.state == TillState::Succeeded && is_free && !url.is_empty() {
                    row = Some(till::queue_delivery(paid, url, *deliver_as, *now));
                }
            }
            if !url.is_empty() {
                keys_taken.push((Arc::from(FiscalReceipt::url_key(url)), receipt.id));
            }
            if is_newest(registration, rows.by_key(last_key)) {
                keys_taken.push((last_key.clone(), receipt.id));
            }
            receipt.registration = Some(registration.clone());
        }
        Err(reason) => {
            receipt.state = State::Refused;
            receipt.refusal = Some(reason.clone());
            remember(&mut receipt.steps, *now, Event::Refused, Some(reason.clone()));
            if let Some(paid) = paid.as_mut().filter(|paid| paid.order == Some(receipt.id)) {
                paid.order = None;
            }
        }
    }
    let mut plan = match row {
        Some(row) => Plan::document_begun(Document::Fiscal(receipt), row),
        None => Plan::document(Document::Fiscal(receipt)),
    };
    plan.other_documents = paid.into_iter().map(|paid| Arc::new(Document::Till(paid))).collect();
    plan.keys_taken = keys_taken;
    plan.outbox_done = Some(*operation);
    Ok(plan)
}

/// Whether a receipt was registered after the one that was the till's last: a draft that is
/// settled late may be older.
fn is_newest(registration: &Registration, last: Option<&Arc<Document>>) -> bool {
    let last = last.and_then(|document| document.fiscal()?.registration.as_ref());
    last.is_none_or(|last| {
        last.terminal != registration.terminal || last.number < registration.number
    })
}
