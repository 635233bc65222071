//! What a host is asked and what it answers, without the messages they travel in.

use chorsu_connectors::card::CardRefusal;
use chorsu_core::{Network, OperationId, Tiyin};

use super::operation::{Kind, Verdict, operation_key};
use super::sight::{Sight, card_key};
use super::totals::totals_key;
use crate::book::RecordKey;

/// A debit or a hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opening {
    pub(crate) operation: OperationId,
    /// [`Kind::Debit`] or [`Kind::Hold`].
    pub(crate) kind: Kind,
    pub(crate) card: Sight,
    pub(crate) amount: Tiyin,
}

/// A capture, a refund or a release.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FollowUp {
    pub(crate) operation: OperationId,
    /// [`Kind::Capture`], [`Kind::Refund`] or [`Kind::Release`].
    pub(crate) kind: Kind,
    pub(crate) original: OperationId,
    /// Absent for a release.
    pub(crate) amount: Option<Tiyin>,
}

/// A request to a host.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Call {
    Inquire(Sight),
    Open(Opening),
    Follow(FollowUp),
    Ask(OperationId),
}

/// What a host answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HostAnswer {
    /// The card may be used; phone and SMS informing.
    Card { phone: u64, sms: bool },
    /// An operation, as it was decided; `wait_ms` from now its answer is due.
    Decided { verdict: Verdict, amount: Tiyin, wait_ms: i64 },
    /// What became of an operation; whether the hold has been given back since.
    Told { verdict: Verdict, amount: Tiyin, released: bool },
    /// There is no such operation, and will not be.
    Unseen,
    /// The operation has no outcome yet.
    InProgress,
    /// A refusal that is about no operation.
    Refused(CardRefusal),
}

impl Call {
    /// Adds the records it is known to need; a follow-up's card is known only from the original.
    pub(crate) fn keys(&self, network: Network, keys: &mut Vec<RecordKey>) {
        match self {
            Self::Inquire(card) => keys.push(card_key(network, card.tag)),
            Self::Open(opening) => keys.extend([
                operation_key(network, opening.operation),
                card_key(network, opening.card.tag),
                totals_key(network),
            ]),
            Self::Follow(follow) => keys.extend([
                operation_key(network, follow.operation),
                operation_key(network, follow.original),
                totals_key(network),
            ]),
            Self::Ask(operation) => keys.push(operation_key(network, *operation)),
        }
    }
}
