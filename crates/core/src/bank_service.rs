//! Services of the bank API: accounts of partners from which money is paid out by requisites.

use std::fmt;
use std::sync::Arc;

use crate::id::PartnerId;
use crate::money::Tiyin;

/// The number of a service ("Оплата по реквизитам", `serviceId`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(pub u32);

impl ServiceId {
    /// The service of this decimal number; `None` unless it is written without sign and zeros.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let id = Self(text.parse().ok()?);
        (id.to_string() == text).then_some(id)
    }
}

impl fmt::Display for ServiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Whether payment orders of a service must name a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardRule {
    /// `refNumber`, `cardType` and `cardNumber` are required.
    Required,
    /// They are not.
    Optional,
}

impl CardRule {
    /// The word on the wire ("services", `type`).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Required => "WORKING_WITH_CARD",
            Self::Optional => "CARD_IS_OPTIONAL",
        }
    }

    /// The rule of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Required, Self::Optional].into_iter().find(|rule| rule.name() == name)
    }
}

/// A service with its money. `available` is a floor account: it is checked on this one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankService {
    /// Its number.
    pub id: ServiceId,
    /// Whose.
    pub partner: PartnerId,
    /// What it is called.
    pub name: Arc<str>,
    /// Whether it takes orders.
    pub activated: bool,
    /// Whether orders must name a card.
    pub cards: CardRule,
    /// The partner's account, 20 digits.
    pub account: Arc<str>,
    /// The code of the bank that keeps the account, 5 digits.
    pub mfo: Arc<str>,
    /// The name the account is held in.
    pub owner_name: Arc<str>,
    /// The tax number of the account's holder.
    pub inn: Arc<str>,
    /// What can be paid out.
    pub available: Tiyin,
    /// What is set aside for accepted orders.
    pub reserved: Tiyin,
    /// The number of the last line of its statement.
    pub last_line: i64,
}

/// Which way the money of a statement's line went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// "Приход".
    In,
    /// "Расход".
    Out,
}

impl Direction {
    /// The number in the database.
    #[must_use]
    pub const fn number(self) -> i16 {
        match self {
            Self::In => 1,
            Self::Out => 2,
        }
    }

    /// The direction of this number.
    #[must_use]
    pub const fn from_number(number: i16) -> Option<Self> {
        match number {
            1 => Some(Self::In),
            2 => Some(Self::Out),
            _ => None,
        }
    }
}
