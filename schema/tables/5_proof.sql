-- What the library noted about the other tables, so that damage of them is found that nothing else contradicts, and so that
-- what a damaged file has lost can be counted. A store of the same format that was made before there was this table gets
-- it with the first note; a note that is not there is not compared.
--
--   name             value
--   'events'         INTEGER: the newest seq when a log was last closed after it had written
--   'ticks'          INTEGER: how many rows `tick` had then
--   'open_tick'      INTEGER: the tick of the newest row of `tick` while that is not sealed; -1: it is sealed
--   'current_tick'   INTEGER: store.current_tick
--   'archive', 'archived_events', 'origin', 'save_point', 'store'
--                    BLOB: the digest of that table, of `store` without what the commits of a log change

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
