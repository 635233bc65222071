//! Answers of Uzum. HTTP says 200 to everything; the fields of the body say the rest.

use serde::Deserialize;

use crate::http::HttpResponse;
use crate::reading::{self, AnswerError, Raw};
use crate::wallet::{CardOwner, PayRequest, Payment, Refusal, Verdict};

/// The state of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It went through.
    Success,
    /// It did not.
    Failed,
    /// There is a payment under the same order already.
    Duplicated,
    /// It is held, or a part of it was given back: neither is something this connector asks for.
    Open,
    /// It was given back.
    Reversed,
}

/// What an answer shows of a payment. An answer can have a state and an error at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its state, where there is one.
    pub status: Option<Status>,
    /// Uzum's id of it.
    pub payment_id: Option<String>,
    /// The customer's phone.
    pub phone: Option<String>,
    /// Whose card it was.
    pub card: Option<CardOwner>,
    /// The error; its code is zero when there is none.
    pub refusal: Refusal,
}

impl Shown {
    /// The payment, which needs an id: the one in the answer, or the one that was asked for.
    ///
    /// # Errors
    /// [`AnswerError::Missing`] when there is neither.
    pub fn payment(self, asked: Option<&str>) -> Result<Payment, AnswerError> {
        let payment_id = self.payment_id.or_else(|| asked.map(str::to_owned));
        let payment_id = payment_id.ok_or(AnswerError::Missing("payment_id"))?;
        Ok(Payment { payment_id, phone: self.phone, message: None, card: self.card })
    }
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow, default)]
    payment_id: Raw<'a>,
    #[serde(borrow, default)]
    payment_status: Raw<'a>,
    #[serde(borrow, default)]
    error_code: Raw<'a>,
    #[serde(borrow, default)]
    error_message: Raw<'a>,
    #[serde(borrow, default)]
    client_phone_number: Raw<'a>,
    #[serde(borrow, default)]
    card_type: Raw<'a>,
    #[serde(borrow, default)]
    amount: Raw<'a>,
    #[serde(borrow, default)]
    order_id: Raw<'a>,
    #[serde(borrow, default)]
    transaction_id: Raw<'a>,
}

/// The answer to a payment.
///
/// # Errors
/// [`AnswerError`] when it cannot be read, says yes and no at once, or speaks of another order or
/// another amount.
pub fn payment(response: &HttpResponse, pay: &PayRequest) -> Result<Shown, AnswerError> {
    let body = body(response)?;
    reading::same("amount", reading::tiyin("amount", body.amount)?.as_ref(), &pay.amount)?;
    for (name, raw) in [("order_id", body.order_id), ("transaction_id", body.transaction_id)] {
        let found = reading::id(name, raw)?;
        reading::same(name, found.as_deref(), pay.transaction.as_str())?;
    }
    shown(&body)
}

/// The answer to a question about `payment_id`, or to its reversal.
///
/// # Errors
/// [`AnswerError`] when it cannot be read, says yes and no at once, or speaks of another payment.
pub fn about(response: &HttpResponse, payment_id: &str) -> Result<Shown, AnswerError> {
    let body = body(response)?;
    let shown = shown(&body)?;
    reading::same("payment_id", shown.payment_id.as_deref(), payment_id)?;
    Ok(shown)
}

/// The answer to the delivery of a receipt for `payment_id`, of which only the error counts.
///
/// # Errors
/// [`AnswerError`] as [`about`].
pub fn fiscal(response: &HttpResponse, payment_id: &str) -> Result<Verdict<()>, AnswerError> {
    let shown = about(response, payment_id)?;
    match shown.status {
        Some(Status::Success) | None if shown.refusal.code == 0 => Ok(Verdict::Done(())),
        Some(Status::Failed) | None => Ok(Verdict::Refused(shown.refusal)),
        Some(_) => Err(AnswerError::Contradiction("payment_status")),
    }
}

fn body(response: &HttpResponse) -> Result<Body<'_>, AnswerError> {
    match response.status {
        200 => reading::object(&response.body),
        // Documented as 200 always; another status counts only with an error in the body.
        400..=499 => {
            let body: Option<Body<'_>> = reading::object(&response.body).ok();
            let code = |body: &Body<'_>| reading::integer("error_code", body.error_code);
            body.filter(|body| matches!(code(body), Ok(Some(code)) if code != 0))
                .ok_or(AnswerError::Status(response.status))
        }
        status => Err(AnswerError::Status(status)),
    }
}

fn shown(body: &Body<'_>) -> Result<Shown, AnswerError> {
    let status = match reading::text("payment_status", body.payment_status)?.as_deref() {
        None | Some("") => None,
        Some("SUCCESS") => Some(Status::Success),
        Some("FAILED") => Some(Status::Failed),
        Some("DUPLICATED") => Some(Status::Duplicated),
        Some("HOLD" | "PARTIAL_CANCELLED") => Some(Status::Open),
        Some("REVERSED") => Some(Status::Reversed),
        Some(other) => {
            return Err(AnswerError::UnknownStatus(other.chars().take(40).collect()));
        }
    };
    let code = reading::integer("error_code", body.error_code)?;
    let code = match (code, status) {
        (Some(code), _) => code,
        (None, Some(_)) => 0,
        (None, None) => return Err(AnswerError::Missing("payment_status")),
    };
    if code != 0 && status == Some(Status::Success) {
        return Err(AnswerError::Contradiction("error_code"));
    }
    Ok(Shown {
        status,
        payment_id: reading::id("payment_id", body.payment_id)?,
        phone: reading::text("client_phone_number", body.client_phone_number)?
            .filter(|phone| !phone.is_empty()),
        card: match reading::integer("card_type", body.card_type) {
            Ok(Some(1)) => Some(CardOwner::Corporate),
            Ok(Some(2)) => Some(CardOwner::Private),
            _ => None,
        },
        refusal: Refusal { code, message: reading::words(body.error_message).unwrap_or_default() },
    })
}
