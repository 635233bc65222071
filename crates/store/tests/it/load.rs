//! A random load from many tasks, on PostgreSQL through two stores at once, with the ledger being
//! replayed meanwhile and afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chorsu_core::command::{ConfirmOutcome, Outcome};
use chorsu_core::{Card, ReceiptState};
use chorsu_store::Store;

use crate::concurrency::stores;
use crate::fresh::Fresh;
use crate::world::{Dice, Shop, begun, receipt_of};

conformance!(a_random_load_leaves_a_clean_ledger);

const TASKS: u64 = 24;
const WALKS: u64 = 25;

async fn a_random_load_leaves_a_clean_ledger(fresh: Fresh) {
    let stores = stores(&fresh).await;
    let card = Shop(&stores[0]).card(true).await;
    let tasks: Vec<_> = (0..TASKS)
        .map(|number| {
            let store = stores[usize::try_from(number).unwrap() % stores.len()].clone();
            tokio::spawn(walks(store, card.clone(), Dice(number * 7_919 + 1)))
        })
        .collect();
    let is_over = AtomicBool::new(false);
    let watch = async {
        while !is_over.load(Ordering::Relaxed) {
            fresh.assert_clean().await;
            // A replay of SQLite never waits.
            tokio::task::yield_now().await;
        }
    };
    let work = async {
        let mut entries = 0;
        for task in tasks {
            entries += task.await.unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
        entries
    };
    let (entries, ()) = tokio::join!(work, watch);
    let report = fresh.assert_clean().await;
    assert_eq!((report.receipts, report.entries), (TASKS * WALKS, entries));
    for store in stores {
        let failures: u64 =
            store.lane_stats().iter().map(|lane| lane.failures.load(Ordering::Relaxed)).sum();
        assert_eq!(failures, 0);
    }
}

/// Walks receipts to random ends; returns how many ledger entries that made.
async fn walks(store: Arc<Store>, card: Card, mut dice: Dice) -> u64 {
    let shop = Shop(&store);
    let mut entries = 0;
    for _ in 0..WALKS {
        let receipt = shop.receipt().await.id;
        let (hold, refused) = (dice.roll(3) == 0, dice.roll(5) == 0);
        match dice.roll(10) {
            0 => continue,
            1 => {
                receipt_of(shop.begin_cancel(receipt).await);
                continue;
            }
            _ => {}
        }
        let paying = receipt_of(shop.begin_pay(receipt, &card, hold).await);
        if dice.roll(10) == 0 {
            continue;
        }
        let outcome = if refused { Outcome::Refused } else { Outcome::Done };
        let paid = receipt_of(shop.finish_pay(&paying, &card, outcome).await);
        entries += u64::from(!refused);
        if paid.state == ReceiptState::Held && dice.roll(2) == 0 {
            let part = (dice.roll(2) == 0).then_some(1_234);
            let (_, row) = begun(shop.begin_confirm(receipt, part).await);
            let outcome =
                [ConfirmOutcome::Captured, ConfirmOutcome::HoldStands, ConfirmOutcome::HoldGone]
                    [usize::try_from(dice.roll(3)).unwrap()];
            receipt_of(shop.finish_confirm(&row, outcome).await);
            entries += match outcome {
                ConfirmOutcome::Captured => 2,
                ConfirmOutcome::HoldStands => 0,
                ConfirmOutcome::HoldGone => 1,
            };
        } else if paid.state != ReceiptState::Created && dice.roll(3) == 0 {
            let (_, row) = begun(shop.begin_cancel(receipt).await);
            if dice.roll(3) != 0 {
                receipt_of(shop.finish_cancel(&row, Outcome::Done).await);
                entries += 1;
            }
        }
    }
    entries
}
