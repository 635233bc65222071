//! Registering orders and refunds at the fiscal module: a durable draft, the module, the outcome.
//!
//! The module knows a draft by its id. A draft whose answer was lost is therefore sent again, now
//! or by whoever finds it in the outbox, and is registered once.

pub(crate) mod claim;
pub(crate) mod earlier;
pub(crate) mod nameless;
mod registering;

use std::sync::Arc;
use std::time::Duration;

use chorsu_api::till::OrderRequest;
use chorsu_core::command::IdempotencyKey;
use chorsu_core::command::fiscal::{BeginFiscal, FiscalCommand};
use chorsu_core::fiscal::{Fault, Operation, OrderKind};
use chorsu_core::fiscal_receipt::{FiscalKind, FiscalReceipt, FiscalState};
use chorsu_core::plan::OutboxRow;
use chorsu_core::{Command, Document, DocumentId, Reject, Reply, Tiyin, UnixMillis};
use chorsu_store::LEASE_MS;
use tokio::time::{Instant, sleep};

use self::claim::{Claim, PaymentProblem};
use self::registering::Registering;
use super::TillFailure;
use super::registry::Till;
use super::writing::begin;
use crate::app::App;
use crate::ids;

/// How long one round of tries goes on when nobody waits; then the outbox takes over.
const ROUND: Duration = Duration::from_secs(20);
/// How long whoever drafted a receipt tries to register it. Two at once must not: this ends before
/// the lease of the draft's intent does.
const OWN_ROUND: Duration = Duration::from_millis(LEASE_MS.unsigned_abs() - 5_000);
/// The longest pause between two looks at a draft that somebody else is registering.
const LOOK_PAUSE_MAX: Duration = Duration::from_millis(500);

