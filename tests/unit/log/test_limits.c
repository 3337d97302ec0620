/*
 * Limits in the options of a log: a call that exceeds a limit appends nothing, its error names the limit, and the log
 * can continue.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <eventure/data_index.h>

#include "fault_vfs.h"
#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

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
    expect_ok(log_, eventure_log_open(SCRATCH_PATH, &options, &log_));
}

static void close_log(void)
{
    expect_ok(NULL, eventure_log_close(log_));
    log_ = NULL;
}

static eventure_status append(const char *type, const char *json)
{
    return eventure_log_append(log_, type, eventure_json(json), NULL, NULL);
}

static eventure_status import(const char *lines)
{
    eventure_import_options how = EVENTURE_IMPORT_OPTIONS_INIT;
    how.name = "in.jsonl";
    return scratch_import(log_, lines, &how);
}

/* Checks that the error names the limit, that nothing was appended, and that the log can continue. */
static void expect_limit(eventure_status status, const char *text, int64_t events)
{
    expect_status(EVENTURE_ERROR_LIMIT, NULL, status);
    ck_assert_str_eq(eventure_log_message(log_), text);
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), events);
    eventure_status after = append("z", "{}");
    expect_ok(log_, after);
    expect_ok(log_, eventure_log_advance_tick(log_));
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), events + 1);
}

#define LINE(tick, type, data, n)                                                                                      \
    "{\"tick\": " #tick ", \"timestamp\": 1.5, \"type\": \"" type "\", \"data\": " data ", \"event_id\": \"x-" #n      \
    "\", \"parent_id\": null}\n"

START_TEST(bytes_of_data)
{
    options.max_data_bytes = 9;
    open_log();
    expect_ok(NULL, append("a.b", "{ \"a\" : 123 }")); /* 9 bytes when stored */
    expect_limit(append("a.b", "{\"a\":1234}"),
                 "append a.b at tick 0: data is 10 bytes long; the limit max_data_bytes is 9", 1);
    expect_ok(NULL, import(LINE(2, "a.b", "{\"a\":123}", 1)));
    expect_limit(import(LINE(5, "a.b", "{}", 2) LINE(5, "a.b", "{\"a\":1234}", 3)),
                 "in.jsonl:2: data is 10 bytes long; the limit max_data_bytes is 9", 3);
    scratch_expect_sound(eventure_log_reader(log_));
}
END_TEST

START_TEST(bytes_of_a_type)
{
    options.max_type_bytes = 5;
    open_log();
    expect_ok(NULL, append("abc.d", "{}"));
    expect_limit(append("abc.de", "{}"),
                 "append abc.de at tick 0: the type abc.de is 6 bytes long; the limit max_type_bytes is 5", 1);
    expect_ok(NULL, import(LINE(2, "abc.e", "{}", 1)));
    expect_limit(import(LINE(5, "a", "{}", 2) LINE(5, "abc.de", "{}", 3)),
                 "in.jsonl:2: the type abc.de is 6 bytes long; the limit max_type_bytes is 5", 3);
    scratch_expect_sound(eventure_log_reader(log_));
}
END_TEST

START_TEST(a_type_that_the_store_knows_is_measured_too)
{
    char longest[257];
    memset(longest, 'x', sizeof longest);
    longest[256] = '\0';
    open_log();
    expect_status(EVENTURE_ERROR_TYPE, NULL, append(longest, "{}")); /* the type is longer than any store allows */
    expect_ok(NULL, append(longest + 1, "{}"));
    expect_ok(NULL, append("abc.de", "{}"));
    close_log();
    options.max_type_bytes = 5;
    open_log();
    expect_status(EVENTURE_ERROR_LIMIT, NULL, append("abc.de", "{}"));
    expect_status(EVENTURE_ERROR_LIMIT, NULL, append(longest, "{}"));
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 2);
}
END_TEST

START_TEST(depth_of_data)
{
    options.max_depth = 2;
    open_log();
    expect_ok(NULL, append("a.b", "{\"a\":[]}"));
    expect_limit(append("a.b", "{\"a\":[[]]}"),
                 "append a.b at tick 0: data: at byte 6: nested deeper than max_depth, which is 2", 1);
    expect_ok(NULL, import(LINE(2, "a.b", "{\"a\":[]}", 1)));
    expect_limit(import(LINE(5, "a.b", "{}", 2) LINE(5, "a.b", "{\"a\":[[]]}", 3)),
                 "in.jsonl:2: data is nested deeper than max_depth, which is 2", 3);
    scratch_expect_sound(eventure_log_reader(log_));
}
END_TEST

