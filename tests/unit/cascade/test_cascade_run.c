/*
 * The run of the cascade viewer: progress, one read transaction for the whole run, indexes, damaged files, wrong calls.
 */
#include <sqlite3.h>
#include <stdint.h>

#include "alloc_fail.h"
#include "damage.h"
#include "embedded_sql.h"
#include "history_world.h"

TEST_FIXTURE(open_world, close_world);

static void append(const char *type)
{
    expect_ok(here.log, eventure_log_append(here.log, type, eventure_no_data(), NULL, NULL));
}

static void append_flat(int events)
{
    for (int i = 0; i < events; i++)
        append("a.b");
    expect_ok(here.log, eventure_log_advance_tick(here.log));
}

START_TEST(what_is_missing_in_a_call_is_an_error)
{
    eventure_cascade_options zero;
    memset(&zero, 0, sizeof zero);
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_cascade_print(NULL, stdout, NULL));
    ck_assert_str_eq(eventure_last_message(), "eventure_cascade_print: a required argument is NULL");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_cascade_print_one(NULL, "x", stdout, NULL));
    ck_assert_str_eq(eventure_last_message(), "eventure_cascade_print_one: a required argument is NULL");
    expect_status(EVENTURE_ERROR_ARGUMENT, here.reader, eventure_cascade_print(here.reader, NULL, NULL));
    ck_assert_str_eq(eventure_reader_message(here.reader), "show cascade: neither a stream nor a callback is given");
    expect_status(EVENTURE_ERROR_ARGUMENT, here.reader, eventure_cascade_print(here.reader, stdout, &zero));
    ck_assert_str_eq(eventure_reader_message(here.reader),
                     "show cascade: the eventure_cascade_options was not initialised: its size is 0; begin with its "
                     "_INIT macro or with "
                     "eventure_cascade_options_init");
}
END_TEST

START_TEST(a_number_that_is_negative_is_an_error)
{
    static const struct
    {
        int64_t tick_min;
        int64_t tick_end;
        const char *message;
    } wrong[] = {{-1, 0, "show cascade: tick -1 is negative"},
                 {0, -2, "show cascade: tick -2 is negative"},
                 {0, INT64_MIN, "show cascade: tick -9223372036854775808 is negative"}};
    eventure_cascade_options options = EVENTURE_CASCADE_OPTIONS_INIT;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    append_flat(1);
    for (size_t i = 0; i < 2 * COUNT_OF(wrong); i++) /* those of the options, and those of the filter */
    {
        const size_t n = i / 2;
        const bool in_filter = i % 2 == 1;
        options.filter = in_filter ? &filter : NULL;
        options.tick_min = in_filter ? 0 : wrong[n].tick_min;
        options.tick_end = in_filter ? 0 : wrong[n].tick_end;
        filter.tick_min = wrong[n].tick_min;
        filter.tick_end = wrong[n].tick_end;
        expect_status(EVENTURE_ERROR_TICK, here.reader, eventure_cascade_print(here.reader, stdout, &options));
        ck_assert_str_eq(eventure_reader_message(here.reader), wrong[n].message);
    }
    options = (eventure_cascade_options)EVENTURE_CASCADE_OPTIONS_INIT;
    options.levels = -3;
    expect_status(EVENTURE_ERROR_ARGUMENT, here.reader, eventure_cascade_print(here.reader, stdout, &options));
    ck_assert_str_eq(eventure_reader_message(here.reader), "show cascade: option levels is -3, less than 0");
    options.levels = 0;
    options.tick_min = -1; /* is ignored for one event */
    sink out;
    sink_open(&out);
    expect_ok(here.reader, eventure_cascade_print_one(here.reader, "0-EBFC-1", out.stream, &options));
    sink_close(&out);
    free(out.text);
}
END_TEST

