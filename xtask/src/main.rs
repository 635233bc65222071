//! Developer commands of the repository: `cargo xtask <command>`.
//!
//! A plain program that starts other programs. It holds no product logic: what it checks, it checks
//! from outside, through the same command line and sockets that a user has.

mod bench;
mod cargo_test;
mod clients;
mod docs;
mod edge;
mod exports;
mod install;
mod postgres;
mod process;
mod reaper;
mod report;
mod scratch;
mod served;
mod test_all;
mod tidy;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::workspace::Workspace;

const USAGE: &str = "\
usage: cargo xtask <command>

  test                    everything CI runs; ends with the line 'N passed, N failed'
  tidy                    the rules of the tree (file sizes, floats, migrations, links, ...)
  edge                    the proof that the core does no I/O
  clients                 only the SDK conformance scripts of tests/clients
  exports                 only the exports in readers that are not ours (tests/files)
  docs                    only the runnable examples of README.md and docs/*.md
  postgres                a throw-away PostgreSQL in the foreground; prints its URL
  bench [--seconds N] [--receipts N]
                          speed on SQLite and PostgreSQL against the ceilings of the same run;
                          --receipts also fills that many first and compares (1000000 is the goal)";

fn main() -> ExitCode {
    match dispatch(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs one command; `Ok(false)` means that it ran to its end and found something wrong.
fn dispatch(args: &[String]) -> Result<bool> {
    let workspace = Workspace::locate()?;
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["test"] => Ok(test_all::run(&workspace)),
        ["tidy"] => Ok(test_all::only(|report| {
            report.gate("tidy", || tidy::check(workspace.root()));
        })),
        ["edge"] => Ok(test_all::only(|report| {
            report.gate("the core does no I/O", || edge::check(&workspace));
        })),
        ["clients"] => Ok(test_all::only(|report| clients::run(&workspace, report))),
        ["exports"] => Ok(test_all::only(|report| exports::run(&workspace, report))),
        ["docs"] => Ok(test_all::only(|report| docs::run(&workspace, report))),
        ["postgres"] => postgres::foreground().map(|()| true),
        ["bench", options @ ..] => {
            bench::run(&workspace, &bench::Options::parse(options)?).map(|()| true)
        }
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(true)
        }
        _ => bail!("unknown command '{}'\n{USAGE}", args.join(" ")),
    }
}
