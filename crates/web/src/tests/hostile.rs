//! What others put into the pages stays text, and whole card numbers never get there.

use super::fixtures::{KASSAS, checkout, code_step, details, pages, sandbox, start, steps};
use crate::{
    CardPanel, CardStep, CheckoutStep, DemoKassa, ErrorPage, Language, PUBLISHED_TEST_CARDS,
    StartPage,
};

const HOSTILE: &str = "\"'><script>alert(1)</script>&amp;{{7}}<img src=x onerror=y>";

/// That `html` has the hostile text at least `times` times, and always as text.
fn assert_harmless(html: &str, times: usize, context: &str) {
    assert!(!html.contains("<script>") && !html.contains("<img src=x"), "{context}");
    assert!(!html.contains("\"'>") && !html.contains("&amp;{{"), "{context}");
    let escaped = html.matches("&#34;&#39;&#62;&#60;script&#62;alert(1)").count();
    assert!(escaped >= times, "{context}: {escaped} of {times}");
}

#[test]
fn hostile_texts_stay_texts_in_the_checkout() {
    for language in Language::ALL {
        for (name, step) in steps() {
            let html = checkout(language, step, HOSTILE).render().unwrap();
            // Title, shop, organisation, description, account title and value, item and count.
            assert_harmless(&html, 8, name);
        }
        let html = checkout(language, CheckoutStep::Code(code_step(HOSTILE)), "Shop").render();
        assert_harmless(&html.unwrap(), 2, "token");
        let short = "'\"><b>";
        let step = CardStep { expiry: short, problems: &[] };
        let html = checkout(language, CheckoutStep::Card(step), "Shop").render().unwrap();
        assert!(html.contains("value=\"&#39;&#34;&#62;&#60;b&#62;\""));
    }
}

#[test]
fn hostile_texts_stay_texts_elsewhere() {
    for language in Language::ALL {
        let panel = CardPanel::Shown(details(HOSTILE));
        let html = sandbox(language, panel, HOSTILE).render().unwrap();
        // The message's phone and text, two faults with their calls, the card's phone.
        assert_harmless(&html, 7, "sandbox");
        let kassas = [DemoKassa { id: HOSTILE, key: HOSTILE, fields: &[HOSTILE] }];
        let page = StartPage {
            version: HOSTILE,
            base_url: HOSTILE,
            kassas: &kassas,
            ..start(language, true)
        };
        assert_harmless(&page.render().unwrap(), 5, "start");
        let html = ErrorPage { language, trace_id: HOSTILE }.render().unwrap();
        assert_harmless(&html, 1, "error");
    }
}

#[test]
fn lines_for_the_terminal_stay_one_word_each() {
    let kassas = [DemoKassa { key: "it's; rm -rf /", ..KASSAS[0] }];
    let page =
        StartPage { base_url: "http://x'$(id)", kassas: &kassas, ..start(Language::En, true) };
    let html = page.render().unwrap().replace("&#39;", "'");
    assert!(html.contains(r"BASE='http://x'\''$(id)'"));
    assert!(html.contains(r"AUTH='X-Auth: 100fe486b33784292111b7dc:it'\''s; rm -rf /'"));
}

/// The example in an empty field.
const PLACEHOLDER: &str = "0000000000000000";

/// The runs of 16 digits and more in a text, counting through spaces and hyphens.
fn long_numbers(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut run = String::new();
    for character in html.chars().chain("\n".chars()) {
        match character {
            '0'..='9' => run.push(character),
            ' ' | '-' | '\u{a0}' => {}
            _ => {
                if run.len() >= 16 && run != PLACEHOLDER {
                    found.push(run.clone());
                }
                run.clear();
            }
        }
    }
    found
}

#[test]
fn no_page_shows_a_whole_card_number() {
    let published = PUBLISHED_TEST_CARDS.map(|card| card.number.replace(' ', ""));
    for language in Language::ALL {
        for (name, html) in pages(language) {
            let numbers = long_numbers(&html);
            let known = numbers.iter().all(|number| published.contains(number));
            assert!(numbers.is_empty() || (name == "start" && known), "{name}: {numbers:?}");
        }
        // A number typed into the wrong field is not shown again either.
        for expiry in ["8600069195406311", "8600 0691 9540 6311", "860006919540"] {
            let step = CheckoutStep::Card(CardStep { expiry, problems: &[] });
            let html = checkout(language, step, "Shop").render().unwrap();
            assert!(!html.contains("8600"), "{expiry}");
        }
    }
}
