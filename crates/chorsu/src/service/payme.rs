//! Receipts whose money Payme takes: created, paid, confirmed and cancelled there, journalled here.
//!
//! The rules are those of `service::operation`: the intent is durable before the first byte leaves,
//! a lost answer is neither a yes nor a no, and the truth is asked for until it is known. What an
//! answer proves is said by the connector.

mod cards;
mod follow;
mod receipts;
mod settle;
mod watch;

pub(crate) use cards::relay;
pub(crate) use follow::{end_hold, follow_up};
pub(crate) use receipts::{Payment, cancel, create, current, pay, send, set_fiscal};
pub(crate) use settle::recover;
pub(crate) use watch::watch;

use std::time::Duration;

use chorsu_connectors::Effect;
use chorsu_connectors::payme::kassa::{Rejection, Told};
use chorsu_connectors::wallet::WalletError;
use chorsu_core::{KassaId, Receipt};

use super::ServiceError;
use crate::app::App;
use crate::payme_kassas::PaymeKassa;

/// How long a caller waits for the truth before being told that it is not known yet.
const CALLER_BUDGET: Duration = Duration::from_secs(25);
/// How long a worker asks in one go.
const ROUND: Duration = Duration::from_secs(20);
/// The first pause between two questions; it doubles each time.
const ASK_PAUSE: Duration = Duration::from_millis(250);
/// The longest one.
const ASK_PAUSE_MAX: Duration = Duration::from_secs(5);

/// The kassa at Payme behind a receipt's.
fn desk(app: &App, kassa: KassaId) -> Result<&PaymeKassa, ServiceError> {
    app.payme.of(kassa).ok_or_else(|| {
        tracing::error!(%kassa, "the settings of this kassa at Payme are gone: payme_kassa");
        ServiceError::OutcomeUnknown
    })
}

/// The answer to a call that moves no money.
fn harmless<T>(answered: Result<Told<T>, WalletError>, what: &str) -> Result<T, ServiceError> {
    match answered {
        Ok(Told::Done(done)) => Ok(done),
        Ok(Told::Refused(rejection)) => Err(refused(rejection)),
        Err(error) => Err(harmless_error(&error, what)),
    }
}

fn harmless_error(error: &WalletError, what: &str) -> ServiceError {
    tracing::warn!(error = error as &dyn std::error::Error, what, "Payme did not answer");
    ServiceError::Unreachable
}

fn refused(rejection: Rejection) -> ServiceError {
    ServiceError::Acquirer(Box::new(rejection))
}

/// Whether a call failed before any of it left. Every failure is logged.
fn is_without_effect(receipt: &Receipt, error: &WalletError) -> bool {
    let cause: &dyn std::error::Error = error;
    tracing::warn!(receipt = %receipt.id, error = cause, "Payme has not answered what it did");
    error.effect() == Effect::None
}
