//! What becomes of receipts whose money Payme takes.
//!
//! They are created, captured and given back by the same commands as all receipts. Paying is
//! another matter: there is no card of ours, and a receipt may end unpaid for good, because that is
//! how an open outcome is brought to an end there.

use std::sync::Arc;

use super::{Keys, Target};
use crate::card::CardFace;
use crate::id::{OperationId, ReceiptId};
use crate::time::UnixMillis;

/// A change of a receipt whose money Payme takes.
#[derive(Clone, Debug)]
pub enum PaymeCommand {
    /// Starts to pay, to hold, or to find out what became of a receipt that may be paid there.
    Begin(Box<Begin>),
    /// Ends what [`PaymeCommand::Begin`] started.
    Finish {
        /// Which receipt.
        receipt: ReceiptId,
        /// Which intent.
        operation: OperationId,
        /// How it ended.
        end: End,
        /// When.
        now: UnixMillis,
    },
    /// Payme has cancelled a paid or held receipt without being asked from here: in its own
    /// cabinet, say. Its money has gone back.
    CancelledThere {
        /// Which receipt.
        receipt: ReceiptId,
        /// When that was found.
        now: UnixMillis,
    },
}

/// The particulars of [`PaymeCommand::Begin`].
#[derive(Clone, Debug)]
pub struct Begin {
    /// What and by whom.
    pub target: Target,
    /// The new intent.
    pub operation: OperationId,
    /// Whether to hold although the receipt was not created so.
    pub hold: bool,
    /// Who pays, in the API's own JSON.
    pub payer: Option<Arc<str>>,
}

/// How a payment at Payme ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The money was taken, from this card as far as Payme says.
    Paid(Option<CardFace>),
    /// The money is held.
    Held(Option<CardFace>),
    /// Payme refused; the receipt can be paid by other means.
    Refused,
    /// The receipt is closed there, and none of the money is with us.
    Closed,
}

impl PaymeCommand {
    /// The rows its decision needs.
    #[must_use]
    pub fn keys(&self) -> Keys<'_> {
        match self {
            Self::Begin(begin) => Keys {
                receipt: Some(begin.target.receipt),
                key: begin.target.key.as_ref(),
                ..Keys::default()
            },
            Self::Finish { receipt, .. } | Self::CancelledThere { receipt, .. } => {
                Keys { receipt: Some(*receipt), ..Keys::default() }
            }
        }
    }
}
