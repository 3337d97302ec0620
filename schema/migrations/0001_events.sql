-- The history: events, their ticks and types. Tables of facts have singular names; the views that people read have
-- plural ones (schema/views).
--
-- Facts are append-only. Triggers keep ad-hoc SQL from rewriting them; the library's own connections, which keep these
-- rules themselves, run with triggers switched off and so never run a trigger that a file brings along.

CREATE TABLE store
(
    id           INTEGER PRIMARY KEY CHECK (id = 1), -- there is one row
    uuid         TEXT NOT NULL,    -- random, RFC 4122 version 4: which history this is
    created      REAL NOT NULL,    -- when, in seconds since the Unix epoch, UTC
    current_tick INTEGER NOT NULL, -- the current tick is this, or where the newest row of `tick` leads, whichever is later
    digests      TEXT NOT NULL     -- 'sha512' when rows of `tick` hold digests, else 'none'
) STRICT;

CREATE TABLE type
(
    id   INTEGER PRIMARY KEY,  -- in the order in which the types first appeared, from 1
    name TEXT NOT NULL UNIQUE, -- 1 to 255 bytes of UTF-8
    hash TEXT NOT NULL         -- HASH of the ids of its events
) STRICT;

CREATE INDEX type_hash ON type (hash);

CREATE TABLE event
(
    seq       INTEGER PRIMARY KEY, -- position, from 1, without gaps
    tick      INTEGER NOT NULL,    -- never smaller than that of the event before
    type      INTEGER NOT NULL,    -- type.id
    ordinal   INTEGER NOT NULL,    -- counts, from 1, the events of this tick whose types share a HASH
    parent    INTEGER,             -- seq of the event that caused it, always smaller; NULL for none
    timestamp REAL NOT NULL,       -- seconds since the Unix epoch, UTC
    data      TEXT NOT NULL        -- a JSON object, compact
) STRICT;

-- Serves ids, ticks, and (with type_tick) types.
CREATE UNIQUE INDEX event_tick ON event (tick, type, ordinal);
CREATE INDEX event_parent ON event (parent) WHERE parent IS NOT NULL;

-- One row for each tick that has events.
CREATE TABLE tick
(
    tick        INTEGER PRIMARY KEY,
    first_seq   INTEGER NOT NULL, -- its events are first_seq to last_seq
    last_seq    INTEGER NOT NULL,
    sealed      INTEGER NOT NULL, -- 1 when the tick was advanced past, so that the current tick is at least one more
    run_digest  BLOB,             -- of the history up to here but for timestamps; chained; see docs/format.md
    full_digest BLOB              -- of the history up to here with everything; chained
) STRICT;

-- A sparse index on the type: which ticks hold events of a type, and how many. An index on event (type) would cost as
-- much as all the rest together; see docs/decisions.
CREATE TABLE type_tick
(
    type  INTEGER NOT NULL,
    tick  INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (type, tick)
) STRICT, WITHOUT ROWID;

-- Ids that differ from `{tick}-{HASH}-{ordinal}`: imported ones.
CREATE TABLE foreign_id
(
    seq INTEGER PRIMARY KEY,
    id  TEXT NOT NULL UNIQUE
) STRICT;

-- Parents that are not in this store: a history cut out of a larger one.
CREATE TABLE external_parent
(
    seq       INTEGER PRIMARY KEY,
    parent_id TEXT NOT NULL
) STRICT;

CREATE INDEX external_parent_id ON external_parent (parent_id);

CREATE TRIGGER event_append_only_update BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'events are append-only: cannot update'); END;

CREATE TRIGGER event_append_only_delete BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'events are append-only: cannot delete'); END;

CREATE TRIGGER event_append_only_insert BEFORE INSERT ON event
BEGIN SELECT RAISE(ABORT, 'events are append-only: append them through eventure'); END;

CREATE TRIGGER tick_append_only_update BEFORE UPDATE ON tick
BEGIN SELECT RAISE(ABORT, 'ticks are append-only: cannot update'); END;

CREATE TRIGGER tick_append_only_delete BEFORE DELETE ON tick
BEGIN SELECT RAISE(ABORT, 'ticks are append-only: cannot delete'); END;

CREATE TRIGGER tick_append_only_insert BEFORE INSERT ON tick
BEGIN SELECT RAISE(ABORT, 'ticks are append-only: append events through eventure'); END;

CREATE TRIGGER type_append_only_update BEFORE UPDATE ON type
BEGIN SELECT RAISE(ABORT, 'types are append-only: cannot update'); END;

CREATE TRIGGER type_append_only_delete BEFORE DELETE ON type
BEGIN SELECT RAISE(ABORT, 'types are append-only: cannot delete'); END;

CREATE TRIGGER type_append_only_insert BEFORE INSERT ON type
BEGIN SELECT RAISE(ABORT, 'types are append-only: append events through eventure'); END;

CREATE TRIGGER foreign_id_append_only_update BEFORE UPDATE ON foreign_id
BEGIN SELECT RAISE(ABORT, 'ids are append-only: cannot update'); END;

CREATE TRIGGER foreign_id_append_only_delete BEFORE DELETE ON foreign_id
BEGIN SELECT RAISE(ABORT, 'ids are append-only: cannot delete'); END;

CREATE TRIGGER foreign_id_append_only_insert BEFORE INSERT ON foreign_id
BEGIN SELECT RAISE(ABORT, 'ids are append-only: append events through eventure'); END;

CREATE TRIGGER external_parent_append_only_update BEFORE UPDATE ON external_parent
BEGIN SELECT RAISE(ABORT, 'parents are append-only: cannot update'); END;

CREATE TRIGGER external_parent_append_only_delete BEFORE DELETE ON external_parent
BEGIN SELECT RAISE(ABORT, 'parents are append-only: cannot delete'); END;

CREATE TRIGGER external_parent_append_only_insert BEFORE INSERT ON external_parent
BEGIN SELECT RAISE(ABORT, 'parents are append-only: append events through eventure'); END;
