//! The pinpad beside its payments: voids by reference, and reports.

use std::sync::Arc;

use chorsu_connectors::pinpad::{PinpadError, Slip};
use chorsu_core::step::{Event, Step};
use chorsu_core::till::TillState;
use chorsu_core::{
    Document, DocumentKind, KassaId, Network, Provider, Reject, TillPayment, Tiyin, UnixMillis,
};
use chorsu_store::{DocumentRange, StoreError};

use super::TillFailure;
use super::registry::Till;
use super::reversal::{self, Returned};
use crate::app::App;

/// The note of a payment that was not even begun because the pinpad serves somebody else.
pub(super) const BUSY: &str = "the pinpad is busy";
/// How many of a merchant's newest payments are looked through for those at one pinpad.
const LOOKED_THROUGH: u32 = 200;
/// How long the next customer waits for the outcome of the one before, in milliseconds.
const WAITED_FOR_MS: i64 = 3 * 60 * 1_000;

/// What the pinpad is to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// The reconciliation with the bank, which closes the pinpad's shift.
    Reconciliation,
    /// A report that closes nothing.
    Short,
    /// The last slip once more.
    Last,
}

/// Whether nothing at the pinpad of `till` waits for its outcome: the next operation would take the
/// place of the last slip, which alone can tell. What stays open for long does not keep the pinpad
/// from its customers.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn is_free_for_sale(
    app: &App,
    till: &Till,
    now: UnixMillis,
) -> Result<bool, StoreError> {
    let open = [TillState::Sent, TillState::Unknown, TillState::Reversing];
    let is_open = |payment: &TillPayment| open.contains(&payment.state) && is_young(payment, now);
    Ok(!newest(app, till.merchant, &till.id).await?.iter().any(is_open))
}

/// The same for a void. Voids do not wait for one another: they can be told apart.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn is_free_for_void(
    app: &App,
    payment: &TillPayment,
    now: UnixMillis,
) -> Result<bool, StoreError> {
    let open = [TillState::Sent, TillState::Unknown];
    let is_open = |other: &TillPayment| open.contains(&other.state) && is_young(other, now);
    Ok(!newest(app, payment.merchant, &payment.till).await?.iter().any(is_open))
}

const fn is_young(payment: &TillPayment, now: UnixMillis) -> bool {
    now.since(payment.created_at) < WAITED_FOR_MS
}

/// Whether nothing has been done at the pinpad since `payment`, so that the last slip is its own or
/// that of something before.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn is_the_latest(app: &App, payment: &TillPayment) -> Result<bool, StoreError> {
    let is_later = |other: &TillPayment| {
        let was_begun = other.id > payment.id && other.note.as_deref() != Some(BUSY);
        let is_void = |step: &Step| {
            matches!(step.event, Event::Reversing | Event::Reversed)
                && step.at.since(payment.created_at) >= 0
        };
        was_begun || other.steps.iter().any(is_void)
    };
    Ok(!newest(app, payment.merchant, &payment.till).await?.iter().any(is_later))
}

/// The newest payments at the pinpad of a till.
async fn newest(app: &App, merchant: KassaId, till: &str) -> Result<Vec<TillPayment>, StoreError> {
    let (kind, owner, limit) = (DocumentKind::Till, merchant.into(), LOOKED_THROUGH);
    let newest = app.store.documents(DocumentRange { kind, owner, before: None, limit }).await?;
    let is_here = |payment: &&TillPayment| {
        matches!(payment.provider, Provider::Pinpad(_)) && *payment.till == *till
    };
    Ok(newest.iter().filter_map(Document::till).filter(is_here).cloned().collect())
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
) -> Result<Returned, TillFailure> {
    let key = TillPayment::paid_key(Provider::Pinpad(Network::Humo), &till.id, rrn);
    let found = app.store.document_by_key(key).await?;
    let payment = found.as_ref().and_then(Document::till).filter(|paid| paid.till == till.id);
    let payment = payment.ok_or(Reject::PaymentNotFound)?;
    reversal::reverse(app, payment.id, Some(amount), "void").await
}

/// Prints a report.
///
/// # Errors
/// [`TillFailure::NotConfigured`] without a pinpad or without such a command,
/// [`TillFailure::PinpadBusy`], and [`TillFailure::PinpadSilent`] when no report came.
pub(crate) async fn report(till: &Till, report: Report) -> Result<Slip, TillFailure> {
    let pinpad = till.pinpad().ok_or(TillFailure::NotConfigured)?;
    let slip = match report {
        Report::Reconciliation => pinpad.reconcile().await,
        Report::Short => pinpad.short_report().await,
        Report::Last => pinpad.last().await,
    };
    slip.map_err(|error| match error {
        PinpadError::Busy => TillFailure::PinpadBusy,
        PinpadError::NotConfigured(_) => TillFailure::NotConfigured,
        _ => TillFailure::PinpadSilent,
    })
}
