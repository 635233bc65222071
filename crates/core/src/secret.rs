//! Secrets that must not be printed, and comparing them without telling how much was right.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The SHA-256 of a secret: what is kept of keys, tokens and one-time codes.
///
/// Enough for high-entropy secrets. One-time codes are salted with their card's id and live a
/// minute.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretHash(pub [u8; 32]);

impl SecretHash {
    /// The hash of `secret` in the context `salt`.
    #[must_use]
    pub fn of(salt: &[u8], secret: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(salt);
        hasher.update(secret);
        Self(hasher.finalize().into())
    }

    /// Whether both hashes are equal, in time that does not depend on where they differ.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl std::fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretHash(..)")
    }
}
