//! Writing down what came of something. It must not be lost for a passing failure of the database,
//! and writing it twice changes nothing.

use std::sync::Arc;
use std::time::Duration;

use chorsu_core::command::IdempotencyKey;
use chorsu_core::{Command, DocumentId, Reject, Reply};
use chorsu_store::SubmitError;
use tokio::time::sleep;

use super::TillFailure;
use crate::app::App;

/// How often the books are tried while the database is failing.
const TRIES_MAX: u32 = 5;
/// The pause between two tries; it grows.
const PAUSE: Duration = Duration::from_millis(100);

/// Submits `command` until the store takes it, or gives up: the intent behind it is in the outbox
/// and is settled from there.
///
/// # Errors
/// What the store says in the end.
pub(super) async fn write(app: &App, command: Command) -> Result<Reply, TillFailure> {
    let mut tries = 0;
    loop {
        match app.store.submit(command.clone()).await {
            Ok(reply) => return Ok(reply),
            Err(SubmitError::Rejected(reject)) => return Err(reject.into()),
            Err(SubmitError::Busy | SubmitError::Failed) if tries < TRIES_MAX => {
                tries += 1;
                sleep(PAUSE * tries).await;
            }
            Err(SubmitError::Busy | SubmitError::Failed) => return Err(TillFailure::Internal),
        }
    }
}

/// Submits `command` once: nothing has happened yet that could be lost.
///
/// # Errors
/// What the store says.
pub(super) async fn begin(app: &App, command: Command) -> Result<Reply, TillFailure> {
    app.store.submit(command).await.map_err(|error| match error {
        SubmitError::Rejected(reject) => reject.into(),
        SubmitError::Busy => TillFailure::Busy,
        SubmitError::Failed => TillFailure::Internal,
    })
}

/// Submits `command`, which uses `key` up, once. A key that was used for the same request before is
/// answered with the document as it is now.
///
/// # Errors
/// [`TillFailure::KeyReused`] when it was used for another one; what the store says.
pub(super) async fn begin_once(
    app: &App,
    key: Option<IdempotencyKey>,
    command: Command,
) -> Result<Reply, TillFailure> {
    if let Some(reply) = earlier(app, key.as_ref()).await? {
        return Ok(reply);
    }
    match begin(app, command).await {
        // Somebody was faster with the same key, a moment ago.
        Err(TillFailure::Rejected(Reject::IdempotencyKeyUsed)) => {
            earlier(app, key.as_ref()).await?.ok_or(TillFailure::Busy)
        }
        result => result,
    }
}

/// The document that the same request under `key` was about, as it is now.
///
/// # Errors
/// [`TillFailure::KeyReused`] when the key was used for another one.
pub(super) async fn earlier(
    app: &App,
    key: Option<&IdempotencyKey>,
) -> Result<Option<Reply>, TillFailure> {
    let Some(key) = key else { return Ok(None) };
    let Some(id) = app.earlier_document(key).await?.map(DocumentId) else { return Ok(None) };
    let document = app.store.document(id).await?.ok_or(TillFailure::Internal)?;
    Ok(Some(Reply::Document(Arc::new(document))))
}