START_TEST(events_of_a_tick)
{
    options.max_tick_events = 3;
    open_log();
    expect_ok(log_, eventure_log_advance_to(log_, 7));
    for (int i = 0; i < 3; i++)
        expect_ok(NULL, append("a.b", "{}"));
    expect_status(EVENTURE_ERROR_LIMIT, NULL, append("a.b", "{}"));
    ck_assert_str_eq(eventure_log_message(log_),
                     "append a.b at tick 7: tick 7 has 3 events already; the limit max_tick_events is 3");
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 3);
    expect_ok(log_, eventure_log_commit(log_));
    close_log();
    open_log(); /* existing events of the tick count too */
    expect_status(EVENTURE_ERROR_LIMIT, NULL, append("a.b", "{}"));
    expect_ok(log_, eventure_log_advance_tick(log_));
    expect_ok(NULL, append("a.b", "{}"));
    expect_ok(log_, eventure_log_rollback(log_)); /* events that were rolled back do not count */
    for (int i = 0; i < 3; i++)
        expect_ok(NULL, append("a.b", "{}"));
    expect_status(EVENTURE_ERROR_LIMIT, NULL, append("a.b", "{}"));
    expect_ok(log_, eventure_log_advance_tick(log_));
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 6);
    expect_ok(NULL, import(LINE(9, "a", "{}", 1) LINE(9, "a", "{}", 2) LINE(9, "a", "{}", 3) LINE(10, "a", "{}", 4)));
    expect_limit(import(LINE(10, "a", "{}", 5) LINE(10, "a", "{}", 6) LINE(10, "a", "{}", 7)),
                 "in.jsonl:3: tick 10 has 3 events already; the limit max_tick_events is 3", 10);
    scratch_expect_sound(eventure_log_reader(log_));
}
END_TEST

/* --- The size of the file --- */

static int64_t file_bytes(void)
{
    struct stat info;
    ck_assert_int_eq(stat(SCRATCH_PATH, &info), 0);
    return info.st_size;
}

#define LIMIT_BYTES (60 * 4096 + 100)

/* Appends ticks until a call fails. Returns its status. */
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
    char text[128];
    snprintf(text, sizeof text, "; the limit max_file_bytes is %lld", (long long)bytes);
    expect_status(EVENTURE_ERROR_LIMIT, NULL, status);
    expect_part(eventure_log_message(log_), text);
}

LOOP_TEST(bytes_of_the_file, 4)
{
    static const int events[] = {1, 7, 100, 3000};
    int64_t ticks = 0;
    options.max_file_bytes = LIMIT_BYTES;
    open_log();
    eventure_status status = fill(events[_i], "{\"text\":\"some more or less long text\"}", &ticks);
    expect_file_limit(status, LIMIT_BYTES);
    ck_assert_int_eq(eventure_log_tick(log_), ticks);
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), ticks * events[_i]);
    ck_assert_int_eq(ticks > 0, events[_i] < 3000);
    scratch_expect_sound(eventure_log_reader(log_));
    expect_ok(log_, eventure_log_advance_tick(log_)); /* this needs no more pages */
    close_log();
    ck_assert_int_le(file_bytes(), LIMIT_BYTES);
    if (events[_i] < 3000)
        ck_assert_int_gt(file_bytes(), LIMIT_BYTES - 8 * 4096);
    options.max_file_bytes = 0;
    open_log(); /* the limit was the only cause */
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), ticks * events[_i]);
    for (int i = 0; i < 5000; i++)
        expect_ok(NULL, append("a.b", "{}"));
    close_log();
    ck_assert_int_gt(file_bytes(), LIMIT_BYTES);
}
END_TEST

/* Another program may have changed the journal and the page size of the file. */
LOOP_TEST(bytes_of_a_file_of_any_journal_and_page_size, 4)
{
    static const int page_sizes[] = {512, 1024, 4096, 65536};
    char sql[128];
    int64_t ticks = 0;
    open_log();
    expect_ok(NULL, append("a.b", "{}"));
    close_log();
    snprintf(sql, sizeof sql, "PRAGMA journal_mode = DELETE; PRAGMA page_size = %d; VACUUM", page_sizes[_i]);
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, sql));
    ck_assert_int_lt(file_bytes(), 16 * LIMIT_BYTES);
    options.max_file_bytes = 16 * LIMIT_BYTES;
    open_log();
    expect_file_limit(fill(100, "{\"text\":\"some more or less long text\"}", &ticks), 16 * LIMIT_BYTES);
    ck_assert_int_gt(ticks, 0);
    scratch_expect_sound(eventure_log_reader(log_));
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
    expect_ok(NULL, append("a.b", "{}"));
    eventure_status status = import(lines);
    expect_file_limit(status, LIMIT_BYTES);
    expect_part(eventure_log_message(log_), "in.jsonl:");
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 1);
    expect_ok(NULL, append("a.b", "{}"));
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
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), ticks * 10);
    scratch_expect_sound(eventure_log_reader(log_));
    close_log();
    ck_assert_int_le(file_bytes(), LIMIT_BYTES);
}
END_TEST

START_TEST(a_file_that_is_larger_already_is_used_as_it_is)
{
    int64_t ticks = 0;
    open_log();
    for (int i = 0; i < 9000; i++)
        expect_ok(NULL, append("a.b", "{}"));
    expect_ok(log_, eventure_log_advance_tick(log_));
    close_log();
    int64_t bytes = file_bytes();
    ck_assert_int_gt(bytes, LIMIT_BYTES);
    options.max_file_bytes = LIMIT_BYTES;
    open_log();
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 9000);
    expect_ok(NULL, append("a.b", "{}")); /* the existing pages have room */
    expect_ok(log_, eventure_log_advance_tick(log_));
    expect_file_limit(fill(1, "{\"text\":\"some more or less long text\"}", &ticks), LIMIT_BYTES);
    scratch_expect_sound(eventure_log_reader(log_));
    close_log();
    ck_assert_int_eq(file_bytes(), bytes);
    eventure_reader *reader = NULL;
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    eventure_reader_close(reader);
}
END_TEST

