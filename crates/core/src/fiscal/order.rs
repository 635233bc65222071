//! An order: what a till wants registered as one fiscal receipt.

use crate::money::Tiyin;

use super::extra::ExtraInfo;
use super::item::FiscalItem;
use super::time::FiscalTime;
use super::url::ReceiptUrl;

/// The kind of a receipt (FBOX, `receipt_type`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OrderKind {
    /// `order`: goods against money.
    #[default]
    Order,
    /// `prepaid`: money now, goods later. Takes a number but gets no sign.
    Prepaid,
    /// `credit`: goods now, money later. Takes a number but gets no sign.
    Credit,
}

impl OrderKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Order, Self::Prepaid, Self::Credit];

    /// Its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Prepaid => "prepaid",
            Self::Credit => "credit",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether a receipt of this kind has a fiscal sign and a QR code.
    #[must_use]
    pub const fn is_signed(self) -> bool {
        matches!(self, Self::Order)
    }
}

/// Whether goods go out or come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A sale.
    Sale,
    /// A refund of what stands on another receipt.
    Refund {
        /// The receipt of the sale.
        original: ReceiptUrl,
    },
}

impl Operation {
    /// Whether goods come back.
    #[must_use]
    pub const fn is_refund(&self) -> bool {
        matches!(self, Self::Refund { .. })
    }
}

/// The kind of card paid with (FBOX, `card_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardType {
    /// 1.
    Corporate,
    /// 2.
    Personal,
    /// 3; the first and last four digits of its number stand in the extra info.
    Social,
}

impl CardType {
    /// The kind of this code; `None` for one nobody documented.
    #[must_use]
    pub const fn from_code(code: i64) -> Option<Self> {
        match code {
            1 => Some(Self::Corporate),
            2 => Some(Self::Personal),
            3 => Some(Self::Social),
            _ => None,
        }
    }

    /// Its code.
    #[must_use]
    pub const fn code(self) -> i64 {
        match self {
            Self::Corporate => 1,
            Self::Personal => 2,
            Self::Social => 3,
        }
    }
}

/// An order for a fiscal receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiscalOrder {
    /// Its kind.
    pub kind: OrderKind,
    /// Sale or refund.
    pub operation: Operation,
    /// Its lines.
    pub items: Vec<FiscalItem>,
    /// Cash kept by the till: the change is already taken off.
    pub received_cash: Tiyin,
    /// Paid by card or from a wallet.
    pub received_card: Tiyin,
    /// Change given; printed, and in no sum.
    pub change: Tiyin,
    /// The kind of card, if one was used.
    pub card_type: Option<CardType>,
    /// The RRN on the pinpad's slip, if a card was used there.
    pub ppt_id: Option<String>,
    /// Buyer and wallet payment.
    pub extra: ExtraInfo,
    /// When it was sold.
    pub time: FiscalTime,
}
