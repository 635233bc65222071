//! What goes out, field by field.

use chorsu_core::Tiyin;
use serde_json::{Value, json};

use crate::fiscal_module::{
    CommissionInfo, ExtraInfo, Item, LocalTime, Location, ModuleCall, Receipt, ReceiptOperation,
    ReceiptType, RefundInfo,
};

fn tiyin(value: i64) -> Tiyin {
    Tiyin::new(value).unwrap()
}

pub(super) fn time() -> LocalTime {
    LocalTime::parse("2026-01-04 12:18:01").unwrap()
}

fn item() -> Item {
    Item {
        name: "Non".into(),
        barcode: "4780000000001".into(),
        label: String::new(),
        spic: "01905001001000000".into(),
        units: 0,
        package_code: "1512421".into(),
        owner_type: 1,
        amount: 2_000,
        price: tiyin(50_000),
        discount: tiyin(0),
        other: tiyin(0),
        vat_percent: 12,
        vat: tiyin(5_357),
        commission_info: None,
    }
}

pub(super) fn sale() -> Receipt {
    Receipt {
        txid: "0196f3c1-7a2b-7c3d-8e4f-5a6b7c8d9e0f".into(),
        time: time(),
        received_cash: tiyin(0),
        received_card: tiyin(50_000),
        kind: ReceiptType::Purchase,
        operation: ReceiptOperation::Sale,
        location: Some(Location { latitude: 41_311_081, longitude: -69_000_500 }),
        items: vec![item()],
        extra_info: Some(ExtraInfo {
            phone_number: "998946532140".into(),
            qr_payment_id: "2354512461".into(),
            qr_payment_provider: Some(64),
            ..ExtraInfo::default()
        }),
        refund_info: None,
    }
}

fn body(call: ModuleCall<'_>) -> Value {
    let request = call.request("ZZ000001", 7);
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", ""));
    serde_json::from_slice(&request.body).unwrap()
}

#[test]
fn a_sale_is_written_with_the_modules_names() {
    let request = ModuleCall::Register(&sale()).request("ZZ000001", 7);
    let text = String::from_utf8(request.body.to_vec()).unwrap();
    assert!(text.contains(r#""Location":{"Latitude":41.311081,"Longitude":-69.000500}"#), "{text}");
    let mut body: Value = serde_json::from_slice(&request.body).unwrap();
    body["params"]["Receipt"].as_object_mut().unwrap().remove("Location");
    let want = json!({
        "jsonrpc": "2.0",
        "id": 7,
        "method": "Api.SendSaleReceipt",
        "params": {
            "FactoryID": "ZZ000001",
            "Receipt": {
                "TXID": "0196f3c1-7a2b-7c3d-8e4f-5a6b7c8d9e0f",
                "Time": "2026-01-04 12:18:01",
                "ReceivedCash": 0,
                "ReceivedCard": 50_000,
                "Type": 0,
                "Operation": 0,
                "Items": [{
                    "Name": "Non",
                    "Barcode": "4780000000001",
                    "Label": "",
                    "SPIC": "01905001001000000",
                    "Units": 0,
                    "PackageCode": "1512421",
                    "OwnerType": 1,
                    "Amount": 2_000,
                    "Price": 50_000,
                    "Discount": 0,
                    "Other": 0,
                    "VATPercent": 12,
                    "VAT": 5_357,
                }],
                "ExtraInfo": {
                    "PhoneNumber": "998946532140",
                    "QRPaymentID": "2354512461",
                    "QRPaymentProvider": 64,
                },
            },
        },
    });
    assert_eq!(body, want);
}

#[test]
fn a_refund_names_its_original_and_reads_back_as_it_was() {
    let mut refund = sale();
    refund.operation = ReceiptOperation::Refund;
    refund.items[0].commission_info =
        Some(CommissionInfo { tin: "123456789".into(), pinfl: String::new() });
    refund.extra_info = Some(ExtraInfo {
        ppt_id: "231511584547".into(),
        cashed_out_from_card: Some(tiyin(5)),
        card_type: Some(2),
        ..ExtraInfo::default()
    });
    refund.refund_info = Some(RefundInfo {
        terminal_id: "UZ170703100597".into(),
        receipt_seq: "2421".into(),
        date_time: "20230104121801".into(),
        fiscal_sign: "014343190161".into(),
    });
    let body = body(ModuleCall::Register(&refund));
    assert_eq!(body["method"], "Api.SendRefundReceipt");
    let receipt = &body["params"]["Receipt"];
    assert_eq!(receipt["RefundInfo"]["FiscalSign"], "014343190161");
    assert_eq!(receipt["ExtraInfo"]["PPTID"], "231511584547");
    assert_eq!(receipt["ExtraInfo"]["CashedOutFromCard"], 5);
    assert_eq!(receipt["Items"][0]["CommissionInfo"], json!({"TIN": "123456789"}));
    let text = serde_json::to_string(&refund).unwrap();
    assert_eq!(serde_json::from_str::<Receipt>(&text).unwrap(), refund);
}

#[test]
fn each_call_has_its_method_and_its_parameters() {
    let (mut advance, mut credit) = (sale(), sale());
    advance.kind = ReceiptType::Advance;
    credit.kind = ReceiptType::Credit;
    assert!(sale().is_signed() && !advance.is_signed() && !credit.is_signed());
    let factory = json!({"FactoryID": "ZZ000001"});
    let timed = json!({"FactoryID": "ZZ000001", "Time": "2026-01-04 12:18:01"});
    let cases = [
        (ModuleCall::OpenZReport(time()), "Api.OpenZReport", Some(timed.clone())),
        (ModuleCall::CloseZReport(time()), "Api.CloseZReport", Some(timed)),
        (ModuleCall::Register(&advance), "Api.SendAdvanceReceipt", None),
        (ModuleCall::Register(&credit), "Api.SendCreditReceipt", None),
        (ModuleCall::Info, "Api.GetInfo", Some(factory.clone())),
        (ModuleCall::LastRegisteredReceipt, "Api.GetLastRegisteredReceipt", Some(factory.clone())),
        (ModuleCall::ResendUnsent, "Api.ResendUnsent", Some(factory)),
        (
            ModuleCall::ZReportInfo(1),
            "Api.GetZReportInfo",
            Some(json!({"FactoryID": "ZZ000001", "Number": 1})),
        ),
    ];
    for (call, method, params) in cases {
        let body = body(call);
        assert_eq!(body["method"], method);
        if let Some(params) = params {
            assert_eq!(body["params"], params, "{method}");
        }
    }
}

#[test]
fn what_is_no_receipt_is_not_read() {
    let good = serde_json::to_value(sale()).unwrap();
    let cases = [
        ("Type", json!(3)),
        ("Operation", json!(2)),
        ("ReceivedCash", json!(-1)),
        ("ReceivedCard", json!(1.5)),
        ("Time", json!("yesterday")),
        ("Location", json!({"Latitude": "x", "Longitude": 1})),
    ];
    for (field, value) in cases {
        let mut bad = good.clone();
        bad[field] = value;
        assert!(serde_json::from_value::<Receipt>(bad).is_err(), "{field}");
    }
}
