//! Points in time as milliseconds since the UNIX epoch, and the Tashkent business day.
//!
//! The core never reads a clock: callers pass `now`.

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(pub i64);

/// One second in milliseconds.
pub const SECOND_MS: i64 = 1_000;
/// One day in milliseconds.
pub const DAY_MS: i64 = 24 * 60 * 60 * SECOND_MS;
/// Tashkent is UTC+5 the whole year: Uzbekistan has had no summer time since 1992.
const TASHKENT_OFFSET_MS: i64 = 5 * 60 * 60 * SECOND_MS;

impl UnixMillis {
    /// This moment plus `milliseconds`, kept at the ends of the range instead of wrapping.
    #[must_use]
    pub const fn plus(self, milliseconds: i64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }

    /// Milliseconds from `earlier` to this moment; negative when `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The number of the Tashkent calendar day this moment falls in.
    #[must_use]
    pub const fn tashkent_day(self) -> i64 {
        self.0.saturating_add(TASHKENT_OFFSET_MS).div_euclid(DAY_MS)
    }

    /// The year and month of the Tashkent calendar; (1970, 1) for moments no calendar has.
    #[must_use]
    pub fn tashkent_month(self) -> (i16, i8) {
        let Ok(moment) = jiff::Timestamp::from_millisecond(self.0) else { return (1970, 1) };
        let local = jiff::tz::Offset::constant(5).to_datetime(moment);
        (local.year(), local.month())
    }

    /// Whether this moment is exactly midnight in Tashkent, which is how clients write a date.
    #[must_use]
    pub const fn is_tashkent_midnight(self) -> bool {
        self.0.saturating_add(TASHKENT_OFFSET_MS).rem_euclid(DAY_MS) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_turns_at_tashkent_midnight() {
        let midnight = UnixMillis(1_636_398_000_000);
        assert!(midnight.is_tashkent_midnight());
        assert!(!midnight.plus(1).is_tashkent_midnight());
        assert_eq!(midnight.tashkent_day(), midnight.plus(-1).tashkent_day() + 1);
        assert_eq!(midnight.tashkent_day(), midnight.plus(DAY_MS - 1).tashkent_day());
    }
}
