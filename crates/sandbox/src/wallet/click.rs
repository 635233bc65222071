//! Click's side of its Merchant API v2: requests read, answers written.
//!
//! Paths begin with `/v2/merchant`. Amounts are in sum, here alone. The `Auth` header is signed,
//! with a timestamp of ten digits that may be five minutes off: Click publishes no window.

use std::borrow::Cow;

use chorsu_core::{UnixMillis, Wallet};
use hyper::Method;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::asked::{Asked, Incoming, Spoil, given};
use super::call::{Call, Charge, Outcome, Refusal};
use super::customer::Customer;
use super::faults::WalletCalls;
use super::ids;
use super::number::{sum, unquoted, whole};
use super::record::{Fate, Payment, Stage};
use super::settings::ClickAccount;
use super::signature::{self, Timing};
use crate::book::RecordId;

/// The path all calls begin with.
pub(super) const BASE: &str = "/v2/merchant";
const TIMING: Timing = Timing { digits: 10, unit_ms: 1_000, window_ms: 5 * 60 * 1_000 };
/// The status of a payment that was given back; Click documents only that errors are negative.
const REVERSED: i64 = -9901;
/// The status of a payment that nobody confirmed in time.
const CANCELLED: i64 = -9902;
/// A status nobody documents.
const UNKNOWN_STATUS: i64 = 7;
/// A transaction of nobody.
const OTHER_TRANSACTION: &str = "00000000-0000-0000-0000-000000000000";

/// How an answer looks.
#[derive(Debug)]
pub(super) enum Shape {
    /// The code and the note alone.
    Plain,
    /// A payment by a scanned code.
    Payment,
    /// The status of a payment.
    Status,
    /// The payment under a transaction id.
    Found,
    /// A payment given back.
    Reversal,
    /// The fiscal receipt of a payment.
    FiscalUrl,
}

/// The bodies of all calls that have one.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    service_id: &'a RawValue,
    #[serde(borrow, default)]
    payment_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    otp_data: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    amount: Option<&'a RawValue>,
    #[serde(borrow, default)]
    transaction_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    qrcode: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    items: Option<&'a RawValue>,
}

/// A path, with its parts.
#[derive(Clone, Copy)]
enum Route<'a> {
    Pay,
    Confirm,
    Confirmation { service: &'a str, on: bool },
    Status { service: &'a str, id: &'a str },
    Find { service: &'a str, transaction: &'a str },
    Reverse { service: &'a str, id: &'a str, amount: Option<&'a str> },
    Items,
    FiscalUrl,
    GetFiscalUrl { service: &'a str, id: &'a str },
}

fn route<'a>(method: &Method, path: &'a str) -> Option<Route<'a>> {
    let path = path.strip_prefix(BASE)?.trim_matches('/');
    let parts: Vec<&str> = path.split('/').collect();
    Some(match (method, parts.as_slice()) {
        (&Method::POST, ["click_pass", "payment"]) => Route::Pay,
        (&Method::POST, ["click_pass", "confirm"]) => Route::Confirm,
        (&Method::PUT, ["click_pass", "confirmation", service]) => {
            Route::Confirmation { service, on: true }
        }
        (&Method::DELETE, ["click_pass", "confirmation", service]) => {
            Route::Confirmation { service, on: false }
        }
        (&Method::GET, ["payment", "status", service, id]) => Route::Status { service, id },
        // Documented with the day of the payment behind it, and used without; the day is not read.
        (&Method::GET, ["payment", "status_by_mti", service, transaction])
        | (&Method::GET, ["payment", "status_by_mti", service, transaction, _]) => {
            Route::Find { service, transaction }
        }
        (&Method::DELETE, ["payment", "reversal", service, id]) => {
            Route::Reverse { service, id, amount: None }
        }
        (&Method::DELETE, ["payment", "partial_reversal", service, id, amount]) => {
            Route::Reverse { service, id, amount: Some(amount) }
        }
        (&Method::POST, ["payment", "ofd_data", "submit_items"]) => Route::Items,
        (&Method::POST, ["payment", "ofd_data", "submit_qrcode"]) => Route::FiscalUrl,
        (&Method::GET, ["payment", "ofd_data", service, id]) => Route::GetFiscalUrl { service, id },
        _ => return None,
    })
}

