//! How the closing of a shift is stored.

use chorsu_core::UnixMillis;
use chorsu_core::document::Envelope;
use chorsu_core::shift::{ClosingState, ShiftClosing};
use serde::{Deserialize, Serialize};

use super::{CORRUPT, owned, read, shared};
use crate::error::StoreError;

#[derive(Serialize, Deserialize)]
pub(super) struct ShiftRow {
    till: String,
    number: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sent_at: Vec<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
}

pub(super) fn row(closing: &ShiftClosing) -> ShiftRow {
    ShiftRow {
        till: closing.till.to_string(),
        number: closing.number,
        sent_at: closing.sent_at.iter().map(|at| at.0).collect(),
        answer: owned(&closing.answer),
    }
}

pub(super) fn closing(envelope: &Envelope, body: &str) -> Result<ShiftClosing, StoreError> {
    let row: ShiftRow = read(body)?;
    Ok(ShiftClosing {
        id: envelope.id,
        till: row.till.into(),
        merchant: envelope.owner.into(),
        state: ClosingState::from_number(envelope.state).ok_or(CORRUPT)?,
        number: row.number,
        sent_at: row.sent_at.into_iter().map(UnixMillis).collect(),
        answer: shared(row.answer),
        created_at: envelope.created_at,
    })
}
