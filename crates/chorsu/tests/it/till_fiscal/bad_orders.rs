//! Orders and shifts that are refused: the documented error, and nothing registered.

use serde_json::{Value, json};

use super::client::{Till, code, message, order, with};
use crate::world::World;

const URL: &str =
    "https://ofd.soliq.uz/check?t=ZZ170703100597&r=2421&c=20230104121801&s=514343190161";

/// An order whose only line has this in place of what it should have.
fn line(name: &str, value: impl Into<Value>) -> Value {
    let mut order = order(1_000, 0);
    order["products"][0][name] = value.into();
    order
}

#[tokio::test]
async fn wrong_orders_have_the_documented_errors() {
    let world = World::sqlite().await;
    let till = Till::open(&world.server, "a").await;
    let cases = [
        (json!({}), 7),
        (json!([]), 7),
        (json!({ "products": [] }), 7),
        (with(order(1_000, 0), "receipt_type", "gift"), 7),
        (with(order(1_000, 0), "received_cash", -1), 7),
        (with(order(1_000, 0), "received_cash", 0.5), 7),
        (with(order(1_000, 0), "time", "yesterday"), 7),
        (with(order(1_000, 0), "time", "2024-02-21 13:19:43"), 104),
        (with(order(1_000, 0), "extra_info", json!({ "qr_payment_id": "1" })), 7),
        (with(order(1_000, 0), "received_card", 10_001), 65_531),
        (line("class_code", "1905001001000000"), 401),
        (line("package_code", "x"), 402),
        (line("vat", 1_001), 7),
        (line("discount", 1_001), 7),
        (line("vat_percent", 100), 7),
        (line("amount", 0), 7),
        (line("price", Value::Null), 7),
        (line("price", i64::MAX), 7),
        (line("name", " "), 7),
        (with(order(1_000, 0), "ppt_id", "12345678901234567"), 65_531),
    ];
    for (order, want) in cases {
        assert_eq!(code(&till.post("/order", &order).await), want, "{order}");
    }
    for body in ["", "{", "null", "received_cash=1"] {
        assert_eq!(code(&till.post_bytes("/order/create/", body).await), 7, "{body}");
    }
    let (_, message, data) = till.post("/order", &order_short()).await.unwrap_err();
    assert_eq!(message, "CANNOT_ENCODE_RECEIPT");
    assert_eq!(data, "difference 65000 between 50000 and 115000 is larger than 10000");
    assert_eq!(till.receipts().await.len(), 0);
    world.finish().await;
}

/// An order that was not paid in full.
fn order_short() -> Value {
    with(order(115_000, 0), "received_cash", 50_000)
}

#[tokio::test]
async fn wrong_refunds_have_the_documented_errors() {
    let world = World::sqlite().await;
    let till = Till::open(&world.server, "a").await;
    let sale = till.post("/order", &order(1_000, 0)).await.unwrap();
    let url = sale["qr_url"].as_str().unwrap();
    let other_sign = match url.strip_suffix('0') {
        Some(start) => format!("{start}1"),
        None => format!("{}0", &url[..url.len() - 1]),
    };
    let cases = [
        (order(1_000, 0), 7),
        (with(order(1_000, 0), "qr_code", Value::Null), 7),
        (with(order(1_000, 0), "qr_code", "https://example.org"), 7),
        (with(order(1_000, 0), "qr_code", URL), 65_276),
        (with(order(1_000, 0), "qr_code", other_sign), 65_274),
        (with(order(1_001, 0), "qr_code", url), 122),
        (with(order(0, 1_000), "qr_code", url), 122),
    ];
    for (refund, want) in cases {
        assert_eq!(code(&till.post("/order/refuse", &refund).await), want, "{refund}");
    }
    assert_eq!(till.module().await["refunded"]["count"], 0);
    world.finish().await;
}

#[tokio::test]
async fn wrong_questions_have_the_documented_errors() {
    let world = World::sqlite().await;
    let till = Till::at(&world.server, "a");
    let cases = [
        ("/zreport/open?time=tomorrow", 7),
        ("/zreport/open?time=2024-02-21%2013:19:43", 104),
        ("/zreport/info?number=0", 7),
        ("/zreport/info?number=1", 122),
        ("/zreport/close", 9326),
        ("/order/last", 36_871),
        ("/order/print", 36_871),
        ("/order/print?seq=1", 36_871),
        ("/order/print?format=gif", 7),
        ("/order/print?width=40", 7),
        ("/order/print?seq=one", 7),
        ("/order/print?copy=perhaps", 7),
        ("/order/print?uuid=none", 36_871),
        ("/order/print?seq=1&seq=2", 7),
    ];
    for (path, want) in cases {
        assert_eq!(code(&till.get(path).await), want, "{path}");
    }
    let close = till.post("/zreport/close", &json!({})).await;
    assert_eq!(message(close, 7), r#"{"close_zreport":["This field is required."]}"#);
    let wrong = till.raw("/order").await;
    assert_eq!(wrong.status(), 405);
    world.finish().await;
}
