//! Banking days and times of documents, in the calendar of Tashkent.
//!
//! An integrator who takes the day of UTC loses the payments of five hours, so nothing here knows
//! any other zone.

use std::fmt;

use jiff::SignedDuration;
use jiff::civil::Date;

use crate::time::{DAY_MS, SECOND_MS, UnixMillis};

const TASHKENT_OFFSET_MS: i64 = 5 * 60 * 60 * SECOND_MS;
const EPOCH: Date = Date::constant(1970, 1, 1);
const HOURS_A_DAY: i64 = 24;

/// A day of the Tashkent calendar, in the years 1 to 9999; its number is
/// [`UnixMillis::tashkent_day`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BankDay(i32);

impl BankDay {
    /// 0001-01-01.
    pub const FIRST: Self = Self(-719_162);
    /// 9999-12-31.
    pub const LAST: Self = Self(2_932_896);

    /// The day a moment falls in; a moment outside the calendar counts as its nearest end.
    #[must_use]
    pub fn of(moment: UnixMillis) -> Self {
        Self::clamped(moment.tashkent_day())
    }

    /// The day of a stored number, days since 1970-01-01; kept within the calendar.
    #[must_use]
    pub fn from_number(number: i32) -> Self {
        Self::clamped(i64::from(number))
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The day of `YYYY-MM-DD`; `None` for another form or a date that does not exist.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: &[u8; 10] = text.as_bytes().try_into().ok()?;
        if bytes[4] != b'-' || bytes[7] != b'-' {
            return None;
        }
        let year = decimal(&bytes[..4])?;
        let month = i8::try_from(decimal(&bytes[5..7])?).ok()?;
        let day = i8::try_from(decimal(&bytes[8..])?).ok()?;
        let date = Date::new(year, month, day).ok().filter(|date| date.year() >= 1)?;
        let since = date.duration_since(EPOCH).as_hours() / HOURS_A_DAY;
        i32::try_from(since).ok().map(Self)
    }

    /// The first moment of the day.
    #[must_use]
    pub fn start(self) -> UnixMillis {
        UnixMillis(i64::from(self.0) * DAY_MS - TASHKENT_OFFSET_MS)
    }

    /// The first moment after the day.
    #[must_use]
    pub fn end(self) -> UnixMillis {
        self.start().plus(DAY_MS)
    }

    /// The day so many days later, or earlier; kept within the calendar.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self::clamped(i64::from(self.0) + i64::from(days))
    }

    /// Whether the day is a Saturday or a Sunday.
    #[must_use]
    pub const fn is_weekend(self) -> bool {
        // 1970-01-01 was a Thursday: two days later the weekend begins.
        (self.0 - 2).rem_euclid(7) < 2
    }

    /// Month and day of the month, both counted from 1.
    #[must_use]
    pub fn month_and_day(self) -> (i8, i8) {
        let date = self.date();
        (date.month(), date.day())
    }

    fn clamped(number: i64) -> Self {
        let kept = number.clamp(i64::from(Self::FIRST.0), i64::from(Self::LAST.0));
        i32::try_from(kept).map_or(Self::LAST, Self)
    }

    fn date(self) -> Date {
        let since = SignedDuration::from_hours(i64::from(self.0) * HOURS_A_DAY);
        // The range of this type lies within the range of the calendar.
        EPOCH.checked_add(since).unwrap_or(EPOCH)
    }
}

impl fmt::Display for BankDay {
    /// `YYYY-MM-DD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&LocalTime::midnight(*self).as_str()[..10])
    }
}

impl fmt::Debug for BankDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn decimal(digits: &[u8]) -> Option<i16> {
    digits.iter().try_fold(0_i16, |value, digit| {
        digit.is_ascii_digit().then(|| value * 10 + i16::from(digit - b'0'))
    })
}

/// A moment as documents show it, `YYYY-MM-DD HH:MM:SS` in Tashkent, without an allocation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LocalTime([u8; 19]);

impl LocalTime {
    /// The text of a moment, its milliseconds cut off.
    #[must_use]
    pub fn of(moment: UnixMillis) -> Self {
        let day = BankDay::of(moment);
        let second = moment.since(day.start()).clamp(0, DAY_MS - 1) / SECOND_MS;
        Self::compose(day.date(), second)
    }

    /// The midnight a day begins with: how documents write a date without a time.
    #[must_use]
    pub fn midnight(day: BankDay) -> Self {
        Self::compose(day.date(), 0)
    }

