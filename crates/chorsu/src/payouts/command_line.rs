//! `chorsu payouts import`: bulk payments from a file to a running server.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use chorsu_core::ServiceId;
use clap::{Args, Subcommand};

use super::client::Client;
use super::import::{Counts, Import};
use super::report::Status;

/// Most rows in flight at once.
const CONNECTIONS_MAX: usize = 1_024;

/// `chorsu payouts …`
#[derive(Debug, Subcommand)]
pub(crate) enum PayoutsCommand {
    /// Pay the rows of a CSV, XLSX or pain.001 file. Run the same command again after it broke
    /// off: rows that were paid are not paid again.
    Import(Box<ImportArgs>),
}

/// Options of `chorsu payouts import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The file.
    file: PathBuf,
    /// The server.
    #[arg(long, default_value = "http://127.0.0.1:8080", value_name = "URL")]
    url: String,
    /// The partner's user name.
    #[arg(long)]
    partner: String,
    /// The partner's password; without it, it is read from standard input.
    #[arg(long, env = "CHORSU_PARTNER_PASSWORD", hide_env_values = true)]
    password: Option<String>,
    /// The number of the service that pays.
    #[arg(long)]
    service: String,
    /// Have every row looked at, and pay none.
    #[arg(long)]
    dry_run: bool,
    /// Leave wrong rows out; without this, a file with wrong rows is not paid at all.
    #[arg(long)]
    skip_invalid: bool,
    /// The report, a line for each row; CSV, or JSON if it ends in .json, .jsonl or .ndjson
    /// [default: FILE.report.csv, or FILE.dry-run.csv].
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Rows in flight at once.
    #[arg(long, default_value_t = 64, value_name = "N")]
    connections: usize,
    /// How many seconds the server may be away before the import gives up.
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    patience: u64,
}

/// Runs `chorsu payouts`; an error unless every row is accepted, or valid in a dry run.
pub(crate) fn run(command: PayoutsCommand) -> anyhow::Result<()> {
    let PayoutsCommand::Import(args) = command;
    ensure!(
        (1..=CONNECTIONS_MAX).contains(&args.connections),
        "--connections is a number from 1 to {CONNECTIONS_MAX}"
    );
    let service = ServiceId::parse(&args.service).context("--service is a whole number")?;
    let password = match args.password {
        Some(password) => password,
        None => read_password(&mut std::io::stdin().lock())?,
    };
    let login = (args.partner, password);
    let patience = Duration::from_secs(args.patience);
    let client = Client::new(&args.url, login, service.0, patience)?;
    let report = args.report.unwrap_or_else(|| {
        let mut name = args.file.clone().into_os_string();
        name.push(if args.dry_run { ".dry-run.csv" } else { ".report.csv" });
        name.into()
    });
    let import = Import {
        file: &args.file,
        report: &report,
        connections: args.connections,
        skip_invalid: args.skip_invalid,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let counts = runtime.block_on(async {
        if args.dry_run { import.dry_run(&client).await } else { import.pay(&client).await }
    })?;
    let mut out = std::io::stdout().lock();
    for (what, count) in &counts {
        writeln!(out, "{what}\t{count}")?;
    }
    writeln!(out, "report\t{}", report.display())?;
    if is_good(&counts) { Ok(()) } else { bail!("some rows are not paid; see the report") }
}

/// Whether nothing is left to do.
fn is_good(counts: &Counts) -> bool {
    let bad = [Status::Known, Status::Refused, Status::Invalid, Status::Unknown];
    bad.iter().all(|status| !counts.contains_key(status.name()))
}

fn read_password(input: &mut impl std::io::BufRead) -> anyhow::Result<String> {
    let mut line = String::new();
    input.read_line(&mut line).context("cannot read the password from standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
