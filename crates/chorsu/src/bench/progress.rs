//! Says on stderr how the run is going: a bar where a person watches, a plain line every few
//! seconds where a log is kept. Nothing measured depends on it.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};

const BAR_REFRESH: Duration = Duration::from_millis(250);
const LINE_INTERVAL: Duration = Duration::from_secs(5);
const BAR_TEMPLATE: &str = "{prefix:9} [{bar:30}] {pos}/{len} s  {msg}";

/// What all connections have done so far, warm-up included.
#[derive(Debug, Default)]
pub(super) struct Counters {
    answers: AtomicU64,
    errors: AtomicU64,
}

impl Counters {
    /// Counts a right answer.
    pub(super) fn answered(&self) {
        self.answers.fetch_add(1, Ordering::Relaxed);
    }

    /// How many right answers there were.
    pub(super) fn answers(&self) -> u64 {
        self.answers.load(Ordering::Relaxed)
    }

    /// Counts a request without one.
    pub(super) fn failed(&self) {
        self.errors.fetch_add(1, Ordering::Relaxed);
    }
}

/// The display of one run of the generator; it ends when this is dropped.
pub(super) struct Progress {
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Shows the progress of the run `name`, which takes `length` in all.
    ///
    /// # Errors
    /// The machine refused a thread.
    pub(super) fn start(name: String, length: Duration, counters: Arc<Counters>) -> Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let watch = Watch { name, length, counters, stopped };
        let thread = std::thread::Builder::new()
            .name("bench-progress".to_owned())
            .spawn(
                move || if std::io::stderr().is_terminal() { watch.bar() } else { watch.lines() },
            )
            .context("cannot start the thread that shows the progress")?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A display that failed takes nothing away from the measurement.
            let _ = thread.join();
        }
    }
}

struct Watch {
    name: String,
    length: Duration,
    counters: Arc<Counters>,
    stopped: mpsc::Receiver<()>,
}

impl Watch {
    /// Waits for `interval`; false when the run is over.
    fn goes_on(&self, interval: Duration) -> bool {
        self.stopped.recv_timeout(interval) == Err(RecvTimeoutError::Timeout)
    }

    fn bar(&self) {
        let bar = ProgressBar::new(self.length.as_secs());
        if let Ok(style) = ProgressStyle::with_template(BAR_TEMPLATE) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(self.name.clone());
        let started = Instant::now();
        let mut rate = Rate::new(started);
        while self.goes_on(BAR_REFRESH) {
            bar.set_position(started.elapsed().min(self.length).as_secs());
            bar.set_message(rate.describe(&self.counters));
        }
        bar.finish_and_clear();
    }

    fn lines(&self) {
        let started = Instant::now();
        let mut rate = Rate::new(started);
        while self.goes_on(LINE_INTERVAL) {
            let passed = started.elapsed().as_secs();
            let length = self.length.as_secs();
            let so_far = rate.describe(&self.counters);
            eprintln!("{}: {passed} s of {length} s, {so_far}", self.name);
        }
    }
}

/// The rate since it was last asked for.
struct Rate {
    asked: Instant,
    answers: u64,
}

impl Rate {
    fn new(now: Instant) -> Self {
        Self { asked: now, answers: 0 }
    }

    fn describe(&mut self, counters: &Counters) -> String {
        let answers = counters.answers.load(Ordering::Relaxed);
        let errors = counters.errors.load(Ordering::Relaxed);
        let now = Instant::now();
        let millis = (now - self.asked).as_millis().max(1);
        let per_second = u128::from(answers - self.answers) * 1000 / millis;
        *self = Self { asked: now, answers };
        format!("{per_second} requests/s, {errors} errors")
    }
}
