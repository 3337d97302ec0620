/*
 * Limits that the options of a log set: each is named by its error, appends nothing, and leaves a log that continues.
 */
#include <check.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <eventure/data_index.h>

#include "fault_vfs.h"
#include "scratch.h"

static eventure_log *log_;
static eventure_log_options options;

static void set_up(void)
{
    scratch_remove(SCRATCH_PATH);
    options = (eventure_log_options)EVENTURE_LOG_OPTIONS_INIT;
    log_ = NULL;
}

static void tear_down(void)
{
    eventure_log_close(log_);
}

static void open_log(void)
{
    eventure_status status = eventure_log_open(SCRATCH_PATH, &options, &log_);
    ck_assert_msg(status == EVENTURE_OK, "%s", eventure_log_message(log_));
}

static void close_log(void)
{
    ck_assert_int_eq(eventure_log_close(log_), EVENTURE_OK);
    log_ = NULL;
}

static eventure_status append(const char *type, const char *json)
{
    return eventure_log_append(log_, type, eventure_json(json), NULL, NULL);
}

static int64_t last_seq(void)
{
    int64_t seq = -1;
    ck_assert_int_eq(eventure_reader_last_seq(eventure_log_reader(log_), &seq), EVENTURE_OK);
    return seq;
}

static eventure_status import(const char *lines)
{
    eventure_import_options how = EVENTURE_IMPORT_OPTIONS_INIT;
    FILE *in = fmemopen((char *)(size_t)lines, strlen(lines), "r");
    ck_assert_ptr_nonnull(in);
    how.name = "in.jsonl";
    eventure_status status = eventure_log_import(log_, in, &how, NULL);
    fclose(in);
    return status;
}

/* The limit was named, nothing was appended, and the log continues. */
static void expect_limit(eventure_status status, const char *text, int64_t events)
{
    ck_assert_int_eq(status, EVENTURE_ERROR_LIMIT);
    ck_assert_str_eq(eventure_log_message(log_), text);
    ck_assert_int_eq(last_seq(), events);
    eventure_status after = append("z", "{}");
    ck_assert_msg(after == EVENTURE_OK, "%s", eventure_log_message(log_));
    ck_assert_int_eq(eventure_log_advance_tick(log_), EVENTURE_OK);
    ck_assert_int_eq(last_seq(), events + 1);
}

static void expect_sound(void)
{
    eventure_verify_report report;
    ck_assert_int_eq(eventure_store_verify(eventure_log_reader(log_), NULL, &report), EVENTURE_OK);
    ck_assert_msg(report.is_sound, "%s", report.problem);
}

#define LINE(tick, type, data, n)                                                                                      \
    "{\"tick\": " #tick ", \"timestamp\": 1.5, \"type\": \"" type "\", \"data\": " data ", \"event_id\": \"x-" #n      \
    "\", \"parent_id\": null}\n"

START_TEST(bytes_of_data)
{
    options.max_data_bytes = 9;
    open_log();
    ck_assert_int_eq(append("a.b", "{ \"a\" : 123 }"), EVENTURE_OK); /* 9 bytes as it is stored */
    expect_limit(append("a.b", "{\"a\":1234}"),
                 "append a.b at tick 0: data is 10 bytes long; the limit max_data_bytes is 9", 1);
    ck_assert_int_eq(import(LINE(2, "a.b", "{\"a\":123}", 1)), EVENTURE_OK);
    expect_limit(import(LINE(5, "a.b", "{}", 2) LINE(5, "a.b", "{\"a\":1234}", 3)),
                 "in.jsonl:2: data is 10 bytes long; the limit max_data_bytes is 9", 3);
    expect_sound();
}
END_TEST

START_TEST(bytes_of_a_type)
{
    options.max_type_bytes = 5;
    open_log();
    ck_assert_int_eq(append("abc.d", "{}"), EVENTURE_OK);
    expect_limit(append("abc.de", "{}"),
                 "append abc.de at tick 0: the type abc.de is 6 bytes long; the limit max_type_bytes is 5", 1);
    ck_assert_int_eq(import(LINE(2, "abc.e", "{}", 1)), EVENTURE_OK);
    expect_limit(import(LINE(5, "a", "{}", 2) LINE(5, "abc.de", "{}", 3)),
                 "in.jsonl:2: the type abc.de is 6 bytes long; the limit max_type_bytes is 5", 3);
    expect_sound();
}
END_TEST

