-- The history. The table `events` is the record itself, and the table for queries: one complete row for each event. The
-- other tables of this file contain the identity of the store, and the first and last event of each tick.
--
-- Facts are append-only: triggers refuse changes by ad-hoc SQL. The library's own connections follow these rules
-- without triggers, which are disabled there, so that a trigger in a file of unknown origin never runs.

CREATE TABLE IF NOT EXISTS events
(
    seq        INTEGER PRIMARY KEY, -- position in the history, from 1, without gaps
    id         TEXT NOT NULL,       -- unique; `{tick}-{HASH}-{n}`, or the original id of an imported event
    tick       INTEGER NOT NULL,    -- never smaller than that of the previous event
    timestamp  ANY NOT NULL,        -- seconds since the Unix epoch, UTC: REAL, or INTEGER if imported as an integer
    type       TEXT NOT NULL,       -- 1 to 255 bytes of UTF-8
    parent_seq INTEGER,             -- seq of the cause, smaller than seq; NULL: no cause, or one outside this store
    parent_id  TEXT,                -- id of the cause, also of one outside this store; NULL: no cause
    data       TEXT NOT NULL        -- a JSON object in compact form
) STRICT;

-- One row for each tick that has events.
CREATE TABLE IF NOT EXISTS tick
(
    tick        INTEGER PRIMARY KEY,
    first_seq   INTEGER NOT NULL, -- the events of the tick are first_seq to last_seq
    last_seq    INTEGER NOT NULL,
    sealed      INTEGER NOT NULL, -- 1 when the tick is over: the current tick is then a later one
    run_digest  BLOB,             -- digest of the history up to here without timestamps; see docs/format.md
    full_digest BLOB              -- digest of the complete history up to here
) STRICT;

CREATE TABLE IF NOT EXISTS store
(
    id           INTEGER PRIMARY KEY CHECK (id = 1), -- the table has one row
    uuid         TEXT NOT NULL,    -- identity of the history: random, RFC 4122 version 4
    created      REAL NOT NULL,    -- time of creation: seconds since the Unix epoch, UTC
    current_tick INTEGER NOT NULL, -- the current tick is the larger one of this and the newest tick.tick + sealed
    digests      TEXT NOT NULL,    -- 'sha512' when rows of `tick` contain digests, else 'none'
    foreign_ids  INTEGER NOT NULL  -- 1 when an event has, or had, a foreign id or an external parent, else 0
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
