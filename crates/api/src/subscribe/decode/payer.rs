//! `payer` of receipts.pay: what the anti-fraud checks may know of who pays.

use serde_json::value::RawValue;

use super::field::{self, Given};
use crate::json::{read, write};
use crate::subscribe::error::RpcError;

/// Longest member, in bytes.
const TEXT_MAX: usize = 256;
/// The documented members and their paths; nothing else is kept of a person.
const NAMES: [&str; 5] = ["id", "phone", "email", "name", "ip"];
const PATHS: [&str; 5] = ["payer.id", "payer.phone", "payer.email", "payer.name", "payer.ip"];

/// The payer as a JSON object of its documented members, each a string; `None` when it has none.
///
/// Empty strings are kept, as clients send them, and a phone may come as a number.
pub(in crate::subscribe) fn normalised(payer: Given<'_>) -> Result<Option<String>, RpcError> {
    let Some(payer) = payer else { return Ok(None) };
    let members = field::members(payer.get(), &NAMES, "payer")?;
    let mut texts = Vec::with_capacity(NAMES.len());
    for ((raw, name), path) in members.into_iter().zip(NAMES).zip(PATHS) {
        if let Some(raw) = raw {
            texts.push((name, text(raw, path)?));
        }
    }
    if texts.is_empty() {
        return Ok(None);
    }
    let mut out = Vec::with_capacity(payer.get().len());
    write::object(&mut out, |object| {
        for (name, text) in &texts {
            object.string(name, text);
        }
    });
    Ok(Some(write::into_text(out)))
}

fn text<'a>(raw: &'a RawValue, path: &'static str) -> Result<std::borrow::Cow<'a, str>, RpcError> {
    let text = read::scalar(raw).filter(|text| field::is_sound(text, TEXT_MAX));
    text.ok_or_else(|| RpcError::invalid(path))
}
