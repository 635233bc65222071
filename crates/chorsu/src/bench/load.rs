//! The load generator: so many connections, each repeating the turn of a scenario until the
//! measured time is over. What a turn is, the scenario says; what is made of the record, the
//! report says.
//!
//! Without a rate the load is closed: a connection sends its next request when the last one is
//! answered, so the latencies are those that so many callers see, and a server that stalls is asked
//! less often. With a rate it is open, see [`super::pace`].
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
use super::findings::Findings;
use super::link::{Interrupted, Link};
use super::pace::{Pace, Pacer, Schedule};
use super::progress::Counters;
use super::recording::Recording;
use super::target::Target;

/// Single latencies that are kept at most, of all connections together, and of each at least.
const SAMPLES_MAX: usize = 65_536;
const SAMPLES_MIN: usize = 16;

/// How much load, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Each with one request in flight.
    pub(super) connections: usize,
    /// Requests that are due each second; as many as are answered when absent.
    pub(super) rate: Option<u32>,
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
    /// The kinds of requests, by the names they have in the report. A turn makes one of each.
    const KINDS: &'static [&'static str];

    /// What the scenario gets done, in the plural, and the kind of request that completes one.
    const OPERATION: (&'static str, usize);

    /// What one connection keeps between its turns.
    type Worker: Worker;

    /// The worker of connection number `connection`, counted from zero.
    fn worker(&self, connection: usize) -> Self::Worker;

    /// What there is to be found out after the load; what is wrong goes into the recording.
    /// `answers` is how many right answers there were, those of the warm-up too.
    ///
    /// # Errors
    /// The server is not reached any more.
    fn finish(
        &self,
        _recording: &mut Recording,
        _answers: u64,
    ) -> impl Future<Output = Result<Findings>> {
        async { Ok(Findings::default()) }
    }
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
    let start = Instant::now();
    let from = start + plan.warmup;
    let until = from + plan.measured;
    let window = Window { from, until, last: until + plan.patience };
    let pacer = match plan.rate {
        None => None,
        Some(rate) => {
            let requests = u32::try_from(S::KINDS.len())?;
            let schedule = Schedule::new(start, rate, requests, plan.length());
            Some(Pacer::start(schedule, plan.connections)?)
        }
    };
    let mut tasks = JoinSet::new();
    for (number, connection) in connections.into_iter().enumerate() {
        let link = Link {
            connection: Some(connection),
            target: Arc::clone(target),
            recording: Recording::new(S::KINDS.len())?,
            counters: Arc::clone(counters),
            window,
            due: None,
            last_latency: None,
            samples_max: (SAMPLES_MAX / plan.connections).max(SAMPLES_MIN),
        };
        let pace = pacer.as_ref().map(Pacer::pace);
        tasks.spawn(work(scenario.worker(number), link, pace));
    }
    let mut total = Recording::new(S::KINDS.len())?;
    while let Some(task) = tasks.join_next().await {
        total.merge(task.context("the task of a connection panicked")?)?;
    }
    if let Some(pacer) = pacer {
        let message = "it was due, and no connection was free to send it".to_owned();
        total.errors_of(message, pacer.untaken());
    }
    Ok(total)
}

/// Repeats the turn of one connection until the measured time is over, or takes turns as they
/// become due until none is left.
async fn work<W: Worker>(mut worker: W, mut link: Link, pace: Option<Pace>) -> Recording {
    let window = link.window;
    let turns = async {
        // The link records what goes wrong, and the next turn starts afresh.
        match pace {
            None => {
                while Instant::now() < window.until {
                    let _ = worker.turn(&mut link).await;
                }
            }
            Some(pace) => {
                while let Some(due) = pace.next().await {
                    link.due = Some(due);
                    let _ = worker.turn(&mut link).await;
                }
            }
        }
    };
    if tokio::time::timeout_at(window.last.into(), turns).await.is_err() {
        let patience = window.last - window.until;
        link.recording.error(format!("no answer {patience:?} after the end of the measured time"));
    }
    link.recording
}
