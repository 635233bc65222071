//! Which path leads where.

use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get};

use super::{bank, checkout, operations, pages, sandbox, sandbox_page, subscribe, till, v1};
use crate::app::App;

/// The routes of a running Chorsu. The sandbox's are there in sandbox mode only.
pub(crate) fn router(app: Arc<App>) -> Router {
    let api = any(subscribe::route).options(subscribe::preflight);
    let mut router = Router::new()
        .route("/api", api.clone())
        .route("/api/", api)
        // Where the server has not answered by itself already.
        .route("/api/v2", any(bank::route))
        .route("/api/v2/", any(bank::route))
        .route("/api/v2/{*path}", any(bank::route))
        .route("/healthz", get(operations::healthz))
        .route("/readyz", get(operations::readyz))
        .route("/metrics", get(operations::metrics))
        .route("/", get(pages::start))
        .route("/assets/{name}", get(pages::asset))
        .merge(checkout::routes())
        .merge(till::routes(&app))
        .merge(v1::routes())
        .fallback(pages::not_found);
    if app.sandbox.is_some() {
        router =
            router.nest("/sandbox", sandbox::routes()).route("/sandbox/", get(sandbox_page::back));
    }
    router.with_state(app)
}
