//! Whom a code to scan belongs to, in plain words.

use crate::texts::TillTexts;

/// How the customer behaves who shows a code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Customer {
    /// Pays at once.
    #[default]
    Good,
    /// Has too little money.
    NoFunds,
    /// Shows a code whose time is over.
    Expired,
    /// Is blocked.
    Blocked,
    /// Pays, and the answer is late.
    Slow,
    /// Pays, and the answer is lost.
    LostAfter,
    /// The first request is lost before anything happens.
    LostBefore,
    /// The payment is in progress for a while, then succeeds.
    SlowSuccess,
    /// The payment is in progress for a while, then is refused.
    SlowRefusal,
}

impl Customer {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 9] = [
        Self::Good,
        Self::NoFunds,
        Self::Expired,
        Self::Blocked,
        Self::Slow,
        Self::LostAfter,
        Self::LostBefore,
        Self::SlowSuccess,
        Self::SlowRefusal,
    ];

    /// The value of the form field `customer`: the ending of such a code, or `good`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::NoFunds => "001",
            Self::Expired => "002",
            Self::Blocked => "003",
            Self::Slow => "004",
            Self::LostAfter => "005",
            Self::LostBefore => "006",
            Self::SlowSuccess => "007",
            Self::SlowRefusal => "008",
        }
    }

    /// The customer of this tag.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|customer| customer.tag() == tag)
    }

    /// What this customer does.
    pub(super) const fn text(self, w: &TillTexts) -> &'static str {
        match self {
            Self::Good => w.customer_good,
            Self::NoFunds => w.customer_no_funds,
            Self::Expired => w.customer_expired,
            Self::Blocked => w.customer_blocked,
            Self::Slow => w.customer_slow,
            Self::LostAfter => w.customer_lost_after,
            Self::LostBefore => w.customer_lost_before,
            Self::SlowSuccess => w.customer_slow_success,
            Self::SlowRefusal => w.customer_slow_refusal,
        }
    }

    /// What the till will hear.
    pub(super) const fn outcome(self, w: &TillTexts) -> &'static str {
        match self {
            Self::Good => w.outcome_good,
            Self::NoFunds | Self::Expired | Self::Blocked => w.outcome_refused,
            Self::Slow => w.outcome_slow,
            Self::LostAfter => w.outcome_lost_after,
            Self::LostBefore => w.outcome_lost_before,
            Self::SlowSuccess => w.outcome_slow_success,
            Self::SlowRefusal => w.outcome_slow_refusal,
        }
    }
}

/// The card that the next customer shows at the pinpad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PinpadCustomer {
    /// One that pays anything.
    #[default]
    Plenty,
    /// One without money.
    Poor,
    /// An expired one.
    Expired,
    /// One whose PIN is forgotten.
    WrongPin,
    /// A stolen one.
    Stolen,
    /// One that is taken out too early.
    Removed,
    /// None.
    NoCard,
}

impl PinpadCustomer {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 7] = [
        Self::Plenty,
        Self::Poor,
        Self::Expired,
        Self::WrongPin,
        Self::Stolen,
        Self::Removed,
        Self::NoCard,
    ];

    /// The value of the form field `card`, which is the name in the JSON endpoints too.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Plenty => "plenty",
            Self::Poor => "poor",
            Self::Expired => "expired",
            Self::WrongPin => "wrong_pin",
            Self::Stolen => "stolen",
            Self::Removed => "removed",
            Self::NoCard => "no_card",
        }
    }

    /// The customer of this tag.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|customer| customer.tag() == tag)
    }

    pub(super) const fn text(self, w: &TillTexts) -> &'static str {
        match self {
            Self::Plenty => w.card_plenty,
            Self::Poor => w.card_poor,
            Self::Expired => w.card_expired,
            Self::WrongPin => w.card_wrong_pin,
            Self::Stolen => w.card_stolen,
            Self::Removed => w.card_removed,
            Self::NoCard => w.card_none,
        }
    }
}
