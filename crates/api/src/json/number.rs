//! Whole numbers, read from the digits of a JSON number without a floating point type in between.

/// The value of a JSON number that is whole, however it is written: `100000`, `100000.0` and `1e5`
/// are the same number.
///
/// `None` for a fraction, for a number beyond i64, and for a text that is not a number.
pub(crate) fn whole(number: &str) -> Option<i64> {
    let (negative, rest) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number),
    };
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        // An exponent that does not fit is as good as any other that is far too large: only zero
        // survives it.
        Some((mantissa, exponent)) => (mantissa, exponent.parse().unwrap_or(i64::MAX / 2)),
        None => (rest, 0_i64),
    };
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if integer.is_empty() {
        return None;
    }
    let (value, zeros) = significant(integer.bytes().chain(fraction.bytes()))?;
    if value == 0 {
        return Some(0);
    }
    let scale = zeros.checked_add(exponent)?.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    let value = value.checked_mul(power_of_ten(scale)?)?;
    Some(if negative { -value } else { value })
}

/// The digits as a number without its trailing zeros, and how many zeros those are.
fn significant(digits: impl Iterator<Item = u8>) -> Option<(i64, i64)> {
    let (mut value, mut zeros) = (0_i64, 0_i64);
    for digit in digits {
        match digit {
            b'0' => zeros += 1,
            b'1'..=b'9' => {
                if value > 0 {
                    value = value.checked_mul(power_of_ten(zeros + 1)?)?;
                }
                value = value.checked_add(i64::from(digit - b'0'))?;
                zeros = 0;
            }
            _ => return None,
        }
    }
    Some((value, zeros))
}

fn power_of_ten(exponent: i64) -> Option<i64> {
    10_i64.checked_pow(u32::try_from(exponent).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_exact_in_every_notation() {
        let long = format!("0.{}1e25", "0".repeat(24));
        let zeros = format!("5.{}", "0".repeat(10_000));
        let cases = [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("0.000e99999999999999999999", Some(0)),
            ("500000", Some(500_000)),
            ("-500000", Some(-500_000)),
            ("100000.0", Some(100_000)),
            ("1e5", Some(100_000)),
            ("1E+5", Some(100_000)),
            ("1.25e2", Some(125)),
            ("12500e-2", Some(125)),
            ("1.001e3", Some(1001)),
            (&long, Some(1)),
            (&zeros, Some(5)),
            ("9007199254740993", Some(9_007_199_254_740_993)),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775807.000", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("1e19", None),
            ("1e99999999999999999999", None),
            ("1e-99999999999999999999", None),
            ("0.5", None),
            ("1.25e1", None),
            ("125e-3", None),
            ("", None),
            ("-", None),
            ("true", None),
            ("null", None),
            ("\"5\"", None),
            ("[5]", None),
        ];
        for (text, want) in cases {
            assert_eq!(whole(text), want, "{text:.40}");
        }
    }
}
