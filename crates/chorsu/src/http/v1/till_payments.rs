//! `/v1/till-payments…`: payments at the tills of the partner's merchants: those without an outcome,
//! giving one back, and saying what became of one whose provider does not.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chorsu_api::bank::Method;
use chorsu_core::command::IdempotencyKey;
use chorsu_core::secret::SecretHash;
use chorsu_core::{Document, DocumentId, Provider, Reject, TillPayment, Tiyin};
use serde::Deserialize;
use serde_json::json;

use super::{Caller, Problem};
use crate::app::App;
use crate::http::body;
use crate::http::till::history::view;
use crate::till::TillFailure;
use crate::till::by_hand::{self, Finding};
use crate::till::reversal::{self, Return};

/// The longest note and the longest number of a payment, in bytes.
const TEXT_MAX: usize = 200;

impl From<TillFailure> for Problem {
    fn from(failure: TillFailure) -> Self {
        let (status, code) = match &failure {
            TillFailure::Rejected(Reject::PaymentNotFound) => {
                return Self::not_found("payment");
            }
            TillFailure::Busy => return Self::busy(),
            TillFailure::Rejected(Reject::AmountDiffers) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "amount")
            }
            TillFailure::Rejected(Reject::TillState(_)) => (StatusCode::CONFLICT, "state"),
            TillFailure::Rejected(_) => (StatusCode::CONFLICT, "refused"),
            TillFailure::KeyReused => (StatusCode::CONFLICT, "key_reused"),
            TillFailure::NotConfigured => (StatusCode::CONFLICT, "not_configured"),
            TillFailure::Declined(document) => {
                let note = document.till().and_then(|payment| payment.note.as_deref());
                let why = note.unwrap_or("the provider gave no reason");
                return Self::new(StatusCode::CONFLICT, "refused", why);
            }
            _ => {
                let error = &failure as &dyn std::error::Error;
                tracing::error!(error, "a call about a payment at the till failed");
                (StatusCode::INTERNAL_SERVER_ERROR, "failed")
            }
        };
        Self::new(status, code, failure.to_string())
    }
}

/// The payment of a path, when it is of one of the partner's merchants.
async fn theirs(app: &App, caller: &Caller, id: &str) -> Result<TillPayment, Problem> {
    let id = DocumentId::from_uuid(id).map_err(|_| Problem::not_found("payment"))?;
    let document = app.store.document(id).await?;
    of_caller(app, caller, document).await
}

async fn of_caller(
    app: &App,
    caller: &Caller,
    document: Option<Document>,
) -> Result<TillPayment, Problem> {
    let unknown = || Problem::not_found("payment");
    let payment = document.as_ref().and_then(Document::till).ok_or_else(unknown)?;
    if caller.merchants(app).await?.contains(&payment.merchant) {
        Ok(payment.clone())
    } else {
        Err(unknown())
    }
}

fn shown(status: StatusCode, document: &Document) -> Response {
    let payment = document.till().map(view);
    (status, Json(payment)).into_response()
}

/// The payments without an outcome, the oldest first.
pub(super) async fn open(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Problem> {
    let open = by_hand::open(&app, &caller.merchants(&app).await?).await?;
    let payments: Vec<_> = open.iter().map(view).collect();
    Ok(Json(json!({ "payments": payments })).into_response())
}

/// A payment by its provider's number; those of a pinpad are its till's own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Number {
    provider: String,
    payment_id: String,
    #[serde(default)]
    till: String,
}

/// The payment of a provider's number.
pub(super) async fn find(
    State(app): State<Arc<App>>,
    Query(number): Query<Number>,
    caller: Caller,
) -> Result<Response, Problem> {
    let provider = Provider::from_name(&number.provider);
    let provider = provider.ok_or_else(|| Problem::bad("there is no such provider"))?;
    let key = TillPayment::paid_key(provider, &number.till, &number.payment_id);
    let document = app.store.document_by_key(key).await?;
    let payment = of_caller(&app, &caller, document).await?;
    Ok(Json(view(&payment)).into_response())
}

