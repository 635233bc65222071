//! What somebody cancels in Payme's own cabinet after it was paid here.

use super::stand::Stand;
use crate::place::Place;
use crate::shop::state_in;
use crate::until;

const AMOUNT: i64 = 70_000;

/// What the ledger has about a receipt.
async fn entries(stand: &Stand, receipt: &str) -> Vec<String> {
    let sql = "SELECT document_id, kind FROM entry ORDER BY seq";
    let rows = stand.chorsu.place.rows(sql).await.into_iter();
    rows.filter(|row| row[0] == receipt).map(|mut row| row.swap_remove(1)).collect()
}

async fn cancelled_in_the_cabinet(place: Place) {
    let stand = Stand::watching(place).await;
    let (shop, (_, token)) = (stand.shop(), stand.card().await);
    let (paid, kept) = (shop.paid(AMOUNT, &token).await, shop.paid(AMOUNT, &token).await);
    let (held, open) = (shop.held(AMOUNT, &token).await, shop.receipt(AMOUNT).await);
    let cabinet = stand.payme.shop();
    assert_eq!(state_in(&cabinet.cancel(&paid).await.unwrap()), 21);
    cabinet.cancel(&held).await.unwrap();
    for receipt in [&paid, &held] {
        until("it is cancelled here too", async || {
            (stand.states(receipt).await == (50, 50)).then_some(())
        })
        .await;
    }
    assert_eq!(stand.money().await, (AMOUNT, AMOUNT));
    assert_eq!(entries(&stand, &paid).await, ["receipt_paid", "receipt_refunded"]);

    // Looking again changes nothing more, and nothing about the others.
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    assert_eq!(entries(&stand, &paid).await.len(), 2);
    assert_eq!(entries(&stand, &held).await.len(), 2);
    assert_eq!((stand.states(&kept).await, stand.states(&open).await), ((4, 4), (0, 0)));
    assert_eq!(state_in(&shop.cancel(&paid).await.unwrap()), 50);
    // What is cancelled from here beside it goes back once as well.
    shop.cancel(&kept).await.unwrap();
    shop.wait_for_state(&kept, &[50]).await;
    assert_eq!(entries(&stand, &kept).await, ["receipt_paid", "receipt_refunded"]);
    assert_eq!(stand.money().await, (0, 0));
    stand.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_cancelled_in_the_cabinet_is_found() {
    cancelled_in_the_cabinet(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_cancelled_in_the_cabinet_is_found_on_postgres() {
    cancelled_in_the_cabinet(Place::postgres().await).await;
}

/// Payme that does not answer, or answers nonsense, has cancelled nothing; it is asked again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_cancels_nothing() {
    let mut stand = Stand::watching(Place::sqlite()).await;
    let (shop, (_, token)) = (stand.shop(), stand.card().await);
    let paid = shop.paid(AMOUNT, &token).await;
    stand.payme.die();
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    assert_eq!(shop.state(&paid).await, 4);
    stand.payme.come_back().await;
    stand.payme.shop().cancel(&paid).await.unwrap();
    shop.wait_for_state(&paid, &[50]).await;
    stand.finish().await;
}
