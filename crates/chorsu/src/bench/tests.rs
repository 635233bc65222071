//! The generator against a small server of the same protocol that misbehaves on demand.

mod answers;
mod bank;
mod fake_server;
mod pace;
mod reports;
mod served;
mod till;

use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use tokio::net::TcpListener;

use super::args::BenchArgs;
use super::echo::{self, EchoScenario};
use super::load::{self, Plan};
use super::progress::Counters;
use super::recording::Recording;
use super::scenario_receipts::{Credentials, ReceiptsScenario};
use super::target::Target;
use fake_server::{FakeServer, Fault, KASSA, KEY};

const PLAN: Plan = Plan {
    connections: 4,
    rate: None,
    warmup: Duration::ZERO,
    measured: Duration::from_millis(500),
    patience: Duration::from_secs(10),
};

/// The options as the command line has them, behind a program name.
#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    bench: BenchArgs,
}

fn args(line: &str) -> Result<BenchArgs, clap::Error> {
    Line::try_parse_from(std::iter::once("bench").chain(line.split_whitespace()))
        .map(|line| line.bench)
}

async fn receipts_load(server: &FakeServer, plan: Plan) -> Recording {
    let target = Arc::new(Target::parse(&server.url()).unwrap());
    let credentials = Credentials { kassa: KASSA, key: KEY };
    let scenario = ReceiptsScenario::prepare(&target, credentials).await.unwrap();
    server.start_faults();
    load::run(&target, &scenario, plan, &Arc::new(Counters::default())).await.unwrap()
}

