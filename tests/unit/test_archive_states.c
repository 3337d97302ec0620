/*
 * Archiving: states of reducers across the cut; and what cannot be archived, which changes nothing.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"
#include "session_world.h"

#define WHOLE WORLD_WHOLE
#define ARCHIVE WORLD_ARCHIVE

/* --- States --- */

/* Counts events, and adds their seqs up. */
typedef struct totals
{
    int64_t events;
    int64_t seqs;
} totals;

static int totals_reset(void *context)
{
    *(totals *)context = (totals){0, 0};
    return 0;
}

static int totals_apply(const eventure_event *event, void *context)
{
    totals *state = context;
    state->events++;
    state->seqs += event->seq;
    return 0;
}

static int totals_save(eventure_write_fn write, void *sink, void *context)
{
    return write(context, sizeof(totals), sink);
}

static int totals_load(const void *bytes, size_t len, void *context)
{
    if (len != sizeof(totals))
        return EVENTURE_ERROR_CORRUPT;
    memcpy(context, bytes, len);
    return 0;
}

static const eventure_reducer totals_reducer = {.size = sizeof(eventure_reducer),
                                                .name = "totals",
                                                .version = 1,
                                                .reset = totals_reset,
                                                .apply = totals_apply,
                                                .save = totals_save,
                                                .load = totals_load};

START_TEST(states_at_later_ticks_come_from_a_snapshot_at_the_cut)
{
    totals here = {0, 0};
    totals whole = {0, 0};
    eventure_log *log = world_whole(30);
    eventure_reader *reader = NULL;
    eventure_archive_options options = EVENTURE_ARCHIVE_OPTIONS_INIT;
    const eventure_reducer_state state = {sizeof(eventure_reducer_state), &totals_reducer, &here};
    options.states = &state;
    options.states_count = 1;
    ck_assert_int_eq(eventure_log_archive(log, ARCHIVE, 12, &options, NULL), EVENTURE_OK);
    ck_assert_int_eq(eventure_log_archive(log, ARCHIVE, 18, &options, NULL), EVENTURE_OK);
    ck_assert_int_eq(eventure_reader_open(WHOLE, &reader), EVENTURE_OK);
    for (int64_t tick = 17; tick <= 30; tick++)
    {
        ck_assert_int_eq(eventure_state_at(eventure_log_reader(log), &totals_reducer, tick, &here, NULL), EVENTURE_OK);
        ck_assert_int_eq(eventure_state_at(reader, &totals_reducer, tick, &whole, NULL), EVENTURE_OK);
        ck_assert_int_eq(here.events, whole.events);
        ck_assert_int_eq(here.seqs, whole.seqs);
    }
    ck_assert_int_eq(eventure_state_at(eventure_log_reader(log), &totals_reducer, 16, &here, NULL),
                     EVENTURE_ERROR_ARCHIVED);
    eventure_reader_close(reader);
    ck_assert_int_eq(eventure_reader_open(ARCHIVE, &reader), EVENTURE_OK);
    ck_assert_int_eq(eventure_state_at(reader, &totals_reducer, 16, &here, NULL), EVENTURE_OK);
    eventure_reader_close(reader);
    eventure_log_close(log);
}
END_TEST

START_TEST(without_a_snapshot_there_is_an_error_and_no_wrong_state)
{
    totals state = {0, 0};
    eventure_log *log = world_whole(30);
    world_archive(log, ARCHIVE, 12);
    eventure_reader *reader = eventure_log_reader(log);
    ck_assert_int_eq(eventure_state_at(reader, &totals_reducer, 20, &state, NULL), EVENTURE_ERROR_ARCHIVED);
    ck_assert_int_eq(eventure_replay(reader, &totals_reducer, 0, INT64_MAX, &state), EVENTURE_ERROR_ARCHIVED);
    ck_assert_int_eq(eventure_replay(reader, &totals_reducer, 11, INT64_MAX, &state), EVENTURE_ERROR_ARCHIVED);
    ck_assert_int_eq(eventure_replay(reader, &totals_reducer, 12, INT64_MAX, &state), EVENTURE_OK);
    eventure_log_close(log);
}
END_TEST

static int refuse_to_save(eventure_write_fn write, void *sink, void *context)
{
    (void)write;
    (void)sink;
    (void)context;
    return EVENTURE_ERROR_HANDLER;
}

