//! What is odd about an order, but no reason to refuse it.
//!
//! The strict checks of bank documents fail on the protocol's own examples, and real systems pay
//! such orders. So they are noted, shown to the operator, and change nothing.

use std::fmt;

/// One oddity of an order. The number is its bit in the database and never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Warning {
    /// The receiver's INN has another check digit than its digits ask for.
    InnCheckDigit = 0,
    /// The receiver's INN has fewer than 9 digits.
    InnShort = 1,
    /// The receiver's PINFL has another check digit than its digits ask for.
    PinflCheckDigit = 2,
    /// The receiver's account is not in sum.
    AccountCurrency = 3,
    /// A budget order goes to an account of 20 digits, not 27.
    BudgetAccountShort = 4,
    /// The card's number fails the Luhn formula.
    CardCheckDigit = 5,
    /// The card's first digits do not belong to the network that is named.
    CardNetwork = 6,
    /// A text has characters that windows-1251 lacks, in which banks keep their documents.
    TextBeyondCp1251 = 7,
    /// A text has invisible characters, or marks of text that was decoded wrongly.
    TextInvisible = 8,
}

impl Warning {
    /// All of them, in the order of their bits.
    pub const ALL: [Self; 9] = [
        Self::InnCheckDigit,
        Self::InnShort,
        Self::PinflCheckDigit,
        Self::AccountCurrency,
        Self::BudgetAccountShort,
        Self::CardCheckDigit,
        Self::CardNetwork,
        Self::TextBeyondCp1251,
        Self::TextInvisible,
    ];

    /// The name in logs, metrics and exports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InnCheckDigit => "inn_check_digit",
            Self::InnShort => "inn_short",
            Self::PinflCheckDigit => "pinfl_check_digit",
            Self::AccountCurrency => "account_currency",
            Self::BudgetAccountShort => "budget_account_short",
            Self::CardCheckDigit => "card_check_digit",
            Self::CardNetwork => "card_network",
            Self::TextBeyondCp1251 => "text_beyond_cp1251",
            Self::TextInvisible => "text_invisible",
        }
    }

    const fn bit(self) -> u16 {
        1 << (self as u8)
    }
}

/// A set of warnings.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Warnings(u16);

impl Warnings {
    /// No warning.
    pub const NONE: Self = Self(0);

    /// The warnings of stored bits; bits without a meaning are dropped.
    #[must_use]
    pub fn from_bits(bits: u16) -> Self {
        Warning::ALL.into_iter().filter(|warning| bits & warning.bit() != 0).collect()
    }

    /// The bits to store.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// The warnings of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether `warning` is among them.
    #[must_use]
    pub const fn has(self, warning: Warning) -> bool {
        self.0 & warning.bit() != 0
    }

    /// Each of them, in the order of [`Warning::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Warning> {
        Warning::ALL.into_iter().filter(move |warning| self.has(*warning))
    }
}

impl From<Warning> for Warnings {
    fn from(warning: Warning) -> Self {
        Self(warning.bit())
    }
}

impl FromIterator<Warning> for Warnings {
    fn from_iter<I: IntoIterator<Item = Warning>>(warnings: I) -> Self {
        warnings.into_iter().fold(Self::NONE, |set, warning| set.and(warning.into()))
    }
}

impl fmt::Debug for Warnings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_stable_and_names_are_different() {
        for (place, warning) in Warning::ALL.into_iter().enumerate() {
            let set = Warnings::from(warning);
            assert_eq!(set.bits(), 1 << place);
            assert_eq!(Warnings::from_bits(set.bits()), set);
            assert_eq!(set.iter().collect::<Vec<_>>(), [warning]);
            assert!(Warning::ALL.iter().all(|w| *w == warning || w.name() != warning.name()));
        }
        assert_eq!(Warnings::from_bits(u16::MAX).iter().count(), Warning::ALL.len());
        assert_eq!(Warnings::NONE.iter().count(), 0);
    }
}
