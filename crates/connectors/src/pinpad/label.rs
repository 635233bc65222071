//! Finding a value on a slip by its label.
//!
//! Labels stand anywhere in a line, with a translation in brackets or without, and the value
//! stands behind the label or alone on the next line. Lines are in upper case here.

/// Where in a line a label counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Only as the first word: the same word further on belongs to another label.
    Start,
    /// Anywhere, as a word of its own.
    Anywhere,
}

/// All values of a label, read by `read` from what stands behind it, or from the next line that is
/// not empty when nothing does. What cannot be read is left out.
pub(super) fn values<T>(
    lines: &[String],
    label: &str,
    place: Place,
    read: impl Fn(&str) -> Option<T>,
) -> Vec<T> {
    let mut found = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let Some(behind) = behind(line, label, place) else { continue };
        let value = if behind.is_empty() {
            lines[number + 1..].iter().map(|line| line.trim()).find(|line| !line.is_empty())
        } else {
            Some(behind)
        };
        found.extend(value.and_then(&read));
    }
    found
}

/// What stands behind `label` in `line`, without brackets, colons and blanks in front of it.
fn behind<'a>(line: &'a str, label: &str, place: Place) -> Option<&'a str> {
    let mut from = 0;
    while let Some(start) = line[from..].find(label).map(|start| start + from) {
        let end = start + label.len();
        let before = &line[..start];
        let stands_alone = !before.ends_with(char::is_alphanumeric)
            && !line[end..].starts_with(char::is_alphanumeric);
        if stands_alone && (place == Place::Anywhere || before.trim().is_empty()) {
            return Some(skip_translation(&line[end..]));
        }
        from = end;
    }
    None
}

/// Skips `(AMOUNT):` and the like.
fn skip_translation(text: &str) -> &str {
    let text = text.trim();
    let text = match text.strip_prefix('(').and_then(|inside| inside.split_once(')')) {
        Some((_, rest)) => rest,
        None => text,
    };
    text.trim_start_matches([':', '№', ' ', '\u{a0}', '\t']).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stands_behind_its_label_or_on_the_next_line() {
        let cases: [(&str, &[&str]); 9] = [
            ("RRN:231", &["231"]),
            ("RRN(ССЫЛКА) : 231 ", &["231"]),
            ("   RRN:\n\n  231", &["231"]),
            ("RRN", &[]),
            ("XRRN:1 RRN 2", &["2"]),
            ("RRNX:1", &[]),
            ("ДАТА 1 RRN: 2\nRRN 3", &["2", "3"]),
            ("RRN ()5", &["5"]),
            ("RRN (5", &["(5"]),
        ];
        for (text, want) in cases {
            let lines: Vec<String> = text.lines().map(str::to_owned).collect();
            let got = values(&lines, "RRN", Place::Anywhere, |value| Some(value.to_owned()));
            assert_eq!(got, want, "{text}");
        }
    }

    #[test]
    fn some_labels_count_only_at_the_start_of_their_line() {
        let lines = ["ОБЩАЯ СУММА: 1".to_owned(), "  СУММА: 2".to_owned()];
        let got = values(&lines, "СУММА", Place::Start, |value| Some(value.to_owned()));
        assert_eq!(got, ["2"]);
    }
}
