//! Why an operation at a pinpad has no known outcome, or was not begun.

use std::io;

use super::command::PinpadOperation;
use super::slip::Slip;
use crate::effect::Effect;

/// Why nobody can tell what became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// The program was ended because its time was over; the pinpad may have gone on.
    #[error("the pinpad's program took too long")]
    TimedOut,
    /// The program ended with an error, or was ended by somebody.
    #[error("the pinpad's program failed (exit status {0:?})")]
    Failed(Option<i32>),
    /// How the program ended could not be learnt.
    #[error("the pinpad's program was lost ({0})")]
    Lost(io::ErrorKind),
    /// There is no slip of this operation.
    #[error("the pinpad's program left no slip")]
    NoSlip,
    /// The slip is there but was not read.
    #[error("the slip could not be read ({0})")]
    SlipUnreadable(io::ErrorKind),
    /// The slip is too long to be one.
    #[error("the slip is too long")]
    SlipTooLong,
    /// Word, code, reference or amount appear with different values.
    #[error("the slip contradicts itself")]
    Contradictory,
    /// The slip has neither a word nor a code that says what happened.
    #[error("the slip does not say what happened")]
    NoVerdict,
    /// The approved word without an approved code.
    #[error("the slip has the approved word without an approved code")]
    NoApprovedCode,
    /// An approved code without the approved word.
    #[error("the slip has an approved code without the approved word")]
    NoApprovedWord,
    /// A code by which the terminal says that it does not know itself.
    #[error("the slip has the code of an unclear outcome")]
    UnclearCode,
    /// The amount is another one.
    #[error("the slip has another amount")]
    OtherAmount,
    /// The amount is missing or cannot be read.
    #[error("the slip has no amount")]
    NoAmount,
    /// It is the slip of another kind of operation.
    #[error("the slip is that of another operation")]
    OtherOperation,
    /// It has no reference, so it cannot be told from the slip of an operation before.
    #[error("the slip has no reference")]
    NoReference,
}

/// An operation brought no outcome.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinpadError {
    /// The pinpad serves another customer; nothing was started.
    #[error("the pinpad is busy")]
    Busy,
    /// No command is configured for the operation; nothing was started.
    #[error("no command is configured for {}", .0.name())]
    NotConfigured(PinpadOperation),
    /// The program could not be started.
    #[error("the pinpad's program cannot be started ({0})")]
    NotStarted(io::ErrorKind),
    /// The slip of the operation before could not be set aside, so the new one could not be told
    /// from it; nothing was started.
    #[error("the previous slip cannot be set aside ({0})")]
    SlipInTheWay(io::ErrorKind),
    /// It may have happened and it may not.
    #[error("the outcome at the pinpad is not known")]
    Unclear {
        /// Why.
        #[source]
        doubt: Doubt,
        /// What the slip says, if there is one: for the operator, not for a decision.
        slip: Option<Box<Slip>>,
    },
}

impl PinpadError {
    /// What the operation may have done.
    #[must_use]
    pub const fn effect(&self) -> Effect {
        match self {
            Self::Busy | Self::NotConfigured(_) | Self::NotStarted(_) | Self::SlipInTheWay(_) => {
                Effect::None
            }
            Self::Unclear { .. } => Effect::Unknown,
        }
    }

    pub(super) const fn unclear(doubt: Doubt) -> Self {
        Self::Unclear { doubt, slip: None }
    }
}
