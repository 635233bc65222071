//! The same payment asked for again: by the same scan, by the same idempotency key, at the same
//! time, by a till that has hung up. One charge, and everybody is told the same.

use std::time::Duration;

use serde_json::{Value, json};

use crate::place::Place;
use crate::till_stand::{Chorsu, State, Till, Told, WALLETS, till_settings};
use crate::wire;

/// Sends the same thing 32 times at once.
async fn at_once<F>(send: impl Fn() -> F) -> Vec<Told>
where
    F: Future<Output = Told> + Send + 'static,
{
    let sent: Vec<_> = (0..32).map(|_| tokio::spawn(send())).collect();
    let mut told = Vec::new();
    for answer in sent {
        told.push(answer.await.unwrap());
    }
    told
}

/// What all of them were told, which must be the same success.
fn the_one(told: Vec<Told>) -> Value {
    let mut told = told.into_iter().map(Told::done);
    let first = told.next().unwrap();
    assert!(told.all(|other| other == first), "{first}");
    first
}

async fn scans_at_once(place: Place) {
    let chorsu = Chorsu::start(place, "").await;
    let (till, control) = (chorsu.till(), chorsu.control());
    for wallet in WALLETS {
        control.set_latency(wallet, 50).await;
        let code = control.code(wallet).await;
        let scan = || {
            let (till, code) = (till.clone(), code.clone());
            async move { till.scan(wallet, &code, 500).await }
        };
        let paid = the_one(at_once(scan).await);
        let book = control.payments(wallet, 50_000).await;
        assert_eq!((book.len(), &book[0]["net"]), (1, &json!(50_000)), "{wallet}");
        assert_eq!(book[0]["payment_id"], paid["payment_id"]);
        assert_eq!(chorsu.balance(&format!("wallet:{wallet}")).await, 50_000);
    }
    assert_eq!(chorsu.states(50_000).await, [State::Paid; 3]);
    chorsu.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scans_at_once_on_sqlite() {
    scans_at_once(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scans_at_once_on_postgres() {
    scans_at_once(Place::postgres().await).await;
}

/// Whoever waits too long is told that nobody knows, all of them, and the money goes back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scans_at_once_that_take_too_long() {
    let chorsu = Chorsu::start(Place::sqlite(), &till_settings("hasty", 1)).await;
    let (till, control) = (chorsu.till().named("hasty"), chorsu.control());
    for wallet in WALLETS {
        let slow = json!({ "fault": "delay", "delay_ms": 2_500, "times": 1 });
        control.add_fault(wallet, slow).await;
        let code = control.code(wallet).await;
        let scan = || {
            let (till, code) = (till.clone(), code.clone());
            async move { till.scan(wallet, &code, 500).await }
        };
        let told = at_once(scan).await;
        let Told::Unknown(id) = &told[0] else { panic!("{:?}", told[0]) };
        for other in &told {
            // On a busy machine some come when the money is on its way back already.
            let is_true = match other {
                Told::Unknown(other) => other == id,
                Told::No { code: 105, data, .. } => data["transaction_id"] == **id,
                _ => false,
            };
            assert!(is_true, "{other:?}");
        }
        chorsu.wait_until_settled().await;
        assert_eq!(till_status(&chorsu, id).await, "reversed");
        assert_eq!(control.totals(wallet).await["net"], 0);
    }
    chorsu.finish().await;
}

async fn till_status(chorsu: &Chorsu, id: &str) -> String {
    chorsu.till().status(id).await["status"].as_str().unwrap().to_owned()
}

/// A scan that is repeated after a crash, while its truth is still being found out: whoever is told
/// that nobody knows gets the money back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_during_the_search() {
    let mut chorsu = Chorsu::start(Place::sqlite(), &till_settings("hasty", 1)).await;
    let code = chorsu.control().code("click").await;
    chorsu.control().hold("till.answer_received").await;
    let (till, scanned) = (chorsu.till(), code.clone());
    let first = tokio::spawn(async move { till.named("hasty").scan("click", &scanned, 500).await });
    chorsu.control().wait_for_held("till.answer_received", 1).await;
    chorsu.kill();
    // It was killed before or after the till's second was up.
    let first = first.await.unwrap();
    chorsu.start_again().await;
    for wallet in WALLETS {
        let silent = json!({ "fault": "drop_before", "calls": "ask", "times": 5 });
        chorsu.control().add_fault(wallet, silent).await;
    }
    let told = chorsu.till().named("hasty").scan("click", &code, 500).await;
    chorsu.wait_until_settled().await;
    let net = chorsu.control().totals("click").await["net"].clone();
    let wanted = match (&first, &told) {
        (Told::Nothing, Told::Done(_)) => 50_000,
        (_, Told::Unknown(_) | Told::No { .. }) => 0,
        told => panic!("{told:?}"),
    };
    assert_eq!(net, wanted, "{first:?} {told:?}");
    chorsu.finish().await;
}

#[tokio::test]
async fn the_same_code_for_something_else() {
    let chorsu = Chorsu::start(Place::sqlite(), "").await;
    let (till, control) = (chorsu.till(), chorsu.control());
    for wallet in WALLETS {
        let code = control.code(wallet).await;
        let paid = till.scan(wallet, &code, 500).await.done();
        let used = json!({ "qr_code": ["This code was used for another payment."] }).to_string();
        for told in [
            till.scan(wallet, &code, 501).await,
            till.scan(wallet, &code, 499).await,
            till.named("other").scan(wallet, &code, 500).await,
        ] {
            assert_eq!(told.no(), (7, used.clone()), "{wallet}");
        }
        assert_eq!(till.scan(wallet, &code, 500).await.done(), paid);
        assert_eq!(control.totals(wallet).await["payments"], 1);
        // A refused one is no payment: the customer may put money on the card and try again.
        control.add_fault(wallet, json!({ "fault": "refuse", "times": 1 })).await;
        let code = control.code(wallet).await;
        assert_eq!(till.scan(wallet, &code, 700).await.no().0, 106);
        till.scan(wallet, &code, 700).await.done();
        assert_eq!(control.totals(wallet).await["net"], 120_000);
    }
    chorsu.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_key() {
    let mut chorsu = Chorsu::start(Place::sqlite(), "").await;
    let (till, control) = (chorsu.till().with_key("sale-1"), chorsu.control());
    // A pinpad has no code that would keep two payments apart: the key does.
    let card = || {
        let till = till.clone();
        async move { till.card(50_000).await }
    };
    let paid = the_one(at_once(card).await);
    let sold = control.journal("default").await["totals"].clone();
    assert_eq!((&sold["sales"], &sold["sold"]), (&json!(1), &json!(50_000)));
    let reused = json!({ "Idempotency-Key": ["The key was used for another request."] });
    let reused = (7, reused.to_string());
    assert_eq!(till.card(50_001).await.no(), reused);
    let code = control.code("click").await;
    assert_eq!(till.scan("click", &code, 500).await.no(), reused);
    assert_eq!(till.void(paid["ppt_id"].as_str().unwrap(), 50_000).await.no(), reused);
    // Tills of one merchant may count alike; nobody gets the slip of another till's customer.
    assert_eq!(till.named("other").card(50_000).await.no(), reused);
    let next = chorsu.till().with_key("sale-2").card(50_000).await.done();
    assert_ne!(next["ppt_id"], paid["ppt_id"]);

    let keyed = chorsu.till().with_key("scan-1");
    let scan = || {
        let (till, code) = (keyed.clone(), code.clone());
        async move { till.scan("click", &code, 500).await }
    };
    let scanned = the_one(at_once(scan).await);
    control.add_fault("payme", json!({ "fault": "refuse", "times": 1 })).await;
    let refused = (chorsu.till().with_key("refused"), control.code("payme").await);
    let (refused, code_of_refused) = refused;
    let no = refused.scan("payme", &code_of_refused, 500).await;
    assert!(matches!(no, Told::No { code: 106, .. }), "{no:?}");

    chorsu.kill();
    chorsu.start_again().await;
    let till = |key| chorsu.till().with_key(key);
    assert_eq!(till("sale-1").card(50_000).await.done(), paid);
    assert_eq!(till("scan-1").scan("click", &code, 500).await.done(), scanned);
    // The same key is the same payment, and that one was refused.
    assert_eq!(till("refused").scan("payme", &code_of_refused, 500).await, no);
    assert_eq!(chorsu.control().totals("click").await["payments"], 1);
    assert_eq!(chorsu.control().totals("payme").await["payments"], 0);
    for key in ["", " ", &"x".repeat(256)] {
        let (code, message) = till(key).card(50_000).await.no();
        assert!(code == 7 && message.contains("Idempotency-Key"), "{key}: {message}");
    }
    assert_eq!(chorsu.balance("network:humo").await, 100_000);
    chorsu.finish().await;
}

/// A till that hangs up has not taken anything back: the payment goes on, and the same scan finds it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_till_that_hangs_up() {
    let chorsu = Chorsu::start(Place::sqlite(), "").await;
    let control = chorsu.control();
    for wallet in WALLETS {
        control.set_latency(wallet, 300).await;
        let code = control.code(wallet).await;
        let url = format!("{}/payment/{wallet}", chorsu.url());
        let body = json!({ "amount": 500, "qr_code": code }).to_string();
        let request = wire::client().post(url).timeout(Duration::from_millis(100)).body(body);
        assert!(wire::send(request).await.is_err(), "it was not that fast");
        let paid = chorsu.till().scan(wallet, &code, 500).await.done();
        let book = control.payments(wallet, 50_000).await;
        assert_eq!((book.len(), &book[0]["net"]), (1, &json!(50_000)), "{wallet}");
        assert_eq!(book[0]["payment_id"], paid["payment_id"]);
    }
    chorsu.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn voids() {
    let chorsu = Chorsu::start(Place::sqlite(), "").await;
    let (till, control) = (chorsu.till(), chorsu.control());
    let paid = till.card(50_000).await.done();
    let rrn = paid["ppt_id"].as_str().unwrap().to_owned();
    let amount = json!({ "amount": ["The amount is not that of the payment."] }).to_string();
    assert_eq!(till.void(&rrn, 49_999).await.no(), (7, amount));
    let nobody = json!({ "request_id": ["There is no such payment here."] }).to_string();
    assert_eq!(till.named("other").void(&rrn, 50_000).await.no(), (7, nobody));
    assert_eq!(control.journal("default").await["totals"]["voids"], 0);

    let void = || {
        let (till, rrn) = (till.clone(), rrn.clone());
        async move { till.void(&rrn, 50_000).await }
    };
    let mut done = 0;
    for told in at_once(void).await {
        match told {
            Told::Done(slip) => {
                assert_eq!(slip["ppt_id"], rrn.as_str());
                done += 1;
            }
            // The first of them is still at it.
            Told::Unknown(_) => {}
            told @ (Told::No { .. } | Told::Nothing) => panic!("{told:?}"),
        }
    }
    assert!(done > 0);
    assert_eq!(till.void(&rrn, 50_000).await.done()["ppt_id"], rrn.as_str());
    let totals = control.journal("default").await["totals"].clone();
    assert_eq!((&totals["voids"], &totals["voided"]), (&json!(1), &json!(50_000)));
    assert_eq!(chorsu.balance("network:humo").await, 0);

    // After the reconciliation the shift is closed, and the pinpad refuses.
    let paid = till.card(60_000).await.done();
    till.get("/payment/xumo_close").await.done();
    let (code, message) = till.void(paid["ppt_id"].as_str().unwrap(), 60_000).await.no();
    assert!(code == 108 && message.contains("302"), "{code} {message}");
    assert_eq!(chorsu.balance("network:humo").await, 60_000);
    assert_eq!(chorsu.states(60_000).await, [State::Paid]);
    chorsu.finish().await;
}

/// Only the last slip can tell what became of a payment, so the next one waits for that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pinpad_whose_last_payment_has_no_outcome() {
    let chorsu = Chorsu::start(Place::sqlite(), &till_settings("hasty", 1)).await;
    let (till, control) = (chorsu.till().named("hasty"), chorsu.control());
    let rules = [
        json!({ "fault": "crash_after", "calls": "sale", "times": 1 }),
        json!({ "fault": "crash_before", "calls": "last", "times": 4 }),
    ];
    for rule in rules {
        control.add_pinpad_fault("hasty", rule).await;
    }
    let Told::Unknown(lost) = till.card(50_000).await else { panic!("it is known") };
    let history = format!("/payment/status/{lost}");
    assert_eq!(till.get(&history).await.done()["status"], "unknown");
    assert_eq!(chorsu.till().named("other").get(&history).await.no().0, 7, "of another till");
    let busy = (108, "The pinpad serves another customer.".to_owned());
    assert_eq!(till.card(50_000).await.no(), busy);
    chorsu.wait_until_settled().await;
    assert_eq!(till_status(&chorsu, &lost).await, "reversed");
    let totals = control.journal("hasty").await["totals"].clone();
    assert_eq!((&totals["sales"], &totals["voids"]), (&json!(1), &json!(1)));
    till.card(50_000).await.done();
    assert_eq!(chorsu.balance("network:humo").await, 50_000);
    chorsu.finish().await;
}

/// Money that has to go back is asked for again and again, whatever the wallet says. One that refuses
/// for as long as the settings say keeps it: the books say so, and the till is told when it asks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reversals_that_are_refused() {
    let settings = till_settings("hasty", 1) + "give_back_seconds = 25\n";
    let chorsu = Chorsu::start(Place::sqlite(), &settings).await;
    let (till, control): (Till, _) = (chorsu.till().named("hasty"), chorsu.control());
    let mut lost = Vec::new();
    for wallet in WALLETS {
        let slow = json!({ "fault": "delay", "delay_ms": 2_000, "times": 1 });
        control.add_fault(wallet, slow).await;
        control.add_fault(wallet, json!({ "fault": "refuse", "calls": "reverse" })).await;
        let code = control.code(wallet).await;
        let Told::Unknown(id) = till.scan(wallet, &code, 500).await else { panic!("{wallet}") };
        lost.push((wallet, code, id));
    }
    // Payme refuses no longer, after more than one round of tries has been refused.
    tokio::time::sleep(Duration::from_secs(24)).await;
    for (wallet, _, id) in &lost {
        assert_eq!(till_status(&chorsu, id).await, "reversing", "{wallet}");
    }
    control.clear_faults("payme").await;
    chorsu.wait_until_settled().await;
    for (wallet, code, id) in lost {
        let history = chorsu.till().status(&id).await;
        let last = history["steps"].as_array().unwrap().last().unwrap();
        let state = (&history["status"], &last["event"]);
        if wallet == "payme" {
            assert_eq!(state, (&json!("reversed"), &json!("reversed")));
            assert_eq!(control.totals(wallet).await["net"], 0);
            continue;
        }
        assert_eq!(state, (&json!("succeeded"), &json!("reversal_refused")));
        assert!(last["note"].is_string(), "{history}");
        assert_eq!(control.totals(wallet).await["net"], 50_000, "{wallet}");
        assert_eq!(chorsu.balance(&format!("wallet:{wallet}")).await, 50_000);
        till.scan(wallet, &code, 500).await.done();
    }
    chorsu.finish().await;
}

