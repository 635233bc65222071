//! The store as the rest of Chorsu sees it: one type over two backends.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use chorsu_core::id::ID_BYTES;
use chorsu_core::order::StatementLine;
use chorsu_core::plan::OutboxRow;
use chorsu_core::secret::SecretHash;
use chorsu_core::{
    Account, BankService, Card, CardId, Command, Document, DocumentId, DocumentKind, Kassa,
    KassaId, Receipt, ReceiptId, Reply, ServiceId, UnixMillis,
};

use crate::error::{StoreError, SubmitError};
use crate::lane::LaneStats;
use crate::postgres::Postgres;
use crate::range::{DocumentRange, ReceiptRange, StatementRange, StatementSums};
use crate::register::Register;
use crate::sqlite::Sqlite;

/// How long an intent belongs to the process that wrote it. Longer than any call to a network
/// takes; when its owner dies, another process takes over after this time at the latest.
pub const LEASE_MS: i64 = 30_000;

/// The real time, for leases only: they must not follow the sandbox's clock. PostgreSQL has a clock
/// of its own, which all its processes share.
pub(crate) fn wall_clock_ms() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

/// Where the data is.
#[derive(Clone, Debug)]
pub enum OpenOptions {
    /// In a folder of this machine.
    Sqlite {
        /// The folder; made when it does not exist.
        dir: PathBuf,
    },
    /// In a PostgreSQL database.
    Postgres {
        /// `postgres://user:password@host/database`.
        url: String,
    },
}

/// What an idempotency key was used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// The hash of the request.
    pub fingerprint: SecretHash,
    /// The id of the receipt or card it was about.
    pub document: [u8; ID_BYTES],
}

/// A bank of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankEntry {
    /// Its code, 5 digits.
    pub mfo: String,
    /// Its name.
    pub name: String,
    /// Whether it takes part in the system of instant payments.
    pub is_member: bool,
}

/// A data key of the vault, sealed with the master key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultKey {
    /// Its number.
    pub key_id: u32,
    /// The sealed key.
    pub sealed: Vec<u8>,
}

/// An open store.
pub struct Store {
    backend: Backend,
    owner: String,
}

enum Backend {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// Calls a method of whichever backend is open.
macro_rules! on_backend {
    ($self:ident, $reader:ident => $call:expr) => {
        match &$self.backend {
            Backend::Sqlite(sqlite) => {
                let $reader = &sqlite.readers;
                $call.await
            }
            Backend::Postgres(postgres) => {
                let $reader = &postgres.readers;
                $call.await
            }
        }
    };
}

impl Store {
    /// Opens the store and brings its schema up to date. `owner` names this process on the intents
    /// it writes and must be unlike any other's.
    ///
    /// # Errors
    /// When the database cannot be reached, is in use, or was made by a newer version.
    pub async fn open(options: &OpenOptions, owner: String) -> Result<Self, StoreError> {
        let backend = match options {
            OpenOptions::Sqlite { dir } => Backend::Sqlite(Sqlite::open(dir, &owner)?),
            OpenOptions::Postgres { url } => Backend::Postgres(Postgres::open(url, &owner).await?),
        };
        Ok(Self { backend, owner })
    }

