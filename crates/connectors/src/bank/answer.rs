//! What the bank answered, and what it means for the order.
//!
//! | answer | meaning |
//! |---|---|
//! | code 0, a documented status, a reference | accepted |
//! | 1013 to 1017, 3333 | refused: nothing was created |
//! | 1001, 1002, 1004, 1009, HTTP 401 | not allowed: nothing was created, someone has to look |
//! | 1008, asked for a status | not recorded |
//! | 1111, 2222, another code or status, HTTP 5xx, anything else | unknown |

use chorsu_core::Tiyin;
use chorsu_core::bank::{BankCode, CardRule, CodeMeaning, OrderState, ServiceNumber};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::error::BankError;
use crate::http::HttpResponse;
use crate::reading::{AnswerError, Raw, flag, integer, object, part, text, tiyin, words};

/// Longest reference of a bank that is kept, in characters.
const REFERENCE_MAX: usize = 64;
/// Longest undocumented word that an error quotes, in characters.
const WORD_MAX: usize = 40;

/// A definite no, in the bank's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankRefusal {
    /// The code.
    pub code: BankCode,
    /// The text, possibly empty.
    pub message: String,
}

/// An order as the bank shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderShown {
    /// Where it stands.
    pub status: OrderState,
    /// The bank's reference.
    pub doc_id: String,
}

/// The answer to a request for an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubmitAnswer {
    /// The bank has the order.
    Accepted(OrderShown),
    /// Nothing was created: something is wrong with the order. The key can be used again.
    Refused(BankRefusal),
    /// Nothing was created: something is wrong with the user or the service, not with the order.
    NotAllowed(BankRefusal),
}

/// The answer to the question where an order stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusAnswer {
    /// The bank has the order.
    Known(OrderShown),
    /// The bank has no such order now. Whether one that was sent can still arrive is for the
    /// caller to judge: only then may it be sent again, under the same key.
    NotRecorded,
}

/// A service as the bank shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceShown {
    /// Its number.
    pub id: ServiceNumber,
    /// Its name.
    pub name: String,
    /// Whether it can be used.
    pub activated: bool,
    /// Whether its orders name a card.
    pub kind: CardRule,
    /// The account its money is on.
    pub account: String,
}

/// What all answers have in common.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    status: Raw<'a>,
    #[serde(borrow)]
    code: Raw<'a>,
    #[serde(borrow)]
    message: Raw<'a>,
    #[serde(borrow)]
    data: Raw<'a>,
}

/// An envelope that was understood: its data, or a no.
pub(super) enum Verdict<'a> {
    Done(&'a RawValue),
    No(BankRefusal),
}

/// Whether an answer has to carry `code` when all went well.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CodeIs {
    Required,
    Optional,
}

/// Opens the envelope of an answer.
pub(super) fn open(response: &HttpResponse, code_is: CodeIs) -> Result<Verdict<'_>, AnswerError> {
    match (response.status, judge(response, code_is)) {
        // Whoever is not known does not get to the orders, whatever page says so; only a yes in
        // spite of it is a riddle.
        (401, Err(error)) if error != AnswerError::Contradiction("code") => {
            let message = "HTTP status 401".to_owned();
            Ok(Verdict::No(BankRefusal { code: BankCode::UserNotFound, message }))
        }
        (_, verdict) => verdict,
    }
}

fn judge(response: &HttpResponse, code_is: CodeIs) -> Result<Verdict<'_>, AnswerError> {
    let status = response.status;
    let (done, turned_away) = (status / 100 == 2, status / 100 == 4);
    if !done && !turned_away {
        return Err(AnswerError::Status(status));
    }
    let envelope = envelope(&response.body)
        .map_err(|error| if done { error } else { AnswerError::Status(status) })?;
    let code = integer("code", envelope.code)?;
    let word = text("status", envelope.status)?.ok_or(AnswerError::Missing("status"))?;
    match (word.as_str(), code) {
        ("success", None | Some(0)) if !done => Err(AnswerError::Contradiction("code")),
        ("success", None) if code_is == CodeIs::Required => Err(AnswerError::Missing("code")),
        ("success", None | Some(0)) => {
            envelope.data.map(Verdict::Done).ok_or(AnswerError::Missing("data"))
        }
        ("success", Some(_)) | ("error", Some(0)) => Err(AnswerError::Contradiction("code")),
        ("error", None) => Err(AnswerError::Missing("code")),
        ("error", Some(number)) => {
            let code = BankCode::from_number(number).ok_or(AnswerError::UnknownCode(number))?;
            // A refused order has no data; one that is shown here may have been created.
            if envelope.data.is_some_and(|data| !is_empty(data.get())) {
                return Err(AnswerError::Contradiction("data"));
            }
            let message = words(envelope.message).unwrap_or_default();
            Ok(Verdict::No(BankRefusal { code, message }))
        }
        _ => Err(AnswerError::UnknownStatus(word.chars().take(WORD_MAX).collect())),
    }
}

fn envelope(body: &[u8]) -> Result<Envelope<'_>, AnswerError> {
    if body.trim_ascii_start().starts_with(b"{") { object(body) } else { Err(AnswerError::NotJson) }
}

