//! `/sandbox/till` for people: codes to scan, and the books of wallets, pinpad and fiscal module.

mod fault;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::Uri;
use axum::response::Response;
use axum::routing::{get, post};
use chorsu_core::Wallet;
use chorsu_sandbox::fiscal_module::FiscalModuleChange;
use chorsu_sandbox::pinpad::{PinpadCard, PinpadFilesError, PlayedPinpad};
use chorsu_sandbox::{Conduct, issue_code};
use chorsu_web::{
    CodePanel, CommonFault, Counterparty, Customer, FaultChoice, FaultProblem, FaultyCalls,
    Language, PinpadCustomer,
};
use serde::Deserialize;

use super::{failed, sandbox};
use crate::app::App;
use crate::http::pages::{self, OwnForm, Problem, Wanted};
use crate::ids;
use crate::sandbox::Sandbox;
use crate::till::config::DEFAULT_TILL;

const PATH: &str = "/sandbox/till";
/// Bytes that make a code.
const SEED: usize = 16;

/// The routes, to be put under `/sandbox`.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/till", get(show))
        .route("/forms/till/code", post(hand_out).get(back))
        .route("/forms/till/card", post(put_card).get(back))
        .route("/forms/till/module", post(switch_module).get(back))
        .route("/forms/till/fault", post(add_fault).get(back))
        .route("/forms/till/clear", post(clear_faults).get(back))
}

/// Every field of the page's forms and of its query; each form sends some of them.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Typed {
    lang: String,
    wallet: String,
    customer: String,
    seed: String,
    card: String,
    switch: String,
    at: String,
    fault: String,
    calls: String,
    times: String,
}

/// The code on the customer's telephone.
struct Shown {
    wallet: Wallet,
    customer: Customer,
    seed: [u8; SEED],
}

impl Shown {
    /// The code that was shown before; a new one where none or an unreadable one was.
    fn again(typed: &Typed) -> Self {
        let mut shown = Self::fresh(typed);
        if let Some(seed) = parse_seed(&typed.seed) {
            shown.seed = seed;
        }
        shown
    }

    /// A new code of the wanted wallet and customer.
    fn fresh(typed: &Typed) -> Self {
        let mut seed = [0; SEED];
        ids::fill(&mut seed);
        Self {
            wallet: Wallet::from_name(&typed.wallet).unwrap_or(Wallet::Click),
            customer: Customer::from_tag(&typed.customer).unwrap_or_default(),
            seed,
        }
    }

