//! Reading rows back into the domain's types. A value we did not write is an error, never a
//! default.

use std::sync::Arc;

use chorsu_core::card::{CardFace, SealedPan};
use chorsu_core::id::IdError;
use chorsu_core::otp::PendingCode;
use chorsu_core::plan::{OutboxKind, OutboxRow};
use chorsu_core::secret::SecretHash;
use chorsu_core::{
    Acquirer, Card, CardId, DocumentId, Expiry, KassaId, MaskedPan, Network, OperationId, OwnerId,
    Receipt, ReceiptId, ReceiptState, Tiyin, UnixMillis,
};
use tokio_postgres::Row;

use crate::error::StoreError;

/// The transaction that wrote a row last, as its number stands in the row's `xmin`. A row whose
/// version is the same has not been written since.
pub(super) type Version = i32;

/// The version of what this transaction writes: the last 32 bits of its number, as the server
/// compares them with `xmin`.
pub(super) const fn version_of(transaction: i64) -> Version {
    transaction as Version
}

/// The columns [`receipt`] reads, in its order.
pub(super) const RECEIPT_COLUMNS: &str = "id, kassa_id, state, amount, commission, number, hold, \
     created_at, paid_at, held_at, cancelled_at, operation, debit, card_id, card_masked, \
     card_expiry, card_network, body, payer, fiscal, acquirer";

/// How many these are.
pub(super) const RECEIPT_WIDTH: usize = 21;

/// The columns [`card`] reads, in its order; from `card LEFT JOIN vault`.
pub(super) const CARD_COLUMNS: &str = "id, kassa_id, token_hash, masked, expiry, network, \
     recurrent, verified, created_at, removed_at, in_use, code_hash, code_sent_at, \
     code_wrong_tries, code_sends, code_window_start, key_id, sealed";

/// How many these are.
pub(super) const CARD_WIDTH: usize = 18;

/// The columns [`outbox`] reads, in its order.
pub(super) const OUTBOX_COLUMNS: &str =
    "operation, kind, document_id, owner_id, amount, created_at";

/// A column of 12 bytes; `read` is the id type's `from_bytes`.
pub(super) fn id<T>(
    row: &Row,
    column: usize,
    read: fn(&[u8]) -> Result<T, IdError>,
) -> Result<T, StoreError> {
    optional_id(row, column, read)?.ok_or(StoreError::Corrupt("id"))
}

fn optional_id<T>(
    row: &Row,
    column: usize,
    read: fn(&[u8]) -> Result<T, IdError>,
) -> Result<Option<T>, StoreError> {
    let bytes: Option<&[u8]> = row.try_get(column)?;
    bytes.map(read).transpose().map_err(|_| StoreError::Corrupt("id"))
}

pub(super) fn shared_text(row: &Row, column: usize) -> Result<Option<Arc<str>>, StoreError> {
    Ok(row.try_get::<_, Option<&str>>(column)?.map(Arc::from))
}

pub(super) fn millis(row: &Row, column: usize) -> Result<Option<UnixMillis>, StoreError> {
    Ok(row.try_get::<_, Option<i64>>(column)?.map(UnixMillis))
}

pub(super) fn tiyin(row: &Row, column: usize) -> Result<Tiyin, StoreError> {
    Tiyin::new(row.try_get(column)?).ok_or(StoreError::Corrupt("amount"))
}

fn counter(row: &Row, column: usize) -> Result<u8, StoreError> {
    u8::try_from(row.try_get::<_, i16>(column)?).map_err(|_| StoreError::Corrupt("counter"))
}

/// A column of `xmin::text::bigint`.
pub(super) fn version(row: &Row, column: usize) -> Result<Version, StoreError> {
    Ok(version_of(row.try_get(column)?))
}

/// A column of 32 bytes.
pub(super) fn hash(row: &Row, column: usize) -> Result<[u8; 32], StoreError> {
    row.try_get::<_, &[u8]>(column)?.try_into().map_err(|_| StoreError::Corrupt("hash"))
}

/// A column of a `u32`.
pub(super) fn key_id(row: &Row, column: usize) -> Result<u32, StoreError> {
    u32::try_from(row.try_get::<_, i64>(column)?).map_err(|_| StoreError::Corrupt("key number"))
}