START_TEST(a_full_disk_is_not_reported_as_the_limit)
{
    int64_t ticks = 0;
    fault_vfs_install();
    options.max_file_bytes = LIMIT_BYTES;
    open_log();
    fault_vfs_set_room(300000); /* the write-ahead log fills the disk before the file reaches the limit */
    expect_status(EVENTURE_ERROR_IO, NULL, fill(10, "{\"text\":\"some more or less long text\"}", &ticks));
    ck_assert(fault_vfs_was_full());
    ck_assert_ptr_null(strstr(eventure_log_message(log_), "max_file_bytes"));
    fault_vfs_set_room(-1); /* the disk has room again, up to the limit */
    ck_assert_int_eq(eventure_log_tick(log_), ticks);
    expect_file_limit(fill(10, "{\"text\":\"some more or less long text\"}", &ticks), LIMIT_BYTES);
    close_log();
    fault_vfs_remove();
}
END_TEST

LOOP_TEST(a_file_without_room_for_a_store_is_not_made, 4)
{
    options.max_file_bytes = 4095 + _i * 4096;
    expect_status(EVENTURE_ERROR_LIMIT, NULL, eventure_log_open(SCRATCH_PATH, &options, &log_));
    expect_part(eventure_log_message(log_), "; the limit max_file_bytes is ");
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
        const char *range;
    } wrong[] = {{"max_type_bytes", 256, 0, 0, "256, not between 1 and 255"},
                 {"max_type_bytes", -1, 0, 0, "-1, not between 1 and 255"},
                 {"max_tick_events", 0, -1, 0, "-1, less than 0"},
                 {"max_file_bytes", 0, 0, -1, "-1, less than 0"}};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
    {
        char text[128];
        options.max_type_bytes = wrong[i].type_bytes;
        options.max_tick_events = wrong[i].tick_events;
        options.max_file_bytes = wrong[i].file_bytes;
        expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_log_open(SCRATCH_PATH, &options, &log_));
        snprintf(text, sizeof text, "open " SCRATCH_PATH ": option %s is %s", wrong[i].name, wrong[i].range);
        ck_assert_str_eq(eventure_log_message(log_), text);
        eventure_log_close(log_);
        log_ = NULL;
    }
}
END_TEST

START_TEST(options_of_an_older_program_set_no_new_limit)
{
    options.max_tick_events = 1; /* the member is beyond the size of the program's struct */
    options.size = offsetof(eventure_log_options, max_type_bytes);
    open_log();
    expect_ok(NULL, append("abc.def", "{}"));
    expect_ok(NULL, append("abc.def", "{}"));
}
END_TEST

/* In a damaged store the last seq can be the largest integer. */
START_TEST(a_last_seq_that_no_event_has_is_an_error)
{
    static const char *const seqs[] = {"4", "4611686018427387904", "9223372036854775805", "9223372036854775806",
                                       "9223372036854775807"};
    char sql[128];
    for (size_t i = 0; i < 2 * COUNT_OF(seqs); i++)
    {
        eventure_log_options how = EVENTURE_LOG_OPTIONS_INIT;
        eventure_log *log = scratch_new();
        scratch_append(log, "a.b", "{}", NULL);
        expect_ok(NULL, eventure_log_close(log));
        snprintf(sql, sizeof sql, "DROP TRIGGER tick_append_only_update; UPDATE tick SET last_seq = %s", seqs[i / 2]);
        ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, sql));
        how.background = i % 2 == 1;
        expect_status(EVENTURE_ERROR_CORRUPT, NULL, eventure_log_open(SCRATCH_PATH, &how, &log));
        expect_part(eventure_log_message(log), "scratch.db is damaged: ");
        eventure_log_close(log);
    }
}
END_TEST

/* The store also has an event with this seq, after a large gap. */
START_TEST(an_index_is_made_in_the_time_of_the_events_there_are)
{
    eventure_log *log = scratch_new();
    scratch_append(log, "a.b", "{\"k\":1}", NULL);
    scratch_append(log, "a.b", "{\"k\":1}", NULL);
    expect_ok(NULL, eventure_log_close(log));
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "DROP TRIGGER tick_append_only_update; DROP TRIGGER events_update; "
                                                 "UPDATE events SET seq = 4611686018427387903 WHERE seq = 2; "
                                                 "UPDATE tick SET last_seq = 4611686018427387903"));
    log = scratch_open(SCRATCH_PATH);
    expect_ok(log, eventure_data_index_add(log, "k", NULL, NULL));
    eventure_log_close(log);
    scratch_expect_answer("SELECT count(*) FROM data_value", "2");
}
END_TEST
