//! How the wallets number their payments: Click by a large number, Payme by 24 hex digits, Uzum by
//! a UUID. Later payments have greater ids, and no two are the same.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use chorsu_core::Wallet;

use crate::book::RecordId;
use crate::clock::SandboxClock;

/// Midnight of 2024-01-01 UTC, in microseconds.
const EPOCH_US: i64 = 1_704_067_200_000_000;
/// Processes that share a book draw from one of so many series.
const SERIES: u64 = 16;
/// The end of the upper bits of a UUID's second half.
const UUID_LOW: u64 = (1 << 62) - 1;

/// Where new payments get their numbers; they fit a double's whole numbers until 2041.
pub(super) struct Mint {
    last: AtomicU64,
    series: u64,
}

impl Mint {
    /// A mint that goes on from the present moment, so that no run repeats another's numbers.
    pub(super) fn new() -> Self {
        Self { last: AtomicU64::new(0), series: RandomState::new().hash_one(()) % SERIES }
    }

    /// A new id of a payment at `wallet`.
    pub(super) fn draw(&self, wallet: Wallet) -> RecordId {
        // A clock that nobody has turned shows the real time.
        let millis = SandboxClock::default().now().0;
        let micros = millis.saturating_mul(1_000).saturating_sub(EPOCH_US);
        let micros = u64::try_from(micros).unwrap_or(0);
        let next = |last: u64| Some(micros.max(last + 1));
        let before = self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        let drawn = micros.max(before.unwrap_or_else(|last| last) + 1);
        lay_out(wallet, drawn * SERIES + self.series)
    }
}

fn lay_out(wallet: Wallet, number: u64) -> RecordId {
    match wallet {
        Wallet::Click => RecordId::of(number.to_be_bytes()),
        Wallet::Payme => {
            let seconds = (number / SERIES / 1_000_000).saturating_add(EPOCH_US as u64 / 1_000_000);
            let mut bytes = [0; 12];
            bytes[..4].copy_from_slice(&seconds.to_be_bytes()[4..]);
            bytes[4..].copy_from_slice(&number.to_be_bytes());
            RecordId::of(bytes)
        }
        Wallet::Uzum => {
            let millis = (number / SERIES / 1_000).saturating_add(EPOCH_US as u64 / 1_000);
            let mut bytes = [0; 16];
            bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
            // Version 7, variant 2.
            bytes[6] = 0x70;
            bytes[8..].copy_from_slice(&(number & UUID_LOW | 1 << 63).to_be_bytes());
            RecordId::of(bytes)
        }
    }
}

/// The id as `wallet` writes it.
pub(super) fn text(wallet: Wallet, id: RecordId) -> String {
    match (wallet, <[u8; 8]>::try_from(id.as_bytes())) {
        (Wallet::Click, Ok(bytes)) => u64::from_be_bytes(bytes).to_string(),
        (Wallet::Uzum, _) => {
            let hex = format!("{id:?}");
            let part = |range| hex.get(range).unwrap_or_default();
            let parts = [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)];
            parts.join("-")
        }
        _ => format!("{id:?}"),
    }
}

/// The id that `wallet` writes as `text`; `None` when it writes none so.
pub(super) fn parse(wallet: Wallet, text: &str) -> Option<RecordId> {
    let hex = match wallet {
        Wallet::Click => return text.parse().ok().map(|n: u64| RecordId::of(n.to_be_bytes())),
        Wallet::Payme => text.to_owned(),
        Wallet::Uzum => {
            let dashes = text.match_indices('-').map(|(place, _)| place);
            dashes.eq([8, 13, 18, 23]).then(|| text.replace('-', ""))?
        }
    };
    let bytes = if wallet == Wallet::Payme { 12 } else { 16 };
    if hex.len() != 2 * bytes || !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let pairs = (0..bytes).map(|place| u8::from_str_radix(&hex[2 * place..2 * place + 2], 16));
    RecordId::new(&pairs.collect::<Result<Vec<_>, _>>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_and_are_read_back() {
        for wallet in Wallet::ALL {
            let mint = Mint::new();
            let ids: Vec<_> = (0..1_000).map(|_| mint.draw(wallet)).collect();
            assert!(ids.is_sorted_by(|a, b| a < b), "{wallet:?}");
            for id in ids {
                assert_eq!(parse(wallet, &text(wallet, id)), Some(id));
            }
        }
    }

    #[test]
    fn they_look_like_the_providers_own() {
        let number = 123_456_789_012_345;
        let shown = |wallet| text(wallet, lay_out(wallet, number));
        assert_eq!(shown(Wallet::Click), "123456789012345");
        assert_eq!(shown(Wallet::Payme), "6607bd5100007048860ddf79");
        assert_eq!(shown(Wallet::Uzum), "018e8e3b-85a1-7000-8000-7048860ddf79");
    }

    #[test]
    fn other_texts_are_no_ids() {
        for wallet in Wallet::ALL {
            for bad in ["", "-1", "x", "018cc5cd8f8c-70008000-7048860ddf-79", "ёёёёёёёёёёёё"]
            {
                assert_eq!(parse(wallet, bad), None, "{bad}");
            }
        }
    }
}
