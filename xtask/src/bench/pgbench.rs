//! The yardstick for PostgreSQL: how many double-entry transfers a second the same server takes
//! when nothing is in front of it.
//!
//! One statement inserts one entry and its two postings, updates nothing, and is one durable
//! commit.

use std::path::Path;

use anyhow::{Context, Result};

use crate::postgres::Postgres;
use crate::process::output;

/// Sessions that insert at the same time.
const CLIENTS: &str = "64";
/// Threads of pgbench.
const THREADS: &str = "2";
const DATABASE: &str = "raw";

const TABLES: &str = "
CREATE TABLE entry (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind smallint NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE posting (
    entry_id bigint NOT NULL,
    account_id bigint NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (entry_id, account_id)
)";

/// The debited and the credited account come from different ranges, so they always differ.
const SCRIPT: &str = "\
\\set debit random(1, 1000)
\\set credit random(1001, 2000)
\\set amount random(100, 1000000)
WITH made AS (INSERT INTO entry (kind) VALUES (1) RETURNING id) \
INSERT INTO posting (entry_id, account_id, amount) \
SELECT made.id, pair.account_id, pair.amount FROM made, (VALUES \
(CAST(:debit AS bigint), CAST(:amount AS bigint)), \
(CAST(:credit AS bigint), -CAST(:amount AS bigint))) AS pair (account_id, amount);
";

/// Makes the database with its two tables.
pub(super) fn prepare(server: &Postgres) -> Result<()> {
    server.create_database(DATABASE)?;
    server.sql(DATABASE, TABLES).map(|_| ())
}

/// Transfers per second; `folder` is where the script is written.
pub(super) fn measure(server: &Postgres, folder: &Path, seconds: u32) -> Result<f64> {
    let script = folder.join("transfer.sql");
    std::fs::write(&script, SCRIPT)?;
    let mut command = server.program("pgbench");
    command.args(["--no-vacuum", "--protocol=prepared", "--client", CLIENTS, "--jobs", THREADS]);
    command.args(["--time", &seconds.to_string()]).arg("--file").arg(&script);
    let text = output(command.arg(server.url(DATABASE)))?;
    transactions_per_second(&text).with_context(|| format!("pgbench printed no tps: {text}"))
}

/// The number in pgbench's line `tps = 7512.3 (without initial connection time)`.
fn transactions_per_second(text: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix("tps = "))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_read_from_what_pgbench_prints() {
        let text = "latency average = 8.5 ms\ntps = 7512.34 (without initial connection time)\n";
        assert_eq!(transactions_per_second(text), Some(7512.34));
        assert_eq!(transactions_per_second("no such line"), None);
    }
}
