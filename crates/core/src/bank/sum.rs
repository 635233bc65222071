//! What an order costs: the amount the receiver gets and the commission on top.

use crate::money::Tiyin;

/// Amount and commission of an order, whose total is known to fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OrderSum {
    amount: Tiyin,
    commission: Tiyin,
}

impl OrderSum {
    /// The sum of an order in tiyin; `None` unless the amount is positive and the total fits.
    #[must_use]
    pub fn new(amount: Tiyin, commission: Tiyin) -> Option<Self> {
        let fits = amount > Tiyin::ZERO && amount.checked_add(commission).is_some();
        fits.then_some(Self { amount, commission })
    }

    /// What the receiver gets, in tiyin.
    #[must_use]
    pub const fn amount(self) -> Tiyin {
        self.amount
    }

    /// What is paid on top, in tiyin.
    #[must_use]
    pub const fn commission(self) -> Tiyin {
        self.commission
    }

    /// What the service's account gives, in tiyin.
    #[must_use]
    pub fn total(self) -> Tiyin {
        // The constructor has seen that it fits.
        self.amount.checked_add(self.commission).unwrap_or(self.amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_fit_or_are_refused() {
        let cases = [
            (500_000, 20_000, Some(520_000)),
            (1, 0, Some(1)),
            (i64::MAX, 0, Some(i64::MAX)),
            (i64::MAX - 1, 1, Some(i64::MAX)),
            (i64::MAX, 1, None),
            (1, i64::MAX, None),
            (0, 500, None),
        ];
        for (amount, commission, total) in cases {
            let [amount, commission] = [amount, commission].map(|n| Tiyin::new(n).unwrap());
            let sum = OrderSum::new(amount, commission);
            assert_eq!(sum.map(|sum| sum.total().get()), total, "{amount} + {commission}");
        }
    }
}
