//! Amounts as text: tiyin to sums and back, by digits.
//!
//! No float takes part. An amount that is not written in plain digits is not an amount: `1e9`,
//! `+5`, ` 5`, `5,000.00` and `5.001` are all refused.

use chorsu_core::Tiyin;

use crate::bulk::Problem;

/// Tiyin in one sum.
const TIYIN: u64 = 100;

/// `tiyin` in sums with a dot and two decimals, with a minus sign when negative: `-5.00`.
pub(crate) fn in_sums(tiyin: i64) -> String {
    let amount = tiyin.unsigned_abs();
    let sign = if tiyin < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", amount / TIYIN, amount % TIYIN)
}

/// The amount of `text`, which counts tiyin: digits and nothing else.
pub(crate) fn parse_tiyin(text: &str) -> Result<Tiyin, Problem> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Problem::NotWhole);
    }
    text.parse().ok().and_then(Tiyin::new).ok_or(Problem::TooMuch)
}

/// The amount of `text`, which counts sums: digits, and at most two decimals after a dot or comma.
///
/// A comma cannot be mistaken for a separator of thousands, since three digits would follow it.
pub(crate) fn parse_sums(text: &str) -> Result<Tiyin, Problem> {
    let (whole, decimals) = match text.split_once(['.', ',']) {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (text, None),
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !decimals.is_none_or(digits) {
        return Err(Problem::NotSums);
    }
    let mut tiyin = whole.to_owned();
    match decimals.unwrap_or_default() {
        "" => tiyin.push_str("00"),
        one if one.len() == 1 => {
            tiyin.push_str(one);
            tiyin.push('0');
        }
        two if two.len() == 2 => tiyin.push_str(two),
        _ => return Err(Problem::TooManyDecimals),
    }
    tiyin.parse().ok().and_then(Tiyin::new).ok_or(Problem::TooMuch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_written_with_two_decimals() {
        let cases = [
            (0, "0.00"),
            (5, "0.05"),
            (-5, "-0.05"),
            (500_000, "5000.00"),
            (i64::MAX, "92233720368547758.07"),
            (i64::MIN, "-92233720368547758.08"),
        ];
        for (tiyin, want) in cases {
            assert_eq!(in_sums(tiyin), want);
        }
    }

    #[test]
    fn sums_are_read_by_digits() {
        let cases = [
            ("0", Ok(0)),
            ("5", Ok(500)),
            ("5.", Err(Problem::NotSums)),
            ("500.5", Ok(50_050)),
            ("500,05", Ok(50_005)),
            ("007.10", Ok(710)),
            ("92233720368547758.07", Ok(i64::MAX)),
            ("92233720368547758.08", Err(Problem::TooMuch)),
            ("99999999999999999999999", Err(Problem::TooMuch)),
            ("5.001", Err(Problem::TooManyDecimals)),
            ("1,000", Err(Problem::TooManyDecimals)),
            ("1,000.00", Err(Problem::NotSums)),
            ("1e9", Err(Problem::NotSums)),
            ("-1", Err(Problem::NotSums)),
            ("+1", Err(Problem::NotSums)),
            (" 500", Err(Problem::NotSums)),
            (".5", Err(Problem::NotSums)),
            ("", Err(Problem::NotSums)),
            ("٥", Err(Problem::NotSums)),
        ];
        for (text, want) in cases {
            assert_eq!(parse_sums(text).map(Tiyin::get), want, "{text:?}");
        }
    }

    #[test]
    fn tiyin_are_whole() {
        let cases = [
            ("500", Ok(500)),
            ("9223372036854775807", Ok(i64::MAX)),
            ("9223372036854775808", Err(Problem::TooMuch)),
            ("500.5", Err(Problem::NotWhole)),
            ("1e9", Err(Problem::NotWhole)),
            ("", Err(Problem::NotWhole)),
        ];
        for (text, want) in cases {
            assert_eq!(parse_tiyin(text).map(Tiyin::get), want, "{text:?}");
        }
    }
}
