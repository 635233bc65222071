//! Payments at the till, payment orders and statements: rates and latencies on one database.

use std::path::Path;

use anyhow::{Result, ensure};

use super::load::{self, Run, number};
use super::table::{Goal, Table};
use super::{CONNECTIONS, FILL_SECONDS};
use crate::served::Served;

/// Payments a second at which Chorsu's own share of the latency is measured.
const CALM_RATE: &str = "500";
/// Callers who read a statement at the same time.
const READERS: u32 = 2;

/// What the rows of one database are called, and its goals in orders a second.
pub(super) struct Names {
    pub(super) payments: &'static str,
    pub(super) own_p50: &'static str,
    pub(super) own_p99: &'static str,
    pub(super) orders: &'static str,
    pub(super) orders_goal: f64,
    pub(super) orders_floor: f64,
    /// A page of a filled statement: whole, of one day, of what came in.
    pub(super) pages: [&'static str; 3],
}

/// On SQLite.
pub(super) const SQLITE: Names = Names {
    payments: "SQLite: till payments/s",
    own_p50: "SQLite: own share at 500/s, p50",
    own_p99: "SQLite: own share at 500/s, p99",
    orders: "SQLite: payment orders/s",
    orders_goal: 10_000.0,
    orders_floor: 6_000.0,
    pages: [
        "SQLite, filled: page of 1,000 rows, p99",
        "SQLite, filled: page of one day, p99",
        "SQLite, filled: page of what came in, p99",
    ],
};

/// On PostgreSQL.
pub(super) const POSTGRES: Names = Names {
    payments: "PostgreSQL: till payments/s",
    own_p50: "PostgreSQL: own share at 500/s, p50",
    own_p99: "PostgreSQL: own share at 500/s, p99",
    orders: "PostgreSQL: payment orders/s",
    orders_goal: 7_500.0,
    orders_floor: 4_000.0,
    pages: [
        "PostgreSQL, filled: page of 1,000 rows, p99",
        "PostgreSQL, filled: page of one day, p99",
        "PostgreSQL, filled: page of what came in, p99",
    ],
};

/// Measures the till and the orders, and a statement of `rows` rows where that was asked for.
pub(super) fn measure(
    binary: &Path,
    served: &Served,
    names: &Names,
    (seconds, rows): (u32, u64),
    table: &mut Table,
) -> Result<()> {
    let payments = best(binary, served, ("till", "/payments_per_second"), seconds)?;
    table.add(names.payments, payments, Goal::at_least(5_000.0, 3_000.0, "/s"));
    let calm = Run { scenario: "till", connections: CONNECTIONS[0], seconds };
    let report = load::report(binary, served, &calm, &["--rate", CALM_RATE])?;
    let millis = |percentile| Ok(number(&report, percentile)? / 1000.0);
    let (p50, p99): (Result<f64>, Result<f64>) =
        (millis("/own_share_us/p50"), millis("/own_share_us/p99"));
    table.add(names.own_p50, p50?, Goal::at_most(2.0, 2.0, "ms"));
    table.add(names.own_p99, p99?, Goal::at_most(10.0, 10.0, "ms"));
    let orders = best(binary, served, ("orders", "/orders_per_second"), seconds)?;
    table.add(names.orders, orders, Goal::at_least(names.orders_goal, names.orders_floor, "/s"));
    if rows > 0 {
        let pages = pages_ms(binary, served, rows, seconds)?;
        for (name, page) in names.pages.into_iter().zip(pages) {
            table.add(name, page, Goal::at_most(20.0, 20.0, "ms"));
        }
    }
    Ok(())
}

/// The better of both numbers of connections.
fn best(
    binary: &Path,
    served: &Served,
    (scenario, pointer): (&'static str, &str),
    seconds: u32,
) -> Result<f64> {
    let mut best: f64 = 0.0;
    for connections in CONNECTIONS {
        let what = Run { scenario, connections, seconds };
        let reached = number(&load::report(binary, served, &what, &[])?, pointer)?;
        println!("{scenario}, {connections} connections: {reached:.0}/s");
        best = best.max(reached);
    }
    Ok(best)
}

/// The 99th percentiles of pages of a statement with at least so many rows, in milliseconds.
fn pages_ms(binary: &Path, served: &Served, rows: u64, seconds: u32) -> Result<[f64; 3]> {
    let mut stored = 0;
    while stored < rows {
        let round = Run { scenario: "orders", connections: CONNECTIONS[1], seconds: FILL_SECONDS };
        let done = load::fill(binary, served, &round, "orders")?;
        ensure!(done > 0, "a round of load stored nothing");
        stored += done;
        println!("stored {stored} of {rows} rows of a statement");
        // Each round has a day of its own.
        served.turn_day()?;
    }
    let readers = Run { scenario: "statement", connections: READERS, seconds };
    let report = load::report(binary, served, &readers, &[])?;
    let p99 = |kind| number(&report, &format!("/kinds/{kind}/latency_us/p99"));
    let [whole, day, incoming] = ["whole page", "one day", "what came in"].map(p99);
    Ok([whole? / 1000.0, day? / 1000.0, incoming? / 1000.0])
}