START_TEST(progress_is_reported_and_can_stop_the_viewer)
{
    watcher self = {0};
    eventure_cascade_options options = EVENTURE_CASCADE_OPTIONS_INIT;
    options.progress = watch;
    options.progress_context = &self;
    append_flat(1);
    append_flat(9999);
    char *text = cascade_text(here.reader, &options);
    free(text);
    ck_assert_int_ge(self.calls, 3);
    ck_assert_int_eq(self.last.done, 10000);
    ck_assert_int_eq(self.last.total, 10000);
    ck_assert_int_eq(self.last.tick, 1);
    self = (watcher){.stop_after = 2};
    sink out;
    sink_open(&out);
    expect_status(EVENTURE_ERROR_INTERRUPTED, here.reader, eventure_cascade_print(here.reader, out.stream, &options));
    ck_assert_str_eq(eventure_reader_message(here.reader), "show cascade: stopped by the progress callback at tick 1");
    ck_assert_int_eq(self.calls, 2);
    sink_close(&out);
    free(out.text);
}
END_TEST

/* Continues to write while a reader reads. */
static int append_meanwhile(const eventure_progress *progress, void *context)
{
    bool *done = context;
    if (progress->done == progress->total)
        return 0;
    append("late.b");
    expect_ok(here.log, eventure_log_advance_tick(here.log));
    *done = true;
    return 0;
}

START_TEST(a_run_shows_one_moment_whatever_is_written_meanwhile)
{
    bool written = false;
    eventure_reader *reader = NULL;
    eventure_cascade_options options = EVENTURE_CASCADE_OPTIONS_INIT;
    append_flat(5000);
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    char *before = cascade_text(reader, &options);
    options.progress = append_meanwhile;
    options.progress_context = &written;
    char *during = cascade_text(reader, &options);
    ck_assert(written);
    ck_assert_str_eq(during, before);
    options.progress = NULL;
    char *after = cascade_text(reader, &options);
    expect_part(after, "late.b");
    eventure_reader_close(reader);
    free(before);
    free(during);
    free(after);
}
END_TEST

/* The event of tick 1. */
static void append_child(void)
{
    const eventure_event parent = {.id = "1-EBFC-1"};
    expect_ok(here.log, eventure_log_append(here.log, "a.b", eventure_no_data(), &parent, NULL));
}

/* Appends to the newest tick, as an effect of an earlier tick, and begins another tick. */
static int append_to_the_same_log(const eventure_progress *progress, void *context)
{
    int *calls = context;
    if (progress->done == progress->total)
        return 0;
    append("late.b");
    append_child();
    expect_ok(here.log, eventure_log_advance_tick(here.log));
    append("late.b");
    append_child();
    ++*calls;
    return 0;
}

START_TEST(a_run_on_a_log_shows_one_moment_whatever_it_appends_meanwhile)
{
    int calls = 0;
    eventure_cascade_options options = EVENTURE_CASCADE_OPTIONS_INIT;
    append_flat(5000);
    append_flat(1);
    append_child();
    char *before = cascade_text(here.reader, &options);
    expect_part(before, "↓ Triggers events in tick 2 (1)\n");
    options.progress = append_to_the_same_log;
    options.progress_context = &calls;
    char *during = cascade_text(here.reader, &options);
    ck_assert_int_eq(calls, 1);
    ck_assert_str_eq(during, before);
    options.progress = NULL;
    char *after = cascade_text(here.reader, &options);
    expect_part(after, "↓ Triggers events in: tick 2 (2), tick 3 (1)\n");
    free(before);
    free(during);
    free(after);
}
END_TEST

START_TEST(an_event_that_reached_no_later_tick_does_not_seem_to_when_it_does_meanwhile)
{
    int calls = 0;
    eventure_cascade_options options = EVENTURE_CASCADE_OPTIONS_INIT;
    append_flat(5000);
    append_flat(1);
    char *before = cascade_text(here.reader, &options);
    options.progress = append_to_the_same_log;
    options.progress_context = &calls;
    char *during = cascade_text(here.reader, &options);
    ck_assert_int_eq(calls, 1);
    ck_assert_str_eq(during, before);
    free(before);
    free(during);
}
END_TEST

