-- Sessions: save points, where a fork comes from, and what was moved into archives.

-- A name for a place in the history. Only a name: deleting one changes nothing else.
CREATE TABLE IF NOT EXISTS save_point
(
    name    TEXT PRIMARY KEY,  -- 1 to 255 bytes of UTF-8
    tick    INTEGER NOT NULL,  -- the current tick when it was taken
    seq     INTEGER NOT NULL,  -- the newest event then; 0 for none
    note    TEXT,              -- what somebody wanted to remember; NULL for nothing
    created REAL NOT NULL      -- when, by the log's clock: seconds since the Unix epoch, UTC
) STRICT;

-- Where this history comes from: one row for each fork on the way from the first store to this one.
CREATE TABLE IF NOT EXISTS origin
(
    generation  INTEGER PRIMARY KEY, -- from 1; the newest is that of this store
    uuid        TEXT NOT NULL,       -- store.uuid of the store that was forked
    tick        INTEGER NOT NULL,    -- the current tick of the fork in the beginning
    seq         INTEGER NOT NULL,    -- the events up to this one are those of the store that was forked
    run_digest  BLOB,                -- tick.run_digest of the tick of that event, in the fork; NULL without digests
    full_digest BLOB,                -- tick.full_digest, likewise
    created     REAL NOT NULL        -- when, in seconds since the Unix epoch, UTC
) STRICT;

-- One row for each time that events were moved from this store into an archive. The newest one tells where the store
-- begins.
CREATE TABLE IF NOT EXISTS archive
(
    before_tick INTEGER PRIMARY KEY, -- the ticks before this one were moved
    last_seq    INTEGER NOT NULL,    -- the newest event moved: this store begins after it
    run_digest  BLOB,                -- tick.run_digest of the newest tick moved: the chain goes on from it
    full_digest BLOB,                -- tick.full_digest, likewise
    file        TEXT,                -- the archive's name as it was given, for people
    created     REAL NOT NULL        -- when, in seconds since the Unix epoch, UTC
) STRICT;

-- Events in an archive that caused events which are still here, directly or through others: enough of them for their
-- ids, and for the way up from effects to causes. The columns are those of `events`.
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
