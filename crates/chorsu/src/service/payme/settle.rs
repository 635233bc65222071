//! From a payment that was sent to what became of it, in the books.

use std::sync::Arc;
use std::time::Duration;

use chorsu_connectors::payme::kassa::{Asked, Cancelled, KassaCard, Paid, Rejection};
use chorsu_connectors::wallet::WalletError;
use chorsu_core::card::CardFace;
use chorsu_core::command::payme::{End, PaymeCommand};
use chorsu_core::plan::{OutboxKind, OutboxRow};
use chorsu_core::secret::SecretHash;
use chorsu_core::{CardId, Command, KassaId, Network, OperationId, Receipt, ReceiptState};
use tokio::time::{Instant, sleep};

use super::{ASK_PAUSE, ASK_PAUSE_MAX, ROUND, ServiceError, follow, is_without_effect, refused};
use crate::app::App;
use crate::service::operation;

/// What is known of a payment.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Truth {
    /// The money was taken.
    Paid(Option<KassaCard>),
    /// The money is held.
    Held(Option<KassaCard>),
    /// Nothing was taken; `None` when Payme was never reached.
    Refused(Option<Rejection>),
    /// The receipt is closed, and nothing of it is with us.
    Closed,
    /// Nobody knows yet.
    Unknown,
}

/// A receipt whose intent is durable.
pub(super) struct Sent {
    receipt: Arc<Receipt>,
    operation: OperationId,
    /// Since when it is looked after here; budgets count from then.
    since: Instant,
    /// How long ago it was sent at that time.
    age: Duration,
}

impl Sent {
    /// It is being sent now.
    pub(super) fn now(receipt: &Arc<Receipt>, operation: OperationId) -> Self {
        let (receipt, since) = (receipt.clone(), Instant::now());
        Self { receipt, operation, since, age: Duration::ZERO }
    }

    fn age(&self) -> Duration {
        self.age + self.since.elapsed()
    }
}

/// What the answer to a payment proves.
pub(super) fn of_answer(receipt: &Receipt, answered: Result<Paid, WalletError>) -> Truth {
    match answered {
        Ok(Paid::Taken(card)) => Truth::Paid(card),
        // A hold that nobody has asked for is no outcome.
        Ok(Paid::Held(card)) if receipt.hold => Truth::Held(card),
        Ok(Paid::Refused(rejection)) => Truth::Refused(Some(rejection)),
        Ok(Paid::Held(_) | Paid::Open) => Truth::Unknown,
        Err(error) if is_without_effect(receipt, &error) => Truth::Refused(None),
        Err(_) => Truth::Unknown,
    }
}

/// Asks until the truth is known or `budget` is used up, and writes it down.
///
/// # Errors
/// What Payme said against it, or [`ServiceError::OutcomeUnknown`] when time ran out; then the
/// intent stays in the outbox and is settled from there.
pub(super) async fn to_the_end(
    app: &App,
    sent: &Sent,
    first: Truth,
    budget: Duration,
) -> Result<Arc<Receipt>, ServiceError> {
    let deadline = sent.since + budget;
    let (mut truth, mut pause) = (first, ASK_PAUSE);
    loop {
        if truth != Truth::Unknown {
            return write_down(app, sent, truth).await;
        }
        truth = ask(app, sent).await?;
        if truth == Truth::Unknown {
            wait(&mut pause, deadline, &sent.receipt).await?;
        }
    }
}

/// Sleeps before the next question, unless there is no time left for one.
pub(super) async fn wait(
    pause: &mut Duration,
    deadline: Instant,
    receipt: &Receipt,
) -> Result<(), ServiceError> {
    if Instant::now() + *pause >= deadline {
        tracing::warn!(receipt = %receipt.id, "outcome at Payme not known yet");
        return Err(ServiceError::OutcomeUnknown);
    }
    sleep(*pause).await;
    *pause = (*pause * 2).min(ASK_PAUSE_MAX);
    Ok(())
}

async fn ask(app: &App, sent: &Sent) -> Result<Truth, ServiceError> {
    let receipt = &sent.receipt;
    let desk = super::desk(app, receipt.kassa)?;
    Ok(match desk.link.ask(receipt.id, receipt.amount, sent.age()).await {
        Ok(Asked::Taken(card)) => Truth::Paid(card),
        Ok(Asked::Held(card)) if receipt.hold => Truth::Held(card),
        Ok(Asked::Closed) => Truth::Closed,
        Ok(Asked::Held(_) | Asked::Open) => Truth::Unknown,
        // Failing to ask leaves the question open, whatever the reason.
        Err(error) => {
            is_without_effect(receipt, &error);
            Truth::Unknown
        }
    })
}

