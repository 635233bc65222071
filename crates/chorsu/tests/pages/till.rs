//! The sandbox's page for the till: its codes pay, and its switches do what they say.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::browser::{Browser, Page, hidden};

const PATH: &str = "/sandbox/till";

/// Hands out a code; the address of the page that shows it, and the code.
async fn hand_out(chorsu: &Browser, wallet: &str, customer: &str) -> (String, String) {
    let typed = [("wallet", wallet), ("customer", customer), ("lang", "en")];
    let sent = chorsu.post("/sandbox/forms/till/code", &typed).await;
    let (address, part) = sent.location().split_once('#').unwrap();
    assert_eq!(part, "code");
    let page = chorsu.get(address).await.html(StatusCode::OK);
    let (_, rest) = page.split_once("<code id=\"digits\">").unwrap();
    let code = rest.split_once('<').unwrap().0.replace("&#43;", "+");
    assert!(page.contains("<svg class=\"qr\"") && page.contains("Not scanned yet"), "{page}");
    assert!(page.contains(&format!("/payment/{wallet}&#39; -d ")), "{page}");
    (address.to_owned(), code)
}

/// Asks the till API.
async fn till(chorsu: &Browser, path: &str, body: Value) -> Value {
    let answer = chorsu.client.post(format!("{}{path}", chorsu.base)).json(&body);
    serde_json::from_str(&chorsu.send(answer).await.text).unwrap()
}

