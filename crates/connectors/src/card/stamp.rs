//! Field 7: the time a message is sent, `MMDDhhmmss` in UTC.

use crate::iso8583::Ascii;

/// The value of field 7.
pub type Stamp = Ascii<10>;

const DAY_SECONDS: u64 = 24 * 60 * 60;

/// The stamp of a moment in seconds since 1970-01-01T00:00:00Z.
pub(super) fn stamp(unix_seconds: u64) -> Stamp {
    let (month, day) = month_and_day(unix_seconds / DAY_SECONDS);
    let second = unix_seconds % DAY_SECONDS;
    let clock = second / 3600 * 10_000 + second / 60 % 60 * 100 + second % 60;
    Ascii::last_digits((month * 100 + day) * 1_000_000 + clock)
}

/// Month and day of a day counted from 1970-01-01 (civil-from-days arithmetic, years from March).
const fn month_and_day(day: u64) -> (u64, u64) {
    let day_of_era = (day + 719_468) % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    (if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 }, day_of_month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_the_calendar_in_utc() {
        let cases = [
            (0, "0101000000"),
            (951_782_399, "0228235959"),   // 2000-02-28
            (951_782_400, "0229000000"),   // 2000-02-29
            (1_709_251_199, "0229235959"), // 2024-02-29
            (1_767_225_599, "1231235959"), // 2025-12-31
            (1_796_065_200, "1130190000"), // 2026-11-30
        ];
        for (second, want) in cases {
            assert_eq!(stamp(second).as_str(), want, "{second}");
        }
    }
}
