//! The payment that an order names must be known, paid, of its amount, and free.

use serde_json::json;

use super::client::{Till, code, message, order, order_paid, with};
use crate::world::World;

#[tokio::test]
async fn a_payment_is_on_one_receipt_of_its_amount() {
    let world = World::sqlite().await;
    let till = Till::open(&world.server, "a").await;
    let paid = till.paid_by("click", 500).await;
    let id = paid.id.as_str();
    let wrong = |text: &str| format!(r#"{{"extra_info":{{"qr_payment_id":["{text}"]}}}}"#);
    let cases = [
        (order_paid(50_000, 64, "1"), wrong("There is no such payment at this till.")),
        (order_paid(50_000, 141, id), wrong("There is no such payment at this till.")),
        (
            order_paid(40_000, 64, id),
            wrong("The payment is of 50000 tiyin, the order has 40000 for it."),
        ),
        (
            with(order_paid(0, 64, id), "received_cash", 0),
            wrong("The payment is of 50000 tiyin, the order has 0 for it."),
        ),
    ];
    for (order, want) in cases {
        assert_eq!(message(till.post("/order", &order).await, 7), want);
    }
    let anor = message(till.post("/order", &order_paid(50_000, 187, id)).await, 7);
    assert!(anor.starts_with(r#"{"extra_info":{"qr_payment_provider":["#), "{anor}");

    till.post("/order", &order_paid(50_000, 64, id)).await.unwrap();
    let another = with(order_paid(50_000, 64, id), "number", 2);
    let said = message(till.post("/order", &another).await, 7);
    assert_eq!(said, wrong("The payment is on another fiscal receipt."));
    assert_eq!(till.receipts().await.len(), 1);
    assert_eq!(till.receipts().await[0]["payment"], id);
    world.finish().await;
}

#[tokio::test]
async fn money_that_went_back_gets_no_receipt() {
    let world = World::sqlite().await;
    let till = Till::open(&world.server, "a").await;
    let rrn = till.paid_by_card(500).await;
    let void = json!({ "request_id": rrn, "amount": 50_000, "is_return": true });
    till.post("/payment/xumo", &void).await.unwrap();
    let order = with(order(0, 50_000), "ppt_id", rrn);
    let said = message(till.post("/order", &order).await, 7);
    assert_eq!(said, r#"{"ppt_id":["The payment is reversed."]}"#);
    assert_eq!(till.receipts().await.len(), 0);
    world.finish().await;
}

#[tokio::test]
async fn cards_and_wallets_may_pay_together() {
    let world = World::sqlite().await;
    let till = Till::open(&world.server, "a").await;

    // Both are ours: the wallet has paid what the card has not.
    let (paid, rrn) = (till.paid_by("payme", 400).await, till.paid_by_card(100).await);
    let both = |card: i64| with(order_paid(card, 141, &paid.id), "ppt_id", rrn.as_str());
    assert_eq!(code(&till.post("/order", &both(40_000)).await), 7);
    assert_eq!(code(&till.post("/order", &both(5_000)).await), 7);
    till.post("/order", &both(50_000)).await.unwrap();

    // The card's payment is on that receipt too, as the wallet's is.
    let other = with(order(0, 10_000), "ppt_id", rrn.as_str());
    let said = message(till.post("/order", &other).await, 7);
    assert_eq!(said, r#"{"ppt_id":["The payment is on another fiscal receipt."]}"#);
    assert_eq!(till.post("/order", &both(50_000)).await.unwrap()["receipt_count"], 1);

    // A pinpad that is not ours has taken the rest, whatever that is.
    let paid = till.paid_by("uzum", 400).await;
    let foreign = |card: i64| with(order_paid(card, 161, &paid.id), "ppt_id", "123456789012");
    assert_eq!(code(&till.post("/order", &foreign(39_999)).await), 7);
    till.post("/order", &foreign(90_000)).await.unwrap();

    // A card alone is linked when its payment is ours.
    let rrn = till.paid_by_card(100).await;
    let card = |sum: i64| with(order(0, sum), "ppt_id", rrn.as_str());
    assert_eq!(code(&till.post("/order", &card(9_999)).await), 7);
    till.post("/order", &card(10_000)).await.unwrap();
    let again = with(card(10_000), "number", 2);
    assert_eq!(code(&till.post("/order", &again).await), 7);
    let unknown = with(order(0, 10_000), "ppt_id", "210987654321");
    till.post("/order", &unknown).await.unwrap();
    assert_eq!(till.receipts().await.len(), 4);
    world.finish().await;
}
