/*
 * Hostile files of the present format: see hostile_files.h.
 */
#include "hostile_files.h"

/* The beginning of each attack: drops the triggers of the store, which would prevent changes. */
#define DISARM                                                                                                         \
    "DROP TRIGGER events_insert; DROP TRIGGER events_update; DROP TRIGGER events_delete;"                              \
    "DROP TRIGGER tick_append_only_insert; DROP TRIGGER tick_append_only_update; DROP TRIGGER "                        \
    "tick_append_only_delete;"                                                                                         \
    "DROP TRIGGER archived_events_insert; DROP TRIGGER archive_append_only_insert; DROP TRIGGER data_index_insert;"

/* Drops the views on the events, and renames the table of the events to `hidden`. */
#define HIDE "DROP VIEW roots; DROP VIEW ticks; DROP VIEW type_counts;" DISARM "ALTER TABLE events RENAME TO hidden;"

/* Creates another table in their place, with the indexes of the original table. */
#define INSTEAD(definition, rows)                                                                                      \
    HIDE "DROP INDEX events_tick; DROP INDEX events_type; DROP INDEX events_id; DROP INDEX events_parent_seq;"         \
         "DROP INDEX events_parent_id; CREATE TABLE events (" definition "; INSERT INTO events SELECT " rows           \
         " FROM hidden; CREATE INDEX events_tick ON events (tick); CREATE INDEX events_type ON events (type);"         \
         "CREATE INDEX events_id ON events (id); CREATE INDEX events_parent_seq ON events (parent_seq);"               \
         "CREATE INDEX events_parent_id ON events (parent_id);"

