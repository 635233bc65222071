//! Requests of payments that are not right: the documented error each, and nobody is charged.

use reqwest::Method;
use serde_json::{Value, json};

use crate::place::Place;
use crate::till_stand::{Chorsu, State, Told, WALLETS};

const REQUIRED: &str = "This field is required.";
const NULL: &str = "This field may not be null.";
const BLANK: &str = "This field may not be blank.";
const NOT_A_STRING: &str = "Not a valid string.";
const NOT_AN_INTEGER: &str = "A valid integer is required.";
const TOO_SMALL: &str = "Ensure this value is greater than or equal to 1.";
const PATTERN: &str = "This value does not match the required pattern.";
const URL: &str = "Enter a valid URL.";
const RECEIPT: &str =
    "https://ofd.soliq.uz/check?t=UZ170703100597&r=2421&c=20230104121801&s=514343190161";

/// The paths of a call: with and without a slash at its end, bare and under a till.
fn paths(call: &str) -> [String; 4] {
    let bare = format!("/payment/{call}");
    [format!("/till/a{bare}"), format!("/till/a{bare}/"), format!("{bare}/"), bare]
}

/// Amounts that are none, and what is said of them.
fn bad_amounts(most: i64) -> Vec<(Value, String)> {
    let too_large = format!("Ensure this value is less than or equal to {most}.");
    let mut amounts: Vec<(Value, String)> = vec![
        (json!(0), TOO_SMALL.into()),
        (json!(-1), TOO_SMALL.into()),
        (json!(i64::MIN), TOO_SMALL.into()),
        (json!(most + 1), too_large.clone()),
        (json!(i64::MAX), too_large.clone()),
        (json!(u64::MAX), too_large),
    ];
    let no_integers =
        [json!(""), json!(" "), json!("abc"), json!(true), json!([]), json!({}), json!(1.5)];
    amounts.push((Value::Null, NULL.into()));
    amounts.extend(no_integers.map(|amount| (amount, NOT_AN_INTEGER.to_owned())));
    amounts.push((json!("1.5"), NOT_AN_INTEGER.into()));
    amounts
}

/// Texts that are none.
fn bad_texts() -> [(Value, &'static str); 8] {
    [
        (Value::Null, NULL),
        (json!(""), BLANK),
        (json!(" \t"), BLANK),
        (json!(true), NOT_A_STRING),
        (json!([]), NOT_A_STRING),
        (json!({}), NOT_A_STRING),
        (json!(1.5), NOT_A_STRING),
        (json!("a\0b"), "Null characters are not allowed."),
    ]
}

/// The message about one field.
fn about(field: &str, problem: &str) -> String {
    json!({ field: [problem] }).to_string()
}

/// Posts a body, which must be refused with code 7 and this message, wherever it is posted.
async fn refused(chorsu: &Chorsu, call: &str, body: &str, message: &str) {
    for path in paths(call) {
        let told = chorsu.till().post(&path, body.to_owned()).await;
        assert_eq!(told.no(), (7, message.to_owned()), "{path} {body}");
    }
}

/// Nobody was charged, and no trace is left of a payment.
async fn assert_untouched(chorsu: Chorsu) {
    for wallet in WALLETS {
        assert_eq!(chorsu.control().totals(wallet).await["payments"], 0, "{wallet}");
    }
    for till in ["default", "a"] {
        let totals = chorsu.control().journal(till).await["totals"].clone();
        assert_eq!((&totals["sales"], &totals["declined"]), (&json!(0), &json!(0)), "{till}");
    }
    assert_eq!(chorsu.place.rows("SELECT count(*) FROM document WHERE kind = 1").await[0][0], "0");
    chorsu.finish().await;
}

#[tokio::test]
async fn of_payments_by_scanned_code() {
    let chorsu = Chorsu::start(Place::sqlite(), "").await;
    for wallet in WALLETS {
        let code = chorsu.control().code(wallet).await;
        for (amount, problem) in bad_amounts(1_000_000_000) {
            let body = json!({ "amount": amount, "qr_code": code }).to_string();
            refused(&chorsu, wallet, &body, &about("amount", &problem)).await;
        }
        for (code, problem) in bad_texts() {
            let body = json!({ "amount": 500, "qr_code": code }).to_string();
            refused(&chorsu, wallet, &body, &about("qr_code", problem)).await;
        }
        let long = json!({ "amount": 500, "qr_code": "8".repeat(513) }).to_string();
        let too_long = about("qr_code", "Ensure this field has no more than 512 characters.");
        refused(&chorsu, wallet, &long, &too_long).await;
        let nothing = json!({ "amount": [REQUIRED], "qr_code": [REQUIRED] }).to_string();
        for body in ["", "{}"] {
            refused(&chorsu, wallet, body, &nothing).await;
        }
        let twice = format!("{{\"amount\":1,\"amount\":500,\"qr_code\":\"{code}\"}}");
        let (code, _) = chorsu.till().post(&format!("/payment/{wallet}"), twice).await.no();
        assert_eq!(code, 7);
    }
    assert_untouched(chorsu).await;
}

#[tokio::test]
async fn of_bodies_that_are_no_requests() {
    let chorsu = Chorsu::start(Place::sqlite(), "").await;
    let large = format!("{{\"amount\":500,\"qr_code\":\"{}\"}}", " ".repeat(2 * 1024 * 1024));
    let deep = "[".repeat(100_000);
    let bodies: [&[u8]; 9] = [
        b" ",
        b"null",
        b"[]",
        b"5",
        b"amount=500&qr_code=880101698207133392",
        b"{\"amount\":500,\"qr_code\":\"880101698207133392\"",
        b"{\"amount\":500,\"qr_code\":\"\xff\"}",
        large.as_bytes(),
        deep.as_bytes(),
    ];
    let calls =
        ["click", "payme", "uzum", "xumo", "click_confirm", "payme_confirm", "uzum_confirm"];
    for call in calls {
        for body in bodies {
            let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
            let (code, message) =
                chorsu.till().post(&format!("/payment/{call}"), body.to_vec()).await.no();
            let message: Value = serde_json::from_str(&message).unwrap();
            assert!(code == 7 && message.is_object(), "{call} {shown}: {code} {message}");
        }
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let path = format!("/payment/{call}");
            let raw = chorsu.till().try_send(method.clone(), &path, "").await.unwrap();
            assert_eq!(raw.status, 405, "{method} {path}: {}", raw.text);
        }
    }
    assert_untouched(chorsu).await;
}

