/*
 * Archiving: states of reducers across the cut; and calls that fail without changing anything.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"
#include "session_world.h"
#include "testing.h"
#include "totals.h"

#define WHOLE WORLD_WHOLE
#define ARCHIVE WORLD_ARCHIVE

/* --- States --- */

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
    expect_ok(log, eventure_log_archive(log, ARCHIVE, 12, &options, NULL));
    expect_ok(log, eventure_log_archive(log, ARCHIVE, 18, &options, NULL));
    expect_ok(NULL, eventure_reader_open(WHOLE, &reader));
    for (int64_t tick = 17; tick <= 30; tick++)
    {
        expect_ok(eventure_log_reader(log),
                  eventure_replay_at(eventure_log_reader(log), &totals_reducer, &here, tick, NULL));
        expect_ok(reader, eventure_replay_at(reader, &totals_reducer, &whole, tick, NULL));
        ck_assert_int_eq(here.events, whole.events);
        ck_assert_int_eq(here.seqs, whole.seqs);
    }
    expect_status(EVENTURE_ERROR_ARCHIVED, eventure_log_reader(log),
                  eventure_replay_at(eventure_log_reader(log), &totals_reducer, &here, 16, NULL));
    eventure_reader_close(reader);
    expect_ok(NULL, eventure_reader_open(ARCHIVE, &reader));
    expect_ok(reader, eventure_replay_at(reader, &totals_reducer, &here, 16, NULL));
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
    expect_status(EVENTURE_ERROR_ARCHIVED, reader, eventure_replay_at(reader, &totals_reducer, &state, 20, NULL));
    expect_status(EVENTURE_ERROR_ARCHIVED, reader, eventure_replay_ticks(reader, &totals_reducer, &state, 0, 0));
    expect_status(EVENTURE_ERROR_ARCHIVED, reader, eventure_replay_ticks(reader, &totals_reducer, &state, 11, 0));
    expect_ok(reader, eventure_replay_ticks(reader, &totals_reducer, &state, 12, 0));
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
    expect_status(EVENTURE_ERROR_HANDLER, log, eventure_log_archive(log, ARCHIVE, 12, &options, NULL));
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
    expect_ok(log, eventure_snapshot_take(log, &totals_reducer, &state));
    for (int i = 0; i < 10; i++)
    {
        scratch_append(log, "a.b", NULL, NULL);
        eventure_log_advance_tick(log);
    }
    expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_log_archive(log, ARCHIVE, 15, NULL, NULL));
    expect_part(eventure_log_message(log), "totals would lose its state");
    ck_assert_int_eq(access(ARCHIVE, F_OK), -1);
    expect_ok(log, eventure_log_archive(log, ARCHIVE, 5, NULL, NULL)); /* the snapshot is later */
    expect_ok(eventure_log_reader(log),
              eventure_replay_at(eventure_log_reader(log), &totals_reducer, &state, 12, NULL));
    options.without_snapshots = true;
    expect_ok(log, eventure_log_archive(log, ARCHIVE, 15, &options, NULL));
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
    expect_part(eventure_log_message(log), text);
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
    expect_refused(log, "./" SCRATCH_PATH, 5, EVENTURE_ERROR_ARGUMENT, "./scratch.db is the store itself");
    expect_refused(log, SCRATCH_PATH "-wal", 5, EVENTURE_ERROR_ARGUMENT, "scratch.db-wal");
    expect_refused(log, "", 5, EVENTURE_ERROR_ARGUMENT, "no path was given");
    expect_refused(log, NULL, 5, EVENTURE_ERROR_ARGUMENT, "no path was given");
    expect_refused(log, "no/such.db", 5, EVENTURE_ERROR_IO, "No such file or directory");
    expect_refused(log, ".", 5, EVENTURE_ERROR_IO, "is a directory");
    ck_assert_int_eq(world_files(ARCHIVE), 0);
    eventure_archive_options options = EVENTURE_ARCHIVE_OPTIONS_INIT;
    options.size = 0;
    expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_log_archive(log, ARCHIVE, 5, &options, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_log_archive(NULL, ARCHIVE, 5, NULL, NULL));
    eventure_log_close(log);
}
END_TEST

START_TEST(the_place_is_checked_also_when_there_is_nothing_to_move)
{
    eventure_log *log = scratch_new();
    scratch_remove(ARCHIVE);
    expect_ok(log, eventure_log_advance_to(log, 5));
    expect_refused(log, SCRATCH_PATH, 5, EVENTURE_ERROR_ARGUMENT, "archive: scratch.db is the store itself");
    expect_refused(log, SCRATCH_PATH "-wal", 5, EVENTURE_ERROR_ARGUMENT, "scratch.db-wal");
    ck_assert_int_eq(world_archive(log, ARCHIVE, 5).events, 0);
    ck_assert_int_eq(world_files(ARCHIVE), 0);
    eventure_log_close(log);
}
END_TEST

