/*
 * Indexes on data: the same answers with and without, whatever was done to the log; and nothing read that is not
 * answered.
 */
#include <eventure/data_index.h>

#include "base/hex.h"
#include "history_world.h"
#include "store/data_index.h"
#include "store/store.h"

#define SEVERAL 3000

static const char *const values[] = {
    "1",
    "1.0",
    "10e-1",
    "-1",
    "0",
    "-0.0",
    "9007199254740993",
    "9007199254740992",
    "1e400",
    "1e500",
    "\"1\"",
    "\"\"",
    "\"a\\u0000b\"",
    "\"\\u00e9\"",
    "\"\xc3\xa9\"",
    "\"quote\\\" \\\\ \\u0001\"",
    "true",
    "false",
    "null",
    "[]",
    "[1,2]",
    "[1.0,2e0]",
    "{}",
    "{\"a\":1,\"b\":2}",
    "{\"b\":2,\"a\":1}",
    "\"long long long long long long long long long long long long long long long long "
    "long long long long long long long long long long long long long long x\"",
    "\"long long long long long long long long long long long long long long long long "
    "long long long long long long long long long long long long long long y\""};
#define VALUES ((int)(sizeof values / sizeof values[0]))

static void append(const char *type, const char *key_json, const char *value)
{
    char data[1024];
    snprintf(data, sizeof data, "{%s:%s,\"other\":%s}", key_json, value, value);
    eventure_status status = eventure_log_append(here.log, type, eventure_json(data), NULL, NULL);
    ck_assert_msg(status == EVENTURE_OK, "%s", eventure_log_message(here.log));
}

/* Some events, of two types, with and without the key. */
static void append_some(int from, int count)
{
    for (int i = from; i < from + count; i++)
    {
        append(i % 3 == 0 ? "some.other" : "some.type", i % 5 == 0 ? "\"kez\"" : "\"k\\\"ey\"", values[i % VALUES]);
        if (i % 7 == 0)
            ck_assert_int_eq(eventure_log_advance_tick(here.log), EVENTURE_OK);
    }
}

/* The seqs of an answer as text; to be freed. */
static char *seqs_of(eventure_reader *reader, const eventure_filter *filter)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    sink out;
    sink_open(&out);
    eventure_status status = eventure_query(reader, filter, &cursor);
    while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
        fprintf(out.stream, "%lld ", (long long)event.seq);
    ck_assert_msg(status == EVENTURE_DONE, "%s", eventure_reader_message(reader));
    eventure_cursor_free(cursor);
    sink_close(&out);
    return out.text;
}

static bool uses_index(const eventure_filter *filter)
{
    char *text = NULL;
    ck_assert_int_eq(eventure_query_explain(here.reader, filter, &text), EVENTURE_OK);
    bool uses = strstr(text, "SEARCH data_value USING PRIMARY KEY (index_id=? AND value=?") != NULL;
    ck_assert(strstr(text, "SCAN data_value") == NULL);
    eventure_free(text);
    return uses;
}

/* The same question by an indexed key and by one that never is: members hold the same values. */
static void expect_same_answers(bool indexed)
{
    for (int i = 0; i < VALUES * 4; i++)
    {
        eventure_field members[2] = {eventure_json_field("k\"ey", values[i % VALUES]),
                                     eventure_json_field("other", values[i % VALUES])};
        eventure_filter filter = EVENTURE_FILTER_INIT;
        filter.data_count = 2;
        filter.data = members;
        filter.type = i % 2 == 0 ? NULL : "some.type";
        filter.reverse = i / VALUES % 2 == 1;
        filter.tick_min = i % 3 == 0 ? 2 : 0;
        filter.tick_end = i % 4 == 0 ? 301 : 0;
        filter.after_seq = i % 5 == 0 ? 40 : 0;
        filter.limit = i % 6 == 0 ? 3 : 0;
        char *fast = seqs_of(here.reader, &filter);
        ck_assert_int_eq(uses_index(&filter), indexed);
        /* Under another key no question uses the index. */
        ck_assert_int_eq(sqlite3_exec(here.reader->db, "UPDATE data_index SET key = key || 'x'", NULL, NULL, NULL), 0);
        ck_assert(!uses_index(&filter));
        char *slow = seqs_of(here.reader, &filter);
        ck_assert_int_eq(sqlite3_exec(here.reader->db, "UPDATE data_index SET key = substr(key, 1, length(key) - 1)",
                                      NULL, NULL, NULL),
                         0);
        ck_assert_msg(strcmp(fast, slow) == 0, "value %s: '%s' is not '%s'", values[i % VALUES], fast, slow);
        free(fast);
        free(slow);
    }
}

