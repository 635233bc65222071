//! Requests for payments, confirmations and shifts that are wrong, each with its message.

use chorsu_api::till::{AmountUnit, PinpadPayment, decode};
use serde_json::json;

use super::world::{URL, message, tiyin};

const REQUIRED: &str = "This field is required.";
const NULL: &str = "This field may not be null.";
const BLANK: &str = "This field may not be blank.";
const INTEGER: &str = "A valid integer is required.";
const POSITIVE: &str = "Ensure this value is greater than or equal to 1.";
const STRING: &str = "Not a valid string.";
const BAD_URL: &str = "Enter a valid URL.";

/// A message about single fields, in their order.
fn about(fields: &[(&str, &str)]) -> String {
    let parts: Vec<_> =
        fields.iter().map(|(name, text)| format!("\"{name}\":{}", json!([text]))).collect();
    format!("{{{}}}", parts.join(","))
}

#[test]
fn scanned_payments() {
    let scan = |body: &str| message(decode::scan(body.as_bytes(), AmountUnit::Sum));
    let amount = |amount: &str| scan(&format!(r#"{{"amount":{amount},"qr_code":"88"}}"#));
    let largest = "Ensure this value is less than or equal to 1000000000.";
    for (value, want) in [
        ("null", NULL),
        ("0", POSITIVE),
        ("-500", POSITIVE),
        ("-0", POSITIVE),
        ("0.5", INTEGER),
        ("500.01", INTEGER),
        ("\"500.01\"", INTEGER),
        ("\"\"", INTEGER),
        ("\"five\"", INTEGER),
        ("true", INTEGER),
        ("[500]", INTEGER),
        ("{\"amount\":500}", INTEGER),
        ("1000000001", largest),
        ("9223372036854775808", largest),
        ("1e999999999999", INTEGER),
    ] {
        assert_eq!(amount(value), about(&[("amount", want)]), "{value}");
    }
    let code = |code: &str| scan(&format!(r#"{{"amount":500,"qr_code":{code}}}"#));
    let long = format!("\"{}\"", "8".repeat(513));
    for (value, want) in [
        ("null", NULL),
        ("\"\"", BLANK),
        ("\" \\t\\n\"", BLANK),
        ("true", STRING),
        ("8.5", STRING),
        ("[\"88\"]", STRING),
        ("\"\\ud800\"", STRING),
        ("\"8\\u0000\"", "Null characters are not allowed."),
        (&long, "Ensure this field has no more than 512 characters."),
    ] {
        assert_eq!(code(value), about(&[("qr_code", want)]), "{value}");
    }
    let missing = about(&[("amount", REQUIRED), ("qr_code", REQUIRED)]);
    assert_eq!(scan("{}"), missing);
    assert_eq!(scan(""), missing);
    assert_eq!(scan(r#"{"Amount":500,"qrcode":"8"}"#), missing);
}

#[test]
fn payments_that_are_right_in_an_unusual_way() {
    for body in [
        r#"{"amount":500,"qr_code":880101698207133392}"#,
        r#"{"amount":"500","qr_code":" 880101698207133392 "}"#,
        r#"{"amount":500.00,"qr_code":"880101698207133392","items":[],"confirm_mode":1}"#,
        r#"{"amount":5e2,"qr_code":"\u003880101698207133392",}"#,
    ] {
        let scan = decode::scan(body.as_bytes(), AmountUnit::Sum).unwrap();
        assert_eq!((scan.amount, scan.qr_code.as_str()), (tiyin(50_000), "880101698207133392"));
        assert!(!format!("{scan:?}").contains("8801"), "a code is never printed");
        let scan = decode::scan(body.as_bytes(), AmountUnit::Tiyin).unwrap();
        assert_eq!(scan.amount, tiyin(500));
    }
}

#[test]
fn bodies_that_are_no_json_object() {
    let deep = "[".repeat(100_000);
    let deep_inside = format!(r#"{{"amount":{deep}"#);
    let deep_closed = format!(r#"{{"amount":{deep}{},"qr_code":"8"}}"#, "]".repeat(100_000));
    let cases: [(&[u8], &str); 8] = [
        (b"amount=500&qr_code=88", r#"{"detail":["JSON parse error - Expecting value: line 1"#),
        (b"{\"amount\":500,", r#"{"detail":["JSON parse error - "#),
        (
            b"{\"amount\":NaN}",
            r#"{"detail":["JSON parse error - Expecting value: line 1 column 11"#,
        ),
        (b"\xff\xfe{}", r#"{"detail":["JSON parse error - 'utf-8' codec can't decode byte 0xff"#),
        (b"{\"amount\":5,\"amount\":6}", r#"{"detail":["JSON parse error - Names must be text"#),
        (b"[]", r#"{"non_field_errors":["Invalid data. Expected a dictionary, but got list."]}"#),
        (deep_inside.as_bytes(), r#"{"detail":["JSON parse error - "#),
        (deep_closed.as_bytes(), r#"{"amount":["A valid integer is required."]}"#),
    ];
    for (body, want) in cases {
        let got = message(decode::scan(body, AmountUnit::Sum));
        assert!(got.starts_with(want), "{got}");
    }
}

#[test]
fn the_pinpad() {
    let pinpad = |body: &str| message(decode::pinpad(body.as_bytes()));
    let pattern = "This value does not match the required pattern.";
    for (body, want) in [
        ("{}", about(&[("amount", REQUIRED)])),
        (r#"{"amount":0}"#, about(&[("amount", POSITIVE)])),
        (r#"{"amount":500.5}"#, about(&[("amount", INTEGER)])),
        (
            r#"{"amount":100000000001}"#,
            about(&[("amount", "Ensure this value is less than or equal to 100000000000.")]),
        ),
        (r#"{"is_return":true}"#, about(&[("amount", REQUIRED), ("request_id", REQUIRED)])),
        (
            r#"{"amount":5,"is_return":"maybe"}"#,
            about(&[("is_return", "Must be a valid boolean.")]),
        ),
        (r#"{"amount":5,"is_return":true,"request_id":""}"#, about(&[("request_id", BLANK)])),
        (r#"{"amount":5,"is_return":true,"request_id":"12x"}"#, about(&[("request_id", pattern)])),
        (
            r#"{"amount":5,"is_return":true,"request_id":"1234567890123"}"#,
            about(&[("request_id", "Ensure this field has no more than 12 characters.")]),
        ),
        // Who names a payment does not want another one.
        (r#"{"amount":5,"request_id":"231511584547"}"#, about(&[("is_return", REQUIRED)])),
        (
            r#"{"amount":5,"request_id":231511584547,"is_return":null}"#,
            about(&[("is_return", REQUIRED)]),
        ),
        (
            r#"{"amount":5,"request_id":"231511584547","is_return":false}"#,
            about(&[("is_return", "This field must be true where request_id names a payment.")]),
        ),
    ] {
        assert_eq!(pinpad(body), want, "{body}");
    }
    let void = |request_id: &str| {
        let body = format!(r#"{{"request_id":{request_id},"amount":50000,"is_return":true}}"#);
        decode::pinpad(body.as_bytes()).unwrap()
    };
    let want = |rrn: &str| PinpadPayment::Void { amount: tiyin(50_000), rrn: rrn.to_owned() };
    assert_eq!(void("\"031511584547\""), want("031511584547"));
    assert_eq!(void("31511584547"), want("031511584547"));
    for sale in [
        br#"{"amount":"50000","is_return":false,"request_id":""}"#.as_slice(),
        br#"{"amount":50000,"request_id":null}"#,
        br#"{"amount":50000,"request_id":" "}"#,
    ] {
        assert_eq!(decode::pinpad(sale), Ok(PinpadPayment::Sale { amount: tiyin(50_000) }));
    }
}

#[test]
fn confirmations() {
    let confirm = |body: &str| message(decode::confirm(body.as_bytes()));
    let with = |url: &str| confirm(&json!({"payment_id": "1", "qr_code": url}).to_string());
    for bad in [
        "URL cheka",
        "https://ofd.soliq.uz/check",
        "http://ofd.soliq.uz/check?t=UZ170703100597&r=2421&c=20230104121801&s=514343190161",
        "https://ofd.soliq.uz.example.org/check?t=UZ170703100597&r=2421&c=20230104121801&s=514343190161",
        "https://ofd.soliq.uz/check?t=UZ170703100597&r=2421&c=20230104121801",
        "https://ofd.soliq.uz/check?t=UZ170703100597&r=x&c=20230104121801&s=514343190161",
        "https://ofd.soliq.uz/check?t=UZ170703100597&r=2421&c=20231304121801&s=514343190161",
    ] {
        assert_eq!(with(bad), about(&[("qr_code", BAD_URL)]), "{bad}");
    }
    assert_eq!(with(""), about(&[("qr_code", BLANK)]));
    assert_eq!(confirm("{}"), about(&[("payment_id", REQUIRED), ("qr_code", REQUIRED)]));
    let long = json!({"payment_id": "1".repeat(65), "qr_code": URL}).to_string();
    assert_eq!(
        confirm(&long),
        about(&[("payment_id", "Ensure this field has no more than 64 characters.")])
    );
    let number = json!({"payment_id": 2_354_512_461_i64, "qr_code": URL}).to_string();
    assert_eq!(decode::confirm(number.as_bytes()).unwrap().payment_id, "2354512461");
}

#[test]
fn confirmations_for_payme() {
    let body = |parts: serde_json::Value| {
        let mut body = json!({"payment_id": "63b5282a6f47f572807fd53e", "qr_code": URL});
        body.as_object_mut().unwrap().extend(parts.as_object().unwrap().clone());
        body.to_string().into_bytes()
    };
    for good in [
        json!({}),
        json!({"receipt_id": "2421"}),
        json!({"receipt_id": 2421, "fiscal_sign": 514_343_190_161_i64}),
        json!({"fiscal_sign": "514343190161"}),
    ] {
        assert!(decode::payme_confirm(&body(good.clone())).is_ok(), "{good}");
    }
    let differs = "Does not match the receipt in qr_code.";
    for (bad, want) in [
        (json!({"receipt_id": null}), about(&[("receipt_id", NULL)])),
        (json!({"fiscal_sign": ""}), about(&[("fiscal_sign", BLANK)])),
        (
            json!({"fiscal_sign": null, "receipt_id": " "}),
            about(&[("receipt_id", BLANK), ("fiscal_sign", NULL)]),
        ),
        (json!({"receipt_id": "2422"}), about(&[("receipt_id", differs)])),
        (json!({"fiscal_sign": "514343190162"}), about(&[("fiscal_sign", differs)])),
        (json!({"receipt_id": [1]}), about(&[("receipt_id", STRING)])),
    ] {
        assert_eq!(message(decode::payme_confirm(&body(bad.clone()))), want, "{bad}");
    }
}

#[test]
fn shifts() {
    let time = "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DD hh:mm:ss.";
    assert_eq!(decode::zreport_open(""), Ok(None));
    let opened = decode::zreport_open("time=2024-02-05%2014:34:33").unwrap().unwrap();
    assert_eq!(opened.to_string(), "2024-02-05 14:34:33");
    assert_eq!(message(decode::zreport_open("time=now")), about(&[("time", time)]));
    assert_eq!(message(decode::zreport_close_get("time=now")), about(&[("time", time)]));
    assert!(decode::zreport_close_get("time=2024-02-05+14:34:33").unwrap().close);

    let close = |body: &str| decode::zreport_close("", body.as_bytes());
    assert_eq!(message(close("{}")), about(&[("close_zreport", REQUIRED)]));
    assert_eq!(
        message(close(r#"{"close_zreport":"yes"}"#)),
        about(&[("close_zreport", "Must be a valid boolean.")])
    );
    assert_eq!(
        message(close(
            r#"{"close_zreport":true,"prices":[{"price":1},{"name":"UZS","price":-1}]}"#
        )),
        "{\"prices\":[{\"name\":[\"This field is required.\"]},\
         {\"price\":[\"Ensure this value is greater than or equal to 0.\"]}]}"
    );
    let shown =
        close(r#"{"name":"X","prices":[{"name":"UZS","price":12345}],"close_zreport":false}"#);
    let shown = shown.unwrap();
    assert_eq!((shown.close, shown.prices[0].price), (false, tiyin(12_345)));

    let info = decode::zreport_info("number=1&print=true").unwrap();
    assert_eq!((info.number, info.print), (Some(1), true));
    let info = decode::zreport_info("").unwrap();
    assert_eq!((info.number, info.print), (None, false));
    for bad in ["0", "-1", "x", "99999999999"] {
        let got = message(decode::zreport_info(&format!("number={bad}")));
        assert_eq!(got, about(&[("number", INTEGER)]), "{bad}");
    }
}
