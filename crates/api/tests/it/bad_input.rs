//! Parameters that are missing, of a wrong type, too long or out of range, each with its error.

use crate::world::{RECEIPT, TOKEN, refusal, request};

/// Checks `(params, code, data)` at one method.
fn check(method: &str, cases: &[(&str, i32, &str)]) {
    for (params, code, data) in cases {
        let (got, got_data) = refusal(&request(method, params));
        assert_eq!(got, *code, "{method} {params:.200}");
        assert_eq!(got_data.as_deref().unwrap_or_default(), *data, "{method} {params:.200}");
    }
}

#[test]
fn cards_create() {
    check(
        "cards.create",
        &[
            ("{}", -32602, "card"),
            (r#"{"card":null}"#, -32602, "card"),
            (r#"{"card":["8600069195406311","0399"]}"#, -32602, "card"),
            (r#"{"card":{"expire":"0399"}}"#, -32602, "card.number"),
            (r#"{"card":{"number":8600069195406311,"expire":"0399"}}"#, -32602, "card.number"),
            (r#"{"card":{"number":"8600 0691 9540 6311","expire":"0399"}}"#, -32602, "card.number"),
            (r#"{"card":{"number":"860006919540631","expire":"0399"}}"#, -32602, "card.number"),
            (r#"{"card":{"number":"8600069195406311"}}"#, -32602, "card.expire"),
            (r#"{"card":{"number":"8600069195406311","expire":"03/99"}}"#, -32602, "card.expire"),
            (r#"{"card":{"number":"8600069195406311","expire":399}}"#, -32602, "card.expire"),
            (r#"{"card":{"number":"8600069195406311","expire":"1399"}}"#, -31300, "wrong_expiry"),
            (
                r#"{"card":{"number":"8600069195406311","expire":"0399"},"save":"yes"}"#,
                -32602,
                "save",
            ),
            (r#"{"card":{"number":"1","number":"2"}}"#, -32602, "card"),
        ],
    );
}

#[test]
fn tokens() {
    let old = format!(r#"{{"token":"{}"}}"#, "NTg0YTg0ZDYyYWJiNWNh".repeat(14));
    for method in ["cards.get_verify_code", "cards.check", "cards.remove", "cards.verify"] {
        check(
            method,
            &[
                ("{}", -32602, "token"),
                (r#"{"token":5}"#, -32602, "token"),
                (r#"{"token":""}"#, -32500, ""),
                (r#"{"token":"junk"}"#, -32500, ""),
                (r#"{"token":"\ud800"}"#, -32602, "token"),
                (&old, -31400, ""),
            ],
        );
    }
}

#[test]
fn cards_verify() {
    let with = |code: &str| format!(r#"{{"token":"{TOKEN}","code":{code}}}"#);
    let long = with(&"1".repeat(1000));
    let cases = [r#""""#, "-1", "1.5", "1e3", "null", "true", "[6]", r#""12345678901234567""#];
    for code in cases {
        check("cards.verify", &[(&with(code), -32602, "code")]);
    }
    check("cards.verify", &[(&long, -32602, "code")]);
}

#[test]
fn receipt_ids() {
    for method in ["receipts.cancel", "receipts.check", "receipts.get", "receipts.confirm_hold"] {
        check(
            method,
            &[
                ("{}", -32602, "id"),
                (r#"{"id":null}"#, -32602, "id"),
                (r#"{"id":12}"#, -32602, "id"),
                (r#"{"id":""}"#, -31602, ""),
                (r#"{"id":"{{ReceiptId}}"}"#, -31602, ""),
                (r#"{"id":"2e0b1bc1f1eb50d487ba268g"}"#, -31602, ""),
            ],
        );
    }
}

#[test]
fn amounts() {
    for amount in ["null", r#""500000""#, "1.5", "1e-3", "1e19", "9223372036854775808", "[5]", "{}"]
    {
        let create = format!(r#"{{"amount":{amount},"account":{{"order_id":"1"}}}}"#);
        check("receipts.create", &[(&create, -32602, "amount")]);
        if amount != "null" {
            let confirm = format!(r#"{{"id":"{RECEIPT}","amount":{amount}}}"#);
            check("receipts.confirm_hold", &[(&confirm, -32602, "amount")]);
        }
    }
    for amount in ["0", "-0", "0.0", "-5", "-500000.0", "-1e3"] {
        let create = format!(r#"{{"amount":{amount}}}"#);
        let confirm = format!(r#"{{"id":"{RECEIPT}","amount":{amount}}}"#);
        check("receipts.create", &[(&create, -31611, "")]);
        check("receipts.confirm_hold", &[(&confirm, -31611, "")]);
    }
}

#[test]
fn receipts_create() {
    let with = |rest: &str| format!(r#"{{"amount":500000,{rest}}}"#);
    let many: Vec<String> = (0..33).map(|n| format!("\"f{n}\":1")).collect();
    let (many, long) = (many.join(","), "x".repeat(3000));
    let cases = [
        (r#""account":"order""#.to_owned(), "account"),
        (r#""account":[1]"#.to_owned(), "account"),
        (r#""account":{"a":1,"a":2}"#.to_owned(), "account"),
        (r#""account":{"\ud800":1}"#.to_owned(), "account"),
        (r#""account":{"\u0000":1}"#.to_owned(), "account"),
        (r#""account":{"order_id":"\u0000"}"#.to_owned(), "account.order_id"),
        (format!(r#""account":{{"order_id":"{long}"}}"#), "account.order_id"),
        (format!(r#""account":{{"order_id":{}}}"#, "9".repeat(3000)), "account.order_id"),
        (format!(r#""account":{{"{long}":1}}"#), "account"),
        (format!(r#""account":{{{many}}}"#), "account"),
        (r#""description":5"#.to_owned(), "description"),
        (r#""description":"\u0000""#.to_owned(), "description"),
        (format!(r#""description":"{long}""#), "description"),
        (r#""hold":1"#.to_owned(), "hold"),
        (r#""hold":"true""#.to_owned(), "hold"),
        (r#""amount":2"#.to_owned(), "params"),
    ];
    for (rest, data) in cases {
        check("receipts.create", &[(&with(&rest), -32602, data)]);
    }
}

#[test]
fn details() {
    let item = |rest: &str| {
        let item = r#"{"title":"a","price":1,"count":1}"#;
        format!(r#"{{"items":[{item},{rest}]}}"#)
    };
    let many = format!(r#"{{"items":[{}]}}"#, vec!["{}"; 1001].join(","));
    let huge = format!(r#"{{"key":"{}"}}"#, "x".repeat(70_000));
    let most = r#"{"title":"a","price":1,"count":1,"discount":9223372036854775807}"#;
    let overflow = format!(r#"{{"items":[{most},{most}]}}"#);
    let cases = [
        ("5".to_owned(), "detail"),
        ("true".to_owned(), "detail"),
        (r#"{"a":["\ud800"]}"#.to_owned(), "detail"),
        ("[]".to_owned(), "detail"),
        (huge, "detail"),
        (r#"{"items":[],"items":[]}"#.to_owned(), "detail"),
        (r#"{"receipt_type":"sale"}"#.to_owned(), "detail.receipt_type"),
        (r#"{"receipt_type":0.5}"#.to_owned(), "detail.receipt_type"),
        (r#"{"shipping":"x"}"#.to_owned(), "detail.shipping"),
        (r#"{"shipping":{"price":1}}"#.to_owned(), "detail.shipping.title"),
        (r#"{"shipping":{"title":"x","price":"1"}}"#.to_owned(), "detail.shipping.price"),
        (r#"{"discount":{"title":"x","price":-1}}"#.to_owned(), "detail.discount.price"),
        (r#"{"items":{}}"#.to_owned(), "detail.items"),
        (r#"{"items":"x"}"#.to_owned(), "detail.items"),
        (many, "detail.items"),
        (item("5"), "detail.items[1]"),
        (item("[]"), "detail.items[1]"),
        (item(r#"{"price":1,"count":1}"#), "detail.items[1].title"),
        (item(r#"{"title":5,"price":1,"count":1}"#), "detail.items[1].title"),
        (item(r#"{"title":"a","count":1}"#), "detail.items[1].price"),
        (item(r#"{"title":"a","price":"1","count":1}"#), "detail.items[1].price"),
        (item(r#"{"title":"a","price":1.5,"count":1}"#), "detail.items[1].price"),
        (item(r#"{"title":"a","price":1}"#), "detail.items[1].count"),
        (item(r#"{"title":"a","price":1,"count":"2"}"#), "detail.items[1].count"),
        (item(r#"{"title":"a","price":1,"count":0}"#), "detail.items[1].count"),
        (item(r#"{"title":"a","price":1,"count":-1}"#), "detail.items[1].count"),
        (item(r#"{"title":"a","price":1,"count":1,"code":17}"#), "detail.items[1].code"),
        (item(r#"{"title":"a","price":1,"count":1,"units":"x"}"#), "detail.items[1].units"),
        (
            item(r#"{"title":"a","price":1,"count":1,"vat_percent":"12"}"#),
            "detail.items[1].vat_percent",
        ),
        (
            item(r#"{"title":"a","price":1,"count":1,"package_code":5}"#),
            "detail.items[1].package_code",
        ),
        (item(r#"{"title":"a","price":1,"count":1,"discount":"5"}"#), "detail.items[1].discount"),
        (overflow, "detail.items[1].discount"),
    ];
    for (detail, data) in cases {
        let params = format!(r#"{{"amount":5,"detail":{detail}}}"#);
        check("receipts.create", &[(&params, -32602, data)]);
    }
}

#[test]
fn payments() {
    let with = |rest: &str| format!(r#"{{"id":"{RECEIPT}","token":"{TOKEN}",{rest}}}"#);
    let long = format!(r#""payer":{{"name":"{}"}}"#, "x".repeat(300));
    check(
        "receipts.pay",
        &[
            (&format!(r#"{{"token":"{TOKEN}"}}"#), -32602, "id"),
            (&format!(r#"{{"id":"{RECEIPT}"}}"#), -32602, "token"),
            (&format!(r#"{{"id":"x","token":"{TOKEN}"}}"#), -31602, ""),
            (&with(r#""payer":"me""#), -32602, "payer"),
            (&with(r#""payer":[1]"#), -32602, "payer"),
            (&with(r#""payer":{"phone":{}}"#), -32602, "payer.phone"),
            (&with(r#""payer":{"ip":true}"#), -32602, "payer.ip"),
            (&with(&long), -32602, "payer.name"),
            (&with(r#""hold":"no""#), -32602, "hold"),
        ],
    );
}

#[test]
fn phones() {
    for phone in
        ["null", r#""""#, r#""901304527""#, r#""998 90 130 45 27""#, r#""799890130452""#, "{}"]
    {
        let params = format!(r#"{{"id":"{RECEIPT}","phone":{phone}}}"#);
        check("receipts.send", &[(&params, -32602, "phone")]);
    }
}

#[test]
fn pages() {
    let with = |rest: &str| format!(r#"{{"from":1,"to":2{rest}}}"#);
    let cases = [
        ("{}".to_owned(), "from"),
        (r#"{"from":1}"#.to_owned(), "to"),
        (r#"{"from":"1","to":2}"#.to_owned(), "from"),
        (r#"{"from":-1,"to":2}"#.to_owned(), "from"),
        (r#"{"from":1,"to":9223372036854775808}"#.to_owned(), "to"),
        (with(r#","count":0"#), "count"),
        (with(r#","count":51"#), "count"),
        (with(r#","count":"2""#), "count"),
        (with(r#","count":4294967297"#), "count"),
        (with(r#","offset":-1"#), "offset"),
        (with(r#","offset":1000001"#), "offset"),
    ];
    for (params, data) in cases {
        check("receipts.get_all", &[(&params, -32602, data)]);
    }
}

#[test]
fn fiscal_data() {
    let cases = [
        ("null", "fiscal_data"),
        ("[]", "fiscal_data"),
        ("{}", "fiscal_data.receipt_id"),
        (r#"{"receipt_id":"EP1","qr_code_url":"u"}"#, "fiscal_data.receipt_id"),
        (r#"{"receipt_id":1.5,"qr_code_url":"u"}"#, "fiscal_data.receipt_id"),
        (r#"{"receipt_id":1}"#, "fiscal_data.qr_code_url"),
        (r#"{"receipt_id":1,"qr_code_url":" "}"#, "fiscal_data.qr_code_url"),
        (r#"{"receipt_id":1,"qr_code_url":5}"#, "fiscal_data.qr_code_url"),
        (r#"{"receipt_id":1,"qr_code_url":"u","status_code":"ok"}"#, "fiscal_data.status_code"),
        (r#"{"receipt_id":1,"qr_code_url":"u","message":{}}"#, "fiscal_data.message"),
        (r#"{"receipt_id":1,"qr_code_url":"u","fiscal_sign":[]}"#, "fiscal_data.fiscal_sign"),
    ];
    for (fiscal, data) in cases {
        let params = format!(r#"{{"id":"{RECEIPT}","fiscal_data":{fiscal}}}"#);
        check("receipts.set_fiscal_data", &[(&params, -32602, data)]);
    }
}
