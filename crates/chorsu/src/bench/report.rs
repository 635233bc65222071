//! What a run comes to, as a table for people and as JSON for programs. It computes rates and
//! percentiles from finished recordings and measures nothing.

use std::fmt::{self, Display, Formatter};

use anyhow::Result;
use hdrhistogram::Histogram;
use serde_json::{Map, Value, json};

use super::findings::{Figure, Findings};
use super::load::{Plan, Scenario};
use super::recording::Recording;

/// What the load on one server came to.
#[derive(Debug)]
pub(super) struct LoadReport {
    plan: Plan,
    recording: Recording,
    names: &'static [&'static str],
    latency_us_all: Histogram<u64>,
}

impl LoadReport {
    /// The report of a finished load of scenario `S`.
    ///
    /// # Errors
    /// The histograms do not fit together, which one scenario rules out.
    pub(super) fn new<S: Scenario>(plan: Plan, recording: Recording) -> Result<Self> {
        let latency_us_all = recording.latency_us_all()?;
        Ok(Self { plan, recording, names: S::KINDS, latency_us_all })
    }

    /// Requests without the right answer.
    pub(super) fn errors(&self) -> u64 {
        self.recording.errors
    }

    /// Right answers within the measured time.
    pub(super) fn requests(&self) -> u64 {
        self.recording.kinds.iter().map(|kind| kind.completed).sum()
    }

    /// To one decimal place, which is more than two runs ever agree on.
    fn per_second(&self, count: u64) -> f64 {
        rounded(count as f64 / self.plan.measured.as_secs_f64(), 10.0)
    }

    fn requests_per_second(&self) -> f64 {
        self.per_second(self.requests())
    }

    fn json(&self) -> Map<String, Value> {
        let messages = self.recording.messages.iter();
        let messages: Vec<Value> = messages
            .map(|(message, count)| json!({ "message": message, "count": count }))
            .collect();
        Map::from_iter([
            ("requests".to_owned(), json!(self.requests())),
            ("requests_per_second".to_owned(), json!(self.requests_per_second())),
            ("errors".to_owned(), json!(self.errors())),
            ("error_messages".to_owned(), Value::from(messages)),
            ("reconnects".to_owned(), json!(self.recording.reconnects)),
            ("latency_us".to_owned(), latency_us_json(&self.latency_us_all)),
        ])
    }

    fn kinds_json(&self) -> Map<String, Value> {
        let kinds = self.names.iter().zip(&self.recording.kinds);
        kinds
            .map(|(name, kind)| {
                let value = json!({
                    "requests": kind.completed,
                    "requests_per_second": self.per_second(kind.completed),
                    "latency_us": latency_us_json(&kind.latency_us),
                });
                ((*name).to_owned(), value)
            })
            .collect()
    }
}

/// The whole run: the load on the server and, unless it was left out, the load on the echo.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) scenario: String,
    pub(super) url: String,
    /// What the scenario gets done, for example `payments`, and the kind of request that ends one.
    pub(super) operation: (&'static str, usize),
    pub(super) load: LoadReport,
    pub(super) findings: Findings,
    pub(super) ceiling: Option<LoadReport>,
}

impl Report {
    /// Requests without the right answer, those of the echo too.
    pub(super) fn errors(&self) -> u64 {
        self.load.errors() + self.ceiling.as_ref().map_or(0, LoadReport::errors)
    }

    /// What the server reaches of the echo's requests per second; 1 is all of it.
    pub(super) fn ratio(&self) -> Option<f64> {
        let ceiling = self.ceiling.as_ref()?.requests_per_second();
        (ceiling > 0.0).then(|| rounded(self.load.requests_per_second() / ceiling, 10_000.0))
    }

    fn operations(&self) -> u64 {
        self.load.recording.kinds[self.operation.1].completed
    }

    /// One object; every number that has a unit has it in its key.
    pub(super) fn json(&self) -> Value {
        let plan = self.load.plan;
        let (operation, _) = self.operation;
        let mut object = self.load.json();
        object.insert("scenario".to_owned(), json!(self.scenario));
        object.insert("url".to_owned(), json!(self.url));
        object.insert("connections".to_owned(), json!(plan.connections));
        object.insert("rate_per_second".to_owned(), json!(plan.rate));
        object.insert("seconds".to_owned(), json!(plan.measured.as_secs()));
        object.insert("warmup_seconds".to_owned(), json!(plan.warmup.as_secs()));
        object.insert(operation.to_owned(), json!(self.operations()));
        let per_second = self.load.per_second(self.operations());
        object.insert(format!("{operation}_per_second"), json!(per_second));
        object.insert("kinds".to_owned(), Value::Object(self.load.kinds_json()));
        for Figure { key, value, .. } in &self.findings.figures {
            object.insert((*key).to_owned(), value.clone());
        }
        for found in &self.findings.latencies {
            let mut latency = latency_us_json(&found.latency_us);
            latency["count"] = json!(found.latency_us.len());
            object.insert(found.key.to_owned(), latency);
        }
        let ceiling = self.ceiling.as_ref().map(LoadReport::json);
        object.insert("ceiling".to_owned(), ceiling.map_or(Value::Null, Value::Object));
        object.insert("ratio".to_owned(), json!(self.ratio()));
        Value::Object(object)
    }
}

fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

fn latency_us_json(histogram: &Histogram<u64>) -> Value {
    json!({
        "p50": histogram.value_at_quantile(0.5),
        "p90": histogram.value_at_quantile(0.9),
        "p99": histogram.value_at_quantile(0.99),
        "p99_9": histogram.value_at_quantile(0.999),
        "max": histogram.max(),
    })
}

/// The table.
impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let plan = self.load.plan;
        let (operation, _) = self.operation;
        writeln!(
            f,
            "{} at {}: {} connections, {}{} s measured after {} s of warm-up\n",
            self.scenario,
            self.url,
            plan.connections,
            plan.rate.map(|rate| format!("{rate} requests/s, ")).unwrap_or_default(),
            plan.measured.as_secs(),
            plan.warmup.as_secs(),
        )?;
        let rate = |count| Grouped(self.load.per_second(count));
        write_figure(f, "requests/s", rate(self.load.requests()))?;
        write_figure(f, &format!("{operation}/s"), rate(self.operations()))?;
        write_figure(f, "errors", self.load.errors())?;
        if self.load.recording.reconnects > 0 {
            write_figure(f, "reconnects", self.load.recording.reconnects)?;
        }
        if let Some(ceiling) = &self.ceiling {
            let per_second = Grouped(ceiling.requests_per_second()).to_string();
            writeln!(f, "{:14}{per_second:>14} requests/s of a bare JSON echo", "ceiling")?;
        }
        if let Some(ratio) = self.ratio() {
            writeln!(f, "{:14}{:>12.1} % of the ceiling", "ratio", ratio * 100.0)?;
        }
        for Figure { name, value, unit, .. } in &self.findings.figures {
            writeln!(f, "{name:14}{:>14} {unit}", value.to_string())?;
        }
        writeln!(f)?;
        self.write_latencies(f)?;
        self.write_messages(f)
    }
}

impl Report {
    fn write_latencies(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:18}{:>10}{:>10}{:>10}{:>10}{:>10}{:>14}",
            "latency, ms", "p50", "p90", "p99", "p99.9", "max", "requests"
        )?;
        for (name, kind) in self.load.names.iter().zip(&self.load.recording.kinds) {
            write_latency(f, name, &kind.latency_us)?;
        }
        write_latency(f, "all", &self.load.latency_us_all)?;
        for found in &self.findings.latencies {
            write_latency(f, found.name, &found.latency_us)?;
        }
        if let Some(ceiling) = &self.ceiling {
            write_latency(f, "echo", &ceiling.latency_us_all)?;
        }
        Ok(())
    }

    fn write_messages(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let ceiling = self.ceiling.as_ref().map(|ceiling| ("echo", ceiling));
        for (name, load) in [(&*self.scenario, &self.load)].into_iter().chain(ceiling) {
            if load.errors() == 0 {
                continue;
            }
            writeln!(f, "\nthe first different errors of {name}:")?;
            for (message, count) in &load.recording.messages {
                writeln!(f, "{count:>12} × {message}")?;
            }
        }
        Ok(())
    }
}

fn write_figure(f: &mut Formatter<'_>, name: &str, value: impl Display) -> fmt::Result {
    writeln!(f, "{name:14}{:>14}", value.to_string())
}

fn write_latency(f: &mut Formatter<'_>, name: &str, us: &Histogram<u64>) -> fmt::Result {
    write!(f, "{name:18}")?;
    for micros in
        [0.5, 0.9, 0.99, 0.999].map(|q| us.value_at_quantile(q)).into_iter().chain([us.max()])
    {
        write!(f, "{:>6}.{:03}", micros / 1000, micros % 1000)?;
    }
    writeln!(f, "{:>14}", us.len())
}

/// A rate as a whole number with its thousands apart.
struct Grouped(f64);

impl Display for Grouped {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let digits = format!("{:.0}", self.0);
        let mut text = String::with_capacity(digits.len() * 2);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index) % 3 == 0 {
                text.push(' ');
            }
            text.push(digit);
        }
        f.write_str(&text)
    }
}
