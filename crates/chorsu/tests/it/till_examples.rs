//! Every request example of the till documents, word for word but for ids and times that have to be
//! those of this day: the answer has every documented key, with a value of the documented type, and
//! the documented errors come as they are documented.

use std::fs;
use std::path::PathBuf;

use reqwest::Method;
use serde_json::{Value, json};

use crate::place::Place;
use crate::till_stand::{Chorsu, State, Till, Told};

/// The code in the examples, which every wallet takes.
const CODE: &str = "880101698207133392";
/// The receipt in the examples.
const RECEIPT: &str =
    "https://ofd.soliq.uz/check?t=UZ170703100597&r=2421&c=20230104121801&s=514343190161";
/// The wallets' ids of payments in the examples, and the RRN.
const PAYMENTS: [&str; 5] = [
    "2354512461",
    "63b5282a6f47f572807fd53e",
    "7e577908-6851-4a8d-ac1d-bdd17002f96b",
    "bb75f609-6d97-4b45-9ed3-80e5fcd19ef1",
    "644113a290a5eba4298f05d5",
];
const RRN: &str = "231511584547";

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../api/fixtures/till")
}

/// A file of an example.
fn fixture(example: &str, file: &str) -> String {
    let path = fixtures().join(example).join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The kind of a value, in the words of the fixtures.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "int",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Checks an answer against the documented keys and types of an example.
fn check_keys(example: &str, data: &Value) {
    let documented = fixture(example, "answer.txt");
    assert!(documented.lines().count() > 0);
    for line in documented.lines() {
        let (path, kinds) = line.split_once(' ').unwrap();
        let found = data.pointer(&format!("/{}", path.replace('.', "/")));
        let found = found.unwrap_or_else(|| panic!("{example}: {path} is missing in {data}"));
        let fits = kinds.split('|').any(|wanted| wanted == kind(found));
        assert!(fits, "{example}: {path} is {found}, not {kinds}");
    }
}

/// Where the call of an example is posted. The part of its name before the first dot is the call.
fn path_of(example: &str) -> String {
    let call = example.split('.').next().unwrap();
    match call {
        "order" | "zreport" => format!("/{}/", example.replace('.', "/")),
        call => format!("/payment/{call}"),
    }
}

/// Posts an example after these replacements, with and without a slash at the path's end. What is
/// done once is answered the same both times.
async fn run(till: &Till, example: &str, replaced: &[(&str, &str)]) -> Value {
    let sent = fixture(example, "request.json");
    let sent = replaced.iter().fold(sent, |text, (from, to)| text.replace(from, to));
    let path = path_of(example);
    let data = till.post(&path, sent.clone()).await.done();
    check_keys(example, &data);
    if example.starts_with("click") || example.starts_with("payme") || example.starts_with("uzum") {
        let other = path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned);
        assert_eq!(till.post(&other, sent).await.done(), data, "{example}");
    }
    data
}

fn text<'v>(data: &'v Value, name: &str) -> &'v str {
    data[name].as_str().unwrap()
}

#[tokio::test]
async fn payments_by_scanned_code() {
    let chorsu = Chorsu::start(Place::sqlite(), "").await;
    let till = chorsu.till();
    for example in ["click", "click.earlier", "payme", "payme.earlier"] {
        let paid = run(&till, example, &[]).await;
        let said = ["status", "qr_code", "client_phone_number"].map(|name| text(&paid, name));
        assert_eq!(said, ["successfully", CODE, "998946532140"], "{example}");
        assert_eq!((&paid["amount"], &paid["status_code"]), (&json!(500), &json!(0)));
        let id = text(&paid, "transaction_id");
        let history = till.status(id).await;
        assert_eq!(
            (&history["status"], &history["amount_tiyin"], &history["payment_id"]),
            (&json!("succeeded"), &json!(50_000), &paid["payment_id"])
        );
        // The payment's own id is the wallet's reference of it.
        let wallet = example.split('.').next().unwrap();
        let path = format!("/providers/{wallet}/transactions/{id}");
        let seen = chorsu.control().get(&path).await;
        assert_eq!((&seen["charges"], &seen["net"]), (&json!(1), &json!(50_000)), "{example}");
    }
    let paid = run(&till, "uzum", &[]).await;
    let said = ["payment_status", "error_code", "client_phone_number"];
    assert_eq!(said.map(|name| text(&paid, name)), ["SUCCESS", "0", "998946532140"]);
    for wallet in ["click", "payme", "uzum"] {
        assert_eq!(chorsu.balance(&format!("wallet:{wallet}")).await, 50_000, "{wallet}");
    }
    chorsu.finish().await;
}

