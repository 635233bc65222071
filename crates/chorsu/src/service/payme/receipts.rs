//! receipts.* at a kassa behind which Payme stands.

use std::sync::Arc;
use std::time::Duration;

use chorsu_connectors::payme::kassa::{KassaPayment, KassaReceipt, Standing};
use chorsu_core::command::payme::{Begin, PaymeCommand};
use chorsu_core::command::{IdempotencyKey, Target};
use chorsu_core::{Acquirer, Command, Kassa, Receipt, ReceiptId, ReceiptState, Reject, Reply};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::timeout;

use super::settle::{self, Sent};
use super::{ServiceError, follow, harmless};
use crate::app::App;
use crate::ids;
use crate::payme_kassas::PaymeKassa;
use crate::service::receipts::{self, NewReceipt};

/// How long a reader of an unpaid receipt waits for Payme's word on it.
const LOOK_BUDGET: Duration = Duration::from_secs(3);

/// What receipts.pay asks for.
pub(crate) struct Payment {
    /// Which receipt.
    pub(crate) receipt: ReceiptId,
    /// With which card: a token of Payme's, which is kept nowhere.
    pub(crate) token: String,
    /// Whether to hold.
    pub(crate) hold: bool,
    /// Who pays, in the API's own JSON.
    pub(crate) payer: Option<Arc<str>>,
    /// The caller's idempotency key.
    pub(crate) key: Option<IdempotencyKey>,
    /// The caller's Accept-Language.
    pub(crate) language: Option<String>,
}

/// What the shop says of a payment.
#[derive(Deserialize)]
struct Words<'a> {
    #[serde(borrow)]
    account: &'a RawValue,
    #[serde(borrow)]
    description: &'a RawValue,
    #[serde(borrow)]
    detail: &'a RawValue,
}

/// Creates a receipt at Payme, and then here under the same id. `words` is what the shop says of
/// it, with every account field it has given: the kassa at Payme may ask for more than ours.
///
/// # Errors
/// Our kassa's limits and permissions; what Payme says.
pub(crate) async fn create(
    app: &App,
    (kassa, desk): (&Kassa, &PaymeKassa),
    new: NewReceipt,
    words: &str,
    language: Option<&str>,
) -> Result<Arc<Receipt>, ServiceError> {
    receipts::check_new(kassa, &new)?;
    if let Some(key) = &new.key
        && let Some(document) = app.earlier_document(key).await?
    {
        return receipts::find(app, kassa.id, ReceiptId(document)).await.map(Arc::new);
    }
    let words: Words<'_> = serde_json::from_str(words).map_err(|_| ServiceError::Internal)?;
    let Words { account, description, detail } = words;
    let (amount, hold) = (new.amount, new.hold);
    let asked = KassaReceipt { amount, hold, account, description, detail };
    // It takes no money: what is lost here stays unpaid there for ever.
    let id = harmless(desk.link.create(&asked, language).await, "receipts.create")?;
    let receipt = receipts::born(kassa, &new, id, app.clock.now())?;
    let receipt = Box::new(Receipt { acquirer: Acquirer::Payme, ..receipt });
    let command = Command::CreateReceipt { receipt, key: new.key };
    receipts::expect_receipt(app.store.submit(command).await?)
}

/// Pays or holds, and answers with the final state. The payment goes on to its end when the caller
/// hangs up.
///
/// # Errors
/// [`Reject::ReceiptState`] for a receipt that is not waiting for payment, and what Payme says.
pub(crate) async fn pay(
    app: &Arc<App>,
    kassa: &Kassa,
    payment: Payment,
) -> Result<Arc<Receipt>, ServiceError> {
    let Payment { receipt, token, hold, payer, mut key, language } = payment;
    if hold && !kassa.hold_allowed {
        return Err(Reject::HoldNotAllowed.into());
    }
    if let Some(used) = &key
        && app.earlier_document(used).await?.is_some()
    {
        let receipt = receipts::settled(app, kassa.id, receipt).await?;
        if receipt.state != ReceiptState::Created {
            return unless_closed(Arc::new(receipt));
        }
        // The first try was refused; this one is a new try under the same key.
        key = None;
    }
    let target = Target { receipt, kassa: kassa.id, now: app.clock.now(), key };
    let Some((receipt, operation)) = begin(app, target, hold, payer.clone()).await? else {
        return Err(ServiceError::Internal);
    };
    let app = app.clone();
    receipts::detached(async move {
        let desk = super::desk(&app, receipt.kassa)?;
        crate::sandbox::pause::at(&app, "payme.intent_durable").await;
        let payer = payer.as_deref().map(serde_json::from_str::<&RawValue>);
        let asked = KassaPayment {
            receipt: receipt.id,
            amount: receipt.amount,
            token: &token,
            hold: receipt.hold,
            payer: payer.transpose().map_err(|_| ServiceError::Internal)?,
        };
        let sent = Sent::now(&receipt, operation);
        let answered = desk.link.pay(&asked, language.as_deref()).await;
        crate::sandbox::pause::at(&app, "payme.answer_received").await;
        let first = settle::of_answer(&receipt, answered);
        unless_closed(settle::to_the_end(&app, &sent, first, super::CALLER_BUDGET).await?)
    })
    .await
}

/// A receipt that was closed unpaid is no success of a payment, although it is an end: nothing was
/// done.
fn unless_closed(receipt: Arc<Receipt>) -> Result<Arc<Receipt>, ServiceError> {
    let was_paid = receipt.paid_at.is_some() || receipt.held_at.is_some();
    let is_closed = receipt.state == ReceiptState::Cancelled && !was_paid;
    if is_closed { Err(ServiceError::Unreachable) } else { Ok(receipt) }
}

