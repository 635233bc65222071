//! The rule of live links: a relative link in a document leads to a file of the tree.
//!
//! Links to other hosts are not followed: the checks run without a network.

use std::path::Path;

use super::tree::Tree;

/// Relative links in Markdown files that lead nowhere.
pub(super) fn dead(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for file in tree.files().filter(|file| file.is("md")) {
        let folder = file.path().parent().unwrap_or_else(|| Path::new(""));
        for (number, target) in targets(file.text()) {
            let Some(path) = local_path(target) else { continue };
            let place = match path.strip_prefix('/') {
                Some(from_root) => Path::new(from_root).to_path_buf(),
                None => folder.join(path),
            };
            if !tree.has(&place) {
                found.push(format!("{}:{number}: dead link {target}", file.path().display()));
            }
        }
    }
    found
}

/// The file part of a link that stays inside the tree.
fn local_path(target: &str) -> Option<&str> {
    // After a space there may be a title in quotes, after # a heading.
    let path = target.split(['#', ' ']).next().unwrap_or_default();
    let elsewhere = target.contains("://") || target.starts_with("mailto:");
    (!elsewhere && !path.is_empty()).then_some(path)
}

/// Targets of inline links `[text](target)`, with line numbers; code is left out.
fn targets(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
            continue;
        }
        if in_code {
            continue;
        }
        // Every second piece between backquotes is inline code; a link's text may be one.
        for prose in line.split('`').step_by(2) {
            let ends = prose.match_indices("](").map(|(at, mark)| &prose[at + mark.len()..]);
            found.extend(ends.filter_map(|rest| Some((index + 1, rest.split_once(')')?.0))));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_dead_relative_links_are_found() {
        let guide = "[a](../README.md) [b](sandbox.md#cards) [c](https://example.org/x)\n\
                     ![p](missing.png) and [root](/README.md) and [top](#top)\n\
                     `[code](nowhere.md)` and [`named`](gone.md)\n\
                     ```sh\n[in code](nowhere.md)\n```\n";
        let tree = Tree::of(&[
            ("README.md", "[docs](docs) [mail](mailto:a@example.org)\n"),
            ("docs/guide.md", guide),
            ("docs/sandbox.md", ""),
        ]);
        assert_eq!(
            dead(&tree),
            ["docs/guide.md:2: dead link missing.png", "docs/guide.md:3: dead link gone.md"]
        );
    }
}