#[tokio::test]
async fn receipts_for_wallets() {
    let chorsu = Chorsu::start(Place::sqlite(), "").await;
    let till = chorsu.till();
    let examples = [
        ("click", "click_confirm"),
        ("payme", "payme_confirm"),
        ("uzum", "uzum_confirm"),
        ("uzum", "uzum_confirm.page"),
    ];
    for (number, (wallet, example)) in examples.into_iter().enumerate() {
        let code = chorsu.control().code(wallet).await;
        let paid = till.scan(wallet, &code, 500 + number as i64).await.done();
        let id = text(&paid, "payment_id");
        let known: Vec<_> = PAYMENTS.iter().map(|known| (*known, id)).collect();
        let confirmed = run(&till, example, &known).await;
        match example {
            "click_confirm" => {
                let said = ["payment_id", "qr_code", "status"].map(|name| text(&confirmed, name));
                assert_eq!(said, [id, RECEIPT, "successfully"]);
            }
            "payme_confirm" => assert_eq!(confirmed["result"]["receipt"]["_id"], id),
            _ => assert_eq!(
                (text(&confirmed, "payment_id"), text(&confirmed, "payment_status")),
                (id, "SUCCESS")
            ),
        }
        let seen = chorsu.control().payments(wallet, (500 + number as i64) * 100).await;
        assert_eq!(seen[0]["fiscal_url"], RECEIPT, "{example}");
        // Another receipt for the same payment is refused.
        let other = fixture(example, "request.json").replace("r=2421", "r=2422");
        let other = known.iter().fold(other, |text, (from, to)| text.replace(from, to));
        let other = other.replace("\"2421\"", "\"2422\"");
        assert_eq!(till.post(&path_of(example), other).await.no().0, 7, "{example}");
    }
    for wallet in ["click", "payme"] {
        assert_eq!(chorsu.control().totals(wallet).await["fiscal_delivered"], 1, "{wallet}");
    }
    assert_eq!(chorsu.control().totals("uzum").await["fiscal_delivered"], 2);
    chorsu.finish().await;
}

/// The confirmations word for word: in the sandbox, the payments they name are paid. Both requests
/// of a pair come at once, as the payments are made when they are first named.
#[tokio::test]
async fn confirmations_word_for_word() {
    let chorsu = Chorsu::start(Place::sqlite(), "").await;
    let till = chorsu.till();
    let cases = [
        ("click_confirm", "click", "/payment_id"),
        ("payme_confirm", "payme", "/result/receipt/_id"),
        ("uzum_confirm", "uzum", "/payment_id"),
        ("uzum_confirm.page", "uzum", "/payment_id"),
    ];
    for ((example, wallet, place), id) in cases.into_iter().zip(PAYMENTS) {
        let sent = fixture(example, "request.json");
        let path = path_of(example);
        let named = till.named("second").post(&format!("{path}/"), sent.clone()).await;
        assert_eq!(named.no().0, 7, "{example}: it is a payment of the default till");
        let (one, two) = tokio::join!(till.post(&path, sent.clone()), till.post(&path, sent));
        let (one, two) = (one.done(), two.done());
        assert_eq!(one, two, "{example}");
        check_keys(example, &one);
        assert_eq!(one.pointer(place), Some(&json!(id)), "{example}");
        let seen = chorsu.control().payments(wallet, 50_000).await;
        let seen = seen.iter().find(|payment| payment["payment_id"] == id).unwrap();
        assert_eq!((&seen["status"], &seen["fiscal_url"]), (&json!("success"), &json!(RECEIPT)));
    }
    let phone = till.post("/payment/uzum_confirm", fixture("uzum_confirm.page", "request.json"));
    assert_eq!(phone.await.done()["client_phone_number"], "998712565009");
    for (wallet, paid) in [("click", 50_000), ("payme", 50_000), ("uzum", 100_000)] {
        assert_eq!(chorsu.balance(&format!("wallet:{wallet}")).await, paid, "{wallet}");
        assert_eq!(chorsu.control().totals(wallet).await["net"], paid, "{wallet}");
    }
    chorsu.finish().await;
}

