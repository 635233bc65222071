//! `/v1/settlement-rules…` and `/v1/holidays`: how and when merchants are paid out.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bytes::Bytes;
use chorsu_api::bank::Method;
use chorsu_core::KassaId;
use chorsu_store::Register;
use serde_json::{Value, json};

use super::{Caller, Problem};
use crate::app::App;
use crate::bank::holidays::{self, HolidaysRefused};
use crate::settlement::rule::{Rule, RuleBook};

/// The largest rule and the largest table of holidays, in bytes.
const TEXT_MAX: usize = 256 * 1024;

fn view(merchant: KassaId, rule: &Rule) -> Value {
    json!({ "merchant": merchant.to_string(), "rule": rule })
}

/// The partner's rules.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Json<Value>, Problem> {
    let rules = RuleBook::read(&app.store).await?;
    let theirs = rules.merchants_of(caller.0.id);
    let views = theirs.iter().filter_map(|id| rules.get(*id).map(|rule| view(*id, rule)));
    Ok(Json(json!({ "rules": views.collect::<Vec<_>>() })))
}

fn merchant_of(text: &str) -> Result<KassaId, Problem> {
    text.parse().map_err(|_| Problem::not_found("merchant"))
}

/// One rule.
pub(super) async fn one(
    State(app): State<Arc<App>>,
    Path(merchant): Path<String>,
    caller: Caller,
) -> Result<Json<Value>, Problem> {
    let merchant = merchant_of(&merchant)?;
    let rules = RuleBook::read(&app.store).await?;
    let found = rules.get(merchant).filter(|rule| rule.partner() == Ok(caller.0.id));
    Ok(Json(view(merchant, found.ok_or_else(|| Problem::not_found("rule"))?)))
}

/// Says how a merchant is paid out. A merchant belongs to the partner that pays it out: in live
/// mode only the operator's command line gives it to one, since whoever has it has its money.
pub(super) async fn put(
    State(app): State<Arc<App>>,
    Path(merchant): Path<String>,
    caller: Caller,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let merchant = merchant_of(&merchant)?;
    app.kassa(merchant).ok_or_else(|| Problem::not_found("merchant"))?;
    if body.len() > TEXT_MAX {
        return Err(Problem::bad("the rule is too long"));
    }
    let rules = RuleBook::read(&app.store).await?;
    let owner = rules.get(merchant).map(Rule::partner);
    let is_theirs = match owner {
        Some(owner) => owner == Ok(caller.0.id),
        None => app.sandbox.is_some(),
    };
    if !is_theirs {
        return Err(Problem::forbidden("the merchant is not paid out by this partner"));
    }
    let rule = Rule { partner: caller.0.id.to_string(), ..Rule::from_json(&body)? };
    for payee in rule.payees() {
        caller.needs_for(payee.kind())?;
    }
    rule.check(&app.bank.services(), &*app.bank.directory())?;
    app.store.put_register(Register::SettlementRules, merchant.0, rule.to_json()).await?;
    app.settlements.wake.notify_one();
    Ok(Json(view(merchant, &rule)))
}

/// The table of days that differ from Monday to Friday.
pub(super) async fn get_holidays(
    State(app): State<Arc<App>>,
    _caller: Caller,
) -> Result<String, Problem> {
    Ok(holidays::text(&app.store).await?)
}

/// Replaces that table: lines of `YYYY-MM-DD off` or `YYYY-MM-DD work`. The days are everybody's, so
/// in live mode only the operator's command line replaces them.
pub(super) async fn put_holidays(
    State(app): State<Arc<App>>,
    caller: Caller,
    body: String,
) -> Result<String, Problem> {
    caller.needs(Method::Payment)?;
    if app.bank.is_live() {
        return Err(Problem::forbidden(
            "the days are everybody's: `chorsu banks holidays` has them",
        ));
    }
    if body.len() > TEXT_MAX {
        return Err(Problem::bad("the table is too long"));
    }
    match app.bank.put_holidays(&app.store, body.clone()).await? {
        Ok(()) => Ok(body),
        Err(error @ HolidaysRefused::InAFile) => {
            Err(Problem::new(StatusCode::CONFLICT, "state", error.to_string()))
        }
        Err(error) => Err(Problem::bad(error.to_string())),
    }
}
