//! The same request many times at once: money moves once.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::Barrier;

use crate::pans;
use crate::sandbox::Totals;
use crate::shop::{Shop, id_of, state_in};
use crate::wire::Answer;
use crate::world::World;

/// Callers at once.
pub(crate) const CALLERS: usize = 64;
/// How often each race is run: one may happen to go well.
const ROUNDS: usize = 4;

/// Makes the same call from all callers at the same moment; callers share the shops in turn.
pub(crate) async fn all_at_once(
    shops: &[Shop],
    method: &'static str,
    params: Value,
) -> Vec<Answer> {
    let start = Arc::new(Barrier::new(CALLERS));
    let call = |number: usize| {
        let (shop, params) = (shops[number % shops.len()].clone(), params.clone());
        let start = start.clone();
        tokio::spawn(async move {
            start.wait().await;
            shop.call(method, params).await
        })
    };
    let calls: Vec<_> = (0..CALLERS).map(call).collect();
    let mut answers = Vec::with_capacity(CALLERS);
    for call in calls {
        answers.push(call.await.unwrap());
    }
    answers
}

/// Every answer must be the receipt in one of these states, or this refusal; how many were the
/// receipt.
pub(crate) fn check(answers: &[Answer], receipt: &str, states: &[i64], code: i64) -> usize {
    let mut done = 0;
    for answer in answers {
        match answer {
            Ok(result) => {
                assert_eq!(id_of(result), receipt);
                assert!(states.contains(&state_in(result)), "{result}");
                done += 1;
            }
            Err(refusal) => assert_eq!(refusal.code, code, "{refusal:?}"),
        }
    }
    assert!(done > 0, "nobody was served: {answers:?}");
    done
}

/// A world and a card with this much money.
async fn funded(balance: i64) -> (World, String, String) {
    let world = World::sqlite().await;
    let pan = pans::fresh("8600");
    let token = world.shop.card(&pan, true).await;
    world.sandbox.change_card(&pan, json!({ "balance": balance })).await;
    (world, pan, token)
}

