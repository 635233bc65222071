//! The rules of the tree that neither the compiler nor clippy knows.
//!
//! Each rule is a function from the files of the tree to a list of complaints; none of them changes
//! anything.

mod links;
mod migrations;
mod rules;
pub(crate) mod tree;

use std::path::Path;

use anyhow::{Result, bail};

use self::tree::Tree;

/// A rule: what it is called, and what it has to say about a tree.
type Rule = (&'static str, fn(&Tree) -> Vec<String>);

const RULES: [Rule; 7] = [
    ("Rust files are at most 500 lines", rules::long_files),
    ("nothing is left unfinished or switched off", rules::unfinished),
    ("every migration exists in both dialects", migrations::unpaired),
    ("no floating point near money", rules::floats),
    ("every source file says what it is for", rules::missing_headers),
    ("the documents are there", rules::missing_documents),
    ("relative links lead to files", links::dead),
];

/// Checks every rule on the checkout; an error lists all complaints.
pub(crate) fn check(root: &Path) -> Result<()> {
    let tree = Tree::load(root)?;
    let mut complaints = 0;
    for (name, rule) in RULES {
        let found = rule(&tree);
        println!("{} {name}", if found.is_empty() { "ok  " } else { "FAIL" });
        for complaint in &found {
            println!("       {complaint}");
        }
        complaints += found.len();
    }
    if complaints > 0 {
        bail!("{complaints} complaint(s) about the tree");
    }
    Ok(())
}
