//! Values on a slip: references, sums, dates. None of them is guessed.

use std::fmt;

use chorsu_core::Tiyin;

/// A network's reference of an operation (RRN): 6 to 20 digits, 12 as a rule.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Rrn(String);

impl Rrn {
    /// The reference `text`; `None` unless it is 6 to 20 digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        digits(text, 6..=20).then(|| Self(text.to_owned()))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Rrn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Rrn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether `text` is digits only, so many of them.
pub(super) fn digits(text: &str, count: std::ops::RangeInclusive<usize>) -> bool {
    count.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The first word of `text`, up to a blank.
pub(super) fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

/// A sum with two decimals, as `500.00 UZS` or `50 000,00`; in tiyin.
///
/// `None` for a number without decimals: nothing says whether it is sum or tiyin.
pub(super) fn sum(text: &str) -> Option<Tiyin> {
    let number = number_of(text)?;
    let (whole, decimals) = number.rsplit_once(['.', ','])?;
    if !digits(decimals, 2..=2) {
        return None;
    }
    let whole: i64 = whole_number(whole)?.parse().ok()?;
    let cents: i64 = decimals.parse().ok()?;
    Tiyin::new(whole.checked_mul(100)?.checked_add(cents)?)
}

/// A whole number of tiyin, as UZCARD's `Total Amount` has it; a sum with decimals is one too.
pub(super) fn tiyin_or_sum(text: &str) -> Option<Tiyin> {
    match sum(text) {
        Some(amount) => Some(amount),
        None => {
            let number = number_of(text)?;
            if !digits(number, 1..=18) {
                return None;
            }
            Tiyin::new(number.parse().ok()?)
        }
    }
}

/// The number in front of a currency, or alone; `None` when anything else stands behind it.
fn number_of(text: &str) -> Option<&str> {
    let inside = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '\u{a0}' | '\'');
    let end = text.find(|c| !inside(c)).unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let currency = matches!(rest.trim(), "" | "UZS" | "СУМ" | "СУМ." | "SUM" | "SO'M" | "SOM");
    let number = number.trim();
    (currency && number.starts_with(|c: char| c.is_ascii_digit())).then_some(number)
}

/// The digits of a whole number that may be divided into groups of three.
fn whole_number(text: &str) -> Option<String> {
    let mut groups = text.split(['.', ',', ' ', '\u{a0}', '\'']);
    let first = groups.next()?;
    let mut number = first.to_owned();
    let mut divided = false;
    for group in groups {
        if !digits(group, 3..=3) {
            return None;
        }
        divided = true;
        number.push_str(group);
    }
    let width = if divided { 1..=3 } else { 1..=16 };
    (digits(first, width) && number.len() <= 16).then_some(number)
}

/// A date `dd/mm/yy` (or with dots), as it stands there.
pub(super) fn date(text: &str) -> Option<String> {
    let word = first_word(text);
    let parts: Vec<&str> = word.split(['/', '.']).collect();
    let [day, month, year] = parts.as_slice() else { return None };
    let whole = digits(day, 2..=2) && digits(month, 2..=2) && digits(year, 2..=4);
    whole.then(|| word.to_owned())
}

/// A time `hh:mm:ss`, as it stands there.
pub(super) fn time(text: &str) -> Option<String> {
    let word = text.trim();
    let parts: Vec<&str> = word.split(':').collect();
    let whole = parts.len() == 3 && parts.iter().all(|part| digits(part, 2..=2));
    whole.then(|| word.to_owned())
}

/// A masked card number within a line: digits, stars, digits; without what follows it.
pub(super) fn masked_pan(line: &str) -> Option<String> {
    line.split(|c: char| !(c.is_ascii_digit() || c == '*')).find_map(|word| {
        let head = word.find('*')?;
        let tail = word.rfind('*')? + 1;
        let hidden = word[head..tail].bytes().all(|byte| byte == b'*');
        let shown = digits(&word[..head], 0..=6) && digits(&word[tail..], 4..=4);
        (hidden && shown && tail - head >= 4).then(|| word.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_have_two_decimals_or_are_none() {
        let cases = [
            ("500.00 UZS", Some(50_000)),
            ("500,00", Some(50_000)),
            ("0.01 UZS", Some(1)),
            ("50 000.00 UZS", Some(5_000_000)),
            ("1\u{a0}250\u{a0}000.50 СУМ", Some(125_000_050)),
            ("1,250,000.50 UZS", Some(125_000_050)),
            ("1'250'000.50 SO'M", Some(125_000_050)),
            ("9999999999999999.99 UZS", Some(999_999_999_999_999_999)),
            ("99999999999999999.99 UZS", None),
            ("500 UZS", None),
            ("500.0 UZS", None),
            ("500.000 UZS", None),
            ("50 00.00 UZS", None),
            ("5000 000.00 UZS", None),
            ("-500.00 UZS", None),
            ("500.00 USD", None),
            ("500.00 UZS 1", None),
            ("500.00.00", None),
            (".50", None),
            ("КОМИССИИ: 5.00 UZS", None),
            ("", None),
        ];
        for (text, want) in cases {
            assert_eq!(sum(text).map(Tiyin::get), want, "{text:?}");
        }
    }

    #[test]
    fn a_total_in_tiyin_has_no_decimals() {
        let cases =
            [("50000", Some(50_000)), ("500.00", Some(50_000)), ("50 000", None), ("5x", None)];
        for (text, want) in cases {
            assert_eq!(tiyin_or_sum(text).map(Tiyin::get), want, "{text:?}");
        }
    }

    #[test]
    fn references_are_digits() {
        assert!(Rrn::parse("231511584547").is_some());
        for bad in ["", "12345", "123456789012345678901", "23151158454x", "-23151158454", "23 1511"]
        {
            assert_eq!(Rrn::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn masked_numbers_are_found_in_their_line() {
        let cases = [
            ("        986009******7856:01", Some("986009******7856")),
            ("UZCARD ************7856", Some("************7856")),
            ("8600 **** 1234", None),
            ("====", None),
            ("986009**7856", None),
        ];
        for (line, want) in cases {
            assert_eq!(masked_pan(line).as_deref(), want, "{line}");
        }
    }
}
