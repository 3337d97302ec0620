/*
 * Save points: taking, listing, finding and deleting them; valid and invalid names.
 */
#include <stdio.h>
#include <string.h>

#include "scratch.h"
#include "testing.h"

static int add_line(const eventure_save_point *save, void *context)
{
    char *lines = context;
    size_t len = strlen(lines);
    snprintf(lines + len, 1000 - len, "%s:%lld:%lld:%s;", save->name, (long long)save->tick, (long long)save->seq,
             save->note != NULL ? save->note : "-");
    return 0;
}

static void expect_saves(eventure_reader *reader, const char *expected)
{
    char lines[1000] = "";
    expect_ok(reader, eventure_save_point_list(reader, add_line, lines));
    ck_assert_str_eq(lines, expected);
}

START_TEST(save_points_name_places_of_the_history)
{
    eventure_log *log = scratch_new();
    expect_ok(log, eventure_save_point_create(log, "the beginning", NULL));
    scratch_append(log, "a.b", NULL, NULL);
    eventure_log_advance_tick(log);
    expect_ok(log, eventure_save_point_create(log, "B", "with a note"));
    expect_ok(log, eventure_save_point_create(log, "A", ""));
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(log, eventure_save_point_create(log, "in the middle", NULL));
    expect_saves(eventure_log_reader(log), "the beginning:0:0:-;A:1:1:;B:1:1:with a note;in the middle:1:2:-;");
    eventure_log_close(log);
}
END_TEST

START_TEST(a_save_point_commits_what_was_appended)
{
    eventure_log *log = scratch_new();
    eventure_reader *reader = NULL;
    eventure_save_point *save = NULL;
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(log, eventure_save_point_create(log, "now", "why not"));
    expect_ok(log, eventure_log_rollback(log));
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    expect_ok(reader, eventure_save_point_find(reader, "now", &save));
    ck_assert_str_eq(save->name, "now");
    ck_assert_str_eq(save->note, "why not");
    ck_assert_int_eq(save->seq, 1);
    ck_assert_int_eq(save->tick, 0);
    ck_assert(save->created == 1700000000.5);
    eventure_free(save);
    expect_saves(reader, "now:0:1:why not;");
    eventure_reader_close(reader);
    eventure_log_close(log);
}
END_TEST

START_TEST(a_name_is_taken_once_and_free_when_it_was_deleted)
{
    eventure_log *log = scratch_new();
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(log, eventure_save_point_create(log, "x", NULL));
    scratch_append(log, "a.b", NULL, NULL);
    expect_status(EVENTURE_ERROR_EXISTS, log, eventure_save_point_create(log, "x", NULL));
    ck_assert_str_eq(eventure_log_message(log), "there is a save point x already, at tick 0");
    /* The failed call committed nothing and lost nothing. */
    int64_t seq = 0;
    expect_ok(eventure_log_reader(log), eventure_reader_last_seq(eventure_log_reader(log), &seq));
    ck_assert_int_eq(seq, 2);
    expect_ok(log, eventure_log_rollback(log));
    expect_ok(eventure_log_reader(log), eventure_reader_last_seq(eventure_log_reader(log), &seq));
    ck_assert_int_eq(seq, 1);
    expect_ok(log, eventure_save_point_delete(log, "x"));
    expect_saves(eventure_log_reader(log), "");
    expect_ok(log, eventure_save_point_create(log, "x", NULL));
    expect_saves(eventure_log_reader(log), "x:0:1:-;");
    eventure_log_close(log);
}
END_TEST

static void expect_refused(eventure_log *log, const char *name, const char *note, const char *text)
{
    expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_save_point_create(log, name, note));
    expect_part(eventure_log_message(log), text);
}

