//! How accepted orders end: the sandbox's accounts and faults, money between services of one bank,
//! and `kill -9` in between.

use reqwest::Method;
use serde_json::json;

use crate::bank_partner::{ACCOUNT, Bank, FUNDS, code, line_id, order, with};
use crate::place::Place;

/// The account of demo service 27.
const MARKETPLACE: &str = "29896000200000401070";

/// Endings of accounts whose orders are accepted, and how they end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endings_of_accounts_have_their_meaning() {
    let bank = Bank::at(Place::sqlite()).await;
    let account = |ending: &str| format!("2020800090512345{ending}");
    let answer = bank.partner.post("/payment", order("e1", 100, &account("1111"))).await;
    assert_eq!(code(&answer), 1111, "the order is there, only its answer is bad");
    let body = order("e2", 100, &account("8888")).to_string().into_bytes();
    let raw = bank.partner.send(Method::POST, "/payment", Some(body)).await;
    assert!(serde_json::from_str::<serde_json::Value>(&raw.text).is_err(), "{}", raw.text);
    bank.partner.accepted(order("e3", 100, &account("6666"))).await;
    bank.partner.accepted(order("e4", 100, &account("7777"))).await;
    let hanging = {
        let (partner, body) = (bank.partner.clone(), order("e5", 100, &account("9999")));
        tokio::spawn(async move { partner.post("/payment", body).await })
    };
    for (key, end) in [("e1", "Проведен"), ("e2", "Проведен"), ("e3", "Удален")]
    {
        assert_eq!(bank.partner.ended(key).await, end, "{key}");
    }
    crate::until("the order whose answer hangs", async || {
        (bank.partner.status("e5").await == (0, "Проведен".to_owned())).then_some(())
    })
    .await;
    assert!(!hanging.is_finished(), "an answer came that was never to come");
    hanging.abort();
    // Whoever stays, stays, and so does the money that is set aside for it.
    assert_eq!(bank.partner.status("e4").await, (0, "Введен".to_owned()));
    assert_eq!(bank.partner.balance(33).await, FUNDS - 400);
    bank.server.kill();
    crate::server::assert_verified(&bank.place);
}

/// The fault switch: before and after the effect, counted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_befall_as_many_calls_as_asked_for() {
    let bank = Bank::at(Place::sqlite()).await;
    bank.played.fault(json!({ "fault": "refuse", "code": 2222, "times": 1 })).await;
    bank.played.fault(json!({ "fault": "code_after_effect", "code": 1111, "times": 1 })).await;
    bank.played
        .fault(json!({ "fault": "refuse", "code": 1008, "calls": "status", "times": 1 }))
        .await;
    let post =
        async |key: &str| code(&bank.partner.post("/payment", order(key, 10, ACCOUNT)).await);
    assert_eq!(post("f1").await, 2222);
    assert_eq!(post("f2").await, 1111);
    assert_eq!(post("f3").await, 0);
    assert_eq!(bank.partner.status("f2").await.0, 1008, "so says the fault");
    assert_eq!(bank.partner.ended("f2").await, "Проведен");
    assert_eq!(bank.partner.status("f1").await.0, 1008, "nothing was created");
    assert_eq!(bank.partner.ended("f3").await, "Проведен");
    bank.played.fault(json!({ "fault": "delete", "times": 1 })).await;
    assert_eq!(post("f4").await, 0);
    assert_eq!(bank.partner.ended("f4").await, "Удален");
    bank.played.fault(json!({ "fault": "unavailable" })).await;
    let body = order("f5", 10, ACCOUNT).to_string().into_bytes();
    assert_eq!(bank.partner.send(Method::POST, "/payment", Some(body)).await.status, 503);
    bank.played.clear_faults().await;
    assert_eq!(post("f5").await, 0);
    assert_eq!(bank.partner.ended("f5").await, "Проведен");
    bank.finish().await;
}

