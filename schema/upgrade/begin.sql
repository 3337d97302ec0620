-- Upgrade from the formats 1 to 5, first part: renames the tables that have changed. Tables that an old format does not
-- have are made empty. The tables of the current format are made next, and then filled (move.sql).
DROP VIEW IF EXISTS events;
DROP VIEW IF EXISTS archived_events;
DROP VIEW IF EXISTS type_counts;
DROP VIEW IF EXISTS ticks;
DROP VIEW IF EXISTS roots;
DROP VIEW IF EXISTS indexed_data;

ALTER TABLE store RENAME TO old_store;

CREATE TABLE IF NOT EXISTS archived_event (seq INTEGER PRIMARY KEY, tick, type, ordinal, parent);
