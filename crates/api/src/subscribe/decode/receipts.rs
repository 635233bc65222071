//! receipts.*: parameters.

use std::borrow::Cow;

use chorsu_core::{ReceiptId, UnixMillis};
use serde_json::value::RawValue;

use super::field::{self, Given};
use super::{detail, fiscal, payer};
use crate::json::read;
use crate::subscribe::error::RpcError;
use crate::subscribe::request::{
    AccountField, AccountText, ReceiptsConfirmHold, ReceiptsCreate, ReceiptsGetAll, ReceiptsPay,
    ReceiptsSend, ReceiptsSetFiscalData,
};

/// Most fields of `account`; kassas have one to three.
const ACCOUNT_FIELDS_MAX: usize = 32;
/// Longest name of an account field, in bytes.
const ACCOUNT_NAME_MAX: usize = 64;
/// Longest value of an account field, in bytes.
const ACCOUNT_VALUE_MAX: usize = 256;
/// Digits of a number that every JSON reader keeps exactly (2^53 has 16).
const EXACT_DIGITS_MAX: usize = 15;
/// Longest description, in bytes.
const DESCRIPTION_MAX: usize = 2048;
/// Most receipts of a page ("Payme Subscribe API, receipts.get_all").
const PAGE_MAX: i64 = 50;
/// How far a list can be paged; older receipts are found by `from` and `to`.
const OFFSET_MAX: i64 = 1_000_000;
/// Digits of a phone number of Uzbekistan, with the country's code.
const PHONE_DIGITS: usize = 12;

/// The parameters of the methods that take a receipt's id only.
pub(super) fn id(params: &str) -> Result<ReceiptId, RpcError> {
    let [id] = field::members(params, &["id"], "params")?;
    field::receipt_id(id)
}

pub(super) fn create(params: &str) -> Result<ReceiptsCreate<'_>, RpcError> {
    let names = ["amount", "account", "description", "detail", "hold"];
    let [amount, account, description, detail, hold] = field::members(params, &names, "params")?;
    Ok(ReceiptsCreate {
        amount: field::amount(field::required(amount, "amount")?, "amount")?,
        account: account_fields(account)?,
        description: match description {
            Some(raw) => field::string(raw, DESCRIPTION_MAX, "description")?,
            None => Cow::Borrowed(""),
        },
        detail: detail::checked(detail)?,
        hold: field::flag(hold, "hold")?,
    })
}

/// The fields of `account`. None at all is for the kassa to judge: some take payments without.
fn account_fields(account: Given<'_>) -> Result<Vec<AccountField<'_>>, RpcError> {
    let Some(account) = account else { return Ok(Vec::new()) };
    let entries = read::entries(account.get(), ACCOUNT_FIELDS_MAX);
    let entries = entries.map_err(|_| RpcError::invalid("account"))?;
    entries.into_iter().map(account_field).collect()
}

fn account_field<'a>((name, raw): read::Entry<'a>) -> Result<AccountField<'a>, RpcError> {
    if !field::is_sound(&name, ACCOUNT_NAME_MAX) {
        return Err(RpcError::invalid("account"));
    }
    let value = account_text(raw);
    if value.text().is_some_and(|text| !field::is_sound(text, ACCOUNT_VALUE_MAX)) {
        return Err(RpcError::invalid(format!("account.{name}")));
    }
    Ok(AccountField { name, value })
}

fn account_text(raw: &RawValue) -> AccountText<'_> {
    if let Some(number) = read::number(raw) {
        let plain = number.bytes().all(|byte| byte.is_ascii_digit());
        return if plain && number.len() <= EXACT_DIGITS_MAX {
            AccountText::Number(number)
        } else {
            AccountText::Text(Cow::Borrowed(number))
        };
    }
    match raw.get() {
        flag @ ("true" | "false") => AccountText::Text(Cow::Borrowed(flag)),
        _ => match read::string(raw) {
            Some(text) if !text.trim().is_empty() => AccountText::Text(text),
            _ => AccountText::Nothing,
        },
    }
}

pub(super) fn pay(params: &str) -> Result<ReceiptsPay<'_>, RpcError> {
    let names = ["id", "token", "payer", "hold"];
    let [id, token, payer, hold] = field::members(params, &names, "params")?;
    Ok(ReceiptsPay {
        receipt: field::receipt_id(id)?,
        token: field::token(token)?,
        payer: payer::normalised(payer)?,
        hold: field::flag(hold, "hold")?,
    })
}

pub(super) fn send(params: &str) -> Result<ReceiptsSend, RpcError> {
    let [id, phone] = field::members(params, &["id", "phone"], "params")?;
    let receipt = field::receipt_id(id)?;
    let phone = read::scalar(field::required(phone, "phone")?).unwrap_or_default();
    let digits = phone.strip_prefix('+').unwrap_or(&phone);
    let national = digits.len() == PHONE_DIGITS && digits.starts_with("998");
    if !national || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(RpcError::invalid("phone"));
    }
    Ok(ReceiptsSend { receipt, phone: digits.to_owned() })
}

pub(super) fn get_all(params: &str) -> Result<ReceiptsGetAll, RpcError> {
    let names = ["count", "from", "to", "offset"];
    let [count, from, to, offset] = field::members(params, &names, "params")?;
    let small = |raw: Given<'_>, default, range, path| {
        let value = raw.map_or(Ok(default), |raw| field::whole(raw, range, path))?;
        u32::try_from(value).map_err(|_| RpcError::invalid(path))
    };
    let moment =
        |raw, path| field::whole(field::required(raw, path)?, 0..=i64::MAX, path).map(UnixMillis);
    Ok(ReceiptsGetAll {
        count: small(count, PAGE_MAX, 1..=PAGE_MAX, "count")?,
        from: moment(from, "from")?,
        to: moment(to, "to")?,
        offset: small(offset, 0, 0..=OFFSET_MAX, "offset")?,
    })
}

pub(super) fn set_fiscal_data(params: &str) -> Result<ReceiptsSetFiscalData, RpcError> {
    let [id, fiscal] = field::members(params, &["id", "fiscal_data"], "params")?;
    Ok(ReceiptsSetFiscalData {
        receipt: field::receipt_id(id)?,
        fiscal: fiscal::normalised(field::required(fiscal, "fiscal_data")?)?,
    })
}

pub(super) fn confirm_hold(params: &str) -> Result<ReceiptsConfirmHold, RpcError> {
    let [id, amount] = field::members(params, &["id", "amount"], "params")?;
    Ok(ReceiptsConfirmHold {
        receipt: field::receipt_id(id)?,
        amount: amount.map(|raw| field::amount(raw, "amount")).transpose()?,
    })
}
