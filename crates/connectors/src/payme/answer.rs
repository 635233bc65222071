//! Answers of Payme. HTTP says 200 to everything; the envelope says the rest.

use chorsu_core::Tiyin;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::http::HttpResponse;
use crate::reading::{self, AnswerError, Raw};
use crate::wallet::{Refusal, Verdict};

/// The state of a receipt, as far as a payment cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// 0: nobody has paid it yet.
    Created,
    /// On its way (1, 2, 3, 6, 30), or in someone's hands (20): no outcome.
    Open,
    /// 5: held, which for a payment by a scanned code is no outcome either.
    Held,
    /// 4: paid.
    Paid,
    /// 21: it will be given back.
    Cancelling,
    /// 50: closed, and whatever was taken is given back.
    Cancelled,
}

/// A receipt as an answer shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Payme's id of it.
    pub id: String,
    /// Its state.
    pub state: State,
    /// How much it is over, where the answer says it.
    pub amount: Option<Tiyin>,
    /// The payer's phone, where the answer says it.
    pub phone: Option<String>,
    /// When it was paid, in milliseconds; zero when it never was.
    pub pay_time: Option<i64>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    id: Raw<'a>,
    #[serde(borrow, default)]
    result: Raw<'a>,
    #[serde(borrow, default)]
    error: Raw<'a>,
}

#[derive(Deserialize)]
struct ErrorBody<'a> {
    #[serde(borrow, default)]
    code: Raw<'a>,
    #[serde(borrow, default)]
    message: Raw<'a>,
}

#[derive(Deserialize)]
struct ResultBody<'a> {
    #[serde(borrow, default)]
    receipt: Raw<'a>,
    #[serde(borrow, default)]
    state: Raw<'a>,
    #[serde(borrow, default)]
    success: Raw<'a>,
}

#[derive(Deserialize)]
struct ReceiptBody<'a> {
    #[serde(borrow, default, rename = "_id")]
    id: Raw<'a>,
    #[serde(borrow, default)]
    state: Raw<'a>,
    #[serde(borrow, default)]
    amount: Raw<'a>,
    #[serde(borrow, default)]
    pay_time: Raw<'a>,
    #[serde(borrow, default)]
    payer: Raw<'a>,
    #[serde(borrow, default)]
    merchant: Raw<'a>,
}

#[derive(Deserialize)]
struct MerchantBody<'a> {
    #[serde(borrow, default)]
    payer: Raw<'a>,
}

#[derive(Deserialize)]
struct PayerBody<'a> {
    #[serde(borrow, default)]
    phone: Raw<'a>,
}

/// The receipt in the answer to the request with number `id`: of create, pay, get and cancel.
///
/// # Errors
/// [`AnswerError`] when it is none, or its state is not documented.
pub fn receipt(response: &HttpResponse, id: u64) -> Result<Verdict<Receipt>, AnswerError> {
    result(response, id, |result| {
        let body = result.receipt.ok_or(AnswerError::Missing("receipt"))?;
        let body: ReceiptBody<'_> = reading::part("receipt", body)?;
        let found = reading::id("_id", body.id)?.ok_or(AnswerError::Missing("_id"))?;
        Ok(Receipt {
            id: found,
            state: state(body.state)?,
            amount: reading::tiyin("amount", body.amount)?,
            phone: phone(&body),
            pay_time: reading::integer("pay_time", body.pay_time)?,
        })
    })
}

/// The state in the answer to a check.
///
/// # Errors
/// [`AnswerError`] when there is none, or it is not documented.
pub fn check(response: &HttpResponse, id: u64) -> Result<Verdict<State>, AnswerError> {
    result(response, id, |result| state(result.state))
}

/// The answer to fiscal data.
///
/// # Errors
/// [`AnswerError`] when it does not say that it was a success.
pub fn fiscal(response: &HttpResponse, id: u64) -> Result<Verdict<()>, AnswerError> {
    result(response, id, |result| match reading::flag("success", result.success)? {
        Some(true) => Ok(()),
        Some(false) => Err(AnswerError::Contradiction("success")),
        None => Err(AnswerError::Missing("success")),
    })
}

fn result<T>(
    response: &HttpResponse,
    id: u64,
    read: impl FnOnce(&ResultBody<'_>) -> Result<T, AnswerError>,
) -> Result<Verdict<T>, AnswerError> {
    match open(response, id)? {
        Opened::Result(result) => read(&reading::part("result", result)?).map(Verdict::Done),
        Opened::Error(error) => refusal(error).map(Verdict::Refused),
    }
}

/// What is in the envelope.
pub(super) enum Opened<'a> {
    Result(&'a RawValue),
    Error(&'a RawValue),
}

/// Opens the answer to the request with number `id`.
pub(super) fn open(response: &HttpResponse, id: u64) -> Result<Opened<'_>, AnswerError> {
    if response.status != 200 {
        return Err(AnswerError::Status(response.status));
    }
    let envelope: Envelope<'_> = reading::object(&response.body)?;
    let found = reading::text("id", envelope.id)?;
    reading::same("id", found.as_deref(), id.to_string().as_str())?;
    match (envelope.result, envelope.error) {
        (Some(result), None) => Ok(Opened::Result(result)),
        (None, Some(error)) => Ok(Opened::Error(error)),
        (Some(_), Some(_)) => Err(AnswerError::Contradiction("error")),
        (None, None) => Err(AnswerError::Missing("result")),
    }
}

fn refusal(error: &RawValue) -> Result<Refusal, AnswerError> {
    let ErrorBody { code, message } = reading::part("error", error)?;
    let code = reading::integer("code", code)?.ok_or(AnswerError::Missing("code"))?;
    Ok(Refusal { code, message: reading::words(message).unwrap_or_default() })
}

pub(super) fn state(raw: Raw<'_>) -> Result<State, AnswerError> {
    match reading::integer("state", raw)?.ok_or(AnswerError::Missing("state"))? {
        0 => Ok(State::Created),
        1 | 2 | 3 | 6 | 20 | 30 => Ok(State::Open),
        5 => Ok(State::Held),
        4 => Ok(State::Paid),
        21 => Ok(State::Cancelling),
        50 => Ok(State::Cancelled),
        other => Err(AnswerError::UnknownStatus(other.to_string())),
    }
}

/// The payer's phone: some answers have the payer in the receipt, some in its merchant. It is a
/// courtesy, so one that cannot be read is none.
fn phone(receipt: &ReceiptBody<'_>) -> Option<String> {
    let of = |payer: Raw<'_>| {
        let payer: PayerBody<'_> = reading::part("payer", payer?).ok()?;
        reading::text("phone", payer.phone).ok()?.filter(|phone| !phone.is_empty())
    };
    of(receipt.payer).or_else(|| {
        let merchant: MerchantBody<'_> = reading::part("merchant", receipt.merchant?).ok()?;
        of(merchant.payer)
    })
}
