//! An import from the command line: the file row by row to a running server, with a report that
//! says where to go on.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, IsTerminal as _, Read as _};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use chorsu_files::{BulkFormat, BulkRow};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::client::{Client, Halt};
use super::report::{Record, ReportFile, Status};
use super::rows::{self, Row, Totals};

/// Rows that are read ahead.
const AHEAD: usize = 1_024;
/// How often a line is printed where nobody sees the bar.
const LINE_EVERY: Duration = Duration::from_secs(5);
/// Problems that are printed.
const SHOWN: usize = 10;

/// What an import was told.
pub(crate) struct Import<'a> {
    /// The file.
    pub(crate) file: &'a Path,
    /// The report.
    pub(crate) report: &'a Path,
    /// Rows in flight at once.
    pub(crate) connections: usize,
    /// Wrong rows are left out; without this, a file with wrong rows is not paid at all.
    pub(crate) skip_invalid: bool,
}

/// What came of an import: rows by what became of them.
pub(crate) type Counts = BTreeMap<&'static str, u64>;

impl Import<'_> {
    fn open(&self) -> anyhow::Result<BufReader<File>> {
        let file = File::open(self.file);
        file.map(BufReader::new).with_context(|| format!("cannot read {}", self.file.display()))
    }

    fn format(&self) -> anyhow::Result<BulkFormat> {
        let mut begin = Vec::with_capacity(64);
        self.open()?.take(64).read_to_end(&mut begin)?;
        Ok(rows::sniff(&begin))
    }

    /// Looks through the file.
    ///
    /// # Errors
    /// When it cannot be understood.
    pub(crate) fn totals(&self) -> anyhow::Result<Totals> {
        let mut totals = Totals::default();
        rows::scan(self.format()?, self.open()?, |row| {
            totals.add(&row);
            true
        })
        .with_context(|| self.file.display().to_string())?;
        Ok(totals)
    }

    /// Pays the rows that the report does not call accepted.
    ///
    /// # Errors
    /// When the file or the report cannot be used, or the server is away; what was reported by
    /// then stays reported.
    pub(crate) async fn pay(&self, client: &Client) -> anyhow::Result<Counts> {
        let totals = self.totals()?;
        for problem in totals.problems.iter().take(SHOWN) {
            say(format_args!("{problem}"));
        }
        if totals.wrong > 0 && !self.skip_invalid {
            bail!(
                "{} of {} rows are wrong and nothing was paid; correct them, or leave them out \
                 with --skip-invalid",
                totals.wrong,
                totals.rows
            );
        }
        let mut report = ReportFile::open(self.report)?;
        let (sender, mut read) = mpsc::channel(AHEAD);
        let (format, file) = (self.format()?, self.open()?);
        let reading = tokio::task::spawn_blocking(move || {
            rows::scan(format, file, |row| sender.blocking_send(row).is_ok())
        });
        let mut progress = Progress::new(totals.rows);
        let mut working: JoinSet<Result<Record, Halt>> = JoinSet::new();
        while let Some(row) = read.recv().await {
            let row = match row {
                Row::Payment(row) => row,
                Row::Wrong(error) => {
                    note(&mut report, &mut progress, &invalid(error.row, error.to_string()))?;
                    continue;
                }
                Row::Repeated { row, first } => {
                    let words = rows::repeated(row.row, first);
                    note(&mut report, &mut progress, &invalid(row.row, words))?;
                    continue;
                }
            };
            if report.is_done(row.row, &row.order_key, row.amount.get())? {
                progress.add("done before");
                continue;
            }
            if working.len() >= self.connections {
                finish(working.join_next().await, &mut report, &mut progress)?;
            }
            let client = client.clone();
            working.spawn(async move { pay(&client, &row).await });
        }
        while let Some(done) = working.join_next().await {
            finish(Some(done), &mut report, &mut progress)?;
        }
        reading.await?.with_context(|| self.file.display().to_string())?;
        Ok(progress.finish())
    }

    /// Has the server look at every row, without paying any.
    ///
    /// # Errors
    /// When the file cannot be read or the server does not look at it.
    pub(crate) async fn dry_run(&self, client: &Client) -> anyhow::Result<Counts> {
        let totals = self.totals()?;
        let body = std::fs::read(self.file)
            .with_context(|| format!("cannot read {}", self.file.display()))?;
        let mut answer = client.dry_run(body).await?;
        if !(200..300).contains(&answer.status) {
            let mut words = Vec::new();
            while let Some(piece) = answer.chunk().await? {
                words.extend_from_slice(&piece);
            }
            bail!("the server does not look at the file: {}", String::from_utf8_lossy(&words));
        }
        // A dry run has nothing to go on from.
        if self.report.exists() {
            std::fs::remove_file(self.report)?;
        }
        let mut report = ReportFile::open(self.report)?;
        let mut progress = Progress::new(totals.rows);
        let mut pending = Vec::new();
        while let Some(piece) = answer.chunk().await? {
            pending.extend_from_slice(&piece);
            while let Some(end) = pending.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = pending.drain(..=end).collect();
                if let Ok(record) = serde_json::from_slice::<Record>(&line) {
                    note(&mut report, &mut progress, &record)?;
                }
            }
        }
        let counts = progress.finish();
        ensure!(counts.values().sum::<u64>() == totals.rows, "the server's answer broke off");
        Ok(counts)
    }
}

