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

/// New receipts that have changed within their first batch, or are not of the networks.
const RECEIPTS_NEW_AND_CHANGED: &str = "receipts_new AS (INSERT INTO receipt (number, id, \
     kassa_id, created_at, body, state, amount, commission, hold, paid_at, held_at, cancelled_at, \
     operation, debit, card_id, card_masked, card_expiry, card_network, payer, fiscal, acquirer) \
     SELECT * FROM UNNEST(?::bigint[], ?::bytea[], ?::bytea[], ?::bigint[], ?::text[], \
     ?::smallint[], ?::bigint[], ?::bigint[], ?::boolean[], ?::bigint[], ?::bigint[], \
     ?::bigint[], ?::bytea[], ?::bytea[], ?::bytea[], ?::text[], ?::text[], ?::text[], \
     ?::text[], ?::text[], ?::text[]))";

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

/// New documents.
const DOCUMENTS_NEW: &str = "documents_new AS (INSERT INTO document (id, kind, owner_id, state, \
     amount, created_at, due_at, body) SELECT * FROM UNNEST(?::bytea[], ?::smallint[], ?::bytea[], \
     ?::smallint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::text[]))";

/// What changes of a document, if it is of the version on which the change was decided; and
/// documents that do not change, and are still as they were.
const DOCUMENTS: &str = "documents AS (UPDATE document SET state = new.state, \
     amount = new.amount, due_at = new.due_at, body = new.body \
     FROM UNNEST(?::bytea[], ?::int[], ?::smallint[], ?::bigint[], ?::bigint[], ?::text[]) \
     AS new (id, version, state, amount, due_at, body) \
     WHERE document.id = new.id AND document.xmin = new.version RETURNING 1), \
     seen_documents AS (SELECT 1 FROM UNNEST(?::bytea[], ?::int[]) AS seen (id, version) \
     JOIN document ON document.id = seen.id AND document.xmin = seen.version)";

/// Taking a key fails, and the batch with it, when another document has it by now.
const KEYS_TAKEN: &str = "keys_taken AS (INSERT INTO document_key (key, document_id) \
     SELECT * FROM UNNEST(?::text[], ?::bytea[]))";

const KEYS_MOVED: &str = "keys_moved AS (UPDATE document_key SET document_id = new.document_id \
     FROM UNNEST(?::text[], ?::bytea[]) AS new (key, document_id) \
     WHERE document_key.key = new.key), \
     keys_freed AS (DELETE FROM document_key WHERE key = ANY(?::text[]))";

const SERVICES: &str = "services AS (UPDATE bank_service SET available = new.available, \
     reserved = new.reserved, last_line = new.last_line \
     FROM UNNEST(?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[]) \
     AS new (id, available, reserved, last_line) WHERE bank_service.id = new.id)";

const LINES: &str = "lines AS (INSERT INTO statement_line (service_id, id, direction, \
     document_id, at, bank_day, amount, number, parties) SELECT * FROM UNNEST(?::bigint[], \
     ?::bigint[], ?::smallint[], ?::bytea[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], \
     ?::text[]))";

/// Fails, and the batch with it, on `seq` when a row was not of the version on which the batch was
/// decided, and on `batch` when the lane has meanwhile been written by another writer. Returns the
/// transaction, which is the version of all that it has written. COUNTED is the number of rows that
/// were of their version.
const LANE: &str = "UPDATE lane SET seq = CASE WHEN COUNTED = ? THEN ?::bigint END, hash = ?, \
     next_number = ?, batch = CASE WHEN writer = ? AND batch + 1 = ? THEN batch + 1 END \
     WHERE lane = ? RETURNING pg_current_xact_id()::text::bigint";

/// What stands in every statement: the ledger and the intents.
const BOOKS: [&str; 3] = [ENTRIES, BALANCES, INTENTS];
/// What stands in the statements about documents.
const DOCUMENT_PARTS: [&str; 3] = [DOCUMENTS_NEW, DOCUMENTS, KEYS_TAKEN];
/// What stands beside it in the statements about a bank's documents.
const BRANCH_PARTS: [&str; 4] = [KEYS_MOVED, SERVICES, LINES, KEYS];

/// Which tables a batch writes to. The fewer, the less there is to start for each batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Receipts on their usual way.
    Payments,
    /// Documents on their usual way, as payments at the till are.
    Documents,
    /// Documents and bank services, and no receipts.
    Branch,
    /// All of them.
    Everything,
}

impl Scope {
    /// The parts of its statement, in the order of their parameters.
    fn parts(self) -> Vec<&'static str> {
        match self {
            Self::Payments => [&[RECEIPTS_NEW, RECEIPTS, SEEN][..], &BOOKS].concat(),
            Self::Documents => [&DOCUMENT_PARTS[..], &BOOKS].concat(),
            Self::Branch => [&DOCUMENT_PARTS[..], &BRANCH_PARTS, &BOOKS].concat(),
            Self::Everything => {
                let receipts = [RECEIPTS_NEW_AND_CHANGED, RECEIPTS, SEEN, CARDS_NEW, CARDS, VAULT];
                [&receipts[..], &DOCUMENT_PARTS, &BRANCH_PARTS, &BOOKS].concat()
            }
        }
    }

    /// The parts that return a row for each row that was of its version.
    const fn counted(self) -> &'static [&'static str] {
        match self {
            Self::Payments => &["receipts", "seen_receipts", "seen_cards"],
            Self::Documents | Self::Branch => &["documents", "seen_documents"],
            Self::Everything => {
                &["receipts", "seen_receipts", "seen_cards", "documents", "seen_documents"]
            }
        }
    }

    /// Its statement, the parameters numbered.
    fn sql(self) -> String {
        let count = |part: &&str| format!("(SELECT count(*) FROM {part})");
        let counted: Vec<String> = self.counted().iter().map(count).collect();
        let lane = LANE.replace("COUNTED", &counted.join(" + "));
        let mut sql = String::from("WITH ");
        let parts = self.parts().join(", ");
        for (number, piece) in format!("{parts} {lane}").split('?').enumerate() {
            if number > 0 {
                sql.push_str(&format!("${number}"));
            }
            sql.push_str(piece);
        }
        sql
    }
}

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
    payments_write: Statement,
    documents_write: Statement,
    branch_write: Statement,
    everything_write: Statement,
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
            payments_write: client.prepare(&Scope::Payments.sql()).await?,
            documents_write: client.prepare(&Scope::Documents.sql()).await?,
            branch_write: client.prepare(&Scope::Branch.sql()).await?,
            everything_write: client.prepare(&Scope::Everything.sql()).await?,
            numbers_take: client.prepare(NUMBERS_TAKE).await?,
        })
    }

    /// The statement that writes a batch of this scope.
    pub(super) const fn write(&self, scope: Scope) -> &Statement {
        match scope {
            Scope::Payments => &self.payments_write,
            Scope::Documents => &self.documents_write,
            Scope::Branch => &self.branch_write,
            Scope::Everything => &self.everything_write,
        }
    }
}
