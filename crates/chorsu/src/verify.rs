//! `chorsu verify`: replays the ledger and compares it with everything that rests on it.

use std::io::IsTerminal as _;

use anyhow::{Context as _, bail};
use chorsu_store::OpenOptions;
use chorsu_store::verify::{Progress, Stage, verify};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::VerifyArgs;
use crate::config::{self, DEFAULT_DATA};

/// Prints what was checked and found; an error when anything is wrong.
#[expect(clippy::print_stdout, reason = "the report is what the command prints")]
pub(crate) fn run(args: VerifyArgs) -> anyhow::Result<()> {
    let data = args.data.unwrap_or_else(|| DEFAULT_DATA.into());
    let options = config::store(args.database, data);
    let place = match &options {
        OpenOptions::Sqlite { dir } => dir.display().to_string(),
        OpenOptions::Postgres { .. } => "the PostgreSQL database".to_owned(),
    };
    let bar = if std::io::stderr().is_terminal() { bar() } else { ProgressBar::hidden() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime
        .block_on(verify(&options, &mut |progress| show(&bar, progress)))
        .with_context(|| format!("cannot verify {place}"))?;
    bar.finish_and_clear();
    println!(
        "{} entries in {} chains, {} accounts, {} receipts, {} other documents",
        report.entries, report.lanes, report.accounts, report.receipts, report.documents
    );
    if report.is_clean() {
        println!("the ledger balances, every chain is whole, and every document agrees with it");
        return Ok(());
    }
    for finding in &report.findings {
        println!("WRONG: {finding}");
    }
    bail!("{} things are wrong in {place}", report.findings_total)
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:10} {wide_bar} {pos}/{len}");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn show(bar: &ProgressBar, progress: Progress) {
    bar.set_message(match progress.stage {
        Stage::Entries => "entries",
        Stage::Receipts => "receipts",
        Stage::Documents => "documents",
    });
    bar.set_length(progress.total);
    bar.set_position(progress.done);
}
