/*
 * Files made to harm whoever opens them: triggers, views, generated columns, checks, defaults and indexes that call
 * functions; views and virtual tables named like our tables, some without an end; fields of any size; schemas that make
 * no sense. Each is opened, asked everything and written to. It is refused or harmless: no function of it runs, nothing
 * hangs or crashes.
 */
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <eventure/eventure.h>

#include "harness.h"
#include "history.h"
#include "ledger.h"

#define STORE "hostile.db"
#define TICKS 8
#define SECONDS 30

/* What the attacks begin with: the store's own triggers would be in their way. */
#define DISARM                                                                                                         \
    "DROP TRIGGER event_append_only_insert; DROP TRIGGER event_append_only_update;"                                    \
    "DROP TRIGGER event_append_only_delete; DROP TRIGGER tick_append_only_insert;"                                     \
    "DROP TRIGGER tick_append_only_update; DROP TRIGGER type_append_only_insert;"                                      \
    "DROP TRIGGER type_append_only_update; DROP TRIGGER foreign_id_append_only_insert;"

/* Replaces text in the definition of a table. */
#define REWRITE(table, from, to)                                                                                       \
    "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '" from "', '" to                        \
    "') WHERE name = '" table "'; PRAGMA writable_schema = RESET;"

#define ENDLESS "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT "

typedef struct attack
{
    const char *name;
    const char *sql;
} attack;

