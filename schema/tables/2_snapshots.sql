-- Saved states of reducers: derived from the events, so they may be deleted at any time, and no trigger keeps anybody
-- from it.
--
-- A snapshot holds what a reducer made of the events 1 to `seq`, and is used only by the reducer of that name and
-- version.

CREATE TABLE IF NOT EXISTS snapshot
(
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL,    -- of the reducer
    version INTEGER NOT NULL, -- of the reducer
    tick    INTEGER NOT NULL, -- of the event `seq`, or a later one up to which there was none after it
    seq     INTEGER NOT NULL, -- the last event that is in the state; 0: none
    created REAL NOT NULL,    -- when, in seconds since the Unix epoch, UTC
    state   BLOB NOT NULL     -- what the reducer saved
) STRICT;

-- Finds the newest snapshot at or before a tick, or a seq, with one seek.
CREATE UNIQUE INDEX IF NOT EXISTS snapshot_place ON snapshot (name, version, tick, seq);
