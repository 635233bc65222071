//! No input makes a decoder panic; whatever it accepts keeps its bounds and can be stored.

use chorsu_api::till::{AmountUnit, PinpadPayment, TillError, decode, encode};
use chorsu_core::fiscal::ReceiptUrl;
use proptest::prelude::*;

use super::world::{NOW, URL};
use crate::world::json;

/// Runs a body through every decoder.
fn walk(body: &[u8]) {
    if let Ok(scan) = told(decode::scan(body, AmountUnit::Sum)) {
        assert!(scan.amount.get() >= 100 && !scan.qr_code.trim().is_empty());
    }
    told(decode::scan(body, AmountUnit::Tiyin)).ok();
    if let Ok(PinpadPayment::Void { rrn, .. }) = told(decode::pinpad(body)) {
        assert_eq!(rrn.len(), 12);
    }
    told(decode::confirm(body)).ok();
    told(decode::payme_confirm(body)).ok();
    told(decode::zreport_close("", body)).ok();
    for order in [decode::order(body, NOW), decode::refund(body, NOW)].into_iter().flatten() {
        assert_eq!(decode::stored_order(&order.body()).as_ref(), Ok(&order));
        if let Err(fault) = order.fiscal.check() {
            told::<()>(Err(fault.into())).ok();
        }
    }
}

/// An error must be writable, and its message must be JSON.
fn told<T>(outcome: Result<T, TillError>) -> Result<T, TillError> {
    if let Err(error) = &outcome {
        let mut out = Vec::new();
        encode::error(&mut out, error);
        let answer = json(&out);
        if error.code() == 7 {
            assert!(json(answer["error"]["message"].as_str().unwrap().as_bytes()).is_object());
        }
    }
    outcome
}

fn key() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "amount",
        "qr_code",
        "payment_id",
        "receipt_id",
        "fiscal_sign",
        "request_id",
        "is_return",
        "products",
        "name",
        "price",
        "product_price",
        "vat",
        "vat_percent",
        "discount",
        "other",
        "labels",
        "class_code",
        "package_code",
        "owner_type",
        "comission_info",
        "inn",
        "pinfl",
        "received_cash",
        "received_card",
        "card_type",
        "ppt_id",
        "extra_info",
        "qr_payment_id",
        "qr_payment_provider",
        "phone_number",
        "receipt_type",
        "time",
        "number",
        "uuid",
        "cashier",
        "banners",
        "type",
        "data",
        "style",
        "prices",
        "close_zreport",
        "unit_name",
        "\\u0000",
    ])
}

fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just(format!("{URL:?}")),
        Just("\"10999001001000000\"".to_owned()),
        Just("\"2024-02-21 13:19:43\"".to_owned()),
        Just("\"order\"".to_owned()),
        Just("\"text\"".to_owned()),
        Just("\"0141\"".to_owned()),
        Just("\"\\ud800\"".to_owned()),
        (0..200_i64).prop_map(|number| number.to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,25})?([eE][+-]?[0-9]{1,2})?",
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    leaf.prop_recursive(4, 40, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|list| format!("[{}]", list.join(","))),
            object(inner),
        ]
    })
}

fn object(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop::collection::btree_map(key(), value, 0..12).prop_map(|members| {
        let members: Vec<_> =
            members.iter().map(|(key, value)| format!("\"{key}\" : {value}")).collect();
        format!("{{{}}}", members.join(","))
    })
}

/// An order that is mostly right.
fn nearly_order() -> impl Strategy<Value = String> {
    let money = || 0..2_000_000_i64;
    let item = ("\\PC{1,12}", 1..5_000_i64, money(), money(), money(), value());
    (prop::collection::vec(item, 1..5), money(), value(), value()).prop_map(
        |(items, cash, extra, other)| {
            let items: Vec<_> = items
                .into_iter()
                .map(|(name, amount, price, discount, vat, label)| {
                    let name = serde_json::to_string(&name).unwrap();
                    format!(
                        "{{\"name\":{name},\"amount\":{amount},\"price\":{price},\"vat\":{vat},\
                         \"discount\":{discount},\"labels\":[{label}],\
                         \"class_code\":\"10999001001000000\"}}"
                    )
                })
                .collect();
            format!(
                "{{\"products\":[{}],\"received_cash\":{cash},\"extra_info\":{extra},\
                 \"qr_code\":{URL:?},\"cashier\":{other}}}",
                items.join(",")
            )
        },
    )
}

proptest! {
    #[test]
    fn any_bytes(body in prop::collection::vec(any::<u8>(), 0..300)) {
        walk(&body);
    }

    #[test]
    fn any_text(body in "[\\[\\]{}\",:0-9a-e\\\\ \n]{0,60}") {
        walk(body.as_bytes());
    }

    #[test]
    fn any_object(body in object(value())) {
        walk(body.as_bytes());
    }

    #[test]
    fn any_order(body in nearly_order()) {
        walk(body.as_bytes());
    }

    #[test]
    fn any_query(query in "(time|number|print|[a-z%+=&]{0,4})=[0-9a-f%+&=: -]{0,30}") {
        told(decode::zreport_open(&query)).ok();
        told(decode::zreport_info(&query)).ok();
        told(decode::zreport_close_get(&query)).ok();
    }

    #[test]
    fn any_address(place in 0_usize..90, text in "\\PC{0,3}") {
        let place = place.min(URL.len());
        let text = format!("{}{text}{}", &URL[..place], &URL[place..]);
        if let Ok(url) = text.parse::<ReceiptUrl>() {
            prop_assert_eq!(url.to_string(), text);
        }
    }
}
