//! `POST /v1/payouts`: the rows of a file in one request, answered by a record for each row.
//!
//! The answer is JSON, an object on a line, in the order in which rows are done; the last line says
//! how many there were of each kind. Whoever loses it posts the same file again.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chorsu_api::bank::Method;
use chorsu_core::bank::ServiceFound;
use chorsu_core::{ServiceId, Tiyin};
use http_body_util::BodyExt as _;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc;

use super::stream::{self, Sender};
use super::{Caller, Problem};
use crate::app::App;
use crate::payouts::report::{Record, Style};
use crate::payouts::rows::Totals;
use crate::payouts::run::{Job, Rights};

/// The largest file that is taken in one request.
const FILE_MAX: usize = 64 * 1024 * 1024;
/// Records that wait to be sent.
const RECORDS: usize = 1_024;

/// What to do with the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    service: String,
    #[serde(default)]
    dry_run: bool,
    /// Wrong rows are left out; without this, a file with wrong rows is not paid at all.
    #[serde(default)]
    skip_invalid: bool,
}

/// Pays the rows of a CSV, XLSX or pain.001 file, or looks at them.
pub(super) async fn run(
    State(app): State<Arc<App>>,
    Query(asked): Query<Asked>,
    caller: Caller,
    body: Body,
) -> Result<Response, Problem> {
    let methods = [Method::Payment, Method::PaymentBudget];
    let kinds = methods.map(|method| caller.0.may_call(method));
    if kinds == [false, false] {
        caller.needs(Method::Payment)?;
    }
    let number = ServiceId::parse(&asked.service).ok_or_else(|| Problem::not_found("service"))?;
    let services = app.bank.services();
    let service = services.find(caller.0.id, number.into());
    let service = service.ok_or_else(|| Problem::not_found("service"))?.clone();
    if service.found() == ServiceFound::NotConfigured {
        return Err(Problem::forbidden("the service takes no orders"));
    }
    let place = app.settlements.exports.try_acquire().map_err(|_| Problem::busy())?;
    let file = read(body).await?;
    let [ordinary, budget] = kinds;
    let rights = Rights { ordinary, budget };
    let job = Job { partner: caller.0.id, rights, service, file, dry_run: asked.dry_run };
    let totals = job.totals().await.map_err(|error| unreadable(&error.to_string()))?;
    if totals.wrong > 0 && !asked.dry_run && !asked.skip_invalid {
        return Ok(not_paid(&totals));
    }
    drop(place);
    let available = app.store.service(number).await?.map_or(Tiyin::ZERO, |found| found.available);
    let (sender, body) = stream::body();
    let task_app = app.clone();
    tokio::spawn(async move {
        let Ok(_place) = task_app.settlements.exports.acquire().await else { return };
        work(&task_app, job, (totals, available), sender).await;
    });
    let mut response = body.into_response();
    let media = HeaderValue::from_static("application/x-ndjson");
    response.headers_mut().insert(header::CONTENT_TYPE, media);
    Ok(response)
}

/// Sends a record for each row, then the counts.
async fn work(app: &Arc<App>, job: Job, (totals, available): (Totals, Tiyin), sender: Sender) {
    let (records, mut done) = mpsc::channel::<Record>(RECORDS);
    // It owns its end of the channel: when nobody reads any more, the work ends too.
    let sending = async move {
        let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
        while let Some(record) = done.recv().await {
            *counts.entry(record.status.name()).or_default() += 1;
            sender.send(record.line(Style::Json)).await.ok()?;
        }
        Some((sender, counts))
    };
    let working = async move { job.run(app, &records).await };
    let (sent, worked) = tokio::join!(sending, working);
    if let Err(error) = worked {
        // The rows before it were looked at already: this happens to nobody but to a broken disk.
        tracing::error!(%error, "a file of payments could be read once and not again");
        return;
    }
    let Some((sender, counts)) = sent else {
        tracing::info!("nobody waits for the rest of a file of payments: it was left");
        return;
    };
    let summary = json!({
        "rows": totals.rows,
        "counts": counts,
        "cost": totals.cost.to_string(),
        "available": available.get(),
    });
    if sender.send(format!("{summary}\n")).await.is_ok() {
        sender.finish().await;
    }
}

/// A file with wrong rows: nothing of it was paid.
fn not_paid(totals: &Totals) -> Response {
    let message = format!("{} of {} rows are wrong; nothing was paid", totals.wrong, totals.rows);
    let error = json!({ "code": "rows", "message": message, "problems": totals.problems });
    let body = axum::Json(json!({ "error": error }));
    (StatusCode::UNPROCESSABLE_ENTITY, body).into_response()
}

fn unreadable(why: &str) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "file", why)
}

/// The whole file.
async fn read(mut body: Body) -> Result<Bytes, Problem> {
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| unreadable("the file broke off"))?;
        let Ok(data) = frame.into_data() else { continue };
        if whole.len() + data.len() > FILE_MAX {
            let message = "the file is larger than 64 MB; use `chorsu payouts import`";
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "file", message));
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.into())
}
