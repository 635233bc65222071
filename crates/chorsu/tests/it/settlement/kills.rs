//! Settlements whose process dies on the way, and two processes that settle at once: nobody is paid
//! twice, and nobody is forgotten.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{V1, id_of, payee, rule, today};
use crate::bank_partner::{ACCOUNT, Bank, FUNDS, Partner, Played};
use crate::pans;
use crate::place::Place;
use crate::server::{Server, assert_verified};
use crate::shop::{KASSA, OTHER_KASSA, Shop};

/// Three receivers.
fn split() -> Value {
    let mut rule = rule();
    rule["shares"] = json!([
        { "fixed": 100, "to": payee("20208000905123456002") },
        { "ppm": 100_000, "to": payee("20208000905123456003") }
    ]);
    rule
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_forgets_and_repeats_nothing() {
    for hold in ["settlement.booked", "settlement.concluding"] {
        let bank = Bank::at(Place::sqlite()).await;
        let (v1, shop) = (V1::at(&bank.server), Shop::at(&bank.server));
        let token = shop.card(&pans::fresh("8600"), true).await;
        shop.paid(50_000, &token).await;
        v1.put_rule(KASSA, &split()).await;
        let id = id_of(&v1.computed(&today(), KASSA).await);
        bank.played.hold(hold).await;
        let sending = tokio::spawn({
            let (v1, id) = (v1.clone(), id.clone());
            async move { v1.sent(&id).await }
        });
        bank.played.held(hold, 1).await;
        let bank = Bank::again(bank.kill(), "").await;
        let answered = sending.await;
        assert_eq!(answered.is_err(), hold == "settlement.booked", "{hold}");
        let v1 = V1::at(&bank.server);
        let settled = v1.until(&id, "settled").await;
        assert_eq!(settled["gross"], 50_000, "{hold}");
        v1.sent(&id).await;
        assert_eq!(bank.partner.page(33, "2", 0).await.len(), 3, "{hold}: each share once");
        assert_eq!(bank.partner.page(33, "1", 0).await.len(), 2, "{hold}: it is booked once");
        assert_eq!(bank.partner.balance(33).await, FUNDS, "{hold}");
        bank.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_pay_each_share_once() {
    let place = Place::postgres().await;
    let (a, b) = tokio::join!(Server::start(&place), Server::start(&place));
    Played::at(&a).settle_after(0).await;
    let shop = Shop::at(&a);
    let other = shop.other_kassa();
    let (one, two) =
        (shop.card(&pans::fresh("8600"), true).await, other.card(&pans::fresh("8600"), true).await);
    let both = [V1::at(&a), V1::at(&b)];
    for kassa in [KASSA, OTHER_KASSA] {
        both[0].put_rule(kassa, &split()).await;
    }
    for round in 0..4 {
        shop.paid(10_000 + round, &one).await;
        other.paid(20_000 + round, &two).await;
        // What was paid after a day was settled is settled with a later day.
        let day = super::day_of(crate::settlement::now() + round * crate::sandbox::DAY_MS);
        let mut working = JoinSet::new();
        for number in 0..8 {
            let (v1, day) = (both[number % 2].clone(), day.clone());
            working.spawn(async move {
                let answer = v1.compute(&day, &[KASSA, OTHER_KASSA]).await;
                let found = answer["settlements"].as_array().unwrap().clone();
                for settlement in &found {
                    v1.sent(&id_of(settlement)).await;
                }
                found.iter().map(id_of).collect::<Vec<_>>()
            });
        }
        let ids = working.join_all().await;
        assert!(ids.iter().all(|found| found == &ids[0]), "round {round}: {ids:?}");
        for id in &ids[0] {
            both[1].until(id, "settled").await;
        }
        crate::sandbox::Sandbox::at(&a).advance(crate::sandbox::DAY_MS).await;
        // The other process follows the clock.
        let sandbox = crate::sandbox::Sandbox::at(&b);
        crate::until("the clock of the other process", async || {
            let clock = sandbox.get("/clock").await;
            let turned = (round + 1) * crate::sandbox::DAY_MS;
            (clock["ahead_ms"].as_i64() >= Some(turned)).then_some(())
        })
        .await;
    }
    let partner = Partner::at(&b);
    let lines = partner.page(33, "2", 0).await;
    assert_eq!(lines.len(), 4 * 2 * 3);
    assert_eq!(partner.balance(33).await, FUNDS);
    assert!(lines.iter().any(|line| line.to_string().contains(ACCOUNT)));
    a.stop().await;
    b.stop().await;
    assert_verified(&place);
}
