//! `/api/v2/…`: the bank API "payments by requisites" over HTTP.
//!
//! It has paths of its own because the documented ones need more than a router gives: each with and
//! without a slash at its end, order numbers with any character in the path, a GET with a body, and
//! an error in JSON for whatever is not there. The HTTP status is 200 for every documented answer.

mod answer;
mod path;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request as HttpRequest, StatusCode, header};
use axum::response::Response;
use chorsu_api::bank::{self as api, Login};
use chorsu_core::UnixMillis;
use chorsu_core::bank::{Access, BankCode, OrderKind, OrderState, ServiceFound, ServiceNumber};

use self::answer::Failure;
use self::path::{NoRoute, Route};
use super::body;
use crate::app::App;
use crate::bank::faults::{BankFault, Spoiled};
use crate::bank::login::Denied;
use crate::bank::orders::{self, Asked};
use crate::bank::partner::Partner;
use crate::bank::service_book::Service;

/// How long an answer is kept back that is never to come; clients have given up by then.
const HANG: Duration = Duration::from_secs(30);
/// A word for an order's status that no document has.
const UNKNOWN_STATUS: &str = "На проверке";

/// Whether a request is for a payment order, which takes the short way past the router.
pub(super) fn is_order(request: &HttpRequest<Body>) -> bool {
    let path = request.uri().path();
    request.method() == axum::http::Method::POST && path.starts_with("/api/v2/payment")
}

/// [`call`] as a route.
pub(super) async fn route(State(app): State<Arc<App>>, request: HttpRequest<Body>) -> Response {
    call(app, request).await
}

/// Answers a call of the bank API.
pub(super) async fn call(app: Arc<App>, request: HttpRequest<Body>) -> Response {
    let started = Instant::now();
    let at = app.clock.now();
    let (head, body) = request.into_parts();
    let route = match Route::of(&head.method, head.uri.path()) {
        Ok(route) => route,
        Err(NoRoute::NotFound) => return answer::not_found(head.uri.path()),
        Err(NoRoute::WrongMethod(allowed)) => return answer::wrong_method(allowed),
    };
    let method = route.method();
    let body = if route.has_body() { body::read(body).await } else { Some(bytes::Bytes::new()) };
    let call = Call {
        app: &app,
        route,
        headers: &head.headers,
        query: head.uri.query(),
        body: body.as_deref(),
        at,
    };
    let mut out = Vec::with_capacity(256);
    let done = call.run(&mut out).await;
    let code = done.as_ref().err().map_or(0, Failure::code);
    app.metrics.bank_call(method.name(), code, started.elapsed());
    match done {
        Ok(None) => answer::respond(StatusCode::OK, out),
        Ok(Some(spoiled)) => spoil(spoiled, out).await,
        Err(Failure::Unavailable) => answer::unavailable(),
        Err(Failure::Dropped) => answer::dropped(),
        Err(failure) => {
            let status = app.bank.settings.unauthorized_status;
            answer::refuse(&failure, StatusCode::from_u16(status).unwrap_or(StatusCode::OK))
        }
    }
}

/// Spoils an answer, as the sandbox was told to.
async fn spoil(spoiled: Spoiled, mut out: Vec<u8>) -> Response {
    match spoiled {
        Spoiled::Code(code) => answer::refuse(&Failure::Code(code), StatusCode::OK),
        Spoiled::Hangs => {
            tokio::time::sleep(HANG).await;
            answer::respond(StatusCode::GATEWAY_TIMEOUT, Vec::new())
        }
        Spoiled::Broken => {
            out.truncate(out.len() / 2);
            answer::respond(StatusCode::OK, out)
        }
        Spoiled::Dropped => answer::dropped(),
        Spoiled::Http500 => {
            answer::respond(StatusCode::INTERNAL_SERVER_ERROR, b"internal error\n".to_vec())
        }
        Spoiled::UnknownStatus => {
            let text = String::from_utf8_lossy(&out).into_owned();
            let text = OrderState::ALL
                .iter()
                .fold(text, |text, status| text.replace(status.word(), UNKNOWN_STATUS));
            answer::respond(StatusCode::OK, text.into_bytes())
        }
        Spoiled::Twice => answer::respond(StatusCode::OK, out.repeat(2)),
    }
}

/// One call with everything that came with it.
struct Call<'a> {
    app: &'a App,
    route: Route<'a>,
    headers: &'a HeaderMap,
    query: Option<&'a str>,
    /// Absent when it was too large or broke off.
    body: Option<&'a [u8]>,
    at: UnixMillis,
}

