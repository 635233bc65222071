//! Idempotency keys: a request is done once, however often and however closely it is repeated.

use chorsu_core::{Command, Reject};

use crate::fresh::Fresh;
use crate::world::{
    NOW, Shop, key, new_card, new_receipt, operation_id, receipt_of, reject, target,
};

conformance!(a_key_works_once, many_repeats_at_once_make_one_receipt);

async fn a_key_works_once(fresh: Fresh) {
    let store = fresh.open().await;
    let shop = Shop(&store);
    let receipt = new_receipt(NOW);
    let create = |text: &str| Command::CreateReceipt {
        receipt: Box::new(new_receipt(NOW)),
        key: Some(key(text)),
    };
    let first = Command::CreateReceipt { receipt: Box::new(receipt.clone()), key: Some(key("a")) };
    receipt_of(store.submit(first).await);
    assert_eq!(reject(store.submit(create("a")).await), Reject::IdempotencyKeyUsed);
    let second = receipt_of(store.submit(create("b")).await);
    let record = store.idempotency(receipt.kassa, "a".to_owned()).await.unwrap().unwrap();
    assert_eq!(record.document, *receipt.id.as_bytes());
    assert_eq!(record.fingerprint, key("a").fingerprint);
    assert!(store.idempotency(receipt.kassa, "c".to_owned()).await.unwrap().is_none());

    // A refused request leaves its key unused; one about a receipt uses it.
    let mut target = target(second.id);
    target.key = Some(key("c"));
    let confirm =
        Command::BeginConfirm { target: target.clone(), operation: operation_id(), amount: None };
    assert!(matches!(reject(store.submit(confirm).await), Reject::ReceiptState(_)));
    let cancel = || Command::BeginCancel { target: target.clone(), operation: operation_id() };
    receipt_of(store.submit(cancel()).await);
    assert_eq!(reject(store.submit(cancel()).await), Reject::IdempotencyKeyUsed);

    let card = Command::CreateCard { card: Box::new(new_card(true)), key: Some(key("c")) };
    assert_eq!(reject(store.submit(card).await), Reject::IdempotencyKeyUsed);
    assert_eq!(shop.stored(receipt.id).await.id, receipt.id);
    assert_eq!(fresh.assert_clean().await.receipts, 2);
}

/// The repeats have ids of their own, so on PostgreSQL they meet in different lanes.
async fn many_repeats_at_once_make_one_receipt(fresh: Fresh) {
    let store = std::sync::Arc::new(fresh.open().await);
    for round in 0..8 {
        let tasks: Vec<_> = (0..32)
            .map(|_| {
                let store = store.clone();
                let receipt = Box::new(new_receipt(NOW));
                let key = Some(key(&format!("round {round}")));
                tokio::spawn(
                    async move { store.submit(Command::CreateReceipt { receipt, key }).await },
                )
            })
            .collect();
        let mut created = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => created += 1,
                refused => assert_eq!(reject(refused), Reject::IdempotencyKeyUsed),
            }
        }
        assert_eq!(created, 1);
    }
    assert_eq!(fresh.assert_clean().await.receipts, 8);
}