START_TEST(a_type_that_the_store_knows_is_measured_too)
{
    char longest[257];
    memset(longest, 'x', sizeof longest);
    longest[256] = '\0';
    open_log();
    ck_assert_int_eq(append(longest, "{}"), EVENTURE_ERROR_TYPE); /* no store has such a one */
    ck_assert_int_eq(append(longest + 1, "{}"), EVENTURE_OK);
    ck_assert_int_eq(append("abc.de", "{}"), EVENTURE_OK);
    close_log();
    options.max_type_bytes = 5;
    open_log();
    ck_assert_int_eq(append("abc.de", "{}"), EVENTURE_ERROR_LIMIT);
    ck_assert_int_eq(append(longest, "{}"), EVENTURE_ERROR_LIMIT);
    ck_assert_int_eq(last_seq(), 2);
}
END_TEST

START_TEST(depth_of_data)
{
    options.max_depth = 2;
    open_log();
    ck_assert_int_eq(append("a.b", "{\"a\":[]}"), EVENTURE_OK);
    expect_limit(append("a.b", "{\"a\":[[]]}"),
                 "append a.b at tick 0: data: at byte 6: nested deeper than max_depth, which is 2", 1);
    ck_assert_int_eq(import(LINE(2, "a.b", "{\"a\":[]}", 1)), EVENTURE_OK);
    expect_limit(import(LINE(5, "a.b", "{}", 2) LINE(5, "a.b", "{\"a\":[[]]}", 3)),
                 "in.jsonl:2: data is nested deeper than max_depth, which is 2", 3);
    expect_sound();
}
END_TEST

START_TEST(events_of_a_tick)
{
    options.max_tick_events = 3;
    open_log();
    ck_assert_int_eq(eventure_log_advance_to(log_, 7), EVENTURE_OK);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(append("a.b", "{}"), EVENTURE_OK);
    ck_assert_int_eq(append("a.b", "{}"), EVENTURE_ERROR_LIMIT);
    ck_assert_str_eq(eventure_log_message(log_),
                     "append a.b at tick 7: tick 7 has 3 events already; the limit max_tick_events is 3");
    ck_assert_int_eq(last_seq(), 3);
    ck_assert_int_eq(eventure_log_commit(log_), EVENTURE_OK);
    close_log();
    open_log(); /* those that were there before count too */
    ck_assert_int_eq(append("a.b", "{}"), EVENTURE_ERROR_LIMIT);
    ck_assert_int_eq(eventure_log_advance_tick(log_), EVENTURE_OK);
    ck_assert_int_eq(append("a.b", "{}"), EVENTURE_OK);
    ck_assert_int_eq(eventure_log_rollback(log_), EVENTURE_OK); /* those that were taken back do not */
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(append("a.b", "{}"), EVENTURE_OK);
    ck_assert_int_eq(append("a.b", "{}"), EVENTURE_ERROR_LIMIT);
    ck_assert_int_eq(eventure_log_advance_tick(log_), EVENTURE_OK);
    ck_assert_int_eq(last_seq(), 6);
    ck_assert_int_eq(import(LINE(9, "a", "{}", 1) LINE(9, "a", "{}", 2) LINE(9, "a", "{}", 3) LINE(10, "a", "{}", 4)),
                     EVENTURE_OK);
    expect_limit(import(LINE(10, "a", "{}", 5) LINE(10, "a", "{}", 6) LINE(10, "a", "{}", 7)),
                 "in.jsonl:3: tick 10 has 3 events already; the limit max_tick_events is 3", 10);
    expect_sound();
}
END_TEST

/* --- the size of the file --- */

static int64_t file_bytes(void)
{
    struct stat info;
    ck_assert_int_eq(stat(SCRATCH_PATH, &info), 0);
    return info.st_size;
}

#define LIMIT_BYTES (60 * 4096 + 100)

