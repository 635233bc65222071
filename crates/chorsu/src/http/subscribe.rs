//! `POST /api`: the Subscribe API over HTTP.

mod payme;

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method as HttpMethod, Request as HttpRequest, header};
use axum::response::Response;
use chorsu_api::Language;
use chorsu_api::subscribe::jsonrpc::Failure;
use chorsu_api::subscribe::{
    self, Answer, Call, CardProblem, CardView, Credentials, ForeignError, Method, ReceiptView,
    Request, RpcError, Stage, catalogue,
};
use chorsu_connectors::card::CardRefusal;
use chorsu_connectors::payme::kassa::Rejection;
use chorsu_core::command::IdempotencyKey;
use chorsu_core::secret::SecretHash;
use chorsu_core::{Card, Kassa, Receipt};
use chorsu_store::ReceiptRange;

use super::body;
use crate::app::App;
use crate::service::{ServiceError, cards, receipts};

/// Answers a call of the Subscribe API. The HTTP status is 200 whatever the answer is.
pub(super) async fn call(app: Arc<App>, request: HttpRequest<Body>) -> Response {
    let started = Instant::now();
    let (head, body) = request.into_parts();
    let language = language(&head.headers);
    if head.method != HttpMethod::POST {
        return respond(error(&Failure::without_id(&catalogue::TRANSPORT), language), true);
    }
    let Some(body) = body::read(body).await else {
        return respond(error(&Failure::without_id(&catalogue::BODY_TOO_LARGE), language), true);
    };
    let call = match subscribe::parse(&body) {
        Ok(call) => call,
        Err(failure) => {
            app.metrics.call("none", failure.error.fault.code, started.elapsed());
            return respond(error(&failure, language), true);
        }
    };
    let mut out = Vec::with_capacity(2048);
    let result = serve(&app, &head.headers, &call, language, &mut out).await;
    let code = result.as_ref().err().map_or(0, code);
    if let Err(refusal) = &result {
        out.clear();
        subscribe::write_error(&mut out, call.id, refusal, language);
    }
    app.metrics.call(call.method.name(), code, started.elapsed());
    respond(out, !call.method.needs_key())
}

/// The code of an error, for the metrics.
fn code(error: &RpcError) -> i32 {
    i32::try_from(error.code()).unwrap_or(error.fault.code)
}

/// [`call`] as a route.
pub(super) async fn route(State(app): State<Arc<App>>, request: HttpRequest<Body>) -> Response {
    call(app, request).await
}

/// Answers a browser's question whether it may call: the card methods are made for browsers.
pub(super) async fn preflight() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = axum::http::StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST, OPTIONS"));
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static(
            "X-Auth, Content-Type, Accept-Language, Cache-Control, Idempotency-Key",
        ),
    );
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

fn respond(body: Vec<u8>, for_browsers: bool) -> Response {
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if for_browsers {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    response
}

fn error(failure: &Failure<'_>, language: Language) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    subscribe::write_error(&mut out, failure.id, &failure.error, language);
    out
}

fn language(headers: &HeaderMap) -> Language {
    let header = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Language::accepted(header)
}

async fn serve(
    app: &Arc<App>,
    headers: &HeaderMap,
    call: &Call<'_>,
    language: Language,
    out: &mut Vec<u8>,
) -> Result<(), RpcError> {
    let credentials = Credentials::parse(headers.get("x-auth").map(HeaderValue::as_bytes))?;
    let kassa = app.kassa(credentials.kassa);
    let kassa = subscribe::authorize(&credentials, kassa.as_deref(), call.method)?;
    if let Some(desk) = app.payme.of(kassa.id) {
        let reply = Reply { app, kassa, call, language, out };
        return Box::pin(payme::serve(reply, desk, headers)).await;
    }
    let request = subscribe::decode(call)?;
    let key = idempotency_key(headers, kassa, call)?;
    let raced = key.clone();
    let reply = Reply { app, kassa, call, language, out: &mut *out };
    match reply.answer_to(request, key).await {
        // Another request with this key came first, a moment ago: now its outcome can be read.
        Err(error) if std::ptr::eq(error.fault, &catalogue::IDEMPOTENCY_KEY_USED) => {
            let request = subscribe::decode(call)?;
            let reply = Reply { app, kassa, call, language, out };
            Box::pin(reply.answer_to(request, raced)).await
        }
        answered => answered,
    }
}

/// The caller's Idempotency-Key, bound to what it asks for.
fn idempotency_key(
    headers: &HeaderMap,
    kassa: &Kassa,
    call: &Call<'_>,
) -> Result<Option<IdempotencyKey>, RpcError> {
    let key = body::idempotency_key(headers).map_err(|()| RpcError::invalid("idempotency_key"))?;
    let Some(key) = key else { return Ok(None) };
    let fingerprint = SecretHash::of(call.method.name().as_bytes(), call.params.as_bytes());
    Ok(Some(IdempotencyKey { kassa: kassa.id, key: key.to_owned(), fingerprint }))
}

/// One call on its way to its answer.
struct Reply<'a> {
    app: &'a Arc<App>,
    kassa: &'a Kassa,
    call: &'a Call<'a>,
    language: Language,
    out: &'a mut Vec<u8>,
}

