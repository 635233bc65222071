//! Documents that share one table: what the store must know of any of them.

use crate::fiscal_receipt::FiscalReceipt;
use crate::id::{DocumentId, OwnerId};
use crate::money::Tiyin;
use crate::movement::Movement;
use crate::order::{Incoming, PaymentOrder};
use crate::settlement::Settlement;
use crate::shift::ShiftClosing;
use crate::till::TillPayment;
use crate::time::UnixMillis;

/// A document other than a receipt of the Subscribe API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Document {
    /// A payment at the till.
    Till(TillPayment),
    /// A fiscal receipt.
    Fiscal(FiscalReceipt),
    /// A payment order.
    Order(PaymentOrder),
    /// Money that came in at the bank.
    Incoming(Incoming),
    /// What a merchant was paid out.
    Settlement(Settlement),
    /// Money at the bank that is no partner's.
    Movement(Movement),
    /// The closing of a till's shift.
    Shift(ShiftClosing),
}

numbered! {
    /// The kind of a [`Document`]. The numbers are those of the database.
    pub enum DocumentKind {
        /// A payment at the till.
        Till = 1,
        /// A fiscal receipt.
        Fiscal = 2,
        /// A payment order.
        Order = 3,
        /// Money that came in at the bank.
        Incoming = 4,
        /// What a merchant was paid out.
        Settlement = 5,
        /// Money at the bank that is no partner's.
        Movement = 6,
        /// The closing of a till's shift.
        Shift = 7,
    }
}

/// What of a document stands in columns of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Its id.
    pub id: DocumentId,
    /// Its kind.
    pub kind: DocumentKind,
    /// Whose.
    pub owner: OwnerId,
    /// The number of its state.
    pub state: i16,
    /// How much.
    pub amount: Tiyin,
    /// When it was born.
    pub created_at: UnixMillis,
    /// When to look after it next.
    pub due_at: Option<UnixMillis>,
}

impl Document {
    /// What of it stands in columns.
    #[must_use]
    pub fn envelope(&self) -> Envelope {
        let kind = self.kind();
        match self {
            Self::Till(payment) => Envelope {
                id: payment.id,
                kind,
                owner: payment.merchant.into(),
                state: payment.state.number(),
                amount: payment.amount,
                created_at: payment.created_at,
                due_at: payment.ask_again_at,
            },
            Self::Fiscal(receipt) => Envelope {
                id: receipt.id,
                kind,
                owner: receipt.merchant.into(),
                state: receipt.state.number(),
                amount: receipt.total,
                created_at: receipt.created_at,
                due_at: None,
            },
            Self::Order(order) => Envelope {
                id: order.id,
                kind,
                owner: order.partner.into(),
                state: order.state.number(),
                amount: order.amount,
                created_at: order.created_at,
                due_at: order.due_at,
            },
            Self::Incoming(incoming) => Envelope {
                id: incoming.id,
                kind,
                owner: incoming.partner.into(),
                state: crate::bank::OrderState::Posted.number(),
                amount: incoming.amount,
                created_at: incoming.at,
                due_at: None,
            },
            Self::Settlement(settlement) => Envelope {
                id: settlement.id,
                kind,
                owner: settlement.merchant.into(),
                state: settlement.state.number(),
                amount: settlement.gross,
                created_at: settlement.created_at,
                due_at: settlement.due_at,
            },
            Self::Movement(movement) => Envelope {
                id: movement.id,
                kind,
                owner: movement.partner.into(),
                state: crate::bank::OrderState::Posted.number(),
                amount: movement.amount,
                created_at: movement.at,
                due_at: None,
            },
            Self::Shift(closing) => Envelope {
                id: closing.id,
                kind,
                owner: closing.merchant.into(),
                state: closing.state.number(),
                amount: Tiyin::ZERO,
                created_at: closing.created_at,
                due_at: None,
            },
        }
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> DocumentId {
        match self {
            Self::Till(payment) => payment.id,
            Self::Fiscal(receipt) => receipt.id,
            Self::Order(order) => order.id,
            Self::Incoming(incoming) => incoming.id,
            Self::Settlement(settlement) => settlement.id,
            Self::Movement(movement) => movement.id,
            Self::Shift(closing) => closing.id,
        }
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> DocumentKind {
        match self {
            Self::Till(_) => DocumentKind::Till,
            Self::Fiscal(_) => DocumentKind::Fiscal,
            Self::Order(_) => DocumentKind::Order,
            Self::Incoming(_) => DocumentKind::Incoming,
            Self::Settlement(_) => DocumentKind::Settlement,
            Self::Movement(_) => DocumentKind::Movement,
            Self::Shift(_) => DocumentKind::Shift,
        }
    }

    /// Whether a counterparty's answer is awaited, or it is to be looked after again.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        match self {
            Self::Till(payment) => payment.operation.is_some() || payment.ask_again_at.is_some(),
            Self::Fiscal(receipt) => receipt.operation.is_some(),
            Self::Order(order) => order.due_at.is_some(),
            // A closing is taken up again by whoever asks for it again.
            Self::Incoming(_) | Self::Movement(_) | Self::Shift(_) => false,
            Self::Settlement(settlement) => settlement.waiting > 0 || settlement.due_at.is_some(),
        }
    }

    /// The payment at the till it is.
    #[must_use]
    pub const fn till(&self) -> Option<&TillPayment> {
        match self {
            Self::Till(payment) => Some(payment),
            _ => None,
        }
    }

    /// The fiscal receipt it is.
    #[must_use]
    pub const fn fiscal(&self) -> Option<&FiscalReceipt> {
        match self {
            Self::Fiscal(receipt) => Some(receipt),
            _ => None,
        }
    }

    /// The closing of a shift it is.
    #[must_use]
    pub const fn shift(&self) -> Option<&ShiftClosing> {
        match self {
            Self::Shift(closing) => Some(closing),
            _ => None,
        }
    }

    /// The payment order it is.
    #[must_use]
    pub const fn order(&self) -> Option<&PaymentOrder> {
        match self {
            Self::Order(order) => Some(order),
            _ => None,
        }
    }

    /// The settlement it is.
    #[must_use]
    pub const fn settlement(&self) -> Option<&Settlement> {
        match self {
            Self::Settlement(settlement) => Some(settlement),
            _ => None,
        }
    }
}