static void add(const char *key, const char *pattern)
{
    eventure_status status = eventure_data_index_add(here.log, key, pattern, NULL);
    ck_assert_msg(status == EVENTURE_OK, "%s", eventure_log_message(here.log));
}

START_TEST(answers_are_the_same_with_and_without)
{
    append_some(0, SEVERAL);
    add("k\"ey", NULL);
    expect_same_answers(true);
    append_some(SEVERAL, 100); /* some of it is not committed */
    expect_same_answers(true);
    ck_assert_int_eq(eventure_log_commit(here.log), EVENTURE_OK);
    expect_same_answers(true);
}
END_TEST

START_TEST(an_index_of_some_types_serves_only_them)
{
    append_some(0, 200);
    add("k\"ey", "some.*");
    eventure_field member = eventure_int("k\"ey", 1);
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.data = &member;
    filter.data_count = 1;
    ck_assert(!uses_index(&filter));
    filter.type = "some.type";
    ck_assert(uses_index(&filter));
    append("else.where", "\"x\"", "1");
    filter.type = "else.where";
    ck_assert(!uses_index(&filter));
}
END_TEST

START_TEST(what_is_rolled_back_is_not_in_the_index)
{
    append_some(0, 50);
    add("k\"ey", NULL);
    append_some(50, 5);
    ck_assert_int_eq(eventure_log_commit(here.log), EVENTURE_OK);
    append("some.type", "\"k\\\"ey\"", "\"gone\"");
    ck_assert_int_eq(eventure_log_rollback(here.log), EVENTURE_OK);
    append("some.type", "\"k\\\"ey\"", "\"here\"");
    ck_assert_int_eq(eventure_log_commit(here.log), EVENTURE_OK);
    eventure_field member = eventure_string("k\"ey", "gone");
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.data = &member;
    filter.data_count = 1;
    char *gone = seqs_of(here.reader, &filter);
    member = eventure_string("k\"ey", "here");
    char *found = seqs_of(here.reader, &filter);
    ck_assert_str_eq(gone, "");
    ck_assert_str_eq(found, "56 ");
    free(gone);
    free(found);
    expect_same_answers(true);
}
END_TEST

START_TEST(imported_events_are_in_the_index)
{
    add("n", NULL);
    import_text("{\"tick\": 3, \"timestamp\": 1.0, \"type\": \"a.b\", \"data\": {\"n\": 5}, \"event_id\": \"x\", "
                "\"parent_id\": null}\n");
    eventure_field member = eventure_double("n", 5.0);
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.data = &member;
    filter.data_count = 1;
    ck_assert(uses_index(&filter));
    char *found = seqs_of(here.reader, &filter);
    ck_assert_str_eq(found, "1 ");
    free(found);
}
END_TEST

static int take_info(const eventure_data_index *index, void *context)
{
    eventure_data_index *out = context;
    *out = *index;
    out->key = out->pattern = NULL;
    return 0;
}

