//! Requests that are missing something, ill-typed, hostile or too long, each with its code.

use chorsu_core::bank::{BankCode, BankDirectory, CardRule, OrderKind};
use serde_json::{Value, json};

use crate::bank::{StatementRequest, read_order, read_statement};

/// A sound order; budget orders take it too, because they skip what is not theirs.
fn base() -> Value {
    json!({
        "orderId": "1", "serviceId": 2, "amount": 500, "comissionAmount": 0,
        "receiverName": "A", "mfoReceiver": "00401", "receiverAccount": "16103000900000401001",
        "innReceiver": "207099143", "purpose": "B", "purposeCode": "00401",
    })
}

fn code_of(kind: OrderKind, body: &[u8]) -> u16 {
    let order = read_order(kind, body).and_then(|draft| {
        draft.service()?;
        draft.check(kind, CardRule::Optional, &BankDirectory::built_in())
    });
    order.err().map_or(0, BankCode::number)
}

/// The codes that both kinds of orders give for the base with one field changed.
fn changed(field: &str, value: &Value) -> [u16; 2] {
    let mut body = base();
    body[field] = value.clone();
    let body = body.to_string();
    [OrderKind::Ordinary, OrderKind::Budget].map(|kind| code_of(kind, body.as_bytes()))
}

#[test]
fn the_base_is_sound() {
    assert_eq!(changed("orderId", &json!("2")), [0, 0]);
    for field in ["orderId", "serviceId", "amount", "comissionAmount"] {
        assert_eq!(changed(field, &json!(7)), [0, 0], "{field} as a number");
        assert_eq!(changed(field, &json!("7")), [0, 0], "{field} as a string");
        assert_eq!(changed(field, &Value::Null), [1017, 1017], "{field} null");
        assert_eq!(changed(field, &json!("")), [1017, 1017], "{field} empty");
    }
}

#[test]
fn amounts() {
    let bad = [
        json!("1e9"),
        json!("500.5"),
        json!("-1"),
        json!(" 500"),
        json!(500.0),
        json!(-1),
        json!(1e9),
        json!(500.5),
        json!(true),
        json!([500]),
        json!({}),
        json!("пятьсот"),
        json!("9223372036854775808"),
        json!(9_223_372_036_854_775_808_u64),
        json!(0),
        json!("0"),
    ];
    for amount in bad {
        assert_eq!(changed("amount", &amount), [1017, 1017], "{amount}");
    }
    for commission in [json!("1e9"), json!("-1"), json!(0.0), json!(i64::MAX)] {
        assert_eq!(changed("comissionAmount", &commission), [1017, 1017], "{commission}");
    }
    for amount in [json!("500"), json!(500), json!(i64::MAX), json!("9223372036854775807")] {
        assert_eq!(changed("amount", &amount), [0, 0], "{amount}");
    }
    // Written as it stands: a JSON library would make another number of it.
    let text = base().to_string().replace("\"amount\":500", "\"amount\":5e2");
    assert_eq!(code_of(OrderKind::Ordinary, text.as_bytes()), 1017);
}

#[test]
fn texts() {
    let cases = [
        ("receiverName", json!("a\u{0}b"), [1015, 0]),
        ("receiverName", json!("\u{85}"), [1015, 0]),
        ("receiverName", json!("'; DROP TABLE orders; --"), [0, 0]),
        ("receiverName", json!(5), [0, 0]),
        ("receiverName", json!([]), [1017, 0]),
        ("purpose", json!("a\r\nb"), [1016, 1016]),
        ("purpose", json!("\u{1b}[2J"), [1016, 1016]),
        ("purpose", json!("x".repeat(10 << 20)), [1017, 1017]),
        ("purpose", json!(" "), [1017, 1017]),
        ("orderId", json!("1 2"), [1017, 1017]),
        ("orderId", json!(" "), [1017, 1017]),
        ("orderId", json!("x".repeat(65)), [1017, 1017]),
        ("mfoReceiver", json!("99999"), [1014, 0]),
        ("receiverAccount", json!("1610300090000040100x"), [1013, 1013]),
        ("receiverAccount", json!("400522860262837950100251028"), [1013, 0]),
        ("innReceiver", json!("20709914"), [1017, 0]),
        ("purposeCode", json!("401"), [0, 1017]),
        ("cardType", json!("VISA"), [1017, 1017]),
        ("cardNumber", json!("9860 5315 5489 6678"), [1017, 1017]),
        ("cardNumber", json!(9_860_531_554_896_678_u64), [0, 0]),
    ];
    for (field, value, codes) in cases {
        assert_eq!(changed(field, &value), codes, "{field} {value:.60}");
    }
    let half = |field: &str, code: u16| {
        let mut body = base();
        body[field] = json!("HALF");
        let body = body.to_string().replace("HALF", r"\ud800");
        assert_eq!(code_of(OrderKind::Ordinary, body.as_bytes()), code, "{field}");
    };
    half("receiverName", 1015);
    half("purpose", 1016);
    half("orderId", 1017);
    half("amount", 1017);
}