/// An order to an account of a service here arrives there, once.
async fn money_arrives(place: Place) {
    let bank = Bank::at(place).await;
    bank.partner.accepted(order("t1", 1_500, MARKETPLACE)).await;
    assert_eq!(bank.partner.ended("t1").await, "Проведен");
    assert_eq!(bank.partner.balance(33).await, FUNDS - 1_500);
    assert_eq!(bank.partner.balance(27).await, FUNDS + 1_500);
    let [out, back] =
        [bank.partner.page(33, "2", 0).await, bank.partner.page(27, "1", line_id(27, 1)).await];
    assert_eq!((out.len(), back.len()), (1, 1));
    for key in ["accountPayer", "accountReceiver", "purpose", "amount", "docNumber"] {
        assert_eq!(out[0][key], back[0][key], "{key}");
    }
    // To the same account at another bank it leaves.
    let away = with(order("t2", 100, MARKETPLACE), json!({ "mfoReceiver": "00450" }));
    bank.partner.accepted(away).await;
    assert_eq!(bank.partner.ended("t2").await, "Проведен");
    assert_eq!(bank.partner.balance(27).await, FUNDS + 1_500);
    bank.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_arrives_at_services_here_on_sqlite() {
    money_arrives(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_arrives_at_services_here_on_postgres() {
    money_arrives(Place::postgres().await).await;
}

/// Killed between the arrival and the departure of the same money: it arrives once, and the order
/// is carried out although the receiver's bank would refuse it now.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_between_arrival_and_departure_loses_nothing() {
    let bank = Bank::at(Place::sqlite()).await;
    bank.played.hold("bank.money_arrived").await;
    bank.partner.accepted(order("k1", 700, MARKETPLACE)).await;
    bank.played.held("bank.money_arrived", 1).await;
    let place = bank.kill();
    let bank = Bank::again(place, "").await;
    bank.played.fault(json!({ "fault": "delete" })).await;
    assert_eq!(bank.partner.ended("k1").await, "Проведен");
    assert_eq!(bank.partner.balance(27).await, FUNDS + 700);
    assert_eq!(bank.partner.balance(33).await, FUNDS - 700);
    assert_eq!(bank.partner.page(27, "1", line_id(27, 1)).await.len(), 1);
    bank.finish().await;
}

/// Killed again and again under load: each accepted order ends once, and its line is there.
async fn kills_under_load(place: Place) {
    let turn = crate::heavy().await;
    let mut place = Some(place);
    let mut keys = Vec::new();
    for round in 0..8 {
        let bank = Bank::again(place.take().unwrap(), "").await;
        bank.played.settle_after(round % 3 * 20).await;
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let partner = bank.partner.clone();
                tokio::spawn(async move {
                    let mut keys = Vec::new();
                    for number in 0.. {
                        let key = format!("k-{round}-{writer}-{number}");
                        let body = order(&key, 10, ACCOUNT).to_string().into_bytes();
                        // What was not answered may be there all the same.
                        let sent = partner.try_send(Method::POST, "/payment", Some(body)).await;
                        keys.push((key, sent.is_ok()));
                        if sent.is_err() {
                            break;
                        }
                    }
                    keys
                })
            })
            .collect();
        // The moment is what is tried here, not something to wait for.
        tokio::time::sleep(std::time::Duration::from_millis(60 + 40 * round)).await;
        place = Some(bank.kill());
        for writer in writers {
            keys.extend(writer.await.unwrap());
        }
    }
    drop(turn);
    let bank = Bank::again(place.unwrap(), "").await;
    let mut posted = 0;
    for (key, answered) in &keys {
        if *answered || bank.partner.status(key).await.0 == 0 {
            assert_eq!(bank.partner.ended(key).await, "Проведен", "{key}");
            posted += 1;
        }
    }
    assert!(posted > 50, "the load was too light: {posted}");
    assert_eq!(bank.partner.balance(33).await, FUNDS - 10 * posted);
    bank.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_under_load_on_sqlite() {
    kills_under_load(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_under_load_on_postgres() {
    kills_under_load(Place::postgres().await).await;
}

/// Money from outside: booked once for a reference, and only when it makes sense.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_from_outside_is_checked() {
    let bank = Bank::at(Place::sqlite()).await;
    let good = json!({ "service": 33, "amount": 5, "reference": "r" });
    bank.played.incoming(good.clone()).await;
    let cases = [
        (404, json!({ "service": 99 })),
        (404, json!({ "service": null, "account": "1" })),
        (422, json!({ "service": null })),
        (422, json!({ "account": MARKETPLACE })),
        (422, json!({ "amount": 0 })),
        (422, json!({ "amount": -5 })),
        (422, json!({ "reference": "" })),
        (422, json!({ "reference": "order:1" })),
        (422, json!({ "purpose": "\u{1}" })),
        (422, json!({ "payer": { "mfo": "1" } })),
    ];
    for (status, changes) in cases {
        assert_eq!(
            bank.played.bad_incoming(&with(good.clone(), changes.clone())).await,
            status,
            "{changes}"
        );
    }
    let flood = json!({ "service": 33, "amount": i64::MAX, "reference": "too much" });
    assert_eq!(bank.played.bad_incoming(&flood).await, 422);
    assert_eq!(bank.partner.balance(33).await, FUNDS + 5);
    bank.finish().await;
}
