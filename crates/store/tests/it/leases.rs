//! Intents: they belong to the process that wrote them until it is gone.

use chorsu_core::command::Outcome;
use chorsu_core::plan::OutboxKind;

use crate::fresh::Fresh;
use crate::world::{Shop, receipt_of};

conformance!(intents_outlive_their_process, an_intent_is_taken_over_once);

async fn intents_outlive_their_process(fresh: Fresh) {
    let store = fresh.open().await;
    let card = Shop(&store).card(true).await;
    let receipt = Shop(&store).receipt().await;
    let begun = receipt_of(Shop(&store).begin_pay(receipt.id, &card, false).await);
    assert_eq!(store.lease(10).await.unwrap(), vec![], "its own process is at it");
    store.close().await;

    let store = fresh.open().await;
    if fresh.is_postgres() {
        assert_eq!(store.lease(10).await.unwrap(), vec![], "the other process may be alive");
        fresh.sql("UPDATE outbox SET leased_until = 0").await;
    }
    let taken = store.lease(10).await.unwrap();
    assert_eq!(taken.len(), 1);
    assert_eq!(Some(taken[0].operation), begun.operation);
    assert_eq!((taken[0].kind, taken[0].document), (OutboxKind::Debit, receipt.id.into()));
    assert_eq!(taken[0].amount, receipt.amount);
    assert_eq!(store.lease(10).await.unwrap(), vec![], "it is ours now");
    receipt_of(Shop(&store).finish_pay(&begun, &card, Outcome::Done).await);
    assert_eq!(store.outbox_depth().await.unwrap(), 0);
    fresh.assert_clean().await;
}

async fn an_intent_is_taken_over_once(fresh: Fresh) {
    let store = std::sync::Arc::new(fresh.open().await);
    let card = Shop(&store).card(true).await;
    for _ in 0..20 {
        let receipt = Shop(&store).receipt().await;
        receipt_of(Shop(&store).begin_pay(receipt.id, &card, false).await);
    }
    fresh.sql("UPDATE outbox SET leased_until = 0").await;
    let takers: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.lease(5).await.unwrap() })
        })
        .collect();
    let mut operations = Vec::new();
    for taker in takers {
        operations.extend(taker.await.unwrap().into_iter().map(|row| row.operation));
    }
    operations.extend(store.lease(20).await.unwrap().into_iter().map(|row| row.operation));
    operations.sort_unstable();
    operations.dedup();
    assert_eq!(operations.len(), 20, "each one once");
    assert_eq!(store.lease(20).await.unwrap(), vec![]);
}
