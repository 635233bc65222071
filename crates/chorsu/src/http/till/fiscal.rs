//! Orders, refunds, shifts and the fiscal module over HTTP: `/order…`, `/zreport/…`, `/info`.

mod failure;
mod orders;
mod paper;
mod shifts;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use bytes::Bytes;
use chorsu_api::till::{TillError, encode};

use super::{answer, wrong_method};
use crate::app::App;
use crate::http::body;

/// The paths; each is there with a slash at its end too, and under each till.
pub(super) fn routes() -> Router<Arc<App>> {
    let calls: [(&str, MethodRouter<Arc<App>>); 9] = [
        ("/order", post(orders::create)),
        ("/order/create", post(orders::create)),
        ("/order/refuse", post(orders::refuse)),
        ("/order/last", get(orders::last)),
        ("/order/print", get(paper::print)),
        ("/info", get(shifts::info)),
        ("/zreport/open", get(shifts::open)),
        ("/zreport/close", get(shifts::close_now).post(shifts::close)),
        ("/zreport/info", get(shifts::look)),
    ];
    let mut router = Router::new();
    for (path, call) in calls {
        let call = call.fallback(wrong_method);
        for path in [path.to_owned(), format!("{path}/")] {
            router = router
                .route(&format!("/till/{{till_id}}{path}"), call.clone())
                .route(&path, call.clone());
        }
    }
    router
}

/// A request's headers and body; an error when it is too large.
async fn read(request: Request) -> Result<(HeaderMap, Bytes), TillError> {
    let (head, body) = request.into_parts();
    let body = body::read(body).await;
    Ok((head.headers, body.ok_or_else(|| TillError::whole("The request is too large."))?))
}

/// An error of a call whose answer stands inside `result`.
fn refuse_in_result(error: &TillError) -> Response {
    let mut out = Vec::with_capacity(256);
    encode::error_in_result(&mut out, error);
    answer(out)
}
