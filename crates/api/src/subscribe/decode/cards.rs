//! cards.*: parameters.

use std::borrow::Cow;

use chorsu_core::{Expiry, Pan};

use super::field;
use crate::json::read;
use crate::subscribe::catalogue;
use crate::subscribe::error::RpcError;
use crate::subscribe::request::{CardsCreate, CardsVerify};
use crate::subscribe::token::TokenText;

/// Longest one-time code, in bytes; codes have six digits.
const CODE_MAX: usize = 16;
/// Digits of a code, for those that come as a number and have lost their leading zeros.
const CODE_DIGITS: usize = 6;

pub(in crate::subscribe) fn create(params: &str) -> Result<CardsCreate, RpcError> {
    let [card, save] = field::members(params, &["card", "save"], "params")?;
    let card = field::required(card, "card")?;
    let [number, expire] = field::members(card.get(), &["number", "expire"], "card")?;

    let number = field::required(number, "card.number")?;
    let pan = read::string(number).and_then(|digits| Pan::parse(&digits));
    let pan = pan.ok_or_else(|| RpcError::invalid("card.number"))?;

    let expire = field::required(expire, "card.expire")?;
    let expire = read::string(expire).filter(|text| is_mmyy(text));
    let expire = expire.ok_or_else(|| RpcError::invalid("card.expire"))?;
    // A thirteenth month has the right form and is no date.
    let expiry = Expiry::parse_mmyy(&expire).ok_or(&catalogue::CARD_EXPIRY_WRONG)?;

    Ok(CardsCreate { pan, expiry, save: field::flag(save, "save")? })
}

fn is_mmyy(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The parameters of the methods that take a token only.
pub(super) fn token(params: &str) -> Result<TokenText<'_>, RpcError> {
    let [token] = field::members(params, &["token"], "params")?;
    field::token(token)
}

pub(super) fn verify(params: &str) -> Result<CardsVerify<'_>, RpcError> {
    let [token, code] = field::members(params, &["token", "code"], "params")?;
    let token = field::token(token)?;
    let code = field::required(code, "code")?;
    let code = match read::number(code) {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Cow::Owned(format!("{digits:0>CODE_DIGITS$}"))
        }
        Some(_) => return Err(RpcError::invalid("code")),
        None => field::string(code, CODE_MAX, "code")?,
    };
    if code.is_empty() || code.len() > CODE_MAX {
        return Err(RpcError::invalid("code"));
    }
    Ok(CardsVerify { token, code })
}
