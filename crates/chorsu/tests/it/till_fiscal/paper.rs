//! A receipt on paper: the forms it comes in, and which receipt it is.

use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::client::{Till, order, order_paid, with};
use crate::world::World;

/// The content of an answer, which must have this type.
async fn content(till: &Till, path: &str, kind: &str) -> Vec<u8> {
    let response = till.raw(path).await;
    assert_eq!(response.status(), 200, "{path}");
    assert_eq!(response.headers()[CONTENT_TYPE], kind, "{path}");
    response.bytes().await.unwrap().to_vec()
}

async fn text(till: &Till, parameters: &str) -> String {
    let path = format!("/order/print?format=text{parameters}");
    String::from_utf8(content(till, &path, "text/plain; charset=utf-8").await).unwrap()
}

fn assert_shows(paper: &str, words: &[&str]) {
    for word in words {
        assert!(paper.contains(word), "no {word} on\n{paper}");
    }
}

#[tokio::test]
async fn the_paper_shows_what_was_sold_and_how_it_was_paid() {
    let world = World::sqlite().await;
    let till = Till::open(&world.server, "a").await;
    let paid = till.paid_by("click", 500).await;
    let mut sale = with(order_paid(50_000, 64, &paid.id), "cashier", "Nilufar");
    sale["products"][0]["unit_name"] = json!("dona");
    sale["banners"] = json!([{ "type": "text", "data": "Rahmat!" }]);
    sale["prices"] = json!([{ "name": "Bonus", "price": 1_234 }]);
    let sale = till.post("/order", &with(sale, "uuid", "sale")).await.unwrap();
    let field = |name: &str| sale[name].as_str().unwrap();

    assert_eq!(till.get("/order/print").await.unwrap(), Value::Null);
    let paper = text(&till, "&width=32").await;
    assert!(paper.lines().all(|line| line.chars().count() <= 32), "{paper}");
    let (url, sign) = (field("qr_url"), field("fiscal_sign"));
    let whole: String = paper.split_whitespace().collect();
    assert!(whole.contains(url), "{url} in\n{paper}");
    let payment = paid.id.as_str();
    let words = ["Chorsu Demo", "123456789", "ЧЕК ПРОДАЖИ", "КОПИЯ", "ТЕСТОВЫЙ ЧЕК", "Nilufar"];
    assert_shows(&paper, &words);
    assert_shows(&paper, &["= 500.00", "53.57", "Click", payment, sign, "Rahmat!", "Bonus"]);
    let first = text(&till, "&width=48&lang=uz&copy=false").await;
    assert_shows(&first, &["SOTUV CHEKI", "JAMI", "█▀▀▀▀▀█"]);
    assert!(!first.contains("NUSXA"));

    let refund = with(order(0, 50_000), "qr_code", url);
    till.post("/order/refuse", &refund).await.unwrap();
    assert_shows(&text(&till, "").await, &["ЧЕК ВОЗВРАТА", "Возврат по чеку", sign]);
    for which in ["&seq=1", "&number=1", "&uuid=sale"] {
        assert_shows(&text(&till, which).await, &["ЧЕК ПРОДАЖИ", "Rahmat!"]);
    }
    world.finish().await;
}

#[tokio::test]
async fn the_paper_comes_as_a_picture_and_as_a_document() {
    let world = World::sqlite().await;
    let till = Till::open(&world.server, "a").await;
    till.post("/order", &order(1_000, 0)).await.unwrap();
    for (width, pixels) in [(32, 928_u32), (42, 1_280), (48, 1_280)] {
        let png =
            content(&till, &format!("/order/print/?format=png&width={width}"), "image/png").await;
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
        let wide = u32::from_be_bytes(png[16..20].try_into().unwrap());
        assert_eq!(wide, pixels, "{width} columns");
        let path = format!("/order/print?format=pdf&width={width}");
        let pdf = content(&till, &path, "application/pdf").await;
        assert_eq!(&pdf[..5], b"%PDF-");
    }
    world.finish().await;
}

#[tokio::test]
async fn advances_and_credits_have_no_sign() {
    let world = World::sqlite().await;
    let till = Till::open(&world.server, "a").await;
    for (kind, heading) in [("prepaid", "АВАНСОВЫЙ ЧЕК"), ("credit", "ЧЕК ПРОДАЖИ В КРЕДИТ")]
    {
        till.post("/order", &with(order(1_000, 0), "receipt_type", kind)).await.unwrap();
        let paper = text(&till, "&width=48").await;
        assert_shows(&paper, &[heading, "Фискальный модуль"]);
        assert!(!paper.contains("Фискальный признак") && !paper.contains('█'), "{paper}");
        let last = till.get("/order/last").await.unwrap();
        assert!(last["result"]["FiscalSign"].is_null() && last["result"]["QRCodeURL"].is_null());
        assert_eq!(last["order"]["receipt_type"], kind);
    }
    world.finish().await;
}
