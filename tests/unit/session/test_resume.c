/*
 * Resuming a program: a new history, one that continues, the position in the tick, the state, and the refusal of a
 * history that belongs to another program.
 */
#include <string.h>
#include <unistd.h>

#include <eventure/eventure.h>

#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

static eventure_log *the_log;
static eventure_resume_options options;
static eventure_resume_report report;

static void set_up(void)
{
    scratch_remove(SCRATCH_PATH);
    eventure_resume_options_init(&options, sizeof options);
    options.first_type = "game.began";
    memset(&report, 0xFF, sizeof report);
}

static void tear_down(void)
{
    eventure_log_close(the_log);
    the_log = NULL;
}

static void resume(void)
{
    expect_ok(NULL, eventure_log_resume(SCRATCH_PATH, &options, &the_log, &report));
}

static void close_log(void)
{
    expect_ok(NULL, eventure_log_close(the_log));
    the_log = NULL;
}

/* Writes a history with a first event of this type and data: an event in tick 0 and one in tick 1. */
static void write_history(const char *type, const char *json)
{
    the_log = scratch_new();
    scratch_append(the_log, type, json, NULL);
    expect_ok(the_log, eventure_log_advance_tick(the_log));
    scratch_append(the_log, "game.moved", NULL, NULL);
    expect_ok(the_log, eventure_log_advance_tick(the_log));
    close_log();
}

static void expect_refused(eventure_status status, const char *message)
{
    the_log = (eventure_log *)&report; /* any value that is not NULL */
    ck_assert_int_eq(eventure_log_resume(SCRATCH_PATH, &options, &the_log, &report), status);
    ck_assert_ptr_null(the_log);
    ck_assert_str_eq(eventure_last_message(), message);
}

static int count_event(const eventure_event *event, void *context)
{
    (void)event;
    ++*(int *)context;
    return 0;
}

static int refuse_event(const eventure_event *event, void *context)
{
    (void)context;
    (void)event;
    return EVENTURE_ERROR_HANDLER;
}

START_TEST(a_new_history_has_no_events)
{
    resume();
    ck_assert(report.is_new && !report.is_in_tick);
    ck_assert_int_eq(report.tick, 0);
    ck_assert_int_eq(report.tick_events, 0);
    ck_assert_int_eq(report.last_seq, 0);
    scratch_append(the_log, "game.began", NULL, NULL);
    close_log();
    resume();
    ck_assert(!report.is_new);
}
END_TEST

START_TEST(a_history_goes_on_after_its_last_tick)
{
    write_history("game.began", NULL);
    resume();
    ck_assert(!report.is_new && !report.is_in_tick);
    ck_assert_int_eq(report.tick, 2);
    ck_assert_int_eq(report.tick_events, 0);
    ck_assert_int_eq(report.last_seq, 2);
}
END_TEST

START_TEST(a_tick_that_has_events_is_reported)
{
    write_history("game.began", NULL);
    resume();
    scratch_append(the_log, "game.moved", NULL, NULL);
    scratch_append(the_log, "game.moved", NULL, NULL);
    close_log();
    resume();
    ck_assert(!report.is_new && report.is_in_tick);
    ck_assert_int_eq(report.tick, 2);
    ck_assert_int_eq(report.tick_events, 2);
    ck_assert_int_eq(report.last_seq, 4);
}
END_TEST

START_TEST(the_history_of_another_program_is_refused)
{
    write_history("shop.opened", NULL);
    expect_refused(EVENTURE_ERROR_FORMAT, "resume " SCRATCH_PATH ": this is the history of another program: it begins "
                                          "with shop.opened, not with game.began");
    /* An event of that type which is not the first one does not make the history the program's own. */
    options.first_type = "game.moved";
    expect_refused(EVENTURE_ERROR_FORMAT, "resume " SCRATCH_PATH ": this is the history of another program: it begins "
                                          "with shop.opened, not with game.moved");
    options.first_type = NULL;
    resume();
    ck_assert_int_eq(report.last_seq, 2);
}
END_TEST

START_TEST(another_history_of_the_same_program_is_refused)
{
    const eventure_field seed = eventure_int("seed", 7);
    write_history("game.began", "{\"seed\":8}");
    options.first_data = &seed;
    options.first_data_count = 1;
    expect_refused(EVENTURE_ERROR_FORMAT, "resume " SCRATCH_PATH ": this is another history: its first event, "
                                          "game.began, does not have the data {\"seed\":7}");
    write_history("game.began", "{\"seed\":7,\"name\":\"fox\"}");
    resume();
    ck_assert_int_eq(report.last_seq, 2);
}
END_TEST

START_TEST(the_type_is_no_pattern)
{
    write_history("game.began", NULL);
    options.first_type = "game.*";
    expect_refused(EVENTURE_ERROR_FORMAT, "resume " SCRATCH_PATH ": this is the history of another program: it begins "
                                          "with game.began, not with game.*");
}
END_TEST

