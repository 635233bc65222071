//! The statements of a lane. Each handles a whole batch: its parameters are arrays, a column each.

use tokio_postgres::{Client, Statement};

use super::document::DocumentStatements;
use super::row::{CARD_COLUMNS, RECEIPT_COLUMNS};
use crate::error::StoreError;

const RECEIPT_INSERT: &str = "INSERT INTO receipt (number, id, kassa_id, state, amount, \
     commission, hold, created_at, body) \
     SELECT * FROM UNNEST($1::bigint[], $2::bytea[], $3::bytea[], $4::smallint[], $5::bigint[], \
     $6::bigint[], $7::boolean[], $8::bigint[], $9::text[])";

/// Everything of a receipt that can change after its creation.
const RECEIPT_UPDATE: &str = "UPDATE receipt SET state = new.state, amount = new.amount, \
     commission = new.commission, hold = new.hold, paid_at = new.paid_at, \
     held_at = new.held_at, cancelled_at = new.cancelled_at, operation = new.operation, \
     debit = new.debit, card_id = new.card_id, card_masked = new.card_masked, \
     card_expiry = new.card_expiry, card_network = new.card_network, payer = new.payer, \
     fiscal = new.fiscal \
     FROM UNNEST($1::bytea[], $2::smallint[], $3::bigint[], $4::bigint[], $5::boolean[], \
     $6::bigint[], $7::bigint[], $8::bigint[], $9::bytea[], $10::bytea[], $11::bytea[], \
     $12::text[], $13::text[], $14::text[], $15::text[], $16::text[]) \
     AS new (id, state, amount, commission, hold, paid_at, held_at, cancelled_at, operation, \
     debit, card_id, card_masked, card_expiry, card_network, payer, fiscal) \
     WHERE receipt.id = new.id";

const CARD_INSERT: &str = "INSERT INTO card (id, kassa_id, token_hash, masked, expiry, network, \
     recurrent, created_at, verified, removed_at, in_use, code_hash, code_sent_at, \
     code_wrong_tries, code_sends, code_window_start) \
     SELECT * FROM UNNEST($1::bytea[], $2::bytea[], $3::bytea[], $4::text[], $5::text[], \
     $6::text[], $7::boolean[], $8::bigint[], $9::boolean[], $10::bigint[], $11::bytea[], \
     $12::bytea[], $13::bigint[], $14::smallint[], $15::smallint[], $16::bigint[])";

/// Everything of a card that can change after its creation.
const CARD_UPDATE: &str = "UPDATE card SET verified = new.verified, \
     removed_at = new.removed_at, in_use = new.in_use, code_hash = new.code_hash, \
     code_sent_at = new.code_sent_at, code_wrong_tries = new.code_wrong_tries, \
     code_sends = new.code_sends, code_window_start = new.code_window_start \
     FROM UNNEST($1::bytea[], $2::boolean[], $3::bigint[], $4::bytea[], $5::bytea[], \
     $6::bigint[], $7::smallint[], $8::smallint[], $9::bigint[]) \
     AS new (id, verified, removed_at, in_use, code_hash, code_sent_at, code_wrong_tries, \
     code_sends, code_window_start) \
     WHERE card.id = new.id";

const VAULT_PUT: &str = "INSERT INTO vault (card_id, key_id, sealed) \
     SELECT * FROM UNNEST($1::bytea[], $2::bigint[], $3::bytea[]) \
     ON CONFLICT (card_id) DO UPDATE SET key_id = excluded.key_id, sealed = excluded.sealed";

const ENTRY_INSERT: &str = "INSERT INTO entry (seq, at, lane, kind, owner_id, document_id, \
     postings, hash) \
     SELECT new.seq, new.at, $1, new.kind, new.owner_id, new.document_id, new.postings, new.hash \
     FROM UNNEST($2::bigint[], $3::bigint[], $4::text[], $5::bytea[], $6::bytea[], $7::text[], \
     $8::bytea[]) AS new (seq, at, kind, owner_id, document_id, postings, hash)";

const BALANCE_ADD: &str = "INSERT INTO balance (account, lane, amount) \
     SELECT new.account, $1, new.amount FROM UNNEST($2::text[], $3::bigint[]) \
     AS new (account, amount) \
     ON CONFLICT (account, lane) DO UPDATE SET amount = balance.amount + excluded.amount";

/// Leases follow the server's clock, the only one that all processes share.
const OUTBOX_INSERT: &str = "INSERT INTO outbox (operation, kind, document_id, owner_id, amount, \
     created_at, owner, leased_until) \
     SELECT new.operation, new.kind, new.document_id, new.owner_id, new.amount, new.created_at, \
     $1, (extract(epoch FROM statement_timestamp()) * 1000)::bigint + $2 \
     FROM UNNEST($3::bytea[], $4::text[], $5::bytea[], $6::bytea[], $7::bigint[], $8::bigint[]) \
     AS new (operation, kind, document_id, owner_id, amount, created_at)";

