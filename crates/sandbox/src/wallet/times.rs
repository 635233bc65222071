//! How long a played wallet has worked on each of its latest calls, for whoever wants to know what
//! of a payment's time was the wallet's.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chorsu_core::Wallet;
use serde::Serialize;

use super::ids;
use crate::book::RecordId;

/// Calls that are remembered.
const CALLS: usize = 65_536;

/// A call about a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WalletCallTime {
    /// The wallet's id of the payment.
    pub payment_id: String,
    /// From the head of the request to the finished answer, latency and faults included.
    pub micros: u64,
}

/// Some of the latest calls, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WalletCallTimes {
    /// The calls.
    pub calls: Vec<WalletCallTime>,
    /// The number of the last one of them: later ones are asked for with it.
    pub last: u64,
}

/// The latest calls of one wallet.
#[derive(Default)]
pub(super) struct CallTimes(Mutex<Latest>);

#[derive(Default)]
struct Latest {
    calls: VecDeque<(RecordId, u32)>,
    /// Calls that were remembered once, which is the number of the newest one.
    count: u64,
}

impl CallTimes {
    /// Remembers a call that took `time`.
    pub(super) fn add(&self, id: RecordId, time: Duration) {
        let micros = u32::try_from(time.as_micros()).unwrap_or(u32::MAX);
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if latest.calls.len() == CALLS {
            latest.calls.pop_front();
        }
        latest.calls.push_back((id, micros));
        latest.count += 1;
    }

    /// At most `limit` calls behind number `after`, of those that are remembered.
    pub(super) fn after(&self, wallet: Wallet, after: u64, limit: usize) -> WalletCallTimes {
        let latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let forgotten = latest.count - latest.calls.len() as u64;
        let skipped = usize::try_from(after.saturating_sub(forgotten)).unwrap_or(usize::MAX);
        let calls = latest.calls.iter().skip(skipped).take(limit);
        let calls: Vec<_> = calls
            .map(|(id, micros)| WalletCallTime {
                payment_id: ids::text(wallet, *id),
                micros: u64::from(*micros),
            })
            .collect();
        let last =
            if calls.is_empty() { latest.count } else { after.max(forgotten) + calls.len() as u64 };
        WalletCallTimes { calls, last }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids_of(page: &WalletCallTimes) -> Vec<&str> {
        page.calls.iter().map(|call| call.payment_id.as_str()).collect()
    }

    #[test]
    fn the_latest_calls_are_handed_out_page_by_page() {
        let times = CallTimes::default();
        assert_eq!(times.after(Wallet::Click, 0, 10), WalletCallTimes::default());
        let add = |number: u64| {
            times.add(RecordId::of(number.to_be_bytes()), Duration::from_micros(number));
        };
        (1..=3).for_each(add);
        let page = times.after(Wallet::Click, 0, 2);
        assert_eq!((ids_of(&page), page.last, page.calls[1].micros), (vec!["1", "2"], 2, 2));
        let page = times.after(Wallet::Click, page.last, 2);
        assert_eq!((ids_of(&page), page.last), (vec!["3"], 3));
        let page = times.after(Wallet::Click, page.last, 2);
        assert_eq!((page.calls.len(), page.last), (0, 3));
        // What was forgotten is left out, and the numbers go on.
        (4..=CALLS as u64 + 2).for_each(add);
        let page = times.after(Wallet::Click, 0, 1);
        assert_eq!((ids_of(&page), page.last), (vec!["3"], 3));
        let page = times.after(Wallet::Click, page.last, 1);
        assert_eq!((ids_of(&page), page.last), (vec!["4"], 4));
        assert_eq!(times.after(Wallet::Click, u64::MAX, 1).calls.len(), 0);
    }
}
