//! Commands of the bank: payment orders, incoming payments, settlements.

use std::sync::Arc;

use super::Keys;
use crate::bank_service::ServiceId;
use crate::id::DocumentId;
use crate::money::Tiyin;
use crate::movement::Movement;
use crate::order::{Incoming, PaymentOrder};
use crate::settlement::{Settlement, SettlementState, Share};
use crate::time::UnixMillis;

/// A change of a payment order, a service or a settlement.
#[derive(Clone, Debug)]
pub enum BankCommand {
    /// Accepts an order ("/api/v2/payment", "/api/v2/paymentBudget").
    Accept {
        /// The order, entered.
        order: Box<PaymentOrder>,
        /// [`PaymentOrder::key`] of the partner's number.
        key: Arc<str>,
        /// Whether an order without enough money is refused, instead of accepted and deleted.
        refuse_unfunded: bool,
    },
    /// Ends an order.
    Settle(SettleOrder),
    /// Looks after an order again later.
    Defer {
        /// Which order.
        id: DocumentId,
        /// When.
        due_at: UnixMillis,
        /// How often it was looked after. Nothing changes unless this is more than what is stored,
        /// so that of two who look at once only one puts it off.
        tries: u32,
        /// What is known.
        note: Option<Arc<str>>,
    },
    /// Books money that came in.
    Receive {
        /// The payment.
        incoming: Box<Incoming>,
        /// [`Incoming::key`] of its reference.
        key: Arc<str>,
    },
    /// Books money at the bank that is no partner's.
    Move {
        /// The movement.
        movement: Box<Movement>,
        /// [`Incoming::key`] of its reference.
        key: Arc<str>,
    },
    /// Notes which line of its bank's statement a line of a posted order is.
    Match {
        /// Which order.
        id: DocumentId,
        /// The numbers of the line, ours and the bank's.
        lines: (i64, i64),
        /// [`Incoming::key`] of the line's reference.
        key: Arc<str>,
    },
    /// Keeps a computed settlement.
    Propose {
        /// The settlement.
        settlement: Box<Settlement>,
        /// [`Settlement::key`] of its merchant and day.
        key: Arc<str>,
    },
    /// Books a settlement, so that its orders can be sent.
    Send {
        /// Which settlement.
        id: DocumentId,
        /// The service it is paid from.
        service: ServiceId,
        /// When.
        now: UnixMillis,
    },
    /// Notes how a settlement's orders ended, or that it is given up.
    Conclude(ConcludeSettlement),
    /// Sends refused shares of a settlement anew.
    Resume {
        /// Which settlement.
        id: DocumentId,
        /// The service it is paid from.
        service: ServiceId,
        /// All its shares. They cost what they cost before; those to be sent anew have new order
        /// numbers.
        shares: Vec<Share>,
        /// When.
        now: UnixMillis,
    },
}

impl BankCommand {
    /// The rows its decision needs.
    pub(super) fn keys(&self) -> Keys<'_> {
        let (id, key, service) = match self {
            Self::Accept { order, key, .. } => (None, Some(key), Some(order.service)),
            Self::Settle(settle) => (Some(settle.id), None, Some(settle.service)),
            Self::Conclude(conclude) => (Some(conclude.id), None, Some(conclude.service)),
            Self::Defer { id, .. } => (Some(*id), None, None),
            Self::Receive { incoming, key } => (None, Some(key), Some(incoming.service)),
            Self::Propose { key, .. } | Self::Move { key, .. } => (None, Some(key), None),
            Self::Match { id, key, .. } => (Some(*id), Some(key), None),
            Self::Send { id, service, .. } | Self::Resume { id, service, .. } => {
                (Some(*id), None, Some(*service))
            }
        };
        Keys {
            documents: [id, None, None],
            lookups: [key, None, None, None],
            service,
            ..Keys::default()
        }
    }
}

/// The particulars of [`BankCommand::Settle`].
#[derive(Clone, Debug)]
pub struct SettleOrder {
    /// Which order.
    pub id: DocumentId,
    /// Its service.
    pub service: ServiceId,
    /// How it ended.
    pub end: OrderEnd,
    /// Who says so and why, when that is a person and not the bank.
    pub by_hand: Option<Arc<str>>,
    /// When.
    pub now: UnixMillis,
}

/// How an order ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderEnd {
    /// Carried out.
    Posted {
        /// The bank day, counted as [`UnixMillis::tashkent_day`].
        bank_day: i64,
        /// Both sides and the purpose for the statement, in JSON.
        parties: Arc<str>,
    },
    /// Refused.
    Deleted {
        /// Why.
        reason: Arc<str>,
    },
}

/// The particulars of [`BankCommand::Conclude`].
#[derive(Clone, Debug)]
pub struct ConcludeSettlement {
    /// Which settlement.
    pub id: DocumentId,
    /// The service it is paid from.
    pub service: ServiceId,
    /// [`Settlement::attempts`] when its orders were looked at: nothing changes when they were sent
    /// anew since.
    pub attempt: u32,
    /// Where it stands now.
    pub state: SettlementState,
    /// What came back to the service for refused shares; it goes to suspense as far as it is still
    /// there.
    pub returned: Tiyin,
    /// Why.
    pub note: Option<Arc<str>>,
    /// When.
    pub now: UnixMillis,
}
