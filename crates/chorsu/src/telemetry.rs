//! Logs: to standard error, as text for people or as JSON for machines.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// Starts logging. `CHORSU_LOG` chooses what is logged (default `info`), and
/// `CHORSU_LOG_FORMAT=json` how.
pub(crate) fn start() {
    let filter = EnvFilter::try_from_env("CHORSU_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let json = std::env::var("CHORSU_LOG_FORMAT").is_ok_and(|format| format == "json");
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    // Tests of one process may have started logging already.
    let _ = if json { logs.json().try_init() } else { logs.try_init() };
}
