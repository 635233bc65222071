//! Requests to hand a fiscal receipt to a wallet.

use std::borrow::Cow;

use chorsu_core::fiscal::ReceiptUrl;

use super::body::Body;
use super::field::Given;
use crate::till::problems::{self, Problems};
use crate::till::{Confirm, TillError};

/// Longest id of a wallet's payment: real ones are numbers, 24 hex digits and UUIDs.
const PAYMENT_ID_MAX: usize = 64;
/// Longest address of a receipt, wherever one is given.
pub(super) const URL_MAX: usize = 255;
/// Longest number or sign of a receipt.
const PART_MAX: usize = 32;
/// What is said when a part of a receipt differs from its address.
const DIFFERS: &str = "Does not match the receipt in qr_code.";

/// Reads `POST /payment/{click_confirm,uzum_confirm}`.
///
/// # Errors
/// Code 7 for fields that are missing, of a wrong type, or of another form.
pub fn confirm(body: &[u8]) -> Result<Confirm, TillError> {
    let body = Body::read(body)?;
    let [payment_id, qr_code] = body.fields(&["payment_id", "qr_code"])?;
    let mut problems = Problems::default();
    let payment_id = problems.text("payment_id", payment_id, PAYMENT_ID_MAX);
    let receipt = receipt(&mut problems, qr_code);
    finish(problems, payment_id, receipt)
}

/// Reads `POST /payment/payme_confirm`. `receipt_id` and `fiscal_sign` stand in the address too:
/// they may be left out, but where they are given they must not be null, blank or different.
///
/// # Errors
/// Code 7 for fields that are missing, of a wrong type, or of another form.
pub fn payme_confirm(body: &[u8]) -> Result<Confirm, TillError> {
    let body = Body::read(body)?;
    let names = ["payment_id", "receipt_id", "qr_code", "fiscal_sign"];
    let [payment_id, receipt_id, qr_code, fiscal_sign] = body.fields(&names)?;
    let mut problems = Problems::default();
    let payment_id = problems.text("payment_id", payment_id, PAYMENT_ID_MAX);
    let number = receipt_id.and_then(|raw| problems.text("receipt_id", Some(raw), PART_MAX));
    let receipt = receipt(&mut problems, qr_code);
    let sign = fiscal_sign.and_then(|raw| problems.text("fiscal_sign", Some(raw), PART_MAX));
    if let Some(receipt) = &receipt {
        let known = [
            ("receipt_id", number, Cow::Owned(receipt.number().to_string())),
            ("fiscal_sign", sign, Cow::Borrowed(receipt.sign())),
        ];
        for (name, given, known) in known {
            if given.is_some_and(|given| significant(&given) != significant(&known)) {
                problems.add(name, DIFFERS);
            }
        }
    }
    finish(problems, payment_id, receipt)
}

/// The address of a receipt in the field `qr_code`.
pub(super) fn receipt(problems: &mut Problems, raw: Given<'_>) -> Option<ReceiptUrl> {
    let text = problems.text("qr_code", raw, URL_MAX)?;
    let parsed = text.parse().ok();
    if parsed.is_none() {
        problems.add("qr_code", problems::URL);
    }
    parsed
}

fn finish(
    problems: Problems,
    payment_id: Option<String>,
    receipt: Option<ReceiptUrl>,
) -> Result<Confirm, TillError> {
    match (payment_id, receipt) {
        (Some(payment_id), Some(receipt)) if problems.is_empty() => {
            Ok(Confirm { payment_id, receipt })
        }
        _ => Err(problems.into()),
    }
}

/// Digits without leading zeros: a sign that was sent as a number has lost them.
fn significant(digits: &str) -> &str {
    digits.trim_start_matches('0')
}
