//! One-time codes: how long one lives, how often it may be tried and sent again.
//!
//! The code itself is drawn by the caller and kept here only as a salted hash.

use crate::reject::Reject;
use crate::secret::SecretHash;
use crate::time::{SECOND_MS, UnixMillis};

/// How long a code can be used; cards.get_verify_code answers it as `wait`.
pub const CODE_LIFE_MS: i64 = 60 * SECOND_MS;
/// Wrong tries after which only a new code helps.
pub const WRONG_TRIES_MAX: u8 = 3;
/// Codes sent for one card within [`SEND_WINDOW_MS`]; the next one is refused.
pub const SENDS_MAX: u8 = 5;
/// The window that [`SENDS_MAX`] counts in.
pub const SEND_WINDOW_MS: i64 = 600 * SECOND_MS;

/// A code that was sent for a card, and the counters that bound its use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PendingCode {
    /// The salted hash of the code and when it was sent.
    pub sent: Option<(SecretHash, UnixMillis)>,
    /// Wrong tries of this code.
    pub wrong_tries: u8,
    /// Codes sent in the current window.
    pub sends: u8,
    /// When the current window began.
    pub window_start: Option<UnixMillis>,
}

impl PendingCode {
    /// Notes that a new code was sent; the old one stops working.
    ///
    /// # Errors
    /// [`Reject::TooManyCodes`] past the limit of the window.
    pub fn send(&mut self, code: SecretHash, now: UnixMillis) -> Result<(), Reject> {
        let in_window = self.window_start.is_some_and(|start| now.since(start) < SEND_WINDOW_MS);
        if !in_window {
            self.window_start = Some(now);
            self.sends = 0;
        }
        if self.sends >= SENDS_MAX {
            return Err(Reject::TooManyCodes);
        }
        self.sends += 1;
        self.wrong_tries = 0;
        self.sent = Some((code, now));
        Ok(())
    }

    /// Tries `code`. A right one is used up; a wrong one is counted, so the caller must store
    /// this value in either case.
    ///
    /// # Errors
    /// [`Reject::CodeWrong`], [`Reject::CodeExpired`] (also when none was sent) or
    /// [`Reject::CodeTriesExceeded`].
    pub fn attempt(&mut self, code: &SecretHash, now: UnixMillis) -> Result<(), Reject> {
        let Some((sent, sent_at)) = self.sent else { return Err(Reject::CodeExpired) };
        if self.wrong_tries >= WRONG_TRIES_MAX {
            return Err(Reject::CodeTriesExceeded);
        }
        if now.since(sent_at) > CODE_LIFE_MS {
            return Err(Reject::CodeExpired);
        }
        if !sent.matches(code) {
            self.wrong_tries += 1;
            return Err(Reject::CodeWrong);
        }
        self.sent = None;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> SecretHash {
        SecretHash::of(b"card", text.as_bytes())
    }

    #[test]
    fn a_code_works_once_within_its_life() {
        let start = UnixMillis(0);
        let mut pending = PendingCode::default();
        assert_eq!(pending.attempt(&code("1"), start), Err(Reject::CodeExpired));
        pending.send(code("1"), start).unwrap();
        assert_eq!(pending.attempt(&code("1"), start.plus(CODE_LIFE_MS)), Ok(()));
        assert_eq!(pending.attempt(&code("1"), start), Err(Reject::CodeExpired), "used up");
        pending.send(code("2"), start).unwrap();
        let late = start.plus(CODE_LIFE_MS + 1);
        assert_eq!(pending.attempt(&code("2"), late), Err(Reject::CodeExpired));
    }

    #[test]
    fn three_wrong_tries_need_a_new_code() {
        let now = UnixMillis(0);
        let mut pending = PendingCode::default();
        pending.send(code("1"), now).unwrap();
        for _ in 0..WRONG_TRIES_MAX {
            assert_eq!(pending.attempt(&code("0"), now), Err(Reject::CodeWrong));
        }
        assert_eq!(pending.attempt(&code("1"), now), Err(Reject::CodeTriesExceeded));
        pending.send(code("2"), now).unwrap();
        assert_eq!(pending.attempt(&code("2"), now), Ok(()));
    }

    #[test]
    fn sending_is_limited_per_window() {
        let now = UnixMillis(0);
        let mut pending = PendingCode::default();
        for _ in 0..SENDS_MAX {
            pending.send(code("1"), now).unwrap();
        }
        assert_eq!(pending.send(code("1"), now), Err(Reject::TooManyCodes));
        assert_eq!(pending.send(code("1"), now.plus(SEND_WINDOW_MS)), Ok(()));
    }
}
