//! `/sandbox/providers/…`, `/sandbox/tills/…` and `/sandbox/pauses`: the controls of the played
//! wallets, pinpads and fiscal modules, in JSON.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use chorsu_core::Wallet;
use chorsu_sandbox::fiscal_module::{
    FiscalFaultRule, FiscalModuleChange, FiscalModuleView, FiscalReceiptView,
};
use chorsu_sandbox::pinpad::{PinpadCard, PinpadFaultRule, PinpadFilesError, PinpadJournal};
use chorsu_sandbox::{
    Conduct, WalletCallTimes, WalletFaultRule, WalletPayment, WalletTotals, WalletTransaction,
    issue_code,
};
use serde::{Deserialize, Serialize};

use super::sandbox::{ListQuery, Problem, not_found, sandbox};
use crate::app::App;
use crate::ids;
use crate::sandbox::pause::Halt;
use crate::till::module_watch;

/// Calls on a page of a wallet's times.
const TIMES_MAX: usize = 10_000;

/// The routes, to be put under `/sandbox`.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/providers", get(providers))
        .route("/providers/{wallet}", get(provider).patch(change_provider))
        .route("/providers/{wallet}/codes", post(issue))
        .route("/providers/{wallet}/faults", post(add_fault).delete(clear_faults))
        .route("/providers/{wallet}/payments", get(payments))
        .route("/providers/{wallet}/times", get(times))
        .route("/providers/{wallet}/transactions/{id}", get(transaction))
        .route("/tills/{till}/fiscal", get(module).patch(change_module))
        .route("/tills/{till}/fiscal/receipts", get(receipts))
        .route("/fiscal/faults", post(add_fiscal_fault).delete(clear_fiscal_faults))
        .route("/tills/{till}/pinpad", get(journal))
        .route("/tills/{till}/pinpad/card", post(put_card))
        .route("/tills/{till}/pinpad/faults", post(add_pinpad_fault).delete(clear_pinpad_faults))
        .route("/pauses", get(pauses).post(hold).delete(clear_pauses))
}

fn find_wallet(name: &str) -> Result<Wallet, Problem> {
    Wallet::from_name(name).ok_or_else(|| not_found("the wallets are click, payme and uzum"))
}

/// A played wallet.
#[derive(Serialize)]
struct ProviderView {
    provider: &'static str,
    base_url: String,
    latency_ms: u64,
    faults: Vec<WalletFaultRule>,
    totals: WalletTotals,
}

async fn view(app: &App, wallet: Wallet) -> Result<ProviderView, Problem> {
    let world = sandbox(app)?.world.wallets();
    let controls = world.controls(wallet);
    Ok(ProviderView {
        provider: wallet.name(),
        base_url: world.base_url(wallet),
        latency_ms: controls.latency_ms(),
        faults: controls.faults(),
        totals: world.totals(wallet).await?,
    })
}

async fn providers(State(app): State<Arc<App>>) -> Result<Json<Vec<ProviderView>>, Problem> {
    let mut views = Vec::new();
    for wallet in Wallet::ALL {
        views.push(view(&app, wallet).await?);
    }
    Ok(Json(views))
}

async fn provider(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
) -> Result<Json<ProviderView>, Problem> {
    Ok(Json(view(&app, find_wallet(&name)?).await?))
}

/// What can be changed of a played wallet.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderChange {
    latency_ms: u64,
}

async fn change_provider(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    Json(change): Json<ProviderChange>,
) -> Result<Json<ProviderView>, Problem> {
    let wallet = find_wallet(&name)?;
    sandbox(&app)?.world.wallets().controls(wallet).set_latency_ms(change.latency_ms);
    Ok(Json(view(&app, wallet).await?))
}

/// How the customer of a new code behaves.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Issue {
    /// The three digits that say so, as 001; a good customer when absent.
    ending: Option<String>,
}

/// A code to scan.
#[derive(Serialize)]
struct Code {
    provider: &'static str,
    qr_code: String,
}

/// Hands out a one-time code, as a customer's telephone shows it.
async fn issue(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    issue: Option<Json<Issue>>,
) -> Result<Json<Code>, Problem> {
    sandbox(&app)?;
    let wallet = find_wallet(&name)?;
    let ending = issue.and_then(|Json(issue)| issue.ending);
    let conduct = match &ending {
        None => Conduct::Good,
        Some(ending) => Conduct::ALL
            .into_iter()
            .find(|conduct| conduct.ending() == Some(ending.as_str()))
            .ok_or_else(|| not_found("no customer has a code of this ending"))?,
    };
    let mut random = [0; 16];
    ids::fill(&mut random);
    let qr_code = issue_code(wallet, conduct, random);
    Ok(Json(Code { provider: wallet.name(), qr_code }))
}

async fn add_fault(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    Json(rule): Json<WalletFaultRule>,
) -> Result<Json<ProviderView>, Problem> {
    let wallet = find_wallet(&name)?;
    if !sandbox(&app)?.world.wallets().controls(wallet).add_fault(rule) {
        return Err(too_many());
    }
    Ok(Json(view(&app, wallet).await?))
}

fn too_many() -> Problem {
    Problem(StatusCode::CONFLICT, "there are too many faults already".to_owned())
}

async fn clear_faults(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
) -> Result<Json<ProviderView>, Problem> {
    let wallet = find_wallet(&name)?;
    sandbox(&app)?.world.wallets().controls(wallet).clear_faults();
    Ok(Json(view(&app, wallet).await?))
}

