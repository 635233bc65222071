//! A pinpad beside its payments: who hangs up, who asks again, reports, copies of slips, and
//! operations that somebody has made without Chorsu.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::place::Place;
use crate::server;
use crate::till_stand::{Chorsu, Control, State, Told, till_settings};
use crate::wire;

async fn totals(control: &Control, till: &str) -> (i64, i64) {
    let totals = control.journal(till).await["totals"].clone();
    let total = |name: &str| totals[name].as_i64().unwrap();
    (total("sales"), total("voids"))
}

/// Asks for a payment and hangs up while the customer is typing the PIN.
async fn hang_up(chorsu: &Chorsu, key: Option<&str>) {
    let slow = json!({ "fault": "delay", "delay_ms": 1_500, "times": 1, "calls": "sale" });
    chorsu.control().add_pinpad_fault("default", slow).await;
    let url = format!("{}/payment/xumo", chorsu.url());
    let request = wire::client().post(url).timeout(Duration::from_millis(500));
    let request = request.body(json!({ "amount": 50_000 }).to_string());
    let request = match key {
        Some(key) => request.header("Idempotency-Key", key),
        None => request,
    };
    assert!(wire::send(request).await.is_err(), "it was not that fast");
}

/// A till that has hung up asks for the payment again, and only a key tells the two apart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_till_that_hangs_up_on_a_pinpad() {
    let chorsu = Chorsu::start(Place::sqlite(), "").await;
    let control = chorsu.control();
    hang_up(&chorsu, None).await;
    let busy = chorsu.till().card(50_000).await.no();
    assert_eq!(busy, (108, "The pinpad serves another customer.".to_owned()));
    chorsu.wait_until_settled().await;
    assert_eq!(chorsu.states(50_000).await, [State::Reversed]);
    assert_eq!(totals(&control, "default").await, (1, 1));
    chorsu.till().card(50_000).await.done();
    assert_eq!(totals(&control, "default").await, (2, 1));
    assert_eq!(chorsu.balance("network:humo").await, 50_000);

    hang_up(&chorsu, Some("sale-1")).await;
    let keyed = chorsu.till().with_key("sale-1");
    let told = keyed.card(50_000).await.done();
    assert_eq!(keyed.card(50_000).await.done(), told);
    assert_eq!(totals(&control, "default").await, (3, 1));
    assert_eq!(chorsu.balance("network:humo").await, 100_000);
    chorsu.finish().await;
}

/// A PIN takes longer than a till waits for a wallet. Whoever asks again with the key of a payment
/// under way does not spoil it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_asked_again_while_the_pin_is_typed() {
    let chorsu = Chorsu::start(Place::sqlite(), &till_settings("hasty", 1)).await;
    let slow = json!({ "fault": "delay", "delay_ms": 3_000, "times": 1, "calls": "sale" });
    chorsu.control().add_pinpad_fault("hasty", slow).await;
    let till = chorsu.till().named("hasty").with_key("sale-1");
    let first = tokio::spawn({
        let till = till.clone();
        async move { till.card(50_000).await }
    });
    crate::until("the payment is at the pinpad", async || {
        (totals(&chorsu.control(), "hasty").await == (1, 0)).then_some(())
    })
    .await;
    let second = till.card(50_000).await.done();
    assert_eq!(first.await.unwrap().done(), second);
    chorsu.wait_until_settled().await;
    assert_eq!(totals(&chorsu.control(), "hasty").await, (1, 0));
    chorsu.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_wait_for_the_outcome_of_a_payment() {
    let chorsu = Chorsu::start(Place::sqlite(), &till_settings("hasty", 1)).await;
    let (till, control) = (chorsu.till().named("hasty"), chorsu.control());
    let rules = [
        json!({ "fault": "crash_after", "calls": "sale", "times": 1 }),
        json!({ "fault": "crash_before", "calls": "last", "times": 4 }),
    ];
    for rule in rules {
        control.add_pinpad_fault("hasty", rule).await;
    }
    let Told::Unknown(_) = till.card(50_000).await else { panic!("it is known") };
    for path in ["/payment/xumo_close", "/payment/xumo_shortreport/"] {
        assert_eq!(till.get(path).await.no().0, 108, "{path}");
    }
    assert_eq!(control.journal("hasty").await["shift"], 1, "the money can still go back");
    chorsu.wait_until_settled().await;
    assert_eq!(chorsu.states(50_000).await, [State::Reversed]);
    till.get("/payment/xumo_close").await.done();
    chorsu.finish().await;
}