    /// Decides and writes `command`; the answer comes when it is durable.
    ///
    /// # Errors
    /// See [`SubmitError`].
    pub async fn submit(&self, command: Command) -> Result<Reply, SubmitError> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.lane.submit(command).await,
            Backend::Postgres(postgres) => postgres.submit(command).await,
        }
    }

    /// The receipt with this id, of whatever kassa.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn receipt(&self, id: ReceiptId) -> Result<Option<Receipt>, StoreError> {
        on_backend!(self, readers => readers.receipt(id))
    }

    /// The card with this id, of whatever kassa.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn card(&self, id: CardId) -> Result<Option<Card>, StoreError> {
        on_backend!(self, readers => readers.card(id))
    }

    /// A page of a kassa's receipts, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn receipts(&self, range: ReceiptRange) -> Result<Vec<Receipt>, StoreError> {
        on_backend!(self, readers => readers.receipts(range))
    }

    /// Held receipts whose hold is older than `before`, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn holds_made_before(
        &self,
        before: UnixMillis,
        limit: u32,
    ) -> Result<Vec<Receipt>, StoreError> {
        on_backend!(self, readers => readers.holds_made_before(before, limit))
    }

    /// Every kassa.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn kassas(&self) -> Result<Vec<Kassa>, StoreError> {
        on_backend!(self, readers => readers.kassas())
    }

    /// Adds a kassa or replaces its settings.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_kassa(&self, kassa: &Kassa) -> Result<(), StoreError> {
        on_backend!(self, readers => readers.put_kassa(kassa))
    }

    /// A setting of the installation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        on_backend!(self, readers => readers.setting(name))
    }

    /// Changes a setting of the installation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_setting(&self, name: &str, value: String) -> Result<(), StoreError> {
        on_backend!(self, readers => readers.put_setting(name, value))
    }

    /// What an idempotency key was used for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn idempotency(
        &self,
        kassa: KassaId,
        key: String,
    ) -> Result<Option<IdempotencyRecord>, StoreError> {
        on_backend!(self, readers => readers.idempotency(kassa, key))
    }

    /// The vault's data keys by number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn vault_keys(&self) -> Result<Vec<VaultKey>, StoreError> {
        on_backend!(self, readers => readers.vault_keys())
    }

    /// Adds a data key; one that is there already stays as it is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_vault_key(&self, key: VaultKey, now: UnixMillis) -> Result<(), StoreError> {
        on_backend!(self, readers => readers.add_vault_key(key, now))
    }

    /// Takes over up to `limit` intents whose owner has died.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lease(&self, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
        on_backend!(self, readers => readers.lease(&self.owner, limit))
    }

    /// Whether other processes may work on the same database.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        matches!(self.backend, Backend::Postgres(_))
    }

    /// How many intents have no known outcome yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn outbox_depth(&self) -> Result<i64, StoreError> {
        on_backend!(self, readers => readers.outbox_depth())
    }

    /// Payments at the till whose outcome, or whose way back, is not known yet: their intents, the
    /// oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_till_payments(&self, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
        on_backend!(self, readers => readers.open_till_payments(limit))
    }

    /// The document with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn document(&self, id: DocumentId) -> Result<Option<Document>, StoreError> {
        on_backend!(self, readers => readers.document(id))
    }

    /// The document that is found under `key`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn document_by_key(&self, key: String) -> Result<Option<Document>, StoreError> {
        on_backend!(self, readers => readers.document_by_key(key))
    }

    /// A page of an owner's documents, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn documents(&self, range: DocumentRange) -> Result<Vec<Document>, StoreError> {
        on_backend!(self, readers => readers.documents(range))
    }

    /// Documents of a kind to look after by `now`, the longest due first; those behind the time and
    /// id of `after` when it is given.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_documents(
        &self,
        kind: DocumentKind,
        now: UnixMillis,
        after: Option<(UnixMillis, DocumentId)>,
        limit: u32,
    ) -> Result<Vec<Document>, StoreError> {
        let after = after.unwrap_or((UnixMillis(i64::MIN), DocumentId([0; ID_BYTES])));
        on_backend!(self, readers => readers.due_documents(kind, now, after, limit))
    }

    /// Every bank service.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn services(&self) -> Result<Vec<BankService>, StoreError> {
        on_backend!(self, readers => readers.services())
    }

    /// The bank service of this number, with its money.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn service(&self, id: ServiceId) -> Result<Option<BankService>, StoreError> {
        on_backend!(self, readers => readers.service(id))
    }

    /// Adds a bank service, without money, or changes its settings.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_service(&self, service: &BankService) -> Result<(), StoreError> {
        on_backend!(self, readers => readers.put_service(service))
    }

    /// A page of a service's statement.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn statement(&self, range: StatementRange) -> Result<Vec<StatementLine>, StoreError> {
        on_backend!(self, readers => readers.statement(range))
    }

    /// The balance of a ledger account in tiyin, debit positive.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn balance(&self, account: Account) -> Result<i64, StoreError> {
        on_backend!(self, readers => readers.balance(account))
    }

    /// What a merchant's account changed by before a day, in tiyin, debit positive. Days are counted
    /// as [`UnixMillis::tashkent_day`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn merchant_net(&self, merchant: KassaId, day: i64) -> Result<i64, StoreError> {
        on_backend!(self, readers => readers.merchant_net(merchant, day))
    }

    /// One line of a service's statement.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn statement_line(
        &self,
        service: ServiceId,
        id: i64,
    ) -> Result<Option<StatementLine>, StoreError> {
        on_backend!(self, readers => readers.statement_line(service, id))
    }

    /// What the lines of a statement up to `last` sum to that are of days before `day`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn statement_sums(
        &self,
        service: ServiceId,
        last: i64,
        day: i64,
    ) -> Result<StatementSums, StoreError> {
        on_backend!(self, readers => readers.statement_sums(service, last, day))
    }

    /// The rows of a table of settings, by id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn register(
        &self,
        register: Register,
    ) -> Result<Vec<([u8; ID_BYTES], String)>, StoreError> {
        on_backend!(self, readers => readers.register(register))
    }

    /// Adds or replaces a row of a table of settings.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_register(
        &self,
        register: Register,
        id: [u8; ID_BYTES],
        settings: String,
    ) -> Result<(), StoreError> {
        on_backend!(self, readers => readers.put_register(register, id, settings))
    }

    /// The imported banks, by code.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bank_directory(&self) -> Result<Vec<BankEntry>, StoreError> {
        on_backend!(self, readers => readers.bank_directory())
    }

    /// Adds banks or replaces those of the same codes.
    ///
    /// # Errors
    /// When the database fails; none is changed then.
    pub async fn put_bank_directory(&self, entries: Vec<BankEntry>) -> Result<(), StoreError> {
        on_backend!(self, readers => readers.put_bank_directory(entries))
    }

    /// What each lane has done.
    #[must_use]
    pub fn lane_stats(&self) -> Vec<&LaneStats> {
        match &self.backend {
            Backend::Sqlite(sqlite) => vec![sqlite.lane.stats()],
            Backend::Postgres(postgres) => postgres.lane_stats(),
        }
    }

    /// Writes what is queued and closes the database.
    pub async fn close(self) {
        match self.backend {
            Backend::Sqlite(sqlite) => {
                // Joining the lane's thread blocks.
                let _ = tokio::task::spawn_blocking(move || sqlite.close()).await;
            }
            Backend::Postgres(postgres) => postgres.close().await,
        }
    }
}
