//! Many callers at once: one order for one number, never more money than there is, and a statement
//! that skips nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use tokio::sync::Barrier;

use crate::bank_partner::{ACCOUNT, Bank, FUNDS, Partner, Played, code, line_id, order};
use crate::place::Place;
use crate::server::{Server, assert_verified};

/// Callers at once.
const CALLERS: usize = 64;
/// Orders of each writer under load.
const ORDERS: u64 = 120;
/// Writers under load.
const WRITERS: u64 = 6;

/// Posts one order from all callers at the same moment; how many were accepted, the others being
/// told 1111.
async fn post_at_once(partners: &[Partner], path: &'static str, body: Value) -> usize {
    let start = Arc::new(Barrier::new(CALLERS));
    let call = |number: usize| {
        let (partner, body) = (partners[number % partners.len()].clone(), body.clone());
        let start = start.clone();
        tokio::spawn(async move {
            start.wait().await;
            code(&partner.post(path, body).await)
        })
    };
    let calls: Vec<_> = (0..CALLERS).map(call).collect();
    let mut accepted = 0;
    for call in calls {
        match call.await.unwrap() {
            0 => accepted += 1,
            code => assert_eq!(code, 1111),
        }
    }
    accepted
}

async fn one_order(place: Place) {
    let bank = Bank::at(place).await;
    for round in 0..4 {
        let body = order(&format!("race-{round}"), 1_000, ACCOUNT);
        assert_eq!(post_at_once(std::slice::from_ref(&bank.partner), "/payment", body).await, 1);
    }
    for round in 0..4 {
        assert_eq!(bank.partner.ended(&format!("race-{round}")).await, "Проведен");
    }
    assert_eq!(bank.partner.balance(33).await, FUNDS - 4_000);
    assert_eq!(bank.partner.page(33, "2", 0).await.len(), 4);
    bank.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_number_is_one_order_on_sqlite() {
    one_order(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_number_is_one_order_on_postgres() {
    one_order(Place::postgres().await).await;
}

/// Two processes on one database: the same number at both, and both clear the same orders.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_number_is_one_order_at_two_processes() {
    let place = Place::postgres().await;
    let (a, b) = tokio::join!(Server::start(&place), Server::start(&place));
    let partners = [Partner::at(&a), Partner::at(&b)];
    assert_eq!(partners[1].balance(33).await, FUNDS, "the demo money is there once");
    Played::at(&a).settle_after(0).await;
    for round in 0..4 {
        let body = order(&format!("race-{round}"), 1_000, ACCOUNT);
        assert_eq!(post_at_once(&partners, "/payment", body).await, 1);
    }
    for round in 0..4 {
        assert_eq!(partners[round % 2].ended(&format!("race-{round}")).await, "Проведен");
    }
    assert_eq!(partners[0].balance(33).await, FUNDS - 4_000);
    a.stop().await;
    b.stop().await;
    assert_verified(&place);
}

/// Posts orders of sums that look random: some are small, some more than there is.
async fn write(partner: Partner, writer: u64) -> Vec<String> {
    let mut dice = writer.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut keys = Vec::new();
    for number in 0..ORDERS {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        let amount = i64::try_from(dice % 600_000_000).unwrap() + 1;
        // Some are deleted by the receiver's bank, and their money comes back.
        let account = if dice.is_multiple_of(5) { "20208000905123456666" } else { ACCOUNT };
        let key = format!("load-{writer}-{number}");
        partner.accepted(order(&key, amount, account)).await;
        keys.push(key);
    }
    keys
}

async fn never_below_zero(place: Place) {
    let turn = crate::heavy().await;
    let bank = Bank::at(place).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let watcher = {
        let (partner, is_over) = (bank.partner.clone(), is_over.clone());
        tokio::spawn(async move {
            let mut looks = 0;
            while !is_over.load(Ordering::Relaxed) {
                assert!(partner.balance(33).await >= 0);
                looks += 1;
            }
            looks
        })
    };
    let writers: Vec<_> =
        (1..=WRITERS).map(|writer| tokio::spawn(write(bank.partner.clone(), writer))).collect();
    let mut ends = std::collections::BTreeMap::new();
    for writer in writers {
        for key in writer.await.unwrap() {
            *ends.entry(bank.partner.ended(&key).await).or_insert(0) += 1;
        }
    }
    is_over.store(true, Ordering::Relaxed);
    assert!(watcher.await.unwrap() > 0);
    drop(turn);
    assert!(ends["Проведен"] > 0 && ends["Удален"] > 0, "{ends:?}");
    let lines = statement(&bank.partner, 33).await;
    let spent: i64 = lines.iter().skip(1).map(|line| line["amount"].as_i64().unwrap()).sum();
    assert_eq!(bank.partner.balance(33).await, FUNDS - spent);
    assert_eq!(lines.len(), 1 + ends["Проведен"]);
    let Bank { server, place, .. } = bank;
    server.stop().await;
    assert_eq!(place.rows("SELECT sum(amount) FROM balance").await[0][0], "0");
    let reserved = "SELECT sum(reserved) FROM bank_service";
    assert_eq!(place.rows(reserved).await[0][0], "0");
    assert_verified(&place);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_service_goes_below_zero_on_sqlite() {
    never_below_zero(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_service_goes_below_zero_on_postgres() {
    never_below_zero(Place::postgres().await).await;
}

/// All lines of a statement, page by page as the document says.
async fn statement(partner: &Partner, service: u32) -> Vec<Value> {
    let mut lines: Vec<Value> = Vec::new();
    loop {
        let last = lines.last().map_or(0, |line| line["id"].as_i64().unwrap());
        let page = partner.page(service, "0", last).await;
        if page.is_empty() {
            return lines;
        }
        lines.extend(page);
    }
}

/// A reader who goes on from the last number it has misses nothing, however orders are posted and
/// money comes in meanwhile.
async fn nothing_is_skipped(place: Place) {
    const LINES: usize = 200;
    let bank = Bank::configured(place, "[bank]\nstatement_page = 7\n").await;
    let writing = {
        let (partner, played) = (bank.partner.clone(), bank.played.clone());
        tokio::spawn(async move {
            for number in 0..LINES / 2 {
                partner.accepted(order(&format!("p-{number}"), 10, ACCOUNT)).await;
                let reference = format!("in-{number}");
                let payment = json!({ "service": 33, "amount": 20, "reference": reference });
                played.incoming(payment).await;
            }
        })
    };
    let mut ids: Vec<i64> = Vec::new();
    crate::until("all lines", async || {
        let last = ids.last().copied().unwrap_or(0);
        let page = bank.partner.page(33, "0", last).await;
        assert!(page.len() <= 7);
        ids.extend(page.iter().map(|line| line["id"].as_i64().unwrap()));
        (ids.len() == LINES + 1).then_some(())
    })
    .await;
    writing.await.unwrap();
    let all = 1..=i64::try_from(LINES).unwrap() + 1;
    let all: Vec<i64> = all.map(|number| line_id(33, number)).collect();
    assert_eq!(ids, all);
    let outgoing = bank.partner.page(33, "2", 0).await;
    assert!(outgoing.iter().all(|line| line["type"] == "Расход" && line["amount"] == 10));
    bank.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_skips_nothing_on_sqlite() {
    nothing_is_skipped(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_skips_nothing_on_postgres() {
    nothing_is_skipped(Place::postgres().await).await;
}
