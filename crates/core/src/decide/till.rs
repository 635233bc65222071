//! Payments at the till: the intent, the outcome, and the way back of the money.

use std::sync::Arc;

use super::transfer;
use crate::command::IdempotencyKey;
use crate::command::till::{
    Begin, BeginReverse, Deliver, PinpadKeys, SettleByHand, TillCommand, TillEnd,
};
use crate::document::Document;
use crate::entry::{Entry, EntryKind, Sums};
use crate::id::{DocumentId, OperationId};
use crate::money::Tiyin;
use crate::plan::{IdempotencyRow, OutboxKind, OutboxRow, Plan, Reply};
use crate::reject::Reject;
use crate::rows::Rows;
use crate::step::{Event, remember};
use crate::till::{Delivery, FiscalLink, TillPayment, TillState as State};
use crate::time::UnixMillis;

/// Decides a command about payments at the till.
pub(super) fn decide(command: &TillCommand, rows: &Rows) -> Result<Plan, Reject> {
    match command {
        TillCommand::Begin(begin) => self::begin(begin, rows),
        TillCommand::Prepared { id, operation, prepared, now } => {
            let mut payment = find(rows, *id)?;
            let is_known = payment.prepared.as_ref() == Some(prepared);
            if payment.operation != Some(*operation) || !is_open(&payment) || is_known {
                return Ok(unchanged(payment));
            }
            payment.prepared = Some(prepared.clone());
            remember(&mut payment.steps, *now, Event::Prepared, Some(prepared.clone()));
            Ok(written(payment))
        }
        TillCommand::Finish { id, operation, end, now } => {
            let payment = find(rows, *id)?;
            match (check_number(&payment, end, rows), end.is_paid) {
                (Err(reject), true) => Err(reject),
                // Pinpads give refusals that never reached a bank one and the same number.
                (Err(_), false) => {
                    let end = TillEnd { paid_key: None, ..end.clone() };
                    Ok(finish(payment, *operation, &end, *now))
                }
                (Ok(()), _) => Ok(finish(payment, *operation, end, *now)),
            }
        }
        TillCommand::Told { id, operation } => {
            let mut payment = find(rows, *id)?;
            if !payment.is_untold() || payment.operation != Some(*operation) {
                return Ok(unchanged(payment));
            }
            payment.operation = None;
            Ok(Plan { outbox_done: Some(*operation), ..written(payment) })
        }
        TillCommand::Doubt { id, now } => {
            let mut payment = find(rows, *id)?;
            if payment.state != State::Sent {
                return Ok(unchanged(payment));
            }
            payment.step_to(State::Unknown);
            payment.told_unknown = true;
            remember(&mut payment.steps, *now, Event::ToldUnknown, None);
            Ok(written(payment))
        }
        TillCommand::NotSeen { id, ask_again_at, now } => {
            let mut payment = find(rows, *id)?;
            if payment.state != State::Declined || payment.ask_again_at.is_none() {
                return Ok(unchanged(payment));
            }
            payment.ask_again_at = *ask_again_at;
            remember(&mut payment.steps, *now, Event::NotSeen, None);
            Ok(written(payment))
        }
        TillCommand::SettleByHand(settle) => settle_by_hand(settle, rows),
        TillCommand::BeginReverse(reverse) => begin_reverse(reverse, rows),
        TillCommand::FinishReverse { id, operation, refusal, slip, now } => {
            let told = refusal.as_ref().map_or(Ok(slip.clone()), |reason| Err(reason.clone()));
            Ok(finish_reverse(find(rows, *id)?, *operation, told, *now))
        }
        TillCommand::Deliver(deliver) => self::deliver(deliver, rows),
        TillCommand::Delivered { id, operation, refusal, now } => {
            Ok(delivered(find(rows, *id)?, *operation, refusal.as_ref(), *now))
        }
    }
}

/// The payment of this id.
pub(super) fn find(rows: &Rows, id: DocumentId) -> Result<TillPayment, Reject> {
    let found = rows.documents.get(&id).and_then(|document| document.till());
    found.cloned().ok_or(Reject::PaymentNotFound)
}

fn written(payment: TillPayment) -> Plan {
    Plan::document(Document::Till(payment))
}

/// The answer to what changes nothing.
fn unchanged(payment: TillPayment) -> Plan {
    Plan::answer(Reply::Document(Arc::new(Document::Till(payment))))
}

