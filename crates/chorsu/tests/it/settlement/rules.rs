//! Rules and holidays: what is taken and what is refused.

use reqwest::Method;
use serde_json::{Value, json};

use super::{V1, payee, rule, today};
use crate::bank_partner::{Bank, with};
use crate::place::Place;
use crate::server;
use crate::shop::{KASSA, OTHER_KASSA};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_are_checked_when_they_are_written() {
    let bank = Bank::at(Place::sqlite()).await;
    let v1 = V1::at(&bank.server);
    let split = |part: Value| json!({ "shares": [with(part, json!({ "to": payee("2020") }))] });
    let cases = [
        (json!({ "service": 999 }), "service"),
        (json!({ "service": 34 }), "must name a card"),
        (json!({ "delay_days": 91 }), "delay_days"),
        (json!({ "pay_at": "25:00" }), "pay_at"),
        (json!({ "minimum": -1 }), "minimum"),
        (json!({ "bank_fee": -1 }), "bank_fee"),
        (json!({ "commission_ppm": 1_000_001 }), "more than everything"),
        (json!({ "merchant": payee("1") }), "merchant"),
        (split(json!({ "ppm": 1 })), "shares[0].to"),
        (split(json!({ "fixed": 0 })), "shares[0].fixed"),
        (split(json!({})), "rule"),
        (json!({ "colour": 1 }), "colour"),
        (json!({ "minimum": "1e9" }), "rule"),
        (json!({ "minimum": 0.5 }), "rule"),
    ];
    let path = format!("/settlement-rules/{KASSA}");
    for (change, said) in cases {
        let body = with(rule(), change.clone());
        let (status, answer) = v1.call(Method::PUT, &path, &body).await;
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(status == 422 && message.contains(said), "{change}: {answer}");
    }
    assert_eq!(v1.refused(Method::GET, &path, Value::Null).await.0, 404, "none was kept");
    for path in ["/settlement-rules/x", "/settlement-rules/ffffffffffffffffffffffff"] {
        assert_eq!(v1.refused(Method::PUT, path, rule()).await.0, 404, "{path}");
    }
    v1.put_rule(KASSA, &rule()).await;
    let (_, kept) = v1.call(Method::GET, &path, &Value::Null).await;
    assert_eq!(kept["rule"]["merchant"], payee(crate::bank_partner::ACCOUNT));
    let (_, all) = v1.call(Method::GET, "/settlement-rules", &Value::Null).await;
    assert_eq!(all["rules"].as_array().unwrap().len(), 1);

    for (table, status) in [("2026-01-05 off\n", 200), ("5.1.2026 off", 400)] {
        assert_eq!(v1.send(Method::PUT, "/holidays", table).await.status, status, "{table}");
    }
    let kept = v1.send(Method::GET, "/holidays", "").await;
    assert_eq!(kept.text, "2026-01-05 off\n");

    let unknown = json!({ "day": today(), "merchants": [OTHER_KASSA] });
    let refused = v1.refused(Method::POST, "/settlements", unknown).await;
    assert_eq!(refused, (422, "no_rule".to_owned()));
    for day in ["2026-02-30", "", "2999-01-01"] {
        let refused = v1.refused(Method::POST, "/settlements", json!({ "day": day })).await;
        assert_eq!(refused, (400, "bad_request".to_owned()), "{day}");
    }
    assert_eq!(v1.skipped(&today(), KASSA).await, "nothing is owed");
    bank.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merchant_belongs_to_the_partner_that_pays_it_out() {
    // The first start writes the demo partner.
    let bank = Bank::at(Place::sqlite()).await;
    let place = bank.kill();
    let run = |arguments: &[&str]| {
        let mut command = server::command(arguments[0]);
        command.args(&arguments[1..]).args(place.verify_options());
        command.output().unwrap()
    };
    let file = place.log().with_file_name("rule.json");
    std::fs::write(&file, rule().to_string()).unwrap();
    let file = file.to_str().unwrap();
    let put = ["settlement-rule", "put", KASSA, file, "--partner"];
    assert!(!run(&[&put[..], &["nobody"]].concat()).status.success());
    let put = run(&[&put[..], &["gray"]].concat());
    assert!(put.status.success(), "{}", String::from_utf8_lossy(&put.stderr));
    let listed = run(&["settlement-rule", "list"]);
    assert!(String::from_utf8(listed.stdout).unwrap().starts_with(KASSA));
    let bank = Bank::again(place, "").await;
    let v1 = V1::at(&bank.server);
    assert_eq!(v1.skipped(&today(), KASSA).await, "nothing is owed");
    bank.finish().await;
}
