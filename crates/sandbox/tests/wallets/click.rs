//! Click's protocol.

use chorsu_core::Wallet;
use chorsu_sandbox::DEMO_CLICK;
use serde_json::{Value, json};

use crate::stage::{FISCAL, Stage, click_auth, good, request};

const SERVICE: u64 = DEMO_CLICK.service_id;

fn status_path(payment: &Value) -> String {
    format!("/payment/status/{SERVICE}/{payment}")
}

#[tokio::test]
async fn a_payment_is_found_delivered_and_reversed() {
    let stage = Stage::new().await;
    let id = "019c0000-0000-7000-8000-000000000001";
    let paid = stage.click_pay(id, "880101698207133392", json!(500.5)).await.unwrap();
    assert_eq!((&paid["error_code"], &paid["payment_status"]), (&json!(0), &json!(2)));
    assert_eq!((&paid["confirm_mode"], &paid["card_type"]), (&json!(0), &json!("private")));
    assert_eq!(paid["phone_number"], "998946532140");
    let payment = &paid["payment_id"];

    for day in ["", "/2026-01-31"] {
        let path = format!("/payment/status_by_mti/{SERVICE}/{id}{day}");
        let found = stage.click("GET", &path, json!(null)).await.unwrap();
        assert_eq!(&found["payment_id"], payment);
        assert_eq!(
            (&found["merchant_trans_id"], &found["payment_status"]),
            (&json!(id), &json!(2))
        );
    }
    let status = stage.click("GET", &status_path(payment), json!(null)).await.unwrap();
    assert_eq!((&status["error_code"], &status["payment_status"]), (&json!(0), &json!(2)));

    let items = json!({ "service_id": SERVICE, "payment_id": payment, "received_card": 50_050,
        "received_cash": 0, "received_ecash": 0, "items": [{ "Name": "Non", "Price": 50_050 }] });
    let submitted = stage.click("POST", "/payment/ofd_data/submit_items", items).await.unwrap();
    assert_eq!(submitted["error_code"], 0);
    let kept = stage.world().items(&payment.to_string()).await.unwrap().unwrap();
    assert!(kept.contains("Non"), "{kept}");
    for (url, ok) in [(FISCAL, true), (FISCAL, true), ("https://ofd.soliq.uz/check?t=2", false)] {
        let body = json!({ "service_id": SERVICE, "payment_id": payment, "qrcode": url });
        let told = stage.click("POST", "/payment/ofd_data/submit_qrcode", body).await.unwrap();
        assert_eq!(told["error_code"] == 0, ok, "{url}");
    }
    let path = format!("/payment/ofd_data/{SERVICE}/{payment}");
    let fiscal = stage.click("GET", &path, json!(null)).await.unwrap();
    assert_eq!((&fiscal["paymentId"], &fiscal["qrCodeURL"]), (payment, &json!(FISCAL)));

    let path = format!("/payment/reversal/{SERVICE}/{payment}");
    let reversed = stage.click("DELETE", &path, json!(null)).await.unwrap();
    assert_eq!((&reversed["error_code"], &reversed["payment_id"]), (&json!(0), payment));
    let again = stage.click("DELETE", &path, json!(null)).await.unwrap();
    assert!(again["error_code"].as_i64().unwrap() < 0);
    let status = stage.click("GET", &status_path(payment), json!(null)).await.unwrap();
    assert!(status["payment_status"].as_i64().unwrap() < 0);
    let totals = stage.totals(Wallet::Click).await;
    assert_eq!((totals.payments, totals.paid, totals.net), (1, 50_050, 0));
    assert_eq!((totals.reversals, totals.reversed, totals.fiscal_delivered), (1, 50_050, 1));
    assert_eq!(stage.charges(Wallet::Click, id).await, 0);
}

#[tokio::test]
async fn parts_are_reversed_up_to_the_whole() {
    let stage = Stage::new().await;
    let paid = stage.click_pay("t", &good(Wallet::Click, 1), json!("100")).await.unwrap();
    let payment = &paid["payment_id"];
    for (amount, ok) in [("30.50", true), ("69.51", false), ("0", false), ("69.5", true)] {
        let path = format!("/payment/partial_reversal/{SERVICE}/{payment}/{amount}");
        let told = stage.click("DELETE", &path, json!(null)).await.unwrap();
        assert_eq!(told["error_code"] == 0, ok, "{amount}");
    }
    let totals = stage.totals(Wallet::Click).await;
    assert_eq!((totals.reversals, totals.reversed, totals.net), (2, 10_000, 0));
}

