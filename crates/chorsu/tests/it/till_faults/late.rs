//! Payments that arrive after everybody has given them up, and answers that are lost for good.

use chorsu_connectors::Secret;
use chorsu_connectors::click::{ClickLink, ClickSettings, answer};
use chorsu_connectors::http::{HttpClient, HttpSettings};
use chorsu_connectors::wallet::{SETTLED_AFTER, Verdict};
use chorsu_sandbox::DEMO_CLICK;
use serde_json::{Value, json};

use crate::place::Place;
use crate::till_stand::{Chorsu, Control, State, Told, contracts, till_settings};

/// A server with a till that waits long and one that does not, and one that plays its wallets.
async fn stand(more: &str) -> (Chorsu, Chorsu) {
    let wallets = Chorsu::start(Place::sqlite(), "").await;
    let contracts = contracts(&wallets.control()).await;
    let till = |name, budget| till_settings(name, budget) + more + &contracts;
    let settings = till("patient", 20) + &till("hasty", 1);
    (Chorsu::start(Place::sqlite(), &settings).await, wallets)
}

async fn history(chorsu: &Chorsu, id: &str) -> (Value, Vec<String>) {
    let history = chorsu.till().status(id).await;
    let steps = history["steps"].as_array().unwrap().iter();
    let events = steps.map(|step| step["event"].as_str().unwrap().to_owned()).collect();
    (history["status"].clone(), events)
}

/// Click has not seen the payment for as long as is waited, so it is declined; then it comes. The
/// till was told "no", so the money goes back, also when the process is another one by then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_after_it_was_declined_goes_back() {
    let (mut chorsu, wallets) = stand("").await;
    let control = wallets.control();
    for (delay_ms, is_killed) in [(7_000, false), (8_000, true)] {
        let late = json!({ "fault": "late", "delay_ms": delay_ms, "times": 1 });
        control.add_fault("click", late).await;
        let code = control.code("click").await;
        let told = chorsu.till().named("patient").scan("click", &code, 500).await;
        let Told::No { code: 106, data, .. } = told else { panic!("{told:?}") };
        let id = data["transaction_id"].as_str().unwrap();
        let (status, _) = history(&chorsu, id).await;
        assert_eq!(status, "declined");
        if is_killed {
            chorsu.kill();
            chorsu.start_again().await;
        }
        crate::until("the money is back", async || {
            let (status, _) = history(&chorsu, id).await;
            (status == "reversed").then_some(())
        })
        .await;
        let (_, mut events) = history(&chorsu, id).await;
        // As often as it was asked too early.
        events.retain(|event| event != "not_seen");
        assert_eq!(events, ["sent", "declined", "succeeded", "reversing", "reversed"]);
    }
    let totals = control.totals("click").await;
    assert_eq!((&totals["payments"], &totals["net"]), (&json!(2), &json!(0)));
    assert_eq!(chorsu.balance("wallet:click").await, 0);
    assert_eq!(chorsu.states(50_000).await, [State::Reversed; 2]);
    chorsu.finish().await;
}

/// The cashier was told "unknown" and took cash; then asks by the same scan, as the document says.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asking_by_the_same_scan_takes_no_money() {
    let (chorsu, wallets) = stand("").await;
    let control = wallets.control();
    for wallet in ["click", "payme"] {
        let lost = json!({ "fault": "drop_before", "times": 1 });
        control.add_fault(wallet, lost).await;
        let code = control.code(wallet).await;
        let till = chorsu.till().named("hasty");
        let Told::Unknown(id) = till.scan(wallet, &code, 500).await else { panic!("{wallet}") };
        chorsu.wait_until_settled().await;
        assert_eq!(history(&chorsu, &id).await.0, "declined");
        // The code is as good as ever at its wallet.
        for _ in 0..2 {
            let (code, _) = till.scan(wallet, &code, 500).await.no();
            assert_eq!(code, 106, "{wallet}");
        }
        assert_eq!(control.totals(wallet).await["payments"], 0, "{wallet}");
    }
    chorsu.finish().await;
}

