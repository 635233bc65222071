//! Uzum's protocol.

use chorsu_core::Wallet;
use chorsu_sandbox::DEMO_UZUM;
use serde_json::{Value, json};

use crate::stage::{FISCAL, Stage, good, request, sha1_hex};

const ORDER: &str = "019c0000-0000-7000-8000-000000000001";

#[tokio::test]
async fn a_payment_is_delivered_and_reversed() {
    let stage = Stage::new().await;
    let paid = stage.uzum_pay(ORDER, "880101698207133392", 50_000).await.unwrap();
    assert_eq!((&paid["payment_status"], &paid["error_code"]), (&json!("SUCCESS"), &json!(0)));
    assert_eq!(
        (&paid["client_phone_number"], &paid["card_type"]),
        (&json!("998946532140"), &json!(2))
    );
    let payment = &paid["payment_id"];
    assert_eq!(payment.as_str().unwrap().len(), 36);
    assert_eq!(stage.uzum_status(payment).await["payment_status"], "SUCCESS");

    let cases = [("https://example.uz/", 400), (FISCAL, 0), (FISCAL, 0), (&FISCAL[..40], 400)];
    for (url, code) in cases {
        let body = json!({ "payment_id": payment, "fiscal_url": url });
        let told = stage.uzum("POST", "/payment/fiscal", body).await.unwrap();
        assert_eq!(told["error_code"], code, "{url}");
    }
    let body = json!({ "payment_id": payment });
    let other = stage.uzum("PUT", "/v2/payment/reversal/another", body.clone()).await.unwrap();
    assert_eq!((&other["error_code"], stage.totals(Wallet::Uzum).await.net), (&json!(404), 50_000));
    let path = format!("/v2/payment/reversal/{ORDER}");
    for _ in 0..2 {
        let reversed = stage.uzum("PUT", &path, body.clone()).await.unwrap();
        assert_eq!(
            (&reversed["payment_status"], &reversed["error_code"]),
            (&json!("REVERSED"), &json!(0))
        );
    }
    assert_eq!(stage.uzum_status(payment).await["payment_status"], "REVERSED");
    let totals = stage.totals(Wallet::Uzum).await;
    assert_eq!((totals.payments, totals.reversals, totals.reversed), (1, 1, 50_000));
    assert_eq!(totals.fiscal_delivered, 1);
}

#[tokio::test]
async fn the_same_order_is_never_charged_again() {
    let stage = Stage::new().await;
    let first = stage.uzum_pay(ORDER, &good(Wallet::Uzum, 1), 50_000).await.unwrap();
    for byte in [1, 2] {
        let again = stage.uzum_pay(ORDER, &good(Wallet::Uzum, byte), 50_000).await.unwrap();
        assert_eq!(again["payment_status"], "DUPLICATED");
        assert_eq!(again["payment_id"], first["payment_id"]);
        assert_eq!(again["error_message"], "order.id.duplicated");
    }
    let used = stage.uzum_pay("other", &good(Wallet::Uzum, 1), 50_000).await.unwrap();
    assert_eq!(
        (&used["payment_status"], &used["error_message"]),
        (&json!("FAILED"), &json!("qr.duplicated"))
    );
    assert_eq!(stage.totals(Wallet::Uzum).await.payments, 1);
}

#[tokio::test]
async fn signatures_and_clocks_are_checked() {
    let stage = Stage::new().await;
    let address = stage.world().address(Wallet::Uzum);
    let now = stage.clock.now().0;
    let pay = async |stamp: String, secret: &str, service: u64| {
        let user = &DEMO_UZUM.merchant_service_user_id;
        let header = format!("Authorization: {user}:{}:{stamp}", sha1_hex(&stamp, secret));
        let body = json!({ "service_id": service, "amount": 500, "order_id": ORDER,
            "otp_data": good(Wallet::Uzum, 1) });
        let path = "/api/apelsin-pay/merchant/v2/payment";
        let told = request(address, "POST", path, &header, &body.to_string()).await.unwrap();
        let told: Value = serde_json::from_str(&told.1).unwrap();
        told["error_code"].as_i64().unwrap()
    };
    let (secret, service) = (DEMO_UZUM.secret.as_ref(), DEMO_UZUM.service_id);
    assert_eq!(pay(now.to_string(), "another", service).await, 401);
    assert_eq!(pay((now / 1_000).to_string(), secret, service).await, 401);
    assert_eq!(pay((now - 60_000).to_string(), secret, service).await, 403);
    assert_eq!(pay(now.to_string(), secret, 1).await, 404);
    assert_eq!(stage.totals(Wallet::Uzum).await, Default::default());
    assert_eq!(pay(now.to_string(), secret, service).await, 0);
}

#[tokio::test]
async fn a_turned_clock_accepts_its_own_time_and_the_real_one() {
    let stage = Stage::new().await;
    let real = stage.clock.now().0;
    stage.clock.advance(24 * 3_600_000);
    assert_eq!(stage.uzum_status(&json!("x")).await["error_code"], 404);
    let stamp = real.to_string();
    let header = format!(
        "Authorization: {}:{}:{stamp}",
        DEMO_UZUM.merchant_service_user_id,
        sha1_hex(&stamp, &DEMO_UZUM.secret)
    );
    let body = json!({ "service_id": DEMO_UZUM.service_id, "payment_id": "x" }).to_string();
    let path = "/api/apelsin-pay/merchant/payment/status";
    let address = stage.world().address(Wallet::Uzum);
    let told = request(address, "POST", path, &header, &body).await.unwrap();
    assert!(told.1.contains("operation.not.found"), "{}", told.1);
}
