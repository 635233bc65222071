//! Which characters reach the paper: one character, one column, whatever came in.
//!
//! The list is what the bundled font has (a test compares them), so the text form, the PNG and the
//! PDF show the same. Nothing invisible and nothing written from right to left gets through:
//! either could move a sum to another place.

use unicode_normalization::UnicodeNormalization;

/// A text longer than this many characters is cut; the longest field of a fiscal receipt has 300.
const TEXT_CHARS_MAX: usize = 2_000;
/// What stands for a character that the paper does not have.
const SUBSTITUTE: char = '?';
/// A space that no line is broken at; inside of sums.
pub(crate) const FIXED_SPACE: char = '\u{a0}';

/// The characters of the bundled font: Latin with Uzbek and Karakalpak letters, Cyrillic of the
/// region's languages, punctuation, currencies and a few signs.
const PRINTABLE: &[(char, char)] = &[
    (' ', '~'),
    ('\u{a0}', '\u{ac}'),
    ('\u{ae}', '\u{17f}'),
    ('\u{18f}', '\u{18f}'),
    ('\u{1e6}', '\u{1e7}'),
    ('\u{1f4}', '\u{1f5}'),
    ('\u{218}', '\u{21b}'),
    ('\u{259}', '\u{259}'),
    ('\u{2b9}', '\u{2b9}'),
    ('\u{2bb}', '\u{2bd}'),
    ('\u{400}', '\u{45f}'),
    ('\u{490}', '\u{49b}'),
    ('\u{4a2}', '\u{4a5}'),
    ('\u{4aa}', '\u{4b3}'),
    ('\u{4ba}', '\u{4bb}'),
    ('\u{4c0}', '\u{4c4}'),
    ('\u{4cb}', '\u{4cc}'),
    ('\u{4d0}', '\u{4f9}'),
    ('\u{2010}', '\u{2015}'),
    ('\u{2018}', '\u{201e}'),
    ('\u{2020}', '\u{2022}'),
    ('\u{2026}', '\u{2026}'),
    ('\u{2030}', '\u{2030}'),
    ('\u{2039}', '\u{203a}'),
    ('\u{20ac}', '\u{20ac}'),
    ('\u{20b4}', '\u{20b4}'),
    ('\u{20b8}', '\u{20b8}'),
    ('\u{20bd}', '\u{20bd}'),
    ('\u{2116}', '\u{2116}'),
    ('\u{2122}', '\u{2122}'),
    ('\u{2190}', '\u{2193}'),
    ('\u{2212}', '\u{2212}'),
    ('\u{2248}', '\u{2248}'),
    ('\u{2260}', '\u{2260}'),
    ('\u{2264}', '\u{2265}'),
    ('\u{25a0}', '\u{25a1}'),
    ('\u{25cf}', '\u{25cf}'),
];

/// `text` as one line of printable characters, spaces kept as they are.
///
/// Line ends, tabs and other control characters become spaces; invisible characters disappear;
/// what the paper does not have becomes `?`. Every character of the answer is one column wide.
pub(crate) fn printable(text: &str) -> String {
    // Composing first: macOS sends `й` as two characters. Taking bounds the work before it.
    let mut line = String::with_capacity(text.len().min(TEXT_CHARS_MAX));
    let mut length = 0;
    for character in text.chars().take(4 * TEXT_CHARS_MAX).nfc() {
        let Some(shown) = shown(character) else { continue };
        if length == TEXT_CHARS_MAX {
            line.pop();
            line.push('…');
            break;
        }
        line.push(shown);
        length += 1;
    }
    line
}

/// `text` as one line without spaces at its ends or double spaces inside.
pub(crate) fn printable_words(text: &str) -> String {
    let line = printable(text);
    let mut words = String::with_capacity(line.len());
    for word in line.split(' ').filter(|word| !word.is_empty()) {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    words
}

/// How many columns a printable text takes.
pub(crate) fn width(text: &str) -> usize {
    text.chars().count()
}

/// What is printed for `character`; `None` for what has no place of its own.
fn shown(character: char) -> Option<char> {
    if is_printable(character) {
        return Some(character);
    }
    match character {
        // Spaces of other widths, line and paragraph separators.
        '\u{1680}'
        | '\u{2000}'..='\u{200a}'
        | '\u{2028}'
        | '\u{2029}'
        | '\u{205f}'
        | '\u{3000}' => Some(' '),
        '\u{202f}' => Some(FIXED_SPACE),
        // Full-width forms of ASCII.
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(character) - 0xfee0).or(Some(SUBSTITUTE))
        }
        _ if character.is_control() => Some(' '),
        _ if is_invisible(character) => None,
        _ => Some(SUBSTITUTE),
    }
}

fn is_printable(character: char) -> bool {
    // Most characters are ASCII, which is the first range.
    PRINTABLE.iter().any(|&(first, last)| (first..=last).contains(&character))
}

/// Soft hyphens, combining marks, joiners, direction marks, variation selectors, tags.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}' | '\u{1f3fb}'..='\u{1f3ff}')
        || unicode_normalization::char::is_combining_mark(character)
}

/// Every character that can reach the paper; for the test of the font.
#[cfg(test)]
pub(crate) fn all_printable() -> impl Iterator<Item = char> {
    PRINTABLE.iter().flat_map(|&(first, last)| first..=last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_becomes_plain_columns() {
        let cases = [
            ("Toʻlov gʻisht Ǵǵ Қўшиқ №7 ₽", "Toʻlov gʻisht Ǵǵ Қўшиқ №7 ₽"),
            ("a\tb\r\nc\0d\u{1b}[31m", "a b  c d [31m"),
            ("Чаи\u{306} «Зелёныи\u{306}»", "Чай «Зелёный»"),
            ("in\u{202e}vert\u{2066}ed\u{200f}", "inverted"),
            ("z\u{335}\u{300}\u{489}algo", "zalgo"),
            ("👍🏽 👨‍👩‍👧", "? ???"),
            ("שלום мир", "???? мир"),
            ("ＡＢＣ！", "ABC!"),
            ("1\u{202f}000\u{3000}x", "1\u{a0}000 x"),
        ];
        for (given, want) in cases {
            assert_eq!(printable(given), want, "{given:?}");
        }
    }

    #[test]
    fn very_long_text_is_cut_visibly() {
        let cut = printable(&"я".repeat(1_000_000));
        assert_eq!(width(&cut), TEXT_CHARS_MAX);
        assert!(cut.ends_with('…'));
        assert_eq!(width(&printable(&"я".repeat(TEXT_CHARS_MAX))), TEXT_CHARS_MAX);
        assert!(!printable(&"я".repeat(TEXT_CHARS_MAX)).contains('…'));
    }

    #[test]
    fn words_are_one_space_apart() {
        assert_eq!(printable_words("  a \n\n b\t c  "), "a b c");
        assert_eq!(printable_words("\u{200f}\n"), "");
    }
}
