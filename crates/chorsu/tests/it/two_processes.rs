//! Two processes of Chorsu on one PostgreSQL: each works with what the other has written, and one
//! settles what the other has left behind.

use std::time::Duration;

use serde_json::json;

use crate::load::{Cards, Writers, compare_with_networks, wait_for_outbox};
use crate::pans;
use crate::place::Place;
use crate::races::{all_at_once, check};
use crate::sandbox::{DAY_MS, Sandbox};
use crate::server::{Server, assert_verified};
use crate::shop::{Shop, state_in};

/// Two servers on a new database.
async fn two() -> (Server, Server, Place) {
    let place = Place::postgres().await;
    let (a, b) = tokio::join!(Server::start(&place), Server::start(&place));
    (a, b, place)
}

async fn finish(a: Server, b: Server, place: &Place) {
    a.stop().await;
    b.stop().await;
    assert_verified(place);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_works_with_what_the_other_has_written() {
    let (a, b, place) = two().await;
    let (shop_a, shop_b) = (Shop::at(&a), Shop::at(&b));
    let pan = pans::fresh("8600");
    let token = shop_a.token(&pan, true).await;
    shop_b.ok("cards.get_verify_code", json!({ "token": token })).await;
    let code = Sandbox::at(&a).code_sent_to(&pan).await;
    shop_a.ok("cards.verify", json!({ "token": token, "code": code })).await;

    let receipt = shop_a.receipt(1_000).await;
    assert_eq!(state_in(&shop_b.pay(&receipt, &token).await.unwrap()), 4);
    assert_eq!(shop_a.state(&receipt).await, 4);
    assert_eq!(shop_a.pay(&receipt, &token).await.unwrap_err().code, -31602);
    assert_eq!(state_in(&shop_a.cancel(&receipt).await.unwrap()), 21);
    shop_b.wait_for_state(&receipt, &[50]).await;
    let held = shop_b.held(2_000, &token).await;
    assert_eq!(state_in(&shop_a.confirm(&held).await.unwrap()), 4);
    let totals = Sandbox::at(&a).totals("uzcard").await;
    assert_eq!(Sandbox::at(&b).totals("uzcard").await, totals);
    assert_eq!((totals.debits, totals.net), (2, 2_000));

    // An idempotency key means the same at both.
    let keyed = |shop: &Shop| shop.with_header("Idempotency-Key", "order-1");
    assert_eq!(keyed(&shop_a).receipt(1_000).await, keyed(&shop_b).receipt(1_000).await);
    assert_eq!(shop_a.count_receipts().await, 3);

    // So does the sandbox's clock, and what follows from it.
    let lapses = shop_b.held(500, &token).await;
    Sandbox::at(&a).advance(30 * DAY_MS).await;
    shop_b.wait_for_state(&lapses, &[50]).await;
    finish(a, b, &place).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_is_paid_once_over_both() {
    let (a, b, place) = two().await;
    let shops = [Shop::at(&a), Shop::at(&b)];
    let pan = pans::fresh("8600");
    let token = shops[0].card(&pan, true).await;
    let sandbox = Sandbox::at(&b);
    for round in 1..=4 {
        let receipt = shops[0].receipt(1_000).await;
        let pay = json!({ "id": receipt, "token": token });
        check(&all_at_once(&shops, "receipts.pay", pay).await, &receipt, &[4], -31602);
        assert_eq!(sandbox.totals("uzcard").await.debits, round);
        let held = shops[1].held(1_000, &token).await;
        let cancel = json!({ "id": held });
        check(&all_at_once(&shops, "receipts.cancel", cancel).await, &held, &[21, 50], 0);
        shops[0].wait_for_state(&held, &[50]).await;
    }
    assert_eq!(sandbox.totals("uzcard").await.net, 4_000);
    finish(a, b, &place).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_settles_what_the_other_has_left_behind() {
    let (a, b, place) = two().await;
    let (shop_a, shop_b) = (Shop::at(&a), Shop::at(&b));
    let cards = Cards::new(&shop_a).await;
    // A slow network, so that many payments are half done when the end comes.
    for network in ["uzcard", "humo"] {
        Sandbox::at(&a).set_latency(network, 20).await;
    }
    let writers = Writers::start(&shop_a, &cards);
    tokio::time::sleep(Duration::from_millis(700)).await;
    a.kill();
    let known = writers.join().await;
    assert!(known.len() > 20, "the load was too light: {} receipts", known.len());
    known.check(&shop_b).await;
    let waiting = place.rows("SELECT count(*) FROM outbox").await;
    assert_ne!(waiting[0][0], "0", "nothing was left behind, so nothing was tried");
    wait_for_outbox(&place).await;
    compare_with_networks(&place, &Sandbox::at(&b)).await;
    known.check_settled(&place).await;
    // And it goes on working.
    let paid = shop_b.card(&pans::fresh("8600"), true).await;
    shop_b.paid(1_000, &paid).await;
    b.stop().await;
    assert_verified(&place);
}
