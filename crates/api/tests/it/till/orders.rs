//! Orders as clients send them, and as they are stored and told again.

use chorsu_api::till::order::BannerKind;
use chorsu_api::till::view::LastOrder;
use chorsu_api::till::{OrderRequest, decode, encode};
use chorsu_core::fiscal::{CardType, Operation, OrderKind, OwnerType, QrProvider, Warning};
use serde_json::{Value, json};

use super::world::{NOW, URL, registered, tiyin, url};

fn full() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/till/order.create/request.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn order(body: &Value) -> OrderRequest {
    decode::order(body.to_string().as_bytes(), NOW).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_full_order_is_read() {
    let order = order(&full());
    let fiscal = &order.fiscal;
    assert_eq!((order.number, order.uuid.as_deref()), (Some(1), Some("order-1")));
    assert_eq!((fiscal.kind, &fiscal.operation), (OrderKind::Order, &Operation::Sale));
    assert_eq!(fiscal.received_card, tiyin(900_000));
    assert_eq!(fiscal.card_type, Some(CardType::Personal));
    assert_eq!(fiscal.extra.qr_payment_provider, Some(QrProvider::Payme));
    assert_eq!(fiscal.extra.phone_number.as_deref(), Some("998946532140"));
    let [item] = fiscal.items.as_slice() else { panic!("{fiscal:?}") };
    assert_eq!((item.quantity.thousandths(), item.vat_percent), (2_000, Some(12)));
    assert_eq!((item.owner, item.labels.len()), (OwnerType::OwnMake, 1));
    assert_eq!(item.commission.as_ref().unwrap().inn.as_deref(), Some("123456789"));
    assert_eq!(order.banners[0].kind, BannerKind::Text);
    let checked = fiscal.check().unwrap();
    assert_eq!((checked.totals.due, checked.totals.vat), (tiyin(900_000), tiyin(96_429)));
}

#[test]
fn the_known_client_s_order_is_read() {
    // Zeros and empty texts for what there is not, whole numbers with decimals, control characters.
    let body = json!({
        "qr_code": "", "number": 1, "receipt_type": "order",
        "products": [{
            "name": "\"Item 1\"\n\r", "barcode": "", "amount": 1000, "units": 1, "unit_name": "шт",
            "price": 230_000, "product_price": 2300.0, "vat": 15000.0, "vat_percent": 12,
            "discount": 115_000.0, "discount_percent": 50.0, "other": 0.0,
            "labels": ["0104601662000016215d>9nB\u{1d}934x0v\r"],
            "class_code": "04811001001000000", "package_code": 0, "owner_type": 0,
            "comission_info": {"inn": "", "pinfl": ""}
        }],
        "time": "2024-02-21 13:19:43", "cashier": "", "received_cash": 100_000, "change": 8700,
        "received_card": 15_000, "card_type": 0, "ppt_id": 0, "open_cashbox": false,
        "send_email": false,
        "banners": [{"type": "text", "data": "  Message 1 ", "Cut": false}]
    });
    let order = order(&body);
    let item = &order.fiscal.items[0];
    assert_eq!(item.name, "\"Item 1\"");
    assert_eq!(item.labels, ["0104601662000016215d>9nB\u{1d}934x0v"]);
    assert_eq!((&item.package_code, &item.commission), (&None, &None));
    assert_eq!((order.fiscal.card_type, &order.fiscal.ppt_id), (None, &None));
    assert_eq!(order.banners[0].data, "  Message 1 ", "spaces are layout");
    assert_eq!(
        order.fiscal.check().unwrap().warnings,
        [
            Warning::NoPackageCode { item: 0 },
            Warning::Vat { item: 0, expected: tiyin(12_321) },
            Warning::LinePrice { item: 0 },
        ]
    );
}

#[test]
fn what_is_not_given_is_worked_out() {
    let body = json!({
        "products": [{
            "name": "Non", "amount": "1500", "price": "15000", "vat_percent": 12, "discount": 1000,
            "class_code": "10999001001000000"
        }],
        "received_cash": 14_000,
        "extra_info": [{"qr_payment_provider": "", "qr_payment_id": ""}]
    });
    let order = order(&body);
    let item = &order.fiscal.items[0];
    assert_eq!((item.unit_price, item.vat), (tiyin(10_000), tiyin(1_500)));
    assert_eq!(order.fiscal.time.moment(), NOW);
    assert_eq!(order.fiscal.extra, Default::default());
    assert_eq!(order.fiscal.check().unwrap().warnings, [Warning::NoPackageCode { item: 0 }]);
}

#[test]
fn a_refund_names_its_original() {
    let mut body = full();
    body["qr_code"] = URL.into();
    let sale = order(&body);
    assert_eq!(sale.fiscal.operation, Operation::Sale, "an address makes no sale a refund");
    let refund = decode::refund(body.to_string().as_bytes(), NOW).unwrap();
    assert_eq!(refund.fiscal.operation, Operation::Refund { original: url() });
}

#[test]
fn an_order_is_stored_and_read_again() {
    let mut body = full();
    body["banners"][0]["style"] = json!({"font_width": 2, "is_bold": true});
    body["products"][0]["labels"] = json!(["\u{1d}\"\\", "я"]);
    for kind in ["order", "prepaid", "credit"] {
        body["receipt_type"] = kind.into();
        let order = order(&body);
        assert_eq!(decode::stored_order(&order.body()), Ok(order));
    }
    body["qr_code"] = URL.into();
    let refund = decode::refund(body.to_string().as_bytes(), NOW).unwrap();
    assert_eq!(decode::stored_order(&refund.body()), Ok(refund));
    assert!(decode::stored_order("{}").is_err());
}

#[test]
fn the_last_order_is_told_in_the_module_s_names() {
    let (order, url) = (order(&full()), url());
    let mut out = Vec::new();
    let last = LastOrder { order: &order, registered: registered(&url) };
    encode::last_order(&mut out, &last);
    let answer: Value = serde_json::from_slice(&out).unwrap();
    let data = &answer["result"]["data"];
    assert_eq!(answer["result"]["is_success"], true);
    assert_eq!(
        data["result"],
        json!({
            "TerminalID": "UZ170703100597", "ReceiptSeq": 2421, "DateTime": "20230104121801",
            "FiscalSign": "514343190161", "AppletVersion": "0300", "QRCodeURL": URL
        })
    );
    assert_eq!(data["isRefund"], false);
    assert_eq!(data["order"]["products"][0]["class_code"], "10999001001000000");
    assert_eq!(
        data["order"]["extra_info"],
        json!({
            "PhoneNumber": "998946532140", "TIN": null, "PINFL": null, "CarNumber": null,
            "CardNumber": null, "QrPaymentID": "644113a290a5eba4298f05d5",
            "QrPaymentProvider": 141, "CardType": 2, "PPTID": null, "Other": null
        })
    );
}
