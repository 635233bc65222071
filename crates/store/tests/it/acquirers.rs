//! Receipts that another system has given their ids, and whose money it takes.

use chorsu_core::command::ConfirmOutcome;
use chorsu_core::command::payme::{Begin, End, PaymeCommand};
use chorsu_core::{Acquirer, Command, Receipt, ReceiptId, ReceiptState};
use chorsu_store::{ReceiptRange, Store};

use crate::fresh::Fresh;
use crate::world::{
    KASSA, NOW, Shop, begun, key, new_receipt, operation_id, random, receipt_of, target,
};

conformance!(
    they_walk_like_others_and_survive_a_restart,
    they_are_listed_by_their_birth,
    a_receipt_of_the_version_before_is_of_the_networks,
);

/// A receipt with an id as Payme gives them: seconds, and a counter that tells nothing.
fn of_payme(minute: i64) -> Receipt {
    let at = NOW.plus(minute * 60_000);
    let seconds = u32::try_from(at.0 / 1_000).unwrap().to_be_bytes();
    let [a, b, c, d, e, f] = random();
    let id = [seconds[0], seconds[1], seconds[2], seconds[3], a, b, c, d, e, f, a, b];
    Receipt { id: ReceiptId(id), acquirer: Acquirer::Payme, ..new_receipt(at) }
}

async fn pay(store: &Store, receipt: &Receipt, end: End) -> Receipt {
    let begin =
        Begin { target: target(receipt.id), operation: operation_id(), hold: false, payer: None };
    let begin = Begin { hold: matches!(end, End::Held(_)), ..begin };
    let begin = Command::Payme(PaymeCommand::Begin(Box::new(begin)));
    let (receipt, row) = begun(store.submit(begin).await);
    let (receipt, operation) = (receipt.id, row.operation);
    let finish = PaymeCommand::Finish { receipt, operation, end, now: NOW.plus(1_000) };
    receipt_of(store.submit(Command::Payme(finish)).await)
}

async fn they_walk_like_others_and_survive_a_restart(fresh: Fresh) {
    let store = fresh.open().await;
    let shop = Shop(&store);
    let face = shop.card(true).await.face;
    let ordinary = shop.receipt().await;
    let command =
        Command::CreateReceipt { receipt: Box::new(of_payme(0)), key: Some(key("theirs")) };
    let created = receipt_of(store.submit(command).await);
    assert_eq!((created.acquirer, created.number), (Acquirer::Payme, ordinary.number + 1));
    let paid = pay(&store, &created, End::Paid(Some(face))).await;
    assert_eq!((paid.state, paid.card), (ReceiptState::Paid, Some(face)));
    let held = receipt_of(shop.create(of_payme(1)).await);
    let held = pay(&store, &held, End::Held(None)).await;
    let (_, row) = begun(shop.begin_confirm(held.id, None).await);
    let captured = receipt_of(shop.finish_confirm(&row, ConfirmOutcome::Captured).await);
    assert_eq!((captured.state, captured.card), (ReceiptState::Paid, None));
    let closed = receipt_of(shop.create(of_payme(2)).await);
    let closed = pay(&store, &closed, End::Closed).await;
    assert_eq!(closed.state, ReceiptState::Cancelled);
    store.close().await;
    let store = fresh.open().await;
    for want in [&ordinary, &paid, &captured, &closed] {
        assert_eq!(Shop(&store).stored(want.id).await, *want);
    }
    store.close().await;
    let report = fresh.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

async fn they_are_listed_by_their_birth(fresh: Fresh) {
    let store = fresh.open().await;
    let shop = Shop(&store);
    let mut ids = Vec::new();
    for minute in 0..6 {
        let receipt = match minute % 2 {
            0 => new_receipt(NOW.plus(minute * 60_000)),
            _ => of_payme(minute),
        };
        ids.push(receipt_of(shop.create(receipt).await).id);
    }
    ids.reverse();
    let range = |from: i64, to: i64, offset, limit| ReceiptRange {
        kassa: KASSA,
        from: NOW.plus(from * 60_000),
        to: NOW.plus(to * 60_000),
        offset,
        limit,
        foreign_ids: true,
    };
    let cases = [
        (range(0, 5, 0, 50), &ids[..]),
        (range(0, 5, 0, 2), &ids[..2]),
        (range(0, 5, 2, 3), &ids[2..5]),
        (range(1, 3, 0, 50), &ids[2..5]),
        (range(6, 9, 0, 50), &[]),
    ];
    for (range, want) in cases {
        let found = store.receipts(range).await.unwrap();
        let found: Vec<_> = found.iter().map(|receipt| receipt.id).collect();
        assert_eq!(found, want, "{range:?}");
    }
}

async fn a_receipt_of_the_version_before_is_of_the_networks(fresh: Fresh) {
    let store = fresh.open().await;
    let receipt = Shop(&store).receipt().await;
    store.close().await;
    // As the version before has left it.
    fresh
        .sql(
            "DROP INDEX receipt_acquired; ALTER TABLE receipt DROP COLUMN acquirer; \
             DELETE FROM migration WHERE number = 3",
        )
        .await;
    let store = fresh.open().await;
    let shop = Shop(&store);
    assert_eq!(shop.stored(receipt.id).await, receipt);
    let card = shop.card(true).await;
    let begun = receipt_of(shop.begin_pay(receipt.id, &card, false).await);
    assert_eq!(begun.acquirer, Acquirer::Networks);
    assert_eq!(fresh.number("SELECT count(*) FROM migration").await, 5);
}
