//! Payme's side of the Subscribe API as far as a till uses it: requests read, answers written.
//!
//! JSON-RPC at `/api`, always HTTP 200. Amounts are in tiyin. Only `receipts.*` is played here; for
//! cards there is Chorsu's own Subscribe API.

use std::borrow::Cow;

use chorsu_core::{UnixMillis, Wallet};
use hyper::Method;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::asked::{Asked, Incoming, Spoil, given};
use super::call::{Call, Outcome, Refusal, reference_id};
use super::customer::Customer;
use super::faults::WalletCalls;
use super::ids;
use super::number::{tiyin, unquoted, whole};
use super::record::{Fate, Payment, Stage};
use super::settings::PaymeAccount;
use crate::book::RecordId;

/// The path of all calls.
pub(super) const BASE: &str = "/api";
const PARSE: Refusal = Refusal::Code(-32_700);
const NO_METHOD: Refusal = Refusal::Code(-32_600);
const NOT_POST: Refusal = Refusal::Code(-32_300);
/// The money is on its way.
const PROCESSING: i64 = 2;
/// A state nobody documents.
const UNKNOWN_STATE: i64 = 99;

/// How the result looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Receipt,
    State,
    Success,
}

/// How an answer looks.
#[derive(Debug)]
pub(super) struct Shape {
    /// The id of the request, to be echoed; none when there was none.
    id: Option<Box<RawValue>>,
    kind: Kind,
}

#[derive(Deserialize)]
struct Rpc<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    params: Option<&'a RawValue>,
}

/// The parameters of all methods.
#[derive(Deserialize)]
struct Params<'a> {
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    amount: Option<&'a RawValue>,
    #[serde(borrow, default)]
    account: Option<Account<'a>>,
    #[serde(borrow, default)]
    token: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    fiscal_data: Option<FiscalData<'a>>,
}

/// The merchant's account fields; the payment's own id is `document`, or else `order_id`.
#[derive(Deserialize)]
struct Account<'a> {
    #[serde(borrow, default)]
    document: Option<&'a RawValue>,
    #[serde(borrow, default)]
    order_id: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct FiscalData<'a> {
    #[serde(borrow, default)]
    receipt_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    qr_code_url: Option<Cow<'a, str>>,
}

/// What a request asks of the played Payme; `None` when there is no such path.
pub(super) fn read(incoming: &Incoming<'_>, account: &PaymeAccount) -> Option<Asked<Shape>> {
    if incoming.path.trim_end_matches('/') != BASE {
        return None;
    }
    let refused = |id: Option<&RawValue>, refusal| {
        let shape = Shape { id: id.map(ToOwned::to_owned), kind: Kind::Receipt };
        Some(Asked { shape, calls: WalletCalls::All, call: Err(refusal) })
    };
    if incoming.method != Method::POST {
        return refused(None, NOT_POST);
    }
    let Ok(rpc) = serde_json::from_slice::<Rpc<'_>>(incoming.body) else {
        return refused(None, PARSE);
    };
    let Some(method) = rpc.method else {
        return refused(rpc.id, NO_METHOD);
    };
    let (kind, calls) = match method.as_ref() {
        "receipts.create" => (Kind::Receipt, WalletCalls::Create),
        "receipts.pay" => (Kind::Receipt, WalletCalls::Pay),
        "receipts.get" => (Kind::Receipt, WalletCalls::Ask),
        "receipts.check" => (Kind::State, WalletCalls::Ask),
        "receipts.cancel" => (Kind::Receipt, WalletCalls::Reverse),
        "receipts.set_fiscal_data" => (Kind::Success, WalletCalls::Fiscal),
        _ => return refused(rpc.id, Refusal::UnknownMethod),
    };
    let shape = Shape { id: rpc.id.map(ToOwned::to_owned), kind };
    let call = if is_known(incoming.signature, account) {
        decode(&method, rpc.params, incoming)
    } else {
        Err(Refusal::Unsigned)
    };
    Some(Asked { shape, calls, call })
}

fn is_known(header: Option<&str>, account: &PaymeAccount) -> bool {
    let parts = header.and_then(|header| header.split_once(':'));
    parts.is_some_and(|(id, key)| {
        id.trim() == account.merchant_id.as_ref() && key.trim() == account.key.as_ref()
    })
}

fn decode(
    method: &str,
    params: Option<&RawValue>,
    incoming: &Incoming<'_>,
) -> Result<Call, Refusal> {
    let params = params.map_or("", RawValue::get);
    let params: Params<'_> = serde_json::from_str(params).map_err(|_| Refusal::BadRequest)?;
    if method == "receipts.create" {
        let amount = params.amount.and_then(|amount| tiyin(amount.get()));
        let field = params.account.and_then(|account| account.document.or(account.order_id));
        let reference = field.map(|field| unquoted(field).to_owned());
        if reference.as_deref().is_some_and(|reference| reference_id(reference).is_none()) {
            return Err(Refusal::BadRequest);
        }
        let id = incoming.mint.draw(Wallet::Payme);
        return Ok(Call::Create { id, reference, amount: amount.ok_or(Refusal::BadRequest)? });
    }
    let id = given(params.id)?;
    let id = ids::parse(Wallet::Payme, &id).ok_or(Refusal::NotFound)?;
    Ok(match method {
        "receipts.pay" => {
            let code = given(params.token)?;
            let customer = Customer::of(Wallet::Payme, &code).ok_or(Refusal::BadCode)?;
            Call::Pay { id, customer }
        }
        "receipts.cancel" => Call::Reverse { id, amount: None, reference: None },
        "receipts.set_fiscal_data" => {
            let data = params.fiscal_data.ok_or(Refusal::BadRequest)?;
            data.receipt_id.and_then(whole).ok_or(Refusal::BadRequest)?;
            Call::Fiscal { id, url: given(data.qr_code_url)? }
        }
        _ => Call::Look { id },
    })
}