impl Reply<'_> {
    async fn answer_to(
        self,
        request: Request<'_>,
        key: Option<IdempotencyKey>,
    ) -> Result<(), RpcError> {
        match self.call.method {
            Method::CardsCreate
            | Method::CardsGetVerifyCode
            | Method::CardsVerify
            | Method::CardsCheck
            // The rarer methods are boxed: a request's future is as large as its largest part.
            | Method::CardsRemove => Box::pin(self.cards(request, key)).await,
            _ => self.receipts(request, key).await,
        }
    }

    async fn cards(
        self,
        request: Request<'_>,
        key: Option<IdempotencyKey>,
    ) -> Result<(), RpcError> {
        let (app, kassa) = (self.app, self.kassa);
        let failed = |error| failure(error, Stage::Card, self.call.method);
        match request {
            Request::CardsCreate(new) => {
                let new = cards::NewCard { pan: new.pan, expiry: new.expiry, save: new.save, key };
                let (card, token) = cards::create(app, kassa, new).await.map_err(failed)?;
                self.card(&card, token.as_str());
            }
            Request::CardsGetVerifyCode(token) => {
                let sent = cards::send_code(app, kassa, token.hashed()).await;
                let phone = sent.map_err(failed)?;
                self.answer(&Answer::CodeSent { phone: &phone });
            }
            Request::CardsVerify(verify) => {
                let hashed = verify.token.hashed();
                let verified = cards::verify(app, kassa.id, hashed, &verify.code).await;
                let card = verified.map_err(failed)?;
                self.card(&card, verify.token.as_str());
            }
            Request::CardsCheck(token) => {
                let card = cards::check(app, kassa.id, &token.hashed()).await.map_err(failed)?;
                self.card(&card, token.as_str());
            }
            Request::CardsRemove(token) => {
                cards::remove(app, kassa.id, token.hashed()).await.map_err(failed)?;
                self.answer(&Answer::Success);
            }
            _ => return Err((&catalogue::SYSTEM_ERROR).into()),
        }
        Ok(())
    }

    async fn receipts(
        self,
        request: Request<'_>,
        key: Option<IdempotencyKey>,
    ) -> Result<(), RpcError> {
        let (app, kassa) = (self.app, self.kassa);
        let failed = |error| failure(error, Stage::Pay, self.call.method);
        let receipt = match request {
            Request::ReceiptsCreate(new) => {
                let kept = kassa.check_account(new.account_values());
                let kept = kept.map_err(|reject| failed(reject.into()))?;
                let body = new.body(&kept).into();
                let new = receipts::NewReceipt { amount: new.amount, hold: new.hold, body, key };
                receipts::create(app, kassa, new).await.map_err(failed)?
            }
            Request::ReceiptsPay(pay) => {
                let payment = receipts::Payment {
                    receipt: pay.receipt,
                    token: pay.token.hashed(),
                    hold: pay.hold,
                    payer: pay.payer.map(Into::into),
                    key,
                };
                receipts::pay(app, kassa, payment).await.map_err(failed)?
            }
            Request::ReceiptsConfirmHold(confirm) => {
                let (id, amount) = (confirm.receipt, confirm.amount);
                let confirmed = Box::pin(receipts::confirm(app, kassa.id, id, amount, key)).await;
                confirmed.map_err(failed)?
            }
            Request::ReceiptsCancel(id) => {
                Box::pin(receipts::cancel(app, kassa.id, id, key)).await.map_err(failed)?
            }
            Request::ReceiptsGet(id) => {
                Arc::new(receipts::find(app, kassa.id, id).await.map_err(failed)?)
            }
            other => return Box::pin(self.other_receipts(other, key)).await,
        };
        self.receipt(&receipt)
    }

    /// The methods of receipts that do not answer with one.
    async fn other_receipts(
        self,
        request: Request<'_>,
        key: Option<IdempotencyKey>,
    ) -> Result<(), RpcError> {
        let (app, kassa) = (self.app, self.kassa);
        let failed = |error| failure(error, Stage::Pay, self.call.method);
        match request {
            Request::ReceiptsCheck(id) => {
                let receipt = receipts::find(app, kassa.id, id).await.map_err(failed)?;
                self.answer(&Answer::State(receipt.state));
            }
            Request::ReceiptsSend(send) => {
                receipts::send(app, kassa, send.receipt, &send.phone).await.map_err(failed)?;
                self.answer(&Answer::Success);
            }
            Request::ReceiptsSetFiscalData(data) => {
                let (id, fiscal) = (data.receipt, data.fiscal.into());
                receipts::set_fiscal(app, kassa.id, id, fiscal, key).await.map_err(failed)?;
                self.answer(&Answer::Success);
            }
            Request::ReceiptsGetAll(page) => {
                let range = ReceiptRange {
                    kassa: kassa.id,
                    from: page.from,
                    to: page.until().plus(-1),
                    offset: page.offset,
                    limit: page.count,
                    foreign_ids: app.payme.of(kassa.id).is_some(),
                };
                let found = app.store.receipts(range).await;
                let found = found.map_err(|error| failed(error.into()))?;
                let views = found.iter().map(|receipt| view(receipt, kassa));
                self.answer(&Answer::Receipts(views.collect::<Result<_, _>>()?));
            }
            _ => return Err((&catalogue::SYSTEM_ERROR).into()),
        }
        Ok(())
    }

    fn answer(self, answer: &Answer<'_>) {
        answer.write(self.out, self.call.id);
    }

    fn card(self, card: &Card, token: &str) {
        let (face, recurrent, verified) = (&card.face, card.recurrent, card.verified);
        self.answer(&Answer::Card(CardView { face, token, recurrent, verified }));
    }

    fn receipt(self, receipt: &Receipt) -> Result<(), RpcError> {
        let answer = Answer::Receipt(view(receipt, self.kassa)?, self.language);
        self.answer(&answer);
        Ok(())
    }
}

