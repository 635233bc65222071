//! The unit of `amount` in requests for payment.

use chorsu_core::Tiyin;

/// Most that one payment may come to: a thousand million sum.
const PAYMENT_MAX: i64 = 100_000_000_000;

/// What an `amount` counts. The documents do not say it for wallets, so it is a setting; the
/// pinpad counts tiyin everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AmountUnit {
    /// Whole sums of 100 tiyin.
    #[default]
    Sum,
    /// Tiyin.
    Tiyin,
}

impl AmountUnit {
    /// The unit of this name, as settings write it: `sum` or `tiyin`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "sum" => Some(Self::Sum),
            "tiyin" => Some(Self::Tiyin),
            _ => None,
        }
    }

    /// The most that one payment may be, in this unit.
    #[must_use]
    pub const fn max(self) -> i64 {
        PAYMENT_MAX / self.tiyin()
    }

    /// `count` of this unit; `None` when it is negative or does not fit.
    #[must_use]
    pub fn amount(self, count: i64) -> Option<Tiyin> {
        Tiyin::new(count.checked_mul(self.tiyin())?)
    }

    /// How many of this unit an amount is, rounded down.
    #[must_use]
    pub const fn count(self, amount: Tiyin) -> i64 {
        amount.get() / self.tiyin()
    }

    const fn tiyin(self) -> i64 {
        match self {
            Self::Sum => 100,
            Self::Tiyin => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_counted_in_the_unit() {
        let tiyin = |value| Tiyin::new(value).unwrap();
        assert_eq!(AmountUnit::Sum.amount(500), Some(tiyin(50_000)));
        assert_eq!(AmountUnit::Tiyin.amount(50_000), Some(tiyin(50_000)));
        assert_eq!(AmountUnit::Sum.amount(i64::MAX), None);
        assert_eq!(AmountUnit::Sum.amount(-1), None);
        assert_eq!(AmountUnit::Sum.count(tiyin(50_099)), 500);
        assert_eq!(AmountUnit::Sum.max() * 100, AmountUnit::Tiyin.max());
        assert_eq!(AmountUnit::from_name("sum"), Some(AmountUnit::Sum));
        assert_eq!(AmountUnit::from_name("UZS"), None);
    }
}
