/*
 * Indexes on data: queries have the same results with and without an index after every operation of the log, and with
 * an index they read only the events that they return.
 */
#include <eventure/data_index.h>

#include "base/hex.h"
#include "base/sha512.h"
#include "base/text.h"
#include "history_world.h"
#include "refuse.h"
#include "store/data_index.h"
#include "store/store.h"

TEST_FIXTURE(open_world, close_world);

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
#define VALUES ((int)COUNT_OF(values))

static void append(const char *type, const char *key_json, const char *value)
{
    char data[1024];
    snprintf(data, sizeof data, "{%s:%s,\"other\":%s}", key_json, value, value);
    expect_ok(here.log, eventure_log_append(here.log, type, eventure_json(data), NULL, NULL));
}

/* Some events, of two types, with and without the key. */
static void append_some(int from, int count)
{
    for (int i = from; i < from + count; i++)
    {
        append(i % 3 == 0 ? "some.other" : "some.type", i % 5 == 0 ? "\"kez\"" : "\"k\\\"ey\"", values[i % VALUES]);
        if (i % 7 == 0)
            expect_ok(here.log, eventure_log_advance_tick(here.log));
    }
}

/* Returns the seqs of a query result as text; the caller frees it. */
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
    expect_ok(here.reader, eventure_query_explain(here.reader, filter, &text));
    bool uses = strstr(text, "SEARCH data_value USING PRIMARY KEY (index_id=? AND value=?") != NULL;
    ck_assert(strstr(text, "SCAN data_value") == NULL);
    eventure_free(text);
    return uses;
}

/* Runs the same query by a key that may be indexed and by one that never is. Both members have the same values. */
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
        /* Renames the key, so that no query uses the index. */
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
    expect_ok(here.log, eventure_data_index_add(here.log, key, pattern, NULL));
}

START_TEST(answers_are_the_same_with_and_without)
{
    append_some(0, SEVERAL);
    add("k\"ey", NULL);
    expect_same_answers(true);
    append_some(SEVERAL, 100); /* some of these events are not committed */
    expect_same_answers(true);
    expect_ok(here.log, eventure_log_commit(here.log));
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
    expect_ok(here.log, eventure_log_commit(here.log));
    append("some.type", "\"k\\\"ey\"", "\"gone\"");
    expect_ok(here.log, eventure_log_rollback(here.log));
    append("some.type", "\"k\\\"ey\"", "\"here\"");
    expect_ok(here.log, eventure_log_commit(here.log));
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
    expect_status(EVENTURE_ERROR_INTERRUPTED, here.log, eventure_data_index_add(here.log, "n", NULL, &options));
    expect_ok(here.reader, eventure_data_index_list(here.reader, take_info, &info));
    ck_assert(!info.complete);
    ck_assert_int_gt(info.indexed_seq, 0);
    ck_assert_int_lt(info.indexed_seq, 25000);
    append("a.b", "\"n\"", "1");
    expect_ok(NULL, eventure_log_close(here.log));
    open_log();
    eventure_field member = eventure_int("n", 1);
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.data = &member;
    filter.data_count = 1;
    int64_t count = 0;
    ck_assert(uses_index(&filter));
    expect_ok(here.reader, eventure_query_count(here.reader, &filter, &count));
    ck_assert_int_eq(count, 12501);
    add("n", NULL);
    expect_ok(here.reader, eventure_data_index_list(here.reader, take_info, &info));
    ck_assert(info.complete);
    ck_assert_int_eq(info.events, 25001);
    expect_ok(here.reader, eventure_query_count(here.reader, &filter, &count));
    ck_assert_int_eq(count, 12501);
    expect_status(EVENTURE_ERROR_EXISTS, here.log, eventure_data_index_add(here.log, "n", NULL, NULL));
}
END_TEST

