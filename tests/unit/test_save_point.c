/*
 * Save points: taking, listing, finding and deleting them; what names are good for.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"

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
    ck_assert_int_eq(eventure_save_point_list(reader, add_line, lines), EVENTURE_OK);
    ck_assert_str_eq(lines, expected);
}

START_TEST(save_points_name_places_of_the_history)
{
    eventure_log *log = scratch_new();
    ck_assert_int_eq(eventure_save_point_create(log, "the beginning", NULL), EVENTURE_OK);
    scratch_append(log, "a.b", NULL, NULL);
    eventure_log_advance_tick(log);
    ck_assert_int_eq(eventure_save_point_create(log, "B", "with a note"), EVENTURE_OK);
    ck_assert_int_eq(eventure_save_point_create(log, "A", ""), EVENTURE_OK);
    scratch_append(log, "a.b", NULL, NULL);
    ck_assert_int_eq(eventure_save_point_create(log, "in the middle", NULL), EVENTURE_OK);
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
    ck_assert_int_eq(eventure_save_point_create(log, "now", "why not"), EVENTURE_OK);
    ck_assert_int_eq(eventure_log_rollback(log), EVENTURE_OK);
    ck_assert_int_eq(eventure_reader_open(SCRATCH_PATH, &reader), EVENTURE_OK);
    ck_assert_int_eq(eventure_save_point_find(reader, "now", &save), EVENTURE_OK);
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
    ck_assert_int_eq(eventure_save_point_create(log, "x", NULL), EVENTURE_OK);
    scratch_append(log, "a.b", NULL, NULL);
    ck_assert_int_eq(eventure_save_point_create(log, "x", NULL), EVENTURE_ERROR_EXISTS);
    ck_assert_str_eq(eventure_log_message(log), "there is a save point x already, at tick 0");
    /* Nothing was committed by it, and nothing lost. */
    int64_t seq = 0;
    ck_assert_int_eq(eventure_reader_last_seq(eventure_log_reader(log), &seq), EVENTURE_OK);
    ck_assert_int_eq(seq, 2);
    ck_assert_int_eq(eventure_log_rollback(log), EVENTURE_OK);
    ck_assert_int_eq(eventure_reader_last_seq(eventure_log_reader(log), &seq), EVENTURE_OK);
    ck_assert_int_eq(seq, 1);
    ck_assert_int_eq(eventure_save_point_delete(log, "x"), EVENTURE_OK);
    expect_saves(eventure_log_reader(log), "");
    ck_assert_int_eq(eventure_save_point_create(log, "x", NULL), EVENTURE_OK);
    expect_saves(eventure_log_reader(log), "x:0:1:-;");
    eventure_log_close(log);
}
END_TEST

static void expect_refused(eventure_log *log, const char *name, const char *note, const char *text)
{
    ck_assert_int_eq(eventure_save_point_create(log, name, note), EVENTURE_ERROR_ARGUMENT);
    ck_assert_msg(strstr(eventure_log_message(log), text) != NULL, "%s", eventure_log_message(log));
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
    ck_assert_int_eq(eventure_save_point_create(log, longest, NULL), EVENTURE_OK);
    ck_assert_int_eq(eventure_save_point_create(log, "H\xc3\xb6hle '\"; --", NULL), EVENTURE_OK);
    eventure_log_close(log);
}
END_TEST

START_TEST(unknown_names_are_not_found)
{
    eventure_log *log = scratch_new();
    eventure_save_point *save = NULL;
    ck_assert_int_eq(eventure_save_point_find(eventure_log_reader(log), "x", &save), EVENTURE_ERROR_NOT_FOUND);
    ck_assert_str_eq(eventure_log_message(log), "there is no save point x");
    ck_assert_ptr_null(save);
    ck_assert_int_eq(eventure_save_point_delete(log, "x"), EVENTURE_ERROR_NOT_FOUND);
    ck_assert_str_eq(eventure_log_message(log), "there is no save point x");
    ck_assert_int_eq(eventure_save_point_delete(log, ""), EVENTURE_ERROR_ARGUMENT);
    eventure_log_close(log);
    ck_assert_int_eq(eventure_save_point_create(NULL, "x", NULL), EVENTURE_ERROR_ARGUMENT);
    ck_assert_int_eq(eventure_save_point_list(NULL, add_line, NULL), EVENTURE_ERROR_ARGUMENT);
}
END_TEST

static int stop_at_first(const eventure_save_point *save, void *context)
{
    (void)save;
    ++*(int *)context;
    return 77;
}

START_TEST(a_callback_ends_the_list)
{
    eventure_log *log = scratch_new();
    int calls = 0;
    eventure_save_point_create(log, "a", NULL);
    eventure_save_point_create(log, "b", NULL);
    ck_assert_int_eq(eventure_save_point_list(eventure_log_reader(log), stop_at_first, &calls), 77);
    ck_assert_int_eq(calls, 1);
    eventure_log_close(log);
}
END_TEST

START_TEST(a_store_returns_its_uuid_and_that_it_was_not_forked)
{
    eventure_log *log = scratch_new();
    eventure_origin origin;
    ck_assert_int_eq(eventure_store_origin(eventure_log_reader(log), &origin), EVENTURE_OK);
    ck_assert_uint_eq(strlen(origin.uuid), 36);
    ck_assert_str_eq(origin.from_uuid, "");
    ck_assert_str_eq(origin.run_digest, "");
    eventure_log_close(log);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("save");
    TCase *points = tcase_create("save points");
    tcase_add_test(points, save_points_name_places_of_the_history);
    tcase_add_test(points, a_save_point_commits_what_was_appended);
    tcase_add_test(points, a_name_is_taken_once_and_free_when_it_was_deleted);
    tcase_add_test(points, names_and_notes_are_checked);
    tcase_add_test(points, unknown_names_are_not_found);
    tcase_add_test(points, a_callback_ends_the_list);
    tcase_add_test(points, a_store_returns_its_uuid_and_that_it_was_not_forked);
    suite_add_tcase(suite, points);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
