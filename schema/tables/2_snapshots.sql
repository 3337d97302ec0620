-- Saved states of reducers. They are derived from the events, so they may be deleted at any time, and no trigger
-- prevents that.
--
-- A snapshot contains the state of a reducer after the events 1 to `seq`. Only the reducer of that name and version
-- uses it.

CREATE TABLE IF NOT EXISTS snapshot
(
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL,    -- name of the reducer
    version INTEGER NOT NULL, -- version of the reducer
    tick    INTEGER NOT NULL, -- tick of the event `seq`, or a later tick up to which no further event was appended
    seq     INTEGER NOT NULL, -- last event in the state; 0: none
    created REAL NOT NULL,    -- time of creation: seconds since the Unix epoch, UTC
    state   BLOB NOT NULL     -- bytes that the reducer saved
) STRICT;

-- Finds the newest snapshot at or before a tick, or a seq, with one seek.
CREATE UNIQUE INDEX IF NOT EXISTS snapshot_place ON snapshot (name, version, tick, seq);
