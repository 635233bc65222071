//! The sandbox's books in PostgreSQL, shared by all processes of a database.
//!
//! They are the other side's memory, not ours: a commit survives a killed process but is not
//! flushed for a power failure.

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, Config, Statement};

use super::connect::{configuration, connect, lock};
use crate::book::{Change, SCHEMA};
use crate::error::StoreError;

/// One transaction at a time in the whole database, so that what was read holds until it is written.
const BEGIN: &str = "BEGIN; SET LOCAL synchronous_commit = off";

/// The open books.
pub(crate) struct PostgresBook {
    runtime: Runtime,
    config: Config,
    session: Option<Session>,
}

struct Session {
    client: Client,
    lock: Statement,
    select: Statement,
    upsert: Statement,
    newest: Statement,
}

impl Session {
    async fn open(config: &Config) -> Result<Self, StoreError> {
        let client = connect(config).await?;
        // Two processes that make the table at once would collide.
        let lock = format!("SELECT pg_advisory_xact_lock({}, 0)", lock::SCHEMA);
        client.batch_execute(&format!("BEGIN; {lock}; {SCHEMA}; COMMIT")).await?;
        let lock = format!("SELECT pg_advisory_xact_lock({}, 0)", lock::BOOK);
        Ok(Self {
            lock: client.prepare(&lock).await?,
            select: client
                .prepare(
                    "SELECT record.body FROM UNNEST($1::text[], $2::text[]) WITH ORDINALITY \
                     AS asked (kind, id, place) \
                     LEFT JOIN sandbox_record AS record \
                     ON record.kind = asked.kind AND record.id = asked.id ORDER BY place",
                )
                .await?,
            upsert: client
                .prepare(
                    "INSERT INTO sandbox_record (kind, id, body) \
                     SELECT * FROM UNNEST($1::text[], $2::text[], $3::text[]) \
                     ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
                )
                .await?,
            newest: client
                .prepare(
                    "SELECT id, body FROM sandbox_record WHERE kind = $1 \
                     ORDER BY id DESC LIMIT $2",
                )
                .await?,
            client,
        })
    }

    /// Begins a transaction and reads the records, in one go.
    async fn begin(&self, keys: &[(&str, &str)]) -> Result<Vec<Option<String>>, StoreError> {
        let kinds: Vec<&str> = keys.iter().map(|(kind, _)| *kind).collect();
        let ids: Vec<&str> = keys.iter().map(|(_, id)| *id).collect();
        let (begun, locked, found) = tokio::join!(
            biased;
            self.client.batch_execute(BEGIN),
            self.client.query_one(&self.lock, &[]),
            async { self.client.query(&self.select, &[&kinds, &ids]).await },
        );
        begun?;
        locked?;
        found?.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Writes the changes and commits, in one go.
    async fn end(&self, keys: &[(&str, &str)], changes: &[Change]) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(self.client.batch_execute("ROLLBACK").await?);
        }
        let mut kinds = Vec::with_capacity(changes.len());
        let mut ids = Vec::with_capacity(changes.len());
        for change in changes {
            let (kind, id) = keys
                .get(change.key)
                .ok_or(StoreError::Corrupt("change of a record that was not asked for"))?;
            kinds.push(*kind);
            ids.push(*id);
        }
        let bodies: Vec<&str> = changes.iter().map(|change| change.body.as_str()).collect();
        let (written, committed) = tokio::join!(
            biased;
            async { self.client.execute(&self.upsert, &[&kinds, &ids, &bodies]).await },
            self.client.batch_execute("COMMIT"),
        );
        written?;
        Ok(committed?)
    }
}

impl PostgresBook {
    pub(crate) fn open(url: &str) -> Result<Self, StoreError> {
        let config = configuration(url)?;
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|source| StoreError::File { path: "a runtime".to_owned(), source })?;
        let session = Some(runtime.block_on(Session::open(&config))?);
        Ok(Self { runtime, config, session })
    }

    pub(crate) fn transact(
        &mut self,
        keys: &[(&str, &str)],
        decide: &mut dyn FnMut(Vec<Option<String>>) -> Vec<Change>,
    ) -> Result<(), StoreError> {
        let (session, found) = self.read(async |session| session.begin(keys).await)?;
        // The session comes back only when its transaction is over.
        let changes = decide(found);
        self.runtime.block_on(session.end(keys, &changes))?;
        self.session = Some(session);
        Ok(())
    }

    pub(crate) fn newest(
        &mut self,
        kind: &str,
        limit: usize,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let (session, found) = self.read(async |session| {
            Ok(session.client.query(&session.newest, &[&kind, &limit]).await?)
        })?;
        self.session = Some(session);
        found.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// Reads on the session there is or, when that is broken, on a new one.
    fn read<T>(
        &mut self,
        read: impl AsyncFn(&Session) -> Result<T, StoreError>,
    ) -> Result<(Session, T), StoreError> {
        if let Some(session) = self.session.take()
            && let Ok(found) = self.runtime.block_on(read(&session))
        {
            return Ok((session, found));
        }
        let session = self.runtime.block_on(Session::open(&self.config))?;
        let found = self.runtime.block_on(read(&session))?;
        Ok((session, found))
    }
}
