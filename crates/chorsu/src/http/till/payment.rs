//! Payments by scanned code and by pinpad, and their fiscal receipts.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use bytes::Bytes;
use chorsu_api::till::view::{ClickConfirmed, PaymeConfirmed, Slip, UzumDone, WalletPaid};
use chorsu_api::till::{PinpadPayment, TillError, decode, encode};
use chorsu_core::command::IdempotencyKey;
use chorsu_core::{Document, Network, Provider, Tiyin, Wallet};

use super::failure::error_of;
use super::{At, answer, form, idempotency_key, refuse, wrong_method};
use crate::app::App;
use crate::http::body;
use crate::till::TillFailure;
use crate::till::config::DEFAULT_TILL;
use crate::till::delivery::{self, Brought};
use crate::till::payment::{Order, pay};
use crate::till::pinpad::{Report, report, void, void_slip};
use crate::till::registry::Till;
use crate::till::reversal::Returned;

/// What wallets say of a payment that went through, when they say nothing.
const PAID: &str = "successfully payment";

/// The paths of payments; each is there with a slash at its end too, and under each till.
pub(super) fn routes() -> Router<Arc<App>> {
    let calls: [(&str, MethodRouter<Arc<App>>); 12] = [
        ("/payment/click", post(|app, at, request| scan(app, at, Wallet::Click, request))),
        ("/payment/payme", post(|app, at, request| scan(app, at, Wallet::Payme, request))),
        ("/payment/uzum", post(|app, at, request| scan(app, at, Wallet::Uzum, request))),
        ("/payment/xumo", post(pinpad)),
        ("/payment/click_confirm", post(|app, at, body| confirm(app, at, Wallet::Click, body))),
        ("/payment/payme_confirm", post(|app, at, body| confirm(app, at, Wallet::Payme, body))),
        ("/payment/uzum_confirm", post(|app, at, body| confirm(app, at, Wallet::Uzum, body))),
        ("/payment/xumo_close", report_of(Report::Reconciliation)),
        ("/payment/xumo_shortreport", report_of(Report::Short)),
        ("/payment/xumo/print_last", report_of(Report::Last)),
        ("/payment/xumo_close/print_last", report_of(Report::LastReconciliation)),
        ("/payment/xumo/print", report_of(Report::Last)),
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

/// A payment that takes the short way past the router: by a scanned code, at the default till, and
/// from where tills may call.
pub(in crate::http) struct ShortWay {
    till: Arc<Till>,
    wallet: Wallet,
}

impl ShortWay {
    /// Whether `request`, which comes from `peer`, is one; the router answers all others, with a
    /// refusal where it has to be.
    pub(in crate::http) fn of(app: &App, peer: IpAddr, request: &Request) -> Option<Self> {
        let wallet = match request.uri().path() {
            "/payment/click" | "/payment/click/" => Wallet::Click,
            "/payment/payme" | "/payment/payme/" => Wallet::Payme,
            "/payment/uzum" | "/payment/uzum/" => Wallet::Uzum,
            _ => return None,
        };
        if request.method() != Method::POST {
            return None;
        }
        app.till_guard.admit(peer, request.headers()).ok()?;
        let till = app.tills.find(DEFAULT_TILL)?;
        Some(Self { till, wallet })
    }

    /// Takes the payment.
    pub(in crate::http) async fn take(self, app: Arc<App>, request: Request) -> Response {
        scan(State(app), At(self.till), self.wallet, request).await
    }
}

/// A request's headers and body; an error when it is too large.
async fn read(request: Request) -> Result<(HeaderMap, Bytes), TillError> {
    let (head, body) = request.into_parts();
    let body: Body = body;
    let body = body::read(body).await;
    Ok((head.headers, body.ok_or_else(|| TillError::whole("The request is too large."))?))
}

/// Takes a payment by a scanned code ("/payment/click", "/payment/payme", "/payment/uzum").
async fn scan(
    State(app): State<Arc<App>>,
    At(till): At,
    wallet: Wallet,
    request: Request,
) -> Response {
    let started = Instant::now();
    let result = scanned(&app, &till, wallet, request).await;
    app.metrics.till(wallet.name(), result.as_ref().err().map_or(0, TillError::code), started);
    result.map_or_else(|error| refuse(&error), answer)
}

async fn scanned(
    app: &Arc<App>,
    till: &Arc<Till>,
    wallet: Wallet,
    request: Request,
) -> Result<Vec<u8>, TillError> {
    let (headers, body) = read(request).await?;
    let asked = decode::scan(&body, till.unit)?;
    let order = Order {
        provider: Provider::Wallet(wallet),
        code: Some(asked.qr_code),
        amount: asked.amount,
        key: key_of(&headers, till, wallet.name(), &body)?,
    };
    let document = pay(app, till, order).await.map_err(|failure| error_of(&failure))?;
    paid(till, &document)
}

/// The caller's key for this call at this till: tills of one merchant may count alike.
fn key_of(
    headers: &HeaderMap,
    till: &Till,
    call: &str,
    body: &[u8],
) -> Result<Option<IdempotencyKey>, TillError> {
    idempotency_key(headers, till.merchant, &format!("{call} {}", till.id), body)
}

/// The answer about a payment that has succeeded.
fn paid(till: &Till, document: &Document) -> Result<Vec<u8>, TillError> {
    let payment = document.till().ok_or(TillError::Internal)?;
    let mut out = Vec::with_capacity(512);
    let payment_id = payment.payment_id.as_deref().unwrap_or_default();
    let phone = payment.phone.as_deref();
    match payment.provider {
        Provider::Wallet(Wallet::Uzum) => {
            encode::uzum_done(&mut out, &UzumDone { payment_id, client_phone_number: phone });
        }
        Provider::Wallet(_) => {
            let view = WalletPaid {
                amount: payment.amount,
                unit: till.unit,
                transaction_id: &payment.id.uuid(),
                payment_id,
                qr_code: payment.code.as_deref().unwrap_or_default(),
                message: payment.note.as_deref().filter(|note| !note.is_empty()).unwrap_or(PAID),
                inn: &till.inn,
                kkm_id: &till.kkm_id,
                device_id: &till.device_id,
                client_phone_number: phone,
            };
            encode::wallet_paid(&mut out, &view);
        }
        Provider::Pinpad(_) => {
            let text = payment.note.as_deref().unwrap_or_default();
            encode::slip(&mut out, &Slip { text, rrn: payment.payment_id.as_deref() });
        }
    }
    Ok(out)
}

/// Takes a payment by card, or takes one back ("/payment/xumo").
async fn pinpad(State(app): State<Arc<App>>, At(till): At, request: Request) -> Response {
    let started = Instant::now();
    let result = at_pinpad(&app, &till, request).await;
    app.metrics.till("humo", result.as_ref().err().map_or(0, TillError::code), started);
    result.map_or_else(|error| refuse(&error), answer)
}

async fn at_pinpad(
    app: &Arc<App>,
    till: &Arc<Till>,
    request: Request,
) -> Result<Vec<u8>, TillError> {
    let (headers, body) = read(request).await?;
    let key = key_of(&headers, till, "humo", &body)?;
    match decode::pinpad(&body)? {
        PinpadPayment::Sale { amount } => {
            let provider = Provider::Pinpad(Network::Humo);
            let order = Order { provider, code: None, amount, key };
            let document = pay(app, till, order).await.map_err(|failure| error_of(&failure))?;
            paid(till, &document)
        }
        PinpadPayment::Void { amount, rrn } => voided(app, till, (amount, &rrn), key).await,
    }
}

async fn voided(
    app: &Arc<App>,
    till: &Till,
    (amount, rrn): (Tiyin, &str),
    key: Option<IdempotencyKey>,
) -> Result<Vec<u8>, TillError> {
    let Returned { document, slip } = match void(app, till, rrn, amount, key).await {
        Ok(returned) => returned,
        Err(TillFailure::Rejected(chorsu_core::Reject::PaymentNotFound)) => {
            return Err(TillError::invalid("request_id", "There is no such payment here."));
        }
        Err(failure) => return Err(error_of(&failure)),
    };
    let payment = document.till().ok_or(TillError::Internal)?;
    let mut out = Vec::with_capacity(512);
    // One that was voided before is answered with the slip of that.
    let text = slip.as_deref().or_else(|| void_slip(payment)).unwrap_or_default();
    encode::slip(&mut out, &Slip { text, rrn: Some(rrn) });
    Ok(out)
}

fn report_of(which: Report) -> MethodRouter<Arc<App>> {
    get(move |State(app): State<Arc<App>>, At(till): At, uri: Uri| async move {
        printed(&app, &till, which, &uri).await.unwrap_or_else(|error| refuse(&error))
    })
}

/// Prints a report of the pinpad, in JSON or in the form that the address asks for.
async fn printed(app: &App, till: &Till, which: Report, uri: &Uri) -> Result<Response, TillError> {
    let form = form::of_slip(uri)?;
    let printed = report(app, till, which).await.map_err(|failure| error_of(&failure))?;
    if let Some(form) = form {
        return form::slip(printed.text, form).await;
    }
    let mut out = Vec::with_capacity(1024);
    let rrn = printed.rrn.as_deref();
    encode::slip(&mut out, &Slip { text: &printed.text, rrn });
    Ok(answer(out))
}

/// Takes the fiscal receipt of a payment to its wallet ("/payment/click_confirm" and its like).
async fn confirm(
    State(app): State<Arc<App>>,
    At(till): At,
    wallet: Wallet,
    request: Request,
) -> Response {
    confirmed(&app, &till, wallet, request).await.map_or_else(|error| refuse(&error), answer)
}

async fn confirmed(
    app: &Arc<App>,
    till: &Till,
    wallet: Wallet,
    request: Request,
) -> Result<Vec<u8>, TillError> {
    let (headers, body) = read(request).await?;
    let key = key_of(&headers, till, &format!("{}_confirm", wallet.name()), &body)?;
    let asked = match wallet {
        Wallet::Payme => decode::payme_confirm(&body)?,
        Wallet::Click | Wallet::Uzum => decode::confirm(&body)?,
    };
    let brought =
        Brought { wallet, payment_id: asked.payment_id.clone(), url: asked.receipt.clone(), key };
    let document =
        delivery::confirm(app, till, brought).await.map_err(|failure| error_of(&failure))?;
    let payment = document.till().ok_or(TillError::Internal)?;
    let (payment_id, receipt) = (asked.payment_id.as_str(), &asked.receipt);
    let mut out = Vec::with_capacity(512);
    match wallet {
        Wallet::Click => {
            let view = ClickConfirmed { inn: &till.inn, payment_id, receipt };
            encode::click_confirmed(&mut out, &view);
        }
        Wallet::Payme => {
            let view = PaymeConfirmed {
                request_id: PAYME_REQUEST,
                payment_id,
                create_time: payment.created_at.0,
                pay_time: payment.paid_at.map_or(0, |at| at.0),
            };
            encode::payme_confirmed(&mut out, &view);
        }
        Wallet::Uzum => {
            let client_phone_number = payment.phone.as_deref();
            encode::uzum_done(&mut out, &UzumDone { payment_id, client_phone_number });
        }
    }
    Ok(out)
}

/// The request's number in the answer of "/payment/payme_confirm"; tills do not look at it.
const PAYME_REQUEST: i64 = 123;
