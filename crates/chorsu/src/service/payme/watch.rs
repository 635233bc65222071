//! Receipts that were paid here and are cancelled at Payme by somebody else, in its cabinet: Payme
//! tells nobody, so it is asked now and then.

use std::sync::Arc;
use std::time::Duration;

use chorsu_connectors::payme::kassa::{PAGE, Standing};
use chorsu_core::command::payme::PaymeCommand;
use chorsu_core::{Acquirer, Command, KassaId, Receipt, ReceiptId, ReceiptState};
use tokio::sync::watch::Receiver;
use tokio::time::sleep;

use super::{ServiceError, desk, harmless, harmless_error};
use crate::app::App;
use crate::payme_kassas::Watch;

/// Receipts that a look goes through at most, so that it ends whatever Payme answers.
const RECEIPTS_MAX: u32 = 500_000;

/// Looks after the receipts of a kassa until `stop` changes, one question at a time.
pub(crate) async fn watch(app: Arc<App>, kassa: KassaId, watch: Watch, mut stop: Receiver<bool>) {
    loop {
        tokio::select! {
            () = sleep(watch.every) => {}
            _ = stop.changed() => return,
        }
        tokio::select! {
            looked = look(&app, kassa, watch.back) => if let Err(error) = looked {
                tracing::warn!(%kassa, %error, "no look at the receipts at Payme");
            },
            _ = stop.changed() => return,
        }
    }
}

/// Reads what Payme has of the last `back`, and looks at what it shows as cancelled.
///
/// # Errors
/// When the books or Payme do not answer; what is left is looked at the next time.
async fn look(app: &App, kassa: KassaId, back: Duration) -> Result<(), ServiceError> {
    let to = app.clock.now();
    let from = to.plus(-i64::try_from(back.as_millis()).unwrap_or(i64::MAX));
    let link = &desk(app, kassa)?.link;
    for offset in (0..RECEIPTS_MAX).step_by(PAGE as usize) {
        let page = harmless(link.page((from, to), offset).await, "receipts.get_all")?;
        for id in page.cancelled {
            look_at(app, kassa, id).await?;
        }
        if page.rows < PAGE as usize {
            return Ok(());
        }
    }
    tracing::warn!(%kassa, max = RECEIPTS_MAX, "Payme has more receipts than are looked at");
    Ok(())
}

/// Cancels a receipt whose money is with us, when Payme says of it by itself that it has cancelled
/// it. Any other state there changes nothing, also one in which it is about to be cancelled: Payme
/// may yet refuse.
async fn look_at(app: &App, kassa: KassaId, id: ReceiptId) -> Result<(), ServiceError> {
    let known = app.store.receipt(id).await?.filter(|receipt| receipt.kassa == kassa);
    if !known.is_some_and(|receipt| is_with_us(&receipt)) {
        return Ok(());
    }
    let standing = desk(app, kassa)?.link.standing(id).await;
    if standing.map_err(|error| harmless_error(&error, "receipts.check"))? != Standing::Cancelled {
        return Ok(());
    }
    let found = PaymeCommand::CancelledThere { receipt: id, now: app.clock.now() };
    app.store.submit(Command::Payme(found)).await?;
    tracing::info!(receipt = %id, %kassa, "cancelled at Payme, and so here");
    Ok(())
}

fn is_with_us(receipt: &Receipt) -> bool {
    let is_with_us = matches!(receipt.state, ReceiptState::Paid | ReceiptState::Held);
    receipt.acquirer == Acquirer::Payme && is_with_us
}