const attack hostile_files[] = {
    {"a view with functions", "DROP VIEW roots; CREATE VIEW roots AS SELECT bell('view') AS seq"},
    {"a trigger on events", DISARM "CREATE TRIGGER evil AFTER INSERT ON events BEGIN SELECT bell('insert'); END"},
    {"a trigger before events", DISARM "CREATE TRIGGER evil BEFORE INSERT ON events BEGIN SELECT bell(NEW.data); END;"
                                       "CREATE TRIGGER evil2 BEFORE DELETE ON events BEGIN SELECT bell(OLD.id); END"},
    {"a trigger on ticks", DISARM "CREATE TRIGGER evil AFTER INSERT ON tick BEGIN SELECT bell('tick'); END;"
                                  "CREATE TRIGGER evil2 AFTER UPDATE ON tick BEGIN SELECT bell('tick'); END"},
    {"triggers on all the rest",
     DISARM "CREATE TRIGGER evil BEFORE UPDATE ON store BEGIN SELECT bell('store'); END;"
            "CREATE TRIGGER evil2 AFTER INSERT ON archive BEGIN SELECT bell('archive'); END;"
            "CREATE TRIGGER evil3 AFTER INSERT ON archived_events BEGIN SELECT bell('archived'); END;"
            "CREATE TRIGGER evil4 AFTER INSERT ON data_index BEGIN SELECT bell('index'); END;"
            "CREATE TRIGGER evil5 AFTER INSERT ON data_value BEGIN SELECT bell('value'); END;"
            "CREATE TRIGGER evil6 AFTER INSERT ON save_point BEGIN SELECT bell('save'); END"},
    {"a trigger that deletes", DISARM "CREATE TRIGGER evil AFTER INSERT ON events BEGIN DELETE FROM events; END"},
    {"all views with functions", "DROP VIEW roots; DROP VIEW ticks; DROP VIEW type_counts; DROP VIEW indexed_data;"
                                 "CREATE VIEW roots AS SELECT bell(1) AS seq; CREATE VIEW ticks AS SELECT bell(2) AS "
                                 "tick; CREATE VIEW type_counts AS SELECT bell(3) AS type;"
                                 "CREATE VIEW indexed_data AS SELECT bell(4) AS key"},
    {"a view instead of the events", HIDE "CREATE VIEW events AS SELECT seq, id, tick, timestamp, type, parent_seq, "
                                          "parent_id, bell(data) AS data FROM hidden"},
    {"a view without functions instead of the events", HIDE "CREATE VIEW events AS SELECT * FROM hidden"},
    {"a view instead of the ticks", "ALTER TABLE tick RENAME TO hidden; CREATE VIEW tick AS SELECT tick, first_seq, "
                                    "last_seq, sealed, bell(run_digest) AS run_digest, full_digest FROM hidden"},
    {"a view instead of the archived events",
     "ALTER TABLE archived_events RENAME TO hidden; CREATE VIEW archived_events AS SELECT seq, bell(id) AS id, tick, "
     "type, parent_seq, parent_id FROM hidden"},
    {"a view instead of the archives", "ALTER TABLE archive RENAME TO hidden; CREATE VIEW archive AS SELECT "
                                       "bell(before_tick) AS before_tick, last_seq, run_digest, full_digest, file, "
                                       "created FROM hidden"},
    {"a view instead of the store",
     "ALTER TABLE store RENAME TO hidden; CREATE VIEW store AS SELECT id, uuid, created, "
     "bell(current_tick) AS current_tick, digests, foreign_ids FROM hidden"},
    {"endless events", HIDE "CREATE VIEW events AS " ENDLESS
                            "n AS seq, 'x' || n AS id, 0 AS tick, 1.0 AS timestamp, 'a' AS type, NULL AS parent_seq, "
                            "NULL AS parent_id, '{}' AS data FROM r"},
    {"endless ticks", "DROP TABLE tick; CREATE VIEW tick AS " ENDLESS
                      "n AS tick, n AS first_seq, n AS last_seq, 1 AS sealed, x'' AS run_digest, x'' AS full_digest "
                      "FROM r"},
    {"endless archived events",
     "DROP TABLE archived_events; CREATE VIEW archived_events AS " ENDLESS
     "n AS seq, 'x' || n AS id, 0 AS tick, 'a' AS type, n - 1 AS parent_seq, 'x' || (n - 1) AS parent_id FROM r"},
    {"an endless view", "DROP VIEW type_counts; CREATE VIEW type_counts AS " ENDLESS "n AS type FROM r"},
    {"a virtual table instead of the events",
     HIDE "CREATE VIRTUAL TABLE events USING fts5 (seq, id, tick, timestamp, type, parent_seq, parent_id, data)"},
    {"a virtual table that reads a table", "CREATE VIRTUAL TABLE evil USING fts5 (a, content = 'events')"},
    {"a generated column", REWRITE("events", "data       TEXT NOT NULL",
                                   "data TEXT NOT NULL, more TEXT GENERATED ALWAYS AS (bell(data)) VIRTUAL")},
    {"a generated column in place of the data",
     REWRITE("events", "data       TEXT NOT NULL", "data TEXT GENERATED ALWAYS AS (bell(tick)) VIRTUAL")},
    {"a generated column in place of the id",
     REWRITE("events", "id         TEXT NOT NULL", "id TEXT GENERATED ALWAYS AS (bell(tick)) VIRTUAL")},
    {"a generated column without functions in place of the id",
     REWRITE("events", "id         TEXT NOT NULL", "id TEXT GENERATED ALWAYS AS (''x'' || tick) VIRTUAL")},
    {"a generated column in place of the parent",
     REWRITE("events", "parent_seq INTEGER,", "parent_seq INTEGER GENERATED ALWAYS AS (seq + 1) VIRTUAL,")},
    {"a generated column in place of the tick",
     REWRITE("events", "tick       INTEGER NOT NULL", "tick INTEGER GENERATED ALWAYS AS (-seq) VIRTUAL")},
    {"a stored generated column",
     REWRITE("tick", "sealed      INTEGER NOT NULL", "sealed INTEGER NOT NULL, more TEXT AS (bell(sealed)) STORED")},
    {"a check", REWRITE("events", "timestamp  REAL NOT NULL", "timestamp REAL NOT NULL CHECK (bell(timestamp))")},
    {"a default", REWRITE("events", "parent_seq INTEGER", "parent_seq INTEGER DEFAULT (bell(1))")},
    {"an index on a function", "CREATE INDEX evil ON events (bell(data))"},
    {"a partial index on a function", "CREATE INDEX evil ON events (tick) WHERE bell(tick)"},
    {"an index of ours on a function",
     "DROP INDEX events_parent_id; CREATE INDEX events_parent_id ON events (bell(parent_id))"},
    {"no indexes", "DROP INDEX events_tick; DROP INDEX events_type; DROP INDEX events_id; DROP INDEX "
                   "events_parent_seq; DROP INDEX events_parent_id"},
    {"an index that is partial", "DROP INDEX events_id; CREATE UNIQUE INDEX events_id ON events (id) WHERE seq < 3"},
    {"indexes that are each other's",
     "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name "
     "= 'events_type') WHERE name = 'events_parent_seq'"},
    {"a collation that is not there", REWRITE("events", "type       TEXT NOT NULL", "type TEXT COLLATE evil NOT NULL")},
    {"a definition that is cut off",
     "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE events (' WHERE name = 'events'"},
    {"a definition of something else",
     "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE events "
     "(a, b)' WHERE name = 'events'"},
    {"a definition without the parents", REWRITE("events", "parent_id  TEXT,", "")},
    {"a definition that is not strict", REWRITE("events", "STRICT", "")},
    {"two names for one page",
     "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name "
     "= 'tick') WHERE name = 'events'"},
    {"a page that is not there",
     "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 999999 WHERE name = 'events'"},
    {"an index of another table",
     "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET tbl_name = 'tick', sql = 'CREATE "
     "INDEX events_parent_seq ON tick (sealed)' WHERE name = 'events_parent_seq'"},
    {"a column that is missing",
     "DROP VIEW roots; DROP VIEW type_counts; DROP INDEX events_parent_id; ALTER TABLE events DROP COLUMN parent_id"},
    {"no column but the seq",
     INSTEAD("seq INTEGER PRIMARY KEY, tick, type, id, parent_seq, parent_id)", "seq, NULL, NULL, NULL, NULL, NULL")},
    {"rows of NULLs", INSTEAD("seq INTEGER PRIMARY KEY, id, tick, timestamp, type, parent_seq, parent_id, data)",
                              "seq, NULL, NULL, NULL, NULL, NULL, NULL, NULL")},
    {"rows of some NULLs",
     INSTEAD("seq INTEGER PRIMARY KEY, id, tick, timestamp, type, parent_seq, parent_id, data)",
             "seq, iif(seq % 7 = 1, NULL, id), tick, iif(seq % 7 = 2, NULL, timestamp), iif(seq % 7 = 3, NULL, type), "
             "parent_seq, parent_id, iif(seq % 7 = 4, NULL, data)")},
    {"rows of blobs", INSTEAD("seq INTEGER PRIMARY KEY, id, tick, timestamp, type, parent_seq, parent_id, data)",
                              "seq, CAST(id AS BLOB), CAST(tick AS BLOB), CAST(timestamp AS BLOB), CAST(type AS BLOB), "
                              "CAST(parent_seq AS BLOB), CAST(parent_id AS BLOB), CAST(data AS BLOB)")},
    {"rows of texts", INSTEAD("seq INTEGER PRIMARY KEY, id TEXT, tick TEXT, timestamp TEXT, type TEXT, parent_seq "
                              "TEXT, parent_id TEXT, data TEXT)",
                              "seq, id, tick, timestamp, type, parent_seq, parent_id, data")},
    {"rows of numbers", INSTEAD("seq INTEGER PRIMARY KEY, id, tick, timestamp, type, parent_seq, parent_id, data)",
                                "seq, seq, tick + 0.5, seq, seq * 1.5, seq - 0.5, seq - 1, 7")},
    {"rows of huge values",
     INSTEAD("seq INTEGER PRIMARY KEY, id, tick, timestamp, type, parent_seq, parent_id, data)",
             "seq, iif(seq % 9 = 5, zeroblob(3000000), id), tick, iif(seq % 9 = 6, zeroblob(3000000), timestamp), "
             "iif(seq % 9 = 7, zeroblob(3000000), type), parent_seq, iif(seq % 9 = 8, zeroblob(3000000), parent_id), "
             "iif(seq % 9 = 0, zeroblob(3000000), data)")},
    {"ids that are there twice",
     INSTEAD("seq INTEGER PRIMARY KEY, id, tick, timestamp, type, parent_seq, parent_id, data)",
             "seq, '1-EDAE-1', tick, timestamp, type, parent_seq, '1-EDAE-1', data")},
    {"events without a rowid",
     INSTEAD("seq INTEGER PRIMARY KEY, id, tick, timestamp, type, parent_seq, parent_id, data) WITHOUT ROWID",
             "seq, id, tick, timestamp, type, parent_seq, parent_id, data")},
    {"seqs that are there many times",
     INSTEAD(
         "seq INTEGER, id, tick, timestamp, type, parent_seq, parent_id, data)",
         "seq, id, tick, timestamp, type, seq - 1, parent_id, data") "CREATE INDEX evil ON events (seq); INSERT INTO "
                                                                     "events SELECT events.* FROM events, (" ENDLESS
                                                                     "n FROM r LIMIT 20); UPDATE events SET seq = "
                                                                     "9223372036854775807 WHERE rowid = 1"},
    {"seqs that are there many times, without a rowid",
     INSTEAD("seq INTEGER, id, tick, timestamp, type, parent_seq, parent_id, data, more INTEGER, PRIMARY KEY (seq, "
             "more)) WITHOUT ROWID",
             "seq, id, tick, timestamp, type, seq - 1, parent_id, data, 0") "INSERT INTO events SELECT seq, id, tick, "
                                                                            "timestamp, type, parent_seq, parent_id, "
                                                                            "data, n FROM events, (" ENDLESS
                                                                            "n FROM r LIMIT 20)"},
    {"a rowid of another name",
     REWRITE("events", "seq        INTEGER PRIMARY KEY,", "seq INTEGER, rowid INTEGER PRIMARY KEY,")},
    {"seqs that are none", INSTEAD("seq, id, tick, timestamp, type, parent_seq, parent_id, data)",
                                   "NULL, id, tick, timestamp, type, NULL, parent_id, data")},
    {"seqs in descending order",
     INSTEAD("seq INTEGER PRIMARY KEY DESC, id, tick, timestamp, type, parent_seq, parent_id, data)",
             "seq, id, tick, timestamp, type, parent_seq, parent_id, data")},
    {"a long type", DISARM "UPDATE events SET type = replace(hex(zeroblob(4000000)), '0', 'x') WHERE seq = 1"},
    {"types with any characters", DISARM "UPDATE events SET type = char(27) || '[2J' || x'FFFE' || type"},
    {"types that are empty", DISARM "UPDATE events SET type = ''"},
    {"large data", DISARM "UPDATE events SET data = '{\"a\":\"' || replace(hex(zeroblob(8000000)), '0', 'y') || '\"}' "
                          "WHERE seq = 3"},
    {"deep data",
     DISARM "UPDATE events SET data = '{\"a\":' || replace(hex(zeroblob(200000)), '0', '[') WHERE seq = 3"},
    {"data that is not JSON", DISARM "UPDATE events SET data = char(0) || '{\"' WHERE seq % 2 = 0"},
    {"data that is empty", DISARM "UPDATE events SET data = ''"},
    {"numbers at their limits",
     DISARM "UPDATE events SET tick = 9223372036854775807, id = '9223372036854775807-AAAA-' || seq;"
            "UPDATE tick SET first_seq = -9223372036854775807 - 1, last_seq = 9223372036854775807 WHERE tick = "
            "(SELECT max(tick) FROM tick)"},
    {"seqs at their limits", DISARM "UPDATE events SET seq = 9223372036854775807 - 100000 + seq, parent_seq = "
                                    "9223372036854775807"},
    {"seqs below their limits", DISARM "UPDATE events SET seq = -9223372036854775807 + seq, parent_seq = "
                                       "-9223372036854775807 - 1"},
    {"ticks at their limits", DISARM "UPDATE tick SET tick = 9223372036854775807 - 100 + tick;"
                                     "UPDATE store SET current_tick = 9223372036854775807"},
    {"ticks that go back", DISARM "UPDATE events SET tick = 1000 - seq"},
    {"rows of ticks that go back",
     DISARM "UPDATE tick SET first_seq = 1 + (SELECT max(seq) FROM events) - last_seq, last_seq = 1 + (SELECT "
            "max(seq) FROM events) - first_seq"},
    {"ticks of everything", DISARM "UPDATE tick SET first_seq = 1, last_seq = 9223372036854775807"},
    {"negative everything",
     DISARM "UPDATE events SET tick = -tick, timestamp = -timestamp, parent_seq = -seq, id = '-' || id"},
    {"parents in a circle", DISARM "UPDATE events SET parent_seq = seq % 5 + 1, parent_id = (SELECT e.id FROM events "
                                   "AS e WHERE e.seq = events.seq % 5 + 1)"},
    {"parents that are their own", DISARM "UPDATE events SET parent_seq = seq, parent_id = id"},
    {"parents that come later", DISARM "UPDATE events SET parent_seq = seq + 1, parent_id = (SELECT e.id FROM events "
                                       "AS e WHERE e.seq = events.seq + 1)"},
    {"one parent of all", DISARM "UPDATE events SET parent_seq = 1 WHERE seq <> 1"},
    {"parents of another id", DISARM "UPDATE events SET parent_id = (SELECT e.id FROM events AS e WHERE e.seq = "
                                     "(events.seq + 7) % 20)"},
    {"ids in a circle", DISARM "DROP INDEX events_id; UPDATE events SET id = 'x' || (seq % 3), parent_id = 'x' || "
                               "((seq + 1) % 3); CREATE INDEX events_id ON events (id)"},
    {"times that are none",
     DISARM "UPDATE events SET timestamp = 9e999 WHERE seq % 2; UPDATE events SET timestamp = -9e999 "
            "WHERE seq % 3 = 0"},
    {"digests of any length", DISARM "UPDATE tick SET run_digest = zeroblob(tick * 1000), full_digest = zeroblob(31)"},
    {"ids of any length",
     DISARM "UPDATE events SET id = replace(hex(zeroblob(500000)), '0', 'i') || seq WHERE seq < 5"},
    {"ids that are empty", DISARM "UPDATE events SET id = '' WHERE seq = 3; UPDATE events SET parent_id = ''"},
    {"ids with zero bytes", DISARM "UPDATE events SET id = id || char(0) || 'x', parent_id = char(0) || parent_id"},
    {"ids with any characters", DISARM "UPDATE events SET id = char(27) || '[2J' || x'FFFE' || id"},
    {"explicit ids that the store denies", DISARM "UPDATE events SET id = '8-EDAE-' || seq; UPDATE store SET "
                                                  "foreign_ids = 0"},
    {"explicit ids without end", "UPDATE store SET foreign_ids = 9223372036854775807"},
    {"archived events in a circle",
     DISARM "INSERT INTO archive VALUES (2, 9, NULL, NULL, 'x', 1.0);"
            "INSERT INTO archived_events SELECT seq, id, tick, type, seq % 5 + 1, id FROM events WHERE seq < 9"},
    {"archived events of the future", DISARM
     "INSERT INTO archived_events SELECT seq + 9223372036854770000, 'x' || seq, tick, type, seq, id FROM events"},
    {"an archive of everything",
     DISARM "INSERT INTO archive VALUES (9223372036854775807, 9223372036854775807, NULL, NULL, NULL, 1.0)"},
    {"an archive of less than nothing",
     DISARM "INSERT INTO archive VALUES (-9223372036854775807, -9223372036854775807, NULL, NULL, NULL, 1.0)"},
    {"an index on data that claims everything",
     DISARM "INSERT INTO data_index VALUES (1, 'n', '*', 9223372036854775807), (2, 'n', '***', -1), (3, '', '', 5)"},
    {"statistics that lie",
     "ANALYZE; UPDATE sqlite_stat1 SET stat = '9223372036854775807 1 1 1' WHERE rowid % 2; UPDATE sqlite_stat1 SET "
     "stat = '0 0 0' WHERE NOT rowid % 2"},
    {"statistics that are none",
     "ANALYZE; UPDATE sqlite_stat1 SET stat = replace(hex(zeroblob(100000)), '0', '9') || ' unordered sz=-1'; INSERT "
     "INTO sqlite_stat1 VALUES (NULL, NULL, NULL), ('events', 'nothing', x'00'), ('events', NULL, '-1')"},
    {"a store of many rows", "PRAGMA ignore_check_constraints = ON; PRAGMA recursive_triggers = OFF;"
                             "INSERT INTO store " ENDLESS "n + 1, 'u', 1.0, -5, 'x', 7 FROM r LIMIT 3000"},
    {"a store without a row", "DELETE FROM store"},
    {"a store without tables", "DROP TABLE archived_events; DROP TABLE archive; DROP TABLE tick"},
    {"a store without events", "DROP VIEW roots; DROP VIEW type_counts; DROP TABLE events"},
    {"a later format", "PRAGMA user_version = 2000000000"},
    {"a format before the first", "PRAGMA user_version = -1"},
    {"an old format of a new schema", "PRAGMA user_version = 1"},
    {"the format before, of a new schema", "PRAGMA user_version = 5"},
    {"another application", "PRAGMA application_id = 1"},
    {"UTF-16 where text is expected", DISARM "UPDATE events SET type = CAST(x'0061D800' AS TEXT) WHERE seq % 2"},
};

const int hostile_files_count = (int)(sizeof hostile_files / sizeof *hostile_files);