/* Ticks of some events until one fails; answers its status. */
static eventure_status fill(int events_a_tick, const char *json, int64_t *out_ticks)
{
    eventure_status status = EVENTURE_OK;
    for (*out_ticks = eventure_log_tick(log_); status == EVENTURE_OK && *out_ticks < 100000;)
    {
        for (int i = 0; i < events_a_tick && status == EVENTURE_OK; i++)
            status = append("a.b", json);
        if (status == EVENTURE_OK)
            status = eventure_log_advance_tick(log_);
        *out_ticks += status == EVENTURE_OK;
    }
    return status;
}

static void expect_file_limit(eventure_status status, int64_t bytes)
{
    char text[96];
    snprintf(text, sizeof text, "; the limit max_file_bytes is %lld", (long long)bytes);
    ck_assert_int_eq(status, EVENTURE_ERROR_LIMIT);
    ck_assert_msg(strstr(eventure_log_message(log_), text) != NULL, "%s", eventure_log_message(log_));
}

START_TEST(bytes_of_the_file)
{
    static const int events[] = {1, 7, 100, 3000};
    int64_t ticks = 0;
    options.max_file_bytes = LIMIT_BYTES;
    open_log();
    eventure_status status = fill(events[_i], "{\"text\":\"some more or less long text\"}", &ticks);
    expect_file_limit(status, LIMIT_BYTES);
    ck_assert_int_eq(eventure_log_tick(log_), ticks);
    ck_assert_int_eq(last_seq(), ticks * events[_i]);
    ck_assert_int_eq(ticks > 0, events[_i] < 3000);
    expect_sound();
    ck_assert_int_eq(eventure_log_advance_tick(log_), EVENTURE_OK); /* which needs no more room */
    close_log();
    ck_assert_int_le(file_bytes(), LIMIT_BYTES);
    if (events[_i] < 3000)
        ck_assert_int_gt(file_bytes(), LIMIT_BYTES - 8 * 4096);
    options.max_file_bytes = 0;
    open_log(); /* it was the limit, and nothing else */
    ck_assert_int_eq(last_seq(), ticks * events[_i]);
    for (int i = 0; i < 5000; i++)
        ck_assert_int_eq(append("a.b", "{}"), EVENTURE_OK);
    close_log();
    ck_assert_int_gt(file_bytes(), LIMIT_BYTES);
}
END_TEST

/* Another program may have changed the journal and the page size of the file. */
START_TEST(bytes_of_a_file_of_any_journal_and_page_size)
{
    static const int page_sizes[] = {512, 1024, 4096, 65536};
    char sql[128];
    int64_t ticks = 0;
    open_log();
    ck_assert_int_eq(append("a.b", "{}"), EVENTURE_OK);
    close_log();
    snprintf(sql, sizeof sql, "PRAGMA journal_mode = DELETE; PRAGMA page_size = %d; VACUUM", page_sizes[_i]);
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, sql));
    ck_assert_int_lt(file_bytes(), 16 * LIMIT_BYTES);
    options.max_file_bytes = 16 * LIMIT_BYTES;
    open_log();
    expect_file_limit(fill(100, "{\"text\":\"some more or less long text\"}", &ticks), 16 * LIMIT_BYTES);
    ck_assert_int_gt(ticks, 0);
    expect_sound();
    close_log();
    ck_assert_int_le(file_bytes(), 16 * LIMIT_BYTES);
    char *size = scratch_ask(SCRATCH_PATH, "PRAGMA page_size");
    ck_assert_int_eq(atoi(size), page_sizes[_i]);
    free(size);
}
END_TEST

START_TEST(bytes_of_the_file_while_a_history_is_imported)
{
    size_t len = 0;
    char *lines = NULL;
    FILE *out = open_memstream(&lines, &len);
    ck_assert_ptr_nonnull(out);
    for (int i = 0; i < 5000; i++)
        fprintf(out,
                "{\"tick\": %d, \"timestamp\": 1.5, \"type\": \"a\", \"data\": {}, \"event_id\": \"x-%d\", "
                "\"parent_id\": null}\n",
                i / 10, i);
    fclose(out);
    options.max_file_bytes = LIMIT_BYTES;
    open_log();
    ck_assert_int_eq(append("a.b", "{}"), EVENTURE_OK);
    eventure_status status = import(lines);
    expect_file_limit(status, LIMIT_BYTES);
    ck_assert_ptr_nonnull(strstr(eventure_log_message(log_), "in.jsonl:"));
    ck_assert_int_eq(last_seq(), 1);
    ck_assert_int_eq(append("a.b", "{}"), EVENTURE_OK);
    close_log();
    ck_assert_int_le(file_bytes(), LIMIT_BYTES);
    free(lines);
}
END_TEST

