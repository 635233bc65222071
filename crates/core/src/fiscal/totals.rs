//! Sums over the lines of a receipt, and the VAT that is inside a price.

use crate::money::Tiyin;

use super::item::FiscalItem;

/// The VAT inside `net` at `percent`, half a tiyin and more rounded up.
///
/// VAT is part of the price: `net × percent / (100 + percent)` (fiscal module manual v0400). The
/// manual does not name the rounding.
#[must_use]
pub fn vat_inside(net: Tiyin, percent: u8) -> Tiyin {
    let (net, percent) = (i128::from(net.get()), i128::from(percent));
    let whole = 100 + percent;
    let vat = (2 * net * percent + whole) / (2 * whole);
    // The part is never more than the whole, which fits.
    i64::try_from(vat).ok().and_then(Tiyin::new).unwrap_or(Tiyin::ZERO)
}

/// What the lines of a receipt come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    /// The lines before anything is taken off.
    pub price: Tiyin,
    /// Discounts.
    pub discount: Tiyin,
    /// Paid by something that is neither cash nor card: a gift card, points.
    pub other: Tiyin,
    /// What is to be paid: price less discount less other.
    pub due: Tiyin,
    /// The VAT inside.
    pub vat: Tiyin,
}

impl Totals {
    /// No lines.
    pub const ZERO: Self = Self {
        price: Tiyin::ZERO,
        discount: Tiyin::ZERO,
        other: Tiyin::ZERO,
        due: Tiyin::ZERO,
        vat: Tiyin::ZERO,
    };

    /// These totals with one more line; `None` when a sum does not fit, or when more is taken off
    /// the line than it costs.
    #[must_use]
    pub fn with(self, item: &FiscalItem) -> Option<Self> {
        Some(Self {
            price: self.price.checked_add(item.price)?,
            discount: self.discount.checked_add(item.discount)?,
            other: self.other.checked_add(item.other)?,
            due: self.due.checked_add(item.net()?)?,
            vat: self.vat.checked_add(item.vat)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vat_is_inside_the_price_and_rounded_half_up() {
        let cases = [
            (0, 12, 0),
            (112, 12, 12),
            (50_000, 12, 5_357),
            (10_000, 15, 1_304),
            (10_000, 10, 909),
            (10_000, 0, 0),
            // Exactly half a tiyin: 3 × 20 / 120.
            (3, 20, 1),
            (2, 20, 0),
            (1, 100, 1),
        ];
        for (net, percent, want) in cases {
            assert_eq!(vat_inside(Tiyin::new(net).unwrap(), percent).get(), want, "{net}");
        }
        for percent in [1, 12, 99, 255] {
            let vat = vat_inside(Tiyin::new(i64::MAX).unwrap(), percent).get();
            let (part, whole) = (i128::from(percent), 100 + i128::from(percent));
            let error = i128::from(vat) * whole - i128::from(i64::MAX) * part;
            assert!(error.abs() * 2 <= whole, "{percent}");
        }
    }
}
