//! Many at once: double calls, defects of one among many, full verification beside the work.

use std::sync::Arc;

use chorsu_core::command::Outcome;
use chorsu_core::{ReceiptState, Reject, Reply, Tiyin};
use chorsu_store::SubmitError;

use crate::fresh::Fresh;
use crate::world::{NOW, Shop, begun, new_receipt, receipt_of, reject};

conformance!(
    many_pays_of_one_receipt_debit_once,
    many_cancels_of_one_receipt_refund_once,
    one_card_pays_for_one_of_many,
    a_panic_fails_only_its_own_command,
);

async fn many_pays_of_one_receipt_debit_once(fresh: Fresh) {
    let stores = stores(&fresh).await;
    let card = Shop(&stores[0]).card(true).await;
    let receipt = Shop(&stores[0]).receipt().await.id;
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let (store, card) = (stores[number % stores.len()].clone(), card.clone());
            tokio::spawn(async move { Shop(&store).begin_pay(receipt, &card, false).await })
        })
        .collect();
    let mut winner = None;
    for task in tasks {
        match task.await.unwrap() {
            Ok(Reply::PayBegun(receipt, _)) => assert!(winner.replace(receipt).is_none()),
            other => assert_eq!(reject(other), Reject::ReceiptState(ReceiptState::Debiting)),
        }
    }
    let winner = winner.expect("one of them begins");
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let store = stores[number % stores.len()].clone();
            let (winner, card) = (winner.clone(), card.clone());
            tokio::spawn(
                async move { Shop(&store).finish_pay(&winner, &card, Outcome::Done).await },
            )
        })
        .collect();
    for task in tasks {
        assert_eq!(receipt_of(task.await.unwrap()).state, ReceiptState::Paid);
    }
    assert_eq!(fresh.assert_clean().await.entries, 1);
}

async fn many_cancels_of_one_receipt_refund_once(fresh: Fresh) {
    let stores = stores(&fresh).await;
    let card = Shop(&stores[0]).card(true).await;
    let receipt = Shop(&stores[0]).paid(&card, false).await.id;
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let store = stores[number % stores.len()].clone();
            tokio::spawn(async move { Shop(&store).begin_cancel(receipt).await })
        })
        .collect();
    let mut rows = Vec::new();
    for task in tasks {
        match task.await.unwrap() {
            Ok(Reply::Begun(_, row)) => rows.push(row),
            other => assert_eq!(receipt_of(other).state, ReceiptState::CancelQueued),
        }
    }
    assert_eq!(rows.len(), 1);
    receipt_of(Shop(&stores[0]).finish_cancel(&rows[0], Outcome::Done).await);
    assert_eq!(fresh.assert_clean().await.entries, 2);
}

/// Payments of different receipts meet in different lanes; the one-time card orders them.
async fn one_card_pays_for_one_of_many(fresh: Fresh) {
    let stores = stores(&fresh).await;
    let card = Shop(&stores[0]).card(false).await;
    let mut tasks = Vec::new();
    for number in 0..32 {
        let receipt = Shop(&stores[0]).receipt().await.id;
        let (store, card) = (stores[number % stores.len()].clone(), card.clone());
        let pay = async move { Shop(&store).begin_pay(receipt, &card, false).await };
        tasks.push(tokio::spawn(pay));
    }
    let mut begun = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => begun += 1,
            other => assert_eq!(reject(other), Reject::CardInUse),
        }
    }
    assert_eq!(begun, 1);
    fresh.assert_clean().await;
}

async fn a_panic_fails_only_its_own_command(fresh: Fresh) {
    let store = Arc::new(fresh.open().await);
    let tasks: Vec<_> = (0..40)
        .map(|number| {
            let store = store.clone();
            let mut receipt = new_receipt(NOW);
            let is_bad = number == 20;
            if is_bad {
                // The core asserts that a commission is part of its amount.
                receipt.commission = Tiyin::new(5_001).unwrap();
            }
            tokio::spawn(async move { (is_bad, Shop(&store).create(receipt).await) })
        })
        .collect();
    for task in tasks {
        match task.await.unwrap() {
            (true, bad) => assert!(matches!(bad, Err(SubmitError::Failed)), "{bad:?}"),
            (false, good) => drop(receipt_of(good)),
        }
    }
    let card = Shop(&store).card(true).await;
    Shop(&store).paid(&card, false).await;
    let held = Shop(&store).paid(&card, true).await;
    begun(Shop(&store).begin_confirm(held.id, None).await);
    assert_eq!(fresh.assert_clean().await.receipts, 41);
}

/// One store, or on PostgreSQL two on one database.
pub(crate) async fn stores(fresh: &Fresh) -> Vec<Arc<chorsu_store::Store>> {
    let mut stores = vec![Arc::new(fresh.open().await)];
    if fresh.is_postgres() {
        stores.push(Arc::new(fresh.open().await));
    }
    stores
}
