//! Uzum's side of FastPay: requests read, answers written.
//!
//! Paths begin with `/api/apelsin-pay`. HTTP is always 200, amounts are in tiyin, and the
//! `Authorization` header is signed with a timestamp of milliseconds that may be 50 s off.

use std::borrow::Cow;

use chorsu_core::{UnixMillis, Wallet};
use hyper::Method;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::asked::{Asked, Incoming, Spoil, given};
use super::call::{Call, Charge, Outcome, Refusal, reference_id};
use super::customer::Customer;
use super::faults::WalletCalls;
use super::ids;
use super::number::{tiyin, unquoted, whole};
use super::record::{Payment, Stage};
use super::settings::UzumAccount;
use super::signature::{self, Timing, Unsigned};
use crate::book::RecordId;

/// The path all calls begin with.
pub(super) const BASE: &str = "/api/apelsin-pay";
const TIMING: Timing = Timing { digits: 13, unit_ms: 1, window_ms: 50_000 };
/// A status nobody documents.
const UNKNOWN_STATUS: &str = "STRANGE";

/// How an answer looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A payment by a scanned code.
    Payment,
    /// Anything else about a payment.
    Status,
}

/// The bodies of all calls.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    service_id: &'a RawValue,
    #[serde(borrow, default)]
    amount: Option<&'a RawValue>,
    #[serde(borrow, default)]
    otp_data: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    order_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    payment_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    fiscal_url: Option<Cow<'a, str>>,
}

/// A path, with its parts.
#[derive(Clone, Copy)]
enum Route<'a> {
    Pay,
    Status,
    Reverse { order: &'a str },
    Fiscal,
}

fn route<'a>(method: &Method, path: &'a str) -> Option<Route<'a>> {
    let path = path.strip_prefix(BASE)?.strip_prefix("/merchant/")?.trim_end_matches('/');
    Some(match (method, path) {
        (&Method::POST, "v2/payment") => Route::Pay,
        (&Method::POST, "payment/status") => Route::Status,
        (&Method::POST, "payment/fiscal") => Route::Fiscal,
        (&Method::PUT, path) => {
            let order = path.strip_prefix("v2/payment/reversal/")?;
            Route::Reverse { order }
        }
        _ => return None,
    })
}

/// What a request asks of the played Uzum; `None` when there is no such path.
pub(super) fn read(incoming: &Incoming<'_>, account: &UzumAccount) -> Option<Asked<Shape>> {
    let route = route(incoming.method, incoming.path)?;
    let (shape, calls) = match route {
        Route::Pay => (Shape::Payment, WalletCalls::Pay),
        Route::Status => (Shape::Status, WalletCalls::Ask),
        Route::Reverse { .. } => (Shape::Status, WalletCalls::Reverse),
        Route::Fiscal => (Shape::Status, WalletCalls::Fiscal),
    };
    let (user, secret) = (&account.merchant_service_user_id, &account.secret);
    let call = match signature::check(incoming.signature, user, secret, TIMING, incoming.clocks) {
        Ok(()) => decode(route, incoming, account),
        Err(Unsigned::Wrong) => Err(Refusal::Unsigned),
        Err(Unsigned::Stale) => Err(Refusal::Stale),
    };
    Some(Asked { shape, calls, call })
}

fn decode(
    route: Route<'_>,
    incoming: &Incoming<'_>,
    account: &UzumAccount,
) -> Result<Call, Refusal> {
    let body: Body<'_> = serde_json::from_slice(incoming.body).map_err(|_| Refusal::BadRequest)?;
    if whole(body.service_id) != Some(account.service_id) {
        return Err(Refusal::UnknownService);
    }
    if let Route::Pay = route {
        let amount = body.amount.and_then(|amount| tiyin(unquoted(amount)));
        let order = given(body.order_id)?;
        reference_id(&order).ok_or(Refusal::BadRequest)?;
        let code = given(body.otp_data)?;
        return Ok(Call::Charge(Charge {
            id: incoming.mint.draw(Wallet::Uzum),
            reference: Some(order),
            amount: amount.ok_or(Refusal::BadRequest)?,
            customer: Customer::of(Wallet::Uzum, &code).ok_or(Refusal::BadCode)?,
        }));
    }
    let id = given(body.payment_id)?;
    let id = ids::parse(Wallet::Uzum, &id).ok_or(Refusal::NotFound)?;
    Ok(match route {
        Route::Fiscal => Call::Fiscal { id, url: given(body.fiscal_url)? },
        Route::Reverse { order } => {
            Call::Reverse { id, amount: None, reference: Some(order.to_owned()) }
        }
        Route::Pay | Route::Status => Call::Look { id },
    })
}

/// An answer. Nulls are written, as Uzum does.
#[derive(Default, Serialize)]
struct Reply<'a> {
    payment_id: Option<String>,
    payment_status: Option<&'a str>,
    error_code: i64,
    error_message: Option<&'a str>,
    operation_time: Option<i64>,
    client_phone_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card_type: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    processing_reference_number: Option<String>,
    /// In tiyin; only a wrong answer names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<i64>,
}