START_TEST(names_and_notes_are_checked)
{
    static char longest[EVENTURE_NOTE_MAX_BYTES + 2];
    eventure_log *log = scratch_new();
    expect_refused(log, NULL, NULL, "the save point has no name");
    expect_refused(log, "", NULL, "the save point has no name");
    expect_refused(log, "a\nb", NULL, "holds a control character");
    expect_refused(log, "a\x7f", NULL, "holds a control character");
    expect_refused(log, "\xff", NULL, "is not UTF-8");
    expect_refused(log, "x", "\xc0\x80", "note is not UTF-8");
    memset(longest, 'n', sizeof longest - 1);
    expect_refused(log, "x", longest, "its note has 65536 bytes; the limit is 65535");
    longest[256] = '\0';
    expect_refused(log, longest, NULL, "its name has 256 bytes; the limit is 255");
    expect_saves(eventure_log_reader(log), "");
    longest[255] = '\0';
    expect_ok(log, eventure_save_point_create(log, longest, NULL));
    expect_ok(log, eventure_save_point_create(log, "H\xc3\xb6hle '\"; --", NULL));
    eventure_log_close(log);
}
END_TEST

START_TEST(unknown_names_are_not_found)
{
    eventure_log *log = scratch_new();
    eventure_save_point *save = NULL;
    expect_status(EVENTURE_ERROR_NOT_FOUND, eventure_log_reader(log),
                  eventure_save_point_find(eventure_log_reader(log), "x", &save));
    ck_assert_str_eq(eventure_log_message(log), "there is no save point x");
    ck_assert_ptr_null(save);
    expect_status(EVENTURE_ERROR_NOT_FOUND, log, eventure_save_point_delete(log, "x"));
    ck_assert_str_eq(eventure_log_message(log), "there is no save point x");
    expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_save_point_delete(log, ""));
    eventure_log_close(log);
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_save_point_create(NULL, "x", NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_save_point_list(NULL, add_line, NULL));
}
END_TEST

static int stop_at_first(const eventure_save_point *save, void *context)
{
    (void)save;
    ++*(int *)context;
    return 77;
}

static int fail_at_first(const eventure_save_point *save, void *context)
{
    (void)save;
    ++*(int *)context;
    return EVENTURE_ERROR_HANDLER;
}

START_TEST(a_callback_ends_the_list)
{
    eventure_log *log = scratch_new();
    int calls = 0;
    eventure_save_point_create(log, "a", NULL);
    eventure_save_point_create(log, "b", NULL);
    ck_assert_int_eq(eventure_save_point_list(eventure_log_reader(log), stop_at_first, &calls), 77);
    ck_assert_int_eq(calls, 1);
    ck_assert_str_eq(eventure_log_message(log), "");
    expect_status(EVENTURE_ERROR_HANDLER, log,
                  eventure_save_point_list(eventure_log_reader(log), fail_at_first, &calls));
    ck_assert_int_eq(calls, 2);
    ck_assert_str_eq(eventure_log_message(log),
                     "list the save points: the callback returned -15 (EVENTURE_ERROR_HANDLER)");
    eventure_log_close(log);
}
END_TEST

START_TEST(a_store_returns_its_uuid_and_that_it_was_not_forked)
{
    eventure_log *log = scratch_new();
    eventure_origin origin;
    expect_ok(eventure_log_reader(log), eventure_store_origin(eventure_log_reader(log), &origin));
    ck_assert_uint_eq(strlen(origin.uuid), 36);
    ck_assert_str_eq(origin.from_uuid, "");
    ck_assert_str_eq(origin.run_digest, "");
    eventure_log_close(log);
}
END_TEST

START_TEST(a_note_may_be_as_long_as_the_limit)
{
    static char longest[EVENTURE_NOTE_MAX_BYTES + 1];
    eventure_log *log = scratch_new();
    eventure_save_point *save = NULL;
    memset(longest, 'n', sizeof longest - 1);
    expect_ok(log, eventure_save_point_create(log, "x", longest));
    expect_ok(eventure_log_reader(log), eventure_save_point_find(eventure_log_reader(log), "x", &save));
    ck_assert_uint_eq(strlen(save->note), EVENTURE_NOTE_MAX_BYTES);
    ck_assert_str_eq(save->name, "x");
    eventure_free(save);
    eventure_log_close(log);
}
END_TEST

