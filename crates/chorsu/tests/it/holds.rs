//! Holding: two steps, the whole or a part, and what each network does after 30 days.

use serde_json::json;

use crate::pans;
use crate::sandbox::{DAY_MS, Totals};
use crate::shop::state_in;
use crate::world::World;

/// A card with this much money, and a verified token for it.
async fn funded(world: &World, prefix: &str, balance: i64) -> (String, String) {
    let pan = pans::fresh(prefix);
    let token = world.shop.card(&pan, true).await;
    world.sandbox.change_card(&pan, json!({ "balance": balance })).await;
    (pan, token)
}

/// What the card has, and what of it is held.
async fn money(world: &World, pan: &str) -> (i64, i64) {
    let card = world.sandbox.card(pan).await;
    (card.balance, card.held)
}

#[tokio::test]
async fn a_hold_is_confirmed_or_cancelled() {
    let world = World::sqlite().await;
    let shop = &world.shop;
    for (network, prefix) in [("uzcard", "8600"), ("humo", "9860")] {
        let (pan, token) = funded(&world, prefix, 10_000).await;
        let kept = shop.held(2_500, &token).await;
        assert_eq!(money(&world, &pan).await, (7_500, 2_500), "{network}");
        assert_eq!(world.sandbox.totals(network).await.debits, 0);
        let confirmed = shop.confirm(&kept).await.unwrap();
        assert_eq!(state_in(&confirmed), 4);
        assert!(confirmed["receipt"]["pay_time"].as_i64().unwrap() > 0);
        assert_eq!(money(&world, &pan).await, (7_500, 0), "{network}");
        // A shop that did not hear the answer asks again.
        assert_eq!(state_in(&shop.confirm(&kept).await.unwrap()), 4);
        assert_eq!(shop.pay(&kept, &token).await.unwrap_err().code, -31602);

        let given_back = shop.held(500, &token).await;
        assert_eq!(money(&world, &pan).await, (7_000, 500), "{network}");
        let cancelled = shop.cancel(&given_back).await.unwrap();
        assert_eq!((state_in(&cancelled), &cancelled["receipt"]["cancel_time"]), (21, &json!(0)));
        shop.wait_for_state(&given_back, &[50]).await;
        assert_eq!(money(&world, &pan).await, (7_500, 0), "{network}");
        assert_eq!(shop.confirm(&given_back).await.unwrap_err().code, -31602);

        // What was confirmed can still be refunded.
        assert_eq!(state_in(&shop.cancel(&kept).await.unwrap()), 21);
        shop.wait_for_state(&kept, &[50]).await;
        assert_eq!(money(&world, &pan).await, (10_000, 0), "{network}");
        let want = Totals { debited: 2_500, debits: 1, refunded: 2_500, refunds: 1, net: 0 };
        assert_eq!(world.sandbox.totals(network).await, want);
    }
    world.finish().await;
}

#[tokio::test]
async fn the_flag_may_come_with_either_call() {
    let world = World::sqlite().await;
    let (pan, token) = funded(&world, "8600", 10_000).await;
    let created = world.shop.receipt_to_hold(100).await;
    assert_eq!(state_in(&world.shop.pay(&created, &token).await.unwrap()), 5);
    let paid = world.shop.receipt(200).await;
    let pay = json!({ "id": paid, "token": token, "hold": true });
    assert_eq!(state_in(&world.shop.ok("receipts.pay", pay).await), 5);
    assert_eq!(money(&world, &pan).await, (9_700, 300));
    world.finish().await;
}

#[tokio::test]
async fn a_part_is_captured_and_the_rest_given_back() {
    let world = World::sqlite().await;
    let shop = &world.shop;
    let (pan, token) = funded(&world, "8600", 10_000).await;
    let receipt = shop.held(1_000, &token).await;
    let confirm = |amount: i64| json!({ "id": receipt, "amount": amount });
    assert_eq!(shop.code("receipts.confirm_hold", confirm(1_001)).await.0, -31612);
    assert_eq!(shop.code("receipts.confirm_hold", confirm(0)).await.0, -31611);
    assert_eq!(shop.state(&receipt).await, 5);
    let confirmed = shop.ok("receipts.confirm_hold", confirm(400)).await;
    assert_eq!((state_in(&confirmed), &confirmed["receipt"]["amount"]), (4, &json!(400)));
    assert_eq!(money(&world, &pan).await, (9_600, 0));
    assert_eq!(world.sandbox.totals("uzcard").await.net, 400);
    assert_eq!(state_in(&shop.cancel(&receipt).await.unwrap()), 21);
    shop.wait_for_state(&receipt, &[50]).await;
    assert_eq!(money(&world, &pan).await, (10_000, 0));
    assert_eq!(world.sandbox.totals("uzcard").await.net, 0);
    world.finish().await;
}

#[tokio::test]
async fn uzcard_gives_a_hold_back_after_30_days() {
    let world = World::sqlite().await;
    let shop = &world.shop;
    let (pan, token) = funded(&world, "8600", 10_000).await;
    let (lapses, confirmed) = (shop.held(1_000, &token).await, shop.held(2_000, &token).await);
    world.sandbox.advance(29 * DAY_MS).await;
    assert_eq!(shop.state(&lapses).await, 5);
    assert_eq!(state_in(&shop.confirm(&confirmed).await.unwrap()), 4);
    world.sandbox.advance(DAY_MS).await;
    shop.wait_for_state(&lapses, &[50]).await;
    assert_eq!(shop.confirm(&lapses).await.unwrap_err().code, -31602);
    assert_eq!(money(&world, &pan).await, (8_000, 0));
    assert_eq!(world.sandbox.totals("uzcard").await.net, 2_000);
    // A paid receipt has no such limit.
    assert_eq!(shop.state(&confirmed).await, 4);
    world.finish().await;
}

#[tokio::test]
async fn an_old_humo_hold_can_only_be_confirmed() {
    let world = World::sqlite().await;
    let shop = &world.shop;
    let (pan, token) = funded(&world, "9860", 10_000).await;
    let (old, cancelled) = (shop.held(1_000, &token).await, shop.held(2_000, &token).await);
    world.sandbox.advance(29 * DAY_MS).await;
    assert_eq!(state_in(&shop.cancel(&cancelled).await.unwrap()), 21);
    shop.wait_for_state(&cancelled, &[50]).await;
    world.sandbox.advance(DAY_MS).await;
    let refusal = shop.cancel(&old).await.unwrap_err();
    assert_eq!((refusal.code, refusal.data), (-31800, json!("hold_only_confirmable")));
    assert_eq!(shop.state(&old).await, 5);
    assert_eq!(money(&world, &pan).await, (9_000, 1_000));
    assert_eq!(state_in(&shop.confirm(&old).await.unwrap()), 4);
    assert_eq!(money(&world, &pan).await, (9_000, 0));
    assert_eq!(world.sandbox.totals("humo").await.debits, 1);
    world.finish().await;
}
