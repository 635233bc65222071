//! Breaking a printable text into lines of at most so many columns.

use crate::charset::width;

/// `text` (printable, one space between words) in lines of at most `columns` columns, at least one.
///
/// A word that does not fit a line is broken after one of `-/&?=,;` where there is one in the
/// second half of the line, else anywhere.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    assert!(columns > 0, "a line has room for a character");
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split(' ') {
        let mut word: Vec<char> = word.chars().collect();
        if used > 0 && used + 1 + word.len() <= columns {
            line.push(' ');
            line.extend(&word);
            used += 1 + word.len();
            continue;
        }
        if used > 0 {
            lines.push(std::mem::take(&mut line));
        }
        while word.len() > columns {
            let rest = word.split_off(break_at(&word, columns));
            lines.push(word.into_iter().collect());
            word = rest;
        }
        used = word.len();
        line.extend(word);
    }
    if used > 0 || lines.is_empty() {
        lines.push(line);
    }
    debug_assert!(lines.iter().all(|line| width(line) <= columns), "a line is too long");
    lines
}

/// How many characters of a word longer than `columns` go on the first line.
fn break_at(word: &[char], columns: usize) -> usize {
    let seam = word[..columns].iter().rposition(|character| "-/&?=,;".contains(*character));
    match seam {
        Some(at) if 2 * (at + 1) > columns => at + 1,
        _ => columns,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_where_they_can() {
        let cases: &[(&str, usize, &[&str])] = &[
            ("", 5, &[""]),
            ("нон", 5, &["нон"]),
            ("один два три", 8, &["один два", "три"]),
            ("abcdefghij", 4, &["abcd", "efgh", "ij"]),
            ("ab abcdefgh", 4, &["ab", "abcd", "efgh"]),
            ("abcdefgh ab", 4, &["abcd", "efgh", "ab"]),
            ("abcdef ab", 5, &["abcde", "f ab"]),
            ("bb75f609-6d97-4b45", 16, &["bb75f609-6d97-", "4b45"]),
            ("-abcdefgh", 5, &["-abcd", "efgh"]),
            ("1\u{a0}000 x", 5, &["1\u{a0}000", "x"]),
        ];
        for (text, columns, want) in cases {
            assert_eq!(wrap(text, *columns), *want, "{text:?} in {columns}");
        }
    }
}
