//! On which days banks work, and which day's books are open.
//!
//! The fixed holidays of Uzbekistan are built in. Those that move, and working Saturdays, are
//! decreed each year: they are data, read from a text.

use std::collections::BTreeMap;

use super::day::BankDay;
use crate::time::{SECOND_MS, UnixMillis};

/// Holidays with a fixed date (Labour Code of Uzbekistan): month and day.
const FIXED_HOLIDAYS: [(i8, i8); 7] = [(1, 1), (3, 8), (3, 21), (5, 9), (9, 1), (10, 1), (12, 8)];
/// Longest run of days off that is looked through; a table that has more is a mistake.
const DAYS_OFF_MAX: i32 = 366;
/// Most lines of a table that are read.
const LINES_MAX: usize = 10_000;

/// The days that differ from the rule "Monday to Friday, without fixed holidays".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BankCalendar {
    /// Whether banks work on that day.
    special: BTreeMap<BankDay, bool>,
}

/// A line of a holiday table is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the holiday table: {problem}")]
pub struct CalendarError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl BankCalendar {
    /// A calendar from a table of days: a line is `YYYY-MM-DD off` or `YYYY-MM-DD work`; what
    /// follows `#` and blank lines are skipped.
    ///
    /// # Errors
    /// [`CalendarError`] names the first line that has another form or a day given before.
    pub fn parse(table: &str) -> Result<Self, CalendarError> {
        let mut calendar = Self::default();
        for (index, line) in table.lines().enumerate() {
            let wrong = |problem| CalendarError { line: index + 1, problem };
            if index == LINES_MAX {
                return Err(wrong("too many lines"));
            }
            let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
            let Some(date) = words.next() else { continue };
            let day = BankDay::parse(date).ok_or(wrong("no date of the form YYYY-MM-DD"))?;
            let works = match (words.next(), words.next()) {
                (Some("off"), None) => false,
                (Some("work"), None) => true,
                _ => return Err(wrong("neither 'off' nor 'work' after the date")),
            };
            if calendar.special.insert(day, works).is_some() {
                return Err(wrong("this day is in the table already"));
            }
        }
        Ok(calendar)
    }

    /// Whether banks work on that day.
    #[must_use]
    pub fn is_working(&self, day: BankDay) -> bool {
        match self.special.get(&day) {
            Some(works) => *works,
            None => !day.is_weekend() && !FIXED_HOLIDAYS.contains(&day.month_and_day()),
        }
    }

    /// The first working day on or after `day`.
    #[must_use]
    pub fn working_from(&self, day: BankDay) -> BankDay {
        let days = (0..DAYS_OFF_MAX).map(|days| day.plus(days));
        days.into_iter().find(|day| self.is_working(*day)).unwrap_or(day)
    }

    /// The working day `count` working days after `day`: T+`count`. T+0 is the day itself, or the
    /// next working day when it is a day off.
    #[must_use]
    pub fn plus_working(&self, day: BankDay, count: u16) -> BankDay {
        (0..count).fold(self.working_from(day), |day, _| self.working_from(day.plus(1)))
    }

    /// The operating day at `now`: the day in whose books a document is entered. After
    /// `close_minute` (minutes after midnight; 1440 or more: never) it is the next working day.
    #[must_use]
    pub fn operating_day(&self, now: UnixMillis, close_minute: u16) -> BankDay {
        let today = BankDay::of(now);
        let close_ms = i64::from(close_minute) * 60 * SECOND_MS;
        let closed = now.since(today.start()) >= close_ms;
        self.working_from(today.plus(i32::from(closed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> BankDay {
        BankDay::parse(text).unwrap()
    }

    /// Made up: a Friday off in a row with a holiday, and a Saturday at work for it.
    fn calendar() -> BankCalendar {
        BankCalendar::parse("# bridge\n\n2026-03-20 off # moved\n2026-03-28\twork\n").unwrap()
    }

    #[test]
    fn weekends_and_holidays_are_off_and_the_table_decides() {
        let cases = [
            ("2026-11-20", true),
            ("2026-11-21", false),
            ("2026-12-08", false),
            ("2026-01-01", false),
            ("2026-03-19", true),
            ("2026-03-20", false),
            ("2026-03-28", true),
        ];
        for (text, works) in cases {
            assert_eq!(calendar().is_working(day(text)), works, "{text}");
        }
        assert!(BankCalendar::default().is_working(day("2026-03-20")));
    }

    #[test]
    fn days_of_settlement_are_counted_in_working_days() {
        let cases = [
            ("2026-03-19", 0, "2026-03-19"),
            ("2026-03-19", 1, "2026-03-23"),
            ("2026-03-21", 0, "2026-03-23"),
            ("2026-03-21", 1, "2026-03-24"),
            ("2026-03-27", 1, "2026-03-28"),
            ("2026-03-27", 2, "2026-03-30"),
        ];
        for (from, count, want) in cases {
            assert_eq!(calendar().plus_working(day(from), count), day(want), "{from} + {count}");
        }
    }

    #[test]
    fn the_operating_day_turns_at_close_and_skips_days_off() {
        let friday = day("2026-11-20");
        let cases = [
            (friday.start(), 1440, "2026-11-20"),
            (friday.end().plus(-1), 1440, "2026-11-20"),
            (friday.end(), 1440, "2026-11-23"),
            (friday.start().plus(18 * 3_600_000 - 1), 18 * 60, "2026-11-20"),
            (friday.start().plus(18 * 3_600_000), 18 * 60, "2026-11-23"),
            (friday.start(), 0, "2026-11-23"),
        ];
        for (now, close, want) in cases {
            let found = BankCalendar::default().operating_day(now, close);
            assert_eq!(found, day(want), "{now:?} {close}");
        }
    }

    #[test]
    fn a_calendar_without_working_days_ends_the_search() {
        assert_eq!(BankCalendar::default().working_from(BankDay::LAST), BankDay::LAST);
        let table: String =
            (0..800).map(|n| format!("{} off\n", day("2026-01-01").plus(n))).collect();
        let calendar = BankCalendar::parse(&table).unwrap();
        assert_eq!(calendar.working_from(day("2026-01-01")), day("2026-01-01"));
    }

    #[test]
    fn bad_lines_are_named() {
        let cases = [
            ("2026-03-20 off\nfriday off", 2),
            ("2026-03-20", 1),
            ("2026-03-20 maybe", 1),
            ("2026-03-20 off today", 1),
            ("2026-03-20 off\n2026-03-20 work", 2),
        ];
        for (table, line) in cases {
            assert_eq!(BankCalendar::parse(table).unwrap_err().line, line, "{table}");
        }
        let long = "#\n".repeat(LINES_MAX + 1);
        assert_eq!(BankCalendar::parse(&long).unwrap_err().line, LINES_MAX + 1);
    }
}
