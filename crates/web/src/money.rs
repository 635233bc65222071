//! Amounts as people read and write them. Whole tiyin on both sides, no float between.

use chorsu_core::Tiyin;

use crate::language::Language;

/// Keeps an amount on one line.
const NO_BREAK_SPACE: char = '\u{a0}';
/// Tiyin in a sum.
const TIYIN_PER_SUM: i64 = 100;

/// The amount in sum with its currency as the language writes it: `5 000,00 soʻm`,
/// `5 000,00 сум`, `5,000.00 UZS`.
#[must_use]
pub fn format_amount(amount: Tiyin, language: Language) -> String {
    let (separator, point, currency) = match language {
        Language::Uz => (NO_BREAK_SPACE, ',', "soʻm"),
        Language::Ru => (NO_BREAK_SPACE, ',', "сум"),
        Language::En => (',', '.', "UZS"),
    };
    let digits = (amount.get() / TIYIN_PER_SUM).to_string();
    let mut text = String::with_capacity(digits.len() * 2 + 8);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text.push(point);
    text.push_str(&format!("{:02}", amount.get() % TIYIN_PER_SUM));
    text.push(NO_BREAK_SPACE);
    text.push_str(currency);
    text
}

/// The amount that a person typed in sum: `5000`, `5 000,50`, `5000.5`; `None` for anything else,
/// so also for `5,000`, which is five sum to one reader and five thousand to another.
#[must_use]
pub fn parse_sum(text: &str) -> Option<Tiyin> {
    let text: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    let (whole, fraction) = text.split_once([',', '.']).unwrap_or((&text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 2 {
        return None;
    }
    let sum = whole.parse::<i64>().ok()?.checked_mul(TIYIN_PER_SUM)?;
    Tiyin::new(sum.checked_add(format!("{fraction:0<2}").parse().ok()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiyin(value: i64) -> Tiyin {
        Tiyin::new(value).unwrap()
    }

    #[test]
    fn each_language_writes_amounts_its_own_way() {
        let cases = [
            (0, "0,00 soʻm", "0,00 сум", "0.00 UZS"),
            (5, "0,05 soʻm", "0,05 сум", "0.05 UZS"),
            (99_999, "999,99 soʻm", "999,99 сум", "999.99 UZS"),
            (500_000, "5 000,00 soʻm", "5 000,00 сум", "5,000.00 UZS"),
            (123_456_789, "1 234 567,89 soʻm", "1 234 567,89 сум", "1,234,567.89 UZS"),
            (
                i64::MAX,
                "92 233 720 368 547 758,07 soʻm",
                "92 233 720 368 547 758,07 сум",
                "92,233,720,368,547,758.07 UZS",
            ),
        ];
        for (amount, uz, ru, en) in cases {
            let text = |language| format_amount(tiyin(amount), language).replace('\u{a0}', " ");
            let all = Language::ALL.map(text);
            assert_eq!(all, [uz, ru, en], "{amount}");
        }
    }

    #[test]
    fn typed_amounts_are_read_exactly_or_not_at_all() {
        let good = [
            ("5000", 500_000),
            (" 5 000 ", 500_000),
            ("5\u{a0}000,5", 500_050),
            ("5000.05", 500_005),
            ("0", 0),
            ("92233720368547758,07", i64::MAX),
        ];
        for (text, want) in good {
            assert_eq!(parse_sum(text), Some(tiyin(want)), "{text}");
        }
        let bad = [
            "",
            " ",
            "-1",
            "+1",
            "5,000",
            "5.000,00",
            "5,",
            ",5",
            "1e3",
            "5000 soʻm",
            "٣",
            "92233720368547758,08",
            "99999999999999999999",
            "1,2,3",
        ];
        for text in bad {
            assert_eq!(parse_sum(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_in_uzbek_and_russian_can_be_read_back() {
        for value in [0, 1, 10, 99, 100, 123_456_789, i64::MAX] {
            let text = format_amount(tiyin(value), Language::Ru);
            assert_eq!(parse_sum(text.trim_end_matches("сум")), Some(tiyin(value)));
        }
    }
}
