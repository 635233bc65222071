//! Taxpayer numbers: INN (STIR) of 9 digits, PINFL (JSHSHIR) of 14.
//!
//! Their check digits are looked at for warnings only: the rule of the INN was never published,
//! and the protocol's own examples break it.

use std::fmt;

use super::digits::{Digits, digits_type};
use super::warning::{Warning, Warnings};

digits_type!(
    /// A taxpayer number of a company or a person: eight digits and a check digit.
    Inn,
    9
);

digits_type!(
    /// A person's number: sex and century, birthday, area, serial number, check digit.
    Pinfl,
    14
);

impl Inn {
    /// A known number, at compile time.
    pub(super) const fn of(digits: [u8; 9]) -> Self {
        Self(Digits::of(digits))
    }

    /// Whether the check digit fits the rule recovered from published numbers.
    #[must_use]
    pub fn has_right_check_digit(&self) -> bool {
        const WEIGHTS: [u32; 8] = [37, 29, 23, 19, 17, 13, 7, 3];
        let digits = self.0.values();
        let rest = WEIGHTS.iter().zip(digits).map(|(w, d)| w * d).sum::<u32>() % 11;
        digits[8] == 9 - (9 * rest + 5) / 10
    }
}

impl Pinfl {
    /// Whether the check digit is right: weights 7, 3, 1 repeated, modulo 10.
    #[must_use]
    pub fn has_right_check_digit(&self) -> bool {
        let digits = self.0.values();
        let sum: u32 = digits[..13].iter().zip([7, 3, 1].iter().cycle()).map(|(d, w)| d * w).sum();
        digits[13] == sum % 10
    }
}

/// Digits in the place of a taxpayer number that are too few for one.
const SHORT_MIN: usize = 5;
const SHORT_MAX: usize = 8;

/// What stands in a field for a taxpayer number.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaxId {
    /// A taxpayer number.
    Inn(Inn),
    /// A person's number, which banks let stand in the same field.
    Pinfl(Pinfl),
    /// Five to eight digits, as in the protocol's example of a budget order.
    Short(ShortTaxId),
}

/// Five to eight digits in the place of a taxpayer number.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShortTaxId {
    digits: [u8; SHORT_MAX],
    length: u8,
}

impl ShortTaxId {
    fn parse(text: &str) -> Option<Self> {
        let fits = (SHORT_MIN..=SHORT_MAX).contains(&text.len());
        if !fits || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mut digits = [0; SHORT_MAX];
        digits[..text.len()].copy_from_slice(text.as_bytes());
        Some(Self { digits, length: u8::try_from(text.len()).ok()? })
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.digits[..usize::from(self.length)]).unwrap_or_default()
    }
}

impl TaxId {
    /// The number of `text`: 9 or 14 digits, else `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Inn::parse(text).map(Self::Inn).or_else(|| Pinfl::parse(text).map(Self::Pinfl))
    }

    /// [`TaxId::parse`], which also takes five to eight digits, as budget orders may carry them.
    #[must_use]
    pub fn parse_lenient(text: &str) -> Option<Self> {
        Self::parse(text).or_else(|| ShortTaxId::parse(text).map(Self::Short))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Inn(inn) => inn.as_str(),
            Self::Pinfl(pinfl) => pinfl.as_str(),
            Self::Short(short) => short.as_str(),
        }
    }

    /// What is odd about the number.
    #[must_use]
    pub fn warnings(&self) -> Warnings {
        match self {
            Self::Inn(inn) if !inn.has_right_check_digit() => Warning::InnCheckDigit.into(),
            Self::Pinfl(pinfl) if !pinfl.has_right_check_digit() => Warning::PinflCheckDigit.into(),
            Self::Short(_) => Warning::InnShort.into(),
            Self::Inn(_) | Self::Pinfl(_) => Warnings::NONE,
        }
    }
}

impl fmt::Display for TaxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for TaxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaxId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_of_an_inn_is_a_warning() {
        let right = ["201122919", "207099143", "307692757", "200000002", "301234561", "400000004"];
        for inn in right {
            assert_eq!(TaxId::parse(inn).unwrap().warnings(), Warnings::NONE, "{inn}");
        }
        for inn in ["123456789", "311111111"] {
            let warnings = TaxId::parse(inn).unwrap().warnings();
            assert_eq!(warnings, Warning::InnCheckDigit.into(), "{inn}");
        }
    }

    #[test]
    fn the_check_digit_of_a_pinfl_is_a_warning() {
        for pinfl in ["30101901000007", "43112999999991", "51506001234566"] {
            assert_eq!(TaxId::parse(pinfl).unwrap().warnings(), Warnings::NONE, "{pinfl}");
        }
        let warnings = TaxId::parse("30101901000008").unwrap().warnings();
        assert_eq!(warnings, Warning::PinflCheckDigit.into());
    }

    #[test]
    fn short_numbers_are_taken_only_where_asked_for() {
        for (text, lenient) in [("12345", true), ("12345678", true), ("1234", false), ("", false)] {
            assert_eq!(TaxId::parse(text), None, "{text}");
            let parsed = TaxId::parse_lenient(text);
            assert_eq!(parsed.map(|id| id.to_string()), lenient.then(|| text.to_owned()));
        }
        for bad in ["1234567890", "12345 789", "1234５", "abcde", "123456789012345"] {
            assert_eq!(TaxId::parse_lenient(bad), None, "{bad}");
        }
        assert_eq!(TaxId::parse_lenient("12345").unwrap().warnings(), Warning::InnShort.into());
    }
}
