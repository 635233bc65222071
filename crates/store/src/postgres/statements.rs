//! The statements of a lane. Each handles a whole batch: its parameters are arrays, a column each.
//!
//! What a batch writes is one statement, so that it is one message to the server and a transaction
//! of its own. Its parts stand below, each `?` being the next parameter: their order is that in
//! which `write` fills them.

use tokio_postgres::{Client, Statement};

use super::document::DocumentStatements;
use super::row::{CARD_COLUMNS, RECEIPT_COLUMNS};
use crate::error::StoreError;

/// New receipts that have nothing yet but what a receipt has from its birth.
const RECEIPTS_NEW: &str = "receipts_new AS (INSERT INTO receipt (number, id, kassa_id, \
     created_at, body, state, amount, commission, hold) \
     SELECT * FROM UNNEST(?::bigint[], ?::bytea[], ?::bytea[], ?::bigint[], ?::text[], \
     ?::smallint[], ?::bigint[], ?::bigint[], ?::boolean[]))";

/// New receipts that have changed within their first batch.
const RECEIPTS_NEW_AND_CHANGED: &str = "receipts_new AS (INSERT INTO receipt (number, id, \
     kassa_id, created_at, body, state, amount, commission, hold, paid_at, held_at, cancelled_at, \
     operation, debit, card_id, card_masked, card_expiry, card_network, payer, fiscal) \
     SELECT * FROM UNNEST(?::bigint[], ?::bytea[], ?::bytea[], ?::bigint[], ?::text[], \
     ?::smallint[], ?::bigint[], ?::bigint[], ?::boolean[], ?::bigint[], ?::bigint[], \
     ?::bigint[], ?::bytea[], ?::bytea[], ?::bytea[], ?::text[], ?::text[], ?::text[], \
     ?::text[], ?::text[]))";

/// Everything of a receipt that can change after its creation, if it is of the version on which
/// the change was decided.
const RECEIPTS: &str = "receipts AS (UPDATE receipt SET state = new.state, amount = new.amount, \
     commission = new.commission, hold = new.hold, paid_at = new.paid_at, \
     held_at = new.held_at, cancelled_at = new.cancelled_at, operation = new.operation, \
     debit = new.debit, card_id = new.card_id, card_masked = new.card_masked, \
     card_expiry = new.card_expiry, card_network = new.card_network, payer = new.payer, \
     fiscal = new.fiscal \
     FROM UNNEST(?::bytea[], ?::int[], ?::smallint[], ?::bigint[], ?::bigint[], ?::boolean[], \
     ?::bigint[], ?::bigint[], ?::bigint[], ?::bytea[], ?::bytea[], ?::bytea[], ?::text[], \
     ?::text[], ?::text[], ?::text[], ?::text[]) \
     AS new (id, version, state, amount, commission, hold, paid_at, held_at, cancelled_at, \
     operation, debit, card_id, card_masked, card_expiry, card_network, payer, fiscal) \
     WHERE receipt.id = new.id AND receipt.xmin = new.version RETURNING 1)";

/// Rows that were read and do not change, and are still as they were.
const SEEN: &str = "seen_receipts AS (SELECT 1 FROM UNNEST(?::bytea[], ?::int[]) \
     AS seen (id, version) \
     JOIN receipt ON receipt.id = seen.id AND receipt.xmin = seen.version), \
     seen_cards AS (SELECT 1 FROM UNNEST(?::bytea[], ?::int[]) AS seen (id, version) \
     JOIN card ON card.id = seen.id AND card.xmin = seen.version)";

const ENTRIES: &str = "entries AS (INSERT INTO entry (seq, at, lane, kind, owner_id, document_id, \
     postings, hash) \
     SELECT new.seq, new.at, ?, new.kind, new.owner_id, new.document_id, new.postings, new.hash \
     FROM UNNEST(?::bigint[], ?::bigint[], ?::text[], ?::bytea[], ?::bytea[], ?::text[], \
     ?::bytea[]) AS new (seq, at, kind, owner_id, document_id, postings, hash))";

const BALANCES: &str = "balances AS (INSERT INTO balance (account, lane, amount) \
     SELECT new.account, ?, new.amount FROM UNNEST(?::text[], ?::bigint[]) \
     AS new (account, amount) \
     ON CONFLICT (account, lane) DO UPDATE SET amount = balance.amount + excluded.amount)";

/// Leases follow the server's clock, the only one that all processes share.
const INTENTS: &str = "intents AS (INSERT INTO outbox (operation, kind, document_id, owner_id, \
     amount, created_at, owner, leased_until) \
     SELECT new.operation, new.kind, new.document_id, new.owner_id, new.amount, new.created_at, \
     ?, (extract(epoch FROM statement_timestamp()) * 1000)::bigint + ? \
     FROM UNNEST(?::bytea[], ?::text[], ?::bytea[], ?::bytea[], ?::bigint[], ?::bigint[]) \
     AS new (operation, kind, document_id, owner_id, amount, created_at)), \
     intents_done AS (DELETE FROM outbox WHERE operation = ANY(?::bytea[]))";

