//! What follows up on a payment at Payme: confirming a hold, giving money back. It has to happen,
//! so it is sent again until Payme's own state of the receipt shows it.

use std::sync::Arc;
use std::time::Duration;

use chorsu_connectors::card::CardRefusal;
use chorsu_connectors::payme::kassa::{Cancelled, Confirmed, Standing};
use chorsu_core::command::{ConfirmOutcome, Outcome, Target};
use chorsu_core::plan::{OutboxKind, OutboxRow};
use chorsu_core::{Command, Receipt, Reply};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use super::settle::wait;
use super::{ASK_PAUSE, CALLER_BUDGET, ServiceError, desk, is_without_effect, refused};
use crate::app::App;
use crate::ids;
use crate::service::{operation, receipts};

/// How long the caller of a cancel waits for Payme's first word on it.
const FIRST_WORD_BUDGET: Duration = Duration::from_secs(10);

/// Captures, refunds or releases, and answers with the receipt as it is then. `accepted` hears when
/// Payme has queued a refund.
///
/// # Errors
/// What Payme said against it, or [`ServiceError::OutcomeUnknown`]; then the intent stays in the
/// outbox and is settled from there.
pub(crate) async fn follow_up(
    app: &App,
    receipt: &Receipt,
    row: &OutboxRow,
    mut accepted: Option<oneshot::Sender<()>>,
) -> Result<Arc<Receipt>, ServiceError> {
    let link = &desk(app, receipt.kassa)?.link;
    let deadline = Instant::now() + CALLER_BUDGET;
    let mut pause = ASK_PAUSE;
    crate::sandbox::pause::at(app, "payme.intent_durable").await;
    loop {
        let ended = match row.kind {
            OutboxKind::Capture => match link.confirm(receipt.id, row.amount).await {
                Ok(answer) => confirmed(app, row, answer),
                Err(error) => lost(receipt, &error),
            },
            OutboxKind::Refund | OutboxKind::Release => match link.cancel(receipt.id).await {
                Ok(answer) => {
                    if answer == Cancelled::Queued
                        && let Some(accepted) = accepted.take()
                    {
                        // Who asked may have gone away.
                        let _ = accepted.send(());
                    }
                    cancelled(app, row, answer)
                }
                Err(error) => lost(receipt, &error),
            },
            _ => return Err(ServiceError::Internal),
        };
        if let Some((command, error)) = ended {
            let receipt = operation::finish(app, command).await?;
            return error.map_or(Ok(receipt), Err);
        }
        wait(&mut pause, deadline, receipt).await?;
    }
}

/// The command that ends it, and what its caller does not get.
type Ended = Option<(Command, Option<ServiceError>)>;

fn lost(receipt: &Receipt, error: &chorsu_connectors::wallet::WalletError) -> Ended {
    is_without_effect(receipt, error);
    None
}

fn confirmed(app: &App, row: &OutboxRow, answer: Confirmed) -> Ended {
    let (outcome, error) = match answer {
        Confirmed::Taken => (ConfirmOutcome::Captured, None),
        Confirmed::Refused(rejection) => (ConfirmOutcome::HoldStands, Some(refused(rejection))),
        Confirmed::Gone => {
            (ConfirmOutcome::HoldGone, Some(ServiceError::Card(CardRefusal::HoldReleased)))
        }
        Confirmed::Open => return None,
    };
    let (receipt, operation) = (row.document.into(), row.operation);
    let (amount, now) = (row.amount, app.clock.now());
    Some((Command::FinishConfirm { receipt, operation, amount, outcome, now }, error))
}

fn cancelled(app: &App, row: &OutboxRow, answer: Cancelled) -> Ended {
    let (outcome, error) = match answer {
        Cancelled::Done => (Outcome::Done, None),
        Cancelled::Refused(rejection) => (Outcome::Refused, Some(refused(rejection))),
        Cancelled::Queued | Cancelled::Open => return None,
    };
    let (receipt, operation, now) = (row.document.into(), row.operation, app.clock.now());
    Some((Command::FinishCancel { receipt, operation, outcome, now }, error))
}

/// Cancels a paid or held receipt. Payme may refuse, and then the caller hears it; otherwise the
/// receipt is answered as queued, and its money goes back behind that answer.
///
/// # Errors
/// What our books or Payme say against it.
pub(super) async fn cancel(app: &Arc<App>, target: Target) -> Result<Arc<Receipt>, ServiceError> {
    let operation = ids::operation(target.now);
    let (queued, row) = match app.store.submit(Command::BeginCancel { target, operation }).await? {
        Reply::Begun(queued, row) => (queued, row),
        reply => return receipts::expect_receipt(reply),
    };
    let (accept, accepted) = oneshot::channel();
    let (app, receipt) = (app.clone(), queued.clone());
    let mut refund = tokio::spawn(async move {
        let ended = follow_up(&app, &receipt, &row, Some(accept)).await;
        if let Err(error) = &ended {
            tracing::warn!(receipt = %receipt.id, %error, "a refund at Payme is not done");
        }
        ended
    });
    tokio::select! {
        biased;
        ended = &mut refund => match ended {
            Ok(Err(ServiceError::Acquirer(rejection))) => Err(ServiceError::Acquirer(rejection)),
            // It goes on from the outbox where it has not ended.
            _ => Ok(queued),
        },
        _ = accepted => Ok(queued),
        () = sleep(FIRST_WORD_BUDGET) => Ok(queued),
    }
}

/// Ends a hold that is over by the networks' rules, if Payme has ended it.
///
/// # Errors
/// As [`follow_up`].
pub(crate) async fn end_hold(app: &Arc<App>, receipt: &Receipt) -> Result<(), ServiceError> {
    let standing = desk(app, receipt.kassa)?.link.standing(receipt.id).await;
    let target = receipts::target(app, receipt.kassa, receipt.id, None).await?;
    match standing {
        Ok(Standing::Cancelled) => cancel(app, target).await.map(drop),
        Ok(Standing::Paid) => {
            receipts::confirm(app, receipt.kassa, receipt.id, None, None).await.map(drop)
        }
        Ok(Standing::Held | Standing::Unpaid | Standing::Open) => Ok(()),
        Err(error) => {
            is_without_effect(receipt, &error);
            Ok(())
        }
    }
}