/// The provider's number must not be that of another payment.
fn check_number(payment: &TillPayment, end: &TillEnd, rows: &Rows) -> Result<(), Reject> {
    let known = end.paid_key.as_ref().and_then(|key| rows.by_key(key));
    match known.is_some_and(|known| known.id() != payment.id) {
        true => Err(Reject::PaymentIdUsed),
        false => Ok(()),
    }
}

/// The caller's key, used up by what became of `document`.
fn used(
    key: Option<&IdempotencyKey>,
    document: DocumentId,
    at: UnixMillis,
) -> Option<IdempotencyRow> {
    key.map(|key| IdempotencyRow { key: key.clone(), document: document.0, at })
}

/// Whether the provider's answer is still awaited.
const fn is_open(payment: &TillPayment) -> bool {
    matches!(payment.state, State::Sent | State::Unknown)
}

/// The intent to ask a provider, for `kind`.
fn intent(
    payment: &TillPayment,
    kind: OutboxKind,
    operation: OperationId,
    now: UnixMillis,
) -> OutboxRow {
    OutboxRow {
        operation,
        kind,
        document: payment.id,
        owner: payment.merchant.into(),
        amount: payment.amount,
        created_at: now,
    }
}

/// Starts a payment. The same scan again is answered with the payment it began.
fn begin(begin: &Begin, rows: &Rows) -> Result<Plan, Reject> {
    let Begin { payment, operation, scan_key, pinpad, key } = begin;
    assert!(payment.state == State::Sent, "a till payment is born sent");
    assert!(payment.amount > Tiyin::ZERO, "a till payment is of more than nothing");
    assert!(payment.commission <= payment.amount, "commission is part of the amount");
    if let Some(known) = scan_key.as_ref().and_then(|key| rows.by_key(key)) {
        let is_same =
            |known: &TillPayment| known.amount == payment.amount && known.till == payment.till;
        return match known.till().is_some_and(is_same) {
            true => Ok(Plan {
                // The key now stands for this payment: with another body it is refused.
                key: used(key.as_ref(), known.id(), payment.created_at),
                ..Plan::answer(Reply::Document(known.clone()))
            }),
            false => Err(Reject::CodeUsed),
        };
    }
    if pinpad.as_ref().is_some_and(|keys| is_held(keys, payment.created_at, rows)) {
        return Err(Reject::PinpadBusy);
    }
    let mut payment = TillPayment::clone(payment);
    payment.operation = Some(*operation);
    remember(&mut payment.steps, payment.created_at, Event::Sent, None);
    let row = intent(&payment, OutboxKind::TillPay, *operation, payment.created_at);
    let (id, at) = (payment.id, payment.created_at);
    let mut plan = Plan::document_begun(Document::Till(payment), row);
    plan.is_new_document = true;
    plan.key = used(key.as_ref(), id, at);
    plan.keys_taken.extend(scan_key.iter().map(|key| (key.clone(), id)));
    plan.keys_taken.extend(pinpad.iter().map(|keys| (keys.sale.clone(), id)));
    Ok(plan)
}

/// Whether a pinpad waits for the outcome of the payment or of the reversal begun last.
fn is_held(keys: &PinpadKeys, now: UnixMillis, rows: &Rows) -> bool {
    let last = [&keys.sale, &keys.void].map(|key| rows.by_key(key));
    let mut last = last.into_iter().flatten().filter_map(|document| document.till());
    last.any(|payment| payment.holds_pinpad(now))
}

/// Ends a payment. A repeat changes nothing, nor does an outcome that comes too late, with one
/// exception: money that has moved after all.
fn finish(payment: TillPayment, operation: OperationId, end: &TillEnd, now: UnixMillis) -> Plan {
    let is_awaited = payment.operation == Some(operation) && is_open(&payment);
    match (is_awaited, end.is_paid) {
        (true, true) => {
            let is_done = payment.told_unknown || !payment.must_be_told();
            let outbox_done = is_done.then_some(operation);
            Plan { outbox_done, ..paid(payment, end, now) }
        }
        (true, false) => Plan { outbox_done: Some(operation), ..declined(payment, end, now) },
        (false, true) if payment.state == State::Declined => paid(payment, end, now),
        (false, _) => unchanged(payment),
    }
}

