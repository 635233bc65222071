//! Days and moments of the Tashkent calendar, as files write them.

use chorsu_core::UnixMillis;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use jiff::{Span, Timestamp};

/// Tashkent is UTC+5 the whole year.
const TASHKENT: Offset = Offset::constant(5);
const EPOCH: Date = Date::constant(1970, 1, 1);

/// A day of the calendar: the bank day of a payment, or an end of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// The day with this number since 1970-01-01, as `UnixMillis::tashkent_day` counts; `None`
    /// outside the years -9999 to 9999.
    #[must_use]
    pub fn from_number(days: i64) -> Option<Self> {
        let span = Span::new().try_days(days).ok()?;
        EPOCH.checked_add(span).ok().map(Self)
    }

    /// The day of year, month and day of month; `None` when the calendar has no such day.
    #[must_use]
    pub fn from_ymd(year: i16, month: i8, day: i8) -> Option<Self> {
        Date::new(year, month, day).ok().map(Self)
    }

    /// The day in Tashkent on which `moment` falls; 1970-01-01 for moments no calendar has.
    #[must_use]
    pub fn of(moment: UnixMillis) -> Self {
        Self(local(moment).date())
    }

    /// `дд.мм.гггг`, as 1C and people write it.
    #[must_use]
    pub fn dotted(self) -> String {
        format!("{:02}.{:02}.{:04}", self.0.day(), self.0.month(), self.0.year())
    }

    /// `YYYY-MM-DD` (ISO 8601).
    #[must_use]
    pub fn iso(self) -> String {
        self.0.to_string()
    }

    /// `YYMMDD`, for ids.
    pub(crate) fn compact(self) -> String {
        format!("{:02}{:02}{:02}", self.0.year().rem_euclid(100), self.0.month(), self.0.day())
    }

    /// Year, month and day, for a sheet; `None` before 1900, which sheets do not know.
    pub(crate) fn for_sheet(self) -> Option<(u16, u8, u8)> {
        let year = u16::try_from(self.0.year()).ok().filter(|year| *year >= 1900)?;
        Some((year, self.0.month().unsigned_abs(), self.0.day().unsigned_abs()))
    }
}

/// `чч:мм:сс` of `moment` in Tashkent.
pub(crate) fn time_of_day(moment: UnixMillis) -> String {
    let local = local(moment);
    format!("{:02}:{:02}:{:02}", local.hour(), local.minute(), local.second())
}

/// `moment` as ISO 8601 with the offset of Tashkent: `2023-02-01T16:32:23+05:00`.
pub(crate) fn iso_moment(moment: UnixMillis) -> String {
    format!("{}T{}+05:00", Day::of(moment).iso(), time_of_day(moment))
}

/// The Tashkent clock at `moment`; the beginning of 1970 for moments no calendar has.
fn local(moment: UnixMillis) -> DateTime {
    let stamp = Timestamp::from_millisecond(moment.0).unwrap_or(Timestamp::UNIX_EPOCH);
    TASHKENT.to_datetime(stamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_tashkent_time() {
        let evening = UnixMillis(1_675_193_543_999);
        assert_eq!(iso_moment(evening), "2023-02-01T00:32:23+05:00");
        assert_eq!(Day::of(evening).dotted(), "01.02.2023");
        assert_eq!(Day::from_number(evening.tashkent_day()), Some(Day::of(evening)));
    }

    #[test]
    fn only_days_of_the_calendar_exist() {
        assert_eq!(Day::from_ymd(2023, 2, 29), None);
        assert_eq!(Day::from_number(i64::MAX), None);
        assert_eq!(Day::from_number(0).map(Day::iso).as_deref(), Some("1970-01-01"));
        assert_eq!(iso_moment(UnixMillis(i64::MAX)), "1970-01-01T05:00:00+05:00");
    }
}