#[derive(Serialize)]
struct Reply<'a> {
    jsonrpc: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Value>,
}

/// The answer to a request, as JSON.
pub(super) fn write(
    shape: &Shape,
    outcome: &Outcome,
    now: UnixMillis,
    spoil: Option<Spoil>,
) -> serde_json::Result<Vec<u8>> {
    let (result, error) = match outcome {
        Outcome::Payment { id, payment } => (Some(show(shape, *id, payment, now, spoil)), None),
        Outcome::Done => (Some(json!({ "success": true })), None),
        Outcome::Duplicate { .. } => (None, Some(refused(Refusal::Unavailable))),
        Outcome::Refused(refusal) => (None, Some(refused(*refusal))),
    };
    serde_json::to_vec(&Reply { jsonrpc: "2.0", id: shape.id.as_deref(), result, error })
}

fn show(
    shape: &Shape,
    id: RecordId,
    payment: &Payment,
    now: UnixMillis,
    spoil: Option<Spoil>,
) -> Value {
    let unknown = spoil == Some(Spoil::UnknownStatus);
    let state = if unknown { UNKNOWN_STATE } else { state(payment, now) };
    match shape.kind {
        Kind::Success if unknown => json!({ "success": "STRANGE" }),
        Kind::Success => json!({ "success": true }),
        // The answer to a check names nothing else that could be wrong.
        Kind::State if spoil.is_some() => json!({ "state": UNKNOWN_STATE }),
        Kind::State => json!({ "state": state }),
        Kind::Receipt => {
            let wrong = i64::from(spoil == Some(Spoil::WrongAmount));
            json!({ "receipt": receipt(id, payment, state, payment.amount.get() + wrong) })
        }
    }
}

fn receipt(id: RecordId, payment: &Payment, state: i64, amount: i64) -> Value {
    let reference = payment.reference.as_ref();
    let field = |value| json!({ "name": "document", "title": "", "value": value, "main": true });
    let account = reference.map(field);
    let is_paid = payment.fate == Fate::Paid && state != PROCESSING;
    let card = is_paid.then(|| json!({ "number": "860006******6311", "expire": "9903" }));
    json!({
        "_id": ids::text(Wallet::Payme, id),
        "create_time": payment.created_at,
        "pay_time": if is_paid { payment.decided_at } else { 0 },
        "cancel_time": if state == 50 { payment.ended_at.unwrap_or(payment.decided_at) } else { 0 },
        "state": state,
        "type": 2,
        "external": false,
        "operation": -1,
        "category": null,
        "error": null,
        "description": "",
        "detail": null,
        "amount": amount,
        "currency": 860,
        "commission": 0,
        "account": account.into_iter().collect::<Vec<_>>(),
        "card": card,
        "payer": payment.phone.as_ref().map(|phone| json!({ "phone": phone })),
        "meta": null,
        "processing_id": null,
    })
}

fn state(payment: &Payment, now: UnixMillis) -> i64 {
    match payment.stage(now) {
        Stage::Created => 0,
        Stage::Processing => PROCESSING,
        Stage::Success => 4,
        Stage::Reversed if payment.is_cancelling(now) => 21,
        Stage::Reversed | Stage::Refused | Stage::Cancelled => 50,
    }
}

fn refused(refusal: Refusal) -> Value {
    let (code, message) = code(refusal);
    json!({ "code": code, "message": message, "data": null })
}

/// Payme's code for a refusal, and a text.
const fn code(refusal: Refusal) -> (i64, &'static str) {
    match refusal {
        Refusal::Unsigned | Refusal::Stale => (-32_504, "Access denied."),
        Refusal::UnknownMethod => (-32_601, "Method not found."),
        Refusal::BadRequest | Refusal::BadFiscalUrl => (-32_602, "Invalid Params."),
        Refusal::UnknownService => (-31_601, "Merchant not found or blocked."),
        Refusal::BadCode => (-31_400, "Wrong temporary code."),
        Refusal::UsedCode => (-31_400, "The temporary code has been used."),
        Refusal::ExpiredCode => (-31_101, "The temporary code has expired."),
        Refusal::NoFunds => (-31_630, "Insufficient funds."),
        Refusal::Blocked => (-31_630, "The card is blocked."),
        Refusal::Declined => (-31_640, "The card was not debited."),
        Refusal::TooSmall => (-31_611, "Amount below the limit."),
        Refusal::TooLarge => (-31_612, "Amount above the limit."),
        Refusal::NotFound | Refusal::NotPayable | Refusal::NotConfirmable => {
            (-31_602, "Receipt not found or paid.")
        }
        Refusal::NotReversible | Refusal::TooOld => (-31_800, "The receipt cannot be cancelled."),
        Refusal::NotFiscal => (-31_800, "The receipt has other fiscal data or is not paid."),
        Refusal::Unavailable => (-31_001, "Payme is unavailable."),
        Refusal::Code(code) => (code, "Refused."),
    }
}