const KEY_INSERT: &str = "INSERT INTO idempotency (kassa_id, key, fingerprint, document, at) \
     SELECT * FROM UNNEST($1::bytea[], $2::text[], $3::bytea[], $4::bytea[], $5::bigint[])";

/// Fails, and the batch with it, when the lane has meanwhile been written by another writer.
const LANE_UPDATE: &str = "UPDATE lane SET seq = $2, hash = $3, next_number = $4, \
     batch = CASE WHEN writer = $5 AND batch = $6::bigint - 1 THEN $6 END WHERE lane = $1";

/// Continues the lane's block when nobody has taken the next one; else leaves its rest unused.
const NUMBERS_TAKE: &str = "WITH block AS ( \
     UPDATE number_block SET next_number = next_number + $3 RETURNING next_number AS block_end) \
     UPDATE lane SET numbers_end = block_end, next_number = \
     CASE WHEN numbers_end = block_end - $3 THEN next_number ELSE block_end - $3 END \
     FROM block WHERE lane = $1 AND writer = $2 RETURNING next_number, numbers_end";

/// The prepared statements of one connection.
pub(super) struct Statements {
    pub(super) receipts: Statement,
    pub(super) cards_lock: Statement,
    pub(super) cards: Statement,
    pub(super) keys: Statement,
    pub(super) documents: DocumentStatements,
    pub(super) receipt_insert: Statement,
    pub(super) receipt_update: Statement,
    pub(super) card_insert: Statement,
    pub(super) card_update: Statement,
    pub(super) vault_put: Statement,
    pub(super) vault_delete: Statement,
    pub(super) entry_insert: Statement,
    pub(super) balance_add: Statement,
    pub(super) outbox_insert: Statement,
    pub(super) outbox_delete: Statement,
    pub(super) key_insert: Statement,
    pub(super) lane_update: Statement,
    pub(super) numbers_take: Statement,
}

impl Statements {
    /// Prepares all of them.
    ///
    /// # Errors
    /// When the connection breaks or the schema is not ours.
    pub(super) async fn prepare(client: &Client) -> Result<Self, StoreError> {
        // Rows are locked in key order, so that two lanes that want the same rows never wait for
        // each other in a circle.
        let receipts = format!(
            "SELECT {RECEIPT_COLUMNS} FROM receipt WHERE id = ANY($1) ORDER BY id FOR UPDATE"
        );
        // Cards are locked first and read by the next statement, which therefore sees their vault
        // rows as they are once the lock is held.
        let cards_lock = "SELECT id FROM card WHERE id = ANY($1) \
             AND (id = ANY($2) OR NOT recurrent) ORDER BY id FOR UPDATE";
        let cards = format!(
            "SELECT {CARD_COLUMNS} FROM card LEFT JOIN vault ON vault.card_id = card.id \
             WHERE id = ANY($1)"
        );
        let keys = "SELECT used.kassa_id, used.key FROM UNNEST($1::bytea[], $2::text[]) \
             AS asked (kassa_id, key) \
             JOIN idempotency AS used ON used.kassa_id = asked.kassa_id AND used.key = asked.key";
        Ok(Self {
            receipts: client.prepare(&receipts).await?,
            cards_lock: client.prepare(cards_lock).await?,
            cards: client.prepare(&cards).await?,
            keys: client.prepare(keys).await?,
            documents: DocumentStatements::prepare(client).await?,
            receipt_insert: client.prepare(RECEIPT_INSERT).await?,
            receipt_update: client.prepare(RECEIPT_UPDATE).await?,
            card_insert: client.prepare(CARD_INSERT).await?,
            card_update: client.prepare(CARD_UPDATE).await?,
            vault_put: client.prepare(VAULT_PUT).await?,
            vault_delete: client.prepare("DELETE FROM vault WHERE card_id = ANY($1)").await?,
            entry_insert: client.prepare(ENTRY_INSERT).await?,
            balance_add: client.prepare(BALANCE_ADD).await?,
            outbox_insert: client.prepare(OUTBOX_INSERT).await?,
            outbox_delete: client.prepare("DELETE FROM outbox WHERE operation = ANY($1)").await?,
            key_insert: client.prepare(KEY_INSERT).await?,
            lane_update: client.prepare(LANE_UPDATE).await?,
            numbers_take: client.prepare(NUMBERS_TAKE).await?,
        })
    }
}
