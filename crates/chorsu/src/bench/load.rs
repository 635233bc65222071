//! The load generator: so many connections, each repeating the turn of a scenario until the
//! measured time is over. What a turn is, the scenario says; what is made of the record, the
//! report says.
//!
//! The load is closed: a connection sends its next request when the last one is answered, so the
//! latencies are those that so many callers see, and a server that stalls is asked less often.
//!
//! A connection is one task that does everything itself: one write, one read and one wait for
//! each request. The generator shares the machine with the server, and what it saves, the
//! server has. The runtime may move tasks between cores: connections dealt out to threads for
//! good were measured too, and are slower as soon as anything else runs on a core.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::task::JoinSet;

use super::connection::Connection;
use super::link::{Interrupted, Link};
use super::progress::Counters;
use super::recording::Recording;
use super::target::Target;

/// How much load, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Each with one request in flight.
    pub(super) connections: usize,
    /// The load that passes before the measured time.
    pub(super) warmup: Duration,
    /// The time that is measured.
    pub(super) measured: Duration,
    /// How long after that the last answers are waited for; a later one is an error.
    pub(super) patience: Duration,
}

impl Plan {
    /// Warm-up and measured time together.
    pub(super) fn length(&self) -> Duration {
        self.warmup + self.measured
    }
}

/// The measured time, the same for all connections.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) from: Instant,
    pub(super) until: Instant,
    /// When an answer that has not come will no longer be waited for.
    pub(super) last: Instant,
}

/// A way to use the server, as seen by the generator.
pub(super) trait Scenario {
    /// The kinds of requests, by the names they have in the report.
    const KINDS: &'static [&'static str];

    /// What the scenario gets done, in the plural, and the kind of request that completes one.
    const OPERATION: (&'static str, usize);

    /// What one connection keeps between its turns.
    type Worker: Worker;

    /// The worker of connection number `connection`, counted from zero.
    fn worker(&self, connection: usize) -> Self::Worker;
}

/// One connection's side of a scenario.
pub(super) trait Worker: Send + 'static {
    /// One round, for example create and pay. What went wrong is already recorded by the link
    /// when a turn ends early.
    fn turn(&mut self, link: &mut Link) -> impl Future<Output = Result<(), Interrupted>> + Send;
}

/// Connects, runs the warm-up and the measured time, and waits for the last answers.
///
/// # Errors
/// A connection could not be opened. What happens to one later is in the recording.
pub(super) async fn run<S: Scenario>(
    target: &Arc<Target>,
    scenario: &S,
    plan: Plan,
    counters: &Arc<Counters>,
) -> Result<Recording> {
    let mut connections = Vec::with_capacity(plan.connections);
    for number in 0..plan.connections {
        let connection = Connection::open(target).await;
        connections.push(connection.with_context(|| {
            format!("connection {} of {} to {}", number + 1, plan.connections, target.url)
        })?);
    }
    let from = Instant::now() + plan.warmup;
    let until = from + plan.measured;
    let window = Window { from, until, last: until + plan.patience };
    let mut tasks = JoinSet::new();
    for (number, connection) in connections.into_iter().enumerate() {
        let link = Link {
            connection: Some(connection),
            target: Arc::clone(target),
            recording: Recording::new(S::KINDS.len())?,
            counters: Arc::clone(counters),
            window,
        };
        tasks.spawn(work(scenario.worker(number), link));
    }
    let mut total = Recording::new(S::KINDS.len())?;
    while let Some(task) = tasks.join_next().await {
        total.merge(task.context("the task of a connection panicked")?)?;
    }
    Ok(total)
}

/// Repeats the turn of one connection until the measured time is over.
async fn work<W: Worker>(mut worker: W, mut link: Link) -> Recording {
    let window = link.window;
    let turns = async {
        while Instant::now() < window.until {
            // The link has recorded what went wrong, and the next turn starts afresh.
            let _ = worker.turn(&mut link).await;
        }
    };
    if tokio::time::timeout_at(window.last.into(), turns).await.is_err() {
        let patience = window.last - window.until;
        link.recording.error(format!("no answer {patience:?} after the end of the measured time"));
    }
    link.recording
}
