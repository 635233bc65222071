//! The pages of a running Chorsu, asked for as a browser asks: start page, checkout, sandbox.
//!
//! `CHORSU_BIN` names the binary, else the one cargo has built for the tests is started.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail at any step")]

mod bank;
mod browser;
mod checkout;
mod sandbox;
mod till;

use reqwest::StatusCode;
use serde_json::json;

use browser::{Browser, CARD, KASSA};

#[tokio::test]
async fn the_start_page_shows_the_demo_and_its_assets() {
    let chorsu = Browser::start();
    let page = chorsu.get("/?lang=en").await.html(StatusCode::OK);
    for text in
        [KASSA, CARD, &chorsu.base, "gray", "33", "/sandbox?lang=en", "/sandbox/till?lang=en"]
    {
        assert!(page.contains(text), "{text} is missing");
    }
    for (path, tag) in [("/?lang=ru", "ru"), ("/?lang=xx", "uz"), ("/?lang=uz&lang=ru", "uz")] {
        let page = chorsu.get(path).await.html(StatusCode::OK);
        assert!(page.contains(&format!("<html lang=\"{tag}\">")), "{path}");
    }
    for asset in chorsu_web::Asset::all() {
        assert!(page.contains(&asset.url()), "{}", asset.url());
        let answer = chorsu.get(&asset.url()).await;
        assert_eq!((answer.status, answer.text.as_bytes()), (StatusCode::OK, asset.bytes));
        assert_eq!(answer.header("content-type"), asset.content_type);
        assert_eq!(answer.header("cache-control"), chorsu_web::ASSET_CACHE_CONTROL);
    }
}

#[tokio::test]
async fn an_unknown_path_is_a_page_for_people_and_json_for_programs() {
    let chorsu = Browser::start();
    let unknown = "/pay/2e0b1bc1f1eb50d487ba268d";
    for path in ["/nothing?lang=en", "/assets/chorsu.css?lang=en", "/sandbox/nothing?lang=en"] {
        let page = chorsu.get(path).await.html(StatusCode::NOT_FOUND);
        assert!(page.contains("Page not found"), "{path}");
        let url = format!("{}{path}", chorsu.base);
        let answer = chorsu.send(chorsu.client.get(url).header("accept", "*/*")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.text, r#"{"error":"not found"}"#);
    }
    for path in [unknown, "/pay/x", "/pay/%00%ff", "/pay/x/card"] {
        let page = chorsu.get(&format!("{path}?lang=en")).await.html(StatusCode::NOT_FOUND);
        assert!(page.contains("Page not found"), "{path}");
    }
    chorsu.post(&format!("{unknown}/card"), &[]).await.html(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn forms_are_our_own_and_small() {
    let chorsu = Browser::start();
    let receipt = chorsu.receipt(false).await;
    let path = format!("/pay/{receipt}/card");
    let good = [("number", CARD), ("expire", "03/99"), ("lang", "en")];
    for (site, status) in [
        ("cross-site", StatusCode::FORBIDDEN),
        ("same-site", StatusCode::FORBIDDEN),
        ("same-origin", StatusCode::OK),
    ] {
        let answer = chorsu.send(chorsu.form(&path, &good).header("sec-fetch-site", site)).await;
        assert_eq!(answer.status, status, "{site}");
        let clock = chorsu.form("/sandbox/forms/clock", &[]).header("sec-fetch-site", site);
        assert_eq!(chorsu.send(clock).await.status, status, "{site}");
    }
    let large = [("number", "1".repeat(6_000))];
    let large = large.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(chorsu.post(&path, &large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let json = chorsu.client.post(format!("{}{path}", chorsu.base)).json(&json!({}));
    assert_eq!(chorsu.send(json).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    // A form of unknown or missing fields is an empty one.
    let page = chorsu.post(&path, &[("x", "1"), ("lang", "en")]).await.html(StatusCode::OK);
    assert!(page.contains("Enter the card number."), "{page}");
}

#[tokio::test]
async fn live_mode_knows_neither_sandbox_nor_demo() {
    let chorsu = Browser::with_config(|folder| {
        let key = folder.join("master.key");
        std::fs::write(&key, "0123456789abcdef".repeat(4)).unwrap();
        format!(
            "mode = \"live\"\nmaster_key_file = {key:?}\nuzcard_address = \"127.0.0.1:1\"\n\
             humo_address = \"127.0.0.1:1\"\nsms_url = \"http://127.0.0.1:1/\"\n"
        )
    });
    let page = chorsu.get("/?lang=en").await.html(StatusCode::OK);
    for absent in [KASSA, CARD, "/sandbox", "gray"] {
        assert!(!page.contains(absent), "{absent} is shown");
    }
    for path in
        ["/sandbox", "/sandbox/sms", "/sandbox/till", "/sandbox/orders", "/sandbox/forms/clock"]
    {
        chorsu.get(path).await.html(StatusCode::NOT_FOUND);
    }
}
