//! What can go wrong with a call to a fiscal module.

use super::refusal::ModuleRefusal;
use crate::effect::Effect;
use crate::http::HttpError;
use crate::reading::AnswerError;

/// A call brought no result.
#[derive(Debug, thiserror::Error)]
pub enum ModuleError {
    /// The module refuses; nothing was done.
    #[error("the fiscal module refuses: {0}")]
    Refused(ModuleRefusal),
    /// No answer came.
    #[error("the fiscal module did not answer")]
    Http(#[from] HttpError),
    /// The answer settles nothing.
    #[error("the fiscal module's answer settles nothing")]
    BadAnswer(#[from] AnswerError),
}

impl ModuleError {
    /// What the call may have done. After [`Effect::Unknown`] a receipt is sent again with the
    /// same TXID; about a shift the module is asked.
    #[must_use]
    pub const fn effect(&self) -> Effect {
        match self {
            Self::Refused(_) => Effect::None,
            Self::Http(error) => error.effect(),
            Self::BadAnswer(_) => Effect::Unknown,
        }
    }

    /// The refusal, if it is one.
    #[must_use]
    pub const fn refusal(&self) -> Option<&ModuleRefusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Http(_) | Self::BadAnswer(_) => None,
        }
    }
}

impl From<ModuleRefusal> for ModuleError {
    fn from(refusal: ModuleRefusal) -> Self {
        Self::Refused(refusal)
    }
}
