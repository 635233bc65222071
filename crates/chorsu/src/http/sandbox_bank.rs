//! `/sandbox/bank…`: the controls of the played bank, and money that comes in from outside.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use chorsu_core::bank::{BankAccount, Mfo, PURPOSE_MAX, TaxId, check_text};
use chorsu_core::{Document, ServiceId, Tiyin};
use chorsu_store::{StoreError, SubmitError};
use serde::{Deserialize, Serialize};

use super::sandbox::{Problem, not_found};
use crate::app::App;
use crate::bank::faults::{BankControls, BankFaultRule};
use crate::bank::incoming::{self, Arrived};
use crate::bank::parties::Side;
use crate::bank::service_book::Service;

/// Longest reference and name, in characters.
const TEXT_MAX: usize = 255;
/// The payer of a payment that names none.
const PAYER_MFO: &str = "00401";
const PAYER_ACCOUNT: &str = "20208000405273320010";
const PAYER_NAME: &str = "ООО \"MARKETPLACE TRADING\"";
const PAYER_INN: &str = "307692757";

/// The routes, to be put under `/sandbox`.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/bank", get(bank).patch(change_bank))
        .route("/bank/faults", post(add_fault).delete(clear_faults))
        .route("/bank/incoming", post(receive))
}

fn controls(app: &App) -> Result<&BankControls, Problem> {
    app.bank.controls.as_ref().ok_or_else(|| not_found("this is not a sandbox"))
}

fn failed(error: &StoreError) -> Problem {
    tracing::error!(error = error as &dyn std::error::Error, "the store failed");
    Problem(StatusCode::INTERNAL_SERVER_ERROR, "the store failed".to_owned())
}

fn mistake(text: &str) -> Problem {
    Problem(StatusCode::UNPROCESSABLE_ENTITY, text.to_owned())
}

/// The played bank.
#[derive(Serialize)]
struct BankView {
    settle_after_ms: i64,
    faults: Vec<BankFaultRule>,
}

fn view(controls: &BankControls) -> Json<BankView> {
    let (settle_after_ms, faults) = (controls.settle_after_ms(), controls.faults());
    Json(BankView { settle_after_ms, faults })
}

async fn bank(State(app): State<Arc<App>>) -> Result<Json<BankView>, Problem> {
    Ok(view(controls(&app)?))
}

/// What can be changed of the played bank.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BankChange {
    settle_after_ms: u64,
}

async fn change_bank(
    State(app): State<Arc<App>>,
    Json(change): Json<BankChange>,
) -> Result<Json<BankView>, Problem> {
    let controls = controls(&app)?;
    let ms = change.settle_after_ms;
    let changed = controls.set_settle_after_ms(&app.store, ms).await;
    if !changed.map_err(|error| failed(&error))? {
        return Err(mistake("settle_after_ms is at most a day"));
    }
    Ok(view(controls))
}

async fn add_fault(
    State(app): State<Arc<App>>,
    Json(rule): Json<BankFaultRule>,
) -> Result<Json<BankView>, Problem> {
    let controls = controls(&app)?;
    if !rule.fault.is_sound() {
        return Err(mistake("code is none of the documented ones"));
    }
    if !controls.add_fault(rule) {
        return Err(Problem(StatusCode::CONFLICT, "there are too many faults already".to_owned()));
    }
    Ok(view(controls))
}

async fn clear_faults(State(app): State<Arc<App>>) -> Result<Json<BankView>, Problem> {
    let controls = controls(&app)?;
    controls.clear_faults();
    Ok(view(controls))
}

/// Who pays; what is left out is made up.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payer {
    name: Option<String>,
    mfo: Option<String>,
    account: Option<String>,
    inn: Option<String>,
}

/// Money that comes in for a service, named by its number or its account.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IncomingPayment {
    service: Option<u32>,
    account: Option<String>,
    /// In tiyin.
    amount: i64,
    /// The same reference is booked once.
    reference: String,
    #[serde(default)]
    payer: Payer,
    purpose: Option<String>,
}

/// An incoming payment as it was booked.
#[derive(Serialize)]
struct IncomingView {
    id: String,
    service: u32,
    amount: i64,
    reference: String,
    number: String,
}

async fn receive(
    State(app): State<Arc<App>>,
    Json(payment): Json<IncomingPayment>,
) -> Result<Json<IncomingView>, Problem> {
    controls(&app)?;
    let service = find(&app, &payment)?;
    let amount = Tiyin::new(payment.amount).filter(|amount| *amount > Tiyin::ZERO);
    let amount = amount.ok_or_else(|| mistake("amount is a whole number of tiyin above zero"))?;
    let payer = side(&payment.payer)?;
    let purpose = payment.purpose.as_deref().unwrap_or("Пополнение счёта");
    check_text(purpose, PURPOSE_MAX).map_err(|problem| mistake(&format!("purpose: {problem}")))?;
    let reference = &payment.reference;
    if reference.starts_with(incoming::ORDER_PREFIX) {
        return Err(mistake("this reference belongs to orders"));
    }
    check_text(reference, TEXT_MAX).map_err(|problem| mistake(&format!("reference: {problem}")))?;
    let arrived = Arrived { reference, amount, payer, purpose };
    match incoming::book(&app, &service, arrived).await {
        Ok(document) => shown(&document),
        Err(SubmitError::Rejected(reject)) => Err(mistake(&reject.to_string())),
        Err(error) => {
            tracing::error!(%error, "an incoming payment was not booked");
            Err(Problem(StatusCode::SERVICE_UNAVAILABLE, "it was not booked; try again".to_owned()))
        }
    }
}

fn find(app: &App, payment: &IncomingPayment) -> Result<Arc<Service>, Problem> {
    let services = app.bank.services();
    let found = match (payment.service, &payment.account) {
        (Some(number), None) => services.get(ServiceId(number)),
        (None, Some(account)) => services.with_account(account),
        _ => return Err(mistake("name either service or account")),
    };
    found.cloned().ok_or_else(|| not_found("no such service"))
}

fn side(payer: &Payer) -> Result<Side<'_>, Problem> {
    let name = payer.name.as_deref().unwrap_or(PAYER_NAME);
    let mfo = payer.mfo.as_deref().unwrap_or(PAYER_MFO);
    let account = payer.account.as_deref().unwrap_or(PAYER_ACCOUNT);
    let inn = payer.inn.as_deref().unwrap_or(PAYER_INN);
    check_text(name, TEXT_MAX).map_err(|problem| mistake(&format!("payer.name: {problem}")))?;
    Mfo::parse(mfo).ok_or_else(|| mistake("payer.mfo has 5 digits"))?;
    BankAccount::parse(account).ok_or_else(|| mistake("payer.account has 20 digits"))?;
    TaxId::parse(inn).ok_or_else(|| mistake("payer.inn has 9 or 14 digits"))?;
    Ok(Side { mfo: mfo.into(), account: account.into(), name: name.into(), inn: inn.into() })
}

fn shown(document: &Document) -> Result<Json<IncomingView>, Problem> {
    let Document::Incoming(incoming) = document else {
        return Err(mistake("the reference stands for something else"));
    };
    Ok(Json(IncomingView {
        id: incoming.id.to_string(),
        service: incoming.service.0,
        amount: incoming.amount.get(),
        reference: incoming.reference.to_string(),
        number: incoming.number.to_string(),
    }))
}