/// Turns the confirmation mode of the demo merchant's service at Click on.
async fn confirm_payments(control: &Control) {
    let providers = control.get("/providers").await;
    let mut providers = providers.as_array().unwrap().iter();
    let click = providers.find(|provider| provider["provider"] == "click").unwrap();
    let settings = ClickSettings {
        base_url: click["base_url"].as_str().unwrap().parse().unwrap(),
        merchant_user_id: DEMO_CLICK.merchant_user_id.to_string(),
        secret: Secret::new(DEMO_CLICK.secret_key),
        service_id: DEMO_CLICK.service_id,
        cashbox_code: None,
        confirmation_mode: true,
        not_found_after: SETTLED_AFTER,
        not_found_code: answer::NOT_FOUND,
    };
    let link = ClickLink::new(HttpClient::new(HttpSettings::default()), settings);
    assert_eq!(link.set_confirmation_mode(true).await.unwrap(), Verdict::Done(()));
}

/// The service is in confirmation mode and the till's settings do not say so; the confirmation is
/// lost. Whoever asks confirms: this process, or the next one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_to_be_confirmed_is_confirmed() {
    let (mut chorsu, wallets) = stand("").await;
    let control = wallets.control();
    confirm_payments(&control).await;
    for is_killed in [false, true] {
        for rule in [
            json!({ "fault": "delay", "delay_ms": 0, "times": 1 }),
            json!({ "fault": "drop_before", "times": 1 }),
        ] {
            control.add_fault("click", rule).await;
        }
        let (till, code) = (chorsu.till().named("patient"), control.code("click").await);
        if is_killed {
            chorsu.control().hold("till.answer_received").await;
        }
        let sent = tokio::spawn(async move { till.scan("click", &code, 500).await });
        if is_killed {
            chorsu.control().wait_for_held("till.answer_received", 1).await;
            chorsu.kill();
            chorsu.start_again().await;
            assert_eq!(sent.await.unwrap(), Told::Nothing);
        } else {
            sent.await.unwrap().done();
        }
        chorsu.wait_until_settled().await;
    }
    assert_eq!(chorsu.states(50_000).await, [State::Paid; 2]);
    assert_eq!(control.totals("click").await["net"], 100_000);
    assert_eq!(chorsu.balance("wallet:click").await, 100_000);
    chorsu.finish().await;
}

/// The till is told "unknown" while the database takes nothing. That is written down as soon as it
/// does, and before what became of the payment: the money goes back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_till_was_told_is_not_forgotten() {
    let chorsu = Chorsu::start(Place::postgres().await, &till_settings("hasty", 1)).await;
    let control = chorsu.control();
    let slow = json!({ "fault": "delay", "delay_ms": 6_000, "times": 1 });
    control.add_fault("click", slow).await;
    let (till, code) = (chorsu.till().named("hasty"), control.code("click").await);
    let sent = tokio::spawn(async move { till.scan("click", &code, 500).await });
    crate::until("the intent is durable", async || {
        (chorsu.states(50_000).await == [State::Open]).then_some(())
    })
    .await;
    let refuse = "ALTER TABLE document ADD CONSTRAINT nothing CHECK (false) NOT VALID";
    chorsu.place.rows(refuse).await;
    let told = sent.await.unwrap();
    chorsu.place.rows("ALTER TABLE document DROP CONSTRAINT nothing").await;
    let Told::Unknown(id) = told else { panic!("{told:?}") };
    chorsu.wait_until_settled().await;
    let (status, events) = history(&chorsu, &id).await;
    assert_eq!(status, "reversed");
    assert_eq!(events, ["sent", "told_unknown", "succeeded", "reversing", "reversed"]);
    assert_eq!(control.totals("click").await["net"], 0);
    chorsu.finish().await;
}