static const attack attacks[] = {
    {"a trigger on events", DISARM "CREATE TRIGGER evil AFTER INSERT ON event BEGIN SELECT bell('insert'); END"},
    {"a trigger on ticks", DISARM "CREATE TRIGGER evil AFTER INSERT ON tick BEGIN SELECT bell('tick'); END;"
                                  "CREATE TRIGGER evil2 AFTER UPDATE ON tick BEGIN SELECT bell('tick'); END"},
    {"triggers on what is derived",
     DISARM "CREATE TRIGGER evil AFTER UPDATE ON type_count BEGIN SELECT bell('count'); END;"
            "CREATE TRIGGER evil2 AFTER INSERT ON type_count BEGIN SELECT bell('count'); END;"
            "CREATE TRIGGER evil5 AFTER INSERT ON type_block BEGIN SELECT bell('block'); END;"
            "CREATE TRIGGER evil3 BEFORE UPDATE ON store BEGIN SELECT bell('store'); END;"
            "CREATE TRIGGER evil4 BEFORE INSERT ON type BEGIN SELECT bell('type'); END"},
    {"a trigger that deletes", DISARM "CREATE TRIGGER evil AFTER INSERT ON event BEGIN DELETE FROM event; END"},
    {"a view with a function", "DROP VIEW events; CREATE VIEW events AS SELECT bell('view') AS seq"},
    {"all views with functions", "DROP VIEW roots; DROP VIEW ticks; DROP VIEW type_counts;"
                                 "CREATE VIEW roots AS SELECT bell(1) AS seq; CREATE VIEW ticks AS SELECT bell(2) AS "
                                 "tick; CREATE VIEW type_counts AS SELECT bell(3) AS type"},
    {"a view instead of the events", "ALTER TABLE event RENAME TO hidden; CREATE VIEW event AS SELECT seq, tick, type, "
                                     "ordinal, parent, timestamp, bell(data) AS data FROM hidden"},
    {"a view instead of the ticks", "ALTER TABLE tick RENAME TO hidden; CREATE VIEW tick AS SELECT tick, first_seq, "
                                    "last_seq, sealed, bell(run_digest) AS run_digest, full_digest FROM hidden"},
    {"a view instead of the types",
     "ALTER TABLE type RENAME TO hidden; CREATE VIEW type AS SELECT id, bell(name) AS name, hash FROM hidden"},
    {"a view instead of the store",
     "ALTER TABLE store RENAME TO hidden; CREATE VIEW store AS SELECT id, uuid, created, "
     "bell(current_tick) AS current_tick, digests FROM hidden"},
    {"endless events", "DROP TABLE event; CREATE VIEW event AS " ENDLESS
                       "n AS seq, 0 AS tick, 1 AS type, n AS ordinal, NULL AS parent, 1.0 AS timestamp, '{}' AS data "
                       "FROM r"},
    {"endless ticks", "DROP TABLE tick; CREATE VIEW tick AS " ENDLESS
                      "n AS tick, n AS first_seq, n AS last_seq, 1 AS sealed, x'' AS run_digest, x'' AS full_digest "
                      "FROM r"},
    {"endless types", "DROP TABLE type; CREATE VIEW type AS " ENDLESS "n AS id, 'a' || n AS name, 'A' AS hash FROM r"},
    {"an endless view", "DROP VIEW events; CREATE VIEW events AS " ENDLESS "n AS seq FROM r"},
    {"a virtual table instead of the events",
     "DROP TABLE event; CREATE VIRTUAL TABLE event USING fts5 (seq, tick, type, ordinal, parent, timestamp, data)"},
    {"a generated column", REWRITE("event", "data      TEXT NOT NULL",
                                   "data TEXT NOT NULL, more TEXT GENERATED ALWAYS AS (bell(data)) VIRTUAL")},
    {"a generated column in place of the data",
     REWRITE("event", "data      TEXT NOT NULL", "data TEXT GENERATED ALWAYS AS (bell(tick)) VIRTUAL")},
    {"a stored generated column",
     REWRITE("type_count", "count INTEGER NOT NULL", "count INTEGER NOT NULL, more TEXT AS (bell(count)) STORED")},
    {"a block that is computed by a function", REWRITE("event", "(tick / 8)", "(bell(tick))")},
    {"a block that is stored nowhere", REWRITE("event", "(tick / 8)", "(NULL)")},
    {"a block for each event", REWRITE("event", "(tick / 8)", "(seq)")},
    {"blocks that are not there", "DROP TRIGGER type_block_insert; INSERT INTO type_block SELECT 1 + (n / 7), n * "
                                  "1000000 FROM (" ENDLESS "n FROM r LIMIT 100000)"},
    {"counts at their limits", "DROP TRIGGER type_count_update; UPDATE type_count SET count = 9223372036854775807"},
    {"counts below their limits",
     "DROP TRIGGER type_count_update; UPDATE type_count SET count = -9223372036854775807 - 1"},
    {"a view instead of the blocks", "ALTER TABLE type_block RENAME TO hidden; CREATE VIEW type_block AS SELECT type, "
                                     "bell(block) AS block FROM hidden"},
    {"endless blocks", "DROP TABLE type_block; CREATE VIEW type_block AS " ENDLESS "1 AS type, n AS block FROM r"},
    {"endless counts", "DROP TABLE type_count; CREATE VIEW type_count AS " ENDLESS "1 AS type, n AS count FROM r"},
    {"a check", REWRITE("event", "timestamp REAL NOT NULL", "timestamp REAL NOT NULL CHECK (bell(timestamp))")},
    {"a default", REWRITE("event", "parent    INTEGER", "parent INTEGER DEFAULT (bell(1))")},
    {"an index on a function", "CREATE INDEX evil ON event (bell(data))"},
    {"a partial index on a function", "CREATE INDEX evil ON event (tick) WHERE bell(tick)"},
    {"a collation that is not there", REWRITE("type", "name TEXT NOT NULL", "name TEXT COLLATE evil NOT NULL")},
    {"a definition that is cut off",
     "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE event (' WHERE name = 'event'"},
    {"a definition of something else",
     "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE event "
     "(a, b)' WHERE name = 'event'"},
    {"two names for one page",
     "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name "
     "= 'type') WHERE name = 'event'"},
    {"a page that is not there",
     "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 999999 WHERE name = 'event'"},
    {"an index of another table",
     "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET tbl_name = 'type', sql = 'CREATE "
     "INDEX event_parent ON type (name)' WHERE name = 'event_parent'"},
    {"a long type", DISARM "UPDATE type SET name = replace(hex(zeroblob(4000000)), '0', 'x') WHERE id = 1"},
    {"types with any characters",
     DISARM "UPDATE type SET name = char(27) || '[2J' || x'FFFE' || id, hash = 'ZZZZZZZZ'"},
    {"hashes that are too long", DISARM "UPDATE type SET hash = replace(hex(zeroblob(1000)), '0', 'A')"},
    {"hashes that are none", DISARM "UPDATE type SET hash = 'a~'"},
    {"large data", DISARM "UPDATE event SET data = '{\"a\":\"' || replace(hex(zeroblob(8000000)), '0', 'y') || '\"}' "
                          "WHERE seq = 3"},
    {"deep data", DISARM "UPDATE event SET data = '{\"a\":' || replace(hex(zeroblob(200000)), '0', '[') WHERE seq = 3"},
    {"data that is no JSON", DISARM "UPDATE event SET data = char(0) || '{\"' WHERE seq % 2 = 0"},
    {"data that is empty", DISARM "UPDATE event SET data = ''"},
    {"numbers at their limits",
     DISARM "UPDATE event SET tick = 9223372036854775807, ordinal = -9223372036854775807 - 1 + seq;"
            "UPDATE tick SET first_seq = -9223372036854775807 - 1, last_seq = 9223372036854775807 WHERE tick = "
            "(SELECT max(tick) FROM tick)"},
    {"seqs at their limits", DISARM "UPDATE event SET seq = 9223372036854775807 - 100 + seq, parent = "
                                    "9223372036854775807"},
    {"ticks at their limits", DISARM "UPDATE tick SET tick = 9223372036854775807 - 100 + tick;"
                                     "UPDATE store SET current_tick = 9223372036854775807"},
    {"negative everything", DISARM "UPDATE event SET tick = -tick, type = -type, ordinal = -ordinal, parent = -seq"},
    {"parents in a circle", DISARM "UPDATE event SET parent = seq % 5 + 1"},
    {"parents that are their own", DISARM "UPDATE event SET parent = seq"},
    {"times that are none",
     DISARM "UPDATE event SET timestamp = 9e999 WHERE seq % 2; UPDATE event SET timestamp = -9e999 "
            "WHERE seq % 3 = 0"},
    {"digests of any length", DISARM "UPDATE tick SET run_digest = zeroblob(tick * 1000), full_digest = zeroblob(31)"},
    {"ids of any length", DISARM "INSERT INTO foreign_id SELECT seq, replace(hex(zeroblob(500000)), '0', 'i') || seq "
                                 "FROM event WHERE seq < 5"},
    {"a store of many rows", "PRAGMA ignore_check_constraints = ON; PRAGMA recursive_triggers = OFF;"
                             "INSERT INTO store " ENDLESS "n + 1, 'u', 1.0, -5, 'x' FROM r LIMIT 3000"},
    {"a store without a row", "DELETE FROM store"},
    {"a store without tables", "DROP TABLE type_block; DROP TABLE type_count; DROP TABLE tick"},
    {"a later format", "PRAGMA user_version = 2000000000"},
    {"a format before the first", "PRAGMA user_version = -1"},
    {"an old format of a new schema", "PRAGMA user_version = 1"},
    {"another application", "PRAGMA application_id = 1"},
    {"UTF-16 where text is expected", DISARM "UPDATE type SET name = CAST(x'0061D800' AS TEXT) WHERE id = 2"},
};

