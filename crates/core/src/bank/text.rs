//! Which texts a bank document can carry: the receiver's name and the purpose.

use super::warning::{Warning, Warnings};

/// Longest name of a receiver, in characters. The protocol names no length: this bound is ours.
pub const NAME_MAX: usize = 255;

/// Why a text cannot stand in a bank document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextProblem {
    /// It is empty or only white space.
    #[error("the text is empty")]
    Blank,
    /// It is longer than its field.
    #[error("the text is too long")]
    TooLong,
    /// It has a control character.
    #[error("the text has a control character")]
    Unprintable,
}

/// Checks a text for a field of `max` characters.
///
/// Control characters (U+0000 to U+001F, U+007F to U+009F) are refused, line breaks and tabs among
/// them: codes 1015 and 1016 of the protocol. Everything else is let through.
///
/// # Errors
/// [`TextProblem`]; a text that is both too long and unprintable is too long.
pub fn check_text(text: &str, max: usize) -> Result<(), TextProblem> {
    // White space that is a control character is a text, if an unprintable one.
    if text.chars().all(|c| c.is_whitespace() && !c.is_control()) {
        return Err(TextProblem::Blank);
    }
    // A character has at most four bytes, so that a long text is not walked through.
    if text.len() > 4 * max || text.chars().nth(max).is_some() {
        return Err(TextProblem::TooLong);
    }
    if text.chars().any(char::is_control) { Err(TextProblem::Unprintable) } else { Ok(()) }
}

/// What is odd about a text that [`check_text`] has let through.
#[must_use]
pub fn text_warnings(text: &str) -> Warnings {
    let beyond = text.chars().any(|c| !is_in_cp1251(c)).then_some(Warning::TextBeyondCp1251);
    let invisible = text.chars().any(is_invisible).then_some(Warning::TextInvisible);
    beyond.into_iter().chain(invisible).collect()
}

/// Whether windows-1251 has the character.
const fn is_in_cp1251(c: char) -> bool {
    matches!(c,
        ' '..='~'
        | '\u{A0}' | '¤' | '¦' | '§' | '©' | '«' | '¬' | '\u{AD}' | '®' | '°' | '±' | 'µ' | '¶'
        | '·' | '»'
        | 'Ё'..='Ќ' | 'Ў'..='я' | 'ё'..='ќ' | 'ў' | 'џ' | 'Ґ' | 'ґ'
        | '–' | '—' | '‘' | '’' | '‚' | '“' | '”' | '„' | '†' | '‡' | '•' | '…' | '‰' | '‹' | '›'
        | '€' | '№' | '™')
}

/// Whether nobody sees the character: it has no width, turns the direction of the text, or stands
/// for bytes that were no text.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFD}'
        | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_refused_and_letters_are_not() {
        let good =
            ["АК Aloqabank", "Test 24/7", "ООО \"ЎЗБЕК ҒАЛЛА\"", "oʻzbek", "🧾", "a\u{200B}"];
        for text in good {
            assert_eq!(check_text(text, 255), Ok(()), "{text}");
        }
        for code in (0..0x20).chain(0x7F..=0x9F) {
            let text = format!("a{}", char::from_u32(code).unwrap());
            assert_eq!(check_text(&text, 255), Err(TextProblem::Unprintable), "{code:x}");
        }
        for blank in ["", "  ", "\u{A0}\u{2003}"] {
            assert_eq!(check_text(blank, 255), Err(TextProblem::Blank), "{blank:?}");
        }
        assert_eq!(check_text("\n", 255), Err(TextProblem::Unprintable));
    }

    #[test]
    fn lengths_are_in_characters() {
        assert_eq!(check_text(&"ў".repeat(255), 255), Ok(()));
        assert_eq!(check_text(&"ў".repeat(256), 255), Err(TextProblem::TooLong));
        assert_eq!(check_text(&"x".repeat(10 << 20), 255), Err(TextProblem::TooLong));
    }

    #[test]
    fn what_a_bank_cannot_print_is_noted() {
        let cases = [
            ("ООО «Ёлка» № 5 – ў, џ, ґ…", Warnings::NONE),
            ("oʻzbek", Warning::TextBeyondCp1251.into()),
            ("Қўқон", Warning::TextBeyondCp1251.into()),
            ("a\u{AD}b", Warning::TextInvisible.into()),
            (
                "a\u{202E}b",
                [Warning::TextBeyondCp1251, Warning::TextInvisible].into_iter().collect(),
            ),
            ("\u{FFFD}", [Warning::TextBeyondCp1251, Warning::TextInvisible].into_iter().collect()),
        ];
        for (text, want) in cases {
            assert_eq!(text_warnings(text), want, "{text}");
        }
    }
}
