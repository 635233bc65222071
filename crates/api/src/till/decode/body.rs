//! The body of a request: one JSON object in UTF-8.
//!
//! No nesting of the input becomes a nesting of calls: values are skipped, not built.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::field::Given;
use crate::json::read;
use crate::till::TillError;

/// What errors of a body that cannot be read stand under.
const DETAIL: &str = "detail";

/// A body that is a JSON object.
#[derive(Debug)]
pub(super) struct Body<'a>(Cow<'a, str>);

impl<'a> Body<'a> {
    /// Reads the body. No bytes at all are an object without fields.
    ///
    /// A comma after the last member is accepted: the specification's own examples have one.
    ///
    /// # Errors
    /// Code 7: not UTF-8, not JSON, or no object.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, TillError> {
        if bytes.is_empty() {
            return Ok(Self(Cow::Borrowed("{}")));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, error))?;
        let text = match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => Cow::Borrowed(text),
            Err(error) => {
                let mended = without_trailing_commas(text);
                if mended == text || !read::is_json(&mended) {
                    return Err(not_json(text, &error));
                }
                Cow::Owned(mended)
            }
        };
        match text.trim_ascii_start().as_bytes().first() {
            Some(b'{') => Ok(Self(text)),
            Some(b'n') => Err(TillError::whole("No data provided")),
            first => Err(TillError::whole(not_an_object(first.copied()))),
        }
    }

    /// The fields `names`, in their order.
    ///
    /// # Errors
    /// Code 7 when a field is given twice: which of two amounts was meant must not be guessed.
    pub(super) fn fields<const N: usize>(
        &self,
        names: &[&str; N],
    ) -> Result<[Given<'_>; N], TillError> {
        read::members(&self.0, names).map_err(|_| {
            TillError::invalid(DETAIL, "JSON parse error - Names must be text, each given once")
        })
    }
}

/// What is said of a value that is not an object, in the words of the reference client's server.
pub(super) fn not_an_object(first: Option<u8>) -> String {
    let kind = match first {
        Some(b'[') => "list",
        Some(b'"') => "str",
        Some(b't' | b'f') => "bool",
        _ => "int",
    };
    format!("Invalid data. Expected a dictionary, but got {kind}.")
}

fn not_utf8(bytes: &[u8], error: std::str::Utf8Error) -> TillError {
    let place = error.valid_up_to();
    let byte = bytes.get(place).copied().unwrap_or_default();
    let text = format!(
        "JSON parse error - 'utf-8' codec can't decode byte 0x{byte:02x} in position {place}"
    );
    TillError::invalid(DETAIL, text)
}

fn not_json(text: &str, error: &serde_json::Error) -> TillError {
    let cause = cause(&error.to_string());
    let (line, column) = (error.line().max(1), error.column().max(1));
    let before: usize =
        text.split_inclusive('\n').take(line - 1).map(|line| line.chars().count()).sum();
    let place = before + column - 1;
    let text = format!("JSON parse error - {cause}: line {line} column {column} (char {place})");
    TillError::invalid(DETAIL, text)
}

/// The words Python's reader has for what serde_json found.
fn cause(found: &str) -> &'static str {
    let causes = [
        ("trailing characters", "Extra data"),
        ("key must be a string", "Expecting property name enclosed in double quotes"),
        ("trailing comma", "Expecting property name enclosed in double quotes"),
        ("expected `:`", "Expecting ':' delimiter"),
        ("expected `,`", "Expecting ',' delimiter"),
        ("EOF while parsing a string", "Unterminated string"),
        ("EOF while parsing an object", "Expecting ',' delimiter"),
        ("EOF while parsing a list", "Expecting ',' delimiter"),
        ("control character", "Invalid control character"),
        ("invalid escape", "Invalid \\escape"),
    ];
    let known = causes.iter().find(|(start, _)| found.starts_with(start));
    known.map_or("Expecting value", |(_, words)| words)
}

/// The text without commas that stand between a value and a closing bracket.
fn without_trailing_commas(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    // The place of a comma in `kept` after which there was only white space.
    let mut comma = None;
    let (mut in_string, mut escaped) = (false, false);
    for c in text.chars() {
        match c {
            _ if in_string => {
                in_string = escaped || c != '"';
                escaped = !escaped && c == '\\';
            }
            ',' => {
                let before = kept.trim_ascii_end().bytes().last();
                comma = before.filter(|last| !b"{[,".contains(last)).map(|_| kept.len());
            }
            '}' | ']' => {
                if let Some(place) = comma.take() {
                    kept.remove(place);
                }
            }
            ' ' | '\t' | '\r' | '\n' => {}
            _ => {
                in_string = c == '"';
                comma = None;
            }
        }
        kept.push(c);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_commas_before_a_bracket_are_dropped() {
        let cases = [
            ("{\"a\":1,}", "{\"a\":1}"),
            ("{\"a\":[1, ],\n}", "{\"a\":[1 ]\n}"),
            ("{\"a\":\",}\\\",}\",\"b\":1 , }", "{\"a\":\",}\\\",}\",\"b\":1  }"),
            ("{\"a\":1,,}", "{\"a\":1,,}"),
            ("[,]", "[,]"),
            ("{ ,}", "{ ,}"),
            ("", ""),
        ];
        for (text, want) in cases {
            assert_eq!(without_trailing_commas(text), want);
        }
    }

    #[test]
    fn bodies_that_are_no_object_say_where() {
        let message = |body: &[u8]| match Body::read(body) {
            Ok(_) => String::new(),
            Err(error) => error.message().into_owned(),
        };
        let detail = |text: &str| format!(r#"{{"detail":["JSON parse error - {text}"]}}"#);
        let cases: [(&[u8], String); 14] = [
            (b"", String::new()),
            (b" {} ", String::new()),
            (b"{\"a\":1,\n}", String::new()),
            (b" ", detail("Expecting value: line 1 column 1 (char 0)")),
            (b"amount=5", detail("Expecting value: line 1 column 1 (char 0)")),
            (
                b"{\"a\":1,,}",
                detail(
                    "Expecting property name enclosed in double quotes: line 1 column 8 (char 7)",
                ),
            ),
            (
                b"{,}",
                detail(
                    "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
                ),
            ),
            (b"{\"a\":1}\n\n{}", detail("Extra data: line 3 column 1 (char 9)")),
            (b"{\"a\":", detail("Expecting value: line 1 column 5 (char 4)")),
            (b"{\"a\":\"", detail("Unterminated string: line 1 column 6 (char 5)")),
            (b"{\"a\":\"\xff\"}", detail("'utf-8' codec can't decode byte 0xff in position 6")),
            (
                b"[{}]",
                r#"{"non_field_errors":["Invalid data. Expected a dictionary, but got list."]}"#
                    .into(),
            ),
            (
                b"5",
                r#"{"non_field_errors":["Invalid data. Expected a dictionary, but got int."]}"#
                    .into(),
            ),
            (b"null", r#"{"non_field_errors":["No data provided"]}"#.into()),
        ];
        for (body, want) in cases {
            assert_eq!(message(body), want, "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn a_field_given_twice_is_refused() {
        let body = Body::read(br#"{"amount":1,"amount":2}"#).unwrap();
        assert!(body.fields(&["amount"]).is_err());
        assert!(body.fields(&["other"]).is_ok());
    }
}
