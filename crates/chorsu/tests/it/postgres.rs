//! PostgreSQL databases for the tests, on the server that `CHORSU_TEST_POSTGRES` names.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// The server where databases may be made. A test of PostgreSQL without one must not pass.
fn server() -> String {
    std::env::var("CHORSU_TEST_POSTGRES").expect(
        "CHORSU_TEST_POSTGRES must name a PostgreSQL server for the tests, like \
         postgres://user@127.0.0.1:5432/postgres, where databases may be made; \
         `cargo xtask postgres` starts one",
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

/// A database of its own; it is dropped with the value.
pub(crate) struct Database {
    server: String,
    name: String,
    url: String,
}

impl Database {
    /// An empty database.
    pub(crate) async fn create() -> Self {
        let server = server();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("chorsu_it_{}_{number}", std::process::id());
        let create = format!("CREATE DATABASE {name}");
        connect(&server).await.batch_execute(&create).await.unwrap();
        let url = database_url(&server, &name);
        Self { server, name, url }
    }

    /// Its address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Runs statements.
    pub(crate) async fn sql(&self, sql: &str) {
        connect(&self.url).await.batch_execute(sql).await.unwrap();
    }

    /// The rows of a query, every value as text.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let messages = connect(&self.url).await.simple_query(sql).await.unwrap();
        let row = |message| match message {
            SimpleQueryMessage::Row(row) => {
                // Byte strings come as `\\x` and hexadecimal digits.
                let value = |place| row.get(place).unwrap_or_default().trim_start_matches("\\x");
                let value = |place| value(place).to_owned();
                Some((0..row.len()).map(value).collect())
            }
            _ => None,
        };
        messages.into_iter().filter_map(row).collect()
    }

    /// Everything in every table as text, byte strings as hexadecimal digits, a row a line.
    pub(crate) async fn dump(&self) -> String {
        let tables = "SELECT table_name FROM information_schema.tables \
                      WHERE table_schema = 'public' AND table_type = 'BASE TABLE'";
        let mut dump = String::new();
        for table in self.rows(tables).await {
            let rows = self.rows(&format!("SELECT t::text FROM \"{}\" t", table[0])).await;
            for row in rows {
                dump.push_str(&row[0]);
                dump.push('\n');
            }
        }
        dump
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let server = self.server.clone();
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A runtime cannot be entered from within another one.
        let thread = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { connect(&server).await.batch_execute(&drop).await })
        });
        if let Ok(Err(error)) = thread.join() {
            eprintln!("{} is left behind: {error}", self.name);
        }
    }
}