START_TEST(only_an_archive_of_this_history_continues)
{
    eventure_log *log = world_whole(20);
    scratch_write("text.txt", "This is a text that is long enough to be looked at as if it were the header of a "
                              "database file, it is.\n");
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
    /* A copy whose history diverged. */
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
        expect_status(EVENTURE_ERROR_INTERRUPTED, log, eventure_log_archive(log, ARCHIVE, 15, &options, NULL));
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

static int keep_progress(const eventure_progress *progress, void *context)
{
    *(eventure_progress *)context = *progress;
    return 0;
}

START_TEST(progress_counts_the_events_that_move)
{
    eventure_archive_options options = EVENTURE_ARCHIVE_OPTIONS_INIT;
    eventure_progress last = {0};
    eventure_archive_counts counts;
    eventure_log *log = world_whole(20);
    options.progress = keep_progress;
    options.progress_context = &last;
    for (int64_t before = 5; before <= 15; before += 10) /* a new archive, and more of it */
    {
        expect_ok(log, eventure_log_archive(log, ARCHIVE, before, &options, &counts));
        ck_assert_int_eq(last.total, counts.events);
        ck_assert_int_eq(last.done, counts.events);
        ck_assert_int_eq(last.tick, before - 1);
    }
    eventure_log_close(log);
}
END_TEST

START_TEST(states_and_reducers_are_checked_first)
{
    totals here = {0, 0};
    eventure_log *log = world_whole(10);
    eventure_archive_options options = EVENTURE_ARCHIVE_OPTIONS_INIT;
    eventure_reducer reducer = totals_reducer;
    eventure_reducer_state state = {sizeof(eventure_reducer_state), &reducer, &here};
    const int64_t committed = world_number(SCRATCH_PATH, "SELECT count(*) FROM events");
    scratch_append(log, "a.b", NULL, NULL); /* a refused call neither commits nor undoes it */
    options.states_count = 2;
    expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_log_archive(log, ARCHIVE, 5, &options, NULL));
    ck_assert_str_eq(eventure_log_message(log), "archive: states is NULL, but states_count is 2");
    options.states = &state;
    options.states_count = 1;
    reducer.name = "a\nb";
    expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_log_archive(log, ARCHIVE, 5, &options, NULL));
    ck_assert_str_eq(eventure_log_message(log), "archive: the reducer a\\nb: its name holds a control character");
    for (int i = 0; i < 2; i++)
    {
        reducer = totals_reducer;
        if (i == 0)
            reducer.save = NULL;
        else
            reducer.load = NULL;
        expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_log_archive(log, ARCHIVE, 5, &options, NULL));
        ck_assert_str_eq(eventure_log_message(log),
                         i == 0 ? "archive of totals: save and load go together, and save is NULL"
                                : "archive of totals: save and load go together, and load is NULL");
    }
    reducer.save = NULL;
    expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_log_archive(log, ARCHIVE, 5, &options, NULL));
    ck_assert_str_eq(eventure_log_message(log), "archive of totals: save and load are NULL");
    reducer = totals_reducer;
    reducer.size = 0;
    expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_log_archive(log, ARCHIVE, 5, &options, NULL));
    reducer.size = sizeof reducer;
    state.size = 0;
    expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_log_archive(log, ARCHIVE, 5, &options, NULL));
    state.size = sizeof state;
    ck_assert_int_eq(world_files(ARCHIVE), 0);
    ck_assert_int_eq(world_number(SCRATCH_PATH, "SELECT count(*) FROM events"), committed);
    expect_ok(log, eventure_log_commit(log));
    ck_assert_int_eq(world_number(SCRATCH_PATH, "SELECT count(*) FROM events"), committed + 1);

    /* A reducer without a name, whose state is empty. */
    reducer.name = NULL;
    expect_ok(log, eventure_log_archive(log, ARCHIVE, 5, &options, NULL));
    ck_assert_int_eq(world_number(SCRATCH_PATH, "SELECT tick FROM snapshot WHERE name = 'reducer' AND version = 1 AND "
                                                "length(state) = 16"),
                     4);
    reducer.save = refuse_to_save;
    expect_status(EVENTURE_ERROR_HANDLER, log, eventure_log_archive(log, ARCHIVE, 7, &options, NULL));
    ck_assert_str_eq(eventure_log_message(log),
                     "archive: the state of reducer at tick 6 cannot be saved: EVENTURE_ERROR_HANDLER");
    eventure_log_close(log);
}
END_TEST

START_TEST(the_state_that_would_be_lost_is_named_with_its_tick)
{
    totals state = {0, 0};
    eventure_log *log = world_make(SCRATCH_PATH, 10);
    scratch_remove(ARCHIVE);
    expect_ok(log, eventure_snapshot_take(log, &totals_reducer, &state));
    scratch_append(log, "a.b", NULL, NULL);
    eventure_log_advance_tick(log);
    expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_log_archive(log, ARCHIVE, 11, NULL, NULL));
    ck_assert_str_eq(eventure_log_message(log),
                     "archive: totals would lose its state: it has snapshots, but none at tick 10 or later; have one "
                     "taken at the cut, or say that none is wanted");
    expect_ok(log, eventure_log_archive(log, ARCHIVE, 10, NULL, NULL)); /* it has one exactly there */
    eventure_log_close(log);
}
END_TEST

START_TEST(an_archive_that_was_written_before_a_crash_is_taken_as_it_is)
{
    eventure_log *log = world_whole(20);
    world_archive(log, ARCHIVE, 5);
    world_archive(log, ARCHIVE, 15);
    eventure_log_close(log);
    /* Restores the store before the deletion, so that the store and the archive contain the same events. */
    scratch_remove(SCRATCH_PATH);
    ck_assert_int_eq(rename(WHOLE, SCRATCH_PATH), 0);
    log = scratch_open(SCRATCH_PATH);
    expect_ok(eventure_log_reader(log), eventure_store_copy(eventure_log_reader(log), WHOLE, NULL));
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
