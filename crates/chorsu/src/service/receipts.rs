//! receipts.*: creating, paying, confirming and cancelling.

use std::sync::Arc;
use std::time::Duration;

use chorsu_core::command::{BeginPay, IdempotencyKey, Target, Token};
use chorsu_core::{
    Acquirer, Command, Kassa, KassaId, Receipt, ReceiptId, ReceiptState, Reject, Reply, Tiyin,
    UnixMillis,
};
use tokio::time::{Instant, sleep};

use super::{ServiceError, operation};
use crate::app::App;
use crate::ids;

/// How long a repeated request waits for the first one's outcome.
const SETTLE_BUDGET: Duration = Duration::from_secs(20);
/// How often it looks.
const SETTLE_PAUSE: Duration = Duration::from_millis(50);

/// What receipts.create asks for, with the account already checked.
pub(crate) struct NewReceipt {
    /// How much.
    pub(crate) amount: Tiyin,
    /// Whether to hold first.
    pub(crate) hold: bool,
    /// What the shop said of it, in the API's own JSON.
    pub(crate) body: Arc<str>,
    /// The caller's idempotency key.
    pub(crate) key: Option<IdempotencyKey>,
}

/// What receipts.pay asks for.
pub(crate) struct Payment {
    /// Which receipt.
    pub(crate) receipt: ReceiptId,
    /// With which card.
    pub(crate) token: Token,
    /// Whether to hold.
    pub(crate) hold: bool,
    /// Who pays, in the API's own JSON.
    pub(crate) payer: Option<Arc<str>>,
    /// The caller's idempotency key.
    pub(crate) key: Option<IdempotencyKey>,
}

/// Creates a receipt ("receipts.create"); durable when it is answered.
///
/// # Errors
/// The kassa's limits and permissions.
pub(crate) async fn create(
    app: &App,
    kassa: &Kassa,
    new: NewReceipt,
) -> Result<Arc<Receipt>, ServiceError> {
    check_new(kassa, &new)?;
    if let Some(key) = &new.key
        && let Some(document) = app.earlier_document(key).await?
    {
        return find(app, kassa.id, ReceiptId(document)).await.map(Arc::new);
    }
    let now = app.clock.now();
    let receipt = Box::new(born(kassa, &new, ids::receipt(now), now)?);
    let command = Command::CreateReceipt { receipt, key: new.key };
    expect_receipt(app.store.submit(command).await?)
}

/// Checks a new receipt against the kassa's limits and permissions.
pub(super) fn check_new(kassa: &Kassa, new: &NewReceipt) -> Result<(), ServiceError> {
    if kassa.blocked {
        return Err(Reject::KassaBlocked.into());
    }
    kassa.check_amount(new.amount)?;
    let is_held_in_vain = new.hold && !kassa.hold_allowed;
    if is_held_in_vain { Err(Reject::HoldNotAllowed.into()) } else { Ok(()) }
}

/// A receipt in state 0.
pub(super) fn born(
    kassa: &Kassa,
    new: &NewReceipt,
    id: ReceiptId,
    now: UnixMillis,
) -> Result<Receipt, ServiceError> {
    let amount = new.amount;
    Ok(Receipt {
        id,
        kassa: kassa.id,
        acquirer: Acquirer::Networks,
        state: ReceiptState::Created,
        amount,
        commission: amount.share(kassa.commission_ppm).ok_or(ServiceError::Internal)?,
        number: 0,
        hold: new.hold,
        created_at: now,
        paid_at: None,
        held_at: None,
        cancelled_at: None,
        operation: None,
        debit: None,
        card: None,
        body: new.body.clone(),
        payer: None,
        fiscal: None,
    })
}

/// Pays or holds ("receipts.pay"), and answers with the final state.
///
/// The payment goes on to its end when the caller hangs up.
///
/// # Errors
/// [`Reject::ReceiptState`] for a receipt that is not waiting for payment, and what the card
/// network says.
pub(crate) async fn pay(
    app: &Arc<App>,
    kassa: &Kassa,
    payment: Payment,
) -> Result<Arc<Receipt>, ServiceError> {
    let Payment { receipt, token, hold, payer, mut key } = payment;
    if hold && !kassa.hold_allowed {
        return Err(Reject::HoldNotAllowed.into());
    }
    if let Some(used) = &key
        && app.earlier_document(used).await?.is_some()
    {
        let receipt = settled(app, kassa.id, receipt).await?;
        if receipt.state != ReceiptState::Created {
            return Ok(Arc::new(receipt));
        }
        // The first try was refused; this one is a new try under the same key.
        key = None;
    }
    let now = app.clock.now();
    let target = Target { receipt, kassa: kassa.id, now, key };
    let operation = ids::operation(now);
    let begin = BeginPay { target, token, operation, hold, payer };
    match app.store.submit(Command::BeginPay(Box::new(begin))).await? {
        Reply::PayBegun(receipt, card) => {
            let app = app.clone();
            detached(async move { operation::pay(&app, receipt, card).await }).await
        }
        Reply::Receipt(receipt) => Ok(receipt),
        _ => Err(ServiceError::Internal),
    }
}

