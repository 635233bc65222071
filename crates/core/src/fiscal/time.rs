//! The time of a fiscal receipt: a Tashkent calendar time in whole seconds.
//!
//! Tills write `2024-02-21 13:19:43`, fiscal modules and receipt addresses `20240221131943`.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::Offset;

use crate::time::UnixMillis;

/// Tashkent is UTC+5 the whole year.
const TASHKENT: Offset = Offset::constant(5);

/// A moment as it stands on a fiscal receipt.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FiscalTime(DateTime);

/// The text is no time of the expected form, or no day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time of the form YYYY-MM-DD HH:MM:SS or YYYYMMDDHHMMSS")]
pub struct FiscalTimeError;

impl FiscalTime {
    /// The moment `at`, its milliseconds dropped; the epoch for a moment no calendar has.
    #[must_use]
    pub fn at(at: UnixMillis) -> Self {
        let moment = jiff::Timestamp::from_second(at.0.div_euclid(1_000));
        Self(TASHKENT.to_datetime(moment.unwrap_or(jiff::Timestamp::UNIX_EPOCH)))
    }

    /// This time as a moment.
    #[must_use]
    pub fn moment(self) -> UnixMillis {
        // An offset of five hours leaves the calendar only within its first hours.
        let moment = TASHKENT.to_timestamp(self.0).map_or(0, |moment| moment.as_second());
        UnixMillis(moment.saturating_mul(1_000))
    }

    /// The time of `YYYY-MM-DD HH:MM:SS`, as tills write it; a `T` may stand for the space.
    ///
    /// # Errors
    /// [`FiscalTimeError`] for another form and for a time that is not in the calendar.
    pub fn parse_spaced(text: &str) -> Result<Self, FiscalTimeError> {
        let bytes: [u8; 19] = text.as_bytes().try_into().map_err(|_| FiscalTimeError)?;
        let marks = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
        let sound = marks.iter().all(|(place, mark)| bytes[*place] == *mark);
        if !sound || !matches!(bytes[10], b' ' | b'T') {
            return Err(FiscalTimeError);
        }
        let mut digits = [0; 14];
        let kept = bytes.iter().enumerate().filter(|(at, _)| ![4, 7, 10, 13, 16].contains(at));
        for (place, (_, byte)) in digits.iter_mut().zip(kept) {
            *place = *byte;
        }
        Self::of_digits(&digits)
    }

    /// The time of `YYYYMMDDHHMMSS`, as receipt addresses have it.
    ///
    /// # Errors
    /// [`FiscalTimeError`] for another form and for a time that is not in the calendar.
    pub fn parse_compact(text: &str) -> Result<Self, FiscalTimeError> {
        Self::of_digits(&text.as_bytes().try_into().map_err(|_| FiscalTimeError)?)
    }

    fn of_digits(digits: &[u8; 14]) -> Result<Self, FiscalTimeError> {
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(FiscalTimeError);
        }
        let two = |at: usize| {
            i8::try_from((digits[at] - b'0') * 10 + (digits[at + 1] - b'0')).unwrap_or(i8::MAX)
        };
        let year = i16::from(two(0)) * 100 + i16::from(two(2));
        DateTime::new(year, two(4), two(6), two(8), two(10), two(12), 0)
            .map(Self)
            .map_err(|_| FiscalTimeError)
    }

    /// `YYYYMMDDHHMMSS`.
    #[must_use]
    pub fn compact(self) -> String {
        let Self(t) = self;
        let (year, month, day) = (t.year(), t.month(), t.day());
        let (hour, minute, second) = (t.hour(), t.minute(), t.second());
        format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}")
    }
}

impl fmt::Display for FiscalTime {
    /// `YYYY-MM-DD HH:MM:SS`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(t) = self;
        write!(f, "{:04}-{:02}-{:02} ", t.year(), t.month(), t.day())?;
        write!(f, "{:02}:{:02}:{:02}", t.hour(), t.minute(), t.second())
    }
}

impl fmt::Debug for FiscalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_the_same_time() {
        let time = FiscalTime::parse_spaced("2023-01-04 12:18:01").unwrap();
        assert_eq!(FiscalTime::parse_compact("20230104121801"), Ok(time));
        assert_eq!(FiscalTime::parse_spaced("2023-01-04T12:18:01"), Ok(time));
        assert_eq!(time.compact(), "20230104121801");
        assert_eq!(time.to_string(), "2023-01-04 12:18:01");
        assert!(FiscalTime::parse_compact("20240229000000").is_ok());
    }

    #[test]
    fn what_no_calendar_has_is_refused() {
        let bad = [
            "",
            "2023-01-04",
            "2023-13-04 12:18:01",
            "2023-02-29 12:18:01",
            "2023-01-04 24:00:00",
            "2023-01-04 12:18:60",
            "2023-01-04 12-18-01",
            "2023-01-04 12:18:1",
            "2023-01-04 12:18:0x",
            "2023-01-04x12:18:01",
            " 2023-01-04 12:18:01",
            "２023-01-04 12:18:0",
        ];
        for text in bad {
            assert_eq!(FiscalTime::parse_spaced(text), Err(FiscalTimeError), "{text}");
        }
        for text in ["", "2023010412180", "202301041218011", "2023010412180a", "20230230121801"] {
            assert_eq!(FiscalTime::parse_compact(text), Err(FiscalTimeError), "{text}");
        }
    }

    #[test]
    fn a_moment_is_shown_in_tashkent() {
        let midnight = UnixMillis(1_636_398_000_000);
        let time = FiscalTime::at(midnight.plus(999));
        assert_eq!(time.to_string(), "2021-11-09 00:00:00");
        assert_eq!(time.moment(), midnight);
        assert_eq!(FiscalTime::at(midnight.plus(-1)).to_string(), "2021-11-08 23:59:59");
        assert_eq!(FiscalTime::at(UnixMillis(i64::MAX)).compact(), "19700101050000");
    }
}
