//! The vault: card numbers sealed with a data key, which is sealed with the master key.
//!
//! XChaCha20-Poly1305 with random nonces throughout. A number is opened only for a call to the
//! card network and is wiped from memory after it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use chorsu_core::card::SealedPan;
use chorsu_core::{CardId, Pan, UnixMillis};
use chorsu_store::{Store, VaultKey};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::ids;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// The key that seals data keys. It never goes into the database.
pub(crate) struct MasterKey(Zeroizing<[u8; KEY_BYTES]>);

impl MasterKey {
    /// The key written as 64 hexadecimal digits, as `openssl rand -hex 32` prints one.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let digits = text.trim();
        ensure!(
            digits.len() == 2 * KEY_BYTES && digits.bytes().all(|b| b.is_ascii_hexdigit()),
            "a master key is 64 hexadecimal digits (make one with: openssl rand -hex 32)"
        );
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        for (place, byte) in key.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&digits[2 * place..2 * place + 2], 16)?;
        }
        Ok(Self(key))
    }

    /// The key in `path`.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = Zeroizing::new(
            std::fs::read_to_string(path)
                .with_context(|| format!("cannot read the master key {}", path.display()))?,
        );
        Self::parse(&text).with_context(|| format!("in {}", path.display()))
    }

    /// The key in `path`; a new one is made there when the file does not exist. For the sandbox.
    pub(crate) fn read_or_make(path: &Path) -> anyhow::Result<Self> {
        if !path.exists() {
            let mut key = Zeroizing::new([0; KEY_BYTES]);
            ids::fill(&mut *key);
            let text: Zeroizing<String> =
                Zeroizing::new(key.iter().map(|byte| format!("{byte:02x}")).collect());
            write_private(path, &text)
                .with_context(|| format!("cannot write the master key {}", path.display()))?;
        }
        Self::read(path)
    }

    /// The key of a sandbox whose processes share a database and no file: not secret, and
    /// refused in live mode.
    pub(crate) fn of_shared_sandbox() -> Self {
        Self(Zeroizing::new(Sha256::digest(b"chorsu sandbox: this key protects nothing").into()))
    }
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;

    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// The open vault.
pub(crate) struct Vault {
    keys: BTreeMap<u32, XChaCha20Poly1305>,
    current: u32,
    /// Derives what must be the same on every process and never guessed from outside.
    derivation: Zeroizing<[u8; KEY_BYTES]>,
}

impl Vault {
    /// Opens the data keys of `store`, making the first one if there is none.
    pub(crate) async fn open(
        store: &Store,
        master: &MasterKey,
        now: UnixMillis,
    ) -> anyhow::Result<Self> {
        if store.vault_keys().await?.is_empty() {
            let mut key = Zeroizing::new([0; KEY_BYTES]);
            ids::fill(&mut *key);
            let cipher = XChaCha20Poly1305::new((&*master.0).into());
            let sealed = seal(&cipher, &data_key_name(1), &*key);
            // Another process may be quicker; then its key stays, and is read below.
            store.add_vault_key(VaultKey { key_id: 1, sealed }, now).await?;
        }
        let sealed = store.vault_keys().await?;
        let cipher = XChaCha20Poly1305::new((&*master.0).into());
        let mut keys = BTreeMap::new();
        let mut derivation = Zeroizing::new([0; KEY_BYTES]);
        for VaultKey { key_id, sealed } in &sealed {
            let Some(key) = open(&cipher, &data_key_name(*key_id), sealed) else {
                bail!("the master key does not open data key {key_id} of this database");
            };
            let key: Zeroizing<[u8; KEY_BYTES]> =
                Zeroizing::new(key.as_slice().try_into().context("a data key is 32 bytes")?);
            if keys.is_empty() {
                let mut hasher = Sha256::new();
                hasher.update(b"chorsu derivation");
                hasher.update(*key);
                *derivation = hasher.finalize().into();
            }
            keys.insert(*key_id, XChaCha20Poly1305::new((&*key).into()));
        }
        let current = *keys.keys().next_back().context("the vault has no data key")?;
        Ok(Self { keys, current, derivation })
    }

    /// Seals `pan` for `card`.
    pub(crate) fn seal(&self, card: CardId, pan: &Pan) -> SealedPan {
        #[expect(clippy::expect_used, reason = "open() makes sure of the current key")]
        let cipher = self.keys.get(&self.current).expect("the current data key is there");
        let bytes = seal(cipher, card.as_bytes(), pan.digits().as_bytes());
        SealedPan { key_id: self.current, bytes: Arc::from(bytes) }
    }

    /// Opens the number of `card`; `None` when it was sealed by a key this vault has not, or was
    /// changed.
    pub(crate) fn open_pan(&self, card: CardId, sealed: &SealedPan) -> Option<Pan> {
        let cipher = self.keys.get(&sealed.key_id)?;
        let digits = open(cipher, card.as_bytes(), &sealed.bytes)?;
        Pan::parse(std::str::from_utf8(&digits).ok()?)
    }

    /// 32 bytes that follow from `parts` and the vault's first data key.
    pub(crate) fn derive(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(*self.derivation);
        for part in parts {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        hasher.finalize().into()
    }
}

fn data_key_name(key_id: u32) -> Vec<u8> {
    format!("chorsu data key {key_id}").into_bytes()
}

/// Nonce and ciphertext of `plain`, bound to `name`.
fn seal(cipher: &XChaCha20Poly1305, name: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut nonce = [0; NONCE_BYTES];
    ids::fill(&mut nonce);
    let payload = Payload { msg: plain, aad: name };
    #[expect(clippy::expect_used, reason = "only messages beyond 256 GiB are refused")]
    let sealed = cipher.encrypt(&XNonce::from(nonce), payload).expect("a short text is sealed");
    [nonce.as_slice(), &sealed].concat()
}

fn open(cipher: &XChaCha20Poly1305, name: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, msg) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    cipher.decrypt(&XNonce::from(*nonce), Payload { msg, aad: name }).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealing_is_bound_to_key_and_name() {
        let cipher = XChaCha20Poly1305::new(&[7; KEY_BYTES].into());
        let sealed = seal(&cipher, b"card one", b"8600069195406311");
        assert_eq!(&**open(&cipher, b"card one", &sealed).unwrap(), b"8600069195406311");
        assert!(open(&cipher, b"card two", &sealed).is_none());
        let other = XChaCha20Poly1305::new(&[8; KEY_BYTES].into());
        assert!(open(&other, b"card one", &sealed).is_none());
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(open(&cipher, b"card one", &changed).is_none());
        assert!(open(&cipher, b"card one", b"short").is_none());
        assert_ne!(seal(&cipher, b"card one", b"8600069195406311"), sealed, "nonces are random");
    }

    #[test]
    fn a_master_key_is_made_once_and_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("master.key");
        let made = MasterKey::read_or_make(&path).unwrap();
        assert_eq!(MasterKey::read_or_make(&path).unwrap().0, made.0);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(MasterKey::parse("not a key").is_err());
    }
}
