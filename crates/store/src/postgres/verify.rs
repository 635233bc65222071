//! What PostgreSQL has stored, as the replay reads it.

use chorsu_core::{BankService, DocumentId, OwnerId, ServiceId};
use tokio_postgres::{Client, Row, Statement};

use super::connect::{BY_KEY_ONLY, configuration, connect};
use super::document::{DOCUMENT_COLUMNS, SERVICE_COLUMNS, document, service};
use super::row;
use crate::error::{PostgresFailure, StoreError};
use crate::migrate;
use crate::verify::{
    EntryOf, Family, IdRange, IntentOf, Ledger, Place, StoredBalance, StoredDay, StoredDocument,
    StoredEntry, StoredLane, StoredReceipt, StoredStatement, WRONG_STATEMENT_DAYS,
};

/// One snapshot for everything that is read, however long it takes.
const BEGIN: &str = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; \
     BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// A snapshot of a PostgreSQL database.
pub(crate) struct PostgresLedger {
    client: Client,
    entries: Statement,
    receipts: Statement,
    entries_of: [Statement; 2],
    intents_of: [Statement; 2],
    documents: Statement,
}

impl PostgresLedger {
    pub(crate) async fn open(url: &str) -> Result<Self, StoreError> {
        let client = connect(&configuration(url)?).await?;
        client.batch_execute(BY_KEY_ONLY).await?;
        client.batch_execute(BEGIN).await?;
        check_schema(&client).await?;
        let of = async |family: Family, what: &str| {
            let sql = format!(
                "SELECT document_id, {what} WHERE document_id > $1 AND document_id <= $2 \
                 AND {} ORDER BY document_id",
                family.condition()
            );
            client.prepare(&sql).await
        };
        Ok(Self {
            entries: client
                .prepare(
                    "SELECT lane, seq, kind, owner_id, document_id, at, postings, hash FROM entry \
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
            entries_of: [
                of(Family::Receipts, "owner_id, kind, postings FROM entry").await?,
                of(Family::Documents, "owner_id, kind, postings FROM entry").await?,
            ],
            intents_of: [
                of(Family::Receipts, "operation, kind, amount FROM outbox").await?,
                of(Family::Documents, "operation, kind, amount FROM outbox").await?,
            ],
            documents: client
                .prepare(&format!(
                    "SELECT {DOCUMENT_COLUMNS} FROM document WHERE id > $1 ORDER BY id LIMIT $2"
                ))
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
                owner: row::id(row, 3, OwnerId::from_bytes)?,
                document: row::id(row, 4, DocumentId::from_bytes)?,
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

    async fn entries_of(
        &self,
        family: Family,
        range: &IdRange,
    ) -> Result<Vec<EntryOf>, StoreError> {
        let statement = &self.entries_of[family as usize];
        let found = self.client.query(statement, &[&range.after, &range.last]).await?;
        let entry = |row: &Row| {
            Ok(EntryOf {
                document: row::id(row, 0, DocumentId::from_bytes)?,
                owner: row::id(row, 1, OwnerId::from_bytes)?,
                kind: row.try_get(2)?,
                postings: row.try_get(3)?,
            })
        };
        found.iter().map(entry).collect()
    }

    async fn intents_of(
        &self,
        family: Family,
        range: &IdRange,
    ) -> Result<Vec<IntentOf>, StoreError> {
        let statement = &self.intents_of[family as usize];
        let found = self.client.query(statement, &[&range.after, &range.last]).await?;
        let intent = |row: &Row| {
            Ok(IntentOf {
                document: row::id(row, 0, DocumentId::from_bytes)?,
                operation: row.try_get(1)?,
                kind: row.try_get(2)?,
                amount: row.try_get(3)?,
            })
        };
        found.iter().map(intent).collect()
    }

    async fn document_count(&self) -> Result<u64, StoreError> {
        let found = self.client.query_one("SELECT count(*) FROM document", &[]).await?;
        u64::try_from(found.try_get::<_, i64>(0)?)
            .map_err(|_| PostgresFailure::new("a count is negative").into())
    }

    async fn documents(&self, after: &[u8], limit: u32) -> Result<Vec<StoredDocument>, StoreError> {
        let found = self.client.query(&self.documents, &[&after, &i64::from(limit)]).await?;
        let stored =
            |row: &Row| StoredDocument::of(row::id(row, 0, DocumentId::from_bytes)?, document(row));
        found.iter().map(stored).collect()
    }

    async fn services(&self) -> Result<Vec<BankService>, StoreError> {
        let sql = format!("SELECT {SERVICE_COLUMNS} FROM bank_service ORDER BY id");
        self.client.query(&sql, &[]).await?.iter().map(service).collect()
    }

    async fn day_marks(&self) -> Result<Vec<(i32, i64)>, StoreError> {
        let found = self.client.query("SELECT lane, seq FROM balance_mark", &[]).await?;
        found.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    async fn balance_days(&self) -> Result<Vec<StoredDay>, StoreError> {
        let found = self.client.query("SELECT account, day, amount FROM balance_day", &[]).await?;
        let day = |row: &Row| {
            Ok(StoredDay {
                account: row.try_get(0)?,
                day: row.try_get(1)?,
                amount: row.try_get(2)?,
            })
        };
        found.iter().map(day).collect()
    }

    async fn wrong_statement_days(&self) -> Result<i64, StoreError> {
        Ok(self.client.query_one(WRONG_STATEMENT_DAYS, &[]).await?.try_get(0)?)
    }

    async fn statements(&self) -> Result<Vec<StoredStatement>, StoreError> {
        let statement = |row: &Row| {
            let service = u32::try_from(row.try_get::<_, i64>(0)?);
            Ok(StoredStatement {
                service: ServiceId(service.map_err(|_| StoreError::Corrupt("statement"))?),
                lines: row.try_get(1)?,
                last: row.try_get(2)?,
                incoming: row.try_get(3)?,
                outgoing: row.try_get(4)?,
            })
        };
        self.client.query(StoredStatement::SQL, &[]).await?.iter().map(statement).collect()
    }
}
