//! Opening the database file: settings, migrations, the lane and the readers.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use super::checkpoint::Checkpoints;
use super::durability::Flusher;
use super::read::Readers;
use super::write::SqliteWriter;
use crate::error::StoreError;
use crate::lane::Lane;
use crate::migrate;

/// Memory for pages of the writing connection.
const WRITER_CACHE_KIB: i64 = 16 * 1024;
/// Memory for pages of each reading connection.
const READER_CACHE_KIB: i64 = 2 * 1024;
/// Connections that read beside the writer.
const READERS: usize = 2;
/// Bytes of a page. New rows lie together at the end, so larger pages mean fewer writes a batch.
const PAGE_BYTES: i64 = 8 * 1024;
/// How long to wait for a lock that another connection of this process holds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// An open SQLite store.
pub(crate) struct Sqlite {
    pub(crate) lane: Lane,
    pub(crate) readers: Arc<Readers>,
    thread: Option<std::thread::JoinHandle<()>>,
    // Held for as long as the store is open: one process per data directory.
    _lock: std::fs::File,
}

impl Sqlite {
    /// Opens or creates `chorsu.db` in `dir`; `owner` is written on the outbox rows of this
    /// process.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process has the folder open.
    pub(crate) fn open(dir: &Path, owner: &str) -> Result<Self, StoreError> {
        let lock = lock(dir)?;
        let path = dir.join("chorsu.db");
        let mut connection = connect(&path, WRITER_CACHE_KIB)?;
        migrate(&mut connection)?;
        // From here on the log is flushed by the flusher and copied back by the checkpoints.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        let flusher = Flusher::start(&dir.join("chorsu.db-wal"))?;
        let durability = flusher.shared();
        let checkpoints = Checkpoints::start(connect(&path, READER_CACHE_KIB)?)?;
        let writer = SqliteWriter::new(connection, owner, flusher, checkpoints)?;
        let (lane, thread) = Lane::start("chorsu-lane".to_owned(), writer)?;
        let readers = Readers::start(READERS, durability, || connect(&path, READER_CACHE_KIB))?;
        Ok(Self { lane, readers: Arc::new(readers), thread: Some(thread), _lock: lock })
    }

    /// Opens the file for reading beside a process that may be writing it.
    pub(crate) fn open_to_read(dir: &Path) -> Result<Connection, StoreError> {
        let path = dir.join("chorsu.db");
        if !path.is_file() {
            let source = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(StoreError::File { path: path.display().to_string(), source });
        }
        connect(&path, READER_CACHE_KIB)
    }

    /// Waits until everything queued is written.
    pub(crate) fn close(self) {
        let Self { lane, readers, thread, _lock } = self;
        drop((lane, readers));
        if let Some(thread) = thread {
            // A lane that panicked has said so in the log.
            let _ = thread.join();
        }
    }
}

/// Takes the folder for this process; the system lets go of it when the process dies.
fn lock(dir: &Path) -> Result<std::fs::File, StoreError> {
    let path = dir.join("chorsu.lock");
    let failed =
        |path: &PathBuf, source| StoreError::File { path: path.display().to_string(), source };
    std::fs::create_dir_all(dir).map_err(|source| failed(&dir.to_path_buf(), source))?;
    let file = std::fs::File::create(&path).map_err(|source| failed(&path, source))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::InUse(dir.display().to_string())),
        Err(std::fs::TryLockError::Error(source)) => Err(failed(&path, source)),
    }
}

fn connect(path: &Path, cache_kib: i64) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // Only a new file takes this over.
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Negative: kibibytes instead of pages.
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    transaction.execute_batch(migrate::HISTORY_TABLE)?;
    let applied = transaction
        .prepare("SELECT number, checksum FROM migration ORDER BY number")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<Vec<_>, _>>()?;
    let pending = migrate::pending(&applied, |migration| migration.sqlite)
        .map_err(|number| StoreError::Migration { number })?;
    for migration in pending {
        transaction.execute_batch(migration.sqlite)?;
        transaction.execute(
            "INSERT INTO migration (number, name, checksum) VALUES (?1, ?2, ?3)",
            (migration.number, migration.name, migrate::checksum(migration.sqlite)),
        )?;
    }
    Ok(transaction.commit()?)
}
