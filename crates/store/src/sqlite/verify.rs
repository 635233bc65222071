//! What SQLite has stored, as the replay reads it.

use std::path::Path;

use chorsu_core::{KassaId, ReceiptId};
use rusqlite::types::FromSql;
use rusqlite::{Connection, Params, Row, params};

use super::open::Sqlite;
use crate::error::StoreError;
use crate::migrate;
use crate::verify::{
    IdRange, Ledger, Place, StoredBalance, StoredDocument, StoredEntry, StoredIntent, StoredLane,
    StoredReceipt,
};

/// A snapshot of a SQLite file.
pub(crate) struct SqliteLedger {
    connection: Connection,
}

impl SqliteLedger {
    pub(crate) fn open(dir: &Path) -> Result<Self, StoreError> {
        let connection = Sqlite::open_to_read(dir)?;
        // The first read takes the snapshot, and the transaction keeps it.
        connection.execute_batch("PRAGMA query_only = on; BEGIN")?;
        let ledger = Self { connection };
        let applied =
            ledger.all("SELECT number, checksum FROM migration ORDER BY number", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        migrate::check(&applied, |migration| migration.sqlite)?;
        Ok(ledger)
    }

    fn all<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut query = self.connection.prepare_cached(sql)?;
        let mut found = query.query(parameters)?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            rows.push(read(row)?);
        }
        Ok(rows)
    }
}

fn id<T>(
    row: &Row<'_>,
    column: usize,
    read: fn(&[u8]) -> Result<T, chorsu_core::id::IdError>,
) -> Result<T, StoreError> {
    let bytes = row.get_ref(column)?.as_blob().map_err(|_| StoreError::Corrupt("id"))?;
    read(bytes).map_err(|_| StoreError::Corrupt("id"))
}

fn get<T: FromSql>(row: &Row<'_>, column: usize) -> Result<T, StoreError> {
    Ok(row.get(column)?)
}

impl Ledger for SqliteLedger {
    async fn receipt_count(&self) -> Result<u64, StoreError> {
        let count = self.connection.query_row("SELECT count(*) FROM receipt", [], |row| row.get(0));
        u64::try_from(count.map(|count: i64| count)?).map_err(|_| StoreError::Corrupt("count"))
    }

    async fn lanes(&self) -> Result<Vec<StoredLane>, StoreError> {
        self.all("SELECT lane, seq, hash FROM lane ORDER BY lane", [], |row| {
            Ok(StoredLane { lane: get(row, 0)?, seq: get(row, 1)?, hash: get(row, 2)? })
        })
    }

    async fn balances(&self) -> Result<Vec<StoredBalance>, StoreError> {
        self.all("SELECT account, lane, amount FROM balance", [], |row| {
            Ok(StoredBalance { account: get(row, 0)?, lane: get(row, 1)?, amount: get(row, 2)? })
        })
    }

    async fn entries(&self, after: Place, limit: u32) -> Result<Vec<StoredEntry>, StoreError> {
        // One lane, so the number alone is the place.
        self.all(
            "SELECT lane, seq, kind, kassa_id, receipt_id, at, postings, hash FROM entry \
             WHERE seq > ?1 ORDER BY seq LIMIT ?2",
            params![after.seq, limit],
            |row| {
                Ok(StoredEntry {
                    place: Place { lane: get(row, 0)?, seq: get(row, 1)? },
                    kind: get(row, 2)?,
                    kassa: id(row, 3, KassaId::from_bytes)?,
                    receipt: id(row, 4, ReceiptId::from_bytes)?,
                    at: get(row, 5)?,
                    postings: get(row, 6)?,
                    hash: get(row, 7)?,
                })
            },
        )
    }

    async fn receipts(&self, after: &[u8], limit: u32) -> Result<Vec<StoredReceipt>, StoreError> {
        self.all(
            "SELECT id, kassa_id, state, amount, paid_at IS NOT NULL, held_at IS NOT NULL, \
             operation FROM receipt WHERE id > ?1 ORDER BY id LIMIT ?2",
            params![after, limit],
            |row| {
                Ok(StoredReceipt {
                    id: id(row, 0, ReceiptId::from_bytes)?,
                    kassa: id(row, 1, KassaId::from_bytes)?,
                    state: get(row, 2)?,
                    amount: get(row, 3)?,
                    is_paid: get(row, 4)?,
                    is_held: get(row, 5)?,
                    operation: get(row, 6)?,
                })
            },
        )
    }

    async fn documents(&self, range: &IdRange) -> Result<Vec<StoredDocument>, StoreError> {
        self.all(
            "SELECT receipt_id, kassa_id, kind, postings FROM entry \
             WHERE receipt_id > ?1 AND receipt_id <= ?2 ORDER BY receipt_id",
            params![range.after, range.last],
            |row| {
                Ok(StoredDocument {
                    receipt: id(row, 0, ReceiptId::from_bytes)?,
                    kassa: id(row, 1, KassaId::from_bytes)?,
                    kind: get(row, 2)?,
                    postings: get(row, 3)?,
                })
            },
        )
    }

    async fn intents(&self, range: &IdRange) -> Result<Vec<StoredIntent>, StoreError> {
        self.all(
            "SELECT receipt_id, operation, kind, amount FROM outbox \
             WHERE receipt_id > ?1 AND receipt_id <= ?2 ORDER BY receipt_id",
            params![range.after, range.last],
            |row| {
                Ok(StoredIntent {
                    receipt: id(row, 0, ReceiptId::from_bytes)?,
                    operation: get(row, 1)?,
                    kind: get(row, 2)?,
                    amount: get(row, 3)?,
                })
            },
        )
    }
}