/// Closes an unpaid receipt at Payme, and then here.
///
/// # Errors
/// As [`to_the_end`].
pub(super) async fn close(
    app: &App,
    sent: &Sent,
    budget: Duration,
) -> Result<Arc<Receipt>, ServiceError> {
    let receipt = &sent.receipt;
    let desk = super::desk(app, receipt.kassa)?;
    let rejection = match desk.link.cancel(receipt.id).await {
        Ok(Cancelled::Done) => return write_down(app, sent, Truth::Closed).await,
        Ok(Cancelled::Refused(rejection)) => Some(rejection),
        Ok(Cancelled::Queued | Cancelled::Open) => None,
        Err(error) if is_without_effect(receipt, &error) => {
            return write_down(app, sent, Truth::Refused(None)).await;
        }
        Err(_) => None,
    };
    let Some(rejection) = rejection else {
        return to_the_end(app, sent, Truth::Unknown, budget).await;
    };
    // Payme will not: because it is paid after all, or for reasons of its own.
    match ask(app, sent).await? {
        Truth::Unknown => write_down(app, sent, Truth::Refused(Some(rejection))).await,
        truth => {
            let receipt = write_down(app, sent, truth).await?;
            let is_closed = receipt.state == ReceiptState::Cancelled;
            if is_closed { Ok(receipt) } else { Err(refused(rejection)) }
        }
    }
}

/// Settles an intent whose owner has died or given up.
///
/// # Errors
/// As [`to_the_end`]; the intent then stays for the next round.
pub(crate) async fn recover(
    app: &App,
    receipt: Receipt,
    row: &OutboxRow,
) -> Result<Arc<Receipt>, ServiceError> {
    match row.kind {
        OutboxKind::Debit | OutboxKind::Hold => {
            let age = app.clock.now().since(row.created_at);
            let age = Duration::from_millis(u64::try_from(age).unwrap_or(0));
            let (receipt, operation) = (Arc::new(receipt), row.operation);
            let sent = Sent { receipt, operation, since: Instant::now(), age };
            to_the_end(app, &sent, Truth::Unknown, ROUND).await
        }
        _ => follow::follow_up(app, &receipt, row, None).await,
    }
}

/// Writes the truth down, and tells it in the words for the caller.
async fn write_down(app: &App, sent: &Sent, truth: Truth) -> Result<Arc<Receipt>, ServiceError> {
    let kassa = sent.receipt.kassa;
    let (end, rejection) = match truth {
        Truth::Paid(card) => (End::Paid(card.and_then(|card| face(kassa, card))), None),
        Truth::Held(card) => (End::Held(card.and_then(|card| face(kassa, card))), None),
        Truth::Refused(rejection) => (End::Refused, rejection),
        Truth::Closed => (End::Closed, None),
        Truth::Unknown => return Err(ServiceError::OutcomeUnknown),
    };
    let (receipt, operation, now) = (sent.receipt.id, sent.operation, app.clock.now());
    let finish = PaymeCommand::Finish { receipt, operation, end, now };
    let receipt = operation::finish(app, Command::Payme(finish)).await?;
    crate::sandbox::pause::at(app, "payme.outcome_durable").await;
    match receipt.state {
        ReceiptState::Created => Err(rejection.map_or(ServiceError::Unreachable, refused)),
        ReceiptState::Checking | ReceiptState::Debiting | ReceiptState::Holding => {
            Err(ServiceError::OutcomeUnknown)
        }
        _ => Ok(receipt),
    }
}

/// The card of a receipt as it is kept: the same card has the same id at a kassa, although neither
/// its number nor its token is known here. A card of no network we know is not kept.
fn face(kassa: KassaId, card: KassaCard) -> Option<CardFace> {
    let KassaCard { masked, expiry } = card;
    let network = Network::of_masked(&masked)?;
    let named = format!("{masked}{}", expiry.yymm());
    let hash = SecretHash::of(kassa.as_bytes(), named.as_bytes());
    let id = CardId::from_bytes(hash.0.get(..chorsu_core::id::ID_BYTES)?).ok()?;
    Some(CardFace { id, masked, expiry, network })
}
