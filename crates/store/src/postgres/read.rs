//! Reading beside the lanes: a few connections, each of which carries many questions at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chorsu_core::plan::{OutboxKind, OutboxRow};
use chorsu_core::secret::SecretHash;
use chorsu_core::{Card, CardId, Kassa, KassaId, Receipt, ReceiptId, UnixMillis};
use tokio::sync::Mutex;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Row, Statement};

use super::connect::{BY_KEY_ONLY, IN_ORDER, connect};
use super::days::DayQuestions;
use super::read_document::DocumentQuestions;
use super::row;
use crate::error::{PostgresFailure, StoreError};
use crate::kassa_json;
use crate::range::ReceiptRange;
use crate::store::{IdempotencyRecord, LEASE_MS, VaultKey};

/// Connections that read beside the lanes.
const READERS: usize = 2;

pub(super) type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

/// The reading connections. One that breaks is replaced by the next question that meets it.
pub(crate) struct Readers {
    config: Config,
    slots: [Mutex<Option<Arc<Reader>>>; READERS],
    turn: AtomicUsize,
}

/// A connection with its prepared statements.
pub(super) struct Reader {
    client: Client,
    receipt: Statement,
    card: Statement,
    receipts: Statement,
    holds: Statement,
    kassas: Statement,
    put_kassa: Statement,
    setting: Statement,
    put_setting: Statement,
    receipts_of_all: Statement,
    idempotency: Statement,
    vault_keys: Statement,
    add_vault_key: Statement,
    lease: Statement,
    outbox_depth: Statement,
    open_till_payments: Statement,
    pub(super) documents: DocumentQuestions,
    pub(super) days: DayQuestions,
}

/// A kassa's receipts, those whose ids do not tell when they were born among them. Each half is
/// read along its own index.
fn listed_by_birth() -> String {
    let receipt = format!("SELECT {} FROM receipt WHERE kassa_id = $1", row::RECEIPT_COLUMNS);
    format!(
        "SELECT * FROM (({receipt} AND id >= $2 AND id < $3 AND acquirer IS NULL \
         ORDER BY id DESC LIMIT $4::bigint + $5::bigint) UNION ALL \
         ({receipt} AND created_at BETWEEN $6 AND $7 AND acquirer IS NOT NULL \
         ORDER BY created_at DESC, number DESC LIMIT $4::bigint + $5::bigint)) AS found \
         ORDER BY created_at DESC, number DESC LIMIT $4 OFFSET $5"
    )
}

/// The intents of payments at the till, and of their way back; the oldest first.
fn open_till_payments() -> String {
    let columns = row::OUTBOX_COLUMNS;
    format!("SELECT {columns} FROM outbox WHERE kind IN ($1, $2) ORDER BY created_at LIMIT $3")
}

