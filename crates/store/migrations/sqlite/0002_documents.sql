-- Documents other than receipts: payments at the till, fiscal receipts, payment orders, incoming
-- payments and settlements; the bank's services and their statements.

-- The ledger and the outbox are about any document, of a kassa or of a bank partner.
ALTER TABLE entry RENAME COLUMN receipt_id TO document_id;
ALTER TABLE entry RENAME COLUMN kassa_id TO owner_id;
ALTER TABLE outbox RENAME COLUMN receipt_id TO document_id;
ALTER TABLE outbox RENAME COLUMN kassa_id TO owner_id;

-- Each entry of a document is there once, but for those by which a settlement's money waits in
-- suspense and comes back: that may happen again.
DROP INDEX entry_document;
CREATE UNIQUE INDEX entry_document ON entry (
    document_id,
    kind,
    (CASE WHEN kind IN ('settlement_held', 'settlement_resumed') THEN seq ELSE 0 END)
);

-- What is searched stands in columns, the rest in `body`, which is JSON.
CREATE TABLE document (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    kind INTEGER NOT NULL,
    owner_id BLOB NOT NULL,
    state INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    created_at INTEGER NOT NULL,
    due_at INTEGER,
    body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX document_id ON document (id);
CREATE INDEX document_owner ON document (owner_id, kind, id);
CREATE INDEX document_due ON document (due_at) WHERE due_at IS NOT NULL;

-- Under which keys a document is found: a scanned code, a provider's number, a partner's order.
CREATE TABLE document_key (
    key TEXT PRIMARY KEY,
    document_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE bank_partner (
    id BLOB PRIMARY KEY,
    settings TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- `available` and `reserved` never go below zero; the ledger holds the same sums.
CREATE TABLE bank_service (
    id INTEGER PRIMARY KEY,
    partner_id BLOB NOT NULL,
    settings TEXT NOT NULL,
    available INTEGER NOT NULL CHECK (available >= 0),
    reserved INTEGER NOT NULL CHECK (reserved >= 0),
    last_line INTEGER NOT NULL
) STRICT;

-- Lines are numbered in the order of the commits, so that a reader who remembers the last number
-- misses none.
CREATE TABLE statement_line (
    service_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    direction INTEGER NOT NULL CHECK (direction IN (1, 2)),
    document_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    bank_day INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    number INTEGER NOT NULL,
    parties TEXT NOT NULL,
    PRIMARY KEY (service_id, id)
) STRICT, WITHOUT ROWID;

-- Banks and their codes, as the operator has imported them.
CREATE TABLE bank_directory (
    mfo TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    is_member INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How a merchant is paid out.
CREATE TABLE settlement_rule (
    merchant_id BLOB PRIMARY KEY,
    settings TEXT NOT NULL
) STRICT, WITHOUT ROWID;