#define ATTACKS (int)(sizeof attacks / sizeof *attacks)

typedef struct counts
{
    volatile int bells;
    volatile int refused;
    volatile int unsound;
    volatile int harmless;
} counts;

static counts *seen;

/* The function that no file may call. */
static void ring(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    seen->bells++;
    sqlite3_result_value(context, values[0]);
}

static int hang_bell(sqlite3 *db, char **error, const struct sqlite3_api_routines *api)
{
    (void)error;
    (void)api;
    return sqlite3_create_function_v2(db, "bell", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, ring, NULL, NULL, NULL);
}

/* --- the victim --- */

static int ignore_count(const char *type, int64_t count, void *context)
{
    (void)type;
    (void)count;
    (void)context;
    return 0;
}

static void ask_events(eventure_reader *reader, const eventure_filter *filter)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    eventure_status status = eventure_query(reader, filter, &cursor);
    while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
        must(event.type != NULL && event.data != NULL && event.data[event.data_len] == '\0', "an event with holes");
    must(status >= 0 || eventure_reader_message(reader)[0] != '\0', "an error without a text");
    eventure_cursor_free(cursor);
}

static void ask_filters(eventure_reader *reader)
{
    const eventure_field member = eventure_int("n", 1);
    eventure_filter filter = EVENTURE_FILTER_INIT;
    ask_events(reader, &filter);
    filter.reverse = true;
    ask_events(reader, &filter);
    filter.type = "sensor.*";
    ask_events(reader, &filter);
    filter.type = NULL;
    filter.data = &member;
    filter.data_count = 1;
    ask_events(reader, &filter);
    filter = (eventure_filter)EVENTURE_FILTER_INIT;
    filter.roots = true;
    ask_events(reader, &filter);
    filter = (eventure_filter)EVENTURE_FILTER_INIT;
    filter.cascade_of = "1-EDAE-1";
    ask_events(reader, &filter);
    filter.order = EVENTURE_ORDER_ID;
    ask_events(reader, &filter);
    filter = (eventure_filter)EVENTURE_FILTER_INIT;
    filter.ancestors_of = "5-BAED-1";
    ask_events(reader, &filter);
}