async fn net(world: &World) -> Totals {
    world.sandbox.totals("uzcard").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_receipt_is_paid_once() {
    let (world, pan, token) = funded(1_000_000).await;
    // A network that takes its time leaves the receipt half-paid for longer.
    for (round, latency) in (1..=ROUNDS).zip([0, 1, 20, 0]) {
        world.sandbox.set_latency("uzcard", latency).await;
        let receipt = world.shop.receipt(1_000).await;
        let pay = json!({ "id": receipt, "token": token });
        let shops = [world.shop.clone()];
        let answers = all_at_once(&shops, "receipts.pay", pay).await;
        check(&answers, &receipt, &[4], -31602);
        assert_eq!(world.shop.state(&receipt).await, 4);
        let moved = net(&world).await;
        assert_eq!((moved.debits, moved.net), (round as u64, 1_000 * round as i64));
    }
    assert_eq!(world.sandbox.card(&pan).await.balance, 1_000_000 - 1_000 * ROUNDS as i64);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_hold_is_made_and_captured_once() {
    let (world, pan, token) = funded(1_000_000).await;
    let shops = [world.shop.clone()];
    for round in 1..=ROUNDS {
        let receipt = world.shop.receipt_to_hold(1_000).await;
        let pay = json!({ "id": receipt, "token": token, "hold": true });
        check(&all_at_once(&shops, "receipts.pay", pay).await, &receipt, &[5], -31602);
        assert_eq!(world.sandbox.card(&pan).await.held, 1_000);
        let confirm = json!({ "id": receipt });
        let answers = all_at_once(&shops, "receipts.confirm_hold", confirm).await;
        check(&answers, &receipt, &[4], -31602);
        assert_eq!(world.shop.state(&receipt).await, 4);
        let moved = net(&world).await;
        assert_eq!((moved.debits, moved.net), (round as u64, 1_000 * round as i64));
        assert_eq!(world.sandbox.card(&pan).await.held, 0);
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_receipt_is_refunded_once() {
    let (world, pan, token) = funded(1_000_000).await;
    let shops = [world.shop.clone()];
    for round in 1..=ROUNDS {
        let receipt = world.shop.paid(1_000, &token).await;
        let cancel = json!({ "id": receipt });
        let answers = all_at_once(&shops, "receipts.cancel", cancel).await;
        assert_eq!(check(&answers, &receipt, &[21, 50], 0), CALLERS);
        world.shop.wait_for_state(&receipt, &[50]).await;
        let moved = net(&world).await;
        assert_eq!((moved.refunds, moved.net), (round as u64, 0));
        let held = world.shop.held(1_000, &token).await;
        let cancel = json!({ "id": held });
        let answers = all_at_once(&shops, "receipts.cancel", cancel).await;
        assert_eq!(check(&answers, &held, &[21, 50], 0), CALLERS);
        world.shop.wait_for_state(&held, &[50]).await;
        assert_eq!(world.sandbox.card(&pan).await.balance, 1_000_000);
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_one_time_token_pays_one_of_many_receipts() {
    let (world, pan, _) = funded(1_000_000).await;
    let token = world.shop.card(&pan, false).await;
    world.sandbox.change_card(&pan, json!({ "balance": 1_000_000 })).await;
    let mut calls = Vec::new();
    for _ in 0..CALLERS {
        let (shop, token) = (world.shop.clone(), token.clone());
        let receipt = shop.receipt(1_000).await;
        calls.push(tokio::spawn(async move { shop.pay(&receipt, &token).await }));
    }
    let mut paid = 0;
    for call in calls {
        match call.await.unwrap() {
            Ok(result) => paid += i64::from(state_in(&result) == 4),
            // In use, or used up.
            Err(refusal) => assert!([-31630, -31400].contains(&refusal.code), "{refusal:?}"),
        }
    }
    assert_eq!((paid, net(&world).await.debits), (1, 1));
    world.finish().await;
}

/// Runs two different calls about one receipt at the same time.
async fn both(world: &World, receipt: &str, token: &str, methods: [&str; 2]) -> [Answer; 2] {
    let params = json!({ "id": receipt, "token": token });
    let [first, second] = methods.map(|method| world.shop.call(method, params.clone()));
    let (first, second) = tokio::join!(first, second);
    [first, second]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancel_beside_a_payment_leaves_money_and_state_in_agreement() {
    let (world, pan, token) = funded(1_000_000).await;
    let mut kept = 0;
    for round in 0..24 {
        world.sandbox.set_latency("uzcard", round % 3).await;
        let receipt = world.shop.receipt(1_000).await;
        let methods = ["receipts.pay", "receipts.cancel"];
        let [paid, cancelled] = both(&world, &receipt, &token, methods).await;
        if let Err(refusal) = &paid {
            assert_eq!(refusal.code, -31602, "{refusal:?}");
        }
        if let Err(refusal) = &cancelled {
            assert_eq!(refusal.code, -31800, "{refusal:?}");
        }
        assert!(paid.is_ok() || cancelled.is_ok());
        let end = if cancelled.is_ok() { 50 } else { 4 };
        world.shop.wait_for_state(&receipt, &[end]).await;
        kept += i64::from(end == 4) * 1_000;
        assert_eq!(net(&world).await.net, kept);
    }
    assert_eq!(world.sandbox.card(&pan).await.balance, 1_000_000 - kept);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancel_beside_a_confirmation_leaves_money_and_state_in_agreement() {
    let (world, pan, token) = funded(1_000_000).await;
    let mut kept = 0;
    for round in 0..24 {
        world.sandbox.set_latency("uzcard", round % 3).await;
        let receipt = world.shop.held(1_000, &token).await;
        let methods = ["receipts.confirm_hold", "receipts.cancel"];
        let [confirmed, cancelled] = both(&world, &receipt, &token, methods).await;
        if let Err(refusal) = &confirmed {
            assert_eq!(refusal.code, -31602, "{refusal:?}");
        }
        if let Err(refusal) = &cancelled {
            assert_eq!(refusal.code, -31800, "{refusal:?}");
        }
        assert!(confirmed.is_ok() || cancelled.is_ok());
        let end = if cancelled.is_ok() { 50 } else { 4 };
        world.shop.wait_for_state(&receipt, &[end]).await;
        kept += i64::from(end == 4) * 1_000;
        assert_eq!(net(&world).await.net, kept);
    }
    let card = world.sandbox.card(&pan).await;
    assert_eq!((card.balance, card.held), (1_000_000 - kept, 0));
    world.finish().await;
}
