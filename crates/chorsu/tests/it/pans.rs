//! Card numbers for the tests: possible ones that nobody has published.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

static NEXT: AtomicU64 = AtomicU64::new(0);

/// A new card number of 16 digits with this prefix of four and the right check digit. Its middle
/// differs from run to run, so that it cannot be found anywhere by accident.
pub(crate) fn fresh(prefix: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    let seed = u64::try_from(now % 1_000_000_007).unwrap() + u64::from(std::process::id());
    let number = (seed + NEXT.fetch_add(7_919, Ordering::Relaxed)) * 6_364_136_223 % 99_999_999_977;
    let payload = format!("{prefix}{number:011}");
    let check = (0..10).find(|check| passes_luhn(&format!("{payload}{check}"))).unwrap();
    format!("{payload}{check}")
}

/// Whether the check digit is right (ISO/IEC 7812, the Luhn formula).
fn passes_luhn(digits: &str) -> bool {
    let doubled = |digit: u32| digit * 2 - if digit > 4 { 9 } else { 0 };
    let value = |(place, digit): (usize, char)| {
        let digit = digit.to_digit(10).unwrap();
        if place % 2 == 0 { doubled(digit) } else { digit }
    };
    digits.chars().enumerate().map(value).sum::<u32>().is_multiple_of(10)
}
