//! Proving who calls. A password is hashed slowly once; then a keyed hash of it is remembered for
//! some minutes, because argon2 for every request would be the whole of a request's cost.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chorsu_core::PartnerId;
use chorsu_core::secret::SecretHash;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::partner::Partner;
use super::password::PasswordHash;
use crate::ids;

/// How long a proof is good for after it was last used. Who calls all the time is not locked out by
/// others who keep the processor busy with wrong passwords.
const REMEMBERED: Duration = Duration::from_secs(5 * 60);
/// How long a wrong password is remembered, so that a client that has one costs nothing.
const REFUSED: Duration = Duration::from_secs(2);
/// Wrong passwords remembered at most.
const REFUSALS_MAX: usize = 1_024;
/// Passwords that are being hashed at once: each keeps a processor busy.
const AT_ONCE: usize = 1;
/// Callers that may wait for that.
const WAITING_MAX: usize = 256;

/// Why a caller is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// No such user, or a wrong password.
    Unknown,
    /// Too many passwords are being looked at; this one was not.
    Busy,
}

/// A password that was right a moment ago.
struct Proof {
    digest: SecretHash,
    /// The stored hash that it fitted: with another one the proof is void.
    stored: PasswordHash,
    until: Instant,
}

#[derive(Default)]
struct Memory {
    proofs: HashMap<PartnerId, Proof>,
    refusals: HashMap<[u8; 32], Instant>,
}

/// Looks passwords up and remembers the right ones.
pub(super) struct Logins {
    /// Of this process alone: what is remembered is of no use anywhere else.
    key: Zeroizing<[u8; 32]>,
    memory: Mutex<Memory>,
    hashing: Semaphore,
    waiting: Arc<Semaphore>,
}

impl Logins {
    pub(super) fn new() -> Self {
        let mut key = Zeroizing::new([0; 32]);
        ids::fill(&mut *key);
        Self {
            key,
            memory: Mutex::default(),
            hashing: Semaphore::new(AT_ONCE),
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
        }
    }

    /// The partner, when the password is right. `None` is a user who does not exist: that takes as
    /// long to find out as a wrong password.
    pub(super) async fn check(
        &self,
        partner: Option<Arc<Partner>>,
        password: String,
    ) -> Result<Arc<Partner>, Denied> {
        let password = Zeroizing::new(password);
        let digest = self.digest(partner.as_deref(), &password);
        if let Some(known) = self.recall(partner.as_deref(), &digest) {
            return known.and_then(|()| partner.ok_or(Denied::Unknown));
        }
        let _place = self.waiting.try_acquire().map_err(|_| Denied::Busy)?;
        let _turn = self.hashing.acquire().await.map_err(|_| Denied::Busy)?;
        // Whoever was first in the queue may have found it out for those behind.
        if let Some(known) = self.recall(partner.as_deref(), &digest) {
            return known.and_then(|()| partner.ok_or(Denied::Unknown));
        }
        let stored = partner
            .as_ref()
            .map_or_else(PasswordHash::of_nobody, |partner| partner.password.clone());
        let tried = stored.clone();
        let is_right = tokio::task::spawn_blocking(move || tried.is_of(&password)).await;
        let is_right = is_right.map_err(|_| Denied::Busy)?;
        match partner.filter(|_| is_right) {
            Some(partner) => {
                let proof = Proof { digest, stored, until: Instant::now() + REMEMBERED };
                self.memory().proofs.insert(partner.id, proof);
                Ok(partner)
            }
            None => {
                self.remember_refusal(&digest);
                Err(Denied::Unknown)
            }
        }
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A hash that only this process can make.
    fn digest(&self, partner: Option<&Partner>, password: &str) -> SecretHash {
        let id = partner.map_or([0; 12], |partner| partner.id.0);
        let mut salt = Zeroizing::new([0; 44]);
        salt[..32].copy_from_slice(&*self.key);
        salt[32..].copy_from_slice(&id);
        SecretHash::of(&*salt, password.as_bytes())
    }

    /// What is remembered of this password.
    fn recall(&self, partner: Option<&Partner>, digest: &SecretHash) -> Option<Result<(), Denied>> {
        let now = Instant::now();
        let mut memory = self.memory();
        if let Some(partner) = partner
            && let Some(proof) = memory.proofs.get_mut(&partner.id)
            && proof.until > now
            && proof.stored == partner.password
            && proof.digest.matches(digest)
        {
            proof.until = now + REMEMBERED;
            return Some(Ok(()));
        }
        let refused = memory.refusals.get(&digest.0).is_some_and(|until| *until > now);
        refused.then_some(Err(Denied::Unknown))
    }

    fn remember_refusal(&self, digest: &SecretHash) {
        let now = Instant::now();
        let mut memory = self.memory();
        if memory.refusals.len() >= REFUSALS_MAX {
            memory.refusals.retain(|_, until| *until > now);
        }
        if memory.refusals.len() < REFUSALS_MAX {
            memory.refusals.insert(digest.0, now + REFUSED);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gray(password: &str) -> Arc<Partner> {
        Arc::new(Partner::new(PartnerId([1; 12]), "gray", password).unwrap())
    }

    #[tokio::test]
    async fn a_right_password_is_hashed_once_and_a_changed_one_is_found_out() {
        let logins = Logins::new();
        let (old, new) = (gray("p@ssw0rd"), gray("changed"));
        let check = |partner: &Arc<Partner>, password: &str| {
            logins.check(Some(partner.clone()), password.to_owned())
        };
        assert!(check(&old, "p@ssw0rd").await.is_ok());
        let begin = Instant::now();
        for _ in 0..100 {
            assert!(check(&old, "p@ssw0rd").await.is_ok());
        }
        assert!(begin.elapsed() < Duration::from_millis(100), "{:?}", begin.elapsed());
        assert_eq!(check(&old, "p@ssw0rD").await, Err(Denied::Unknown));
        assert_eq!(check(&new, "p@ssw0rd").await, Err(Denied::Unknown));
        assert!(check(&new, "changed").await.is_ok());
        assert_eq!(logins.check(None, "p@ssw0rd".to_owned()).await, Err(Denied::Unknown));
    }
}
