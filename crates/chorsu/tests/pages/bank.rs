//! The sandbox's page for the bank: its line gives an order, and its settings hold.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::browser::Browser;

const PATH: &str = "/sandbox/orders";

/// Sends what the page's line for the terminal sends.
async fn give_order(chorsu: &Browser, page: &str) -> Value {
    let (_, rest) = page.split_once("<code id=\"line-order\">").unwrap();
    let line = rest.split_once("</code>").unwrap().0;
    let line = line.replace("&#34;", "\"").replace("&#39;", "'");
    let body = line.split_once(" -d '").unwrap().1.trim_end_matches('\'').to_owned();
    let order = chorsu.client.post(format!("{}/api/v2/payment", chorsu.base));
    let order = order.basic_auth("gray", Some("p@ssw0rd")).body(body);
    serde_json::from_str(&chorsu.send(order).await.text).unwrap()
}

#[tokio::test]
async fn the_line_gives_an_order_and_the_ending_decides() {
    let chorsu = Browser::start();
    let at_once = [("wait", "0"), ("ending", "6666"), ("lang", "en")];
    let sent = chorsu.post("/sandbox/forms/bank/delay", &at_once).await;
    assert_eq!(sent.location(), format!("{PATH}?ending=6666&lang=en#faults"));
    for (ending, code, state) in [
        ("4444", 0, ">carried out</span>"),
        ("6666", 0, ">deleted</span>"),
        ("7777", 0, ">accepted</span>"),
        ("0013", 1013, ""),
    ] {
        let chosen = [("ending", ending), ("lang", "en")];
        let sent = chorsu.post("/sandbox/forms/bank/order", &chosen).await;
        let address = format!("{PATH}?ending={ending}&lang=en");
        assert_eq!(sent.location(), format!("{address}#order"));
        let page = chorsu.get(&address).await.html(StatusCode::OK);
        assert!(page.contains("<option value=\"0\" selected>at once<"), "{page}");
        let answer = give_order(&chorsu, &page).await;
        assert_eq!(answer["code"], code, "{ending}: {answer}");
        if code != 0 {
            continue;
        }
        let mut page = chorsu.get(&address).await.html(StatusCode::OK);
        for _ in 0..200 {
            if page.contains(state) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
            page = chorsu.get(&address).await.html(StatusCode::OK);
        }
        assert!(page.contains(state), "{ending}: {page}");
    }
}

#[tokio::test]
async fn faults_are_added_and_cleared() {
    let chorsu = Browser::start();
    for fault in ["hang", "broken_answer", "unavailable", "delete"] {
        let typed = [("fault", fault), ("times", "3"), ("lang", "en")];
        let sent = chorsu.post("/sandbox/forms/bank/fault", &typed).await;
        assert_eq!(sent.location(), format!("{PATH}?ending=4444&lang=en#faults"), "{fault}");
        let page = chorsu.get(&format!("{PATH}?lang=en")).await.html(StatusCode::OK);
        let rule = format!("<code>{fault}</code> · <code>orders</code> · 3 more");
        assert!(page.contains(&rule), "{fault}: {page}");
    }
    chorsu.post("/sandbox/forms/bank/clear", &[("lang", "en")]).await.location();
    let bank = chorsu.sandbox(Method::GET, "/bank", json!({})).await;
    assert_eq!(bank["faults"], json!([]));
    for form in ["order", "delay", "fault", "clear"] {
        let path = format!("/sandbox/forms/bank/{form}?lang=ru");
        assert_eq!(chorsu.get(&path).await.location(), format!("{PATH}?lang=ru"));
    }
}