fn view<'a>(receipt: &'a Receipt, kassa: &'a Kassa) -> Result<ReceiptView<'a>, RpcError> {
    ReceiptView::new(receipt, kassa).map_err(|error| {
        let error = &error as &dyn std::error::Error;
        tracing::error!(receipt = %receipt.id, error, "receipt cannot be shown");
        (&catalogue::SYSTEM_ERROR).into()
    })
}

/// What the caller is told of a failure.
fn failure(error: ServiceError, stage: Stage, method: Method) -> RpcError {
    let problem = match error {
        ServiceError::Rejected(reject) => return RpcError::of_reject(reject, method),
        ServiceError::KeyReused => return (&catalogue::IDEMPOTENCY_KEY_USED).into(),
        ServiceError::Internal => return (&catalogue::SYSTEM_ERROR).into(),
        ServiceError::Acquirer(rejection) => {
            let Rejection { code, message, data, origin } = *rejection;
            return RpcError::of_acquirer(ForeignError { code, message, data, origin });
        }
        ServiceError::Card(refusal) => problem(refusal),
        ServiceError::Unreachable => CardProblem::Unavailable,
        ServiceError::OutcomeUnknown => CardProblem::OutcomeUnknown,
        ServiceError::Sms => CardProblem::SmsFailed,
        ServiceError::Busy => CardProblem::Overloaded,
    };
    RpcError::of_card(problem, stage)
}

const fn problem(refusal: CardRefusal) -> CardProblem {
    match refusal {
        CardRefusal::NotFound => CardProblem::NotFound,
        CardRefusal::WrongExpiry => CardProblem::WrongExpiry,
        CardRefusal::Expired => CardProblem::Expired,
        CardRefusal::Blocked => CardProblem::Blocked,
        CardRefusal::SmsOff => CardProblem::SmsOff,
        CardRefusal::InsufficientFunds => CardProblem::InsufficientFunds,
        CardRefusal::LimitExceeded => CardProblem::LimitExceeded,
        CardRefusal::Declined => CardProblem::Refused,
        CardRefusal::SystemError | CardRefusal::BadMessage => CardProblem::SystemError,
        CardRefusal::Unavailable | CardRefusal::Withdrawn => CardProblem::Unavailable,
        CardRefusal::InvalidAmount
        | CardRefusal::NotAllowed
        | CardRefusal::HoldReleased
        | CardRefusal::OriginalNotFound
        | CardRefusal::AlreadyDone
        | CardRefusal::Duplicate => CardProblem::DebitFailed,
    }
}
