//! Single fields: presence, type, length, range.
//!
//! Types are read as the clients of this API are used to: a number may stand for a text and a text
//! for a whole number. Sums are read from their digits; what is no whole number is refused.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use serde_json::value::RawValue;

use super::body::not_an_object;
use crate::json::{number, read};
use crate::till::problems::{self, Problems};

/// A field that may be absent.
pub(super) type Given<'a> = Option<&'a RawValue>;

/// Longest text that is read as a number.
const NUMBER_MAX: usize = 1_000;

impl Problems {
    /// A field that must be there and not null.
    pub(super) fn required<'a>(
        &mut self,
        name: &'static str,
        raw: Given<'a>,
    ) -> Option<&'a RawValue> {
        let missing = match raw {
            None => problems::REQUIRED,
            Some(raw) if raw.get() == "null" => problems::NULL,
            Some(raw) => return Some(raw),
        };
        self.add(name, missing);
        None
    }

    /// A text that must be there, of at most `max` characters.
    pub(super) fn text(
        &mut self,
        name: &'static str,
        raw: Given<'_>,
        max: usize,
    ) -> Option<String> {
        let raw = self.required(name, raw)?;
        let text = self.read_text(name, raw, max)?;
        let trimmed = text.trim();
        if trimmed.is_empty() {
            self.add(name, problems::BLANK);
            return None;
        }
        Some(trimmed.to_owned())
    }

    /// A text that may be absent, null or blank, which all are `None`.
    pub(super) fn text_or_none(
        &mut self,
        name: &'static str,
        raw: Given<'_>,
        max: usize,
    ) -> Option<String> {
        let text = self.text_as_is(name, raw, max)?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// A text to be printed, with the spaces around it; `None` when absent or null.
    pub(super) fn text_as_is(
        &mut self,
        name: &'static str,
        raw: Given<'_>,
        max: usize,
    ) -> Option<String> {
        let raw = read::unless_null(raw)?;
        self.read_text(name, raw, max).map(Cow::into_owned)
    }

    /// A whole number that must be there.
    pub(super) fn integer(
        &mut self,
        name: &'static str,
        raw: Given<'_>,
        range: RangeInclusive<i64>,
    ) -> Option<i64> {
        let raw = self.required(name, raw)?;
        match read_integer(raw, range) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.add(name, problem);
                None
            }
        }
    }

    /// A whole number that may be absent or null.
    pub(super) fn integer_or_none(
        &mut self,
        name: &'static str,
        raw: Given<'_>,
        range: RangeInclusive<i64>,
    ) -> Option<i64> {
        let raw = read::unless_null(raw)?;
        self.integer(name, Some(raw), range)
    }

    /// A flag; false when absent or null.
    pub(super) fn flag(&mut self, name: &'static str, raw: Given<'_>) -> bool {
        read::unless_null(raw).is_some_and(|raw| self.read_flag(name, raw) == Some(true))
    }

    /// A flag that must be there.
    pub(super) fn required_flag(&mut self, name: &'static str, raw: Given<'_>) -> Option<bool> {
        let raw = self.required(name, raw)?;
        self.read_flag(name, raw)
    }

    fn read_flag(&mut self, name: &'static str, raw: &RawValue) -> Option<bool> {
        let text = read::string(raw);
        match text.as_deref().unwrap_or(raw.get()) {
            "true" | "True" | "1" => Some(true),
            "false" | "False" | "0" => Some(false),
            _ => {
                self.add(name, problems::NOT_A_BOOLEAN);
                None
            }
        }
    }

    fn read_text<'a>(
        &mut self,
        name: &'static str,
        raw: &'a RawValue,
        max: usize,
    ) -> Option<Cow<'a, str>> {
        // A number stands for its digits; one with a fraction or an exponent stands for nothing.
        let digits = read::number(raw).filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
        let Some(text) = read::string(raw).or_else(|| digits.map(Into::into)) else {
            self.add(name, problems::NOT_A_STRING);
            return None;
        };
        if text.contains('\0') {
            self.add(name, problems::NUL);
            return None;
        }
        if text.trim().chars().count() > max {
            let problem = format!("Ensure this field has no more than {max} characters.");
            self.add(name, problem);
            return None;
        }
        Some(text)
    }

    /// The fields `names` of an object inside the request; `None` when it is none, which is
    /// remarked upon under [`problems::WHOLE`].
    pub(super) fn members<'a, const N: usize>(
        &mut self,
        raw: &'a RawValue,
        names: &[&str; N],
    ) -> Option<[Given<'a>; N]> {
        let first = raw.get().bytes().next();
        if first != Some(b'{') {
            self.add(problems::WHOLE, not_an_object(first));
            return None;
        }
        let found = read::members(raw.get(), names).ok();
        if found.is_none() {
            self.add(problems::WHOLE, "Names must be text, each given once.");
        }
        found
    }

    /// The elements of a list of at most `max`; `None` when it is none.
    pub(super) fn list<'a>(
        &mut self,
        name: &'static str,
        raw: &'a RawValue,
        max: usize,
    ) -> Option<Vec<&'a RawValue>> {
        let problem = match read::elements(raw.get()) {
            Ok(elements) if elements.len() <= max => return Some(elements),
            Ok(_) => format!("Ensure this field has no more than {max} elements."),
            Err(_) => {
                let kind = match raw.get().bytes().next() {
                    Some(b'{') => "dict",
                    Some(b'"') => "str",
                    Some(b't' | b'f') => "bool",
                    _ => "int",
                };
                format!("Expected a list of items but got type \"{kind}\".")
            }
        };
        self.add(name, problem);
        None
    }
}

