//! Rules about single files: length, unfinished work, floats, headers, and the documents.

use std::path::Path;

use super::tree::{TextFile, Tree};

/// Longest Rust file; longer ones hold more than one thing.
const MAX_LINES: usize = 500;
/// Words of unfinished or switched-off work, in two halves so that this file is not found itself.
const UNFINISHED: [(&str, &str); 4] =
    [("to", "do!("), ("unimple", "mented!("), ("FIX", "ME"), ("#[ig", "nore")];
/// Crates in which an amount of money can be met; there, a float has no business.
const NO_FLOATS: [&str; 4] = ["core", "store", "api", "connectors"];
/// What a reader can count on finding.
const DOCUMENTS: [&str; 6] =
    ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "docs"];

/// Rust files with too many lines; there are no exceptions.
pub(super) fn long_files(tree: &Tree) -> Vec<String> {
    tree.rust()
        .map(|file| (file, file.lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .map(|(file, lines)| format!("{}: {lines} lines", file.path().display()))
        .collect()
}

/// Lines with a mark of unfinished work or a test that is switched off.
pub(super) fn unfinished(tree: &Tree) -> Vec<String> {
    let words = UNFINISHED.map(|(first, second)| format!("{first}{second}"));
    let hit = |line: &str| words.iter().any(|word| line.contains(word.as_str()));
    tree.files().flat_map(|file| complaints(file, hit)).collect()
}

/// Uses of `f32` and `f64` in the sources of the crates that handle amounts.
pub(super) fn floats(tree: &Tree) -> Vec<String> {
    let handles_money =
        |file: &&TextFile| NO_FLOATS.iter().any(|name| file.under(&format!("crates/{name}/src")));
    let hit = |line: &str| {
        let code = line.split("//").next().unwrap_or_default();
        code.split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| word == "f32" || word == "f64")
    };
    tree.rust().filter(handles_money).flat_map(|file| complaints(file, hit)).collect()
}

/// Source files that do not begin with a `//!` line.
pub(super) fn missing_headers(tree: &Tree) -> Vec<String> {
    tree.rust()
        .filter(|file| is_source(file.path()) && !file.text().starts_with("//!"))
        .map(|file| format!("{}: does not begin with //!", file.path().display()))
        .collect()
}

/// `crates/*/src/**` and the sources of xtask.
fn is_source(path: &Path) -> bool {
    let mut parts = path.iter().filter_map(|part| part.to_str());
    match parts.next() {
        Some("crates") => parts.nth(1) == Some("src"),
        Some("xtask") => parts.next() == Some("src"),
        _ => false,
    }
}

/// Documents that are not there.
pub(super) fn missing_documents(tree: &Tree) -> Vec<String> {
    DOCUMENTS
        .iter()
        .filter(|name| !tree.has(Path::new(name)))
        .map(|name| format!("{name} is missing"))
        .collect()
}

/// One complaint for each line of a file that a test hits.
fn complaints(file: &TextFile, hit: impl Fn(&str) -> bool) -> Vec<String> {
    file.lines()
        .filter(|(_, line)| hit(line))
        .map(|(number, line)| format!("{}:{number}: {}", file.path().display(), line.trim()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_have_500_lines_and_no_more() {
        let (short, long) = ("x\n".repeat(500), "x\n".repeat(501));
        let tree = Tree::of(&[("a.rs", &short), ("b.rs", &long), ("c.txt", &long)]);
        assert_eq!(long_files(&tree), ["b.rs: 501 lines"]);
    }

    #[test]
    fn unfinished_work_is_found_in_any_text_file() {
        let marks = UNFINISHED.map(|(first, second)| format!("a\n  {first}{second}\n"));
        for mark in &marks {
            let found = unfinished(&Tree::of(&[("x.sql", mark)]));
            assert_eq!(found.len(), 1, "{mark}");
            assert!(found[0].starts_with("x.sql:2: "), "{found:?}");
        }
        assert!(unfinished(&Tree::of(&[("x.rs", "fn todo() {}\n")])).is_empty());
    }

    #[test]
    fn floats_are_refused_where_amounts_are() {
        let line = "fn share(amount: f64) -> f32 {}\n";
        let tree = Tree::of(&[
            ("crates/core/src/money.rs", line),
            ("crates/chorsu/src/bench.rs", line),
            ("crates/api/src/ok.rs", "let hf64x = 1; // not an f64\n"),
            ("crates/store/tests/t.rs", line),
        ]);
        let found = floats(&tree);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("crates/core/src/money.rs:1: "));
    }

    #[test]
    fn sources_begin_with_their_purpose() {
        let tree = Tree::of(&[
            ("crates/core/src/lib.rs", "//! Money.\n"),
            ("crates/core/src/deep/card.rs", "use x;\n"),
            ("crates/core/tests/t.rs", "use x;\n"),
            ("xtask/src/main.rs", "fn main() {}\n"),
        ]);
        let found = missing_headers(&tree);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("crates/core/src/deep/card.rs"));
    }

    #[test]
    fn missing_documents_are_named() {
        let mut files = DOCUMENTS.map(|name| (name, ""));
        files[5].0 = "docs/sandbox.md";
        assert!(missing_documents(&Tree::of(&files)).is_empty());
        assert_eq!(missing_documents(&Tree::of(&files[1..])), ["README.md is missing"]);
    }
}
