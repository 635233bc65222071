//! Every documented request example decodes, and its answer has every documented key with the
//! documented kind of value.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chorsu_api::Language;
use chorsu_api::subscribe::{self, Answer, CardView, ReceiptView, Request};
use chorsu_core::{Receipt, ReceiptState, UnixMillis};
use serde_json::Value;

use crate::world::{TOKEN, body_of, charged, face, json, kassa, receipt};

/// The cases in a folder of fixtures: those that are a request.
pub(crate) fn cases(folder: &str) -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut cases: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("request.json").is_file())
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.path()))
        .collect();
    cases.sort();
    cases
}

/// A receipt as the documentation shows it after the request.
fn after(case: &str, request: &Request<'_>) -> Receipt {
    let body = match request {
        Request::ReceiptsCreate(create) => {
            create.body(&kassa().check_account(create.account_values()).unwrap())
        }
        _ => body_of(r#"{"amount":5,"account":{"order_id":"5"}}"#),
    };
    let made = receipt(&body);
    match (case, request) {
        (_, Request::ReceiptsCreate(create)) => Receipt { hold: create.hold, ..made },
        ("receipts.pay.hold", _) => charged(made, ReceiptState::Held),
        (_, Request::ReceiptsPay(pay)) => {
            let payer = pay.payer.as_deref().map(Arc::from);
            Receipt { payer, ..charged(made, ReceiptState::Paid) }
        }
        (_, Request::ReceiptsCancel(_)) => charged(made, ReceiptState::CancelQueued),
        (_, Request::ReceiptsGet(_)) => {
            let payer = Some(Arc::from(r#"{"phone":"998912345678"}"#));
            Receipt { payer, ..charged(made, ReceiptState::Paid) }
        }
        _ => Receipt { hold: true, ..charged(made, ReceiptState::Paid) },
    }
}

fn answer(case: &str, text: &str) -> Value {
    let call = subscribe::parse(text.as_bytes()).unwrap();
    let request = subscribe::decode(&call).unwrap_or_else(|error| panic!("{case}: {error}"));
    assert_eq!(request.method(), call.method);
    assert!(case.starts_with(call.method.name()), "{case}");
    let (kassa, face) = (kassa(), face());
    let receipt = after(case, &request);
    let view = || ReceiptView::new(&receipt, &kassa).unwrap();
    let card = CardView { face: &face, token: TOKEN, recurrent: true, verified: true };
    let answer = match &request {
        Request::CardsCreate(_) | Request::CardsVerify(_) | Request::CardsCheck(_) => {
            Answer::Card(card)
        }
        Request::CardsGetVerifyCode(_) => Answer::CodeSent { phone: "998901234531" },
        Request::CardsRemove(_) | Request::ReceiptsSend(_) | Request::ReceiptsSetFiscalData(_) => {
            Answer::Success
        }
        Request::ReceiptsCheck(_) => Answer::State(receipt.state),
        Request::ReceiptsGetAll(_) => Answer::Receipts(vec![view(), view()]),
        Request::ReceiptsCreate(_)
        | Request::ReceiptsPay(_)
        | Request::ReceiptsCancel(_)
        | Request::ReceiptsGet(_)
        | Request::ReceiptsConfirmHold(_) => Answer::Receipt(view(), Language::Ru),
    };
    let mut out = Vec::new();
    answer.write(&mut out, call.id);
    let answer = json(&out);
    let sent: Value = serde_json::from_str(text).unwrap();
    assert_eq!(answer["id"], sent["id"], "{case}");
    assert_eq!(answer["jsonrpc"], "2.0", "{case}");
    assert!(answer.get("error").is_none(), "{case}");
    answer["result"].clone()
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_i64() => "int",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The values at a path such as `receipt.account[].name`.
fn values<'v>(root: &'v Value, path: &str) -> Vec<&'v Value> {
    let mut found = vec![root];
    for part in path.split('.') {
        let (name, elements) = match part.strip_suffix("[]") {
            Some(name) => (name, true),
            None => (part, false),
        };
        if !name.is_empty() {
            found = found
                .iter()
                .map(|value| value.get(name).unwrap_or_else(|| panic!("{path} is missing")))
                .collect();
        }
        if elements {
            found = found.iter().flat_map(|value| value.as_array().unwrap()).collect();
            assert!(!found.is_empty(), "{path} is empty");
        }
    }
    found
}

#[test]
fn every_documented_example_gets_its_documented_keys() {
    let cases = cases("fixtures");
    assert_eq!(cases.len(), 16);
    for (case, folder) in cases {
        let request = fs::read_to_string(folder.join("request.json")).unwrap();
        let answer = answer(&case, &request);
        assert_documented(&case, &answer, &folder);
    }
}

/// Checks an answer against the `answer.txt` of a case.
pub(crate) fn assert_documented(case: &str, answer: &Value, folder: &Path) {
    let documented = fs::read_to_string(folder.join("answer.txt")).unwrap();
    for line in documented.lines() {
        let (path, kinds) = line.split_once(' ').unwrap();
        for value in values(answer, path) {
            let fits = kinds.split('|').any(|wanted| wanted == kind(value));
            assert!(fits, "{case}: {path} is {value}, not {kinds}");
        }
    }
}

#[test]
fn a_period_of_one_date_is_the_whole_day() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/receipts.get_all/request.json");
    let text = fs::read_to_string(path).unwrap();
    let call = subscribe::parse(text.as_bytes()).unwrap();
    let Ok(Request::ReceiptsGetAll(page)) = subscribe::decode(&call) else { panic!("{call:?}") };
    assert_eq!((page.count, page.offset), (2, 0));
    assert_eq!(
        (page.from, page.until()),
        (UnixMillis(1_636_398_000_000), UnixMillis(1_636_484_400_000))
    );
}
