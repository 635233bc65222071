//! Requests to the card networks, from the intent in the outbox to the outcome in the books.
//!
//! An answer that was lost is neither a success nor a failure: the network is asked, and asked
//! again, until it says what became of the operation. The network remembers what it answered "not
//! found" to and refuses it from then on, so that answer is final too.

use std::sync::Arc;
use std::time::Duration;

use chorsu_connectors::Effect;
use chorsu_connectors::card::{CallError, CardAnswer, CardRefusal, CardRequest};
use chorsu_core::command::{ConfirmOutcome, Outcome};
use chorsu_core::plan::{OutboxKind, OutboxRow};
use chorsu_core::{Acquirer, Card, Command, Network, OperationId, Receipt, Reply};
use chorsu_store::SubmitError;
use tokio::time::{Instant, sleep};

use super::{ServiceError, payme};
use crate::app::App;

/// How long a caller waits for the truth before being told that it is not known yet.
const CALLER_BUDGET: Duration = Duration::from_secs(25);
/// The first pause between two questions about a lost answer; it doubles each time.
const ASK_PAUSE: Duration = Duration::from_millis(100);
/// How often the books are tried while the database is failing.
const FINISH_TRIES_MAX: u32 = 5;

/// What the network did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Truth {
    /// It did it.
    Done,
    /// It did not, for this reason; `None` when it was never reached.
    NotDone(Option<CardRefusal>),
    /// Nobody knows yet.
    Unknown,
}

/// Debits or holds after [`Reply::PayBegun`], and answers with the receipt as it is then.
///
/// # Errors
/// What the network said against it, or [`ServiceError::OutcomeUnknown`] when time ran out; then
/// the intent stays in the outbox and is settled from there.
pub(crate) async fn pay(
    app: &App,
    receipt: Arc<Receipt>,
    card: Arc<Card>,
) -> Result<Arc<Receipt>, ServiceError> {
    let Some(operation) = receipt.operation else { return Err(ServiceError::Internal) };
    let pan = card.pan.as_ref().and_then(|sealed| app.vault.open_pan(card.id(), sealed));
    let Some(pan) = pan else {
        tracing::error!(card = %card.id(), "the vault cannot open the number of this card");
        finish_pay(app, &receipt, operation, Some(&card), Outcome::Refused).await?;
        return Err(ServiceError::Internal);
    };
    let (expiry, amount, merchant) = (card.face.expiry, receipt.amount, receipt.kassa);
    let request = if receipt.hold {
        CardRequest::Hold { operation, pan, expiry, amount, merchant }
    } else {
        CardRequest::Debit { operation, pan, expiry, amount, merchant }
    };
    match find_truth(app, card.face.network, request, CALLER_BUDGET).await {
        Truth::Done => finish_pay(app, &receipt, operation, Some(&card), Outcome::Done).await,
        Truth::NotDone(refusal) => {
            finish_pay(app, &receipt, operation, Some(&card), Outcome::Refused).await?;
            Err(refusal.map_or(ServiceError::Unreachable, ServiceError::Card))
        }
        Truth::Unknown => Err(ServiceError::OutcomeUnknown),
    }
}

/// Captures, refunds or releases after [`Reply::Begun`], and answers with the receipt as it is
/// then.
///
/// # Errors
/// As [`pay`].
pub(crate) async fn follow_up(
    app: &App,
    receipt: &Receipt,
    row: &OutboxRow,
) -> Result<Arc<Receipt>, ServiceError> {
    if receipt.acquirer == Acquirer::Payme {
        return payme::follow_up(app, receipt, row, None).await;
    }
    let (Some(original), Some(card)) = (receipt.debit, receipt.card) else {
        tracing::error!(receipt = %receipt.id, "a paid receipt without its debit");
        return Err(ServiceError::Internal);
    };
    let (operation, amount) = (row.operation, row.amount);
    let request = match row.kind {
        OutboxKind::Capture => CardRequest::Capture { operation, original, amount },
        OutboxKind::Refund => CardRequest::Refund { operation, original, amount },
        OutboxKind::Release => CardRequest::Release { operation, original },
        _ => return Err(ServiceError::Internal),
    };
    let truth = find_truth(app, card.network, request, CALLER_BUDGET).await;
    finish_follow_up(app, row, truth).await
}

/// Settles an intent whose owner has died: asks what became of it and writes that down.
///
/// # Errors
/// As [`pay`]; the intent then stays for the next round.
pub(crate) async fn recover(app: &App, row: &OutboxRow) -> Result<Arc<Receipt>, ServiceError> {
    let Some(receipt) = app.store.receipt(row.document.into()).await? else {
        tracing::error!(receipt = %row.document, "an intent without its receipt");
        return Err(ServiceError::Internal);
    };
    if receipt.acquirer == Acquirer::Payme {
        return payme::recover(app, receipt, row).await;
    }
    let Some(face) = receipt.card else {
        tracing::error!(receipt = %row.document, "an intent without its card");
        return Err(ServiceError::Internal);
    };
    match row.kind {
        OutboxKind::Debit | OutboxKind::Hold => {
            let ask = CardRequest::Ask { operation: row.operation };
            let card = app.store.card(face.id).await?;
            let outcome = match find_truth(app, face.network, ask, CALLER_BUDGET).await {
                Truth::Done => Outcome::Done,
                Truth::NotDone(Some(_)) => Outcome::Refused,
                // Not reaching the network to ask says nothing about the operation.
                Truth::NotDone(None) | Truth::Unknown => return Err(ServiceError::OutcomeUnknown),
            };
            finish_pay(app, &receipt, row.operation, card.as_ref(), outcome).await
        }
        // These are idempotent at the network, and have to happen.
        OutboxKind::Capture | OutboxKind::Refund | OutboxKind::Release => {
            follow_up(app, &receipt, row).await
        }
        // These are about the till.
        OutboxKind::TillPay
        | OutboxKind::TillReverse
        | OutboxKind::TillDeliver
        | OutboxKind::FiscalRegister => Err(ServiceError::Internal),
    }
}

