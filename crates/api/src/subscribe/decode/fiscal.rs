//! `fiscal_data` of receipts.set_fiscal_data.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::field;
use crate::json::{number, read, write};
use crate::subscribe::error::RpcError;

/// Longest text, in bytes.
const TEXT_MAX: usize = 512;
/// Longest address of a fiscal receipt, in bytes.
const URL_MAX: usize = 2048;

/// The fiscal data as a JSON object of its documented members, numbers as numbers and texts as
/// strings; only `receipt_id` and `qr_code_url` must be there.
pub(super) fn normalised(data: &RawValue) -> Result<String, RpcError> {
    let names = [
        "receipt_id",
        "qr_code_url",
        "status_code",
        "message",
        "terminal_id",
        "date",
        "fiscal_sign",
    ];
    let [receipt_id, qr_code_url, status_code, message, terminal_id, date, fiscal_sign] =
        field::members(data.get(), &names, "fiscal_data")?;

    let receipt_id = field::required(receipt_id, "fiscal_data.receipt_id")?;
    let receipt_id = digits(receipt_id, "fiscal_data.receipt_id")?;
    let url = field::required(qr_code_url, "fiscal_data.qr_code_url")?;
    let url = field::string(url, URL_MAX, "fiscal_data.qr_code_url")?;
    if url.trim().is_empty() {
        return Err(RpcError::invalid("fiscal_data.qr_code_url"));
    }
    let status_code = status_code.map(|raw| digits(raw, "fiscal_data.status_code")).transpose()?;
    let texts = [
        ("message", message, "fiscal_data.message"),
        ("terminal_id", terminal_id, "fiscal_data.terminal_id"),
        ("date", date, "fiscal_data.date"),
        ("fiscal_sign", fiscal_sign, "fiscal_data.fiscal_sign"),
    ];
    let mut given = Vec::with_capacity(texts.len());
    for (name, raw, path) in texts {
        if let Some(raw) = raw {
            given.push((name, text(raw, path)?));
        }
    }

    let mut out = Vec::with_capacity(data.get().len());
    write::object(&mut out, |object| {
        if let Some(code) = status_code {
            object.integer("status_code", code);
        }
        object.integer("receipt_id", receipt_id);
        for (name, text) in &given {
            object.string(name, text);
        }
        object.string("qr_code_url", &url);
    });
    Ok(write::into_text(out))
}

/// A whole number, also in quotes: some fiscal modules write their numbers so.
fn digits(raw: &RawValue, path: &'static str) -> Result<i64, RpcError> {
    let text = read::scalar(raw).unwrap_or_default();
    number::whole(&text).ok_or_else(|| RpcError::invalid(path))
}

/// A text, also given as a number: signs and terminals are long rows of digits.
fn text<'a>(raw: &'a RawValue, path: &'static str) -> Result<Cow<'a, str>, RpcError> {
    let text = read::scalar(raw).filter(|text| field::is_sound(text, TEXT_MAX));
    text.ok_or_else(|| RpcError::invalid(path))
}
