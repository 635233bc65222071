//! One line of a fiscal receipt.

use std::fmt;

use crate::money::Tiyin;

/// How much of something, in thousandths: one piece is 1000, 0.25 kg is 250.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity(i64);

impl Quantity {
    /// One piece.
    pub const ONE: Self = Self(1_000);

    /// A quantity of `thousandths`; `None` unless it is more than nothing.
    #[must_use]
    pub const fn new(thousandths: i64) -> Option<Self> {
        if thousandths > 0 { Some(Self(thousandths)) } else { None }
    }

    /// The quantity in thousandths.
    #[must_use]
    pub const fn thousandths(self) -> i64 {
        self.0
    }

    /// What this quantity costs at `unit_price`, half a tiyin and more rounded up; `None` when
    /// that does not fit.
    #[must_use]
    pub fn cost(self, unit_price: Tiyin) -> Option<Tiyin> {
        let exact = i128::from(self.0) * i128::from(unit_price.get());
        i64::try_from((exact + 500) / 1_000).ok().and_then(Tiyin::new)
    }

    /// What one unit costs when this quantity costs `price`, rounded alike.
    #[must_use]
    pub fn unit_price(self, price: Tiyin) -> Option<Tiyin> {
        let (price, quantity) = (i128::from(price.get()), i128::from(self.0));
        let unit = (2 * price * 1_000 + quantity) / (2 * quantity);
        i64::try_from(unit).ok().and_then(Tiyin::new)
    }
}

impl fmt::Display for Quantity {
    /// `1`, `0.25`: as many decimals as it takes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 1_000, self.0 % 1_000);
        if rest == 0 {
            return write!(f, "{whole}");
        }
        let decimals = format!("{rest:03}");
        write!(f, "{whole}.{}", decimals.trim_end_matches('0'))
    }
}

/// Where the goods come from (FBOX, `owner_type`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OwnerType {
    /// 0: bought and sold on.
    #[default]
    Bought,
    /// 1: the seller's own make.
    OwnMake,
    /// 2: a provider of services.
    Service,
}

impl OwnerType {
    /// The kind of this code; `None` for one nobody documented.
    #[must_use]
    pub const fn from_code(code: i64) -> Option<Self> {
        match code {
            0 => Some(Self::Bought),
            1 => Some(Self::OwnMake),
            2 => Some(Self::Service),
            _ => None,
        }
    }

    /// Its code.
    #[must_use]
    pub const fn code(self) -> i64 {
        match self {
            Self::Bought => 0,
            Self::OwnMake => 1,
            Self::Service => 2,
        }
    }
}

/// For whom goods are sold on commission.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commission {
    /// The principal's taxpayer number, of 9 digits.
    pub inn: Option<String>,
    /// The principal's personal number, of 14 digits.
    pub pinfl: Option<String>,
}

impl Commission {
    /// Whether it names nobody: clients send the object with empty texts.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.inn.is_none() && self.pinfl.is_none()
    }
}

/// A line of a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiscalItem {
    /// Name of the goods or the service.
    pub name: String,
    /// Barcode; empty when there is none.
    pub barcode: String,
    /// How much.
    pub quantity: Quantity,
    /// The unit's name as printed; empty when there is none.
    pub unit_name: String,
    /// The unit's number in the tax authority's directory.
    pub unit_code: Option<u32>,
    /// The price of the whole line, before discount.
    pub price: Tiyin,
    /// The price of one unit.
    pub unit_price: Tiyin,
    /// The VAT inside the line.
    pub vat: Tiyin,
    /// The VAT rate; none when the seller pays no VAT.
    pub vat_percent: Option<u8>,
    /// Taken off the line.
    pub discount: Tiyin,
    /// Paid by something that is neither cash nor card.
    pub other: Tiyin,
    /// Marking codes.
    pub labels: Vec<String>,
    /// The IKPU of the goods: 17 digits.
    pub class_code: String,
    /// The code of the packing, from the same directory.
    pub package_code: Option<String>,
    /// Where the goods come from.
    pub owner: OwnerType,
    /// For whom they are sold, if on commission.
    pub commission: Option<Commission>,
}

impl FiscalItem {
    /// What is to be paid for the line: price less discount less other. `None` when more is taken
    /// off than it costs.
    #[must_use]
    pub fn net(&self) -> Option<Tiyin> {
        self.price.checked_sub(self.discount)?.checked_sub(self.other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_thousandths() {
        assert_eq!(Quantity::new(0), None);
        assert_eq!(Quantity::new(-5), None);
        for (thousandths, text) in [(1_000, "1"), (250, "0.25"), (1_001, "1.001"), (12_500, "12.5")]
        {
            assert_eq!(Quantity::new(thousandths).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_line_costs_quantity_times_unit() {
        let price = |value| Tiyin::new(value).unwrap();
        let cases = [(1_000, 50_000, 50_000), (250, 1_001, 250), (333, 1_500, 500), (1, 500, 1)];
        for (quantity, unit, line) in cases {
            let quantity = Quantity::new(quantity).unwrap();
            assert_eq!(quantity.cost(price(unit)), Some(price(line)), "{quantity} × {unit}");
        }
        assert_eq!(Quantity::new(i64::MAX).unwrap().cost(price(i64::MAX)), None);
        assert_eq!(Quantity::new(3_000).unwrap().unit_price(price(10_000)), Some(price(3_333)));
        assert_eq!(Quantity::new(1).unwrap().unit_price(price(i64::MAX)), None);
    }
}
