//! Text that has to stay on one line and within a number of characters.

use std::borrow::Cow;

/// Whether `c` may stand in a line of a file: no control, no line break, no noncharacter.
fn fits(c: char) -> bool {
    !(c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}'))
}

/// `text` with a space in place of everything that would break a line or is forbidden in XML 1.0,
/// without spaces at its ends.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if text.chars().all(fits) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().map(|c| if fits(c) { c } else { ' ' }).collect())
    }
}

/// The first `limit` characters of `text`.
pub(crate) fn limited(text: &str, limit: usize) -> &str {
    text.char_indices().nth(limit).map_or(text, |(end, _)| &text[..end])
}

/// `text` in pieces of at most `limit` characters, broken at spaces where there is one.
///
/// A piece with exactly `limit` characters was broken inside a word; after any other piece a space
/// was left out. So a reader can put the text together again ([`joined`]).
pub(crate) fn pieces(text: &str, limit: usize) -> Vec<&str> {
    let mut rest = text;
    let mut found = Vec::new();
    while rest.chars().nth(limit).is_some() {
        let head = limited(rest, limit);
        match head.rfind(' ').filter(|end| *end > 0) {
            Some(end) => {
                found.push(&rest[..end]);
                rest = &rest[end + 1..];
            }
            None => {
                found.push(head);
                rest = &rest[head.len()..];
            }
        }
    }
    if !rest.is_empty() {
        found.push(rest);
    }
    found
}

/// Appends `piece` to `text`, the reverse of [`pieces`] with the same `limit`; `last` is how many
/// characters the piece before had.
pub(crate) fn joined(text: &mut String, piece: &str, last: usize, limit: usize) {
    if !text.is_empty() && last != limit {
        text.push(' ');
    }
    text.push_str(piece);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_no_breaks() {
        assert_eq!(one_line(" a\r\nb\u{1}c\u{2028}d "), "a  b c d");
        assert!(matches!(one_line("as it is"), Cow::Borrowed(_)));
    }

    #[test]
    fn characters_are_counted_and_not_bytes() {
        assert_eq!(limited("тест", 2), "те");
        assert_eq!(limited("тест", 4), "тест");
    }

    #[test]
    fn pieces_are_put_together_again() {
        let long = "ж".repeat(23);
        let cases = ["", "short", "два слова и ещё слово", &long, "a b c d e f g h i j k l m n"];
        for text in cases {
            let mut again = String::new();
            let mut last = 0;
            for piece in pieces(text, 10) {
                let length = piece.chars().count();
                assert!((1..=10).contains(&length), "{piece:?} of {text:?}");
                joined(&mut again, piece, last, 10);
                last = length;
            }
            assert_eq!(again, text);
        }
    }
}