/// The page, once it shows `text`; deliveries take a moment.
async fn once_shown(chorsu: &Browser, address: &str, text: &str) -> String {
    for _ in 0..200 {
        let page = chorsu.get(address).await.html(StatusCode::OK);
        if page.contains(text) {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("{text} was never shown");
}

#[tokio::test]
async fn a_code_pays_and_its_receipt_reaches_the_wallet() {
    let chorsu = Browser::start();
    chorsu.get("/zreport/open/").await;
    for wallet in ["click", "payme", "uzum"] {
        let (address, code) = hand_out(&chorsu, wallet, "good").await;
        let body = json!({ "amount": 5_000, "qr_code": code });
        let paid = till(&chorsu, &format!("/payment/{wallet}"), body).await;
        assert_eq!(paid["is_success"], true, "{paid}");
        let page = chorsu.get(&address).await.html(StatusCode::OK);
        assert!(!page.contains("Not scanned yet") && !page.contains("line-pay"), "{page}");
        // The line registers the sale of this payment.
        let (_, rest) = page.split_once("<code id=\"line-order\">").unwrap();
        let line = rest.split_once("</code>").unwrap().0;
        let line = line.replace("&#34;", "\"").replace("&#39;", "'");
        let body = line.split_once(" -d '").unwrap().1.trim_end_matches('\'');
        let order = till(&chorsu, "/order", serde_json::from_str(body).unwrap()).await;
        assert_eq!(order["is_success"], true, "{order}");
        let page = once_shown(&chorsu, &address, "with the wallet").await;
        assert!(!page.contains("line-order"), "{page}");
    }
    let page = chorsu.get(&format!("{PATH}?lang=en")).await.html(StatusCode::OK);
    assert_eq!(page.matches("<dd>5,000.00\u{a0}UZS</dd>").count(), 6, "paid and owed: {page}");
    for text in ["No. 1, open", "15,000.00\u{a0}UZS"] {
        assert!(page.contains(text), "{text}: {page}");
    }
}

#[tokio::test]
async fn customers_do_what_the_page_says() {
    let chorsu = Browser::start();
    let cases = [
        ("001", "click", false, "Declined", 1),
        ("002", "payme", false, "Declined", 2),
        ("003", "uzum", false, "Declined", 3),
        ("005", "click", true, "Paid", 3),
    ];
    for (customer, wallet, paid, state, uncharged) in cases {
        let (address, code) = hand_out(&chorsu, wallet, customer).await;
        let body = json!({ "amount": 5_000, "qr_code": code });
        let answer = till(&chorsu, &format!("/payment/{wallet}"), body).await;
        assert_eq!(answer["is_success"], paid, "{customer}: {answer}");
        let page = chorsu.get(&address).await.html(StatusCode::OK);
        let verdict = page.split_once("class=\"verdict\"").unwrap().1;
        assert!(verdict.split_once("</div>").unwrap().0.contains(state), "{customer}: {page}");
        assert_eq!(page.matches(">not charged<").count(), uncharged, "{page}");
    }
    // Whatever stands in the address, there is a code to scan.
    for query in ["wallet=anor&customer=9&seed=x", "seed=%00%ff", "seed=1&seed=2", "lang=en&&&"] {
        let page = chorsu.get(&format!("{PATH}?{query}")).await.html(StatusCode::OK);
        assert!(page.contains("<svg class=\"qr\""), "{query}: {page}");
    }
}

#[tokio::test]
async fn pinpad_and_module_are_switched() {
    let chorsu = Browser::start();
    let page = chorsu.get(&format!("{PATH}?lang=en")).await.html(StatusCode::OK);
    let seed = hidden(&page, "seed").to_owned();
    let same = [("wallet", "click"), ("customer", "good"), ("seed", &*seed), ("lang", "en")];
    let send = async |form: &str, fields: &[(&str, &str)]| -> Page {
        chorsu.post(&format!("/sandbox/forms/till/{form}"), &[&same[..], fields].concat()).await
    };
    let here = format!("{PATH}?wallet=click&customer=good&seed={seed}&lang=en");

    let sent = send("card", &[("card", "stolen")]).await;
    assert_eq!(sent.location(), format!("{here}#pinpad"));
    let page = chorsu.get(&here).await.html(StatusCode::OK);
    assert!(page.contains("<option value=\"stolen\" selected>"), "{page}");
    let refused = till(&chorsu, "/payment/xumo", json!({ "amount": 500 })).await;
    assert_eq!(refused["error"]["code"], 108, "{refused}");
    send("card", &[("card", "plenty")]).await.location();
    let paid = till(&chorsu, "/payment/xumo", json!({ "amount": 123_456 })).await;
    assert_eq!(paid["is_success"], true, "{paid}");
    let page = chorsu.get(&here).await.html(StatusCode::OK);
    assert_eq!(page.matches("1,234.56\u{a0}UZS <small").count(), 2, "{page}");

    for (switch, text) in [
        ("disconnect", "sales get error 104"),
        ("connect", "Initialised"),
        ("offline", "receipts pile up"),
        ("online", "Within reach"),
    ] {
        let sent = send("module", &[("switch", switch)]).await;
        assert_eq!(sent.location(), format!("{here}#module"), "{switch}");
        let page = chorsu.get(&here).await.html(StatusCode::OK);
        assert!(page.contains(text), "{switch}: {page}");
    }
}

#[tokio::test]
async fn faults_are_added_and_cleared() {
    let chorsu = Browser::start();
    let add = async |at: &str, fault: &str, calls: &str, times: &str| -> Page {
        let typed =
            [("at", at), ("fault", fault), ("calls", calls), ("times", times), ("lang", "en")];
        chorsu.post("/sandbox/forms/till/fault", &typed).await
    };
    for (at, fault, calls) in [
        ("click", "duplicate_answer", "fiscal"),
        ("uzum", "refuse", "ask"),
        ("pinpad", "http_500", "main"),
        ("fiscal", "delay", "all"),
    ] {
        assert!(add(at, fault, calls, "3").await.location().ends_with("#faults"), "{at}");
    }
    let page = chorsu.get(&format!("{PATH}?lang=en")).await.html(StatusCode::OK);
    for text in [
        "<code>duplicate_answer</code> · <code>fiscal</code> · 3 more",
        "<code>refuse</code> · <code>ask</code>",
        "<code>no_slip</code> · <code>sale</code>",
        "<code>delay 5000</code> · <code>all</code>",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let rules = chorsu.sandbox(Method::GET, "/providers/uzum", json!({})).await;
    assert_eq!(rules["faults"][0], json!({ "fault": "refuse", "calls": "ask", "times": 3 }));
    for (at, fault, calls) in
        [("pinpad", "duplicate_answer", "main"), ("fiscal", "hang", "reverse")]
    {
        let page = add(at, fault, calls, "1").await.html(StatusCode::OK);
        let chosen = format!("<option value=\"{at}\" selected>");
        assert!(page.contains("cannot do that") && page.contains(&chosen), "{page}");
    }
    for at in ["click", "uzum", "pinpad", "fiscal", "nobody"] {
        let cleared = chorsu.post("/sandbox/forms/till/clear", &[("at", at), ("lang", "en")]).await;
        assert!(cleared.location().ends_with("#faults"), "{at}");
    }
    let page = chorsu.get(&format!("{PATH}?lang=en")).await.html(StatusCode::OK);
    assert!(page.contains("Nothing goes wrong at the moment."), "{page}");
    for _ in 0..64 {
        add("payme", "hang", "all", "always").await.location();
    }
    let page = add("payme", "hang", "all", "always").await.html(StatusCode::OK);
    assert!(page.contains("too many faults"), "{page}");
}

#[tokio::test]
async fn forms_lead_back_and_are_our_own() {
    let chorsu = Browser::start();
    for form in ["code", "card", "module", "fault", "clear"] {
        let path = format!("/sandbox/forms/till/{form}");
        assert_eq!(
            chorsu.get(&format!("{path}?lang=ru")).await.location(),
            "/sandbox/till?lang=ru"
        );
        let foreign = chorsu.form(&path, &[]).header("sec-fetch-site", "cross-site");
        assert_eq!(chorsu.send(foreign).await.status, StatusCode::FORBIDDEN, "{form}");
    }
}
