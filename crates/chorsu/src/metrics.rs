//! Counters and timings in the text format of Prometheus. Labels never carry ids or card numbers.

use std::fmt::Write as _;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::app::App;

/// A call of an API method and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    method: &'static str,
    code: i32,
}

/// How payment orders and reversals end.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndLabels {
    end: &'static str,
}

/// The registry and what is counted all the time.
pub(crate) struct Metrics {
    registry: Registry,
    calls: Family<CallLabels, Counter>,
    call_seconds: Histogram,
    till_calls: Family<CallLabels, Counter>,
    till_seconds: Histogram,
    till_reversals: Family<EndLabels, Counter>,
    bank_calls: Family<CallLabels, Counter>,
    bank_seconds: Histogram,
    bank_orders: Family<EndLabels, Counter>,
    bank_late: Counter,
    bank_differences: Counter,
}

impl Metrics {
    /// A registry of its own: nothing global, so that tests stay apart.
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("chorsu");
        let calls = Family::<CallLabels, Counter>::default();
        let call_seconds = Histogram::new(exponential_buckets(0.000_25, 2.0, 18));
        registry.register(
            "subscribe_calls",
            "Calls of the Subscribe API by method and error code (0 is success)",
            calls.clone(),
        );
        registry.register(
            "subscribe_call_seconds",
            "Time from a request's last byte to its answer",
            call_seconds.clone(),
        );
        let till_calls = Family::<CallLabels, Counter>::default();
        let till_seconds = Histogram::new(exponential_buckets(0.000_25, 2.0, 18));
        registry.register(
            "till_payments",
            "Payments at the till by provider and error code (0 is success)",
            till_calls.clone(),
        );
        registry.register(
            "till_payment_seconds",
            "Time from a till's request to its answer",
            till_seconds.clone(),
        );
        let till_reversals = reversals(&mut registry);
        let bank_calls = Family::<CallLabels, Counter>::default();
        let bank_seconds = Histogram::new(exponential_buckets(0.000_25, 2.0, 18));
        let bank_orders = Family::<EndLabels, Counter>::default();
        registry.register(
            "bank_calls",
            "Calls of the bank API by method and code (0 is success)",
            bank_calls.clone(),
        );
        registry.register(
            "bank_call_seconds",
            "Time from a bank request's head to its answer",
            bank_seconds.clone(),
        );
        registry.register(
            "bank_orders_ended",
            "Payment orders that were carried out or deleted",
            bank_orders.clone(),
        );
        let bank_late = Counter::default();
        registry.register(
            "bank_late_questions",
            "Questions about payment orders whose bank has said nothing certain for a day",
            bank_late.clone(),
        );
        let bank_differences = Counter::default();
        registry.register(
            "bank_differences",
            "Lines of a bank's statement that do not agree with ours, and orders that it lacks",
            bank_differences.clone(),
        );
        Self {
            registry,
            calls,
            call_seconds,
            till_calls,
            till_seconds,
            till_reversals,
            bank_calls,
            bank_seconds,
            bank_orders,
            bank_late,
            bank_differences,
        }
    }

    /// Counts a call of the bank API that ended with `code` after `took`.
    pub(crate) fn bank_call(&self, method: &'static str, code: u16, took: Duration) {
        self.bank_calls.get_or_create(&CallLabels { method, code: i32::from(code) }).inc();
        self.bank_seconds.observe(took.as_secs_f64());
    }

    /// Counts a payment order that has ended.
    pub(crate) fn order_ended(&self, end: &'static str) {
        self.bank_orders.get_or_create(&EndLabels { end }).inc();
    }

    /// Counts a question about an order that a person has to look at.
    pub(crate) fn order_late(&self) {
        self.bank_late.inc();
    }

    /// Counts a difference between a bank's statement and what is booked here.
    pub(crate) fn bank_difference(&self) {
        self.bank_differences.inc();
    }

    /// Counts a payment at the till that was answered with `code`.
    pub(crate) fn till(&self, method: &'static str, code: u32, started: Instant) {
        let code = i32::try_from(code).unwrap_or(i32::MAX);
        self.till_calls.get_or_create(&CallLabels { method, code }).inc();
        self.till_seconds.observe(started.elapsed().as_secs_f64());
    }

    /// Counts a reversal at the till.
    pub(crate) fn reversal(&self, end: &'static str) {
        self.till_reversals.get_or_create(&EndLabels { end }).inc();
    }

    /// Counts a call of `method` that ended with `code` after `took`.
    pub(crate) fn call(&self, method: &'static str, code: i32, took: Duration) {
        self.calls.get_or_create(&CallLabels { method, code }).inc();
        self.call_seconds.observe(took.as_secs_f64());
    }
}

/// How reversals at the till end.
fn reversals(registry: &mut Registry) -> Family<EndLabels, Counter> {
    let reversals = Family::<EndLabels, Counter>::default();
    registry.register(
        "till_reversals",
        "Reversals at the till by how they ended; those refused for now are tried again",
        reversals.clone(),
    );
    reversals
}

/// Everything as text, for `GET /metrics`.
pub(crate) async fn text(app: &App) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail; here and below.
    let _ = encode(&mut text, &app.metrics.registry);
    let eof = text.find("# EOF").unwrap_or(text.len());
    text.truncate(eof);
    for (number, lane) in app.store.lane_stats().into_iter().enumerate() {
        for (name, help, value) in [
            ("batches", "Transactions committed", &lane.batches),
            ("commands", "Commands in those transactions", &lane.commands),
            ("busy_microseconds", "Time spent in those transactions", &lane.busy_us),
            ("failures", "Commands that failed for the database's sake", &lane.failures),
        ] {
            if number == 0 {
                let _ = writeln!(text, "# HELP chorsu_lane_{name} {help}.");
                let _ = writeln!(text, "# TYPE chorsu_lane_{name} counter");
            }
            let value = value.load(Ordering::Relaxed);
            let _ = writeln!(text, "chorsu_lane_{name}_total{{lane=\"{number}\"}} {value}");
        }
    }
    if let Ok(depth) = app.store.outbox_depth().await {
        let _ = writeln!(text, "# HELP chorsu_outbox_depth Intents whose outcome is not known.");
        let _ = writeln!(text, "# TYPE chorsu_outbox_depth gauge");
        let _ = writeln!(text, "chorsu_outbox_depth {depth}");
    }
    if let Ok(open) = app.store.open_till_payments(1).await {
        let age_ms = open.first().map_or(0, |row| app.clock.now().since(row.created_at).max(0));
        let name = "chorsu_till_oldest_open_seconds";
        let help = "Age of the oldest payment at the till, or of its reversal, without an outcome";
        let _ = writeln!(text, "# HELP {name} {help}.");
        let _ = writeln!(text, "# TYPE {name} gauge");
        let _ = writeln!(text, "{name} {}", age_ms / 1_000);
    }
    text.push_str("# EOF\n");
    text
}
