//! The same order again is the same receipt.

use serde_json::json;

use super::client::{Till, code, message, order, order_paid, with};
use crate::place::Place;
use crate::world::World;

#[tokio::test]
async fn an_order_is_known_by_its_id_its_key_or_its_payment() {
    let world = World::sqlite().await;
    let till = Till::open(&world.server, "a").await;
    let paid = till.paid_by("click", 500).await;
    let named = with(order(700, 0), "uuid", "b1c2");
    let cases = [
        (named.clone(), None),
        (order(800, 0), Some("key-1")),
        (order_paid(50_000, 64, &paid.id), None),
    ];
    for (place, (order, key)) in cases.iter().enumerate() {
        let first = till.post_with("/order", order, *key).await.unwrap();
        let again = till.post_with("/order/create", order, *key).await.unwrap();
        assert_eq!(first, again);
        assert_eq!(till.receipts().await.len(), place + 1, "{order}");
    }
    // A till that writes the time anew means the same order; any other change is another one.
    let now = till.get("/info").await.unwrap()["current_time"].clone();
    assert_eq!(code(&till.post("/order", &with(named.clone(), "time", now)).await), 0);
    let other = with(named.clone(), "cashier", "Aziz");
    let said = message(till.post("/order", &other).await, 7);
    assert_eq!(said, r#"{"uuid":["This id was used for another order."]}"#);
    assert_eq!(code(&till.post_with("/order", &order(801, 0), Some("key-1")).await), 7);
    assert_eq!(code(&till.post_with("/order", &order(800, 0), Some("")).await), 7);

    // A refund may have the id of its sale.
    let sale = till.post("/order", &named).await.unwrap();
    let refund = with(named, "qr_code", sale["qr_url"].clone());
    let refunded = till.post("/order/refuse", &refund).await.unwrap();
    assert_eq!(till.post("/order/refuse", &refund).await.unwrap(), refunded);
    assert_eq!(till.receipts().await.len(), 4);
    world.finish().await;
}

#[tokio::test]
async fn a_refused_order_may_be_sent_again() {
    let world = World::sqlite().await;
    let till = Till::at(&world.server, "a");
    let paid = till.paid_by("payme", 500).await;
    let order = with(order_paid(50_000, 141, &paid.id), "uuid", "1");
    let said = message(till.post("/order", &order).await, 122);
    assert_eq!(said, "9021 - ZREPORT_IS_NOT_OPENED");
    assert_eq!(message(till.post_with("/order", &order, Some("k")).await, 122), said);
    assert_eq!(message(till.post_with("/order", &order, Some("k")).await, 122), said);
    assert_eq!(code(&till.get("/order/last").await), 36_871);
    till.get("/zreport/open").await.unwrap();
    // The key stands for the answer it got; the till's own id stands for the order.
    assert_eq!(code(&till.post_with("/order", &order, Some("k")).await), 122);
    till.post("/order", &order).await.unwrap();
    assert_eq!(till.receipts().await.len(), 1);
    world.finish().await;
}

async fn at_once(place: Place) {
    let world = World::at(place).await;
    let till = Till::open(&world.server, "a").await;
    let paid = till.paid_by("click", 500).await;
    let orders = [
        (with(order(700, 0), "uuid", "1"), None),
        (order(800, 0), Some("k")),
        (order_paid(50_000, 64, &paid.id), None),
    ];
    for (place, (order, key)) in orders.into_iter().enumerate() {
        let sends = (0..32).map(|_| {
            let (till, order) = (till.clone(), order.clone());
            tokio::spawn(async move { till.post_with("/order", &order, key).await })
        });
        let mut numbers = Vec::new();
        for send in sends.collect::<Vec<_>>() {
            numbers.push(send.await.unwrap().unwrap()["receipt_count"].clone());
        }
        numbers.dedup();
        assert_eq!(numbers, [json!(place + 1)]);
    }
    assert_eq!(till.receipts().await.len(), 3);
    world.finish().await;
}

#[tokio::test]
async fn thirty_two_at_once_are_one_receipt() {
    at_once(Place::sqlite()).await;
}

#[tokio::test]
async fn thirty_two_at_once_are_one_receipt_on_postgres() {
    at_once(Place::postgres().await).await;
}

/// A till whose caller hangs up sends its order again, and that is the same sale; two desks that
/// sell the same at the same time are two.
#[tokio::test]
async fn a_nameless_order_is_a_repeat_only_when_nobody_waits_for_it() {
    let world = World::sqlite().await;
    let till = Till::open(&world.server, "a").await;
    let slow = || json!({ "fault": "delay", "delay_ms": 1_500, "times": 1 });
    till.add_fault(slow()).await;
    let sent = till.send(&order(1_000, 0));
    crate::until("the order is at the module", async || {
        (till.receipts().await.len() == 1).then_some(())
    })
    .await;
    sent.abort();
    let _ = sent.await;
    // The server notices when the connection is closed.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(till.post("/order", &order(1_000, 0)).await.unwrap()["receipt_count"], 1);

    till.add_fault(slow()).await;
    let desk = tokio::spawn({
        let till = till.clone();
        async move { till.post("/order", &order(1_000, 0)).await.unwrap() }
    });
    crate::until("the order is at the module", async || {
        (till.receipts().await.len() == 2).then_some(())
    })
    .await;
    let other = till.post("/order", &order(1_000, 0)).await.unwrap();
    assert_eq!(
        (&desk.await.unwrap()["receipt_count"], &other["receipt_count"]),
        (&json!(2), &json!(3))
    );
    world.finish().await;
}
