-- The index on types by blocks of ticks: a type is entered once a block instead of once a tick, and the index on the
-- events is local to a block, so that a commit touches few pages; see docs/decisions/0017-type-blocks.md.

-- Which block the event is in: eight ticks each, from 0 on. Computed, not stored.
ALTER TABLE event ADD COLUMN block INTEGER GENERATED ALWAYS AS (tick / 8) VIRTUAL;

-- Serves ids and, with type_block, types.
DROP INDEX event_tick;
CREATE UNIQUE INDEX event_type ON event (block, type, tick, ordinal);

-- Which blocks hold events of a type. Derived from the events, but as a row that is missing here would be missing in
-- answers, triggers keep ad-hoc SQL out.
CREATE TABLE type_block
(
    type  INTEGER NOT NULL, -- type.id
    block INTEGER NOT NULL, -- event.block
    PRIMARY KEY (type, block)
) STRICT, WITHOUT ROWID;

-- How many events of a type there are. A type without any has no row.
CREATE TABLE type_count
(
    type  INTEGER PRIMARY KEY, -- type.id
    count INTEGER NOT NULL     -- of its events in this store: what was moved into an archive does not count
) STRICT;

INSERT INTO type_block (type, block) SELECT type, tick / 8 FROM type_tick GROUP BY type, tick / 8;
INSERT INTO type_count (type, count) SELECT type, sum(count) FROM type_tick GROUP BY type;
DROP TABLE type_tick;

CREATE TRIGGER type_block_insert BEFORE INSERT ON type_block
BEGIN SELECT RAISE(ABORT, 'blocks of types are kept by eventure: cannot insert'); END;

CREATE TRIGGER type_block_update BEFORE UPDATE ON type_block
BEGIN SELECT RAISE(ABORT, 'blocks of types are kept by eventure: cannot update'); END;

CREATE TRIGGER type_block_delete BEFORE DELETE ON type_block
BEGIN SELECT RAISE(ABORT, 'blocks of types are kept by eventure: cannot delete'); END;

CREATE TRIGGER type_count_insert BEFORE INSERT ON type_count
BEGIN SELECT RAISE(ABORT, 'counts of types are kept by eventure: cannot insert'); END;

CREATE TRIGGER type_count_update BEFORE UPDATE ON type_count
BEGIN SELECT RAISE(ABORT, 'counts of types are kept by eventure: cannot update'); END;

CREATE TRIGGER type_count_delete BEFORE DELETE ON type_count
BEGIN SELECT RAISE(ABORT, 'counts of types are kept by eventure: cannot delete'); END;
