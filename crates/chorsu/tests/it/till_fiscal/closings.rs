//! Closing a shift under an idempotency key: the same key again is the same close, whatever
//! happened in between.

use serde_json::{Value, json};

use super::client::{Till, code, message, order};
use crate::place::Place;
use crate::server::{Server, assert_verified};
use crate::until;
use crate::world::World;

fn close() -> Value {
    json!({ "close_zreport": true, "name": "Z" })
}

/// An open shift with one sale in it.
async fn selling(server: &Server, name: &str) -> Till {
    let till = Till::open(server, name).await;
    till.post("/order", &order(1_000, 0)).await.unwrap();
    till
}

#[tokio::test]
async fn the_same_key_is_the_same_close() {
    let world = World::sqlite().await;
    let till = selling(&world.server, "a").await;
    let first = till.post_with("/zreport/close", &close(), Some("z")).await.unwrap();
    assert_eq!(first["number"], 1);
    assert_eq!(till.post_with("/zreport/close/", &close(), Some("z")).await.unwrap(), first);
    assert_eq!(code(&till.post("/zreport/close", &close()).await), 9326, "no key, no memory");

    // The next shift is not closed by it, and a module out of reach does not take the answer away.
    let till = selling(&world.server, "a").await;
    assert_eq!(till.post_with("/zreport/close", &close(), Some("z")).await.unwrap(), first);
    let current = till.get("/zreport/info").await.unwrap();
    assert_eq!((&current["number"], &current["close_time"]), (&json!(2), &json!("")));
    till.change_module(json!({ "not_initialised": true })).await;
    assert_eq!(till.post_with("/zreport/close", &close(), Some("z")).await.unwrap(), first);
    // What was not answered for such a reason may be tried again.
    let out_of_reach = till.post_with("/zreport/close", &close(), Some("y")).await;
    assert_eq!(message(out_of_reach, 104), "BILLING_ERROR");
    till.change_module(json!({ "not_initialised": false })).await;
    let second = till.post_with("/zreport/close", &close(), Some("y")).await.unwrap();
    assert_eq!(second["number"], 2);
    world.finish().await;
}

#[tokio::test]
async fn a_refusal_and_another_use_of_a_key_are_told() {
    let world = World::sqlite().await;
    let till = Till::open(&world.server, "a").await;
    let said = message(till.post_with("/zreport/close", &close(), Some("empty")).await, 122);
    till.post("/order", &order(1_000, 0)).await.unwrap();
    let again = till.post_with("/zreport/close", &close(), Some("empty")).await;
    assert_eq!(message(again, 122), said, "the key stands for the answer it got");

    // Neither another body, nor another time, nor another call, nor another till is the same.
    let shown = json!({ "close_zreport": false });
    for (path, body) in [
        ("/zreport/close", shown.clone()),
        ("/zreport/close", json!({ "close_zreport": true })),
        ("/zreport/close?time=2026-11-22%2008:00:00", close()),
        ("/order", order(1_000, 0)),
    ] {
        assert_eq!(code(&till.post_with(path, &body, Some("empty")).await), 7, "{path} {body}");
    }
    let other = selling(&world.server, "b").await;
    assert_eq!(code(&other.post_with("/zreport/close", &close(), Some("empty")).await), 7);
    assert_eq!(code(&till.post_with("/zreport/close", &close(), Some("")).await), 7);

    // A time far from the clock, and a report that closes nothing, use no key up.
    let far = "/zreport/close?time=2020-01-01%2008:00:00";
    assert_eq!(code(&till.post_with(far, &close(), Some("z")).await), 104);
    assert_eq!(till.post_with("/zreport/close", &shown, Some("z")).await.unwrap()["number"], 1);
    till.post_with("/zreport/close", &close(), Some("z")).await.unwrap();
    let closed = till.post_with("/zreport/close", &close(), Some("closed")).await;
    assert_eq!(code(&closed), 9326);
    let till = selling(&world.server, "a").await;
    assert_eq!(code(&till.post_with("/zreport/close", &close(), Some("closed")).await), 9326);
    assert_eq!(till.get("/zreport/info").await.unwrap()["close_time"], "");
    world.finish().await;
}

#[tokio::test]
async fn a_lost_answer_is_found_out_under_a_key_too() {
    let world = World::sqlite().await;
    for (number, fault) in
        ["drop_before", "drop_after", "http_500", "broken_json"].iter().enumerate()
    {
        for calls in ["shifts", "questions", "all"] {
            let till = selling(&world.server, "a").await;
            let key = format!("{number} {calls}");
            till.add_fault(json!({ "fault": fault, "calls": calls, "times": 2 })).await;
            let first = till.post_with("/zreport/close", &close(), Some(&key)).await.unwrap();
            till.clear_faults().await;
            let again = till.post_with("/zreport/close", &close(), Some(&key)).await.unwrap();
            assert_eq!((&again, &first["total_sale_count"]), (&first, &json!(1)), "{key}");
        }
    }
    world.finish().await;
}

