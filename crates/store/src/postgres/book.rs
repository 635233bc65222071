//! The sandbox's books in PostgreSQL, shared by all processes of a database.
//!
//! They are the other side's memory, not ours: a commit survives a killed process but is not
//! flushed for a power failure.
//!
//! Records that are written again and again are remembered, with the transaction that wrote them
//! last. A write says which versions it was decided on and does nothing when one of them is no
//! longer there; so most transactions are one statement, and another process loses nothing.

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, Config, Statement};

use super::connect::{BY_KEY_ONLY, configuration, connect, is_alive, lock};
use super::row::{Version, version_of};
use crate::book::{Change, SCHEMA};
use crate::error::{PostgresFailure, StoreError};
use crate::recent::Recent;

/// How often a transaction is decided anew because other processes were faster.
const TRIES: usize = 10;

/// Reads and locks what there is of the records, in key order.
const LOAD: &str = "SELECT place, record.xmin::text::bigint, record.body \
     FROM UNNEST($1::text[], $2::text[]) WITH ORDINALITY AS asked (kind, id, place) \
     JOIN sandbox_record AS record ON record.kind = asked.kind AND record.id = asked.id \
     ORDER BY place FOR UPDATE OF record";

/// Writes the bodies if every record is as it was when they were decided: of the version given, or
/// not there where none is given. Returns the new version if so.
const WRITE: &str = "WITH asked AS MATERIALIZED ( \
     SELECT * FROM UNNEST($1::text[], $2::text[], $3::int[], $4::text[]) \
     AS asked (kind, id, version, body)), \
     held AS (SELECT 1 FROM asked JOIN sandbox_record AS record ON record.kind = asked.kind \
     AND record.id = asked.id AND record.xmin = asked.version FOR UPDATE OF record), \
     valid AS MATERIALIZED (SELECT (SELECT count(*) FROM held) = \
     (SELECT count(version) FROM asked) AND NOT EXISTS ( \
     SELECT 1 FROM asked JOIN sandbox_record AS record ON record.kind = asked.kind \
     AND record.id = asked.id WHERE asked.version IS NULL) AS it), \
     made AS (INSERT INTO sandbox_record (kind, id, body) SELECT kind, id, body FROM asked \
     WHERE version IS NULL AND body IS NOT NULL AND (SELECT it FROM valid)), \
     changed AS (UPDATE sandbox_record AS record SET body = asked.body FROM asked \
     WHERE record.kind = asked.kind AND record.id = asked.id AND asked.version IS NOT NULL \
     AND asked.body IS NOT NULL AND (SELECT it FROM valid)) \
     SELECT pg_current_xact_id()::text::bigint FROM valid WHERE it";

/// The open books.
pub(crate) struct PostgresBook {
    runtime: Runtime,
    config: Config,
    session: Option<Session>,
}

struct Session {
    client: Client,
    load: Statement,
    write: Statement,
    newest: Statement,
    /// Records that were read or changed, but not those that were only made: most are never
    /// wanted again.
    memory: Recent<String, Record>,
}

/// A record as it is stored.
#[derive(Clone)]
struct Record {
    version: Version,
    body: String,
}

/// The records of a transaction, by the places of their keys.
type Found = Vec<Option<Record>>;
/// What becomes of them: the new bodies, where there is one.
type Bodies = Vec<Option<String>>;

impl Session {
    async fn open(config: &Config) -> Result<Self, StoreError> {
        let client = connect(config).await?;
        // Two processes that make the table at once would collide.
        let lock = format!("SELECT pg_advisory_xact_lock({}, 0)", lock::SCHEMA);
        client.batch_execute(&format!("BEGIN; {lock}; {SCHEMA}; COMMIT")).await?;
        client.batch_execute(BY_KEY_ONLY).await?;
        client.batch_execute("SET synchronous_commit = off").await?;
        Ok(Self {
            load: client.prepare(LOAD).await?,
            write: client.prepare(WRITE).await?,
            newest: client
                .prepare(
                    "SELECT id, body FROM sandbox_record WHERE kind = $1 \
                     ORDER BY id DESC LIMIT $2",
                )
                .await?,
            client,
            memory: Recent::new(),
        })
    }

    /// The records as they are remembered, if any is; the others seem not to be there.
    fn recall(&mut self, keys: &[(&str, &str)]) -> Option<Found> {
        let found: Found = keys.iter().map(|key| self.memory.get(&name(*key))).collect();
        found.iter().any(Option::is_some).then_some(found)
    }

