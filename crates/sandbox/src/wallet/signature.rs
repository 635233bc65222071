//! The signed header of Click and Uzum: `user:sha1(timestamp + secret):timestamp`, SHA-1 in hex.

use chorsu_core::UnixMillis;
use sha1::{Digest, Sha1};

/// What is wrong with a signed header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsigned {
    /// It is missing, of another form, of another user, or signed with another secret.
    Wrong,
    /// Its time is too far from now.
    Stale,
}

/// The unit and the window of a provider's timestamps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timing {
    /// How many digits a timestamp has.
    pub(super) digits: usize,
    /// Milliseconds in one unit.
    pub(super) unit_ms: i64,
    /// How far it may be from now, in milliseconds.
    pub(super) window_ms: i64,
}

/// Checks `header`; `clocks` are the moments that count as now.
///
/// The sandbox's clock can be turned, but a client outside of Chorsu signs by the real time: so
/// there are two, and either will do.
pub(super) fn check(
    header: Option<&str>,
    user: &str,
    secret: &str,
    timing: Timing,
    clocks: [UnixMillis; 2],
) -> Result<(), Unsigned> {
    let mut parts = header.ok_or(Unsigned::Wrong)?.split(':');
    let (Some(by), Some(digest), Some(stamp), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Unsigned::Wrong);
    };
    let digits = stamp.len() == timing.digits && stamp.bytes().all(|byte| byte.is_ascii_digit());
    if by != user || !digits || !is_digest(digest, stamp, secret) {
        return Err(Unsigned::Wrong);
    }
    let at = stamp.parse::<i64>().map_err(|_| Unsigned::Wrong)?.saturating_mul(timing.unit_ms);
    let near = |now: &UnixMillis| now.since(UnixMillis(at)).saturating_abs() <= timing.window_ms;
    if clocks.iter().any(near) { Ok(()) } else { Err(Unsigned::Stale) }
}

fn is_digest(hex: &str, stamp: &str, secret: &str) -> bool {
    let digest = Sha1::new().chain_update(stamp).chain_update(secret).finalize();
    let nibble = |digit: u8| char::from(digit).to_digit(16);
    let byte = |pair: &[u8]| Some(nibble(*pair.first()?)? << 4 | nibble(*pair.get(1)?)?);
    hex.len() == 2 * digest.len()
        && hex.as_bytes().chunks(2).map(byte).eq(digest.iter().map(|byte| Some(u32::from(*byte))))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECONDS: Timing = Timing { digits: 10, unit_ms: 1_000, window_ms: 300_000 };
    const MILLIS: Timing = Timing { digits: 13, unit_ms: 1, window_ms: 50_000 };

    #[test]
    fn signatures_and_windows() {
        let seconds = "7:62590f31dce93245f2fe7e821ac3bab9a6ef85ff:1700000000";
        let millis = "7:c36d2af32d54c4cd3a58da11f251c92a66b3c1d1:1700000000000";
        let now = 1_700_000_000_000;
        let run = |header: &str, user: &str, timing, at: i64| {
            check(Some(header), user, "secret", timing, [UnixMillis(at), UnixMillis(0)])
        };
        assert_eq!(run(seconds, "7", SECONDS, now), Ok(()));
        assert_eq!(run(seconds, "7", SECONDS, now + 300_000), Ok(()));
        assert_eq!(run(seconds, "7", SECONDS, now + 300_001), Err(Unsigned::Stale));
        assert_eq!(run(millis, "7", MILLIS, now + 50_000), Ok(()));
        assert_eq!(run(millis, "7", MILLIS, now + 50_001), Err(Unsigned::Stale));
        assert_eq!(run(millis, "7", MILLIS, now - 50_001), Err(Unsigned::Stale));
        assert_eq!(run(seconds, "8", SECONDS, now), Err(Unsigned::Wrong));
        assert_eq!(run(millis, "7", SECONDS, now), Err(Unsigned::Wrong));
        let turned = seconds.replace("5ff:", "5fe:");
        assert_eq!(run(&turned, "7", SECONDS, now), Err(Unsigned::Wrong));
        for bad in ["", "7", "7::1700000000", "7:ё:1700000000", &format!("{seconds}:1")] {
            assert_eq!(run(bad, "7", SECONDS, now), Err(Unsigned::Wrong), "{bad}");
        }
        let either = [UnixMillis(0), UnixMillis(now)];
        assert_eq!(check(Some(seconds), "7", "secret", SECONDS, either), Ok(()));
        assert_eq!(check(None, "7", "secret", SECONDS, either), Err(Unsigned::Wrong));
    }
}