#[test]
fn bodies() {
    let deep = format!("{{\"x\":{}", "[".repeat(100_000));
    let nested = format!("{{\"purpose\":{}{}}}", "[".repeat(500), "]".repeat(500));
    let twice = base().to_string().replacen('{', "{\"amount\":1,", 1);
    let bodies = ["", "null", "[]", "\"x\"", "{", "{}", "{}{}", &deep, &nested, &twice];
    for body in bodies {
        for kind in [OrderKind::Ordinary, OrderKind::Budget] {
            assert_eq!(code_of(kind, body.as_bytes()), 1017, "{body:.60}");
        }
    }
    assert_eq!(code_of(OrderKind::Ordinary, b"\xff\xfe{}"), 1017);
    assert_eq!(code_of(OrderKind::Ordinary, b"{\"purpose\":\"\xd0\"}"), 1017);
}

fn statement(body: &str, query: Option<&str>) -> Result<StatementRequest, u16> {
    let draft = read_statement(body.as_bytes(), query).map_err(BankCode::number)?;
    draft.check().map_err(BankCode::number)
}

#[test]
fn statements_by_body_and_by_query() {
    let query = "type=1&lastId=0&fromDate=2023-01-01&toDate=2023-01-01&serviceId=27";
    let by_query = statement("", Some(query)).unwrap();
    let body = r#"{"type":1,"lastId":"0","fromDate":"2023-01-01","toDate":"2023-01-01",
        "serviceId":"27"}"#;
    assert_eq!(statement(body, None).unwrap(), by_query);
    assert_eq!(statement(body, Some("type=9")).unwrap(), by_query, "the body goes first");
    assert_eq!(statement(" \r\n", Some(query)).unwrap(), by_query);
}

#[test]
fn statements_that_are_not_sound() {
    let base = json!({
        "type": "0", "lastId": 5, "fromDate": "2023-01-02", "toDate": "2023-02-21", "serviceId": 27,
    });
    let cases = [
        ("type", json!("3"), 1017),
        ("type", json!("00"), 1017),
        ("type", Value::Null, 1017),
        ("type", json!(0.0), 1017),
        ("lastId", json!(-1), 1017),
        ("lastId", json!("1e9"), 1017),
        ("lastId", json!(""), 1017),
        ("lastId", json!("9223372036854775808"), 1017),
        ("lastId", json!("9223372036854775807"), 0),
        ("fromDate", json!("2023-02-22"), 1017),
        ("fromDate", json!("01.01.2023"), 1017),
        ("fromDate", json!("2023-02-30"), 1017),
        ("toDate", json!("2023-01-01"), 1017),
        ("toDate", json!("9999-12-31"), 0),
        ("toDate", json!("2023-02-21 00:00:00"), 1017),
        ("serviceId", Value::Null, 1017),
        ("serviceId", json!("x"), 1001),
        ("serviceId", json!("-27"), 1001),
    ];
    for (field, value, code) in cases {
        let mut body = base.clone();
        body[field] = value.clone();
        let found = statement(&body.to_string(), None).err().unwrap_or(0);
        assert_eq!(found, code, "{field} {value}");
    }
    for (body, query) in [("[]", None), ("", None), ("", Some("")), ("", Some("type=0&type=0"))] {
        assert_eq!(statement(body, query), Err(1017), "{body} {query:?}");
    }
}
