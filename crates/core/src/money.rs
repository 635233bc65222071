//! Money: whole tiyin (1 sum = 100 tiyin) in a newtype with checked arithmetic only.
//!
//! There is no float, no `Add` and no `From<i64>` here on purpose: every sum says what happens
//! when it does not fit.

use std::fmt;

/// A non-negative amount of money in tiyin.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tiyin(i64);

impl Tiyin {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// An amount of `value` tiyin; `None` when it is negative.
    #[must_use]
    pub const fn new(value: i64) -> Option<Self> {
        if value < 0 { None } else { Some(Self(value)) }
    }

    /// The amount as a plain number of tiyin, for the wire and the database.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// `self + other`, or `None` when the sum does not fit.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(value) => Some(Self(value)),
            None => None,
        }
    }

    /// `self - other`, or `None` when the result would be negative.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        if other.0 > self.0 { None } else { Some(Self(self.0 - other.0)) }
    }

    /// The share of `parts_per_million` of this amount, rounded down (in favour of the merchant).
    ///
    /// `None` when `parts_per_million` is above one million.
    #[must_use]
    pub fn share(self, parts_per_million: u32) -> Option<Self> {
        const MILLION: i128 = 1_000_000;
        let share = i128::from(self.0) * i128::from(parts_per_million) / MILLION;
        if i128::from(parts_per_million) > MILLION {
            return None;
        }
        i64::try_from(share).ok().map(Self)
    }
}

impl fmt::Debug for Tiyin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tiyin", self.0)
    }
}

impl fmt::Display for Tiyin {
    /// The amount in sum with two decimals, as a person reads it: `5000.00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiyin(value: i64) -> Tiyin {
        Tiyin::new(value).unwrap()
    }

    #[test]
    fn amounts_are_never_negative_and_never_wrap() {
        assert_eq!(Tiyin::new(-1), None);
        assert_eq!(tiyin(5).checked_sub(tiyin(6)), None);
        assert_eq!(tiyin(i64::MAX).checked_add(tiyin(1)), None);
        assert_eq!(tiyin(5).checked_sub(tiyin(5)), Some(Tiyin::ZERO));
    }

    #[test]
    fn shares_round_down_and_fit_for_the_largest_amount() {
        let cases =
            [(100, 0, 0), (199, 10_000, 1), (i64::MAX, 1_000_000, i64::MAX), (1, 999_999, 0)];
        for (amount, ppm, want) in cases {
            assert_eq!(tiyin(amount).share(ppm), Some(tiyin(want)), "{amount} * {ppm} ppm");
        }
        assert_eq!(tiyin(1).share(1_000_001), None);
    }

    #[test]
    fn people_read_sums() {
        assert_eq!(tiyin(500_005).to_string(), "5000.05");
    }
}