START_TEST(building_may_be_stopped_and_continues)
{
    for (int i = 0; i < 25000; i++)
        append("a.b", "\"n\"", i % 2 == 0 ? "1" : "2");
    watcher stop = {.stop_after = 1};
    eventure_data_index info = {0};
    eventure_data_index_options options = EVENTURE_DATA_INDEX_OPTIONS_INIT;
    options.progress = watch;
    options.progress_context = &stop;
    ck_assert_int_eq(eventure_data_index_add(here.log, "n", NULL, &options), EVENTURE_ERROR_INTERRUPTED);
    ck_assert_int_eq(eventure_data_index_list(here.reader, take_info, &info), EVENTURE_OK);
    ck_assert(!info.complete);
    ck_assert_int_gt(info.indexed_seq, 0);
    ck_assert_int_lt(info.indexed_seq, 25000);
    append("a.b", "\"n\"", "1");
    ck_assert_int_eq(eventure_log_close(here.log), EVENTURE_OK);
    open_log();
    eventure_field member = eventure_int("n", 1);
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.data = &member;
    filter.data_count = 1;
    int64_t count = 0;
    ck_assert(uses_index(&filter));
    ck_assert_int_eq(eventure_count(here.reader, &filter, &count), EVENTURE_OK);
    ck_assert_int_eq(count, 12501);
    add("n", NULL);
    ck_assert_int_eq(eventure_data_index_list(here.reader, take_info, &info), EVENTURE_OK);
    ck_assert(info.complete);
    ck_assert_int_eq(info.events, 25001);
    ck_assert_int_eq(eventure_count(here.reader, &filter, &count), EVENTURE_OK);
    ck_assert_int_eq(count, 12501);
    ck_assert_int_eq(eventure_data_index_add(here.log, "n", NULL, NULL), EVENTURE_ERROR_EXISTS);
}
END_TEST

START_TEST(a_dropped_index_is_gone_and_answers_stay)
{
    append_some(0, 100);
    add("k\"ey", NULL);
    ck_assert_int_eq(eventure_data_index_drop(here.log, "k\"ey", NULL), EVENTURE_OK);
    ck_assert_int_eq(eventure_data_index_drop(here.log, "k\"ey", NULL), EVENTURE_ERROR_NOT_FOUND);
    expect_same_answers(false);
    sqlite3_stmt *rows = NULL;
    ck_assert_int_eq(sqlite3_prepare_v2(here.reader->db, "SELECT count(*) FROM data_value", -1, &rows, NULL), 0);
    ck_assert_int_eq(sqlite3_step(rows), SQLITE_ROW);
    ck_assert_int_eq(sqlite3_column_int(rows, 0), 0);
    sqlite3_finalize(rows);
}
END_TEST

/* A long value is in the index as a digest, which an explanation shows in hexadecimal digits. */
START_TEST(an_explanation_shows_the_values)
{
    const char *const texts[2] = {"\"short\"", values[VALUES - 1]};
    append_some(0, 100);
    add("k\"ey", NULL);
    for (int i = 0; i < 2; i++)
    {
        eventure_field member = eventure_json_field("k\"ey", texts[i]);
        eventure_filter filter = EVENTURE_FILTER_INIT;
        eventure__buffer bytes = {0};
        char hex[256];
        char wanted[512];
        char *text = NULL;
        bool is_digest = false;
        filter.data = &member;
        filter.data_count = 1;
        filter.after_seq = 33;
        eventure__data_value_append((eventure__span){texts[i], strlen(texts[i])}, &bytes, &is_digest);
        ck_assert_int_eq(is_digest, i == 1);
        eventure__format_hex(hex, bytes.bytes, bytes.len);
        snprintf(wanted, sizeof wanted, " = %.*s\n", is_digest ? (int)strlen(hex) : (int)bytes.len,
                 is_digest ? hex : bytes.bytes);
        ck_assert_int_eq(eventure_query_explain(here.reader, &filter, &text), EVENTURE_OK);
        ck_assert_msg(strstr(text, wanted) != NULL, "no%sin %s", wanted, text);
        ck_assert_msg(strstr(text, " = 33\n") != NULL, "%s", text);
        eventure_free(text);
        eventure__buffer_free(&bytes);
    }
}
END_TEST

