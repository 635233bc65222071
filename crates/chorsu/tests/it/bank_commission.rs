//! What the bank behind a service takes for its orders: led to the order that each line names, and
//! never left for three days to be in suspense.

use serde_json::json;

use crate::bank_partner::{ACCOUNT, Bank, FUNDS, order, with};
use crate::bank_statements::{all_explained, balance, balance_of_demo};
use crate::bank_upstream::{behind, finish, has_as_much_as, in_front};
use crate::place::Place;

/// Accepts an order with a commission in front, and waits for its end; its number at the bank.
async fn ended(front: &Bank, key: &str, receiver: &str, commission: i64) -> String {
    let changes = json!({ "comissionAmount": commission });
    front.partner.accepted(with(order(key, 300, receiver), changes)).await;
    front.partner.ended(key).await;
    front.id_of(key).await
}

/// Adds a line to the statement of the bank's service 33, behind its back: a commission of an order.
async fn take(bank: &Bank, id: &str, amount: i64) {
    let parties = json!({
        "payer": { "mfo": "00401", "account": "29896000200000401033" },
        "receiver": { "mfo": "00401", "name": "Комиссия банка" },
        "purpose": format!("Комиссия за документ № 1, {id}"),
        "is_aside": true,
    });
    let sql = format!(
        "INSERT INTO statement_line (service_id, id, at, bank_day, amount, number, direction, \
         document_id, parties) SELECT 33, max(id) + 1, max(at), max(bank_day), {amount}, 1, 2, \
         x'000000000000000000000000', '{parties}' FROM statement_line WHERE service_id = 33 \
         RETURNING id"
    );
    assert_eq!(bank.place.rows(&sql).await.len(), 1);
}

/// How many lines of an order are led to lines of the bank's.
async fn pairs(front: &Bank, key: &str) -> usize {
    let sql = format!(
        "SELECT body FROM document JOIN document_key ON document_key.document_id = document.id \
         WHERE key LIKE 'bank:%:{key}'"
    );
    let body: serde_json::Value =
        serde_json::from_str(&front.place.rows(&sql).await[0][0]).unwrap();
    body["bank_lines"].as_array().map_or(0, Vec::len)
}

async fn commissions(place: Place) {
    let bank = Bank::at(Place::sqlite()).await;
    let front = in_front(place, &bank, &behind(&bank)).await;
    let charged = ended(&front, "c1", ACCOUNT, 20).await;
    let free = ended(&front, "c2", ACCOUNT, 0).await;
    let deleted = ended(&front, "c3", "20208000905123456666", 20).await;
    all_explained(&bank, &front).await;
    assert_eq!((pairs(&front, "c1").await, pairs(&front, "c2").await), (2, 1));
    // What the partner was charged has gone on to the bank: the books have what the bank has.
    let books = async || (balance(&front, "fees").await, balance(&front, "suspense").await);
    assert_eq!(books().await, (0, 0));
    assert_eq!(balance(&front, "correspondent").await, balance_of_demo(FUNDS - 620));

    // What the bank takes in addition is our loss, and for nothing it has to be explained.
    take(&bank, &free, 30).await;
    take(&bank, &charged, 20).await;
    take(&bank, &deleted, 5).await;
    all_explained(&bank, &front).await;
    assert_eq!(books().await, (50, 5));
    assert_eq!(balance(&front, "correspondent").await, balance_of_demo(FUNDS - 675));
    assert_eq!((pairs(&front, "c1").await, pairs(&front, "c2").await), (2, 1));
    assert_eq!(front.partner.balance(33).await, FUNDS - 620, "no partner pays for it");
    let sql = "SELECT body FROM document WHERE kind = 6";
    let rows = front.place.rows(sql).await;
    let told = [
        (&charged, "\""),
        (&free, ", which was charged 0\""),
        (&charged, ", which was charged 20\""),
        (&deleted, ", which was deleted\""),
    ];
    assert_eq!(rows.len(), told.len(), "{rows:?}");
    for (id, end) in told {
        let reason = format!("\"reason\":\"commission of the bank for order {id}{end}");
        assert!(rows.iter().any(|row| row[0].contains(&reason)), "{rows:?}: {reason}");
    }
    front.finish().await;
    // Its books do not agree with its statement any more.
    bank.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_bank_takes_is_led_to_its_order_on_sqlite() {
    commissions(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_bank_takes_is_led_to_its_order_on_postgres() {
    commissions(Place::postgres().await).await;
}

/// The bank has carried an order out and taken its commission, and nobody in front knows it: the
/// line waits for its order, for however many days.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commission_waits_for_the_end_of_its_order() {
    let bank = Bank::at(Place::sqlite()).await;
    let front = in_front(Place::sqlite(), &bank, &behind(&bank)).await;
    front.played.hold("bank.order_answered").await;
    let charged = with(order("w1", 300, ACCOUNT), json!({ "comissionAmount": 20 }));
    front.partner.accepted(charged).await;
    front.played.held("bank.order_answered", 1).await;
    let id = front.id_of("w1").await;
    assert_eq!(bank.partner.ended(&id).await, "Проведен");
    front.played.turn_days(4).await;
    // When this has come, what was before it has been read.
    bank.played.incoming(json!({ "service": 33, "amount": 5, "reference": "2" })).await;
    has_as_much_as(&front.partner, &bank.partner).await;
    let sql = "SELECT count(*) FROM document WHERE kind = 6";
    assert_eq!(front.place.rows(sql).await[0][0], "0");
    let config = behind(&bank);
    let front = Bank::again(front.kill(), &config).await;
    assert_eq!(front.partner.ended("w1").await, "Проведен");
    all_explained(&bank, &front).await;
    assert_eq!(pairs(&front, "w1").await, 2);
    assert_eq!((balance(&front, "fees").await, balance(&front, "suspense").await), (0, 0));
    finish(bank, front).await;
}
