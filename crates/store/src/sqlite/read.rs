//! Reading beside the writer: a few connections on threads of their own.

use std::sync::Arc;

use chorsu_core::plan::{OutboxKind, OutboxRow};
use chorsu_core::{Card, CardId, Kassa, KassaId, Receipt, ReceiptId, UnixMillis};
use rusqlite::{Connection, OptionalExtension, ToSql, params};
use tokio::sync::oneshot;

use super::durability::Durability;
use super::row;
use super::statements::{find_card, find_receipt};
use crate::error::StoreError;
use crate::kassa_json;
use crate::range::ReceiptRange;
use crate::store::{IdempotencyRecord, LEASE_MS, VaultKey, wall_clock_ms};

/// Reads that may wait for a connection.
const QUEUE_MAX: usize = 4_096;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A kassa's receipts whose ids tell when they were born.
fn listed_by_id() -> String {
    format!(
        "SELECT {} FROM receipt WHERE kassa_id = ?1 AND id >= ?2 AND id < ?3 \
         ORDER BY id DESC LIMIT ?4 OFFSET ?5",
        row::RECEIPT_COLUMNS
    )
}

/// The same together with those whose ids do not. Each half is read along its own index.
fn listed_by_birth() -> String {
    let columns = row::RECEIPT_COLUMNS;
    format!(
        "SELECT * FROM ( \
         SELECT * FROM (SELECT {columns} FROM receipt \
         WHERE kassa_id = ?1 AND id >= ?2 AND id < ?3 AND acquirer IS NULL \
         ORDER BY id DESC LIMIT ?4 + ?5) UNION ALL \
         SELECT * FROM (SELECT {columns} FROM receipt \
         WHERE kassa_id = ?1 AND created_at BETWEEN ?6 AND ?7 AND acquirer IS NOT NULL \
         ORDER BY created_at DESC, number DESC LIMIT ?4 + ?5)) \
         ORDER BY created_at DESC, number DESC LIMIT ?4 OFFSET ?5"
    )
}

/// Threads with a connection each.
pub(crate) struct Readers {
    jobs: crossbeam_channel::Sender<Job>,
    durability: Arc<Durability>,
}

impl Readers {
    /// Starts `count` threads on connections made by `connect`.
    pub(super) fn start(
        count: usize,
        durability: Arc<Durability>,
        connect: impl Fn() -> Result<Connection, StoreError>,
    ) -> Result<Self, StoreError> {
        let (jobs, queue) = crossbeam_channel::bounded::<Job>(QUEUE_MAX);
        for number in 0..count {
            let mut connection = connect()?;
            let queue = queue.clone();
            let name = format!("chorsu-read-{number}");
            std::thread::Builder::new()
                .name(name.clone())
                .spawn(move || queue.iter().for_each(|job| job(&mut connection)))
                .map_err(|source| StoreError::File { path: format!("thread {name}"), source })?;
        }
        Ok(Self { jobs, durability })
    }