async fn pay(client: &Client, row: &BulkRow) -> Result<Record, Halt> {
    client.pay(row).await
}

fn invalid(row: u64, message: String) -> Record {
    Record {
        row,
        order_id: String::new(),
        amount: 0,
        status: Status::Invalid,
        code: 0,
        payment_status: String::new(),
        doc_id: String::new(),
        message,
    }
}

fn note(report: &mut ReportFile, progress: &mut Progress, record: &Record) -> anyhow::Result<()> {
    report.add(record).context("cannot write the report")?;
    progress.add(record.status.name());
    Ok(())
}

fn finish(
    done: Option<Result<Result<Record, Halt>, tokio::task::JoinError>>,
    report: &mut ReportFile,
    progress: &mut Progress,
) -> anyhow::Result<()> {
    match done {
        Some(done) => note(report, progress, &done??),
        None => Ok(()),
    }
}

/// Says on standard error how it goes: a bar where a person watches, else a line now and then.
struct Progress {
    bar: ProgressBar,
    counts: Counts,
    begin: Instant,
    said: Instant,
    rows: u64,
}

impl Progress {
    fn new(rows: u64) -> Self {
        let bar = match std::io::stderr().is_terminal() {
            true => ProgressBar::new(rows),
            false => ProgressBar::hidden(),
        };
        if let Ok(style) = ProgressStyle::with_template(
            "[{bar:40}] {pos}/{len} rows  {per_sec}  {eta} left  {msg}",
        ) {
            bar.set_style(style);
        }
        let now = Instant::now();
        Self { bar, counts: Counts::new(), begin: now, said: now, rows }
    }

    fn add(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
        self.bar.inc(1);
        if self.bar.is_hidden() && self.said.elapsed() >= LINE_EVERY {
            self.said = Instant::now();
            let done: u64 = self.counts.values().sum();
            say(format_args!("{done} of {} rows", self.rows));
        }
    }

    fn finish(self) -> Counts {
        self.bar.finish_and_clear();
        let done: u64 = self.counts.values().sum();
        let seconds = self.begin.elapsed().as_secs();
        say(format_args!("{done} rows in {seconds} s"));
        self.counts
    }
}

#[expect(clippy::print_stderr, reason = "this is what the person at the terminal is told")]
fn say(line: std::fmt::Arguments<'_>) {
    eprintln!("{line}");
}