/// Without a receipt to follow, no money is taken: by none of the four ways to pay.
#[tokio::test]
async fn a_till_whose_fiscal_module_is_not_initialised() {
    let chorsu = Chorsu::start(Place::sqlite(), "").await;
    let (till, control) = (chorsu.till(), chorsu.control());
    let known = control.code("click").await;
    let paid = till.scan("click", &known, 700).await.done();
    let module = "/tills/default/fiscal";
    control.patch(module, json!({ "not_initialised": true })).await;
    let billing = Told::No { code: 104, message: "BILLING_ERROR".into(), data: Value::Null };
    for wallet in ["click", "payme", "uzum"] {
        let sent = fixture(wallet, "request.json");
        let told = till.post(&format!("/payment/{wallet}"), sent).await;
        assert_eq!(told, billing, "{wallet}");
    }
    assert_eq!(till.post("/payment/xumo", fixture("xumo", "request.json")).await, billing);
    for (wallet, net) in [("click", 70_000), ("payme", 0), ("uzum", 0)] {
        assert_eq!(control.totals(wallet).await["net"], net, "{wallet}");
    }
    assert_eq!(control.journal("default").await["totals"]["sales"], 0);
    // What was paid before is told as it was, and other tills sell.
    assert_eq!(till.scan("click", &known, 700).await.done(), paid);
    till.named("other").card(1_000).await.done();
    control.patch(module, json!({ "not_initialised": false })).await;
    run(&till, "click", &[]).await;
    chorsu.finish().await;
}

#[tokio::test]
async fn payments_by_card() {
    let chorsu = Chorsu::start(Place::sqlite(), "").await;
    let till = chorsu.till();
    let paid = run(&till, "xumo", &[]).await;
    let slip = text(&paid, "message");
    for line in ["ОДОБРЕНО", "СУММА:                    500.00 UZS", "Код ответа:", "RRN:"]
    {
        assert!(slip.contains(line), "{line}: {slip}");
    }
    let rrn = text(&paid, "ppt_id");
    assert_eq!(rrn.len(), 12);
    assert_eq!(chorsu.balance("network:humo").await, 50_000);
    for path in ["/payment/xumo/print_last", "/payment/xumo/print_last/"] {
        assert_eq!(till.get(path).await.done(), paid, "{path}");
    }
    let voided = run(&till, "xumo.void", &[(RRN, rrn)]).await;
    assert_eq!(text(&voided, "ppt_id"), rrn);
    assert!(text(&voided, "message").contains("ОПЕРАЦИЯ ОТМЕНЕНА"), "{voided}");
    assert_eq!(chorsu.balance("network:humo").await, 0);
    assert_eq!(chorsu.states(50_000).await, [State::Reversed]);
    for path in ["/payment/xumo_shortreport/", "/payment/xumo_close"] {
        let report = till.get(path).await.done();
        assert!(text(&report, "message").contains("500.00") && report["ppt_id"].is_null());
    }
    let journal = chorsu.control().journal("default").await;
    assert_eq!((&journal["shift"], &journal["totals"]["voids"]), (&json!(2), &json!(1)));
    chorsu.finish().await;
}