#[tokio::test]
async fn of_payments_by_card() {
    let chorsu = Chorsu::start(Place::sqlite(), "").await;
    for (amount, problem) in bad_amounts(100_000_000_000) {
        for body in [
            json!({ "amount": amount }),
            json!({ "amount": amount, "is_return": true, "request_id": "231511584547" }),
        ] {
            refused(&chorsu, "xumo", &body.to_string(), &about("amount", &problem)).await;
        }
    }
    refused(&chorsu, "xumo", "{}", &about("amount", REQUIRED)).await;
    let flag = json!({ "amount": 500, "is_return": "maybe" }).to_string();
    refused(&chorsu, "xumo", &flag, &about("is_return", "Must be a valid boolean.")).await;
    let no_rrn = json!({ "amount": 500, "is_return": true }).to_string();
    refused(&chorsu, "xumo", &no_rrn, &about("request_id", REQUIRED)).await;
    for (rrn, problem) in bad_texts() {
        let body = json!({ "amount": 500, "is_return": true, "request_id": rrn }).to_string();
        refused(&chorsu, "xumo", &body, &about("request_id", problem)).await;
    }
    let letters = json!({ "amount": 500, "is_return": true, "request_id": "23151158454x" });
    refused(&chorsu, "xumo", &letters.to_string(), &about("request_id", PATTERN)).await;
    let unknown = json!({ "amount": 500, "is_return": true, "request_id": "231511584547" });
    let unknown = unknown.to_string();
    refused(&chorsu, "xumo", &unknown, &about("request_id", "There is no such payment here."))
        .await;
    assert_untouched(chorsu).await;
}

