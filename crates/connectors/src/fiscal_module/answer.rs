//! Answers of a fiscal module. Pure.
//!
//! Numbers come as numbers or as strings, depending on the release. What cannot be read is an
//! error and never a registration.

use chorsu_core::Tiyin;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::error::ModuleError;
use super::local_time::LocalTime;
use super::refusal::{Applet, ModuleRefusal};
use crate::http::HttpResponse;
use crate::reading::{AnswerError, Raw, integer, object, part, text, tiyin, words};

/// A receipt that is registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// The module's number.
    pub terminal_id: String,
    /// The receipt's number in the module.
    pub receipt_seq: u64,
    /// Its time, `YYYYMMDDHHMMSS`.
    pub date_time: LocalTime,
    /// The fiscal sign, 12 digits that may begin with zeros; none for advances and credits.
    pub fiscal_sign: Option<String>,
    /// Where the tax committee shows it; none for advances and credits.
    pub qr_code_url: Option<String>,
}

/// The receipt registered last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastReceipt {
    /// How it was registered.
    pub registered: Registered,
    /// Its TXID, where the module tells it.
    pub txid: Option<String>,
}

/// What went one way in a shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShiftTotals {
    /// In cash.
    pub cash: Tiyin,
    /// By card.
    pub card: Tiyin,
    /// The VAT in both.
    pub vat: Tiyin,
    /// How many receipts.
    pub count: u64,
}

/// A shift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZReport {
    /// The module's number.
    pub terminal_id: String,
    /// The shift's number.
    pub number: u64,
    /// How many shifts the module has, this one included.
    pub count: u64,
    /// When it was opened; `None` when it never was.
    pub opened: Option<LocalTime>,
    /// When it was closed; `None` while it is open.
    pub closed: Option<LocalTime>,
    /// Its first receipt.
    pub first_receipt_seq: Option<u64>,
    /// Its last receipt.
    pub last_receipt_seq: Option<u64>,
    /// What was sold.
    pub sale: ShiftTotals,
    /// What was given back.
    pub refund: ShiftTotals,
}

/// The module's own state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleInfo {
    /// Its number.
    pub terminal_id: String,
    /// Its applet: four digits.
    pub applet_version: String,
    /// Its clock.
    pub current_time: Option<LocalTime>,
    /// When it last did something.
    pub last_operation_time: Option<LocalTime>,
    /// The number of the receipt registered last.
    pub current_receipt_seq: u64,
    /// How many receipts are not acknowledged.
    pub receipt_count: u64,
    /// How many it can hold.
    pub receipt_max_count: u64,
    /// How many shifts it holds.
    pub z_report_count: u64,
    /// How many it can hold.
    pub z_report_max_count: u64,
    /// Memory of its three kinds, in bytes: persistent, reset, deselect.
    pub available_memory: [Option<u64>; 3],
    /// The time of the oldest receipt that is not acknowledged.
    pub first_unacknowledged_time: Option<LocalTime>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    id: Raw<'a>,
    #[serde(borrow)]
    result: Raw<'a>,
    #[serde(borrow)]
    error: Raw<'a>,
}

#[derive(Deserialize)]
struct Fault<'a> {
    #[serde(borrow)]
    code: Raw<'a>,
    #[serde(borrow)]
    message: Raw<'a>,
}

/// The result in the answer to the request `id`.
///
/// # Errors
/// [`ModuleError::Refused`] when the module's table knows the code; anything else settles nothing.
pub(super) fn result(
    applet: Applet,
    id: u64,
    response: &HttpResponse,
) -> Result<&RawValue, ModuleError> {
    if response.status != 200 {
        return Err(AnswerError::Status(response.status).into());
    }
    let envelope: Envelope<'_> = object(&response.body)?;
    match (envelope.result, envelope.error) {
        (Some(_), Some(_)) => Err(AnswerError::Contradiction("error").into()),
        (None, Some(error)) => Err(refusal(applet, part("error", error)?)?.into()),
        (None, None) => Err(AnswerError::Missing("result").into()),
        (Some(result), None) => {
            // Only a result is tied to its request: a refusal of an unreadable request has no id.
            if text("id", envelope.id)?.as_deref() != Some(id.to_string().as_str()) {
                return Err(AnswerError::Mismatch("id").into());
            }
            Ok(result)
        }
    }
}

fn refusal(applet: Applet, fault: Fault<'_>) -> Result<ModuleRefusal, AnswerError> {
    let code = text("code", fault.code)?.ok_or(AnswerError::Missing("code"))?;
    let message = words(fault.message).unwrap_or_default();
    let number = match code.trim().parse::<i64>() {
        Ok(number) => number,
        // `90F0`, and `9023 - NAME`, are hexadecimal and have no other reading.
        Err(_) => code
            .split_whitespace()
            .next()
            .filter(|word| word.len() == 4 && applet == Applet::V0400)
            .and_then(|word| i64::from_str_radix(word, 16).ok())
            .ok_or(AnswerError::Unreadable("code"))?,
    };
    ModuleRefusal::read(applet, number, &message).ok_or(AnswerError::UnknownCode(number))
}

