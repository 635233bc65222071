//! The SQL of single rows, each statement prepared once per connection.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chorsu_core::card::CardFace;
use chorsu_core::chain::Head;
use chorsu_core::id::ID_BYTES;
use chorsu_core::plan::{IdempotencyRow, OutboxRow};
use chorsu_core::{Account, Card, CardId, OperationId, Receipt, ReceiptId, ReceiptState};
use rusqlite::{Connection, params};

use super::row;
use super::write::LANE;
use crate::batch::ChainedEntry;
use crate::error::StoreError;
use crate::store::{LEASE_MS, wall_clock_ms};

/// The receipt with this id.
pub(super) fn find_receipt(
    connection: &Connection,
    id: ReceiptId,
) -> Result<Option<Receipt>, StoreError> {
    let mut query = connection.prepare_cached(&RECEIPT_SQL)?;
    let mut found = query.query([id.as_bytes()])?;
    found.next()?.map(row::receipt).transpose()
}

/// The card with this id, with its sealed number.
pub(super) fn find_card(connection: &Connection, id: CardId) -> Result<Option<Card>, StoreError> {
    let mut query = connection.prepare_cached(&CARD_SQL)?;
    let mut found = query.query([id.as_bytes()])?;
    found.next()?.map(row::card).transpose()
}

static RECEIPT_SQL: LazyLock<String> =
    LazyLock::new(|| format!("SELECT {} FROM receipt WHERE id = ?1", row::RECEIPT_COLUMNS));

static CARD_SQL: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {}, (SELECT key_id FROM vault WHERE card_id = card.id), \
         (SELECT sealed FROM vault WHERE card_id = card.id) FROM card WHERE id = ?1",
        row::CARD_COLUMNS
    )
});

pub(super) fn insert_receipt(connection: &Connection, receipt: &Receipt) -> Result<(), StoreError> {
    let card = receipt.card.as_ref();
    connection
        .prepare_cached(
            "INSERT INTO receipt (number, id, kassa_id, state, amount, commission, hold, \
             created_at, paid_at, held_at, cancelled_at, operation, debit, card_id, card_masked, \
             card_expiry, card_network, body, payer, fiscal, room, acquirer) VALUES \
             (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, \
             ?19, ?20, ?21, ?22)",
        )?
        .execute(params![
            receipt.number,
            receipt.id.as_bytes(),
            receipt.kassa.as_bytes(),
            receipt.state.number(),
            receipt.amount.get(),
            receipt.commission.get(),
            receipt.hold,
            receipt.created_at.0,
            receipt.paid_at.map(|at| at.0),
            receipt.held_at.map(|at| at.0),
            receipt.cancelled_at.map(|at| at.0),
            receipt.operation.as_ref().map(|id| id.as_bytes()),
            receipt.debit.as_ref().map(|id| id.as_bytes()),
            card.map(|card| card.id.as_bytes()),
            card.map(|card| card.masked.as_str()),
            card.map(|card| card.expiry.yymm()),
            card.map(|card| card.network.name()),
            &*receipt.body,
            receipt.payer.as_deref(),
            receipt.fiscal.as_deref(),
            room(receipt),
            receipt.acquirer.code(),
        ])?;
    Ok(())
}

/// The bytes that a receipt paid by card adds to its row, in SQLite's record format: the state and
/// a time, the id of its debit, and the card.
const ROOM: [u8; 57] = [0; 57];

/// What is left of [`ROOM`] for a receipt as it is.
fn room(receipt: &Receipt) -> &'static [u8] {
    let id = |is_there: bool| if is_there { ID_BYTES } else { 0 };
    let card = |card: &CardFace| ID_BYTES + 16 + 4 + card.network.name().len();
    let times = [receipt.paid_at, receipt.held_at, receipt.cancelled_at];
    let used = usize::from(receipt.state != ReceiptState::Created)
        + id(receipt.operation.is_some())
        + id(receipt.debit.is_some())
        + receipt.card.as_ref().map_or(0, card)
        + 6 * times.iter().flatten().count()
        + receipt.payer.as_ref().map_or(0, |payer| payer.len());
    ROOM.get(used..).unwrap_or_default()
}

/// Everything of a receipt that can change after its creation.
pub(super) fn update_receipt(connection: &Connection, receipt: &Receipt) -> Result<(), StoreError> {
    let card = receipt.card.as_ref();
    let changed = connection
        .prepare_cached(
            "UPDATE receipt SET state = ?2, amount = ?3, commission = ?4, hold = ?5, \
             paid_at = ?6, held_at = ?7, cancelled_at = ?8, operation = ?9, debit = ?10, \
             card_id = ?11, card_masked = ?12, card_expiry = ?13, card_network = ?14, \
             payer = ?15, fiscal = ?16, room = ?17 WHERE number = ?1",
        )?
        .execute(params![
            receipt.number,
            receipt.state.number(),
            receipt.amount.get(),
            receipt.commission.get(),
            receipt.hold,
            receipt.paid_at.map(|at| at.0),
            receipt.held_at.map(|at| at.0),
            receipt.cancelled_at.map(|at| at.0),
            receipt.operation.as_ref().map(|id| id.as_bytes()),
            receipt.debit.as_ref().map(|id| id.as_bytes()),
            card.map(|card| card.id.as_bytes()),
            card.map(|card| card.masked.as_str()),
            card.map(|card| card.expiry.yymm()),
            card.map(|card| card.network.name()),
            receipt.payer.as_deref(),
            receipt.fiscal.as_deref(),
            room(receipt),
        ])?;
    assert!(changed == 1, "a receipt that was read can be written");
    Ok(())
}

