//! `/sandbox` for people: inbox, clock and card networks on one page, the till and the bank on two
//! more, with their forms.

mod bank;
mod till;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use chorsu_core::{MaskedPan, Network, Tiyin, UnixMillis};
use chorsu_sandbox::{CardChange, CardView, ControlError, Sms};
use chorsu_web::{
    CardDetails, CardPanel, CardProblem, ClockPanel, FaultLine, Language, NetworkPanel,
    SandboxPage, SmsLine, form, parse_sum,
};
use serde::{Deserialize, Serialize};

use super::pages::{self, OwnForm, Problem, Wanted};
use crate::app::App;
use crate::sandbox::Sandbox;

/// Messages of the inbox that are shown; the JSON endpoint has them all.
const MESSAGES: usize = 20;

/// The routes, to be put under `/sandbox`.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(show))
        .route("/forms/clock", post(turn_clock).get(back))
        .route("/forms/card", post(card).get(back))
        .merge(bank::routes())
        .merge(till::routes())
        .layer(DefaultBodyLimit::max(pages::FORM_MAX))
}

/// The form of the clock.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ClockForm {
    forward: String,
    amount: String,
    unit: String,
    lang: String,
}

/// The form of the cards. It has no Debug: it holds a whole card number.
#[derive(Default, Deserialize)]
#[serde(default)]
struct CardForm {
    number: String,
    balance: String,
    action: String,
    lang: String,
}

/// The page.
async fn show(State(app): State<Arc<App>>, Wanted(language): Wanted) -> Result<Response, Problem> {
    Ok(View::load(&app, language).await?.page(CardPanel::Empty, false))
}

/// Leads to the page from the addresses that forms are sent to, where somebody reloads one.
pub(super) async fn back(Wanted(language): Wanted) -> Response {
    pages::see("/sandbox", language)
}

async fn turn_clock(
    State(app): State<Arc<App>>,
    wanted: Wanted,
    OwnForm(typed): OwnForm<ClockForm>,
) -> Result<Response, Problem> {
    let language = wanted.or_of_form(&typed.lang);
    match form::clock_forward(&typed.forward, &typed.amount, &typed.unit) {
        Some(milliseconds) => {
            let turned = sandbox(&app, language)?.advance_clock(&app, milliseconds).await;
            turned.map_err(|error| failed(&error, language))?;
            Ok(pages::see("/sandbox", language))
        }
        None => Ok(View::load(&app, language).await?.page(CardPanel::Empty, true)),
    }
}

/// Looks at a card or sets its balance. The answer is a page, not another address: a card number
/// does not belong into one.
async fn card(
    State(app): State<Arc<App>>,
    wanted: Wanted,
    OwnForm(typed): OwnForm<CardForm>,
) -> Result<Response, Problem> {
    let language = wanted.or_of_form(&typed.lang);
    let world = &sandbox(&app, language)?.world;
    let set = typed.action == "set";
    let balance = parse_sum(&typed.balance).and_then(|sum| u64::try_from(sum.get()).ok());
    let change = CardChange { balance: balance.filter(|_| set), ..CardChange::default() };
    let found = match form::card_number(&typed.number) {
        Ok(_) if set && balance.is_none() => Err(CardPanel::Balance),
        Ok(pan) => match world.change_card(&pan, change).await {
            Ok(card) => Ok(card),
            Err(ControlError::NoSuchCard) => Err(CardPanel::Number(CardProblem::NumberUnknown)),
            Err(error) => return Err(failed(&error, language)),
        },
        Err(problem) => Err(CardPanel::Number(problem)),
    };
    let panel = match &found {
        Ok(card) => CardPanel::Shown(details(card, set, language)?),
        Err(panel) => *panel,
    };
    Ok(View::load(&app, language).await?.page(panel, false))
}

fn sandbox(app: &App, language: Language) -> Result<&Sandbox, Problem> {
    app.sandbox.as_ref().ok_or(Problem::NotFound(language))
}

