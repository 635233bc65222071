//! What can go wrong between a command and its durable answer.

use std::error::Error as _;

use chorsu_core::Reject;
use tokio_postgres::error::{Severity, SqlState};

/// A failure of the database or of what it holds. Nothing of it is shown to API callers.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite failed.
    #[error("SQLite failed")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL failed or the connection to it broke.
    #[error("PostgreSQL failed")]
    Postgres(#[from] PostgresFailure),
    /// The connection to PostgreSQL broke during a commit, and whether it happened could not be
    /// found out in time. What it would have written must not be written again.
    #[error("PostgreSQL went away during a commit whose outcome is not known")]
    InDoubt,
    /// A stored value is not what this version writes; the row must be looked at by a person.
    #[error("stored {0} is not readable")]
    Corrupt(&'static str),
    /// The schema was made by a newer version, or a shipped migration was changed.
    #[error("migration {number} in the database is not the one of this version")]
    Migration {
        /// Its number.
        number: i64,
    },
    /// Another process has this data directory open.
    #[error("the database {0} is in use by another process")]
    InUse(String),
    /// The database address is not one of PostgreSQL.
    #[error("cannot open the database: {0}")]
    Address(String),
    /// A file or folder could not be used.
    #[error("cannot use {path}")]
    File {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A worker of the store has stopped.
    #[error("the store is stopping")]
    Stopped,
}

/// What PostgreSQL reported, without the stored values that its own reports carry.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct PostgresFailure {
    what: String,
    code: Option<SqlState>,
    column: Option<String>,
    rolled_back: bool,
}

impl PostgresFailure {
    /// Whether the server itself reported that it undid the transaction. Otherwise the connection
    /// broke.
    pub(crate) fn is_rolled_back(&self) -> bool {
        self.rolled_back
    }

    /// Whether the same batch may well succeed when it is tried again at once: it lost a race
    /// against another lane, or its connection.
    pub(crate) fn is_passing(&self) -> bool {
        match &self.code {
            Some(code) if self.rolled_back => {
                let lost_races = [
                    SqlState::T_R_SERIALIZATION_FAILURE,
                    SqlState::T_R_DEADLOCK_DETECTED,
                    SqlState::UNIQUE_VIOLATION,
                ];
                lost_races.contains(code) || self.is_of_stale_rows() || self.is_of_lost_chain()
            }
            _ => true,
        }
    }

    /// Whether the lane's row refused the write because another writer has put its name on it.
    pub(crate) fn is_of_lost_chain(&self) -> bool {
        self.is_missing("batch")
    }

    /// Whether the lane's row refused the write because another lane has changed a row on which
    /// the batch was decided.
    fn is_of_stale_rows(&self) -> bool {
        self.is_missing("seq")
    }

    fn is_missing(&self, column: &str) -> bool {
        self.code.as_ref() == Some(&SqlState::NOT_NULL_VIOLATION)
            && self.column.as_deref() == Some(column)
    }

    /// A failure that PostgreSQL did not report.
    pub(crate) fn new(what: &str) -> Self {
        Self { what: what.to_owned(), code: None, column: None, rolled_back: false }
    }
}

impl From<tokio_postgres::Error> for PostgresFailure {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(report) = error.as_db_error() else {
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            return Self::new(&format!("{error}{cause}"));
        };
        let code = report.code().clone();
        // A report's details quote rows, and the messages of class 22 quote values.
        let quotes_values = code.code().starts_with("22");
        let message = if quotes_values { "a value is not accepted" } else { report.message() };
        let constraint = report.constraint().map(|name| format!(", {name}")).unwrap_or_default();
        let what = format!("{message} (SQLSTATE {}{constraint})", code.code());
        let rolled_back = report.parsed_severity() == Some(Severity::Error);
        let column = report.column().map(str::to_owned);
        Self { what, code: Some(code), column, rolled_back }
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Postgres(error.into())
    }
}

/// Why a command has no [`Reply`](chorsu_core::Reply).
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The request is refused; nothing was written.
    #[error(transparent)]
    Rejected(#[from] Reject),
    /// The queue is full; nothing was written and the caller may try again later.
    #[error("the store is overloaded")]
    Busy,
    /// The database failed. Nothing was written, unless the connection broke during the commit:
    /// then only asking again tells.
    #[error("the store has failed")]
    Failed,
}
