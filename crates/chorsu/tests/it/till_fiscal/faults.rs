//! A fiscal module that misbehaves: one order is one receipt, and the till is told the truth.

use std::time::{Duration, Instant};

use serde_json::json;

use super::client::{Till, code, message, order, order_paid, with};
use crate::place::Place;
use crate::server::{Server, assert_verified};
use crate::world::World;
use crate::{server, until};

const LOST: [&str; 4] = ["drop_before", "drop_after", "http_500", "broken_json"];

#[tokio::test]
async fn a_lost_answer_is_found_out() {
    let world = World::sqlite().await;
    let till = Till::at(&world.server, "a");
    let mut sold = 0;
    for fault in LOST {
        for calls in ["receipts", "shifts", "questions", "all"] {
            let rule = || json!({ "fault": fault, "calls": calls, "times": 2 });
            till.add_fault(rule()).await;
            till.get("/zreport/open").await.unwrap();
            till.clear_faults().await;
            till.add_fault(rule()).await;
            till.post("/order", &order(1_000, 0)).await.unwrap();
            sold += 1;
            assert_eq!(till.receipts().await.len(), sold, "{fault} {calls}");
            till.clear_faults().await;
            till.add_fault(rule()).await;
            let report = till.get("/zreport/close").await.unwrap();
            assert_eq!((&report["total_sale_count"], &report["number"]), (&json!(1), &json!(sold)));
            till.clear_faults().await;
        }
    }
    world.finish().await;
}

#[tokio::test]
async fn a_refusal_is_told_as_it_is() {
    let world = World::sqlite().await;
    let till = Till::open(&world.server, "a").await;
    let paid = till.paid_by("payme", 500).await;
    let order = order_paid(50_000, 141, &paid.id);
    for (refusal, want) in [
        (65_279, 65_279),
        (65_531, 65_531),
        (65_533, 104),
        (65_534, 104),
        (0x9031, 122),
        (0x90f0, 122),
        (-32_602, 65_532),
    ] {
        till.add_fault(json!({ "fault": "refuse", "code": refusal, "times": 1 })).await;
        assert_eq!(code(&till.post("/order", &order).await), want, "{refusal}");
    }
    assert_eq!(till.receipts().await.len(), 0);
    till.post("/order", &order).await.unwrap();
    assert_eq!(till.receipts().await.len(), 1, "its payment was free again each time");
    world.finish().await;
}

#[tokio::test]
async fn a_module_that_is_not_there_is_said_not_to_be() {
    let world = World::sqlite().await;
    let till = Till::open(&world.server, "a").await;
    till.post("/order", &order(1_000, 0)).await.unwrap();
    till.change_module(json!({ "not_initialised": true })).await;
    assert_eq!(message(till.post("/order", &order(1_000, 0)).await, 104), "BILLING_ERROR");
    for path in ["/zreport/open", "/zreport/close", "/zreport/info"] {
        assert_eq!(message(till.get(path).await, 104), "BILLING_ERROR", "{path}");
    }
    assert_eq!(message(till.get("/info").await, 102), "FISCAL_MODULE_NOT_INITIALIZED");
    // What was registered before can be shown all the same.
    till.get("/order/last").await.unwrap();
    till.get("/order/print").await.unwrap();
    till.change_module(json!({ "not_initialised": false })).await;
    till.post("/order", &order(1_000, 0)).await.unwrap();
    assert_eq!(till.receipts().await.len(), 2);
    world.finish().await;
}

/// Starts a server with a till of little patience.
async fn impatient(place: &Place) -> Server {
    let text = "[[till]]\nid = \"fast\"\nmerchant = \"100fe486b33784292111b7dc\"\n\
                budget_seconds = 1\n";
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let path = file.path().to_str().unwrap();
    server::Server::start_with(place, &[("CHORSU_CONFIG", path)]).await
}

#[tokio::test]
async fn an_order_whose_outcome_comes_too_late_is_registered_all_the_same() {
    let place = Place::sqlite();
    let server = impatient(&place).await;
    let till = Till::open(&server, "fast").await;
    let paid = till.paid_by("click", 500).await;
    let order = order_paid(50_000, 64, &paid.id);
    till.add_fault(json!({ "fault": "hang", "times": 1 })).await;
    let started = Instant::now();
    let (code, _, said) = till.post("/order", &order).await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(5), "the till's time is kept");
    assert_eq!(code, 303);
    assert!(said.as_str().unwrap().contains("is being registered"), "{said}");
    assert_eq!(till.receipts().await.len(), 1, "the module had it all along");
    let another = with(order.clone(), "number", 2);
    assert!(message(till.post("/order", &another).await, 7).contains("another"));
    let receipt =
        until("the order is settled", async || till.post("/order", &order).await.ok()).await;
    assert_eq!((&receipt["receipt_count"], till.receipts().await.len()), (&json!(1), 1));
    until("the wallet has the receipt", async || {
        let seen = till.at_wallet("click", &paid.transaction).await;
        (seen["fiscal_url"] == receipt["qr_url"]).then_some(())
    })
    .await;
    server.stop().await;
    assert_verified(&place);
}

/// A cash order has neither an id nor a payment of its own: sent again, as it was told to be, it is
/// the same sale; once the till was told of it, it is another one.
#[tokio::test]
async fn an_order_without_a_name_that_is_sent_again_is_one_receipt() {
    let place = Place::sqlite();
    let server = impatient(&place).await;
    let till = Till::open(&server, "fast").await;
    let foreign = with(order(0, 1_000), "ppt_id", "123456789012");
    for (place, order) in [order(1_000, 0), foreign].into_iter().enumerate() {
        till.add_fault(json!({ "fault": "hang", "times": 1 })).await;
        assert_eq!(code(&till.post("/order", &order).await), 303);
        let now = till.get("/info").await.unwrap()["current_time"].clone();
        let again = with(order.clone(), "time", now);
        let receipt =
            until("the order is settled", async || till.post("/order", &again).await.ok()).await;
        assert_eq!(receipt["receipt_count"], 2 * place + 1);
        assert_eq!(till.receipts().await.len(), 2 * place + 1);
        let next = till.post("/order", &order).await.unwrap();
        assert_eq!(next["receipt_count"], 2 * place + 2, "the next customer buys the same");
    }
    server.stop().await;
    assert_verified(&place);
}