/// What a request asks of the played Click; `None` when there is no such path.
pub(super) fn read(incoming: &Incoming<'_>, account: &ClickAccount) -> Option<Asked<Shape>> {
    let route = route(incoming.method, incoming.path)?;
    let (shape, calls) = match route {
        Route::Pay => (Shape::Payment, WalletCalls::Pay),
        Route::Confirm => (Shape::Plain, WalletCalls::Pay),
        Route::Confirmation { .. } => (Shape::Plain, WalletCalls::All),
        Route::Status { .. } => (Shape::Status, WalletCalls::Ask),
        Route::Find { .. } => (Shape::Found, WalletCalls::Ask),
        Route::Reverse { .. } => (Shape::Reversal, WalletCalls::Reverse),
        Route::Items | Route::FiscalUrl => (Shape::Plain, WalletCalls::Fiscal),
        Route::GetFiscalUrl { .. } => (Shape::FiscalUrl, WalletCalls::Ask),
    };
    let (user, secret) = (&account.merchant_user_id, &account.secret_key);
    let signed = signature::check(incoming.signature, user, secret, TIMING, incoming.clocks);
    // Both faults of a signature are the same to Click.
    let call = match signed {
        Ok(()) => decode(route, incoming, account),
        Err(_) => Err(Refusal::Unsigned),
    };
    Some(Asked { shape, calls, call })
}

fn decode(
    route: Route<'_>,
    incoming: &Incoming<'_>,
    account: &ClickAccount,
) -> Result<Call, Refusal> {
    let of_service = |text: &str| match text.parse::<u64>() {
        Ok(service) if account.service_id == service => Ok(()),
        _ => Err(Refusal::UnknownService),
    };
    let payment = |text: &str| ids::parse(Wallet::Click, text).ok_or(Refusal::NotFound);
    let body = || -> Result<Body<'_>, Refusal> {
        let body: Body<'_> =
            serde_json::from_slice(incoming.body).map_err(|_| Refusal::BadRequest)?;
        of_service(unquoted(body.service_id)).map(|()| body)
    };
    let of_body = |body: &Body<'_>| {
        let id = body.payment_id.and_then(whole).ok_or(Refusal::BadRequest)?;
        Ok(RecordId::of(id.to_be_bytes()))
    };
    Ok(match route {
        Route::Pay => charge(body()?, incoming)?,
        Route::Confirm => Call::Confirm { id: of_body(&body()?)? },
        Route::Confirmation { service, on } => {
            of_service(service).map(|()| Call::SetConfirmation(on))?
        }
        Route::Status { service, id } | Route::GetFiscalUrl { service, id } => {
            of_service(service)?;
            Call::Look { id: payment(id)? }
        }
        Route::Find { service, transaction } => {
            of_service(service)?;
            Call::Find { reference: transaction.to_owned() }
        }
        Route::Reverse { service, id, amount } => {
            of_service(service)?;
            let amount = amount.map(|amount| sum(amount).ok_or(Refusal::BadRequest)).transpose()?;
            Call::Reverse { id: payment(id)?, amount, reference: None }
        }
        Route::Items => {
            let body = body()?;
            let items = body.items.map(RawValue::get).filter(|items| items.starts_with('['));
            let items = items.ok_or(Refusal::BadRequest)?.to_owned();
            Call::Items { id: of_body(&body)?, items }
        }
        Route::FiscalUrl => {
            let body = body()?;
            Call::Fiscal { id: of_body(&body)?, url: given(body.qrcode)? }
        }
    })
}

fn charge(body: Body<'_>, incoming: &Incoming<'_>) -> Result<Call, Refusal> {
    let amount = body.amount.and_then(|amount| sum(unquoted(amount))).ok_or(Refusal::BadRequest)?;
    let code = body.otp_data.ok_or(Refusal::BadRequest)?;
    Ok(Call::Charge(Charge {
        id: incoming.mint.draw(Wallet::Click),
        // Tills that have no id of their own send an empty one.
        reference: body.transaction_id.map(Cow::into_owned).filter(|id| !id.is_empty()),
        amount,
        customer: Customer::of(Wallet::Click, &code).ok_or(Refusal::BadCode)?,
    }))
}

/// An answer; what is absent is left out.
#[derive(Default, Serialize)]
struct Reply<'a> {
    error_code: i64,
    error_note: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_status: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_trans_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirm_mode: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    processing_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'a str>,
    /// In sum; only a wrong answer names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<i64>,
    #[serde(rename = "paymentId", skip_serializing_if = "Option::is_none")]
    fiscal_payment_id: Option<u64>,
    #[serde(rename = "qrCodeURL", skip_serializing_if = "Option::is_none")]
    fiscal_url: Option<&'a str>,
}

/// The answer to a request, as JSON.
pub(super) fn write(
    shape: &Shape,
    outcome: &Outcome,
    now: UnixMillis,
    spoil: Option<Spoil>,
) -> serde_json::Result<Vec<u8>> {
    let mut reply = match outcome {
        Outcome::Payment { id, payment } => show(shape, *id, payment, now),
        Outcome::Done => Reply { error_note: "Success", ..Reply::default() },
        Outcome::Duplicate { .. } => refused(Refusal::Unavailable),
        Outcome::Refused(refusal) => refused(*refusal),
    };
    if let (Some(spoil), Outcome::Payment { payment, .. }) = (spoil, outcome) {
        spoil_reply(&mut reply, payment, spoil);
    } else if spoil == Some(Spoil::UnknownStatus) {
        reply.error_code = UNKNOWN_STATUS;
    }
    serde_json::to_vec(&reply)
}

