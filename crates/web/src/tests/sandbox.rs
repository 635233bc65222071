//! The sandbox page.

use super::fixtures::{details, sandbox};
use crate::{CardDetails, CardPanel, ClockPanel, Language, SandboxPage};

fn render(page: &SandboxPage<'_>) -> String {
    page.render().unwrap().replace('\u{a0}', " ")
}

#[test]
fn it_shows_inbox_clock_and_networks() {
    let page = sandbox(Language::En, CardPanel::Empty, "998901234566");
    let html = render(&page);
    let wanted = [
        "<strong>+998 90 123 45 66</strong> <time>30.11.2026, 23:59:59</time>",
        "1 d 1 h 0 min ahead of real time",
        "UZCARD",
        "HUMO",
        "3 ms",
        "12,345.67 UZS",
        "3 more",
        "action=\"/sandbox/forms/clock\"",
        "action=\"/sandbox/forms/card#card\"",
        "href=\"/sandbox/networks\"",
    ];
    for text in wanted {
        assert!(html.contains(text), "{text}");
    }
    assert!(!html.contains("card-details"));
    let clock = ClockPanel { ahead_ms: 0, unreadable: true, ..page.clock };
    let html = render(&SandboxPage { clock, messages: vec![], ..page });
    for text in ["showing real time", "at most ten years", "No messages yet"] {
        assert!(html.contains(text), "{text}");
    }
}

#[test]
fn a_card_is_shown_masked() {
    let card = details("998901234566");
    let cases = [
        (card, "Active"),
        (CardDetails { sms: false, ..card }, "SMS off"),
        (CardDetails { blocked: true, sms: false, ..card }, "Blocked"),
    ];
    for (card, state) in cases {
        let html = render(&sandbox(Language::En, CardPanel::Shown(card), "text"));
        for text in ["8600 06** **** 6311", "1,000.00 UZS", "The balance was set", state] {
            assert!(html.contains(text), "{text}");
        }
    }
    let unchanged = CardDetails { changed: false, ..card };
    let html = render(&sandbox(Language::En, CardPanel::Shown(unchanged), "text"));
    assert!(!html.contains("The balance was set"));
}
