//! A kassa at Payme behind one of ours: its wire, and what its answers prove.

use std::time::Duration;

use chorsu_connectors::http::{BaseUrl, HttpClient, HttpSettings};
use chorsu_connectors::payme::answer::State;
use chorsu_connectors::payme::kassa::{
    Asked, Cancelled, CardMethod, Confirmed, KassaLink, KassaPage, KassaPayment, KassaReceipt,
    KassaRequests, KassaSettings, Paid, Rejection, Standing, Told, answer,
};
use chorsu_connectors::wallet::WalletError;
use chorsu_connectors::{AnswerError, Secret};
use chorsu_core::{ReceiptId, Tiyin, UnixMillis};
use serde_json::value::RawValue;

use crate::fixture::{self, PAYME_ID, nowhere, render, response};
use crate::script::{Scripted, Step};

fn settings(url: BaseUrl) -> KassaSettings {
    KassaSettings {
        url,
        merchant_id: "5e730e8e0b852a417aa49ceb".to_owned(),
        key: Secret::new("mjES8ycLucnvygt4dPwerK2vj45Eensn3ZPr"),
    }
}

fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.to_owned()).unwrap()
}

fn receipt() -> ReceiptId {
    PAYME_ID.parse().unwrap()
}

fn amount() -> Tiyin {
    Tiyin::new(50_005).unwrap()
}

fn payment(hold: bool, payer: Option<&RawValue>) -> KassaPayment<'_> {
    KassaPayment { receipt: receipt(), amount: amount(), token: "NTg0YTg0", hold, payer }
}

