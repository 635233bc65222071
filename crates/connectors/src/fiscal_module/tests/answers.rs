//! What comes back, and what it proves.

use chorsu_core::Tiyin;
use serde_json::{Value, json};

use super::requests::time;
use crate::fiscal_module::answer::{info, registered, result, z_report};
use crate::fiscal_module::{Applet, ModuleError, ModuleRefusal, Refusal};
use crate::http::HttpResponse;
use crate::reading::AnswerError;
use crate::{Effect, fiscal_module::ShiftTotals};

fn response(body: &Value) -> HttpResponse {
    HttpResponse { status: 200, body: serde_json::to_vec(body).unwrap() }
}

fn raw(value: &Value) -> Box<serde_json::value::RawValue> {
    serde_json::value::to_raw_value(value).unwrap()
}

fn sample() -> Value {
    json!({
        "TerminalID": "UZ170703100597",
        "ReceiptSeq": 2421,
        "DateTime": "20260104121801",
        "FiscalSign": "014343190161",
        "QRCodeURL": "https://ofd.soliq.uz/check?t=UZ170703100597&r=2421&c=20260104121801&s=014343190161",
    })
}

#[test]
fn a_registration_is_read_whatever_dress_its_numbers_wear() {
    let mut other = sample();
    other["ReceiptSeq"] = json!("2421");
    other["FiscalSign"] = json!(14_343_190_161_u64);
    other["TXID"] = json!("a-1");
    for value in [sample(), other] {
        let last = registered(true, &raw(&value)).unwrap();
        let receipt = last.registered;
        assert_eq!((receipt.terminal_id.as_str(), receipt.receipt_seq), ("UZ170703100597", 2421));
        assert_eq!(receipt.fiscal_sign.as_deref(), Some("014343190161"));
        assert_eq!(receipt.date_time, time());
        assert!(receipt.qr_code_url.unwrap().starts_with("https://ofd.soliq.uz/check?t="));
    }
}

#[test]
fn a_registration_without_its_sign_is_none_unless_there_is_none_to_have() {
    for field in ["FiscalSign", "QRCodeURL"] {
        for absent in [json!(null), json!("")] {
            let mut value = sample();
            value[field] = absent;
            assert_eq!(registered(true, &raw(&value)), Err(AnswerError::Missing(field)));
            assert!(registered(false, &raw(&value)).is_ok());
        }
    }
    for (field, bad) in [
        ("FiscalSign", json!("12345678901x")),
        ("FiscalSign", json!("1234567890123")),
        ("ReceiptSeq", json!(-1)),
        ("ReceiptSeq", json!("")),
        ("DateTime", json!("2026")),
        ("TerminalID", json!({})),
    ] {
        let mut value = sample();
        value[field] = bad;
        assert!(registered(true, &raw(&value)).is_err(), "{field}");
    }
}

