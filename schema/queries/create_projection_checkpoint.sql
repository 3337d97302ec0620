-- In a projection's own database: which projection of which store it is, and how far it is.
CREATE TABLE eventure_projection
(
    id        INTEGER PRIMARY KEY CHECK (id = 1), -- there is one row
    source    TEXT NOT NULL,    -- store.uuid of the store
    digest    TEXT NOT NULL,    -- of the projection's file, hexadecimal
    seq       INTEGER NOT NULL, -- the newest event that is in the rows; 0: none
    tick      INTEGER NOT NULL, -- its tick
    event_id  TEXT NOT NULL,    -- its id
    timestamp REAL NOT NULL     -- its timestamp
) STRICT
