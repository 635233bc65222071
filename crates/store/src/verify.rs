//! Replaying the ledger: does every entry balance, is every chain whole, do the balances and the
//! receipts say the same as the entries?
//!
//! It reads one consistent snapshot and changes nothing, so it may run beside a working process.
//! What it finds is told to people; nothing is ever repaired here. Memory stays bounded: rows are
//! read in pages.

mod chains;
mod documents;
mod receipts;

use std::fmt;

use chorsu_core::chain::ChainHash;
use chorsu_core::{BankService, Document, DocumentId, KassaId, OwnerId, ReceiptId, ServiceId};

use crate::error::StoreError;
use crate::postgres::verify::PostgresLedger;
use crate::sqlite::verify::SqliteLedger;
use crate::store::OpenOptions;

/// Findings kept word for word; the rest are only counted.
const FINDINGS_MAX: usize = 100;
/// Rows read at a time.
const PAGE: u32 = 5_000;

/// How far a verification has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Ledger entries, receipts or other documents.
    pub stage: Stage,
    /// How many of them are checked.
    pub done: u64,
    /// How many there are.
    pub total: u64,
}

/// The parts of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Replaying the chains of entries.
    Entries,
    /// Comparing receipts with their entries.
    Receipts,
    /// Comparing other documents with their entries.
    Documents,
}

/// What a verification has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Ledger entries.
    pub entries: u64,
    /// Chains of them.
    pub lanes: u64,
    /// Receipts.
    pub receipts: u64,
    /// Other documents.
    pub documents: u64,
    /// Ledger accounts.
    pub accounts: u64,
    /// What is wrong, up to a bound.
    pub findings: Vec<Finding>,
    /// How many things are wrong in all.
    pub findings_total: u64,
}

impl Report {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings_total == 0
    }

    fn find(&mut self, finding: fmt::Arguments<'_>) {
        self.findings_total += 1;
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding(finding.to_string()));
        }
    }
}

/// One thing that is wrong, as a sentence with the ids of the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding(String);

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Replays the ledger of a store. On SQLite it blocks the calling thread.
///
/// # Errors
/// When the database cannot be read, or was not made by this version. What is wrong with the ledger
/// is not an error but a finding.
pub async fn verify(
    options: &OpenOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, StoreError> {
    match options {
        OpenOptions::Sqlite { dir } => replay(SqliteLedger::open(dir)?, progress).await,
        OpenOptions::Postgres { url } => replay(PostgresLedger::open(url).await?, progress).await,
    }
}

async fn replay(
    ledger: impl Ledger,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, StoreError> {
    let mut report = Report::default();
    chains::check(&ledger, &mut report, progress).await?;
    receipts::check(&ledger, &mut report, progress).await?;
    documents::check(&ledger, &mut report, progress).await?;
    Ok(report)
}

/// A snapshot of what a backend has stored.
pub(crate) trait Ledger {
    /// How many receipts there are.
    async fn receipt_count(&self) -> Result<u64, StoreError>;
    /// The rows of all lanes.
    async fn lanes(&self) -> Result<Vec<StoredLane>, StoreError>;
    /// The rows of all balances.
    async fn balances(&self) -> Result<Vec<StoredBalance>, StoreError>;
    /// Entries after a place, by lane and number.
    async fn entries(&self, after: Place, limit: u32) -> Result<Vec<StoredEntry>, StoreError>;
    /// Receipts after an id, by id.
    async fn receipts(&self, after: &[u8], limit: u32) -> Result<Vec<StoredReceipt>, StoreError>;
    /// The entries about a range of documents, by document.
    async fn entries_of(&self, family: Family, range: &IdRange)
    -> Result<Vec<EntryOf>, StoreError>;
    /// The outbox rows about a range of documents, by document.
    async fn intents_of(
        &self,
        family: Family,
        range: &IdRange,
    ) -> Result<Vec<IntentOf>, StoreError>;
    /// How many other documents there are.
    async fn document_count(&self) -> Result<u64, StoreError>;
    /// Other documents after an id, by id.
    async fn documents(&self, after: &[u8], limit: u32) -> Result<Vec<StoredDocument>, StoreError>;
    /// Every bank service.
    async fn services(&self) -> Result<Vec<BankService>, StoreError>;
    /// Up to which entry of each lane days are counted.
    async fn day_marks(&self) -> Result<Vec<(i32, i64)>, StoreError>;
    /// What accounts changed by on each day, as it was counted.
    async fn balance_days(&self) -> Result<Vec<StoredDay>, StoreError>;
    /// How many rows about days of statements do not say what the lines say.
    async fn wrong_statement_days(&self) -> Result<i64, StoreError>;
    /// Of every statement how long it is, and its sums.
    async fn statements(&self) -> Result<Vec<StoredStatement>, StoreError>;
}

/// Receipts, or all other documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Receipts,
    Documents,
}

impl Family {
    /// The condition on the kind of an entry or an intent.
    pub(crate) const fn condition(self) -> &'static str {
        match self {
            Self::Receipts => {
                "kind IN ('receipt_paid', 'receipt_refunded', 'receipt_held', 'hold_ended', \
                 'debit', 'hold', 'capture', 'refund', 'release')"
            }
            Self::Documents => {
                "kind NOT IN ('receipt_paid', 'receipt_refunded', 'receipt_held', 'hold_ended', \
                 'debit', 'hold', 'capture', 'refund', 'release')"
            }
        }
    }
}

/// How long a service's statement is, and what its lines sum to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StoredStatement {
    pub(crate) service: ServiceId,
    pub(crate) lines: i64,
    pub(crate) last: i64,
    pub(crate) incoming: i64,
    pub(crate) outgoing: i64,
}

