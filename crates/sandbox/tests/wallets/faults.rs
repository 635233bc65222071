//! Every fault at every wallet: what the caller sees, and whether the customer was charged.

use chorsu_core::Wallet;
use std::time::{Duration, Instant};

use chorsu_sandbox::{DEMO_CLICK, DEMO_UZUM, WalletFaultRule};
use serde_json::{Value, json};

use crate::stage::{FISCAL, Stage, click_auth, good, request, sha1_hex};

fn arm(stage: &Stage, wallet: Wallet, json: &str) {
    let rule: WalletFaultRule = serde_json::from_str(json).unwrap();
    assert!(stage.world().controls(wallet).add_fault(rule));
}

/// A payment with its raw answer.
async fn pay(stage: &Stage, wallet: Wallet, id: &str, byte: u8) -> Option<(u16, String)> {
    let address = stage.world().address(wallet);
    let (now, code) = (stage.clock.now().0, good(wallet, byte));
    let (path, header, body) = match wallet {
        Wallet::Click => (
            "/v2/merchant/click_pass/payment",
            format!("Auth: {}", click_auth(now / 1_000, &DEMO_CLICK.secret_key)),
            json!({ "service_id": DEMO_CLICK.service_id, "otp_data": code, "amount": 5,
                "transaction_id": id }),
        ),
        Wallet::Payme => {
            let receipt = stage.receipt(id, 500).await;
            let settings = &stage.world().settings().payme;
            (
                "/api",
                format!("X-Auth: {}:{}", settings.merchant_id, settings.key),
                json!({ "id": 1, "method": "receipts.pay",
                    "params": { "id": receipt, "token": code } }),
            )
        }
        Wallet::Uzum => {
            let (user, stamp) = (&DEMO_UZUM.merchant_service_user_id, now.to_string());
            (
                "/api/apelsin-pay/merchant/v2/payment",
                format!("Authorization: {user}:{}:{stamp}", sha1_hex(&stamp, &DEMO_UZUM.secret)),
                json!({ "service_id": DEMO_UZUM.service_id, "otp_data": code, "amount": 500,
                    "order_id": id }),
            )
        }
    };
    request(address, "POST", path, &header, &body.to_string()).await
}

/// The payment's status, or why there is none, as the wallet writes it.
fn status(wallet: Wallet, text: &str) -> Value {
    let answer: Value = serde_json::from_str(text).unwrap();
    match wallet {
        Wallet::Click if answer["error_code"] == 0 => answer["payment_status"].clone(),
        Wallet::Payme if answer.get("error").is_none() => {
            answer["result"]["receipt"]["state"].clone()
        }
        Wallet::Payme => answer["error"]["code"].clone(),
        Wallet::Uzum if answer["error_code"] == 0 => answer["payment_status"].clone(),
        Wallet::Click | Wallet::Uzum => answer["error_code"].clone(),
    }
}

