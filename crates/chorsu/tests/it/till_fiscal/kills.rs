//! `kill -9` between the steps of an order: one order is one receipt, whoever finds it.

use serde_json::json;

use super::client::{Paid, Till, order, order_paid};
use crate::place::Place;
use crate::server::{Server, assert_verified};
use crate::until;

/// The places between two steps, each with a till of its own. The last comes first: whoever goes
/// to a place passes those before it.
const PLACES: [(&str, &str); 4] = [
    ("fiscal.outcome_durable", "d"),
    ("fiscal.answer_received", "c"),
    ("fiscal.before_send", "b"),
    ("fiscal.draft_durable", "a"),
];

async fn killed(place: Place) {
    let server = Server::start(&place).await;
    let mut orders: Vec<(&str, Paid)> = Vec::new();
    for (at, name) in PLACES {
        let till = Till::open(&server, name).await;
        let paid = till.paid_by("click", 500).await;
        till.sandbox_post("/pauses", &json!({ "place": at })).await;
        let _sent = till.send(&order_paid(50_000, 64, &paid.id));
        until("the order is held", async || {
            (till.sandbox.get("/pauses").await[at] == 1).then_some(())
        })
        .await;
        orders.push((name, paid));
    }
    server.kill();
    let server = Server::start(&place).await;
    for (name, paid) in orders {
        let till = Till::at(&server, name);
        let receipt = until("the order is settled", async || {
            till.get("/order/last").await.ok().map(|last| last["result"].clone())
        })
        .await;
        assert_eq!(receipt["ReceiptSeq"], 1, "{name}");
        // The till, which never got an answer, sends the order again.
        let again = till.post("/order", &order_paid(50_000, 64, &paid.id)).await.unwrap();
        assert_eq!(again["fiscal_sign"], receipt["FiscalSign"], "{name}");
        assert_eq!(till.receipts().await.len(), 1, "{name}");
        until("the wallet has the receipt", async || {
            let seen = till.at_wallet("click", &paid.transaction).await;
            (seen["fiscal_url"] == receipt["QRCodeURL"]).then_some(())
        })
        .await;
    }
    server.stop().await;
    assert_verified(&place);
}

#[tokio::test]
async fn an_order_outlives_the_process() {
    killed(Place::sqlite()).await;
}

#[tokio::test]
async fn an_order_outlives_the_process_on_postgres() {
    killed(Place::postgres().await).await;
}

/// The same for orders that nothing tells from one another but that their till was not told.
async fn killed_without_a_name(place: Place) {
    let server = Server::start(&place).await;
    let places: Vec<_> = [("fiscal.untold", "e")].into_iter().chain(PLACES).collect();
    for (at, name) in &places {
        let till = Till::open(&server, name).await;
        till.sandbox_post("/pauses", &json!({ "place": at })).await;
        let _sent = till.send(&order(1_000, 0));
        until("the order is held", async || {
            (till.sandbox.get("/pauses").await[at] == 1).then_some(())
        })
        .await;
    }
    server.kill();
    let server = Server::start(&place).await;
    for (at, name) in &places {
        let till = Till::at(&server, name);
        let receipt = until("the order is settled", async || {
            till.post("/order", &order(1_000, 0)).await.ok()
        })
        .await;
        assert_eq!(
            (&receipt["receipt_count"], till.receipts().await.len()),
            (&json!(1), 1),
            "{at}"
        );
        let next = till.post("/order", &order(1_000, 0)).await.unwrap();
        assert_eq!(next["receipt_count"], 2, "{at}");
    }
    server.stop().await;
    assert_verified(&place);
}

#[tokio::test]
async fn an_order_without_a_name_outlives_the_process() {
    killed_without_a_name(Place::sqlite()).await;
}

#[tokio::test]
async fn an_order_without_a_name_outlives_the_process_on_postgres() {
    killed_without_a_name(Place::postgres().await).await;
}
