//! The document's tables of codes, each code provoked; and bad input, of which nothing may be left.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bank_partner::{ACCOUNT, Bank, FUNDS, code, line_id, order, with};
use crate::place::Place;

/// An order of service 34, which must name the card that paid.
fn card_order(key: &str) -> Value {
    let card = json!({
        "serviceId": 34, "refNumber": "016351273642", "cardType": "UZCARD",
        "cardNumber": "8600069195406311"
    });
    with(order(key, 500, ACCOUNT), card)
}

/// The codes of an order, and what provokes them.
fn order_cases() -> Vec<(i64, Value)> {
    let changed = |changes: Value| with(order("c1", 500, ACCOUNT), changes);
    vec![
        (1001, changed(json!({ "serviceId": 99 }))),
        (1001, changed(json!({ "serviceId": "4294967297" }))),
        (1013, changed(json!({ "receiverAccount": "2020800090512345600" }))),
        (1013, changed(json!({ "receiverAccount": "2020800090512345600x" }))),
        (1013, order("c1", 500, "20208000905123450013")),
        (1014, changed(json!({ "mfoReceiver": "99999" }))),
        (1014, changed(json!({ "mfoReceiver": "00003" }))),
        (1014, order("c1", 500, "20208000905123450014")),
        (1015, changed(json!({ "receiverName": "a\u{7}b" }))),
        (1015, changed(json!({ "receiverName": "a\nb" }))),
        (1016, changed(json!({ "purpose": "a\u{0}b" }))),
        // Accounts with a meaning take their place in the order of the codes.
        (1016, with(order("c1", 500, "20208000905123450014"), json!({ "purpose": "\t" }))),
        (1015, with(order("c1", 500, "20208000905123450013"), json!({ "receiverName": "\t" }))),
        (1013, with(order("c1", 500, "20208000905123450013"), json!({ "mfoReceiver": "99999" }))),
        (1014, with(order("c1", 500, "20208000905123453333"), json!({ "mfoReceiver": "99999" }))),
        // The first of several faults is told.
        (1015, changed(json!({ "receiverName": "\t", "purpose": "\t", "mfoReceiver": "9" }))),
        (1001, changed(json!({ "serviceId": 99, "amount": null }))),
        (3333, order("c1", 500, "20208000905123453333")),
        (1017, order("c1", 500, "20208000905123451017")),
        (2222, order("c1", 500, "20208000905123452222")),
        (1008, order("c1", 500, "20208000905123451008")),
        (1017, with(card_order("c1"), json!({ "refNumber": null }))),
        (1017, with(card_order("c1"), json!({ "cardType": null }))),
        (1017, with(card_order("c1"), json!({ "cardNumber": "" }))),
        (1017, with(card_order("c1"), json!({ "cardType": "VISA" }))),
        (1017, with(card_order("c1"), json!({ "cardNumber": "860006919540631" }))),
    ]
}

/// What is no number of tiyin, no order number or no text that can be.
fn malformed() -> Vec<Value> {
    let mut bodies = Vec::new();
    for key in [
        "orderId",
        "serviceId",
        "amount",
        "comissionAmount",
        "receiverName",
        "mfoReceiver",
        "receiverAccount",
        "purpose",
    ] {
        for value in [Value::Null, json!(""), json!({}), json!([1]), json!(true)] {
            let mut body = order("c1", 500, ACCOUNT);
            body[key] = value;
            bodies.push(body);
        }
    }
    let amounts = [
        json!("1e9"),
        json!("500.5"),
        json!("-1"),
        json!(" 500"),
        json!("500 "),
        json!("0"),
        json!("+5"),
        json!("0x10"),
        json!("٥"),
        json!(-1),
        json!(0),
        json!(500.5),
        json!(1e3),
        json!("9223372036854775808"),
        json!("99999999999999999999"),
        json!("1'; DROP TABLE entry"),
    ];
    for amount in amounts {
        bodies.push(with(order("c1", 500, ACCOUNT), json!({ "amount": amount })));
    }
    let max = i64::MAX.to_string();
    bodies.push(with(order("c1", 1, ACCOUNT), json!({ "amount": max, "comissionAmount": "1" })));
    for key in ["a b", " a", "a\t", "a\u{0}", &"x".repeat(65)] {
        bodies.push(order(key, 500, ACCOUNT));
    }
    let long = "Д".repeat(1_001);
    bodies.push(with(order("c1", 500, ACCOUNT), json!({ "purpose": long })));
    bodies.push(with(order("c1", 500, ACCOUNT), json!({ "innReceiver": "12345678" })));
    bodies
}

