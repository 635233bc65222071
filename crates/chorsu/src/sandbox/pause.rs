//! Places where the sandbox can hold a payment still, so that a test can end the process exactly
//! there. Outside of the sandbox they do nothing.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::app::App;

/// How many works are held at each place that was asked to hold.
#[derive(Debug, Default)]
pub(crate) struct Pauses(Mutex<BTreeMap<String, u64>>);

impl Pauses {
    /// Holds whatever reaches `place` from now on.
    pub(crate) fn hold(&self, place: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(place).or_insert(0);
    }

    /// Lets everything pass again; what is held stays held.
    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The places with how many works are held at each.
    pub(crate) fn held(&self) -> BTreeMap<String, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn reach(&self, place: &str) -> bool {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match places.get_mut(place) {
            Some(count) => {
                *count += 1;
                true
            }
            None => false,
        }
    }
}

/// Holds the caller for good if somebody asked for that at `place`.
pub(crate) async fn at(app: &App, place: &str) {
    if app.sandbox.as_ref().is_some_and(|sandbox| sandbox.pauses.reach(place)) {
        tracing::info!(place, "held");
        std::future::pending::<()>().await;
    }
}
