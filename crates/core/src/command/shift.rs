//! Commands about closing a shift under an idempotency key.

use std::sync::Arc;

use super::{IdempotencyKey, Keys};
use crate::id::DocumentId;
use crate::shift::ShiftClosing;
use crate::time::UnixMillis;

/// A change of a [`ShiftClosing`].
#[derive(Clone, Debug)]
pub enum ShiftCommand {
    /// Notes the intent ("/zreport/close/").
    Begin {
        /// The closing, not sent yet.
        closing: Box<ShiftClosing>,
        /// The caller's idempotency key.
        key: IdempotencyKey,
    },
    /// The module is about to be told to close at this second.
    Send {
        /// Which closing.
        id: DocumentId,
        /// The second.
        at: UnixMillis,
    },
    /// Ends what [`ShiftCommand::Begin`] started.
    Finish {
        /// Which closing.
        id: DocumentId,
        /// How it ended.
        end: ClosingEnd,
    },
}

/// How a closing ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClosingEnd {
    /// The shift is closed; what the till is answered, in the API's own JSON.
    Closed(Arc<str>),
    /// There was no open shift, or somebody else has closed it.
    NotOpen,
    /// The module's words against it.
    Refused(Arc<str>),
}

impl ShiftCommand {
    /// The rows its decision needs.
    pub(super) fn keys(&self) -> Keys<'_> {
        match self {
            Self::Begin { key, .. } => Keys { key: Some(key), ..Keys::default() },
            Self::Send { id, .. } | Self::Finish { id, .. } => {
                Keys { documents: [Some(*id), None, None], ..Keys::default() }
            }
        }
    }
}
