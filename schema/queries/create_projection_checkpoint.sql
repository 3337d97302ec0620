-- The checkpoint in a projection's own database: its store, its projection, and the last event applied.
CREATE TABLE eventure_projection
(
    id        INTEGER PRIMARY KEY CHECK (id = 1), -- the table has one row
    source    TEXT NOT NULL,    -- store.uuid of the store
    digest    TEXT NOT NULL,    -- digest of the projection's file, hexadecimal
    seq       INTEGER NOT NULL, -- newest event applied to the rows; 0: none
    tick      INTEGER NOT NULL, -- tick of that event
    event_id  TEXT NOT NULL,    -- id of that event
    timestamp REAL NOT NULL     -- timestamp of that event
) STRICT