pub(super) fn upsert_card(connection: &Connection, card: &Card) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO card (id, kassa_id, token_hash, masked, expiry, network, recurrent, \
             verified, created_at, removed_at, in_use, code_hash, code_sent_at, \
             code_wrong_tries, code_sends, code_window_start) VALUES \
             (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) \
             ON CONFLICT (id) DO UPDATE SET verified = excluded.verified, \
             removed_at = excluded.removed_at, in_use = excluded.in_use, \
             code_hash = excluded.code_hash, code_sent_at = excluded.code_sent_at, \
             code_wrong_tries = excluded.code_wrong_tries, code_sends = excluded.code_sends, \
             code_window_start = excluded.code_window_start",
        )?
        .execute(params![
            card.id().as_bytes(),
            card.kassa.as_bytes(),
            card.token.0,
            card.face.masked.as_str(),
            card.face.expiry.yymm(),
            card.face.network.name(),
            card.recurrent,
            card.verified,
            card.created_at.0,
            card.removed_at.map(|at| at.0),
            card.in_use.as_ref().map(|id| id.as_bytes()),
            card.code.sent.map(|(hash, _)| hash.0),
            card.code.sent.map(|(_, at)| at.0),
            card.code.wrong_tries,
            card.code.sends,
            card.code.window_start.map(|at| at.0),
        ])?;
    match &card.pan {
        Some(pan) => connection
            .prepare_cached(
                "INSERT INTO vault (card_id, key_id, sealed) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (card_id) DO UPDATE SET key_id = excluded.key_id, \
                 sealed = excluded.sealed",
            )?
            .execute(params![card.id().as_bytes(), pan.key_id, &*pan.bytes])?,
        None => connection
            .prepare_cached("DELETE FROM vault WHERE card_id = ?1")?
            .execute([card.id().as_bytes()])?,
    };
    Ok(())
}

pub(super) fn insert_entry(
    connection: &Connection,
    chained: &ChainedEntry,
) -> Result<(), StoreError> {
    let ChainedEntry { entry, seq, postings, hash } = chained;
    connection
        .prepare_cached(
            "INSERT INTO entry (seq, lane, kind, owner_id, document_id, at, postings, hash) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            seq,
            LANE,
            entry.kind.code(),
            entry.owner.as_bytes(),
            entry.document.as_bytes(),
            entry.at.0,
            postings,
            hash,
        ])?;
    Ok(())
}

pub(super) fn change_balances(
    connection: &Connection,
    changes: &BTreeMap<Account, i64>,
) -> Result<(), StoreError> {
    let mut upsert = connection.prepare_cached(
        "INSERT INTO balance (account, lane, amount) VALUES (?1, ?2, ?3) \
         ON CONFLICT (account, lane) DO UPDATE SET amount = amount + excluded.amount",
    )?;
    for (account, change) in changes {
        upsert.execute(params![account.to_string(), LANE, change])?;
    }
    Ok(())
}

pub(super) fn insert_outbox(
    connection: &Connection,
    owner: &str,
    row: &OutboxRow,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO outbox (operation, kind, document_id, owner_id, amount, created_at, \
             owner, leased_until) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            row.operation.as_bytes(),
            row.kind.code(),
            row.document.as_bytes(),
            row.owner.as_bytes(),
            row.amount.get(),
            row.created_at.0,
            owner,
            wall_clock_ms() + LEASE_MS,
        ])?;
    Ok(())
}

pub(super) fn insert_key(connection: &Connection, row: &IdempotencyRow) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO idempotency (kassa_id, key, fingerprint, document, at) \
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            row.key.kassa.as_bytes(),
            row.key.key,
            row.key.fingerprint.0,
            row.document,
            row.at.0,
        ])?;
    Ok(())
}

pub(super) fn delete_outbox(
    connection: &Connection,
    operation: OperationId,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM outbox WHERE operation = ?1")?
        .execute([operation.as_bytes()])?;
    Ok(())
}

/// Writes the end of the chain and the number the next receipt gets.
pub(super) fn put_lane(
    connection: &Connection,
    head: Head,
    next_number: i64,
) -> Result<(), StoreError> {
    let seq = i64::try_from(head.seq).map_err(|_| StoreError::Corrupt("lane"))?;
    connection
        .prepare_cached(
            "INSERT INTO lane (lane, seq, hash, next_number, numbers_end) \
             VALUES (?1, ?2, ?3, ?4, ?4) ON CONFLICT (lane) DO UPDATE SET \
             seq = excluded.seq, hash = excluded.hash, next_number = excluded.next_number, \
             numbers_end = excluded.numbers_end",
        )?
        .execute(params![LANE, seq, head.hash, next_number])?;
    Ok(())
}