fn show<'a>(shape: &Shape, id: RecordId, payment: &'a Payment, now: UnixMillis) -> Reply<'a> {
    let number = id.as_bytes().try_into().map_or(0, u64::from_be_bytes);
    let status = Some(status(payment, now));
    let reply = Reply { error_note: "Success", payment_id: Some(number), ..Reply::default() };
    match shape {
        Shape::Plain => Reply { payment_id: None, ..reply },
        Shape::Reversal => reply,
        Shape::Status => Reply { payment_status: status, ..reply },
        Shape::Found => Reply {
            payment_status: status,
            merchant_trans_id: payment.reference.as_deref(),
            ..reply
        },
        Shape::FiscalUrl => match payment.fiscal_url.as_deref() {
            Some(url) => Reply {
                payment_id: None,
                fiscal_payment_id: Some(number),
                fiscal_url: Some(url),
                ..reply
            },
            None => refused(Refusal::NotFound),
        },
        Shape::Payment => match (payment.stage(now), payment.refusal) {
            (Stage::Refused, Some(refusal)) => {
                Reply { payment_id: Some(number), payment_status: status, ..refused(refusal) }
            }
            _ => Reply {
                payment_status: status,
                confirm_mode: Some(u8::from(payment.fate == Fate::Waiting)),
                card_type: Some("private"),
                processing_type: Some("UZCARD"),
                card_number: Some("860006******6311"),
                phone_number: payment.phone.as_deref(),
                ..reply
            },
        },
    }
}

fn status(payment: &Payment, now: UnixMillis) -> i64 {
    match payment.stage(now) {
        Stage::Created => 0,
        Stage::Processing => 1,
        Stage::Success => 2,
        Stage::Refused => code(payment.refusal.unwrap_or(Refusal::Declined)).0,
        Stage::Reversed => REVERSED,
        Stage::Cancelled => CANCELLED,
    }
}

fn spoil_reply(reply: &mut Reply<'_>, payment: &Payment, spoil: Spoil) {
    match spoil {
        Spoil::UnknownStatus if reply.payment_status.is_some() => {
            reply.payment_status = Some(UNKNOWN_STATUS);
        }
        Spoil::UnknownStatus => reply.error_code = UNKNOWN_STATUS,
        // A payment's answer says nothing that can be compared, so it gets what can.
        Spoil::WrongAmount if reply.phone_number.is_some() => {
            reply.amount = Some(payment.amount.get() / 100 + 1);
            reply.merchant_trans_id = Some(OTHER_TRANSACTION);
        }
        Spoil::WrongAmount => {
            reply.payment_id = reply.payment_id.map(|id| id + 1);
            reply.fiscal_payment_id = reply.fiscal_payment_id.map(|id| id + 1);
            reply.merchant_trans_id = reply.merchant_trans_id.map(|_| OTHER_TRANSACTION);
        }
    }
}

fn refused(refusal: Refusal) -> Reply<'static> {
    let (error_code, error_note) = code(refusal);
    Reply { error_code, error_note, ..Reply::default() }
}

/// Click's code and note. It publishes no table of them: those above -1000 are what tills
/// have seen or take for known, those from -9001 down are ours.
const fn code(refusal: Refusal) -> (i64, &'static str) {
    match refusal {
        Refusal::Unsigned | Refusal::Stale => (-15, "Wrong signature"),
        Refusal::UnknownService => (-12, "Service not found"),
        Refusal::TooSmall => (-13, "Amount below the minimum"),
        Refusal::TooLarge => (-14, "Amount above the maximum"),
        Refusal::Blocked => (-19, "Client not found"),
        Refusal::BadCode => (-301, "Invalid QR code"),
        Refusal::UsedCode => (-301, "QR code has been used"),
        Refusal::ExpiredCode => (-301, "QR code has expired"),
        Refusal::NoFunds => (-9001, "Insufficient funds"),
        Refusal::Declined => (-9002, "Payment declined"),
        Refusal::NotFound | Refusal::NotPayable => (-16, "Payment not found"),
        Refusal::NotReversible => (-9004, "Payment cannot be reversed"),
        Refusal::TooOld => (-9005, "Payment is of a closed month"),
        Refusal::NotConfirmable => (-9006, "Payment does not wait for confirmation"),
        Refusal::NotFiscal => (-9007, "Payment has another fiscal receipt or is not paid"),
        Refusal::BadFiscalUrl => (-9008, "Not the URL of a fiscal receipt"),
        Refusal::UnknownMethod | Refusal::BadRequest => (-9009, "Bad request"),
        Refusal::Unavailable => (-9010, "Service unavailable"),
        Refusal::Code(code) => (code, "Refused"),
    }
}