START_TEST(a_dropped_index_is_gone_and_answers_stay)
{
    append_some(0, 100);
    add("k\"ey", NULL);
    expect_ok(here.log, eventure_data_index_drop(here.log, "k\"ey", NULL));
    expect_status(EVENTURE_ERROR_NOT_FOUND, here.log, eventure_data_index_drop(here.log, "k\"ey", NULL));
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
        expect_ok(here.reader, eventure_query_explain(here.reader, &filter, &text));
        expect_part(text, wanted);
        expect_part(text, " = 33\n");
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
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log, eventure_data_index_add(here.log, NULL, NULL, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log, eventure_data_index_add(here.log, "\xff", NULL, NULL));
    expect_part(eventure_log_message(here.log), "\\xff");
    expect_status(EVENTURE_ERROR_LIMIT, here.log, eventure_data_index_add(here.log, key, NULL, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log, eventure_data_index_add(here.log, "k", "a*b", NULL));
    expect_ok(here.log, eventure_data_index_add(here.log, "", NULL, NULL));
}
END_TEST

/* The key and the pattern together name an index. */
START_TEST(an_index_is_found_by_its_key_and_its_pattern)
{
    add("k", "a.*");
    add("k", NULL);
    add("l", "a.*");
    expect_status(EVENTURE_ERROR_NOT_FOUND, here.log, eventure_data_index_drop(here.log, "l", NULL));
    ck_assert_str_eq(eventure_log_message(here.log), "there is no index on l of the types *");
    expect_ok(here.log, eventure_data_index_add(here.log, "k", "*", NULL)); /* no event: nothing is complete */
    append("a.b", "\"k\"", "1");
    expect_ok(here.log, eventure_log_commit(here.log));
    expect_status(EVENTURE_ERROR_EXISTS, here.log, eventure_data_index_add(here.log, "k", "*", NULL));
    ck_assert_str_eq(eventure_log_message(here.log), "there is an index on k of the types * already");
    expect_status(EVENTURE_ERROR_EXISTS, here.log, eventure_data_index_add(here.log, "k", "a.*", NULL));
    ck_assert_str_eq(eventure_log_message(here.log), "there is an index on k of the types a.* already");
    expect_ok(here.log, eventure_data_index_drop(here.log, "k", "a.*"));
    scratch_expect_answer("SELECT group_concat(key || ' ' || pattern || ' ' || upto, ', ') FROM data_index",
                          "k * 1, l a.* 1");
    scratch_expect_answer("SELECT count(*) FROM data_value", "1"); /* those of the other indexes stay */
    append("a.b", "\"k\"", "1");
    expect_ok(here.log, eventure_log_commit(here.log));
    scratch_expect_answer("SELECT count(*) FROM data_value", "2");
}
END_TEST

/* Building examines 10,000 events in a transaction, and reports each. */
typedef struct reports
{
    eventure_progress seen[8];
    int count;
    int64_t stop_at;
} reports;

static int take_report(const eventure_progress *progress, void *context)
{
    reports *self = context;
    self->seen[self->count++] = *progress;
    return progress->done >= self->stop_at;
}

START_TEST(building_reports_each_10000_events_and_where_it_stopped)
{
    reports got = {.stop_at = 20000};
    eventure_data_index_options options;
    eventure_data_index_options_init(&options, sizeof options);
    options.progress = take_report;
    options.progress_context = &got;
    for (int i = 0; i < 20001; i++)
        scratch_append(here.log, "a.b", NULL, NULL);
    expect_ok(here.log, eventure_log_advance_tick(here.log));
    expect_status(EVENTURE_ERROR_INTERRUPTED, here.log, eventure_data_index_add(here.log, "k", NULL, &options));
    ck_assert_str_eq(eventure_log_message(here.log),
                     "index on data: stopped by the progress callback after 20000 events; the finished part stays, "
                     "and adding the index again continues from there");
    got.stop_at = INT64_MAX;
    expect_ok(here.log, eventure_data_index_add(here.log, "k", NULL, &options));
    ck_assert_int_eq(got.count, 3);
    for (int i = 0; i < 3; i++)
    {
        static const int64_t done[] = {10000, 20000, 20001};
        ck_assert_int_eq(got.seen[i].done, done[i]);
        ck_assert_int_eq(got.seen[i].total, 20001);
        ck_assert_int_eq(got.seen[i].tick, 1);
    }
}
END_TEST

static int note_index(const eventure_data_index *index, void *context)
{
    char *text = context;
    sprintf(text + strlen(text), "%s %s %d %d %d; ", index->key, index->pattern, (int)index->events,
            (int)index->indexed_seq, index->complete);
    return strcmp(index->key, "stop") == 0 ? 7 : 0;
}

START_TEST(indexes_are_listed_with_what_they_contain)
{
    char text[256] = "";
    append("a.b", "\"k\"", "1");
    append("a.b", "\"l\"", "1");
    add("k", NULL);
    add("l", "x.*");
    expect_ok(here.reader, eventure_data_index_list(here.reader, note_index, text));
    ck_assert_str_eq(text, "k * 1 2 1; l x.* 0 2 1; ");
    append("a.b", "\"k\"", "1");
    text[0] = '\0';
    expect_ok(here.reader, eventure_data_index_list(here.reader, note_index, text)); /* the event is not committed */
    ck_assert_str_eq(text, "k * 1 2 0; l x.* 0 2 0; ");
    add("stop", NULL);
    add("z", NULL);
    text[0] = '\0';
    ck_assert_int_eq(eventure_data_index_list(here.reader, note_index, text), 7);
    ck_assert_str_eq(text, "k * 2 3 1; l x.* 0 3 1; stop * 0 3 1; ");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_data_index_list(NULL, note_index, text));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_data_index_list(here.reader, NULL, text));
}
END_TEST