#[test]
fn requests() {
    let settings = settings(nowhere());
    let requests = KassaRequests { settings: &settings, id: 7, language: Some("uz") };
    let card = raw(
        r#"{ "card": { "number": "8600069195406311", "expire": "0399" }, "save": true, "customer": "998901234567" }"#,
    );
    let (token, payer) = (raw(r#"{"token":"NTg0YTg0"}"#), raw(r#"{"phone":"998901304527"}"#));
    let (account, description, detail) = (raw(r#"{"order_id":106}"#), raw(r#""""#), raw("null"));
    let new = |hold| KassaReceipt {
        amount: amount(),
        hold,
        account: &account,
        description: &description,
        detail: &detail,
    };
    let fiscal = raw(r#"{"receipt_id":121,"qr_code_url":"https://ofd.soliq.uz/check"}"#);
    for (name, request) in [
        ("card_create", requests.card(CardMethod::Create, &card)),
        ("card_remove", requests.card(CardMethod::Remove, &token)),
        ("create", requests.create(&new(false))),
        ("create_to_hold", requests.create(&new(true))),
        ("pay", requests.pay(&payment(false, Some(&payer)))),
        ("hold", requests.pay(&payment(true, None))),
        ("check", requests.check(receipt())),
        ("get", requests.get(receipt())),
        (
            "get_all",
            requests.page((UnixMillis(1_636_398_000_000), UnixMillis(1_636_398_000_001)), 50),
        ),
        ("confirm", requests.confirm_hold(receipt())),
        ("cancel", requests.cancel(receipt())),
        ("send", requests.send(receipt(), "998901304527")),
        ("fiscal", requests.set_fiscal_data(receipt(), &fiscal)),
    ] {
        let text = fixture::text(&format!("payme_kassa/{name}.request"));
        assert_eq!(render(&request), text, "{name}");
    }
    assert!(!format!("{:?}", payment(false, None)).contains("NTg0"));
}

/// A card's number is written into one buffer, which wipes itself: had it been outgrown on the way,
/// the part that was written before would have stayed behind.
#[test]
fn a_card_s_number_is_written_once() {
    let settings = settings(nowhere());
    let requests = KassaRequests { settings: &settings, id: u64::MAX, language: None };
    let token = "0".repeat(3_000);
    for card in [
        r#"{"card":{"number":"8600069195406311","expire":"0399"}}"#.to_owned(),
        format!(r#"{{"card":{{"number":"8600069195406311"}},"account":"{token}"}}"#),
    ] {
        for method in CardMethod::ALL {
            let body: zeroize::Zeroizing<Vec<u8>> = requests.card(method, &raw(&card)).body;
            assert!(body.ends_with(format!("{card}}}").as_bytes()), "{}", method.name());
            assert_eq!(body.capacity(), 128 + card.len(), "{}", method.name());
        }
    }
}

#[test]
fn card_calls_are_answered_in_payme_s_words() {
    let read = |name: &str, method| {
        answer::card(&response(&format!("payme_kassa/card.{name}")), 7, method)
    };
    for (name, method) in [
        ("made", CardMethod::Create),
        ("verified", CardMethod::Verify),
        ("verified", CardMethod::Check),
        ("sent", CardMethod::GetVerifyCode),
        ("removed", CardMethod::Remove),
    ] {
        let Ok(Told::Done(result)) = read(name, method) else { panic!("{name}") };
        let body = fixture::text(&format!("payme_kassa/card.{name}"));
        assert!(body.contains(&format!("\"result\":{result}}}")), "{name} {result}");
    }
    let rejection = Rejection {
        code: -31_103,
        message: "Неверный код".to_owned(),
        data: "\"code\"".to_owned(),
        origin: Some("cards.verify".to_owned()),
    };
    assert_eq!(read("wrong_code", CardMethod::Verify), Ok(Told::Refused(rejection)));
    assert_eq!(read("no_token", CardMethod::Create), Err(AnswerError::Missing("token")));
    assert_eq!(read("removed", CardMethod::Create), Err(AnswerError::Missing("card")));
    assert_eq!(read("made", CardMethod::Remove), Err(AnswerError::Missing("success")));
}

#[test]
fn receipts_are_understood_only_where_they_are_clear() {
    let read = |name: &str| answer::receipt(&response(&format!("payme_kassa/receipt.{name}")), 7);
    let card = |masked: &str, expiry: &str| Some((masked.to_owned(), expiry.to_owned()));
    for (name, state, shown) in [
        ("created", State::Created, None),
        ("paid", State::Paid, card("860006******6311", "9903")),
        // The documents show a whole number once; here it is masked.
        ("paid_whole_number", State::Paid, card("860006******6311", "9903")),
        ("held", State::Held, card("626247**********", "2205")),
        ("queued", State::Cancelling, None),
    ] {
        let Ok(Told::Done(view)) = read(name) else { panic!("{name}") };
        assert_eq!((view.id, view.state, view.amount), (receipt(), state, amount()), "{name}");
        let found = view.card.map(|card| (card.masked.to_string(), card.expiry.yymm()));
        assert_eq!(found, shown, "{name}");
    }
    assert_eq!(read("paid_no_amount"), Err(AnswerError::Missing("amount")));
    assert_eq!(read("paid_no_id_of_ours"), Err(AnswerError::Unreadable("_id")));
    let merchant = answer::receipt(&response("payme_kassa/error.merchant"), 7);
    let Ok(Told::Refused(rejection)) = merchant else { panic!("{merchant:?}") };
    assert_eq!(rejection.data, r#"{"code":-31050,"message":{"ru":"Заказ не найден"}}"#);
}

#[test]
fn of_a_page_the_cancelled_ones_are_told() {
    let read = |name: &str| answer::page(&response(&format!("payme_kassa/{name}")), 7);
    let page = KassaPage { rows: 5, cancelled: vec![receipt()] };
    assert_eq!(read("page"), Ok(Told::Done(page)));
    assert!(matches!(read("error.no"), Ok(Told::Refused(_))));
    assert!(read("receipt.paid").is_err(), "not a list");
}

fn link(base: BaseUrl) -> KassaLink {
    KassaLink::new(HttpClient::new(HttpSettings::default()), settings(base))
}

/// An outcome in a word, with the code that matters.
fn word<T: std::fmt::Debug>(answer: &Result<T, WalletError>) -> String {
    let Ok(answer) = answer else { return "lost".to_owned() };
    let text = format!("{answer:?}");
    let name = text.split(['(', ' ', '{']).next().unwrap().to_owned();
    match text.split_once("code: ") {
        Some((_, rest)) => format!("{name} {}", rest.split(',').next().unwrap()),
        None => name,
    }
}

const PAY: &str = "receipts.pay";
const CHECK: &str = "receipts.check";
const GET: &str = "receipts.get";
const CANCEL: &str = "receipts.cancel";
const CONFIRM: &str = "receipts.confirm_hold";

#[tokio::test]
async fn paying() {
    let cases = [
        (Some("payme_kassa/receipt.paid"), "Taken"),
        (Some("payme_kassa/receipt.held"), "Held"),
        (Some("payme_kassa/error.no"), "Refused -31630"),
        (Some("payme_kassa/error.merchant"), "Open"),
        (Some("payme/pay.unavailable"), "Open"),
        (Some("payme_kassa/receipt.created"), "Open"),
        (Some("payme_kassa/receipt.queued"), "Open"),
        (Some("payme_kassa/receipt.paid_other_amount"), "lost"),
        (Some("payme_kassa/receipt.paid_other_id"), "lost"),
        (Some("payme_kassa/receipt.paid_no_amount"), "lost"),
        (Some("payme/pay.undocumented"), "lost"),
        (Some("payme/pay.unknown_status"), "lost"),
        (Some("payme/pay.gateway"), "lost"),
        (Some("payme/pay.both"), "lost"),
        (None, "lost"),
    ];
    for (fixture, want) in cases {
        let other_side = Scripted::start(&[(PAY, fixture)]).await;
        let answer = link(other_side.base()).pay(&payment(false, None), None).await;
        assert_eq!(word::<Paid>(&answer), want, "{fixture:?} {answer:?}");
        other_side.finish();
    }
}

#[tokio::test]
async fn asking() {
    let cases: [(u64, &[Step], &str); 11] = [
        (0, &[(CHECK, Some("payme/check.paid")), (GET, Some("payme_kassa/receipt.paid"))], "Taken"),
        (0, &[(CHECK, Some("payme/check.paid")), (GET, None)], "Taken"),
        (
            0,
            &[
                (CHECK, Some("payme/check.paid")),
                (GET, Some("payme_kassa/receipt.paid_other_amount")),
            ],
            "lost",
        ),
        (
            0,
            &[(CHECK, Some("payme_kassa/check.held")), (GET, Some("payme_kassa/receipt.held"))],
            "Held",
        ),
        (0, &[(CHECK, Some("payme/check.cancelled"))], "Closed"),
        (9, &[(CHECK, Some("payme/check.cancelling"))], "Open"),
        (9, &[(CHECK, Some("payme/check.open"))], "Open"),
        (0, &[(CHECK, Some("payme/check.created"))], "Open"),
        (
            9,
            &[
                (CHECK, Some("payme/check.created")),
                (CANCEL, Some("payme_kassa/receipt.cancelled")),
            ],
            "Closed",
        ),
        (
            9,
            &[(CHECK, Some("payme/check.created")), (CANCEL, Some("payme_kassa/receipt.queued"))],
            "Open",
        ),
        (9, &[(CHECK, Some("payme/check.denied"))], "lost"),
    ];
    for (age, steps, want) in cases {
        let other_side = Scripted::start(steps).await;
        let age = Duration::from_secs(age);
        let answer = link(other_side.base()).ask(receipt(), amount(), age).await;
        assert_eq!(word::<Asked>(&answer), want, "{steps:?} {answer:?}");
        other_side.finish();
    }
}

#[tokio::test]
async fn confirming() {
    let refused = (CONFIRM, Some("payme/cancel.refused"));
    let cases: [(&[Step], &str); 8] = [
        (&[(CONFIRM, Some("payme_kassa/receipt.paid"))], "Taken"),
        (&[(CONFIRM, Some("payme_kassa/receipt.held"))], "Open"),
        (&[(CONFIRM, Some("payme_kassa/receipt.cancelled"))], "Gone"),
        (&[(CONFIRM, Some("payme_kassa/receipt.paid_other_amount"))], "lost"),
        (&[refused, (CHECK, Some("payme/check.paid"))], "Taken"),
        (&[refused, (CHECK, Some("payme_kassa/check.held"))], "Refused -31800"),
        (&[refused, (CHECK, Some("payme/check.cancelled"))], "Gone"),
        (
            &[(CONFIRM, Some("payme/cancel.unavailable")), (CHECK, Some("payme_kassa/check.held"))],
            "Open",
        ),
    ];
    for (steps, want) in cases {
        let other_side = Scripted::start(steps).await;
        let answer = link(other_side.base()).confirm(receipt(), amount()).await;
        assert_eq!(word::<Confirmed>(&answer), want, "{steps:?} {answer:?}");
        other_side.finish();
    }
}

#[tokio::test]
async fn cancelling() {
    let refused = (CANCEL, Some("payme/cancel.refused"));
    let cases: [(&[Step], &str); 8] = [
        (&[(CANCEL, Some("payme_kassa/receipt.cancelled"))], "Done"),
        (&[(CANCEL, Some("payme_kassa/receipt.queued"))], "Queued"),
        (&[(CANCEL, Some("payme_kassa/receipt.paid"))], "Open"),
        (&[(CANCEL, Some("payme_kassa/receipt.paid_other_id"))], "lost"),
        (&[refused, (CHECK, Some("payme/check.cancelled"))], "Done"),
        (&[refused, (CHECK, Some("payme/check.cancelling"))], "Queued"),
        (&[refused, (CHECK, Some("payme/check.paid"))], "Refused -31800"),
        (&[(CANCEL, Some("payme/cancel.unavailable")), (CHECK, Some("payme/check.paid"))], "Open"),
    ];
    for (steps, want) in cases {
        let other_side = Scripted::start(steps).await;
        let answer = link(other_side.base()).cancel(receipt()).await;
        assert_eq!(word::<Cancelled>(&answer), want, "{steps:?} {answer:?}");
        other_side.finish();
    }
}

#[tokio::test]
async fn what_moves_no_money() {
    let other_side = Scripted::start(&[
        ("cards.check", Some("payme_kassa/card.verified")),
        ("receipts.create", Some("payme_kassa/receipt.created")),
        ("receipts.create", Some("payme_kassa/receipt.paid")),
        (CHECK, Some("payme/check.created")),
        ("receipts.send", Some("payme/fiscal.done")),
    ])
    .await;
    let link = link(other_side.base());
    let token = raw(r#"{"token":"NTg0YTg0"}"#);
    assert_eq!(word(&link.card(CardMethod::Check, &token, None).await), "Done");
    let (account, none) = (raw("{}"), raw("null"));
    let new = KassaReceipt {
        amount: amount(),
        hold: false,
        account: &account,
        description: &none,
        detail: &none,
    };
    assert!(matches!(link.create(&new, None).await, Ok(Told::Done(id)) if id == receipt()));
    // A new receipt that is paid already is not a new receipt.
    assert_eq!(word(&link.create(&new, None).await), "lost");
    assert!(matches!(link.standing(receipt()).await, Ok(Standing::Unpaid)));
    assert_eq!(word(&link.send(receipt(), "998901304527", None).await), "Done");
    other_side.finish();
}
