//! Requests that are broken, ill-typed, too large or not allowed: each gets its documented error in
//! the documented envelope, nothing is stored, and the server goes on.

use serde_json::{Value, json};

use crate::bad_requests::{Envelope, PARAMS, envelopes, request};
use crate::pans;
use crate::shop::{KASSA, KEY, OTHER_KASSA, OTHER_KEY, Shop, TEST_CARD, new_receipt};
use crate::wire::{self, Raw, Refusal};
use crate::world::World;

/// The `X-Auth` of nearly every case.
fn auth() -> String {
    format!("{KASSA}:{KEY}")
}

async fn post(shop: &Shop, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Raw {
    wire::post(shop.http(), shop.url(), headers, body.into()).await
}

/// Posts a body with the right credentials.
async fn send(shop: &Shop, body: impl Into<Vec<u8>>) -> Raw {
    post(shop, &[("X-Auth", &auth())], body).await
}

fn refusal(raw: &Raw) -> Refusal {
    match raw.answer() {
        Err(refusal) => refusal,
        Ok(result) => panic!("accepted: {result}"),
    }
}

async fn check_params(shop: &Shop, receipt: &str, token: &str) {
    for (method, params, code, data) in PARAMS {
        let params = params.replace("<receipt>", receipt).replace("<token>", token);
        let raw = send(shop, request(method, &params)).await;
        let refusal = refusal(&raw);
        let got = (refusal.code, refusal.data.as_str().unwrap_or_default());
        assert_eq!(got, (*code, *data), "{method} {params:.300}");
        assert_eq!(raw.id().as_deref(), Some("1"));
    }
}

async fn check_envelopes(shop: &Shop) {
    for Envelope { name, body, code, id } in envelopes() {
        let raw = send(shop, body).await;
        let refusal = refusal(&raw);
        assert_eq!(refusal.code, code, "{name}: {refusal:?}");
        assert_eq!(raw.id().as_deref(), id, "{name}");
        assert!(raw.text.len() < 2_000, "{name}: an error must not repeat the request");
    }
}

/// Credentials, the code and the data: for a method that needs a key.
async fn check_credentials(shop: &Shop) {
    let body = request("receipts.get_all", r#"{"from":0,"to":1}"#);
    let long = format!("{KASSA}:{}", "k".repeat(5_000));
    let cases = [
        (None, "invalid_authorization_header"),
        (Some(String::new()), "invalid_authorization_header"),
        (Some(KASSA.to_owned()), "invalid_authorization_header"),
        (Some(format!("{KASSA}:")), "invalid_authorization_header"),
        (Some(long), "invalid_authorization_header"),
        (Some(format!("{KASSA}:{OTHER_KEY}x")), "invalid_key"),
        (Some(format!("{OTHER_KASSA}:{KEY}")), "invalid_key"),
        (Some(format!("2e0b1bc1f1eb50d487ba268d:{KEY}")), "invalid_id"),
        (Some(format!("kassa:{KEY}")), "invalid_id"),
        (Some(format!("Basic {KASSA}:{KEY}")), "invalid_id"),
    ];
    for (auth, data) in cases {
        let headers: Vec<_> = auth.iter().map(|auth| ("X-Auth", auth.as_str())).collect();
        let raw = post(shop, &headers, body.clone()).await;
        let refusal = refusal(&raw);
        assert_eq!((refusal.code, refusal.data), (-32504, json!(data)), "{auth:?}");
    }
    // A key is split off at the first colon, and spaces around it do not matter.
    let spaced = format!(" {KASSA} : {KEY} ");
    assert!(post(shop, &[("X-Auth", &spaced)], body).await.answer().is_ok());
    // A card method needs none, but a wrong one is told.
    let wrong = shop.with_auth(&format!("{KASSA}:wrong"));
    assert_eq!(wrong.code("cards.check", json!({ "token": "x" })).await.0, -32504);
}

/// Another kassa's documents do not exist for the caller.
async fn check_strangers(shop: &Shop, receipt: &str, token: &str) {
    let stranger = shop.other_kassa();
    let fiscal = json!({ "receipt_id": 1, "qr_code_url": "u" });
    let calls = [
        ("receipts.pay", json!({ "id": receipt, "token": token }), -31602),
        ("receipts.check", json!({ "id": receipt }), -31602),
        ("receipts.get", json!({ "id": receipt }), -31602),
        ("receipts.cancel", json!({ "id": receipt }), -31602),
        ("receipts.confirm_hold", json!({ "id": receipt }), -31602),
        ("receipts.send", json!({ "id": receipt, "phone": "998901304527" }), -31602),
        ("receipts.set_fiscal_data", json!({ "id": receipt, "fiscal_data": fiscal }), -31602),
        ("cards.check", json!({ "token": token }), -31400),
        ("cards.remove", json!({ "token": token }), -31400),
        ("cards.get_verify_code", json!({ "token": token }), -31400),
        ("cards.verify", json!({ "token": token, "code": "666666" }), -31400),
    ];
    for (method, params, code) in calls {
        assert_eq!(stranger.code(method, params).await.0, code, "{method}");
    }
    assert_eq!(stranger.count_receipts().await, 0);
    // The right card with another secret is no card either.
    let (id, secret) = token.split_once('_').unwrap();
    let forged: String = secret.chars().rev().collect();
    let forged = json!({ "token": format!("{id}_{forged}") });
    assert_eq!(shop.code("cards.check", forged).await.0, -31400);
}

#[tokio::test]
async fn every_bad_request_gets_its_error_and_leaves_nothing() {
    let mut world = World::sqlite().await;
    let shop = world.shop.clone();
    let token = shop.card(&pans::fresh("8600"), true).await;
    let (waiting, paid) = (shop.receipt(500).await, shop.paid(500, &token).await);
    let before = world.sandbox.totals("uzcard").await;

    check_envelopes(&shop).await;
    check_params(&shop, &waiting, &token).await;
    check_credentials(&shop).await;
    check_strangers(&shop, &waiting, &token).await;

    assert_eq!(shop.count_receipts().await, 2, "nothing was stored");
    assert_eq!((shop.state(&waiting).await, shop.state(&paid).await), (0, 4));
    assert_eq!(world.sandbox.totals("uzcard").await, before, "no money has moved");
    assert_eq!(shop.ok("cards.check", json!({ "token": token })).await["card"]["verify"], true);
    assert!(world.server.is_running());
    shop.paid(500, &token).await;
    world.finish().await;
}

#[tokio::test]
async fn ids_come_back_as_they_went() {
    let world = World::sqlite().await;
    let ids = [
        "null",
        "0",
        "-1",
        "9223372036854775807",
        "9223372036854775808",
        "123456789012345678901234567890",
        "1.50",
        r#""""#,
        r#""01890a5d-ac96-774b-bcce-b302099a8057""#,
        r#""\u0416\"\\""#,
        r#""Ж""#,
        "true",
        "[1,2]",
        r#"{"a":1}"#,
    ];
    let good = r#""method":"receipts.get_all","params":{"from":0,"to":1}"#;
    let bad = r#""method":"receipts.check","params":{"id":"x"}"#;
    for rest in [good, bad] {
        for id in ids {
            let raw = send(&world.shop, format!(r#"{{"id":{id},{rest}}}"#)).await;
            assert_eq!(raw.id().as_deref(), Some(id));
            assert_eq!(raw.answer().is_ok(), rest == good);
        }
        // A call without an id is no notification: it is answered, without one.
        let raw = send(&world.shop, format!("{{{rest}}}")).await;
        assert_eq!(raw.id(), None, "{}", raw.text);
        assert_eq!(raw.answer().is_ok(), rest == good);
    }
}

#[tokio::test]
async fn the_message_speaks_the_callers_language() {
    let world = World::sqlite().await;
    let mut messages = Vec::new();
    let headers = ["", "uz", "en-GB,en;q=0.9", "ru-RU", "fr", "en;q=0.1, uz;q=0.8", "*", ";;q=x"];
    for language in headers {
        let shop = world.shop.with_header("Accept-Language", language);
        let refusal = shop.refusal("receipts.check", json!({ "id": "x" })).await;
        assert_eq!(refusal.code, -31602);
        messages.push(refusal.message);
    }
    let none = world.shop.refusal("receipts.check", json!({ "id": "x" })).await.message;
    let (uz, en) = (messages[1].clone(), messages[2].clone());
    assert_eq!(none, "Чек не найден или оплачен.");
    assert_eq!(messages, [&none, &uz, &en, &none, &none, &uz, &none, &none].map(Clone::clone));
    assert!(uz.contains("Chek") && en.contains("receipt"), "{uz} {en}");
}

#[tokio::test]
async fn the_transport_is_lenient_where_clients_are_careless() {
    let world = World::sqlite().await;
    let shop = &world.shop;
    let (auth, body) = (auth(), request("receipts.get_all", r#"{"from":0,"to":1}"#));
    let types = [
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "text/json; charset=utf-8",
        "nonsense",
    ];
    for content_type in types {
        let headers = [("X-Auth", auth.as_str()), ("Content-Type", content_type)];
        assert_eq!(post(shop, &headers, body.clone()).await.answer(), Ok(json!([])));
    }
    let slash = format!("{}/", shop.url());
    let raw = wire::post(shop.http(), &slash, &[("X-Auth", &auth)], body.clone()).await;
    assert_eq!(raw.answer(), Ok(json!([])), "a slash at the end");
    let extra = request("receipts.get_all", r#"{"from":0,"to":1,"reason":"r"}"#);
    let extra = extra.replacen('{', r#"{"jsonrpc":"1.0","more":[],"#, 1);
    assert_eq!(send(shop, extra).await.answer(), Ok(json!([])), "unknown members");
    let marked = format!("\u{FEFF}{body}");
    assert_eq!(refusal(&send(shop, marked).await).code, -32700, "a byte order mark");

    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let asked = shop.http().request(method, shop.url()).header("X-Auth", &auth);
        let refusal = refusal(&wire::send(asked).await.unwrap());
        assert_eq!(refusal.code, -32300);
    }
}

#[tokio::test]
async fn amounts_at_the_edges_are_exact() {
    let world = World::sqlite().await;
    let cases =
        [("1", 1_i64), ("100000.0", 100_000), ("5e2", 500), ("999999999999", 999_999_999_999)];
    for (amount, want) in cases {
        let params = format!(r#"{{"amount":{amount},"account":{{"order_id":1}}}}"#);
        let created = send(&world.shop, request("receipts.create", &params)).await;
        assert_eq!(created.answer().unwrap()["receipt"]["amount"], want, "{amount}");
    }
    let over = world.shop.code("receipts.create", new_receipt(1_000_000_000_000, false)).await;
    assert_eq!(over.0, -31612);
    let accepted: [Value; 5] =
        [json!(null), json!({}), json!(""), json!({ "key": "value" }), json!({ "items": [] })];
    for detail in accepted {
        let mut params = new_receipt(500, false);
        params["detail"] = detail;
        params["description"] = Value::Null;
        world.shop.ok("receipts.create", params).await;
    }
    let token = world.shop.card(TEST_CARD, true).await;
    world.shop.paid(999_999_999_999, &token).await;
    world.finish().await;
}