/// Makes the intent durable; `None` when there is nothing to be done.
async fn begin(
    app: &App,
    target: Target,
    hold: bool,
    payer: Option<Arc<str>>,
) -> Result<Option<(Arc<Receipt>, chorsu_core::OperationId)>, ServiceError> {
    let operation = ids::operation(target.now);
    let begin = Box::new(Begin { target, operation, hold, payer });
    match app.store.submit(Command::Payme(PaymeCommand::Begin(begin))).await? {
        Reply::Begun(receipt, row) => Ok(Some((receipt, row.operation))),
        _ => Ok(None),
    }
}

/// Cancels: an unpaid receipt is closed there and then here; a paid or held one is answered in
/// state 21, unless Payme refuses at once, and its money goes back behind that answer.
///
/// # Errors
/// [`Reject::ReceiptState`] while a payment is under way, and what Payme says.
pub(crate) async fn cancel(
    app: &Arc<App>,
    receipt: &Receipt,
    key: Option<IdempotencyKey>,
) -> Result<Arc<Receipt>, ServiceError> {
    let target = receipts::target(app, receipt.kassa, receipt.id, key).await?;
    let is_unpaid = matches!(
        receipt.state,
        ReceiptState::Created
            | ReceiptState::Checking
            | ReceiptState::Debiting
            | ReceiptState::Holding
    );
    if !is_unpaid {
        return follow::cancel(app, target).await;
    }
    let (receipt, operation) = match begin(app, target, false, None).await {
        Ok(Some(begun)) => begun,
        Ok(None) => return Err(ServiceError::Internal),
        Err(ServiceError::Rejected(reject)) => {
            // Another cancel may have been quicker, or be about to end.
            return match receipts::settled(app, receipt.kassa, receipt.id).await {
                Ok(settled) if settled.state == ReceiptState::Cancelled => Ok(Arc::new(settled)),
                _ => Err(reject.into()),
            };
        }
        Err(error) => return Err(error),
    };
    let app = app.clone();
    receipts::detached(async move {
        crate::sandbox::pause::at(&app, "payme.intent_durable").await;
        let sent = Sent::now(&receipt, operation);
        settle::close(&app, &sent, super::CALLER_BUDGET).await
    })
    .await
}

/// The receipt as it is now. One that nobody has paid through Chorsu may have been paid or closed
/// at Payme, by its link or in its cabinet: so Payme is asked, and what it says is written down
/// first. Where it does not answer, what is written here is the answer.
pub(crate) async fn current(app: &Arc<App>, receipt: Receipt) -> Result<Receipt, ServiceError> {
    if receipt.acquirer != Acquirer::Payme || receipt.state != ReceiptState::Created {
        return Ok(receipt);
    }
    let Some(desk) = app.payme.of(receipt.kassa) else { return Ok(receipt) };
    match timeout(LOOK_BUDGET, desk.link.standing(receipt.id)).await {
        Ok(Ok(Standing::Paid | Standing::Held | Standing::Cancelled)) => {}
        // Somebody who is paying there may yet fail: that is nobody's business here.
        Ok(Ok(Standing::Unpaid | Standing::Open)) | Err(_) => return Ok(receipt),
        Ok(Err(error)) => {
            tracing::warn!(receipt = %receipt.id, %error, "Payme does not say how it stands");
            return Ok(receipt);
        }
    }
    let (id, kassa, now) = (receipt.id, receipt.kassa, app.clock.now());
    let target = Target { receipt: id, kassa, now, key: None };
    match begin(app, target, false, None).await {
        Ok(Some((receipt, operation))) => {
            let app = app.clone();
            let followed = receipts::detached(async move {
                let sent = Sent::now(&receipt, operation);
                settle::to_the_end(&app, &sent, settle::Truth::Unknown, LOOK_BUDGET).await
            });
            if let Err(error) = followed.await {
                tracing::info!(receipt = %id, %error, "a receipt that was paid elsewhere");
            }
        }
        Ok(None) => {}
        // Somebody is paying it here at this moment.
        Err(error) => tracing::info!(receipt = %id, %error, "not looked at"),
    }
    receipts::find(app, kassa, id).await
}

/// Sends a link to pay the receipt, or to see it, by Payme's SMS.
///
/// # Errors
/// What Payme says.
pub(crate) async fn send(
    desk: &PaymeKassa,
    receipt: &Receipt,
    phone: &str,
    language: Option<&str>,
) -> Result<(), ServiceError> {
    harmless(desk.link.send(receipt.id, phone, language).await, "receipts.send")
}

/// Hands the fiscal receipt to Payme, and attaches it here.
///
/// # Errors
/// What Payme says; then nothing is attached.
pub(crate) async fn set_fiscal(
    app: &App,
    desk: &PaymeKassa,
    receipt: &Receipt,
    (fiscal, key): (Arc<str>, Option<IdempotencyKey>),
    language: Option<&str>,
) -> Result<(), ServiceError> {
    let raw: &RawValue = serde_json::from_str(&fiscal).map_err(|_| ServiceError::Internal)?;
    let handed = desk.link.set_fiscal_data(receipt.id, raw, language).await;
    harmless(handed, "receipts.set_fiscal_data")?;
    receipts::set_fiscal(app, receipt.kassa, receipt.id, fiscal, key).await.map(drop)
}
