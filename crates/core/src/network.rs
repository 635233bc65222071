//! The two national card networks and the rules that differ between them.

use crate::card::{MaskedPan, Pan};
use crate::time::{DAY_MS, UnixMillis};

/// A card network of Uzbekistan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Network {
    /// UZCARD and its co-badged cards.
    Uzcard,
    /// HUMO and its co-badged cards.
    Humo,
}

/// How long a hold lives before its network's own rule applies: 30 days.
///
/// UZCARD releases the hold by itself; at HUMO it can then only be confirmed ("Payme Subscribe
/// API, holding").
pub const HOLD_LIFE_MS: i64 = 30 * DAY_MS;

/// The first four digits of each network's cards. Six-digit tables are incomplete in every public
/// source, so four digits route.
const PREFIXES: [(&str, Network); 14] = [
    ("8600", Network::Uzcard),
    ("6262", Network::Uzcard),
    ("6264", Network::Uzcard),
    ("5614", Network::Uzcard),
    ("5440", Network::Uzcard),
    ("3333", Network::Uzcard),
    ("4444", Network::Uzcard),
    ("9860", Network::Humo),
    ("4008", Network::Humo),
    ("4073", Network::Humo),
    ("4187", Network::Humo),
    ("4294", Network::Humo),
    ("5555", Network::Humo),
    ("5554", Network::Humo),
];

impl Network {
    /// Both networks, in the order in which they are listed to people.
    pub const ALL: [Self; 2] = [Self::Uzcard, Self::Humo];

    /// The network that serves `pan`; `None` for a card of nobody here.
    ///
    /// `3333…` and `4444…` are the published test cards "expired" and "blocked".
    #[must_use]
    pub fn of(pan: &Pan) -> Option<Self> {
        Self::of_digits(pan.digits())
    }

    /// The network that serves the card of this masked number, as far as its prefix tells.
    #[must_use]
    pub fn of_masked(masked: &MaskedPan) -> Option<Self> {
        Self::of_digits(masked.as_str())
    }

    fn of_digits(digits: &str) -> Option<Self> {
        PREFIXES.iter().find(|(prefix, _)| digits.starts_with(prefix)).map(|(_, network)| *network)
    }

    /// The name used in account codes, settings and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uzcard => "uzcard",
            Self::Humo => "humo",
        }
    }

    /// The network called `name`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|network| network.name() == name)
    }

    /// Whether a hold made at `held_at` is past the 30 days of this network's rule.
    #[must_use]
    pub const fn hold_is_over(held_at: UnixMillis, now: UnixMillis) -> bool {
        now.since(held_at) >= HOLD_LIFE_MS
    }
}
