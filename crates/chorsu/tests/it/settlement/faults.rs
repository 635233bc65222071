//! Shares that the bank refuses, money that is not there any more, and days that are settled late.

use reqwest::Method;
use serde_json::{Value, json};

use super::{V1, id_of, payee, plain_rule, rule, today};
use crate::bank_partner::{ACCOUNT, Bank, FUNDS, order};
use crate::pans;
use crate::place::Place;
use crate::shop::{KASSA, Shop};

/// An account whose orders the played bank deletes.
const DELETED: &str = "20208000905123456666";

async fn opened(place: Place) -> (Bank, V1, Shop, String) {
    let bank = Bank::at(place).await;
    let (v1, shop) = (V1::at(&bank.server), Shop::at(&bank.server));
    let token = shop.card(&pans::fresh("8600"), true).await;
    (bank, v1, shop, token)
}

fn path(id: &str, what: &str) -> String {
    format!("/settlements/{id}/{what}")
}

async fn refused_shares_wait_in_suspense(place: Place) {
    let (bank, v1, shop, token) = opened(place).await;
    shop.paid(1_000_000, &token).await;
    let mut rule = plain_rule(DELETED);
    rule["bank_fee"] = json!(10);
    rule["shares"] = json!([{ "ppm": 100_000, "to": payee(ACCOUNT) }]);
    v1.put_rule(KASSA, &rule).await;
    let id = id_of(&v1.computed(&today(), KASSA).await);
    v1.sent(&id).await;
    let differs = v1.until(&id, "differs").await;
    let reason = differs["reason"].as_str().unwrap();
    assert!(reason.contains("refused by the receiver's bank"), "{reason}");
    assert_eq!(differs["suspended"], 899_990 - 10 + 10, "{differs}");
    assert_eq!(differs["shares"][0]["status"], "Проведен");
    assert_eq!(differs["shares"][1]["status"], "Удален");
    let suspense = "SELECT sum(amount) FROM balance WHERE account = 'suspense'";
    assert_eq!(bank.place.rows(suspense).await, [["-899990"]]);
    // Nobody else can spend it, and it is not owed a second time.
    assert_eq!(bank.partner.balance(33).await, FUNDS);
    assert_eq!(v1.computed(&today(), KASSA).await["state"], "differs");

    let own = differs["shares"][1]["order_key"].as_str().unwrap();
    let posted = differs["shares"][0]["order_key"].as_str().unwrap();
    for (key, to) in [(posted, payee(ACCOUNT)), ("x", payee(ACCOUNT)), (own, payee("1"))] {
        let body = json!({ "receivers": [{ "order_key": key, "to": to }] });
        let refused = v1.refused(Method::POST, &path(&id, "retry"), body).await;
        assert_eq!(refused, (422, "rule".to_owned()), "{key}");
    }
    // To the same account again: refused again. To another one: paid.
    let (status, again) = v1.call(Method::POST, &path(&id, "retry"), &Value::Null).await;
    assert_eq!(status, 200, "{again}");
    let again = v1.until(&id, "differs").await;
    let second = again["shares"][1]["order_key"].as_str().unwrap();
    assert_eq!(second, format!("{own}-2"));
    let to = payee("20208000905123456002");
    let body = json!({ "receivers": [{ "order_key": second, "to": to }] });
    let (status, resent) = v1.call(Method::POST, &path(&id, "retry"), &body).await;
    assert_eq!(status, 200, "{resent}");
    let settled = v1.until(&id, "settled").await;
    assert_eq!(settled["shares"][1]["account"], "20208000905123456002");
    assert_eq!(bank.place.rows(suspense).await, [["0"]]);
    assert_eq!(bank.partner.balance(33).await, FUNDS);
    assert_eq!(bank.partner.page(33, "2", 0).await.len(), 2, "each share was paid once");
    let refused = v1.refused(Method::POST, &path(&id, "retry"), Value::Null).await;
    assert_eq!(refused, (409, "state".to_owned()));
    bank.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_shares_on_sqlite() {
    refused_shares_wait_in_suspense(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_shares_on_postgres() {
    refused_shares_wait_in_suspense(Place::postgres().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refunds_after_computing_are_not_paid_out() {
    let (bank, v1, shop, token) = opened(Place::sqlite()).await;
    v1.put_rule(KASSA, &rule()).await;
    shop.paid(5_000, &token).await;
    let back = shop.paid(3_000, &token).await;
    let first = id_of(&v1.computed(&today(), KASSA).await);
    shop.cancel(&back).await.unwrap();
    shop.wait_for_state(&back, &[50]).await;
    let refused = v1.refused(Method::POST, &path(&first, "send"), Value::Null).await;
    assert_eq!(refused, (409, "owed_less".to_owned()));
    let (_, given_up) = v1.call(Method::POST, &path(&first, "withdraw"), &Value::Null).await;
    assert_eq!(given_up["state"], "withdrawn");
    let refused = v1.refused(Method::POST, &path(&first, "send"), Value::Null).await;
    assert_eq!(refused, (409, "state".to_owned()));

    let second = v1.computed(&today(), KASSA).await;
    assert_eq!((&second["gross"], &second["state"]), (&json!(5_000), &json!("proposed")));
    let second = id_of(&second);
    assert_ne!(second, first);
    v1.sent(&second).await;
    v1.until(&second, "settled").await;
    let refused = v1.refused(Method::POST, &path(&second, "withdraw"), Value::Null).await;
    assert_eq!(refused, (409, "state".to_owned()));
    // A number that somebody else has used is not taken for ours.
    let listed = v1.settlements("?limit=1").await;
    assert_eq!(listed[0]["id"], second);
    let older = v1.settlements(&format!("?before={second}")).await;
    assert_eq!(older[0]["id"], first);
    bank.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_that_is_taken_is_not_taken_for_a_share() {
    let (bank, v1, shop, token) = opened(Place::sqlite()).await;
    v1.put_rule(KASSA, &rule()).await;
    shop.paid(5_000, &token).await;
    let id = id_of(&v1.computed(&today(), KASSA).await);
    bank.partner.accepted(order(&format!("st-{id}-0"), 5_000, ACCOUNT)).await;
    v1.sent(&id).await;
    let differs = v1.until(&id, "differs").await;
    assert!(differs["reason"].as_str().unwrap().contains("another order"), "{differs}");
    assert_eq!(differs["suspended"], 5_000);
    v1.call(Method::POST, &path(&id, "retry"), &Value::Null).await;
    v1.until(&id, "settled").await;
    bank.finish().await;
}
