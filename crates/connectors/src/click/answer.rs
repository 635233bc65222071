//! Answers of Click.
//!
//! There is no published table of error codes for payments. Those that are known to be refusals
//! are listed here; any other leaves a payment unsettled, and its status is asked for.

use serde::Deserialize;

use crate::http::HttpResponse;
use crate::reading::{self, AnswerError, Raw};
use crate::wallet::{CardOwner, PayRequest, Payment, Refusal, TransactionRef, Verdict};

/// The error code of "there is no such payment", as far as is known: no document names one.
pub const NOT_FOUND: i64 = -16;

/// Error codes by which a payment is refused: a code that is wrong or used up (-301), wrong
/// settings (-11, -12), below the minimum (-13), above the day's maximum (-14), a bad signature
/// (-15), no such customer (-19).
const PAYMENT_REFUSALS: [i64; 7] = [-301, -11, -12, -13, -14, -15, -19];
/// HTTP statuses by which Click turns a request away without acting on it.
const TURNED_AWAY: [u16; 6] = [400, 401, 403, 404, 406, 410];

/// The state of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It failed or was given back; the provider's number, below zero.
    Failed(i64),
    /// There is no outcome yet (0 created, 1 processing).
    Open,
    /// It went through (2).
    Success,
}

/// A payment as an answer shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What is told of it.
    pub payment: Payment,
    /// Its state; `None` when the answer does not say.
    pub status: Option<Status>,
    /// Whether it waits for a confirmation.
    pub confirm: bool,
}

/// All fields of all answers; each uses a few.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow, default)]
    error_code: Raw<'a>,
    #[serde(borrow, default)]
    error_note: Raw<'a>,
    #[serde(borrow, default)]
    payment_id: Raw<'a>,
    #[serde(borrow, default)]
    payment_status: Raw<'a>,
    #[serde(borrow, default)]
    confirm_mode: Raw<'a>,
    #[serde(borrow, default)]
    card_type: Raw<'a>,
    #[serde(borrow, default)]
    phone_number: Raw<'a>,
    #[serde(borrow, default)]
    amount: Raw<'a>,
    #[serde(borrow, default)]
    merchant_trans_id: Raw<'a>,
    #[serde(borrow, default)]
    transaction_id: Raw<'a>,
    #[serde(borrow, default, rename = "paymentId")]
    receipt_of: Raw<'a>,
    #[serde(borrow, default, rename = "qrCodeURL")]
    receipt_url: Raw<'a>,
}

/// The answer to a payment.
///
/// # Errors
/// [`AnswerError`] when it does not settle whether the payment was made: among others an error
/// code that is not known to be a refusal, another amount or another transaction.
pub fn payment(response: &HttpResponse, pay: &PayRequest) -> Result<Verdict<Shown>, AnswerError> {
    let body = match body(response)? {
        Verdict::Done(body) => body,
        Verdict::Refused(refusal) => {
            let known = PAYMENT_REFUSALS.contains(&refusal.code)
                || TURNED_AWAY.contains(&response.status)
                || says_failed(response);
            let unknown = AnswerError::UnknownCode(refusal.code);
            return if known { Ok(Verdict::Refused(refusal)) } else { Err(unknown) };
        }
    };
    reading::same("amount", reading::sums("amount", body.amount)?.as_ref(), &pay.amount)?;
    shown(&body, Some(&pay.transaction), None).map(Verdict::Done)
}

/// Whether an answer with an error has a payment's state too, and it is that of a failed one.
fn says_failed(response: &HttpResponse) -> bool {
    reading::object::<Body<'_>>(&response.body).is_ok_and(|body| {
        let status = reading::integer("payment_status", body.payment_status);
        matches!(status, Ok(Some(status)) if status < 0)
    })
}

/// The answer to the question which payment has our reference. A refusal may say that there is
/// none, see [`is_not_found`].
///
/// # Errors
/// [`AnswerError`] when it cannot be read or speaks of another transaction.
pub fn by_transaction(
    response: &HttpResponse,
    transaction: &TransactionRef,
) -> Result<Verdict<Shown>, AnswerError> {
    done(response, |body| shown(body, Some(transaction), None))
}

/// Whether an answer to that question says that there is no such payment: by HTTP 404, or by the
/// error code `code`.
#[must_use]
pub const fn is_not_found(response: &HttpResponse, refusal: &Refusal, code: i64) -> bool {
    response.status == 404 || refusal.code == code
}

/// The answer to the question for the state of `payment_id`.
///
/// # Errors
/// [`AnswerError`] when it cannot be read, has no state, or speaks of another payment.
pub fn status(response: &HttpResponse, payment_id: &str) -> Result<Verdict<Shown>, AnswerError> {
    done(response, |body| {
        let shown = shown(body, None, Some(payment_id))?;
        if shown.status.is_none() {
            return Err(AnswerError::Missing("payment_status"));
        }
        Ok(shown)
    })
}

