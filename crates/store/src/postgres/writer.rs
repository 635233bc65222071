//! The writer of one lane: decides and writes batches, and keeps the promise that none is written
//! twice when connections break.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use chorsu_core::Command;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::Config;

use super::connect::is_alive;
use super::session::{Claim, Session, Wanted};
use super::write::{Names, Undone};
use crate::batch::{Needs, decide_all};
use crate::error::{PostgresFailure, StoreError};
use crate::lane::{Answers, Writer};

/// How often a batch is tried that loses a race against another lane, or its connection. A second
/// race is rare and a third one is bad luck.
const TRIES_MAX: u32 = 4;
/// How long a batch waits for a lost connection to come back.
const RECONNECT_PATIENCE: Duration = Duration::from_secs(2);
/// How long to try to find out whether a batch was committed.
const DOUBT_PATIENCE: Duration = Duration::from_secs(10);
/// How long commands are refused at once after the server could not be reached.
const REFUSE_AT_ONCE: Duration = Duration::from_secs(1);
/// The pauses between tries to connect: doubled each time, between these.
const PAUSE_MIN: Duration = Duration::from_millis(20);
const PAUSE_MAX: Duration = Duration::from_millis(500);
/// How long one try may take.
const TRY_TIMEOUT: Duration = Duration::from_secs(5);

/// Owns a lane's connection.
pub(super) struct PostgresWriter {
    runtime: Runtime,
    config: Config,
    /// Names this writer in the lane's row; unlike any other's.
    writer: String,
    owner: String,
    session: Option<Session>,
    /// The chain it had last.
    claim: Option<Claim>,
    refuse_until: Option<Instant>,
}

/// A batch that may or may not have been committed.
#[derive(Clone, Copy)]
struct Doubt {
    claim: Claim,
    batch: i64,
}

