//! The tally of a run: headings, times, what passed, what failed, and the closing line.
//!
//! It must never lose a failure: a check that could not run is counted as failed, not left out.

use std::time::Instant;

use anyhow::Result;

/// What a step with many tests of its own found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    /// Tests that passed.
    pub(crate) passed: u64,
    /// Names (or reasons) of those that did not.
    pub(crate) failed: Vec<String>,
}

/// Counts of everything that ran so far.
#[derive(Default)]
pub(crate) struct Report {
    totals: Totals,
}

impl Report {
    /// Runs one check under a heading and counts it once; true when it passed.
    pub(crate) fn gate(&mut self, name: &str, body: impl FnOnce() -> Result<()>) -> bool {
        self.counted(name, || body().map(|()| Totals { passed: 1, failed: Vec::new() }))
    }

    /// Runs a step that counts its own tests; true when none failed.
    pub(crate) fn counted(&mut self, name: &str, body: impl FnOnce() -> Result<Totals>) -> bool {
        println!("\n==> {name}");
        let start = Instant::now();
        let result = body();
        let seconds = start.elapsed().as_secs_f64();
        let good = match result {
            Ok(step) => {
                let good = step.failed.is_empty();
                self.totals.passed += step.passed;
                self.totals.failed.extend(step.failed.iter().map(|item| format!("{name}: {item}")));
                good
            }
            Err(error) => {
                println!("{error:#}");
                self.totals.failed.push(format!("{name}: {error:#}"));
                false
            }
        };
        println!("<== {name}: {} in {seconds:.1} s", if good { "ok" } else { "FAILED" });
        good
    }

    /// Counts a check that could not run because something before it failed.
    pub(crate) fn not_run(&mut self, name: &str, reason: &str) {
        self.gate(name, || anyhow::bail!("not run: {reason}"));
    }

    /// Prints the failures and the closing line; true when there were none.
    pub(crate) fn finish(self) -> bool {
        if !self.totals.failed.is_empty() {
            println!("\nfailed:");
        }
        for name in &self.totals.failed {
            println!("  {}", name.lines().next().unwrap_or_default());
        }
        println!("\n{}", closing_line(self.totals.passed, self.totals.failed.len()));
        self.totals.failed.is_empty()
    }
}

/// The line that ends every run, alone on its line.
fn closing_line(passed: u64, failed: usize) -> String {
    format!("{passed} passed, {failed} failed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_failure_is_counted() {
        let mut report = Report::default();
        assert!(report.gate("good", || Ok(())));
        assert!(!report.gate("bad", || anyhow::bail!("broken")));
        report.not_run("later", "bad failed");
        let step = || Ok(Totals { passed: 7, failed: vec!["a::b".into()] });
        assert!(!report.counted("many", step));
        assert_eq!(report.totals.passed, 8);
        assert_eq!(
            report.totals.failed,
            ["bad: broken", "later: not run: bad failed", "many: a::b"]
        );
        assert!(!report.finish());
    }

    #[test]
    fn the_closing_line_is_the_plain_one() {
        assert_eq!(closing_line(12, 0), "12 passed, 0 failed");
    }
}
