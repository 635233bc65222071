//! Answers to a kassa at Payme.

use chorsu_core::{Expiry, MaskedPan, Pan, ReceiptId, Tiyin};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::request::CardMethod;
use crate::http::HttpResponse;
use crate::payme::answer::{Opened, State, open, state};
use crate::reading::{self, AnswerError, Raw};

/// The largest `data` of an error that is passed on, in bytes.
const DATA_MAX: usize = 4_096;

/// An error as Payme says it, to be passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Its code.
    pub code: i64,
    /// Its text, possibly empty.
    pub message: String,
    /// Its data, in JSON.
    pub data: String,
    /// Whose word it is.
    pub origin: Option<String>,
}

/// What one answer on the wire says: the thing asked for, or an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told<T> {
    /// Yes.
    Done(T),
    /// No, or not now: the code tells.
    Refused(Rejection),
}

/// The card that a receipt shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KassaCard {
    /// Its masked number.
    pub masked: MaskedPan,
    /// Its expiry.
    pub expiry: Expiry,
}

/// A receipt as an answer shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KassaView {
    /// Which.
    pub id: ReceiptId,
    /// Its state.
    pub state: State,
    /// Over how much.
    pub amount: Tiyin,
    /// The card that paid, where the answer names it in a form that is known.
    pub card: Option<KassaCard>,
}

/// A page of receipts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KassaPage {
    /// How many there are on it.
    pub rows: usize,
    /// Those that it shows as cancelled. One that cannot be read is not among them.
    pub cancelled: Vec<ReceiptId>,
}

#[derive(Deserialize)]
struct ErrorBody<'a> {
    #[serde(borrow, default)]
    code: Raw<'a>,
    #[serde(borrow, default)]
    message: Raw<'a>,
    #[serde(borrow, default)]
    data: Raw<'a>,
    #[serde(borrow, default)]
    origin: Raw<'a>,
}

#[derive(Deserialize)]
struct ResultBody<'a> {
    #[serde(borrow, default)]
    receipt: Raw<'a>,
    #[serde(borrow, default)]
    state: Raw<'a>,
    #[serde(borrow, default)]
    card: Raw<'a>,
    #[serde(borrow, default)]
    sent: Raw<'a>,
    #[serde(borrow, default)]
    success: Raw<'a>,
}

#[derive(Deserialize)]
struct ReceiptBody<'a> {
    #[serde(borrow, default, rename = "_id")]
    id: Raw<'a>,
    #[serde(borrow, default)]
    state: Raw<'a>,
    #[serde(borrow, default)]
    amount: Raw<'a>,
    #[serde(borrow, default)]
    card: Raw<'a>,
}

#[derive(Deserialize)]
struct CardBody<'a> {
    #[serde(borrow, default)]
    number: Raw<'a>,
    #[serde(borrow, default)]
    expire: Raw<'a>,
    #[serde(borrow, default)]
    token: Raw<'a>,
}

/// The result of a call about a card, in JSON, as it came.
///
/// # Errors
/// [`AnswerError`] when it lacks what `method` is about.
pub fn card(
    response: &HttpResponse,
    id: u64,
    method: CardMethod,
) -> Result<Told<String>, AnswerError> {
    read(response, id, |raw| {
        let result: ResultBody<'_> = reading::part("result", raw)?;
        let member = match method.member() {
            "card" => result.card,
            "sent" => result.sent,
            _ => result.success,
        };
        let member = member.ok_or(AnswerError::Missing(method.member()))?;
        if method.member() == "card" {
            let card: CardBody<'_> = reading::part("card", member)?;
            let token = reading::text("token", card.token)?.filter(|token| !token.is_empty());
            token.ok_or(AnswerError::Missing("token"))?;
        }
        Ok(raw.get().to_owned())
    })
}

