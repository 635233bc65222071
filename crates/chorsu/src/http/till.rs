//! The till API over HTTP: `/payment/…`, `/order…`, `/zreport/…`, and the same of one of many tills
//! under `/till/{till_id}`.

mod failure;
pub(super) mod fiscal;
mod form;
pub(super) mod history;
mod payment;

use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Router, middleware};
use chorsu_api::till::{TillError, encode};
use chorsu_core::KassaId;
use chorsu_core::command::IdempotencyKey;
use chorsu_core::secret::SecretHash;

pub(super) use self::payment::ShortWay;
use super::{body, till_guard};
use crate::app::App;
use crate::till::config::DEFAULT_TILL;
use crate::till::registry::Till;

/// The routes, without their state; `app` decides who may use them.
pub(super) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .merge(payment::routes())
        .merge(history::routes())
        .merge(fiscal::routes())
        .route_layer(middleware::from_fn_with_state(app.clone(), till_guard::check))
}

/// The till that a request's path names, or the default one.
pub(super) struct At(pub(super) Arc<Till>);

impl FromRequestParts<Arc<App>> for At {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let named = <Path<TillPath> as OptionalFromRequestParts<_>>::from_request_parts(parts, app)
            .await
            .map_err(IntoResponse::into_response)?;
        let name = named.map(|Path(path)| path.till_id);
        let name = name.as_deref().unwrap_or(DEFAULT_TILL);
        app.tills.find(name).map(Self).ok_or_else(|| {
            let error = TillError::InvalidArgument(format!("There is no till {name}.").into());
            refuse(&error)
        })
    }
}

#[derive(serde::Deserialize)]
struct TillPath {
    #[serde(default = "default_till")]
    till_id: String,
}

fn default_till() -> String {
    DEFAULT_TILL.to_owned()
}

/// An answer of the till API: JSON, with status 200 whatever it says.
pub(super) fn answer(body: Vec<u8>) -> Response {
    let mut response = body.into_response();
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// An error in the till's envelope.
pub(super) fn refuse(error: &TillError) -> Response {
    let mut out = Vec::with_capacity(256);
    encode::error(&mut out, error);
    answer(out)
}

/// Another method than the path takes.
pub(super) async fn wrong_method() -> Response {
    let mut response = refuse(&TillError::whole("Method not allowed."));
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response
}

/// The caller's Idempotency-Key, bound to the path and the body it came with.
pub(super) fn idempotency_key(
    headers: &HeaderMap,
    owner: KassaId,
    what: &str,
    body: &[u8],
) -> Result<Option<IdempotencyKey>, TillError> {
    let wrong = |()| TillError::invalid("Idempotency-Key", "Not a valid key.");
    let Some(key) = body::idempotency_key(headers).map_err(wrong)? else { return Ok(None) };
    let fingerprint = SecretHash::of(what.as_bytes(), body);
    Ok(Some(IdempotencyKey { kassa: owner, key: key.to_owned(), fingerprint }))
}