impl PostgresWriter {
    /// Connects and takes a chain. Blocks, so it must not be called on a runtime's thread.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub(super) fn open(config: Config, owner: &str, number: usize) -> Result<Self, StoreError> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|source| StoreError::File { path: "a runtime".to_owned(), source })?;
        let mut writer = Self {
            runtime,
            config,
            writer: format!("{owner}/{number}"),
            owner: owner.to_owned(),
            session: None,
            claim: None,
            refuse_until: None,
        };
        writer.connect(Wanted::Any)?;
        Ok(writer)
    }

    /// One try to connect. Returns whether the chain was last written by us.
    fn connect(&mut self, wanted: Wanted) -> Result<bool, StoreError> {
        let open = Session::open(&self.config, &self.writer, wanted);
        let opened = self.runtime.block_on(async { tokio::time::timeout(TRY_TIMEOUT, open).await });
        let (session, was_ours) = opened
            .unwrap_or_else(|_| Err(PostgresFailure::new("connecting takes too long").into()))?;
        self.claim = Some(session.claim);
        self.session = Some(session);
        Ok(was_ours)
    }

    /// Tries to connect until it works or the time is up.
    fn reconnect(&mut self, wanted: Wanted, patience: Duration) -> Result<bool, StoreError> {
        let started = Instant::now();
        let mut pause = PAUSE_MIN;
        loop {
            match self.connect(wanted) {
                Ok(was_ours) => return Ok(was_ours),
                Err(error) if started.elapsed() + pause > patience => return Err(error),
                Err(_) => std::thread::sleep(pause),
            }
            pause = (2 * pause).min(PAUSE_MAX);
        }
    }

    /// Makes sure that there is a connection, or fails at once when there was none just now.
    fn ready(&mut self) -> Result<(), StoreError> {
        // What is noticed before anything is sent needs no finding out.
        if let Some(session) = &self.session
            && self.runtime.block_on(is_alive(&session.client))
        {
            return Ok(());
        }
        if self.is_refusing() {
            return Err(PostgresFailure::new("the server cannot be reached").into());
        }
        self.session = None;
        let wanted = self.claim.map_or(Wanted::Any, Wanted::Preferably);
        match self.reconnect(wanted, RECONNECT_PATIENCE) {
            Ok(_) => self.refuse_until = None,
            Err(error) => {
                self.refuse_until = Some(Instant::now() + REFUSE_AT_ONCE);
                return Err(error);
            }
        }
        tracing::info!(writer = self.writer, "connected to PostgreSQL again");
        Ok(())
    }

    /// Whether the server could not be reached just now.
    fn is_refusing(&self) -> bool {
        self.refuse_until.is_some_and(|until| Instant::now() < until)
    }

    /// Decides and writes a batch once; `is_trusting` takes keys to be free that most likely are.
    fn try_write(
        &mut self,
        commands: &[Command],
        needs: &Needs,
        mut is_trusting: bool,
    ) -> Result<Answers, StoreError> {
        self.ready()?;
        let Some(session) = &mut self.session else { return Err(StoreError::Stopped) };
        if needs.creates > 0 {
            let reserve = session.reserve_numbers(&self.writer, needs.creates);
            if let Err(error) = self.runtime.block_on(reserve) {
                // Whatever it was, the lane's row must be read again.
                self.session = None;
                return Err(error);
            }
        }
        let (mut loaded, answers) = loop {
            let mut loaded = self.runtime.block_on(session.load(needs, is_trusting))?;
            loaded.rows.next_number = session.lane.next_number;
            let is_taken_for_granted =
                loaded.versions.any_remembered() || (is_trusting && !needs.likely_free.is_empty());
            let decided = catch_unwind(AssertUnwindSafe(|| decide_all(commands, &mut loaded.rows)));
            match decided {
                Ok(answers) if !(loaded.rows.is_unchanged() && is_taken_for_granted) => {
                    break (loaded, answers);
                }
                // No write will tell whether what is taken for granted holds.
                Ok(_) => {}
                // A row that is remembered and one that was read now may contradict each other.
                Err(_) if is_taken_for_granted => {}
                Err(panic) => resume_unwind(panic),
            }
            session.memory.forget(needs);
            is_trusting = false;
        };
        if loaded.rows.is_unchanged() {
            self.runtime.block_on(session.roll_back())?;
            return Ok(answers);
        }
        let chained = session.chain(&mut loaded.rows);
        let doubt = Doubt { claim: session.claim, batch: session.lane.batch + 1 };
        let names = Names { writer: &self.writer, owner: &self.owner };
        match self.runtime.block_on(session.store(loaded, chained, names)) {
            Ok(()) => Ok(answers),
            Err(Undone::Certainly(failure)) => {
                session.memory.forget(needs);
                if failure.is_of_lost_chain() {
                    self.session = None;
                }
                Err(failure.into())
            }
            Err(Undone::Perhaps(failure)) => {
                tracing::warn!(writer = self.writer, %failure, "connection lost during a commit");
                if self.was_committed(doubt)? { Ok(answers) } else { Err(failure.into()) }
            }
        }
    }

    /// Finds out whether a batch was committed: nothing of it may be decided again before that.
    ///
    /// Once we hold its chain again, its session is over and can commit no more; the lane's row
    /// then tells, unless another writer has had the chain in between.
    fn was_committed(&mut self, doubt: Doubt) -> Result<bool, StoreError> {
        self.session = None;
        let found = self.reconnect(Wanted::Only(doubt.claim), DOUBT_PATIENCE);
        let was_ours = found.map_err(|_| StoreError::InDoubt)?;
        match &self.session {
            Some(session) if was_ours => Ok(session.lane.batch == doubt.batch),
            _ => Err(StoreError::InDoubt),
        }
    }
}

impl Writer for PostgresWriter {
    fn write(&mut self, commands: &[Command]) -> Result<Answers, StoreError> {
        let needs = Needs::of(commands);
        let mut written = self.try_write(commands, &needs, true);
        // Nothing of it was written, so all of it can be decided anew.
        for _ in 1..TRIES_MAX {
            match &written {
                Err(StoreError::Postgres(failure))
                    if failure.is_passing() && !self.is_refusing() =>
                {
                    tracing::warn!(writer = self.writer, %failure, "batch is tried again");
                }
                _ => break,
            }
            written = self.try_write(commands, &needs, false);
        }
        written
    }
}

impl Drop for PostgresWriter {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            let close = session.close();
            // The server notices by itself when this is not heard.
            let _ = self.runtime.block_on(async { tokio::time::timeout(TRY_TIMEOUT, close).await });
        }
    }
}
