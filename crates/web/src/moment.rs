//! Times and spans of time as the pages show them, in the time of Tashkent.

use chorsu_core::UnixMillis;
use chorsu_core::time::{DAY_MS, SECOND_MS};

use crate::texts::Texts;

/// Tashkent is UTC+5 the whole year.
const TASHKENT: jiff::tz::Offset = jiff::tz::Offset::constant(5);
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// `31.12.2026, 23:59:59` in Tashkent; a dash for a moment no calendar has.
pub(crate) fn date_time(moment: &UnixMillis) -> String {
    let Ok(timestamp) = jiff::Timestamp::from_millisecond(moment.0) else {
        return "–".to_owned();
    };
    let local = TASHKENT.to_datetime(timestamp);
    format!(
        "{:02}.{:02}.{:04}, {:02}:{:02}:{:02}",
        local.day(),
        local.month(),
        local.year(),
        local.hour(),
        local.minute(),
        local.second()
    )
}

/// `2026-12-31 23:59:59`, as a fiscal module writes it, in the form of [`date_time`]; other texts as
/// they are.
pub(crate) fn of_module(text: &str) -> String {
    let parts = || {
        let (date, time) = text.split_once(' ')?;
        let (year, rest) = date.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        Some(format!("{day}.{month}.{year}, {time}"))
    };
    parts().unwrap_or_else(|| text.to_owned())
}

/// `31 d 1 h 0 min`: how far the sandbox's clock is ahead, without what is zero in front.
pub(crate) fn span(milliseconds: i64, t: &Texts) -> String {
    let whole = milliseconds.max(0);
    let parts = [
        (whole / DAY_MS, t.unit_day),
        (whole % DAY_MS / HOUR_MS, t.unit_hour),
        (whole % HOUR_MS / MINUTE_MS, t.unit_minute),
    ];
    let first = parts.iter().position(|(count, _)| *count > 0).unwrap_or(parts.len() - 1);
    let text = |(count, unit): &(i64, &str)| format!("{count}\u{a0}{unit}");
    parts[first..].iter().map(text).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn times_are_those_of_tashkent() {
        let cases = [
            (0, "01.01.1970, 05:00:00"),
            (1_796_065_199_999, "30.11.2026, 23:59:59"),
            (1_796_065_200_000, "01.12.2026, 00:00:00"),
            (i64::MAX, "–"),
        ];
        for (moment, want) in cases {
            assert_eq!(date_time(&UnixMillis(moment)), want);
        }
    }

    #[test]
    fn a_modules_time_is_written_like_others() {
        assert_eq!(of_module("2026-12-31 23:59:59"), "31.12.2026, 23:59:59");
        assert_eq!(of_module("20261231235959"), "20261231235959");
    }

    #[test]
    fn spans_leave_out_leading_zeros() {
        let t = Texts::of(Language::En);
        let cases = [
            (-5, "0 min"),
            (59_999, "0 min"),
            (HOUR_MS, "1 h 0 min"),
            (30 * DAY_MS, "30 d 0 h 0 min"),
            (DAY_MS + HOUR_MS + MINUTE_MS, "1 d 1 h 1 min"),
        ];
        for (milliseconds, want) in cases {
            assert_eq!(span(milliseconds, t).replace('\u{a0}', " "), want);
        }
    }
}
