//! What a bank's statement says is booked: income, what networks pay, orders of ours, and what nobody
//! can explain. And statements of many pages, and days that have closed.

use serde_json::{Value, json};

use crate::bank_partner::{ACCOUNT, Bank, FUNDS, Partner, code, order, with};
use crate::bank_upstream::{behind, finish, has_as_much_as, in_front, kept_at, paid, pair};
use crate::place::Place;

/// The account of demo service 33.
const SPLITS: &str = "29896000200000401033";
/// An account from which a card network pays.
const HUMO: &str = "17409000400000401248";

/// The lines of service 33 as they are seen, without their numbers.
async fn lines(partner: &Partner, kind: &str) -> Vec<Value> {
    let mut lines = partner.page(33, kind, 0).await;
    for line in &mut lines {
        line.as_object_mut().unwrap().remove("id");
    }
    lines
}

/// The sum of a ledger account, debit positive.
pub(crate) async fn balance(bank: &Bank, account: &str) -> i64 {
    let sql = format!("SELECT coalesce(sum(amount), 0) FROM balance WHERE account = '{account}'");
    bank.place.rows(&sql).await[0][0].parse().unwrap()
}

/// Waits until each of the bank's lines of service 33 has its document in front.
pub(crate) async fn all_explained(bank: &Bank, front: &Bank) {
    let count = bank.partner.page(33, "0", 0).await.len().to_string();
    let sql = "SELECT count(*) FROM document_key WHERE key LIKE 'incoming:33:upstream:%'";
    crate::until("every line has a document", async || {
        (front.place.rows(sql).await[0][0] == count).then_some(())
    })
    .await;
}

async fn income(place: Place) {
    let bank = Bank::at(Place::sqlite()).await;
    let front = in_front(place, &bank, &behind(&bank)).await;
    let payment = json!({ "service": 33, "amount": 400, "reference": "1917830",
        "purpose": "тест", "payer": { "name": "ООО \"M\"", "inn": "307692757" } });
    bank.played.incoming(payment).await;
    // Another service of that bank pays to the account: money from another Chorsu.
    let other = with(order("in1", 700, SPLITS), json!({ "serviceId": 2 }));
    bank.partner.accepted(other).await;
    assert_eq!(bank.partner.ended("in1").await, "Проведен");
    has_as_much_as(&front.partner, &bank.partner).await;
    assert_eq!(front.partner.balance(33).await, FUNDS + 1_100);
    assert_eq!(lines(&front.partner, "1").await, lines(&bank.partner, "1").await);

    // What goes out is led back to its order, and nothing is booked twice, whoever reads again.
    front.partner.accepted(order("in2", 300, ACCOUNT)).await;
    front.partner.accepted(order("in3", 300, ACCOUNT)).await;
    for key in ["in2", "in3"] {
        assert_eq!(front.partner.ended(key).await, "Проведен");
    }
    let config = behind(&bank);
    let front = Bank::again(front.kill(), &config).await;
    bank.played.incoming(json!({ "service": 33, "amount": 5, "reference": "2" })).await;
    has_as_much_as(&front.partner, &bank.partner).await;
    all_explained(&bank, &front).await;
    assert_eq!(front.partner.balance(33).await, FUNDS + 505);
    assert_eq!(balance(&front, "correspondent").await, balance_of_demo(FUNDS + 505));
    assert_eq!(balance(&front, "suspense").await, 0);
    finish(bank, front).await;
}

