//! What real clients send beyond the documentation, and what is understood of it.

use chorsu_api::subscribe::Request;
use chorsu_api::subscribe::request::{ReceiptsCreate, ReceiptsPay};
use chorsu_core::Reject;

use crate::world::{RECEIPT, TOKEN, body_of, decode, kassa, receipt_id, request};

fn create<R>(params: &str, check: impl FnOnce(&ReceiptsCreate<'_>) -> R) -> R {
    match decode(&request("receipts.create", params)) {
        Ok(Request::ReceiptsCreate(create)) => check(&create),
        other => panic!("{params}: {other:?}"),
    }
}

fn pay<R>(rest: &str, check: impl FnOnce(&ReceiptsPay<'_>) -> R) -> R {
    let params = format!(r#"{{"id":"{RECEIPT}","token":"{TOKEN}"{rest}}}"#);
    match decode(&request("receipts.pay", &params)) {
        Ok(Request::ReceiptsPay(pay)) => check(&pay),
        other => panic!("{rest}: {other:?}"),
    }
}

#[test]
fn a_card_is_read_and_everything_else_ignored() {
    let text = request(
        "cards.create",
        r#"{"card":{"number":"8600069195406311","expire":"0399","holder":"X"},"amount":5,
            "phone":"998901304527","account":{"a":[{}]},"customer":null,"save":null}"#,
    );
    let Ok(Request::CardsCreate(card)) = decode(&text) else { panic!("{text}") };
    assert_eq!((card.pan.digits(), card.expiry.yymm().as_str()), ("8600069195406311", "9903"));
    assert!(!card.save);
}

#[test]
fn a_code_may_be_a_number_and_keeps_its_leading_zeros() {
    for (sent, want) in
        [("\"666666\"", "666666"), ("666666", "666666"), ("1234", "001234"), ("0", "000000")]
    {
        let text = request("cards.verify", &format!(r#"{{"token":"{TOKEN}","code":{sent}}}"#));
        let Ok(Request::CardsVerify(verify)) = decode(&text) else { panic!("{text}") };
        assert_eq!((verify.code.as_ref(), verify.token.as_str()), (want, TOKEN));
    }
}

#[test]
fn amounts_are_whole_tiyin_in_any_notation() {
    for amount in ["100000", "100000.0", "1e5", "1.0E+5", "10000000e-2"] {
        let params = format!(r#"{{"amount":{amount}}}"#);
        create(&params, |create| assert_eq!(create.amount.get(), 100_000, "{amount}"));
    }
}

#[test]
fn account_values_have_a_text_or_none() {
    let cases = [
        (r#""test""#, Some("test")),
        ("106", Some("106")),
        ("-5", Some("-5")),
        ("1.50", Some("1.50")),
        ("12345678901234567890", Some("12345678901234567890")),
        ("true", Some("true")),
        (r#""\u0031""#, Some("1")),
        ("null", None),
        (r#""""#, None),
        (r#""  ""#, None),
        (r#""\ud800""#, None),
        ("{}", None),
        (r#"["1"]"#, None),
    ];
    for (sent, want) in cases {
        let params = format!(r#"{{"amount":5,"account":{{"order_id":{sent}}}}}"#);
        create(&params, |create| {
            let values = create.account_values();
            assert_eq!(values[0].text.as_deref(), want, "{sent}");
            let checked = kassa().check_account(values);
            match want {
                Some(_) => assert!(checked.is_ok()),
                None => assert_eq!(checked, Err(Reject::AccountField("order_id".into()))),
            }
        });
    }
    create(r#"{"amount":5}"#, |create| assert!(create.account.is_empty()));
}

#[test]
fn the_body_keeps_what_the_kassa_knows() {
    let stored = body_of(r#"{"amount":5,"account":{"loan_id":"2","order_id":106}}"#);
    let want = r#"{"account":{"order_id":106,"loan_id":"2"},"description":"","detail":null}"#;
    assert_eq!(stored, want);
    let exact = body_of(r#"{"amount":5,"account":{"order_id":1234567890123456}}"#);
    assert!(exact.starts_with(r#"{"account":{"order_id":"1234567890123456"}"#), "{exact}");
}

#[test]
fn descriptions_and_details_are_tolerated_as_they_come() {
    let item = r#"{"title":"a","price":1,"count":0.5,"x":null,"units":null,"vat_percent":12.5}"#;
    let spaced = format!(" {{\"a\" : [1 ,\n2], \"items\": [ {item} ]\t}}");
    let dense = format!(r#"{{"a":[1,2],"items":[{item}]}}"#);
    let cases = [
        ("", None),
        (r#","detail":null"#, None),
        (r#","detail":"""#, None),
        (r#","detail":"nothing""#, None),
        (r#","detail":{}"#, Some("{}")),
        (r#","detail":{"key":"value"}"#, Some(r#"{"key":"value"}"#)),
        (r#","detail":{"items":[]}"#, Some(r#"{"items":[]}"#)),
        (r#","detail":{"items":null,"shipping":null}"#, Some(r#"{"items":null,"shipping":null}"#)),
        (&format!(r#","detail":{spaced}"#), Some(dense.as_str())),
    ];
    for (rest, want) in cases {
        for description in ["", r#","description":null"#, r#","description":"""#] {
            let params = format!(r#"{{"amount":5{rest}{description}}}"#);
            create(&params, |create| {
                assert_eq!(create.detail.as_deref(), want, "{params}");
                assert_eq!(create.description, "");
            });
        }
    }
}

#[test]
fn discounts_of_items_are_summed_once() {
    let item = r#"{"title":"a","price":100,"count":1,"discount":25.0}"#;
    let items = format!(r#""items":[{item},{item}]"#);
    create(&format!(r#"{{"amount":5,"detail":{{{items}}}}}"#), |create| {
        let want = format!(r#"{{"discount":{{"title":"Скидка","price":50}},{items}}}"#);
        assert_eq!(create.detail.as_deref(), Some(want.as_str()));
    });
    for own in [r#"{"title":"5%","price":7}"#, "null"] {
        let detail = format!(r#"{{"discount":{own},{items}}}"#);
        create(&format!(r#"{{"amount":5,"detail":{detail}}}"#), |create| {
            assert_eq!(create.detail.as_deref(), Some(detail.as_str()));
        });
    }
}

#[test]
fn payers_are_reduced_to_what_is_documented() {
    let cases = [
        ("", None),
        (r#","payer":null"#, None),
        (r#","payer":{}"#, None),
        (r#","payer":{"passport":"AA1234567"}"#, None),
        (r#","payer":{"phone":"","name":""}"#, Some(r#"{"phone":"","name":""}"#)),
        (
            r#","payer":{"ip": "::1","phone":998901304527}"#,
            Some(r#"{"phone":"998901304527","ip":"::1"}"#),
        ),
        (r#","payer":{"name":"O\"K\n","id":null}"#, Some(r#"{"name":"O\"K\n"}"#)),
    ];
    for (rest, want) in cases {
        pay(rest, |pay| {
            assert_eq!((pay.receipt, pay.token.as_str()), (receipt_id(), TOKEN));
            assert_eq!(pay.payer.as_deref(), want, "{rest}");
        });
    }
    assert!(pay(r#","hold":true"#, |pay| pay.hold));
    assert!(!pay(r#","hold":false"#, |pay| pay.hold));
}

#[test]
fn phones_may_have_a_plus_or_be_numbers() {
    for phone in
        [r#""998901304527""#, r#""+998901304527""#, "998901304527", r#""\u002b998901304527""#]
    {
        let text = request("receipts.send", &format!(r#"{{"id":"{RECEIPT}","phone":{phone}}}"#));
        let Ok(Request::ReceiptsSend(send)) = decode(&text) else { panic!("{text}") };
        assert_eq!(send.phone, "998901304527");
    }
}

#[test]
fn a_page_has_defaults() {
    let text = request("receipts.get_all", r#"{"from":1,"to":2.0}"#);
    let Ok(Request::ReceiptsGetAll(page)) = decode(&text) else { panic!("{text}") };
    assert_eq!((page.count, page.offset, page.until().0), (50, 0, 3));
}

#[test]
fn fiscal_data_is_stored_in_its_documented_types() {
    let cases = [
        (r#"{"receipt_id":121,"qr_code_url":"u"}"#, r#"{"receipt_id":121,"qr_code_url":"u"}"#),
        (
            r#"{"qr_code_url":"u","receipt_id":"121","fiscal_sign":800031554082,"status_code":"0",
                "message":null,"other":[1]}"#,
            r#"{"status_code":0,"receipt_id":121,"fiscal_sign":"800031554082","qr_code_url":"u"}"#,
        ),
    ];
    for (sent, want) in cases {
        let params = format!(r#"{{"id":"{RECEIPT}","fiscal_data":{sent}}}"#);
        let text = request("receipts.set_fiscal_data", &params);
        let Ok(Request::ReceiptsSetFiscalData(data)) = decode(&text) else { panic!("{text}") };
        assert_eq!((data.receipt, data.fiscal.as_str()), (receipt_id(), want));
    }
}

#[test]
fn a_hold_is_confirmed_whole_or_in_part() {
    for (rest, want) in [("", None), (r#","amount":null"#, None), (r#","amount":5.0"#, Some(5))] {
        let text = request("receipts.confirm_hold", &format!(r#"{{"id":"{RECEIPT}"{rest}}}"#));
        let Ok(Request::ReceiptsConfirmHold(confirm)) = decode(&text) else { panic!("{text}") };
        assert_eq!(confirm.amount.map(|amount| amount.get()), want);
    }
}
