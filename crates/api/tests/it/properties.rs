//! No input makes the decoder panic, and whatever it accepts can be answered.

use chorsu_api::Language;
use chorsu_api::subscribe::{self, Answer, Call, Failure, Method, ReceiptView, Request};
use proptest::prelude::*;

use crate::world::{RECEIPT, TOKEN, json, kassa, receipt, request};

/// Runs a request through everything this crate does with it.
fn walk(body: &[u8]) {
    let (id, outcome) = match subscribe::parse(body) {
        Ok(call) => (call.id, outcome(&call)),
        Err(Failure { id, error }) => (id, Err(error)),
    };
    let mut out = Vec::new();
    match outcome {
        Ok(stored) => {
            let (receipt, kassa) = (receipt(&stored), kassa());
            let view = ReceiptView::new(&receipt, &kassa).unwrap();
            Answer::Receipt(view.clone(), Language::Uz).write(&mut out, id);
            json(&out);
            out.clear();
            Answer::Receipts(vec![view]).write(&mut out, id);
        }
        Err(error) => subscribe::write_error(&mut out, id, &error, Language::Ru),
    }
    let answer = json(&out);
    assert_ne!(answer.get("result").is_some(), answer.get("error").is_some());
}

/// The body a receipt would store.
fn outcome(call: &Call<'_>) -> Result<String, subscribe::RpcError> {
    let request = subscribe::decode(call)?;
    assert_eq!(format!("{request:?}"), format!("Request({})", call.method.name()));
    Ok(match request {
        Request::ReceiptsCreate(create) => {
            let values = create.account_values();
            create
                .body(&values.into_iter().filter(|value| value.text.is_some()).collect::<Vec<_>>())
        }
        _ => r#"{"account":{},"description":"","detail":null}"#.to_owned(),
    })
}

/// JSON values, with a taste for what the decoder looks at.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just(format!("{RECEIPT:?}")),
        Just(format!("{TOKEN:?}")),
        Just("\"8600069195406311\"".to_owned()),
        Just("\"0399\"".to_owned()),
        Just("\"\\ud800\"".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,25})?([eE][+-]?[0-9]{1,2})?",
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    let key = prop_oneof![
        Just("id"),
        Just("token"),
        Just("code"),
        Just("card"),
        Just("number"),
        Just("expire"),
        Just("amount"),
        Just("account"),
        Just("order_id"),
        Just("description"),
        Just("detail"),
        Just("items"),
        Just("title"),
        Just("price"),
        Just("count"),
        Just("discount"),
        Just("shipping"),
        Just("payer"),
        Just("phone"),
        Just("hold"),
        Just("from"),
        Just("to"),
        Just("fiscal_data"),
        Just("receipt_id"),
        Just("qr_code_url"),
        Just("\\u0000"),
    ];
    leaf.prop_recursive(5, 40, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|list| format!("[{}]", list.join(" ,\n"))),
            prop::collection::vec((key.clone(), inner), 0..8).prop_map(|members| {
                let members: Vec<_> =
                    members.iter().map(|(key, value)| format!("\"{key}\" : {value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

fn method() -> impl Strategy<Value = &'static str> {
    (0..Method::ALL.len()).prop_map(|place| Method::ALL[place].1)
}

proptest! {
    #[test]
    fn any_bytes(body in prop::collection::vec(any::<u8>(), 0..400)) {
        walk(&body);
    }

    #[test]
    fn any_json(id in value(), method in value(), params in value()) {
        walk(format!(r#"{{"id":{id},"method":{method},"params":{params}}}"#).as_bytes());
    }

    #[test]
    fn any_parameters(method in method(), params in value()) {
        walk(format!(r#"{{"method":"{method}","params":{params}}}"#).as_bytes());
    }

    #[test]
    fn any_account_and_detail(account in value(), detail in value(), rest in value()) {
        let params = format!(
            r#"{{"amount":5,"account":{account},"detail":{detail},"description":{rest}}}"#
        );
        walk(format!(r#"{{"method":"receipts.create","params":{params}}}"#).as_bytes());
    }

    #[test]
    fn a_valid_request_with_one_byte_changed(place in 0_usize..200, byte in any::<u8>()) {
        let params =
            format!(r#"{{"id":"{RECEIPT}","token":"{TOKEN}","payer":{{"ip":"1"}},"hold":true}}"#);
        let mut body = request("receipts.pay", &params).into_bytes();
        let place = place % body.len();
        body[place] = byte;
        walk(&body);
    }
}
