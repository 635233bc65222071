//! `/order`, `/order/create`, `/order/refuse` and `/order/last`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use chorsu_api::till::view::{LastOrder, Registered};
use chorsu_api::till::{OrderRequest, TillError, decode, encode};
use chorsu_core::UnixMillis;
use chorsu_core::fiscal::{FiscalTime, ReceiptUrl};
use chorsu_core::fiscal_receipt::Registration;

use super::failure::{of_order, of_till};
use super::{read, refuse_in_result};
use crate::app::App;
use crate::http::till::{At, answer, idempotency_key, refuse as refusal};
use crate::till::fiscalise;
use crate::till::fiscalise::earlier::{Which, registered};
use crate::till::registry::Till;
use crate::till::shift::applet_version;

/// Reads the body of a request for a receipt, sent at this time.
type Decode = fn(&[u8], UnixMillis) -> Result<OrderRequest, TillError>;

/// Registers a sale, an advance or a credit.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    At(till): At,
    request: Request,
) -> Response {
    let result = order(&app, &till, request, ("order", decode::order)).await;
    result.map_or_else(|error| refusal(&error), answer)
}

/// Registers a refund.
pub(super) async fn refuse(
    State(app): State<Arc<App>>,
    At(till): At,
    request: Request,
) -> Response {
    let result = order(&app, &till, request, ("refund", decode::refund)).await;
    result.map_or_else(|error| refusal(&error), answer)
}

async fn order(
    app: &Arc<App>,
    till: &Arc<Till>,
    request: Request,
    (what, decode): (&str, Decode),
) -> Result<Vec<u8>, TillError> {
    let (headers, body) = read(request).await?;
    let order = decode(&body, app.clock.now())?;
    let what = format!("{what} at {}", till.id);
    let key = idempotency_key(&headers, till.merchant, &what, &body)?;
    let document = fiscalise::order(app, till, order, key).await.map_err(of_order)?;
    let registration = document.fiscal().and_then(|receipt| receipt.registration.as_ref());
    let registration = registration.ok_or(TillError::Internal)?;
    let shown = Shown::new(till, registration).await?;
    let mut out = Vec::with_capacity(512);
    encode::registered(&mut out, &shown.view(till, registration));
    Ok(out)
}

/// Tells of the receipt registered last.
pub(super) async fn last(State(app): State<Arc<App>>, At(till): At) -> Response {
    last_order(&app, &till).await.map_or_else(|error| refuse_in_result(&error), answer)
}

async fn last_order(app: &App, till: &Till) -> Result<Vec<u8>, TillError> {
    if till.module().is_none() {
        return Err(TillError::FiscalModuleNotInitialized);
    }
    let found = registered(app, till, Which::Last).await.map_err(|error| of_till(&error))?;
    let receipt = found.ok_or_else(no_receipt)?;
    let registration = receipt.registration.as_ref().ok_or(TillError::Internal)?;
    let order = decode::stored_order(&receipt.body)?;
    let shown = Shown::new(till, registration).await?;
    let mut out = Vec::with_capacity(2048);
    let view = LastOrder { order: &order, registered: shown.view(till, registration) };
    encode::last_order(&mut out, &view);
    Ok(out)
}

/// The error when no receipt is the one that is asked for.
pub(super) fn no_receipt() -> TillError {
    TillError::Module(&chorsu_api::till::module_fault::RECEIPT_INDEX, None)
}

/// The parts of a registration that its answer shows in another form.
struct Shown {
    number: u32,
    time: FiscalTime,
    url: Option<ReceiptUrl>,
    applet_version: Arc<str>,
}

impl Shown {
    async fn new(till: &Till, registration: &Registration) -> Result<Self, TillError> {
        let unreadable = || {
            tracing::error!(terminal = &*registration.terminal, "a registration cannot be shown");
            TillError::Internal
        };
        Ok(Self {
            number: u32::try_from(registration.number).map_err(|_| unreadable())?,
            time: FiscalTime::parse_compact(&registration.date_time).map_err(|_| unreadable())?,
            url: registration.url.parse().ok(),
            applet_version: applet_version(till).await,
        })
    }

    fn view<'a>(&'a self, till: &'a Till, registration: &'a Registration) -> Registered<'a> {
        Registered {
            terminal_id: &registration.terminal,
            receipt_number: self.number,
            time: self.time,
            fiscal_sign: Some(&*registration.sign).filter(|sign| !sign.is_empty()),
            applet_version: &self.applet_version,
            url: self.url.as_ref(),
            cash_box_number: &till.kkm_id,
        }
    }
}
