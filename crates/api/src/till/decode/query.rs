//! Parameters in the query part of an address.

use chorsu_core::fiscal::FiscalTime;

use crate::till::problems::{self, Problems};

/// The text of the parameter `name`, percent-decoded; `None` when absent or blank.
///
/// The first of two counts. A text that is not UTF-8 is remarked upon.
pub(super) fn text(problems: &mut Problems, query: &str, name: &'static str) -> Option<String> {
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let raw = pairs.into_iter().find(|(key, _)| *key == name)?.1;
    let Some(text) = decoded(raw) else {
        problems.add(name, problems::NOT_A_STRING);
        return None;
    };
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A time of the form `YYYY-MM-DD HH:MM:SS`.
pub(super) fn time(problems: &mut Problems, query: &str, name: &'static str) -> Option<FiscalTime> {
    let text = text(problems, query, name)?;
    let time = FiscalTime::parse_spaced(&text).ok();
    if time.is_none() {
        problems.add(name, problems::TIME);
    }
    time
}

/// A flag; false when absent.
pub(super) fn flag(problems: &mut Problems, query: &str, name: &'static str) -> bool {
    match text(problems, query, name).as_deref() {
        None | Some("false" | "False" | "0") => false,
        Some("true" | "True" | "1") => true,
        Some(_) => {
            problems.add(name, problems::NOT_A_BOOLEAN);
            false
        }
    }
}

/// The text behind percent signs; a plus is a space.
fn decoded(raw: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = std::str::from_utf8(after.get(..2)?).ok()?;
                let sound = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
                bytes.push(u8::from_str_radix(digits, 16).ok().filter(|_| sound)?);
                rest = after.get(2..)?;
            }
            other => bytes.push(*other),
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded() {
        let mut problems = Problems::default();
        let query = "a=1&time=2024-02-05%2014:34:33&b&c=+x%2B+&a=2&d=";
        assert_eq!(text(&mut problems, query, "a").as_deref(), Some("1"));
        assert_eq!(text(&mut problems, query, "c").as_deref(), Some("x+"));
        for absent in ["b", "d", "e"] {
            assert_eq!(text(&mut problems, query, absent), None, "{absent}");
        }
        let wanted = FiscalTime::parse_spaced("2024-02-05 14:34:33").ok();
        assert_eq!(time(&mut problems, query, "time"), wanted);
        assert_eq!(time(&mut problems, "time=2024-02-05+14%3A34%3A33", "time"), wanted);
        assert!(problems.is_empty());
    }

    #[test]
    fn broken_parameters_are_named() {
        for query in ["time=%2", "time=%zz", "time=%+1", "time=%ff", "time=yesterday"] {
            let mut problems = Problems::default();
            assert_eq!(time(&mut problems, query, "time"), None, "{query}");
            assert!(!problems.is_empty(), "{query}");
        }
    }
}
