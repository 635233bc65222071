-- Sums by day, so that nobody has to read a ledger or a statement from its beginning. They are
-- counted behind the writer, by whoever needs them: writing a payment costs nothing more.

-- What merchants' accounts changed by on each day, up to an entry of each lane.
CREATE TABLE balance_day (
    account TEXT NOT NULL,
    day BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (account, day)
);

CREATE TABLE balance_mark (
    lane INTEGER PRIMARY KEY,
    seq BIGINT NOT NULL
);

-- Which lines a statement has for each day, up to a line of each service.
CREATE TABLE statement_day (
    service_id BIGINT NOT NULL,
    bank_day BIGINT NOT NULL,
    direction SMALLINT NOT NULL,
    lines BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    first_id BIGINT NOT NULL,
    last_id BIGINT NOT NULL,
    PRIMARY KEY (service_id, bank_day, direction)
);

CREATE TABLE statement_mark (
    service_id BIGINT PRIMARY KEY,
    last_id BIGINT NOT NULL
);

-- Orders and settlements are looked after by different workers.
DROP INDEX document_due;
CREATE INDEX document_due ON document (kind, due_at) WHERE due_at IS NOT NULL;
