//! The scenario `till` against a server with just enough of the till API and of the sandbox.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Query, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::served::Served;
use super::{PLAN, args};
use crate::bench::load::{self, Plan};
use crate::bench::progress::Counters;
use crate::bench::recording::Recording;
use crate::bench::report::Report;
use crate::bench::scenario_till::TillScenario;

/// What the played Click says it has worked on each payment.
const CLICK_MICROS: u64 = 50;
/// Every so many payments, the fault shows.
const FAULT_INTERVAL: u64 = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    Refuse,
    OtherCode,
    OtherAmount,
    /// Answered as paid, and not in Click's books.
    NotCharged,
    /// Not there: a server without a sandbox.
    Live,
}

struct World {
    fault: Fault,
    codes: Mutex<HashSet<String>>,
    payments: AtomicU64,
    charged: Mutex<Vec<String>>,
    faults: AtomicU64,
}

fn start(fault: Fault) -> (Served, Arc<World>) {
    let world = Arc::new(World {
        fault,
        codes: Mutex::default(),
        payments: AtomicU64::new(0),
        charged: Mutex::default(),
        faults: AtomicU64::new(0),
    });
    let mut router = Router::new().route("/payment/click", post(pay));
    if fault != Fault::Live {
        router = router
            .route("/sandbox/providers/click", get(click))
            .route("/sandbox/providers/click/times", get(times));
    }
    (Served::start(router.with_state(Arc::clone(&world))), world)
}

async fn pay(State(world): State<Arc<World>>, Json(asked): Json<Value>) -> Json<Value> {
    let code = asked["qr_code"].as_str().unwrap().to_owned();
    assert!(code.len() == 18 && code.starts_with("880"), "{code}");
    assert!(code[15..].parse::<u16>().unwrap() >= 100, "{code} may belong to a faulty customer");
    assert!(world.codes.lock().unwrap().insert(code.clone()), "{code} is scanned twice");
    let number = 1 + world.payments.fetch_add(1, Ordering::SeqCst);
    // The payment of the set-up is left in peace.
    let is_faulty = number > 1 && number.is_multiple_of(FAULT_INTERVAL);
    let mut data = json!({
        "status_code": 0,
        "payment_id": number.to_string(),
        "qr_code": code,
        "amount": asked["amount"],
    });
    if is_faulty && !matches!(world.fault, Fault::None | Fault::Live) {
        world.faults.fetch_add(1, Ordering::SeqCst);
        match world.fault {
            Fault::OtherCode => data["qr_code"] = json!("880101698207133392"),
            Fault::OtherAmount => data["amount"] = json!(1),
            Fault::NotCharged => {
                return Json(json!({ "data": data, "error": null, "is_success": true }));
            }
            _ => {
                let error = json!({ "code": 105, "message": "Нет денег", "data": null });
                return Json(json!({ "data": null, "error": error, "is_success": false }));
            }
        }
    }
    world.charged.lock().unwrap().push(number.to_string());
    Json(json!({ "data": data, "error": null, "is_success": true }))
}

async fn click(State(world): State<Arc<World>>) -> Json<Value> {
    Json(json!({ "totals": { "payments": world.charged.lock().unwrap().len() } }))
}

#[derive(serde::Deserialize)]
struct After {
    after: usize,
}

async fn times(State(world): State<Arc<World>>, Query(query): Query<After>) -> Json<Value> {
    let charged = world.charged.lock().unwrap();
    let call = |id: &String| json!({ "payment_id": id, "micros": CLICK_MICROS });
    let calls: Vec<_> = charged.iter().skip(query.after).take(7).map(call).collect();
    let last = query.after + calls.len();
    Json(json!({ "calls": calls, "last": last }))
}

