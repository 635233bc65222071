//! What people type into the forms, made into the core's types. Nothing here is echoed back.

use chorsu_core::time::{DAY_MS, SECOND_MS};
use chorsu_core::{Expiry, Pan};

use crate::checkout::{CardProblem, CodeProblem};

/// Digits of a one-time code: four to eight at the networks and gateways of the country.
const CODE_DIGITS: std::ops::RangeInclusive<usize> = 4..=8;
/// How far one request may turn the sandbox's clock: ten years.
const FORWARD_MAX_MS: i64 = 3_650 * DAY_MS;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// A card number with the spaces or hyphens people put between its groups.
///
/// Neither the check digit nor the network is looked at: both are for the caller to judge.
///
/// # Errors
/// [`CardProblem::NumberMissing`] and [`CardProblem::NumberUnreadable`].
pub fn card_number(text: &str) -> Result<Pan, CardProblem> {
    let digits = compact(text, &['-', '\u{2010}', '\u{2011}', '\u{2013}', '.']);
    if digits.is_empty() {
        return Err(CardProblem::NumberMissing);
    }
    Pan::parse(&digits).ok_or(CardProblem::NumberUnreadable)
}

/// An expiry as `MM/YY`, `MM YY`, `MMYY`, `M/YY` or, as some browsers fill it in, `MM/20YY`.
///
/// Whether it is past is for the caller, who has the clock: [`Expiry::is_past`].
///
/// # Errors
/// [`CardProblem::ExpiryMissing`] and [`CardProblem::ExpiryUnreadable`].
pub fn expiry(text: &str) -> Result<Expiry, CardProblem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(CardProblem::ExpiryMissing);
    }
    let separators = ['/', '-', '.', ' ', '\\', '\u{a0}'];
    let (month, year) = match text.split_once(separators) {
        Some((month, year)) => (month, compact(year, &separators)),
        None => match text.split_at_checked(2) {
            Some((month, year)) => (month, year.to_owned()),
            None => return Err(CardProblem::ExpiryUnreadable),
        },
    };
    let year = match year.len() {
        4 => year.strip_prefix("20").unwrap_or_default(),
        _ => &year,
    };
    let month = if month.len() == 1 { format!("0{month}") } else { month.to_owned() };
    Expiry::parse_mmyy(&format!("{month}{year}"))
        .filter(|_| month.len() == 2)
        .ok_or(CardProblem::ExpiryUnreadable)
}

/// A one-time code of four to eight digits, with spaces where the SMS had them.
///
/// # Errors
/// [`CodeProblem::Missing`] and [`CodeProblem::Unreadable`].
pub fn code(text: &str) -> Result<String, CodeProblem> {
    let digits = compact(text, &['-']);
    if digits.is_empty() {
        return Err(CodeProblem::Missing);
    }
    let good = CODE_DIGITS.contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if good { Ok(digits) } else { Err(CodeProblem::Unreadable) }
}

/// How far the sandbox page's form wants the clock turned forward, in milliseconds: `forward` is
/// `1h`, `1d`, `30d`, or `custom` with a whole `amount` of `unit` (`minutes`, `hours`, `days`).
///
/// `None` for what cannot be read, zero, and more than ten years.
#[must_use]
pub fn clock_forward(forward: &str, amount: &str, unit: &str) -> Option<i64> {
    let milliseconds = match forward {
        "1h" => HOUR_MS,
        "1d" => DAY_MS,
        "30d" => 30 * DAY_MS,
        "custom" => {
            let unit = match unit {
                "minutes" => MINUTE_MS,
                "hours" => HOUR_MS,
                "days" => DAY_MS,
                _ => return None,
            };
            compact(amount, &[]).parse::<i64>().ok()?.checked_mul(unit)?
        }
        _ => return None,
    };
    (1..=FORWARD_MAX_MS).contains(&milliseconds).then_some(milliseconds)
}

