//! The hosted checkout at `/pay/{receipt}`: a payer's way from the card to the result.
//!
//! Whoever has the link may pay. The card becomes a one-time token of the receipt's kassa; the
//! forms carry the token, and no whole card number ever goes back to the browser.

mod order;
mod trouble;

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use chorsu_api::subscribe::TokenText;
use chorsu_core::command::Token;
use chorsu_core::otp::{CODE_LIFE_MS, PendingCode};
use chorsu_core::time::SECOND_MS;
use chorsu_core::{Acquirer, Expiry, Kassa, Pan, Receipt, ReceiptId, ReceiptState, UnixMillis};
use chorsu_web::{
    CardProblem, CardStep, CheckoutPage, CheckoutStep, CodeProblem, CodeStep, Language,
    MaskedPhone, Refusal, form,
};
use serde::Deserialize;

use super::pages::{self, Named, OwnForm, Problem, Wanted};
use crate::app::App;
use crate::service::{ServiceError, cards, payme, receipts};
use order::Order;
use trouble::Trouble;

/// The routes of the checkout.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/pay/{receipt}", get(show))
        .route("/pay/{receipt}/card", post(take_card).get(back))
        .route("/pay/{receipt}/code", post(take_code).get(back))
        .route("/pay/{receipt}/resend", post(resend).get(back))
        .layer(DefaultBodyLimit::max(pages::FORM_MAX))
}

/// The card form. It has no Debug: it holds a whole card number.
#[derive(Default, Deserialize)]
#[serde(default)]
struct CardForm {
    number: String,
    expire: String,
    lang: String,
}

/// The code form, and without a code the button for another one. It has no Debug: it holds a token.
#[derive(Default, Deserialize)]
#[serde(default)]
struct CodeForm {
    token: String,
    phone: String,
    code: String,
    lang: String,
}

/// The page of a receipt: the card form, or what became of it.
async fn show(
    State(app): State<Arc<App>>,
    Named(id): Named,
    Wanted(language): Wanted,
) -> Result<Response, Problem> {
    let mut visit = Visit::open(app, &id, language).await?;
    visit.receipt = payme::current(&visit.app, visit.receipt).await.map_err(|error| {
        tracing::error!(receipt = id, %error, "a receipt at Payme was not looked at");
        Problem::Failed(language)
    })?;
    if let Some(address) = visit.elsewhere() {
        return Ok(pages::see_address(&address));
    }
    visit.page(CheckoutStep::of_receipt(&visit.receipt))
}

/// Somebody reloads the address that a form was sent to.
async fn back(
    State(app): State<Arc<App>>,
    Named(id): Named,
    Wanted(language): Wanted,
) -> Result<Response, Problem> {
    Ok(Visit::open(app, &id, language).await?.to_receipt())
}

/// Takes the card, and has a code sent to its holder.
async fn take_card(
    State(app): State<Arc<App>>,
    Named(id): Named,
    wanted: Wanted,
    OwnForm(typed): OwnForm<CardForm>,
) -> Result<Response, Problem> {
    let visit = Visit::open(app, &id, wanted.or_of_form(&typed.lang)).await?;
    if !visit.is_payable() {
        return Ok(visit.to_receipt());
    }
    let sent = match read_card(&typed, visit.app.clock.now()) {
        Ok((pan, expiry)) => visit.send_first_code(pan, expiry).await,
        Err(problems) => return visit.answer(card_again(&typed, &problems)).await,
    };
    match sent {
        Ok((token, phone)) => {
            let phone = MaskedPhone::of_phone(&phone);
            let step = CodeStep { phone: phone.as_ref(), ..fresh_code(token.as_str()) };
            visit.answer(CheckoutStep::Code(step)).await
        }
        Err(Trouble::Form(problem)) => visit.answer(card_again(&typed, &[problem])).await,
        Err(Trouble::Refused(refusal)) => visit.answer(CheckoutStep::Refused(refusal)).await,
        Err(Trouble::Receipt) => Ok(visit.to_receipt()),
        Err(Trouble::Failed) => visit.failed().await,
    }
}

