//! `/healthz`, `/readyz` and `/metrics`: for those who keep Chorsu running.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use crate::app::App;
use crate::metrics;

/// The process serves.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// The process serves and its database answers.
pub(super) async fn readyz(State(app): State<Arc<App>>) -> impl IntoResponse {
    match app.store.outbox_depth().await {
        Ok(_) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}

/// Counters and timings in the OpenMetrics text format.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, content_type)], metrics::text(&app).await)
}
