/*
 * Joining the archives of a history and what is left of it: the whole is as it was, and parts that do not fit are
 * refused.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "damage.h"
#include "scratch.h"
#include "testing.h"

#define WHOLE "whole.db"
#define FIRST "first.db"   /* the ticks before 3 */
#define SECOND "second.db" /* the ticks before 6 */
#define JOINED "joined.db"

/* Copies the store, which must not be open. */
static void copy_store(const char *from, const char *to)
{
    char command[200];
    snprintf(command, sizeof command, "cp %s %s", from, to);
    scratch_remove(to);
    scratch_run(command);
}

/* Ten ticks of two events; each first event is caused by that of the tick before. With save points in ticks 1, 4 and 8,
 * and a record of the run. The whole is kept, and the log is archived twice. */
static void make_parts_with(bool without_digests)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    char parent[64] = "";
    options.without_digests = without_digests;
    options.sync = EVENTURE_SYNC_OFF;
    scratch_remove(SCRATCH_PATH);
    scratch_remove(FIRST);
    scratch_remove(SECOND);
    scratch_remove(JOINED);
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log));
    expect_ok(log, eventure_log_describe(log, eventure_json("{\"seed\":7}")));
    for (int tick = 0; tick < 10; tick++)
    {
        expect_ok(log, eventure_log_advance_to(log, tick));
        strcpy(parent, scratch_append(log, "a.b", "{\"n\":1}", tick > 0 ? parent : NULL));
        scratch_append(log, "c.d", "{}", NULL);
        if (tick == 1 || tick == 4 || tick == 8)
            expect_ok(log, eventure_save_point_create(log, tick == 1 ? "one" : tick == 4 ? "four" : "eight", NULL));
    }
    expect_ok(log, eventure_log_advance_to(log, 12));
    expect_ok(NULL, eventure_log_close(log));
    copy_store(SCRATCH_PATH, WHOLE);
    log = scratch_open(SCRATCH_PATH);
    expect_ok(log, eventure_log_archive(log, FIRST, 3, NULL, NULL));
    expect_ok(log, eventure_log_archive(log, SECOND, 6, NULL, NULL));
    expect_ok(NULL, eventure_log_close(log));
}

static void make_parts(void)
{
    make_parts_with(false);
}

TEST_FIXTURE(make_parts, NULL);

/* Joins the stores at these paths (NULL: a reader that is not open). The message is valid until the next call. */
static eventure_status join(const char *const *paths, size_t count, const eventure_copy_options *options,
                            int64_t *out_events, char message[600])
{
    eventure_reader *readers[8] = {NULL};
    for (size_t i = 0; i < count; i++)
        if (paths[i] != NULL)
            expect_ok(NULL, eventure_reader_open(paths[i], &readers[i]));
    const eventure_status status = eventure_store_join(readers, count, JOINED, options, out_events);
    snprintf(message, 600, "%s", readers[0] != NULL ? eventure_reader_message(readers[0]) : "");
    for (size_t i = 0; i < count; i++)
        eventure_reader_close(readers[i]);
    return status;
}

static void expect_joined(const char *const *paths, size_t count)
{
    char message[600];
    int64_t events = 0;
    const eventure_status status = join(paths, count, NULL, &events, message);
    ck_assert_msg(status == EVENTURE_OK, "%s", message);
    ck_assert_int_eq(events, 20);
}

static void expect_refused(const char *const *paths, size_t count, eventure_status expected, const char *text)
{
    char message[600];
    int64_t events = 7;
    const eventure_status status = join(paths, count, NULL, &events, message);
    ck_assert_str_eq(message, text);
    ck_assert_int_eq(status, expected);
    ck_assert_int_eq(events, 0);
    ck_assert_int_ne(access(JOINED, F_OK), 0);
}

/* Asserts that a query has the same result in the joined store and in the whole one. */
static void expect_same(const char *sql)
{
    char *joined = scratch_ask(JOINED, sql);
    char *whole = scratch_ask(WHOLE, sql);
    ck_assert_ptr_nonnull(joined);
    ck_assert_ptr_nonnull(whole);
    ck_assert_str_eq(joined, whole);
    free(joined);
    free(whole);
}

