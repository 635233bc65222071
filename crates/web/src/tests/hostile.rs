//! What others put into the pages stays text, and whole card numbers never get there.

use super::fixtures::{
    CODE, KASSAS, bank, checkout, code_step, details, pages, sandbox, scan, start, steps, till,
};
use crate::{
    BankPage, CardPanel, CardStep, CheckoutStep, CodePanel, DemoKassa, DemoPartner, ErrorPage,
    Language, PUBLISHED_TEST_CARDS, Scan, StartPage, TillPage,
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
        let page = till(language, HOSTILE);
        let code = CodePanel { code: HOSTILE, seed: HOSTILE, ..page.code };
        let scanned = Scan { transaction_id: HOSTILE, payment_id: Some(HOSTILE), ..scan() };
        // Three servers, till and address of a payment, terminal, time and sign of a receipt, fault
        // and calls; then the code and its seed in links and forms.
        let html = TillPage { code, ..page.clone() }.render().unwrap();
        assert_harmless(&html, 18, "till");
        let code = CodePanel { scan: Some(scanned), ..code };
        assert_harmless(&TillPage { code, ..page }.render().unwrap(), 18, "till scanned");
        let page = bank(language, HOSTILE);
        // Two services with account, an order, a fault with its calls.
        let html = BankPage { order_id: HOSTILE, ..page }.render().unwrap();
        assert_harmless(&html, 7, "bank");
        let kassas = [DemoKassa { id: HOSTILE, key: HOSTILE, fields: &[HOSTILE] }];
        let partner = DemoPartner { username: HOSTILE, password: HOSTILE, services: &[1] };
        let page = StartPage {
            version: HOSTILE,
            base_url: HOSTILE,
            partner: Some(partner),
            kassas: &kassas,
            ..start(language, true)
        };
        assert_harmless(&page.render().unwrap(), 7, "start");
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

/// Whether a page is known to show this long number: a test card, a code to scan, the goods of a
/// proposed order, the account that a proposed order pays to.
fn is_known(page: &str, number: &str) -> bool {
    match page {
        "start" => PUBLISHED_TEST_CARDS.iter().any(|card| card.number.replace(' ', "") == number),
        "till" => number == CODE,
        "till scanned" => [CODE, "01905001001000000"].contains(&number),
        "bank" | "bank full" => number == "29801000990248844444",
        _ => false,
    }
}

#[test]
fn no_page_shows_a_whole_card_number() {
    for language in Language::ALL {
        for (name, html) in pages(language) {
            // The shapes of a QR code are numbers too.
            let html: String = html
                .split(" d=\"")
                .map(|rest| rest.split_once('"').map_or(rest, |(_, rest)| rest))
                .collect();
            let numbers = long_numbers(&html);
            let known = numbers.iter().all(|number| is_known(&name, number));
            assert!(known, "{name}: {numbers:?}");
        }
        // A number typed into the wrong field is not shown again either.
        for expiry in ["8600069195406311", "8600 0691 9540 6311", "860006919540"] {
            let step = CheckoutStep::Card(CardStep { expiry, problems: &[] });
            let html = checkout(language, step, "Shop").render().unwrap();
            assert!(!html.contains("8600"), "{expiry}");
        }
    }
}
