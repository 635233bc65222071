//! Latency and fault rules of one played counterparty, changeable while it runs.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::rules::{Rule, Rules};

/// Latency and faults of one counterparty.
#[derive(Debug)]
pub struct Controls<F, C> {
    latency_ms: AtomicU64,
    /// Whether there is any rule: calls without faults take no lock.
    armed: AtomicBool,
    rules: Mutex<Rules<F, C>>,
}

impl<F, C> Default for Controls<F, C> {
    fn default() -> Self {
        let (latency_ms, armed, rules) = Default::default();
        Self { latency_ms, armed, rules }
    }
}

impl<F: Clone, C: Clone> Controls<F, C> {
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
    pub fn faults(&self) -> Vec<Rule<F, C>> {
        self.rules().as_slice().to_vec()
    }

    /// Adds a rule behind the others; `false` when there are 64 already.
    pub fn add_fault(&self, rule: Rule<F, C>) -> bool {
        self.change(|rules| rules.add(rule))
    }

    /// Removes all rules.
    pub fn clear_faults(&self) {
        self.change(Rules::clear);
    }

    /// The fault of the first rule for which `is_for` holds, counted off it.
    pub fn befall(&self, is_for: impl Fn(&Rule<F, C>) -> bool) -> Option<F> {
        if !self.armed.load(Ordering::Acquire) {
            return None;
        }
        self.change(|rules| rules.befall(is_for))
    }

    fn change<T>(&self, change: impl FnOnce(&mut Rules<F, C>) -> T) -> T {
        let mut rules = self.rules();
        let result = change(&mut rules);
        self.armed.store(!rules.as_slice().is_empty(), Ordering::Release);
        result
    }

    fn rules(&self) -> MutexGuard<'_, Rules<F, C>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
