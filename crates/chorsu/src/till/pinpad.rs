//! The pinpad beside its payments: voids by reference, and reports.

use std::sync::Arc;

use chorsu_connectors::pinpad::{PinpadError, Slip};
use chorsu_core::command::IdempotencyKey;
use chorsu_core::step::{Event, Step};
use chorsu_core::till::TillState;
use chorsu_core::{Document, Network, Provider, Reject, TillPayment, Tiyin, UnixMillis};
use chorsu_store::StoreError;

use super::TillFailure;
use super::registry::Till;
use super::reversal::{self, Return, Returned};
use crate::app::App;

/// The note of a payment that was not even begun because the pinpad serves somebody else.
pub(super) const BUSY: &str = "the pinpad is busy";

/// What the pinpad is to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// The reconciliation with the bank, which closes the pinpad's shift.
    Reconciliation,
    /// A report that closes nothing.
    Short,
    /// The last slip once more.
    Last,
    /// The last reconciliation once more.
    LastReconciliation,
}

/// What was printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Printed {
    /// All of it.
    pub(crate) text: String,
    /// The reference, where it is the slip of an operation.
    pub(crate) rrn: Option<String>,
}

/// The payment begun last at the pinpad of a till.
async fn last_sale(app: &App, till: &str) -> Result<Option<TillPayment>, StoreError> {
    found(app, TillPayment::sale_key(till)).await
}

/// The payment whose reversal was begun last at the pinpad of a till.
async fn last_void(app: &App, till: &str) -> Result<Option<TillPayment>, StoreError> {
    found(app, TillPayment::void_key(till)).await
}

async fn found(app: &App, key: String) -> Result<Option<TillPayment>, StoreError> {
    Ok(app.store.document_by_key(key).await?.and_then(|document| match document {
        Document::Till(payment) => Some(payment),
        _ => None,
    }))
}

/// Whether nothing at the pinpad of a till waits for its outcome, which a report would make
/// impossible to find: it takes the place of the last slip, or ends the shift.
async fn is_free_for_report(app: &App, till: &str, now: UnixMillis) -> Result<bool, StoreError> {
    let last = [last_sale(app, till).await?, last_void(app, till).await?];
    Ok(!last.iter().flatten().any(|payment| payment.holds_pinpad(now)))
}

/// Whether no payment waits for its outcome there. Voids do not wait for one another: they can be
/// told apart.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn is_free_for_void(
    app: &App,
    payment: &TillPayment,
    now: UnixMillis,
) -> Result<bool, StoreError> {
    let is_open = |other: TillPayment| {
        matches!(other.state, TillState::Sent | TillState::Unknown) && other.holds_pinpad(now)
    };
    Ok(!last_sale(app, &payment.till).await?.is_some_and(is_open))
}

/// Whether nothing has been done at the pinpad since `payment`, so that the last slip is its own or
/// that of something before.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn is_the_latest(app: &App, payment: &TillPayment) -> Result<bool, StoreError> {
    let is_later = |step: &Step| {
        matches!(step.event, Event::Reversing | Event::Reversed | Event::ReversalRefused)
            && step.at.since(payment.created_at) >= 0
    };
    let sale = last_sale(app, &payment.till).await?;
    let void = last_void(app, &payment.till).await?;
    let is_last_sale = sale.is_none_or(|sale| sale.id == payment.id);
    let is_before = void
        .is_none_or(|void| void.state != TillState::Reversing && !void.steps.iter().any(is_later));
    Ok(is_last_sale && is_before)
}

/// Whether a slip is that of the void made last at the pinpad of a till.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn is_of_last_void(
    app: &App,
    till: &str,
    slip: &Slip,
) -> Result<bool, StoreError> {
    let Some(void) = last_void(app, till).await? else { return Ok(false) };
    let kept = void_slip(&void).map(|kept| Slip::parse(kept.as_bytes()));
    Ok(slip.rrn.is_some() && kept.is_some_and(|kept| kept.rrn == slip.rrn))
}

/// What the pinpad has printed about the void of a payment.
pub(crate) fn void_slip(payment: &TillPayment) -> Option<&str> {
    let mut steps = payment.steps.iter().rev();
    steps.find(|step| step.event == Event::Reversed)?.note.as_deref()
}

/// Takes back the payment of `rrn`, within its shift ("/payment/xumo", `is_return`).
///
/// # Errors
/// [`Reject::PaymentNotFound`] and [`Reject::AmountDiffers`]; what the pinpad says.
pub(crate) async fn void(
    app: &Arc<App>,
    till: &Till,
    rrn: &str,
    amount: Tiyin,
    idempotency: Option<IdempotencyKey>,
) -> Result<Returned, TillFailure> {
    let key = TillPayment::paid_key(Provider::Pinpad(Network::Humo), &till.id, rrn);
    let found = app.store.document_by_key(key).await?;
    let payment = found.as_ref().and_then(Document::till).filter(|paid| paid.till == till.id);
    let payment = payment.ok_or(Reject::PaymentNotFound)?;
    let (id, reason) = (payment.id, Arc::from("void"));
    let asked = Return { id, amount: Some(amount), reason, key: idempotency };
    reversal::reverse(app, asked).await
}

/// Prints a report.
///
/// # Errors
/// [`TillFailure::NotConfigured`] without a pinpad or without such a command,
/// [`TillFailure::PinpadBusy`] while the outcome of an operation is being found out or another one
/// is under way, [`TillFailure::NothingPrinted`] before the first reconciliation, and
/// [`TillFailure::PinpadSilent`] when no report came.
pub(crate) async fn report(app: &App, till: &Till, report: Report) -> Result<Printed, TillFailure> {
    let pinpad = till.pinpad().ok_or(TillFailure::NotConfigured)?;
    let is_operation = matches!(report, Report::Reconciliation | Report::Short);
    if is_operation && !is_free_for_report(app, &till.id, app.clock.now()).await? {
        return Err(TillFailure::PinpadBusy);
    }
    let slip = match report {
        Report::Reconciliation => pinpad.reconcile().await,
        Report::Short => pinpad.short_report().await,
        Report::Last => pinpad.last().await,
        Report::LastReconciliation => return last_reconciliation(app, till).await,
    };
    let slip = slip.map_err(|error| match error {
        PinpadError::Busy => TillFailure::PinpadBusy,
        PinpadError::NotConfigured(_) => TillFailure::NotConfigured,
        _ => TillFailure::PinpadSilent,
    })?;
    if report == Report::Reconciliation {
        keep_reconciliation(app, till, &slip).await;
    }
    let rrn = slip.rrn.as_ref().map(|rrn| rrn.as_str().to_owned());
    Ok(Printed { text: slip.text, rrn: rrn.filter(|_| report == Report::Last) })
}

fn reconciliation_setting(till: &Till) -> String {
    format!("pinpad_reconciliation:{}", till.id)
}

/// Keeps a reconciliation for a second copy: the pinpad itself prints operations only.
async fn keep_reconciliation(app: &App, till: &Till, slip: &Slip) {
    let kept = app.store.put_setting(&reconciliation_setting(till), slip.text.clone()).await;
    if let Err(error) = kept {
        let error: &dyn std::error::Error = &error;
        tracing::warn!(till = &*till.id, error, "a reconciliation is not kept");
    }
}

async fn last_reconciliation(app: &App, till: &Till) -> Result<Printed, TillFailure> {
    let text = app.store.setting(&reconciliation_setting(till)).await?;
    let text = text.ok_or(TillFailure::NothingPrinted)?;
    Ok(Printed { text, rrn: None })
}
