/*
 * The extension in another program: its functions, its errors, and the calls that it refuses.
 */
#include "host_world.h"

#include <sys/resource.h>

#include <eventure/archive.h>
#include <eventure/extension.h>

#include "damage.h"
#include "store/schema.h"

TEST_FIXTURE(set_up, tear_down);

static eventure_log *log_;
static sqlite3 *db_;
static char A[32], B[32], C[32], D[32], E[32];

/*
 * tick 0: A a.start; B b.move (A); C b.move (A)
 * tick 2: D a.error (B); E b.move (A)
 */
static void set_up(void)
{
    log_ = scratch_new();
    strcpy(A, scratch_append(log_, "a.start", "{\"n\":1,\"who\":\"Ann\"}", NULL));
    strcpy(B, scratch_append(log_, "b.move", "{\"n\":2}", A));
    strcpy(C, scratch_append(log_, "b.move", "{\"n\":3}", A));
    eventure_log_advance_to(log_, 2);
    strcpy(D, scratch_append(log_, "a.error", "{\"why\":\"\\u001b[31m\"}", B));
    strcpy(E, scratch_append(log_, "b.move", "{}", A));
    eventure_log_commit(log_);
    db_ = host_open(SCRATCH_PATH, SQLITE_OPEN_READONLY);
}

static void tear_down(void)
{
    ck_assert_int_eq(sqlite3_close(db_),
                     SQLITE_OK); /* not _v2, so that a statement that the extension did not finalize is an error */
    eventure_log_close(log_);
    scratch_remove(SCRATCH_PATH);
}

/* Asserts the result of SQL, in which %s is an id. */
static void expect(const char *sql, const char *id, const char *answer)
{
    char text[1024];
    snprintf(text, sizeof text, sql, id);
    ck_assert_str_eq(host_ask(db_, text), answer);
}

START_TEST(a_cascade_has_four_orders)
{
    expect("SELECT seq, depth FROM event_cascade('%s')", A, "1|0 2|1 3|1 5|1 4|2");
    expect("SELECT seq, depth FROM event_cascade('%s', 'breadth-first')", A, "1|0 2|1 3|1 5|1 4|2");
    expect("SELECT seq, depth FROM event_cascade('%s', 'depth-first')", A, "1|0 2|1 4|2 3|1 5|1");
    expect("SELECT seq, depth FROM event_cascade('%s', 'append')", A, "1|0 2|1 3|1 4|2 5|1");
    expect("SELECT id FROM event_cascade('%s', 'id') ORDER BY seq DESC LIMIT 1", A, E);
    expect("SELECT seq FROM event_cascade('%s', NULL)", D, "4");
    expect("SELECT count(*) FROM event_cascade('%s', 'id')", A, "5");
}
END_TEST

START_TEST(an_index_in_disorder_makes_no_endless_cascade)
{
    static const char *const orders[] = {"breadth-first", "depth-first", "append", "id"};
    ck_assert_int_eq(sqlite3_close(db_), SQLITE_OK);
    expect_ok(NULL, eventure_log_close(log_));
    log_ = NULL;
    scratch_make_own_child(SCRATCH_PATH, 5);
    db_ = host_open(SCRATCH_PATH, SQLITE_OPEN_READONLY);
    for (size_t i = 0; i < COUNT_OF(orders); i++)
    {
        char sql[160];
        snprintf(sql, sizeof sql, "SELECT count(*) <= 4 FROM (SELECT 1 FROM event_cascade('%%s', '%s') LIMIT 1000)",
                 orders[i]);
        expect(sql, A, "1");
    }
}
END_TEST

START_TEST(the_columns_are_those_of_the_table)
{
    expect(
        "SELECT count(*) FROM event_cascade('%s') AS c JOIN events AS e USING (seq, id, tick, timestamp, type, data) "
        "WHERE c.parent_id IS e.parent_id AND c.parent_seq IS e.parent_seq",
        A, "5");
    expect("SELECT group_concat(name) FROM pragma_table_info('event_cascade')", "",
           "seq,id,tick,timestamp,type,data,parent_id,parent_seq,depth,path");
    expect("SELECT typeof(seq) || typeof(id) || typeof(tick) || typeof(timestamp) || typeof(type) || typeof(data) || "
           "typeof(parent_id) || typeof(parent_seq) FROM event_children('%s') LIMIT 1",
           A, "integertextintegerrealtexttexttextinteger");
}
END_TEST

