//! Answers in detail: languages, kinds of values, and what each state shows.

use std::sync::Arc;

use chorsu_api::Language;
use chorsu_api::subscribe::{Answer, CardView, ReceiptView};
use chorsu_core::{Kassa, Receipt, ReceiptState, UnixMillis};
use serde_json::{Value, json};

use crate::world::{TOKEN, body_of, charged, face, json as read, kassa, receipt, titles};

fn shown(receipt: &Receipt, kassa: &Kassa, language: Language) -> Value {
    let mut out = Vec::new();
    let view = ReceiptView::new(receipt, kassa).unwrap();
    Answer::Receipt(view, language).write(&mut out, None);
    read(&out)["result"]["receipt"].clone()
}

fn listed(receipts: &[Receipt], kassa: &Kassa) -> Value {
    let mut out = Vec::new();
    let views = receipts.iter().map(|receipt| ReceiptView::new(receipt, kassa).unwrap());
    Answer::Receipts(views.collect()).write(&mut out, None);
    read(&out)["result"].clone()
}

const ACCOUNT: &str = r#"{"amount":5,"account":{"order_id":106,"loan_id":"2"}}"#;

#[test]
fn titles_follow_the_caller_and_values_are_strings() {
    let receipt = receipt(&body_of(ACCOUNT));
    let cases = [
        (Language::Ru, "Номер заказа", "Номер чека", "Интернет"),
        (Language::Uz, "Buyurtma raqami", "Chek raqami", "Internet"),
        (Language::En, "Order", "Receipt number", "Интернет"),
    ];
    for (language, order, number, line) in cases {
        let shown = shown(&receipt, &kassa(), language);
        assert_eq!(
            shown["account"],
            json!([
                {"name": "order_id", "title": order, "value": "106", "main": true},
                {"name": "loan_id", "title": "loan_id", "value": "2", "main": false},
                {"name": "transaction", "title": number, "value": "80", "main": false},
            ])
        );
        assert_eq!(shown["merchant"]["type"], line);
    }
}

#[test]
fn a_list_has_titles_in_all_languages_and_numbers_as_numbers() {
    let list = listed(&[receipt(&body_of(ACCOUNT))], &kassa());
    let all = |ru, uz, en| json!({"ru": ru, "uz": uz, "en": en});
    let order = all("Номер заказа", "Buyurtma raqami", "Order");
    let number = all("Номер чека", "Chek raqami", "Receipt number");
    let loan = all("loan_id", "loan_id", "loan_id");
    assert_eq!(
        list[0]["account"],
        json!([
            {"name": "order_id", "title": order, "value": 106, "main": true},
            {"name": "loan_id", "title": loan, "value": "2", "main": false},
            {"name": "transaction", "title": number, "value": 80, "main": false},
        ])
    );
    assert_eq!(list[0]["merchant"]["type"], all("Интернет", "Internet", "Интернет"));
    assert_eq!(listed(&[], &kassa()), json!([]));
}

#[test]
fn without_requisites_the_number_is_the_main_field() {
    let kassa = Kassa { account: Vec::new(), ..kassa() };
    let stored = r#"{"account":{},"description":"","detail":null}"#;
    let account = &shown(&receipt(stored), &kassa, Language::Ru)["account"];
    assert_eq!(account.as_array().unwrap().len(), 1);
    assert_eq!((&account[0]["name"], &account[0]["main"]), (&json!("transaction"), &json!(true)));
}

#[test]
fn each_state_shows_its_times_card_and_processing() {
    let new = || receipt(&body_of(ACCOUNT));
    let queued = charged(new(), ReceiptState::CancelQueued);
    let at = Some(UnixMillis(1_700_000_000_000));
    let dropped = Receipt { state: ReceiptState::Cancelled, cancelled_at: at, ..new() };
    let paid_at = 1_658_483_632_782_i64;
    let card = json!({"number": "860006******6311", "expire": "9903"});
    // receipt, state, pay_time, cancel_time, card, processing_id, cancelled here
    let cases = [
        (new(), 0, 0, 0, Value::Null, Value::Null, false),
        (charged(new(), ReceiptState::Paid), 4, paid_at, 0, card.clone(), json!(0), false),
        (charged(new(), ReceiptState::Held), 5, 0, 0, card.clone(), json!(0), false),
        (queued, 21, paid_at, 0, card, json!(0), true),
        (dropped, 50, 0, 1_700_000_000_000_i64, Value::Null, Value::Null, true),
    ];
    for (receipt, state, pay_time, cancel_time, card, processing, cancelled) in cases {
        let shown = shown(&receipt, &kassa(), Language::Ru);
        assert_eq!(shown["state"], json!(state));
        assert_eq!(shown["pay_time"], json!(pay_time), "{state}");
        assert_eq!(shown["cancel_time"], json!(cancel_time), "{state}");
        assert_eq!((&shown["card"], &shown["processing_id"]), (&card, &processing), "{state}");
        let source = shown["meta"].get("source_cancel").cloned();
        assert_eq!(source, cancelled.then(|| json!("subscribe")), "{state}");
        assert_eq!(shown.get("sensitive_data").is_some(), receipt.hold, "{state}");
    }
}

#[test]
fn a_payer_stands_at_both_places_or_at_none() {
    let new = receipt(&body_of(ACCOUNT));
    let without = shown(&new, &kassa(), Language::Ru);
    assert!(without.get("payer").is_none() && without["merchant"].get("payer").is_none());
    let with = Receipt { payer: Some(Arc::from(r#"{"phone":"998901304527"}"#)), ..new };
    let with = shown(&with, &kassa(), Language::Ru);
    assert_eq!(with["payer"]["phone"], "998901304527");
    assert_eq!(with["merchant"]["payer"], with["payer"]);
}

#[test]
fn texts_of_shop_and_kassa_are_escaped() {
    let mut kassa = kassa();
    kassa.merchant.name = "A \"B\"\n\u{1}".into();
    kassa.account[0].titles = titles("\\", "", "");
    let body = body_of(r#"{"amount":5,"account":{"order_id":"\"\\\u0001"},"description":"\"Д\""}"#);
    let shown = shown(&receipt(&body), &kassa, Language::En);
    assert_eq!(shown["merchant"]["name"], "A \"B\"\n\u{1}");
    assert_eq!(shown["account"][0]["title"], "\\");
    assert_eq!(shown["account"][0]["value"], "\"\\\u{1}");
    assert_eq!(shown["description"], "\"Д\"");
}

#[test]
fn cards_codes_and_states_have_their_documented_forms() {
    let face = face();
    let card = CardView { face: &face, token: TOKEN, recurrent: false, verified: true };
    assert!(!format!("{card:?}").contains(TOKEN));
    let card_json = json!({"card": {
        "number": "860006******6311", "expire": "03/99", "token": TOKEN,
        "recurrent": false, "verify": true, "type": "22618",
    }});
    let cases = [
        (Answer::Card(card), card_json),
        (
            Answer::CodeSent { phone: "998901234531" },
            json!({"sent": true, "phone": "99890*****31", "wait": 60000}),
        ),
        (Answer::Success, json!({"success": true})),
        (Answer::State(ReceiptState::CancelQueued), json!({"state": 21})),
    ];
    for (answer, want) in cases {
        let mut out = Vec::new();
        answer.write(&mut out, None);
        assert_eq!(read(&out)["result"], want);
    }
}

#[test]
fn a_body_that_does_not_read_back_is_an_error() {
    let broken = receipt("{");
    assert!(ReceiptView::new(&broken, &kassa()).is_err());
}
