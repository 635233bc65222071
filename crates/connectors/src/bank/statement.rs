//! A page of a bank's statement.
//!
//! A row that cannot be read spoils its page: to leave it out would be to lose money silently.

use chorsu_core::bank::{BankDay, Direction, LocalTime, OrderState};
use chorsu_core::{Tiyin, UnixMillis};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::answer::{CodeIs, informed, object_in, open};
use super::error::BankError;
use crate::http::HttpResponse;
use crate::reading::{AnswerError, Raw, integer, part, text, tiyin};

/// Payer or receiver of a document, as the bank writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The bank's code.
    pub mfo: String,
    /// The account.
    pub account: String,
    /// The name.
    pub name: String,
    /// The taxpayer number, when there is one.
    pub tax_id: Option<String>,
}

/// A document of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementEntry {
    /// Its id; rising within a service.
    pub id: i64,
    /// Its number.
    pub number: String,
    /// When it was carried out.
    pub at: UnixMillis,
    /// The banking day it counts to.
    pub day: BankDay,
    /// Which way the money went.
    pub direction: Direction,
    /// Who paid.
    pub payer: Side,
    /// Who was paid.
    pub receiver: Side,
    /// How much.
    pub amount: Tiyin,
    /// What for.
    pub purpose: String,
    /// Where it stands.
    pub status: OrderState,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    #[serde(borrow)]
    id: Raw<'a>,
    #[serde(borrow)]
    doc_number: Raw<'a>,
    #[serde(borrow)]
    doc_date: Raw<'a>,
    #[serde(borrow)]
    payment_date: Raw<'a>,
    #[serde(borrow)]
    r#type: Raw<'a>,
    #[serde(borrow)]
    mfo_payer: Raw<'a>,
    #[serde(borrow)]
    account_payer: Raw<'a>,
    #[serde(borrow)]
    name_payer: Raw<'a>,
    #[serde(borrow)]
    inn_payer: Raw<'a>,
    #[serde(borrow)]
    mfo_receiver: Raw<'a>,
    #[serde(borrow)]
    account_receiver: Raw<'a>,
    #[serde(borrow)]
    name_receiver: Raw<'a>,
    #[serde(borrow)]
    inn_receiver: Raw<'a>,
    #[serde(borrow)]
    amount: Raw<'a>,
    #[serde(borrow)]
    purpose: Raw<'a>,
    #[serde(borrow)]
    status: Raw<'a>,
}

/// Reads the answer to `account/payments`, in the order of the bank.
///
/// # Errors
/// [`BankError`], also when one of the rows cannot be read.
pub fn read_statement(response: &HttpResponse) -> Result<Vec<StatementEntry>, BankError> {
    let rows: Vec<&RawValue> = part("data", informed(open(response, CodeIs::Optional)?)?)?;
    Ok(rows.into_iter().map(entry).collect::<Result<_, AnswerError>>()?)
}

/// Where the next page begins: the largest id of a page, when it is larger than `asked`. `None`
/// ends the statement, also at a bank that sends the same page again and again.
#[must_use]
pub fn last_id(page: &[StatementEntry], asked: i64) -> Option<i64> {
    page.iter().map(|entry| entry.id).max().filter(|last| *last > asked)
}

fn entry(row: &RawValue) -> Result<StatementEntry, AnswerError> {
    let row: Row<'_> = object_in("data", row)?;
    let direction = required("type", row.r#type)?;
    let status = required("status", row.status)?;
    let amount = tiyin("amount", row.amount)?.ok_or(AnswerError::Missing("amount"))?;
    Ok(StatementEntry {
        id: integer("id", row.id)?.ok_or(AnswerError::Missing("id"))?,
        number: text("docNumber", row.doc_number)?.unwrap_or_default(),
        at: LocalTime::parse(&required("docDate", row.doc_date)?)
            .ok_or(AnswerError::Unreadable("docDate"))?,
        day: day(&required("paymentDate", row.payment_date)?)
            .ok_or(AnswerError::Unreadable("paymentDate"))?,
        direction: Direction::from_word(&direction).ok_or(AnswerError::Unreadable("type"))?,
        payer: Side {
            mfo: required("mfoPayer", row.mfo_payer)?,
            account: required("accountPayer", row.account_payer)?,
            name: text("namePayer", row.name_payer)?.unwrap_or_default(),
            tax_id: text("innPayer", row.inn_payer)?.filter(|id| !id.is_empty()),
        },
        receiver: Side {
            mfo: required("mfoReceiver", row.mfo_receiver)?,
            account: required("accountReceiver", row.account_receiver)?,
            name: text("nameReceiver", row.name_receiver)?.unwrap_or_default(),
            tax_id: text("innReceiver", row.inn_receiver)?.filter(|id| !id.is_empty()),
        },
        amount,
        purpose: text("purpose", row.purpose)?.unwrap_or_default(),
        status: OrderState::from_word(&status).ok_or(AnswerError::Unreadable("status"))?,
    })
}

fn required(name: &'static str, raw: Raw<'_>) -> Result<String, AnswerError> {
    text(name, raw)?.ok_or(AnswerError::Missing(name))
}

/// A banking day: its midnight, as documented, or the date alone.
fn day(text: &str) -> Option<BankDay> {
    BankDay::parse(text).or_else(|| LocalTime::parse(text).map(BankDay::of))
}
