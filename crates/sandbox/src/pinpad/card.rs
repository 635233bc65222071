//! The card that the next customers show.

use serde::{Deserialize, Serialize};

/// A HUMO card of the sandbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PinpadCard {
    /// It pays anything.
    #[default]
    Plenty,
    /// It has not enough for anything.
    Poor,
    /// It is past its expiry.
    Expired,
    /// Its holder does not remember the PIN.
    WrongPin,
    /// It is reported stolen.
    Stolen,
    /// Its holder takes it out before it was read.
    Removed,
    /// Nobody shows a card, and the cashier gives up.
    NoCard,
}

/// What a slip shows of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Face {
    /// The masked number with the card's sequence number.
    pub(super) number: &'static str,
    /// The expiry.
    pub(super) expiry: &'static str,
    /// The holder.
    pub(super) holder: &'static str,
}

impl PinpadCard {
    /// The response code of a payment with it.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Plenty => "000",
            Self::Poor => "116",
            Self::Expired => "101",
            Self::WrongPin => "117",
            Self::Stolen => "209",
            Self::Removed => "250",
            Self::NoCard => "212",
        }
    }

    /// What a slip shows of it.
    pub(super) const fn face(self) -> Face {
        let (number, expiry, holder) = match self {
            Self::Plenty => ("986009******7856:01", "01/35", "HUMO CARDTEST14"),
            Self::Poor => ("986009******1160:01", "01/35", "HUMO CARDTEST15"),
            Self::Expired => ("986009******1010:01", "01/20", "HUMO CARDTEST16"),
            Self::WrongPin => ("986009******1170:01", "01/35", "HUMO CARDTEST17"),
            Self::Stolen => ("986009******2090:01", "01/35", "HUMO CARDTEST18"),
            Self::Removed => ("986009******2500:01", "01/35", "HUMO CARDTEST19"),
            Self::NoCard => ("", "", ""),
        };
        Face { number, expiry, holder }
    }
}
