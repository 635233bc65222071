//! Giving the money of a payment back.

use std::sync::Arc;
use std::time::Duration;

use chorsu_core::command::IdempotencyKey;
use chorsu_core::command::till::{BeginReverse, TillCommand};
use chorsu_core::plan::OutboxRow;
use chorsu_core::till::TillState;
use chorsu_core::{Command, Document, DocumentId, Reply, Tiyin};
use tokio::time::{Instant, sleep};

use super::provider::{Reversal, Way};
use super::writing::{begin_once, write};
use super::{TillFailure, after_intent, payment_of};
use crate::app::App;
use crate::ids;

/// How long one round of tries goes on; then the outbox takes over.
const ROUND: Duration = Duration::from_secs(20);
/// The first pause between two tries; it doubles each time.
const PAUSE: Duration = Duration::from_millis(200);
/// From when on a reversal that makes no headway is tried once in a round.
const STUBBORN_AFTER_MS: i64 = 2 * 60 * 1_000;

/// Which payment's money is to go back, and why.
#[derive(Clone, Debug)]
pub(crate) struct Return {
    /// The payment.
    pub(crate) id: DocumentId,
    /// What the caller believes its amount to be.
    pub(crate) amount: Option<Tiyin>,
    /// Why.
    pub(crate) reason: Arc<str>,
    /// The caller's idempotency key.
    pub(crate) key: Option<IdempotencyKey>,
}

impl Return {
    /// All of a payment, for a reason of ours.
    pub(crate) fn whole(id: DocumentId, reason: &str) -> Self {
        Self { id, amount: None, reason: Arc::from(reason), key: None }
    }
}

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
pub(crate) async fn reverse(app: &Arc<App>, asked: Return) -> Result<Returned, TillFailure> {
    let now = app.clock.now();
    let operation = ids::operation(now);
    let Return { id, amount, reason, key } = asked;
    let document = app.store.document(id).await?.ok_or(chorsu_core::Reject::PaymentNotFound)?;
    let void_key = payment_of(&document)?.own_void_key();
    let command = BeginReverse { id, operation, amount, reason, void_key, key: key.clone(), now };
    match begin_once(app, key, Command::Till(TillCommand::BeginReverse(command))).await? {
        Reply::DocumentBegun(document, row) => {
            let (app, begun) = (app.clone(), document.clone());
            let task = tokio::spawn(async move { run(&app, document, row).await });
            let done = task.await.unwrap_or(Err(TillFailure::Internal));
            done.map_err(|failure| after_intent(failure, &begun))
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
///
/// A till that asks for its money is told of a refusal. Money that goes back by itself must not stay
/// for a refusal that may pass: it is asked for again, from the outbox, for as long as the till's
/// settings say.
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
    let age_ms = app.clock.now().since(row.created_at);
    let is_stubborn = age_ms >= STUBBORN_AFTER_MS;
    let limit_ms = i64::try_from(till.give_back_for.as_millis()).unwrap_or(i64::MAX);
    let may_pass = payment.goes_back_by_itself() && age_ms < limit_ms;
    let mut pause = PAUSE;
    let (refusal, slip) = loop {
        match way.reverse(app, payment).await {
            Reversal::Done(slip) => break (None, slip),
            Reversal::Refused(reason) if !may_pass => break (Some(reason), None),
            Reversal::Refused(reason) => {
                app.metrics.reversal("refused_for_now");
                tracing::warn!(payment = %payment.id, %reason, "the money does not go back yet");
            }
            Reversal::Again => {}
        }
        if is_stubborn || Instant::now() + pause >= deadline {
            return Err(TillFailure::Unknown(document));
        }
        sleep(pause).await;
        pause *= 2;
    };
    app.metrics.reversal(if refusal.is_some() { "refused" } else { "reversed" });
    crate::sandbox::pause::at(app, "till.reversal_answered").await;
    let (id, operation, now) = (payment.id, row.operation, app.clock.now());
    let printed = slip.clone();
    let command = TillCommand::FinishReverse { id, operation, refusal, slip: printed, now };
    match write(app, Command::Till(command)).await? {
        Reply::Document(document) => told(document, slip),
        _ => Err(TillFailure::Internal),
    }
}