/// `text` without white space of any kind and without `also`.
fn compact(text: &str, also: &[char]) -> String {
    text.chars()
        .filter(|character| !character.is_whitespace() && !also.contains(character))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_numbers_are_read_however_they_are_grouped() {
        let good = [
            "8600069195406311",
            "8600 0691 9540 6311",
            " 8600-0691-9540-6311\n",
            "8600\u{a0}0691\u{202f}9540\t6311",
            "860006 9195406311",
        ];
        for text in good {
            assert_eq!(card_number(text).unwrap().digits(), "8600069195406311", "{text}");
        }
        let bad = [
            ("", CardProblem::NumberMissing),
            ("  - ", CardProblem::NumberMissing),
            ("8600 0691 9540 631", CardProblem::NumberUnreadable),
            ("8600 0691 9540 6311 1", CardProblem::NumberUnreadable),
            ("8600 0691 9540 631x", CardProblem::NumberUnreadable),
            ("860006******6311", CardProblem::NumberUnreadable),
            ("٨٦٠٠٠٦٩١٩٥٤٠٦٣١١", CardProblem::NumberUnreadable),
            ("8600/0691/9540/6311", CardProblem::NumberUnreadable),
        ];
        for (text, want) in bad {
            assert_eq!(card_number(text), Err(want), "{text}");
        }
    }

    #[test]
    fn expiries_are_read_as_people_and_browsers_write_them() {
        let good = [
            ("03/99", "03/99"),
            ("0399", "03/99"),
            (" 03 / 99 ", "03/99"),
            ("3/99", "03/99"),
            ("03-99", "03/99"),
            ("03.99", "03/99"),
            ("03 99", "03/99"),
            ("12/2031", "12/31"),
            ("122031", "12/31"),
        ];
        for (text, want) in good {
            assert_eq!(expiry(text).unwrap().slashed(), want, "{text}");
        }
        assert_eq!(expiry(" "), Err(CardProblem::ExpiryMissing));
        let bad = [
            "1",
            "13/30",
            "00/30",
            "03/9",
            "399",
            "03/1999",
            "03/999",
            "003/99",
            "/0399",
            "03/",
            "ab/cd",
            "03/99/01",
            "8600069195406311",
            "ё/9",
            "0ё99",
            "1ё",
        ];
        for text in bad {
            assert_eq!(expiry(text), Err(CardProblem::ExpiryUnreadable), "{text}");
        }
    }

    #[test]
    fn codes_are_digits() {
        for (text, want) in [("666666", "666666"), (" 12 34 ", "1234"), ("123-456", "123456")] {
            assert_eq!(code(text).as_deref(), Ok(want));
        }
        assert_eq!(code(" "), Err(CodeProblem::Missing));
        for text in ["123", "123456789", "12345x", "٦٦٦٦٦٦"] {
            assert_eq!(code(text), Err(CodeProblem::Unreadable), "{text}");
        }
    }

    #[test]
    fn the_clock_goes_forward_by_what_was_asked() {
        let cases = [
            ("1h", "", "", Some(HOUR_MS)),
            ("1d", "", "", Some(DAY_MS)),
            ("30d", "7", "days", Some(30 * DAY_MS)),
            ("custom", "90", "minutes", Some(90 * MINUTE_MS)),
            ("custom", " 3 ", "hours", Some(3 * HOUR_MS)),
            ("custom", "3650", "days", Some(FORWARD_MAX_MS)),
            ("custom", "3651", "days", None),
            ("custom", "0", "days", None),
            ("custom", "-1", "days", None),
            ("custom", "1.5", "days", None),
            ("custom", "9223372036854775807", "days", None),
            ("custom", "1", "years", None),
            ("2h", "", "", None),
            ("", "", "", None),
        ];
        for (forward, amount, unit, want) in cases {
            assert_eq!(clock_forward(forward, amount, unit), want, "{forward} {amount} {unit}");
        }
    }
}
