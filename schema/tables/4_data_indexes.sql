-- Indexes on data: the values of a key, each with its events. They are derived from the events; `eventure index` makes
-- and drops them. A missing row would be missing in query results, so triggers refuse changes by ad-hoc SQL.

CREATE TABLE IF NOT EXISTS data_index
(
    id      INTEGER PRIMARY KEY AUTOINCREMENT, -- never reused
    key     TEXT NOT NULL,                     -- a top-level key of the data, not escaped
    pattern TEXT NOT NULL,                     -- the index covers events of these types; '*': all
    upto    INTEGER NOT NULL,                  -- the index covers the events up to this seq
    UNIQUE (key, pattern)
) STRICT;

-- One row for each event that has the key. The primary key gives the events of a value in the order of seq.
CREATE TABLE IF NOT EXISTS data_value
(
    index_id INTEGER NOT NULL, -- data_index.id
    value    ANY NOT NULL,     -- the value as canonical JSON; for a long value its digest, a BLOB
    seq      INTEGER NOT NULL, -- events.seq
    PRIMARY KEY (index_id, value, seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER IF NOT EXISTS data_index_insert BEFORE INSERT ON data_index
BEGIN SELECT RAISE(ABORT, 'indexes on data: make them with eventure index add'); END;

CREATE TRIGGER IF NOT EXISTS data_index_update BEFORE UPDATE ON data_index
BEGIN SELECT RAISE(ABORT, 'indexes on data: cannot update'); END;

CREATE TRIGGER IF NOT EXISTS data_index_delete BEFORE DELETE ON data_index
BEGIN SELECT RAISE(ABORT, 'indexes on data: drop them with eventure index drop'); END;

CREATE TRIGGER IF NOT EXISTS data_value_insert BEFORE INSERT ON data_value
BEGIN SELECT RAISE(ABORT, 'indexes on data: cannot insert'); END;

CREATE TRIGGER IF NOT EXISTS data_value_update BEFORE UPDATE ON data_value
BEGIN SELECT RAISE(ABORT, 'indexes on data: cannot update'); END;

CREATE TRIGGER IF NOT EXISTS data_value_delete BEFORE DELETE ON data_value
BEGIN SELECT RAISE(ABORT, 'indexes on data: drop them with eventure index drop'); END;
