//! What Chorsu does for a caller, whatever the protocol: decisions in the store and calls to the
//! card networks, in the order that loses nothing.

pub(crate) mod cards;
pub(crate) mod operation;
pub(crate) mod payme;
pub(crate) mod receipts;

use chorsu_connectors::card::CardRefusal;
use chorsu_connectors::payme::kassa::Rejection;
use chorsu_core::Reject;
use chorsu_store::{StoreError, SubmitError};

/// Why a caller does not get what was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServiceError {
    /// Refused by our own rules.
    #[error(transparent)]
    Rejected(#[from] Reject),
    /// Refused by the card network.
    #[error("the card network refused: {0:?}")]
    Card(CardRefusal),
    /// Refused by the payment service behind the kassa, in its own words.
    #[error("the acquirer refused: {} {}", .0.code, .0.message)]
    Acquirer(Box<Rejection>),
    /// The card network cannot be reached; nothing was done.
    #[error("the card network cannot be reached")]
    Unreachable,
    /// The card network's answer was lost. The truth is being found out; the receipt tells it.
    #[error("the outcome is not known yet")]
    OutcomeUnknown,
    /// The SMS could not be sent.
    #[error("the SMS could not be sent")]
    Sms,
    /// Too much is being asked at once.
    #[error("overloaded")]
    Busy,
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// A failure of ours, already logged.
    #[error("internal failure")]
    Internal,
}

impl From<SubmitError> for ServiceError {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Rejected(reject) => Self::Rejected(reject),
            SubmitError::Busy => Self::Busy,
            SubmitError::Failed => Self::Internal,
        }
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "reading the store failed");
        Self::Internal
    }
}
