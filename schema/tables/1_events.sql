-- The history. The table `events` is the record itself, and what people query: one row for each event, with everything
-- that belongs to it. The other tables of this file say which store it is, and where each tick begins and ends.
--
-- Facts are append-only. Triggers keep ad-hoc SQL from rewriting them. The library's own connections keep these rules
-- themselves, and run with triggers switched off, so that they never run a trigger that a file brings along.

CREATE TABLE IF NOT EXISTS events
(
    seq        INTEGER PRIMARY KEY, -- position in the history, from 1, without gaps
    id         TEXT NOT NULL,       -- unique; `{tick}-{HASH}-{n}`, or the id that an imported event came with
    tick       INTEGER NOT NULL,    -- never smaller than that of the event before
    timestamp  ANY NOT NULL,        -- seconds since the Unix epoch, UTC: REAL, or INTEGER when it was imported as one
    type       TEXT NOT NULL,       -- 1 to 255 bytes of UTF-8
    parent_seq INTEGER,             -- seq of the event that caused it, always smaller; NULL: no cause, or one elsewhere
    parent_id  TEXT,                -- id of the event that caused it, also of one outside this store; NULL: no cause
    data       TEXT NOT NULL        -- a JSON object, compact
) STRICT;

-- One row for each tick that has events.
CREATE TABLE IF NOT EXISTS tick
(
    tick        INTEGER PRIMARY KEY,
    first_seq   INTEGER NOT NULL, -- its events are first_seq to last_seq
    last_seq    INTEGER NOT NULL,
    sealed      INTEGER NOT NULL, -- 1 when the tick was advanced past, so that the current tick is at least one more
    run_digest  BLOB,             -- of the history up to here but for timestamps; chained; see docs/format.md
    full_digest BLOB              -- of the history up to here with everything; chained
) STRICT;

CREATE TABLE IF NOT EXISTS store
(
    id           INTEGER PRIMARY KEY CHECK (id = 1), -- there is one row
    uuid         TEXT NOT NULL,    -- random, RFC 4122 version 4: which history this is
    created      REAL NOT NULL,    -- when, in seconds since the Unix epoch, UTC
    current_tick INTEGER NOT NULL, -- the current tick is this, or where the newest row of `tick` leads, whichever is later
    digests      TEXT NOT NULL,    -- 'sha512' when rows of `tick` hold digests, else 'none'
    foreign_ids  INTEGER NOT NULL  -- 1 when an event has an id that is not the one of its place, else 0
) STRICT;

CREATE TRIGGER IF NOT EXISTS events_insert BEFORE INSERT ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only: append them through eventure'); END;

CREATE TRIGGER IF NOT EXISTS events_update BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only: cannot update'); END;

CREATE TRIGGER IF NOT EXISTS events_delete BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only: cannot delete'); END;

CREATE TRIGGER IF NOT EXISTS tick_append_only_update BEFORE UPDATE ON tick
BEGIN SELECT RAISE(ABORT, 'ticks are append-only: cannot update'); END;

CREATE TRIGGER IF NOT EXISTS tick_append_only_delete BEFORE DELETE ON tick
BEGIN SELECT RAISE(ABORT, 'ticks are append-only: cannot delete'); END;

CREATE TRIGGER IF NOT EXISTS tick_append_only_insert BEFORE INSERT ON tick
BEGIN SELECT RAISE(ABORT, 'ticks are append-only: append events through eventure'); END;
