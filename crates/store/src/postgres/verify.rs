//! What PostgreSQL has stored, as the replay reads it.

use tokio_postgres::{Client, Row, Statement};

use super::connect::{BY_KEY_ONLY, configuration, connect};
use super::row;
use crate::error::{PostgresFailure, StoreError};
use crate::migrate;
use crate::verify::{
    IdRange, Ledger, Place, StoredBalance, StoredDocument, StoredEntry, StoredIntent, StoredLane,
    StoredReceipt,
};

/// One snapshot for everything that is read, however long it takes.
const BEGIN: &str = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; \
     BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// A snapshot of a PostgreSQL database.
pub(crate) struct PostgresLedger {
    client: Client,
    entries: Statement,
    receipts: Statement,
    documents: Statement,
    intents: Statement,
}

impl PostgresLedger {
    pub(crate) async fn open(url: &str) -> Result<Self, StoreError> {
        let client = connect(&configuration(url)?).await?;
        client.batch_execute(BY_KEY_ONLY).await?;
        client.batch_execute(BEGIN).await?;
        check_schema(&client).await?;
        Ok(Self {
            entries: client
                .prepare(
                    "SELECT lane, seq, kind, kassa_id, receipt_id, at, postings, hash FROM entry \
                     WHERE (lane, seq) > ($1, $2) ORDER BY lane, seq LIMIT $3",
                )
                .await?,
            receipts: client
                .prepare(
                    "SELECT id, kassa_id, state, amount, paid_at IS NOT NULL, \
                     held_at IS NOT NULL, operation FROM receipt \
                     WHERE id > $1 ORDER BY id LIMIT $2",
                )
                .await?,
            documents: client
                .prepare(
                    "SELECT receipt_id, kassa_id, kind, postings FROM entry \
                     WHERE receipt_id > $1 AND receipt_id <= $2 ORDER BY receipt_id",
                )
                .await?,
            intents: client
                .prepare(
                    "SELECT receipt_id, operation, kind, amount FROM outbox \
                     WHERE receipt_id > $1 AND receipt_id <= $2 ORDER BY receipt_id",
                )
                .await?,
            client,
        })
    }
}

/// Only a schema of this version can be read.
async fn check_schema(client: &Client) -> Result<(), StoreError> {
    let applied = client
        .query("SELECT number, checksum FROM migration ORDER BY number", &[])
        .await?
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect::<Result<Vec<(i64, String)>, StoreError>>()?;
    migrate::check(&applied, |migration| migration.postgres)
}

impl Ledger for PostgresLedger {
    async fn receipt_count(&self) -> Result<u64, StoreError> {
        let found = self.client.query_one("SELECT count(*) FROM receipt", &[]).await?;
        u64::try_from(found.try_get::<_, i64>(0)?)
            .map_err(|_| PostgresFailure::new("a count is negative").into())
    }

    async fn lanes(&self) -> Result<Vec<StoredLane>, StoreError> {
        let found =
            self.client.query("SELECT lane, seq, hash FROM lane ORDER BY lane", &[]).await?;
        let lane = |row: &Row| {
            Ok(StoredLane { lane: row.try_get(0)?, seq: row.try_get(1)?, hash: row.try_get(2)? })
        };
        found.iter().map(lane).collect()
    }

    async fn balances(&self) -> Result<Vec<StoredBalance>, StoreError> {
        let found = self.client.query("SELECT account, lane, amount FROM balance", &[]).await?;
        let balance = |row: &Row| {
            Ok(StoredBalance {
                account: row.try_get(0)?,
                lane: row.try_get(1)?,
                amount: row.try_get(2)?,
            })
        };
        found.iter().map(balance).collect()
    }

    async fn entries(&self, after: Place, limit: u32) -> Result<Vec<StoredEntry>, StoreError> {
        let found =
            self.client.query(&self.entries, &[&after.lane, &after.seq, &i64::from(limit)]).await?;
        let entry = |row: &Row| {
            Ok(StoredEntry {
                place: Place { lane: row.try_get(0)?, seq: row.try_get(1)? },
                kind: row.try_get(2)?,
                kassa: row::kassa_id(row, 3)?,
                receipt: row::receipt_id(row, 4)?,
                at: row.try_get(5)?,
                postings: row.try_get(6)?,
                hash: row::hash(row, 7)?,
            })
        };
        found.iter().map(entry).collect()
    }

    async fn receipts(&self, after: &[u8], limit: u32) -> Result<Vec<StoredReceipt>, StoreError> {
        let found = self.client.query(&self.receipts, &[&after, &i64::from(limit)]).await?;
        let receipt = |row: &Row| {
            Ok(StoredReceipt {
                id: row::receipt_id(row, 0)?,
                kassa: row::kassa_id(row, 1)?,
                state: row.try_get(2)?,
                amount: row.try_get(3)?,
                is_paid: row.try_get(4)?,
                is_held: row.try_get(5)?,
                operation: row.try_get(6)?,
            })
        };
        found.iter().map(receipt).collect()
    }

    async fn documents(&self, range: &IdRange) -> Result<Vec<StoredDocument>, StoreError> {
        let found = self.client.query(&self.documents, &[&range.after, &range.last]).await?;
        let document = |row: &Row| {
            Ok(StoredDocument {
                receipt: row::receipt_id(row, 0)?,
                kassa: row::kassa_id(row, 1)?,
                kind: row.try_get(2)?,
                postings: row.try_get(3)?,
            })
        };
        found.iter().map(document).collect()
    }

    async fn intents(&self, range: &IdRange) -> Result<Vec<StoredIntent>, StoreError> {
        let found = self.client.query(&self.intents, &[&range.after, &range.last]).await?;
        let intent = |row: &Row| {
            Ok(StoredIntent {
                receipt: row::receipt_id(row, 0)?,
                operation: row.try_get(1)?,
                kind: row.try_get(2)?,
                amount: row.try_get(3)?,
            })
        };
        found.iter().map(intent).collect()
    }
}
