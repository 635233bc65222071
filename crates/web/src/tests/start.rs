//! The start page.

use super::fixtures::start;
use crate::{Language, NotFoundPage};

#[test]
fn a_sandbox_shows_everything_a_first_payment_needs() {
    for language in Language::ALL {
        let html = start(language, true).render().unwrap().replace("&#39;", "'");
        let wanted = [
            "http://127.0.0.1:8080/api",
            "1.2.3",
            "100fe486b33784292111b7dc",
            "second&#38;key",
            "loan_id",
            "8600 0691 9540 6311",
            "03/99",
            "666666",
            "href=\"/sandbox?lang=",
            "href=\"/metrics\"",
            "href=\"/healthz\"",
            "AUTH='X-Auth: 100fe486b33784292111b7dc:first?key'",
            "receipts.pay",
            "$BASE/pay/",
            "http://127.0.0.1:8080/payment/",
            "<code class=\"address\">/order</code>",
            "http://127.0.0.1:8080/api/v2/",
            "<code>gray</code>",
            "<code>p@ssw0rd</code>",
            "<code>27</code>",
            "href=\"/sandbox/till?lang=",
            "href=\"/sandbox/orders?lang=",
        ];
        for text in wanted {
            assert!(html.contains(text), "{text} in {}", language.tag());
        }
    }
}

#[test]
fn a_live_installation_shows_no_credentials() {
    for language in Language::ALL {
        let html = start(language, false).render().unwrap();
        for secret in [
            "p@ssw0rd",
            "gray",
            "first?key",
            "100fe486b33784292111b7dc",
            "8600",
            "/sandbox",
            "curl",
        ] {
            assert!(!html.contains(secret), "{secret} in {}", language.tag());
        }
        for address in ["/api", "/payment/", "/api/v2/"] {
            assert!(html.contains(&format!("http://127.0.0.1:8080{address}")), "{address}");
        }
    }
}

#[test]
fn the_languages_are_a_click_away() {
    let html = start(Language::Ru, true).render().unwrap();
    for tag in ["uz", "ru", "en"] {
        assert!(html.contains(&format!("href=\"/?lang={tag}\"")));
    }
    assert_eq!(html.matches("aria-current").count(), 1);
    assert!(html.contains("title=\"Русский\" aria-current=\"true\">ru</a>"));
    let html = NotFoundPage { language: Language::Ru }.render().unwrap();
    assert!(html.contains("Страница не найдена") && !html.contains("class=\"languages\""));
}
