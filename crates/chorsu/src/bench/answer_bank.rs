//! Answers of the bank API: orders, balances, pages of a statement.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use super::answer::AnswerError;

/// How a page of a statement begins.
const PAGE_BEGIN: &[u8] = br#"{"status":"success","data":["#;
/// A key that every row has once. In a text it would have escaped quotation marks.
const ROW_KEY: &[u8] = br#""docNumber":"#;

/// An answer with a `code`, and the data of an order.
#[derive(Deserialize)]
struct OrderAnswer<'a> {
    #[serde(borrow)]
    status: Cow<'a, str>,
    code: i64,
    #[serde(borrow, default)]
    message: Option<Cow<'a, str>>,
    #[serde(borrow)]
    data: Option<OrderData<'a>>,
}

#[derive(Deserialize)]
struct OrderData<'a> {
    #[serde(borrow)]
    payment_status: Cow<'a, str>,
    #[serde(borrow)]
    doc_id: Cow<'a, str>,
}

/// Reads an answer about an order, which must be in the status `wanted`.
///
/// # Errors
/// The answer has an error's code or another status, or is not about an order.
pub(super) fn order(body: &[u8], wanted: &'static str) -> Result<(), AnswerError> {
    let Ok(answer) = serde_json::from_slice::<OrderAnswer<'_>>(body) else {
        return Err(AnswerError::unexpected(body));
    };
    match answer {
        OrderAnswer { status, code: 0, data: Some(data), .. }
            if status == "success" && !data.doc_id.is_empty() =>
        {
            if data.payment_status == wanted {
                return Ok(());
            }
            Err(AnswerError::OrderStatus { found: data.payment_status.into_owned(), wanted })
        }
        OrderAnswer { status, code, message, data: None } if status == "error" => {
            let message = message.unwrap_or_default().into_owned();
            Err(AnswerError::Refused { code, message, data: Value::Null })
        }
        _ => Err(AnswerError::unexpected(body)),
    }
}

/// The balance in an answer of `balance`, in tiyin, or the documented error in it.
///
/// # Errors
/// The answer has an error's code, or no balance.
pub(super) fn balance(answer: &Value) -> Result<i64, AnswerError> {
    let balance = answer["data"]["balance"].as_str().and_then(|digits| digits.parse().ok());
    balance.ok_or_else(|| refused(answer))
}

/// A row of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) id: i64,
    /// Its day, as `2026-11-20`.
    pub(super) day: String,
}

/// The rows of a page.
///
/// # Errors
/// The answer has an error's code, or is not a page.
pub(super) fn page(answer: &Value) -> Result<Vec<Row>, AnswerError> {
    let rows = answer["data"].as_array().filter(|_| answer["status"] == "success");
    let row = |row: &Value| {
        let day = row["paymentDate"].as_str()?.split(' ').next()?.to_owned();
        Some(Row { id: row["id"].as_i64()?, day })
    };
    rows.and_then(|rows| rows.iter().map(row).collect()).ok_or_else(|| refused(answer))
}

fn refused(answer: &Value) -> AnswerError {
    match (answer["code"].as_i64(), answer["message"].as_str()) {
        (Some(code), Some(message)) => {
            AnswerError::Refused { code, message: message.to_owned(), data: Value::Null }
        }
        _ => AnswerError::unexpected(answer.to_string().as_bytes()),
    }
}

/// How many rows a page has. The page is not parsed: that would take the processor from the server
/// that is measured.
///
/// # Errors
/// The answer has an error's code, or is not a page.
pub(super) fn rows(body: &[u8]) -> Result<usize, AnswerError> {
    if !body.starts_with(PAGE_BEGIN) || !body.ends_with(b"]}") {
        let answer: Value =
            serde_json::from_slice(body).map_err(|_| AnswerError::unexpected(body))?;
        return Err(refused(&answer));
    }
    let mut rows = 0;
    let mut rest = body;
    // A key begins with a quotation mark, so only those are looked at.
    while let Some(mark) = rest.iter().position(|byte| *byte == b'"') {
        rest = &rest[mark..];
        let is_key = rest.starts_with(ROW_KEY);
        rows += usize::from(is_key);
        rest = &rest[if is_key { ROW_KEY.len() } else { 1 }..];
    }
    Ok(rows)
}
