-- Notes of the library about the other tables. With them, verify finds damage that contradicts no other row, and
-- repair counts the losses of a damaged file. A store of the same format from before this table existed gets the
-- table with its first note; verify does not compare a note that does not exist.
--
--   name             value
--   'events'         INTEGER: the newest seq when a log was last closed after it had written
--   'ticks'          INTEGER: the number of rows of `tick` at that time
--   'open_tick'      INTEGER: the tick of the newest row of `tick` while that is not sealed; -1: it is sealed
--   'current_tick'   INTEGER: store.current_tick
--   'archive', 'archived_events', 'origin', 'run_record', 'save_point', 'store'
--                    BLOB: the digest of that table; for `store`, without the columns that commits of a log change

CREATE TABLE IF NOT EXISTS proof
(
    name  TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER IF NOT EXISTS proof_insert BEFORE INSERT ON proof
BEGIN SELECT RAISE(ABORT, 'proof: cannot insert'); END;

CREATE TRIGGER IF NOT EXISTS proof_update BEFORE UPDATE ON proof
BEGIN SELECT RAISE(ABORT, 'proof: cannot update'); END;

CREATE TRIGGER IF NOT EXISTS proof_delete BEFORE DELETE ON proof
BEGIN SELECT RAISE(ABORT, 'proof: cannot delete'); END;
