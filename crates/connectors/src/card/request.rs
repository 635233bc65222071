//! What can be asked of a card network and what it can answer.

use chorsu_core::{Expiry, KassaId, OperationId, Pan, Tiyin};

use super::refusal::CardRefusal;
use crate::iso8583::Ascii;

/// The network's own reference of an operation (field 37).
pub type Rrn = Ascii<12>;
/// The code under which an operation was approved (field 38).
pub type AuthCode = Ascii<6>;

/// One request to a card network.
///
/// An operation is idempotent by its id: the network answers a repeat as it answered first.
#[derive(Clone, Debug)]
pub enum CardRequest {
    /// Is the card there, may it be used, and whose phone is it bound to? (0100, no money.)
    Inquire {
        /// The card.
        pan: Pan,
        /// Its expiry.
        expiry: Expiry,
    },
    /// Take `amount` from the card (0200).
    Debit {
        /// The operation's id.
        operation: OperationId,
        /// The card.
        pan: Pan,
        /// Its expiry.
        expiry: Expiry,
        /// How much.
        amount: Tiyin,
        /// For whom.
        merchant: KassaId,
    },
    /// Set `amount` of the card aside (0100).
    Hold {
        /// The operation's id.
        operation: OperationId,
        /// The card.
        pan: Pan,
        /// Its expiry.
        expiry: Expiry,
        /// How much.
        amount: Tiyin,
        /// For whom.
        merchant: KassaId,
    },
    /// Take what was held; what is above `amount` goes back to the card (0220).
    Capture {
        /// The operation's id.
        operation: OperationId,
        /// The id of the hold.
        original: OperationId,
        /// At most the amount held.
        amount: Tiyin,
    },
    /// Give back what was debited or captured, the whole of it (0220).
    Refund {
        /// The operation's id.
        operation: OperationId,
        /// The id of the debit, or of the hold that was captured (not of its capture).
        original: OperationId,
        /// The amount that was taken.
        amount: Tiyin,
    },
    /// Give a hold up (0400).
    Release {
        /// The operation's id.
        operation: OperationId,
        /// The id of the hold.
        original: OperationId,
    },
    /// What became of an operation? (0600.)
    Ask {
        /// The operation's id.
        operation: OperationId,
    },
}

/// What the network knows of a card's holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The phone the card is bound to, 12 digits with the country code.
    pub phone: Option<String>,
    /// Whether SMS informing is on; without it the holder cannot prove the card by a code.
    pub sms: bool,
}

/// The network's word that an operation was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The network's reference.
    pub rrn: Rrn,
    /// The authorisation code.
    pub auth_code: AuthCode,
    /// How much was debited, held, captured, refunded or released.
    pub amount: Tiyin,
}

/// The network's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardAnswer {
    /// To [`CardRequest::Inquire`]: the card may be used.
    Card(Holder),
    /// The operation is done (or, to [`CardRequest::Ask`], was done).
    Approved(Approval),
    /// The operation is not done and will not be.
    Refused(CardRefusal),
    /// To [`CardRequest::Ask`]: the hold was approved and has since been given back, by a release
    /// or by the network itself.
    Released(Approval),
    /// To [`CardRequest::Ask`]: the network has not seen the operation, and from now on refuses it
    /// ([`CardRefusal::Withdrawn`]), so that a request still under way cannot come true later.
    NotFound,
    /// The network has the operation but not its outcome yet: ask later.
    StillProcessing,
}

impl CardRequest {
    /// The operation it performs or asks about; `None` for an inquiry.
    #[must_use]
    pub const fn operation(&self) -> Option<OperationId> {
        match self {
            Self::Inquire { .. } => None,
            Self::Debit { operation, .. }
            | Self::Hold { operation, .. }
            | Self::Capture { operation, .. }
            | Self::Refund { operation, .. }
            | Self::Release { operation, .. }
            | Self::Ask { operation } => Some(*operation),
        }
    }
}
