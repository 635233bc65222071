//! Giving the money of a payment back.

use std::sync::Arc;
use std::time::Duration;

use chorsu_core::command::till::{BeginReverse, TillCommand};
use chorsu_core::plan::OutboxRow;
use chorsu_core::till::TillState;
use chorsu_core::{Command, Document, DocumentId, Reply, Tiyin};
use tokio::time::{Instant, sleep};

use super::provider::{Reversal, Way};
use super::writing::{begin, write};
use super::{TillFailure, payment_of};
use crate::app::App;
use crate::ids;

/// How long one round of tries goes on; then the outbox takes over.
const ROUND: Duration = Duration::from_secs(20);
/// The first pause between two tries; it doubles each time.
const PAUSE: Duration = Duration::from_millis(200);

/// A payment whose money went back.
#[derive(Clone, Debug)]
pub(crate) struct Returned {
    /// The payment.
    pub(crate) document: Arc<Document>,
    /// What the pinpad has printed about it, this time.
    pub(crate) slip: Option<Arc<str>>,
}

/// Gives the money of a payment back and answers with it once that is done.
///
/// # Errors
/// [`TillFailure`]; [`TillFailure::Unknown`] when the provider has not answered in time. Then it is
/// tried again until it has.
pub(crate) async fn reverse(
    app: &Arc<App>,
    id: DocumentId,
    amount: Option<Tiyin>,
    reason: &str,
) -> Result<Returned, TillFailure> {
    let now = app.clock.now();
    let operation = ids::operation(now);
    let document = app.store.document(id).await?.ok_or(chorsu_core::Reject::PaymentNotFound)?;
    let (reason, void_key) = (Arc::from(reason), payment_of(&document)?.own_void_key());
    let command = BeginReverse { id, operation, amount, reason, void_key, now };
    match begin(app, Command::Till(TillCommand::BeginReverse(command))).await? {
        Reply::DocumentBegun(document, row) => {
            let app = app.clone();
            let task = tokio::spawn(async move { run(&app, document, row).await });
            task.await.unwrap_or(Err(TillFailure::Internal))
        }
        Reply::Document(document) => told(document, None),
        _ => Err(TillFailure::Internal),
    }
}

/// Starts a reversal that nobody waits for.
pub(super) fn start(app: &Arc<App>, document: Arc<Document>, row: OutboxRow) {
    let app = app.clone();
    tokio::spawn(async move {
        if let Err(error) = run(&app, document, row).await {
            tracing::warn!(%error, "a reversal goes on from the outbox");
        }
    });
}

fn told(document: Arc<Document>, slip: Option<Arc<str>>) -> Result<Returned, TillFailure> {
    match payment_of(&document)?.state {
        TillState::Reversed => Ok(Returned { document, slip }),
        TillState::Reversing => Err(TillFailure::Unknown(document)),
        _ => Err(TillFailure::Declined(document)),
    }
}

/// Asks the provider to give the money back, again and again for one round.
pub(super) async fn run(
    app: &Arc<App>,
    document: Arc<Document>,
    row: OutboxRow,
) -> Result<Returned, TillFailure> {
    let deadline = Instant::now() + ROUND;
    let payment = payment_of(&document)?;
    let till = app.tills.find(&payment.till).ok_or(TillFailure::NotConfigured)?;
    let way = Way::of(&till, payment)?;
    crate::sandbox::pause::at(app, "till.reversal_durable").await;
    let mut pause = PAUSE;
    let (refusal, slip) = loop {
        match way.reverse(app, payment).await {
            Reversal::Done(slip) => break (None, slip),
            // The till was told that nobody knows, so the money must not stay for one passing no.
            Reversal::Refused(_) if payment.told_unknown && Instant::now() + pause < deadline => {
                sleep(pause).await;
            }
            Reversal::Refused(reason) => break (Some(reason), None),
            Reversal::Again if Instant::now() + pause >= deadline => {
                return Err(TillFailure::Unknown(document));
            }
            Reversal::Again => sleep(pause).await,
        }
        pause *= 2;
    };
    crate::sandbox::pause::at(app, "till.reversal_answered").await;
    let (id, operation, now) = (payment.id, row.operation, app.clock.now());
    let printed = slip.clone();
    let command = TillCommand::FinishReverse { id, operation, refusal, slip: printed, now };
    match write(app, Command::Till(command)).await? {
        Reply::Document(document) => told(document, slip),
        _ => Err(TillFailure::Internal),
    }
}