/// An answer of which only yes or no counts: to a confirmation, a reversal, a delivery.
///
/// # Errors
/// [`AnswerError`] when it cannot be read or speaks of another payment than `payment_id`.
pub fn plain(response: &HttpResponse, payment_id: &str) -> Result<Verdict<()>, AnswerError> {
    done(response, |body| {
        let found = reading::id("payment_id", body.payment_id)?;
        reading::same("payment_id", found.as_deref(), payment_id)
    })
}

/// The answer to a change of the confirmation mode.
///
/// # Errors
/// [`AnswerError`] when it cannot be read.
pub fn mode(response: &HttpResponse) -> Result<Verdict<()>, AnswerError> {
    done(response, |_| Ok(()))
}

/// The address of the receipt of `payment_id`, if there is one.
///
/// # Errors
/// [`AnswerError`] when it cannot be read or speaks of another payment.
pub fn ofd_data(
    response: &HttpResponse,
    payment_id: &str,
) -> Result<Verdict<Option<String>>, AnswerError> {
    if response.status == 200 {
        // This answer alone has no error code when all is well.
        let body: Body<'_> = reading::object(&response.body)?;
        if body.error_code.is_none() {
            let found = reading::id("paymentId", body.receipt_of)?;
            reading::same("paymentId", found.as_deref(), payment_id)?;
            return reading::text("qrCodeURL", body.receipt_url).map(Verdict::Done);
        }
    }
    done(response, |body| reading::text("qrCodeURL", body.receipt_url))
}

fn done<T>(
    response: &HttpResponse,
    read: impl FnOnce(&Body<'_>) -> Result<T, AnswerError>,
) -> Result<Verdict<T>, AnswerError> {
    match body(response)? {
        Verdict::Done(body) => read(&body).map(Verdict::Done),
        Verdict::Refused(refusal) => Ok(Verdict::Refused(refusal)),
    }
}

/// The answer's body when its error code is zero, the refusal otherwise.
fn body(response: &HttpResponse) -> Result<Verdict<Body<'_>>, AnswerError> {
    let turned_away = TURNED_AWAY.contains(&response.status);
    if !turned_away && !matches!(response.status, 200 | 201) {
        return Err(AnswerError::Status(response.status));
    }
    let read = reading::object::<Body<'_>>(&response.body).and_then(|body| {
        let code = reading::integer("error_code", body.error_code)?;
        Ok((code.ok_or(AnswerError::Missing("error_code"))?, body))
    });
    match read {
        Ok((0, _)) if turned_away => Err(AnswerError::Contradiction("error_code")),
        Ok((0, body)) => Ok(Verdict::Done(body)),
        Ok((code, body)) => {
            let message = reading::words(body.error_note).unwrap_or_default();
            Ok(Verdict::Refused(Refusal { code, message }))
        }
        Err(_) if turned_away => {
            let code = response.status.into();
            Ok(Verdict::Refused(Refusal { code, message: format!("HTTP {code}") }))
        }
        Err(error) => Err(error),
    }
}

/// The payment in an answer without an error, which has to be the one asked about.
fn shown(
    body: &Body<'_>,
    transaction: Option<&TransactionRef>,
    payment_id: Option<&str>,
) -> Result<Shown, AnswerError> {
    if let Some(transaction) = transaction {
        for (name, raw) in
            [("merchant_trans_id", body.merchant_trans_id), ("transaction_id", body.transaction_id)]
        {
            let found = reading::id(name, raw)?;
            reading::same(name, found.as_deref(), transaction.as_str())?;
        }
    }
    let found = reading::id("payment_id", body.payment_id)?;
    if let Some(payment_id) = payment_id {
        reading::same("payment_id", found.as_deref(), payment_id)?;
    }
    let payment_id = found.or_else(|| payment_id.map(str::to_owned));
    let payment = Payment {
        payment_id: payment_id.ok_or(AnswerError::Missing("payment_id"))?,
        phone: reading::text("phone_number", body.phone_number)?.filter(|phone| !phone.is_empty()),
        message: reading::words(body.error_note),
        card: match reading::text("card_type", body.card_type).unwrap_or_default().as_deref() {
            Some("corporate") => Some(CardOwner::Corporate),
            Some("private") => Some(CardOwner::Private),
            _ => None,
        },
    };
    let status = match reading::integer("payment_status", body.payment_status)? {
        None => None,
        Some(0 | 1) => Some(Status::Open),
        Some(2) => Some(Status::Success),
        Some(failed) if failed < 0 => Some(Status::Failed(failed)),
        Some(other) => return Err(AnswerError::UnknownStatus(other.to_string())),
    };
    let confirm = reading::flag("confirm_mode", body.confirm_mode)?.unwrap_or(false);
    Ok(Shown { payment, status, confirm })
}
