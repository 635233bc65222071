//! Reading what wallets answer: leniently typed, strict in meaning.
//!
//! The same field comes as a number from one release and as a string from the next, so types are
//! read generously. What cannot be read at all, or contradicts what was asked, is an error, and
//! such an answer settles nothing. Amounts are read by their digits.

use chorsu_core::Tiyin;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A field as it came; `None` when it is absent or null.
pub(crate) type Raw<'a> = Option<&'a RawValue>;

/// The longest id of a counterparty that is taken.
const ID_BYTES_MAX: usize = 64;
/// The longest text of a counterparty that is kept, in characters.
const TEXT_CHARS_MAX: usize = 300;

/// An answer that settles nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// An HTTP status that says nothing about the operation.
    #[error("HTTP status {0}")]
    Status(u16),
    /// Not the JSON object it should be.
    #[error("not the JSON that was expected")]
    NotJson,
    /// A field without which the answer means nothing is absent.
    #[error("the answer has no {0}")]
    Missing(&'static str),
    /// A field has a value of a kind it cannot have.
    #[error("the answer's {0} cannot be read")]
    Unreadable(&'static str),
    /// The answer speaks of another payment or another amount.
    #[error("the answer's {0} is not the one asked for")]
    Mismatch(&'static str),
    /// The answer says yes and no at once.
    #[error("the answer's {0} contradicts the rest of it")]
    Contradiction(&'static str),
    /// A payment status without a documented meaning.
    #[error("undocumented status {0:?}")]
    UnknownStatus(String),
    /// An error code without a documented meaning.
    #[error("undocumented error code {0}")]
    UnknownCode(i64),
}

/// The JSON object in `body`.
pub(crate) fn object<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, AnswerError> {
    // The library's message may quote the answer, so it is not kept.
    serde_json::from_slice(body).map_err(|_| AnswerError::NotJson)
}

/// The part of an answer in `raw`, which is the field `name`.
pub(crate) fn part<'a, T: Deserialize<'a>>(
    name: &'static str,
    raw: &'a RawValue,
) -> Result<T, AnswerError> {
    serde_json::from_str(raw.get()).map_err(|_| AnswerError::Unreadable(name))
}

/// A string, or a number as its digits.
pub(crate) fn text(name: &'static str, raw: Raw<'_>) -> Result<Option<String>, AnswerError> {
    let Some(raw) = raw else { return Ok(None) };
    match raw.get().as_bytes().first() {
        Some(b'"') => {
            serde_json::from_str(raw.get()).map(Some).map_err(|_| AnswerError::Unreadable(name))
        }
        Some(b'0'..=b'9' | b'-') => Ok(Some(raw.get().to_owned())),
        _ => Err(AnswerError::Unreadable(name)),
    }
}

/// An id of the counterparty, as text; only characters that a path can hold are taken.
pub(crate) fn id(name: &'static str, raw: Raw<'_>) -> Result<Option<String>, AnswerError> {
    match text(name, raw)? {
        Some(id) if id.is_empty() => Ok(None),
        Some(id) if is_id(&id) => Ok(Some(id)),
        Some(_) => Err(AnswerError::Unreadable(name)),
        None => Ok(None),
    }
}

/// Whether `id` may stand in a path: short, and of letters, digits, `-` and `_` only.
pub(crate) fn is_id(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !id.is_empty() && id.len() <= ID_BYTES_MAX && id.bytes().all(fits)
}

/// A whole number, or a string with one in it.
pub(crate) fn integer(name: &'static str, raw: Raw<'_>) -> Result<Option<i64>, AnswerError> {
    match text(name, raw)? {
        Some(digits) => match digits.trim().parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(AnswerError::Unreadable(name)),
        },
        None => Ok(None),
    }
}

/// `true`, `false`, 0 or 1, with or without quotes.
pub(crate) fn flag(name: &'static str, raw: Raw<'_>) -> Result<Option<bool>, AnswerError> {
    let Some(raw) = raw else { return Ok(None) };
    match raw.get().trim_matches('"') {
        "1" | "true" => Ok(Some(true)),
        "0" | "false" => Ok(Some(false)),
        _ => Err(AnswerError::Unreadable(name)),
    }
}

/// Words for people: a string, or one for each language, of which Russian is taken first. What is
/// neither is no reason to reject an answer.
pub(crate) fn words(raw: Raw<'_>) -> Option<String> {
    #[derive(Deserialize)]
    struct Languages {
        ru: Option<String>,
        uz: Option<String>,
        en: Option<String>,
    }
    let raw = raw?.get();
    let words = serde_json::from_str::<String>(raw).ok().or_else(|| {
        let Languages { ru, uz, en } = serde_json::from_str(raw).ok()?;
        ru.or(uz).or(en)
    })?;
    let kept: String = words.chars().filter(|c| !c.is_control()).take(TEXT_CHARS_MAX).collect();
    (!kept.trim().is_empty()).then_some(kept)
}

/// An amount in tiyin: a whole number, also where someone's encoder wrote it as `500.0`.
pub(crate) fn tiyin(name: &'static str, raw: Raw<'_>) -> Result<Option<Tiyin>, AnswerError> {
    amount(name, raw, 0)
}

/// An amount in sums, with at most two decimals that count.
pub(crate) fn sums(name: &'static str, raw: Raw<'_>) -> Result<Option<Tiyin>, AnswerError> {
    amount(name, raw, 2)
}

fn amount(name: &'static str, raw: Raw<'_>, decimals: usize) -> Result<Option<Tiyin>, AnswerError> {
    match text(name, raw)? {
        Some(digits) => {
            digits_to_tiyin(digits.trim(), decimals).map(Some).ok_or(AnswerError::Unreadable(name))
        }
        None => Ok(None),
    }
}

/// `12.50` with `decimals` 2 is 1250; digits beyond `decimals` must be zeros.
fn digits_to_tiyin(text: &str, decimals: usize) -> Option<Tiyin> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || text.ends_with('.') || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let (counted, beyond) = fraction.split_at(fraction.len().min(decimals));
    if beyond.bytes().any(|byte| byte != b'0') {
        return None;
    }
    format!("{whole}{counted:0<decimals$}").parse().ok().and_then(Tiyin::new)
}

/// Checks that `found`, where the answer names it, is `asked`.
pub(crate) fn same<T: PartialEq + ?Sized>(
    name: &'static str,
    found: Option<&T>,
    asked: &T,
) -> Result<(), AnswerError> {
    match found {
        Some(found) if found != asked => Err(AnswerError::Mismatch(name)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Option<&RawValue> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn numbers_and_strings_are_the_same_id() {
        for (json, want) in [
            ("4710103925", Some("4710103925")),
            ("\"4710\"", Some("4710")),
            ("null", None),
            ("\"\"", None),
            ("\"a-b_C\"", Some("a-b_C")),
        ] {
            assert_eq!(id("id", raw(json)).unwrap().as_deref(), want, "{json}");
        }
        let long = format!("\"{}\"", "1".repeat(65));
        for json in ["{}", "[1]", "true", "\"../x\"", "\"a b\"", "1.5", long.as_str()] {
            assert_eq!(id("id", raw(json)), Err(AnswerError::Unreadable("id")), "{json}");
        }
    }

    #[test]
    fn integers_and_flags_come_in_several_dresses() {
        for (json, want) in [("0", 0), ("\"0\"", 0), ("-301", -301), ("\" -9 \"", -9)] {
            assert_eq!(integer("n", raw(json)), Ok(Some(want)), "{json}");
        }
        for json in ["1.5", "\"x\"", "true", "{}", "99999999999999999999"] {
            assert!(integer("n", raw(json)).is_err(), "{json}");
        }
        for (json, want) in [("1", true), ("\"0\"", false), ("true", true), ("\"false\"", false)] {
            assert_eq!(flag("f", raw(json)), Ok(Some(want)), "{json}");
        }
        for json in ["2", "\"yes\"", "[]"] {
            assert!(flag("f", raw(json)).is_err(), "{json}");
        }
    }

    #[test]
    fn words_are_taken_from_strings_and_from_languages() {
        let long = format!("\"{}\"", "я".repeat(1000));
        assert_eq!(words(raw(&long)).unwrap().chars().count(), TEXT_CHARS_MAX);
        let cases = [
            ("\"Успешно\"", Some("Успешно")),
            (r#"{"ru":"нет","uz":"yo'q","en":"no"}"#, Some("нет")),
            (r#"{"uz":"yo'q"}"#, Some("yo'q")),
            (r#""a\nb""#, Some("ab")),
            ("\"\"", None),
            ("5", None),
            ("null", None),
        ];
        for (json, want) in cases {
            assert_eq!(words(raw(json)).as_deref(), want, "{json}");
        }
    }

    #[test]
    fn amounts_are_read_by_their_digits() {
        let cases = [
            ("500", Some(500), Some(50_000)),
            ("\"500\"", Some(500), Some(50_000)),
            ("500.0", Some(500), Some(50_000)),
            ("500.05", None, Some(50_005)),
            ("500.5", None, Some(50_050)),
            ("500.050", None, Some(50_005)),
            ("500.055", None, None),
            ("-5", None, None),
            ("1e3", None, None),
            ("\"5.\"", None, None),
            ("\".5\"", None, None),
            ("92233720368547758070", None, None),
            ("92233720368547758.07", None, Some(i64::MAX)),
        ];
        let amount = |want: Option<i64>| want.map(|value| Tiyin::new(value).unwrap());
        for (json, in_tiyin, in_sums) in cases {
            assert_eq!(tiyin("a", raw(json)).ok().flatten(), amount(in_tiyin), "{json}");
            assert_eq!(sums("a", raw(json)).ok().flatten(), amount(in_sums), "{json}");
        }
    }
}
