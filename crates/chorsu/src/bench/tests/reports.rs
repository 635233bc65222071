//! What the table and the JSON say of a known recording.

use std::time::Duration;

use serde_json::json;

use crate::bench::echo::EchoScenario;
use crate::bench::findings::Findings;
use crate::bench::load::{Plan, Scenario};
use crate::bench::recording::Recording;
use crate::bench::report::{LoadReport, Report};
use crate::bench::scenario_receipts::ReceiptsScenario;

const PLAN: Plan = Plan {
    connections: 64,
    rate: None,
    warmup: Duration::from_secs(1),
    measured: Duration::from_secs(4),
    patience: Duration::from_secs(15),
};

/// A recording in which every kind has `count` answers, of 1, 2, … milliseconds.
fn recording<S: Scenario>(count: u64) -> Recording {
    let mut recording = Recording::new(S::KINDS.len()).unwrap();
    for kind in &mut recording.kinds {
        kind.completed = count;
        (1..=count).for_each(|millis| kind.record(Duration::from_millis(millis)));
    }
    recording
}

fn report(load: Recording, ceiling: Option<Recording>) -> Report {
    Report {
        scenario: "receipts".to_owned(),
        url: "http://127.0.0.1:8080".to_owned(),
        operation: ReceiptsScenario::OPERATION,
        findings: Findings::default(),
        load: LoadReport::new::<ReceiptsScenario>(PLAN, load).unwrap(),
        ceiling: ceiling.map(|echo| LoadReport::new::<EchoScenario>(PLAN, echo).unwrap()),
    }
}

#[test]
fn the_json_has_every_figure_with_its_unit() {
    let load = recording::<ReceiptsScenario>(1000);
    let json = report(load, Some(recording::<EchoScenario>(4000))).json();
    // A histogram answers with the upper end of a bucket, within 0.1 %.
    let latency_us = json!({
        "p50": 500_223, "p90": 900_095, "p99": 990_207, "p99_9": 999_423, "max": 1_000_447,
    });
    let kind = json!({ "requests": 1000, "requests_per_second": 250.0, "latency_us": latency_us });
    let mut expected = json!({
        "scenario": "receipts",
        "url": "http://127.0.0.1:8080",
        "connections": 64,
        "rate_per_second": null,
        "seconds": 4,
        "warmup_seconds": 1,
        "requests": 2000,
        "requests_per_second": 500.0,
        "payments": 1000,
        "payments_per_second": 250.0,
        "errors": 0,
        "error_messages": [],
        "reconnects": 0,
        "latency_us": latency_us,
        "kinds": { "receipts.create": kind, "receipts.pay": kind },
        "ratio": 0.5,
    });
    expected["ceiling"] = json["ceiling"].clone();
    assert_eq!(json, expected);
    assert_eq!(json["ceiling"]["requests_per_second"], 1000.0);
    assert_eq!(json["ceiling"]["latency_us"]["p50"], 2_000_895);
}

#[test]
fn without_a_ceiling_there_is_no_ratio() {
    let json = report(recording::<ReceiptsScenario>(1), None).json();
    assert!(json["ceiling"].is_null() && json["ratio"].is_null(), "{json}");
}

#[test]
fn the_table_says_the_same() {
    let mut load = recording::<ReceiptsScenario>(6000);
    load.error("error -31630: нет денег".to_owned());
    load.error("error -31630: нет денег".to_owned());
    let report = report(load, Some(recording::<EchoScenario>(10_000)));
    assert_eq!(report.errors(), 2);
    let table = report.to_string();
    let expected = "\
receipts at http://127.0.0.1:8080: 64 connections, 4 s measured after 1 s of warm-up

requests/s             3 000
payments/s             1 500
errors                     2
ceiling                2 500 requests/s of a bare JSON echo
ratio                120.0 % of the ceiling

latency, ms              p50       p90       p99     p99.9       max      requests
receipts.create     3000.319  5402.623  5943.295  5996.543  6000.639          6000
receipts.pay        3000.319  5402.623  5943.295  5996.543  6000.639          6000
all                 3000.319  5402.623  5943.295  5996.543  6000.639         12000
echo                5001.215  9003.007  9904.127  9994.239 10002.431         10000

the first different errors of receipts:
           2 × error -31630: нет денег
";
    assert_eq!(table, expected);
}

#[test]
fn equal_messages_are_counted_and_many_different_ones_bounded() {
    let mut total = recording::<EchoScenario>(2);
    for number in 0..100 {
        let mut other = recording::<EchoScenario>(1);
        other.error("the same".to_owned());
        other.error(format!("different {number}"));
        total.merge(other).unwrap();
    }
    assert_eq!(total.errors, 200);
    assert_eq!(total.messages.len(), 8);
    assert_eq!(total.messages[0], ("the same".to_owned(), 100));
    assert_eq!((total.kinds[0].completed, total.kinds[0].latency_us.len()), (102, 102));
}