#[derive(Deserialize)]
struct RegisteredWire<'a> {
    #[serde(borrow, rename = "TerminalID")]
    terminal_id: Raw<'a>,
    #[serde(borrow, rename = "ReceiptSeq")]
    receipt_seq: Raw<'a>,
    #[serde(borrow, rename = "DateTime")]
    date_time: Raw<'a>,
    #[serde(borrow, rename = "FiscalSign")]
    fiscal_sign: Raw<'a>,
    #[serde(borrow, rename = "QRCodeURL")]
    qr_code_url: Raw<'a>,
    #[serde(borrow, rename = "TXID")]
    txid: Raw<'a>,
}

/// A registered receipt; `signed` asks for its sign and address.
pub(super) fn registered(signed: bool, result: &RawValue) -> Result<LastReceipt, AnswerError> {
    let wire: RegisteredWire<'_> = part("result", result)?;
    let (sign, url) =
        (filled("FiscalSign", wire.fiscal_sign)?, filled("QRCodeURL", wire.qr_code_url)?);
    let sign = sign.map(|sign| padded_sign(&sign)).transpose()?;
    if signed && sign.is_none() {
        return Err(AnswerError::Missing("FiscalSign"));
    }
    if signed && url.is_none() {
        return Err(AnswerError::Missing("QRCodeURL"));
    }
    let date_time = needed("DateTime", filled("DateTime", wire.date_time)?)?;
    let date_time = LocalTime::parse_compact(&date_time).or_else(|| LocalTime::parse(&date_time));
    Ok(LastReceipt {
        registered: Registered {
            terminal_id: needed("TerminalID", filled("TerminalID", wire.terminal_id)?)?,
            receipt_seq: needed("ReceiptSeq", count("ReceiptSeq", wire.receipt_seq)?)?,
            date_time: date_time.ok_or(AnswerError::Unreadable("DateTime"))?,
            fiscal_sign: sign,
            qr_code_url: url,
        },
        txid: filled("TXID", wire.txid)?,
    })
}

/// The sign with the zeros that a number loses in front.
fn padded_sign(sign: &str) -> Result<String, AnswerError> {
    let digits = sign.len() <= 12 && sign.bytes().all(|byte| byte.is_ascii_digit());
    if digits { Ok(format!("{sign:0>12}")) } else { Err(AnswerError::Unreadable("FiscalSign")) }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ZReportWire<'a> {
    #[serde(borrow, rename = "TerminalID")]
    terminal_id: Raw<'a>,
    #[serde(borrow)]
    number: Raw<'a>,
    #[serde(borrow)]
    count: Raw<'a>,
    #[serde(borrow)]
    open_time: Raw<'a>,
    #[serde(borrow)]
    close_time: Raw<'a>,
    #[serde(borrow)]
    first_receipt_seq: Raw<'a>,
    #[serde(borrow)]
    last_receipt_seq: Raw<'a>,
    #[serde(borrow)]
    total_sale_cash: Raw<'a>,
    #[serde(borrow)]
    total_sale_card: Raw<'a>,
    #[serde(borrow, rename = "TotalSaleVAT")]
    total_sale_vat: Raw<'a>,
    #[serde(borrow)]
    total_sale_count: Raw<'a>,
    #[serde(borrow)]
    total_refund_cash: Raw<'a>,
    #[serde(borrow)]
    total_refund_card: Raw<'a>,
    #[serde(borrow, rename = "TotalRefundVAT")]
    total_refund_vat: Raw<'a>,
    #[serde(borrow)]
    total_refund_count: Raw<'a>,
}