START_TEST(a_state_that_cannot_be_saved_is_named)
{
    totals here = {0, 0};
    eventure_log *log = world_whole(30);
    eventure_archive_options options = EVENTURE_ARCHIVE_OPTIONS_INIT;
    eventure_reducer reducer = totals_reducer;
    const eventure_reducer_state state = {sizeof(eventure_reducer_state), &reducer, &here};
    reducer.save = refuse_to_save;
    options.states = &state;
    options.states_count = 1;
    ck_assert_int_eq(eventure_log_archive(log, ARCHIVE, 12, &options, NULL), EVENTURE_ERROR_HANDLER);
    ck_assert_str_eq(eventure_log_message(log),
                     "archive: the state of totals at tick 11 cannot be saved: EVENTURE_ERROR_HANDLER");
    ck_assert_int_eq(access(ARCHIVE, F_OK), -1);
    eventure_log_close(log);
}
END_TEST

START_TEST(a_reducer_does_not_lose_its_state_by_mistake)
{
    totals state = {0, 0};
    eventure_log *log = world_make(SCRATCH_PATH, 10);
    eventure_archive_options options = EVENTURE_ARCHIVE_OPTIONS_INIT;
    scratch_remove(ARCHIVE);
    ck_assert_int_eq(eventure_snapshot_take(log, &totals_reducer, &state), EVENTURE_OK);
    for (int i = 0; i < 10; i++)
    {
        scratch_append(log, "a.b", NULL, NULL);
        eventure_log_advance_tick(log);
    }
    ck_assert_int_eq(eventure_log_archive(log, ARCHIVE, 15, NULL, NULL), EVENTURE_ERROR_ARGUMENT);
    ck_assert_msg(strstr(eventure_log_message(log), "totals would lose its state") != NULL, "%s",
                  eventure_log_message(log));
    ck_assert_int_eq(access(ARCHIVE, F_OK), -1);
    ck_assert_int_eq(eventure_log_archive(log, ARCHIVE, 5, NULL, NULL), EVENTURE_OK); /* the snapshot is later */
    ck_assert_int_eq(eventure_state_at(eventure_log_reader(log), &totals_reducer, 12, &state, NULL), EVENTURE_OK);
    options.without_snapshots = true;
    ck_assert_int_eq(eventure_log_archive(log, ARCHIVE, 15, &options, NULL), EVENTURE_OK);
    ck_assert_int_eq(world_number(SCRATCH_PATH, "SELECT count(*) FROM snapshot"), 0);
    eventure_log_close(log);
}
END_TEST

/* --- What cannot be archived --- */

static void expect_refused(eventure_log *log, const char *path, int64_t before, eventure_status expected,
                           const char *text)
{
    eventure_archive_counts counts = {-1, -1};
    int64_t events = world_number(SCRATCH_PATH, "SELECT count(*) FROM events");
    eventure_status status = eventure_log_archive(log, path, before, NULL, &counts);
    ck_assert_msg(status == expected, "%s: %s", eventure_status_name(status), eventure_log_message(log));
    ck_assert_msg(strstr(eventure_log_message(log), text) != NULL, "%s", eventure_log_message(log));
    ck_assert_int_eq(counts.events, 0);
    ck_assert_int_eq(world_number(SCRATCH_PATH, "SELECT count(*) FROM events"), events);
}

START_TEST(ticks_and_places_are_checked)
{
    eventure_log *log = world_whole(10);
    expect_refused(log, ARCHIVE, 0, EVENTURE_ERROR_TICK, "there is nothing before tick 0");
    expect_refused(log, ARCHIVE, -5, EVENTURE_ERROR_TICK, "there is nothing before tick -5");
    expect_refused(log, ARCHIVE, 11, EVENTURE_ERROR_TICK, "tick 11 is in the future: the current tick");
    expect_refused(log, SCRATCH_PATH, 5, EVENTURE_ERROR_ARGUMENT, "scratch.db is the store itself");
    expect_refused(log, "", 5, EVENTURE_ERROR_ARGUMENT, "no path was given");
    expect_refused(log, NULL, 5, EVENTURE_ERROR_ARGUMENT, "no path was given");
    expect_refused(log, "no/such.db", 5, EVENTURE_ERROR_IO, "No such file or directory");
    expect_refused(log, ".", 5, EVENTURE_ERROR_IO, "is a directory");
    ck_assert_int_eq(world_files(ARCHIVE), 0);
    eventure_archive_options options = EVENTURE_ARCHIVE_OPTIONS_INIT;
    options.size = 0;
    ck_assert_int_eq(eventure_log_archive(log, ARCHIVE, 5, &options, NULL), EVENTURE_ERROR_ARGUMENT);
    ck_assert_int_eq(eventure_log_archive(NULL, ARCHIVE, 5, NULL, NULL), EVENTURE_ERROR_ARGUMENT);
    eventure_log_close(log);
}
END_TEST

