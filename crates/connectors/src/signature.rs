//! The header by which Click and Uzum know their merchants: `id:sha1(time + secret):time`.

use std::fmt::Write as _;

use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use crate::secret::Secret;

/// The header's value for `user` at `timestamp`, whose unit is the provider's: seconds at Click,
/// milliseconds at Uzum. The hash is in lower-case hexadecimal.
pub(crate) fn signature(user: &str, secret: &Secret, timestamp: i64) -> Zeroizing<String> {
    let time = timestamp.to_string();
    let mut hash = Sha1::new();
    hash.update(time.as_bytes());
    hash.update(secret.expose().as_bytes());
    let mut text = Zeroizing::new(format!("{user}:"));
    for byte in hash.finalize() {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    let _ = write!(text, ":{time}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_agree_with_vectors_computed_elsewhere() {
        let secret = Secret::new("secret");
        let cases = [
            (1_700_000_000, "5:62590f31dce93245f2fe7e821ac3bab9a6ef85ff:1700000000"),
            (1_700_000_000_000, "5:c36d2af32d54c4cd3a58da11f251c92a66b3c1d1:1700000000000"),
        ];
        for (timestamp, want) in cases {
            assert_eq!(signature("5", &secret, timestamp).as_str(), want);
        }
    }
}