/// A key stands for its call wherever it is used: where something begins, and where it is known.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_key_for_what_is_known() {
    let chorsu = Chorsu::start(Place::sqlite(), "").await;
    let (till, control) = (chorsu.till(), chorsu.control());
    let reused = json!({ "Idempotency-Key": ["The key was used for another request."] });
    let reused = (7, reused.to_string());

    let code = control.code("click").await;
    let paid = till.scan("click", &code, 500).await.done();
    let keyed = till.with_key("known");
    assert_eq!(keyed.scan("click", &code, 500).await.done(), paid);
    let other = control.code("click").await;
    assert_eq!(keyed.scan("click", &other, 500).await.no(), reused);

    let url = "https://ofd.soliq.uz/check?t=UZ170703100597&r=2421&c=20230104121801&s=514343190161";
    let confirm =
        |payment_id: &str| json!({ "payment_id": payment_id, "qr_code": url }).to_string();
    let body = confirm(paid["payment_id"].as_str().unwrap());
    let keyed = till.with_key("receipt");
    let done = keyed.post("/payment/click_confirm", body.clone()).await.done();
    assert_eq!(keyed.post("/payment/click_confirm", body).await.done(), done);
    let second = till.scan("click", &other, 500).await.done();
    let body = confirm(second["payment_id"].as_str().unwrap());
    assert_eq!(keyed.post("/payment/click_confirm", body).await.no(), reused);
    assert_eq!(control.totals("click").await["fiscal_delivered"], 1);

    let keyed = till.with_key("void");
    let (first, second) = (till.card(50_000).await.done(), till.card(50_000).await.done());
    let rrn = |slip: &serde_json::Value| slip["ppt_id"].as_str().unwrap().to_owned();
    keyed.void(&rrn(&first), 50_000).await.done();
    keyed.void(&rrn(&first), 50_000).await.done();
    assert_eq!(keyed.void(&rrn(&second), 50_000).await.no(), reused);
    assert_eq!(control.journal("default").await["totals"]["voids"], 1);
    chorsu.finish().await;
}
