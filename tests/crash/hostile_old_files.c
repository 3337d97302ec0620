/*
 * Hostile files of an older format, which are upgraded when they are opened for writing: see hostile_files.h.
 */
#include "hostile_files.h"

/* The same history as a store of format 5, with the parts that the attacks need. */
#define OLD                                                                                                            \
    "DROP VIEW roots; DROP VIEW ticks; DROP VIEW type_counts;"                                                         \
    "CREATE TABLE type (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, hash TEXT NOT NULL) STRICT;"                \
    "INSERT INTO type SELECT row_number() OVER (ORDER BY min(seq)), type, rtrim(rtrim(substr(id, length(tick) + 2), "  \
    "'0123456789'), '-') FROM events GROUP BY type;"                                                                   \
    "CREATE TABLE event (seq INTEGER PRIMARY KEY, tick INTEGER NOT NULL, type INTEGER NOT NULL, ordinal INTEGER NOT "  \
    "NULL, parent INTEGER, timestamp REAL NOT NULL, data TEXT NOT NULL, block INTEGER GENERATED ALWAYS AS (tick / 8) " \
    "VIRTUAL) STRICT;"                                                                                                 \
    "INSERT INTO event (seq, tick, type, ordinal, parent, timestamp, data) SELECT seq, tick, (SELECT type.id FROM "    \
    "type WHERE name = events.type), CAST(substr(id, length(rtrim(id, '0123456789')) + 1) AS INTEGER), parent_seq, "   \
    "timestamp, data FROM events;"                                                                                     \
    "CREATE UNIQUE INDEX event_type ON event (block, type, tick, ordinal);"                                            \
    "CREATE INDEX event_parent ON event (parent) WHERE parent IS NOT NULL;"                                            \
    "CREATE TABLE foreign_id (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;"                               \
    "CREATE TABLE external_parent (seq INTEGER PRIMARY KEY, parent_id TEXT NOT NULL) STRICT;"                          \
    "CREATE TABLE archived_event (seq INTEGER PRIMARY KEY, tick INTEGER NOT NULL, type INTEGER NOT NULL, ordinal "     \
    "INTEGER NOT NULL, parent INTEGER) STRICT;"                                                                        \
    "CREATE TABLE type_block (type INTEGER NOT NULL, block INTEGER NOT NULL, PRIMARY KEY (type, block)) STRICT, "      \
    "WITHOUT ROWID; INSERT INTO type_block SELECT DISTINCT type, block FROM event;"                                    \
    "CREATE TABLE type_count (type INTEGER PRIMARY KEY, count INTEGER NOT NULL) STRICT;"                               \
    "INSERT INTO type_count SELECT type, count(*) FROM event GROUP BY type;"                                           \
    "DROP TABLE events; DROP TABLE archived_events; CREATE TABLE older (id INTEGER PRIMARY KEY CHECK (id = 1), uuid "  \
    "TEXT NOT NULL, created REAL NOT NULL, current_tick INTEGER NOT NULL, digests TEXT NOT NULL) STRICT;"              \
    "INSERT INTO older SELECT id, uuid, created, current_tick, digests FROM store; DROP TABLE store;"                  \
    "ALTER TABLE older RENAME TO store;"                                                                               \
    "CREATE VIEW events AS SELECT event.seq, event.tick || '-' || type.hash || '-' || event.ordinal AS id, "           \
    "event.tick, "                                                                                                     \
    "event.timestamp, type.name AS type, event.data FROM event JOIN type ON type.id = event.type;"                     \
    "PRAGMA user_version = 5;"

