-- Indexes on data: which events have which value under a key. Derived from the events; `eventure index` makes and drops
-- them. A row that is missing here would be missing in answers, so triggers keep ad-hoc SQL out.

CREATE TABLE IF NOT EXISTS data_index
(
    id      INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice
    key     TEXT NOT NULL,                     -- a top-level key of the data, not escaped
    pattern TEXT NOT NULL,                     -- only events of these types; '*' for all
    upto    INTEGER NOT NULL,                  -- the events up to this seq are in data_value; the rest is not yet
    UNIQUE (key, pattern)
) STRICT;

-- One row for each event that has the key. Answers "which events" in the order of seq.
CREATE TABLE IF NOT EXISTS data_value
(
    index_id INTEGER NOT NULL, -- data_index.id
    value    ANY NOT NULL,     -- the value in the canonical form of JSON; of a long one, the digest, a BLOB
    seq      INTEGER NOT NULL, -- event.seq
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
