//! The SMS inbox: what the sandbox's cardholders would have received.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use chorsu_core::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::book::{BookError, RecordId, RecordKey};
use crate::keeper::Keeper;

const KIND: &str = "sms";
/// How many of the newest messages are looked through for those to one phone.
const SEARCHED: usize = 2_000;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sms {
    /// The phone, digits.
    pub to: String,
    /// The text.
    pub text: String,
    /// When it was sent, UNIX milliseconds of the sandbox clock.
    pub at: i64,
}

/// A handle to the inbox of all phones; clones are the same inbox.
#[derive(Clone)]
pub struct SmsInbox {
    keeper: Keeper,
    next: Arc<AtomicU64>,
}

impl SmsInbox {
    /// The inbox in the keeper's book.
    #[must_use]
    pub fn new(keeper: Keeper) -> Self {
        // Numbers go on from the nanosecond of the start, so that no two runs give the same one.
        let start =
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        let start = u64::try_from(start).unwrap_or(0);
        Self { keeper, next: Arc::new(AtomicU64::new(start)) }
    }

    /// Puts a message into the inbox; it is there for good when this returns.
    ///
    /// # Errors
    /// [`BookError`] when the book fails.
    pub async fn deliver(
        &self,
        to: impl Into<String>,
        text: impl Into<String>,
        at: UnixMillis,
    ) -> Result<(), BookError> {
        let sms = Sms { to: to.into(), text: text.into(), at: at.0 };
        let record = serde_json::to_string(&sms).map_err(|error| BookError::Store(error.into()))?;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut id = [0; 16];
        id[..8].copy_from_slice(&at.0.max(0).to_be_bytes());
        id[8..].copy_from_slice(&number.to_be_bytes());
        let key = RecordKey { kind: KIND, id: RecordId::of(id) };
        let store = move |book: &mut dyn crate::Book| {
            book.transact(&[key], &mut |records| records.put(0, record.clone()))
        };
        self.keeper.with_book(store).await
    }

    /// The newest `limit` messages, to one phone or to all, the newest first. For one phone only
    /// the newest 2,000 messages of all are looked through.
    ///
    /// # Errors
    /// [`BookError`] when the book fails.
    pub async fn newest(&self, limit: usize, to: Option<String>) -> Result<Vec<Sms>, BookError> {
        let searched = if to.is_some() { SEARCHED.max(limit) } else { limit };
        let rows = self.keeper.with_book(move |book| book.newest(KIND, searched)).await?;
        let read =
            |(id, text): (Vec<u8>, String)| serde_json::from_str(&text).map_err(|_| broken(&id));
        let messages = rows.into_iter().map(read).collect::<Result<Vec<Sms>, _>>()?;
        let wanted = |sms: &Sms| to.as_ref().is_none_or(|to| *to == sms.to);
        Ok(messages.into_iter().filter(wanted).take(limit).collect())
    }
}

/// The error for a record of `kind` "sms" that cannot be read.
fn broken(id: &[u8]) -> BookError {
    BookError::Broken(RecordKey { kind: KIND, id: RecordId::new(id).unwrap_or(RecordId::of([])) })
}
