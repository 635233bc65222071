//! The envelope: what is a call, which id its answer carries, and how answers look.

use chorsu_api::Language;
use chorsu_api::subscribe::{Answer, Failure, RpcError, catalogue, parse, write_error};

use crate::world::{self, json, request};

fn written(id: Option<&str>) -> String {
    let body = match id {
        Some(id) => format!(r#"{{"method":"receipts.check", "id": {id} }}"#),
        None => r#"{"method":"receipts.check"}"#.to_owned(),
    };
    let call = world::parse(&body).unwrap();
    let mut out = Vec::new();
    Answer::Success.write(&mut out, call.id);
    String::from_utf8(out).unwrap()
}

#[test]
fn ids_are_echoed_verbatim() {
    let ids = [
        "1",
        "null",
        "\"req-1\"",
        "9223372036854775807",
        "123456789012345678901234567890",
        "1.50",
        "\"\\u0414 \\\" x\"",
        "[1, {\"a\": 2}]",
        "true",
    ];
    for id in ids {
        let want = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"success":true}}}}"#);
        assert_eq!(written(Some(id)), want);
    }
    assert_eq!(written(None), r#"{"jsonrpc":"2.0","result":{"success":true}}"#);
}

#[test]
fn what_is_no_call_has_the_documented_code_and_id() {
    let deep = |open: &str, close: &str| open.repeat(10_000) + &close.repeat(10_000);
    let arrays = deep("[", "]");
    let objects = deep("{\"a\":", "}").replace(":}", ":1}");
    let in_params = request("receipts.create", &format!(r#"{{"detail":{arrays}}}"#));
    let in_detail = request("receipts.create", &format!(r#"{{"detail":{objects}}}"#));
    let in_id = format!(r#"{{"id":{arrays},"method":"receipts.get"}}"#);
    let unclosed = "[".repeat(10_000);
    let long_id = format!(r#"{{"id":"{}","method":"receipts.get"}}"#, "x".repeat(5_000));
    let long_method = format!(r#"{{"id":7,"method":"{}"}}"#, "x".repeat(100_000));
    let cases: [(&str, i32, Option<&str>); 28] = [
        ("", -32700, Some("null")),
        (" ", -32700, Some("null")),
        ("{", -32700, Some("null")),
        (r#"{"id":1,"method":"receipts.get""#, -32700, Some("null")),
        (r#"{"id":1,"method":"receipts.get"} x"#, -32700, Some("null")),
        (r#"{"id":1,,"method":"receipts.get"}"#, -32700, Some("null")),
        (r#"{"id":01,"method":"receipts.get"}"#, -32700, Some("null")),
        ("[1,", -32700, Some("null")),
        (&unclosed, -32700, Some("null")),
        (r#"[{"id":1,"method":"receipts.get"}]"#, -32600, Some("null")),
        ("[]", -32600, Some("null")),
        (&arrays, -32600, Some("null")),
        ("null", -32600, Some("null")),
        ("\"cards.create\"", -32600, Some("null")),
        (r#"{"id":1,"id":2,"method":"receipts.get"}"#, -32600, Some("null")),
        (r#"{"id":"\ud83e","method":"receipts.get"}"#, -32600, Some("null")),
        (&in_id, -32600, Some("null")),
        (&long_id, -32600, Some("null")),
        ("{}", -32600, None),
        (r#"{"id":5}"#, -32600, Some("5")),
        (r#"{"id":5,"method":null}"#, -32600, Some("5")),
        (r#"{"id":5,"method":["cards.create"]}"#, -32600, Some("5")),
        (r#"{"id":5,"method":"receipts.p2p"}"#, -32601, Some("5")),
        (&long_method, -32601, Some("7")),
        (r#"{"id":5,"method":"receipts.get","params":[1]}"#, -32602, Some("5")),
        (r#"{"id":5,"method":"receipts.get","params":"x"}"#, -32602, Some("5")),
        (&in_params, -32602, Some("1")),
        (&in_detail, -32602, Some("1")),
    ];
    for (body, code, id) in cases {
        let failure = world::parse(body).expect_err(body);
        assert_eq!(failure.error.fault.code, code, "{body:.80}");
        assert_eq!(failure.id.map(|id| id.get()), id, "{body:.80}");
        assert!(failure.error.data().is_none_or(|data| data.len() <= 64), "{body:.80}");
    }
}

#[test]
fn depth_in_what_is_ignored_does_no_harm() {
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let body = format!(r#"{{"x":{deep},"id":1,"method":"receipts.get"}}"#);
    assert!(world::parse(&body).is_ok());
}

#[test]
fn invalid_utf8_is_a_parse_error_wherever_it_is() {
    for place in ["id", "method", "params", "other"] {
        let mut body = format!(r#"{{"method":"receipts.get","id":1,"{place}":"?"}}"#).into_bytes();
        let at = body.iter().rposition(|byte| *byte == b'?').unwrap();
        body[at] = 0xFF;
        assert_eq!(parse(&body).unwrap_err().error.fault.code, -32700, "{place}");
    }
}

#[test]
fn params_may_be_missing_or_null() {
    for params in ["", r#","params":null"#, r#","params":{}"#] {
        let body = format!(r#"{{"method":"receipts.get"{params}}}"#);
        assert_eq!(world::parse(&body).unwrap().params, "{}");
    }
}

#[test]
fn a_call_does_not_print_its_parameters() {
    let body = request("cards.create", r#"{"card":{"number":"8600069195406311"}}"#);
    let printed = format!("{:?}", world::parse(&body).unwrap());
    assert!(!printed.contains("8600") && printed.contains("CardsCreate"), "{printed}");
}

#[test]
fn an_error_is_a_plain_message_in_the_callers_language() {
    let error = RpcError::with_data(&catalogue::METHOD_NOT_FOUND, "a\"b");
    let cases = [
        (Language::Ru, "Метод не найден."),
        (Language::Uz, "Metod topilmadi."),
        (Language::En, "Method not found."),
    ];
    for (language, message) in cases {
        let mut out = Vec::new();
        write_error(&mut out, None, &error, language);
        let head = r#"{"jsonrpc":"2.0","error":{"code":-32601,"message":""#;
        let want = format!(r#"{head}{message}","data":"a\"b","origin":"subscribe"}}}}"#);
        assert_eq!(String::from_utf8(out).unwrap(), want);
    }
    let failure = Failure::without_id(&catalogue::BODY_TOO_LARGE);
    let mut out = Vec::new();
    write_error(&mut out, failure.id, &failure.error, Language::Ru);
    let answer = json(&out);
    assert!(answer["id"].is_null() && answer.get("id").is_some());
    assert!(answer.get("result").is_none());
    assert_eq!(answer["error"]["data"], "body_too_large");
    write_error(&mut Vec::new(), None, &(&catalogue::PARSE_ERROR).into(), Language::En);
}

#[test]
fn an_error_without_data_says_null() {
    let mut out = Vec::new();
    write_error(&mut out, None, &(&catalogue::PARSE_ERROR).into(), Language::En);
    assert!(json(&out)["error"].get("data").unwrap().is_null());
}
