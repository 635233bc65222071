//! When turns are due, and what becomes of those that nobody could take in time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::post;

use super::PLAN;
use super::served::Served;
use crate::bench::answer::AnswerError;
use crate::bench::link::{Call, Interrupted, Link};
use crate::bench::load::{self, Plan, Scenario, Worker};
use crate::bench::pace::{Pacer, Schedule};
use crate::bench::progress::Counters;
use crate::bench::target::RequestHead;

#[tokio::test]
async fn turns_are_due_at_equal_distances_and_in_the_right_number() {
    let start = Instant::now();
    // Three requests a second, two in each turn: a turn every two thirds of a second. They have
    // been due for long, so nobody waits.
    let long_ago = start.checked_sub(Duration::from_secs(60)).unwrap();
    let schedule = Schedule::new(long_ago, 3, 2, Duration::from_secs(4));
    let pacer = Pacer::start(schedule, 2).unwrap();
    let pace = pacer.pace();
    let mut due = Vec::new();
    while let Some(at) = pace.next().await {
        due.push((at - long_ago).as_millis());
    }
    assert_eq!(due, [0, 666, 1333, 2000, 2666, 3333]);
    assert!(pace.next().await.is_none(), "the other connection ends too");
    assert_eq!(pacer.untaken(), 0);
}

#[tokio::test]
async fn no_turn_is_handed_out_before_it_is_due() {
    let schedule = Schedule::new(Instant::now(), 200, 1, Duration::from_millis(50));
    let pacer = Pacer::start(schedule, 1).unwrap();
    let pace = pacer.pace();
    let mut turns = 0;
    while let Some(due) = pace.next().await {
        assert!(Instant::now() >= due);
        turns += 1;
    }
    assert_eq!(turns, 10);
}

/// Asks for `/slow`, over and over.
struct SlowScenario(RequestHead);

impl Scenario for SlowScenario {
    const KINDS: &'static [&'static str] = &["slow"];
    const OPERATION: (&'static str, usize) = ("answers", 0);
    type Worker = SlowWorker;

    fn worker(&self, _connection: usize) -> SlowWorker {
        SlowWorker(self.0.clone())
    }
}

struct SlowWorker(RequestHead);

impl Worker for SlowWorker {
    async fn turn(&mut self, link: &mut Link) -> Result<(), Interrupted> {
        let call = Call { kind: 0, head: &self.0, body: bytes::Bytes::new() };
        link.call(call, |_| Ok::<(), AnswerError>(())).await
    }
}

async fn slow_load(answer_after: Duration, plan: Plan) -> crate::bench::recording::Recording {
    let slow = async move || tokio::time::sleep(answer_after).await;
    let served = Served::start(Router::new().route("/slow", post(slow)));
    let target = served.target();
    let scenario = SlowScenario(target.post("/slow", &[]));
    load::run(&target, &scenario, plan, &Arc::new(Counters::default())).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_callers_would_have_waited_for_a_stalling_server_is_counted() {
    // Ten requests due within a tenth of a second, and one connection that does twenty a second:
    // the last of them is answered after half a second.
    let measured = Duration::from_millis(100);
    let plan = Plan { connections: 1, rate: Some(100), measured, ..PLAN };
    let recording = slow_load(Duration::from_millis(50), plan).await;
    assert_eq!(recording.errors, 0, "{:?}", recording.messages);
    let latency_us = &recording.kinds[0].latency_us;
    assert_eq!(latency_us.len(), 10);
    assert!(latency_us.max() >= 400_000, "{}", latency_us.max());
    assert!(recording.kinds[0].completed < 10, "those after the measured time are not in the rate");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_due_and_never_sent_is_an_error() {
    let plan = Plan {
        connections: 1,
        rate: Some(100),
        measured: Duration::from_millis(100),
        patience: Duration::from_millis(1),
        ..PLAN
    };
    let recording = slow_load(Duration::from_secs(60), plan).await;
    assert_eq!(recording.errors, 10, "{:?}", recording.messages);
    let message = "it was due, and no connection was free to send it".to_owned();
    assert!(recording.messages.contains(&(message, 9)), "{:?}", recording.messages);
}