/// What the demo services have together, service 33 having this much; the others are played.
pub(crate) fn balance_of_demo(of_33: i64) -> i64 {
    5 * FUNDS + of_33
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn income_at_the_bank_is_booked_once_on_sqlite() {
    income(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn income_at_the_bank_is_booked_once_on_postgres() {
    income(Place::postgres().await).await;
}

/// A network pays what it owes: the service has had that money since the merchant was settled.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_network_pays_is_no_income_of_the_service() {
    let bank = Bank::at(Place::sqlite()).await;
    let settings =
        format!("services = {{ 33 = 33 }}\npayers = {{ \"{HUMO}\" = \"network:humo\" }}\n");
    let front = in_front(Place::sqlite(), &bank, &kept_at(&bank, &settings)).await;
    let payer = json!({ "account": HUMO });
    let pay = json!({ "service": 33, "amount": 900, "reference": "h1", "payer": payer });
    bank.played.incoming(pay).await;
    bank.played.incoming(json!({ "service": 33, "amount": 7, "reference": "h2" })).await;
    all_explained(&bank, &front).await;
    assert_eq!(front.partner.balance(33).await, FUNDS + 7);
    assert_eq!(balance(&front, "network:humo").await, -900);
    assert_eq!(front.partner.page(33, "1", 0).await.len(), 2);
    finish(bank, front).await;
}

/// Somebody pays from the account past Chorsu. After three days without an order it is in suspense,
/// once; a payment whose order is still waiting is not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_can_explain_goes_to_suspense() {
    let (bank, front) = pair().await;
    bank.partner.accepted(order("past", 250, ACCOUNT)).await;
    assert_eq!(bank.partner.ended("past").await, "Проведен");
    front.partner.accepted(order("s1", 100, ACCOUNT)).await;
    assert_eq!(front.partner.ended("s1").await, "Проведен");
    assert_eq!(balance(&front, "suspense").await, 0);
    front.played.turn_days(4).await;
    all_explained(&bank, &front).await;
    assert_eq!(balance(&front, "suspense").await, 250);
    assert_eq!(front.partner.balance(33).await, FUNDS - 100, "no partner pays for it");
    assert_eq!(paid(&bank.partner).await, (350, 2));
    let config = behind(&bank);
    let front = Bank::again(front.kill(), &config).await;
    bank.played.incoming(json!({ "service": 33, "amount": 5, "reference": "2" })).await;
    all_explained(&bank, &front).await;
    assert_eq!(balance(&front, "suspense").await, 250);
    finish(bank, front).await;
}

/// Ten thousand lines, one a page: whoever goes on from its last number misses none. And the same
/// lines on one page, of many megabytes, for a Chorsu in front.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_of_many_pages_and_of_large_ones_are_read() {
    const LINES: i64 = 10_000;
    let turn = crate::heavy().await;
    let bank = Bank::configured(Place::sqlite(), "[bank]\nstatement_page = 1\n").await;
    let writers: Vec<_> = (0..32)
        .map(|writer| {
            let played = bank.played.clone();
            tokio::spawn(async move {
                for number in (writer..LINES - 1).step_by(32) {
                    let reference = format!("many-{number}");
                    let payment = json!({ "service": 33, "amount": 10, "reference": reference });
                    played.incoming(payment).await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let mut seen = 0;
    let mut last = 0;
    loop {
        let page = bank.partner.page(33, "0", last).await;
        let Some(line) = page.first() else { break };
        assert_eq!(page.len(), 1);
        let id = line["id"].as_i64().unwrap();
        assert!(id > last, "{id} after {last}");
        (last, seen) = (id, seen + 1);
    }
    assert_eq!(seen, LINES);
    let Bank { server, place, .. } = bank;
    server.stop().await;
    let bank = Bank::again(place, "[bank]\nstatement_page = 10000\n").await;
    let front = in_front(Place::sqlite(), &bank, &behind(&bank)).await;
    drop(turn);
    assert_eq!(front.partner.balance(33).await, FUNDS + 10 * (LINES - 1));
    finish(bank, front).await;
}

/// A day that has closed: 3333 for what is new; what was accepted before is told as it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_days_end_orders_get_3333() {
    let bank = Bank::at(Place::sqlite()).await;
    let first = bank.partner.accepted(order("c1", 500, ACCOUNT)).await;
    assert_eq!(bank.partner.ended("c1").await, "Проведен");
    // It closes at midnight, so today has closed already.
    let bank = Bank::again(bank.kill(), "[bank]\nday_closes = \"00:00\"\n").await;
    let partner = &bank.partner;
    assert_eq!(code(&partner.post("/payment", order("c2", 1, ACCOUNT)).await), 3333);
    assert_eq!(partner.status("c2").await.0, 1008, "nothing was created");
    assert_eq!(code(&partner.post("/payment", order("c1", 500, ACCOUNT)).await), 1111);
    let keyed = partner.with_header("Idempotency-Key", "k");
    let again = keyed.post("/payment", order("c1", 500, ACCOUNT)).await;
    assert_eq!(again["data"], json!({ "payment_status": "Проведен", "doc_id": first }));
    assert_eq!(code(&keyed.post("/payment", order("c1", 501, ACCOUNT)).await), 1111);
    assert_eq!(bank.partner.balance(33).await, FUNDS - 500);
    bank.finish().await;
}
