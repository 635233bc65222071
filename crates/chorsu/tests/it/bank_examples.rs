//! Every example of the document "payments by requisites", word for word: the answer has the
//! documented keys in their order, with values of the documented kinds.

use std::fs;
use std::path::PathBuf;

use reqwest::Method;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::bank_partner::{ACCOUNT, Bank, FUNDS, code, line_id, order, with};
use crate::place::Place;

fn fixture(example: &str, file: &str) -> String {
    let fixtures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../api/fixtures/bank");
    let path = fixtures.join(example).join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The members of an object in the order in which they stand.
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        from.deserialize_map(InOrder)
    }
}

/// The kinds of all values of a JSON text, in the order in which they stand in it; of an array, of
/// its first element.
fn shape(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    walk(text.trim(), "", &mut found);
    found
}

fn walk(text: &str, path: &str, found: &mut Vec<String>) {
    let kind = match text.as_bytes()[0] {
        b'{' => {
            let Members(members) = serde_json::from_str(text).unwrap();
            for (name, member) in members {
                walk(member.get(), &format!("{path}.{name}"), found);
            }
            "object"
        }
        b'[' => {
            let elements: Vec<Box<RawValue>> = serde_json::from_str(text).unwrap();
            if let Some(first) = elements.first() {
                walk(first.get(), &format!("{path}[]"), found);
            }
            "array"
        }
        b'"' => "string",
        b't' | b'f' => "bool",
        b'n' => "null",
        _ => "number",
    };
    found.push(format!("{path} {kind}"));
}

/// Sends an example; the answer as text. Its shape is that of the document's answer.
async fn run(bank: &Bank, example: &str, path: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../api/fixtures/bank");
    let has_body = folder.join(example).join("request.json").exists();
    let raw = if has_body {
        let body = fixture(example, "request.json").into_bytes();
        bank.partner.send(Method::POST, path, Some(body)).await
    } else {
        let line = fixture(example, "request.txt");
        let (verb, path) = line.trim().split_once(' ').unwrap();
        assert_eq!(verb, "GET");
        bank.partner.send(Method::GET, path.strip_prefix("/api/v2").unwrap(), None).await
    };
    assert_eq!(raw.status, 200);
    assert_eq!(
        shape(&raw.text),
        shape(&fixture(example, "answer.json")),
        "{example}: {}",
        raw.text
    );
    raw.text
}

async fn examples(place: Place) {
    let bank = Bank::at(place).await;
    bank.played.settle_after(86_400_000).await;
    let partner = &bank.partner;

    let services: Value = serde_json::from_str(&run(&bank, "services", "").await).unwrap();
    let documented: Value = serde_json::from_str(&fixture("services", "answer.json")).unwrap();
    for wanted in documented["data"].as_array().unwrap() {
        let found = services["data"].as_array().unwrap().iter();
        let found = found.clone().find(|service| service["id"] == wanted["id"]).unwrap();
        for key in ["name", "activated", "type"] {
            assert_eq!(found[key], wanted[key]);
        }
        assert_eq!(found["account"].as_str().unwrap().len(), 20);
    }

    // Nothing is known of the order before it is sent, and a wrong account leaves nothing behind.
    assert_eq!(run(&bank, "status.refused", "").await.trim(), compact("status.refused"));
    assert_eq!(run(&bank, "payment.refused", "/payment").await, compact("payment.refused"));
    assert_eq!(partner.status("009445151277").await.0, 1008);

    let paid: Value = serde_json::from_str(&run(&bank, "payment", "/payment").await).unwrap();
    assert_eq!(paid["data"]["payment_status"], "Введен");
    let doc_id = paid["data"]["doc_id"].as_str().unwrap();
    assert!(doc_id.starts_with("1180_") && doc_id.len() == 15, "{doc_id}");
    let budget = run(&bank, "paymentBudget", "/paymentBudget").await;
    let budget: Value = serde_json::from_str(&budget).unwrap();
    let budget_id = budget["data"]["doc_id"].as_str().unwrap();
    assert!(budget_id.len() == 10 && budget_id.bytes().all(|byte| byte.is_ascii_digit()));

    let status: Value = serde_json::from_str(&run(&bank, "status", "").await).unwrap();
    assert_eq!(status["data"]["doc_id"], doc_id, "the number does not change");
    let balance: Value = serde_json::from_str(&run(&bank, "balance", "").await).unwrap();
    assert_eq!(balance["data"]["balance"], (FUNDS - 520_000).to_string());
    statement(&bank).await;
    bank.finish().await;
}

/// The documented answer as the server writes it.
fn compact(example: &str) -> String {
    fixture(example, "answer.json").replace("\n  ", "").replace(['\n'], "").replace("\": ", "\":")
}

