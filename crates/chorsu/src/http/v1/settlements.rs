//! `/v1/settlements…`: computing, looking, sending, giving up, sending refused shares anew.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chorsu_api::bank::Method;
use chorsu_core::bank::{BankDay, OrderKind};
use chorsu_core::settlement::{Settlement, SettlementState};
use chorsu_core::{DocumentId, KassaId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Caller, Problem};
use crate::app::App;
use crate::bank::requisites;
use crate::settlement::chain::{self, Computed};
use crate::settlement::payee::Payee;
use crate::settlement::rule::RuleBook;
use crate::settlement::{SettlementError, report, send as sending};

/// Settlements on a page, and the most a caller can ask for.
const PAGE: u32 = 50;
const PAGE_MAX: u32 = 500;
/// Merchants that are named in one request at most.
const MERCHANTS_MAX: usize = 10_000;

/// Which settlements.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    merchant: Option<String>,
    before: Option<String>,
    limit: Option<u32>,
}

/// The newest settlements of the partner's merchants, or of one of them.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Query(which): Query<Which>,
    caller: Caller,
) -> Result<Response, Problem> {
    let mut merchants = caller.merchants(&app).await?;
    if let Some(text) = &which.merchant {
        let wanted: KassaId = text.parse().map_err(|_| Problem::bad("merchant is no id"))?;
        merchants.retain(|merchant| *merchant == wanted);
    }
    let before = which.before.as_deref().map(str::parse).transpose();
    let before: Option<DocumentId> = before.map_err(|_| Problem::bad("before is no id"))?;
    let limit = which.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    let found = report::newest(&app, &merchants, before, limit).await?;
    let mut views = Vec::with_capacity(found.len());
    for settlement in found.iter().filter(|one| one.partner == caller.0.id) {
        views.push(report::view(&app, settlement).await?);
    }
    Ok(Json(json!({ "settlements": views })).into_response())
}

/// The settlement of a path, when it is this partner's.
async fn theirs(app: &App, caller: &Caller, id: &str) -> Result<Settlement, Problem> {
    let id: DocumentId = id.parse().map_err(|_| Problem::not_found("settlement"))?;
    let found = chain::find(app, id).await?;
    if found.partner == caller.0.id { Ok(found) } else { Err(Problem::not_found("settlement")) }
}

/// Refuses a partner who may not order the payments of a settlement.
fn may_pay(caller: &Caller, settlement: &Settlement) -> Result<(), Problem> {
    for share in &settlement.shares {
        let said = requisites::from_json(&share.requisites);
        caller.needs_for(said.map_or(OrderKind::Ordinary, |said| said.kind()))?;
    }
    Ok(())
}

async fn shown(app: &App, settlement: &Settlement) -> Result<Response, Problem> {
    Ok(Json(report::view(app, settlement).await?).into_response())
}

/// One settlement with its orders.
pub(super) async fn one(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Response, Problem> {
    let found = theirs(&app, &caller, &id).await?;
    shown(&app, &found).await
}

/// What to compute.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Compute {
    /// The last day whose money is paid out.
    day: String,
    /// Of these merchants only.
    merchants: Option<Vec<String>>,
}

/// Computes what merchants are owed. Nothing moves; computing again gives the same.
pub(super) async fn compute(
    State(app): State<Arc<App>>,
    caller: Caller,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    caller.needs(Method::Payment)?;
    let asked: Compute =
        serde_json::from_slice(&body).map_err(|error| Problem::bad(error.to_string()))?;
    let day = BankDay::parse(&asked.day).ok_or_else(|| Problem::bad("day is no YYYY-MM-DD"))?;
    if day > BankDay::of(app.clock.now()) {
        return Err(Problem::bad("day is not over: it has not begun"));
    }
    let rules = RuleBook::read(&app.store).await?;
    let theirs = rules.merchants_of(caller.0.id);
    let merchants = match &asked.merchants {
        None => theirs,
        Some(named) if named.len() > MERCHANTS_MAX => return Err(Problem::bad("too many at once")),
        Some(named) => {
            let known = |text: &String| text.parse().ok().filter(|id| theirs.contains(id));
            let named: Option<Vec<KassaId>> = named.iter().map(known).collect();
            named.ok_or_else(|| Problem::from(SettlementError::NoRule))?
        }
    };
    let (mut settlements, mut skipped) = (Vec::new(), Vec::new());
    for merchant in merchants {
        let Some(rule) = rules.get(merchant) else { continue };
        let name = merchant.to_string();
        match chain::compute(&app, merchant, rule, day).await {
            Ok(Computed::Settlement(found)) => {
                settlements.push(serde_json::to_value(report::view(&app, &found).await?).ok());
            }
            Ok(Computed::None(why)) => {
                skipped.push(json!({ "merchant": name, "reason": why.to_string() }));
            }
            Err(error @ (SettlementError::Rule(_) | SettlementError::Busy)) => {
                skipped.push(json!({ "merchant": name, "reason": error.to_string() }));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Json(json!({ "settlements": settlements, "skipped": skipped })))
}

/// Sends a settlement. Sending it again gives the same one.
pub(super) async fn send(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Response, Problem> {
    let found = theirs(&app, &caller, &id).await?;
    may_pay(&caller, &found)?;
    // A caller who hangs up does not stop it half-way.
    let task_app = app.clone();
    let sent = tokio::spawn(async move { sending::send(&task_app, found.id).await }).await;
    shown(&app, &sent.map_err(|_| SettlementError::Store(None))??).await
}

/// Gives a settlement up that was not sent.
pub(super) async fn withdraw(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Response, Problem> {
    caller.needs(Method::Payment)?;
    let found = theirs(&app, &caller, &id).await?;
    let left = chain::withdraw(&app, &found, "asked for").await?;
    if left.state != SettlementState::Withdrawn {
        return Err(SettlementError::State(left.state.name()).into());
    }
    shown(&app, &left).await
}

/// Which refused shares go to whom now.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Retry {
    #[serde(default)]
    receivers: Vec<Corrected>,
}

/// A refused share with other requisites.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Corrected {
    order_key: String,
    to: Payee,
}

/// Sends the refused shares of a settlement anew.
pub(super) async fn retry(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    caller: Caller,
    body: Bytes,
) -> Result<Response, Problem> {
    let asked: Retry = match body.is_empty() {
        true => Retry::default(),
        false => serde_json::from_slice(&body).map_err(|error| Problem::bad(error.to_string()))?,
    };
    let found = theirs(&app, &caller, &id).await?;
    may_pay(&caller, &found)?;
    for corrected in &asked.receivers {
        caller.needs_for(corrected.to.kind())?;
    }
    let corrected: Vec<(String, Payee)> =
        asked.receivers.into_iter().map(|one| (one.order_key, one.to)).collect();
    let task_app = app.clone();
    let sent = tokio::spawn(async move { sending::resend(&task_app, found.id, &corrected).await });
    shown(&app, &sent.await.map_err(|_| SettlementError::Store(None))??).await
}