/// A kassa's id.
pub(super) fn kassa_id(row: &Row, column: usize) -> Result<KassaId, StoreError> {
    id(row, column, KassaId::from_bytes)
}

/// A card's id.
pub(super) fn card_id(row: &Row, column: usize) -> Result<CardId, StoreError> {
    id(row, column, CardId::from_bytes)
}

/// A receipt's id.
pub(super) fn receipt_id(row: &Row, column: usize) -> Result<ReceiptId, StoreError> {
    id(row, column, ReceiptId::from_bytes)
}

/// A card's face from three columns that begin at `column`.
fn face(row: &Row, id: CardId, column: usize) -> Result<CardFace, StoreError> {
    let text = |column| row.try_get::<_, &str>(column);
    let masked = MaskedPan::parse(text(column)?);
    let expiry = Expiry::parse_yymm(text(column + 1)?);
    let network = Network::from_name(text(column + 2)?);
    match (masked, expiry, network) {
        (Some(masked), Some(expiry), Some(network)) => Ok(CardFace { id, masked, expiry, network }),
        _ => Err(StoreError::Corrupt("card")),
    }
}

/// A receipt from [`RECEIPT_COLUMNS`].
pub(super) fn receipt(row: &Row) -> Result<Receipt, StoreError> {
    let card = match optional_id(row, 13, CardId::from_bytes)? {
        Some(id) => Some(face(row, id, 14)?),
        None => None,
    };
    Ok(Receipt {
        id: receipt_id(row, 0)?,
        kassa: kassa_id(row, 1)?,
        acquirer: Acquirer::from_code(row.try_get(20)?).ok_or(StoreError::Corrupt("acquirer"))?,
        state: ReceiptState::from_number(row.try_get(2)?).ok_or(StoreError::Corrupt("state"))?,
        amount: tiyin(row, 3)?,
        commission: tiyin(row, 4)?,
        number: row.try_get(5)?,
        hold: row.try_get(6)?,
        created_at: UnixMillis(row.try_get(7)?),
        paid_at: millis(row, 8)?,
        held_at: millis(row, 9)?,
        cancelled_at: millis(row, 10)?,
        operation: optional_id(row, 11, OperationId::from_bytes)?,
        debit: optional_id(row, 12, OperationId::from_bytes)?,
        card,
        body: Arc::from(row.try_get::<_, &str>(17)?),
        payer: shared_text(row, 18)?,
        fiscal: shared_text(row, 19)?,
    })
}

/// A card from [`CARD_COLUMNS`].
pub(super) fn card(row: &Row) -> Result<Card, StoreError> {
    let pan = match row.try_get::<_, Option<&[u8]>>(17)? {
        Some(sealed) => Some(SealedPan { key_id: key_id(row, 16)?, bytes: Arc::from(sealed) }),
        None => None,
    };
    let sent = match row.try_get::<_, Option<&[u8]>>(11)? {
        Some(_) => Some((SecretHash(hash(row, 11)?), UnixMillis(row.try_get(12)?))),
        None => None,
    };
    Ok(Card {
        face: face(row, card_id(row, 0)?, 3)?,
        kassa: kassa_id(row, 1)?,
        token: SecretHash(hash(row, 2)?),
        recurrent: row.try_get(6)?,
        verified: row.try_get(7)?,
        created_at: UnixMillis(row.try_get(8)?),
        removed_at: millis(row, 9)?,
        in_use: optional_id(row, 10, OperationId::from_bytes)?,
        code: PendingCode {
            sent,
            wrong_tries: counter(row, 13)?,
            sends: counter(row, 14)?,
            window_start: millis(row, 15)?,
        },
        pan,
    })
}

/// An outbox row from [`OUTBOX_COLUMNS`].
pub(super) fn outbox(row: &Row) -> Result<OutboxRow, StoreError> {
    Ok(OutboxRow {
        operation: id(row, 0, OperationId::from_bytes)?,
        kind: OutboxKind::from_code(row.try_get(1)?).ok_or(StoreError::Corrupt("outbox kind"))?,
        document: id(row, 2, DocumentId::from_bytes)?,
        owner: id(row, 3, OwnerId::from_bytes)?,
        amount: tiyin(row, 4)?,
        created_at: UnixMillis(row.try_get(5)?),
    })
}