START_TEST(a_path_leads_from_the_earlier_event_to_the_later_one)
{
    char path[256];
    snprintf(path, sizeof path, "[\"%s\",\"%s\",\"%s\"]", A, B, D);
    expect("SELECT path FROM event_cascade((SELECT id FROM events WHERE seq = 1)) WHERE id = '%s'", D, path);
    expect("SELECT path FROM event_ancestors('%s') WHERE depth = 2", D, path);
    snprintf(path, sizeof path, "[\"%s\",\"%s\"]", B, D);
    expect("SELECT path FROM event_ancestors('%s') WHERE depth = 1", D, path);
    expect("SELECT count(*) FROM event_cascade('%s') AS c, json_each(c.path)", A, "10");
}
END_TEST

START_TEST(each_function_answers)
{
    expect("SELECT seq, depth FROM event_ancestors('%s')", D, "2|1 1|2");
    expect("SELECT seq FROM event_ancestors('%s')", A, "");
    expect("SELECT seq FROM event_children('%s')", A, "2 3 5");
    expect("SELECT seq FROM event_children('%s')", E, "");
    expect("SELECT rowid FROM event_children('%s')", A, "1 2 3");
    expect("SELECT seq FROM events_at(0)", "", "1 2 3");
    expect("SELECT seq FROM events_at('2')", "", "4 5");
    expect("SELECT seq FROM events_at(1)", "", "");
    expect("SELECT seq FROM events_until(1)", "", "1 2 3");
    expect("SELECT seq FROM events_until(9223372036854775807)", "", "1 2 3 4 5");
    expect("SELECT seq FROM event_roots()", "", "1 4 5");
    expect("SELECT seq FROM event_roots", "", "1 4 5");
    expect("SELECT seq FROM event_roots(NULL)", "", "1 4 5");
    expect("SELECT seq FROM event_roots(2)", "", "4 5");
    expect("SELECT seq FROM event_roots(0)", "", "1");
    expect("SELECT * FROM event_timeline(2)", "", "0|a.start|1 0|b.move|2 2|a.error|1 2|b.move|1");
    expect("SELECT type, count, first_tick, last_tick FROM event_types()", "",
           "a.start|1|0|0 b.move|3|0|2 a.error|1|2|2");
    expect("SELECT count(*) FROM event_types() WHERE hash = event_type_hash(type)", "", "3");
}
END_TEST

START_TEST(functions_join_to_each_other)
{
    expect("SELECT e.seq, group_concat(c.seq, ',') FROM events_at(0) AS e, event_children(e.id) AS c GROUP BY e.seq",
           "", "1|2,3,5 2|4");
    expect("SELECT c.seq FROM event_children(e.id) AS c, events_at(0) AS e ORDER BY c.seq", "", "2 3 4 5");
    expect("SELECT seq FROM events_at WHERE at_tick IN (0, 2) ORDER BY seq DESC", "", "5 4 3 2 1");
    expect("SELECT seq, at_tick FROM events_at(2) WHERE at_tick = 0", "", "");
    expect("SELECT seq, at_tick FROM events_at(2) WHERE at_tick = 2", "", "4|2 5|2");
    expect("SELECT seq FROM event_cascade('%s') ORDER BY seq", A, "1 2 3 4 5");
    expect("SELECT seq FROM event_cascade('%s') ORDER BY seq DESC", A, "5 4 3 2 1");
    expect("SELECT seq FROM events_until(2) ORDER BY seq LIMIT 2 OFFSET 1", "", "2 3");
    expect("SELECT (SELECT count(*) FROM event_cascade(e.id)) FROM events AS e ORDER BY e.seq", "", "5 2 1 1 1");
}
END_TEST

START_TEST(null_asks_for_nothing)
{
    expect("SELECT seq FROM event_cascade(NULL)", "", "");
    expect("SELECT seq FROM events_at(NULL)", "", "");
    expect("SELECT type FROM event_timeline(NULL)", "", "");
    expect("SELECT event_tree(NULL)", "", "NULL");
    expect("SELECT event_data(NULL, 'a'), event_data('{}', NULL), event_type_hash(NULL), event_matches(NULL, '*'), "
           "event_matches('a', NULL), event_id_tick(NULL), event_data_equals('{}', 'a', NULL)",
           "", "NULL|NULL|NULL|NULL|NULL|NULL|NULL");
}
END_TEST

