//! Payments at the till and the fiscal receipts behind them: intents made durable, providers asked
//! outside of every transaction, and what came of it written down.
//!
//! Nothing here knows HTTP. What a provider speaks is in `chorsu_connectors`, what may happen to a
//! payment in `chorsu_core::decide`.

pub(crate) mod by_hand;
pub(crate) mod config;
pub(crate) mod delivery;
pub(crate) mod doubt;
mod examples;
pub(crate) mod fiscal_map;
pub(crate) mod fiscalise;
pub(crate) mod late;
pub(crate) mod module_watch;
pub(crate) mod payment;
pub(crate) mod pinpad;
mod provider;
pub(crate) mod recovery;
pub(crate) mod registry;
pub(crate) mod reversal;
pub(crate) mod shift;
mod writing;

use std::sync::Arc;

use chorsu_core::{Document, DocumentId, Reject, TillPayment};
use chorsu_store::StoreError;

use crate::service::ServiceError;

/// Why a till does not get what it asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TillFailure {
    /// Refused by our own rules; nothing happened.
    #[error(transparent)]
    Rejected(#[from] Reject),
    /// The till has no such provider, pinpad or fiscal module.
    #[error("the till is not set up for this")]
    NotConfigured,
    /// The provider said no, or could not be reached; no money has moved.
    #[error("the payment was declined")]
    Declined(Arc<Document>),
    /// The money has gone back, or is on its way back.
    #[error("the payment was reversed")]
    Reversed(Arc<Document>),
    /// Whether money has moved is not known yet.
    #[error("the outcome is not known yet")]
    Unknown(Arc<Document>),
    /// The same, and the books cannot be read: only the payment's id is known.
    #[error("the outcome is not known yet, and the books cannot be read")]
    Lost(DocumentId),
    /// The fiscal module refused.
    #[error("the fiscal module refused: {0}")]
    Module(chorsu_connectors::fiscal_module::ModuleRefusal),
    /// The fiscal module was refused in an earlier try of the same order.
    #[error("the order was refused: {0}")]
    Refused(Arc<str>),
    /// The fiscal module does not answer; what it did is being found out.
    #[error("the fiscal module does not answer")]
    ModuleSilent,
    /// The pinpad printed nothing that can be read.
    #[error("the pinpad does not answer")]
    PinpadSilent,
    /// The pinpad has printed no such thing yet.
    #[error("nothing was printed yet")]
    NothingPrinted,
    /// The pinpad serves another customer.
    #[error("the pinpad is busy")]
    PinpadBusy,
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// Too much is being asked at once.
    #[error("overloaded")]
    Busy,
    /// A failure of ours, already logged.
    #[error("internal failure")]
    Internal,
}

impl From<ServiceError> for TillFailure {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Rejected(reject) => Self::Rejected(reject),
            ServiceError::Busy => Self::Busy,
            ServiceError::KeyReused => Self::KeyReused,
            _ => Self::Internal,
        }
    }
}

impl From<StoreError> for TillFailure {
    fn from(error: StoreError) -> Self {
        ServiceError::from(error).into()
    }
}

/// The payment a document is; a document of another kind is a defect of ours.
fn payment_of(document: &Document) -> Result<&TillPayment, TillFailure> {
    document.till().ok_or_else(|| {
        tracing::error!(document = %document.id(), "not a payment at the till");
        TillFailure::Internal
    })
}

/// What a failure means once the intent is durable: no failure of ours is a refusal any more.
fn after_intent(failure: TillFailure, document: &Arc<Document>) -> TillFailure {
    match failure {
        TillFailure::Busy | TillFailure::Internal | TillFailure::Lost(_) => {
            TillFailure::Unknown(document.clone())
        }
        failure => failure,
    }
}

/// The reference under which providers know a payment.
fn reference(id: DocumentId) -> chorsu_connectors::wallet::TransactionRef {
    #[expect(clippy::expect_used, reason = "a UUID holds nothing a path cannot")]
    chorsu_connectors::wallet::TransactionRef::new(id.uuid()).expect("a UUID is a reference")
}
