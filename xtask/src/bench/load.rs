//! Running `chorsu bench` against a served instance and reading its JSON report.

use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process::output;
use crate::served::Served;

/// What one run of the load generator found.
#[derive(Debug, PartialEq)]
pub(super) struct Load {
    /// Answered requests per second, of all kinds.
    pub(super) requests_per_second: f64,
    /// Receipts created and paid per second.
    pub(super) payments_per_second: f64,
    /// Requests per second of the bare echo in the same run, unless it was left out.
    pub(super) ceiling: Option<f64>,
    /// 99th percentile of the latency over all requests, in microseconds.
    pub(super) p99_us: u64,
}

impl Load {
    /// Requests per second as a share of the echo's, 1 being all of it.
    pub(super) fn share(&self) -> Option<f64> {
        self.ceiling.map(|ceiling| self.requests_per_second / ceiling)
    }

    /// Reads the report of `chorsu bench --json`.
    fn read(report: &Value) -> Result<Self> {
        let p99 = report.pointer("/latency_us/p99").and_then(Value::as_u64);
        Ok(Self {
            requests_per_second: number(report, "/requests_per_second")?,
            payments_per_second: number(report, "/payments_per_second")?,
            ceiling: number(report, "/ceiling/requests_per_second").ok(),
            p99_us: p99.context("the report of chorsu bench has no /latency_us/p99")?,
        })
    }
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.0} requests/s, {:.0} payments/s, p99 {:.1} ms",
            self.requests_per_second,
            self.payments_per_second,
            self.p99_us as f64 / 1000.0
        )?;
        match (self.ceiling, self.share()) {
            (Some(ceiling), Some(share)) => {
                write!(f, ", {:.1} % of the echo's {ceiling:.0}/s", share * 100.0)
            }
            _ => Ok(()),
        }
    }
}

/// One measurement of card payments, the echo ceiling included.
pub(super) fn at(binary: &Path, served: &Served, connections: u32, seconds: u32) -> Result<Load> {
    Load::read(&run(binary, served, &Run { scenario: "receipts", connections, seconds }, &[])?)
}

/// One round of load without the echo; how many of `what` it got done, for example `payments`.
pub(super) fn fill(binary: &Path, served: &Served, round: &Run, what: &str) -> Result<u64> {
    let report = run(binary, served, round, &["--no-ceiling"])?;
    let done = report.get(what).and_then(Value::as_u64);
    done.with_context(|| format!("the report of chorsu bench has no /{what}"))
}

/// A scenario, and how much of it.
pub(super) struct Run {
    pub(super) scenario: &'static str,
    pub(super) connections: u32,
    pub(super) seconds: u32,
}

/// One run of a scenario without the echo, with `more` options; the whole report.
pub(super) fn report(binary: &Path, served: &Served, what: &Run, more: &[&str]) -> Result<Value> {
    run(binary, served, what, &[&["--no-ceiling"], more].concat())
}

/// A number of a report.
pub(super) fn number(report: &Value, pointer: &str) -> Result<f64> {
    let value = report.pointer(pointer).and_then(Value::as_f64);
    value.with_context(|| format!("the report of chorsu bench has no number {pointer}"))
}

/// Runs the load generator, its progress shown on our standard error.
fn run(binary: &Path, served: &Served, what: &Run, more: &[&str]) -> Result<Value> {
    let Run { scenario, connections, seconds } = what;
    let mut command = Command::new(binary);
    command.args(["bench", "--scenario", scenario, "--json", "--url", &served.url()]);
    command.args(["--connections", &connections.to_string(), "--seconds", &seconds.to_string()]);
    let text = output(command.args(more).stderr(Stdio::inherit()))?;
    serde_json::from_str(&text).with_context(|| format!("chorsu bench printed no JSON: {text}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_report_is_read_with_and_without_a_ceiling() {
        let mut report = json!({
            "requests_per_second": 30_000.0,
            "payments_per_second": 15_000.0,
            "latency_us": { "p50": 900, "p99": 7_500 },
            "ceiling": { "requests_per_second": 60_000.0 },
        });
        let load = Load::read(&report).unwrap();
        assert_eq!(load.share(), Some(0.5));
        let line = "30000 requests/s, 15000 payments/s, p99 7.5 ms, 50.0 % of the echo's 60000/s";
        assert_eq!(load.to_string(), line);
        report["ceiling"] = Value::Null;
        assert_eq!(Load::read(&report).unwrap().share(), None);
        report["payments_per_second"] = Value::Null;
        assert!(Load::read(&report).is_err());
    }
}
