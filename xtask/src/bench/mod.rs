//! `cargo xtask bench`: the speed of the release binary beside the ceilings of the same run.
//!
//! A number of payments per second means little without the machine it was measured on, so every
//! result is a ratio to something measured minutes apart on the same machine: the bare JSON echo of
//! `chorsu bench` for SQLite, and a raw double-entry insert by `pgbench` for PostgreSQL.

mod counter;
mod load;
mod pgbench;
mod table;

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use self::load::{Load, Run, at};
use self::table::{Goal, Table};
use crate::postgres::Postgres;
use crate::process::run as run_command;
use crate::scratch::Scratch;
use crate::served::Served;
use crate::workspace::Workspace;

/// Connections of the two measurements on each database.
const CONNECTIONS: [u32; 2] = [64, 256];
/// Length of one round when receipts are only stored, not measured.
const FILL_SECONDS: u32 = 20;

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    /// Seconds of each measurement.
    seconds: u32,
    /// Paid receipts to store before measuring again; 0 leaves that part out.
    receipts: u64,
}

impl Options {
    /// Reads `--seconds N` (10) and `--receipts N` (0).
    pub(crate) fn parse(words: &[&str]) -> Result<Self> {
        let mut options = Self { seconds: 10, receipts: 0 };
        for pair in words.chunks(2) {
            match *pair {
                ["--seconds", value] => {
                    options.seconds = value.parse().context("--seconds takes a number")?;
                }
                ["--receipts", value] => {
                    options.receipts = value.parse().context("--receipts takes a number")?;
                }
                _ => bail!("unknown or incomplete option: {}", pair.join(" ")),
            }
        }
        ensure!(options.seconds > 0, "--seconds must be at least 1");
        Ok(options)
    }
}

/// Builds, measures on both databases and prints the table.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    run_command(workspace.cargo().args(["build", "--release"]))?;
    let binary = workspace.built_binary()?;
    let cores = std::thread::available_parallelism()?;
    println!("{cores} cores, {} s a measurement, load and server on this machine", options.seconds);
    let mut table = Table::default();
    on_sqlite(&binary, options, &mut table)?;
    on_postgres(&binary, options, &mut table)?;
    println!("\n{table}");
    Ok(())
}

/// The share of the echo ceiling, and, where asked for, the same with many receipts stored.
fn on_sqlite(binary: &Path, options: &Options, table: &mut Table) -> Result<()> {
    let scratch = Scratch::new("bench")?;
    let data = scratch.path().join("data");
    let served = Served::start(binary, &data, None)?;
    let (empty, p99_ms) = measure(binary, &served, "SQLite", options.seconds)?;
    let share = empty.share().context("the load run has no ceiling")?;
    table.add(
        "SQLite: requests/s, share of the echo",
        share * 100.0,
        Goal::at_least(50.0, 30.0, "%"),
    );
    table.add("SQLite: p99 at 64 connections", p99_ms, Goal::at_most(10.0, 25.0, "ms"));
    let names = [
        "SQLite, filled: resident memory",
        "SQLite, filled: start until ready",
        "SQLite, filled: speed against empty",
    ];
    counter::measure(
        binary,
        &served,
        &counter::SQLITE,
        (options.seconds, options.receipts),
        table,
    )?;
    let filled_by = Filled { binary, data: &data, database: None, names };
    filled(filled_by, served, &empty, options, table)
}

/// Where the receipts are kept, and what the rows about them are called.
struct Filled<'a> {
    binary: &'a Path,
    data: &'a Path,
    database: Option<&'a str>,
    names: [&'static str; 3],
}

