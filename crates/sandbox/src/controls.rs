//! Latency and a list of fault rules of one played counterparty, changeable while it runs.
//!
//! What a rule means is the counterparty's business; this only keeps rules and counts them down.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Rules that a counterparty keeps at most.
const RULES: usize = 64;

/// A rule that can run out.
pub trait Rule: Copy {
    /// How many more calls it befalls; with all until cleared when absent.
    fn times(&mut self) -> &mut Option<u64>;
}

/// Latency and faults of one counterparty.
#[derive(Debug)]
pub struct Controls<R> {
    latency_ms: AtomicU64,
    armed: AtomicBool,
    rules: Mutex<Vec<R>>,
}

impl<R> Default for Controls<R> {
    fn default() -> Self {
        let (latency_ms, armed, rules) = Default::default();
        Self { latency_ms, armed, rules }
    }
}

impl<R: Rule> Controls<R> {
    /// How many milliseconds every answer takes beyond the counterparty's own time.
    #[must_use]
    pub fn latency_ms(&self) -> u64 {
        self.latency_ms.load(Ordering::Relaxed)
    }

    /// Changes the latency, for the answers from now on.
    pub fn set_latency_ms(&self, latency_ms: u64) {
        self.latency_ms.store(latency_ms, Ordering::Relaxed);
    }

    /// The rules that hold, the first to be applied first.
    #[must_use]
    pub fn faults(&self) -> Vec<R> {
        self.rules().clone()
    }

    /// Adds a rule behind the others; `false` when there are 64 already.
    pub fn add_fault(&self, mut rule: R) -> bool {
        let mut rules = self.rules();
        let room = rules.len() < RULES;
        if room && *rule.times() != Some(0) {
            rules.push(rule);
            self.armed.store(true, Ordering::Release);
        }
        room
    }

    /// Removes all rules.
    pub fn clear_faults(&self) {
        let mut rules = self.rules();
        rules.clear();
        self.armed.store(false, Ordering::Release);
    }

    /// The first rule for which `is_for` holds, counted down.
    pub(crate) fn befall(&self, is_for: impl Fn(&R) -> bool) -> Option<R> {
        if !self.armed.load(Ordering::Acquire) {
            return None;
        }
        let mut rules = self.rules();
        let place = rules.iter().position(is_for)?;
        let befallen = rules[place];
        if let Some(times) = rules[place].times() {
            *times = times.saturating_sub(1);
            if *times == 0 {
                rules.remove(place);
                self.armed.store(!rules.is_empty(), Ordering::Release);
            }
        }
        Some(befallen)
    }

    fn rules(&self) -> MutexGuard<'_, Vec<R>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