START_TEST(only_an_archive_of_this_history_continues)
{
    eventure_log *log = world_whole(20);
    FILE *file = fopen("text.txt", "w");
    fputs("This is a text that is long enough to be looked at as if it were the header of a database file, it is.\n",
          file);
    fclose(file);
    expect_refused(log, "text.txt", 5, EVENTURE_ERROR_FORMAT, "not an Eventure store");
    eventure_log *other = world_make("other.db", 10);
    expect_refused(log, "other.db", 5, EVENTURE_ERROR_BUSY, "another log writes");
    eventure_log_close(other);
    expect_refused(log, "other.db", 5, EVENTURE_ERROR_EXISTS,
                   "other.db is not an archive of scratch.db: it is another");
    expect_refused(log, WHOLE, 5, EVENTURE_ERROR_EXISTS, "holds the ticks up to 19 already");
    world_archive(log, ARCHIVE, 5);
    ck_assert_int_eq(rename(ARCHIVE, "first.db"), 0);
    scratch_remove(ARCHIVE);
    world_archive(log, ARCHIVE, 10);
    expect_refused(log, "first.db", 15, EVENTURE_ERROR_EXISTS, "it ends before this store begins");
    /* A copy that went its own way. */
    other = scratch_open(WHOLE);
    scratch_append(other, "a.b", NULL, NULL);
    eventure_log_close(other);
    scratch_append(log, "c.d", NULL, NULL);
    for (int i = 0; i < 5; i++)
        eventure_log_advance_tick(log);
    expect_refused(log, WHOLE, 24, EVENTURE_ERROR_EXISTS, "it does not end as one of this store's ticks does");
    eventure_log_close(log);
}
END_TEST

static int stop(const eventure_progress *progress, void *context)
{
    (void)context;
    return progress->done > 0;
}

START_TEST(a_callback_stops_it_and_nothing_has_happened)
{
    eventure_archive_options options = EVENTURE_ARCHIVE_OPTIONS_INIT;
    options.progress = stop;
    for (int again = 0; again < 2; again++)
    {
        eventure_log *log = world_whole(20);
        if (again)
            world_archive(log, ARCHIVE, 5);
        int64_t events = world_number(SCRATCH_PATH, "SELECT count(*) FROM events");
        ck_assert_int_eq(eventure_log_archive(log, ARCHIVE, 15, &options, NULL), EVENTURE_ERROR_INTERRUPTED);
        ck_assert_int_eq(world_number(SCRATCH_PATH, "SELECT count(*) FROM events"), events);
        if (again)
            ck_assert_int_eq(world_number(ARCHIVE, "SELECT max(tick) FROM events"), 4);
        else
            ck_assert_int_eq(world_files(ARCHIVE), 0);
        world_archive(log, ARCHIVE, 15);
        eventure_log_close(log);
        world_verify(SCRATCH_PATH);
        world_verify(ARCHIVE);
    }
}
END_TEST

START_TEST(an_archive_that_was_written_before_a_crash_is_taken_as_it_is)
{
    eventure_log *log = world_whole(20);
    world_archive(log, ARCHIVE, 5);
    world_archive(log, ARCHIVE, 15);
    eventure_log_close(log);
    /* As if the deletion had never happened: the archive holds what the store holds, too. */
    scratch_remove(SCRATCH_PATH);
    ck_assert_int_eq(rename(WHOLE, SCRATCH_PATH), 0);
    log = scratch_open(SCRATCH_PATH);
    ck_assert_int_eq(eventure_store_copy(eventure_log_reader(log), WHOLE, NULL), EVENTURE_OK);
    expect_refused(log, ARCHIVE, 14, EVENTURE_ERROR_EXISTS, "archive before tick 15 at least");
    world_archive(log, ARCHIVE, 15);
    eventure_log_close(log);
    world_verify(SCRATCH_PATH);
    world_verify(ARCHIVE);
    int64_t last = world_number(ARCHIVE, "SELECT max(seq) FROM events");
    world_expect_same_lines(ARCHIVE, 0, last);
    world_expect_same_lines(SCRATCH_PATH, last, INT64_MAX);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("archive states");
    TCase *states = tcase_create("states");
    tcase_add_test(states, states_at_later_ticks_come_from_a_snapshot_at_the_cut);
    tcase_add_test(states, without_a_snapshot_there_is_an_error_and_no_wrong_state);
    tcase_add_test(states, a_state_that_cannot_be_saved_is_named);
    tcase_add_test(states, a_reducer_does_not_lose_its_state_by_mistake);
    suite_add_tcase(suite, states);
    TCase *refused = tcase_create("what cannot be archived");
    tcase_add_test(refused, ticks_and_places_are_checked);
    tcase_add_test(refused, only_an_archive_of_this_history_continues);
    tcase_add_test(refused, a_callback_stops_it_and_nothing_has_happened);
    tcase_add_test(refused, an_archive_that_was_written_before_a_crash_is_taken_as_it_is);
    suite_add_tcase(suite, refused);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
