//! Requests for money: a scanned code, and the pinpad.

use serde_json::value::RawValue;

use super::body::Body;
use crate::json::read;
use crate::till::problems::{self, Problems};
use crate::till::{AmountUnit, PinpadPayment, ScanPayment, TillError};

/// Longest scanned code: those of wallets have 18, 20 and about 100 characters.
const QR_CODE_MAX: usize = 512;
/// What is wrong with a request that names a payment and says that it is not to be taken back.
const NOT_A_RETURN: &str = "This field must be true where request_id names a payment.";
/// Digits of a retrieval reference number.
const RRN_DIGITS: usize = 12;

/// Reads `POST /payment/{click,payme,uzum}`; `unit` is what the till's amounts count.
///
/// # Errors
/// Code 7 for fields that are missing, of a wrong type, or out of bounds.
pub fn scan(body: &[u8], unit: AmountUnit) -> Result<ScanPayment, TillError> {
    let body = Body::read(body)?;
    let [amount, qr_code] = body.fields(&["amount", "qr_code"])?;
    let mut problems = Problems::default();
    let amount = problems.integer("amount", amount, 1..=unit.max());
    let qr_code = problems.text("qr_code", qr_code, QR_CODE_MAX);
    match (amount.and_then(|count| unit.amount(count)), qr_code) {
        (Some(amount), Some(qr_code)) => Ok(ScanPayment { amount, qr_code }),
        _ => Err(problems.into()),
    }
}

/// Reads `POST /payment/xumo`, whose amounts are tiyin: a sale, or with `is_return` the reversal
/// of the payment whose RRN is `request_id`.
///
/// # Errors
/// Code 7 for fields that are missing, of a wrong type, or out of bounds.
pub fn pinpad(body: &[u8]) -> Result<PinpadPayment, TillError> {
    let unit = AmountUnit::Tiyin;
    let body = Body::read(body)?;
    let [amount, request_id, is_return] = body.fields(&["amount", "request_id", "is_return"])?;
    let mut problems = Problems::default();
    let amount = problems.integer("amount", amount, 1..=unit.max());
    let is_blank = |raw: &RawValue| raw.get().trim_matches(['"', ' ']).is_empty();
    let names_payment = read::unless_null(request_id).is_some_and(|raw| !is_blank(raw));
    let is_stated = read::unless_null(is_return).is_some();
    let is_return = problems.flag("is_return", is_return);
    if names_payment && !is_return && problems.is_empty() {
        // Whoever names a payment does not ask for another one.
        let problem = if is_stated { NOT_A_RETURN } else { problems::REQUIRED };
        problems.add("is_return", problem);
    }
    let rrn = if is_return { problems.text("request_id", request_id, RRN_DIGITS) } else { None };
    if rrn.as_deref().is_some_and(|rrn| !rrn.bytes().all(|byte| byte.is_ascii_digit())) {
        problems.add("request_id", problems::PATTERN);
    }
    match (amount.and_then(|count| unit.amount(count)), rrn) {
        _ if !problems.is_empty() => Err(problems.into()),
        (Some(amount), None) => Ok(PinpadPayment::Sale { amount }),
        // A number loses the zeros an RRN may begin with.
        (Some(amount), Some(rrn)) => {
            Ok(PinpadPayment::Void { amount, rrn: format!("{rrn:0>RRN_DIGITS$}") })
        }
        (None, _) => Err(problems.into()),
    }
}