impl StoredStatement {
    /// The question that is answered with one of these a row, in the order of its fields.
    pub(crate) const SQL: &'static str = "SELECT service_id, count(*), max(id), \
         CAST(coalesce(sum(amount) FILTER (WHERE direction = 1), 0) AS bigint), \
         CAST(coalesce(sum(amount) FILTER (WHERE direction = 2), 0) AS bigint) \
         FROM statement_line GROUP BY service_id";
}

/// A row of `balance_day`.
pub(crate) struct StoredDay {
    pub(crate) account: String,
    pub(crate) day: i64,
    pub(crate) amount: i64,
}

/// Counts what the days of statements say and their lines do not, and the other way round.
pub(crate) const WRONG_STATEMENT_DAYS: &str = "WITH counted AS (SELECT service_id, bank_day, \
     direction, lines, amount, first_id, last_id FROM statement_day), \
     must AS (SELECT line.service_id, line.bank_day, line.direction, count(*) AS lines, \
     CAST(sum(line.amount) AS bigint) AS amount, min(line.id), max(line.id) \
     FROM statement_line AS line \
     JOIN statement_mark AS mark ON mark.service_id = line.service_id \
     AND line.id <= mark.last_id GROUP BY line.service_id, line.bank_day, line.direction), \
     wrong AS (SELECT * FROM counted EXCEPT SELECT * FROM must), \
     missing AS (SELECT * FROM must EXCEPT SELECT * FROM counted) \
     SELECT (SELECT count(*) FROM wrong) + (SELECT count(*) FROM missing)";

/// A row of `document`; one that is not as we write it cannot be read.
pub(crate) struct StoredDocument {
    pub(crate) id: DocumentId,
    pub(crate) document: Option<Document>,
}

impl StoredDocument {
    /// The row of this id, and what came of reading it.
    ///
    /// # Errors
    /// When it was not the row's fault that it could not be read.
    pub(crate) fn of(
        id: DocumentId,
        read: Result<Document, StoreError>,
    ) -> Result<Self, StoreError> {
        match read {
            Ok(document) => Ok(Self { id, document: Some(document) }),
            Err(StoreError::Corrupt(_)) => Ok(Self { id, document: None }),
            Err(error) => Err(error),
        }
    }
}

/// A place in the ledger; the default is before the first entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) lane: i32,
    pub(crate) seq: i64,
}

/// Ids after the first and up to the second, as bytes.
#[derive(Clone, Debug)]
pub(crate) struct IdRange {
    pub(crate) after: Vec<u8>,
    pub(crate) last: Vec<u8>,
}

/// A row of `lane`.
pub(crate) struct StoredLane {
    pub(crate) lane: i32,
    pub(crate) seq: i64,
    pub(crate) hash: Vec<u8>,
}

/// A row of `balance`.
pub(crate) struct StoredBalance {
    pub(crate) account: String,
    pub(crate) lane: i32,
    pub(crate) amount: i64,
}

/// A row of `entry`.
pub(crate) struct StoredEntry {
    pub(crate) place: Place,
    pub(crate) kind: String,
    pub(crate) owner: OwnerId,
    pub(crate) document: DocumentId,
    pub(crate) at: i64,
    pub(crate) postings: String,
    pub(crate) hash: ChainHash,
}

/// What of a row of `receipt` the ledger must agree with.
pub(crate) struct StoredReceipt {
    pub(crate) id: ReceiptId,
    pub(crate) kassa: KassaId,
    pub(crate) state: i16,
    pub(crate) amount: i64,
    pub(crate) is_paid: bool,
    pub(crate) is_held: bool,
    pub(crate) operation: Option<Vec<u8>>,
}

/// What of a row of `entry` its document must agree with.
pub(crate) struct EntryOf {
    pub(crate) document: DocumentId,
    pub(crate) owner: OwnerId,
    pub(crate) kind: String,
    pub(crate) postings: String,
}

/// What of a row of `outbox` its document must agree with.
pub(crate) struct IntentOf {
    pub(crate) document: DocumentId,
    pub(crate) operation: Vec<u8>,
    pub(crate) kind: String,
    pub(crate) amount: i64,
}

/// Rows ordered by document, taken from the front.
pub(crate) struct ByDocument<'a, R> {
    pub(crate) rows: &'a [R],
    pub(crate) id: fn(&R) -> DocumentId,
}

impl<'a, R> ByDocument<'a, R> {
    /// The rows before a document.
    pub(crate) fn before(&mut self, id: DocumentId) -> &'a [R] {
        self.take(|other| other < id)
    }

    /// The rows of a document.
    pub(crate) fn of(&mut self, id: DocumentId) -> &'a [R] {
        self.take(|other| other == id)
    }

    fn take(&mut self, wanted: impl Fn(DocumentId) -> bool) -> &'a [R] {
        let count = self.rows.iter().take_while(|row| wanted((self.id)(row))).count();
        let (taken, rest) = self.rows.split_at(count);
        self.rows = rest;
        taken
    }
}

/// The gross amount of an entry.
fn debits(postings: &Postings<'_>) -> i128 {
    postings.iter().map(|(_, amount)| i128::from(*amount.max(&0))).sum()
}

fn is_reverse(taken: &Postings<'_>, given: &Postings<'_>) -> bool {
    let mut pairs = taken.iter().zip(given);
    taken.len() == given.len()
        && pairs
            .all(|((from, taken), (to, given))| from == to && taken.checked_neg() == Some(*given))
}

/// Postings as they are stored: accounts and amounts.
type Postings<'a> = Vec<(&'a str, i64)>;

fn parse_postings(text: &str) -> Option<Postings<'_>> {
    serde_json::from_str(text).ok()
}