/// Takes the code, and pays.
async fn take_code(
    State(app): State<Arc<App>>,
    Named(id): Named,
    wanted: Wanted,
    OwnForm(typed): OwnForm<CodeForm>,
) -> Result<Response, Problem> {
    let visit = Visit::open(app, &id, wanted.or_of_form(&typed.lang)).await?;
    if !visit.is_payable() {
        return Ok(visit.to_receipt());
    }
    let Ok(token) = TokenText::parse(Cow::Borrowed(&typed.token)) else {
        return visit.answer(CheckoutStep::Refused(Refusal::SessionOver)).await;
    };
    let paid = match form::code(&typed.code) {
        Ok(code) => visit.pay(token.hashed(), &code).await,
        Err(problem) => Err(Trouble::Form(problem)),
    };
    match paid {
        Ok(()) => Ok(visit.to_receipt()),
        Err(trouble) => visit.code_again(&typed, &token, trouble).await,
    }
}

/// Has another code sent.
async fn resend(
    State(app): State<Arc<App>>,
    Named(id): Named,
    wanted: Wanted,
    OwnForm(typed): OwnForm<CodeForm>,
) -> Result<Response, Problem> {
    let visit = Visit::open(app, &id, wanted.or_of_form(&typed.lang)).await?;
    if !visit.is_payable() {
        return Ok(visit.to_receipt());
    }
    let Ok(token) = TokenText::parse(Cow::Borrowed(&typed.token)) else {
        return visit.answer(CheckoutStep::Refused(Refusal::SessionOver)).await;
    };
    match cards::send_code(&visit.app, &visit.kassa, token.hashed()).await {
        Ok(phone) => {
            let phone = MaskedPhone::of_phone(&phone);
            let fresh = fresh_code(token.as_str());
            let step = CodeStep { phone: phone.as_ref(), resent: true, ..fresh };
            visit.answer(CheckoutStep::Code(step)).await
        }
        Err(error) => visit.code_again(&typed, &token, trouble::of_code(error)).await,
    }
}

/// The card that was typed, or everything that is wrong with it.
fn read_card(typed: &CardForm, now: UnixMillis) -> Result<(Pan, Expiry), Vec<CardProblem>> {
    let number = form::card_number(&typed.number);
    let expiry = form::expiry(&typed.expire);
    let expiry = expiry.and_then(|expiry| match expiry.is_past(now) {
        true => Err(CardProblem::Expired),
        false => Ok(expiry),
    });
    match (number, expiry) {
        (Ok(pan), Ok(expiry)) => Ok((pan, expiry)),
        (number, expiry) => Err([number.err(), expiry.err()].into_iter().flatten().collect()),
    }
}

fn card_again<'a>(typed: &'a CardForm, problems: &'a [CardProblem]) -> CheckoutStep<'a> {
    CheckoutStep::Card(CardStep { expiry: &typed.expire, problems })
}

/// The step after a code was sent just now.
fn fresh_code(token: &str) -> CodeStep<'_> {
    let seconds = whole_seconds(CODE_LIFE_MS);
    CodeStep { token, phone: None, seconds, resent: false, problem: None }
}

/// How many seconds the code that was sent last can still be used.
fn seconds_left(code: &PendingCode, now: UnixMillis) -> u32 {
    code.sent.map_or(0, |(_, at)| whole_seconds(CODE_LIFE_MS.saturating_sub(now.since(at))))
}

fn whole_seconds(milliseconds: i64) -> u32 {
    u32::try_from(milliseconds / SECOND_MS).unwrap_or(0)
}

/// A visitor at the checkout of a receipt.
struct Visit {
    app: Arc<App>,
    language: Language,
    /// As it was when the visitor came.
    receipt: Receipt,
    kassa: Arc<Kassa>,
}

impl Visit {
    async fn open(app: Arc<App>, id: &str, language: Language) -> Result<Self, Problem> {
        let not_found = || Problem::NotFound(language);
        let id: ReceiptId = id.parse().map_err(|_| not_found())?;
        let receipt = find(&app, id, language).await?.ok_or_else(not_found)?;
        let kassa = app.kassa(receipt.kassa).ok_or_else(not_found)?;
        Ok(Self { app, language, receipt, kassa })
    }

    fn is_payable(&self) -> bool {
        self.receipt.state == ReceiptState::Created && self.receipt.acquirer == Acquirer::Networks
    }

    /// Where an unpaid receipt is paid whose money Payme takes: on Payme's own page.
    fn elsewhere(&self) -> Option<String> {
        let Receipt { id, kassa, state, acquirer, .. } = self.receipt;
        let is_there = acquirer == Acquirer::Payme && state == ReceiptState::Created;
        let desk = self.app.payme.of(kassa).filter(|_| is_there)?;
        Some(desk.checkout_link(id))
    }

