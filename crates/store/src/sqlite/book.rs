//! The sandbox's books in a SQLite file of their own.
//!
//! They are the other side's memory, not ours: a commit survives a killed process but is not
//! flushed for a power failure.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};

use crate::book::{Change, SCHEMA};
use crate::error::StoreError;

/// An open file of books.
pub(crate) struct SqliteBook {
    connection: Connection,
}

impl SqliteBook {
    pub(crate) fn open(dir: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(dir.join("sandbox.db"))?;
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.pragma_update(None, "cache_size", -4 * 1024)?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self { connection })
    }

    pub(crate) fn transact(
        &mut self,
        keys: &[(&str, &str)],
        decide: &mut dyn FnMut(Vec<Option<String>>) -> Vec<Change>,
    ) -> Result<(), StoreError> {
        let transaction =
            self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let mut found = Vec::with_capacity(keys.len());
        {
            let mut query = transaction
                .prepare_cached("SELECT body FROM sandbox_record WHERE kind = ?1 AND id = ?2")?;
            for (kind, id) in keys {
                found.push(query.query_row([kind, id], |row| row.get(0)).optional()?);
            }
            let mut upsert = transaction.prepare_cached(
                "INSERT INTO sandbox_record (kind, id, body) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
            )?;
            for change in decide(found) {
                let (kind, id) = keys
                    .get(change.key)
                    .ok_or(StoreError::Corrupt("change of a record that was not asked for"))?;
                upsert.execute(params![kind, id, change.body])?;
            }
        }
        Ok(transaction.commit()?)
    }

    pub(crate) fn newest(
        &mut self,
        kind: &str,
        limit: usize,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT id, body FROM sandbox_record WHERE kind = ?1 ORDER BY id DESC LIMIT ?2",
        )?;
        let records = query
            .query_map(params![kind, limit as i64], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        Ok(records)
    }
}