impl Reader {
    async fn open(config: &Config) -> Result<Self, StoreError> {
        let client = connect(config).await?;
        client.batch_execute(BY_KEY_ONLY).await?;
        client.batch_execute(IN_ORDER).await?;
        let receipt = format!("SELECT {} FROM receipt", row::RECEIPT_COLUMNS);
        let card = format!(
            "SELECT {} FROM card LEFT JOIN vault ON vault.card_id = card.id WHERE id = $1",
            row::CARD_COLUMNS
        );
        let now = "(extract(epoch FROM statement_timestamp()) * 1000)::bigint";
        // Other owners may be alive, so only the time tells that one is not. The array is made
        // once, which keeps the limit, and is looked up by key.
        let lease = format!(
            "UPDATE outbox SET owner = $1, leased_until = {now} + $2 WHERE operation = ANY (ARRAY( \
             SELECT operation FROM outbox WHERE leased_until < {now} ORDER BY leased_until \
             LIMIT $3 FOR UPDATE SKIP LOCKED)) RETURNING {}",
            row::OUTBOX_COLUMNS
        );
        Ok(Self {
            receipt: client.prepare(&format!("{receipt} WHERE id = $1")).await?,
            card: client.prepare(&card).await?,
            receipts: client
                .prepare(&format!(
                    "{receipt} WHERE kassa_id = $1 AND id >= $2 AND id < $3 \
                     ORDER BY id DESC LIMIT $4 OFFSET $5"
                ))
                .await?,
            receipts_of_all: client.prepare(&listed_by_birth()).await?,
            holds: client
                .prepare(&format!(
                    "{receipt} WHERE open_hold_at < $1 ORDER BY open_hold_at LIMIT $2"
                ))
                .await?,
            kassas: client.prepare("SELECT id, settings FROM kassa").await?,
            put_kassa: client
                .prepare(
                    "INSERT INTO kassa (id, settings) VALUES ($1, $2) \
                     ON CONFLICT (id) DO UPDATE SET settings = excluded.settings",
                )
                .await?,
            setting: client.prepare("SELECT value FROM setting WHERE name = $1").await?,
            put_setting: client
                .prepare(
                    "INSERT INTO setting (name, value) VALUES ($1, $2) \
                     ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                )
                .await?,
            idempotency: client
                .prepare(
                    "SELECT fingerprint, document FROM idempotency \
                     WHERE kassa_id = $1 AND key = $2",
                )
                .await?,
            vault_keys: client
                .prepare("SELECT key_id, sealed FROM vault_key ORDER BY key_id")
                .await?,
            add_vault_key: client
                .prepare(
                    "INSERT INTO vault_key (key_id, sealed, created_at) VALUES ($1, $2, $3) \
                     ON CONFLICT (key_id) DO NOTHING",
                )
                .await?,
            lease: client.prepare(&lease).await?,
            documents: DocumentQuestions::prepare(&client).await?,
            open_till_payments: client.prepare(&open_till_payments()).await?,
            days: DayQuestions::prepare(&client).await?,
            outbox_depth: client.prepare("SELECT count(*) FROM outbox").await?,
            client,
        })
    }
}

impl Readers {
    /// Connects once; the other connections are made when they are needed.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub(super) async fn open(config: Config) -> Result<Self, StoreError> {
        let first = Reader::open(&config).await?;
        let slots = [Mutex::new(Some(Arc::new(first))), Mutex::new(None)];
        Ok(Self { config, slots, turn: AtomicUsize::new(0) })
    }