    /// Leads to the receipt's own page, which tells its state.
    fn to_receipt(&self) -> Response {
        pages::see(&format!("/pay/{}", self.receipt.id), self.language)
    }

    fn page(&self, step: CheckoutStep<'_>) -> Result<Response, Problem> {
        let order = Order::read(&self.receipt, &self.kassa, self.language);
        let order = order.map_err(|error| {
            let error = &error as &dyn std::error::Error;
            tracing::error!(receipt = %self.receipt.id, error, "receipt cannot be shown");
            Problem::Failed(self.language)
        })?;
        let receipt = order.summary(&self.receipt, &self.kassa);
        let sandbox = self.app.sandbox.is_some();
        let checkout = CheckoutPage { language: self.language, sandbox, receipt, step };
        Ok(pages::page(StatusCode::OK, checkout.render()))
    }

    /// The page with `step`, unless the receipt has moved on meanwhile: then its state decides.
    /// So nobody pays twice, or reads "not charged" of a receipt that another window has paid.
    async fn answer(&self, step: CheckoutStep<'_>) -> Result<Response, Problem> {
        if self.has_moved_on().await? { Ok(self.to_receipt()) } else { self.page(step) }
    }

    async fn failed(&self) -> Result<Response, Problem> {
        match self.has_moved_on().await? {
            true => Ok(self.to_receipt()),
            false => Err(Problem::Failed(self.language)),
        }
    }

    async fn has_moved_on(&self) -> Result<bool, Problem> {
        let current = find(&self.app, self.receipt.id, self.language).await?;
        Ok(current.is_none_or(|current| current.state != ReceiptState::Created))
    }

    async fn send_first_code(
        &self,
        pan: Pan,
        expiry: Expiry,
    ) -> Result<(TokenText<'static>, String), Trouble<CardProblem>> {
        let (app, kassa) = (&self.app, &self.kassa);
        let new = cards::NewCard { pan, expiry, save: false, key: None };
        let (_, token) = cards::create(app, kassa, new).await.map_err(trouble::of_card)?;
        let phone = cards::send_code(app, kassa, token.hashed()).await;
        Ok((token, phone.map_err(trouble::of_card)?))
    }

    async fn pay(&self, token: Token, code: &str) -> Result<(), Trouble<CodeProblem>> {
        let (app, kassa) = (&self.app, &self.kassa);
        cards::verify(app, kassa.id, token, code).await.map_err(trouble::of_code)?;
        let (receipt, hold) = (self.receipt.id, self.receipt.hold);
        let payment = receipts::Payment { receipt, token, hold, payer: None, key: None };
        receipts::pay(app, kassa, payment).await.map_err(trouble::of_payment)?;
        Ok(())
    }

    /// The page after the code form failed.
    async fn code_again(
        &self,
        typed: &CodeForm,
        token: &TokenText<'_>,
        trouble: Trouble<CodeProblem>,
    ) -> Result<Response, Problem> {
        let problem = match trouble {
            Trouble::Form(problem) => problem,
            Trouble::Refused(refusal) => {
                return self.answer(CheckoutStep::Refused(refusal)).await;
            }
            Trouble::Receipt => return Ok(self.to_receipt()),
            Trouble::Failed => return self.failed().await,
        };
        // The receipt is looked at after the card, in answer(): where the token is used up, the
        // payment that used it is seen then.
        let card = match cards::check(&self.app, self.kassa.id, &token.hashed()).await {
            Ok(card) => card,
            Err(ServiceError::Rejected(_)) => {
                return self.answer(CheckoutStep::Refused(Refusal::SessionOver)).await;
            }
            Err(_) => return self.failed().await,
        };
        if card.verified {
            // The form was sent before, and its code taken: that payment is on its way.
            return Ok(self.to_receipt());
        }
        let left = seconds_left(&card.code, self.app.clock.now());
        let seconds = match problem {
            CodeProblem::Expired | CodeProblem::TooManyTries | CodeProblem::SmsFailed => 0,
            _ => left,
        };
        let phone = MaskedPhone::parse(&typed.phone);
        self.answer(CheckoutStep::Code(CodeStep {
            token: token.as_str(),
            phone: phone.as_ref(),
            seconds,
            resent: false,
            problem: Some(problem),
        }))
        .await
    }
}

async fn find(app: &App, id: ReceiptId, language: Language) -> Result<Option<Receipt>, Problem> {
    app.store.receipt(id).await.map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "reading the store failed");
        Problem::Failed(language)
    })
}