/// The object in `raw`, which is the field `name`. An array is none: a reader that goes by names
/// would otherwise take its elements in their order.
pub(super) fn object_in<'a, T: Deserialize<'a>>(
    name: &'static str,
    raw: &'a RawValue,
) -> Result<T, AnswerError> {
    if raw.get().starts_with('{') { part(name, raw) } else { Err(AnswerError::Unreadable(name)) }
}

/// Whether a value says nothing, in one of the ways in which servers write that.
fn is_empty(json: &str) -> bool {
    json.bytes().all(|byte| b"{}[]\" \t\r\n".contains(&byte))
}

/// Reads the answer to `payment` and `paymentBudget`.
///
/// # Errors
/// [`BankError`], always with [`crate::Effect::Unknown`]: the order may have been created.
pub fn read_submit(response: &HttpResponse) -> Result<SubmitAnswer, BankError> {
    match open(response, CodeIs::Required)? {
        Verdict::Done(data) => Ok(SubmitAnswer::Accepted(order(data)?)),
        Verdict::No(refusal) => match refusal.code.meaning() {
            CodeMeaning::OrderRefused => Ok(SubmitAnswer::Refused(refusal)),
            CodeMeaning::NotAllowed => Ok(SubmitAnswer::NotAllowed(refusal)),
            CodeMeaning::NotRecorded | CodeMeaning::Unknown => Err(BankError::InDoubt(refusal)),
        },
    }
}

/// Reads the answer to `payment/{orderId}`.
///
/// # Errors
/// [`BankError`]: nothing new is known about the order.
pub fn read_status(response: &HttpResponse) -> Result<StatusAnswer, BankError> {
    match open(response, CodeIs::Required)? {
        Verdict::Done(data) => Ok(StatusAnswer::Known(order(data)?)),
        Verdict::No(refusal) if refusal.code == BankCode::NotRecorded => {
            Ok(StatusAnswer::NotRecorded)
        }
        Verdict::No(refusal) => Err(BankError::NoInformation(refusal)),
    }
}

/// Reads the answer to `account/{serviceId}/balance`, in tiyin.
///
/// # Errors
/// [`BankError`].
pub fn read_balance(response: &HttpResponse) -> Result<Tiyin, BankError> {
    #[derive(Deserialize)]
    struct Data<'a> {
        #[serde(borrow)]
        balance: Raw<'a>,
    }
    let data: Data<'_> = object_in("data", informed(open(response, CodeIs::Optional)?)?)?;
    Ok(tiyin("balance", data.balance)?.ok_or(AnswerError::Missing("balance"))?)
}

/// Reads the answer to `services`.
///
/// # Errors
/// [`BankError`], also when one of the services cannot be read.
pub fn read_services(response: &HttpResponse) -> Result<Vec<ServiceShown>, BankError> {
    #[derive(Deserialize)]
    struct Service<'a> {
        #[serde(borrow)]
        id: Raw<'a>,
        #[serde(borrow)]
        name: Raw<'a>,
        #[serde(borrow)]
        activated: Raw<'a>,
        #[serde(borrow)]
        r#type: Raw<'a>,
        #[serde(borrow)]
        account: Raw<'a>,
    }
    let list: Vec<&RawValue> = part("data", informed(open(response, CodeIs::Required)?)?)?;
    let shown = |service| {
        let service: Service<'_> = object_in("data", service)?;
        let kind = text("type", service.r#type)?.ok_or(AnswerError::Missing("type"))?;
        Ok(ServiceShown {
            id: ServiceNumber(integer("id", service.id)?.ok_or(AnswerError::Missing("id"))?),
            name: text("name", service.name)?.unwrap_or_default(),
            activated: flag("activated", service.activated)?
                .ok_or(AnswerError::Missing("activated"))?,
            kind: CardRule::from_word(&kind).ok_or(AnswerError::Unreadable("type"))?,
            account: text("account", service.account)?.unwrap_or_default(),
        })
    };
    Ok(list.into_iter().map(shown).collect::<Result<_, AnswerError>>()?)
}

/// The data of an answer to a question; a no is no information.
pub(super) fn informed(verdict: Verdict<'_>) -> Result<&RawValue, BankError> {
    match verdict {
        Verdict::Done(data) => Ok(data),
        Verdict::No(refusal) => Err(BankError::NoInformation(refusal)),
    }
}

/// The order in the data of an answer.
fn order(data: &RawValue) -> Result<OrderShown, AnswerError> {
    #[derive(Deserialize)]
    struct Data<'a> {
        #[serde(borrow)]
        payment_status: Raw<'a>,
        #[serde(borrow)]
        doc_id: Raw<'a>,
    }
    let data: Data<'_> = object_in("data", data)?;
    let word = text("payment_status", data.payment_status)?
        .ok_or(AnswerError::Missing("payment_status"))?;
    let status = OrderState::from_word(&word)
        .ok_or_else(|| AnswerError::UnknownStatus(word.chars().take(WORD_MAX).collect()))?;
    let doc_id = text("doc_id", data.doc_id)?
        .filter(|doc_id| !doc_id.is_empty())
        .ok_or(AnswerError::Missing("doc_id"))?;
    let fits = doc_id.chars().count() <= REFERENCE_MAX && !doc_id.chars().any(char::is_control);
    if fits { Ok(OrderShown { status, doc_id }) } else { Err(AnswerError::Unreadable("doc_id")) }
}