/// Why an order is not registered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OrderFailure {
    /// A failure that other calls of a till have as well.
    #[error(transparent)]
    Till(#[from] TillFailure),
    /// The order breaks a rule.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// Its time is too far from the clock.
    #[error("the time of the order is too far from the clock")]
    Time,
    /// The payment it names is not one it may name.
    #[error("the payment of the order: {0}")]
    Payment(#[from] PaymentProblem),
}

/// The fiscal receipt a document is; a document of another kind is a defect of ours.
pub(crate) fn receipt_of(document: &Document) -> Result<&FiscalReceipt, TillFailure> {
    document.fiscal().ok_or_else(|| {
        tracing::error!(document = %document.id(), "not a fiscal receipt");
        TillFailure::Internal
    })
}

/// Registers an order or a refund and answers with the registered receipt.
///
/// The same order again is the same receipt: by the caller's idempotency key, by the till's own id
/// of the order, or by the payment it names.
///
/// # Errors
/// [`OrderFailure`]; [`TillFailure::ModuleSilent`] when the time of the till's caller was used up
/// while the draft is durable: it is registered all the same.
pub(crate) async fn order(
    app: &Arc<App>,
    till: &Arc<Till>,
    request: OrderRequest,
    key: Option<IdempotencyKey>,
) -> Result<Arc<Document>, OrderFailure> {
    let deadline = Instant::now() + till.budget;
    if let Some(known) = earlier::by_id(app, till, &request, key.as_ref()).await? {
        return Ok(follow(app, known, deadline).await?);
    }
    let claim = Claim::find(app, till, &request.fiscal).await?;
    if let Some(known) = earlier::by_claim(app, &claim, &request).await? {
        return Ok(follow(app, known, deadline).await?);
    }
    let total = request.fiscal.check()?.totals.due;
    let now = app.clock.now();
    if !request.fiscal.is_timely(now) {
        return Err(OrderFailure::Time);
    }
    if till.module().is_none() {
        return Err(TillFailure::NotConfigured.into());
    }
    let payments = claim.judged(request.fiscal.received_card)?;
    let receipt = draft(till, &request, total, now);
    let client_key = receipt.client_id.as_ref();
    let client_key = client_key.map(|id| Arc::from(FiscalReceipt::client_key(&till.id, id)));
    let is_known_by_itself = key.is_some() || client_key.is_some() || payments[0].is_some();
    let repeat_key = (!is_known_by_itself).then(|| nameless::repeat_key(till, &request));
    let operation = ids::operation(now);
    let begin = BeginFiscal { receipt, operation, client_key, repeat_key, payments, key };
    if !is_known_by_itself {
        return Ok(nameless::order(app, till, begin, deadline).await?);
    }
    begun(app, till, Asked { request, claim, begin }, deadline).await
}

/// An order on its way to a draft.
struct Asked {
    request: OrderRequest,
    claim: Claim,
    begin: BeginFiscal,
}

/// Drafts the receipt of an order and registers it, or follows the draft of the same order.
async fn begun(
    app: &Arc<App>,
    till: &Till,
    asked: Asked,
    deadline: Instant,
) -> Result<Arc<Document>, OrderFailure> {
    let Asked { request, claim, begin: command } = asked;
    let key = command.key.clone();
    match begin(app, Command::Fiscal(FiscalCommand::Begin(Box::new(command)))).await {
        Ok(Reply::DocumentBegun(document, row)) => {
            crate::sandbox::pause::at(app, "fiscal.draft_durable").await;
            Ok(register(app, document, row, deadline).await?)
        }
        Ok(Reply::Document(document)) => Ok(follow(app, document.id(), deadline).await?),
        Ok(_) => Err(TillFailure::Internal.into()),
        // Somebody was faster, a moment ago: perhaps with the same order.
        Err(TillFailure::Rejected(reject)) => {
            let known = match &reject {
                Reject::IdempotencyKeyUsed | Reject::OrderIdUsed => {
                    earlier::by_id(app, till, &request, key.as_ref()).await?
                }
                _ => {
                    let claim = Claim::find(app, till, &request.fiscal).await?;
                    earlier::by_claim(app, &claim, &request).await?
                }
            };
            match known {
                Some(known) => Ok(follow(app, known, deadline).await?),
                None => Err(claim.refused(reject)),
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// Registers a draft that was found in the outbox, in one round of tries.
///
/// # Errors
/// [`TillFailure`]; the draft then stays for the next round.
pub(crate) async fn run(
    app: &Arc<App>,
    document: Arc<Document>,
    row: OutboxRow,
) -> Result<Arc<Document>, TillFailure> {
    let deadline = Instant::now() + ROUND;
    // Whoever drafted it may have sent it.
    Registering::new(app, document, row, deadline)?.sent_before().run().await
}

/// Registers a new draft while its caller waits; one who hangs up does not stop it.
async fn register(
    app: &Arc<App>,
    document: Arc<Document>,
    row: OutboxRow,
    deadline: Instant,
) -> Result<Arc<Document>, TillFailure> {
    let id = document.id();
    let (registering, end) = (app.clone(), deadline.min(Instant::now() + OWN_ROUND));
    let task =
        tokio::spawn(
            async move { Registering::new(&registering, document, row, end)?.run().await },
        );
    match task.await.unwrap_or(Err(TillFailure::ModuleSilent)) {
        Ok(document) => told(document)?.ok_or(TillFailure::ModuleSilent),
        // From here on it is registered from the outbox.
        Err(TillFailure::ModuleSilent) => follow(app, id, deadline).await,
        Err(error) => Err(error),
    }
}

/// What a till is told of a receipt as it stands, or `None` while it is a draft.
fn told(document: Arc<Document>) -> Result<Option<Arc<Document>>, TillFailure> {
    let receipt = receipt_of(&document)?;
    match receipt.state {
        FiscalState::Draft => Ok(None),
        FiscalState::Registered => Ok(Some(document)),
        FiscalState::Refused => {
            Err(TillFailure::Refused(receipt.refusal.clone().unwrap_or_default()))
        }
    }
}

/// Waits until somebody else has registered a draft.
async fn follow(
    app: &App,
    id: DocumentId,
    deadline: Instant,
) -> Result<Arc<Document>, TillFailure> {
    let mut pause = Duration::from_millis(20);
    loop {
        let found = app.store.document(id).await?;
        let document = Arc::new(found.ok_or(TillFailure::Internal)?);
        if let Some(document) = told(document)? {
            return Ok(document);
        }
        if Instant::now() + pause >= deadline {
            return Err(TillFailure::ModuleSilent);
        }
        sleep(pause).await;
        pause = (pause * 2).min(LOOK_PAUSE_MAX);
    }
}

/// The draft of an order that comes to `total`.
fn draft(till: &Till, request: &OrderRequest, total: Tiyin, now: UnixMillis) -> FiscalReceipt {
    FiscalReceipt {
        id: DocumentId::new(now, ids::random()),
        till: till.id.clone(),
        merchant: till.merchant,
        kind: match (&request.fiscal.operation, request.fiscal.kind) {
            (Operation::Refund { .. }, _) => FiscalKind::Refund,
            (Operation::Sale, OrderKind::Order) => FiscalKind::Sale,
            (Operation::Sale, OrderKind::Prepaid) => FiscalKind::Advance,
            (Operation::Sale, OrderKind::Credit) => FiscalKind::Credit,
        },
        total,
        client_id: earlier::client_id(request).map(Arc::from),
        body: Arc::from(request.body()),
        state: FiscalState::Draft,
        operation: None,
        created_at: now,
        payment: None,
        second_payment: None,
        registration: None,
        refusal: None,
        steps: Vec::new(),
    }
}
