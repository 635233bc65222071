//! The scenarios `orders` and `statement` against a server with just enough of the bank API.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::args;
use super::served::Served;

/// Rows of a page, and rows that are stored.
const PAGE: usize = 40;
const ROWS: usize = 1_234;
/// Of so many rows one came in.
const INCOMING: usize = 50;
/// `gray:p@ssw0rd`
const BASIC: &str = "Basic Z3JheTpwQHNzdzByZA==";
/// Every so many orders, the fault shows.
const FAULT_INTERVAL: usize = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// Error 1013.
    Refuse,
    /// Answered with `Проведен`.
    Early,
    /// Accepted, and ends `Удален`.
    Deleted,
    /// A page with a row too few.
    ShortPage,
}

struct World {
    fault: Fault,
    balance: AtomicI64,
    funded: AtomicI64,
    settle_after_ms: AtomicU64,
    /// Whether each order was posted.
    orders: Mutex<HashMap<String, bool>>,
    faults: AtomicU64,
    /// How often the metrics were asked for: every time more orders are settled.
    asked: AtomicU64,
}

fn start(fault: Fault, balance: i64) -> (Served, Arc<World>) {
    let world = Arc::new(World {
        fault,
        balance: AtomicI64::new(balance),
        funded: AtomicI64::new(0),
        settle_after_ms: AtomicU64::new(10_000),
        orders: Mutex::default(),
        faults: AtomicU64::new(0),
        asked: AtomicU64::new(0),
    });
    let router = Router::new()
        .route("/api/v2/payment", post(order))
        .route("/api/v2/payment/{id}", get(status))
        .route("/api/v2/account/2/balance", get(balance_of))
        .route("/api/v2/account/payments", post(page))
        .route("/sandbox/bank", get(bank).patch(change_bank))
        .route("/sandbox/bank/incoming", post(incoming))
        .route("/metrics", get(metrics));
    (Served::start(router.with_state(Arc::clone(&world))), world)
}

fn is_let_in(headers: &HeaderMap) -> bool {
    headers["authorization"] == BASIC
}

fn refused(code: u16, message: &str) -> Json<Value> {
    Json(json!({ "status": "error", "code": code, "message": message, "data": null }))
}

fn shown(status: &str) -> Json<Value> {
    let data = json!({ "payment_status": status, "doc_id": "1180_1" });
    Json(json!({ "status": "success", "code": 0, "data": data }))
}

async fn order(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    Json(asked): Json<Value>,
) -> Json<Value> {
    assert!(is_let_in(&headers));
    for (key, value) in [("amount", "1"), ("comissionAmount", "0"), ("serviceId", "2")] {
        assert_eq!(asked[key], value, "{asked}");
    }
    assert_eq!(asked["receiverAccount"].as_str().unwrap().len(), 20);
    let id = asked["orderId"].as_str().unwrap().to_owned();
    let mut orders = world.orders.lock().unwrap();
    // The order of the set-up is left in peace.
    let is_faulty = !orders.is_empty() && orders.len().is_multiple_of(FAULT_INTERVAL);
    let fault = if is_faulty { world.fault } else { Fault::None };
    let known = orders.insert(id, fault != Fault::Deleted);
    assert_eq!(known, None, "an order number is used twice");
    world.faults.fetch_add(u64::from(fault != Fault::None), Ordering::SeqCst);
    match fault {
        Fault::Refuse => refused(1013, "Счёт не найден"),
        Fault::Early => shown("Проведен"),
        _ => shown("Введен"),
    }
}

async fn status(State(world): State<Arc<World>>, Path(id): Path<String>) -> Json<Value> {
    match world.orders.lock().unwrap()[&id] {
        true => shown("Проведен"),
        false => shown("Удален"),
    }
}

async fn balance_of(State(world): State<Arc<World>>, headers: HeaderMap) -> Json<Value> {
    if !is_let_in(&headers) {
        return refused(1004, "Пользователь не найден");
    }
    let balance = world.balance.load(Ordering::SeqCst).to_string();
    Json(json!({ "status": "success", "data": { "balance": balance } }))
}

async fn page(State(world): State<Arc<World>>, Json(asked): Json<Value>) -> String {
    let after = usize::try_from(asked["lastId"].as_i64().unwrap()).unwrap();
    let is_short = world.fault == Fault::ShortPage && after > PAGE && after < ROWS - PAGE;
    let (from, to) = (asked["fromDate"].as_str().unwrap(), asked["toDate"].as_str().unwrap());
    let fits = |id: &usize| {
        (from..=to).contains(&day_of(*id)) && (asked["type"] == "0" || id.is_multiple_of(INCOMING))
    };
    // A text that looks like a row.
    let row = |id: usize| {
        json!({ "id": id, "docNumber": "7", "purpose": "\"docNumber\":",
            "paymentDate": format!("{} 00:00:00", day_of(id)) })
    };
    let rows = (after + 1..=ROWS).filter(fits).take(PAGE - usize::from(is_short));
    let rows: Vec<_> = rows.map(row).collect();
    // The documented order of the keys, which a map of serde_json does not keep.
    format!(r#"{{"status":"success","data":{}}}"#, json!(rows))
}

/// The day of a row: the one in the middle has fewer rows than a page.
fn day_of(id: usize) -> &'static str {
    match id {
        0..600 => "2026-11-19",
        600..630 => "2026-11-20",
        _ => "2026-11-21",
    }
}