/// The order of the fixtures is paid at Payme, which is its provider 0141.
#[tokio::test]
async fn orders_and_shifts() {
    let chorsu = Chorsu::start(Place::sqlite(), "").await;
    let till = chorsu.till();
    // The shift of the default till may be open already.
    let _ = till.get("/zreport/open/").await;
    let paid = till.scan("payme", &chorsu.control().code("payme").await, 9_000).await.done();
    let now = tashkent_time(chorsu.control().get("/clock").await["now_ms"].as_i64().unwrap());
    let known = [("2024-02-21 13:19:43", now.as_str()), (PAYMENTS[4], text(&paid, "payment_id"))];
    let sold = run(&till, "order.create", &known).await;
    let sold_at = text(&sold, "qr_url").to_owned();
    crate::until("the receipt is at Payme", async || {
        let seen = chorsu.control().payments("payme", 900_000).await;
        (seen[0]["fiscal_url"] == sold_at.as_str()).then_some(())
    })
    .await;
    let history = till.status(text(&paid, "transaction_id")).await;
    assert_eq!(history["fiscal"]["qr_url"], sold_at.as_str());
    let known = [
        ("2024-02-21 13:19:43", now.as_str()),
        (RECEIPT, sold_at.as_str()),
        ("order-1", "order-2"),
    ];
    run(&till, "order.refuse", &known).await;
    let closed = run(&till, "zreport.close", &[]).await;
    assert_eq!(
        (&closed["total_sale_card"], &closed["total_refund_card"]),
        (&json!(900_000), &json!(900_000))
    );
    chorsu.finish().await;
}

/// A moment as tills write it.
fn tashkent_time(now_ms: i64) -> String {
    let seconds = now_ms / 1_000 + 5 * 3_600;
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days since 1970 as a date (the calendar of Gregory, counted from March).
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

#[tokio::test]
async fn documented_errors() {
    let chorsu = Chorsu::start(Place::sqlite(), "").await;
    let till = chorsu.till();
    for example in ["click_confirm.blank", "payme_confirm.null"] {
        let path = path_of(example);
        let sent = fixture(example, "request.json");
        let raw = till.try_send(Method::POST, &path, sent).await.unwrap();
        let (told, wanted): (Value, Value) = (
            serde_json::from_str(&raw.text).unwrap(),
            serde_json::from_str(&fixture(example, "error.json")).unwrap(),
        );
        assert_eq!((raw.status, told), (200, wanted), "{example}");
    }
    // The confirmations of payments that are not ours.
    let others = [
        ("click_confirm", PAYMENTS[0], "2354512462"),
        ("payme_confirm", PAYMENTS[1], "63b5282a6f47f572807fd53f"),
        ("uzum_confirm", PAYMENTS[2], "7e577908-6851-4a8d-ac1d-bdd17002f96c"),
    ];
    for (example, ours, other) in others {
        let sent = fixture(example, "request.json").replace(ours, other);
        let (code, message) = till.post(&path_of(example), sent).await.no();
        assert!(code == 7 && message.starts_with("{\"payment_id\":[\""), "{code} {message}");
    }
    let sent = fixture("xumo.void", "request.json");
    let (code, message) = till.post("/payment/xumo", sent).await.no();
    assert!(code == 7 && message.starts_with("{\"request_id\":[\""), "{code} {message}");
    chorsu.finish().await;
}

/// A till in live mode that has no contract with the wallet takes no payments by it.
#[tokio::test]
async fn a_till_that_is_not_set_up() {
    let place = Place::sqlite();
    let key = place.log().with_file_name("master.key");
    fs::write(&key, "00112233445566778899aabbccddeeff".repeat(2)).unwrap();
    let nowhere = "127.0.0.1:9";
    let config = format!(
        "mode = \"live\"\nuzcard_address = \"{nowhere}\"\nhumo_address = \"{nowhere}\"\n\
         sms_url = \"http://{nowhere}/\"\nmaster_key_file = {key:?}\n\
         [[till]]\nid = \"default\"\nmerchant = \"5e730e8e0b852a417aa49cec\"\n"
    );
    let chorsu = Chorsu::start(place, &config).await;
    let till = chorsu.till();
    for wallet in ["click", "payme", "uzum"] {
        let sent = fixture(wallet, "request.json");
        let told = till.post(&format!("/payment/{wallet}"), sent).await;
        let billing = Told::No { code: 104, message: "BILLING_ERROR".into(), data: Value::Null };
        assert_eq!(told, billing, "{wallet}");
    }
    assert_eq!(till.card(50_000).await.no(), (104, "BILLING_ERROR".to_owned()));
    assert_eq!(till.named("other").card(50_000).await.no().0, 104);
    chorsu.finish().await;
}

#[test]
fn every_example_is_run_here() {
    let folders = fs::read_dir(fixtures()).unwrap().filter(|entry| {
        entry.as_ref().is_ok_and(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
    });
    assert_eq!(folders.count(), 16, "a new example needs its place in one of these tests");
}