/* Reads in every way. Answers whether the store verified. */
static bool read_everything(eventure_reader *reader)
{
    eventure_verify_report report;
    eventure_difference difference;
    eventure_digests digests;
    eventure_repair_report repaired;
    ledger state = {0};
    FILE *out = fopen("/dev/null", "w");
    must(out != NULL, "no /dev/null");
    ask_filters(reader);
    eventure_count_by_type(reader, ignore_count, NULL);
    eventure_cascade_print(reader, out, NULL);
    eventure_export(reader, out, NULL, NULL);
    fclose(out);
    eventure_digest(reader, INT64_MAX, &digests);
    if (eventure_diff(reader, reader, &difference) == EVENTURE_OK)
        eventure_difference_clear(&difference);
    eventure_replay(reader, &ledger_reducer, 0, INT64_MAX, &state);
    eventure_status status = eventure_verify(reader, NULL, &report);
    must(status <= 0, "verify answers %d", status);
    harness_remove("repaired.db");
    eventure_repair(reader, "repaired.db", NULL, &repaired);
    harness_remove("repaired.db");
    return status == EVENTURE_OK && report.is_sound;
}

static bool write_something(void)
{
    eventure_log *log = NULL;
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.sync = EVENTURE_SYNC_OFF;
    eventure_status status = eventure_log_open(STORE, &options, &log);
    for (int i = 0; i < 20 && status == EVENTURE_OK; i++)
    {
        status = eventure_log_append(log, i % 2 == 0 ? "order.placed" : "something.new", eventure_json("{\"n\":1}"),
                                     NULL, NULL);
        if (status == EVENTURE_OK && i % 5 == 4)
            status = eventure_log_advance_tick(log);
    }
    must(status == EVENTURE_OK || eventure_log_message(log)[0] != '\0', "an error without a text");
    eventure_log_close(log);
    return status == EVENTURE_OK;
}