const attack hostile_old_files[] = {
    {"old: no attack", OLD},
    {"old: a new format of an old schema", OLD "PRAGMA user_version = 6"},
    {"old: the first format of a later schema", OLD "PRAGMA user_version = 1"},
    {"old: triggers", OLD "CREATE TRIGGER evil AFTER INSERT ON event BEGIN SELECT bell('insert'); END;"
                          "CREATE TRIGGER evil2 BEFORE DELETE ON event BEGIN SELECT bell('delete'); END;"
                          "CREATE TRIGGER evil3 BEFORE DELETE ON store BEGIN SELECT bell('store'); END;"
                          "CREATE TRIGGER evil4 AFTER INSERT ON store BEGIN SELECT bell('store'); END;"
                          "CREATE TRIGGER evil5 INSTEAD OF INSERT ON events BEGIN SELECT bell('events'); END;"
                          "CREATE TRIGGER evil6 AFTER INSERT ON tick BEGIN SELECT bell('tick'); END"},
    {"old: a view with a function", OLD "DROP VIEW events; CREATE VIEW events AS SELECT bell(1) AS seq;"
                                        "CREATE VIEW evil AS SELECT bell(seq) FROM event"},
    {"old: a view instead of the events", OLD "ALTER TABLE event RENAME TO hidden; CREATE VIEW event AS SELECT seq, "
                                              "tick, type, ordinal, parent, timestamp, bell(data) AS data FROM hidden"},
    {"old: endless events", OLD "DROP TABLE event; CREATE VIEW event AS " ENDLESS
                                "n AS seq, 0 AS tick, 1 AS type, n AS ordinal, NULL AS parent, 1.0 AS timestamp, '{}' "
                                "AS data FROM r"},
    {"old: endless types",
     OLD "DROP TABLE type; CREATE VIEW type AS " ENDLESS "n AS id, 'a' || n AS name, 'A' AS hash FROM r"},
    {"old: endless ids", OLD "DROP TABLE foreign_id; CREATE VIEW foreign_id AS " ENDLESS "n AS seq, n AS id FROM r"},
    {"old: endless parents",
     OLD "DROP TABLE external_parent; CREATE VIEW external_parent AS " ENDLESS "n AS seq, n AS parent_id FROM r"},
    {"old: endless archived events", OLD "DROP TABLE archived_event; CREATE VIEW archived_event AS " ENDLESS
                                         "n AS seq, 0 AS tick, 1 AS type, n AS ordinal, n - 1 AS parent FROM r"},
    {"old: an endless store", OLD "DROP TABLE store; CREATE VIEW store AS " ENDLESS
                                  "n AS id, 'u' AS uuid, 1.0 AS created, 0 AS current_tick, 'none' AS digests FROM r"},
    {"old: a virtual table instead of the events",
     OLD "DROP TABLE event; CREATE VIRTUAL TABLE event USING fts5 (seq, tick, type, ordinal, parent, timestamp, data)"},
    {"old: a virtual table instead of the types",
     OLD "DROP TABLE type; CREATE VIRTUAL TABLE type USING fts5 (id, name, hash)"},
    {"old: a generated column",
     OLD REWRITE("event", "data TEXT NOT NULL", "data TEXT GENERATED ALWAYS AS (bell(tick)) VIRTUAL")},
    {"old: a check", OLD REWRITE("type", "hash TEXT NOT NULL", "hash TEXT NOT NULL CHECK (bell(hash))")},
    {"old: a block that is computed by a function", OLD REWRITE("event", "(tick / 8)", "(bell(tick))")},
    {"old: an index on a function", OLD "CREATE INDEX evil ON event (bell(data))"},
    {"old: a collation that is not there", OLD REWRITE("type", "name TEXT", "name TEXT COLLATE evil")},
    {"old: parents in a circle", OLD "UPDATE event SET parent = seq % 5 + 1"},
    {"old: parents that are their own", OLD "UPDATE event SET parent = seq"},
    {"old: archived events in a circle",
     OLD "INSERT INTO archived_event SELECT seq, tick, type, ordinal, seq % 5 + 1 FROM event WHERE seq < 9;"
         "DELETE FROM event WHERE seq < 9;"
         "DROP TRIGGER archive_append_only_insert; INSERT INTO archive VALUES (2, 9, NULL, NULL, 'x', 1.0)"},
    {"old: archived events that are here",
     OLD "INSERT INTO archived_event SELECT seq, tick, type, ordinal, parent FROM event"},
    {"old: types that are not there", OLD "DELETE FROM type WHERE id = 2"},
    {"old: no types", OLD "DELETE FROM type"},
    {"old: a long type of many events",
     OLD "UPDATE type SET name = replace(hex(zeroblob(2000000)), '0', 'x') WHERE id = 1; UPDATE event SET type = 1, "
         "ordinal = seq; INSERT INTO event (seq, tick, type, ordinal, timestamp, data) " ENDLESS
         "1000 + n, 99, 1, n, 1.0, '{}' FROM r LIMIT 50000"},
    {"old: a long hash of many events",
     OLD "UPDATE type SET hash = replace(hex(zeroblob(2000000)), '0', 'A') WHERE id = 1; UPDATE event SET type = 1, "
         "ordinal = seq; INSERT INTO event (seq, tick, type, ordinal, timestamp, data) " ENDLESS
         "1000 + n, 99, 1, n, 1.0, '{}' FROM r LIMIT 50000"},
    {"old: types of one name", OLD "DROP TABLE type; CREATE TABLE type (id, name, hash); INSERT INTO type " ENDLESS
                                   "n % 3, 'a', 'A' FROM r LIMIT 300"},
    {"old: ids that are there twice",
     OLD "DROP TABLE foreign_id; CREATE TABLE foreign_id (seq, id); INSERT INTO foreign_id SELECT seq % 9, 'x' FROM "
         "event"},
    {"old: ids of many for one",
     OLD "DROP TABLE foreign_id; CREATE TABLE foreign_id (seq, id); INSERT INTO foreign_id " ENDLESS
         "1, 'x' || n FROM r LIMIT 20000"},
    {"old: parents of many for one", OLD
     "DROP TABLE external_parent; CREATE TABLE external_parent (seq, parent_id); INSERT INTO external_parent " ENDLESS
     "n % 50, 'x' || n FROM r LIMIT 20000"},
    {"old: rows of anything",
     OLD "DROP TABLE event; CREATE TABLE event (seq INTEGER PRIMARY KEY, tick, type, ordinal, parent, timestamp, data);"
         "INSERT INTO event VALUES (1, NULL, 1, NULL, NULL, NULL, NULL), (2, x'00', 1, x'FF', 'x', 'x', x'00'), (3, "
         "1.5, 1, 2.5, 0.5, 9e999, zeroblob(3000000))"},
    {"old: numbers at their limits",
     OLD "UPDATE event SET tick = 9223372036854775807, ordinal = -9223372036854775807 - 1 + seq, parent = "
         "9223372036854775807; UPDATE store SET current_tick = 9223372036854775807"},
    {"old: a missing table", OLD "DROP TABLE foreign_id"},
    {"old: missing tables", OLD "DROP VIEW events; DROP TABLE type; DROP TABLE event; DROP TABLE external_parent"},
    {"old: a missing column", OLD "DROP INDEX event_parent; ALTER TABLE event DROP COLUMN parent"},
    {"old: a table in place of the new one",
     OLD "DROP VIEW events; CREATE TABLE events (seq, id, tick, timestamp, type, parent_seq, parent_id, data, evil AS "
         "(bell(data)))"},
    {"old: a table without functions in place of the new one",
     OLD "DROP VIEW events; CREATE TABLE events (seq, id, tick, timestamp, type, parent_seq, parent_id, data)"},
    {"old: a table without functions in place of new archived events",
     OLD "CREATE TABLE archived_events (seq, id, tick, type, parent_seq, parent_id)"},
    {"old: indexes of the names of the new ones", OLD "CREATE INDEX events_id ON tick (sealed)"},
    {"old: a table in place of new archived events",
     OLD "CREATE TABLE archived_events (seq, id, tick, type, parent_seq, parent_id, evil CHECK (bell(evil)))"},
    {"old: names that the upgrade uses", OLD "CREATE TABLE old_store (id, uuid, created, current_tick, digests)"},
    {"old: a view that the upgrade uses",
     OLD "CREATE VIEW old_id AS SELECT bell(1) AS seq, 'x' AS id, 1 AS tick, 'x' AS type, 1 AS parent"},
    {"old: views of what goes", OLD "CREATE VIEW evil AS SELECT bell(name) FROM type; CREATE VIEW evil2 AS SELECT * "
                                    "FROM foreign_id JOIN external_parent USING (seq); CREATE TRIGGER evil3 AFTER "
                                    "INSERT ON tick BEGIN INSERT INTO type VALUES (bell(1), 'x', 'x'); END"},
    {"old: statistics that lie",
     OLD "ANALYZE; UPDATE sqlite_stat1 SET stat = '9223372036854775807 1 1 1' WHERE rowid % 2; UPDATE sqlite_stat1 SET "
         "stat = '0 0 0' WHERE NOT rowid % 2"},
    {"old: a store of many rows", OLD "PRAGMA ignore_check_constraints = ON; INSERT INTO store " ENDLESS
                                      "n + 1, 'u', 1.0, -5, 'x' FROM r LIMIT 3000"},
    {"old: a store without a row", OLD "DELETE FROM store"},
    {"old: a page that is not there",
     OLD "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 999999 WHERE name = 'event'"},
    {"old: two names for one page",
     OLD "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE "
         "name = 'type') WHERE name = 'event'"},
};

const int hostile_old_files_count = (int)(sizeof hostile_old_files / sizeof *hostile_old_files);