async fn check_orders(bank: &Bank) {
    for (wanted, body) in order_cases() {
        let answer = bank.partner.post("/payment", body.clone()).await;
        assert_eq!(code(&answer), wanted, "{body} {answer}");
    }
    for body in malformed() {
        let answer = bank.partner.post("/payment", body.clone()).await;
        assert_eq!(code(&answer), 1017, "{body:.300}");
    }
    let budget = |changes: Value| {
        let body = json!({
            "orderId": "c1", "serviceId": 1, "amount": 1, "comissionAmount": 0,
            "receiverAccount": "400522860262837950100251028", "innReceiver": "207099143",
            "purposeCode": "00401", "purpose": "За патент"
        });
        with(body, changes)
    };
    for (wanted, changes) in [
        (1017, json!({ "purposeCode": null })),
        (1017, json!({ "purposeCode": "401" })),
        (1017, json!({ "innReceiver": null })),
        (1013, json!({ "receiverAccount": "400522840262837950100251028" })),
        (1016, json!({ "purpose": "a\u{1}" })),
    ] {
        let answer = bank.partner.post("/paymentBudget", budget(changes)).await;
        assert_eq!(code(&answer), wanted, "{answer}");
    }
    // A number that was used, with the same body and with another, by the same method and by the
    // other one.
    bank.partner.accepted(order("used", 500, ACCOUNT)).await;
    for body in [order("used", 500, ACCOUNT), order("used", 501, ACCOUNT)] {
        assert_eq!(code(&bank.partner.post("/payment", body).await), 1111);
    }
    // So it is with accounts whose codes come after the number's.
    for ending in ["3333", "2222", "1008"] {
        let body = order("used", 500, &format!("2020800090512345{ending}"));
        assert_eq!(code(&bank.partner.post("/payment", body).await), 1111, "{ending}");
    }
    let again = budget(json!({ "orderId": "used" }));
    assert_eq!(code(&bank.partner.post("/paymentBudget", again).await), 1111);
    assert_eq!(bank.partner.ended("used").await, "Проведен");
    assert_eq!(bank.partner.balance(33).await, FUNDS - 500);
    // The numbers of refused orders can still be used.
    assert_eq!(bank.partner.status("c1").await.0, 1008);
    bank.partner.accepted(order("c1", 500, ACCOUNT)).await;
}

async fn check_bodies(bank: &Bank) {
    let huge = with(order("c2", 500, ACCOUNT), json!({ "purpose": "x".repeat(10 << 20) }));
    let twice = r#"{"orderId":"c2","orderId":"c3"}"#;
    let bodies: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"{".to_vec(),
        b"[]".to_vec(),
        b"null".to_vec(),
        b"\xff\xfe".to_vec(),
        twice.into(),
        "[".repeat(100_000).into_bytes(),
        huge.to_string().into_bytes(),
    ];
    for body in bodies {
        for path in ["/payment", "/paymentBudget", "/account/payments"] {
            let raw = bank.partner.send(Method::POST, path, Some(body.clone())).await;
            let answer: Value = serde_json::from_str(&raw.text).unwrap();
            assert_eq!((raw.status, code(&answer)), (200, 1017), "{path} {:.80}", raw.text);
        }
    }
    let keyed = bank.partner.with_header("Idempotency-Key", &"k".repeat(300));
    assert_eq!(code(&keyed.post("/payment", order("c2", 1, ACCOUNT)).await), 1017);
}

async fn check_reads(bank: &Bank) {
    let partner = &bank.partner;
    for service in ["99", "x", "-1", "4294967329", "%00", "99999999999999999999"] {
        let answer = partner.get(&format!("/account/{service}/balance")).await;
        assert_eq!(code(&answer), 1001, "{service}");
    }
    for key in ["nothing", "a%20b", "%ff", "' OR 1=1 --", &"x".repeat(2_000)] {
        assert_eq!(partner.status(key).await.0, 1008, "{key:.40}");
    }
    let asked = json!({
        "type": "0", "lastId": 0, "fromDate": "2026-01-01", "toDate": "2026-12-31",
        "serviceId": 33
    });
    let cases = [
        (1001, json!({ "serviceId": 99 })),
        (1017, json!({ "serviceId": null })),
        (1017, json!({ "type": "3" })),
        (1017, json!({ "type": null })),
        (1017, json!({ "lastId": "-1" })),
        (1017, json!({ "lastId": null })),
        (1017, json!({ "fromDate": "2026-13-01" })),
        (1017, json!({ "fromDate": "01.01.2026" })),
        (1017, json!({ "toDate": "2025-12-31" })),
        (1017, json!({ "toDate": null })),
        (0, json!({ "lastId": i64::MAX })),
    ];
    for (wanted, changes) in cases {
        let answer = partner.post("/account/payments", with(asked.clone(), changes.clone())).await;
        assert_eq!(code(&answer), wanted, "{changes}");
    }
}

