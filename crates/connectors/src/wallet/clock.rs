//! The time that signatures carry: the machine's own, because the other side compares it with its.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time since the UNIX epoch; zero on a machine whose clock is before it.
pub(crate) fn unix_time() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