async fn payments(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Vec<WalletPayment>>, Problem> {
    let wallet = find_wallet(&name)?;
    Ok(Json(sandbox(&app)?.world.wallets().payments(wallet, query.limit()).await?))
}

/// Which calls of a wallet are asked for.
#[derive(Deserialize)]
struct TimesQuery {
    /// Those behind this number.
    #[serde(default)]
    after: u64,
}

/// How long a wallet has worked on its latest calls, a page of them.
async fn times(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    Query(query): Query<TimesQuery>,
) -> Result<Json<WalletCallTimes>, Problem> {
    let wallet = find_wallet(&name)?;
    Ok(Json(sandbox(&app)?.world.wallets().call_times(wallet, query.after, TIMES_MAX)))
}

/// What a wallet's book says about one of our payments; empty when it never saw it.
async fn transaction(
    State(app): State<Arc<App>>,
    Path((name, id)): Path<(String, String)>,
) -> Result<Json<Option<WalletTransaction>>, Problem> {
    let wallet = find_wallet(&name)?;
    Ok(Json(sandbox(&app)?.world.wallets().transaction(wallet, &id).await?))
}

fn no_module() -> Problem {
    not_found("no fiscal module has such an id")
}

async fn module(
    State(app): State<Arc<App>>,
    Path(till): Path<String>,
) -> Result<Json<FiscalModuleView>, Problem> {
    let view = sandbox(&app)?.world.fiscal().module(&till).await?;
    view.map(Json).ok_or_else(no_module)
}

async fn change_module(
    State(app): State<Arc<App>>,
    Path(till): Path<String>,
    Json(change): Json<FiscalModuleChange>,
) -> Result<Json<FiscalModuleView>, Problem> {
    let view = sandbox(&app)?.world.fiscal().change(&till, change).await?;
    // Its till knows at once.
    if let Some(till) = app.tills.find(&till) {
        module_watch::look(&till).await;
    }
    view.map(Json).ok_or_else(no_module)
}

async fn receipts(
    State(app): State<Arc<App>>,
    Path(till): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Vec<FiscalReceiptView>>, Problem> {
    Ok(Json(sandbox(&app)?.world.fiscal().receipts(&till, query.limit()).await?))
}

async fn add_fiscal_fault(
    State(app): State<Arc<App>>,
    Json(rule): Json<FiscalFaultRule>,
) -> Result<Json<Vec<FiscalFaultRule>>, Problem> {
    let controls = sandbox(&app)?.world.fiscal().controls();
    if !controls.add_fault(rule) {
        return Err(too_many());
    }
    Ok(Json(controls.faults()))
}

async fn clear_fiscal_faults(State(app): State<Arc<App>>) -> Result<StatusCode, Problem> {
    sandbox(&app)?.world.fiscal().controls().clear_faults();
    Ok(StatusCode::NO_CONTENT)
}

/// Lets `work` use a played pinpad; it waits for files.
async fn at_pinpad<T: Send + 'static>(
    app: &App,
    till: &str,
    work: impl FnOnce(chorsu_sandbox::pinpad::PlayedPinpad) -> Result<T, PinpadFilesError>
    + Send
    + 'static,
) -> Result<T, Problem> {
    if !crate::till::config::is_name(till) {
        return Err(not_found("no till has such a name"));
    }
    let pinpad = sandbox(app)?.pinpad(till);
    let result = tokio::task::spawn_blocking(move || work(pinpad)).await;
    let failed = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "the played pinpad failed");
        Problem(StatusCode::INTERNAL_SERVER_ERROR, "the played pinpad failed".to_owned())
    };
    result.map_err(|error| failed(&error))?.map_err(|error| failed(&error))
}

async fn journal(
    State(app): State<Arc<App>>,
    Path(till): Path<String>,
) -> Result<Json<PinpadJournal>, Problem> {
    at_pinpad(&app, &till, |pinpad| pinpad.journal()).await.map(Json)
}

async fn put_card(
    State(app): State<Arc<App>>,
    Path(till): Path<String>,
    Json(card): Json<PinpadCard>,
) -> Result<StatusCode, Problem> {
    at_pinpad(&app, &till, move |pinpad| pinpad.put_card(card)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn add_pinpad_fault(
    State(app): State<Arc<App>>,
    Path(till): Path<String>,
    Json(rule): Json<PinpadFaultRule>,
) -> Result<StatusCode, Problem> {
    match at_pinpad(&app, &till, move |pinpad| pinpad.add_fault(rule)).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(too_many()),
    }
}

async fn clear_pinpad_faults(
    State(app): State<Arc<App>>,
    Path(till): Path<String>,
) -> Result<StatusCode, Problem> {
    at_pinpad(&app, &till, |pinpad| pinpad.clear_faults()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn pauses(State(app): State<Arc<App>>) -> Result<Json<BTreeMap<String, u64>>, Problem> {
    Ok(Json(sandbox(&app)?.pauses.halted()))
}

/// Where to hold payments still, or to break them off.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hold {
    place: String,
    #[serde(default)]
    panic: bool,
}

async fn hold(
    State(app): State<Arc<App>>,
    Json(hold): Json<Hold>,
) -> Result<Json<BTreeMap<String, u64>>, Problem> {
    let pauses = &sandbox(&app)?.pauses;
    pauses.halt(hold.place, if hold.panic { Halt::Panic } else { Halt::Hold });
    Ok(Json(pauses.halted()))
}

async fn clear_pauses(State(app): State<Arc<App>>) -> Result<StatusCode, Problem> {
    sandbox(&app)?.pauses.clear();
    Ok(StatusCode::NO_CONTENT)
}
