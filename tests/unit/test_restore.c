/*
 * Restoring a store from its events: the same history with the same identity, or no file.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <eventure/eventure.h>

#include "run_tests.h"
#include "scratch.h"

#define NEW "restored.db"
#define OTHER_UUID "00112233-4455-4677-8899-aabbccddeeff"

/* The events of a store, as the source of another one. */
typedef struct source
{
    eventure_log *log;
    eventure_cursor *cursor;
    eventure_digests digests;
    eventure_origin origin;
    int fails_at; /* 0: never */
    int given;
    eventure_restore_options options;
} source;

static source the;

static int next(eventure_event *out_event, void *context)
{
    source *from = context;
    if (++from->given == from->fails_at)
        return EVENTURE_ERROR_IO;
    return eventure_cursor_next(from->cursor, out_event);
}

static void set_up(void)
{
    char first[64];
    eventure_event_input own_id = EVENTURE_EVENT_INPUT_INIT;
    own_id.type = "a.c";
    own_id.data = eventure_json("{\"x\": [1, 2]}");
    own_id.id = "my own";
    the = (source){.log = scratch_new()};
    scratch_remove(NEW);
    snprintf(first, sizeof first, "%s", scratch_append(the.log, "a.b", "{\"n\":1}", NULL));
    eventure_log_advance_tick(the.log);
    scratch_append(the.log, "a.d", NULL, first);
    ck_assert_int_eq(eventure_log_append_input(the.log, &own_id, NULL), EVENTURE_OK);
    eventure_log_advance_to(the.log, 7);
    scratch_append(the.log, "a.b", "{\"n\":2}", "my own");
    eventure_log_commit(the.log);
    ck_assert_int_eq(eventure_store_digest(eventure_log_reader(the.log), 7, &the.digests), EVENTURE_OK);
    ck_assert_int_eq(eventure_query(eventure_log_reader(the.log), NULL, &the.cursor), EVENTURE_OK);
    eventure_restore_options_init(&the.options, sizeof the.options);
    the.options.uuid = OTHER_UUID;
    the.options.created = 1234.5;
    the.options.next = next;
    the.options.next_context = &the;
    the.options.current_tick = 7;
    the.options.full_digest = the.digests.full;
    the.options.record = "{\"seed\": 7}";
}

static void tear_down(void)
{
    eventure_cursor_free(the.cursor);
    eventure_log_close(the.log);
}

static void expect_failure(eventure_status expected, const char *words)
{
    int64_t events = -1;
    eventure_status status = eventure_store_restore(NEW, &the.options, &events);
    ck_assert_msg(status == expected, "%s: %s", eventure_status_name(status), eventure_last_message());
    ck_assert_msg(strstr(eventure_last_message(), words) != NULL, "%s", eventure_last_message());
    ck_assert_int_eq(events, 0);
    ck_assert_int_ne(access(NEW, F_OK), 0);
    ck_assert_int_ne(access(NEW "-new", F_OK), 0);
}

START_TEST(the_restored_store_is_the_same_history)
{
    const eventure_restore_origin origins[] = {
        {OTHER_UUID, 1, 1, the.digests.run, the.digests.full, 99.5},
        {OTHER_UUID, 1, 1, NULL, NULL, 0.1},
    };
    int64_t events = 0;
    eventure_reader *reader = NULL;
    eventure_difference difference;
    eventure_origin origin;
    char *record = NULL;
    int64_t tick = 0;
    the.options.origins = origins;
    the.options.origins_count = 2;
    ck_assert_msg(eventure_store_restore(NEW, &the.options, &events) == EVENTURE_OK, "%s", eventure_last_message());
    ck_assert_int_eq(events, 4);
    ck_assert_int_eq(eventure_reader_open(NEW, &reader), EVENTURE_OK);
    ck_assert_int_eq(eventure_store_diff(reader, eventure_log_reader(the.log), &difference), EVENTURE_OK);
    ck_assert(!difference.differ);
    ck_assert_int_eq(eventure_store_origin(reader, &origin), EVENTURE_OK);
    ck_assert_str_eq(origin.uuid, OTHER_UUID);
    ck_assert_int_eq(eventure_reader_tick(reader, &tick), EVENTURE_OK);
    ck_assert_int_eq(tick, 7);
    ck_assert_int_eq(eventure_reader_description(reader, NULL, &record), EVENTURE_OK);
    ck_assert_str_eq(record, "{\"seed\":7}");
    eventure_free(record);
    eventure_reader_close(reader);
    char *row = scratch_ask(
        NEW, "SELECT group_concat(created || ' ' || iif(full_digest IS NULL, '-', lower(hex(full_digest))), ';') "
             "FROM (SELECT * FROM origin ORDER BY generation)");
    char expected[200];
    snprintf(expected, sizeof expected, "99.5 %s;0.1 -", the.digests.full);
    ck_assert_str_eq(row, expected);
    free(row);
}
END_TEST