/// One payment with everything that happened to it.
pub(super) async fn one(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Response, Problem> {
    let payment = theirs(&app, &caller, &id).await?;
    Ok(Json(view(&payment)).into_response())
}

/// How a payment is to be given back.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reverse {
    /// What the caller believes the payment to be, in tiyin.
    amount: Option<i64>,
    /// Why.
    reason: Option<String>,
}

/// Gives a payment back, all of it. 202 when the provider has not answered: it goes on by itself.
pub(super) async fn reverse(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    caller.needs(Method::Payment)?;
    let asked: Reverse = match body.is_empty() {
        true => Reverse::default(),
        false => serde_json::from_slice(&body).map_err(|error| Problem::bad(error.to_string()))?,
    };
    let amount =
        asked.amount.map(|amount| Tiyin::new(amount).ok_or_else(|| Problem::bad("amount")));
    let reason = asked.reason.unwrap_or_else(|| "asked for".to_owned());
    if reason.len() > TEXT_MAX {
        return Err(Problem::bad("reason is too long"));
    }
    let payment = theirs(&app, &caller, &id).await?;
    let key = key(&headers, &payment, &body)?;
    let reason = Arc::from(format!("{}: {reason}", caller.0.username));
    let asked = Return { id: payment.id, amount: amount.transpose()?, reason, key };
    match reversal::reverse(&app, asked).await {
        Ok(returned) => Ok(shown(StatusCode::OK, &returned.document)),
        Err(TillFailure::Unknown(document)) => Ok(shown(StatusCode::ACCEPTED, &document)),
        Err(failure) => Err(failure.into()),
    }
}

/// The caller's Idempotency-Key, bound to this payment and this body.
fn key(
    headers: &HeaderMap,
    payment: &TillPayment,
    body: &[u8],
) -> Result<Option<IdempotencyKey>, Problem> {
    let key = body::idempotency_key(headers);
    let key = key.map_err(|()| Problem::bad("Idempotency-Key is not valid"))?;
    let what = format!("reverse {}", payment.id);
    let fingerprint = SecretHash::of(what.as_bytes(), body);
    Ok(key.map(|key| IdempotencyKey { kassa: payment.merchant, key: key.to_owned(), fingerprint }))
}

/// What became of a payment, as an operator has found out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settle {
    /// `paid`, `not_paid`; of a reversal `returned`, `kept`.
    outcome: String,
    /// The provider's number of a payment that was paid.
    payment_id: Option<String>,
    /// How it was found out.
    note: String,
}

/// Ends a payment whose provider does not say what became of it.
pub(super) async fn settle(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    caller: Caller,
    body: Bytes,
) -> Result<Response, Problem> {
    caller.needs(Method::Payment)?;
    let asked: Settle =
        serde_json::from_slice(&body).map_err(|error| Problem::bad(error.to_string()))?;
    let is_good = |text: &str| !text.trim().is_empty() && text.len() <= TEXT_MAX;
    if !is_good(&asked.note) {
        return Err(Problem::bad("note says how it was found out, in 1 to 200 bytes"));
    }
    let finding = match (asked.outcome.as_str(), asked.payment_id) {
        ("paid", Some(number)) if is_good(&number) => Finding::Paid(number.trim().to_owned()),
        ("paid", _) => return Err(Problem::bad("payment_id is the provider's number of it")),
        ("not_paid", None) => Finding::NotPaid,
        ("returned", None) => Finding::Returned,
        ("kept", None) => Finding::Kept,
        _ => return Err(Problem::bad("outcome is paid, not_paid, returned or kept")),
    };
    let payment = theirs(&app, &caller, &id).await?;
    let by = format!("{}: {}", caller.0.username, asked.note);
    tracing::warn!(payment = %payment.id, %by, ?finding, "settled by hand");
    let document = by_hand::settle(&app, &payment, finding, by).await?;
    Ok(shown(StatusCode::OK, &document))
}