/// Sends `request` and, when its answer is lost, asks until the truth is known or `budget` is
/// used up.
///
/// What follows up on a debit or a hold is not asked about but sent again: it has to happen, the
/// network does it once under its id, and asking for one that never arrived would close that id.
async fn find_truth(app: &App, network: Network, request: CardRequest, budget: Duration) -> Truth {
    let deadline = Instant::now() + budget;
    let again = again(&request);
    let asking = matches!(request, CardRequest::Ask { .. });
    let mut answer = app.networks.link(network).call(request).await;
    let mut pause = ASK_PAUSE;
    loop {
        match truth_of(answer, asking) {
            Truth::Unknown => {}
            known => return known,
        }
        let Some(again) = &again else { return Truth::Unknown };
        if Instant::now() + pause >= deadline {
            let operation = again.operation();
            tracing::warn!(?operation, network = network.name(), "outcome not known yet");
            return Truth::Unknown;
        }
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(5));
        answer = match app.networks.link(network).call(again.clone()).await {
            // Failing to ask leaves the question open, whatever the reason.
            Err(error) if error.effect() == Effect::None => Err(CallError::Timeout),
            other => other,
        };
    }
}

/// What finds out what became of `request`.
fn again(request: &CardRequest) -> Option<CardRequest> {
    match request {
        CardRequest::Capture { .. } | CardRequest::Refund { .. } | CardRequest::Release { .. } => {
            Some(request.clone())
        }
        other => other.operation().map(|operation| CardRequest::Ask { operation }),
    }
}

fn truth_of(answer: Result<CardAnswer, CallError>, asking: bool) -> Truth {
    match answer {
        Ok(CardAnswer::Approved(_)) => Truth::Done,
        // The hold was made, and has lapsed since: the sweep over old holds ends the receipt.
        Ok(CardAnswer::Released(_)) => Truth::Done,
        Ok(CardAnswer::Refused(refusal)) => Truth::NotDone(Some(refusal)),
        Ok(CardAnswer::NotFound) => Truth::NotDone(Some(CardRefusal::Unavailable)),
        Ok(CardAnswer::StillProcessing) => Truth::Unknown,
        Ok(CardAnswer::Card(_)) => Truth::Unknown,
        Err(error) if error.effect() == Effect::None && !asking => Truth::NotDone(None),
        Err(_) => Truth::Unknown,
    }
}

async fn finish_pay(
    app: &App,
    receipt: &Receipt,
    operation: OperationId,
    card: Option<&Card>,
    outcome: Outcome,
) -> Result<Arc<Receipt>, ServiceError> {
    let one_time_card = card.filter(|card| !card.recurrent).map(Card::id);
    let now = app.clock.now();
    let id = receipt.id;
    let command = Command::FinishPay { receipt: id, operation, one_time_card, outcome, now };
    finish(app, command).await
}

async fn finish_follow_up(
    app: &App,
    row: &OutboxRow,
    truth: Truth,
) -> Result<Arc<Receipt>, ServiceError> {
    let (receipt, operation, now) = (row.document.into(), row.operation, app.clock.now());
    let (command, refusal) = match (row.kind, truth) {
        // Nothing was sent: the intent stays in the outbox and is tried again from there.
        (_, Truth::Unknown | Truth::NotDone(None)) => return Err(ServiceError::OutcomeUnknown),
        (OutboxKind::Capture, truth) => {
            let (outcome, refusal) = match truth {
                Truth::NotDone(Some(CardRefusal::HoldReleased)) => {
                    (ConfirmOutcome::HoldGone, Some(CardRefusal::HoldReleased))
                }
                Truth::NotDone(refusal) => (ConfirmOutcome::HoldStands, refusal),
                Truth::Done | Truth::Unknown => (ConfirmOutcome::Captured, None),
            };
            let amount = row.amount;
            (Command::FinishConfirm { receipt, operation, amount, outcome, now }, refusal)
        }
        (_, truth) => {
            let outcome = match truth {
                // What is to be given back has gone back already.
                Truth::NotDone(Some(CardRefusal::HoldReleased | CardRefusal::AlreadyDone)) => {
                    Outcome::Done
                }
                Truth::NotDone(_) => Outcome::Refused,
                Truth::Done | Truth::Unknown => Outcome::Done,
            };
            (Command::FinishCancel { receipt, operation, outcome, now }, None)
        }
    };
    let receipt = finish(app, command).await?;
    refusal.map_or(Ok(receipt), |refusal| Err(ServiceError::Card(refusal)))
}

/// Writes an outcome down. It must not be lost for a passing failure of the database; finishing
/// is idempotent.
pub(super) async fn finish(app: &App, command: Command) -> Result<Arc<Receipt>, ServiceError> {
    let mut tries = 0;
    loop {
        match app.store.submit(command.clone()).await {
            Ok(Reply::Receipt(receipt)) => return Ok(receipt),
            Ok(_) => return Err(ServiceError::Internal),
            Err(SubmitError::Rejected(reject)) => return Err(reject.into()),
            Err(SubmitError::Busy | SubmitError::Failed) if tries < FINISH_TRIES_MAX => {
                tries += 1;
                sleep(ASK_PAUSE * tries).await;
            }
            // The intent is still in the outbox and will be settled from there.
            Err(SubmitError::Busy | SubmitError::Failed) => {
                return Err(ServiceError::OutcomeUnknown);
            }
        }
    }
}
