//! What became of a payment, step by step: `GET /payment/status/{transaction_id}`.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use chorsu_api::till::TillError;
use chorsu_core::DocumentId;
use chorsu_core::step::Step;

use super::refuse;
use crate::app::App;

/// The paths of histories.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/payment/status/{transaction_id}", get(status))
        .route("/payment/status/{transaction_id}/", get(status))
}

/// A payment as it stands, with everything that happened to it.
async fn status(State(app): State<Arc<App>>, Path(id): Path<String>) -> Response {
    let unknown = || TillError::invalid("transaction_id", "There is no such payment.");
    let Ok(id) = DocumentId::from_uuid(&id) else { return refuse(&unknown()) };
    let document = match app.store.document(id).await {
        Ok(document) => document,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "reading failed");
            return refuse(&TillError::Internal);
        }
    };
    let Some(payment) = document.as_ref().and_then(|document| document.till()) else {
        return refuse(&unknown());
    };
    let steps: Vec<_> = payment.steps.iter().map(step).collect();
    let fiscal = payment.fiscal.as_ref().map(
        |fiscal| serde_json::json!({ "qr_url": &*fiscal.url, "delivery": fiscal.delivery.name() }),
    );
    Json(serde_json::json!({
        "data": {
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
        },
        "error": null,
        "is_success": true,
    }))
    .into_response()
}

fn step(step: &Step) -> serde_json::Value {
    serde_json::json!({
        "at_ms": step.at.0,
        "event": step.event.code(),
        "note": step.note.as_deref(),
    })
}