START_TEST(what_makes_no_sense_is_an_error_that_names_it)
{
    expect("SELECT seq FROM event_cascade('9-AAAA-1')", "", "error: event_cascade: there is no event 9-AAAA-1");
    expect("SELECT seq FROM event_children('a''; DROP TABLE events;--')", "",
           "error: event_children: there is no event a'; DROP TABLE events;--");
    expect("SELECT event_tree('x')", "", "error: event_tree: there is no event x");
    expect("SELECT seq FROM event_cascade('%s', 'sideways')", A,
           "error: event_cascade: there is no order sideways: it is one of breadth-first, depth-first, append, id");
    expect("SELECT seq FROM event_ancestors", "",
           "error: event_ancestors: its argument is missing: event_ancestors(id)");
    expect("SELECT seq FROM events_at('soon')", "", "error: events_at: the tick is soon, not an integer from 0 on");
    expect("SELECT seq FROM events_at(1.5)", "", "error: events_at: the tick is 1.5, not an integer from 0 on");
    expect("SELECT seq FROM events_until(-1)", "", "error: events_until: the tick is -1, not an integer from 0 on");
    expect("SELECT * FROM event_timeline(0)", "", "error: event_timeline: the bucket is 0, not an integer from 1 on");
    expect("SELECT event_tree('%s', 0)", A, "error: event_tree: the limit of events is not an integer from 1 on");
    expect("SELECT event_matches('a', 'a' || char(0))", "", "error: event_matches: the pattern contains a NUL");
    expect("SELECT event_matches('a', 'b*c')", "",
           "error: event_matches: pattern b*c: `*` may stand alone, after a last `.`, or before a first `.`");
}
END_TEST

START_TEST(another_database_is_refused)
{
    sqlite3 *other = host_open(":memory:", SQLITE_OPEN_READWRITE);
    ck_assert_str_eq(host_ask(other, "SELECT * FROM event_types()"),
                     "error: event_types: not an Eventure store: database main is of another application (its "
                     "application_id is 0, not 1165389428)");
    ck_assert_str_eq(host_ask(other, "SELECT event_tree('0-AAAA-1')"),
                     "error: event_tree: not an Eventure store: database main is of another application (its "
                     "application_id is 0, not 1165389428)");
    ck_assert_str_eq(host_ask(other, "SELECT event_data('{\"a\":1}', 'a')"), "1");
    host_ask(other, "PRAGMA application_id = 1165389428");
    host_ask(other, "PRAGMA user_version = 999");
    expect_part(host_ask(other, "SELECT * FROM events_at(1)"),
                "database main was made by a newer version of Eventure: its format is 999");
    host_ask(other, "PRAGMA user_version = 2");
    expect_part(host_ask(other, "SELECT * FROM events_at(1)"),
                "database main was made by an older version of Eventure: its format is 2");
    host_ask(other, "ATTACH '" SCRATCH_PATH "' AS run");
    ck_assert_str_eq(host_ask(other, "SELECT type FROM event_types() WHERE in_schema = 'run'"),
                     "a.start b.move a.error");
    ck_assert_str_eq(host_ask(other, "SELECT count(*) FROM events_until(9, 'run')"), "5");
    ck_assert_str_eq(host_ask(other, "SELECT count(*) FROM events_until(9, 'run\".events; --')"),
                     "error: events_until: unknown database \"run\"\".events; --\"");
    ck_assert_int_eq(sqlite3_close(other), SQLITE_OK);
}
END_TEST

