//! The rules for receipts, as a table.

use chorsu_connectors::fiscal_module::Receipt;
use serde_json::{Value, json};

use super::record::{FactoryId, TerminalId};
use super::rules::fault;

fn good() -> Value {
    let line = json!({
        "Name": "Non", "Barcode": "4780000000001", "SPIC": "01905001001000000",
        "PackageCode": "1512421", "OwnerType": 1, "Amount": 2_000, "Price": 60_000,
        "Discount": 5_000, "Other": 5_000, "VATPercent": 12, "VAT": 5_357,
    });
    json!({
        "TXID": "1", "Time": "2026-01-04 12:18:01", "ReceivedCash": 40_000,
        "ReceivedCard": 60_000, "Type": 0, "Operation": 0, "Items": [line.clone(), line],
        "ExtraInfo": { "PhoneNumber": "998946532140", "CardType": 2 },
    })
}

fn why(value: Value) -> Option<String> {
    fault(&serde_json::from_value::<Receipt>(value).unwrap())
}

#[test]
fn a_receipt_may_miss_its_lines_by_a_hundred_sum_either_way() {
    assert_eq!(why(good()), None);
    let cases = [(110_000, true), (110_001, false), (90_000, true), (89_999, false), (0, false)];
    for (received, fits) in cases {
        let mut receipt = good();
        receipt["ReceivedCash"] = 0.into();
        receipt["ReceivedCard"] = received.into();
        assert_eq!(why(receipt).is_none(), fits, "{received}");
    }
    let mut short = good();
    (short["ReceivedCash"], short["ReceivedCard"]) = (0.into(), 35_000.into());
    let want = "difference 65000 between 35000 and 100000 is larger than 10000";
    assert_eq!(why(short).as_deref(), Some(want));
}

#[test]
fn fields_have_their_lengths() {
    let long = |count| "я".repeat(count);
    let item = |field: &str, value: Value| {
        let mut receipt = good();
        receipt["Items"][1][field] = value;
        why(receipt)
    };
    for (field, value) in [
        ("Name", json!(long(64))),
        ("Name", json!("")),
        ("Label", json!(long(64))),
        ("SPIC", json!("1")),
        ("SPIC", json!("0190500100100000x")),
        ("PackageCode", json!(long(21))),
        ("OwnerType", json!(3)),
        ("Amount", json!(0)),
        ("VATPercent", json!(100)),
        ("VAT", json!(50_001)),
        ("Discount", json!(55_001)),
        ("CommissionInfo", json!({"TIN": "1"})),
        ("CommissionInfo", json!({"PINFL": "1"})),
    ] {
        let why = item(field, value).unwrap();
        assert!(why.starts_with("Items[1]: "), "{field}: {why}");
    }
    assert_eq!(item("Name", json!(long(63))), None);
    for (field, value) in [
        ("TIN", json!("1")),
        ("PhoneNumber", json!("+998946532140")),
        ("CarNumber", json!(long(9))),
        ("QRPaymentID", json!(long(37))),
        ("CardType", json!(4)),
        ("PPTID", json!(long(17))),
        ("Other", json!(long(33))),
    ] {
        let mut receipt = good();
        receipt["ExtraInfo"][field] = value;
        assert!(why(receipt).is_some(), "{field}");
    }
    for (field, value) in [("Items", json!([])), ("TXID", json!("")), ("TXID", json!(long(33)))] {
        let mut receipt = good();
        receipt[field] = value;
        assert!(why(receipt).is_some(), "{field}");
    }
    let mut huge = good();
    huge["ReceivedCash"] = i64::MAX.into();
    assert_eq!(why(huge).as_deref(), Some("the sums are too large"));
}

#[test]
fn modules_have_names_and_numbers() {
    let factory = |text: &str| FactoryId::parse(text);
    let terminal = factory("till-1").unwrap().terminal();
    assert_eq!(TerminalId::parse(terminal.as_str()), Some(terminal.clone()));
    assert!(terminal.as_str().starts_with("ZZ"));
    assert_ne!(terminal, factory("till-2").unwrap().terminal());
    let long = "x".repeat(41);
    for bad in ["", "a b", "я", "a/b", long.as_str()] {
        assert_eq!(factory(bad), None, "{bad}");
    }
    for bad in ["", "ZZ00000000000", "Z0000000000000", "zz000000000000", "ZZ00000000000я"] {
        assert_eq!(TerminalId::parse(bad), None, "{bad}");
    }
}