async fn bank(State(world): State<Arc<World>>) -> Json<Value> {
    Json(json!({ "settle_after_ms": world.settle_after_ms.load(Ordering::SeqCst), "faults": [] }))
}

async fn change_bank(State(world): State<Arc<World>>, Json(change): Json<Value>) -> Json<Value> {
    world.settle_after_ms.store(change["settle_after_ms"].as_u64().unwrap(), Ordering::SeqCst);
    bank(State(world)).await
}

async fn incoming(State(world): State<Arc<World>>, Json(payment): Json<Value>) -> Json<Value> {
    assert_eq!(payment["service"], 2);
    world.funded.fetch_add(payment["amount"].as_i64().unwrap(), Ordering::SeqCst);
    Json(json!({}))
}

/// Half of the orders have ended at first, and all of them when asked some times more.
async fn metrics(State(world): State<Arc<World>>) -> String {
    let asked = world.asked.fetch_add(1, Ordering::SeqCst);
    let orders = world.orders.lock().unwrap();
    let ended = |posted| orders.values().filter(|is_posted| **is_posted == posted).count();
    let part = if asked < 3 { 2 } else { 1 };
    format!(
        "# TYPE chorsu_bank_orders_ended counter\n\
         chorsu_bank_orders_ended_total{{end=\"posted\"}} {}\n\
         chorsu_bank_orders_ended_total{{end=\"deleted\"}} {}\n# EOF\n",
        ended(true) / part,
        ended(false) / part
    )
}

async fn report(served: &Served, options: &str) -> crate::bench::Report {
    let line = format!(
        "--url {} --seconds 1 --warmup-seconds 0 --connections 2 --no-ceiling {options}",
        served.url()
    );
    crate::bench::measure(&args(&line).unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_accepted_and_their_settling_is_waited_for() {
    let (served, world) = start(Fault::None, 10_000_000_000);
    let report = report(&served, "--scenario orders").await;
    assert_eq!(report.errors(), 0, "{report}");
    let json = report.json();
    assert!(json["orders"].as_u64().unwrap() > 0);
    assert!(json["orders_settled_during_load"].as_u64().unwrap() > 0, "{json}");
    assert!(json["orders_unsettled_after_load"].as_u64().unwrap() > 0, "{json}");
    assert!(json["all_settled_after_ms"].as_u64().unwrap() >= 100, "{json}");
    assert_eq!(world.settle_after_ms.load(Ordering::SeqCst), 10_000, "set back");
    assert_eq!(world.funded.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_orders_are_errors_and_so_are_deleted_ones() {
    let cases = [
        (Fault::Refuse, "error 1013: Счёт не найден"),
        (Fault::Early, "the order is Проведен, not Введен"),
        (Fault::Deleted, "accepted, and ended Удален"),
    ];
    for (fault, message) in cases {
        let (served, world) = start(fault, 0);
        let report = report(&served, "--scenario orders").await;
        let faults = world.faults.load(Ordering::SeqCst);
        assert!(faults > 0 && report.errors() >= faults, "{fault:?}");
        let found = json!({ "message": message, "count": faults });
        let messages = report.json()["error_messages"].clone();
        assert!(messages.as_array().unwrap().contains(&found), "{fault:?}: {messages}");
        assert!(world.funded.load(Ordering::SeqCst) > 0, "there was no money");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_begin_all_over_the_statement_and_have_all_their_rows() {
    let (served, _) = start(Fault::None, 1);
    let whole = report(&served, "--scenario statement").await;
    assert_eq!(whole.errors(), 0, "{whole}");
    let json = whole.json();
    assert_eq!((&json["rows_per_page"], &json["rows_stored"]), (&json!(PAGE), &json!(ROWS)));
    assert!(json["pages"].as_u64().unwrap() > 0);
    for kind in ["whole page", "one day", "what came in"] {
        assert!(json["kinds"][kind]["requests"].as_u64().unwrap() > 0, "{kind}: {json}");
    }

    let (served, _) = start(Fault::ShortPage, 1);
    let short = report(&served, "--scenario statement").await;
    let message = format!("the page has {} rows, not {PAGE}", PAGE - 1);
    assert_eq!(short.json()["error_messages"][0]["message"], message, "{short}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_who_is_not_let_in_is_told_before_the_load() {
    let (served, _) = start(Fault::None, 1);
    for scenario in ["orders", "statement"] {
        let line = format!("--url {} --scenario {scenario} --password wrong", served.url());
        let error = crate::bench::measure(&args(&line).unwrap()).await.unwrap_err();
        let error = format!("{error:#}");
        assert!(error.contains("error 1004: Пользователь не найден"), "{error}");
        assert!(error.contains("--partner"), "{error}");
    }
}