    /// Runs `read` on one of the connections.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // A reader that went away needs no answer.
            let _ = answer.send(read(connection));
        });
        self.jobs.try_send(job).map_err(|_| StoreError::Stopped)?;
        let answer = answered.await.unwrap_or(Err(StoreError::Stopped));
        // What was read may be committed and not yet on disk; nobody is told before it is.
        if self.durability.settled().await { answer } else { Err(StoreError::Stopped) }
    }

    pub(crate) async fn receipt(&self, id: ReceiptId) -> Result<Option<Receipt>, StoreError> {
        self.run(move |connection| find_receipt(connection, id)).await
    }

    pub(crate) async fn card(&self, id: CardId) -> Result<Option<Card>, StoreError> {
        self.run(move |connection| find_card(connection, id)).await
    }

    pub(crate) async fn receipts(&self, range: ReceiptRange) -> Result<Vec<Receipt>, StoreError> {
        self.run(move |connection| {
            let (first, end) = range.ids();
            let all: &[&dyn ToSql] = params![
                range.kassa.as_bytes(),
                first.as_bytes(),
                end.as_bytes(),
                range.limit,
                range.offset,
                range.from.0,
                range.to.0
            ];
            let (sql, parameters) = match range.foreign_ids {
                true => (listed_by_birth(), all),
                false => (listed_by_id(), &all[..5]),
            };
            let mut query = connection.prepare_cached(&sql)?;
            let mut found = query.query(parameters)?;
            let mut receipts = Vec::new();
            while let Some(found) = found.next()? {
                receipts.push(row::receipt(found)?);
            }
            Ok(receipts)
        })
        .await
    }

    pub(crate) async fn holds_made_before(
        &self,
        before: UnixMillis,
        limit: u32,
    ) -> Result<Vec<Receipt>, StoreError> {
        self.run(move |connection| {
            let sql = format!(
                "SELECT {} FROM receipt WHERE state = 5 AND held_at < ?1 ORDER BY held_at LIMIT ?2",
                row::RECEIPT_COLUMNS
            );
            let mut query = connection.prepare_cached(&sql)?;
            let mut found = query.query(params![before.0, limit])?;
            let mut receipts = Vec::new();
            while let Some(found) = found.next()? {
                receipts.push(row::receipt(found)?);
            }
            Ok(receipts)
        })
        .await
    }

    pub(crate) async fn kassas(&self) -> Result<Vec<Kassa>, StoreError> {
        self.run(|connection| {
            let mut query = connection.prepare_cached("SELECT id, settings FROM kassa")?;
            let mut found = query.query([])?;
            let mut kassas = Vec::new();
            while let Some(found) = found.next()? {
                let id: Vec<u8> = found.get(0)?;
                let id = KassaId::from_bytes(&id).map_err(|_| StoreError::Corrupt("id"))?;
                let settings: String = found.get(1)?;
                kassas.push(kassa_json::from_json(id, &settings)?);
            }
            Ok(kassas)
        })
        .await
    }

    pub(crate) async fn put_kassa(&self, kassa: &Kassa) -> Result<(), StoreError> {
        let (id, settings) = (kassa.id, kassa_json::to_json(kassa)?);
        self.run(move |connection| {
            connection
                .prepare_cached(
                    "INSERT INTO kassa (id, settings) VALUES (?1, ?2) \
                     ON CONFLICT (id) DO UPDATE SET settings = excluded.settings",
                )?
                .execute(params![id.as_bytes(), settings])?;
            Ok(())
        })
        .await
    }

    pub(crate) async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        let name = name.to_owned();
        self.run(move |connection| {
            let mut query =
                connection.prepare_cached("SELECT value FROM setting WHERE name = ?1")?;
            Ok(query.query_row([&name], |row| row.get(0)).optional()?)
        })
        .await
    }

    pub(crate) async fn put_setting(&self, name: &str, value: String) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.run(move |connection| {
            connection
                .prepare_cached(
                    "INSERT INTO setting (name, value) VALUES (?1, ?2) \
                     ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                )?
                .execute([name, value])?;
            Ok(())
        })
        .await
    }

    pub(crate) async fn idempotency(
        &self,
        kassa: KassaId,
        key: String,
    ) -> Result<Option<IdempotencyRecord>, StoreError> {
        self.run(move |connection| {
            let mut query = connection.prepare_cached(
                "SELECT fingerprint, document FROM idempotency WHERE kassa_id = ?1 AND key = ?2",
            )?;
            let record = query.query_row(params![kassa.as_bytes(), key], |row| {
                Ok(IdempotencyRecord {
                    fingerprint: chorsu_core::secret::SecretHash(row.get(0)?),
                    document: row.get(1)?,
                })
            });
            Ok(record.optional()?)
        })
        .await
    }

    pub(crate) async fn vault_keys(&self) -> Result<Vec<VaultKey>, StoreError> {
        self.run(|connection| {
            let mut query = connection
                .prepare_cached("SELECT key_id, sealed FROM vault_key ORDER BY key_id")?;
            let keys = query
                .query_map([], |row| Ok(VaultKey { key_id: row.get(0)?, sealed: row.get(1)? }))?
                .collect::<Result<_, _>>()?;
            Ok(keys)
        })
        .await
    }

    pub(crate) async fn add_vault_key(
        &self,
        key: VaultKey,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached(
                    "INSERT INTO vault_key (key_id, sealed, created_at) VALUES (?1, ?2, ?3) \
                     ON CONFLICT (key_id) DO NOTHING",
                )?
                .execute(params![key.key_id, key.sealed, now.0])?;
            Ok(())
        })
        .await
    }

    /// Takes over intents whose owner is gone. One process has the file, so every other owner is.
    pub(crate) async fn lease(
        &self,
        owner: &str,
        limit: u32,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let (owner, now_ms) = (owner.to_owned(), wall_clock_ms());
        self.run(move |connection| {
            let waiting = "owner <> ?1 OR leased_until < ?2";
            let any = format!("SELECT 1 FROM outbox WHERE {waiting}");
            if !connection.prepare_cached(&any)?.exists(params![owner, now_ms])? {
                return Ok(Vec::new());
            }
            let sql = format!(
                "UPDATE outbox SET owner = ?1, leased_until = ?3 WHERE operation IN \
                 (SELECT operation FROM outbox WHERE {waiting} LIMIT ?4) RETURNING {}",
                row::OUTBOX_COLUMNS
            );
            let mut query = connection.prepare_cached(&sql)?;
            let mut found = query.query(params![owner, now_ms, now_ms + LEASE_MS, limit])?;
            let mut rows = Vec::new();
            while let Some(found) = found.next()? {
                rows.push(row::outbox(found)?);
            }
            Ok(rows)
        })
        .await
    }

    pub(crate) async fn open_till_payments(
        &self,
        limit: u32,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        self.run(move |connection| {
            let sql = format!(
                "SELECT {} FROM outbox WHERE kind IN (?1, ?2) ORDER BY created_at LIMIT ?3",
                row::OUTBOX_COLUMNS
            );
            let (pay, reverse) = (OutboxKind::TillPay.code(), OutboxKind::TillReverse.code());
            let mut query = connection.prepare_cached(&sql)?;
            let mut found = query.query(params![pay, reverse, limit])?;
            let mut rows = Vec::new();
            while let Some(found) = found.next()? {
                rows.push(row::outbox(found)?);
            }
            Ok(rows)
        })
        .await
    }

    pub(crate) async fn outbox_depth(&self) -> Result<i64, StoreError> {
        self.run(|connection| {
            let mut query = connection.prepare_cached("SELECT count(*) FROM outbox")?;
            Ok(query.query_row([], |row| row.get(0))?)
        })
        .await
    }
}