static void expect_whole(void)
{
    expect_same("SELECT group_concat(seq || ' ' || id || ' ' || tick || ' ' || type || ' ' || timestamp || ' ' || "
                "coalesce(parent_seq, '-') || ' ' || data) FROM events");
    expect_same("SELECT group_concat(tick || ' ' || first_seq || ' ' || last_seq || ' ' || sealed || ' ' || "
                "coalesce(hex(run_digest) || hex(full_digest), '-')) FROM tick");
    expect_same(
        "SELECT group_concat(name || ' ' || tick || ' ' || seq || ' ' || created) FROM (SELECT * FROM save_point "
        "ORDER BY name)");
    expect_same("SELECT uuid || ' ' || created || ' ' || digests || ' ' || current_tick FROM store");
    expect_same("SELECT record FROM run");
    expect_same("SELECT count(*) FROM archive");
    ck_assert(damage_verify(JOINED, false).is_sound);
}

START_TEST(the_parts_become_the_whole_in_any_order)
{
    static const char *const orders[][3] = {
        {FIRST, SECOND, SCRATCH_PATH}, {SCRATCH_PATH, SECOND, FIRST}, {SECOND, SCRATCH_PATH, FIRST}};
    for (size_t i = 0; i < COUNT_OF(orders); i++)
    {
        scratch_remove(JOINED);
        expect_joined(orders[i], 3);
        expect_whole();
    }
}
END_TEST

START_TEST(parts_without_digests_are_joined)
{
    static const char *const parts[] = {SCRATCH_PATH, FIRST, SECOND};
    make_parts_with(true);
    expect_joined(parts, 3);
    expect_whole();
}
END_TEST

START_TEST(a_whole_history_is_one_part)
{
    static const char *const parts[] = {WHOLE};
    expect_joined(parts, 1);
    expect_whole();
}
END_TEST

START_TEST(a_part_that_is_missing_is_named)
{
    static const char *const no_first[] = {SCRATCH_PATH, SECOND};
    static const char *const no_second[] = {SCRATCH_PATH, FIRST};
    static const char *const twice[] = {FIRST, FIRST, SECOND, SCRATCH_PATH};
    expect_refused(no_first, 2, EVENTURE_ERROR_ARCHIVED,
                   "join: the events 1 to 6 are in none of the parts: second.db begins after them");
    expect_refused(no_second, 2, EVENTURE_ERROR_ARCHIVED,
                   "join: first.db ends with event 6, but scratch.db begins after event 12");
    expect_refused(twice, 4, EVENTURE_ERROR_ARCHIVED,
                   "join: first.db ends with event 6, but first.db begins after event 0");
}
END_TEST

START_TEST(parts_of_another_history_are_refused)
{
    static const char *const parts[] = {FIRST, SECOND, SCRATCH_PATH};
    ck_assert_int_eq(damage_store(SECOND, "UPDATE store SET uuid = '01234567-89ab-4def-8123-456789abcdef'"), 1);
    expect_refused(parts, 3, EVENTURE_ERROR_EXISTS, "join: first.db and second.db are not of one history");
}
END_TEST

START_TEST(digests_at_a_seam_must_agree)
{
    static const char *const parts[] = {FIRST, SECOND, SCRATCH_PATH};
    static const char *const columns[] = {"run_digest", "full_digest"};
    char sql[200];
    for (size_t i = 0; i < COUNT_OF(columns); i++)
    {
        make_parts();
        snprintf(sql, sizeof sql, "UPDATE archive SET %s = zeroblob(32) WHERE before_tick = 6", columns[i]);
        ck_assert_int_eq(damage_store(SCRATCH_PATH, sql), 1);
        expect_refused(parts, 3, EVENTURE_ERROR_CORRUPT,
                       "join: the digests at the end of second.db are not those that scratch.db begins with");
    }
    make_parts();
    ck_assert_int_eq(damage_store(SCRATCH_PATH, "UPDATE archive SET run_digest = x'00' WHERE before_tick = 6"), 1);
    expect_refused(parts, 3, EVENTURE_ERROR_CORRUPT,
                   "join: the digests at the end of second.db are not those that scratch.db begins with");
}
END_TEST

