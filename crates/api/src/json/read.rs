//! Reading JSON without copying: members of an object as slices of the input.
//!
//! Values are skipped by serde_json's own iterative scan, so that no nesting of the input becomes
//! a nesting of calls; what is read of a value is decided by the caller.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The values of the members `names` of the object `text`, in the order of `names`.
///
/// Other members are skipped. A member given twice is an error: which of two amounts was meant
/// must not depend on the reader.
pub(crate) fn members<'a, const N: usize>(
    text: &'a str,
    names: &[&str; N],
) -> serde_json::Result<[Option<&'a RawValue>; N]> {
    visit(text, Members { names })
}

/// [`members`], where a member that is null counts as absent.
pub(crate) fn present<'a, const N: usize>(
    text: &'a str,
    names: &[&str; N],
) -> serde_json::Result<[Option<&'a RawValue>; N]> {
    Ok(members(text, names)?.map(unless_null))
}

/// All members of the object `text`, in its order; an error when there are more than `max` or two
/// of one name.
pub(crate) fn entries(text: &str, max: usize) -> serde_json::Result<Vec<Entry<'_>>> {
    visit(text, Entries { max })
}

/// A member of an object: name and value.
pub(crate) type Entry<'a> = (Cow<'a, str>, &'a RawValue);

/// The elements of the array `text`.
pub(crate) fn elements(text: &str) -> serde_json::Result<Vec<&RawValue>> {
    serde_json::from_str(text)
}

/// Whether `text` is one JSON value, of whatever kind.
pub(crate) fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// A value, unless it is null.
pub(crate) fn unless_null(raw: Option<&RawValue>) -> Option<&RawValue> {
    raw.filter(|raw| raw.get() != "null")
}

/// The text of a string value; `None` for another kind of value, or half of a surrogate pair.
pub(crate) fn string(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        serde_json::from_str(raw.get()).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

/// The digits of a number value; `None` for another kind of value.
pub(crate) fn number(raw: &RawValue) -> Option<&str> {
    let text = raw.get();
    text.starts_with(|first: char| first == '-' || first.is_ascii_digit()).then_some(text)
}

/// The text of a string or number value.
pub(crate) fn scalar(raw: &RawValue) -> Option<Cow<'_, str>> {
    number(raw).map(Cow::Borrowed).or_else(|| string(raw))
}

/// Whether arrays and objects stand more than `limit` deep in the JSON `text`.
pub(crate) fn is_deeper_than(text: &str, limit: usize) -> bool {
    let mut depth = 0_usize;
    for (byte, in_string) in Structure::of(text) {
        match byte {
            b'[' | b'{' if !in_string => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// Whether every `\u` escape of the JSON `text` stands for a character, alone or as one of a pair.
///
/// Half of a pair is JSON, but strict readers refuse it: what is repeated in an answer must not
/// have one.
pub(crate) fn has_whole_characters(text: &str) -> bool {
    let mut rest = text;
    while let Some((_, escaped)) = rest.split_once('\\') {
        rest = escaped.get(1..).unwrap_or_default();
        match code_unit(escaped) {
            Some(0xD800..=0xDBFF) => {
                let next = escaped.get(5..).and_then(|after| after.strip_prefix('\\'));
                match next.map(|low| (low, code_unit(low))) {
                    Some((low, Some(0xDC00..=0xDFFF))) => rest = low.get(5..).unwrap_or_default(),
                    _ => return false,
                }
            }
            Some(0xDC00..=0xDFFF) => return false,
            _ => {}
        }
    }
    true
}

/// The code unit of an escape, from after its backslash: `u0414`.
fn code_unit(escaped: &str) -> Option<u16> {
    u16::from_str_radix(escaped.strip_prefix('u')?.get(..4)?, 16).ok()
}

/// The JSON `text` without the white space between its parts.
pub(crate) fn minified(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut start = 0;
    for (at, (byte, in_string)) in Structure::of(text).enumerate() {
        if !in_string && matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
            kept.push_str(&text[start..at]);
            start = at + 1;
        }
    }
    kept.push_str(&text[start..]);
    kept
}

/// The bytes of a JSON text, each with whether it is inside a string.
struct Structure<'a> {
    bytes: std::slice::Iter<'a, u8>,
    in_string: bool,
    escaped: bool,
}

impl<'a> Structure<'a> {
    fn of(text: &'a str) -> Self {
        Self { bytes: text.as_bytes().iter(), in_string: false, escaped: false }
    }
}

impl Iterator for Structure<'_> {
    type Item = (u8, bool);

    fn next(&mut self) -> Option<(u8, bool)> {
        let byte = *self.bytes.next()?;
        let inside = self.in_string;
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' => self.escaped = inside,
            b'"' => self.in_string = !inside,
            _ => {}
        }
        Some((byte, inside))
    }
}

