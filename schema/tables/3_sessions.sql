-- Sessions: save points, the origin of a fork, and the events that were moved into archives.

-- Names for positions in the history. Deleting a row changes nothing else.
CREATE TABLE IF NOT EXISTS save_point
(
    name    TEXT PRIMARY KEY,  -- 1 to 255 bytes of UTF-8
    tick    INTEGER NOT NULL,  -- current tick when the save point was made
    seq     INTEGER NOT NULL,  -- newest event at that time; 0: none
    note    TEXT,              -- note of the user; NULL: none
    created REAL NOT NULL      -- time of creation, by the log's clock: seconds since the Unix epoch, UTC
) STRICT;

-- The origins of this history: one row for each fork between the first store and this one.
CREATE TABLE IF NOT EXISTS origin
(
    generation  INTEGER PRIMARY KEY, -- from 1; the highest is that of this store
    uuid        TEXT NOT NULL,       -- store.uuid of the store that was forked
    tick        INTEGER NOT NULL,    -- current tick of the fork when it was made
    seq         INTEGER NOT NULL,    -- newest event that the fork has in common with that store
    run_digest  BLOB,                -- tick.run_digest of the tick of that event, in the fork; NULL without digests
    full_digest BLOB,                -- tick.full_digest of the same tick
    created     REAL NOT NULL        -- time of creation: seconds since the Unix epoch, UTC
) STRICT;

-- One row for each move of events from this store into an archive. The newest row contains the beginning of this store.
CREATE TABLE IF NOT EXISTS archive
(
    before_tick INTEGER PRIMARY KEY, -- the ticks before this one were moved
    last_seq    INTEGER NOT NULL,    -- newest event moved: this store begins after it
    run_digest  BLOB,                -- tick.run_digest of the newest tick moved, from which the chain continues
    full_digest BLOB,                -- tick.full_digest of the same tick
    file        TEXT,                -- name of the archive as the caller gave it; for messages only
    created     REAL NOT NULL        -- time of creation: seconds since the Unix epoch, UTC
) STRICT;

-- Archived events that are a cause, direct or indirect, of an event that is still in this store. The rows contain what
-- look-ups by id and searches from effects to causes need. The columns are those of `events`.
CREATE TABLE IF NOT EXISTS archived_events
(
    seq        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    tick       INTEGER NOT NULL,
    type       TEXT NOT NULL,
    parent_seq INTEGER,
    parent_id  TEXT
) STRICT;

CREATE INDEX IF NOT EXISTS archived_events_parent_seq ON archived_events (parent_seq);

CREATE TRIGGER IF NOT EXISTS origin_append_only_update BEFORE UPDATE ON origin
BEGIN SELECT RAISE(ABORT, 'origins are append-only: cannot update'); END;

CREATE TRIGGER IF NOT EXISTS origin_append_only_delete BEFORE DELETE ON origin
BEGIN SELECT RAISE(ABORT, 'origins are append-only: cannot delete'); END;

CREATE TRIGGER IF NOT EXISTS origin_append_only_insert BEFORE INSERT ON origin
BEGIN SELECT RAISE(ABORT, 'origins are append-only: fork through eventure'); END;

CREATE TRIGGER IF NOT EXISTS archive_append_only_update BEFORE UPDATE ON archive
BEGIN SELECT RAISE(ABORT, 'archives are append-only: cannot update'); END;

CREATE TRIGGER IF NOT EXISTS archive_append_only_delete BEFORE DELETE ON archive
BEGIN SELECT RAISE(ABORT, 'archives are append-only: cannot delete'); END;

CREATE TRIGGER IF NOT EXISTS archive_append_only_insert BEFORE INSERT ON archive
BEGIN SELECT RAISE(ABORT, 'archives are append-only: archive through eventure'); END;

CREATE TRIGGER IF NOT EXISTS archived_events_insert BEFORE INSERT ON archived_events
BEGIN SELECT RAISE(ABORT, 'events are append-only: archive through eventure'); END;

CREATE TRIGGER IF NOT EXISTS archived_events_update BEFORE UPDATE ON archived_events
BEGIN SELECT RAISE(ABORT, 'events are append-only: cannot update'); END;

CREATE TRIGGER IF NOT EXISTS archived_events_delete BEFORE DELETE ON archived_events
BEGIN SELECT RAISE(ABORT, 'events are append-only: cannot delete'); END;
