//! Fiscal receipts: the draft, then what the fiscal module made of it.

use std::sync::Arc;

use super::till;
use crate::command::fiscal::{BeginFiscal, FinishFiscal, FiscalCommand, PaymentLink};
use crate::document::Document;
use crate::fiscal_receipt::{FiscalReceipt, FiscalState as State, REPEAT_MS, Registration};
use crate::id::DocumentId;
use crate::plan::{IdempotencyRow, OutboxKind, OutboxRow, Plan, Reply};
use crate::reject::Reject;
use crate::rows::Rows;
use crate::step::{Event, remember};
use crate::till::{TillPayment, TillState};

/// Decides a command about fiscal receipts.
pub(super) fn decide(command: &FiscalCommand, rows: &Rows) -> Result<Plan, Reject> {
    match command {
        FiscalCommand::Begin(begin) => self::begin(begin, rows),
        FiscalCommand::Finish(finish) => self::finish(finish, rows),
        FiscalCommand::Told { id, repeat_key } => told(*id, repeat_key, rows),
    }
}

/// Drafts a receipt. An order that the till has sent before is answered as it is.
///
/// The payment it names must be known, paid, of the same amount, and on no other receipt
/// ("/order", `extra_info`).
fn begin(begin: &BeginFiscal, rows: &Rows) -> Result<Plan, Reject> {
    let BeginFiscal { receipt, client_key, repeat_key, .. } = begin;
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
    if let Some(known) = repeat_key.as_ref().and_then(|key| rows.by_key(key)) {
        let is_repeat = |before: &FiscalReceipt| {
            let is_recent = receipt.created_at.since(before.created_at) < REPEAT_MS;
            before.state != State::Refused && is_recent
        };
        if known.fiscal().is_some_and(is_repeat) {
            return Ok(Plan::answer(Reply::Document(known.clone())));
        }
    }
    write(begin, rows)
}

/// Lets the same order be another sale.
fn told(id: DocumentId, repeat_key: &Arc<str>, rows: &Rows) -> Result<Plan, Reject> {
    let found = rows.documents.get(&id).cloned().ok_or(Reject::OrderNotFound)?;
    let is_its_own = rows.by_key(repeat_key).is_some_and(|holder| holder.id() == id);
    let keys_freed = is_its_own.then(|| repeat_key.clone()).into_iter().collect();
    Ok(Plan { keys_freed, ..Plan::answer(Reply::Document(found)) })
}

/// A payment that an order names, if a receipt may be made for it.
fn linked(link: &PaymentLink, begin: &BeginFiscal, rows: &Rows) -> Result<TillPayment, Reject> {
    let found = rows.by_key(&link.paid_key).and_then(|document| document.till());
    let paid = found.cloned().ok_or(Reject::PaymentNotFound)?;
    if paid.till != begin.receipt.till {
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
    Ok(paid)
}

fn write(begin: &BeginFiscal, rows: &Rows) -> Result<Plan, Reject> {
    let BeginFiscal { receipt, operation, client_key, repeat_key, payments, key } = begin;
    let mut receipt = FiscalReceipt::clone(receipt);
    let mut documents = Vec::new();
    let places = [&mut receipt.payment, &mut receipt.second_payment];
    for (link, place) in payments.iter().zip(places) {
        let Some(link) = link else { continue };
        let mut paid = linked(link, begin, rows)?;
        paid.order = Some(begin.receipt.id);
        *place = Some(paid.id);
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
    let keys = client_key.iter().chain(repeat_key);
    plan.keys_taken.extend(keys.map(|key| (key.clone(), id)));
    Ok(plan)
}

/// Ends a draft. A repeat changes nothing.
///
/// A receipt that goes on to a wallet is answered with the intent of that delivery, whose document
/// is the payment.
fn finish(finish: &FinishFiscal, rows: &Rows) -> Result<Plan, Reject> {
    let FinishFiscal { id, payments, last_key, operation, end, deliver_as, now } = finish;
    let found = rows.documents.get(id).and_then(|document| document.fiscal());
    let mut receipt = found.cloned().ok_or(Reject::OrderNotFound)?;
    if receipt.operation != Some(*operation) || receipt.state != State::Draft {
        return Ok(Plan::answer(Reply::Document(Arc::new(Document::Fiscal(receipt)))));
    }
    assert!(receipt.payments() == *payments, "the payments of a fiscal receipt are loaded with it");
    receipt.operation = None;
    let mut paid = Vec::new();
    for payment in payments.iter().flatten() {
        paid.push(till::find(rows, *payment)?);
    }
    let mut row = None;
    let mut keys_taken = Vec::new();
    match end {
        Ok(registration) => {
            receipt.state = State::Registered;
            let url = &registration.url;
            remember(&mut receipt.steps, *now, Event::Registered, Some(url.clone()));
            for (number, paid) in paid.iter_mut().enumerate() {
                remember(&mut paid.steps, *now, Event::Fiscalised, Some(url.clone()));
                // A payment that went back meanwhile has nothing to be delivered for, and one
                // that the till has brought another receipt for keeps that. Advances and credits
                // have no address that a wallet could show.
                let is_free = paid.operation.is_none() && paid.fiscal.is_none();
                // A pinpad beside a wallet has nobody to show it to.
                let is_first = number == 0;
                if is_first && paid.state == TillState::Succeeded && is_free && !url.is_empty() {
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
            for paid in paid.iter_mut().filter(|paid| paid.order == Some(receipt.id)) {
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
