//! The `Idempotency-Key` header: the same request again gives the same document, and the same key
//! with another request is an error.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::pans;
use crate::shop::{EXPIRY, KASSA, Shop, id_of, new_receipt, state_in};
use crate::wire::Answer;
use crate::world::World;

#[tokio::test]
async fn of_new_receipts() {
    let world = World::sqlite().await;
    let shop = world.shop.with_header("Idempotency-Key", "order-1");
    let first = shop.ok("receipts.create", new_receipt(1_000, false)).await;
    let again = shop.ok("receipts.create", new_receipt(1_000, false)).await;
    assert_eq!(first, again);
    let other = shop.code("receipts.create", new_receipt(1_001, false)).await;
    assert_eq!(other, (-32602, json!("idempotency_key")));
    let cancel = json!({ "id": id_of(&first) });
    assert_eq!(shop.code("receipts.cancel", cancel).await.0, -32602, "another method");
    let next = world.shop.with_header("Idempotency-Key", "order-2");
    let second = next.ok("receipts.create", new_receipt(1_000, false)).await;
    assert_ne!(id_of(&first), id_of(&second));
    // Keys belong to their kassa.
    shop.other_kassa().ok("receipts.create", new_receipt(1_000, false)).await;
    assert_eq!(world.shop.count_receipts().await, 2);
}

/// Sends the same request many times at once.
async fn at_once(shop: &Shop, method: &'static str, params: &Value) -> Vec<Answer> {
    let call = |_| {
        let (shop, params) = (shop.clone(), params.clone());
        tokio::spawn(async move { shop.call(method, params).await })
    };
    let mut answers = Vec::new();
    for call in (0..32).map(call).collect::<Vec<_>>() {
        answers.push(call.await.unwrap());
    }
    answers
}

#[tokio::test]
async fn of_many_equal_requests_at_once() {
    let world = World::sqlite().await;
    let create = world.shop.with_header("Idempotency-Key", "order-1");
    let answers = at_once(&create, "receipts.create", &new_receipt(1_000, false)).await;
    let receipts: BTreeSet<_> = answers.into_iter().map(|answer| id_of(&answer.unwrap())).collect();
    assert_eq!((receipts.len(), world.shop.count_receipts().await), (1, 1));

    let card = json!({ "card": { "number": pans::fresh("8600"), "expire": EXPIRY } });
    let make = world.shop.with_header("Idempotency-Key", "card-1");
    let answers = at_once(&make, "cards.create", &card).await;
    let cards = answers.into_iter().map(|answer| answer.unwrap()["card"]["token"].to_string());
    assert_eq!(cards.collect::<BTreeSet<_>>().len(), 1);

    let token = world.shop.card(&pans::fresh("8600"), true).await;
    let pay = world.shop.with_header("Idempotency-Key", "pay-1");
    let receipt = receipts.first().unwrap();
    let params = json!({ "id": receipt, "token": token });
    world.sandbox.set_latency("uzcard", 20).await;
    for answer in at_once(&pay, "receipts.pay", &params).await {
        match answer {
            Ok(result) => assert_eq!((id_of(&result), state_in(&result)), (receipt.clone(), 4)),
            // The first of them has not come to its end yet.
            Err(refusal) => assert_eq!(refusal.data, "outcome_unknown", "{refusal:?}"),
        }
    }
    assert_eq!(world.sandbox.totals("uzcard").await.debits, 1);
    world.finish().await;
}

#[tokio::test]
async fn of_cards() {
    let world = World::sqlite().await;
    let pan = pans::fresh("8600");
    let shop = world.shop.with_auth(KASSA).with_header("Idempotency-Key", "card-1");
    let card = |pan: &str| json!({ "card": { "number": pan, "expire": EXPIRY }, "save": true });
    let first = shop.ok("cards.create", card(&pan)).await;
    let again = shop.ok("cards.create", card(&pan)).await;
    assert_eq!(first, again, "the same token");
    let other = shop.code("cards.create", card(&pans::fresh("8600"))).await;
    assert_eq!(other, (-32602, json!("idempotency_key")));
    let token = json!({ "token": first["card"]["token"] });
    world.shop.ok("cards.remove", token).await;
    assert_eq!(shop.code("cards.create", card(&pan)).await, (-31400, json!("deleted")));
}

#[tokio::test]
async fn of_payments() {
    let world = World::sqlite().await;
    let token = world.shop.card(&pans::fresh("8600"), true).await;
    let receipt = world.shop.receipt(1_000).await;
    let shop = world.shop.with_header("Idempotency-Key", "pay-1");
    assert_eq!(state_in(&shop.pay(&receipt, &token).await.unwrap()), 4);
    // With the key the answer is the paid receipt, without it "paid already".
    assert_eq!(state_in(&shop.pay(&receipt, &token).await.unwrap()), 4);
    assert_eq!(world.shop.pay(&receipt, &token).await.unwrap_err().code, -31602);
    let other = world.shop.receipt(1_000).await;
    let refusal = shop.pay(&other, &token).await.unwrap_err();
    assert_eq!((refusal.code, refusal.data), (-32602, json!("idempotency_key")));
    assert_eq!(world.shop.state(&other).await, 0);
    assert_eq!(world.sandbox.totals("uzcard").await.debits, 1);

    let cancel = world.shop.with_header("Idempotency-Key", "cancel-1");
    assert_eq!(state_in(&cancel.cancel(&receipt).await.unwrap()), 21);
    assert!([21, 50].contains(&state_in(&cancel.cancel(&receipt).await.unwrap())));
    world.shop.wait_for_state(&receipt, &[50]).await;
    assert_eq!(world.sandbox.totals("uzcard").await.refunds, 1);
    world.finish().await;
}

#[tokio::test]
async fn of_a_payment_that_was_refused() {
    let world = World::sqlite().await;
    let pan = pans::fresh("8600");
    let token = world.shop.card(&pan, true).await;
    world.sandbox.change_card(&pan, json!({ "balance": 10 })).await;
    let receipt = world.shop.receipt(1_000).await;
    let shop = world.shop.with_header("Idempotency-Key", "pay-1");
    assert_eq!(shop.pay(&receipt, &token).await.unwrap_err().code, -31630);
    world.sandbox.change_card(&pan, json!({ "balance": 10_000 })).await;
    // Nothing was paid, so the same request is a new try.
    assert_eq!(state_in(&shop.pay(&receipt, &token).await.unwrap()), 4);
    assert_eq!(world.sandbox.totals("uzcard").await.debits, 1);
    world.finish().await;
}

#[tokio::test]
async fn keys_that_are_no_keys_are_refused() {
    let world = World::sqlite().await;
    for key in ["", " ", &"x".repeat(256), "ключ"] {
        let shop = world.shop.with_header("Idempotency-Key", key);
        let refused = shop.code("receipts.create", new_receipt(1_000, false)).await;
        assert_eq!(refused, (-32602, json!("idempotency_key")), "{key}");
    }
    assert_eq!(world.shop.count_receipts().await, 0);
}