    /// The moment of a text of this form; `None` for another form or a time that does not exist.
    #[must_use]
    pub fn parse(text: &str) -> Option<UnixMillis> {
        let (date, time) = text.split_at_checked(10)?;
        let bytes: &[u8; 9] = time.as_bytes().try_into().ok()?;
        if (bytes[0], bytes[3], bytes[6]) != (b' ', b':', b':') {
            return None;
        }
        let parts = [decimal(&bytes[1..3])?, decimal(&bytes[4..6])?, decimal(&bytes[7..])?];
        let [hour, minute, second] = parts.map(i64::from);
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let since = ((hour * 60 + minute) * 60 + second) * SECOND_MS;
        Some(BankDay::parse(date)?.start().plus(since))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    fn compose(date: Date, second: i64) -> Self {
        let mut text = *b"0000-00-00 00:00:00";
        let mut put = |at: usize, value: i64| {
            for (place, unit) in [(at, 10), (at + 1, 1)] {
                text[place] = b'0' + u8::try_from(value / unit % 10).unwrap_or(0);
            }
        };
        let year = i64::from(date.year());
        put(0, year / 100);
        put(2, year % 100);
        put(5, i64::from(date.month()));
        put(8, i64::from(date.day()));
        put(11, second / 3600);
        put(14, second / 60 % 60);
        put(17, second % 60);
        Self(text)
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_survive_text_and_number() {
        let cases = [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("2023-02-01", 19_389),
            ("2024-02-29", 19_782),
            ("0001-01-01", -719_162),
            ("9999-12-31", 2_932_896),
        ];
        for (text, number) in cases {
            let day = BankDay::parse(text).unwrap();
            assert_eq!((day.number(), day.to_string()), (number, text.to_owned()));
            assert_eq!(BankDay::of(day.start()), day);
            assert_eq!(BankDay::of(day.end().plus(-1)), day);
        }
        let bad = [
            "",
            "2023-2-1",
            "2023-02-29",
            "2023-13-01",
            "2023-00-01",
            "0000-01-01",
            "-023-01-01",
            "2023/02/01",
            "01.02.2023",
            "2023-02-01 ",
            "+023-02-01",
            "2023-02-0١",
            "٢٠٢٣-0",
        ];
        for text in bad {
            assert_eq!(BankDay::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_ends_of_the_calendar_hold() {
        assert_eq!(BankDay::LAST.plus(1), BankDay::LAST);
        assert_eq!(BankDay::FIRST.plus(i32::MIN), BankDay::FIRST);
        assert_eq!(BankDay::of(UnixMillis(i64::MAX)), BankDay::LAST);
        assert_eq!(LocalTime::of(UnixMillis(i64::MAX)).as_str(), "9999-12-31 23:59:59");
        assert_eq!(LocalTime::of(UnixMillis(i64::MIN)).as_str(), "0001-01-01 00:00:00");
    }

    #[test]
    fn a_day_begins_five_hours_before_that_of_utc() {
        // 2023-02-01T16:32:23+05:00 and the last second of the day before.
        assert_eq!(LocalTime::of(UnixMillis(1_675_251_143_999)).as_str(), "2023-02-01 16:32:23");
        let day = BankDay::parse("2023-02-01").unwrap();
        assert_eq!(LocalTime::midnight(day).as_str(), "2023-02-01 00:00:00");
        assert_eq!(LocalTime::of(day.start().plus(-1)).as_str(), "2023-01-31 23:59:59");
        assert!(day.start().is_tashkent_midnight());
    }

    #[test]
    fn times_are_read_as_they_are_written() {
        for text in ["2023-02-01 16:32:23", "1970-01-01 00:00:00", "2026-12-31 23:59:59"] {
            assert_eq!(LocalTime::of(LocalTime::parse(text).unwrap()).as_str(), text);
        }
        let bad = [
            "",
            "2023-02-01",
            "2023-02-01T16:32:23",
            "2023-02-01 24:00:00",
            "2023-02-01 16:60:23",
            "2023-02-30 16:32:23",
            "2023-02-01 16:32:23.5",
            "2023-02-01 16:32:2",
            "яяяяяяяяяяяя",
        ];
        for text in bad {
            assert_eq!(LocalTime::parse(text), None, "{text}");
        }
    }

    #[test]
    fn weekends_are_saturdays_and_sundays() {
        let monday = BankDay::parse("2026-11-23").unwrap();
        let weekend: Vec<bool> = (0..7).map(|days| monday.plus(days).is_weekend()).collect();
        assert_eq!(weekend, [false, false, false, false, false, true, true]);
        assert!(BankDay::parse("1969-12-27").unwrap().is_weekend());
    }
}