START_TEST(the_state_is_brought_up_to_date)
{
    int count = 0;
    eventure_reducer reducer = EVENTURE_REDUCER_INIT;
    reducer.apply = count_event;
    options.reducer = &reducer;
    options.context = &count;
    write_history("game.began", NULL);
    resume();
    ck_assert_int_eq(count, 2);
    close_log();
    reducer.apply = refuse_event;
    expect_status(EVENTURE_ERROR_HANDLER, NULL, eventure_log_resume(SCRATCH_PATH, &options, &the_log, &report));
    ck_assert_ptr_null(the_log);
    /* The log was closed: it can be opened again. */
    reducer.apply = count_event;
    count = 0;
    resume();
    ck_assert_int_eq(count, 2);
}
END_TEST

START_TEST(a_foreign_history_does_not_reach_the_reducer)
{
    int count = 0;
    eventure_reducer reducer = EVENTURE_REDUCER_INIT;
    reducer.apply = count_event;
    options.reducer = &reducer;
    options.context = &count;
    write_history("shop.opened", NULL);
    expect_status(EVENTURE_ERROR_FORMAT, NULL, eventure_log_resume(SCRATCH_PATH, &options, &the_log, NULL));
    ck_assert_int_eq(count, 0);
}
END_TEST

START_TEST(options_and_report_may_be_missing)
{
    write_history("shop.opened", NULL);
    expect_ok(NULL, eventure_log_resume(SCRATCH_PATH, NULL, &the_log, NULL));
    ck_assert_int_eq(eventure_log_tick(the_log), 2);
}
END_TEST

START_TEST(the_options_of_the_log_are_used)
{
    eventure_log_options existing = EVENTURE_LOG_OPTIONS_INIT;
    existing.mode = EVENTURE_OPEN_EXISTING;
    options.log = &existing;
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_log_resume(SCRATCH_PATH, &options, &the_log, &report));
    ck_assert_ptr_null(the_log);
}
END_TEST

START_TEST(wrong_arguments_are_refused)
{
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_log_resume(SCRATCH_PATH, &options, NULL, NULL));
    options.size = 0;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_log_resume(SCRATCH_PATH, &options, &the_log, NULL));
    ck_assert_ptr_null(the_log);
}
END_TEST

START_TEST(only_the_data_of_the_first_event_counts)
{
    const eventure_field seed[] = {eventure_int("seed", 7), eventure_int("size", 2)};
    options.first_data = seed;
    options.first_data_count = 2;
    the_log = scratch_new();
    scratch_append(the_log, "game.began", "{\"seed\":8,\"size\":2}", NULL);
    scratch_append(the_log, "game.began", "{\"seed\":7,\"size\":2}", NULL);
    close_log();
    expect_refused(EVENTURE_ERROR_FORMAT, "resume " SCRATCH_PATH ": this is another history: its first event, "
                                          "game.began, does not have the data {\"seed\":7,\"size\":2}");
    ck_assert_int_eq(report.last_seq, 0);
    ck_assert_int_eq(report.tick, 0);
    options.first_data_count = 0; /* any data */
    resume();
    ck_assert_int_eq(report.last_seq, 2);
}
END_TEST

/* The first event is archived: the store begins with another one. */
START_TEST(a_history_whose_beginning_is_archived_is_taken)
{
    write_history("shop.opened", NULL);
    the_log = scratch_open(SCRATCH_PATH);
    scratch_append(the_log, "shop.closed", NULL, NULL);
    expect_ok(the_log, eventure_log_advance_tick(the_log));
    scratch_remove("archive.db");
    expect_ok(the_log, eventure_log_archive(the_log, "archive.db", 2, NULL, NULL));
    close_log();
    resume();
    ck_assert_int_eq(report.last_seq, 3);
    ck_assert_int_eq(report.tick, 3);
    ck_assert(!report.is_new);
}
END_TEST

START_TEST(the_type_and_the_data_of_the_program_are_checked)
{
    const eventure_field wrong = eventure_double("x", 1.0 / 0.0);
    write_history("game.began", NULL);
    options.first_data = &wrong;
    options.first_data_count = 1;
    expect_status(EVENTURE_ERROR_JSON, NULL, eventure_log_resume(SCRATCH_PATH, &options, &the_log, &report));
    ck_assert_ptr_null(the_log);
    options.first_data_count = 0;
    options.first_type = "a b";
    eventure_status status = eventure_log_resume(SCRATCH_PATH, &options, &the_log, &report);
    ck_assert_int_lt(status, 0);
    ck_assert_ptr_null(the_log);
}
END_TEST

START_TEST(what_a_history_must_begin_with_is_checked_before_the_log_is_opened)
{
    const eventure_field seed = eventure_int("seed", 7);
    options.first_data_count = 1;
    expect_refused(EVENTURE_ERROR_ARGUMENT, "resume: first_data is NULL, but first_data_count is 1");
    options.first_data = &seed;
    options.first_type = NULL;
    expect_refused(EVENTURE_ERROR_ARGUMENT, "resume: first_data is given, but first_type is NULL");
    options.first_type = "";
    expect_refused(EVENTURE_ERROR_TYPE, "resume: first_type: the type is empty");
    options.first_type = "game.\xff";
    expect_refused(EVENTURE_ERROR_TYPE, "resume: first_type: the type game.\\xff is not valid UTF-8");
    ck_assert_int_ne(access(SCRATCH_PATH, F_OK), 0);
}
END_TEST