/// The statement's example: the same payment comes in, and is asked for in every way.
async fn statement(bank: &Bank) {
    let payer = json!({
        "mfo": "00401", "account": "20208000405273320010", "inn": "307692757",
        "name": "ООО \"MARKETPLACE TRADING\""
    });
    let payment = json!({
        "account": "29896000200000401070", "amount": 400, "reference": "1917830",
        "purpose": "тест", "payer": payer
    });
    let first = bank.played.incoming(payment.clone()).await;
    assert_eq!(bank.played.incoming(payment).await, first, "the same reference is booked once");
    let documented: Value = serde_json::from_str(&fixture("payments", "answer.json")).unwrap();
    let rows = bank.partner.page(27, "1", line_id(27, 1)).await;
    assert_eq!(rows.len(), 1);
    let varying = json!({ "id": null, "docNumber": null, "docDate": null, "paymentDate": null });
    assert_eq!(
        with(rows[0].clone(), varying.clone()),
        with(documented["data"][0].clone(), varying)
    );
    assert!(rows[0]["paymentDate"].as_str().unwrap().ends_with(" 00:00:00"));

    // The example itself asks for days when nothing happened.
    let body = fixture("payments", "request.json").into_bytes();
    let empty = r#"{"status":"success","data":[]}"#;
    for verb in [Method::POST, Method::GET] {
        let raw = bank.partner.send(verb, "/account/payments", Some(body.clone())).await;
        assert_eq!(raw.text, empty);
    }
    let today = rows[0]["paymentDate"].as_str().unwrap()[..10].to_owned();
    let query = format!("type=0&lastId=0&fromDate={today}&toDate={today}&serviceId=27");
    let raw = bank.partner.send(Method::GET, &format!("/account/payments?{query}"), None).await;
    assert_eq!(shape(&raw.text), shape(&fixture("payments", "answer.json")), "{}", raw.text);
    let page: Value = serde_json::from_str(&raw.text).unwrap();
    let ids: Vec<i64> =
        page["data"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, [line_id(27, 1), line_id(27, 2)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_of_the_bank_document_on_sqlite() {
    examples(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_of_the_bank_document_on_postgres() {
    examples(Place::postgres().await).await;
}

/// A budget order is paid to the treasury; the organisation is in the purpose.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn budget_orders_reach_the_treasury() {
    let bank = Bank::at(Place::sqlite()).await;
    let body = json!({
        "orderId": "b1", "serviceId": 33, "amount": 700, "comissionAmount": 30,
        "receiverAccount": "400522860262837950100251028", "innReceiver": "207099143",
        "purposeCode": "00401", "purpose": "За патент за январь 2020 года"
    });
    assert_eq!(code(&bank.partner.post("/paymentBudget/", body).await), 0);
    assert_eq!(bank.partner.ended("b1").await, "Проведен");
    assert_eq!(bank.partner.balance(33).await, FUNDS - 730);
    let lines = bank.partner.page(33, "2", 0).await;
    let (row, fee) = (&lines[0], &lines[1]);
    assert_eq!((&fee["amount"], &fee["docNumber"]), (&json!(30), &row["docNumber"]));
    assert!(fee["purpose"].as_str().unwrap().starts_with("Комиссия"), "{fee}");
    let said = json!({
        "mfoReceiver": row["mfoReceiver"], "accountReceiver": row["accountReceiver"],
        "innReceiver": row["innReceiver"], "purpose": row["purpose"], "amount": row["amount"],
        "type": row["type"], "accountPayer": row["accountPayer"]
    });
    let wanted = json!({
        "mfoReceiver": "00014", "accountReceiver": "23402000300100001010",
        "innReceiver": "201122919", "amount": 700, "type": "Расход",
        "purpose": "~400522860262837950100251028~207099143~За патент за январь 2020 года",
        "accountPayer": "29896000200000401033"
    });
    assert_eq!(said, wanted);
    bank.finish().await;
}

/// Numbers with and without quotes, and paths with and without a slash at their end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spellings_of_a_request_do_not_matter() {
    let bank = Bank::at(Place::sqlite()).await;
    let numbers = json!({ "serviceId": 33, "amount": 500, "comissionAmount": 0 });
    bank.partner.accepted(with(order("n1", 500, ACCOUNT), numbers)).await;
    let answer = bank.partner.post("/payment/", order("n/2%", 500, ACCOUNT)).await;
    assert_eq!(code(&answer), 0);
    for path in ["/payment/n%2F2%25", "/payment/n/2%25/"] {
        let found = bank.partner.get(path).await;
        assert_eq!(found["data"]["doc_id"], answer["data"]["doc_id"], "{path}");
    }
    for path in ["/services/", "/account/33/balance/"] {
        assert_eq!(bank.partner.get(path).await["status"], "success");
    }
    for (verb, path, status) in [
        (Method::GET, "", 404),
        (Method::GET, "/", 404),
        (Method::GET, "/payments", 404),
        (Method::GET, "/payment", 405),
        (Method::DELETE, "/payment/1", 405),
        (Method::PUT, "/account/payments", 405),
    ] {
        let raw = bank.partner.send(verb.clone(), path, None).await;
        assert_eq!(raw.status, status, "{verb} {path}");
        let answer: Value = serde_json::from_str(&raw.text).unwrap();
        assert_eq!((&answer["status"], &answer["code"]), (&json!("error"), &json!(status)));
    }
    bank.finish().await;
}
