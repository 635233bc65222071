-- Sums by day, so that nobody has to read a ledger or a statement from its beginning. They are
-- counted behind the writer, by whoever needs them: writing a payment costs nothing more.

-- What merchants' accounts changed by on each day, up to an entry of each lane.
CREATE TABLE balance_day (
    account TEXT NOT NULL,
    day INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (account, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE balance_mark (
    lane INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT;

-- Which lines a statement has for each day, up to a line of each service.
CREATE TABLE statement_day (
    service_id INTEGER NOT NULL,
    bank_day INTEGER NOT NULL,
    direction INTEGER NOT NULL,
    lines INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    first_id INTEGER NOT NULL,
    last_id INTEGER NOT NULL,
    PRIMARY KEY (service_id, bank_day, direction)
) STRICT, WITHOUT ROWID;

CREATE TABLE statement_mark (
    service_id INTEGER PRIMARY KEY,
    last_id INTEGER NOT NULL
) STRICT;

-- Orders and settlements are looked after by different workers.
DROP INDEX document_due;
CREATE INDEX document_due ON document (kind, due_at) WHERE due_at IS NOT NULL;
