//! Chorsu is killed at the moments that matter: when it comes back, both books agree.

use serde_json::json;

use super::stand::Stand;
use crate::place::Place;
use crate::shop::Shop;

const AMOUNT: i64 = 30_000;

/// The works that are under way when the process ends, each with a receipt.
struct Works {
    pay: String,
    hold: String,
    confirm: String,
    refund: String,
    close: String,
}

impl Works {
    async fn prepare(shop: &Shop, token: &str) -> Self {
        Self {
            pay: shop.receipt(AMOUNT).await,
            hold: shop.receipt_to_hold(AMOUNT).await,
            confirm: shop.held(AMOUNT, token).await,
            refund: shop.paid(AMOUNT, token).await,
            close: shop.receipt(AMOUNT).await,
        }
    }

    fn begin(&self, shop: &Shop, token: &str) -> Vec<tokio::task::JoinHandle<()>> {
        let calls = [
            ("receipts.pay", &self.pay),
            ("receipts.pay", &self.hold),
            ("receipts.confirm_hold", &self.confirm),
            ("receipts.cancel", &self.refund),
            ("receipts.cancel", &self.close),
        ];
        calls
            .map(|(method, id)| {
                let (shop, params) = (shop.clone(), json!({ "id": id, "token": token }));
                tokio::spawn(async move { drop(shop.try_call(method, &params).await) })
            })
            .into()
    }
}

/// Kills Chorsu with all works held at `place`, and lets it come back.
async fn killed(place: Place, held_at: &str, count: usize, want: [i64; 5]) {
    let mut stand = Stand::on(place).await;
    let (shop, (_, token)) = (stand.shop(), stand.card().await);
    let works = Works::prepare(&shop, &token).await;
    stand.chorsu.control().hold(held_at).await;
    let calls = works.begin(&shop, &token);
    stand.chorsu.control().wait_for_held(held_at, count).await;
    if count < 5 {
        // The others have gone their way meanwhile.
        shop.wait_for_state(&works.refund, &[50]).await;
        shop.wait_for_state(&works.close, &[50]).await;
        shop.wait_for_state(&works.confirm, &[4]).await;
    }
    stand.chorsu.kill();
    for call in calls {
        call.await.unwrap();
    }
    assert_eq!(stand.chorsu.place.intents_left_behind().await, count as u64);
    stand.chorsu.start_again().await;
    stand.chorsu.wait_until_settled().await;
    let Works { pay, hold, confirm, refund, close } = &works;
    for (receipt, want) in [pay, hold, confirm, refund, close].into_iter().zip(want) {
        assert_eq!(stand.states(receipt).await, (want, want), "{held_at} {receipt}");
    }
    let pays = stand.payme.front.seen("receipts.pay").len();
    assert!(pays <= 4, "paid {pays} times");
    stand.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_anything_is_sent() {
    // What was never sent is never paid; what has to happen happens.
    killed(Place::sqlite(), "payme.intent_durable", 5, [50, 50, 4, 50, 50]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_anything_is_sent_on_postgres() {
    killed(Place::postgres().await, "payme.intent_durable", 5, [50, 50, 4, 50, 50]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_payme_has_taken_the_money() {
    killed(Place::sqlite(), "payme.answer_received", 2, [4, 5, 4, 50, 50]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_are_killed() {
    let mut stand = Stand::start().await;
    let (shop, (_, token)) = (stand.shop(), stand.card().await);
    let works = Works::prepare(&shop, &token).await;
    stand.chorsu.control().hold("payme.answer_received").await;
    let calls = works.begin(&shop, &token);
    stand.chorsu.control().wait_for_held("payme.answer_received", 2).await;
    stand.chorsu.kill();
    stand.payme.die();
    for call in calls {
        call.await.unwrap();
    }
    stand.chorsu.start_again().await;
    stand.payme.come_back().await;
    stand.chorsu.wait_until_settled().await;
    assert_eq!(stand.states(&works.pay).await, (4, 4));
    assert_eq!(stand.states(&works.hold).await, (5, 5));
    stand.finish().await;
}
