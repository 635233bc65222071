//! Fresh databases, and raw SQL on them behind the store's back.

use std::sync::atomic::{AtomicU32, Ordering};

use chorsu_store::verify::{Report, verify};
use chorsu_store::{OpenOptions, Store};
use tokio_postgres::{Client, NoTls};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A number that no other call in this process gets.
pub(crate) fn unique() -> u32 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// An empty place for a store; it is removed when dropped.
pub(crate) struct Fresh {
    pub(crate) options: OpenOptions,
    place: Place,
}

enum Place {
    Folder { _removed_when_dropped: tempfile::TempDir },
    Database { server: String, name: String },
}

/// The server for the tests.
fn server() -> String {
    std::env::var("CHORSU_TEST_POSTGRES").expect(
        "CHORSU_TEST_POSTGRES must name a PostgreSQL server for the tests, like \
         postgres://user@127.0.0.1:5432/postgres, where databases may be made",
    )
}

/// The same server's address with another database.
fn database_url(server: &str, name: &str) -> String {
    let (address, query) = server.split_once('?').unwrap_or((server, ""));
    let (host, _) = address.rsplit_once('/').expect("the address ends with a database");
    if query.is_empty() { format!("{host}/{name}") } else { format!("{host}/{name}?{query}") }
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

impl Fresh {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = OpenOptions::Sqlite { dir: folder.path().join("data") };
        Self { options, place: Place::Folder { _removed_when_dropped: folder } }
    }

    pub(crate) async fn postgres() -> Self {
        let server = server();
        let name = format!("chorsu_test_{}_{}", std::process::id(), unique());
        let create = format!("CREATE DATABASE {name}");
        connect(&server).await.batch_execute(&create).await.unwrap();
        let options = OpenOptions::Postgres { url: database_url(&server, &name) };
        Self { options, place: Place::Database { server, name } }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.place, Place::Database { .. })
    }

    /// Opens the store under a name of its own.
    pub(crate) async fn open(&self) -> Store {
        let owner = format!("test-{}-{}", std::process::id(), unique());
        Store::open(&self.options, owner).await.unwrap()
    }

    /// Runs SQL statements as an intruder would.
    pub(crate) async fn try_sql(&self, sql: &str) -> Result<(), String> {
        match &self.options {
            OpenOptions::Sqlite { dir } => {
                let connection = rusqlite::Connection::open(dir.join("chorsu.db")).unwrap();
                connection.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
                connection.execute_batch(sql).map_err(|error| error.to_string())
            }
            OpenOptions::Postgres { url } => connect(url)
                .await
                .batch_execute(sql)
                .await
                .map_err(|error| error.as_db_error().unwrap().message().to_owned()),
        }
    }

    pub(crate) async fn sql(&self, sql: &str) {
        self.try_sql(sql).await.unwrap();
    }

    /// The one number that a query answers.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        match &self.options {
            OpenOptions::Sqlite { dir } => {
                let connection = rusqlite::Connection::open(dir.join("chorsu.db")).unwrap();
                connection.query_row(sql, [], |row| row.get(0)).unwrap()
            }
            OpenOptions::Postgres { url } => {
                connect(url).await.query_one(sql, &[]).await.unwrap().get(0)
            }
        }
    }

    /// Replays the ledger.
    pub(crate) async fn verify(&self) -> Report {
        verify(&self.options, &mut |_| {}).await.unwrap()
    }

    /// Replays the ledger, which must be in order.
    pub(crate) async fn assert_clean(&self) -> Report {
        let report = self.verify().await;
        let sentences: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        assert!(report.is_clean(), "{sentences:#?}");
        report
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if let Place::Database { server, name } = &self.place {
            let (server, drop) =
                (server.clone(), format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            // A runtime cannot be entered from within another one.
            let thread = std::thread::spawn(move || {
                let runtime =
                    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async { connect(&server).await.batch_execute(&drop).await })
            });
            if let Ok(Err(error)) = thread.join() {
                eprintln!("{name} is left behind: {error}");
            }
        }
    }
}
