//! Payme's protocol.

use chorsu_core::Wallet;
use chorsu_sandbox::DEMO_PAYME;
use serde_json::{Value, json};

use crate::stage::{FISCAL, Stage, good, request};

fn fiscal(receipt: &str, url: &str) -> Value {
    json!({ "id": receipt, "fiscal_data": { "receipt_id": 2421, "qr_code_url": url } })
}

#[tokio::test]
async fn a_receipt_is_paid_delivered_and_cancelled() {
    let stage = Stage::new().await;
    let id = stage.receipt("t-1", 50_000).await;
    let too_early = stage.payme("receipts.set_fiscal_data", fiscal(&id, FISCAL)).await.unwrap();
    assert_eq!(too_early.unwrap_err()["code"], -31_800);
    let paid = stage.payme_pay(&id, "50501010793410469483").await.unwrap().unwrap();
    let receipt = &paid["receipt"];
    assert_eq!((&receipt["_id"], &receipt["state"]), (&json!(id), &json!(4)));
    assert_eq!(
        (&receipt["amount"], &receipt["account"][0]["value"]),
        (&json!(50_000), &json!("t-1"))
    );
    assert_eq!(receipt["payer"]["phone"], "998946532140");
    assert!(receipt["pay_time"].as_i64().unwrap() > 0);
    let twice = stage.payme_pay(&id, &good(Wallet::Payme, 9)).await.unwrap();
    assert_eq!(twice.unwrap_err()["code"], -31_602);

    for (url, ok) in [(FISCAL, true), (FISCAL, true), ("https://ofd.soliq.uz/x", false)] {
        let told = stage.payme("receipts.set_fiscal_data", fiscal(&id, url)).await.unwrap();
        assert_eq!(told.is_ok_and(|result| result["success"] == true), ok, "{url}");
    }
    let get = stage.payme("receipts.get", json!({ "id": id })).await.unwrap().unwrap();
    assert_eq!(get["receipt"]["state"], 4);

    let cancelled = stage.payme("receipts.cancel", json!({ "id": id })).await.unwrap().unwrap();
    assert_eq!(cancelled["receipt"]["state"], 21);
    stage.clock.advance(1_000);
    let check = stage.payme("receipts.check", json!({ "id": id })).await.unwrap().unwrap();
    assert_eq!(check, json!({ "state": 50 }));
    let again = stage.payme("receipts.cancel", json!({ "id": id })).await.unwrap().unwrap();
    assert_eq!(again["receipt"]["state"], 50);
    let totals = stage.totals(Wallet::Payme).await;
    assert_eq!((totals.payments, totals.reversals, totals.net), (1, 1, 0));
    assert_eq!((totals.reversed, totals.fiscal_delivered), (50_000, 1));
}

#[tokio::test]
async fn an_unpaid_receipt_is_cancelled_at_once_and_for_good() {
    let stage = Stage::new().await;
    let id = stage.receipt("t", 100).await;
    let cancelled = stage.payme("receipts.cancel", json!({ "id": id })).await.unwrap().unwrap();
    assert_eq!(cancelled["receipt"]["state"], 50);
    let late = stage.payme_pay(&id, &good(Wallet::Payme, 1)).await.unwrap();
    assert_eq!(late.unwrap_err()["code"], -31_602);
    assert_eq!(stage.totals(Wallet::Payme).await, Default::default());
}

#[tokio::test]
async fn a_receipt_outlives_a_customer_who_cannot_pay() {
    let stage = Stage::new().await;
    let id = stage.receipt("t", 100).await;
    let poor = chorsu_sandbox::issue_code(Wallet::Payme, chorsu_sandbox::Conduct::NoFunds, [1; 16]);
    for (code, error) in [(poor.as_str(), -31_630), ("505", -31_400)] {
        assert_eq!(stage.payme_pay(&id, code).await.unwrap().unwrap_err()["code"], error);
    }
    let paid = stage.payme_pay(&id, &good(Wallet::Payme, 1)).await.unwrap().unwrap();
    assert_eq!(paid["receipt"]["state"], 4);
}

#[tokio::test]
async fn keys_envelopes_and_parameters_are_checked() {
    let stage = Stage::new().await;
    let address = stage.world().address(Wallet::Payme);
    let key = format!("X-Auth: {}:{}", DEMO_PAYME.merchant_id, DEMO_PAYME.key);
    let code = async |method: &str, header: &str, body: &str| {
        let (status, text) = request(address, method, "/api/", header, body).await.unwrap();
        assert_eq!(status, 200);
        serde_json::from_str::<Value>(&text).unwrap()["error"]["code"].as_i64().unwrap()
    };
    let create = r#"{"method":"receipts.create","params":{"amount":500}}"#;
    let wrong = format!("X-Auth: {}:x", DEMO_PAYME.merchant_id);
    let id_alone = format!("X-Auth: {}", DEMO_PAYME.merchant_id);
    for header in [wrong.as_str(), id_alone.as_str(), "X-Other: 1"] {
        assert_eq!(code("POST", header, create).await, -32_504, "{header}");
    }
    assert_eq!(code("GET", &key, create).await, -32_300);
    let cases = [
        ("{", -32_700),
        (r#"{"id":1}"#, -32_600),
        (r#"{"method":"cards.create","params":{}}"#, -32_601),
        (r#"{"method":"receipts.create","params":{}}"#, -32_602),
        (r#"{"method":"receipts.create","params":{"amount":10.5}}"#, -32_602),
        (r#"{"method":"receipts.create","params":{"amount":99}}"#, -31_611),
        (r#"{"method":"receipts.pay","params":{"id":"2e0b1bc1f1eb50d487ba268d"}}"#, -32_602),
        (r#"{"method":"receipts.check","params":{"id":"2e0b1bc1f1eb50d487ba268d"}}"#, -31_602),
        (r#"{"method":"receipts.check","params":{"id":"x"}}"#, -31_602),
    ];
    for (body, want) in cases {
        assert_eq!(code("POST", &key, body).await, want, "{body}");
    }
}
