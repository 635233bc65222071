//! A lane: one writer that puts everything waiting in its queue into one transaction.
//!
//! While a batch is being flushed to disk the next one gathers, so the batch grows with the load
//! and a lone command never waits for company.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use chorsu_core::{Command, Reject, Reply};
use tokio::sync::{mpsc, oneshot};

use crate::error::{StoreError, SubmitError};

/// Commands that may wait for a lane; one more is answered [`SubmitError::Busy`] at once.
const QUEUE_MAX: usize = 8_192;
/// Commands in one transaction.
const BATCH_MAX: usize = 512;

/// The answers to a batch, in its order.
pub(crate) type Answers = Vec<Result<Reply, Reject>>;

/// A backend's way to decide and write a batch in one transaction.
pub(crate) trait Writer {
    /// Decides `commands` in order and commits the changes. After an error or a panic the
    /// transaction is rolled back by the next call.
    ///
    /// # Errors
    /// None of it was written, unless the error is [`StoreError::InDoubt`].
    fn write(&mut self, commands: &[Command]) -> Result<Answers, StoreError>;

    /// Calls `then` once everything written so far is durable, with whether it is. A writer whose
    /// commits are durable when they return calls it at once.
    fn when_durable(&mut self, then: WhenDurable) {
        then(true);
    }
}

/// What is to happen once a batch is durable; it is told whether the disk did its part.
pub(crate) type WhenDurable = Box<dyn FnOnce(bool) + Send>;

/// What a lane has done since it started.
#[derive(Debug, Default)]
pub struct LaneStats {
    /// Transactions committed.
    pub batches: AtomicU64,
    /// Commands in them.
    pub commands: AtomicU64,
    /// Microseconds spent in them.
    pub busy_us: AtomicU64,
    /// Commands that failed for the database's sake.
    pub failures: AtomicU64,
}

struct Job {
    command: Command,
    answer: oneshot::Sender<Result<Reply, SubmitError>>,
}

/// The way into a lane. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    jobs: mpsc::Sender<Job>,
    stats: Arc<LaneStats>,
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Job")
    }
}

impl Lane {
    /// Starts a thread that writes with `writer`; it ends when the last [`Lane`] is dropped and
    /// the queue is empty.
    pub(crate) fn start<W: Writer + Send + 'static>(
        name: String,
        writer: W,
    ) -> Result<(Self, std::thread::JoinHandle<()>), StoreError> {
        let (jobs, queue) = mpsc::channel(QUEUE_MAX);
        let stats = Arc::new(LaneStats::default());
        let lane = Self { jobs, stats: stats.clone() };
        let thread = std::thread::Builder::new()
            .name(name.clone())
            .spawn(move || run(writer, queue, &stats))
            .map_err(|source| StoreError::File { path: format!("thread {name}"), source })?;
        Ok((lane, thread))
    }

    /// Decides and writes `command`; the answer comes when it is durable.
    pub(crate) async fn submit(&self, command: Command) -> Result<Reply, SubmitError> {
        let (answer, answered) = oneshot::channel();
        let job = Job { command, answer };
        match self.jobs.try_send(job) {
            Ok(()) => answered.await.unwrap_or(Err(SubmitError::Failed)),
            Err(mpsc::error::TrySendError::Full(_)) => Err(SubmitError::Busy),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(SubmitError::Failed),
        }
    }

    /// The lane's counters.
    pub(crate) fn stats(&self) -> &LaneStats {
        &self.stats
    }
}

fn run<W: Writer>(mut writer: W, mut queue: mpsc::Receiver<Job>, stats: &LaneStats) {
    let mut jobs = Vec::with_capacity(BATCH_MAX);
    let mut commands = Vec::with_capacity(BATCH_MAX);
    while queue.blocking_recv_many(&mut jobs, BATCH_MAX) > 0 {
        let started = Instant::now();
        let mut waiting = Vec::with_capacity(jobs.len());
        for Job { command, answer } in jobs.drain(..) {
            commands.push(command);
            waiting.push(answer);
        }
        let count = commands.len() as u64;
        let answers = write_batch(&mut writer, &commands, stats);
        writer.when_durable(Box::new(move |durable| answer(answers, waiting, durable)));
        commands.clear();
        stats.batches.fetch_add(1, Ordering::Relaxed);
        stats.commands.fetch_add(count, Ordering::Relaxed);
        let busy = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        stats.busy_us.fetch_add(busy, Ordering::Relaxed);
    }
}