START_TEST(a_history_that_was_written_on_continues)
{
    eventure_verify_report report;
    the.options.current_tick = 9;
    ck_assert_int_eq(eventure_store_restore(NEW, &the.options, NULL), EVENTURE_OK);
    eventure_log *log = scratch_open(NEW);
    ck_assert_int_eq(eventure_log_tick(log), 9);
    scratch_append(log, "a.b", NULL, "my own");
    eventure_log_commit(log);
    ck_assert_int_eq(eventure_store_verify(eventure_log_reader(log), NULL, &report), EVENTURE_OK);
    ck_assert_msg(report.is_sound, "%s", report.problem);
    eventure_log_close(log);
}
END_TEST

START_TEST(another_digest_makes_no_store)
{
    char digest[65];
    memcpy(digest, the.digests.full, sizeof digest);
    digest[5] = digest[5] == '0' ? '1' : '0';
    the.options.full_digest = digest;
    expect_failure(EVENTURE_ERROR_CORRUPT, "some were changed");
}
END_TEST

START_TEST(a_source_that_fails_makes_no_store)
{
    the.fails_at = 3;
    expect_failure(EVENTURE_ERROR_IO, "the source of the events failed");
}
END_TEST

START_TEST(wrong_options_make_no_store)
{
    static const char *const wrong[] = {NULL, "", "00112233-4455-4677-8899-aabbccddeef", "x",
                                        "00112233-4455-4677-8899-AABBCCDDEEFF"};
    const eventure_restore_origin origin = {"x", 0, 0, NULL, NULL, 0};
    const eventure_restore_origin digest = {OTHER_UUID, 0, 0, "abc", NULL, 0};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    {
        the.options.uuid = wrong[i];
        expect_failure(EVENTURE_ERROR_ARGUMENT, "is not a uuid");
    }
    the.options.uuid = OTHER_UUID;
    the.options.origins = &origin;
    the.options.origins_count = 1;
    expect_failure(EVENTURE_ERROR_ARGUMENT, "origin 1");
    the.options.origins = &digest;
    expect_failure(EVENTURE_ERROR_ARGUMENT, "origin 1");
    the.options.origins = NULL;
    expect_failure(EVENTURE_ERROR_ARGUMENT, "origins is NULL");
    the.options.origins_count = 0;
    the.options.record = "[1]";
    expect_failure(EVENTURE_ERROR_JSON, "object");
    ck_assert_int_eq(eventure_store_restore(NULL, &the.options, NULL), EVENTURE_ERROR_ARGUMENT);
    ck_assert_int_eq(eventure_store_restore(NEW, NULL, NULL), EVENTURE_ERROR_ARGUMENT);
    the.options.next = NULL;
    expect_failure(EVENTURE_ERROR_ARGUMENT, "next is NULL");
}
END_TEST

START_TEST(a_current_tick_before_the_last_event_makes_no_store)
{
    the.options.current_tick = 6;
    expect_failure(EVENTURE_ERROR_ARGUMENT, "is before tick 7");
}
END_TEST

static mode_t mode_of(const char *path)
{
    struct stat info;
    ck_assert_int_eq(stat(path, &info), 0);
    return info.st_mode & 0777;
}

START_TEST(a_restored_store_has_the_mode_of_a_new_file_or_of_the_one_that_it_replaces)
{
    mode_t before = umask(027);
    ck_assert_int_eq(eventure_store_restore(NEW, &the.options, NULL), EVENTURE_OK);
    umask(before);
    ck_assert_uint_eq(mode_of(NEW), 0640);
    ck_assert_int_eq(chmod(NEW, 0604), 0);
    eventure_cursor_free(the.cursor);
    ck_assert_int_eq(eventure_query(eventure_log_reader(the.log), NULL, &the.cursor), EVENTURE_OK);
    the.options.replace = true;
    ck_assert_int_eq(eventure_store_restore(NEW, &the.options, NULL), EVENTURE_OK);
    ck_assert_uint_eq(mode_of(NEW), 0604);
}
END_TEST

START_TEST(an_existing_file_is_kept)
{
    ck_assert_int_eq(eventure_store_restore(SCRATCH_PATH, &the.options, NULL), EVENTURE_ERROR_EXISTS);
    the.options.replace = true;
    ck_assert_int_eq(eventure_store_restore(SCRATCH_PATH, &the.options, NULL), EVENTURE_ERROR_BUSY);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("restore");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, the_restored_store_is_the_same_history);
    tcase_add_test(tests, a_history_that_was_written_on_continues);
    tcase_add_test(tests, another_digest_makes_no_store);
    tcase_add_test(tests, a_source_that_fails_makes_no_store);
    tcase_add_test(tests, wrong_options_make_no_store);
    tcase_add_test(tests, a_current_tick_before_the_last_event_makes_no_store);
    tcase_add_test(tests, a_restored_store_has_the_mode_of_a_new_file_or_of_the_one_that_it_replaces);
    tcase_add_test(tests, an_existing_file_is_kept);
    return run_tests(tests, "restore");
}
