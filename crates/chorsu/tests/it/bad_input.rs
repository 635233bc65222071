//! Requests that are broken, ill-typed, too large or not allowed: each gets its documented error in
//! the documented envelope, nothing is stored, and the server goes on.

use serde_json::{Value, json};

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

fn request(method: &str, params: &str) -> String {
    format!(r#"{{"id":1,"method":"{method}","params":{params}}}"#)
}

fn refusal(raw: &Raw) -> Refusal {
    match raw.answer() {
        Err(refusal) => refusal,
        Ok(result) => panic!("accepted: {result}"),
    }
}

/// Envelopes that are none: the body, the code, and the id of the answer.
fn envelopes() -> Vec<(&'static str, Vec<u8>, i64, Option<&'static str>)> {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(10_000), close.repeat(10_000));
    let (arrays, objects) = (deep("[", "]"), deep(r#"{"a":"#, "}").replace(":}", ":1}"));
    let large =
        request("receipts.create", &format!(r#"{{"description":"{}"}}"#, "x".repeat(2 << 20)));
    let detail =
        format!(r#"{{"amount":5,"account":{{"order_id":"1"}},"detail":{{"a":{arrays}}}}}"#);
    let null = Some("null");
    let bytes = |text: &str| text.as_bytes().to_vec();
    vec![
        ("nothing", bytes(""), -32700, null),
        ("no JSON", bytes("amount=5&account=7"), -32700, null),
        ("half of a JSON", bytes(r#"{"id":1,"method":"receipts.create","params":{"#), -32700, null),
        ("a comma too many", bytes(r#"{"id":1,"method":"receipts.check",}"#), -32700, null),
        ("something behind it", bytes(r#"{"id":1,"method":"receipts.check"} x"#), -32700, null),
        ("no UTF-8", bytes("{\"id\":1,\"method\":\"receipts.").into_iter().chain([0xFF, 0xFE]).chain(bytes("\"}")).collect(), -32700, null),
        ("no UTF-8 in a value", [&b"{\"id\":1,\"method\":\"receipts.create\",\"params\":{\"description\":\"\xC3\x28\"}}"[..]].concat(), -32700, null),
        ("two bytes a letter", request("receipts.check", "{}").encode_utf16().flat_map(u16::to_le_bytes).collect(), -32700, null),
        ("a text", bytes(r#""receipts.check""#), -32600, null),
        ("a number", bytes("5"), -32600, null),
        ("null", bytes("null"), -32600, null),
        ("an empty array", bytes("[]"), -32600, null),
        ("a batch", format!("[{0},{0}]", request("receipts.check", "{}")).into(), -32600, null),
        ("no method", bytes(r#"{"id":1}"#), -32600, Some("1")),
        ("a method that is a number", bytes(r#"{"id":1,"method":5}"#), -32600, Some("1")),
        ("a method that is null", bytes(r#"{"id":1,"method":null}"#), -32600, Some("1")),
        ("a method twice", bytes(r#"{"id":1,"method":"a","method":"b"}"#), -32600, null),
        ("an unknown method", request("receipts.steal", "{}").into(), -32601, Some("1")),
        ("a method in capitals", request("Receipts.Check", "{}").into(), -32601, Some("1")),
        ("params as an array", request("receipts.check", r#"["x"]"#).into(), -32602, Some("1")),
        ("params as a text", request("receipts.check", r#""x""#).into(), -32602, Some("1")),
        ("2 MiB", large.into(), -32600, null),
        ("deep params", request("receipts.create", &arrays).into(), -32602, Some("1")),
        ("deep objects", request("receipts.create", &objects).into(), -32602, Some("1")),
        ("a deep detail", request("receipts.create", &detail).into(), -32602, Some("1")),
        ("a deep id", format!(r#"{{"id":{arrays},"method":"receipts.check"}}"#).into(), -32600, null),
        ("a deep nothing", arrays.clone().into(), -32600, null),
        ("an endless depth", "[".repeat(100_000).into(), -32700, null),
    ]
}

/// Parameters and the error of each: its code and its data. `<receipt>` and `<token>` stand for those
/// of the caller.
const PARAMS: &[(&str, &str, i64, &str)] = &[
    ("cards.create", "{}", -32602, "card"),
    ("cards.create", r#"{"card":["8600069195406311","0399"]}"#, -32602, "card"),
    (
        "cards.create",
        r#"{"card":{"number":8600069195406311,"expire":"0399"}}"#,
        -32602,
        "card.number",
    ),
    (
        "cards.create",
        r#"{"card":{"number":"8600 0691 9540 6311","expire":"0399"}}"#,
        -32602,
        "card.number",
    ),
    (
        "cards.create",
        r#"{"card":{"number":"8600069195406311","expire":"03/99"}}"#,
        -32602,
        "card.expire",
    ),
    (
        "cards.create",
        r#"{"card":{"number":"8600069195406311","expire":"1399"}}"#,
        -31300,
        "wrong_expiry",
    ),
    (
        "cards.create",
        r#"{"card":{"number":"8600069195406311","expire":"0399"},"save":1}"#,
        -32602,
        "save",
    ),
    ("cards.check", "{}", -32602, "token"),
    ("cards.check", r#"{"token":["<token>"]}"#, -32602, "token"),
    ("cards.check", r#"{"token":"no token"}"#, -32500, ""),
    ("cards.verify", r#"{"token":"<token>"}"#, -32602, "code"),
    ("cards.verify", r#"{"token":"<token>","code":6.5}"#, -32602, "code"),
    ("receipts.create", "{}", -32602, "amount"),
    ("receipts.create", r#"{"amount":null,"account":{"order_id":1}}"#, -32602, "amount"),
    ("receipts.create", r#"{"amount":"500","account":{"order_id":1}}"#, -32602, "amount"),
    ("receipts.create", r#"{"amount":[500],"account":{"order_id":1}}"#, -32602, "amount"),
    ("receipts.create", r#"{"amount":500.5,"account":{"order_id":1}}"#, -32602, "amount"),
    ("receipts.create", r#"{"amount":1e-9,"account":{"order_id":1}}"#, -32602, "amount"),
    (
        "receipts.create",
        r#"{"amount":9223372036854775808,"account":{"order_id":1}}"#,
        -32602,
        "amount",
    ),
    ("receipts.create", r#"{"amount":1e400,"account":{"order_id":1}}"#, -32602, "amount"),
    ("receipts.create", r#"{"amount":1e999999999,"account":{"order_id":1}}"#, -32602, "amount"),
    ("receipts.create", r#"{"amount":9223372036854775807,"account":{"order_id":1}}"#, -31612, ""),
    ("receipts.create", r#"{"amount":0,"account":{"order_id":1}}"#, -31611, ""),
    ("receipts.create", r#"{"amount":-500,"account":{"order_id":1}}"#, -31611, ""),
    ("receipts.create", r#"{"amount":-9223372036854775807,"account":{"order_id":1}}"#, -31611, ""),
    ("receipts.create", r#"{"amount":500}"#, -31610, "order_id"),
    ("receipts.create", r#"{"amount":500,"account":{}}"#, -31610, "order_id"),
    ("receipts.create", r#"{"amount":500,"account":{"order_id":null}}"#, -31610, "order_id"),
    ("receipts.create", r#"{"amount":500,"account":{"order_id":""}}"#, -31610, "order_id"),
    ("receipts.create", r#"{"amount":500,"account":{"order_id":{}}}"#, -31610, "order_id"),
    ("receipts.create", r#"{"amount":500,"account":["order_id"]}"#, -32602, "account"),
    (
        "receipts.create",
        r#"{"amount":500,"account":{"order_id":"\u0000"}}"#,
        -32602,
        "account.order_id",
    ),
    ("receipts.create", r#"{"amount":500,"account":{"order_id":1},"hold":"yes"}"#, -32602, "hold"),
    (
        "receipts.create",
        r#"{"amount":500,"account":{"order_id":1},"description":5}"#,
        -32602,
        "description",
    ),
    ("receipts.create", r#"{"amount":500,"account":{"order_id":1},"detail":[]}"#, -32602, "detail"),
    (
        "receipts.create",
        r#"{"amount":500,"account":{"order_id":1},"detail":{"items":{}}}"#,
        -32602,
        "detail.items",
    ),
    ("receipts.pay", r#"{"token":"<token>"}"#, -32602, "id"),
    ("receipts.pay", r#"{"id":"<receipt>"}"#, -32602, "token"),
    ("receipts.pay", r#"{"id":["<receipt>"],"token":"<token>"}"#, -32602, "id"),
    ("receipts.pay", r#"{"id":"<receipt>","token":"no token"}"#, -32500, ""),
    ("receipts.pay", r#"{"id":"<receipt>","token":"<token>","payer":"me"}"#, -32602, "payer"),
    ("receipts.pay", r#"{"id":"000000000000000000000000","token":"<token>"}"#, -31602, ""),
    (
        "receipts.pay",
        r#"{"id":"<receipt>'; DROP TABLE receipt; --","token":"<token>"}"#,
        -31602,
        "",
    ),
    ("receipts.check", r#"{"id":5}"#, -32602, "id"),
    ("receipts.check", r#"{"id":"5"}"#, -31602, ""),
    ("receipts.get", r#"{"id":null}"#, -32602, "id"),
    ("receipts.cancel", r#"{"id":"2e0b1bc1f1eb50d487ba268d"}"#, -31602, ""),
    ("receipts.confirm_hold", r#"{"id":"<receipt>"}"#, -31602, "state:0"),
    ("receipts.confirm_hold", r#"{"id":"<receipt>","amount":"all"}"#, -32602, "amount"),
    ("receipts.send", r#"{"id":"<receipt>","phone":"somebody"}"#, -32602, "phone"),
    ("receipts.get_all", r#"{"count":51,"from":0,"to":1}"#, -32602, "count"),
    ("receipts.get_all", r#"{"count":2,"from":"yesterday","to":1}"#, -32602, "from"),
    ("receipts.get_all", r#"{"count":2,"from":0,"to":1,"offset":-1}"#, -32602, "offset"),
    ("receipts.set_fiscal_data", r#"{"id":"<receipt>","fiscal_data":[]}"#, -32602, "fiscal_data"),
    (
        "receipts.set_fiscal_data",
        r#"{"id":"<receipt>","fiscal_data":{"receipt_id":1}}"#,
        -32602,
        "fiscal_data.qr_code_url",
    ),
];

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
    for (name, body, code, id) in envelopes() {
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
    let extra = r#"{"jsonrpc":"1.0","id":1,"method":"receipts.get_all","more":[],"params":{"from":0,"to":1,"reason":"r"}}"#;
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
