//! What can go wrong with a call to a bank, and what it may have done there.

use super::answer::BankRefusal;
use crate::effect::Effect;
use crate::http::HttpError;
use crate::reading::AnswerError;

/// A call brought no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum BankError {
    /// No answer came.
    #[error("the bank did not answer")]
    Http(#[from] HttpError),
    /// The answer settles nothing.
    #[error("the bank's answer settles nothing")]
    BadAnswer(#[from] AnswerError),
    /// The bank says that it does not know what became of the order.
    #[error("the bank is in doubt (code {}: {})", .0.code.number(), .0.message)]
    InDoubt(BankRefusal),
    /// The bank would not say.
    #[error("the bank gave no information (code {}: {})", .0.code.number(), .0.message)]
    NoInformation(BankRefusal),
}

impl BankError {
    /// What this call may have done at the bank.
    ///
    /// It speaks of this call alone: a question that was not sent says nothing about the order it
    /// would have asked about.
    #[must_use]
    pub const fn effect(&self) -> Effect {
        match self {
            Self::Http(error) => error.effect(),
            Self::BadAnswer(_) | Self::InDoubt(_) | Self::NoInformation(_) => Effect::Unknown,
        }
    }
}
