//! A day at a till: what it is told, the module's books and the wallets' books are the same.

use serde_json::{Value, json};

use super::client::{Till, code, order, order_paid, vat, with};
use crate::place::Place;
use crate::until;
use crate::world::World;

const WALLETS: [(&str, u16); 3] = [("click", 64), ("payme", 141), ("uzum", 161)];

/// A sale over 500 sum to a wallet's customer, and the way of its receipt to the wallet.
async fn sell_by_wallet(till: &Till, wallet: &str, provider: u16) -> Value {
    let paid = till.paid_by(wallet, 500).await;
    let receipt = till.post("/order", &order_paid(50_000, provider, &paid.id)).await.unwrap();
    let url = receipt["qr_url"].as_str().unwrap();
    // Uzum's answers do not name our id of a payment, so its book is asked for the newest one.
    until("the wallet has the receipt", async || {
        let seen = match paid.transaction.is_empty() {
            true => {
                till.sandbox.get(&format!("/providers/{wallet}/payments?limit=1")).await[0].clone()
            }
            false => till.at_wallet(wallet, &paid.transaction).await,
        };
        assert_eq!((&seen["payment_id"], &seen["net"]), (&json!(paid.id), &json!(50_000)));
        (seen["fiscal_url"] == url).then_some(())
    })
    .await;
    let confirm = json!({ "payment_id": paid.id, "qr_code": url });
    till.post(&format!("/payment/{wallet}_confirm"), &confirm).await.unwrap();
    receipt
}

/// The sums of a report, as the module's own book names them.
fn sums(report: &Value, kind: &str) -> Value {
    let sum = |part: &str| report[format!("total_{kind}_{part}")].clone();
    json!({ "cash": sum("cash"), "card": sum("card"), "vat": sum("vat"), "count": sum("count") })
}

async fn a_day(place: Place) {
    let world = World::at(place).await;
    let till = Till::at(&world.server, "a");
    let empty = till.get("/zreport/info").await.unwrap();
    assert_eq!((&empty["number"], &empty["open_time"]), (&json!(0), &json!("")));
    let opened = till.get("/zreport/open/").await.unwrap();
    assert_eq!(opened["applet_version"], "0400");
    assert_eq!(code(&till.get("/zreport/open").await), 9327);
    assert_eq!(code(&till.get("/zreport/close").await), 122, "nothing was sold");

    let first = till.post("/order/create", &order(30_000, 0)).await.unwrap();
    assert_eq!(first["receipt_count"], 1);
    for (wallet, provider) in WALLETS {
        sell_by_wallet(&till, wallet, provider).await;
    }
    let card = with(order(0, 70_000), "ppt_id", till.paid_by_card(700).await);
    till.post("/order", &card).await.unwrap();
    for kind in ["prepaid", "credit"] {
        let unsigned = with(order(9_000, 0), "receipt_type", kind);
        let unsigned = till.post("/order/create/", &unsigned).await.unwrap();
        assert!(unsigned["fiscal_sign"].is_null() && unsigned["qr_url"].is_null());
    }
    let refund = with(order(10_000, 0), "qr_code", first["qr_url"].clone());
    let refund = till.post("/order/refuse/", &refund).await.unwrap();
    assert_eq!(refund["receipt_count"], 8);
    let last = till.get("/order/last/").await.unwrap();
    assert_eq!((&last["isRefund"], &last["result"]["ReceiptSeq"]), (&json!(true), &json!(8)));
    assert_eq!(last["order"]["qr_code"], first["qr_url"]);

    let shown = till.post("/zreport/close", &json!({ "close_zreport": false })).await.unwrap();
    assert_eq!((&shown["close_time"], &shown["last_receipt_seq"]), (&json!(""), &json!(8)));
    let report = till.post("/zreport/close/", &json!({ "close_zreport": true })).await.unwrap();
    assert_ne!(report["close_time"], "");
    let vat_sold = vat(30_000) + 3 * vat(50_000) + vat(70_000);
    let sold = json!({ "cash": 30_000, "card": 220_000, "vat": vat_sold, "count": 5 });
    let given_back = json!({ "cash": 10_000, "card": 0, "vat": vat(10_000), "count": 1 });
    for report in [&shown, &report, &till.get("/zreport/info?number=1").await.unwrap()] {
        assert_eq!(
            (sums(report, "sale"), sums(report, "refund")),
            (sold.clone(), given_back.clone())
        );
    }
    let module = till.module().await;
    assert_eq!((&module["sold"], &module["refunded"]), (&sold, &given_back));
    assert_eq!(code(&till.get("/zreport/close").await), 9326);
    assert_eq!(code(&till.post("/zreport/close", &json!({ "close_zreport": false })).await), 9326);
    assert_eq!(code(&till.post("/order", &order(1_000, 0)).await), 122);
    let info = till.get("/info/").await.unwrap();
    assert_eq!((&info["current_receipt_seq"], &info["zreport_count"]), (&json!("8"), &json!(1)));
    world.finish().await;
}

#[tokio::test]
async fn every_book_of_a_day_says_the_same() {
    a_day(Place::sqlite()).await;
}

#[tokio::test]
async fn every_book_of_a_day_says_the_same_on_postgres() {
    a_day(Place::postgres().await).await;
}

#[tokio::test]
async fn tills_do_not_share_a_module() {
    let world = World::sqlite().await;
    let (a, b) = (Till::open(&world.server, "a").await, Till::open(&world.server, "b").await);
    let paid = a.paid_by("click", 500).await;
    let named = order_paid(50_000, 64, &paid.id);
    assert_eq!(code(&b.post("/order", &named).await), 7, "another till's payment");
    let at_a = a.post("/order", &with(named, "uuid", "1")).await.unwrap();
    let at_b = b.post("/order", &with(order(0, 50_000), "uuid", "1")).await.unwrap();
    assert_ne!(at_a["terminal_id"], at_b["terminal_id"]);
    assert_eq!((&at_a["receipt_count"], &at_b["receipt_count"]), (&json!(1), &json!(1)));
    let last = a.get("/order/last").await.unwrap();
    assert_eq!(last["result"]["TerminalID"], at_a["terminal_id"]);
    let nobody = Till::at(&world.server, "no%20till");
    for path in ["/info", "/order/last", "/zreport/open"] {
        assert_eq!(code(&nobody.get(path).await), 104, "{path}");
    }
    world.finish().await;
}

#[tokio::test]
async fn receipts_of_a_second_have_seconds_of_their_own() {
    let world = World::sqlite().await;
    let till = Till::open(&world.server, "a").await;
    let sales = (0..16).map(|_| {
        let till = till.clone();
        tokio::spawn(async move { till.post("/order", &order(1_000, 0)).await.unwrap() })
    });
    let mut times = Vec::new();
    for sale in sales.collect::<Vec<_>>() {
        times.push(sale.await.unwrap()["date_time"].as_str().unwrap().to_owned());
    }
    times.sort();
    times.dedup();
    assert_eq!(times.len(), 16, "each receipt is a second after the one before it");
    assert_eq!(till.module().await["sold"]["count"], 16);
    world.finish().await;
}