/// A whole number within `range`, from a JSON number or a text of digits.
fn read_integer(raw: &RawValue, range: RangeInclusive<i64>) -> Result<i64, String> {
    let invalid = || problems::NOT_AN_INTEGER.to_owned();
    let quoted = read::string(raw);
    let text = match &quoted {
        Some(text) if text.len() > NUMBER_MAX => return Err(problems::LONG_NUMBER.to_owned()),
        // Digits, and at most a fraction of nothing: other notations are for numbers.
        Some(text) if text.contains(['e', 'E']) => return Err(invalid()),
        Some(text) => text.trim(),
        None => read::number(raw).ok_or_else(invalid)?,
    };
    let (min, max) = (*range.start(), *range.end());
    let small = || format!("Ensure this value is greater than or equal to {min}.");
    let large = || format!("Ensure this value is less than or equal to {max}.");
    match number::whole(text) {
        Some(value) if value < min => Err(small()),
        Some(value) if value > max => Err(large()),
        Some(value) => Ok(value),
        None => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            Err(match (whole, text.starts_with('-')) {
                (false, _) => invalid(),
                (true, true) => small(),
                (true, false) => large(),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> &RawValue {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn whole_numbers_are_read_from_numbers_and_texts() {
        let least = "Ensure this value is greater than or equal to 1.";
        let most = "Ensure this value is less than or equal to 1000.";
        let none = problems::NOT_AN_INTEGER;
        let cases = [
            ("500", Ok(500)),
            ("500.0", Ok(500)),
            ("5e2", Ok(500)),
            ("\"500\"", Ok(500)),
            ("\" 500 \"", Ok(500)),
            ("\"500.00\"", Ok(500)),
            ("\"0500\"", Ok(500)),
            ("500.5", Err(none)),
            ("\"500.5\"", Err(none)),
            ("\"5e2\"", Err(none)),
            ("\"\"", Err(none)),
            ("\"five\"", Err(none)),
            ("\"5 00\"", Err(none)),
            ("\"-\"", Err(none)),
            ("\"\\ud800\"", Err(none)),
            ("true", Err(none)),
            ("[500]", Err(none)),
            ("{}", Err(none)),
            ("0", Err(least)),
            ("-500", Err(least)),
            ("-99999999999999999999", Err(least)),
            ("1001", Err(most)),
            ("99999999999999999999", Err(most)),
            ("\"99999999999999999999\"", Err(most)),
            ("1e400", Err(none)),
        ];
        for (text, want) in cases {
            assert_eq!(read_integer(raw(text), 1..=1_000), want.map_err(str::to_owned), "{text}");
        }
        let long = format!("\"{}\"", "1".repeat(1_001));
        assert_eq!(read_integer(raw(&long), 1..=1_000), Err(problems::LONG_NUMBER.to_owned()));
    }

    #[test]
    fn texts_are_trimmed_and_bounded() {
        let cases = [
            ("\" a \"", Ok("a")),
            ("4780000000007", Ok("4780000000007")),
            ("\"яяяя\"", Ok("яяяя")),
            ("\"яяяяя\"", Err("Ensure this field has no more than 13 characters.")),
            ("\"  \"", Err(problems::BLANK)),
            ("null", Err(problems::NULL)),
            ("1.5", Err(problems::NOT_A_STRING)),
            ("true", Err(problems::NOT_A_STRING)),
            ("[\"a\"]", Err(problems::NOT_A_STRING)),
            ("\"\\ud800\"", Err(problems::NOT_A_STRING)),
            ("\"a\\u0000\"", Err(problems::NUL)),
        ];
        for (text, want) in cases {
            let max = if text.contains("яяяяя") { 4 } else { 13 };
            let mut found = Problems::default();
            let got = found.text("a", Some(raw(text)), max);
            match want {
                Ok(want) => assert_eq!(got.as_deref(), Some(want)),
                Err(problem) => {
                    let problem = problem.replace("13", "4");
                    assert_eq!((got, found), (None, Problems::one("a", problem)), "{text}");
                }
            }
        }
    }

    #[test]
    fn flags_are_read_like_the_reference_server_reads_them() {
        for (text, want, sound) in [
            ("true", true, true),
            ("\"1\"", true, true),
            ("1", true, true),
            ("false", false, true),
            ("0", false, true),
            ("null", false, true),
            ("2", false, false),
            ("[]", false, false),
        ] {
            let mut found = Problems::default();
            assert_eq!(found.flag("a", Some(raw(text))), want, "{text}");
            assert_eq!(found.is_empty(), sound, "{text}");
        }
    }
}