/// A shift.
pub(super) fn z_report(result: &RawValue) -> Result<ZReport, AnswerError> {
    let wire: ZReportWire<'_> = part("result", result)?;
    let totals = |cash, card, vat, receipts| {
        Ok::<_, AnswerError>(ShiftTotals {
            cash: needed("TotalCash", tiyin("TotalCash", cash)?)?,
            card: needed("TotalCard", tiyin("TotalCard", card)?)?,
            vat: needed("TotalVAT", tiyin("TotalVAT", vat)?)?,
            count: needed("TotalCount", count("TotalCount", receipts)?)?,
        })
    };
    // A shift without receipts has 0, or nothing, for their numbers.
    let seq = |name, raw| Ok::<_, AnswerError>(count(name, raw)?.filter(|seq| *seq > 0));
    Ok(ZReport {
        terminal_id: needed("TerminalID", filled("TerminalID", wire.terminal_id)?)?,
        number: needed("Number", count("Number", wire.number)?)?,
        count: needed("Count", count("Count", wire.count)?)?,
        opened: time("OpenTime", wire.open_time)?,
        closed: time("CloseTime", wire.close_time)?,
        first_receipt_seq: seq("FirstReceiptSeq", wire.first_receipt_seq)?,
        last_receipt_seq: seq("LastReceiptSeq", wire.last_receipt_seq)?,
        sale: totals(
            wire.total_sale_cash,
            wire.total_sale_card,
            wire.total_sale_vat,
            wire.total_sale_count,
        )?,
        refund: totals(
            wire.total_refund_cash,
            wire.total_refund_card,
            wire.total_refund_vat,
            wire.total_refund_count,
        )?,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InfoWire<'a> {
    #[serde(borrow, rename = "TerminalID")]
    terminal_id: Raw<'a>,
    #[serde(borrow)]
    applet_version: Raw<'a>,
    #[serde(borrow)]
    current_time: Raw<'a>,
    #[serde(borrow)]
    last_operation_time: Raw<'a>,
    #[serde(borrow)]
    current_receipt_seq: Raw<'a>,
    #[serde(borrow)]
    receipt_count: Raw<'a>,
    #[serde(borrow)]
    receipt_max_count: Raw<'a>,
    #[serde(borrow, rename = "ZReportCount")]
    z_report_count: Raw<'a>,
    #[serde(borrow, rename = "ZReportMaxCount")]
    z_report_max_count: Raw<'a>,
    #[serde(borrow)]
    available_persistent_memory: Raw<'a>,
    #[serde(borrow)]
    available_reset_memory: Raw<'a>,
    #[serde(borrow)]
    available_deselect_memory: Raw<'a>,
    #[serde(borrow)]
    first_unacknowledged_receipt_time: Raw<'a>,
}

/// The module's state.
pub(super) fn info(result: &RawValue) -> Result<ModuleInfo, AnswerError> {
    let wire: InfoWire<'_> = part("result", result)?;
    let memory = |raw| count("AvailableMemory", raw);
    let sent = count("CurrentReceiptSeq", wire.current_receipt_seq)?;
    let unsent_since = wire.first_unacknowledged_receipt_time;
    Ok(ModuleInfo {
        terminal_id: needed("TerminalID", filled("TerminalID", wire.terminal_id)?)?,
        applet_version: needed("AppletVersion", filled("AppletVersion", wire.applet_version)?)?,
        current_time: time("CurrentTime", wire.current_time)?,
        last_operation_time: time("LastOperationTime", wire.last_operation_time)?,
        current_receipt_seq: needed("CurrentReceiptSeq", sent)?,
        receipt_count: needed("ReceiptCount", count("ReceiptCount", wire.receipt_count)?)?,
        receipt_max_count: count("ReceiptMaxCount", wire.receipt_max_count)?.unwrap_or(0),
        z_report_count: count("ZReportCount", wire.z_report_count)?.unwrap_or(0),
        z_report_max_count: count("ZReportMaxCount", wire.z_report_max_count)?.unwrap_or(0),
        available_memory: [
            memory(wire.available_persistent_memory)?,
            memory(wire.available_reset_memory)?,
            memory(wire.available_deselect_memory)?,
        ],
        first_unacknowledged_time: time("FirstUnacknowledgedReceiptTime", unsent_since)?,
    })
}

fn needed<T>(name: &'static str, found: Option<T>) -> Result<T, AnswerError> {
    found.ok_or(AnswerError::Missing(name))
}

/// A text that is not empty.
fn filled(name: &'static str, raw: Raw<'_>) -> Result<Option<String>, AnswerError> {
    Ok(text(name, raw)?.filter(|text| !text.trim().is_empty()))
}

/// A number that is not negative; an empty string is none.
fn count(name: &'static str, raw: Raw<'_>) -> Result<Option<u64>, AnswerError> {
    if filled(name, raw)?.is_none() {
        return Ok(None);
    }
    let number = integer(name, raw)?;
    number
        .map(|number| u64::try_from(number).map_err(|_| AnswerError::Unreadable(name)))
        .transpose()
}

/// A time; an empty string, or zeros, are none.
fn time(name: &'static str, raw: Raw<'_>) -> Result<Option<LocalTime>, AnswerError> {
    let Some(text) = filled(name, raw)? else { return Ok(None) };
    if text.bytes().all(|byte| !byte.is_ascii_digit() || byte == b'0') {
        return Ok(None);
    }
    let time = LocalTime::parse(&text).or_else(|| LocalTime::parse_compact(&text));
    time.map(Some).ok_or(AnswerError::Unreadable(name))
}
