//! Sums, quantities and moments in words of digits. Integer arithmetic only.

use crate::charset::FIXED_SPACE;
use chorsu_core::Tiyin;

/// An amount in sum as a person reads it: `1 234.56` for 123,456 tiyin.
#[must_use]
pub fn money(amount: Tiyin) -> String {
    let tiyin = amount.get();
    format!("{}.{:02}", grouped(tiyin / 100), tiyin % 100)
}

/// A quantity in thousandths of a unit, as fiscal receipts count: `1`, `0.5`, `1.255`.
#[must_use]
pub fn quantity(thousandths: i64) -> String {
    let sign = if thousandths < 0 { "-" } else { "" };
    let whole = thousandths.unsigned_abs() / 1_000;
    let part = format!("{:03}", thousandths.unsigned_abs() % 1_000);
    match part.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        part => format!("{sign}{whole}.{part}"),
    }
}

/// [`money`] that no line is broken inside of.
pub(crate) fn fixed_money(amount: Tiyin) -> String {
    money(amount).replace(' ', FIXED_SPACE.encode_utf8(&mut [0; 4]))
}

/// The fiscal module's `YYYYMMDDHHMMSS` as `DD.MM.YYYY HH:MM:SS`; anything else as it is.
pub(crate) fn moment(text: &str) -> String {
    let digits = text.as_bytes();
    if digits.len() != 14 || !digits.iter().all(u8::is_ascii_digit) {
        return text.to_owned();
    }
    format!(
        "{}.{}.{} {}:{}:{}",
        &text[6..8],
        &text[4..6],
        &text[..4],
        &text[8..10],
        &text[10..12],
        &text[12..]
    )
}

/// The digits of a number that is not negative, in groups of three.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut groups = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            groups.push(' ');
        }
        groups.push(digit);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_grouped() {
        let cases = [
            (0, "0.00"),
            (5, "0.05"),
            (99_999, "999.99"),
            (100_000, "1 000.00"),
            (123_456, "1 234.56"),
            (i64::MAX, "92 233 720 368 547 758.07"),
        ];
        for (tiyin, want) in cases {
            assert_eq!(money(Tiyin::new(tiyin).unwrap()), want);
        }
    }

    #[test]
    fn quantities_have_no_empty_decimals() {
        let cases = [
            (1_000, "1"),
            (500, "0.5"),
            (1_255, "1.255"),
            (1_050, "1.05"),
            (0, "0"),
            (-10, "-0.01"),
            (i64::MIN, "-9223372036854775.808"),
        ];
        for (thousandths, want) in cases {
            assert_eq!(quantity(thousandths), want);
        }
    }

    #[test]
    fn moments_are_rearranged_only_when_they_are_moments() {
        assert_eq!(moment("20261122140509"), "22.11.2026 14:05:09");
        for other in ["", "2026-11-22", "２０２６1122", "2026112214050x"] {
            assert_eq!(moment(other), other);
        }
    }
}