#[tokio::test]
async fn copies_of_reports_and_of_voids() {
    let chorsu = Chorsu::start(Place::sqlite(), "").await;
    let till = chorsu.till();
    let none = (108, "The pinpad has not been reconciled yet.".to_owned());
    assert_eq!(till.get("/payment/xumo_close/print_last").await.no(), none);
    let text = |slip: &Value| slip["message"].as_str().unwrap().to_owned();

    let first = till.card(50_000).await.done();
    let rrn = first["ppt_id"].as_str().unwrap();
    let voided = till.void(rrn, 50_000).await.done();
    assert!(text(&voided).contains("ОПЕРАЦИЯ ОТМЕНЕНА"), "{voided}");
    assert_eq!(till.void(rrn, 50_000).await.done(), voided, "the slip of the void, once more");

    let keyed = till.with_key("sale-1");
    let paid = keyed.card(60_000).await.done();
    let closed = till.get("/payment/xumo_close").await.done();
    let (code, message) = till.void(paid["ppt_id"].as_str().unwrap(), 60_000).await.no();
    assert!(code == 108 && message.contains("302"), "{code} {message}");
    assert_eq!(keyed.card(60_000).await.done(), paid, "a refused void leaves the sale as it was");
    for path in ["/payment/xumo_close/print_last", "/payment/xumo_close/print_last/"] {
        assert_eq!(till.get(path).await.done(), closed, "{path}");
    }
    assert!(closed["ppt_id"].is_null() && text(&closed).contains("Сверка"), "{closed}");
    assert_eq!(till.named("other").get("/payment/xumo_close/print_last").await.no(), none);

    // The same on paper.
    let printed = async |query: &str| {
        let path = format!("/payment/xumo/print_last{query}");
        till.try_raw(Method::GET, &path).await
    };
    let (kind, bytes) = printed("?format=text&width=42").await;
    let on_paper = String::from_utf8(bytes).unwrap();
    assert!(kind.starts_with("text/plain") && on_paper.contains("ОТКЛОНЕНА"), "{on_paper}");
    for (query, want) in [("?format=png", "image/png"), ("?format=pdf", "application/pdf")] {
        assert_eq!(printed(query).await.0, want);
    }
    let wrong = till.get("/payment/xumo/print_last?format=gif&width=7").await.no();
    assert_eq!(wrong.0, 7);
    assert!(wrong.1.contains("format") && wrong.1.contains("width"), "{}", wrong.1);
    chorsu.finish().await;
}

/// Operations that somebody has made at the pinpad with another program are no payments of ours,
/// and neither is a refusal that came before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_slip_of_another_operation_is_no_outcome() {
    let chorsu = Chorsu::start(Place::sqlite(), "").await;
    let (till, control) = (chorsu.till(), chorsu.control());
    till.card(1_000).await.done();
    let folder = chorsu.place.data().join("pinpad/default").canonicalize().unwrap();
    let mut outside = server::command("pinpad");
    outside.arg("--dir").arg(&folder).args(["--", "/o1", "/a50000", "/c860"]);
    assert!(outside.status().unwrap().success());
    let crash = json!({ "fault": "crash_before", "calls": "sale", "times": 1 });
    control.add_pinpad_fault("default", crash.clone()).await;
    assert_eq!(till.card(50_000).await.no().0, 108);
    assert_eq!(chorsu.states(50_000).await, [State::Declined]);

    let refuse = json!({ "fault": "refuse", "code": "116", "calls": "sale", "times": 1 });
    control.add_pinpad_fault("default", refuse).await;
    assert_eq!(till.card(70_000).await.no().0, 108);
    control.add_pinpad_fault("default", crash).await;
    let (code, message) = till.card(70_000).await.no();
    assert!(code == 108 && !message.contains("116"), "{code} {message}");
    assert_eq!(chorsu.balance("network:humo").await, 1_000);
    chorsu.finish().await;
}
