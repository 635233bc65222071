//! Settlements that come by themselves on banking days, and days that are settled late.

use serde_json::json;

use super::{V1, day_of, id_of, now, rule};
use crate::bank_partner::{ACCOUNT, Bank, code, line_id, order, with};
use crate::pans;
use crate::place::Place;
use crate::sandbox::{DAY_MS, Sandbox};
use crate::shop::{KASSA, Shop};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_due_is_computed_and_sent() {
    let bank = Bank::at(Place::sqlite()).await;
    let (v1, shop) = (V1::at(&bank.server), Shop::at(&bank.server));
    let sandbox = Sandbox::at(&bank.server);
    let token = shop.card(&pans::fresh("8600"), true).await;
    shop.paid(70_000, &token).await;
    // Every day is a banking day of these tests.
    let start = now();
    let table: String =
        (-1..8).map(|day| format!("{} work\n", day_of(start + day * DAY_MS))).collect();
    let put = v1.send(reqwest::Method::PUT, "/holidays", table).await;
    assert_eq!(put.status, 200, "{}", put.text);
    let auto = with(rule(), json!({ "auto": true, "delay_days": 1, "minimum": 50_000 }));
    v1.put_rule(KASSA, &auto).await;
    assert!(v1.settlements("").await.is_empty(), "T+1 is tomorrow");

    sandbox.advance(DAY_MS).await;
    v1.put_rule(KASSA, &auto).await;
    let found = crate::until("a settlement", async || v1.settlements("").await.pop()).await;
    assert_eq!((&found["gross"], &found["day"]), (&json!(70_000), &json!(day_of(start))));
    v1.until(&id_of(&found), "settled").await;

    // Less than the minimum waits until there is more.
    shop.paid(30_000, &token).await;
    sandbox.advance(DAY_MS).await;
    v1.put_rule(KASSA, &auto).await;
    assert_eq!(v1.skipped(&day_of(start + DAY_MS), KASSA).await, "it is less than the minimum");
    shop.paid(30_000, &token).await;
    sandbox.advance(DAY_MS).await;
    v1.put_rule(KASSA, &auto).await;
    let found = crate::until("a second settlement", async || {
        let found = v1.settlements("").await;
        (found.len() == 2).then(|| found[0].clone())
    })
    .await;
    assert_eq!(found["gross"], 60_000);
    v1.until(&id_of(&found), "settled").await;
    assert_eq!(bank.partner.page(33, "2", 0).await.len(), 2);
    bank.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_that_is_sent_late_is_not_owed_again() {
    let bank = Bank::at(Place::sqlite()).await;
    let (v1, shop) = (V1::at(&bank.server), Shop::at(&bank.server));
    let sandbox = Sandbox::at(&bank.server);
    let token = shop.card(&pans::fresh("8600"), true).await;
    v1.put_rule(KASSA, &rule()).await;
    let start = now();
    shop.paid(1_000, &token).await;
    sandbox.advance(DAY_MS).await;
    shop.paid(200, &token).await;
    sandbox.advance(3 * DAY_MS).await;
    shop.paid(30, &token).await;

    // The first day is booked three days after the second one has ended.
    let first = v1.computed(&day_of(start), KASSA).await;
    assert_eq!(first["gross"], 1_000);
    v1.sent(&id_of(&first)).await;
    let second = v1.computed(&day_of(start + DAY_MS), KASSA).await;
    assert_eq!(second["gross"], 200, "what was taken later is not owed for an earlier day");
    // A later day takes the place of a proposal that was not sent.
    let third = v1.computed(&day_of(start + 4 * DAY_MS), KASSA).await;
    assert_eq!(third["gross"], 230);
    assert_eq!(v1.settlement(&id_of(&second)).await["state"], "withdrawn");
    v1.sent(&id_of(&third)).await;
    v1.until(&id_of(&third), "settled").await;
    v1.until(&id_of(&first), "settled").await;
    // An earlier day is answered with the settlement that has covered it.
    let covered = v1.computed(&day_of(start + 2 * DAY_MS), KASSA).await;
    assert_eq!(id_of(&covered), id_of(&third));
    bank.finish().await;
}

/// After the bank's day has ended, what comes in and what a settlement pays is of the next banking
/// day, while partners' orders are too late. The days off are those of one table.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_hours_everything_is_of_the_next_banking_day() {
    let config = "[bank]\nday_closes = \"00:00\"\n";
    let bank = Bank::configured(Place::sqlite(), config).await;
    let (v1, shop) = (V1::at(&bank.server), Shop::at(&bank.server));
    let (tomorrow, next) = (day_of(now() + DAY_MS), day_of(now() + 2 * DAY_MS));
    let put = async |table: String| v1.send(reqwest::Method::PUT, "/holidays", table).await.status;
    assert_eq!(put(format!("{tomorrow} off\n{next} work\n")).await, 200);
    let answer = bank.partner.post("/payment", order("late", 5, ACCOUNT)).await;
    assert_eq!(code(&answer), 3333);
    bank.played.incoming(json!({ "service": 33, "amount": 20, "reference": "r1" })).await;
    let token = shop.card(&pans::fresh("8600"), true).await;
    shop.paid(70_000, &token).await;
    v1.put_rule(KASSA, &rule()).await;
    let id = id_of(&v1.computed(&day_of(now()), KASSA).await);
    v1.sent(&id).await;
    v1.until(&id, "settled").await;
    let lines = bank.partner.page(33, "0", line_id(33, 1)).await;
    let days: Vec<_> = lines.iter().map(|line| line["paymentDate"].clone()).collect();
    assert_eq!(days, vec![json!(format!("{next} 00:00:00")); 3], "{lines:?}");
    bank.finish().await;
}

/// A file in the configuration takes the place of the table.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_days_off_is_the_table() {
    let place = Place::sqlite();
    let file = place.log().with_file_name("days.txt");
    let days: String =
        (0..3).map(|day| format!("{} off\n", day_of(now() + day * DAY_MS))).collect();
    std::fs::write(&file, days).unwrap();
    let bank = Bank::configured(place, &format!("[bank]\nholidays = {file:?}\n")).await;
    let v1 = V1::at(&bank.server);
    assert_eq!(v1.send(reqwest::Method::PUT, "/holidays", "2026-01-05 off\n").await.status, 409);
    let answer = bank.partner.post("/payment", order("late", 5, ACCOUNT)).await;
    assert_eq!(code(&answer), 3333, "today is off");
    bank.finish().await;
}
