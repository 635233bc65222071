//! What can go wrong with a call to a wallet, and what it may have done there.

use super::answer::Refusal;
use crate::effect::Effect;
use crate::http::HttpError;
use crate::reading::AnswerError;

/// A request that cannot be written; nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// An id that no path can hold.
    #[error("{0} is not an id of this wallet")]
    BadId(&'static str),
    /// A payment that has to be prepared first was not.
    #[error("the payment was not prepared")]
    NotPrepared,
}

/// A call brought no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum WalletError {
    /// The request cannot be written.
    #[error("the request cannot be written")]
    NotSent(#[from] RequestError),
    /// No answer came.
    #[error("the wallet did not answer")]
    Http(#[from] HttpError),
    /// The answer settles nothing.
    #[error("the wallet's answer settles nothing")]
    BadAnswer(#[from] AnswerError),
    /// The wallet would not say: its keys are not ours any more, it is being serviced, or it is
    /// overloaded.
    #[error("the wallet gave no information (code {}: {})", .0.code, .0.message)]
    NoInformation(Refusal),
    /// The wallet refused to prepare the payment, so none was made.
    #[error("the wallet refused to prepare the payment (code {}: {})", .0.code, .0.message)]
    PrepareRefused(Refusal),
    /// Preparing the payment failed, so none was made. What was prepared, if anything, takes no
    /// money by itself.
    #[error("the payment could not be prepared")]
    PrepareFailed(#[source] Box<WalletError>),
}

impl WalletError {
    /// What this call may have done at the wallet.
    ///
    /// It speaks of this call alone: a question that was not sent says nothing about the payment
    /// it would have asked about.
    #[must_use]
    pub const fn effect(&self) -> Effect {
        match self {
            Self::NotSent(_) | Self::PrepareRefused(_) | Self::PrepareFailed(_) => Effect::None,
            Self::Http(error) => error.effect(),
            Self::BadAnswer(_) | Self::NoInformation(_) => Effect::Unknown,
        }
    }
}
