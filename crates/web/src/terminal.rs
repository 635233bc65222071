//! Lines for a POSIX shell with curl, to be copied from a page.

/// A block of lines.
pub(crate) struct Lines {
    /// Its id on the page.
    pub(crate) id: &'static str,
    /// What it does.
    pub(crate) title: &'static str,
    pub(crate) text: String,
}

/// `text` as one word of a POSIX shell, whatever is in it.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// `text` as a string of JSON, with its quotes.
pub(crate) fn json_string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            '\0'..='\u{1f}' => json.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => json.push(character),
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_strings_stay_whole() {
        for (text, word, json) in [
            ("", "''", "\"\""),
            ("a b", "'a b'", "\"a b\""),
            ("it's", r"'it'\''s'", "\"it's\""),
            ("a\"b\\c\n", "'a\"b\\c\n'", r#""a\"b\\c\u000a""#),
        ] {
            assert_eq!((quoted(text).as_str(), json_string(text).as_str()), (word, json));
        }
    }
}
