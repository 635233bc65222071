//! Payments that were declined because their provider had not seen them: they are asked about again,
//! for a while. What turns up after all goes back to its customer.

use std::sync::Arc;
use std::time::Duration;

use chorsu_core::command::till::TillCommand;
use chorsu_core::step::Event;
use chorsu_core::{Command, Document, DocumentKind, TillPayment, UnixMillis};
use tokio::task::JoinSet;

use super::provider::{Truth, Way};
use super::writing::write;
use super::{TillFailure, payment, payment_of};
use crate::app::App;
use crate::ids;

/// Payments asked about at once.
const BATCH: u32 = 64;
/// When a question without an answer is asked again.
const UNANSWERED_MS: i64 = 60_000;

/// When a payment that is not seen at `now` is to be asked about next, by its till's settings.
pub(super) fn next_question(
    app: &App,
    payment: &TillPayment,
    now: UnixMillis,
) -> Option<UnixMillis> {
    let till = app.tills.find(&payment.till)?;
    let declined = payment.steps.iter().rfind(|step| step.event == Event::Declined);
    let declined_at = declined.map_or(now, |step| step.at);
    let at = |after: &Duration| {
        declined_at.plus(i64::try_from(after.as_millis()).unwrap_or(UNANSWERED_MS))
    };
    till.ask_again.iter().map(at).find(|at| *at > now)
}

/// Asks about the payments whose time has come.
pub(crate) async fn round(app: &Arc<App>) {
    let due = match app.store.due_documents(DocumentKind::Till, app.clock.now(), None, BATCH).await
    {
        Ok(due) => due,
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "no look at payments that were not seen");
            return;
        }
    };
    let mut asking = JoinSet::new();
    for document in due {
        let app = app.clone();
        asking.spawn(async move {
            if let Err(error) = ask(&app, &document).await {
                tracing::warn!(payment = %document.id(), %error, "not asked again");
            }
        });
    }
    asking.join_all().await;
}

/// Asks about one of them.
async fn ask(app: &Arc<App>, document: &Document) -> Result<(), TillFailure> {
    let paying = payment_of(document)?;
    let (id, now) = (paying.id, app.clock.now());
    let till = app.tills.find(&paying.till);
    let way = till.as_ref().and_then(|till| Way::of(till, paying).ok());
    let Some(way) = way else {
        tracing::error!(payment = %id, "nobody can be asked any more about what was not seen");
        let gone = TillCommand::NotSeen { id, ask_again_at: None, now };
        return write(app, Command::Till(gone)).await.map(drop);
    };
    let age = u64::try_from(now.since(paying.created_at)).unwrap_or(0);
    let truth = way.ask(app, paying, None, Duration::from_millis(age)).await;
    let ask_again_at = match truth {
        Truth::Paid { .. } | Truth::TakenByAsking { .. } => {
            tracing::warn!(payment = %id, "a payment has turned up after it was declined");
            return payment::settle(app, paying, ids::operation(now), truth).await.map(drop);
        }
        Truth::NotPaid { .. } => None,
        Truth::NotSeen => next_question(app, paying, now),
        Truth::Unknown { .. } => Some(now.plus(UNANSWERED_MS)),
    };
    let not_seen = TillCommand::NotSeen { id, ask_again_at, now };
    write(app, Command::Till(not_seen)).await.map(drop)
}
