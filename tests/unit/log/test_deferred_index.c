/*
 * Indexes that are built at the end of an import: after every outcome the store has all indexes, and they are complete.
 */
#include <stdio.h>
#include <stdlib.h>

#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

#define INDEXES                                                                                                        \
    "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema WHERE type = 'index' AND name LIKE 'events_%' " \
    "ORDER BY name)"

static eventure_log *log_;
static char *usual; /* the indexes of a store without an import */

static void set_up(void)
{
    log_ = scratch_new();
    usual = scratch_ask(SCRATCH_PATH, INDEXES);
    expect_part(usual, "events_tick");
    expect_part(usual, "events_type");
    expect_part(usual, "UNIQUE INDEX events_id");
    expect_part(usual, "events_parent_seq");
    expect_part(usual, "events_parent_id");
}

static void tear_down(void)
{
    scratch_close(log_);
    free(usual);
}

/* Returns a history with this number of events, 10 per tick. The parent of every 7th event is the first event. */
static FILE *history(int events, const char *ending)
{
    FILE *lines = tmpfile();
    ck_assert_ptr_nonnull(lines);
    for (int i = 0; i < events; i++)
    {
        fprintf(lines,
                "{\"tick\": %d, \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": {\"n\": %d}, \"event_id\": "
                "\"%d-EBFC-%d\", ",
                i / 10, i, i / 10, i % 10 + 1);
        fputs(i > 0 && i % 7 == 0 ? "\"parent_id\": \"0-EBFC-1\"}\n" : "\"parent_id\": null}\n", lines);
    }
    fputs(ending, lines);
    rewind(lines);
    return lines;
}

static eventure_status import(int events, const char *ending)
{
    FILE *lines = history(events, ending);
    eventure_status status = eventure_log_import(log_, lines, NULL, NULL);
    fclose(lines);
    return status;
}

static void expect_sound(void)
{
    scratch_expect_sound(eventure_log_reader(log_));
    scratch_expect_answer(INDEXES, usual);
    scratch_expect_answer("PRAGMA integrity_check", "ok");
}

START_TEST(after_an_import_the_indexes_are_those_of_any_store)
{
    expect_ok(NULL, import(500, "")); /* all parents are found in memory */
    expect_sound();
    scratch_expect_answer("SELECT count(*) FROM events INDEXED BY events_parent_seq WHERE parent_seq IS NOT NULL",
                          "71");
    scratch_expect_answer("SELECT count(*) FROM events INDEXED BY events_parent_id WHERE parent_id = '0-EBFC-1'", "71");
    scratch_expect_answer("SELECT count(*) FROM events INDEXED BY events_tick WHERE tick BETWEEN 16 AND 23", "80");
    scratch_expect_answer("SELECT count(*) FROM events INDEXED BY events_type WHERE type = 'a.b'", "500");
    scratch_expect_answer("SELECT count(*) FROM events INDEXED BY events_id WHERE id LIKE '%-EBFC-1'", "50");
}
END_TEST

START_TEST(a_parent_far_away_is_found_through_the_index)
{
    expect_ok(NULL, import(5000, ""));
    expect_sound();
    scratch_expect_answer("SELECT count(*) FROM events WHERE parent_seq = 1", "714");
}
END_TEST

/* Imports events with explicit ids, 2 per tick. The first event is the parent of all others. */
static eventure_status import_explicit(int from, int to, const char *ending)
{
    FILE *lines = tmpfile();
    ck_assert_ptr_nonnull(lines);
    for (int i = from; i < to; i++)
        fprintf(lines,
                "{\"tick\": %d, \"timestamp\": 1, \"type\": \"a.b\", \"data\": {}, \"event_id\": \"x/%d\", "
                "\"parent_id\": %s}\n",
                i / 2, i, i == 0 ? "null" : "\"x/0\"");
    fputs(ending, lines);
    rewind(lines);
    eventure_status status = eventure_log_import(log_, lines, NULL, NULL);
    fclose(lines);
    return status;
}

START_TEST(ids_of_their_own_are_found_before_the_indexes_are_built)
{
    static const char again[] = "{\"tick\": 1500, \"timestamp\": 1, \"type\": \"a.b\", \"data\": {}, \"event_id\": "
                                "\"x/17\", \"parent_id\": null}\n";
    static const char of_one_that_waits[] =
        "{\"tick\": 1500, \"timestamp\": 1, \"type\": \"a.b\", \"data\": {}, \"event_id\": \"1500-EBFC-1\", "
        "\"parent_id\": \"x/2999\"}\n"
        "{\"tick\": 1500, \"timestamp\": 1, \"type\": \"c.d\", \"data\": {}, \"event_id\": \"1500-EBFC-1\", "
        "\"parent_id\": null}\n";
    expect_status(EVENTURE_ERROR_EXISTS, NULL, import_explicit(0, 3000, again));
    expect_part(eventure_log_message(log_), "id x/17 is taken by event 18");
    expect_status(EVENTURE_ERROR_EXISTS, NULL, import_explicit(0, 3000, of_one_that_waits));
    expect_part(eventure_log_message(log_), "id 1500-EBFC-1 is taken by event 3001");
    expect_sound();
    expect_ok(NULL, import_explicit(0, 3000, ""));
    expect_ok(NULL, import_explicit(3000, 4000, "")); /* the store contains explicit ids already */
    /* The tick of the line is also out of order; the error must report that the event exists already. */
    expect_status(EVENTURE_ERROR_EXISTS, NULL, import_explicit(4000, 4000, again));
    expect_part(eventure_log_message(log_), "id x/17 is taken: the store has the event already");
    expect_sound();
    scratch_expect_answer("SELECT count(*) FROM events WHERE parent_seq = 1", "3999");
    scratch_expect_answer("SELECT count(*) FROM events WHERE parent_id IS NOT NULL AND parent_seq IS NULL", "0");
}
END_TEST

START_TEST(an_import_that_fails_leaves_the_indexes_as_they_were)
{
    expect_status(EVENTURE_ERROR_JSON, NULL, import(500, "{}\n"));
    scratch_expect_answer(INDEXES, usual);
    expect_status(EVENTURE_ERROR_JSON, NULL, import(3000, "{}\n"));
    expect_sound();
    scratch_append(log_, "c.d", NULL, NULL);
    expect_ok(log_, eventure_log_advance_tick(log_));
    expect_status(EVENTURE_ERROR_TICK, NULL, import(500, "")); /* the store is no longer empty */
    expect_sound();
    scratch_expect_answer("SELECT count(*) FROM events", "1");
}
END_TEST

START_TEST(an_import_of_nothing_changes_nothing)
{
    expect_ok(NULL, import(0, ""));
    expect_sound();
}
END_TEST

START_TEST(a_cursor_that_is_being_read_keeps_the_indexes)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    expect_ok(eventure_log_reader(log_), eventure_query(eventure_log_reader(log_), &filter, &cursor));
    expect_ok(NULL, import(500, ""));
    ck_assert_int_ge(eventure_cursor_next(cursor, &event), EVENTURE_OK);
    eventure_cursor_free(cursor);
    expect_sound();
}
END_TEST

static int ask_in_between(const eventure_progress *progress, void *context)
{
    eventure_cursor **cursor = context;
    eventure_event event;
    if (progress->done > 0 && *cursor == NULL)
    {
        expect_ok(eventure_log_reader(log_), eventure_query_by_type(eventure_log_reader(log_), "a.b", cursor));
        expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(*cursor, &event));
    }
    return 0;
}

START_TEST(a_question_in_the_middle_is_answered_and_does_no_harm)
{
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    eventure_cursor *cursor = NULL;
    options.progress = ask_in_between;
    options.progress_context = &cursor;
    FILE *lines = history(20000, "");
    eventure_status status = eventure_log_import(log_, lines, &options, NULL);
    fclose(lines);
    expect_ok(log_, status);
    ck_assert_ptr_nonnull(cursor);
    eventure_cursor_free(cursor);
    expect_sound();
}
END_TEST
