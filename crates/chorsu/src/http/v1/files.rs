//! Files to download: a service's statement and the settlements of merchants.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chorsu_api::bank::Method;
use chorsu_core::ServiceId;
use chorsu_core::bank::BankDay;
use chorsu_files::{Day, SettlementReport, StatementFormat, TableFormat};
use serde::Deserialize;

use super::stream::{self, BlockingWriter};
use super::{Caller, Problem};
use crate::app::App;
use crate::settlement::export::{self, Reader, StatementError, Wanted};
use crate::settlement::report::{self, TableError};
use crate::settlement::statements;

/// The days and the format of a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    from: Option<String>,
    to: Option<String>,
    format: Option<String>,
}

impl Asked {
    /// The days; without them, today.
    fn period(&self, app: &App) -> Result<(BankDay, BankDay), Problem> {
        let today = BankDay::of(app.clock.now()).to_string();
        let from = self.from.as_deref().or(self.to.as_deref()).unwrap_or(&today);
        let to = self.to.as_deref().unwrap_or(&today);
        let wrong = "from and to are days like 2026-11-20, the first not after the last";
        export::period(from, to).ok_or_else(|| Problem::bad(wrong))
    }

    fn format(&self) -> &str {
        self.format.as_deref().unwrap_or("csv")
    }
}

/// The headers of a file.
fn headed(mut response: Response, media: &'static str, name: &str) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Names are made of our own words, digits and dashes.
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// A service's statement.
pub(super) async fn statement(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    caller: Caller,
) -> Result<Response, Problem> {
    caller.needs(Method::Payments)?;
    let format = StatementFormat::from_name(asked.format()).ok_or_else(|| {
        Problem::bad("format is none of 1c, 1c-utf8, csv, csv-plain, xlsx, camt053")
    })?;
    let (from, to) = asked.period(&app)?;
    let number = ServiceId::parse(&id).ok_or_else(|| Problem::not_found("service"))?;
    let service = app.store.service(number).await?;
    let service = service.filter(|service| service.partner == caller.0.id);
    let service = service.ok_or_else(|| Problem::not_found("service"))?;
    let wanted = Wanted { service, from, to, format, created_at: app.clock.now() };
    let name = format!("statement-{number}-{from}-{to}.{}", format.extension());
    let (sender, body) = stream::body();
    let task_app = app.clone();
    tokio::spawn(async move {
        if let Err(error) = write(&task_app, &wanted, sender.into_writer()).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, service = %wanted.service.id, "a statement was not written");
        }
    });
    Ok(headed(body.into_response(), format.media_type(), &name))
}

/// Writes a statement into a body; the body is cut off when that fails.
async fn write(app: &App, wanted: &Wanted, body: BlockingWriter) -> Result<(), StatementError> {
    let place = app.settlements.exports.acquire().await;
    let _place = place.map_err(|_| StatementError::BrokeOff)?;
    let (reader, writer, lines) = Reader::open(&app.store, wanted).await?;
    let writing = tokio::task::spawn_blocking(move || {
        let body = writer.write(body)?;
        body.finish().map_err(|_| StatementError::BrokeOff)
    });
    let read = reader.read(lines).await;
    let written = writing.await.unwrap_or(Err(StatementError::BrokeOff));
    // When both fail, the one that failed first says why.
    match read {
        Err(StatementError::BrokeOff) | Ok(()) => written,
        Err(error) => Err(error),
    }
}

/// The settlements of the partner's merchants: a table, or a file for accounting programs with a
/// statement for each merchant.
pub(super) async fn settlements(
    State(app): State<Arc<App>>,
    Query(asked): Query<Asked>,
    caller: Caller,
) -> Result<Response, Problem> {
    let table = TableFormat::from_name(asked.format());
    let statements = StatementFormat::from_name(asked.format());
    let (from, to) = asked.period(&app)?;
    let day = |day: BankDay| Day::from_number(i64::from(day.number()));
    let (Some(first), Some(last)) = (day(from), day(to)) else {
        return Err(Problem::bad("there are no such days"));
    };
    let report = SettlementReport { from: first, to: last, created_at: app.clock.now() };
    let merchants = caller.merchants(&app).await?;
    let _place = app.settlements.exports.acquire().await.map_err(|_| Problem::busy())?;
    let (file, media, extension) = match (table, statements) {
        (Some(format), _) => {
            let file = report::table(&app, &merchants, (format, &report)).await;
            (file, format.media_type(), format.extension())
        }
        (None, Some(_)) if merchants.is_empty() => return Err(Problem::not_found("merchant")),
        (None, Some(format)) => {
            let file = statements::file(&app, &merchants, (format, &report)).await;
            (file, format.media_type(), format.extension())
        }
        (None, None) => {
            let known = "format is none of csv, csv-plain, xlsx, 1c, 1c-utf8, camt053";
            return Err(Problem::bad(known));
        }
    };
    let file = file.map_err(|error| match error {
        TableError::Read(error) => Problem::from(error),
        TableError::File(_) => Problem::bad(error.to_string()),
    })?;
    let name = format!("settlements-{from}-{to}.{extension}");
    Ok(headed(file.into_response(), media, &name))
}
