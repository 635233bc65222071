//! Orders that were sent before, and receipts that were registered before.

use chorsu_api::till::{OrderRequest, decode};
use chorsu_core::command::IdempotencyKey;
use chorsu_core::fiscal_receipt::{FiscalReceipt, FiscalState};
use chorsu_core::{Document, DocumentId, DocumentKind, Reject};
use chorsu_store::DocumentRange;

use super::claim::Claim;
use crate::app::App;
use crate::till::TillFailure;
use crate::till::registry::Till;

/// Receipts read at once while one is looked for by its number.
const PAGE: u32 = 200;
/// Pages that are looked through.
const PAGES_MAX: u32 = 25;

/// Which registered receipt is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// The one registered last.
    Last,
    /// The one with this number at the fiscal module.
    Number(i64),
    /// The one of the order with this id of the till's own.
    Client(String),
}

/// The id under which an order is found again. A refund may have the id of its sale.
pub(super) fn client_id(request: &OrderRequest) -> Option<String> {
    let uuid = request.uuid.as_ref()?;
    let is_refund = request.fiscal.operation.is_refund();
    Some(if is_refund { format!("refund:{uuid}") } else { uuid.clone() })
}

/// The order that the same request has brought about before, by idempotency key or by the till's
/// own id. One that was refused under that id may be sent again.
///
/// # Errors
/// [`TillFailure`] when key or id were used for another order.
pub(super) async fn by_id(
    app: &App,
    till: &Till,
    request: &OrderRequest,
    key: Option<&IdempotencyKey>,
) -> Result<Option<DocumentId>, TillFailure> {
    if let Some(key) = key
        && let Some(id) = app.earlier_document(key).await?
    {
        return Ok(Some(DocumentId(id)));
    }
    let Some(id) = client_id(request) else { return Ok(None) };
    let found = app.store.document_by_key(FiscalReceipt::client_key(&till.id, &id)).await?;
    match found.as_ref().and_then(Document::fiscal) {
        None => Ok(None),
        Some(known) if known.state == FiscalState::Refused => Ok(None),
        Some(known) if is_same(request, known) => Ok(Some(known.id)),
        Some(_) => Err(Reject::OrderIdUsed.into()),
    }
}

/// The same order, if the payment it names is on its receipt already.
///
/// # Errors
/// [`TillFailure`] when the store fails.
pub(super) async fn by_claim(
    app: &App,
    claim: &Claim,
    request: &OrderRequest,
) -> Result<Option<DocumentId>, TillFailure> {
    let Some(id) = claim.order() else { return Ok(None) };
    let found = app.store.document(id).await?;
    let known = found.as_ref().and_then(Document::fiscal);
    Ok(known.filter(|known| is_same(request, known)).map(|known| known.id))
}

/// Whether a request is the order behind a receipt. Its time does not count: a till that repeats
/// an order may write it anew.
fn is_same(request: &OrderRequest, known: &FiscalReceipt) -> bool {
    let Ok(stored) = decode::stored_order(&known.body) else { return false };
    let mut request = request.clone();
    request.fiscal.time = stored.fiscal.time;
    request.body() == *known.body
}

/// A registered receipt of a till.
///
/// # Errors
/// [`TillFailure`] when the store fails.
pub(crate) async fn registered(
    app: &App,
    till: &Till,
    which: Which,
) -> Result<Option<FiscalReceipt>, TillFailure> {
    let key = match which {
        Which::Last => FiscalReceipt::last_key(&till.id),
        Which::Client(id) => FiscalReceipt::client_key(&till.id, &id),
        Which::Number(number) => return by_number(app, till, number).await,
    };
    let found = app.store.document_by_key(key).await?;
    let receipt = found.and_then(into_receipt);
    Ok(receipt.filter(|receipt| receipt.registration.is_some()))
}

/// The newest receipt of this number among the newest receipts of the merchant.
async fn by_number(
    app: &App,
    till: &Till,
    number: i64,
) -> Result<Option<FiscalReceipt>, TillFailure> {
    let is_meant = |receipt: &FiscalReceipt| {
        let registration = receipt.registration.as_ref();
        receipt.till == till.id && registration.is_some_and(|made| made.number == number)
    };
    let mut before = None;
    for _ in 0..PAGES_MAX {
        let (kind, owner) = (DocumentKind::Fiscal, till.merchant.into());
        let range = DocumentRange { kind, owner, before, limit: PAGE };
        let page = app.store.documents(range).await?;
        before = page.last().map(Document::id);
        let is_last = page.len() < PAGE as usize;
        let found = page.into_iter().filter_map(into_receipt).find(is_meant);
        if found.is_some() || is_last {
            return Ok(found);
        }
    }
    Ok(None)
}

fn into_receipt(document: Document) -> Option<FiscalReceipt> {
    match document {
        Document::Fiscal(receipt) => Some(receipt),
        _ => None,
    }
}