START_TEST(a_reader_that_is_held_stays_held)
{
    eventure_reader *reader = NULL;
    append_flat(1);
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    expect_ok(reader, eventure_reader_begin(reader));
    char *before = cascade_text(reader, NULL);
    append_flat(1);
    char *held = cascade_text(reader, NULL);
    ck_assert_str_eq(held, before);
    eventure_reader_end(reader);
    char *after = cascade_text(reader, NULL);
    expect_part(after, "TICK 1");
    eventure_reader_close(reader);
    free(before);
    free(held);
    free(after);
}
END_TEST

/* The whole history, a cascade, and an event. */
static eventure_status print_one_of(int form, FILE *out)
{
    return form == 0   ? eventure_cascade_print(here.reader, out, NULL)
           : form == 1 ? eventure_cascade_print_one(here.reader, "first", out, NULL)
                       : eventure_cascade_print_event(here.reader, "second", out, NULL);
}

LOOP_TEST(no_memory_is_an_error, 3)
{
    const char *data = "{\"plain\": 1, \"esc\\taped\": \"\\n\"}";
    sink expected;
    import_text(line_of(0, "a.b", data, "first", "null"));
    import_text(line_of(0, "a.b", data, "second", "\"first\""));
    import_text(line_of(1, "a.b", "{}", "third", "\"second\""));
    sink_open(&expected);
    expect_ok(here.reader, print_one_of(_i, expected.stream));
    sink_close(&expected);
    bool hit = true;
    int hits = 0;
    for (long n = 1; hit; n++)
    {
        char text[4096];
        FILE *out = fmemopen(text, sizeof text, "w");
        ck_assert_ptr_nonnull(out);
        ck_assert_int_eq(setvbuf(out, NULL, _IONBF, 0), 0); /* no allocation by the stream */
        alloc_fail_at(n);
        const eventure_status status = print_one_of(_i, out);
        hit = alloc_fail_stop();
        /* When only caching a statement fails, the call succeeds. */
        ck_assert_msg(status == EVENTURE_OK || (hit && status == EVENTURE_ERROR_MEMORY), "allocation %ld: %s: %s", n,
                      eventure_status_name(status), eventure_reader_message(here.reader));
        fclose(out);
        if (status == EVENTURE_OK)
            ck_assert_str_eq(text, expected.text);
        hits += status != EVENTURE_OK;
    }
    ck_assert_int_ge(hits, _i < 2 ? 3 : 2); /* allocations of the tree, the output and an unescaped text */
    free(expected.text);
}
END_TEST

/* Changes the file without the library. */
static void damage(const char *sql)
{
    char script[512];
    snprintf(script, sizeof script,
             "DROP TRIGGER events_update; DROP TRIGGER events_delete;"
             "DROP TRIGGER tick_append_only_update; %s",
             sql);
    expect_ok(NULL, eventure_log_close(here.log));
    here.log = NULL;
    here.reader = NULL;
    char *message = scratch_sql(SCRATCH_PATH, script);
    ck_assert_msg(message == NULL, "%s", message);
}

/* Shows the cascades of the damaged file. */
static void expect_refused(const char *message)
{
    eventure_reader *reader = NULL;
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    sink out;
    sink_open(&out);
    expect_status(EVENTURE_ERROR_CORRUPT, reader, eventure_cascade_print(reader, out.stream, NULL));
    ck_assert_str_eq(eventure_reader_message(reader), message);
    sink_close(&out);
    free(out.text);
    eventure_reader_close(reader);
}

static void expect_corrupt(const char *sql, const char *message)
{
    append_flat(3);
    append_flat(3);
    damage(sql);
    expect_refused(message);
}

START_TEST(a_damaged_file_with_a_parent_after_its_child_is_an_error)
{
    expect_corrupt("UPDATE events SET parent_seq = 6 WHERE seq = 5",
                   "show cascade: the event with seq 5 has a parent that is not before it");
}
END_TEST

START_TEST(a_damaged_file_that_lacks_an_event_is_an_error)
{
    expect_corrupt("DELETE FROM events WHERE seq = 5", "show cascade: the event with seq 5 is missing");
}
END_TEST