START_TEST(an_index_on_data_does_not_grow_beyond_the_file_either)
{
    int64_t ticks = 0;
    options.max_file_bytes = LIMIT_BYTES;
    open_log();
    expect_file_limit(fill(10, "{\"text\":\"some more or less long text\"}", &ticks), LIMIT_BYTES);
    expect_file_limit(eventure_data_index_add(log_, "text", NULL, NULL), LIMIT_BYTES);
    ck_assert_int_eq(last_seq(), ticks * 10);
    expect_sound();
    close_log();
    ck_assert_int_le(file_bytes(), LIMIT_BYTES);
}
END_TEST

START_TEST(a_file_that_is_larger_already_is_used_as_it_is)
{
    int64_t ticks = 0;
    open_log();
    for (int i = 0; i < 9000; i++)
        ck_assert_int_eq(append("a.b", "{}"), EVENTURE_OK);
    ck_assert_int_eq(eventure_log_advance_tick(log_), EVENTURE_OK);
    close_log();
    int64_t bytes = file_bytes();
    ck_assert_int_gt(bytes, LIMIT_BYTES);
    options.max_file_bytes = LIMIT_BYTES;
    open_log();
    ck_assert_int_eq(last_seq(), 9000);
    ck_assert_int_eq(append("a.b", "{}"), EVENTURE_OK); /* there is room in its pages */
    ck_assert_int_eq(eventure_log_advance_tick(log_), EVENTURE_OK);
    expect_file_limit(fill(1, "{\"text\":\"some more or less long text\"}", &ticks), LIMIT_BYTES);
    expect_sound();
    close_log();
    ck_assert_int_eq(file_bytes(), bytes);
    eventure_reader *reader = NULL;
    ck_assert_int_eq(eventure_reader_open(SCRATCH_PATH, &reader), EVENTURE_OK);
    eventure_reader_close(reader);
}
END_TEST

START_TEST(a_full_disk_is_not_reported_as_the_limit)
{
    int64_t ticks = 0;
    fault_vfs_install();
    options.max_file_bytes = LIMIT_BYTES;
    open_log();
    fault_vfs_set_room(300000); /* the write-ahead log takes it before the file has so many pages */
    ck_assert_int_eq(fill(10, "{\"text\":\"some more or less long text\"}", &ticks), EVENTURE_ERROR_IO);
    ck_assert(fault_vfs_was_full());
    ck_assert_ptr_null(strstr(eventure_log_message(log_), "max_file_bytes"));
    fault_vfs_set_room(-1); /* there is room again, up to the limit */
    ck_assert_int_eq(eventure_log_tick(log_), ticks);
    expect_file_limit(fill(10, "{\"text\":\"some more or less long text\"}", &ticks), LIMIT_BYTES);
    close_log();
    fault_vfs_remove();
}
END_TEST

START_TEST(a_file_without_room_for_a_store_is_not_made)
{
    options.max_file_bytes = 4095 + _i * 4096;
    ck_assert_int_eq(eventure_log_open(SCRATCH_PATH, &options, &log_), EVENTURE_ERROR_LIMIT);
    ck_assert_ptr_nonnull(strstr(eventure_log_message(log_), "; the limit max_file_bytes is "));
    eventure_log_close(log_);
    log_ = NULL;
    struct stat info;
    ck_assert_int_ne(stat(SCRATCH_PATH, &info), 0);
    options.max_file_bytes = 100 * 4096;
    open_log();
}
END_TEST