    /// Begins a transaction, and locks and reads the records, in one go.
    async fn begin(&self, keys: &[(&str, &str)]) -> Result<Found, StoreError> {
        let kinds: Vec<&str> = keys.iter().map(|(kind, _)| *kind).collect();
        let ids: Vec<&str> = keys.iter().map(|(_, id)| *id).collect();
        let (begun, rows) = tokio::join!(
            biased;
            self.client.batch_execute("BEGIN"),
            async { self.client.query(&self.load, &[&kinds, &ids]).await },
        );
        begun?;
        let mut found = vec![None; keys.len()];
        for row in &rows? {
            let place = usize::try_from(row.try_get::<_, i64>(0)? - 1).ok();
            let place = place.and_then(|place| found.get_mut(place));
            let place = place.ok_or(StoreError::Corrupt("place of a record"))?;
            *place = Some(Record { version: version_of(row.try_get(1)?), body: row.try_get(2)? });
        }
        Ok(found)
    }

    /// Writes what was decided on these records, unless one of them has changed, and says whether
    /// it did. `end` ends the transaction in the same go, if there is one.
    async fn write(
        &mut self,
        keys: &[(&str, &str)],
        found: Found,
        bodies: Bodies,
        end: Option<&str>,
    ) -> Result<bool, StoreError> {
        let kinds: Vec<&str> = keys.iter().map(|(kind, _)| *kind).collect();
        let ids: Vec<&str> = keys.iter().map(|(_, id)| *id).collect();
        let versions: Vec<Option<Version>> =
            found.iter().map(|record| record.as_ref().map(|record| record.version)).collect();
        let (written, ended) = tokio::join!(
            biased;
            async { self.client.query_opt(&self.write, &[&kinds, &ids, &versions, &bodies]).await },
            async {
                let Some(end) = end else { return Ok(()) };
                self.client.batch_execute(end).await
            },
        );
        let written = written?;
        ended?;
        let Some(written) = written else { return Ok(false) };
        let version = version_of(written.try_get(0)?);
        for ((key, record), body) in keys.iter().zip(found).zip(bodies) {
            let Some(record) = record else { continue };
            let record = body.map_or(record, |body| Record { version, body });
            self.memory.put(name(*key), record);
        }
        Ok(true)
    }
}

/// A key as one text. Kinds are words.
fn name((kind, id): (&str, &str)) -> String {
    [kind, "/", id].concat()
}

/// The new bodies by the places of their keys.
fn bodies(keys: &[(&str, &str)], changes: Vec<Change>) -> Result<Bodies, StoreError> {
    let mut bodies = vec![None; keys.len()];
    for change in changes {
        let unasked = StoreError::Corrupt("change of a record that was not asked for");
        *bodies.get_mut(change.key).ok_or(unasked)? = Some(change.body);
    }
    Ok(bodies)
}

fn texts(found: &Found) -> Vec<Option<String>> {
    found.iter().map(|record| record.as_ref().map(|record| record.body.clone())).collect()
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
        if self.transact_from_memory(keys, decide)? {
            return Ok(());
        }
        for _ in 0..TRIES {
            let (mut session, found) = self.read(async |session| session.begin(keys).await)?;
            // The session comes back only when its transaction is over.
            let bodies = bodies(keys, decide(texts(&found)))?;
            let is_over = if bodies.iter().any(Option::is_some) {
                let write = session.write(keys, found, bodies, Some("COMMIT"));
                match self.runtime.block_on(write) {
                    // Another process has made the same new record.
                    Err(StoreError::Postgres(failure)) if failure.is_rolled_back() => false,
                    other => other?,
                }
            } else {
                self.runtime.block_on(session.client.batch_execute("ROLLBACK"))?;
                true
            };
            self.session = Some(session);
            if is_over {
                return Ok(());
            }
        }
        Err(PostgresFailure::new("other processes change the same records all the time").into())
    }

    /// Decides on the records as they are remembered, and says whether that was stored: it is not
    /// when a record is not as it was believed to be.
    ///
    /// Only where every record is written does the write tell that all of it holds.
    fn transact_from_memory(
        &mut self,
        keys: &[(&str, &str)],
        decide: &mut dyn FnMut(Vec<Option<String>>) -> Vec<Change>,
    ) -> Result<bool, StoreError> {
        let Some(session) = &mut self.session else { return Ok(false) };
        let Some(found) = session.recall(keys) else { return Ok(false) };
        let bodies = bodies(keys, decide(texts(&found)))?;
        if !bodies.iter().all(Option::is_some) {
            return Ok(false);
        }
        let written = self.runtime.block_on(async {
            if !is_alive(&session.client).await {
                return Ok(false);
            }
            session.write(keys, found, bodies, None).await
        });
        // After a failure nothing is known of the session, nor of the records it remembers.
        written.inspect_err(|_| self.session = None)
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