fn declined(mut payment: TillPayment, end: &TillEnd, now: UnixMillis) -> Plan {
    payment.operation = None;
    payment.note.clone_from(&end.note);
    payment.ask_again_at = end.ask_again_at;
    // Who was told "unknown" scans again to ask, and must not be taken for a new customer.
    let code = payment.code.as_ref().filter(|_| !payment.told_unknown);
    let freed = code.map(|code| key_of_scan(&payment, code));
    payment.step_to(State::Declined);
    payment.payment_id.clone_from(&end.payment_id);
    remember(&mut payment.steps, now, Event::Declined, end.note.clone());
    // The slip of a refusal is known from now on: it is not that of another payment.
    let keys_taken = end.paid_key.iter().map(|key| (key.clone(), payment.id)).collect();
    Plan { keys_taken, keys_freed: freed.into_iter().collect(), ..written(payment) }
}

fn paid(mut payment: TillPayment, end: &TillEnd, now: UnixMillis) -> Plan {
    let TillEnd { payment_id, paid_key, phone, note, reverse_as, void_key, .. } = end;
    // A till that was told "not paid" or "unknown" has given nothing away: the money goes back.
    let back_because = match payment.state {
        State::Declined => Some("told_declined"),
        _ => payment.told_unknown.then_some("told_unknown"),
    };
    if back_because.is_some() || !payment.must_be_told() {
        payment.operation = None;
    }
    payment.ask_again_at = None;
    payment.note.clone_from(note);
    payment.paid_at = Some(now);
    payment.payment_id.clone_from(payment_id);
    payment.phone.clone_from(phone);
    remember(&mut payment.steps, now, Event::Succeeded, payment_id.clone());
    let entries = vec![paid_entry(&payment, now)];
    let void_key = void_key.as_ref().filter(|_| back_because.is_some());
    let keys_taken = paid_key.iter().chain(void_key);
    let keys_taken = keys_taken.map(|key| (key.clone(), payment.id)).collect();
    if payment.state != State::Declined {
        payment.step_to(State::Succeeded);
    }
    let plan = match back_because {
        None => written(payment),
        Some(reason) => {
            payment.step_to(State::Reversing);
            payment.operation = Some(*reverse_as);
            remember(&mut payment.steps, now, Event::Reversing, Some(Arc::from(reason)));
            let row = intent(&payment, OutboxKind::TillReverse, *reverse_as, now);
            Plan::document_begun(Document::Till(payment), row)
        }
    };
    Plan { entries, keys_taken, ..plan }
}

fn key_of_scan(payment: &TillPayment, code: &str) -> Arc<str> {
    Arc::from(TillPayment::scan_key(payment.provider, code))
}

/// Starts to give the money back. A repeat is answered with the payment as it is.
fn begin_reverse(reverse: &BeginReverse, rows: &Rows) -> Result<Plan, Reject> {
    let BeginReverse { id, operation, amount, reason, void_key, key, now } = reverse;
    let mut payment = find(rows, *id)?;
    let key = used(key.as_ref(), payment.id, *now);
    if amount.is_some_and(|amount| amount != payment.amount) {
        return Err(Reject::AmountDiffers);
    }
    match payment.state {
        State::Succeeded => {}
        State::Reversing | State::Reversed => return Ok(Plan { key, ..unchanged(payment) }),
        other => return Err(Reject::TillState(other)),
    }
    // Who was told nothing gets the money back as one who was told that nobody knows.
    payment.told_unknown |= payment.is_untold();
    payment.step_to(State::Reversing);
    // A delivery under way is given up: its receipt is for money that goes back.
    let outbox_done = payment.operation.replace(*operation);
    remember(&mut payment.steps, *now, Event::Reversing, Some(reason.clone()));
    let row = intent(&payment, OutboxKind::TillReverse, *operation, *now);
    let keys_taken = void_key.iter().map(|key| (key.clone(), payment.id)).collect();
    Ok(Plan { outbox_done, keys_taken, key, ..Plan::document_begun(Document::Till(payment), row) })
}

/// Ends what its provider does not end. The steps say who has.
fn settle_by_hand(settle: &SettleByHand, rows: &Rows) -> Result<Plan, Reject> {
    let SettleByHand { id, is_reversal, end, by, now } = settle;
    let mut payment = find(rows, *id)?;
    check_number(&payment, end, rows)?;
    let is_meant = match is_reversal {
        true => payment.state == State::Reversing,
        false => is_open(&payment),
    };
    let Some(operation) = payment.operation.filter(|_| is_meant) else {
        return Err(Reject::TillState(payment.state));
    };
    remember(&mut payment.steps, *now, Event::SettledByHand, Some(by.clone()));
    Ok(match payment.state {
        State::Reversing => {
            let end = if end.is_paid { Err(by.clone()) } else { Ok(None) };
            finish_reverse(payment, operation, end, *now)
        }
        _ => finish(payment, operation, end, *now),
    })
}