START_TEST(limits_out_of_their_range_are_refused_by_name)
{
    static const struct
    {
        const char *name;
        int type_bytes;
        int64_t tick_events;
        int64_t file_bytes;
    } wrong[] = {{"max_type_bytes", 256, 0, 0},
                 {"max_type_bytes", -1, 0, 0},
                 {"max_tick_events", 0, -1, 0},
                 {"max_file_bytes", 0, 0, -1}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    {
        char text[96];
        options.max_type_bytes = wrong[i].type_bytes;
        options.max_tick_events = wrong[i].tick_events;
        options.max_file_bytes = wrong[i].file_bytes;
        ck_assert_int_eq(eventure_log_open(SCRATCH_PATH, &options, &log_), EVENTURE_ERROR_ARGUMENT);
        snprintf(text, sizeof text, "open " SCRATCH_PATH ": option %s is out of range", wrong[i].name);
        ck_assert_str_eq(eventure_log_message(log_), text);
        eventure_log_close(log_);
        log_ = NULL;
    }
}
END_TEST

START_TEST(options_of_an_older_program_set_no_new_limit)
{
    options.max_tick_events = 1; /* beyond the end of what that program knows */
    options.size = offsetof(eventure_log_options, max_type_bytes);
    open_log();
    ck_assert_int_eq(append("abc.def", "{}"), EVENTURE_OK);
    ck_assert_int_eq(append("abc.def", "{}"), EVENTURE_OK);
}
END_TEST

/* A damaged store may say that it is at the end of what can be counted. */
START_TEST(a_last_seq_that_no_event_has_is_an_error)
{
    static const char *const seqs[] = {"4", "4611686018427387904", "9223372036854775805", "9223372036854775806",
                                       "9223372036854775807"};
    char sql[128];
    for (size_t i = 0; i < 2 * sizeof seqs / sizeof *seqs; i++)
    {
        eventure_log_options how = EVENTURE_LOG_OPTIONS_INIT;
        eventure_log *log = scratch_new();
        scratch_append(log, "a.b", "{}", NULL);
        ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
        snprintf(sql, sizeof sql, "DROP TRIGGER tick_append_only_update; UPDATE tick SET last_seq = %s", seqs[i / 2]);
        ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, sql));
        how.background = i % 2 == 1;
        ck_assert_int_eq(eventure_log_open(SCRATCH_PATH, &how, &log), EVENTURE_ERROR_CORRUPT);
        ck_assert_ptr_nonnull(strstr(eventure_log_message(log), "scratch.db is damaged: "));
        eventure_log_close(log);
    }
}
END_TEST

/* The events go that far as well, with a gap before them. */
START_TEST(an_index_is_made_in_the_time_of_the_events_there_are)
{
    eventure_log *log = scratch_new();
    scratch_append(log, "a.b", "{\"k\":1}", NULL);
    scratch_append(log, "a.b", "{\"k\":1}", NULL);
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "DROP TRIGGER tick_append_only_update; DROP TRIGGER events_update; "
                                                 "UPDATE events SET seq = 4611686018427387903 WHERE seq = 2; "
                                                 "UPDATE tick SET last_seq = 4611686018427387903"));
    log = scratch_open(SCRATCH_PATH);
    eventure_status status = eventure_data_index_add(log, "k", NULL, NULL);
    ck_assert_msg(status == EVENTURE_OK, "%s", eventure_log_message(log));
    eventure_log_close(log);
    scratch_expect_answer("SELECT count(*) FROM data_value", "2");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("limits");
    TCase *tests = tcase_create("limits");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, bytes_of_data);
    tcase_add_test(tests, bytes_of_a_type);
    tcase_add_test(tests, a_type_that_the_store_knows_is_measured_too);
    tcase_add_test(tests, depth_of_data);
    tcase_add_test(tests, events_of_a_tick);
    tcase_add_loop_test(tests, bytes_of_the_file, 0, 4);
    tcase_add_loop_test(tests, bytes_of_a_file_of_any_journal_and_page_size, 0, 4);
    tcase_add_test(tests, bytes_of_the_file_while_a_history_is_imported);
    tcase_add_test(tests, an_index_on_data_does_not_grow_beyond_the_file_either);
    tcase_add_test(tests, a_file_that_is_larger_already_is_used_as_it_is);
    tcase_add_test(tests, a_full_disk_is_not_reported_as_the_limit);
    tcase_add_loop_test(tests, a_file_without_room_for_a_store_is_not_made, 0, 4);
    tcase_add_test(tests, limits_out_of_their_range_are_refused_by_name);
    tcase_add_test(tests, options_of_an_older_program_set_no_new_limit);
    tcase_add_test(tests, a_last_seq_that_no_event_has_is_an_error);
    tcase_add_test(tests, an_index_is_made_in_the_time_of_the_events_there_are);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