fn answer(
    answers: Vec<Result<Reply, SubmitError>>,
    waiting: Vec<oneshot::Sender<Result<Reply, SubmitError>>>,
    durable: bool,
) {
    for (answer, waiting) in answers.into_iter().zip(waiting) {
        let answer = if durable { answer } else { Err(SubmitError::Failed) };
        // A caller that went away does not undo what was written.
        let _ = waiting.send(answer);
    }
}

/// Writes the batch; when it fails as a whole, each command alone, so that only the culprit is
/// told of a failure.
fn write_batch<W: Writer>(
    writer: &mut W,
    commands: &[Command],
    stats: &LaneStats,
) -> Vec<Result<Reply, SubmitError>> {
    let failed = || {
        stats.failures.fetch_add(1, Ordering::Relaxed);
        Err(SubmitError::Failed)
    };
    match try_write(writer, commands) {
        Ok(answers) => {
            assert!(answers.len() == commands.len(), "every command has an answer");
            answers.into_iter().map(|answer| answer.map_err(SubmitError::from)).collect()
        }
        Err(Failure::Undone) if commands.len() > 1 => {
            let alone = |command| write_batch(writer, std::slice::from_ref(command), stats);
            commands.iter().flat_map(alone).collect()
        }
        Err(Failure::Undone | Failure::InDoubt) => commands.iter().map(|_| failed()).collect(),
    }
}

/// What is known of a batch that failed.
enum Failure {
    /// None of it was written.
    Undone,
    /// Nobody knows whether it was written, so it must not be written again.
    InDoubt,
}

fn try_write<W: Writer>(writer: &mut W, commands: &[Command]) -> Result<Answers, Failure> {
    // A panic leaves only the transaction behind, and the next write rolls that back.
    match catch_unwind(AssertUnwindSafe(|| writer.write(commands))) {
        Ok(Ok(answers)) => Ok(answers),
        Ok(Err(error)) => {
            let commands = commands.len();
            tracing::error!(commands, error = &error as &dyn std::error::Error, "batch failed");
            Err(if matches!(error, StoreError::InDoubt) {
                Failure::InDoubt
            } else {
                Failure::Undone
            })
        }
        Err(_) => {
            tracing::error!(commands = commands.len(), "batch panicked");
            Err(Failure::Undone)
        }
    }
}

#[cfg(test)]
mod tests {
    use chorsu_core::command::Outcome;
    use chorsu_core::{OperationId, ReceiptId, UnixMillis};

    use super::*;

    /// Fails with what it is told, and counts how often it is asked.
    struct Failing {
        fail: fn() -> StoreError,
        asked: usize,
    }

    impl Writer for Failing {
        fn write(&mut self, _: &[Command]) -> Result<Answers, StoreError> {
            self.asked += 1;
            Err((self.fail)())
        }
    }

    #[test]
    fn a_failed_batch_is_done_one_by_one_and_one_in_doubt_is_not_done_again() {
        let command = Command::FinishCancel {
            receipt: ReceiptId([1; 12]),
            operation: OperationId([1; 12]),
            outcome: Outcome::Done,
            now: UnixMillis(0),
        };
        let batch = [command.clone(), command.clone(), command];
        let cases: [(fn() -> StoreError, usize); 2] =
            [(|| StoreError::Stopped, 4), (|| StoreError::InDoubt, 1)];
        for (fail, asked) in cases {
            let mut writer = Failing { fail, asked: 0 };
            let stats = LaneStats::default();
            let answers = write_batch(&mut writer, &batch, &stats);
            assert!(answers.iter().all(|answer| matches!(answer, Err(SubmitError::Failed))));
            assert_eq!((answers.len(), writer.asked), (3, asked));
            assert_eq!(stats.failures.load(Ordering::Relaxed), 3);
        }
    }
}