const CARDS_NEW: &str = "cards_new AS (INSERT INTO card (id, kassa_id, token_hash, masked, \
     expiry, network, recurrent, created_at, verified, removed_at, in_use, code_hash, \
     code_sent_at, code_wrong_tries, code_sends, code_window_start) \
     SELECT * FROM UNNEST(?::bytea[], ?::bytea[], ?::bytea[], ?::text[], ?::text[], ?::text[], \
     ?::boolean[], ?::bigint[], ?::boolean[], ?::bigint[], ?::bytea[], ?::bytea[], ?::bigint[], \
     ?::smallint[], ?::smallint[], ?::bigint[]))";

/// Everything of a card that can change after its creation.
const CARDS: &str = "cards AS (UPDATE card SET verified = new.verified, \
     removed_at = new.removed_at, in_use = new.in_use, code_hash = new.code_hash, \
     code_sent_at = new.code_sent_at, code_wrong_tries = new.code_wrong_tries, \
     code_sends = new.code_sends, code_window_start = new.code_window_start \
     FROM UNNEST(?::bytea[], ?::boolean[], ?::bigint[], ?::bytea[], ?::bytea[], ?::bigint[], \
     ?::smallint[], ?::smallint[], ?::bigint[]) \
     AS new (id, verified, removed_at, in_use, code_hash, code_sent_at, code_wrong_tries, \
     code_sends, code_window_start) \
     WHERE card.id = new.id)";

const VAULT: &str = "vault_put AS (INSERT INTO vault (card_id, key_id, sealed) \
     SELECT * FROM UNNEST(?::bytea[], ?::bigint[], ?::bytea[]) \
     ON CONFLICT (card_id) DO UPDATE SET key_id = excluded.key_id, sealed = excluded.sealed), \
     vault_gone AS (DELETE FROM vault WHERE card_id = ANY(?::bytea[]))";

const KEYS: &str = "keys AS (INSERT INTO idempotency (kassa_id, key, fingerprint, document, at) \
     SELECT * FROM UNNEST(?::bytea[], ?::text[], ?::bytea[], ?::bytea[], ?::bigint[]))";

/// Fails, and the batch with it, on `seq` when a row was not of the version on which the batch was
/// decided, and on `batch` when the lane has meanwhile been written by another writer. Returns the
/// transaction, which is the version of all that it has written.
const LANE: &str = "UPDATE lane SET seq = CASE WHEN (SELECT count(*) FROM receipts) + \
     (SELECT count(*) FROM seen_receipts) + (SELECT count(*) FROM seen_cards) = ? \
     THEN ?::bigint END, hash = ?, next_number = ?, \
     batch = CASE WHEN writer = ? AND batch + 1 = ? THEN batch + 1 END \
     WHERE lane = ? RETURNING pg_current_xact_id()::text::bigint";

/// What batches of payments write.
const PAYMENTS: [&str; 6] = [RECEIPTS_NEW, RECEIPTS, SEEN, ENTRIES, BALANCES, INTENTS];
/// What batches can write.
const EVERYTHING: [&str; 10] = [
    RECEIPTS_NEW_AND_CHANGED,
    RECEIPTS,
    SEEN,
    ENTRIES,
    BALANCES,
    INTENTS,
    CARDS_NEW,
    CARDS,
    VAULT,
    KEYS,
];

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
    /// Writes a batch of nothing but payments.
    pub(super) write_payments: Statement,
    /// Writes any batch.
    pub(super) write: Statement,
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
            "SELECT {RECEIPT_COLUMNS}, xmin::text::bigint FROM receipt WHERE id = ANY($1) \
             ORDER BY id FOR UPDATE"
        );
        // Cards are locked first and read by the next statement, which therefore sees their vault
        // rows as they are once the lock is held.
        let cards_lock = "SELECT id FROM card WHERE id = ANY($1) \
             AND (id = ANY($2) OR NOT recurrent) ORDER BY id FOR UPDATE";
        let cards = format!(
            "SELECT {CARD_COLUMNS}, card.xmin::text::bigint FROM card \
             LEFT JOIN vault ON vault.card_id = card.id WHERE id = ANY($1)"
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
            write_payments: client.prepare(&whole(&PAYMENTS)).await?,
            write: client.prepare(&whole(&EVERYTHING)).await?,
            numbers_take: client.prepare(NUMBERS_TAKE).await?,
        })
    }
}

/// One statement of these parts and the lane's row, its parameters numbered.
fn whole(parts: &[&str]) -> String {
    let parts = parts.join(", ");
    let mut sql = String::from("WITH ");
    for (number, piece) in format!("{parts} {LANE}").split('?').enumerate() {
        if number > 0 {
            sql.push_str(&format!("${number}"));
        }
        sql.push_str(piece);
    }
    sql
}
