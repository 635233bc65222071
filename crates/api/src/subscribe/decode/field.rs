//! Single parameters: presence, type, length.

use std::borrow::Cow;

use chorsu_core::{ReceiptId, Tiyin};
use serde_json::value::RawValue;

use crate::json::{number, read};
use crate::subscribe::catalogue;
use crate::subscribe::error::RpcError;
use crate::subscribe::token::TokenText;

/// A parameter that may be absent.
pub(in crate::subscribe) type Given<'a> = Option<&'a RawValue>;

/// The members `names` of an object of parameters, nulls as absent; `path` names the object.
pub(in crate::subscribe) fn members<'a, const N: usize>(
    object: &'a str,
    names: &[&str; N],
    path: &'static str,
) -> Result<[Given<'a>; N], RpcError> {
    read::present(object, names).map_err(|_| RpcError::invalid(path))
}

/// A parameter that must be there.
pub(in crate::subscribe) fn required<'a>(
    raw: Given<'a>,
    path: &'static str,
) -> Result<&'a RawValue, RpcError> {
    raw.ok_or_else(|| RpcError::invalid(path))
}

/// A flag; false when absent.
pub(in crate::subscribe) fn flag(raw: Given<'_>, path: &'static str) -> Result<bool, RpcError> {
    match raw.map(RawValue::get) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(RpcError::invalid(path)),
    }
}

/// A string of at most `max` bytes; NUL is refused because databases cannot store it in a text.
pub(in crate::subscribe) fn string<'a>(
    raw: &'a RawValue,
    max: usize,
    path: &'static str,
) -> Result<Cow<'a, str>, RpcError> {
    let text = read::string(raw).filter(|text| is_sound(text, max));
    text.ok_or_else(|| RpcError::invalid(path))
}

/// Whether a text is at most `max` bytes long and without NUL.
pub(in crate::subscribe) fn is_sound(text: &str, max: usize) -> bool {
    text.len() <= max && !text.contains('\0')
}

/// A whole number within `range`.
pub(in crate::subscribe) fn whole(
    raw: &RawValue,
    range: std::ops::RangeInclusive<i64>,
    path: &'static str,
) -> Result<i64, RpcError> {
    let value = number::whole(raw.get()).filter(|value| range.contains(value));
    value.ok_or_else(|| RpcError::invalid(path))
}

/// An amount of tiyin, more than nothing.
///
/// What is no whole number of tiyin is ill-typed; zero and less are well-typed and below every
/// kassa's limit.
pub(in crate::subscribe) fn amount(raw: &RawValue, path: &'static str) -> Result<Tiyin, RpcError> {
    let value = number::whole(raw.get()).ok_or_else(|| RpcError::invalid(path))?;
    let amount = Tiyin::new(value).filter(|amount| *amount != Tiyin::ZERO);
    amount.ok_or_else(|| (&catalogue::AMOUNT_BELOW_LIMIT).into())
}

/// A receipt's id. A text that cannot be one names no receipt.
pub(in crate::subscribe) fn receipt_id(raw: Given<'_>) -> Result<ReceiptId, RpcError> {
    let text = read::string(required(raw, "id")?).ok_or_else(|| RpcError::invalid("id"))?;
    text.parse().map_err(|_| (&catalogue::RECEIPT_NOT_FOUND).into())
}

/// A token.
pub(in crate::subscribe) fn token(raw: Given<'_>) -> Result<TokenText<'_>, RpcError> {
    let text = read::string(required(raw, "token")?).ok_or_else(|| RpcError::invalid("token"))?;
    Ok(TokenText::parse(text)?)
}
