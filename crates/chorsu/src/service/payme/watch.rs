//! Receipts that were paid here and are cancelled at Payme by somebody else, in its cabinet: Payme
//! tells nobody, so it is asked now and then.

use std::sync::Arc;
use std::time::Duration;

use chorsu_connectors::payme::kassa::Standing;
use chorsu_core::command::payme::PaymeCommand;
use chorsu_core::{Acquirer, Command, KassaId, Receipt, ReceiptState};
use chorsu_store::ReceiptRange;
use tokio::sync::watch::Receiver;
use tokio::time::sleep;

use super::{ServiceError, desk, harmless_error};
use crate::app::App;
use crate::payme_kassas::Watch;

/// Receipts read at once.
const PAGE: u32 = 100;

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

/// Asks Payme about the receipts created in the last `back` whose money is with us.
///
/// # Errors
/// When the books or Payme do not answer; what is left is looked at the next time.
async fn look(app: &App, kassa: KassaId, back: Duration) -> Result<(), ServiceError> {
    let to = app.clock.now();
    let from = to.plus(-i64::try_from(back.as_millis()).unwrap_or(i64::MAX));
    let mut offset = 0;
    loop {
        let foreign_ids = true;
        let range = ReceiptRange { kassa, from, to, offset, limit: PAGE, foreign_ids };
        let page = app.store.receipts(range).await?;
        for receipt in page.iter().filter(|receipt| is_with_us(receipt)) {
            look_at(app, receipt).await?;
        }
        if page.len() < PAGE as usize {
            return Ok(());
        }
        offset += PAGE;
    }
}

fn is_with_us(receipt: &Receipt) -> bool {
    let is_with_us = matches!(receipt.state, ReceiptState::Paid | ReceiptState::Held);
    receipt.acquirer == Acquirer::Payme && is_with_us
}

/// Cancels a receipt that Payme has cancelled. Any other state there changes nothing, also one in
/// which it is about to be cancelled: Payme may yet refuse.
async fn look_at(app: &App, receipt: &Receipt) -> Result<(), ServiceError> {
    let id = receipt.id;
    let standing = desk(app, receipt.kassa)?.link.standing(id).await;
    if standing.map_err(|error| harmless_error(&error, "receipts.check"))? != Standing::Cancelled {
        return Ok(());
    }
    let found = PaymeCommand::CancelledThere { receipt: id, now: app.clock.now() };
    app.store.submit(Command::Payme(found)).await?;
    tracing::info!(receipt = %id, kassa = %receipt.kassa, "cancelled at Payme, and so here");
    Ok(())
}