/// Whoever is not known is told so, at every method, and takes up no processor.
async fn check_logins(bank: &Bank) {
    let strangers = [
        bank.partner.with_login("gray", "p@ssw0rD"),
        bank.partner.with_login("gray", ""),
        bank.partner.with_login("nobody", "p@ssw0rd"),
        bank.partner.nobody(),
        bank.partner.nobody().with_header("Authorization", "Basic !!!"),
        bank.partner.nobody().with_header("Authorization", "Bearer Z3JheTpwQHNzdzByZA=="),
    ];
    for stranger in strangers {
        for path in ["/services", "/account/33/balance", "/payment/used"] {
            assert_eq!(code(&stranger.get(path).await), 1004);
        }
        assert_eq!(code(&stranger.post("/payment", order("s1", 1, ACCOUNT)).await), 1004);
    }
}

async fn codes(place: Place) {
    let bank = Bank::at(place).await;
    check_orders(&bank).await;
    assert_eq!(bank.partner.ended("c1").await, "Проведен");
    check_bodies(&bank).await;
    check_reads(&bank).await;
    check_logins(&bank).await;
    assert_eq!(bank.partner.balance(33).await, FUNDS - 1_000, "nothing else was reserved");
    assert_eq!(bank.partner.balance(34).await, FUNDS);
    bank.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_code_of_the_bank_document_on_sqlite() {
    codes(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_code_of_the_bank_document_on_postgres() {
    codes(Place::postgres().await).await;
}

/// A card's number is kept nowhere but masked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn card_numbers_of_orders_are_not_kept() {
    let bank = Bank::at(Place::sqlite()).await;
    bank.partner.accepted(card_order("p1")).await;
    assert_eq!(bank.partner.ended("p1").await, "Проведен");
    let place = bank.kill();
    let folder = place.data();
    let mut masked = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap_or_default();
        let has = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
        assert!(!has(b"8600069195406311"));
        masked += usize::from(has(b"860006******6311"));
    }
    assert!(masked > 0, "nothing was looked at");
    assert!(!std::fs::read_to_string(place.log()).unwrap().contains("8600069195406311"));
}

/// The settings of the configuration file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_change_what_is_answered() {
    let config = "[bank]\nunauthorized_status = 401\nrepeated_order = \"stored\"\n\
                  underfunded = \"refuse\"\nstatement_page = 2\n";
    let bank = Bank::configured(Place::sqlite(), config).await;
    let raw = bank.partner.nobody().send(Method::GET, "/services", None).await;
    assert_eq!((raw.status, raw.header("www-authenticate").is_some()), (401, true));
    assert!(raw.text.contains("1004"));

    let first = bank.partner.accepted(order("r1", 500, ACCOUNT)).await;
    assert_eq!(bank.partner.ended("r1").await, "Проведен");
    let again = bank.partner.post("/payment", order("r1", 500, ACCOUNT)).await;
    assert_eq!(again["data"], json!({ "payment_status": "Проведен", "doc_id": first }));
    assert_eq!(code(&bank.partner.post("/payment", order("r1", 501, ACCOUNT)).await), 1111);

    let answer = bank.partner.post("/payment", order("r2", FUNDS, ACCOUNT)).await;
    assert_eq!(
        (code(&answer), &answer["message"]),
        (1017, &json!("Недостаточно средств на счёте сервиса"))
    );
    assert_eq!(bank.partner.status("r2").await.0, 1008);
    bank.partner.accepted(order("r3", 1, ACCOUNT)).await;
    assert_eq!(bank.partner.ended("r3").await, "Проведен");
    assert_eq!(bank.partner.page(33, "0", 0).await.len(), 2);
    assert_eq!(bank.partner.page(33, "0", line_id(33, 2)).await.len(), 1);

    // What took all the money is not refused for want of it when it is repeated.
    let keyed = bank.partner.with_header("Idempotency-Key", "all");
    let first = keyed.accepted(order("r4", FUNDS - 501, ACCOUNT)).await;
    let again = keyed.post("/payment", order("r4", FUNDS - 501, ACCOUNT)).await;
    assert_eq!((code(&again), &again["data"]["doc_id"]), (0, &json!(first)));
    assert_eq!(code(&keyed.post("/payment", order("r5", 1, ACCOUNT)).await), 1017);
    assert_eq!(bank.partner.ended("r4").await, "Проведен");
    bank.finish().await;
}

/// An order that is too dear is accepted and ends deleted; its money was never touched. An
/// idempotency key makes a repeat harmless without the setting.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_money_an_order_ends_deleted() {
    let bank = Bank::at(Place::sqlite()).await;
    bank.partner.accepted(order("u1", FUNDS + 1, ACCOUNT)).await;
    assert_eq!(bank.partner.ended("u1").await, "Удален");
    assert_eq!(bank.partner.balance(33).await, FUNDS);
    let keyed = bank.partner.with_header("Idempotency-Key", "k-1");
    let first = keyed.accepted(order("u2", FUNDS, ACCOUNT)).await;
    let again = keyed.post("/payment", order("u2", FUNDS, ACCOUNT)).await;
    assert_eq!(again["data"]["doc_id"], first);
    assert_eq!(bank.partner.ended("u2").await, "Проведен");
    assert_eq!(bank.partner.balance(33).await, 0);
    bank.finish().await;
}