    fn seed(&self) -> String {
        self.seed.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn code(&self) -> String {
        let ending = self.customer.tag();
        let conduct = Conduct::ALL.into_iter().find(|conduct| conduct.ending() == Some(ending));
        issue_code(self.wallet, conduct.unwrap_or_default(), self.seed)
    }

    /// Sends the visitor to a part of the page with this code.
    fn see(&self, language: Language, part: &str) -> Response {
        let query = CodePanel::query(self.wallet, self.customer, &self.seed());
        pages::see_address(&format!("{PATH}?{query}&lang={}#{part}", language.tag()))
    }
}

fn parse_seed(text: &str) -> Option<[u8; SEED]> {
    let readable = text.len() == 2 * SEED && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = u128::from_str_radix(text, 16).ok().filter(|_| readable)?;
    Some(number.to_be_bytes())
}

/// The page.
async fn show(
    State(app): State<Arc<App>>,
    Wanted(language): Wanted,
    uri: Uri,
) -> Result<Response, Problem> {
    let typed = Query::<Typed>::try_from_uri(&uri).map(|Query(typed)| typed).unwrap_or_default();
    view::page(&app, language, &Shown::again(&typed), FaultChoice::default()).await
}

/// Leads to the page from the addresses that forms are sent to, where somebody reloads one.
async fn back(Wanted(language): Wanted) -> Response {
    pages::see(PATH, language)
}

async fn hand_out(
    State(app): State<Arc<App>>,
    wanted: Wanted,
    OwnForm(typed): OwnForm<Typed>,
) -> Result<Response, Problem> {
    let language = wanted.or_of_form(&typed.lang);
    sandbox(&app, language)?;
    Ok(Shown::fresh(&typed).see(language, "code"))
}

async fn put_card(
    State(app): State<Arc<App>>,
    wanted: Wanted,
    OwnForm(typed): OwnForm<Typed>,
) -> Result<Response, Problem> {
    let language = wanted.or_of_form(&typed.lang);
    let card = card(PinpadCustomer::from_tag(&typed.card).unwrap_or_default());
    let put = at_pinpad(sandbox(&app, language)?, move |pinpad| pinpad.put_card(card)).await;
    put.map_err(|error| failed(error.as_ref(), language))?;
    Ok(Shown::again(&typed).see(language, "pinpad"))
}

const fn card(customer: PinpadCustomer) -> PinpadCard {
    match customer {
        PinpadCustomer::Plenty => PinpadCard::Plenty,
        PinpadCustomer::Poor => PinpadCard::Poor,
        PinpadCustomer::Expired => PinpadCard::Expired,
        PinpadCustomer::WrongPin => PinpadCard::WrongPin,
        PinpadCustomer::Stolen => PinpadCard::Stolen,
        PinpadCustomer::Removed => PinpadCard::Removed,
        PinpadCustomer::NoCard => PinpadCard::NoCard,
    }
}

async fn switch_module(
    State(app): State<Arc<App>>,
    wanted: Wanted,
    OwnForm(typed): OwnForm<Typed>,
) -> Result<Response, Problem> {
    let language = wanted.or_of_form(&typed.lang);
    let nothing = FiscalModuleChange::default();
    let change = match typed.switch.as_str() {
        "connect" => FiscalModuleChange { not_initialised: Some(false), ..nothing },
        "disconnect" => FiscalModuleChange { not_initialised: Some(true), ..nothing },
        "online" => FiscalModuleChange { ofd_stopped: Some(false), ..nothing },
        "offline" => FiscalModuleChange { ofd_stopped: Some(true), ..nothing },
        _ => nothing,
    };
    let fiscal = sandbox(&app, language)?.world.fiscal();
    fiscal.change(DEFAULT_TILL, change).await.map_err(|error| failed(&error, language))?;
    Ok(Shown::again(&typed).see(language, "module"))
}

async fn add_fault(
    State(app): State<Arc<App>>,
    wanted: Wanted,
    OwnForm(typed): OwnForm<Typed>,
) -> Result<Response, Problem> {
    let language = wanted.or_of_form(&typed.lang);
    let usual = FaultChoice::default();
    let mut choice = FaultChoice {
        at: Counterparty::from_tag(&typed.at).unwrap_or(usual.at),
        fault: CommonFault::from_tag(&typed.fault).unwrap_or(usual.fault),
        calls: FaultyCalls::from_tag(&typed.calls).unwrap_or(usual.calls),
        problem: None,
    };
    let times = super::times(&typed.times);
    let added = fault::add(sandbox(&app, language)?, &choice, times).await;
    choice.problem = match added.map_err(|error| failed(error.as_ref(), language))? {
        fault::Added::Yes => return Ok(Shown::again(&typed).see(language, "faults")),
        fault::Added::Impossible => Some(FaultProblem::Impossible),
        fault::Added::Full => Some(FaultProblem::Full),
    };
    view::page(&app, language, &Shown::again(&typed), choice).await
}

async fn clear_faults(
    State(app): State<Arc<App>>,
    wanted: Wanted,
    OwnForm(typed): OwnForm<Typed>,
) -> Result<Response, Problem> {
    let language = wanted.or_of_form(&typed.lang);
    let sandbox = sandbox(&app, language)?;
    if let Some(at) = Counterparty::from_tag(&typed.at) {
        fault::clear(sandbox, at).await.map_err(|error| failed(error.as_ref(), language))?;
    }
    Ok(Shown::again(&typed).see(language, "faults"))
}

/// A failure of a pinpad's files, or of the thread that reads them.
type PinpadFailure = Box<dyn std::error::Error + Send + Sync>;

/// Lets `work` use the default till's pinpad; it waits for files.
async fn at_pinpad<T: Send + 'static>(
    sandbox: &Sandbox,
    work: impl FnOnce(&PlayedPinpad) -> Result<T, PinpadFilesError> + Send + 'static,
) -> Result<T, PinpadFailure> {
    let pinpad = sandbox.pinpad(DEFAULT_TILL);
    Ok(tokio::task::spawn_blocking(move || work(&pinpad)).await??)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(wallet: &str, customer: &str, seed: &str) -> Typed {
        let [wallet, customer, seed] = [wallet, customer, seed].map(str::to_owned);
        Typed { wallet, customer, seed, ..Typed::default() }
    }

    #[test]
    fn a_seed_brings_the_same_code_back() {
        for wallet in Wallet::ALL {
            for customer in Customer::ALL {
                let fresh = Shown::fresh(&typed(wallet.name(), customer.tag(), ""));
                let code = fresh.code();
                let again = Shown::again(&typed(wallet.name(), customer.tag(), &fresh.seed()));
                assert_eq!(again.code(), code);
                let ends = code.trim_end_matches('=').ends_with(customer.tag());
                assert_eq!(ends, customer != Customer::Good, "{code}");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_makes_a_new_code() {
        let long = "0".repeat(64);
        for seed in ["", "x", "+0000000000000000000000000000001", long.as_str()] {
            let typed = typed("nobody", "999", seed);
            let (one, other) = (Shown::again(&typed), Shown::again(&typed));
            assert_ne!(one.seed, other.seed, "{seed}");
            assert_eq!((one.wallet, one.customer), (Wallet::Click, Customer::Good));
        }
    }
}