    async fn reader(&self) -> Result<Arc<Reader>, StoreError> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let mut slot = self.slots[turn % READERS].lock().await;
        match &*slot {
            Some(reader) if !reader.client.is_closed() => Ok(reader.clone()),
            _ => {
                let reader = Arc::new(Reader::open(&self.config).await?);
                *slot = Some(reader.clone());
                Ok(reader)
            }
        }
    }

    /// Asks one of the connections. A question that met a broken one is asked once more: all of
    /// them may be repeated.
    pub(super) async fn ask(
        &self,
        statement: impl Fn(&Reader) -> &Statement,
        parameters: Parameters<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let reader = self.reader().await?;
        match reader.client.query(statement(&reader), parameters).await {
            Err(_) if reader.client.is_closed() => {
                let reader = self.reader().await?;
                Ok(reader.client.query(statement(&reader), parameters).await?)
            }
            other => Ok(other?),
        }
    }

    pub(crate) async fn receipt(&self, id: ReceiptId) -> Result<Option<Receipt>, StoreError> {
        let found = self.ask(|reader| &reader.receipt, &[&&id.as_bytes()[..]]).await?;
        found.first().map(row::receipt).transpose()
    }

    pub(crate) async fn card(&self, id: CardId) -> Result<Option<Card>, StoreError> {
        let found = self.ask(|reader| &reader.card, &[&&id.as_bytes()[..]]).await?;
        found.first().map(row::card).transpose()
    }

    pub(crate) async fn receipts(&self, range: ReceiptRange) -> Result<Vec<Receipt>, StoreError> {
        let (first, end) = range.ids();
        let (limit, offset) = (i64::from(range.limit), i64::from(range.offset));
        let parameters: Parameters<'_> = &[
            &&range.kassa.as_bytes()[..],
            &&first.as_bytes()[..],
            &&end.as_bytes()[..],
            &limit,
            &offset,
            &range.from.0,
            &range.to.0,
        ];
        let found = if range.foreign_ids {
            self.ask(|reader| &reader.receipts_of_all, parameters).await?
        } else {
            self.ask(|reader| &reader.receipts, &parameters[..5]).await?
        };
        found.iter().map(row::receipt).collect()
    }

    pub(crate) async fn holds_made_before(
        &self,
        before: UnixMillis,
        limit: u32,
    ) -> Result<Vec<Receipt>, StoreError> {
        let limit = i64::from(limit);
        let found = self.ask(|reader| &reader.holds, &[&before.0, &limit]).await?;
        found.iter().map(row::receipt).collect()
    }

    pub(crate) async fn kassas(&self) -> Result<Vec<Kassa>, StoreError> {
        let found = self.ask(|reader| &reader.kassas, &[]).await?;
        let kassa = |row: &Row| kassa_json::from_json(row::kassa_id(row, 0)?, row.try_get(1)?);
        found.iter().map(kassa).collect()
    }

    pub(crate) async fn put_kassa(&self, kassa: &Kassa) -> Result<(), StoreError> {
        let settings = kassa_json::to_json(kassa)?;
        self.ask(|reader| &reader.put_kassa, &[&&kassa.id.as_bytes()[..], &settings]).await?;
        Ok(())
    }

    pub(crate) async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        let found = self.ask(|reader| &reader.setting, &[&name]).await?;
        Ok(found.first().map(|row| row.try_get(0)).transpose()?)
    }

    pub(crate) async fn put_setting(&self, name: &str, value: String) -> Result<(), StoreError> {
        self.ask(|reader| &reader.put_setting, &[&name, &value]).await?;
        Ok(())
    }

    pub(crate) async fn idempotency(
        &self,
        kassa: KassaId,
        key: String,
    ) -> Result<Option<IdempotencyRecord>, StoreError> {
        let found = self.ask(|reader| &reader.idempotency, &[&&kassa.as_bytes()[..], &key]).await?;
        let record = |row: &Row| {
            let document: &[u8] = row.try_get(1)?;
            let document = document.try_into().map_err(|_| StoreError::Corrupt("id"))?;
            Ok(IdempotencyRecord { fingerprint: SecretHash(row::hash(row, 0)?), document })
        };
        found.first().map(record).transpose()
    }

    pub(crate) async fn vault_keys(&self) -> Result<Vec<VaultKey>, StoreError> {
        let found = self.ask(|reader| &reader.vault_keys, &[]).await?;
        let key =
            |row: &Row| Ok(VaultKey { key_id: row::key_id(row, 0)?, sealed: row.try_get(1)? });
        found.iter().map(key).collect()
    }

    pub(crate) async fn add_vault_key(
        &self,
        key: VaultKey,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let parameters: Parameters<'_> = &[&i64::from(key.key_id), &key.sealed, &now.0];
        self.ask(|reader| &reader.add_vault_key, parameters).await?;
        Ok(())
    }

    /// Takes over intents whose lease has run out, by the server's clock.
    pub(crate) async fn lease(
        &self,
        owner: &str,
        limit: u32,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let found =
            self.ask(|reader| &reader.lease, &[&owner, &LEASE_MS, &i64::from(limit)]).await?;
        found.iter().map(row::outbox).collect()
    }

    pub(crate) async fn open_till_payments(
        &self,
        limit: u32,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let (pay, reverse) = (OutboxKind::TillPay.code(), OutboxKind::TillReverse.code());
        let parameters: Parameters<'_> = &[&pay, &reverse, &i64::from(limit)];
        let found = self.ask(|reader| &reader.open_till_payments, parameters).await?;
        found.iter().map(row::outbox).collect()
    }

    pub(crate) async fn outbox_depth(&self) -> Result<i64, StoreError> {
        let found = self.ask(|reader| &reader.outbox_depth, &[]).await?;
        let row = found.first().ok_or_else(|| PostgresFailure::new("a count has no row"))?;
        Ok(row.try_get(0)?)
    }
}
