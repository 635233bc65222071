//! Answers of the till API to a payment by a scanned code.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use super::answer::AnswerError;

/// What the till is told of a payment that went through.
#[derive(Debug, Deserialize, PartialEq, Eq)]
pub(super) struct Paid<'a> {
    status_code: i64,
    /// The provider's number.
    #[serde(borrow)]
    pub(super) payment_id: Cow<'a, str>,
    /// The code that was scanned.
    #[serde(borrow)]
    pub(super) qr_code: Cow<'a, str>,
    /// In the unit of the request.
    pub(super) amount: u64,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    data: Option<Paid<'a>>,
    error: Option<Refusal>,
    is_success: bool,
}

#[derive(Deserialize)]
struct Refusal {
    code: i64,
    message: String,
    #[serde(default)]
    data: Value,
}

/// The payment in an answer.
///
/// # Errors
/// The answer has an `error`, or is not that to a payment.
pub(super) fn paid(body: &[u8]) -> Result<Paid<'_>, AnswerError> {
    match serde_json::from_slice(body) {
        Ok(Envelope { data: Some(paid), error: None, is_success: true })
            if paid.status_code == 0 =>
        {
            Ok(paid)
        }
        Ok(Envelope { data: None, error: Some(refusal), is_success: false }) => {
            let Refusal { code, message, data } = refusal;
            Err(AnswerError::Refused { code, message, data })
        }
        _ => Err(AnswerError::unexpected(body)),
    }
}
