//! The sandbox clock: the real one plus an offset that only grows.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use chorsu_core::UnixMillis;

/// Where the sandbox reads the time.
pub type Clock = Arc<dyn Fn() -> UnixMillis + Send + Sync>;

/// A clock that can be turned forward; clones show the same time.
///
/// The offset lives in memory: whoever wants it to outlive the process stores [`offset`] and
/// gives it back by [`set_offset`].
///
/// [`offset`]: SandboxClock::offset
/// [`set_offset`]: SandboxClock::set_offset
#[derive(Clone, Debug, Default)]
pub struct SandboxClock {
    offset: Arc<AtomicI64>,
}

impl SandboxClock {
    /// The time it shows.
    #[must_use]
    pub fn now(&self) -> UnixMillis {
        let real =
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        UnixMillis(i64::try_from(real).unwrap_or(i64::MAX)).plus(self.offset())
    }

    /// How many milliseconds it is ahead of the real time.
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.offset.load(Ordering::Relaxed)
    }

    /// Turns it forward by `milliseconds` (zero and less do nothing); the new offset.
    pub fn advance(&self, milliseconds: i64) -> i64 {
        let forward = milliseconds.max(0);
        let turn = |offset: i64| Some(offset.saturating_add(forward));
        let before = self.offset.fetch_update(Ordering::Relaxed, Ordering::Relaxed, turn);
        before.unwrap_or_else(|offset| offset).saturating_add(forward)
    }

    /// Sets it to `milliseconds` ahead of the real time, unless it is further ahead already; the
    /// offset that holds now.
    pub fn set_offset(&self, milliseconds: i64) -> i64 {
        self.offset.fetch_max(milliseconds, Ordering::Relaxed).max(milliseconds)
    }

    /// The clock as the sandbox's parts read it.
    #[must_use]
    pub fn reader(&self) -> Clock {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_only_turns_forward() {
        let clock = SandboxClock::default();
        let start = clock.now();
        assert_eq!(clock.advance(5_000), 5_000);
        assert_eq!(clock.advance(-1_000), 5_000);
        assert_eq!(clock.set_offset(1_000), 5_000);
        assert_eq!(clock.clone().set_offset(9_000), 9_000);
        assert!((clock.reader())().since(start) >= 9_000);
        assert_eq!(clock.advance(i64::MAX), i64::MAX);
        assert_eq!(clock.now(), UnixMillis(i64::MAX));
    }
}
