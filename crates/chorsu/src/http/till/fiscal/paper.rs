//! `/order/print`: a registered receipt once more, on paper.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::Uri;
use axum::response::Response;
use chorsu_api::till::problems::{NOT_A_BOOLEAN, NOT_AN_INTEGER};
use chorsu_api::till::{Problems, TillError, decode, encode};
use chorsu_core::Document;
use chorsu_core::fiscal_receipt::FiscalReceipt;
use chorsu_print::{Language, PaperWidth, PrintError, ReceiptPaper, receipt_page};
use serde::Deserialize;

use super::failure::of_till;
use super::orders::no_receipt;
use super::refuse_in_result;
use crate::app::App;
use crate::http::till::form::{self, Drawn, Format, choice, filled, sent};
use crate::http::till::{At, answer};
use crate::till::fiscal_map::{PaperParts, paper};
use crate::till::fiscalise::earlier::{Which, registered};
use crate::till::registry::Till;

/// What may be asked for; the names are those of the address.
#[derive(Debug, Default, Deserialize)]
struct Parameters {
    format: Option<String>,
    width: Option<String>,
    lang: Option<String>,
    copy: Option<String>,
    number: Option<String>,
    seq: Option<String>,
    uuid: Option<String>,
}

/// What is to be printed, and how.
struct Asked {
    /// `None` for the answer that only says it was printed.
    format: Option<Format>,
    width: PaperWidth,
    language: Language,
    copy: bool,
    which: Which,
}

/// Prints a receipt.
pub(super) async fn print(State(app): State<Arc<App>>, At(till): At, uri: Uri) -> Response {
    printed(&app, &till, &uri).await.unwrap_or_else(|error| refuse_in_result(&error))
}

async fn printed(app: &App, till: &Till, uri: &Uri) -> Result<Response, TillError> {
    let asked = asked(uri)?;
    let found = registered(app, till, asked.which.clone()).await;
    let receipt = found.map_err(|error| of_till(&error))?.ok_or_else(no_receipt)?;
    let paper = receipt_paper(app, till, &receipt, &asked).await?;
    // Drawing a long receipt takes a while.
    let (format, width, language) = (asked.format, asked.width, asked.language);
    let drawn = tokio::task::spawn_blocking(move || draw(&paper, format, (width, language)));
    let drawn = drawn.await.map_err(|_| TillError::PrinterNotWorking)?;
    let drawn = drawn.map_err(|error| {
        let error: &dyn std::error::Error = &error;
        tracing::warn!(receipt = %receipt.id, error, "a receipt cannot be printed");
        TillError::PrinterNotWorking
    })?;
    Ok(match drawn {
        Some(drawn) => sent(drawn),
        None => {
            let mut out = Vec::with_capacity(64);
            encode::printed(&mut out);
            answer(out)
        }
    })
}

async fn receipt_paper(
    app: &App,
    till: &Till,
    receipt: &FiscalReceipt,
    asked: &Asked,
) -> Result<ReceiptPaper, TillError> {
    let order = decode::stored_order(&receipt.body)?;
    let payment = match receipt.payment {
        Some(id) => app.store.document(id).await.map_err(|error| of_till(&error.into()))?,
        None => None,
    };
    let parts = PaperParts {
        till,
        order: &order,
        registration: receipt.registration.as_ref().ok_or(TillError::Internal)?,
        payment: payment.as_ref().and_then(Document::till),
        copy: asked.copy,
        trial: app.sandbox.is_some(),
    };
    Ok(paper(&parts, asked.language))
}

/// The paper in its form, with the type of its content. It is composed even for nobody to see:
/// what cannot be printed is not said to be.
fn draw(
    paper: &ReceiptPaper,
    format: Option<Format>,
    (width, language): (PaperWidth, Language),
) -> Result<Option<Drawn>, PrintError> {
    let page = receipt_page(paper, width, language)?;
    format.map(|format| form::draw(&page, format)).transpose()
}

fn asked(uri: &Uri) -> Result<Asked, TillError> {
    let parameters = Query::<Parameters>::try_from_uri(uri);
    let Query(given) = parameters
        .map_err(|_| TillError::whole("The parameters of the address are not readable."))?;
    let mut problems = Problems::default();
    let format = form::format(&mut problems, given.format.as_deref());
    let width = form::width(&mut problems, given.width.as_deref());
    let language = choice(&mut problems, "lang", given.lang.as_deref(), |name| match name {
        "ru" => Some(Language::Russian),
        "uz" => Some(Language::Uzbek),
        _ => None,
    });
    let copy = match filled(given.copy.as_deref()) {
        None | Some("true" | "True" | "1") => true,
        Some("false" | "False" | "0") => false,
        Some(_) => {
            problems.add("copy", NOT_A_BOOLEAN);
            true
        }
    };
    let (seq, number) = (filled(given.seq.as_deref()), filled(given.number.as_deref()));
    let which = match (seq.or(number), filled(given.uuid.as_deref())) {
        (Some(number), _) => match number.parse::<u32>() {
            Ok(number) => Which::Number(number.into()),
            Err(_) => {
                problems.add(if seq.is_some() { "seq" } else { "number" }, NOT_AN_INTEGER);
                Which::Last
            }
        },
        (None, Some(uuid)) => Which::Client(uuid.to_owned()),
        (None, None) => Which::Last,
    };
    if !problems.is_empty() {
        return Err(problems.into());
    }
    Ok(Asked { format, width, language: language.unwrap_or(Language::Russian), copy, which })
}