START_TEST(an_index_that_cannot_be_made_or_dropped_is_as_it_was)
{
    refuse_once(here.reader->db, SQLITE_INSERT, "data_index");
    ck_assert_int_lt(eventure_data_index_add(here.log, "k", NULL, NULL), 0);
    ck_assert(refuse_stop(here.reader->db));
    scratch_expect_answer("SELECT count(*) FROM data_index", "0");
    add("k", NULL);
    append("a.b", "\"k\"", "1");
    refuse_once(here.reader->db, SQLITE_DELETE, "data_index");
    ck_assert_int_lt(eventure_data_index_drop(here.log, "k", NULL), 0);
    ck_assert(refuse_stop(here.reader->db));
    scratch_expect_answer("SELECT count(*) FROM data_value", "1"); /* the rows were deleted before: they are back */
    append("a.b", "\"k\"", "1");
    expect_ok(here.log, eventure_log_commit(here.log));
    scratch_expect_answer("SELECT count(*) FROM data_value", "2");
    expect_ok(here.log, eventure_data_index_drop(here.log, "k", NULL));
    scratch_expect_answer("SELECT (SELECT count(*) FROM data_value) + (SELECT count(*) FROM data_index)", "0");
}
END_TEST

START_TEST(each_of_several_indexes_serves_its_key)
{
    static const char *const keys[] = {"a", "b", "c"};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        add(keys[i], NULL);
    append("a.b", "\"b\"", "1");
    expect_ok(here.log, eventure_data_index_add(here.log, "d", NULL, NULL));
    expect_ok(here.log, eventure_log_commit(here.log));
    for (size_t i = 0; i < COUNT_OF(keys); i++)
    {
        eventure_field member = eventure_int(keys[i], 1);
        eventure_filter filter = EVENTURE_FILTER_INIT;
        filter.data = &member;
        filter.data_count = 1;
        ck_assert(uses_index(&filter));
        char *seqs = seqs_of(here.reader, &filter);
        ck_assert_str_eq(seqs, i == 1 ? "1 " : "");
        free(seqs);
    }
}
END_TEST

START_TEST(a_list_ends_its_read_transaction)
{
    char text[256] = "";
    int64_t seq = 0;
    eventure_reader *reader = NULL;
    add("k", NULL);
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    expect_ok(reader, eventure_data_index_list(reader, note_index, text));
    append("a.b", "\"k\"", "1");
    expect_ok(here.log, eventure_log_commit(here.log));
    expect_ok(reader, eventure_reader_last_seq(reader, &seq));
    ck_assert_int_eq(seq, 1);
    eventure_reader_close(reader);
}
END_TEST

