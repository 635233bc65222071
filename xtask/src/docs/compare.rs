//! Comparing what a document shows with what a program printed.
//!
//! Every line shown must have been printed, in the same order; `…` stands for anything, and a
//! program may print more than the document shows.

/// Checks all lines; the error is the first line that was not found.
pub(super) fn matches<'a>(expected: &'a str, printed: &str, json: bool) -> Result<(), &'a str> {
    if json { json_lines(expected, printed) } else { text_lines(expected, printed) }
}

/// JSON: white space outside of strings does not count, so that a document may show a compact
/// answer on many lines.
fn json_lines<'a>(expected: &'a str, printed: &str) -> Result<(), &'a str> {
    let printed = compact(printed);
    let mut at = 0;
    for line in expected.lines() {
        at = find_parts(&compact(line), &printed, at).ok_or(line)?;
    }
    Ok(())
}

/// Text: each line shown is a part of one printed line.
fn text_lines<'a>(expected: &'a str, printed: &str) -> Result<(), &'a str> {
    let mut lines = printed.lines();
    for line in expected.lines().filter(|line| !line.trim().is_empty()) {
        let found = lines.any(|candidate| find_parts(line.trim(), candidate, 0).is_some());
        if !found {
            return Err(line);
        }
    }
    Ok(())
}

/// Where the parts of a pattern between `…` end in a text when found in order from `start` on.
fn find_parts(pattern: &str, text: &str, start: usize) -> Option<usize> {
    pattern.split('…').try_fold(start, |at, part| {
        let found = text.get(at..)?.find(part)?;
        Some(at + found + part.len())
    })
}

/// Text without the white space that is outside of JSON strings.
fn compact(json: &str) -> String {
    let mut in_string = false;
    let mut escaped = false;
    let mut result = String::with_capacity(json.len());
    for c in json.chars() {
        if in_string || !c.is_whitespace() {
            result.push(c);
        }
        match c {
            '"' if !escaped => in_string = !in_string,
            '\\' if in_string => {
                escaped = !escaped;
                continue;
            }
            _ => {}
        }
        escaped = false;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_compared_without_its_layout() {
        let printed = r#"{"result":{"receipt":{"_id":"5e73","state":4,"note":"a \" b"}}}"#;
        for (expected, good) in [
            ("{\n  \"result\": {\n    \"receipt\": {\n…\n      \"state\": 4,\n…", true),
            ("\"_id\": \"…\",\n\"state\": 4", true),
            ("\"note\": \"a \\\" b\"", true),
            ("\"note\": \"a \\\"b\"", false),
            ("\"state\": 4\n\"_id\": \"5e73\"", false),
            ("\"state\": 5", false),
        ] {
            assert_eq!(matches(expected, printed, true).is_ok(), good, "{expected}");
        }
    }

    #[test]
    fn text_lines_are_found_in_order_and_may_have_gaps() {
        let printed = "starting\nentries: 12 balanced\nchain: unbroken\n";
        for (expected, good) in [
            ("entries: … balanced\nchain: unbroken\n", true),
            ("starting\n…\n", true),
            ("chain: unbroken\nstarting", false),
            ("entries: … unbroken", false),
        ] {
            assert_eq!(matches(expected, printed, false).is_ok(), good, "{expected}");
        }
        assert_eq!(matches("one\ntwo", "one\n", false), Err("two"));
    }
}