/// The receipt in the answer to create, pay, get, confirm and cancel.
///
/// # Errors
/// [`AnswerError`] when it is none, names no amount, or its state is not documented.
pub fn receipt(response: &HttpResponse, id: u64) -> Result<Told<KassaView>, AnswerError> {
    read(response, id, |raw| {
        let result: ResultBody<'_> = reading::part("result", raw)?;
        let body = result.receipt.ok_or(AnswerError::Missing("receipt"))?;
        let body: ReceiptBody<'_> = reading::part("receipt", body)?;
        let found = reading::text("_id", body.id)?.ok_or(AnswerError::Missing("_id"))?;
        Ok(KassaView {
            id: found.parse().map_err(|_| AnswerError::Unreadable("_id"))?,
            state: state(body.state)?,
            amount: reading::tiyin("amount", body.amount)?.ok_or(AnswerError::Missing("amount"))?,
            card: shown(body.card),
        })
    })
}

/// The receipts in the answer to `receipts.get_all`.
///
/// # Errors
/// [`AnswerError`] when it is no list of them.
pub fn page(response: &HttpResponse, id: u64) -> Result<Told<KassaPage>, AnswerError> {
    read(response, id, |raw| {
        let rows: Vec<ReceiptBody<'_>> = reading::part("result", raw)?;
        let cancelled = |row: &ReceiptBody<'_>| {
            let is_cancelled = state(row.state) == Ok(State::Cancelled);
            let id = reading::text("_id", row.id).ok()?.filter(|_| is_cancelled)?;
            id.parse().ok()
        };
        let cancelled = rows.iter().filter_map(cancelled).collect();
        Ok(KassaPage { rows: rows.len(), cancelled })
    })
}

/// The state in the answer to a check.
///
/// # Errors
/// [`AnswerError`] when there is none, or it is not documented.
pub fn check(response: &HttpResponse, id: u64) -> Result<Told<State>, AnswerError> {
    read(response, id, |raw| state(reading::part::<ResultBody<'_>>("result", raw)?.state))
}

/// The answer to send and set_fiscal_data.
///
/// # Errors
/// [`AnswerError`] when it does not say that it was a success.
pub fn success(response: &HttpResponse, id: u64) -> Result<Told<()>, AnswerError> {
    read(response, id, |raw| {
        let result: ResultBody<'_> = reading::part("result", raw)?;
        match reading::flag("success", result.success)? {
            Some(true) => Ok(()),
            Some(false) => Err(AnswerError::Contradiction("success")),
            None => Err(AnswerError::Missing("success")),
        }
    })
}

fn read<T>(
    response: &HttpResponse,
    id: u64,
    result: impl FnOnce(&RawValue) -> Result<T, AnswerError>,
) -> Result<Told<T>, AnswerError> {
    match open(response, id)? {
        Opened::Result(raw) => result(raw).map(Told::Done),
        Opened::Error(raw) => rejection(raw).map(Told::Refused),
    }
}

fn rejection(raw: &RawValue) -> Result<Rejection, AnswerError> {
    let ErrorBody { code, message, data, origin } = reading::part("error", raw)?;
    let data = data.map(RawValue::get).filter(|data| data.len() <= DATA_MAX);
    Ok(Rejection {
        code: reading::integer("code", code)?.ok_or(AnswerError::Missing("code"))?,
        message: reading::words(message).unwrap_or_default(),
        data: data.unwrap_or("null").to_owned(),
        origin: reading::words(origin),
    })
}

/// The card of a receipt. It is history and no part of the outcome, so one that cannot be read is
/// none. A number that comes whole is masked here.
fn shown(raw: Raw<'_>) -> Option<KassaCard> {
    let card: CardBody<'_> = reading::part("card", raw?).ok()?;
    let number = reading::text("number", card.number).ok()??;
    let expire = reading::text("expire", card.expire).ok()??;
    let masked =
        MaskedPan::parse(&number).or_else(|| Pan::parse(&number).map(|pan| pan.masked()))?;
    Some(KassaCard { masked, expiry: Expiry::parse_yymm(&expire)? })
}
