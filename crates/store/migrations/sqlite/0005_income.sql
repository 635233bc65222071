-- What came in is little beside what went out, and is asked for alone. Lines that went out are not
-- in it: writing them costs nothing more.
CREATE INDEX statement_income ON statement_line (service_id, id) WHERE direction = 1;
