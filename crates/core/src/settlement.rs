//! Settlements: what a merchant is owed, computed from the ledger, split and paid out by orders.

use crate::bank::ServiceId;
use crate::id::{DocumentId, KassaId, PartnerId};
use crate::money::Tiyin;
use crate::step::Step;
use crate::time::UnixMillis;
use std::sync::Arc;

numbered! {
    /// Where a settlement stands. The numbers are those of the database.
    pub enum SettlementState {
        /// Computed and shown; no money has moved.
        Proposed = 1,
        /// Booked from the merchant to the service; its payment orders are being sent.
        Sent = 2,
        /// Every share has reached its receiver.
        Settled = 4,
        /// A share was refused; its money is in suspense until the share is sent anew.
        Differs = 20,
        /// Given up before it was sent.
        Withdrawn = 50,
    }
}

/// Every step there is.
pub const TRANSITIONS: [(SettlementState, SettlementState); 6] = [
    (SettlementState::Proposed, SettlementState::Sent),
    (SettlementState::Proposed, SettlementState::Withdrawn),
    (SettlementState::Sent, SettlementState::Settled),
    (SettlementState::Sent, SettlementState::Differs),
    (SettlementState::Differs, SettlementState::Settled),
    (SettlementState::Differs, SettlementState::Sent),
];

impl SettlementState {
    /// Whether there is a step from here to `next`.
    #[must_use]
    pub fn can_go(self, next: Self) -> bool {
        TRANSITIONS.contains(&(self, next))
    }

    /// The word people read.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Sent => "sent",
            Self::Settled => "settled",
            Self::Differs => "differs",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// One receiver's part of a settlement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The number of its payment order, made from the settlement's id: sending it again is the
    /// same order.
    pub order_key: Arc<str>,
    /// How much it gets.
    pub amount: Tiyin,
    /// What the bank takes for the order.
    pub bank_fee: Tiyin,
    /// Who gets it and what for, in JSON.
    pub requisites: Arc<str>,
}

/// What a merchant is paid out for a span of days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// Its id.
    pub id: DocumentId,
    /// Whose money it is.
    pub merchant: KassaId,
    /// The partner whose service pays it out.
    pub partner: PartnerId,
    /// The service that pays it out.
    pub service: ServiceId,
    /// The last Tashkent day it covers, counted as [`UnixMillis::tashkent_day`].
    pub day: i64,
    /// What leaves the merchant's account.
    pub gross: Tiyin,
    /// What of it stays with us.
    pub commission: Tiyin,
    /// Who gets the rest.
    pub shares: Vec<Share>,
    /// How often its shares were given to the bank: once when it is sent, and again for each time
    /// that refused ones are sent anew.
    pub attempts: u32,
    /// What of it is in suspense: the money of refused shares.
    pub suspended: Tiyin,
    /// Orders of its shares that have no end yet.
    pub waiting: u32,
    /// When to look after it, real time: once all its orders have ended.
    pub due_at: Option<UnixMillis>,
    /// Where it stands.
    pub state: SettlementState,
    /// When it was computed.
    pub created_at: UnixMillis,
    /// What happened so far.
    pub steps: Vec<Step>,
}

impl Settlement {
    /// The key of the settlement that follows the one up to `day`, 0 when there is none before. A
    /// merchant's settlements so are one chain: two that took the same money cannot both be kept.
    #[must_use]
    pub fn key(merchant: KassaId, day: i64) -> String {
        format!("settlement:{merchant}:{day}")
    }

    /// What a share takes from the service, in tiyin: its amount and its fee.
    ///
    /// `None` when the sum over all of them does not fit.
    #[must_use]
    pub fn cost<'a>(shares: impl IntoIterator<Item = &'a Share>) -> Option<Tiyin> {
        shares.into_iter().try_fold(Tiyin::ZERO, |sum, share| {
            sum.checked_add(share.amount)?.checked_add(share.bank_fee)
        })
    }
}
