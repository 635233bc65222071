-- Cards, receipts, the ledger and the tables that keep them safe. Tables and columns have the names
-- they have in SQLite; what only several processes need is marked.

CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE kassa (
    id BYTEA PRIMARY KEY,
    settings TEXT NOT NULL
);

-- `number` is the short number people read out. Half of each page stays free: a receipt is written
-- twice more soon after its birth, and a new version that fits its page needs no new index rows.
-- For the same reason no index may name a column that every payment changes, `state` above all.
CREATE TABLE receipt (
    number BIGINT NOT NULL UNIQUE,
    amount BIGINT NOT NULL CHECK (amount > 0),
    commission BIGINT NOT NULL CHECK (commission BETWEEN 0 AND amount),
    created_at BIGINT NOT NULL,
    paid_at BIGINT,
    held_at BIGINT,
    cancelled_at BIGINT,
    -- Since when money is held; only of receipts that are held now.
    open_hold_at BIGINT GENERATED ALWAYS AS (CASE WHEN state = 5 THEN held_at END) STORED,
    state SMALLINT NOT NULL CHECK (state IN (0, 1, 2, 3, 4, 5, 6, 20, 21, 30, 50)),
    hold BOOLEAN NOT NULL,
    id BYTEA PRIMARY KEY,
    kassa_id BYTEA NOT NULL,
    operation BYTEA,
    debit BYTEA,
    card_id BYTEA,
    card_masked TEXT,
    card_expiry TEXT,
    card_network TEXT,
    body TEXT NOT NULL,
    payer TEXT,
    fiscal TEXT
) WITH (fillfactor = 50);
CREATE INDEX receipt_kassa ON receipt (kassa_id, id);
CREATE INDEX receipt_held ON receipt (open_hold_at) WHERE open_hold_at IS NOT NULL;

CREATE TABLE card (
    id BYTEA PRIMARY KEY,
    kassa_id BYTEA NOT NULL,
    token_hash BYTEA NOT NULL,
    masked TEXT NOT NULL CHECK (masked LIKE '______******____'),
    expiry TEXT NOT NULL,
    network TEXT NOT NULL,
    recurrent BOOLEAN NOT NULL,
    verified BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    removed_at BIGINT,
    in_use BYTEA,
    code_hash BYTEA,
    code_sent_at BIGINT,
    code_wrong_tries SMALLINT NOT NULL,
    code_sends SMALLINT NOT NULL,
    code_window_start BIGINT
) WITH (fillfactor = 70);

-- The only place where a whole card number exists, sealed with a data key.
CREATE TABLE vault (
    card_id BYTEA PRIMARY KEY,
    key_id BIGINT NOT NULL,
    sealed BYTEA NOT NULL
);

-- Data keys, each sealed with the master key that lives outside the database.
CREATE TABLE vault_key (
    key_id BIGINT PRIMARY KEY,
    sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

-- The ledger: append-only, hash-chained per lane. `postings` is a JSON array of [account, tiyin].
CREATE TABLE entry (
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    lane INTEGER NOT NULL CHECK (lane BETWEEN 0 AND 65535),
    kind TEXT NOT NULL,
    kassa_id BYTEA NOT NULL,
    receipt_id BYTEA NOT NULL,
    postings TEXT NOT NULL,
    hash BYTEA NOT NULL,
    -- Two writers of one chain cannot both add to it.
    PRIMARY KEY (lane, seq)
);
-- No receipt is paid, refunded, held or released twice, whatever a program believes.
CREATE UNIQUE INDEX entry_document ON entry (receipt_id, kind);

CREATE FUNCTION entry_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger entries are never changed or deleted';
END $$;
CREATE TRIGGER entry_is_final BEFORE UPDATE ON entry
    FOR EACH ROW EXECUTE FUNCTION entry_is_final();
CREATE TRIGGER entry_stays BEFORE DELETE ON entry
    FOR EACH ROW EXECUTE FUNCTION entry_is_final();
CREATE TRIGGER entries_stay BEFORE TRUNCATE ON entry
    FOR EACH STATEMENT EXECUTE FUNCTION entry_is_final();

-- A row per account and lane, so that no lane waits for another.
CREATE TABLE balance (
    account TEXT NOT NULL,
    lane INTEGER NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (account, lane)
) WITH (fillfactor = 50);

-- The end of each lane's chain, and the receipt numbers it may still give out. Only here: who
-- writes the lane and how many batches it has committed, which tells after a lost connection
-- whether the last batch was.
CREATE TABLE lane (
    lane INTEGER PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    next_number BIGINT NOT NULL,
    numbers_end BIGINT NOT NULL,
    batch BIGINT NOT NULL,
    writer TEXT NOT NULL
) WITH (fillfactor = 50);

-- Only here: lanes take receipt numbers from this row, a block at a time.
CREATE TABLE number_block (
    next_number BIGINT NOT NULL
) WITH (fillfactor = 50);
INSERT INTO number_block (next_number) VALUES (1);

-- Rows live for the time of one call to a card network: what they leave behind is cleaned up early.
CREATE TABLE outbox (
    operation BYTEA PRIMARY KEY,
    kind TEXT NOT NULL,
    receipt_id BYTEA NOT NULL,
    kassa_id BYTEA NOT NULL,
    amount BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    owner TEXT NOT NULL,
    leased_until BIGINT NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
CREATE INDEX outbox_lease ON outbox (leased_until);

CREATE TABLE idempotency (
    kassa_id BYTEA NOT NULL,
    key TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    document BYTEA NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (kassa_id, key)
);

-- The ledger as accountants read it: one row a posting.
CREATE VIEW posting AS
    SELECT entry.lane, entry.seq, entry.at, entry.kind, entry.kassa_id, entry.receipt_id,
           line.value ->> 0 AS account, (line.value ->> 1)::BIGINT AS amount
    FROM entry, jsonb_array_elements(entry.postings::jsonb) AS line (value);
