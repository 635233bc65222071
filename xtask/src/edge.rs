//! Proof that the core does no I/O: of what it depends on, and of what it uses of the standard
//! library.
//!
//! The list of allowed crates is closed on purpose. A new dependency of the core is a decision, and
//! this is where it has to be written down.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Result, ensure};

use crate::process::output;
use crate::tidy::tree::Tree;
use crate::workspace::Workspace;

/// Every crate that may be below the core: hashing, comparing in constant time, wiping memory,
/// deriving error types, and what those need in turn.
const ALLOWED: [&str; 22] = [
    "block-buffer",
    "cfg-if",
    "chorsu-core",
    "const-oid",
    "cpufeatures",
    "crypto-common",
    "digest",
    "hybrid-array",
    "jiff",
    "jiff-core",
    "libc",
    "proc-macro2",
    "quote",
    "sha2",
    "subtle",
    "syn",
    "thiserror",
    "thiserror-impl",
    "typenum",
    "unicode-ident",
    "zeroize",
    "zeroize_derive",
];

/// Parts of the standard library that reach outside the process or read a clock.
const OUTSIDE: [&str; 12] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::io",
    "std::os",
    "SystemTime",
    "Instant::now",
    "println!",
    "eprintln!",
    "dbg!",
];

/// Checks both edges of the core.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let mut tree = workspace.cargo();
    tree.args(["tree", "--package", "chorsu-core", "--edges", "normal", "--prefix", "none"]);
    let mut wrong = reaching_outside(&Tree::load(&workspace.root().join("crates/core/src"))?);
    let strangers = strangers(&output(&mut tree)?);
    wrong.extend(strangers.iter().map(|name| format!("depends on {name}, which is not allowed")));
    ensure!(wrong.is_empty(), "chorsu-core does no I/O, but it: {}", wrong.join("; "));
    println!("chorsu-core: no dependency and no use of the standard library that does I/O");
    Ok(())
}

/// Crates in the output of `cargo tree --prefix none` that the core may not have.
fn strangers(tree: &str) -> Vec<String> {
    let names: BTreeSet<&str> =
        tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    names.into_iter().filter(|name| !ALLOWED.contains(name)).map(str::to_owned).collect()
}

/// Places in the core's sources that name something outside; tests at a file's end are exempt.
fn reaching_outside(core: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for file in core.rust().filter(|file| !file.path().ends_with(Path::new("tests.rs"))) {
        let code = file.lines().take_while(|(_, line)| line.trim() != "#[cfg(test)]");
        for (number, line) in code.filter(|(_, line)| !line.trim_start().starts_with("//")) {
            if OUTSIDE.iter().any(|name| line.contains(name)) {
                let place = format!("{}:{number}", file.path().display());
                found.push(format!("reaches outside at {place}: {}", line.trim()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_known_crates_may_be_below_the_core() {
        let good =
            "chorsu-core v0.1.0 (/src/core)\nsha2 v0.11.1\ndigest v0.11.3\nsha2 v0.11.1 (*)\n";
        assert!(strangers(good).is_empty());
        let bad = format!("{good}tokio v1.54.1\nserde v1.0.229\ntokio v1.54.1 (*)\n");
        assert_eq!(strangers(&bad), ["serde", "tokio"]);
    }

    #[test]
    fn files_clocks_and_printing_are_found_but_not_in_tests_or_comments() {
        let core = Tree::of(&[
            ("money.rs", "//! Like std::fs but not.\npub fn add() {}\n"),
            ("clock.rs", "fn now() -> u64 { std::time::SystemTime::now() }\n"),
            ("late.rs", "fn x() {}\n#[cfg(test)]\nmod tests { use std::fs; }\n"),
        ]);
        let found = reaching_outside(&core);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("clock.rs:1:"), "{found:?}");
    }
}