/// The receipt once no payment of it is under way: what a repeated request is answered with.
pub(super) async fn settled(
    app: &App,
    kassa: KassaId,
    id: ReceiptId,
) -> Result<Receipt, ServiceError> {
    let deadline = Instant::now() + SETTLE_BUDGET;
    loop {
        let receipt = find(app, kassa, id).await?;
        let under_way = matches!(
            receipt.state,
            ReceiptState::Checking | ReceiptState::Debiting | ReceiptState::Holding
        );
        if !under_way {
            return Ok(receipt);
        }
        if Instant::now() >= deadline {
            return Err(ServiceError::OutcomeUnknown);
        }
        sleep(SETTLE_PAUSE).await;
    }
}

/// Captures a hold ("receipts.confirm_hold"), all of it or `amount`.
///
/// # Errors
/// [`Reject::ReceiptState`] for a receipt that is not held, and what the card network says.
pub(crate) async fn confirm(
    app: &Arc<App>,
    kassa: KassaId,
    receipt: ReceiptId,
    amount: Option<Tiyin>,
    key: Option<IdempotencyKey>,
) -> Result<Arc<Receipt>, ServiceError> {
    let target = target(app, kassa, receipt, key).await?;
    let operation = ids::operation(target.now);
    match app.store.submit(Command::BeginConfirm { target, operation, amount }).await? {
        Reply::Begun(receipt, row) => {
            let app = app.clone();
            detached(async move { operation::follow_up(&app, &receipt, &row).await }).await
        }
        reply => expect_receipt(reply),
    }
}

/// Cancels ("receipts.cancel"): an unpaid receipt at once; a paid or held one is answered in
/// state 21 and its money goes back behind that answer.
///
/// # Errors
/// [`Reject::ReceiptState`] while a payment is under way, [`Reject::HoldOnlyConfirmable`].
pub(crate) async fn cancel(
    app: &Arc<App>,
    kassa: KassaId,
    receipt: ReceiptId,
    key: Option<IdempotencyKey>,
) -> Result<Arc<Receipt>, ServiceError> {
    let target = target(app, kassa, receipt, key).await?;
    let operation = ids::operation(target.now);
    match app.store.submit(Command::BeginCancel { target, operation }).await? {
        Reply::Begun(receipt, row) => {
            let (app, queued) = (app.clone(), receipt.clone());
            tokio::spawn(async move {
                if let Err(error) = operation::follow_up(&app, &receipt, &row).await {
                    tracing::warn!(receipt = %receipt.id, %error, "the refund waits in the outbox");
                }
            });
            Ok(queued)
        }
        reply => expect_receipt(reply),
    }
}

/// Attaches the fiscal receipt ("receipts.set_fiscal_data").
///
/// # Errors
/// [`Reject::ReceiptNotFound`].
pub(crate) async fn set_fiscal(
    app: &App,
    kassa: KassaId,
    receipt: ReceiptId,
    fiscal: Arc<str>,
    key: Option<IdempotencyKey>,
) -> Result<Arc<Receipt>, ServiceError> {
    let target = target(app, kassa, receipt, key).await?;
    expect_receipt(app.store.submit(Command::SetFiscal { target, fiscal }).await?)
}

/// The receipt, if it is this kassa's.
///
/// # Errors
/// [`Reject::ReceiptNotFound`].
pub(crate) async fn find(
    app: &App,
    kassa: KassaId,
    id: ReceiptId,
) -> Result<Receipt, ServiceError> {
    let found = app.store.receipt(id).await?.filter(|receipt| receipt.kassa == kassa);
    found.ok_or_else(|| Reject::ReceiptNotFound.into())
}

/// The target of a request whose repeat is harmless: a key used before for the same request is
/// dropped, and the receipt's state decides.
pub(super) async fn target(
    app: &App,
    kassa: KassaId,
    receipt: ReceiptId,
    key: Option<IdempotencyKey>,
) -> Result<Target, ServiceError> {
    let used = match &key {
        Some(key) => app.earlier_document(key).await?.is_some(),
        None => false,
    };
    let key = key.filter(|_| !used);
    Ok(Target { receipt, kassa, now: app.clock.now(), key })
}

/// Runs `work` to its end even if its caller goes away.
pub(super) async fn detached<T: Send + 'static>(
    work: impl Future<Output = Result<T, ServiceError>> + Send + 'static,
) -> Result<T, ServiceError> {
    tokio::spawn(work).await.unwrap_or(Err(ServiceError::OutcomeUnknown))
}

pub(super) fn expect_receipt(reply: Reply) -> Result<Arc<Receipt>, ServiceError> {
    match reply {
        Reply::Receipt(receipt) => Ok(receipt),
        _ => Err(ServiceError::Internal),
    }
}

/// Sends a link to pay the receipt, or to see it, by SMS ("receipts.send").
///
/// # Errors
/// [`Reject::ReceiptNotFound`] and [`ServiceError::Sms`].
pub(crate) async fn send(
    app: &App,
    kassa: &Kassa,
    receipt: ReceiptId,
    phone: &str,
) -> Result<(), ServiceError> {
    let receipt = find(app, kassa.id, receipt).await?;
    let (name, link) = (&kassa.merchant.name, app.checkout_link(receipt.id));
    let text = format!("{name}: {} UZS {link}", receipt.amount);
    app.sms.send(phone, &text).await.map_err(|error| {
        tracing::error!(error = %error, receipt = %receipt.id, "sending a receipt failed");
        ServiceError::Sms
    })
}
