//! Fields of a JSON body or a query as texts: this API takes a number with and without quotes.

use std::borrow::Cow;

use chorsu_core::bank::Field;
use serde_json::value::RawValue;

use crate::json::read;

/// The wanted fields of a request, and whether one of them was neither text nor whole number.
pub(super) struct Fields<'a, const N: usize> {
    pub(super) values: [Field<'a>; N],
    pub(super) malformed: bool,
}

impl<'a, const N: usize> Fields<'a, N> {
    /// The fields `names` of a JSON object; `None` when the body is none, or has one of them twice.
    pub(super) fn of_json(body: &'a [u8], names: &[&str; N]) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?;
        let found = read::present(text, names).ok()?;
        let mut malformed = false;
        let values = found.map(|raw| {
            let text = raw.map(value);
            malformed |= matches!(text, Some(None));
            text.flatten()
        });
        Some(Self { values, malformed })
    }

    /// The fields `names` of a query string; `None` when it has one of them twice.
    pub(super) fn of_query(query: &'a str, names: &[&str; N]) -> Option<Self> {
        let mut values = [const { None }; N];
        let mut malformed = false;
        for pair in query.split('&') {
            let (name, text) = pair.split_once('=').unwrap_or((pair, ""));
            let Some(place) = names.iter().position(|known| *known == name) else { continue };
            let text = percent_decoded(text);
            malformed |= text.is_none();
            if values[place].replace(text.unwrap_or_default()).is_some() {
                return None;
            }
        }
        Some(Self { values, malformed })
    }
}

/// The text of a JSON value; `None` for what is neither a string nor a whole number in plain
/// digits.
fn value(raw: &RawValue) -> Option<Cow<'_, str>> {
    if raw.get().starts_with('"') {
        // Half of a surrogate pair is JSON but no text. It stands as what nothing can print, so
        // that it gets the code of such a text where there is one.
        return Some(read::string(raw).unwrap_or(Cow::Borrowed("\u{0}")));
    }
    read::number(raw)
        .filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
        .map(Cow::Borrowed)
}

/// A text of a query without its escapes; `None` when they are broken or no UTF-8.
fn percent_decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(['%', '+']) {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        bytes.push(match first {
            b'+' => b' ',
            b'%' => {
                let (digits, after) = rest.split_at_checked(2)?;
                rest = after;
                hex(digits[0])? << 4 | hex(digits[1])?
            }
            byte => *byte,
        });
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_json_are_texts_or_plain_digits() {
        let cases = [
            (r#""500""#, Some("500"), false),
            ("500", Some("500"), false),
            (r#"" 500""#, Some(" 500"), false),
            (r#""""#, Some(""), false),
            (r#""\u0414""#, Some("Д"), false),
            (r#""\ud800""#, Some("\u{0}"), false),
            ("null", None, false),
            ("500.0", None, true),
            ("-1", None, true),
            ("1e9", None, true),
            ("true", None, true),
            ("[1]", None, true),
            ("{}", None, true),
        ];
        for (json, text, malformed) in cases {
            let body = format!(r#"{{"x":{{}},"a":{json}}}"#);
            let fields = Fields::of_json(body.as_bytes(), &["a"]).unwrap();
            assert_eq!(
                (fields.values[0].as_deref(), fields.malformed),
                (text, malformed),
                "{json}"
            );
        }
        for bad in ["", "[]", "1", "{", r#"{"a":1,"a":1}"#, "{}x"] {
            assert!(Fields::of_json(bad.as_bytes(), &["a"]).is_none(), "{bad}");
        }
        assert!(Fields::of_json(b"{\"a\":\"\xff\"}", &["a"]).is_none());
    }

    #[test]
    fn values_of_queries_are_decoded() {
        let fields = Fields::of_query("b=%D0%94+x&c&a=1&z=%", &["a", "b", "c", "d"]).unwrap();
        let texts = fields.values.each_ref().map(|field| field.as_deref());
        assert_eq!(texts, [Some("1"), Some("Д x"), Some(""), None]);
        assert!(!fields.malformed);
        for broken in ["a=%", "a=%2", "a=%zz", "a=%ff", "a=%+1"] {
            assert!(Fields::of_query(broken, &["a"]).unwrap().malformed, "{broken}");
        }
        assert!(Fields::of_query("a=1&a=1", &["a"]).is_none());
    }
}
