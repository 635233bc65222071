//! The rules an order must keep before a fiscal module sees it.
//!
//! A fault is what a module or the tax authority refuses. What is only suspicious is a warning:
//! real clients send VAT that no formula gives, and numbers of taxpayers that are none.

use crate::money::Tiyin;
use crate::time::{SECOND_MS, UnixMillis};

use super::item::FiscalItem;
use super::order::{CardType, FiscalOrder};
use super::totals::{Totals, vat_inside};

/// How far payments and lines may be apart (fiscal module manual v0400).
pub const BALANCE_TOLERANCE: i64 = 10_000;
/// How far a line's VAT may be from the formula before it is remarked upon: one sum, because
/// clients round each unit.
pub const VAT_TOLERANCE: i64 = 100;
/// How far the order's time may be from the clock (FBOX, `time`).
pub const TIME_TOLERANCE_MS: i64 = 5 * 60 * SECOND_MS;

const CLASS_CODE_DIGITS: usize = 17;
const PACKAGE_CODE_MAX: usize = 20;
const VAT_PERCENT_MAX: u8 = 99;
/// Longest name a module keeps.
const NAME_MAX: usize = 63;
const INN_DIGITS: usize = 9;
const PINFL_DIGITS: usize = 14;

/// Why an order cannot be registered. Lines count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// There is nothing on it.
    #[error("the order has no lines")]
    NoItems,
    /// Its sums do not fit.
    #[error("the sums of the order do not fit")]
    Overflow,
    /// A line's IKPU is not 17 digits.
    #[error("line {item}: the IKPU is not 17 digits")]
    ClassCode {
        /// Which line.
        item: usize,
    },
    /// A line's packing has no code of up to 20 digits.
    #[error("line {item}: the package code is not a number of up to 20 digits")]
    PackageCode {
        /// Which line.
        item: usize,
    },
    /// More is taken off a line than it costs.
    #[error("line {item}: discount and other are more than the price")]
    Discount {
        /// Which line.
        item: usize,
    },
    /// A line has more VAT than it costs.
    #[error("line {item}: VAT is more than the price after discount")]
    Vat {
        /// Which line.
        item: usize,
    },
    /// A VAT rate above 99.
    #[error("line {item}: the VAT rate is above 99")]
    VatPercent {
        /// Which line.
        item: usize,
    },
    /// What was received is not what is due.
    #[error("received {received:?} for {due:?}")]
    Balance {
        /// Cash and card together.
        received: Tiyin,
        /// What the lines come to.
        due: Tiyin,
    },
}

/// What is suspicious about an order that can be registered. Lines count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// A line's VAT is not what its rate gives.
    Vat {
        /// Which line.
        item: usize,
        /// What the formula gives.
        expected: Tiyin,
    },
    /// A line does not cost its quantity times its unit price.
    LinePrice {
        /// Which line.
        item: usize,
    },
    /// A name of more than 63 characters; a module cuts it.
    NameLong {
        /// Which line.
        item: usize,
    },
    /// No code for the packing.
    NoPackageCode {
        /// Which line.
        item: usize,
    },
    /// The principal's number is neither an INN of 9 digits nor a PINFL of 14.
    Commission {
        /// Which line.
        item: usize,
    },
    /// Nothing is to be paid; some modules refuse it.
    NothingDue,
    /// A social card without the digits of its number.
    SocialCardNumber,
}

/// An order that keeps the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What its lines come to.
    pub totals: Totals,
    /// What is suspicious about it.
    pub warnings: Vec<Warning>,
}

impl FiscalOrder {
    /// Checks the arithmetic and the codes.
    ///
    /// Received cash and card may differ from what is due by 10,000 tiyin either way. The manuals
    /// print the rule for an overpayment only, but an underpayment is refused as well.
    ///
    /// # Errors
    /// The first [`Fault`].
    pub fn check(&self) -> Result<Checked, Fault> {
        if self.items.is_empty() {
            return Err(Fault::NoItems);
        }
        let mut warnings = Vec::new();
        let mut totals = Totals::ZERO;
        for (place, item) in self.items.iter().enumerate() {
            check_item(place, item, &mut warnings)?;
            totals = totals.with(item).ok_or(Fault::Overflow)?;
        }
        let received = self.received_cash.checked_add(self.received_card).ok_or(Fault::Overflow)?;
        // Neither is negative, so the difference fits.
        if (received.get() - totals.due.get()).abs() > BALANCE_TOLERANCE {
            return Err(Fault::Balance { received, due: totals.due });
        }
        if totals.due == Tiyin::ZERO {
            warnings.push(Warning::NothingDue);
        }
        if self.card_type == Some(CardType::Social) && self.extra.card_number.is_none() {
            warnings.push(Warning::SocialCardNumber);
        }
        Ok(Checked { totals, warnings })
    }

    /// Whether the order's time is within five minutes of `now`.
    #[must_use]
    pub fn is_timely(&self, now: UnixMillis) -> bool {
        self.time.moment().since(now).saturating_abs() <= TIME_TOLERANCE_MS
    }
}

fn check_item(place: usize, item: &FiscalItem, warnings: &mut Vec<Warning>) -> Result<(), Fault> {
    if !is_digits(&item.class_code, CLASS_CODE_DIGITS) {
        return Err(Fault::ClassCode { item: place });
    }
    match &item.package_code {
        None => warnings.push(Warning::NoPackageCode { item: place }),
        Some(code) if code.len() > PACKAGE_CODE_MAX || !is_digits(code, code.len()) => {
            return Err(Fault::PackageCode { item: place });
        }
        Some(_) => {}
    }
    let percent = item.vat_percent.unwrap_or(0);
    if percent > VAT_PERCENT_MAX {
        return Err(Fault::VatPercent { item: place });
    }
    let net = item.net().ok_or(Fault::Discount { item: place })?;
    if item.vat > net {
        return Err(Fault::Vat { item: place });
    }
    let expected = vat_inside(net, percent);
    if (item.vat.get() - expected.get()).abs() > VAT_TOLERANCE {
        warnings.push(Warning::Vat { item: place, expected });
    }
    if item.quantity.cost(item.unit_price) != Some(item.price) {
        warnings.push(Warning::LinePrice { item: place });
    }
    if item.name.chars().count() > NAME_MAX {
        warnings.push(Warning::NameLong { item: place });
    }
    if let Some(principal) = &item.commission {
        let fits = |number: &Option<String>, digits| {
            number.as_deref().is_none_or(|number| is_digits(number, digits))
        };
        if !fits(&principal.inn, INN_DIGITS) || !fits(&principal.pinfl, PINFL_DIGITS) {
            warnings.push(Warning::Commission { item: place });
        }
    }
    Ok(())
}

fn is_digits(text: &str, count: usize) -> bool {
    !text.is_empty() && text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