/// The message of the error that `chorsu bench` ends with.
async fn refusal(line: &str) -> String {
    format!("{:#}", super::measure(&args(line).unwrap()).await.unwrap_err())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_payment_reported_is_one_the_server_made() {
    let server = FakeServer::start(Fault::None);
    let recording = receipts_load(&server, PLAN).await;
    let [create, pay] = &recording.kinds[..] else { panic!("two kinds") };
    assert_eq!((recording.errors, recording.reconnects), (0, 0), "{:?}", recording.messages);
    assert!(pay.completed > 0);
    // The set-up pays one receipt, and every answer awaited has its latency.
    assert_eq!(pay.latency_us.len() + 1, server.paid());
    assert_eq!(create.latency_us.len() + 1, server.created());
    assert!(pay.completed <= pay.latency_us.len());
    assert!(pay.latency_us.len() - pay.completed <= 4, "at most one straggler a connection");
    assert_eq!(server.orders(), server.created(), "every receipt has an order of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_answer_is_counted_with_its_message() {
    let cases = [
        (Fault::Refuse, "error -31630: Недостаточно средств на карте"),
        (Fault::State(2), "the receipt is in state 2, not 4"),
        (Fault::OtherReceipt, "the answer is about another receipt than the request"),
        (Fault::Status(503), "HTTP status 503 Service Unavailable: not the expected answer: busy"),
        (Fault::Garbage, "not the expected answer: {\"result\":{\"ok\":true}}"),
        (Fault::CutOff, "the connection broke: connection closed before message completed"),
    ];
    for (fault, message) in cases {
        let server = FakeServer::start(fault);
        let recording = receipts_load(&server, PLAN).await;
        assert!(recording.errors > 0, "{fault:?}");
        assert_eq!(recording.errors, server.faults(), "{fault:?}");
        let [(found, count)] = &recording.messages[..] else { panic!("{:?}", recording.messages) };
        assert_eq!((found.as_str(), *count), (message, recording.errors), "{fault:?}");
        assert!(recording.kinds[1].completed > 0, "{fault:?}: the load goes on");
        assert_eq!(recording.kinds[1].latency_us.len() + 1, server.paid(), "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_closed_between_requests_is_replaced_and_no_error() {
    let server = FakeServer::start(Fault::Close);
    let recording = receipts_load(&server, PLAN).await;
    assert_eq!(recording.errors, 0, "{:?}", recording.messages);
    assert!(recording.reconnects > 0);
    assert!(recording.kinds[1].completed > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_never_comes_is_an_error_of_each_connection() {
    let server = FakeServer::start(Fault::Silence);
    let plan = Plan { patience: Duration::from_millis(50), ..PLAN };
    let recording = receipts_load(&server, plan).await;
    let message = "no answer 50ms after the end of the measured time".to_owned();
    assert_eq!(recording.messages, [(message, server.faults())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_is_an_error_and_not_the_end() {
    let server = FakeServer::start(Fault::None);
    let target = Arc::new(Target::parse(&server.url()).unwrap());
    let credentials = Credentials { kassa: KASSA, key: KEY };
    let scenario = ReceiptsScenario::prepare(&target, credentials).await.unwrap();
    let counters = Arc::new(Counters::default());
    let plan = Plan { measured: Duration::from_secs(2), ..PLAN };
    let (recording, ()) = tokio::join!(load::run(&target, &scenario, plan, &counters), async {
        server.load_began().await;
        drop(server);
    });
    let recording = recording.unwrap();
    assert!(recording.errors >= 4, "each connection notices: {:?}", recording.messages);
    assert!(recording.messages.iter().any(|(message, _)| message.starts_with("cannot connect: ")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_echo_gives_every_body_back() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let echo = tokio::spawn(echo::serve(listener));
    let target = Arc::new(Target::parse(&url).unwrap());
    let scenario = EchoScenario::new(&target);
    let counters = Arc::new(Counters::default());
    let recording = load::run(&target, &scenario, PLAN, &counters).await.unwrap();
    assert_eq!(recording.errors, 0, "{:?}", recording.messages);
    assert!(recording.kinds[0].completed > 0);
    echo.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_command_measures_a_server() {
    let server = FakeServer::start(Fault::None);
    let line = format!(
        "--url {} --kassa {KASSA} --key {KEY} --seconds 1 --warmup-seconds 0 --connections 2 \
         --no-ceiling",
        server.url()
    );
    let report = super::measure(&args(&line).unwrap()).await.unwrap();
    assert_eq!(report.errors(), 0);
    assert_eq!(report.ratio(), None);
    let json = report.json();
    assert_eq!(json["requests_per_second"].as_f64(), json["requests"].as_f64());
    assert!(json["payments"].as_u64().unwrap() < server.paid());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_prevents_a_run_is_told_with_a_hint() {
    let server = FakeServer::start(Fault::None);
    let url = server.url();
    let unknown = refusal(&format!("--url {url} --kassa 5e730e8e0b852a417aa49ceb")).await;
    assert!(unknown.starts_with("cards.create: error -32504: Access denied."), "{unknown}");
    assert!(unknown.contains("Hint:") && unknown.contains("--kassa"), "{unknown}");
    let wrong_key = refusal(&format!("--url {url} --kassa {KASSA} --key nonsense")).await;
    assert!(wrong_key.starts_with("receipts.create: error -32504"), "{wrong_key}");
    assert!(wrong_key.contains("--key"), "{wrong_key}");

    let starting = FakeServer::start(Fault::NotReady);
    let not_ready = refusal(&format!("--url {}", starting.url())).await;
    assert!(not_ready.contains("is not ready: /healthz gives HTTP status 503"), "{not_ready}");

    // A port that was free a moment ago, and that nobody listens at.
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let refused = refusal(&format!("--url http://{free}")).await;
    assert!(refused.starts_with(&format!("nobody listens at http://{free}")), "{refused}");
    assert!(refused.contains("chorsu serve"), "{refused}");

    for (url, part) in [
        ("https://localhost", "must begin with http://"),
        ("localhost:8080", "must begin with http://"),
        ("http://localhost:8080/api", "scheme, host and port only"),
    ] {
        let message = refusal(&format!("--url {url}")).await;
        assert!(message.contains(part), "{url}: {message}");
    }
}

#[test]
fn options_have_the_documented_defaults_and_limits() {
    let defaults = args("").unwrap();
    assert_eq!(defaults.url, "http://127.0.0.1:8080");
    let plan = defaults.plan();
    assert_eq!(plan.connections, 64);
    assert_eq!((plan.warmup.as_secs(), plan.measured.as_secs()), (1, 10));
    for refused in [
        "--scenario payments",
        "--rate 0",
        "--rate 1000001",
        "--connections 0",
        "--connections 10001",
        "--seconds 0",
        "--seconds -1",
        "--unknown",
    ] {
        assert!(args(refused).is_err(), "{refused}");
    }
}
