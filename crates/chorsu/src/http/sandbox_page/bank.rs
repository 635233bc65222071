//! `/sandbox/orders` for people: the played bank's services, orders, delay and faults.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::{get, post};
use chorsu_core::bank::CardRule;
use chorsu_core::document::DocumentKind;
use chorsu_core::order::PaymentOrder;
use chorsu_core::{BankService, Document};
use chorsu_store::{DocumentRange, StoreError};
use chorsu_web::{
    AccountEnding, BankPage, BankTrouble, DemoPartner, Language, OrderLine, ServiceLine,
};
use serde::Deserialize;

use super::{FaultView, failed};
use crate::app::App;
use crate::bank::demo;
use crate::bank::faults::{BankCalls, BankControls, BankFault, BankFaultRule};
use crate::http::pages::{self, OwnForm, Problem, Wanted};

const PATH: &str = "/sandbox/orders";
/// Orders that are shown.
const ORDERS: u32 = 12;

/// The routes, to be put under `/sandbox`.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/orders", get(show))
        .route("/forms/bank/order", post(choose).get(back))
        .route("/forms/bank/delay", post(set_delay).get(back))
        .route("/forms/bank/fault", post(add_fault).get(back))
        .route("/forms/bank/clear", post(clear_faults).get(back))
}

/// Every field of the page's forms and of its query; each form sends some of them.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Typed {
    lang: String,
    ending: String,
    wait: String,
    fault: String,
    times: String,
}

impl Typed {
    fn ending(&self) -> AccountEnding {
        AccountEnding::from_digits(&self.ending).unwrap_or_default()
    }

    /// Sends the visitor to a part of the page.
    fn see(&self, language: Language, part: &str) -> Response {
        let query = self.ending().query();
        pages::see_address(&format!("{PATH}?{query}&lang={}#{part}", language.tag()))
    }
}

fn controls(app: &App, language: Language) -> Result<&BankControls, Problem> {
    app.bank.controls.as_ref().ok_or(Problem::NotFound(language))
}

/// The page.
async fn show(
    State(app): State<Arc<App>>,
    Wanted(language): Wanted,
    uri: Uri,
) -> Result<Response, Problem> {
    let typed = Query::<Typed>::try_from_uri(&uri).map(|Query(typed)| typed).unwrap_or_default();
    page(&app, language, &typed, false).await
}

/// Leads to the page from the addresses that forms are sent to, where somebody reloads one.
async fn back(Wanted(language): Wanted) -> Response {
    pages::see(PATH, language)
}

async fn choose(wanted: Wanted, OwnForm(typed): OwnForm<Typed>) -> Response {
    typed.see(wanted.or_of_form(&typed.lang), "order")
}

async fn set_delay(
    State(app): State<Arc<App>>,
    wanted: Wanted,
    OwnForm(typed): OwnForm<Typed>,
) -> Result<Response, Problem> {
    let language = wanted.or_of_form(&typed.lang);
    let controls = controls(&app, language)?;
    if let Ok(wait) = typed.wait.parse() {
        let set = controls.set_settle_after_ms(&app.store, wait).await;
        set.map_err(|error| failed(&error, language))?;
    }
    Ok(typed.see(language, "faults"))
}

async fn add_fault(
    State(app): State<Arc<App>>,
    wanted: Wanted,
    OwnForm(typed): OwnForm<Typed>,
) -> Result<Response, Problem> {
    let language = wanted.or_of_form(&typed.lang);
    let controls = controls(&app, language)?;
    let fault = match BankTrouble::from_tag(&typed.fault) {
        Some(BankTrouble::Unavailable) => BankFault::Unavailable,
        Some(BankTrouble::BrokenAnswer) => BankFault::BrokenAnswer,
        Some(BankTrouble::Delete) => BankFault::Delete,
        Some(BankTrouble::Hang) | None => BankFault::Hang,
    };
    let times = super::times(&typed.times);
    if controls.add_fault(BankFaultRule { fault, calls: BankCalls::default(), times }) {
        return Ok(typed.see(language, "faults"));
    }
    page(&app, language, &typed, true).await
}

async fn clear_faults(
    State(app): State<Arc<App>>,
    wanted: Wanted,
    OwnForm(typed): OwnForm<Typed>,
) -> Result<Response, Problem> {
    let language = wanted.or_of_form(&typed.lang);
    controls(&app, language)?.clear_faults();
    Ok(typed.see(language, "faults"))
}

async fn page(
    app: &App,
    language: Language,
    typed: &Typed,
    is_full: bool,
) -> Result<Response, Problem> {
    let controls = controls(app, language)?;
    let read = read(app).await;
    let (services, orders) = read.map_err(|error| failed(&error, language))?;
    let faults = FaultView::all(&controls.faults());
    let order_id = app.clock.now().0.to_string();
    let page = BankPage {
        language,
        base_url: &app.public_url,
        partner: DemoPartner { username: demo::USERNAME, password: demo::PASSWORD, services: &[] },
        ending: typed.ending(),
        order_id: &order_id,
        services: services.iter().map(service_line).collect(),
        orders: orders.iter().map(order_line).collect(),
        settle_after_ms: u64::try_from(controls.settle_after_ms()).unwrap_or(0),
        faults: FaultView::lines(&faults),
        is_full,
    };
    Ok(pages::page(StatusCode::OK, page.render()))
}

/// The demo partner's services and newest orders.
async fn read(app: &App) -> Result<(Vec<BankService>, Vec<PaymentOrder>), StoreError> {
    let mut services = app.store.services().await?;
    services.retain(|service| service.partner == demo::PARTNER);
    services.sort_by_key(|service| service.id);
    let (kind, owner) = (DocumentKind::Order, demo::PARTNER.into());
    let range = DocumentRange { kind, owner, before: None, limit: ORDERS };
    let order = |document| match document {
        Document::Order(order) => Some(order),
        _ => None,
    };
    let orders = app.store.documents(range).await?.into_iter().filter_map(order).collect();
    Ok((services, orders))
}

fn service_line(service: &BankService) -> ServiceLine<'_> {
    ServiceLine {
        number: service.id.0,
        name: &service.name,
        account: &service.account,
        needs_card: service.cards == CardRule::Required,
        available: service.available,
        reserved: service.reserved,
    }
}

fn order_line(order: &PaymentOrder) -> OrderLine<'_> {
    OrderLine {
        order_id: &order.order_key,
        service: order.service.0,
        at: order.created_at,
        amount: order.amount,
        state: order.state,
    }
}
