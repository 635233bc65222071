//! Places where the sandbox can hold a payment still, so that a test can end the process exactly
//! there, or break its task off, as a defect would. Outside of the sandbox they do nothing.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::app::App;

/// What becomes of a work that reaches a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    /// It is held for good.
    Hold,
    /// It panics.
    Panic,
}

/// The places that were asked to halt works, and how many have come to each.
#[derive(Debug, Default)]
pub(crate) struct Pauses(Mutex<BTreeMap<String, (Halt, u64)>>);

impl Pauses {
    /// Halts whatever reaches `place` from now on.
    pub(crate) fn halt(&self, place: String, halt: Halt) {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        places.entry(place).or_insert((halt, 0)).0 = halt;
    }

    /// Lets everything pass again; what is held stays held.
    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The places with how many works were halted at each.
    pub(crate) fn halted(&self) -> BTreeMap<String, u64> {
        let places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        places.iter().map(|(place, (_, count))| (place.clone(), *count)).collect()
    }

    fn reach(&self, place: &str) -> Option<Halt> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (halt, count) = places.get_mut(place)?;
        *count += 1;
        Some(*halt)
    }
}

/// Halts the caller if somebody asked for that at `place`.
#[expect(clippy::panic, reason = "it is what was asked for, and in a sandbox only")]
pub(crate) async fn at(app: &App, place: &str) {
    match app.sandbox.as_ref().and_then(|sandbox| sandbox.pauses.reach(place)) {
        None => {}
        Some(Halt::Hold) => {
            tracing::info!(place, "held");
            std::future::pending::<()>().await;
        }
        Some(Halt::Panic) => panic!("broken off at {place}, as the sandbox was asked to"),
    }
}
