//! Reading rows back into the domain's types. A value we did not write is an error, never a
//! default.

use std::sync::Arc;

use chorsu_core::card::{CardFace, SealedPan};
use chorsu_core::otp::PendingCode;
use chorsu_core::plan::{OutboxKind, OutboxRow};
use chorsu_core::secret::SecretHash;
use chorsu_core::{
    Acquirer, Card, CardId, DocumentId, Expiry, KassaId, MaskedPan, Network, OperationId, OwnerId,
    Receipt, ReceiptId, ReceiptState, Tiyin, UnixMillis,
};
use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::error::StoreError;

/// The columns [`receipt`] reads, in its order.
pub(super) const RECEIPT_COLUMNS: &str = "id, kassa_id, state, amount, commission, number, hold, \
     created_at, paid_at, held_at, cancelled_at, operation, debit, card_id, card_masked, \
     card_expiry, card_network, body, payer, fiscal, acquirer";

/// The columns of `card` that [`card`] reads, in its order; `key_id` and `sealed` of `vault`
/// follow them.
pub(super) const CARD_COLUMNS: &str = "id, kassa_id, token_hash, masked, expiry, network, \
     recurrent, verified, created_at, removed_at, in_use, code_hash, code_sent_at, \
     code_wrong_tries, code_sends, code_window_start";

/// The columns [`outbox`] reads, in its order.
pub(super) const OUTBOX_COLUMNS: &str =
    "operation, kind, document_id, owner_id, amount, created_at";

macro_rules! id_reader {
    ($name:ident, $id:ident) => {
        pub(super) fn $name(row: &Row<'_>, column: usize) -> Result<$id, StoreError> {
            let bytes = row.get_ref(column)?.as_blob().map_err(|_| StoreError::Corrupt("id"))?;
            $id::from_bytes(bytes).map_err(|_| StoreError::Corrupt("id"))
        }
    };
}

id_reader!(receipt_id, ReceiptId);
id_reader!(kassa_id, KassaId);
id_reader!(card_id, CardId);
id_reader!(operation_id, OperationId);
id_reader!(document_id, DocumentId);
id_reader!(owner_id, OwnerId);

fn is_null(row: &Row<'_>, column: usize) -> Result<bool, StoreError> {
    Ok(matches!(row.get_ref(column)?, ValueRef::Null))
}

pub(super) fn optional<T>(
    row: &Row<'_>,
    column: usize,
    read: impl Fn(&Row<'_>, usize) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    if is_null(row, column)? { Ok(None) } else { read(row, column).map(Some) }
}

pub(super) fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a str, StoreError> {
    row.get_ref(column)?.as_str().map_err(|_| StoreError::Corrupt("text"))
}

pub(super) fn shared_text(row: &Row<'_>, column: usize) -> Result<Arc<str>, StoreError> {
    text(row, column).map(Arc::from)
}

pub(super) fn millis(row: &Row<'_>, column: usize) -> Result<UnixMillis, StoreError> {
    Ok(UnixMillis(row.get(column)?))
}

pub(super) fn tiyin(row: &Row<'_>, column: usize) -> Result<Tiyin, StoreError> {
    Tiyin::new(row.get(column)?).ok_or(StoreError::Corrupt("amount"))
}

fn hash(row: &Row<'_>, column: usize) -> Result<SecretHash, StoreError> {
    Ok(SecretHash(row.get(column)?))
}

/// A card's face from four columns that begin at `column`.
fn face(row: &Row<'_>, id: CardId, column: usize) -> Result<CardFace, StoreError> {
    let corrupt = StoreError::Corrupt("card");
    let masked = MaskedPan::parse(text(row, column)?);
    let expiry = Expiry::parse_yymm(text(row, column + 1)?);
    let network = Network::from_name(text(row, column + 2)?);
    match (masked, expiry, network) {
        (Some(masked), Some(expiry), Some(network)) => Ok(CardFace { id, masked, expiry, network }),
        _ => Err(corrupt),
    }
}

fn acquirer(row: &Row<'_>, column: usize) -> Result<Acquirer, StoreError> {
    let code = if is_null(row, column)? { None } else { Some(text(row, column)?) };
    Acquirer::from_code(code).ok_or(StoreError::Corrupt("acquirer"))
}

/// A receipt from [`RECEIPT_COLUMNS`].
pub(super) fn receipt(row: &Row<'_>) -> Result<Receipt, StoreError> {
    let card = match optional(row, 13, card_id)? {
        Some(id) => Some(face(row, id, 14)?),
        None => None,
    };
    Ok(Receipt {
        id: receipt_id(row, 0)?,
        kassa: kassa_id(row, 1)?,
        acquirer: acquirer(row, 20)?,
        state: ReceiptState::from_number(row.get(2)?).ok_or(StoreError::Corrupt("state"))?,
        amount: tiyin(row, 3)?,
        commission: tiyin(row, 4)?,
        number: row.get(5)?,
        hold: row.get(6)?,
        created_at: millis(row, 7)?,
        paid_at: optional(row, 8, millis)?,
        held_at: optional(row, 9, millis)?,
        cancelled_at: optional(row, 10, millis)?,
        operation: optional(row, 11, operation_id)?,
        debit: optional(row, 12, operation_id)?,
        card,
        body: shared_text(row, 17)?,
        payer: optional(row, 18, shared_text)?,
        fiscal: optional(row, 19, shared_text)?,
    })
}

/// A card from [`CARD_COLUMNS`].
pub(super) fn card(row: &Row<'_>) -> Result<Card, StoreError> {
    let pan = match optional(row, 16, |row, column| Ok(row.get::<_, u32>(column)?))? {
        Some(key_id) => {
            let sealed = row
                .get_ref(17)?
                .as_blob()
                .map_err(|_| StoreError::Corrupt("sealed card number"))?;
            Some(SealedPan { key_id, bytes: Arc::from(sealed) })
        }
        None => None,
    };
    let sent = match optional(row, 11, hash)? {
        Some(code) => Some((code, millis(row, 12)?)),
        None => None,
    };
    Ok(Card {
        face: face(row, card_id(row, 0)?, 3)?,
        kassa: kassa_id(row, 1)?,
        token: hash(row, 2)?,
        recurrent: row.get(6)?,
        verified: row.get(7)?,
        created_at: millis(row, 8)?,
        removed_at: optional(row, 9, millis)?,
        in_use: optional(row, 10, operation_id)?,
        code: PendingCode {
            sent,
            wrong_tries: row.get(13)?,
            sends: row.get(14)?,
            window_start: optional(row, 15, millis)?,
        },
        pan,
    })
}

/// An outbox row from [`OUTBOX_COLUMNS`].
pub(super) fn outbox(row: &Row<'_>) -> Result<OutboxRow, StoreError> {
    Ok(OutboxRow {
        operation: operation_id(row, 0)?,
        kind: OutboxKind::from_code(text(row, 1)?).ok_or(StoreError::Corrupt("outbox kind"))?,
        document: document_id(row, 2)?,
        owner: owner_id(row, 3)?,
        amount: tiyin(row, 4)?,
        created_at: millis(row, 5)?,
    })
}
