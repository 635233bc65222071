//! Closing the shift of a till's fiscal module under an idempotency key, from the intent to what
//! the till was answered. A close without a key leaves nothing here.

use std::sync::Arc;

use crate::id::{DocumentId, KassaId};
use crate::time::UnixMillis;

/// Tries to close that are remembered; later ones replace the oldest.
pub const SENT_MAX: usize = 64;

numbered! {
    /// Where a closing stands. The numbers are those of the database.
    pub enum ClosingState {
        /// The intent is durable and the module is being asked; it may have closed the shift.
        Sent = 1,
        /// The shift was closed by this request.
        Closed = 4,
        /// There was no open shift, or somebody else has closed it.
        NotOpen = 49,
        /// The module refused.
        Refused = 50,
    }
}

/// A request to close the shift of a till.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShiftClosing {
    /// Its id.
    pub id: DocumentId,
    /// Which till.
    pub till: Arc<str>,
    /// Whose till it is.
    pub merchant: KassaId,
    /// Where it stands.
    pub state: ClosingState,
    /// The module's number of the shift; 0 when it never had one.
    pub number: u64,
    /// The seconds at which the module was told to close it. A shift that was closed at one of them
    /// was closed by this request.
    pub sent_at: Vec<UnixMillis>,
    /// What the till was answered, in the API's own JSON; or the module's words when it refused.
    pub answer: Option<Arc<str>>,
    /// When it was asked for.
    pub created_at: UnixMillis,
}
