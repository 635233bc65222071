-- Documents other than receipts: payments at the till, fiscal receipts, payment orders, incoming
-- payments and settlements; the bank's services and their statements.

-- The ledger and the outbox are about any document, of a kassa or of a bank partner.
ALTER TABLE entry RENAME COLUMN receipt_id TO document_id;
ALTER TABLE entry RENAME COLUMN kassa_id TO owner_id;
ALTER TABLE outbox RENAME COLUMN receipt_id TO document_id;
ALTER TABLE outbox RENAME COLUMN kassa_id TO owner_id;
ALTER VIEW posting RENAME COLUMN receipt_id TO document_id;
ALTER VIEW posting RENAME COLUMN kassa_id TO owner_id;

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
    amount BIGINT NOT NULL CHECK (amount >= 0),
    created_at BIGINT NOT NULL,
    due_at BIGINT,
    kind SMALLINT NOT NULL,
    state SMALLINT NOT NULL,
    id BYTEA PRIMARY KEY,
    owner_id BYTEA NOT NULL,
    body TEXT NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX document_owner ON document (owner_id, kind, id);
CREATE INDEX document_due ON document (due_at) WHERE due_at IS NOT NULL;

-- Under which keys a document is found: a scanned code, a provider's number, a partner's order.
CREATE TABLE document_key (
    key TEXT PRIMARY KEY,
    document_id BYTEA NOT NULL
);

CREATE TABLE bank_partner (
    id BYTEA PRIMARY KEY,
    settings TEXT NOT NULL
);

-- `available` and `reserved` never go below zero; the ledger holds the same sums.
CREATE TABLE bank_service (
    id BIGINT PRIMARY KEY,
    available BIGINT NOT NULL CHECK (available >= 0),
    reserved BIGINT NOT NULL CHECK (reserved >= 0),
    last_line BIGINT NOT NULL,
    partner_id BYTEA NOT NULL,
    settings TEXT NOT NULL
) WITH (fillfactor = 50);

-- Lines are numbered in the order of the commits, so that a reader who remembers the last number
-- misses none.
CREATE TABLE statement_line (
    service_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    bank_day BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    number BIGINT NOT NULL,
    direction SMALLINT NOT NULL CHECK (direction IN (1, 2)),
    document_id BYTEA NOT NULL,
    parties TEXT NOT NULL,
    PRIMARY KEY (service_id, id)
);

-- Banks and their codes, as the operator has imported them.
CREATE TABLE bank_directory (
    mfo TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    is_member BOOLEAN NOT NULL
);

-- How a merchant is paid out.
CREATE TABLE settlement_rule (
    merchant_id BYTEA PRIMARY KEY,
    settings TEXT NOT NULL
);
