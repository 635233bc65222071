//! Commands of the bank: payment orders, incoming payments, settlements.

use std::sync::Arc;

use super::Keys;
use crate::bank::ServiceId;
use crate::id::DocumentId;
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
        /// The posted order that has a line about the same, and the numbers of both lines, ours and
        /// the bank's.
        beside: Option<(DocumentId, (i64, i64))>,
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
    /// Books a settlement and accepts its orders.
    Send(SendSettlement),
    /// Notes how a settlement's orders ended, or that it is given up.
    Conclude(ConcludeSettlement),
    /// Sends refused shares of a settlement anew.
    Resume {
        /// What is sent.
        send: SendSettlement,
        /// [`Settlement::attempts`] when its orders were looked at: nothing changes when they were
        /// sent anew since.
        attempt: u32,
        /// All its shares. Those to be sent anew have new order numbers.
        shares: Vec<Share>,
    },
}

impl BankCommand {
    /// The rows its decision needs.
    pub(super) fn keys(&self) -> Keys<'_> {
        let (id, key, service) = match self {
            Self::Accept { order, key, .. } => (None, Some(key), Some(order.service)),
            Self::Settle(settle) => {
                let documents = [Some(settle.id), settle.settlement, None];
                return Keys { documents, service: Some(settle.service), ..Keys::default() };
            }
            Self::Conclude(conclude) => (Some(conclude.id), None, None),
            Self::Defer { id, .. } => (Some(*id), None, None),
            Self::Receive { incoming, key } => (None, Some(key), Some(incoming.service)),
            Self::Propose { key, .. } => (None, Some(key), None),
            Self::Move { key, beside, .. } => (beside.map(|(id, _)| id), Some(key), None),
            Self::Match { id, key, .. } => (Some(*id), Some(key), None),
            Self::Send(send) | Self::Resume { send, .. } => {
                return Keys {
                    documents: [Some(send.id), None, None],
                    more_lookups: &send.keys,
                    service: Some(send.service),
                    ..Keys::default()
                };
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
    /// [`PaymentOrder::settlement`].
    pub settlement: Option<DocumentId>,
    /// How it ended.
    pub end: OrderEnd,
    /// Who says so and why, when that is a person and not the bank.
    pub by_hand: Option<Arc<str>>,
    /// The bank day of that, counted as [`UnixMillis::tashkent_day`].
    pub bank_day: i64,
    /// Both sides and the purpose of the line beside the order's own, in JSON: the line of its
    /// commission when it was carried out, of what is held back when it was a settlement's and was
    /// refused.
    pub aside: Arc<str>,
    /// When.
    pub now: UnixMillis,
}

/// How an order ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderEnd {
    /// Carried out.
    Posted {
        /// Both sides and the purpose for the statement, in JSON.
        parties: Arc<str>,
    },
    /// Refused.
    Deleted {
        /// Why.
        reason: Arc<str>,
    },
}

/// The particulars of [`BankCommand::Send`] and [`BankCommand::Resume`].
#[derive(Clone, Debug)]
pub struct SendSettlement {
    /// Which settlement.
    pub id: DocumentId,
    /// The service it is paid from.
    pub service: ServiceId,
    /// The orders of the shares that are sent, in the order of the shares. They are accepted in the
    /// same transaction that brings their money, so nobody else can spend it.
    pub orders: Vec<PaymentOrder>,
    /// [`PaymentOrder::key`] of each of them.
    pub keys: Vec<Arc<str>>,
    /// Both sides and the purpose of the money that reaches the service, in JSON.
    pub parties: Arc<str>,
    /// The bank day of that, counted as [`UnixMillis::tashkent_day`].
    pub bank_day: i64,
    /// When.
    pub now: UnixMillis,
}

/// The particulars of [`BankCommand::Conclude`].
#[derive(Clone, Debug)]
pub struct ConcludeSettlement {
    /// Which settlement.
    pub id: DocumentId,
    /// [`Settlement::attempts`] when its orders were looked at: nothing changes when they were sent
    /// anew since.
    pub attempt: u32,
    /// Where it stands now.
    pub state: SettlementState,
    /// Why.
    pub note: Option<Arc<str>>,
    /// When.
    pub now: UnixMillis,
}
