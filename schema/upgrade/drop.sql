-- Upgrade from the formats 1 to 5, last part: drops the old tables, whose rows move.sql has moved.
DROP TABLE old_id;
DROP TABLE IF EXISTS type_tick;
DROP TABLE IF EXISTS type_block;
DROP TABLE IF EXISTS type_count;
DROP TABLE external_parent;
DROP TABLE foreign_id;
DROP TABLE archived_event;
DROP TABLE event;
DROP TABLE type;
DROP TABLE old_store;