START_TEST(a_call_about_an_index_without_what_it_needs_is_refused)
{
    char key[EVENTURE_DATA_INDEX_KEY_MAX_BYTES + 2];
    char text[96];
    eventure_data_index_options blank = {0};
    memset(key, 'k', sizeof key);
    key[sizeof key - 1] = '\0';
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_data_index_add(NULL, "k", NULL, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_data_index_drop(NULL, "k", NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log, eventure_data_index_add(here.log, "k", NULL, &blank));
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log, eventure_data_index_drop(here.log, NULL, NULL));
    ck_assert_str_eq(eventure_log_message(here.log), "index on data: no key was given");
    expect_status(EVENTURE_ERROR_LIMIT, here.log, eventure_data_index_add(here.log, key, NULL, NULL));
    snprintf(text, sizeof text, "index on data: the key is %d bytes long, and at most %d are allowed",
             EVENTURE_DATA_INDEX_KEY_MAX_BYTES + 1, EVENTURE_DATA_INDEX_KEY_MAX_BYTES);
    ck_assert_str_eq(eventure_log_message(here.log), text);
    expect_ok(here.log, eventure_data_index_add(here.log, key + 1, NULL, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log, eventure_data_index_add(here.log, "a\xff", NULL, NULL));
    ck_assert_str_eq(eventure_log_message(here.log),
                     "index on data: the key a\\xff is not valid UTF-8, and no data has it");
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log, eventure_data_index_add(here.log, "k", "", NULL));
    scratch_expect_answer("SELECT count(*) FROM data_index", "1");
}
END_TEST

/* Returns the number of SQLite's instructions for a look-up that returns two events. */
static int steps_of_lookup(void)
{
    eventure_field member = eventure_string("n", "rare");
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.data = &member;
    filter.data_count = 1;
    eventure_reader *reader = NULL;
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
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
        expect_ok(here.log, eventure_log_commit(here.log));
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
    expect_ok(here.log, eventure_log_commit(here.log));
    sqlite3 *db = NULL;
    ck_assert_int_eq(sqlite3_open(SCRATCH_PATH, &db), SQLITE_OK);
    static const char *const statements[] = {"DELETE FROM data_value",
                                             "UPDATE data_value SET seq = 9",
                                             "INSERT INTO data_value VALUES (1, 'x', 9)",
                                             "DELETE FROM data_index",
                                             "UPDATE data_index SET upto = 9",
                                             "INSERT INTO data_index (key, pattern, upto) VALUES ('x', '*', 9)"};
    for (size_t i = 0; i < COUNT_OF(statements); i++)
        ck_assert_int_eq(sqlite3_exec(db, statements[i], NULL, NULL, NULL), SQLITE_CONSTRAINT);
    sqlite3_close(db);
}
END_TEST

START_TEST(a_value_becomes_a_digest_by_its_own_length)
{
    static const char short_value[] =
        "\"a text of a hundred bytes with its quotes, so that two of them are longer than "
        "the bound of 128 bytes\"";
    char long_value[300];
    eventure__buffer alone = {0};
    eventure__buffer both = {0};
    bool is_digest = true;
    snprintf(long_value, sizeof long_value, "\"%0*d\"", 200, 7);
    eventure__data_value_append(eventure__text_span(short_value, 0), &both, &is_digest);
    ck_assert(!is_digest);
    eventure__data_value_append(eventure__text_span(short_value, 0), &both, &is_digest);
    ck_assert(!is_digest);
    ck_assert_uint_eq(both.len, 2 * strlen(short_value));
    eventure__data_value_append(eventure__text_span(long_value, 0), &both, &is_digest);
    ck_assert(is_digest);
    eventure__data_value_append(eventure__text_span(long_value, 0), &alone, &is_digest);
    ck_assert(is_digest);
    ck_assert_uint_eq(alone.len, EVENTURE__DIGEST_BYTES);
    ck_assert_uint_eq(both.len, 2 * strlen(short_value) + alone.len);
    ck_assert_mem_eq(both.bytes + both.len - alone.len, alone.bytes, alone.len);
    eventure__buffer_free(&both);
    eventure__buffer_free(&alone);
}
END_TEST
