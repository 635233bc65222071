//! `chorsu export` and `chorsu settlement-rule`: they open the store, so on SQLite no server may be
//! running.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use chorsu_core::{KassaId, PartnerId, ServiceId};
use chorsu_files::StatementFormat;
use chorsu_store::{Register, Store};
use clap::{Args, Subcommand};

use super::export::{self, Reader, StatementError, Wanted};
use super::rule::{Rule, RuleBook};
use crate::bank::command_line::{StoreArgs, on_store};
use crate::bank::partner::Partner;
use crate::bank::real_now;

/// `chorsu export …`
#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// A service's statement.
    Statement(StatementArgs),
}

/// Options of `chorsu export statement`.
#[derive(Debug, Args)]
pub(crate) struct StatementArgs {
    /// The service's number.
    #[arg(long)]
    service: String,
    /// The first bank day, `YYYY-MM-DD`.
    #[arg(long)]
    from: String,
    /// The last bank day, itself included.
    #[arg(long)]
    to: String,
    /// One of 1c, 1c-utf8, csv, csv-plain, xlsx, camt053.
    #[arg(long)]
    format: String,
    /// Where to write it.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    store: StoreArgs,
}

/// `chorsu settlement-rule …`
#[derive(Debug, Subcommand)]
pub(crate) enum RuleCommand {
    /// Say how a merchant is paid out: a JSON file, without its `partner`.
    Put {
        /// The kassa's id.
        merchant: String,
        /// The file.
        file: PathBuf,
        /// The user name of the partner whose service pays.
        #[arg(long)]
        partner: String,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// List the rules.
    List {
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// Runs `chorsu export`.
pub(crate) fn export(command: ExportCommand) -> anyhow::Result<()> {
    let ExportCommand::Statement(args) = command;
    let format = StatementFormat::from_name(&args.format).with_context(|| {
        let known = StatementFormat::ALL.map(StatementFormat::name).join(", ");
        format!("--format {:?} is none of: {known}", args.format)
    })?;
    let (from, to) = export::period(&args.from, &args.to)
        .context("--from and --to are days like 2026-11-20, the first not after the last")?;
    let number = ServiceId::parse(&args.service).context("a service's number is a whole number")?;
    let StatementArgs { output, store, .. } = args;
    on_store(store, async |store| {
        let service = store.service(number).await?;
        let service = service.with_context(|| format!("there is no service {number}"))?;
        let wanted = Wanted { service, from, to, format, created_at: real_now() };
        write_file(store, &wanted, &output).await
    })
}

/// Writes beside the file and puts it in its place: half a file is never there.
async fn write_file(store: &Store, wanted: &Wanted, output: &Path) -> anyhow::Result<()> {
    let place = || format!("cannot write {}", output.display());
    let mut name = output.file_name().context("--output names no file")?.to_owned();
    name.push(".part");
    let part = output.with_file_name(name);
    let file = File::create(&part).with_context(place)?;
    let written = write(store, wanted, file).await;
    let done = written.and_then(|()| Ok(std::fs::rename(&part, output)?));
    if done.is_err() {
        // What is left of it is of no use to anybody.
        let _ = std::fs::remove_file(&part);
    }
    done.with_context(place)
}

async fn write(store: &Store, wanted: &Wanted, file: File) -> anyhow::Result<()> {
    let (reader, writer, lines) = Reader::open(store, wanted).await?;
    let writing = tokio::task::spawn_blocking(move || writer.write(file));
    let read = reader.read(lines).await;
    let written = writing.await?;
    match read {
        Err(StatementError::BrokeOff) | Ok(()) => Ok(written?.sync_all()?),
        Err(error) => Err(error.into()),
    }
}

/// Runs `chorsu settlement-rule`.
pub(crate) fn rule(command: RuleCommand) -> anyhow::Result<()> {
    match command {
        RuleCommand::Put { merchant, file, partner, store } => {
            on_store(store, async |store| put(store, &merchant, &file, &partner).await)
        }
        RuleCommand::List { store } => on_store(store, list),
    }
}

async fn put(store: &Store, merchant: &str, file: &Path, partner: &str) -> anyhow::Result<()> {
    let merchant: KassaId = merchant.parse().context("a merchant is named by its kassa's id")?;
    let known = store.kassas().await?;
    ensure!(known.iter().any(|kassa| kassa.id == merchant), "there is no kassa {merchant}");
    let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let rule = Rule::from_json(&text).with_context(|| file.display().to_string())?;
    let id = partner_named(store, partner).await?;
    let rule = Rule { partner: id.to_string(), ..rule };
    let service = store.service(rule.service()).await?;
    if service.is_none_or(|service| service.partner != id) {
        bail!("partner {partner} has no service {}", rule.service);
    }
    store.put_register(Register::SettlementRules, merchant.0, rule.to_json()).await?;
    print(format_args!("{merchant} is paid out by service {} of {partner}", rule.service))
}

async fn partner_named(store: &Store, name: &str) -> anyhow::Result<PartnerId> {
    let rows = store.register(Register::Partners).await?;
    let mut partners = rows.iter().filter_map(|(id, text)| Partner::from_row(*id, text));
    let found = partners.find(|partner| partner.username == name);
    Ok(found.with_context(|| format!("there is no partner {name:?}"))?.id)
}

async fn list(store: &Store) -> anyhow::Result<()> {
    for (merchant, rule) in RuleBook::read(store).await?.iter() {
        print(format_args!("{merchant}\t{}", rule.to_json()))?;
    }
    Ok(())
}

fn print(line: std::fmt::Arguments<'_>) -> anyhow::Result<()> {
    writeln!(std::io::stdout().lock(), "{line}").context("cannot print")
}