fn visit<'a, V: Visitor<'a>>(text: &'a str, visitor: V) -> serde_json::Result<V::Value> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let found = reader.deserialize_map(visitor)?;
    reader.end()?;
    Ok(found)
}

struct Members<'n, const N: usize> {
    names: &'n [&'n str; N],
}

impl<'de, const N: usize> Visitor<'de> for Members<'_, N> {
    type Value = [Option<&'de RawValue>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = [None; N];
        while let Some(place) = map.next_key_seed(Place(self.names))? {
            match place {
                None => drop(map.next_value::<IgnoredAny>()?),
                Some(place) if found[place].is_none() => found[place] = Some(map.next_value()?),
                Some(_) => return Err(A::Error::custom("a member is given twice")),
            }
        }
        Ok(found)
    }
}

/// Where in a list of names the key of a member stands.
struct Place<'n>(&'n [&'n str]);

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, key: D) -> Result<Self::Value, D::Error> {
        key.deserialize_str(self)
    }
}

impl Visitor<'_> for Place<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|name| *name == key))
    }
}

struct Entries {
    max: usize,
}

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<Entry<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = Self::Value::new();
        while let Some(key) = map.next_key_seed(Key)? {
            if found.len() == self.max {
                return Err(A::Error::custom("too many members"));
            }
            if found.iter().any(|(known, _)| *known == key) {
                return Err(A::Error::custom("a member is given twice"));
            }
            found.push((key, map.next_value()?));
        }
        Ok(found)
    }
}

/// The key of a member, borrowed when it has no escapes.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, key: D) -> Result<Self::Value, D::Error> {
        key.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> &RawValue {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn members_are_found_by_name_and_never_twice() {
        let text = r#"{"x":[1,{"a":2}],"a":1e400,"\u0062":"2","c":null}"#;
        let found = members(text, &["a", "b", "c", "d"]).unwrap();
        assert_eq!(
            found.map(|m| m.map(RawValue::get)),
            [Some("1e400"), Some("\"2\""), Some("null"), None]
        );
        let found = present(text, &["a", "c"]).unwrap();
        assert_eq!(found.map(|m| m.is_some()), [true, false]);
        for bad in [r#"{"a":1,"a":2}"#, r#"{"a":1,"\u0061":2}"#, "[1]", "1", "", "{\"a\":1}x"] {
            assert!(members(bad, &["a"]).is_err(), "{bad}");
        }
    }

    #[test]
    fn entries_keep_their_order_and_their_bounds() {
        let text = r#"{"b":1,"\u0061":2}"#;
        let found = entries(text, 2).unwrap();
        assert_eq!(found.iter().map(|(name, _)| name.as_ref()).collect::<Vec<_>>(), ["b", "a"]);
        assert!(entries(text, 1).is_err());
        assert!(entries(r#"{"a":1,"a":2}"#, 5).is_err());
        assert!(entries(r#"{"\ud800":1}"#, 5).is_err(), "half of a pair is no text");
    }

    #[test]
    fn scalars_are_read_by_kind() {
        assert_eq!(string(raw(r#""\u0414a""#)).unwrap(), "Дa");
        assert_eq!(string(raw(r#""""#)).unwrap(), "");
        assert_eq!(string(raw(r#""\ud800""#)), None);
        assert_eq!(number(raw("-1.5e3")), Some("-1.5e3"));
        assert_eq!(scalar(raw("12")).unwrap(), "12");
        for other in ["true", "null", "[1]", "{}"] {
            assert_eq!((string(raw(other)), number(raw(other))), (None, None), "{other}");
        }
    }

    #[test]
    fn depth_counts_brackets_outside_strings() {
        let cases = [("[[1],[2]]", 2), (r#"{"a":"[[[[\"[[["}"#, 1), (r#""\\""#, 0), ("1", 0)];
        for (text, depth) in cases {
            assert!(!is_deeper_than(text, depth), "{text}");
            assert!(depth == 0 || is_deeper_than(text, depth - 1), "{text}");
        }
        assert!(is_deeper_than(&"[".repeat(100_000), 64));
    }

    #[test]
    fn halves_of_characters_are_found() {
        let whole = ["1", r#""\u0414 \\ud800 \" \ud83e\uddfe\uD83E\uDDFE \\\\""#, r#"["\n"]"#];
        for text in whole {
            assert!(has_whole_characters(text), "{text}");
        }
        let halves =
            [r"\ud800", r"\uDBFFx", r"\udc00", r"\ud83e\u0041", r"\ud83e\ud83e", r"\\\udfff"];
        for half in halves {
            assert!(!has_whole_characters(&format!(r#"{{"a":["{half}"]}}"#)), "{half}");
        }
    }

    #[test]
    fn white_space_is_dropped_between_parts_only() {
        let text = "{ \"a b\" : [ 1 ,\n\t2 ] , \"c\\\" d\" : \" Д \" }";
        assert_eq!(minified(text), r#"{"a b":[1,2],"c\" d":" Д "}"#);
    }
}
