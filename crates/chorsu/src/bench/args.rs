//! The options of `chorsu bench`, as clap reads them. Nothing here measures anything.

use std::time::Duration;

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum, value_parser};

use super::bank_partner::Login;
use super::load::Plan;

/// The demo kassa of sandbox mode and its key; neither opens anything outside a sandbox.
const KASSA_DEMO: &str = "100fe486b33784292111b7dc";
const KEY_DEMO: &str = "Rw712wMJspZBczFvrG09?bHkSNxnD4PY0n1C";

/// The demo partner of sandbox mode, its password and one of its services.
const PARTNER_DEMO: &str = "gray";
const PASSWORD_DEMO: &str = "p@ssw0rd";
const SERVICE_DEMO: u32 = 2;

/// How long the answers still under way at the end are waited for. The slowest test card of the
/// sandbox takes 10 seconds.
const PATIENCE: Duration = Duration::from_secs(15);

const EXAMPLES: &str = "\
Examples:
  chorsu bench
      64 connections for 10 seconds against the server on this machine
  chorsu bench --connections 256 --seconds 30 --json > bench.json
      the same load, wider and longer, with the report as one JSON object
  chorsu bench --scenario till --rate 500
      500 payments at the till each second, and how much of their time is Chorsu's own
  chorsu bench --scenario orders, then chorsu bench --scenario statement --connections 4
      payment orders, then pages of the statement that they make
  chorsu bench --url http://10.0.0.5:8080 --no-ceiling
      another machine, without measuring the echo on this one

The exit status is 0 only when every answer was the right one.";

/// Measure a running server: requests per second, latency percentiles, and the share of what
/// a bare JSON echo reaches on this machine
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct BenchArgs {
    /// Where the server listens: scheme, host and port
    #[arg(long, env = "CHORSU_BENCH_URL", default_value = "http://127.0.0.1:8080")]
    pub(crate) url: String,

    /// What every connection does, over and over
    #[arg(long, env = "CHORSU_BENCH_SCENARIO", value_enum)]
    #[arg(default_value_t = ScenarioName::Receipts)]
    pub(crate) scenario: ScenarioName,

    /// How many keep-alive connections work at the same time, each with one request in flight
    #[arg(long, env = "CHORSU_BENCH_CONNECTIONS", default_value_t = 64)]
    #[arg(value_parser = value_parser!(u16).range(1..=10_000))]
    pub(crate) connections: u16,

    /// Send so many requests each second, whether or not earlier ones are answered; latencies
    /// count from when a request was due. Without it every connection sends its next request
    /// when the last one is answered. There is no ceiling at a fixed rate
    #[arg(long, env = "CHORSU_BENCH_RATE")]
    #[arg(value_parser = value_parser!(u32).range(1..=1_000_000))]
    pub(crate) rate: Option<u32>,

    /// How many seconds are measured
    #[arg(long, env = "CHORSU_BENCH_SECONDS", default_value_t = 10)]
    #[arg(value_parser = value_parser!(u32).range(1..=86_400))]
    pub(crate) seconds: u32,

    /// How many seconds of load pass before the measured ones
    #[arg(long, env = "CHORSU_BENCH_WARMUP_SECONDS", default_value_t = 1)]
    #[arg(value_parser = value_parser!(u32).range(0..=3_600))]
    pub(crate) warmup_seconds: u32,

    /// Leave out the echo, and with it the ceiling and the ratio
    #[arg(long, env = "CHORSU_BENCH_NO_CEILING", value_parser = FalseyValueParser::new())]
    pub(crate) no_ceiling: bool,

    /// Print the report as one JSON object instead of a table
    #[arg(long, env = "CHORSU_BENCH_JSON", value_parser = FalseyValueParser::new())]
    pub(crate) json: bool,

    /// The kassa (cash desk) that creates the receipts; scenario receipts
    #[arg(long, env = "CHORSU_BENCH_KASSA", default_value = KASSA_DEMO)]
    pub(crate) kassa: String,

    /// The key of that kassa
    #[arg(long, env = "CHORSU_BENCH_KEY", default_value = KEY_DEMO, hide_env_values = true)]
    pub(crate) key: String,

    /// The partner of the bank; scenarios orders and statement
    #[arg(long, env = "CHORSU_BENCH_PARTNER", default_value = PARTNER_DEMO)]
    pub(crate) partner: String,

    /// The password of that partner
    #[arg(long, env = "CHORSU_BENCH_PASSWORD", default_value = PASSWORD_DEMO)]
    #[arg(hide_env_values = true)]
    pub(crate) password: String,

    /// The partner's service whose money is paid out, or whose statement is read
    #[arg(long, env = "CHORSU_BENCH_SERVICE", default_value_t = SERVICE_DEMO)]
    pub(crate) service: u32,
}

/// The scenarios there are; clap refuses any other name.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum ScenarioName {
    /// `receipts.create`, then `receipts.pay` with a verified card (Subscribe API)
    Receipts,
    /// `/payment/click` with a fresh code each time (till API); the sandbox's Click is charged
    Till,
    /// `/api/v2/payment` (bank API), and how long the settling behind takes
    Orders,
    /// Pages of a service's statement: whole ones all over it, of one day, of income (bank API)
    Statement,
}

impl BenchArgs {
    /// Who orders.
    pub(super) fn login(&self) -> Login<'_> {
        let Self { partner, password, service, .. } = self;
        Login { username: partner, password, service: *service }
    }

    /// The load these options ask for, the same for the echo and for the scenario.
    pub(super) fn plan(&self) -> Plan {
        Plan {
            connections: usize::from(self.connections),
            rate: self.rate,
            warmup: Duration::from_secs(self.warmup_seconds.into()),
            measured: Duration::from_secs(self.seconds.into()),
            patience: PATIENCE,
        }
    }
}
