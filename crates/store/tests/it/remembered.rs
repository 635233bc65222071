//! What a process remembers of rows is not believed when another process has changed them.

use std::sync::Arc;

use chorsu_core::command::Outcome;
use chorsu_core::{Command, ReceiptState, Reject};
use chorsu_store::Store;

use crate::concurrency::stores;
use crate::fresh::Fresh;
use crate::world::{KASSA, NOW, Shop, begun, receipt_of, reject, token};

conformance!(
    a_receipt_paid_elsewhere_is_not_paid_again,
    a_refusal_is_not_given_from_memory,
    a_card_removed_elsewhere_pays_no_more,
    a_batch_with_one_stale_row_is_decided_anew,
);

/// Two processes where there can be two, or else the same one twice.
async fn pair(fresh: &Fresh) -> (Arc<Store>, Arc<Store>) {
    let stores = stores(fresh).await;
    (stores[0].clone(), stores[stores.len() - 1].clone())
}

async fn a_receipt_paid_elsewhere_is_not_paid_again(fresh: Fresh) {
    let (here, there) = pair(&fresh).await;
    let card = Shop(&here).card(true).await;
    let receipt = Shop(&here).receipt().await;
    let begun = receipt_of(Shop(&there).begin_pay(receipt.id, &card, false).await);
    let again = Shop(&here).begin_pay(receipt.id, &card, false).await;
    assert_eq!(reject(again), Reject::ReceiptState(ReceiptState::Debiting));
    let paid = receipt_of(Shop(&here).finish_pay(&begun, &card, Outcome::Done).await);
    assert_eq!(receipt_of(Shop(&there).finish_pay(&begun, &card, Outcome::Done).await), paid);
    assert_eq!(fresh.assert_clean().await.entries, 1);
    assert_eq!(here.outbox_depth().await.unwrap(), 0);
}

async fn a_refusal_is_not_given_from_memory(fresh: Fresh) {
    let (here, there) = pair(&fresh).await;
    let card = Shop(&here).card(true).await;
    let receipt = Shop(&here).receipt().await;
    let paying = receipt_of(Shop(&here).begin_pay(receipt.id, &card, false).await);
    receipt_of(Shop(&there).finish_pay(&paying, &card, Outcome::Refused).await);
    // Here it was being debited when it was last seen.
    let again = receipt_of(Shop(&here).begin_pay(receipt.id, &card, false).await);
    receipt_of(Shop(&there).finish_pay(&again, &card, Outcome::Done).await);
    let (queued, row) = begun(Shop(&here).begin_cancel(receipt.id).await);
    assert_eq!(queued.state, ReceiptState::CancelQueued);
    receipt_of(Shop(&there).finish_cancel(&row, Outcome::Done).await);
    assert_eq!(fresh.assert_clean().await.entries, 2);
}

async fn a_card_removed_elsewhere_pays_no_more(fresh: Fresh) {
    let (here, there) = pair(&fresh).await;
    let card = Shop(&here).card(true).await;
    Shop(&here).paid(&card, false).await;
    let receipt = Shop(&here).receipt().await;
    let remove = Command::RemoveCard { kassa: KASSA, token: token(&card), now: NOW };
    there.submit(remove).await.unwrap();
    let refused = Shop(&here).begin_pay(receipt.id, &card, false).await;
    assert_eq!(reject(refused), Reject::CardRemoved);
    assert_eq!(Shop(&here).stored(receipt.id).await, receipt);
    assert_eq!(fresh.assert_clean().await.entries, 1);
}

async fn a_batch_with_one_stale_row_is_decided_anew(fresh: Fresh) {
    let (here, there) = pair(&fresh).await;
    let card = Shop(&here).card(true).await;
    let mut receipts = Vec::new();
    for _ in 0..32 {
        receipts.push(Shop(&here).receipt().await.id);
    }
    let stale = receipts[17];
    receipt_of(Shop(&there).begin_cancel(stale).await);
    let tasks: Vec<_> = receipts
        .into_iter()
        .map(|id| {
            let (store, card) = (here.clone(), card.clone());
            tokio::spawn(async move {
                let begun = Shop(&store).begin_pay(id, &card, false).await;
                if id == stale {
                    return assert_eq!(
                        reject(begun),
                        Reject::ReceiptState(ReceiptState::Cancelled)
                    );
                }
                receipt_of(Shop(&store).finish_pay(&receipt_of(begun), &card, Outcome::Done).await);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(fresh.assert_clean().await.entries, 31);
}