async fn at_once(place: Place) {
    let world = World::at(place).await;
    let till = selling(&world.server, "a").await;
    let sends = (0..32).map(|_| {
        let till = till.clone();
        tokio::spawn(async move { till.post_with("/zreport/close", &close(), Some("z")).await })
    });
    let mut answers = Vec::new();
    for send in sends.collect::<Vec<_>>() {
        answers.push(send.await.unwrap().unwrap());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    world.finish().await;
}

#[tokio::test]
async fn thirty_two_at_once_are_one_close() {
    at_once(Place::sqlite()).await;
}

#[tokio::test]
async fn thirty_two_at_once_are_one_close_on_postgres() {
    at_once(Place::postgres().await).await;
}

/// Two processes are asked for the same close at once: one of them closes the shift, and the other
/// one knows whose close that was.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_at_once_are_one_close() {
    let place = Place::postgres().await;
    let (a, b) = tokio::join!(Server::start(&place), Server::start(&place));
    for number in 1..=6 {
        let (one, other) = (selling(&a, "a").await, Till::at(&b, "a"));
        let (key, body) = (format!("z-{number}"), close());
        let (first, second) = tokio::join!(
            one.post_with("/zreport/close", &body, Some(&key)),
            other.post_with("/zreport/close", &body, Some(&key))
        );
        assert_eq!((&first.as_ref().unwrap()["number"], &second), (&json!(number), &first));
        assert_eq!(one.post_with("/zreport/close", &body, Some(&key)).await, first);
    }
    a.stop().await;
    b.stop().await;
    assert_verified(&place);
}

/// The places between two steps of a close, each with a till of its own. The last comes first:
/// whoever goes to a place passes those before it.
const PLACES: [(&str, &str); 3] =
    [("shift.answer_received", "c"), ("shift.second_durable", "b"), ("shift.intent_durable", "a")];

/// Holds a close at each place, and ends the process there.
async fn killed_in_the_middle(place: &Place) -> Server {
    let server = Server::start(place).await;
    for (at, name) in PLACES {
        let till = selling(&server, name).await;
        till.sandbox_post("/pauses", &json!({ "place": at })).await;
        let _sent = till.send_close(&close(), &key(name));
        until("the close is held", async || {
            (till.sandbox.get("/pauses").await[at] == 1).then_some(())
        })
        .await;
    }
    server.kill();
    let server = Server::start(place).await;
    for (at, name) in PLACES {
        let is_closed =
            Till::at(&server, name).get("/zreport/info").await.unwrap()["close_time"] != "";
        assert_eq!(is_closed, at == "shift.answer_received", "{at}");
    }
    server
}

async fn killed(place: Place) {
    let server = killed_in_the_middle(&place).await;
    for (at, name) in PLACES {
        let till = Till::at(&server, name);
        let answer = till.post_with("/zreport/close", &close(), Some(&key(name))).await.unwrap();
        assert_eq!(
            (&answer["number"], &answer["total_sale_count"]),
            (&json!(1), &json!(1)),
            "{at}"
        );
        assert_ne!(answer["close_time"], "", "{at}");
        let again = till.post_with("/zreport/close", &close(), Some(&key(name))).await.unwrap();
        assert_eq!(again, answer, "{at}");
    }
    server.stop().await;
    assert_verified(&place);
}

/// The key of a till's close.
fn key(till: &str) -> String {
    format!("z-{till}")
}

#[tokio::test]
async fn a_close_outlives_the_process() {
    killed(Place::sqlite()).await;
}

#[tokio::test]
async fn a_close_outlives_the_process_on_postgres() {
    killed(Place::postgres().await).await;
}

/// A close that somebody else has made meanwhile is nobody's but theirs, and the shift after it is
/// not the one that was meant.
#[tokio::test]
async fn a_close_that_was_lost_closes_no_other_shift() {
    let place = Place::sqlite();
    let server = killed_in_the_middle(&place).await;
    // A module's operations have seconds of their own, so these are ahead of the clock.
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    for (at, name) in PLACES {
        let till = Till::at(&server, name);
        if at != "shift.answer_received" {
            till.get("/zreport/close").await.unwrap();
        }
        selling(&server, name).await;
        let answer = till.post_with("/zreport/close", &close(), Some(&key(name))).await;
        match at {
            "shift.answer_received" => assert_eq!(answer.unwrap()["number"], 1),
            _ => assert_eq!(code(&answer), 9326, "{at}"),
        }
        let current = till.get("/zreport/info").await.unwrap();
        assert_eq!((&current["number"], &current["close_time"]), (&json!(2), &json!("")), "{at}");
    }
    server.stop().await;
    assert_verified(&place);
}