fn failed(error: &(dyn std::error::Error + 'static), language: Language) -> Problem {
    tracing::error!(error, "the sandbox failed");
    Problem::Failed(language)
}

/// How often a fault befalls, from the field of a form; until it is cleared when `None`.
fn times(typed: &str) -> Option<u64> {
    match typed {
        "always" => None,
        typed => Some(typed.parse().unwrap_or(1)),
    }
}

fn details(card: &CardView, changed: bool, language: Language) -> Result<CardDetails<'_>, Problem> {
    let CardView { network, number, phone, blocked, sms, .. } = card;
    let details = || {
        Some(CardDetails {
            card: MaskedPan::parse(number)?,
            network: Network::from_name(network)?,
            phone,
            balance: Tiyin::new(card.balance)?,
            held: Tiyin::new(card.held)?,
            daily_limit: Tiyin::new(card.daily_limit)?,
            spent_today: Tiyin::new(card.spent_today)?,
            blocked: *blocked,
            sms: *sms,
            changed,
        })
    };
    details().ok_or_else(|| {
        tracing::error!(number, "a card of the sandbox cannot be shown");
        Problem::Failed(language)
    })
}

/// What the page shows of the sandbox, read at one moment.
struct View {
    language: Language,
    now: UnixMillis,
    ahead_ms: i64,
    messages: Vec<Sms>,
    networks: Vec<NetworkView>,
}

struct NetworkView {
    network: Network,
    latency_ms: u64,
    faults: Vec<FaultView>,
    debited: Tiyin,
    refunded: Tiyin,
}

/// A fault in the words of the JSON endpoints.
struct FaultView {
    name: String,
    calls: String,
    left: Option<u64>,
}

impl View {
    async fn load(app: &App, language: Language) -> Result<Self, Problem> {
        let world = &sandbox(app, language)?.world;
        let mut networks = Vec::new();
        for network in Network::ALL {
            let totals = world.totals(network).await.map_err(|error| failed(&error, language))?;
            let controls = world.controls(network);
            networks.push(NetworkView {
                network,
                latency_ms: controls.latency_ms(),
                faults: FaultView::all(&controls.faults()),
                debited: Tiyin::new(totals.debited).unwrap_or(Tiyin::ZERO),
                refunded: Tiyin::new(totals.refunded).unwrap_or(Tiyin::ZERO),
            });
        }
        let messages = world.sms().newest(MESSAGES, None).await;
        let messages = messages.map_err(|error| failed(&error, language))?;
        let (now, ahead_ms) = (app.clock.now(), app.clock.offset());
        Ok(Self { language, now, ahead_ms, messages, networks })
    }

    fn page(&self, card: CardPanel<'_>, unreadable: bool) -> Response {
        let clock = ClockPanel { now: self.now, ahead_ms: self.ahead_ms, unreadable };
        let page = SandboxPage {
            language: self.language,
            clock,
            networks: self.networks.iter().map(NetworkView::panel).collect(),
            messages: self.messages.iter().map(line).collect(),
            card,
        };
        pages::page(StatusCode::OK, page.render())
    }
}

impl NetworkView {
    fn panel(&self) -> NetworkPanel<'_> {
        NetworkPanel {
            network: self.network,
            latency_ms: self.latency_ms,
            faults: FaultView::lines(&self.faults),
            debited: self.debited,
            refunded: self.refunded,
        }
    }
}

impl FaultView {
    /// The rules of a counterparty.
    fn all(rules: &[impl Serialize]) -> Vec<Self> {
        rules.iter().map(Self::new).collect()
    }

    /// The fault with its particulars.
    fn new(rule: &impl Serialize) -> Self {
        let json = serde_json::to_value(rule).unwrap_or_default();
        let word = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let member = |name| json.get(name).map(word);
        let words = ["fault", "reason", "code", "delay_ms"].into_iter().filter_map(member);
        Self {
            name: words.collect::<Vec<_>>().join(" "),
            calls: member("calls").unwrap_or_default(),
            left: json.get("times").and_then(serde_json::Value::as_u64),
        }
    }

    fn lines(faults: &[Self]) -> Vec<FaultLine<'_>> {
        faults.iter().map(Self::line).collect()
    }

    fn line(&self) -> FaultLine<'_> {
        FaultLine { name: &self.name, calls: &self.calls, left: self.left }
    }
}

fn line(sms: &Sms) -> SmsLine<'_> {
    SmsLine { to: &sms.to, text: &sms.text, at: UnixMillis(sms.at) }
}
