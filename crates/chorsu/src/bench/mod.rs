//! `chorsu bench`: a load generator over keep-alive HTTP/1.1 that checks every answer.
//!
//! One run prepares the scenario on the server, measures a bare JSON echo as the ceiling of this
//! machine, then the scenario, with the same generator. It talks to the server as any client
//! does: nothing here may know the store, the core or the configuration of the server.
//!
//! A further scenario is a file with a [`load::Scenario`] and a [`load::Worker`], a name in
//! [`args::ScenarioName`], and a line in [`measure`].

mod answer;
mod answer_bank;
mod answer_till;
mod args;
mod bank_partner;
mod caller;
mod connection;
mod echo;
mod findings;
mod link;
mod load;
mod pace;
mod progress;
mod provider_share;
mod recording;
mod report;
mod scenario_orders;
mod scenario_receipts;
mod scenario_statement;
mod scenario_till;
mod settling;
mod target;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use bytes::Bytes;
use clap::ValueEnum;

pub(crate) use args::BenchArgs;
pub(crate) use echo::run_echo;

use args::ScenarioName;
use connection::Connection;
use echo::{EchoProcess, EchoScenario};
use load::{Plan, Scenario};
use progress::{Counters, Progress};
use recording::Recording;
use report::{LoadReport, Report};
use scenario_orders::OrdersScenario;
use scenario_receipts::{Credentials, ReceiptsScenario};
use scenario_statement::StatementScenario;
use scenario_till::TillScenario;
use target::Target;

/// How long the server may take to say whether it is ready.
const READINESS_WAIT: Duration = Duration::from_secs(5);

/// Runs `chorsu bench` and prints its report.
///
/// # Errors
/// The server is not reached, not ready, or refuses the set-up; or any answer was not the right
/// one, which the report, printed before, shows.
pub(crate) fn run(args: BenchArgs) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    let report = runtime.block_on(measure(&args))?;
    let mut stdout = std::io::stdout().lock();
    if args.json {
        writeln!(stdout, "{:#}", report.json())?;
    } else {
        write!(stdout, "{report}")?;
    }
    stdout.flush()?;
    match report.errors() {
        0 => Ok(()),
        errors => Err(anyhow!("{errors} requests did not get the right answer")),
    }
}

/// Prepares, measures the ceiling, measures the scenario.
async fn measure(args: &BenchArgs) -> Result<Report> {
    let target = Arc::new(Target::parse(&args.url)?);
    check_ready(&target).await?;
    let credentials = Credentials { kassa: &args.kassa, key: &args.key };
    match args.scenario {
        ScenarioName::Receipts => {
            let scenario = ReceiptsScenario::prepare(&target, credentials).await?;
            measure_scenario(args, target, &scenario).await
        }
        ScenarioName::Till => {
            let scenario = TillScenario::prepare(&target).await?;
            measure_scenario(args, target, &scenario).await
        }
        ScenarioName::Orders => {
            let scenario = OrdersScenario::prepare(&target, args.login()).await?;
            measure_scenario(args, target, &scenario).await
        }
        ScenarioName::Statement => {
            let scenario = StatementScenario::prepare(&target, args.login()).await?;
            measure_scenario(args, target, &scenario).await
        }
    }
}

/// Asks `/healthz` once. A server without such a path may be measured as well.
async fn check_ready(target: &Target) -> Result<()> {
    let answer = async {
        let mut connection = Connection::open(target).await?;
        connection.exchange(&target.get("/healthz"), Bytes::new()).await
    };
    let url = &target.url;
    match tokio::time::timeout(READINESS_WAIT, answer).await {
        Ok(Ok(answer)) if answer.status.is_server_error() => bail!(
            "the server at {url} is not ready: /healthz gives HTTP status {}\n\n\
             Hint: wait until it is, its log says what for",
            answer.status
        ),
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) if error.is_refused() => bail!(
            "nobody listens at {url}\n\n\
             Hint: start a server with `chorsu serve`, or give another address with --url"
        ),
        Ok(Err(error)) => Err(error).with_context(|| format!("cannot use the server at {url}")),
        Err(_elapsed) => bail!(
            "the server at {url} did not answer in {} s\n\n\
             Hint: is it a server of HTTP/1.1, and not under another load?",
            READINESS_WAIT.as_secs()
        ),
    }
}

async fn measure_scenario<S: Scenario>(
    args: &BenchArgs,
    target: Arc<Target>,
    scenario: &S,
) -> Result<Report> {
    let name = scenario_name(args.scenario);
    let plan = args.plan();
    // A load of a fixed rate does not try how much there is.
    let has_ceiling = !args.no_ceiling && plan.rate.is_none();
    let ceiling = if has_ceiling { Some(measure_ceiling(plan).await?) } else { None };
    let url = target.url.clone();
    let (mut recording, answers) = record_load(&name, target, scenario, plan).await?;
    let findings = scenario.finish(&mut recording, answers).await?;
    let load = LoadReport::new::<S>(plan, recording)?;
    Ok(Report { scenario: name, url, operation: S::OPERATION, load, findings, ceiling })
}

/// The load on the echo, which runs in a process of its own as long as this takes.
async fn measure_ceiling(plan: Plan) -> Result<LoadReport> {
    let process = EchoProcess::start()?;
    let target = Arc::new(Target::parse(&format!("http://{}", process.address))?);
    let scenario = EchoScenario::new(&target);
    let (recording, _) = record_load("ceiling", target, &scenario, plan).await?;
    LoadReport::new::<EchoScenario>(plan, recording)
}

/// The record of a load, and how many right answers there were in all of it.
async fn record_load<S: Scenario>(
    name: &str,
    target: Arc<Target>,
    scenario: &S,
    plan: Plan,
) -> Result<(Recording, u64)> {
    let counters = Arc::new(Counters::default());
    let progress = Progress::start(name.to_owned(), plan.length(), Arc::clone(&counters))?;
    let recording = load::run(&target, scenario, plan, &counters).await?;
    drop(progress);
    Ok((recording, counters.answers()))
}

/// The name of a scenario as it is given on the command line.
fn scenario_name(scenario: ScenarioName) -> String {
    scenario.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}