async fn till_load(served: &Served, plan: Plan) -> (Recording, Value) {
    use crate::bench::load::Scenario as _;
    let target = served.target();
    let scenario = TillScenario::prepare(&target).await.unwrap();
    let counters = Arc::new(Counters::default());
    let mut recording = load::run(&target, &scenario, plan, &counters).await.unwrap();
    let findings = scenario.finish(&mut recording, counters.answers()).await.unwrap();
    let load = crate::bench::report::LoadReport::new::<TillScenario>(plan, recording.clone());
    let report = Report {
        scenario: "till".to_owned(),
        url: served.url(),
        operation: TillScenario::OPERATION,
        load: load.unwrap(),
        findings,
        ceiling: None,
    };
    (recording, report.json())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_code_is_scanned_once_and_the_provider_has_its_share() {
    let (served, world) = start(Fault::None);
    let (recording, report) = till_load(&served, PLAN).await;
    assert_eq!(recording.errors, 0, "{:?}", recording.messages);
    let answers = recording.kinds[0].latency_us.len();
    assert!(answers > 0);
    assert_eq!(report["payments_charged"], json!(answers));
    assert_eq!(world.payments.load(Ordering::SeqCst), answers + 1, "and that of the set-up");
    assert_eq!(report["provider_share_us"]["p50"], json!(CLICK_MICROS));
    let (own, total) = (&report["own_share_us"], &report["latency_us"]);
    assert_eq!(own["count"], json!(answers));
    let difference = total["max"].as_u64().unwrap().abs_diff(own["max"].as_u64().unwrap());
    // Within the precision of a histogram.
    assert!(difference.abs_diff(CLICK_MICROS) <= 1 + total["max"].as_u64().unwrap() / 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_answers_are_errors_and_so_is_a_payment_without_a_charge() {
    let cases = [
        (Fault::Refuse, "error 105: Нет денег"),
        (Fault::OtherCode, "the answer is about another payment than the request"),
        (Fault::OtherAmount, "the answer is about another payment than the request"),
        (Fault::NotCharged, "answered as paid, and not in Click's books"),
    ];
    for (fault, message) in cases {
        let (served, world) = start(fault);
        let (recording, _) = till_load(&served, PLAN).await;
        assert!(recording.errors > 0, "{fault:?}");
        assert_eq!(recording.errors, world.faults.load(Ordering::SeqCst), "{fault:?}");
        assert_eq!(recording.messages, [(message.to_owned(), recording.errors)], "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_a_sandbox_has_no_shares_and_no_error() {
    let (served, _) = start(Fault::Live);
    let (recording, report) = till_load(&served, PLAN).await;
    assert_eq!(recording.errors, 0, "{:?}", recording.messages);
    assert!(report.get("own_share_us").is_none() && report.get("payments_charged").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_makes_just_so_many_requests() {
    let (served, world) = start(Fault::None);
    let plan = Plan { rate: Some(400), measured: Duration::from_millis(500), ..PLAN };
    let (recording, report) = till_load(&served, plan).await;
    assert_eq!(recording.errors, 0, "{:?}", recording.messages);
    assert_eq!(world.payments.load(Ordering::SeqCst), 200 + 1);
    assert_eq!(report["rate_per_second"], 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_command_leaves_the_ceiling_out_at_a_rate() {
    let (served, _) = start(Fault::None);
    let line =
        format!("--url {} --scenario till --seconds 1 --warmup-seconds 0 --rate 100", served.url());
    let report = crate::bench::measure(&args(&line).unwrap()).await.unwrap();
    assert_eq!(report.errors(), 0);
    let json = report.json();
    assert!(json["ceiling"].is_null() && json["ratio"].is_null());
    assert!(json["payments"].as_u64().unwrap() > 0, "{json}");
    let table = report.to_string();
    assert!(table.contains(": 64 connections, 100 requests/s, 1 s measured"), "{table}");
    assert!(table.contains("own share"), "{table}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_a_till_is_told_before_the_load() {
    let served = Served::start(Router::new());
    let line = format!("--url {} --scenario till", served.url());
    let error = crate::bench::measure(&args(&line).unwrap()).await.unwrap_err();
    assert!(format!("{error:#}").contains("is this the address of a server of the till API?"));
}
