//! The sandbox page and its forms.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::browser::{Browser, CARD};

#[tokio::test]
async fn the_sandbox_page_turns_the_clock_and_looks_at_cards() {
    let chorsu = Browser::start();
    let fault = json!({ "fault": "refuse", "reason": "insufficient_funds", "times": 3 });
    chorsu.sandbox(Method::POST, "/networks/humo/faults", fault).await;
    let page = chorsu.get("/sandbox?lang=en").await.html(StatusCode::OK);
    for text in ["refuse insufficient_funds", "operations", "3 more", "showing real time"] {
        assert!(page.contains(text), "{text} is missing: {page}");
    }
    let clock = "/sandbox/forms/clock";
    let typed = [("forward", "custom"), ("amount", "36"), ("unit", "hours"), ("lang", "en")];
    assert_eq!(chorsu.post(clock, &typed).await.location(), "/sandbox?lang=en");
    let page = chorsu.get("/sandbox?lang=en").await.html(StatusCode::OK);
    assert!(page.contains("1\u{a0}d 12\u{a0}h 0\u{a0}min ahead of real time"), "{page}");
    let typed = [("forward", "custom"), ("amount", "-1"), ("unit", "hours"), ("lang", "en")];
    let page = chorsu.post(clock, &typed).await.html(StatusCode::OK);
    assert!(page.contains("Enter a whole number"), "{page}");

    for (number, balance, action, text) in [
        (CARD, "", "look", "8600\u{a0}06**\u{a0}****\u{a0}6311"),
        (CARD, "1234.56", "set", "The balance was set."),
        (CARD, "7", "look", "1,234.56\u{a0}UZS"),
        (CARD, "much", "set", "Write the amount in sum"),
        (CARD, "", "set", "Write the amount in sum"),
        ("1234 5678 9012 3456", "", "look", "No such card."),
        ("", "", "look", "Enter the card number."),
    ] {
        let typed = [("number", number), ("balance", balance), ("action", action), ("lang", "en")];
        let page = chorsu.post("/sandbox/forms/card", &typed).await.html(StatusCode::OK);
        assert!(page.contains(text), "{number} {balance} {action}: {page}");
        assert!(number.is_empty() || !page.contains(number), "the number came back");
    }
    for form in [clock, "/sandbox/forms/card", "/sandbox/"] {
        assert_eq!(chorsu.get(&format!("{form}?lang=ru")).await.location(), "/sandbox?lang=ru");
    }
}