/* A view `events` of a file that calls a function that reads `events` would cause an endless recursion. */
START_TEST(a_schema_may_not_use_what_reads_the_store)
{
    sqlite3 *other = host_open("hostile.db", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    host_ask(other, "PRAGMA application_id = 1165389428");
    char mark[64];
    snprintf(mark, sizeof mark, "PRAGMA user_version = %d", EVENTURE__FORMAT);
    host_ask(other, mark);
    host_ask(other, "CREATE TABLE tick (tick INTEGER PRIMARY KEY, first_seq, last_seq)");
    host_ask(other, "INSERT INTO tick VALUES (1, 1, 1)");
    host_ask(other, "CREATE VIEW events AS SELECT * FROM events_at(1)");
    host_ask(other, "CREATE VIEW tree AS SELECT event_tree('1-AAAA-1') AS text");
    ck_assert_int_eq(sqlite3_db_config(other, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, NULL), SQLITE_OK);
    ck_assert_str_eq(host_ask(other, "SELECT * FROM events_at(1)"),
                     "error: events_at: unsafe use of virtual table \"events_at\"");
    ck_assert_str_eq(host_ask(other, "SELECT * FROM tree"), "error: unsafe use of event_tree()");
    ck_assert_int_eq(sqlite3_close(other), SQLITE_OK);
    scratch_remove("hostile.db");
}
END_TEST

START_TEST(functions_that_only_compute_serve_in_a_schema_that_is_not_trusted)
{
    sqlite3 *other = host_open(":memory:", SQLITE_OPEN_READWRITE);
    ck_assert_str_eq(host_ask(other, "CREATE TABLE t (data TEXT)"), "");
    ck_assert_str_eq(host_ask(other, "CREATE INDEX t_a ON t (event_data(data, 'a'))"), "");
    ck_assert_str_eq(host_ask(other, "INSERT INTO t VALUES ('{\"a\":7}'), ('{\"a\":[7]}')"), "");
    ck_assert_str_eq(host_ask(other, "CREATE VIEW v AS SELECT event_data(data, 'a') AS a FROM t"), "");
    ck_assert_str_eq(host_ask(other, "SELECT a FROM v WHERE a = 7"), "7");
    expect_part(host_ask(other, "EXPLAIN QUERY PLAN SELECT * FROM t WHERE event_data(data, 'a') = 7"), "INDEX t_a");
    ck_assert_int_eq(sqlite3_close(other), SQLITE_OK);
}
END_TEST

START_TEST(a_member_of_data_is_a_value_of_sql)
{
    static const char *const cases[][3] = {
        {"{\"a\":1}", "a", "integer|1"},
        {"{\"a\":-0}", "a", "integer|0"},
        {"{\"a\":9007199254740993}", "a", "integer|9007199254740993"},
        {"{\"a\":-9223372036854775808}", "a", "integer|-9223372036854775808"},
        {"{\"a\":9223372036854775808}", "a", "real|9.22337203685478e+18"},
        {"{\"a\":1.0}", "a", "real|1.0"},
        {"{\"a\":1e2}", "a", "real|100.0"},
        {"{\"a\":-1E999}", "a", "real|-Inf"},
        {"{\"a\":true,\"b\":false}", "a", "integer|1"},
        {"{\"a\":true,\"b\":false}", "b", "integer|0"},
        {"{\"a\":null}", "a", "null|NULL"},
        {"{\"a\":1}", "b", "null|NULL"},
        {"{}", "", "null|NULL"},
        {"{\"\":5}", "", "integer|5"},
        {" { \"a\" : \"x\" } ", "a", "text|x"},
        {"{\"a\":\"caf\\u00e9 \\uD83D\\uDE00 \\\"q\\\" \\n\"}", "a", "text|caf\xc3\xa9 \xf0\x9f\x98\x80 \"q\" \n"},
        {"{\"q\\\"q\":1}", "q\"q", "integer|1"},
        {"{\"b\\\\s\":1}", "b\\s", "integer|1"},
        {"{\"\\u0061\":1}", "a", "integer|1"},
        {"{\"x.y\":1,\"x\":{\"y\":2}}", "x.y", "integer|1"},
        {"{\"$[0]\":1}", "$[0]", "integer|1"},
        {"{\"a\":[1, {\"b\": null}]}", "a", "text|[1,{\"b\":null}]"},
        {"{\"o\":{\"a\":1},\"a\":2}", "a", "integer|2"},
        {"{\"a\":1,\"a\":2}", "a", "integer|2"},
        {"[{\"a\":1}]", "a", "null|NULL"},
        {"7", "a", "null|NULL"},
    };
    sqlite3_stmt *statement = NULL;
    ck_assert_int_eq(sqlite3_prepare_v2(db_,
                                        "SELECT typeof(event_data(?1, ?2)) || '|' || ifnull(event_data(?1, ?2), "
                                        "'NULL')",
                                        -1, &statement, NULL),
                     SQLITE_OK);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        sqlite3_bind_text(statement, 1, cases[i][0], -1, SQLITE_STATIC);
        sqlite3_bind_text(statement, 2, cases[i][1], -1, SQLITE_STATIC);
        ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
        ck_assert_str_eq((const char *)sqlite3_column_text(statement, 0), cases[i][2]);
        sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    expect("SELECT length(CAST(event_data('{\"a\":\"x\\u0000y\"}', 'a') AS BLOB))", "", "3");
    expect("SELECT json_array(event_data('{\"a\":[1]}', 'a'))", "", "[[1]]");
    expect("SELECT event_data('{\"a\":', 'a')", "",
           "error: event_data: at byte 5: the text ends where a value should be");
}
END_TEST

START_TEST(equality_of_data_is_that_of_json)
{
    expect("SELECT event_data_equals('{\"a\":1}', 'a', '1.0'), event_data_equals('{\"a\":[1,{\"b\":2,\"c\":3}]}', 'a', "
           "'[1.0, {\"c\": 3, \"b\": 2}]'), event_data_equals('{\"a\":9007199254740993}', 'a', '9007199254740992')",
           "", "1|1|0");
    expect("SELECT event_data_equals('{\"a\":\"1\"}', 'a', '1'), event_data_equals('{}', 'a', 'null'), "
           "event_data_equals('{\"a\":null}', 'a', 'null')",
           "", "0|0|1");
    expect("SELECT event_data_equals('{\"a\":1}', 'a', 'x')", "",
           "error: event_data_equals: at byte 0: found x instead of a value");
}
END_TEST

START_TEST(ids_and_types_have_their_parts)
{
    expect("SELECT event_id_tick('%s')", "12-FADA-3", "12");
    expect("SELECT event_id_hash('%s')", "12-FADA-3", "FADA");
    expect("SELECT event_id_n('%s')", "12-FADA-3", "3");
    expect("SELECT event_id_n('%s')", "012-FADA-3", "NULL");
    expect("SELECT event_id_tick('%s')", "g001-0", "NULL");
    expect("SELECT count(*) FROM events WHERE event_id_hash(id) = event_type_hash(type)", "", "5");
    expect("SELECT event_matches('a.b.c', 'a.*'), event_matches('a.b.c', '*.c'), event_matches('a.b.c', '*'), "
           "event_matches('a.b.c', 'a.b.c'), event_matches('a.b.c', 'a.b'), event_matches('ab', 'a.*')",
           "", "1|1|1|1|0|0");
}
END_TEST

START_TEST(a_tree_shows_a_cascade_as_text)
{
    char tree[1024];
    snprintf(tree, sizeof tree,
             "● a.start %s @ tick 0 {\"n\":1,\"who\":\"Ann\"}\n"
             "  └─ b.move %s {\"n\":2}\n"
             "    ↓ a.error %s @ tick 2 {\"why\":\"\\u001b[31m\"}\n"
             "  └─ b.move %s {\"n\":3}\n"
             "  ↓ b.move %s @ tick 2",
             A, B, D, C, E);
    expect("SELECT event_tree('%s')", A, tree);
    snprintf(tree, sizeof tree, "↓ a.error %s @ tick 2 (caused by: %s) {\"why\":\"\\u001b[31m\"}", D, B);
    expect("SELECT event_tree('%s')", D, tree);
    snprintf(tree, sizeof tree, "● a.start %s @ tick 0 {\"n\":1,\"who\":\"Ann\"}\n… more events follow: the limit is 1",
             A);
    expect("SELECT event_tree('%s', 1)", A, tree);
    expect("SELECT event_tree('%s', 5) NOT LIKE '%%more events%%'", A, "1");
}
END_TEST

/* The stack is small, the cascade deep. */
START_TEST(a_deep_cascade_needs_no_stack)
{
    char id[32];
    strcpy(id, E);
    for (int i = 0; i < 20000; i++)
        strcpy(id, scratch_append(log_, "deep", NULL, id));
    eventure_log_commit(log_);
    struct rlimit stack = {512 * 1024, 512 * 1024};
    ck_assert_int_eq(setrlimit(RLIMIT_STACK, &stack), 0);
    expect("SELECT max(depth), count(*) FROM event_cascade('%s')", E, "20000|20001");
    expect("SELECT max(depth), count(*) FROM event_cascade('%s', 'depth-first')", E, "20000|20001");
    expect("SELECT max(depth) FROM event_ancestors('%s')", id, "20001");
    expect("SELECT length(event_tree('%s')) > 20000 * 20000", E, "1");
    expect("SELECT json_array_length(path) FROM event_cascade('%s') WHERE depth = 20000", E, "20001");
    sqlite3_limit(db_, SQLITE_LIMIT_LENGTH, 2000);
    expect("SELECT length(event_tree('%s'))", E,
           "error: event_tree: the text is longer than a value may be: give a limit of events");
    expect("SELECT max(path) FROM event_cascade('%s')", E,
           "error: event_cascade: a path is longer than a value may be");
}
END_TEST

static int stop_soon(void *context)
{
    int *calls = context;
    return ++*calls > 50;
}

START_TEST(the_host_can_stop_it)
{
    for (int i = 0; i < 20000; i++)
        scratch_append(log_, "b.move", NULL, A);
    eventure_log_commit(log_);
    int calls = 0;
    sqlite3_progress_handler(db_, 100, stop_soon, &calls);
    expect("SELECT count(*) FROM event_cascade('%s')", A, "error: event_cascade: interrupted");
    calls = 0;
    expect("SELECT event_tree('%s')", A, "error: event_tree: interrupted");
    sqlite3_progress_handler(db_, 0, NULL, NULL);
    expect("SELECT count(*) FROM event_cascade('%s')", A, "20005");
}
END_TEST

START_TEST(an_index_on_ids_that_cannot_be_read_is_an_error)
{
    ck_assert_int_eq(sqlite3_close(db_), SQLITE_OK);
    expect_ok(NULL, eventure_log_close(log_));
    log_ = NULL;
    damage_root(SCRATCH_PATH, "events_id");
    db_ = host_open(SCRATCH_PATH, SQLITE_OPEN_READONLY);
    expect("SELECT seq FROM event_cascade('%s')", A, "error: event_cascade: database disk image is malformed");
    expect("SELECT event_tree('%s')", A, "error: event_tree: database disk image is malformed");
}
END_TEST

START_TEST(the_library_has_it_without_loading)
{
    sqlite3 *db = NULL;
    ck_assert_int_eq(sqlite3_open_v2(SCRATCH_PATH, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    ck_assert_int_eq(eventure_extension_init(db, NULL, NULL), SQLITE_OK);
    ck_assert_str_eq(host_ask(db, "SELECT seq FROM events_at(2)"), "4 5");
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    ck_assert_int_eq(eventure_extension_init(NULL, NULL, NULL), SQLITE_MISUSE);
}
END_TEST

/* a.start and two b.move are archived; one b.move caused a.error, which stays. */
START_TEST(what_an_archive_took_is_passed_through)
{
    scratch_remove("old.db");
    expect_ok(log_, eventure_log_advance_tick(log_));
    expect_ok(log_, eventure_log_archive(log_, "old.db", 2, NULL, NULL));
    char path[256];
    snprintf(path, sizeof path, "2|[\"%s\",\"%s\",\"%s\"]", A, B, D);
    expect("SELECT seq, depth FROM event_cascade('%s')", A, "5|1 4|2");
    expect("SELECT seq, depth FROM event_cascade('%s', 'depth-first')", A, "4|2 5|1");
    expect("SELECT depth, path FROM event_cascade('%s') WHERE seq = 4", A, path);
    expect("SELECT seq FROM event_children('%s')", B, "4");
    expect("SELECT parent_id FROM events_at(2) WHERE id = '%s'", D, B);
    expect("SELECT seq FROM event_ancestors('%s')", D, "");
    expect("SELECT seq FROM events_until(2)", "", "4 5");
    expect("SELECT seq FROM event_roots()", "", "4 5");
    expect("SELECT type, count FROM event_types()", "", "a.error|1 b.move|1");
    snprintf(path, sizeof path, "    ↓ a.error %s @ tick 2 {\"why\":\"\\u001b[31m\"}\n  ↓ b.move %s @ tick 2", D, E);
    expect("SELECT event_tree('%s')", A, path);
    snprintf(path, sizeof path, "error: event_cascade: there is no event %s", C);
    expect("SELECT seq FROM event_cascade('%s')", C, path);
    scratch_remove("old.db");
}
END_TEST
