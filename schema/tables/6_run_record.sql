-- The record of the run: what it was, as the program that ran it describes it (docs/runs.md). It is not part of the
-- digests, so two runs of one history on two hosts have the same digests. A store of the same format from before this
-- table existed gets the table with the first key.

CREATE TABLE IF NOT EXISTS run_record
(
    key   TEXT PRIMARY KEY, -- 1 to 255 bytes of UTF-8 without control characters
    value ANY NOT NULL,     -- the value for SQL: a text or a number; true is 1, an object or array is its JSON
    json  TEXT NOT NULL     -- the value as JSON in compact form, never null
) STRICT, WITHOUT ROWID;
