//! A fixed rate: when each turn of an open load is due, whoever is there to do it.
//!
//! Turns are due at equal distances, decided before the load begins. When every connection is busy
//! they pile up, and their latency counts from when they were due: a server that stalls is not
//! asked less often, and what its callers would have waited is not left out (no "coordinated
//! omission").

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::sync::Semaphore;

/// How often, from when on, and how often in all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    /// When the first turn is due.
    pub(super) start: Instant,
    /// The time of so many turns, to keep rates exact whose distance is not whole nanoseconds.
    pub(super) turns: u32,
    /// What those turns take.
    pub(super) period: Duration,
    /// How many there are in all.
    pub(super) total: u64,
}

impl Schedule {
    /// The schedule of `requests_per_second`, of which a turn makes `requests_per_turn`, for
    /// `length`.
    pub(super) fn new(
        start: Instant,
        requests_per_second: u32,
        requests_per_turn: u32,
        length: Duration,
    ) -> Self {
        let period = Duration::from_secs(u64::from(requests_per_turn));
        let turns = length.as_nanos() * u128::from(requests_per_second) / period.as_nanos().max(1);
        let total = u64::try_from(turns).unwrap_or(u64::MAX).max(1);
        Self { start, turns: requests_per_second, period, total }
    }

    /// When turn `number` is due, counted from zero.
    fn due(&self, number: u64) -> Instant {
        let nanos = self.period.as_nanos() * u128::from(number) / u128::from(self.turns.max(1));
        self.start + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

struct Shared {
    schedule: Schedule,
    /// One permit for each turn that is due and not taken, and at the end one for each connection.
    due: Semaphore,
    taken: AtomicU64,
    is_over: AtomicBool,
}

/// Lets turns become due; the load is over when this is dropped.
pub(super) struct Pacer(Arc<Shared>);

/// A connection's side of a [`Pacer`].
#[derive(Clone)]
pub(super) struct Pace(Arc<Shared>);

impl Pacer {
    /// Begins a schedule that `connections` work on.
    ///
    /// # Errors
    /// The machine refused a thread.
    pub(super) fn start(schedule: Schedule, connections: usize) -> Result<Self> {
        let shared = Arc::new(Shared {
            schedule,
            due: Semaphore::new(0),
            taken: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
        });
        let driven = Arc::clone(&shared);
        // A thread, because the timers of the runtime are a millisecond coarse.
        std::thread::Builder::new()
            .name("bench-pace".to_owned())
            .spawn(move || driven.drive(connections))
            .context("cannot start the thread that paces the load")?;
        Ok(Self(shared))
    }

    /// A connection's side.
    pub(super) fn pace(&self) -> Pace {
        Pace(Arc::clone(&self.0))
    }

    /// Turns that nobody has taken so far.
    pub(super) fn untaken(&self) -> u64 {
        self.0.schedule.total.saturating_sub(self.0.taken.load(Ordering::SeqCst))
    }
}

impl Drop for Pacer {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::SeqCst);
    }
}

impl Pace {
    /// Waits for a turn and takes it; when it was due, or `None` after the last one.
    pub(super) async fn next(&self) -> Option<Instant> {
        self.0.due.acquire().await.ok()?.forget();
        let number = self.0.taken.fetch_add(1, Ordering::SeqCst);
        (number < self.0.schedule.total).then(|| self.0.schedule.due(number))
    }
}

impl Shared {
    fn drive(&self, connections: usize) {
        let mut released = 0;
        while released < self.schedule.total && !self.is_over.load(Ordering::SeqCst) {
            let now = Instant::now();
            let mut turns = 0;
            while released < self.schedule.total && self.schedule.due(released) <= now {
                released += 1;
                turns += 1;
            }
            self.due.add_permits(turns);
            if released < self.schedule.total {
                std::thread::sleep(self.schedule.due(released).saturating_duration_since(now));
            }
        }
        self.due.add_permits(connections);
    }
}
