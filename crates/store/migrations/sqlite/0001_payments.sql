-- Cards, receipts, the ledger and the tables that keep them safe. SQLite has one lane, number 0.

CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE kassa (
    id BLOB PRIMARY KEY,
    settings TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- `number` is the short number people read out; being the rowid it keeps inserts at the end.
CREATE TABLE receipt (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    kassa_id BLOB NOT NULL,
    state INTEGER NOT NULL CHECK (state IN (0, 1, 2, 3, 4, 5, 6, 20, 21, 30, 50)),
    amount INTEGER NOT NULL CHECK (amount > 0),
    commission INTEGER NOT NULL CHECK (commission BETWEEN 0 AND amount),
    hold INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    paid_at INTEGER,
    held_at INTEGER,
    cancelled_at INTEGER,
    operation BLOB,
    debit BLOB,
    card_id BLOB,
    card_masked TEXT,
    card_expiry TEXT,
    card_network TEXT,
    body TEXT NOT NULL,
    payer TEXT,
    fiscal TEXT,
    -- Shrinks as the row fills: a row that keeps its size is overwritten where it lies, and pages
    -- that were filled in order need not be split.
    room BLOB
) STRICT;
CREATE UNIQUE INDEX receipt_id ON receipt (id);
CREATE INDEX receipt_kassa ON receipt (kassa_id, id);
CREATE INDEX receipt_held ON receipt (held_at) WHERE state = 5;

CREATE TABLE card (
    id BLOB PRIMARY KEY,
    kassa_id BLOB NOT NULL,
    token_hash BLOB NOT NULL,
    masked TEXT NOT NULL CHECK (masked LIKE '______******____'),
    expiry TEXT NOT NULL,
    network TEXT NOT NULL,
    recurrent INTEGER NOT NULL,
    verified INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    removed_at INTEGER,
    in_use BLOB,
    code_hash BLOB,
    code_sent_at INTEGER,
    code_wrong_tries INTEGER NOT NULL,
    code_sends INTEGER NOT NULL,
    code_window_start INTEGER
) STRICT, WITHOUT ROWID;

-- The only place where a whole card number exists, sealed with a data key.
CREATE TABLE vault (
    card_id BLOB PRIMARY KEY,
    key_id INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Data keys, each sealed with the master key that lives outside the database.
CREATE TABLE vault_key (
    key_id INTEGER PRIMARY KEY,
    sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- The ledger: append-only, hash-chained per lane. `postings` is a JSON array of [account, tiyin].
CREATE TABLE entry (
    seq INTEGER PRIMARY KEY,
    lane INTEGER NOT NULL CHECK (lane = 0),
    kind TEXT NOT NULL,
    kassa_id BLOB NOT NULL,
    receipt_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    postings TEXT NOT NULL,
    hash BLOB NOT NULL
) STRICT;
-- No receipt is paid, refunded, held or released twice, whatever a program believes.
CREATE UNIQUE INDEX entry_document ON entry (receipt_id, kind);
CREATE TRIGGER entry_is_final BEFORE UPDATE ON entry
    BEGIN SELECT RAISE(ABORT, 'ledger entries are never changed'); END;
CREATE TRIGGER entry_stays BEFORE DELETE ON entry
    BEGIN SELECT RAISE(ABORT, 'ledger entries are never deleted'); END;

CREATE TABLE balance (
    account TEXT NOT NULL,
    lane INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (account, lane)
) STRICT, WITHOUT ROWID;

-- The end of each lane's chain, and the receipt numbers it may still give out.
CREATE TABLE lane (
    lane INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    next_number INTEGER NOT NULL,
    numbers_end INTEGER NOT NULL
) STRICT;

CREATE TABLE outbox (
    operation BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    receipt_id BLOB NOT NULL,
    kassa_id BLOB NOT NULL,
    amount INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    owner TEXT NOT NULL,
    leased_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
    kassa_id BLOB NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    document BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (kassa_id, key)
) STRICT, WITHOUT ROWID;

-- The ledger as accountants read it: one row a posting.
CREATE VIEW posting AS
    SELECT entry.lane, entry.seq, entry.at, entry.kind, entry.kassa_id, entry.receipt_id,
           line.value ->> 0 AS account, line.value ->> 1 AS amount
    FROM entry, json_each(entry.postings) AS line;
