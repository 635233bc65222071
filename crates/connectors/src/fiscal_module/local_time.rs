//! A second of Tashkent time, as fiscal modules write it.

use std::fmt;

use chorsu_core::UnixMillis;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Tashkent is five hours ahead of UTC the whole year.
const TASHKENT: Offset = Offset::constant(5);

/// A second of Tashkent time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime(DateTime);

impl LocalTime {
    /// The second `moment` falls in; `None` outside of the years 2000 to 2099, in which modules
    /// live.
    #[must_use]
    pub fn at(moment: UnixMillis) -> Option<Self> {
        let second = moment.0.div_euclid(1_000);
        let local = TASHKENT.to_datetime(Timestamp::from_second(second).ok()?);
        (2000..2100).contains(&local.year()).then_some(Self(local))
    }

    /// When this second begins.
    #[must_use]
    pub fn moment(self) -> UnixMillis {
        // Every year from 2000 to 2099 has its timestamps.
        UnixMillis(TASHKENT.to_timestamp(self.0).map_or(0, |moment| moment.as_millisecond()))
    }

    /// Reads `2022-11-11 17:01:07`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (date, time) = text.trim().split_once(' ')?;
        let date: Vec<&str> = date.split('-').collect();
        let time: Vec<&str> = time.split(':').collect();
        match (date.as_slice(), time.as_slice()) {
            ([year, month, day], [hour, minute, second]) => {
                Self::of([year, month, day, hour, minute, second])
            }
            _ => None,
        }
    }

    /// Reads `20221111170107`.
    #[must_use]
    pub fn parse_compact(text: &str) -> Option<Self> {
        if text.len() != 14 || !text.is_ascii() {
            return None;
        }
        let part = |from: usize, to: usize| &text[from..to];
        Self::of([part(0, 4), part(4, 6), part(6, 8), part(8, 10), part(10, 12), part(12, 14)])
    }

    /// `20221111170107`, as it stands in receipts' addresses.
    #[must_use]
    pub fn compact(self) -> String {
        let DateTimeParts { year, month, day, hour, minute, second } = self.parts();
        format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}")
    }

    /// `11/11/22`, as pinpads print it.
    #[must_use]
    pub fn slashed_date(self) -> String {
        let DateTimeParts { year, month, day, .. } = self.parts();
        format!("{day:02}/{month:02}/{:02}", year % 100)
    }

    /// `17:01:07`.
    #[must_use]
    pub fn clock_time(self) -> String {
        let DateTimeParts { hour, minute, second, .. } = self.parts();
        format!("{hour:02}:{minute:02}:{second:02}")
    }

    /// The day of its year, from 1.
    #[must_use]
    pub fn day_of_year(self) -> i16 {
        self.0.date().day_of_year()
    }

    /// Its year.
    #[must_use]
    pub fn year(self) -> i16 {
        self.0.year()
    }

    fn of(parts: [&str; 6]) -> Option<Self> {
        let [year, month, day, hour, minute, second] = parts;
        let number = |text: &str, width: usize| {
            let whole = text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit());
            whole.then(|| text.parse::<i16>().ok()).flatten()
        };
        let two = |text: &str| number(text, 2).and_then(|number| i8::try_from(number).ok());
        let year = number(year, 4).filter(|year| (2000..2100).contains(year))?;
        let (hour, minute, second) = (two(hour)?, two(minute)?, two(second)?);
        DateTime::new(year, two(month)?, two(day)?, hour, minute, second, 0).ok().map(Self)
    }

    fn parts(self) -> DateTimeParts {
        DateTimeParts {
            year: self.0.year(),
            month: self.0.month(),
            day: self.0.day(),
            hour: self.0.hour(),
            minute: self.0.minute(),
            second: self.0.second(),
        }
    }
}

struct DateTimeParts {
    year: i16,
    month: i8,
    day: i8,
    hour: i8,
    minute: i8,
    second: i8,
}

impl fmt::Display for LocalTime {
    /// `2022-11-11 17:01:07`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DateTimeParts { year, month, day, .. } = self.parts();
        write!(f, "{year:04}-{month:02}-{day:02} {}", self.clock_time())
    }
}

impl fmt::Debug for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for LocalTime {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LocalTime {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("not YYYY-MM-DD HH:MM:SS"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_is_read_and_written_in_both_forms() {
        let time = LocalTime::at(UnixMillis(1_668_168_067_999)).unwrap();
        assert_eq!(time.to_string(), "2022-11-11 17:01:07");
        assert_eq!(time.compact(), "20221111170107");
        assert_eq!(
            (time.slashed_date(), time.clock_time()),
            ("11/11/22".into(), "17:01:07".into())
        );
        assert_eq!((time.year(), time.day_of_year()), (2022, 315));
        assert_eq!(LocalTime::parse("2022-11-11 17:01:07"), Some(time));
        assert_eq!(LocalTime::parse_compact("20221111170107"), Some(time));
        assert_eq!(time.moment(), UnixMillis(1_668_168_067_000));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for bad in [
            "",
            "2022-11-11",
            "2022-13-11 17:01:07",
            "2022-11-11T17:01:07",
            "2022-1-1 1:1:1",
            "1999-01-01 00:00:00",
            "2022-02-29 00:00:00",
            "2022-11-11 24:00:00",
            "+022-11-11 17:01:07",
        ] {
            assert_eq!(LocalTime::parse(bad), None, "{bad}");
        }
        for bad in ["", "2022111117010", "20221111170160", "2022111117010я"] {
            assert_eq!(LocalTime::parse_compact(bad), None, "{bad}");
        }
        for bad in [0, i64::MIN, i64::MAX, 4_102_444_800_000] {
            assert_eq!(LocalTime::at(UnixMillis(bad)), None, "{bad}");
        }
    }
}
