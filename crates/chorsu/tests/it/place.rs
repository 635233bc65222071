//! Where a server under test keeps its data. Everything goes when the place is dropped.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use rusqlite::types::ValueRef;
use tempfile::TempDir;

use crate::postgres::Database;

/// An empty data folder, and a database of its own when the store is PostgreSQL.
pub(crate) struct Place {
    folder: TempDir,
    database: Option<Database>,
}

impl Place {
    /// SQLite in a folder of its own.
    pub(crate) fn sqlite() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), database: None }
    }

    /// A new PostgreSQL database; the folder is for the sandbox and the log only.
    pub(crate) async fn postgres() -> Self {
        let database = Some(Database::create().await);
        Self { folder: tempfile::tempdir().unwrap(), database }
    }

    /// The folder that `--data` names.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What the servers of this place print, all of them one after the other.
    pub(crate) fn log(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    /// The PostgreSQL database, when there is one.
    pub(crate) fn database(&self) -> Option<&Database> {
        self.database.as_ref()
    }

    /// The options of `serve`.
    pub(crate) fn serve_options(&self) -> Vec<OsString> {
        let mut options = vec!["--data".into(), self.data().into()];
        options.extend(self.database_options());
        options
    }

    /// The options of `verify`, which looks at one of the two.
    pub(crate) fn verify_options(&self) -> Vec<OsString> {
        match &self.database {
            Some(_) => self.database_options(),
            None => vec!["--data".into(), self.data().into()],
        }
    }

    /// The rows of a query on the store, every value as text, bytes as hexadecimal digits.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        if let Some(database) = &self.database {
            return database.rows(sql).await;
        }
        sqlite_rows(&self.data().join("chorsu.db"), sql)
    }

    /// How many requests to the card networks a killed server has left open. SQLite is read from a
    /// copy: opening the file itself would clean up what the next server has to clean up.
    pub(crate) async fn intents_left_behind(&self) -> u64 {
        let sql = "SELECT count(*) FROM outbox";
        let rows = match &self.database {
            Some(database) => database.rows(sql).await,
            None => {
                let copy = tempfile::tempdir().unwrap();
                for name in ["chorsu.db", "chorsu.db-wal"] {
                    std::fs::copy(self.data().join(name), copy.path().join(name)).unwrap();
                }
                sqlite_rows(&copy.path().join("chorsu.db"), sql)
            }
        };
        rows[0][0].parse().unwrap()
    }

    fn database_options(&self) -> Vec<OsString> {
        let url = self.database.as_ref().map(|database| database.url().into());
        url.map_or_else(Vec::new, |url| vec!["--database".into(), url])
    }
}

/// The rows of a query on a SQLite file.
fn sqlite_rows(file: &Path, sql: &str) -> Vec<Vec<String>> {
    let connection = rusqlite::Connection::open(file).unwrap();
    let mut query = connection.prepare(sql).unwrap();
    let columns = query.column_count();
    let value = |row: &rusqlite::Row<'_>, place| match row.get_ref(place)? {
        ValueRef::Null => Ok(String::new()),
        ValueRef::Integer(number) => Ok(number.to_string()),
        ValueRef::Real(number) => Ok(number.to_string()),
        ValueRef::Text(text) => Ok(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
    };
    let row = |row: &rusqlite::Row<'_>| (0..columns).map(|place| value(row, place)).collect();
    query.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap()
}