START_TEST(what_cannot_have_an_index_is_refused)
{
    char key[EVENTURE_DATA_INDEX_KEY_MAX_BYTES + 2];
    memset(key, 'k', sizeof key);
    key[sizeof key - 1] = '\0';
    ck_assert_int_eq(eventure_data_index_add(here.log, NULL, NULL, NULL), EVENTURE_ERROR_ARGUMENT);
    ck_assert_int_eq(eventure_data_index_add(here.log, "\xff", NULL, NULL), EVENTURE_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(eventure_log_message(here.log), "\\xff"));
    ck_assert_int_eq(eventure_data_index_add(here.log, key, NULL, NULL), EVENTURE_ERROR_LIMIT);
    ck_assert_int_eq(eventure_data_index_add(here.log, "k", "a*b", NULL), EVENTURE_ERROR_ARGUMENT);
    ck_assert_int_eq(eventure_data_index_add(here.log, "", NULL, NULL), EVENTURE_OK);
}
END_TEST

/* Instructions that SQLite takes for a look-up that answers two events. */
static int steps_of_lookup(void)
{
    eventure_field member = eventure_string("n", "rare");
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.data = &member;
    filter.data_count = 1;
    eventure_reader *reader = NULL;
    ck_assert_int_eq(eventure_reader_open(SCRATCH_PATH, &reader), EVENTURE_OK);
    char *found = seqs_of(reader, &filter);
    ck_assert_int_eq(strchr(found, ' ') != NULL && strchr(strchr(found, ' ') + 1, ' ') != NULL, 1);
    free(found);
    int steps = 0;
    for (sqlite3_stmt *one = NULL; (one = sqlite3_next_stmt(reader->db, one)) != NULL;)
        steps += sqlite3_stmt_status(one, SQLITE_STMTSTATUS_VM_STEP, 0);
    eventure_reader_close(reader);
    return steps;
}

START_TEST(a_look_up_touches_what_it_returns)
{
    int steps[2] = {0, 0};
    append("a.b", "\"n\"", "\"rare\"");
    add("n", NULL);
    for (int round = 0; round < 2; round++)
    {
        char value[16];
        for (int i = 0; i < (round == 0 ? 2000 : 18000); i++)
        {
            snprintf(value, sizeof value, "%d", i % 200);
            append("a.b", "\"n\"", value);
        }
        if (round == 0)
            append("a.b", "\"n\"", "\"rare\"");
        ck_assert_int_eq(eventure_log_commit(here.log), EVENTURE_OK);
        steps[round] = steps_of_lookup();
    }
    ck_assert_int_gt(steps[0], 0);
    ck_assert_msg(steps[1] <= steps[0] * 2, "%d steps in 10^4 events, %d in 10^5", steps[0], steps[1]);
}
END_TEST

START_TEST(ad_hoc_sql_cannot_change_an_index)
{
    add("n", NULL);
    append("a.b", "\"n\"", "1");
    ck_assert_int_eq(eventure_log_commit(here.log), EVENTURE_OK);
    sqlite3 *db = NULL;
    ck_assert_int_eq(sqlite3_open(SCRATCH_PATH, &db), SQLITE_OK);
    static const char *const statements[] = {"DELETE FROM data_value",
                                             "UPDATE data_value SET seq = 9",
                                             "INSERT INTO data_value VALUES (1, 'x', 9)",
                                             "DELETE FROM data_index",
                                             "UPDATE data_index SET upto = 9",
                                             "INSERT INTO data_index (key, pattern, upto) VALUES ('x', '*', 9)"};
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++)
        ck_assert_int_eq(sqlite3_exec(db, statements[i], NULL, NULL, NULL), SQLITE_CONSTRAINT);
    sqlite3_close(db);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("data_index");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, open_world, close_world);
    tcase_add_test(tests, answers_are_the_same_with_and_without);
    tcase_add_test(tests, an_index_of_some_types_serves_only_them);
    tcase_add_test(tests, what_is_rolled_back_is_not_in_the_index);
    tcase_add_test(tests, imported_events_are_in_the_index);
    tcase_add_test(tests, building_may_be_stopped_and_continues);
    tcase_add_test(tests, a_dropped_index_is_gone_and_answers_stay);
    tcase_add_test(tests, an_explanation_shows_the_values);
    tcase_add_test(tests, what_cannot_have_an_index_is_refused);
    tcase_add_test(tests, a_look_up_touches_what_it_returns);
    tcase_add_test(tests, ad_hoc_sql_cannot_change_an_index);
    return run_tests(tests, "data_index");
}
