//! `cargo test --workspace`, shown as it runs and added up from its own words.
//!
//! An ignored test counts as a failure here: what is written down as a test has to run.

use std::io::{BufRead as _, BufReader};
use std::process::{ExitStatus, Stdio};

use anyhow::{Context, Result};

use crate::report::Totals;
use crate::workspace::Workspace;

/// Runs every test of the workspace, doc tests included, against that PostgreSQL server.
pub(crate) fn run(workspace: &Workspace, postgres: &str) -> Result<Totals> {
    let mut child = workspace
        .cargo()
        .args(["test", "--workspace", "--no-fail-fast"])
        .env("CHORSU_TEST_POSTGRES", postgres)
        .env("CHORSU_BIN", workspace.binary())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo test")?;
    let mut tally = Tally::default();
    let stdout = child.stdout.take().context("cargo test has no output")?;
    for line in BufReader::new(stdout).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        println!("{line}");
        tally.read(&line);
    }
    Ok(tally.totals(child.wait()?))
}

/// What the lines of a `cargo test` run add up to.
#[derive(Default)]
struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
    names: Vec<String>,
}

impl Tally {
    /// Takes one line; most lines say nothing that counts.
    fn read(&mut self, line: &str) {
        if let Some(name) = failed_name(line) {
            self.names.push(name.to_owned());
        }
        // A test may have printed the beginning of the line before the runner ended it.
        let Some((_, result)) = line.split_once("test result: ") else { return };
        for part in result.split([';', '.']) {
            match part.trim().split_once(' ') {
                Some((count, "passed")) => self.passed += count.parse().unwrap_or(0),
                Some((count, "failed")) => self.failed += count.parse().unwrap_or(0),
                Some((count, "ignored")) => self.ignored += count.parse().unwrap_or(0),
                _ => {}
            }
        }
    }

    /// The totals, with everything that makes the run bad among the failures.
    fn totals(self, status: ExitStatus) -> Totals {
        let mut failed = self.names;
        let named = failed.len() as u64;
        failed.extend((named..self.failed).map(|_| "a test whose name was not seen".to_owned()));
        failed.extend((0..self.ignored).map(|_| "an ignored test".to_owned()));
        if !status.success() && self.failed == 0 {
            failed.push(format!("cargo test ended with {status} (does everything compile?)"));
        }
        if self.passed == 0 && failed.is_empty() {
            failed.push("no test was run".to_owned());
        }
        Totals { passed: self.passed, failed }
    }
}

/// The name in a line `test some::name ... FAILED`.
fn failed_name(line: &str) -> Option<&str> {
    line.strip_prefix("test ")?.strip_suffix(" ... FAILED")
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    fn tally(text: &str, code: i32) -> Totals {
        let mut tally = Tally::default();
        text.lines().for_each(|line| tally.read(line));
        tally.totals(ExitStatus::from_raw(code << 8))
    }

    #[test]
    fn results_of_several_binaries_are_added_up() {
        let totals = tally(
            "running 2 tests\ntest a ... ok\n\
             test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; \
             finished in 0.01s\n\
             noise without an end: test result: ok. 40 passed; 0 failed; 0 ignored; 0 measured",
            0,
        );
        assert_eq!(totals, Totals { passed: 42, failed: vec![] });
    }

    #[test]
    fn failures_keep_their_names_and_ignored_tests_fail() {
        let totals = tally(
            "test pay::twice ... FAILED\ntest garbled line FAILED\n\
             test result: FAILED. 3 passed; 2 failed; 1 ignored; 0 measured",
            101,
        );
        let failed = ["pay::twice", "a test whose name was not seen", "an ignored test"];
        assert_eq!(totals, Totals { passed: 3, failed: failed.map(String::from).to_vec() });
    }

    #[test]
    fn a_build_that_fails_and_a_run_without_tests_are_failures() {
        assert_eq!(tally("error: could not compile", 101).failed.len(), 1);
        assert_eq!(tally("", 0).failed, ["no test was run"]);
    }
}