#[tokio::test]
async fn every_fault_of_a_payment() {
    let stage = Stage::new().await;
    for (wallet, success, strange, refusal) in [
        (Wallet::Click, json!(2), json!(7), json!(-19)),
        (Wallet::Payme, json!(4), json!(99), json!(-31_630)),
        (Wallet::Uzum, json!("SUCCESS"), json!("STRANGE"), json!(400)),
    ] {
        let mut byte = 0;
        let mut run = async |rule: &str| {
            byte += 1;
            let id = format!("order-{byte}");
            arm(&stage, wallet, rule);
            let answer = pay(&stage, wallet, &id, byte).await;
            assert!(stage.world().controls(wallet).faults().is_empty(), "{wallet:?} {rule}");
            (answer, stage.charges(wallet, &id).await)
        };
        let (answer, charges) = run(r#"{"fault":"refuse","times":1}"#).await;
        assert_eq!((status(wallet, &answer.unwrap().1), charges), (refusal, 0));
        let (answer, charges) = run(r#"{"fault":"refuse","code":-42,"times":1}"#).await;
        assert_eq!((status(wallet, &answer.unwrap().1), charges), (json!(-42), 0));
        let (answer, charges) = run(r#"{"fault":"drop_before","times":1}"#).await;
        assert_eq!((answer, charges), (None, 0), "{wallet:?}");
        let (answer, charges) = run(r#"{"fault":"drop_after","times":1}"#).await;
        assert_eq!((answer, charges), (None, 1), "{wallet:?}");
        let (answer, charges) = run(r#"{"fault":"http_500","times":1}"#).await;
        assert_eq!((answer.unwrap().0, charges), (500, 1));
        let (answer, charges) = run(r#"{"fault":"broken_json","times":1}"#).await;
        assert!(serde_json::from_str::<Value>(&answer.unwrap().1).is_err());
        assert_eq!(charges, 1);
        let (answer, charges) = run(r#"{"fault":"duplicate_answer","times":1}"#).await;
        let twice = answer.unwrap().1;
        let (first, second) = twice.split_at(twice.len() / 2);
        assert_eq!((first, status(wallet, first), charges), (second, success.clone(), 1));
        let (answer, charges) = run(r#"{"fault":"wrong_amount","times":1}"#).await;
        let wrong: Value = serde_json::from_str(&answer.unwrap().1).unwrap();
        let named = [&wrong["amount"], &wrong["result"]["receipt"]["amount"]];
        assert!(named.into_iter().any(|amount| *amount == 501 || *amount == 6), "{wrong}");
        assert_eq!(charges, 1);
        let (answer, charges) = run(r#"{"fault":"unknown_status","times":1}"#).await;
        assert_eq!((status(wallet, &answer.unwrap().1), charges), (strange, 1));
        let start = Instant::now();
        let (answer, charges) = run(r#"{"fault":"delay","delay_ms":60,"times":1}"#).await;
        assert_eq!((status(wallet, &answer.unwrap().1), charges), (success, 1));
        assert!(start.elapsed() >= Duration::from_millis(60));

        arm(&stage, wallet, r#"{"fault":"late","delay_ms":60,"times":1}"#);
        assert_eq!(pay(&stage, wallet, "late", 99).await, None);
        assert_eq!(stage.charges(wallet, "late").await, 0, "not yet");
        while stage.charges(wallet, "late").await == 0 {
            assert!(start.elapsed() < Duration::from_secs(20), "{wallet:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }

        arm(&stage, wallet, r#"{"fault":"hang","times":1}"#);
        let hanging = pay(&stage, wallet, "hang", 100);
        assert!(tokio::time::timeout(Duration::from_millis(300), hanging).await.is_err());
        assert_eq!(stage.charges(wallet, "hang").await, 1);
    }
}

#[tokio::test]
async fn faults_befall_the_calls_they_are_for() {
    let stage = Stage::new().await;
    let paid = stage.click_pay("t", &good(Wallet::Click, 1), json!(5)).await.unwrap();
    let (service, payment) = (DEMO_CLICK.service_id, &paid["payment_id"]);
    arm(&stage, Wallet::Click, r#"{"fault":"wrong_amount","calls":"ask","times":2}"#);
    let path = format!("/payment/status/{service}/{payment}");
    let told = stage.click("GET", &path, json!(null)).await.unwrap();
    assert_ne!(&told["payment_id"], payment);
    let path = format!("/payment/status_by_mti/{service}/t");
    let told = stage.click("GET", &path, json!(null)).await.unwrap();
    assert_ne!(told["merchant_trans_id"], "t");

    arm(&stage, Wallet::Click, r#"{"fault":"drop_after","calls":"fiscal","times":1}"#);
    let body = json!({ "service_id": service, "payment_id": payment, "qrcode": FISCAL });
    assert_eq!(stage.click("POST", "/payment/ofd_data/submit_qrcode", body).await, None);
    assert_eq!(stage.totals(Wallet::Click).await.fiscal_delivered, 1);

    let path = format!("/payment/reversal/{service}/{payment}");
    for (rule, net) in [
        (r#"{"fault":"refuse","calls":"reverse","times":1}"#, 500),
        (r#"{"fault":"drop_before","calls":"reverse","times":1}"#, 500),
        (r#"{"fault":"unknown_status","calls":"reverse","times":1}"#, 0),
    ] {
        arm(&stage, Wallet::Click, rule);
        let told = stage.click("DELETE", &path, json!(null)).await;
        assert!(told.is_none_or(|told| told["error_code"] != 0), "{rule}");
        assert_eq!(stage.totals(Wallet::Click).await.net, net, "{rule}");
    }

    arm(&stage, Wallet::Payme, r#"{"fault":"drop_after","calls":"create","times":1}"#);
    let params = json!({ "amount": 500, "account": { "document": "t" } });
    assert!(stage.payme("receipts.create", params).await.is_none());
    assert_eq!(stage.transaction(Wallet::Payme, "t").await.unwrap().payments.len(), 1);
    let receipt = stage.receipt("t", 500).await;
    arm(&stage, Wallet::Payme, r#"{"fault":"unknown_status","calls":"all","times":1}"#);
    let told = stage.payme("receipts.check", json!({ "id": receipt })).await.unwrap();
    assert_eq!(told.unwrap()["state"], 99);

    let paid = stage.uzum_pay("t", &good(Wallet::Uzum, 1), 500).await.unwrap();
    arm(&stage, Wallet::Uzum, r#"{"fault":"wrong_amount","calls":"ask","times":1}"#);
    assert_ne!(stage.uzum_status(&paid["payment_id"]).await["payment_id"], paid["payment_id"]);
}

#[tokio::test]
async fn latency_holds_every_answer_back() {
    let stage = Stage::new().await;
    stage.world().controls(Wallet::Uzum).set_latency_ms(50);
    let start = Instant::now();
    stage.uzum_status(&json!("x")).await;
    let paid = stage.uzum_pay("t", &good(Wallet::Uzum, 1), 500).await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(50));
    // The wallet tells how long it was at it; the question about nothing is about no payment.
    let times = stage.world().call_times(Wallet::Uzum, 0, 10);
    let [call] = &times.calls[..] else { panic!("{times:?}") };
    assert_eq!((json!(call.payment_id), times.last), (paid["payment_id"].clone(), 1));
    let bounds = Duration::from_millis(50)..=start.elapsed();
    assert!(bounds.contains(&Duration::from_micros(call.micros)), "{call:?}");
}