/// Ends a reversal: done, perhaps with a slip, or refused. A provider that refuses leaves the
/// payment paid; its reason, like the slip, is on the step.
fn finish_reverse(
    mut payment: TillPayment,
    operation: OperationId,
    end: Result<Option<Arc<str>>, Arc<str>>,
    now: UnixMillis,
) -> Plan {
    if payment.operation != Some(operation) || payment.state != State::Reversing {
        return unchanged(payment);
    }
    payment.operation = None;
    let mut entries = Vec::new();
    let mut keys_freed = Vec::new();
    match end {
        Err(reason) => {
            payment.step_to(State::Succeeded);
            remember(&mut payment.steps, now, Event::ReversalRefused, Some(reason));
        }
        Ok(slip) => {
            let paid = paid_entry(&payment, now);
            let postings = paid.postings.reversed();
            entries.push(Entry { kind: EntryKind::TillReversed, postings, ..paid });
            payment.step_to(State::Reversed);
            remember(&mut payment.steps, now, Event::Reversed, slip);
            // Who was told "unknown" scans again to ask. A refusal has freed the code before; it
            // may be another payment's by now.
            let code = payment.code.as_ref().filter(|_| !payment.goes_back_by_itself());
            keys_freed.extend(code.map(|code| key_of_scan(&payment, code)));
        }
    }
    Plan { entries, keys_freed, outbox_done: Some(operation), ..written(payment) }
}

/// Starts to deliver a fiscal receipt to the wallet. The same one again is answered as it is.
fn deliver(deliver: &Deliver, rows: &Rows) -> Result<Plan, Reject> {
    let Deliver { payment, operation, url, key, now } = deliver;
    let mut payment = find(rows, *payment)?;
    let key = used(key.as_ref(), payment.id, *now);
    if payment.state != State::Succeeded {
        return Err(Reject::TillState(payment.state));
    }
    if let Some(known) = &payment.fiscal {
        let is_under_way = payment.operation.is_some();
        if known.url != *url {
            return Err(Reject::OtherFiscalReceipt);
        }
        // One that a refused reversal has interrupted begins again.
        if known.delivery == Delivery::Delivered || is_under_way {
            return Ok(Plan { key, ..unchanged(payment) });
        }
    }
    let row = queue_delivery(&mut payment, url, *operation, *now);
    Ok(Plan { key, ..Plan::document_begun(Document::Till(payment), row) })
}

/// Puts the delivery of a fiscal receipt on `payment`.
pub(super) fn queue_delivery(
    payment: &mut TillPayment,
    url: &Arc<str>,
    operation: OperationId,
    now: UnixMillis,
) -> OutboxRow {
    payment.fiscal = Some(FiscalLink { url: url.clone(), delivery: Delivery::Queued });
    payment.operation = Some(operation);
    remember(&mut payment.steps, now, Event::Delivering, Some(url.clone()));
    intent(payment, OutboxKind::TillDeliver, operation, now)
}

/// Ends a delivery. A repeat changes nothing; what arrived while the money was going back has
/// arrived all the same.
fn delivered(
    mut payment: TillPayment,
    operation: OperationId,
    refusal: Option<&Arc<str>>,
    now: UnixMillis,
) -> Plan {
    let under_way = payment.operation.filter(|_| payment.state == State::Succeeded);
    let is_of_another = under_way.is_some_and(|under_way| under_way != operation);
    let waiting = payment.fiscal.as_mut().filter(|fiscal| fiscal.delivery == Delivery::Queued);
    let Some(fiscal) = waiting.filter(|_| !is_of_another) else { return unchanged(payment) };
    let (delivery, event) = match refusal {
        Some(_) => (Delivery::Refused, Event::DeliveryRefused),
        None => (Delivery::Delivered, Event::Delivered),
    };
    fiscal.delivery = delivery;
    remember(&mut payment.steps, now, event, refusal.cloned());
    if under_way.is_some() {
        payment.operation = None;
    }
    Plan { outbox_done: under_way, ..written(payment) }
}

/// The entry of a payment at the till: Dr wallet or network, Cr merchant and fees.
fn paid_entry(payment: &TillPayment, now: UnixMillis) -> Entry {
    let sums = Sums { amount: payment.amount, commission: payment.commission };
    let merchant = crate::account::Account::Merchant(payment.merchant);
    Entry {
        kind: EntryKind::TillPaid,
        owner: payment.merchant.into(),
        document: payment.id,
        at: now,
        postings: transfer(payment.provider.account(), merchant, sums),
    }
}