#[tokio::test]
async fn a_closed_month_is_not_reversed() {
    let stage = Stage::new().await;
    let paid = stage.click_pay("t", &good(Wallet::Click, 1), json!(1)).await.unwrap();
    stage.clock.advance(40 * 24 * 3_600_000);
    let path = format!("/payment/reversal/{SERVICE}/{}", paid["payment_id"]);
    let told = stage.click("DELETE", &path, json!(null)).await.unwrap();
    assert_eq!(told["error_code"], -9005);
    assert_eq!(stage.totals(Wallet::Click).await.net, 100);
}

#[tokio::test]
async fn what_is_not_confirmed_in_time_is_cancelled() {
    let stage = Stage::new().await;
    let mode = format!("/click_pass/confirmation/{SERVICE}");
    assert_eq!(stage.click("PUT", &mode, json!(null)).await.unwrap()["error_code"], 0);
    let mut waiting = Vec::new();
    for (byte, id) in [(1, "a"), (2, "b")] {
        let told = stage.click_pay(id, &good(Wallet::Click, byte), json!(10)).await.unwrap();
        assert_eq!((&told["confirm_mode"], &told["payment_status"]), (&json!(1), &json!(1)));
        waiting.push(told["payment_id"].clone());
    }
    assert_eq!(stage.totals(Wallet::Click).await.payments, 0);
    let confirm = async |payment: &Value| {
        let body = json!({ "service_id": SERVICE, "payment_id": payment });
        stage.click("POST", "/click_pass/confirm", body).await.unwrap()["error_code"].clone()
    };
    assert_eq!(confirm(&waiting[0]).await, 0);
    stage.clock.advance(30_000);
    assert_eq!(confirm(&waiting[0]).await, 0);
    assert_eq!(confirm(&waiting[1]).await, -9006);
    let status = stage.click("GET", &status_path(&waiting[1]), json!(null)).await.unwrap();
    assert!(status["payment_status"].as_i64().unwrap() < 0);
    assert_eq!(stage.totals(Wallet::Click).await.paid, 1_000);

    assert_eq!(stage.click("DELETE", &mode, json!(null)).await.unwrap()["error_code"], 0);
    let paid = stage.click_pay("c", &good(Wallet::Click, 3), json!(10)).await.unwrap();
    assert_eq!((&paid["confirm_mode"], &paid["payment_status"]), (&json!(0), &json!(2)));
}

#[tokio::test]
async fn signatures_and_services_are_checked() {
    let stage = Stage::new().await;
    let seconds = stage.clock.now().0 / 1_000;
    let body = json!({ "service_id": SERVICE, "otp_data": good(Wallet::Click, 1), "amount": 5 });
    let pay = async |auth: String, body: &Value| {
        let header = format!("Auth: {auth}");
        let address = stage.world().address(Wallet::Click);
        let path = "/v2/merchant/click_pass/payment";
        let (_, text) = request(address, "POST", path, &header, &body.to_string()).await.unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["error_code"].as_i64().unwrap()
    };
    let secret = &DEMO_CLICK.secret_key;
    assert_eq!(pay(click_auth(seconds, "another"), &body).await, -15);
    assert_eq!(pay(click_auth(seconds - 400, secret), &body).await, -15);
    assert_eq!(pay(click_auth(seconds * 1_000, secret), &body).await, -15);
    assert_eq!(pay(String::new(), &body).await, -15);
    let mut other = body.clone();
    other["service_id"] = json!(1);
    assert_eq!(pay(click_auth(seconds, secret), &other).await, -12);
    for (amount, code) in [(json!(0), -13), (json!("99999999999"), -14), (json!(-5), -9009)] {
        other = body.clone();
        other["amount"] = amount;
        assert_eq!(pay(click_auth(seconds, secret), &other).await, code);
    }
    assert_eq!(stage.totals(Wallet::Click).await, Default::default());
    assert_eq!(pay(click_auth(seconds, secret), &body).await, 0);
    let nowhere = request(stage.world().address(Wallet::Click), "GET", "/v2/x", "A: b", "").await;
    assert_eq!(nowhere.unwrap().0, 404);
}
