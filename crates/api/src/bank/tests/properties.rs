//! No input makes the readers panic, and what they take keeps its promises.

use chorsu_core::bank::{BankDirectory, CardRule, OrderKind};
use proptest::prelude::*;

use crate::bank::{Login, order_of_path, read_order, read_statement, service_of_path};

/// Runs a body through everything this module does with it.
fn walk(body: &[u8]) {
    let banks = BankDirectory::built_in();
    for kind in [OrderKind::Ordinary, OrderKind::Budget] {
        for service in [CardRule::Optional, CardRule::Required] {
            let Ok(draft) = read_order(kind, body) else { continue };
            assert!(format!("{draft:?}").len() < 100 + 8 * body.len());
            let Ok(order) = draft.check(kind, service, &banks) else { continue };
            assert_eq!(draft.service(), Ok(order.service));
            assert!(order.sum.amount().get() > 0);
            assert_eq!(order.requisites.kind(), kind);
            assert!(!order.requisites.document_purpose().chars().any(char::is_control));
            assert_eq!(order.fingerprint(), order.clone().fingerprint());
        }
    }
    let Ok(draft) = read_statement(body, None) else { return };
    if let Ok(request) = draft.check() {
        assert!(request.from <= request.to && request.last_id >= 0);
    }
}

/// Values of a field, with a taste for what is almost right.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("[[]]".to_owned()),
        Just("\"\\ud800\"".to_owned()),
        Just("\"00401\"".to_owned()),
        Just("\"16103000900000401001\"".to_owned()),
        Just("\"400522860262837950100251028\"".to_owned()),
        Just("\"207099143\"".to_owned()),
        Just("\"HUMO\"".to_owned()),
        Just("\"9860531554896678\"".to_owned()),
        Just("\"2023-02-21\"".to_owned()),
        "\"[0-9]{1,20}\"",
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?",
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
    ]
}

fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "orderId",
        "serviceId",
        "amount",
        "comissionAmount",
        "receiverName",
        "mfoReceiver",
        "receiverAccount",
        "innReceiver",
        "purpose",
        "purposeCode",
        "refNumber",
        "cardType",
        "cardNumber",
        "type",
        "lastId",
        "fromDate",
        "toDate",
    ])
}

/// An object of these members, which may repeat.
fn object<'a>(members: impl IntoIterator<Item = &'a (&'static str, String)>) -> String {
    let members: Vec<_> =
        members.into_iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

proptest! {
    #[test]
    fn any_bytes(body in prop::collection::vec(any::<u8>(), 0..300)) {
        walk(&body);
    }

    #[test]
    fn any_fields(fields in prop::collection::vec((name(), value()), 0..18)) {
        walk(object(&fields).as_bytes());
    }

    #[test]
    fn a_sound_order_with_one_field_changed(name in name(), value in value()) {
        let mut members = vec![
            ("orderId", "\"1\"".to_owned()), ("serviceId", "2".to_owned()),
            ("amount", "500".to_owned()), ("comissionAmount", "0".to_owned()),
            ("receiverName", "\"A\"".to_owned()), ("mfoReceiver", "\"00401\"".to_owned()),
            ("receiverAccount", "\"16103000900000401001\"".to_owned()),
            ("innReceiver", "\"207099143\"".to_owned()), ("purpose", "\"B\"".to_owned()),
            ("purposeCode", "\"00401\"".to_owned()),
        ];
        members.retain(|(known, _)| *known != name);
        members.push((name, value));
        walk(object(&members).as_bytes());
    }

    #[test]
    fn any_query_and_path(text in any::<String>()) {
        let query = format!("type=0&lastId={text}&fromDate=%{text}&{text}");
        if let Ok(request) = read_statement(b"", Some(&query)).and_then(|draft| draft.check()) {
            prop_assert!(request.last_id >= 0);
        }
        if let Ok(key) = order_of_path(&text) {
            prop_assert_eq!(key.as_str(), text.as_str());
        }
        if let Ok(service) = service_of_path(&text) {
            prop_assert!(service.0 >= 0);
        }
    }

    #[test]
    fn any_header(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        if let Ok(login) = Login::parse(Some(&bytes)) {
            prop_assert!(!login.username.is_empty());
        }
    }
}
