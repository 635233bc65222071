//! Delivering a fiscal receipt to the wallet of its payment.

use std::sync::Arc;
use std::time::Duration;

use chorsu_connectors::wallet::{FiscalAnswer, FiscalDelivery};
use chorsu_core::command::IdempotencyKey;
use chorsu_core::command::till::{Deliver, TillCommand};
use chorsu_core::fiscal::ReceiptUrl;
use chorsu_core::plan::OutboxRow;
use chorsu_core::till::{Delivery, TillPayment};
use chorsu_core::{Command, Document, Provider, Reply, Wallet};
use tokio::time::{Instant, sleep};

use super::registry::Till;
use super::writing::{begin_once, write};
use super::{TillFailure, after_intent, examples, payment_of};
use crate::app::App;
use crate::ids;

/// How long one round of tries goes on; then the outbox takes over.
const ROUND: Duration = Duration::from_secs(20);
/// The first pause between two tries; it doubles each time.
const PAUSE: Duration = Duration::from_millis(200);

/// A fiscal receipt that a till brings for a payment.
#[derive(Clone, Debug)]
pub(crate) struct Brought {
    /// Whose payment it is.
    pub(crate) wallet: Wallet,
    /// The wallet's number of the payment.
    pub(crate) payment_id: String,
    /// The receipt.
    pub(crate) url: ReceiptUrl,
    /// The caller's idempotency key.
    pub(crate) key: Option<IdempotencyKey>,
}

/// Delivers a receipt that the till brings itself ("/payment/click_confirm" and its like), once.
///
/// # Errors
/// [`TillFailure`]; [`TillFailure::Declined`] when the wallet does not want it.
pub(crate) async fn confirm(
    app: &Arc<App>,
    till: &Till,
    brought: Brought,
) -> Result<Arc<Document>, TillFailure> {
    let Brought { wallet, payment_id, url, key } = brought;
    let paid_key = TillPayment::paid_key(Provider::Wallet(wallet), &till.id, &payment_id);
    let mut found = app.store.document_by_key(paid_key.clone()).await?;
    if found.is_none() && examples::make(app, till, wallet, &payment_id).await? {
        found = app.store.document_by_key(paid_key).await?;
    }
    let payment = found.as_ref().and_then(Document::till).filter(|paid| paid.till == till.id);
    let Some(payment) = payment else {
        return Err(chorsu_core::Reject::PaymentNotFound.into());
    };
    let now = app.clock.now();
    let url = Arc::from(url.to_string());
    let (payment, operation) = (payment.id, ids::operation(now));
    let deliver = Deliver { payment, operation, url, key: key.clone(), now };
    match begin_once(app, key, Command::Till(TillCommand::Deliver(deliver))).await? {
        Reply::DocumentBegun(document, row) => {
            let (app, begun) = (app.clone(), document.clone());
            let task = tokio::spawn(async move { run(&app, document, row).await });
            let done = task.await.unwrap_or(Err(TillFailure::Internal));
            done.map_err(|failure| after_intent(failure, &begun))
        }
        Reply::Document(document) => {
            let known = document.clone();
            wait(app, document).await.map_err(|failure| after_intent(failure, &known))
        }
        _ => Err(TillFailure::Internal),
    }
}

/// Starts a delivery that nobody waits for.
pub(super) fn start(app: &Arc<App>, document: Arc<Document>, row: OutboxRow) {
    let app = app.clone();
    tokio::spawn(async move {
        if let Err(error) = run(&app, document, row).await {
            tracing::warn!(%error, "a delivery goes on from the outbox");
        }
    });
}

/// The same receipt is already on its way or there; waits for a short while.
async fn wait(app: &App, document: Arc<Document>) -> Result<Arc<Document>, TillFailure> {
    let deadline = Instant::now() + ROUND;
    let mut document = document;
    loop {
        let delivery = payment_of(&document)?.fiscal.as_ref().map(|fiscal| fiscal.delivery);
        match delivery {
            Some(Delivery::Delivered) => return Ok(document),
            Some(Delivery::Queued) if Instant::now() < deadline => sleep(PAUSE).await,
            Some(Delivery::Queued) | None => return Err(TillFailure::Unknown(document)),
            Some(Delivery::Refused) => return Err(TillFailure::Declined(document)),
        }
        let found = app.store.document(document.id()).await?;
        document = Arc::new(found.ok_or(TillFailure::Internal)?);
    }
}

/// Hands the receipt over, again and again for one round.
pub(super) async fn run(
    app: &Arc<App>,
    document: Arc<Document>,
    row: OutboxRow,
) -> Result<Arc<Document>, TillFailure> {
    let deadline = Instant::now() + ROUND;
    let payment = payment_of(&document)?;
    let till = app.tills.find(&payment.till).ok_or(TillFailure::NotConfigured)?;
    crate::sandbox::pause::at(app, "till.delivery_durable").await;
    let mut pause = PAUSE;
    let refusal = match payment.provider {
        // A card has no wallet that could show the receipt.
        Provider::Pinpad(_) => None,
        Provider::Wallet(wallet) => {
            let link = till.wallet(wallet).ok_or(TillFailure::NotConfigured)?;
            let delivery = delivery_of(payment)?;
            loop {
                match link.deliver_fiscal(&delivery).await {
                    Ok(FiscalAnswer::Delivered) => break None,
                    Ok(FiscalAnswer::Refused(refusal)) => {
                        let reason = format!("{} {}", refusal.code, refusal.message);
                        break Some(Arc::from(reason));
                    }
                    Err(error) if Instant::now() + pause >= deadline => {
                        let error: &dyn std::error::Error = &error;
                        tracing::warn!(payment = %payment.id, error, "a delivery has no answer");
                        return Err(TillFailure::Unknown(document));
                    }
                    Err(_) => sleep(pause).await,
                }
                pause *= 2;
            }
        }
    };
    crate::sandbox::pause::at(app, "till.delivery_answered").await;
    let (id, operation, now) = (payment.id, row.operation, app.clock.now());
    let is_refused = refusal.is_some();
    let command = TillCommand::Delivered { id, operation, refusal, now };
    match write(app, Command::Till(command)).await? {
        Reply::Document(document) if is_refused => Err(TillFailure::Declined(document)),
        Reply::Document(document) => Ok(document),
        _ => Err(TillFailure::Internal),
    }
}

fn delivery_of(payment: &TillPayment) -> Result<FiscalDelivery, TillFailure> {
    let fiscal = payment.fiscal.as_ref().ok_or(TillFailure::Internal)?;
    let url: ReceiptUrl = fiscal.url.parse().map_err(|_| TillFailure::Internal)?;
    Ok(FiscalDelivery {
        payment_id: payment.payment_id.as_deref().unwrap_or_default().to_owned(),
        url: fiscal.url.to_string(),
        terminal: Some(url.terminal().to_owned()),
        receipt: i64::from(url.number()),
        date: Some(url.time().compact()),
        sign: Some(url.sign().to_owned()),
    })
}
