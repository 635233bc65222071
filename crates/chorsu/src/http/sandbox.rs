//! `/sandbox/…`: the controls of the played counterparties, in JSON; their page is beside them.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chorsu_core::{Network, Pan};
use chorsu_sandbox::{
    BookError, CardChange, CardView, ControlError, FaultRule, OperationView, Sms, TotalsView,
};
use serde::{Deserialize, Serialize};

use super::sandbox_page;
use crate::app::App;
use crate::sandbox::Sandbox;

/// The largest request.
const BODY_MAX: usize = 64 * 1024;
/// Rows of a list unless the caller asks for another number.
const LIST_DEFAULT: usize = 50;
/// Rows of a list at most.
const LIST_MAX: usize = 1_000;

/// The routes, to be put under `/sandbox`.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/sms", get(inbox).post(receive_sms))
        .route("/clock", get(clock).post(turn_clock))
        .route("/cards/{number}", get(card).patch(change_card))
        .route("/networks", get(networks))
        .route("/networks/{network}", get(network).patch(change_network))
        .route("/networks/{network}/operations", get(operations))
        .route("/networks/{network}/faults", post(add_fault).delete(clear_faults))
        .merge(super::sandbox_bank::routes())
        .merge(super::sandbox_till::routes())
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .merge(sandbox_page::routes())
}

/// A request to the sandbox that cannot be carried out.
pub(super) struct Problem(pub(super) StatusCode, pub(super) String);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.0, Json(serde_json::json!({ "error": self.1 }))).into_response()
    }
}

impl From<ControlError> for Problem {
    fn from(error: ControlError) -> Self {
        match error {
            ControlError::NoSuchCard => not_found("no card network here has such a card"),
            ControlError::Book(error) => error.into(),
        }
    }
}

impl From<BookError> for Problem {
    fn from(error: BookError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "the sandbox's book failed");
        Self(StatusCode::INTERNAL_SERVER_ERROR, "the sandbox's book failed".to_owned())
    }
}

pub(super) fn not_found(what: &str) -> Problem {
    Problem(StatusCode::NOT_FOUND, what.to_owned())
}

pub(super) fn sandbox(app: &App) -> Result<&Sandbox, Problem> {
    app.sandbox.as_ref().ok_or_else(|| not_found("this is not a sandbox"))
}

fn find_network(name: &str) -> Result<Network, Problem> {
    Network::from_name(name).ok_or_else(|| not_found("the networks are uzcard and humo"))
}

/// How much of a list.
#[derive(Deserialize)]
pub(super) struct ListQuery {
    limit: Option<usize>,
    to: Option<String>,
}

impl ListQuery {
    pub(super) fn limit(&self) -> usize {
        self.limit.unwrap_or(LIST_DEFAULT).min(LIST_MAX)
    }
}

/// The inbox, newest first.
async fn inbox(
    State(app): State<Arc<App>>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Vec<Sms>>, Problem> {
    let limit = query.limit();
    Ok(Json(sandbox(&app)?.world.sms().newest(limit, query.to).await?))
}

/// A message as the SMS connector sends it.
#[derive(Deserialize)]
struct Message {
    to: String,
    text: String,
}

/// The played SMS gateway.
async fn receive_sms(
    State(app): State<Arc<App>>,
    Json(message): Json<Message>,
) -> Result<StatusCode, Problem> {
    let inbox = sandbox(&app)?.world.sms();
    inbox.deliver(message.to, message.text, app.clock.now()).await?;
    Ok(StatusCode::ACCEPTED)
}

/// The time of the sandbox.
#[derive(Serialize)]
struct ClockView {
    now_ms: i64,
    ahead_ms: i64,
}

async fn clock(State(app): State<Arc<App>>) -> Json<ClockView> {
    Json(ClockView { now_ms: app.clock.now().0, ahead_ms: app.clock.offset() })
}

/// How far to turn the clock forward; the parts add up.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Turn {
    #[serde(default)]
    advance_ms: u64,
    #[serde(default)]
    advance_days: u32,
}

async fn turn_clock(
    State(app): State<Arc<App>>,
    Json(turn): Json<Turn>,
) -> Result<Json<ClockView>, Problem> {
    let days = i64::from(turn.advance_days).saturating_mul(chorsu_core::time::DAY_MS);
    let forward = i64::try_from(turn.advance_ms).unwrap_or(i64::MAX).saturating_add(days);
    sandbox(&app)?.advance_clock(&app, forward).await.map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "the clock was not stored");
        Problem(StatusCode::INTERNAL_SERVER_ERROR, "the clock was not stored".to_owned())
    })?;
    Ok(clock(State(app)).await)
}

fn pan(number: &str) -> Result<Pan, Problem> {
    Pan::parse(number).ok_or_else(|| not_found("a card number has 16 digits"))
}

async fn card(
    State(app): State<Arc<App>>,
    Path(number): Path<String>,
) -> Result<Json<CardView>, Problem> {
    Ok(Json(sandbox(&app)?.world.card(&pan(&number)?).await?))
}

async fn change_card(
    State(app): State<Arc<App>>,
    Path(number): Path<String>,
    Json(change): Json<CardChange>,
) -> Result<Json<CardView>, Problem> {
    Ok(Json(sandbox(&app)?.world.change_card(&pan(&number)?, change).await?))
}

/// A played network.
#[derive(Serialize)]
struct NetworkView {
    network: &'static str,
    address: String,
    latency_ms: u64,
    faults: Vec<FaultRule>,
    totals: TotalsView,
}

async fn view(app: &App, network: Network) -> Result<NetworkView, Problem> {
    let world = &sandbox(app)?.world;
    let controls = world.controls(network);
    Ok(NetworkView {
        network: network.name(),
        address: world.address(network).to_string(),
        latency_ms: controls.latency_ms(),
        faults: controls.faults(),
        totals: world.totals(network).await?,
    })
}

async fn networks(State(app): State<Arc<App>>) -> Result<Json<Vec<NetworkView>>, Problem> {
    let mut views = Vec::new();
    for network in Network::ALL {
        views.push(view(&app, network).await?);
    }
    Ok(Json(views))
}

async fn network(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
) -> Result<Json<NetworkView>, Problem> {
    Ok(Json(view(&app, find_network(&name)?).await?))
}

/// What can be changed of a played network.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworkChange {
    latency_ms: u64,
}

async fn change_network(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    Json(change): Json<NetworkChange>,
) -> Result<Json<NetworkView>, Problem> {
    let network = find_network(&name)?;
    sandbox(&app)?.world.controls(network).set_latency_ms(change.latency_ms);
    Ok(Json(view(&app, network).await?))
}

async fn operations(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Vec<OperationView>>, Problem> {
    let network = find_network(&name)?;
    Ok(Json(sandbox(&app)?.world.operations(network, query.limit()).await?))
}

async fn add_fault(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    Json(rule): Json<FaultRule>,
) -> Result<Json<NetworkView>, Problem> {
    let network = find_network(&name)?;
    if !sandbox(&app)?.world.controls(network).add_fault(rule) {
        return Err(Problem(StatusCode::CONFLICT, "there are too many faults already".to_owned()));
    }
    Ok(Json(view(&app, network).await?))
}

async fn clear_faults(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
) -> Result<Json<NetworkView>, Problem> {
    let network = find_network(&name)?;
    sandbox(&app)?.world.controls(network).clear_faults();
    Ok(Json(view(&app, network).await?))
}