/// The answer to a request, as JSON.
pub(super) fn write(
    shape: Shape,
    outcome: &Outcome,
    now: UnixMillis,
    spoil: Option<Spoil>,
) -> serde_json::Result<Vec<u8>> {
    let id = |id: &RecordId| Some(ids::text(Wallet::Uzum, *id));
    let mut reply = match outcome {
        Outcome::Payment { id, payment } => show(shape, *id, payment, now),
        Outcome::Duplicate { id: first } => Reply {
            payment_id: id(first),
            payment_status: Some("DUPLICATED"),
            error_code: 400,
            error_message: Some("order.id.duplicated"),
            ..Reply::default()
        },
        Outcome::Done => Reply::default(),
        Outcome::Refused(refusal) => {
            let failed = shape == Shape::Payment && is_final(*refusal);
            Reply { payment_status: failed.then_some("FAILED"), ..refused(*refusal) }
        }
    };
    match (spoil, outcome) {
        (Some(Spoil::UnknownStatus), _) => reply.payment_status = Some(UNKNOWN_STATUS),
        // A payment's answer says nothing that can be compared, so it gets what can.
        (Some(Spoil::WrongAmount), Outcome::Payment { payment, .. }) if shape == Shape::Payment => {
            reply.amount = Some(payment.amount.get() + 1);
        }
        (Some(Spoil::WrongAmount), _) => {
            reply.payment_id = reply.payment_id.map(|id| id.chars().rev().collect());
        }
        (None, _) => {}
    }
    serde_json::to_vec(&reply)
}

fn show(shape: Shape, id: RecordId, payment: &Payment, now: UnixMillis) -> Reply<'_> {
    let (payment_status, error) = match (payment.stage(now), payment.refusal) {
        (Stage::Created | Stage::Processing, _) => {
            let hint = (shape == Shape::Payment).then_some("operation.is.inProcess");
            ("HOLD", (0, hint))
        }
        (Stage::Success, _) => ("SUCCESS", (0, None)),
        (Stage::Reversed, _) => ("REVERSED", (0, None)),
        // A question is answered well, whatever it is about.
        (Stage::Refused, Some(refusal)) => {
            let (code, key) = code(refusal);
            ("FAILED", (if shape == Shape::Payment { code } else { 0 }, Some(key)))
        }
        (Stage::Refused | Stage::Cancelled, _) => ("FAILED", (0, None)),
    };
    let is_payment = shape == Shape::Payment && payment_status == "SUCCESS";
    Reply {
        payment_id: Some(ids::text(Wallet::Uzum, id)),
        payment_status: Some(payment_status),
        error_code: error.0,
        error_message: error.1,
        operation_time: Some(payment.ended_at.unwrap_or(payment.decided_at)),
        client_phone_number: payment.phone.as_deref(),
        card_type: is_payment.then_some(2),
        processing_reference_number: is_payment.then(|| payment.decided_at.to_string()),
        amount: None,
    }
}

/// Whether a payment refused so is said to have failed, and not only its request.
const fn is_final(refusal: Refusal) -> bool {
    !matches!(refusal, Refusal::Unsigned | Refusal::Stale | Refusal::Unavailable)
}

fn refused(refusal: Refusal) -> Reply<'static> {
    let (error_code, key) = code(refusal);
    Reply { error_code, error_message: Some(key), ..Reply::default() }
}

/// Uzum's code and message key for a refusal.
const fn code(refusal: Refusal) -> (i64, &'static str) {
    match refusal {
        Refusal::Unsigned => (401, "apelsin.pay.authorization.error"),
        Refusal::Stale => (403, "apelsin.pay.authorization.error"),
        Refusal::UnknownService => (404, "device.not.registered"),
        Refusal::BadCode => (400, "wrong.prefix.otp.data"),
        Refusal::UsedCode => (400, "qr.duplicated"),
        Refusal::ExpiredCode => (400, "apelsin.pay.user.otp.data.expired"),
        Refusal::NoFunds | Refusal::Declined | Refusal::NotFiscal => (400, "operation.failed"),
        Refusal::Blocked => (400, "operation.forbidden"),
        Refusal::TooSmall | Refusal::TooLarge => (400, "limit.was.set"),
        Refusal::NotFound | Refusal::NotPayable => (404, "operation.not.found"),
        Refusal::NotReversible | Refusal::TooOld => (400, "reverse.not.allowed"),
        Refusal::BadFiscalUrl => (400, "unsupported.fiscal.url"),
        Refusal::UnknownMethod | Refusal::BadRequest | Refusal::NotConfirmable => {
            (400, "unsupported.operation")
        }
        Refusal::Unavailable => (503, "external.service.unavailable"),
        Refusal::Code(code) => (code, "operation.failed"),
    }
}
