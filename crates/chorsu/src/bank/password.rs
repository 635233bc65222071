//! Passwords of partners: argon2id, with its cost beside the hash so that it can be raised later.

use argon2::{Algorithm, Argon2, Params, Version};
use chorsu_core::secret::SecretHash;
use serde::{Deserialize, Serialize};

use crate::ids;

/// Memory in KiB, passes, lanes: the first recommendation of OWASP for argon2id.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// A password as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PasswordHash {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: [u8; SALT_BYTES],
    hash: [u8; HASH_BYTES],
}

impl PasswordHash {
    /// The hash of a password under a new salt. It takes tens of milliseconds of a processor.
    ///
    /// # Errors
    /// When the cost is out of bounds, which it is not.
    pub(crate) fn of(password: &str) -> anyhow::Result<Self> {
        let mut salt = [0; SALT_BYTES];
        ids::fill(&mut salt);
        let mut made = Self {
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            lanes: LANES,
            salt,
            hash: [0; HASH_BYTES],
        };
        made.hash = made.compute(password).map_err(|error| anyhow::anyhow!("argon2: {error}"))?;
        Ok(made)
    }

    /// A hash that no password has, for users who do not exist: trying it takes as long.
    pub(crate) const fn of_nobody() -> Self {
        Self {
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            lanes: LANES,
            salt: [0; SALT_BYTES],
            hash: [0; HASH_BYTES],
        }
    }

    /// Whether it is the hash of this password. It takes as long as making one.
    pub(crate) fn is_of(&self, password: &str) -> bool {
        self.compute(password).is_ok_and(|hash| SecretHash(hash).matches(&SecretHash(self.hash)))
    }

    fn compute(&self, password: &str) -> Result<[u8; HASH_BYTES], argon2::Error> {
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(HASH_BYTES))?;
        let mut hash = [0; HASH_BYTES];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(
            password.as_bytes(),
            &self.salt,
            &mut hash,
        )?;
        Ok(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_hash_and_no_other() {
        let [first, second] = [(); 2].map(|()| PasswordHash::of("p@ssw0rd").unwrap());
        assert_ne!(first, second, "salts differ");
        for hash in [&first, &second] {
            assert!(hash.is_of("p@ssw0rd"));
            assert!(!hash.is_of("p@ssw0rd ") && !hash.is_of(""));
        }
        assert!(!PasswordHash::of_nobody().is_of(""));
    }
}
