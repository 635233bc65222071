//! Short ASCII text of a fixed length, kept inline: numbers and references of a message.

use std::fmt;

/// Exactly `N` printable ASCII characters.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ascii<const N: usize>([u8; N]);

impl<const N: usize> Ascii<N> {
    /// `number` in decimal with leading zeros; `None` when it needs more than `N` digits.
    #[must_use]
    pub fn from_number(number: u64) -> Option<Self> {
        let beyond = u32::try_from(N).ok().and_then(|digits| 10_u64.checked_pow(digits));
        let fits = beyond.is_none_or(|beyond| number < beyond);
        fits.then(|| Self::last_digits(number))
    }

    /// The last `N` digits of `number`, with leading zeros.
    #[must_use]
    pub const fn last_digits(number: u64) -> Self {
        let mut digits = [b'0'; N];
        let mut rest = number;
        let mut place = N;
        while place > 0 {
            place -= 1;
            digits[place] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        Self(digits)
    }

    /// The text itself; `None` unless it is `N` printable ASCII characters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; N] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(|byte| matches!(byte, b' '..=b'~')).then_some(Self(bytes))
    }

    /// The characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl<const N: usize> fmt::Display for Ascii<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<const N: usize> fmt::Debug for Ascii<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_padded_and_never_cut() {
        assert_eq!(Ascii::<6>::from_number(42).unwrap().as_str(), "000042");
        assert_eq!(Ascii::<6>::from_number(999_999).unwrap().as_str(), "999999");
        assert_eq!(Ascii::<6>::from_number(1_000_000), None);
        assert_eq!(Ascii::<6>::last_digits(71_000_002).as_str(), "000002");
        assert_eq!(Ascii::<20>::from_number(u64::MAX).unwrap().as_str(), "18446744073709551615");
    }

    #[test]
    fn text_has_its_length_and_is_printable() {
        assert_eq!(Ascii::<2>::parse("N1").unwrap().as_str(), "N1");
        for bad in ["", "N", "N12", "\n1", "é"] {
            assert_eq!(Ascii::<2>::parse(bad), None, "{bad:?}");
        }
    }
}
