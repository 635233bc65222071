//! What SQLite has stored, as the replay reads it.

use std::path::Path;

use chorsu_core::{BankService, DocumentId, KassaId, OwnerId, ReceiptId, ServiceId};
use rusqlite::types::FromSql;
use rusqlite::{Connection, Params, Row, params};

use super::document::{DOCUMENT_COLUMNS, SERVICE_COLUMNS, document, service};
use super::open::Sqlite;
use crate::error::StoreError;
use crate::migrate;
use crate::verify::{
    EntryOf, Family, IdRange, IntentOf, Ledger, Place, StoredBalance, StoredDay, StoredDocument,
    StoredEntry, StoredLane, StoredReceipt, StoredStatement, WRONG_STATEMENT_DAYS,
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
            "SELECT lane, seq, kind, owner_id, document_id, at, postings, hash FROM entry \
             WHERE seq > ?1 ORDER BY seq LIMIT ?2",
            params![after.seq, limit],
            |row| {
                Ok(StoredEntry {
                    place: Place { lane: get(row, 0)?, seq: get(row, 1)? },
                    kind: get(row, 2)?,
                    owner: id(row, 3, OwnerId::from_bytes)?,
                    document: id(row, 4, DocumentId::from_bytes)?,
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

    async fn entries_of(
        &self,
        family: Family,
        range: &IdRange,
    ) -> Result<Vec<EntryOf>, StoreError> {
        self.all(
            &format!(
                "SELECT document_id, owner_id, kind, postings FROM entry \
                 WHERE document_id > ?1 AND document_id <= ?2 AND {} ORDER BY document_id",
                family.condition()
            ),
            params![range.after, range.last],
            |row| {
                Ok(EntryOf {
                    document: id(row, 0, DocumentId::from_bytes)?,
                    owner: id(row, 1, OwnerId::from_bytes)?,
                    kind: get(row, 2)?,
                    postings: get(row, 3)?,
                })
            },
        )
    }

    async fn intents_of(
        &self,
        family: Family,
        range: &IdRange,
    ) -> Result<Vec<IntentOf>, StoreError> {
        self.all(
            &format!(
                "SELECT document_id, operation, kind, amount FROM outbox \
                 WHERE document_id > ?1 AND document_id <= ?2 AND {} ORDER BY document_id",
                family.condition()
            ),
            params![range.after, range.last],
            |row| {
                Ok(IntentOf {
                    document: id(row, 0, DocumentId::from_bytes)?,
                    operation: get(row, 1)?,
                    kind: get(row, 2)?,
                    amount: get(row, 3)?,
                })
            },
        )
    }

    async fn document_count(&self) -> Result<u64, StoreError> {
        let count =
            self.connection.query_row("SELECT count(*) FROM document", [], |row| row.get(0));
        u64::try_from(count.map(|count: i64| count)?).map_err(|_| StoreError::Corrupt("count"))
    }

    async fn documents(&self, after: &[u8], limit: u32) -> Result<Vec<StoredDocument>, StoreError> {
        self.all(
            &format!("SELECT {DOCUMENT_COLUMNS} FROM document WHERE id > ?1 ORDER BY id LIMIT ?2"),
            params![after, limit],
            |row| StoredDocument::of(id(row, 0, DocumentId::from_bytes)?, document(row)),
        )
    }

    async fn services(&self) -> Result<Vec<BankService>, StoreError> {
        self.all(&format!("SELECT {SERVICE_COLUMNS} FROM bank_service ORDER BY id"), [], service)
    }

    async fn day_marks(&self) -> Result<Vec<(i32, i64)>, StoreError> {
        self.all("SELECT lane, seq FROM balance_mark", [], |row| Ok((get(row, 0)?, get(row, 1)?)))
    }

    async fn balance_days(&self) -> Result<Vec<StoredDay>, StoreError> {
        self.all("SELECT account, day, amount FROM balance_day", [], |row| {
            Ok(StoredDay { account: get(row, 0)?, day: get(row, 1)?, amount: get(row, 2)? })
        })
    }

    async fn wrong_statement_days(&self) -> Result<i64, StoreError> {
        Ok(self.connection.query_row(WRONG_STATEMENT_DAYS, [], |row| row.get(0))?)
    }

    async fn statements(&self) -> Result<Vec<StoredStatement>, StoreError> {
        self.all(StoredStatement::SQL, [], |row| {
            let service = u32::try_from(get::<i64>(row, 0)?);
            Ok(StoredStatement {
                service: ServiceId(service.map_err(|_| StoreError::Corrupt("statement"))?),
                lines: get(row, 1)?,
                last: get(row, 2)?,
                incoming: get(row, 3)?,
                outgoing: get(row, 4)?,
            })
        })
    }
}