static void fall_victim(void)
{
    eventure_reader *reader = NULL;
    alarm(SECONDS);
    bool opened = eventure_reader_open(STORE, &reader) == EVENTURE_OK;
    must(opened || eventure_reader_message(reader)[0] != '\0', "refused without a text");
    bool sound = opened && read_everything(reader);
    eventure_reader_close(reader);
    bool written = write_something();
    if (written && eventure_reader_open(STORE, &reader) == EVENTURE_OK)
    {
        read_everything(reader);
        eventure_reader_close(reader);
    }
    seen->refused += !opened;
    seen->unsound += opened && !sound;
    seen->harmless += opened && sound;
}

/* --- the attack --- */

static void make_store(unsigned char **out_bytes, long *out_len)
{
    history past = {0};
    eventure_log *log = NULL;
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.sync = EVENTURE_SYNC_OFF;
    harness_remove(STORE);
    must(history_open(&past, STORE, &options, &log) == EVENTURE_OK, "%s", eventure_log_message(log));
    for (int i = 0; i < TICKS; i++)
        must(history_tick(&past, log) == EVENTURE_OK, "%s", eventure_log_message(log));
    must(eventure_log_close(log) == EVENTURE_OK, "close");
    *out_bytes = harness_load(STORE, out_len);
}

static void prepare(const attack *how)
{
    sqlite3 *db = NULL;
    char *error = NULL;
    must(sqlite3_open(STORE, &db) == SQLITE_OK, "cannot open");
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, 1, NULL);
    int code = sqlite3_exec(db, how->sql, NULL, NULL, &error);
    must(code == SQLITE_OK, "%s: cannot be made: %s", how->name, error);
    sqlite3_close(db);
    seen->bells = 0;
}

/* Answers whether it did no harm. */
static bool run_attack(const attack *how, const unsigned char *bytes, long len)
{
    int result = 0;
    harness_remove(STORE);
    harness_store(STORE, bytes, len);
    prepare(how);
    fflush(NULL);
    pid_t child = fork();
    must(child >= 0, "cannot fork");
    if (child == 0)
    {
        fall_victim();
        exit(0);
    }
    must(waitpid(child, &result, 0) == child, "cannot wait");
    if (WIFSIGNALED(result) || WEXITSTATUS(result) != 0)
        printf("%s: %s\n", how->name,
               WIFSIGNALED(result) && WTERMSIG(result) == SIGALRM ? "does not end" : "a crash or an error");
    if (seen->bells > 0)
        printf("%s: its function ran %d times\n", how->name, seen->bells);
    return WIFEXITED(result) && WEXITSTATUS(result) == 0 && seen->bells == 0;
}

/* The test of the test: a program that trusts the schema rings the bell. */
static void trust(const unsigned char *bytes, long len)
{
    sqlite3 *db = NULL;
    harness_remove(STORE);
    harness_store(STORE, bytes, len);
    prepare(&attacks[4]);
    must(sqlite3_open(STORE, &db) == SQLITE_OK, "cannot open");
    sqlite3_exec(db, "SELECT * FROM events", NULL, NULL, NULL);
    sqlite3_close(db);
    must(seen->bells > 0, "nobody hears the bell");
    harness_say("test-bell", "a connection that trusts the schema: noticed");
}

int main(void)
{
    unsigned char *bytes = NULL;
    long len = 0;
    int harmed = 0;
    harness_enter();
    seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(seen != MAP_FAILED, "no shared memory");
    must(sqlite3_auto_extension((void (*)(void))hang_bell) == SQLITE_OK, "no function");
    make_store(&bytes, &len);
    trust(bytes, len);
    for (int i = 0; i < ATTACKS; i++)
        harmed += !run_attack(&attacks[i], bytes, len);
    must(harmed == 0, "%d of %d files did harm", harmed, ATTACKS);
    harness_say("hostile", "%d files: %d refused, %d found by verify, %d harmless; functions run: 0", ATTACKS,
                seen->refused, seen->unsound, seen->harmless);
    harness_remove(STORE);
    free(bytes);
    harness_leave();
    return 0;
}
