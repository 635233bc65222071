//! `/v1/…`: Chorsu's own API for what no other one has: settlements, files, bulk payments, and the
//! way back of payments at the till.
//!
//! Callers are partners of the bank API with its credentials. An error is a status and
//! `{"error":{"code":…,"message":…}}`; sums are whole tiyin, days `YYYY-MM-DD` in Tashkent.

mod files;
mod payouts;
mod rules;
mod settlements;
mod stream;
mod till_payments;

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chorsu_api::bank::{Login, Method};
use chorsu_core::KassaId;
use chorsu_core::bank::OrderKind;
use chorsu_store::StoreError;

use crate::app::App;
use crate::bank::login::Denied;
use crate::bank::partner::Partner;
use crate::settlement::SettlementError;
use crate::settlement::rule::{RuleBook, RuleError};

/// The routes.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/settlement-rules", get(rules::list))
        .route("/v1/settlement-rules/{merchant}", get(rules::one).put(rules::put))
        .route("/v1/holidays", get(rules::get_holidays).put(rules::put_holidays))
        .route("/v1/settlements", get(settlements::list).post(settlements::compute))
        .route("/v1/settlements/export", get(files::settlements))
        .route("/v1/settlements/{id}", get(settlements::one))
        .route("/v1/settlements/{id}/send", post(settlements::send))
        .route("/v1/settlements/{id}/withdraw", post(settlements::withdraw))
        .route("/v1/settlements/{id}/retry", post(settlements::retry))
        .route("/v1/services/{id}/statement", get(files::statement))
        .route("/v1/payouts", post(payouts::run))
        .route("/v1/till-payments/open", get(till_payments::open))
        .route("/v1/till-payments/find", get(till_payments::find))
        .route("/v1/till-payments/{id}", get(till_payments::one))
        .route("/v1/till-payments/{id}/reverse", post(till_payments::reverse))
        .route("/v1/till-payments/{id}/settle", post(till_payments::settle))
}

/// Why a call is not done.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// Something in the request means nothing.
    fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    /// What is named does not exist for this caller.
    fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("no such {what}"))
    }

    /// The caller may not do this.
    fn forbidden(message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    /// Too much at once.
    fn busy() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "overloaded; try again")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::json!({ "error": { "code": self.code, "message": self.message } });
        let mut response = (self.status, axum::Json(body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let basic = HeaderValue::from_static("Basic realm=\"Chorsu\", charset=\"UTF-8\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, basic);
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        SettlementError::from(error).into()
    }
}

impl From<RuleError> for Problem {
    fn from(error: RuleError) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "rule", error.to_string())
    }
}

impl From<SettlementError> for Problem {
    fn from(error: SettlementError) -> Self {
        let (status, code) = match &error {
            SettlementError::NotFound => return Self::not_found("settlement"),
            SettlementError::Busy => return Self::busy(),
            SettlementError::NoRule => (StatusCode::UNPROCESSABLE_ENTITY, "no_rule"),
            SettlementError::Rule(_) => (StatusCode::UNPROCESSABLE_ENTITY, "rule"),
            SettlementError::State(_) => (StatusCode::CONFLICT, "state"),
            SettlementError::OwedLess => (StatusCode::CONFLICT, "owed_less"),
            SettlementError::RuleChanged => (StatusCode::CONFLICT, "rule_changed"),
            SettlementError::NumberUsed(_) => (StatusCode::CONFLICT, "number_used"),
            SettlementError::Rejected(_) => (StatusCode::CONFLICT, "refused"),
            SettlementError::Store(_) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "a call of /v1 failed");
                (StatusCode::INTERNAL_SERVER_ERROR, "failed")
            }
        };
        Self::new(status, code, error.to_string())
    }
}

/// The partner who calls.
pub(super) struct Caller(Arc<Partner>);

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let unknown = || {
            let message = "the name and password of a partner are needed";
            Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
        };
        let header = parts.headers.get(header::AUTHORIZATION).map(|value| value.as_bytes());
        let login = Login::parse(header).map_err(|_| unknown())?;
        match app.bank.partner(login).await {
            Ok(partner) => Ok(Self(partner)),
            Err(Denied::Unknown) => Err(unknown()),
            Err(Denied::Busy) => Err(Problem::busy()),
        }
    }
}

impl Caller {
    /// Refuses a partner without a right of the bank API that this needs.
    fn needs(&self, method: Method) -> Result<(), Problem> {
        if self.0.may_call(method) {
            return Ok(());
        }
        Err(Problem::forbidden("the partner has no right to do this"))
    }

    /// Refuses a partner who may not order payments of this kind.
    fn needs_for(&self, kind: OrderKind) -> Result<(), Problem> {
        self.needs(match kind {
            OrderKind::Ordinary => Method::Payment,
            OrderKind::Budget => Method::PaymentBudget,
        })
    }

    /// The merchants whose money the partner's services pay out.
    async fn merchants(&self, app: &App) -> Result<Vec<KassaId>, Problem> {
        Ok(RuleBook::read(&app.store).await?.merchants_of(self.0.id))
    }
}
