//! The books of the counterparties that the sandbox plays: records of JSON text under a kind and
//! an id, read and written in one transaction.
//!
//! This crate gives no meaning to the records; the sandbox does. Nothing here belongs to the
//! ledger.

use crate::error::StoreError;
use crate::postgres::book::PostgresBook;
use crate::sqlite::book::SqliteBook;
use crate::store::OpenOptions;

/// The table of records; the same text is valid in both databases.
pub(crate) const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS sandbox_record (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, id)
)";

/// A new body for one of the records that were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which: the place of its key in the request.
    pub key: usize,
    /// What it becomes.
    pub body: String,
}

/// The open books. Every call blocks: they want a thread of their own, outside any runtime.
pub struct Book(Backend);

enum Backend {
    Sqlite(SqliteBook),
    Postgres(Box<PostgresBook>),
}

impl Book {
    /// Opens the books that belong to a store; the processes of one PostgreSQL share them.
    ///
    /// # Errors
    /// When the database fails.
    pub fn open(options: &OpenOptions) -> Result<Self, StoreError> {
        Ok(Self(match options {
            OpenOptions::Sqlite { dir } => Backend::Sqlite(SqliteBook::open(dir)?),
            OpenOptions::Postgres { url } => Backend::Postgres(Box::new(PostgresBook::open(url)?)),
        }))
    }

    /// One transaction: reads the records of `keys` (kind and id, each once), gives them to
    /// `decide` in that order, and writes the changes it returns. Durable against a killed
    /// process when it returns.
    ///
    /// `decide` may be run more than once, and on records that turn out to have changed; what it
    /// returns last is what is written.
    ///
    /// # Errors
    /// When the database fails; nothing is written then.
    pub fn transact(
        &mut self,
        keys: &[(&str, &str)],
        decide: &mut dyn FnMut(Vec<Option<String>>) -> Vec<Change>,
    ) -> Result<(), StoreError> {
        match &mut self.0 {
            Backend::Sqlite(book) => book.transact(keys, decide),
            Backend::Postgres(book) => book.transact(keys, decide),
        }
    }

    /// The `limit` records of a kind with the greatest ids, greatest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn newest(
        &mut self,
        kind: &str,
        limit: usize,
    ) -> Result<Vec<(String, String)>, StoreError> {
        match &mut self.0 {
            Backend::Sqlite(book) => book.newest(kind, limit),
            Backend::Postgres(book) => book.newest(kind, limit),
        }
    }
}
