//! What became of a payment, step by step: `GET /payment/status/{transaction_id}`.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use chorsu_api::till::TillError;
use chorsu_core::step::Step;
use chorsu_core::{DocumentId, TillPayment};
use serde::Deserialize;

use super::refuse;
use crate::app::App;

/// The paths of histories.
pub(super) fn routes() -> Router<Arc<App>> {
    let mut router = Router::new();
    for path in ["/payment/status/{transaction_id}", "/payment/status/{transaction_id}/"] {
        router =
            router.route(&format!("/till/{{till_id}}{path}"), get(status)).route(path, get(status));
    }
    router
}

/// Which payment is asked about; with a till's name, it has to be one of that till.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    till_id: Option<String>,
    transaction_id: String,
}

/// A payment as it stands, with everything that happened to it.
async fn status(State(app): State<Arc<App>>, Path(asked): Path<Asked>) -> Response {
    let unknown = || TillError::invalid("transaction_id", "There is no such payment.");
    let Ok(id) = DocumentId::from_uuid(&asked.transaction_id) else { return refuse(&unknown()) };
    let document = match app.store.document(id).await {
        Ok(document) => document,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "reading failed");
            return refuse(&TillError::Internal);
        }
    };
    let is_meant =
        |paid: &&TillPayment| asked.till_id.as_deref().is_none_or(|till| *paid.till == *till);
    let payment = document.as_ref().and_then(|document| document.till()).filter(is_meant);
    let Some(payment) = payment else { return refuse(&unknown()) };
    let answer = serde_json::json!({ "data": view(payment), "error": null, "is_success": true });
    Json(answer).into_response()
}

/// A payment with everything that happened to it.
pub(in crate::http) fn view(payment: &TillPayment) -> serde_json::Value {
    let steps: Vec<_> = payment.steps.iter().map(step).collect();
    let fiscal = payment.fiscal.as_ref().map(
        |fiscal| serde_json::json!({ "qr_url": &*fiscal.url, "delivery": fiscal.delivery.name() }),
    );
    serde_json::json!({
        "transaction_id": payment.id.uuid(),
        "till": &*payment.till,
        "provider": payment.provider.name(),
        "status": payment.state.name(),
        "amount_tiyin": payment.amount.get(),
        "payment_id": payment.payment_id.as_deref(),
        "client_phone_number": payment.phone.as_deref(),
        "message": payment.note.as_deref(),
        "created_at_ms": payment.created_at.0,
        "paid_at_ms": payment.paid_at.map(|at| at.0),
        "fiscal": fiscal,
        "steps": steps,
    })
}

fn step(step: &Step) -> serde_json::Value {
    serde_json::json!({
        "at_ms": step.at.0,
        "event": step.event.code(),
        "note": step.note.as_deref(),
    })
}
