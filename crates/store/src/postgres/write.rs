//! Writing a batch: everything it changed in one statement, which is a transaction.

use std::collections::BTreeMap;

use chorsu_core::{Account, Rows};

use super::changes::Changes;
use super::document::DocumentChanges;
use super::parameters::Parameters;
use super::row::{Version, version_of};
use super::session::{LaneRow, Loaded, Session};
use super::statements::Scope;
use crate::batch::{ChainedEntry, chain};
use crate::error::PostgresFailure;

/// How a transaction ended that was not committed for certain.
#[derive(Debug)]
pub(super) enum Undone {
    /// The server has rolled it back.
    Certainly(PostgresFailure),
    /// The connection broke while the commit was on its way.
    Perhaps(PostgresFailure),
}

impl Undone {
    fn of(failure: PostgresFailure) -> Self {
        if failure.is_rolled_back() { Self::Certainly(failure) } else { Self::Perhaps(failure) }
    }
}

impl From<tokio_postgres::Error> for Undone {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::of(error.into())
    }
}

/// Who writes: the writer of the lane, and the owner of the intents.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    pub(super) writer: &'a str,
    pub(super) owner: &'a str,
}

/// Everything that a batch changes.
pub(super) struct Batch<'a> {
    pub(super) scope: Scope,
    pub(super) changes: Changes<'a>,
    pub(super) documents: DocumentChanges<'a>,
    /// The lane's row as it will be.
    pub(super) next: &'a LaneRow,
}

/// A batch's ledger entries in their places, and the lane's row as it will be after them.
pub(super) struct Chained {
    entries: Vec<ChainedEntry>,
    balances: BTreeMap<Account, i64>,
    next: LaneRow,
}

impl Session {
    /// Puts the entries of a batch at the end of the lane's chain. This is where a defect would
    /// panic, so it must be done before anything is sent.
    pub(super) fn chain(&self, rows: &mut Rows) -> Chained {
        let entries = std::mem::take(&mut rows.entries);
        let (head, entries, balances) = chain(self.claim.lane, self.lane.head, entries);
        assert!(
            rows.next_number <= self.lane.numbers_end,
            "a lane gives out its own receipt numbers only"
        );
        let batch = self.lane.batch + 1;
        let next = LaneRow { head, next_number: rows.next_number, batch, ..self.lane };
        Chained { entries, balances, next }
    }

    /// Writes what a batch has changed and commits.
    ///
    /// # Errors
    /// Says whether the changes may nevertheless have been committed.
    pub(super) async fn store(
        &mut self,
        loaded: Loaded,
        chained: Chained,
        names: Names<'_>,
    ) -> Result<(), Undone> {
        let Loaded { rows, versions, pans } = loaded;
        let Chained { entries, balances, next } = chained;
        let changes = Changes::of(&rows, &versions, &pans, &entries, &balances);
        let documents = DocumentChanges::of(&rows, &versions)
            .map_err(|_| Undone::Certainly(PostgresFailure::new("a document is not writable")))?;
        let scope = changes.scope(&documents);
        let batch = Batch { scope, changes, documents, next: &next };
        let written = self.write(&batch, names).await?;
        self.memory.keep(rows, &versions, written);
        self.is_open = false;
        self.lane = next;
        Ok(())
    }

    /// Sends the statement, and the commit right behind it where a transaction has begun; else the
    /// statement commits by itself. All is done only when the server is ready for the next, not
    /// already when it has counted the rows.
    async fn write(&self, batch: &Batch<'_>, names: Names<'_>) -> Result<Version, Undone> {
        let Self { client, statements, is_open, .. } = self;
        let statement = statements.write(batch.scope);
        let parameters = Parameters::of(batch, i32::from(self.claim.lane), names);
        let parameters = parameters.as_slice();
        let (written, committed) = tokio::join!(
            biased;
            client.query_one(statement, &parameters),
            async {
                if *is_open { client.batch_execute("COMMIT").await } else { Ok(()) }
            },
        );
        let written = written?;
        committed?;
        Ok(version_of(written.try_get(0)?))
    }
}
