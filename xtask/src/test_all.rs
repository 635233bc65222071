//! `cargo xtask test`: everything, in the order in which a mistake is cheapest to find.
//!
//! A step that cannot run because an earlier one failed is a failure too.

use crate::cargo_test;
use crate::clients;
use crate::docs;
use crate::edge;
use crate::exports;
use crate::postgres::Postgres;
use crate::process::run as run_command;
use crate::report::Report;
use crate::tidy;
use crate::workspace::Workspace;

/// Runs some steps with a tally of their own; true when nothing failed.
pub(crate) fn only(steps: impl FnOnce(&mut Report)) -> bool {
    let mut report = Report::default();
    steps(&mut report);
    report.finish()
}

/// Runs all steps; true when nothing failed.
pub(crate) fn run(workspace: &Workspace) -> bool {
    only(|report| {
        gates(workspace, report);
        let built = report.gate("cargo build --release", || {
            run_command(workspace.cargo().args(["build", "--release"]))?;
            workspace.built_binary().map(|_| ())
        });
        tests(workspace, report);
        if built {
            clients::run(workspace, report);
            exports::run(workspace, report);
            docs::run(workspace, report);
        } else {
            report.not_run("clients", "the release binary was not built");
            report.not_run("exports", "the release binary was not built");
            report.not_run("docs", "the release binary was not built");
        }
    })
}

/// The checks that need no running server.
fn gates(workspace: &Workspace, report: &mut Report) {
    report.gate("cargo fmt", || {
        run_command(workspace.cargo().args(["fmt", "--all", "--", "--check"]))
    });
    report.gate("tidy", || tidy::check(workspace.root()));
    report.gate("the core does no I/O", || edge::check(workspace));
    report.gate("cargo clippy", || {
        let mut clippy = workspace.cargo();
        clippy.args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
        run_command(&mut clippy)
    });
}

/// Every Rust test, on both databases.
fn tests(workspace: &Workspace, report: &mut Report) {
    let mut server = None;
    report.gate("PostgreSQL for the tests", || {
        let started = Postgres::start()?;
        println!("{}", started.sql("postgres", "SELECT version()")?.trim());
        server = Some(started);
        Ok(())
    });
    match &server {
        Some(server) => {
            report.counted("cargo test", || cargo_test::run(workspace, &server.url("postgres")));
        }
        None => report.not_run("cargo test", "there is no PostgreSQL server"),
    }
}
