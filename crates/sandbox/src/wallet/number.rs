//! Numbers of the wire: as JSON numbers or strings of digits, money read digit by digit.

use chorsu_core::Tiyin;
use serde_json::value::RawValue;

/// The number of a JSON number, or of a string that holds nothing else.
pub(super) fn unquoted(raw: &RawValue) -> &str {
    let text = raw.get();
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

/// A whole number; `None` when it is none.
pub(super) fn whole(raw: &RawValue) -> Option<u64> {
    unquoted(raw).parse().ok()
}

/// An amount in sum with up to two decimals, in tiyin; `None` when it is none or does not fit.
pub(super) fn sum(text: &str) -> Option<Tiyin> {
    amount(text, 2)
}

/// An amount in tiyin; `None` when it is none or does not fit.
pub(super) fn tiyin(text: &str) -> Option<Tiyin> {
    amount(text, 0)
}

fn amount(text: &str, decimals: usize) -> Option<Tiyin> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let (kept, rest) = fraction.split_at(fraction.len().min(decimals));
    if rest.bytes().any(|digit| digit != b'0') {
        return None;
    }
    format!("{whole}{kept:0<decimals$}").parse().ok().and_then(Tiyin::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_by_their_digits() {
        let cases = [
            ("500", Some(50_000), Some(500)),
            ("500.5", Some(50_050), None),
            ("500.05", Some(50_005), None),
            ("500.050", Some(50_005), None),
            ("500.0", Some(50_000), Some(500)),
            ("0", Some(0), Some(0)),
            ("0.001", None, None),
            ("-1", None, None),
            ("1e3", None, None),
            ("", None, None),
            (".5", None, None),
            ("5.", None, None),
            ("92233720368547758.07", Some(i64::MAX), None),
            ("92233720368547758.08", None, None),
            ("9223372036854775807", None, Some(i64::MAX)),
        ];
        for (text, sums, tiyins) in cases {
            assert_eq!(sum(text).map(Tiyin::get), sums, "{text}");
            assert_eq!(tiyin(text).map(Tiyin::get), tiyins, "{text}");
        }
    }

    #[test]
    fn numbers_may_be_strings() {
        for json in ["7", "\"7\""] {
            assert_eq!(whole(serde_json::from_str(json).unwrap()), Some(7));
        }
        assert_eq!(whole(serde_json::from_str("\"x\"").unwrap()), None);
    }
}
