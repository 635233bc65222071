//! The bank's page of the sandbox.

use chorsu_core::bank::OrderState;

use super::fixtures::{bank, order};
use crate::{AccountEnding, BankPage, BankTrouble, Language, OrderLine};

fn render(page: &BankPage<'_>) -> String {
    page.render().unwrap().replace('\u{a0}', " ").replace("&#34;", "\"").replace("&#39;", "'")
}

#[test]
fn the_line_pays_to_an_account_of_the_chosen_ending() {
    for ending in AccountEnding::ALL {
        let html = render(&BankPage { ending, ..bank(Language::En, "text") });
        let account = format!("\"receiverAccount\": \"2980100099024884{}\"", ending.digits());
        for text in [
            "curl -s -u 'gray:p@ssw0rd' 'http://127.0.0.1:8080/api/v2/payment' -d '{\n  \
             \"orderId\": \"179606519999\", \"serviceId\": 2,",
            "'http://127.0.0.1:8080/api/v2/payment/179606519999'",
            account.as_str(),
        ] {
            assert!(html.contains(text), "{text}: {html}");
        }
        assert!(html.contains(&format!("<option value=\"{}\" selected>", ending.digits())));
        assert!(
            html.contains(&format!(
                "href=\"/sandbox/orders?ending={}&#38;lang=ru",
                ending.digits()
            ))
        );
        assert_eq!(AccountEnding::from_digits(ending.digits()), Some(ending));
    }
}

#[test]
fn orders_services_and_the_delay_are_shown() {
    let states = [
        (OrderState::Entered, "accepted", "Введен"),
        (OrderState::Posted, "carried out", "Проведен"),
        (OrderState::Deleted, "deleted", "Удален"),
    ];
    for (state, text, wire) in states {
        let orders = vec![OrderLine { state, ..order("A-1") }];
        let html = render(&BankPage { orders: orders.clone(), ..bank(Language::En, "text") });
        assert!(html.contains(text) && html.contains(wire), "{text}");
        let html = render(&BankPage { orders, ..bank(Language::Ru, "text") });
        assert!(!html.contains(&format!("lang=\"ru\">{wire}")), "{wire}");
    }
    let html = render(&bank(Language::En, "text"));
    for text in ["100,000,000.00 UZS", "must name a card", "<option value=\"1000\" selected>1 s<"] {
        assert!(html.contains(text), "{text}");
    }
    let page = BankPage {
        orders: vec![],
        faults: vec![],
        settle_after_ms: 250,
        is_full: true,
        ..bank(Language::En, "text")
    };
    let html = render(&page);
    let waits = ["at once", "250 ms", "1 s", "300 s"];
    for text in ["No orders yet", "Nothing goes wrong", "too many faults"].iter().chain(&waits) {
        assert!(html.contains(text), "{text}");
    }
    for trouble in BankTrouble::ALL {
        assert_eq!(BankTrouble::from_tag(trouble.tag()), Some(trouble));
    }
}