START_TEST(a_damaged_file_whose_tick_claims_too_many_events_is_an_error)
{
    expect_corrupt("UPDATE tick SET last_seq = 9000000000000000000 WHERE tick = 1",
                   "show cascade: the event with seq 7 is missing");
}
END_TEST

/* Only the question whether an event has effects in later ticks reads this index. */
START_TEST(a_damaged_index_on_parents_is_an_error)
{
    append_flat(3);
    scratch_append(here.log, "a.b", "{}", scratch_append(here.log, "a.b", "{}", NULL));
    damage("SELECT 1");
    damage_root(SCRATCH_PATH, "events_parent_seq");
    expect_refused(SCRATCH_PATH ": show cascade: database disk image is malformed");
}
END_TEST

START_TEST(a_damaged_event_is_not_shown)
{
    eventure_reader *reader = NULL;
    sink out;
    append_flat(3);
    damage("UPDATE events SET timestamp = 9e999 WHERE seq = 2");
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    sink_open(&out);
    expect_status(EVENTURE_ERROR_CORRUPT, reader, eventure_cascade_print_event(reader, "0-EBFC-2", out.stream, NULL));
    expect_part(eventure_reader_message(reader), "event 2 has no finite timestamp");
    sink_close(&out);
    ck_assert_str_eq(out.text, "");
    free(out.text);
    eventure_reader_close(reader);
}
END_TEST

/* Each removes an event from the range of its tick. */
static const char *const wrong_ticks[] = {
    "DROP TRIGGER tick_append_only_delete; DELETE FROM tick WHERE tick = 0",
    "UPDATE tick SET first_seq = 2 WHERE tick = 0",
    "UPDATE tick SET last_seq = 0 WHERE tick = 0",
};

/* The events that have a parent outside the store are shown one after the other. */
LOOP_TEST(a_damaged_tick_of_an_effect_of_an_outside_event_is_an_error, COUNT_OF(wrong_ticks))
{
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    eventure_reader *reader = NULL;
    options.external_parents = true;
    const char *outside = line_of(0, "a.b", "{}", "x", "\"elsewhere-7\"");
    expect_ok(NULL, import_bytes(outside, strlen(outside), &options, NULL));
    damage(wrong_ticks[_i]);
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    sink out;
    sink_open(&out);
    expect_status(EVENTURE_ERROR_CORRUPT, reader, eventure_cascade_print_one(reader, "elsewhere-7", out.stream, NULL));
    ck_assert_str_eq(eventure_reader_message(reader),
                     "show cascade: the event with seq 1 is not among those of its tick");
    sink_close(&out);
    free(out.text);
    eventure_reader_close(reader);
}
END_TEST

static void expect_plan(sqlite3 *db, const eventure__sql *query, const char *expected)
{
    char sql[2048];
    char plan[512] = "";
    sqlite3_stmt *statement = NULL;
    snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN %s", query->text);
    ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
    while (sqlite3_step(statement) == SQLITE_ROW)
        snprintf(plan + strlen(plan), sizeof plan - strlen(plan), "%s%s", plan[0] == '\0' ? "" : "; ",
                 (const char *)sqlite3_column_text(statement, 3));
    sqlite3_finalize(statement);
    ck_assert_str_eq(plan, expected);
}

START_TEST(every_question_of_the_viewer_is_served_by_an_index)
{
    sqlite3 *db = NULL;
    append_flat(3);
    ck_assert_int_eq(sqlite3_open(SCRATCH_PATH, &db), SQLITE_OK);
    expect_plan(db, &eventure__query_ticks_between, "SEARCH tick USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)");
    expect_plan(db, &eventure__query_parents_between, "SEARCH events USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)");
    expect_plan(db, &eventure__query_causes_of_later,
                "SEARCH events USING COVERING INDEX events_parent_seq (parent_seq>? AND parent_seq<?)");
    expect_plan(db, &eventure__query_ticks_of_later_children,
                "SEARCH events USING INDEX events_parent_seq (parent_seq=? AND rowid>? AND rowid<?)");
    sqlite3_close(db);
}
END_TEST
