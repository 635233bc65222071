//! What operators do about payments at the till: look at those without an outcome, say what became of
//! one, give one back.

use reqwest::Method;
use serde_json::{Value, json};

use crate::place::Place;
use crate::settlement::{self, V1};
use crate::shop::KASSA;
use crate::till_stand::{Chorsu, State, Told, WALLETS, till_settings};
use crate::wire;

async fn open(v1: &V1) -> Vec<Value> {
    let (status, open) = v1.call(Method::GET, "/till-payments/open", &Value::Null).await;
    assert_eq!(status, 200, "{open}");
    open["payments"].as_array().unwrap().clone()
}

async fn settle(v1: &V1, id: &str, said: &Value) -> (u16, Value) {
    v1.call(Method::POST, &format!("/till-payments/{id}/settle"), said).await
}

fn id_of(payment: &Value) -> String {
    payment["transaction_id"].as_str().unwrap().to_owned()
}

/// How many seconds the oldest payment without an outcome is old.
async fn oldest(chorsu: &Chorsu) -> u64 {
    let request = wire::client().get(format!("{}/metrics", chorsu.url()));
    let metrics = wire::send(request).await.unwrap().text;
    let line =
        metrics.lines().find_map(|line| line.strip_prefix("chorsu_till_oldest_open_seconds "));
    line.unwrap().parse().unwrap()
}

/// Payments whose answer stays away: one was taken, one was not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_else_can_end() {
    let mut chorsu = Chorsu::start(Place::sqlite(), &till_settings("hasty", 1)).await;
    let v1 = chorsu.v1();
    assert_eq!((open(&v1).await.len(), oldest(&chorsu).await), (0, 0));
    chorsu.control().hold("till.answer_received").await;
    chorsu.control().add_fault("click", json!({ "fault": "refuse", "times": 1 })).await;
    for wallet in ["click", "uzum"] {
        let code = chorsu.control().code(wallet).await;
        let told = chorsu.till().named("hasty").scan(wallet, &code, 500).await;
        assert!(matches!(told, Told::Unknown(_)), "{told:?}");
    }
    assert_eq!(open(&v1).await.len(), 0, "the partner does not pay this merchant out");
    v1.put_rule(KASSA, &settlement::rule()).await;
    let found = open(&v1).await;
    let said = |name: &str| found.iter().map(|one| one[name].clone()).collect::<Vec<_>>();
    assert_eq!(said("provider"), ["click", "uzum"]);
    assert_eq!(said("status"), ["unknown", "unknown"]);
    crate::until("some seconds", async || (oldest(&chorsu).await > 0).then_some(())).await;

    let [refused, taken] = [id_of(&found[0]), id_of(&found[1])];
    let note = "looked up at the provider";
    for (said, code) in [
        (json!({ "outcome": "paid", "note": note }), "bad_request"),
        (json!({ "outcome": "perhaps", "note": note }), "bad_request"),
        (json!({ "outcome": "not_paid", "note": " " }), "bad_request"),
        (json!({ "outcome": "returned", "note": note }), "state"),
    ] {
        let (_, answer) = settle(&v1, &refused, &said).await;
        assert_eq!(answer["error"]["code"], code, "{said} {answer}");
    }
    let (status, ended) =
        settle(&v1, &refused, &json!({ "outcome": "not_paid", "note": note })).await;
    assert_eq!((status, &ended["status"]), (200, &json!("declined")));
    let steps = ended["steps"].as_array().unwrap();
    let by_hand = steps.iter().find(|step| step["event"] == "settled_by_hand").unwrap();
    assert_eq!(by_hand["note"], format!("gray: {note}"));
    let number = chorsu.control().payments("uzum", 50_000).await[0]["payment_id"].clone();
    let paid = json!({ "outcome": "paid", "payment_id": number, "note": note });
    // Its till was told "unknown": it goes back.
    let (status, ended) = settle(&v1, &taken, &paid).await;
    assert_eq!((status, &ended["status"]), (200, &json!("reversing")), "{ended}");
    chorsu.wait_until_settled().await;
    let (status, answer) = settle(&v1, &taken, &paid).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("state")));
    assert_eq!(chorsu.control().totals("uzum").await["net"], 0);
    assert_eq!(chorsu.states(50_000).await, [State::Declined, State::Reversed]);
    // What is held must not keep the server from stopping.
    chorsu.kill();
    chorsu.start_again().await;
    chorsu.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn giving_a_payment_back() {
    let chorsu = Chorsu::start(Place::sqlite(), "").await;
    let (v1, control) = (chorsu.v1(), chorsu.control());
    v1.put_rule(KASSA, &settlement::rule()).await;
    for wallet in WALLETS {
        let code = control.code(wallet).await;
        let paid = chorsu.till().scan(wallet, &code, 500).await.done();
        let number = paid["payment_id"].as_str().unwrap();
        let path = format!("/till-payments/find?provider={wallet}&payment_id={number}");
        let (status, found) = v1.call(Method::GET, &path, &Value::Null).await;
        assert_eq!((status, &found["status"]), (200, &json!("succeeded")), "{found}");
        let path = format!("/till-payments/{}/reverse", id_of(&found));
        let refused = v1.refused(Method::POST, &path, json!({ "amount": 49_999 })).await;
        assert_eq!(refused, (422, "amount".to_owned()), "a part of it");
        let stranger = v1.with_login("gray", "wrong");
        assert_eq!(stranger.refused(Method::POST, &path, json!({})).await.0, 401);

        control
            .add_fault(wallet, json!({ "fault": "refuse", "calls": "reverse", "times": 1 }))
            .await;
        let (status, answer) = v1.call(Method::POST, &path, &Value::Null).await;
        assert_eq!((status, &answer["error"]["code"]), (409, &json!("refused")), "{answer}");
        assert_eq!(control.totals(wallet).await["net"], 50_000);
        let lost = json!({ "fault": "drop_after", "calls": "reverse", "times": 1 });
        control.add_fault(wallet, lost).await;
        for _ in 0..2 {
            let (status, back) = v1.call(Method::POST, &path, &json!({ "amount": 50_000 })).await;
            assert_eq!((status, &back["status"]), (200, &json!("reversed")), "{back}");
        }
        let totals = control.totals(wallet).await;
        assert_eq!((&totals["net"], &totals["reversals"]), (&json!(0), &json!(1)), "{wallet}");
        assert_eq!(chorsu.balance(&format!("wallet:{wallet}")).await, 0);
    }
    let nobody = "/till-payments/019aab3e-6f0c-7c41-9a5e-2d1b8f6a7c30/reverse";
    assert_eq!(v1.refused(Method::POST, nobody, json!({})).await.0, 404);
    chorsu.finish().await;
}