/// Memory, start and speed with many receipts stored, where that was asked for.
fn filled(
    filled: Filled<'_>,
    served: Served,
    empty: &Load,
    options: &Options,
    table: &mut Table,
) -> Result<()> {
    if options.receipts == 0 {
        return served.stop();
    }
    let Filled { binary, data, database, names: [memory_name, start_name, speed_name] } = filled;
    fill(binary, &served, options.receipts)?;
    served.stop()?;
    let served = Served::start(binary, data, database)?;
    let start = served.ready_after().as_secs_f64();
    let (full, _) = measure(binary, &served, "filled", options.seconds)?;
    let mebibytes = served.resident_kib()? as f64 / 1024.0;
    let kept = full.requests_per_second / empty.requests_per_second;
    table.add(memory_name, mebibytes, Goal::at_most(128.0, 256.0, "MiB"));
    table.add(start_name, start, Goal::at_most(0.5, 2.0, "s"));
    table.add(speed_name, kept * 100.0, Goal::at_least(90.0, 75.0, "%"));
    served.stop()
}

/// Payments per second against the raw insert, which is measured before and after.
fn on_postgres(binary: &Path, options: &Options, table: &mut Table) -> Result<()> {
    let server = Postgres::start()?;
    let url = server.create_database("chorsu")?;
    let scratch = Scratch::new("bench")?;
    pgbench::prepare(&server)?;
    let before = pgbench::measure(&server, scratch.path(), options.seconds)?;
    let data = scratch.path().join("data");
    let served = Served::start(binary, &data, Some(&url))?;
    let (best, p99_ms) = measure(binary, &served, "PostgreSQL", options.seconds)?;
    let after = pgbench::measure(&server, scratch.path(), options.seconds)?;
    println!("pgbench, raw double-entry insert: {before:.0}/s before, {after:.0}/s after");
    let ratio = best.payments_per_second / f64::midpoint(before, after);
    table.add("PostgreSQL: payments/s, times pgbench", ratio, Goal::at_least(1.0, 0.5, "x"));
    table.add("PostgreSQL: p99 at 64 connections", p99_ms, Goal::at_most(10.0, 25.0, "ms"));
    let names = [
        "PostgreSQL, filled: resident memory",
        "PostgreSQL, filled: start until ready",
        "PostgreSQL, filled: speed against empty",
    ];
    counter::measure(
        binary,
        &served,
        &counter::POSTGRES,
        (options.seconds, options.receipts),
        table,
    )?;
    let filled_by = Filled { binary, data: &data, database: Some(&url), names };
    filled(filled_by, served, &best, options, table)
}

/// Measures at each number of connections: the better run, and the p99 in ms at the smaller one.
fn measure(binary: &Path, served: &Served, name: &str, seconds: u32) -> Result<(Load, f64)> {
    let [few, many] = CONNECTIONS.map(|connections| at(binary, served, connections, seconds));
    let (few, many) = (few?, many?);
    for (connections, load) in CONNECTIONS.iter().zip([&few, &many]) {
        println!("{name}, {connections} connections: {load}");
    }
    let p99_ms = few.p99_us as f64 / 1000.0;
    let best = if many.requests_per_second > few.requests_per_second { many } else { few };
    Ok((best, p99_ms))
}

/// Stores at least that many paid receipts, in rounds of load.
fn fill(binary: &Path, served: &Served, receipts: u64) -> Result<()> {
    let mut stored = 0;
    while stored < receipts {
        let round =
            Run { scenario: "receipts", connections: CONNECTIONS[1], seconds: FILL_SECONDS };
        let round = load::fill(binary, served, &round, "payments")?;
        ensure!(round > 0, "a round of load stored nothing");
        stored += round;
        println!("stored {stored} of {receipts} receipts");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_and_wrong_ones_refused() {
        let default = Options { seconds: 10, receipts: 0 };
        assert_eq!(Options::parse(&[]).unwrap(), default);
        let options = Options::parse(&["--receipts", "1000000", "--seconds", "5"]).unwrap();
        assert_eq!(options, Options { seconds: 5, receipts: 1_000_000 });
        for wrong in [&["--seconds"][..], &["--seconds", "x"], &["--seconds", "0"], &["--fast"]] {
            assert!(Options::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