impl Call<'_> {
    /// Writes the answer; how the sandbox spoils it, if it does.
    async fn run(self, out: &mut Vec<u8>) -> Result<Option<Spoiled>, Failure> {
        let method = self.route.method();
        let partner = self.partner().await?;
        let access = if partner.may_call(method) { Access::Granted } else { Access::Denied };
        access.check()?;
        let fault = self.app.bank.controls.as_ref().and_then(|played| played.befall(method));
        match fault {
            Some(BankFault::Unavailable) => return Err(Failure::Unavailable),
            Some(BankFault::DropBefore) => return Err(Failure::Dropped),
            Some(BankFault::Delay { delay_ms }) => {
                // Boxed: a request's future is as large as its largest part.
                Box::pin(tokio::time::sleep(Duration::from_millis(delay_ms))).await;
            }
            _ => {}
        }
        if let Some(code) = fault.and_then(BankFault::refusal) {
            return Err(code.into());
        }
        let spoiled = match &self.route {
            Route::Order(kind) => self.order(&partner, *kind, out).await?,
            Route::Services => {
                self.services(&partner, out);
                None
            }
            // The rarer methods are boxed: a request's future is as large as its largest part.
            Route::Status(_) | Route::Balance(_) | Route::Statement => {
                Box::pin(self.read(&partner, out)).await?;
                None
            }
        };
        Ok(fault.and_then(BankFault::spoiled).or(spoiled))
    }

    async fn partner(&self) -> Result<Arc<Partner>, Failure> {
        let header = self.headers.get(header::AUTHORIZATION).map(|value| value.as_bytes());
        let login = Login::parse(header)?;
        self.app.bank.partner(login).await.map_err(|denied| match denied {
            Denied::Unknown => BankCode::UserNotFound.into(),
            Denied::Busy => BankCode::SystemError.into(),
        })
    }

    async fn order(
        &self,
        partner: &Partner,
        kind: OrderKind,
        out: &mut Vec<u8>,
    ) -> Result<Option<Spoiled>, Failure> {
        let key = body::idempotency_key(self.headers).map_err(|()| BankCode::FieldMissing)?;
        let draft = api::read_order(kind, self.body.ok_or(BankCode::FieldMissing)?)?;
        let asked = Asked { partner: partner.id, kind, at: self.at, is_keyed: key.is_some() };
        let accepted = orders::order(self.app, asked, &draft).await?;
        answer::write_document(out, &accepted.document)?;
        Ok(accepted.spoiled)
    }

    fn services(&self, partner: &Partner, out: &mut Vec<u8>) {
        let services = self.app.bank.services();
        api::write_services(
            out,
            services.of(partner.id).map(|service| api::ServiceView {
                id: service.settings.id.into(),
                name: &service.settings.name,
                activated: service.found() != ServiceFound::NotConfigured,
                kind: service.settings.cards,
                account: &service.settings.account,
            }),
        );
    }

    async fn read(&self, partner: &Partner, out: &mut Vec<u8>) -> Result<(), Failure> {
        match &self.route {
            Route::Status(key) => {
                let key = api::order_of_path(key)?;
                let found = orders::find(self.app, partner.id, &key).await?;
                Ok(answer::write_document(out, &found.ok_or(BankCode::NotRecorded)?)?)
            }
            Route::Balance(number) => {
                let service = self.service(partner, api::service_of_path(number)?)?;
                let found = self.app.store.service(service.settings.id).await;
                let found = found.map_err(answer::store_failed)?;
                let balance = found.ok_or(BankCode::ServiceNotFound)?.available;
                api::write_balance(out, balance);
                Ok(())
            }
            _ => self.statement(partner, out).await,
        }
    }

    async fn statement(&self, partner: &Partner, out: &mut Vec<u8>) -> Result<(), Failure> {
        let body = self.body.ok_or(BankCode::FieldMissing)?;
        let draft = api::read_statement(body, self.query)?;
        let service = self.service(partner, draft.service()?)?;
        let limit = self.app.bank.settings.statement_page;
        let range = answer::range(&service.settings, &draft.check()?, limit);
        let lines = self.app.store.statement(range).await.map_err(answer::store_failed)?;
        answer::write_statement(out, &lines);
        Ok(())
    }

    /// The partner's service of this number, when it can be used.
    fn service(&self, partner: &Partner, number: ServiceNumber) -> Result<Arc<Service>, Failure> {
        let services = self.app.bank.services();
        let service = services.find(partner.id, number).ok_or(BankCode::ServiceNotFound)?;
        service.found().check()?;
        Ok(service.clone())
    }
}
