//! Telling a till that the outcome of its payment is unknown, which has to be written down: what was
//! taken from such a customer goes back by itself.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chorsu_core::command::till::TillCommand;
use chorsu_core::{Command, Document, DocumentId, Reply};
use chorsu_store::SubmitError;
use tokio::time::sleep;

use super::payment::verdict;
use super::writing::write;
use super::{TillFailure, payment_of};
use crate::app::App;

/// The pause between two tries to write a doubt down.
const PAUSE: Duration = Duration::from_millis(500);

/// Doubts that tills were told of and that could not be written down: the database was failing.
/// They stand before everything else that is to be written about their payments. There are never
/// more of them than requests under way.
#[derive(Debug, Default)]
pub(crate) struct Doubts(Mutex<HashSet<DocumentId>>);

impl Doubts {
    fn set(&self, id: DocumentId, is_owed: bool) -> bool {
        let mut owed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if is_owed { owed.insert(id) } else { owed.remove(&id) }
    }

    fn is_owed(&self, id: DocumentId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&id)
    }
}

fn command(app: &App, id: DocumentId) -> Command {
    Command::Till(TillCommand::Doubt { id, now: app.clock.now() })
}

/// Tells the till that the outcome is unknown, unless it has become known meanwhile.
pub(super) async fn doubt(
    app: &Arc<App>,
    document: Arc<Document>,
) -> Result<Arc<Document>, TillFailure> {
    match write(app, command(app, document.id())).await {
        Ok(Reply::Document(document)) => {
            crate::sandbox::pause::at(app, "till.doubt_durable").await;
            verdict(document.clone())?.ok_or(TillFailure::Unknown(document))
        }
        // Whatever is wrong with the books: the payment has no outcome, and the till hears so.
        _ => {
            owe(app, document.id());
            Err(TillFailure::Unknown(document))
        }
    }
}

/// Writes a doubt down that nobody waits for, as soon as the database takes it.
pub(super) fn owe(app: &Arc<App>, id: DocumentId) {
    if !app.doubts.set(id, true) {
        return;
    }
    tracing::error!(payment = %id, "a till was told \"unknown\", which is not written down yet");
    let app = app.clone();
    tokio::spawn(async move {
        // A rejection is an answer too: there is no such payment.
        while let Err(SubmitError::Busy | SubmitError::Failed) =
            app.store.submit(command(&app, id)).await
        {
            sleep(PAUSE).await;
        }
        app.doubts.set(id, false);
    });
}

/// Writes down what is owed of a payment, before anything else is written about it.
///
/// # Errors
/// When the database still fails.
pub(super) async fn pay_off(app: &App, id: DocumentId) -> Result<(), TillFailure> {
    if app.doubts.is_owed(id) {
        write(app, command(app, id)).await?;
    }
    Ok(())
}

/// Sees to it that what has been or will be taken for a payment goes back: nobody waits for it.
///
/// # Errors
/// When the database fails.
pub(super) async fn give_up(app: &App, id: DocumentId) -> Result<(), TillFailure> {
    match write(app, command(app, id)).await? {
        Reply::Document(document) => payment_of(&document).map(drop),
        _ => Err(TillFailure::Internal),
    }
}