#[test]
fn only_a_whole_answer_to_this_request_has_a_result() {
    let read = |body: &Value| result(Applet::V0400, 7, &response(body)).map(|raw| raw.to_string());
    assert_eq!(
        read(&json!({"jsonrpc": "2.0", "id": 7, "result": {"a": 1}})).unwrap(),
        r#"{"a":1}"#
    );
    assert!(read(&json!({"id": "7", "result": {}, "error": null})).is_ok());
    let bad = [
        json!({"id": 8, "result": {}}),
        json!({"result": {}}),
        json!({"id": 7}),
        json!({"id": 7, "result": null, "error": null}),
        json!({"id": 7, "result": {}, "error": {"code": 36_899}}),
        json!([]),
        json!({"id": 7, "error": {"message": "no code"}}),
        json!({"id": 7, "error": {"code": -32_603, "message": "internal"}}),
        json!({"id": 7, "error": {"code": 36_871}}),
        json!({"id": 7, "error": {"code": 1}}),
    ];
    for body in bad {
        let error = read(&body).unwrap_err();
        assert_eq!(error.effect(), Effect::Unknown, "{body}: {error:?}");
    }
    for status in [500, 502, 404, 204] {
        let answer = HttpResponse { status, body: b"{}".to_vec() };
        assert_eq!(result(Applet::V0400, 7, &answer).unwrap_err().effect(), Effect::Unknown);
    }
    let half = HttpResponse { status: 200, body: br#"{"id":7,"resu"#.to_vec() };
    assert_eq!(result(Applet::V0400, 7, &half).unwrap_err().effect(), Effect::Unknown);
}

#[test]
fn a_refusal_is_read_by_the_table_of_its_applet_alone() {
    use Applet::{Earlier, V0400};
    let cases = [
        (V0400, json!(0x9023), Some(Refusal::ShiftAlreadyClosed)),
        (V0400, json!(9023), Some(Refusal::ShiftAlreadyClosed)),
        (V0400, json!("9023"), Some(Refusal::ShiftAlreadyClosed)),
        (V0400, json!("9023 - ZREPORT_IS_ALREADY_CLOSED"), Some(Refusal::ShiftAlreadyClosed)),
        (V0400, json!("90F0"), Some(Refusal::MemoryFull)),
        (V0400, json!(0x9030), Some(Refusal::TimeInPast)),
        (Earlier, json!(0x9030), Some(Refusal::ShiftAlreadyOpen)),
        (V0400, json!(36_897), Some(Refusal::ShiftNotOpen)),
        (Earlier, json!(36_897), Some(Refusal::TimeInPast)),
        (V0400, json!(36_913), Some(Refusal::SendFirst)),
        (Earlier, json!(36_913), Some(Refusal::NotEnoughForRefund)),
        (Earlier, json!(9023), None),
        (Earlier, json!("90F0"), None),
        (Earlier, json!(0x9023), None),
        (V0400, json!(36_871), None),
        (V0400, json!(65_534), Some(Refusal::NotConnected)),
        (Earlier, json!(65_531), Some(Refusal::BadReceipt)),
        (Earlier, json!(-32_601), Some(Refusal::BadRequest)),
        (V0400, json!(-32_000), None),
    ];
    for (applet, code, want) in cases {
        let body = json!({"id": null, "error": {"code": code, "message": "words"}});
        let error = result(applet, 7, &response(&body)).unwrap_err();
        let got = error.refusal().map(|refusal| refusal.refusal);
        assert_eq!(got, want, "{applet:?} {code}");
        let effect = if want.is_some() { Effect::None } else { Effect::Unknown };
        assert_eq!(error.effect(), effect, "{applet:?} {code}");
    }
}

#[test]
fn codes_lead_to_their_refusals_and_back() {
    for applet in [Applet::V0400, Applet::Earlier] {
        for code in (0x9000..0x9100).chain(65_000..65_536) {
            let Some(read) = ModuleRefusal::read(applet, code, "") else { continue };
            let own = read.refusal.code(applet).map(i64::from).unwrap();
            assert_eq!(ModuleRefusal::read(applet, own, "").unwrap().refusal, read.refusal);
        }
    }
    let shown = |applet, code| ModuleRefusal::read(applet, code, "").unwrap().to_string();
    assert_eq!(shown(Applet::V0400, 9023), "9023 - ZREPORT_IS_ALREADY_CLOSED");
    assert_eq!(shown(Applet::Earlier, 36_909), "36909 - ZREPORT_IS_NOT_OPENED");
    assert_eq!(shown(Applet::V0400, 65_534), "65534 - CANNOT_CONNECT_CARD");
    let versions = [
        ("0400", Some(Applet::V0400)),
        ("0324", Some(Applet::Earlier)),
        ("", None),
        ("0200", None),
        ("400", None),
        ("v0400", None),
    ];
    for (version, want) in versions {
        assert_eq!(Applet::from_version(version), want, "{version}");
    }
}

#[test]
fn shifts_and_states_are_read() {
    let shift = json!({
        "AppletVersion": "0400", "TerminalID": "UZ170703100597", "Number": 2, "Count": "10",
        "OpenTime": "2026-01-04 12:18:01", "CloseTime": "", "FirstReceiptSeq": "40",
        "LastReceiptSeq": 42, "TotalSaleCash": 0, "TotalSaleCard": 191_925_800,
        "TotalSaleVAT": "20563479", "TotalSaleCount": 3, "TotalRefundCash": 1,
        "TotalRefundCard": 2, "TotalRefundVAT": 3, "TotalRefundCount": 4,
    });
    let read = z_report(&raw(&shift)).unwrap();
    assert_eq!((read.number, read.count, read.opened, read.closed), (2, 10, Some(time()), None));
    assert_eq!((read.first_receipt_seq, read.last_receipt_seq), (Some(40), Some(42)));
    let tiyin = |value| Tiyin::new(value).unwrap();
    let sale =
        ShiftTotals { cash: tiyin(0), card: tiyin(191_925_800), vat: tiyin(20_563_479), count: 3 };
    assert_eq!((read.sale, read.refund.count), (sale, 4));

    let state = json!({
        "TerminalID": "UZ210317263976", "AppletVersion": "0324",
        "CurrentTime": "2026-01-04 12:18:01", "CurrentReceiptSeq": "2515", "ReceiptCount": 0,
        "ReceiptMaxCount": 480, "ZReportCount": 228, "ZReportMaxCount": 640,
        "AvailablePersistentMemory": 10_356, "AvailableResetMemory": 709,
        "AvailableDeselectMemory": 709,
    });
    let read = info(&raw(&state)).unwrap();
    assert_eq!((read.current_receipt_seq, read.receipt_count, read.z_report_count), (2515, 0, 228));
    assert_eq!(read.available_memory, [Some(10_356), Some(709), Some(709)]);
    assert_eq!((read.current_time, read.last_operation_time), (Some(time()), None));
    for field in ["TerminalID", "CurrentReceiptSeq", "ReceiptCount"] {
        let mut bad = state.clone();
        bad[field] = json!(null);
        assert_eq!(info(&raw(&bad)), Err(AnswerError::Missing(field)));
    }
}

#[test]
fn an_error_says_what_it_is() {
    let refusal = ModuleRefusal::read(Applet::V0400, 9021, "no shift").unwrap();
    let error = ModuleError::from(refusal);
    assert_eq!(error.to_string(), "the fiscal module refuses: 9021 - ZREPORT_IS_NOT_OPENED");
}
