//! Orders that name nothing of their own: neither an id nor a payment of ours. Such an order sent
//! again is the same sale as long as its till has not been told of it, and the next customer's
//! from then on.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use chorsu_api::till::OrderRequest;
use chorsu_core::command::fiscal::{BeginFiscal, FiscalCommand};
use chorsu_core::fiscal::FiscalTime;
use chorsu_core::fiscal_receipt::FiscalReceipt;
use chorsu_core::{Command, Document, DocumentId, Reply, UnixMillis};
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use super::{follow, register};
use crate::app::App;
use crate::till::TillFailure;
use crate::till::registry::Till;
use crate::till::writing::{begin, write};

/// How often an order is begun whose key is given free at the same moment.
const TRIES_MAX: u32 = 4;

/// The receipts of a till that somebody is waiting for in this process. The same order from
/// somebody else is no repeat of theirs: a till may have several desks.
#[derive(Debug, Default)]
pub(crate) struct WaitedFor(Mutex<HashSet<DocumentId>>);

/// Somebody who waits, until it is dropped: when the answer is given, or the caller hangs up.
struct Waiter<'a> {
    all: &'a WaitedFor,
    id: DocumentId,
}

impl WaitedFor {
    /// Waits for a receipt; `None` when somebody does already.
    fn take(&self, id: DocumentId) -> Option<Waiter<'_>> {
        let is_first = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        is_first.then(|| Waiter { all: self, id })
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.all.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

/// The key by which such an order is known: everything in it but its time, which a till that
/// repeats it may write anew.
pub(super) fn repeat_key(till: &Till, request: &OrderRequest) -> Arc<str> {
    let mut timeless = request.clone();
    timeless.fiscal.time = FiscalTime::at(UnixMillis(0));
    let mut digest = String::with_capacity(64);
    for byte in Sha256::digest(timeless.body()) {
        // Writing to a String cannot fail.
        let _ = write!(digest, "{byte:02x}");
    }
    Arc::from(FiscalReceipt::repeat_key(&till.id, &digest))
}

/// Drafts the receipt of such an order and registers it, or follows the draft of the one it
/// repeats. `begun` has its key.
///
/// # Errors
/// [`TillFailure`].
pub(super) async fn order(
    app: &Arc<App>,
    till: &Till,
    begun: BeginFiscal,
    deadline: Instant,
) -> Result<Arc<Document>, TillFailure> {
    let key = begun.repeat_key.clone().ok_or(TillFailure::Internal)?;
    let _own = till.waited_for.take(begun.receipt.id);
    for _ in 0..TRIES_MAX {
        let known = match begin(app, command(begun.clone())).await? {
            Reply::Document(known) => known,
            Reply::DocumentBegun(document, row) => {
                crate::sandbox::pause::at(app, "fiscal.draft_durable").await;
                let document = register(app, document, row, deadline).await?;
                return tell(app, document, key).await;
            }
            _ => return Err(TillFailure::Internal),
        };
        // Another desk is still waiting for that one.
        let Some(_waiter) = till.waited_for.take(known.id()) else { break };
        // Its till may have been told of it a moment ago; if it was not, nobody can be any more.
        let holder = app.store.document_by_key(key.to_string()).await?;
        if holder.is_some_and(|holder| holder.id() == known.id()) {
            let document = follow(app, known.id(), deadline).await?;
            return tell(app, document, key).await;
        }
    }
    let unkeyed = BeginFiscal { repeat_key: None, ..begun };
    match begin(app, command(unkeyed)).await? {
        Reply::DocumentBegun(document, row) => register(app, document, row, deadline).await,
        _ => Err(TillFailure::Internal),
    }
}

fn command(begun: BeginFiscal) -> Command {
    Command::Fiscal(FiscalCommand::Begin(Box::new(begun)))
}

/// Notes durably that the till is about to be told, so that the same order is another sale from now
/// on. A till that cannot be told sends it again and is answered with this receipt.
async fn tell(
    app: &App,
    document: Arc<Document>,
    repeat_key: Arc<str>,
) -> Result<Arc<Document>, TillFailure> {
    crate::sandbox::pause::at(app, "fiscal.untold").await;
    let told = FiscalCommand::Told { id: document.id(), repeat_key };
    match write(app, Command::Fiscal(told)).await {
        Ok(_) => Ok(document),
        Err(error) => {
            tracing::error!(receipt = %document.id(), %error, "it is not noted that a till knows");
            Err(TillFailure::ModuleSilent)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_waits_for_a_receipt() {
        let waited_for = WaitedFor::default();
        let [one, other] = [DocumentId([1; 12]), DocumentId([2; 12])];
        let first = waited_for.take(one);
        assert!(first.is_some() && waited_for.take(one).is_none());
        assert!(waited_for.take(one).is_none(), "who does not wait ends nobody's waiting");
        assert!(waited_for.take(other).is_some());
        drop(first);
        assert!(waited_for.take(one).is_some());
    }
}
