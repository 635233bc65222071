//! Shares that the bank refuses, money that is not there any more, and days that are settled late.

use reqwest::Method;
use serde_json::{Value, json};

use super::{V1, id_of, payee, plain_rule, rule, today};
use crate::bank_partner::{ACCOUNT, Bank, FUNDS, order, with};
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
    // Each share was paid once, with its fee; what was refused went and came back twice.
    let out = bank.partner.page(33, "2", 0).await;
    let mut amounts: Vec<i64> = out.iter().map(|line| line["amount"].as_i64().unwrap()).collect();
    amounts.sort_unstable();
    assert_eq!(amounts, [10, 10, 100_000, 899_980, 899_990, 899_990]);
    let back = bank.partner.page(33, "1", 0).await;
    assert_eq!(back.len(), 2 + 2, "{back:?}");
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
    let refused = v1.refused(Method::POST, &path(&id, "send"), Value::Null).await;
    assert_eq!(refused, (409, "number_used".to_owned()), "nothing was booked");
    assert_eq!(v1.settlement(&id).await["state"], "withdrawn");
    let again = id_of(&v1.computed(&today(), KASSA).await);
    assert_ne!(again, id);
    v1.sent(&again).await;
    v1.until(&again, "settled").await;
    bank.finish().await;
}

/// A correction of the rule reaches a proposal that was not sent: it is computed anew, and the old
/// one cannot be sent to the wrong account.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_corrected_rule_changes_what_was_not_sent() {
    let (bank, v1, shop, token) = opened(Place::sqlite()).await;
    v1.put_rule(KASSA, &plain_rule("20208000905123456009")).await;
    shop.paid(5_000, &token).await;
    let wrong = v1.computed(&today(), KASSA).await;
    assert_eq!(v1.computed(&today(), KASSA).await, wrong, "nothing has changed");
    v1.put_rule(KASSA, &rule()).await;
    let refused = v1.refused(Method::POST, &path(&id_of(&wrong), "send"), Value::Null).await;
    assert_eq!(refused, (409, "rule_changed".to_owned()));
    let right = v1.computed(&today(), KASSA).await;
    assert_eq!(right["shares"][0]["account"], ACCOUNT);
    assert_eq!(v1.settlement(&id_of(&wrong)).await["state"], "withdrawn");
    // So does another sum.
    shop.paid(700, &token).await;
    let more = v1.computed(&today(), KASSA).await;
    assert_eq!((&more["gross"], &right["gross"]), (&json!(5_700), &json!(5_000)));
    v1.sent(&id_of(&more)).await;
    v1.until(&id_of(&more), "settled").await;
    let out = bank.partner.page(33, "2", 0).await;
    assert_eq!((out.len(), &out[0]["accountReceiver"]), (1, &json!(ACCOUNT)));
    bank.finish().await;
}

/// Money that is on its way to receivers cannot be spent by other orders, and what the bank takes
/// is on the statement.
async fn settlement_money_is_for_its_receivers(place: Place) {
    let (bank, v1, shop, token) = opened(place).await;
    bank.played.settle_after(3_000).await;
    v1.put_rule(KASSA, &with(rule(), json!({ "bank_fee": 40 }))).await;
    shop.paid(5_000, &token).await;
    let id = id_of(&v1.computed(&today(), KASSA).await);
    let sent = v1.sent(&id).await;
    assert_eq!(sent["shares"][0]["status"], "Введен", "accepted with the booking");
    assert_eq!(bank.partner.balance(33).await, FUNDS, "the service has no more than before");
    bank.partner.accepted(order("greedy", FUNDS + 1, ACCOUNT)).await;
    assert_eq!(bank.partner.ended("greedy").await, "Удален");
    v1.until(&id, "settled").await;
    let day = today();
    let path = format!("/services/33/statement?from={day}&to={day}&format=1c-utf8");
    let text = String::from_utf8(v1.file(&path).await).unwrap();
    assert!(text.contains("КонечныйОстаток=100000000.00"), "{text}");
    assert!(text.contains("Расчёт с продавцом") && text.contains("Комиссия за документ"), "{text}");
    bank.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settlement_money_on_sqlite() {
    settlement_money_is_for_its_receivers(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settlement_money_on_postgres() {
    settlement_money_is_for_its_receivers(Place::postgres().await).await;
}

/// Two look at the same refusal and correct it: the share is sent anew once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_share_is_corrected_once() {
    let (bank, v1, shop, token) = opened(Place::sqlite()).await;
    shop.paid(9_000, &token).await;
    v1.put_rule(KASSA, &plain_rule(DELETED)).await;
    let id = id_of(&v1.computed(&today(), KASSA).await);
    v1.sent(&id).await;
    let differs = v1.until(&id, "differs").await;
    let key = &differs["shares"][0]["order_key"];
    let retry = |account: &str| {
        let body = json!({ "receivers": [{ "order_key": key, "to": payee(account) }] });
        let (v1, path) = (v1.clone(), path(&id, "retry"));
        async move { v1.call(Method::POST, &path, &body).await }
    };
    let accounts = ["20208000905123456002", "20208000905123456003", "20208000905123456004"];
    let answers = tokio::join!(retry(accounts[0]), retry(accounts[1]), retry(accounts[2]));
    let answers = [answers.0, answers.1, answers.2];
    let sent: Vec<_> = answers.iter().filter(|(status, _)| *status == 200).collect();
    assert_eq!(sent.len(), 1, "{answers:?}");
    v1.until(&id, "settled").await;
    let out = bank.partner.page(33, "2", 0).await;
    let paid = out.iter().filter(|line| line["accountReceiver"] != "").count();
    assert_eq!(paid, 1, "{out:?}");
    bank.finish().await;
}