#[tokio::test]
async fn of_receipts_for_wallets() {
    let chorsu = Chorsu::start(Place::sqlite(), "").await;
    let urls = [
        "ofd.soliq.uz",
        "https://ofd.soliq.uz/check",
        "https://ofd.soliq.uz/check?t=UZ170703100597&r=2421&c=20230104121801",
        "https://ofd.soliq.uz/check?t=UZ170703100597&r=x&c=20230104121801&s=514343190161",
        "https://ofd.soliq.uz/check?t=UZ170703100597&r=2421&c=20231304121801&s=514343190161",
        "https://example.com/check?t=UZ170703100597&r=2421&c=20230104121801&s=514343190161",
        "javascript:alert(1)",
    ];
    for wallet in WALLETS {
        let call = format!("{wallet}_confirm");
        for (text, problem) in bad_texts() {
            let body = json!({ "payment_id": text, "qr_code": RECEIPT }).to_string();
            refused(&chorsu, &call, &body, &about("payment_id", problem)).await;
            let body = json!({ "payment_id": "1", "qr_code": text }).to_string();
            refused(&chorsu, &call, &body, &about("qr_code", problem)).await;
        }
        for url in urls {
            let body = json!({ "payment_id": "1", "qr_code": url }).to_string();
            refused(&chorsu, &call, &body, &about("qr_code", URL)).await;
        }
        let nothing = json!({ "payment_id": [REQUIRED], "qr_code": [REQUIRED] }).to_string();
        refused(&chorsu, &call, "{}", &nothing).await;
        let unknown = json!({ "payment_id": "2354512462", "qr_code": RECEIPT }).to_string();
        let nobody = about("payment_id", "There is no such payment at this till.");
        refused(&chorsu, &call, &unknown, &nobody).await;
    }
    let body = |receipt_id: &str, sign: &str| {
        json!({ "payment_id": "1", "receipt_id": receipt_id, "qr_code": RECEIPT,
                "fiscal_sign": sign })
        .to_string()
    };
    let differs = "Does not match the receipt in qr_code.";
    let other_number = body("2422", "514343190161");
    refused(&chorsu, "payme_confirm", &other_number, &about("receipt_id", differs)).await;
    let other_sign = body("2421", "514343190162");
    refused(&chorsu, "payme_confirm", &other_sign, &about("fiscal_sign", differs)).await;
    assert_untouched(chorsu).await;
}

/// Codes that their wallet does not take: of another wallet, of no wallet, of customers who cannot
/// pay, and used ones.
#[tokio::test]
async fn codes_that_do_not_pay() {
    let chorsu = Chorsu::start(Place::sqlite(), "").await;
    let (till, control) = (chorsu.till(), chorsu.control());
    let mut amount = 500;
    for wallet in WALLETS {
        let mut codes = vec!["1".to_owned(), "ёж".to_owned(), "880'; --".to_owned()];
        if wallet != "uzum" {
            let other = if wallet == "click" { "payme" } else { "click" };
            codes.push(control.code(other).await);
        }
        for ending in ["001", "002", "003"] {
            codes.push(control.code_of(wallet, ending).await);
        }
        for code in codes {
            amount += 1;
            match till.scan(wallet, &code, amount).await {
                Told::No { code: 106, message, data } => {
                    assert!(!message.is_empty(), "{wallet} {code}");
                    assert_eq!(
                        (&data["status"], &data["provider"], data["error_code"].is_string()),
                        (&json!("declined"), &json!(wallet), true)
                    );
                    let id = data["transaction_id"].as_str().unwrap();
                    assert_eq!(till.status(id).await["status"], "declined");
                }
                told => panic!("{wallet} {code}: {told:?}"),
            }
            assert_eq!(chorsu.states(amount * 100).await, [State::Declined], "{wallet} {code}");
        }
        let totals = control.totals(wallet).await;
        assert_eq!((&totals["payments"], &totals["net"]), (&json!(0), &json!(0)), "{wallet}");
    }
    for card in ["poor", "expired", "wrong_pin", "stolen", "removed", "no_card"] {
        control.post("/tills/default/pinpad/card", json!(card)).await;
        let (code, message) = till.card(50_000).await.no();
        assert!(code == 108 && message.contains("Код ответа"), "{card}: {code} {message}");
    }
    assert_eq!(chorsu.balance("network:humo").await, 0);
    chorsu.finish().await;
}

#[tokio::test]
async fn tills_that_cannot_be() {
    let chorsu = Chorsu::start(Place::sqlite(), "").await;
    let code = chorsu.control().code("click").await;
    for name in ["no%20till", "a.b", &"x".repeat(33), "%D1%91"] {
        let (error, message) = chorsu.till().named(name).scan("click", &code, 500).await.no();
        assert!(error == 104 && message.starts_with("There is no till"), "{name}: {message}");
    }
    for id in ["x", "0e436d79-f100-4373-b12a-1f238b558054", "01a202a1-f10e-7e24-8cc4-93aacf485253"]
    {
        let (error, _) = chorsu.till().get(&format!("/payment/status/{id}")).await.no();
        assert_eq!(error, 7, "{id}");
    }
    assert_untouched(chorsu).await;
}