static double no_time(void *context)
{
    (void)context;
    return 0.0 / 0.0;
}

START_TEST(a_clock_without_a_time_takes_no_save_point)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    options.clock = no_time;
    scratch_remove(SCRATCH_PATH);
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log));
    expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_save_point_create(log, "x", NULL));
    ck_assert_str_eq(eventure_log_message(log), "the clock returned NaN, which is not finite");
    expect_saves(eventure_log_reader(log), "");
    eventure_log_close(log);
}
END_TEST

START_TEST(a_save_point_without_a_name_is_damage)
{
    eventure_log *log = scratch_new();
    eventure_reader *reader = NULL;
    eventure_save_point *save = NULL;
    char lines[100] = "";
    expect_ok(log, eventure_save_point_create(log, "x", NULL));
    eventure_log_close(log);
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = "
                                                 "'CREATE TABLE save_point (name, tick, seq, note, created)' "
                                                 "WHERE name = 'save_point'; DELETE FROM sqlite_schema WHERE type = "
                                                 "'index' AND tbl_name = 'save_point'"));
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "UPDATE save_point SET name = NULL"));
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    expect_status(EVENTURE_ERROR_CORRUPT, reader, eventure_save_point_list(reader, add_line, lines));
    ck_assert_str_eq(eventure_reader_message(reader), "scratch.db is damaged: a save point has no name");
    ck_assert_str_eq(lines, "");
    expect_status(EVENTURE_ERROR_NOT_FOUND, reader, eventure_save_point_find(reader, "x", &save));
    eventure_reader_close(reader);
}
END_TEST

START_TEST(a_missing_table_is_damage_and_an_error_of_each_call)
{
    char lines[100] = "";
    eventure_save_point *save = NULL;
    eventure_log *log = scratch_new();
    scratch_append(log, "a.b", NULL, NULL);
    eventure_log_commit(log);
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "DROP TABLE save_point"));
    eventure_reader *reader = eventure_log_reader(log);
    expect_status(EVENTURE_ERROR_CORRUPT, reader, eventure_save_point_list(reader, add_line, lines));
    expect_part(eventure_log_message(log), "no such table");
    expect_status(EVENTURE_ERROR_CORRUPT, reader, eventure_save_point_find(reader, "x", &save));
    expect_status(EVENTURE_ERROR_CORRUPT, log, eventure_save_point_create(log, "x", NULL));
    expect_status(EVENTURE_ERROR_CORRUPT, log, eventure_save_point_delete(log, "x"));
    expect_part(eventure_log_message(log), "no such table");
    eventure_log_close(log);
}
END_TEST

START_TEST(arguments_are_checked)
{
    eventure_save_point *save = (eventure_save_point *)&save;
    eventure_origin origin;
    eventure_log *log = scratch_new();
    eventure_reader *reader = eventure_log_reader(log);
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_save_point_find(NULL, "x", &save));
    ck_assert_ptr_null(save);
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_save_point_find(reader, "x", NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, reader, eventure_save_point_find(reader, "", &save));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_save_point_list(reader, NULL, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_save_point_delete(NULL, "x"));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_store_origin(NULL, &origin));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_store_origin(reader, NULL));
    eventure_log_close(log);
}
END_TEST

/* The rows of a file of unknown origin may hold any text. */
START_TEST(long_texts_of_an_origin_are_cut)
{
    eventure_log *log = scratch_new();
    eventure_origin origin;
    char uuid[100];
    memset(uuid, 'u', sizeof uuid);
    uuid[sizeof uuid - 1] = '\0';
    eventure_log_close(log);
    char sql[300];
    snprintf(sql, sizeof sql, "PRAGMA ignore_check_constraints = ON; UPDATE store SET uuid = '%s'", uuid);
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, sql));
    eventure_reader *reader = NULL;
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    expect_ok(reader, eventure_store_origin(reader, &origin));
    ck_assert_uint_eq(strlen(origin.uuid), 36);
    eventure_reader_close(reader);
}
END_TEST
