//! What the bank API answers: documents and lines of the store in the documented envelopes, and
//! everything that is not an answer.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use chorsu_api::bank::{
    self as api, OrderView, SideView, StatementPage, StatementRequest, StatementRow, StatementScope,
};
use chorsu_core::bank::{BankCode, BankDay, OrderState};
use chorsu_core::order::StatementLine;
use chorsu_core::{BankService, Document};
use chorsu_store::{StatementRange, StoreError};
use hyper::body::Frame;

use crate::bank::orders::OrderFailure;
use crate::bank::parties::{Parties, Side};

/// What is said when the operator wants orders without money refused at once.
const UNDERFUNDED: &str = "Недостаточно средств на счёте сервиса";

/// Why a call is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// One of the documented codes.
    Code(BankCode),
    /// 1017 with a text of its own.
    Underfunded,
    /// The sandbox plays a bank that is down.
    Unavailable,
    /// The sandbox plays a bank that closes the connection.
    Dropped,
}

impl Failure {
    /// The code, for metrics.
    pub(super) fn code(&self) -> u16 {
        match self {
            Self::Code(code) => code.number(),
            Self::Underfunded => BankCode::FieldMissing.number(),
            Self::Unavailable | Self::Dropped => StatusCode::SERVICE_UNAVAILABLE.as_u16(),
        }
    }
}

impl From<BankCode> for Failure {
    fn from(code: BankCode) -> Self {
        Self::Code(code)
    }
}

impl From<OrderFailure> for Failure {
    fn from(failure: OrderFailure) -> Self {
        match failure {
            OrderFailure::Code(code) => Self::Code(code),
            OrderFailure::Underfunded => Self::Underfunded,
        }
    }
}

/// A failure of the store, logged: what was asked for may be there.
pub(super) fn store_failed(error: StoreError) -> Failure {
    tracing::error!(error = &error as &dyn std::error::Error, "reading the store failed");
    BankCode::SystemError.into()
}

/// Writes where an order stands.
pub(super) fn write_document(out: &mut Vec<u8>, document: &Document) -> Result<(), BankCode> {
    let order = document.order().ok_or(BankCode::SystemError)?;
    api::write_order(out, &OrderView { status: order.state, doc_id: &order.doc_id });
    Ok(())
}

/// The lines of a service that a request for a statement asks for.
pub(super) fn range(service: &BankService, asked: &StatementRequest, limit: u32) -> StatementRange {
    StatementRange {
        service: service.id,
        after: StatementLine::number_of(asked.last_id),
        from_day: i64::from(asked.from.number()),
        to_day: i64::from(asked.to.number()),
        direction: match asked.scope {
            StatementScope::All => None,
            StatementScope::Only(direction) => Some(direction),
        },
        limit,
    }
}

/// Writes a page of a statement. Every line in it was carried out.
pub(super) fn write_statement(out: &mut Vec<u8>, lines: &[StatementLine]) {
    const ROW_BYTES: usize = 640;
    out.reserve(ROW_BYTES.saturating_mul(lines.len()));
    let mut page = StatementPage::begin(out);
    for line in lines {
        let parties = Parties::from_json(&line.parties).unwrap_or_default();
        let day = i32::try_from(line.bank_day).map_or(BankDay::LAST, BankDay::from_number);
        let row = StatementRow {
            id: line.shown_id(),
            number: &line.number.to_string(),
            at: line.at,
            day,
            direction: line.direction,
            payer: side(&parties.payer),
            receiver: side(&parties.receiver),
            amount: line.amount,
            purpose: &parties.purpose,
            status: OrderState::Posted,
        };
        page.row(out, &row);
    }
    page.end(out);
}

fn side<'a>(side: &'a Side<'_>) -> SideView<'a> {
    SideView { mfo: &side.mfo, account: &side.account, name: &side.name, tax_id: &side.inn }
}

/// An answer with this body.
pub(super) fn respond(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// The answer to a call that is not done; `unauthorized` is the status for an unknown user.
pub(super) fn refuse(failure: &Failure, unauthorized: StatusCode) -> Response {
    let mut out = Vec::with_capacity(256);
    match failure {
        Failure::Code(code) => api::write_error(&mut out, *code),
        Failure::Underfunded | Failure::Unavailable | Failure::Dropped => {
            explain(&mut out, failure.code(), UNDERFUNDED);
        }
    }
    if *failure != Failure::Code(BankCode::UserNotFound) {
        return respond(StatusCode::OK, out);
    }
    let mut response = respond(unauthorized, out);
    if unauthorized == StatusCode::UNAUTHORIZED {
        let basic = HeaderValue::from_static("Basic realm=\"bank API\", charset=\"UTF-8\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, basic);
    }
    response
}

/// An error with a text that is not in the document.
fn explain(out: &mut Vec<u8>, code: u16, message: &str) {
    let text = serde_json::json!(message);
    let envelope = format!(r#"{{"status":"error","code":{code},"message":{text},"data":null}}"#);
    out.extend_from_slice(envelope.as_bytes());
}

/// A path without a meaning.
pub(super) fn not_found(path: &str) -> Response {
    /// As much of the path as the answer repeats.
    const SHOWN: usize = 100;
    let shown: String = path.chars().take(SHOWN).collect();
    let mut out = Vec::new();
    explain(&mut out, 404, &format!("Метод не найден: {shown}"));
    respond(StatusCode::NOT_FOUND, out)
}

/// A path that is not there for this verb.
pub(super) fn wrong_method(allowed: &'static str) -> Response {
    let mut out = Vec::new();
    explain(&mut out, 405, &format!("Метод HTTP не поддерживается, допустимо: {allowed}"));
    let mut response = respond(StatusCode::METHOD_NOT_ALLOWED, out);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}

/// No answer: the server closes a connection whose answer breaks off before its first byte.
pub(super) fn dropped() -> Response {
    Response::new(Body::new(Severed))
}

/// A body that breaks off.
struct Severed;

impl HttpBody for Severed {
    type Data = bytes::Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionAborted.into())))
    }
}

/// The answer of a bank that is down, as the sandbox was told to play it.
pub(super) fn unavailable() -> Response {
    let mut response = Response::new(Body::from("the bank is not available\n"));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}