START_TEST(the_whole_is_verified)
{
    static const char *const parts[] = {FIRST, SECOND, SCRATCH_PATH};
    char message[600];
    int64_t events = 7;
    ck_assert_int_eq(damage_store(SECOND, "UPDATE events SET data = '{\"n\":2}' WHERE seq = 7"), 1);
    ck_assert_int_eq(join(parts, 3, NULL, &events, message), EVENTURE_ERROR_CORRUPT);
    ck_assert_msg(strncmp(message, "join: the parts are damaged: ", 29) == 0, "%s", message);
    ck_assert_int_eq(events, 0);
    ck_assert_int_ne(access(JOINED, F_OK), 0);
    scratch_run("test -z \"$(ls joined.db* 2>/dev/null)\"");
}
END_TEST

START_TEST(what_is_missing_in_a_call_is_an_error)
{
    static const char *const parts[] = {FIRST, NULL};
    static const char *const third[] = {FIRST, SECOND, NULL};
    int64_t events = 7;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_store_join(NULL, 1, JOINED, NULL, &events));
    ck_assert_str_eq(eventure_last_message(), "join: no parts were given");
    ck_assert_int_eq(events, 0);
    eventure_reader *none = NULL;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_store_join(&none, 1, JOINED, NULL, NULL));
    ck_assert_str_eq(eventure_last_message(), "join: part 1 is not open");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_store_join(&none, 0, JOINED, NULL, NULL));
    ck_assert_str_eq(eventure_last_message(), "join: no parts were given");
    expect_refused(parts, 2, EVENTURE_ERROR_ARGUMENT, "join: part 2 is not open");
    expect_refused(third, 3, EVENTURE_ERROR_ARGUMENT, "join: part 3 is not open");
}
END_TEST

START_TEST(a_file_that_is_there_is_replaced_on_request_only)
{
    static const char *const parts[] = {FIRST, SECOND, SCRATCH_PATH};
    char message[600];
    int64_t events = 0;
    eventure_copy_options options = EVENTURE_COPY_OPTIONS_INIT;
    scratch_write(JOINED, "x");
    ck_assert_int_eq(join(parts, 3, &options, &events, message), EVENTURE_ERROR_EXISTS);
    options.replace = true;
    ck_assert_int_eq(join(parts, 3, &options, &events, message), EVENTURE_OK);
    expect_whole();
}
END_TEST

static int stop(const eventure_progress *progress, void *context)
{
    *(int64_t *)context = progress->done;
    return 1;
}

START_TEST(joining_can_be_stopped)
{
    static const char *const parts[] = {FIRST, SECOND, SCRATCH_PATH};
    char message[600];
    int64_t events = 0;
    int64_t done = -1;
    eventure_copy_options options = EVENTURE_COPY_OPTIONS_INIT;
    options.progress = stop;
    options.progress_context = &done;
    ck_assert_int_eq(join(parts, 3, &options, &events, message), EVENTURE_ERROR_INTERRUPTED);
    ck_assert_int_ge(done, 0);
    ck_assert_int_ne(access(JOINED, F_OK), 0);
}
END_TEST

/* A reader that is in a read transaction stays in it; another one is not in one afterwards. */
START_TEST(the_readers_are_left_as_they_were)
{
    eventure_reader *readers[3] = {NULL};
    static const char *const parts[] = {FIRST, SECOND, SCRATCH_PATH};
    for (size_t i = 0; i < 3; i++)
        expect_ok(NULL, eventure_reader_open(parts[i], &readers[i]));
    expect_ok(readers[2], eventure_reader_begin(readers[2]));
    expect_ok(readers[0], eventure_store_join(readers, 3, JOINED, NULL, NULL));
    for (size_t i = 0; i < 2; i++)
    {
        expect_ok(readers[i], eventure_reader_begin(readers[i]));
        eventure_reader_end(readers[i]);
    }
    eventure_reader_end(readers[2]);
    for (size_t i = 0; i < 3; i++)
        eventure_reader_close(readers[i]);
    expect_whole();
}
END_TEST
