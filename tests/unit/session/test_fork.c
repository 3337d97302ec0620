/*
 * Forks and copies: the copied part is equal byte for byte, the new store can be continued, and a call that fails
 * leaves no file behind.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <eventure/transfer.h>

#include "damage.h"
#include "harness.h"
#include "scratch.h"
#include "session_world.h"
#include "testing.h"

#define NEW_PATH "forked.db"

static eventure_reader *open_reader(const char *path)
{
    eventure_reader *reader = NULL;
    expect_ok(reader, eventure_reader_open(path, &reader));
    return reader;
}

static int64_t last_seq_of(const char *path)
{
    int64_t seq = 0;
    eventure_reader *reader = open_reader(path);
    expect_ok(reader, eventure_reader_last_seq(reader, &seq));
    eventure_reader_close(reader);
    return seq;
}

static int64_t tick_of(const char *path)
{
    int64_t tick = 0;
    eventure_reader *reader = open_reader(path);
    expect_ok(reader, eventure_reader_tick(reader, &tick));
    eventure_reader_close(reader);
    return tick;
}

static void expect_same_events(const char *path, int64_t last_seq)
{
    char *one = world_lines(SCRATCH_PATH, 0, last_seq);
    char *two = world_lines(path, 0, INT64_MAX);
    ck_assert_str_eq(one, two);
    free(one);
    free(two);
}

static void fork_at(eventure_reader *reader, int64_t tick)
{
    scratch_remove(NEW_PATH);
    expect_ok(reader, eventure_store_fork_at_tick(reader, NEW_PATH, tick, NULL));
    ck_assert_str_eq(eventure_reader_message(reader), "");
    ck_assert_int_eq(world_files(NEW_PATH), 1); /* nothing beside it */
}

START_TEST(a_fork_holds_the_history_up_to_a_tick_as_it_was)
{
    eventure_log_close(world_make(SCRATCH_PATH, 40));
    eventure_reader *reader = open_reader(SCRATCH_PATH);
    for (int64_t tick = 0; tick <= 40; tick++)
    {
        char sql[256];
        fork_at(reader, tick);
        world_check(NEW_PATH);
        ck_assert_int_eq(tick_of(NEW_PATH), tick < 40 ? tick + 1 : 40);
        expect_same_events(NEW_PATH, last_seq_of(NEW_PATH));
        snprintf(sql, sizeof sql, "SELECT * FROM tick WHERE tick <= %lld", (long long)tick);
        world_expect_same(SCRATCH_PATH, NEW_PATH, sql);
        snprintf(sql, sizeof sql,
                 "SELECT seq, id, timestamp, type, parent_seq, parent_id FROM events WHERE tick <= %lld",
                 (long long)tick);
        world_expect_same(SCRATCH_PATH, NEW_PATH, sql);
        snprintf(sql, sizeof sql, "SELECT name, tick, seq, created FROM save_point WHERE tick <= %lld ORDER BY name",
                 (long long)tick);
        world_expect_same(SCRATCH_PATH, NEW_PATH, sql);
        snprintf(sql, sizeof sql,
                 "SELECT type, count(*) FROM events WHERE tick <= %lld GROUP BY type ORDER BY min(seq)",
                 (long long)tick);
        world_expect_same(SCRATCH_PATH, NEW_PATH, sql);
    }
    eventure_reader_close(reader);
}
END_TEST

/* Appends the rest of the history: the same events to both stores. */
static void play_on(const char *path, int64_t to_tick)
{
    eventure_log *log = scratch_open(path);
    while (eventure_log_tick(log) < to_tick)
    {
        char id[64];
        snprintf(id, sizeof id, "%s", scratch_append(log, "new.type", "{\"x\": 1}", NULL));
        scratch_append(log, "player.move", NULL, id);
        eventure_log_advance_tick(log);
    }
    expect_ok(NULL, eventure_log_close(log));
}

START_TEST(a_fork_continues_as_its_source_would_have)
{
    eventure_log_close(world_make(SCRATCH_PATH, 30));
    eventure_reader *reader = open_reader(SCRATCH_PATH);
    fork_at(reader, 29);
    play_on(NEW_PATH, 35);
    play_on(SCRATCH_PATH, 35);
    world_check(NEW_PATH);
    expect_same_events(NEW_PATH, INT64_MAX);
    world_expect_same(SCRATCH_PATH, NEW_PATH, "SELECT * FROM tick");
    eventure_reader_close(reader);
}
END_TEST

START_TEST(a_fork_at_a_save_point_is_at_its_tick_and_event)
{
    eventure_log_close(world_make(SCRATCH_PATH, 40));
    eventure_reader *reader = open_reader(SCRATCH_PATH);
    for (int64_t tick = 5; tick < 40; tick += 10)
    {
        char name[32];
        eventure_save_point *save = NULL;
        scratch_remove(NEW_PATH);
        snprintf(name, sizeof name, "save %lld", (long long)tick);
        expect_ok(reader, eventure_save_point_find(reader, name, &save));
        expect_ok(reader, eventure_store_fork_at_save_point(reader, NEW_PATH, name, NULL));
        ck_assert_int_eq(tick_of(NEW_PATH), tick);
        ck_assert_int_eq(last_seq_of(NEW_PATH), save->seq);
        expect_same_events(NEW_PATH, save->seq);
        world_check(NEW_PATH);
        /* The same events as in the source give the fork the same content and digests. */
        eventure_log *log = scratch_open(NEW_PATH);
        scratch_append(log, "player.move", "{\"after\": \"the save\"}", NULL);
        eventure_log_advance_tick(log);
        eventure_log_close(log);
        char sql[128];
        snprintf(sql, sizeof sql, "SELECT * FROM tick WHERE tick <= %lld", (long long)tick);
        world_expect_same(SCRATCH_PATH, NEW_PATH, sql);
        eventure_free(save);
    }
    eventure_reader_close(reader);
}
END_TEST

/* The events of the incomplete tick are appended one by one; the error of reading one is the reader's. */
START_TEST(a_damaged_event_in_the_incomplete_tick_of_a_fork_is_named)
{
    eventure_log *log = scratch_new();
    for (int i = 0; i < 3; i++)
        scratch_append(log, "a.b", "{}", NULL);
    expect_ok(log, eventure_save_point_create(log, "middle", NULL));
    expect_ok(log, eventure_log_advance_tick(log));
    expect_ok(NULL, eventure_log_close(log));
    damage_store(SCRATCH_PATH,
                 "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', '') "
                 "WHERE name = 'events'; PRAGMA writable_schema = RESET; "
                 "UPDATE events SET type = NULL WHERE seq = 2");
    eventure_reader *reader = open_reader(SCRATCH_PATH);
    scratch_remove(NEW_PATH);
    expect_status(EVENTURE_ERROR_CORRUPT, reader, eventure_store_fork_at_save_point(reader, NEW_PATH, "middle", NULL));
    expect_part(eventure_reader_message(reader), SCRATCH_PATH " is damaged: event 2 has no type");
    ck_assert_int_eq(world_files(NEW_PATH), 0);
    eventure_reader_close(reader);
}
END_TEST

START_TEST(a_fork_at_a_save_point_at_the_end_of_a_tick_is_in_that_tick)
{
    eventure_log *log = scratch_new();
    scratch_append(log, "a.b", NULL, NULL);
    eventure_save_point_create(log, "end of tick 0", NULL);
    eventure_log_advance_tick(log);
    eventure_save_point_create(log, "start of tick 1", NULL);
    scratch_append(log, "a.b", NULL, NULL);
    scratch_remove(NEW_PATH);
    expect_ok(eventure_log_reader(log),
              eventure_store_fork_at_save_point(eventure_log_reader(log), NEW_PATH, "end of tick 0", NULL));
    ck_assert_int_eq(tick_of(NEW_PATH), 0);
    ck_assert_int_eq(last_seq_of(NEW_PATH), 1);
    scratch_remove(NEW_PATH);
    expect_ok(eventure_log_reader(log),
              eventure_store_fork_at_save_point(eventure_log_reader(log), NEW_PATH, "start of tick 1", NULL));
    ck_assert_int_eq(tick_of(NEW_PATH), 1);
    ck_assert_int_eq(last_seq_of(NEW_PATH), 1);
    eventure_log_close(log);
}
END_TEST

START_TEST(a_fork_remembers_its_origin_and_that_of_its_source)
{
    eventure_origin first;
    eventure_origin second;
    eventure_log_close(world_make(SCRATCH_PATH, 12));
    eventure_reader *reader = open_reader(SCRATCH_PATH);
    fork_at(reader, 8);
    expect_ok(reader, eventure_store_origin(reader, &first));
    eventure_reader_close(reader);
    reader = open_reader(NEW_PATH);
    expect_ok(reader, eventure_store_origin(reader, &second));
    ck_assert_str_ne(first.uuid, second.uuid);
    ck_assert_str_eq(first.uuid, second.from_uuid);
    ck_assert_int_eq(second.from_tick, 9);
    ck_assert_int_eq(second.from_seq, last_seq_of(NEW_PATH));
    char *digest = scratch_ask(SCRATCH_PATH, "SELECT full_digest FROM ticks WHERE tick = 8");
    ck_assert_str_eq(second.full_digest, digest);
    free(digest);
    scratch_remove("third.db");
    expect_ok(reader, eventure_store_fork_at_tick(reader, "third.db", 3, NULL));
    eventure_reader_close(reader);
    char *all = scratch_ask("third.db", "SELECT group_concat(generation || ':' || tick, ' ') FROM origin");
    ck_assert_str_eq(all, "1:9 2:4");
    free(all);
}
END_TEST

START_TEST(a_fork_of_an_empty_store_is_empty)
{
    eventure_log *log = scratch_new();
    fork_at(eventure_log_reader(log), 0);
    ck_assert_int_eq(last_seq_of(NEW_PATH), 0);
    ck_assert_int_eq(tick_of(NEW_PATH), 0);
    world_check(NEW_PATH);
    eventure_log_close(log);
}
END_TEST

START_TEST(a_store_without_digests_has_forks_without_digests)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    scratch_remove(SCRATCH_PATH);
    options.without_digests = true;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log));
    scratch_append(log, "a.b", NULL, NULL);
    eventure_log_advance_tick(log);
    fork_at(eventure_log_reader(log), 0);
    eventure_log_close(log);
    char *digests = scratch_ask(NEW_PATH, "SELECT digests || (SELECT count(run_digest) FROM tick) FROM store");
    ck_assert_str_eq(digests, "none0");
    free(digests);
}
END_TEST

START_TEST(what_a_log_has_not_committed_is_neither_copied_nor_forked)
{
    eventure_log *log = world_make(SCRATCH_PATH, 3);
    int64_t committed = last_seq_of(SCRATCH_PATH);
    scratch_append(log, "a.b", NULL, NULL);
    fork_at(eventure_log_reader(log), 3);
    ck_assert_int_eq(last_seq_of(NEW_PATH), committed);
    scratch_remove(NEW_PATH);
    expect_ok(eventure_log_reader(log), eventure_store_copy(eventure_log_reader(log), NEW_PATH, NULL));
    ck_assert_int_eq(last_seq_of(NEW_PATH), committed);
    eventure_log_close(log);
}
END_TEST

START_TEST(a_reader_that_holds_a_commit_is_forked_and_copied_at_that_commit)
{
    eventure_log *log = world_make(SCRATCH_PATH, 3);
    eventure_reader *reader = open_reader(SCRATCH_PATH);
    int64_t held = last_seq_of(SCRATCH_PATH);
    expect_ok(reader, eventure_reader_begin(reader));
    scratch_append(log, "a.b", NULL, NULL);
    eventure_log_advance_tick(log);
    scratch_remove(NEW_PATH);
    expect_ok(reader, eventure_store_copy(reader, NEW_PATH, NULL));
    ck_assert_int_eq(last_seq_of(NEW_PATH), held);
    scratch_remove(NEW_PATH);
    expect_ok(reader, eventure_store_fork_at_tick(reader, NEW_PATH, 3, NULL));
    ck_assert_int_eq(last_seq_of(NEW_PATH), held);
    expect_status(EVENTURE_ERROR_EXISTS, reader, eventure_store_fork_at_tick(reader, NEW_PATH, 4, NULL));
    eventure_reader_close(reader);
    eventure_log_close(log);
}
END_TEST

START_TEST(a_copy_is_the_same_history)
{
    eventure_log *log = world_make(SCRATCH_PATH, 25);
    scratch_remove(NEW_PATH);
    expect_ok(eventure_log_reader(log), eventure_store_copy(eventure_log_reader(log), NEW_PATH, NULL));
    ck_assert_int_eq(world_files(NEW_PATH), 1);
    static const char *const tables[] = {"store", "events", "tick", "archived_events", "save_point", "sqlite_schema"};
    for (size_t i = 0; i < COUNT_OF(tables); i++)
    {
        char sql[64];
        snprintf(sql, sizeof sql, "SELECT * FROM %s", tables[i]);
        world_expect_same(SCRATCH_PATH, NEW_PATH, sql);
    }
    world_check(NEW_PATH);
    eventure_log_close(log);
    log = scratch_open(NEW_PATH); /* and it continues */
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST

/* Writes ticks of three events in another process until it is killed. */
static pid_t write_elsewhere(void)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    eventure_log *log = NULL;
    if (eventure_log_open(SCRATCH_PATH, NULL, &log) != EVENTURE_OK)
        _exit(1);
    for (;;)
    {
        for (int i = 0; i < 3; i++)
            eventure_log_append(log, "a.b", eventure_no_data(), NULL, NULL);
        if (eventure_log_advance_tick(log) != EVENTURE_OK)
            _exit(1);
        usleep(2000); /* so that the store does not grow faster than a slow machine copies it */
    }
}

START_TEST(copies_and_forks_of_a_store_that_is_being_written_hold_whole_ticks)
{
    eventure_log_close(world_make(SCRATCH_PATH, 10));
    int64_t begin = last_seq_of(SCRATCH_PATH);
    pid_t child = write_elsewhere();
    eventure_reader *reader = open_reader(SCRATCH_PATH);
    int64_t newest = begin;
    for (int i = 0; i < 20; i++)
    {
        int64_t tick = 0;
        eventure_status status = EVENTURE_OK;
        scratch_remove(NEW_PATH);
        if (i % 2 == 0)
            status = eventure_store_copy(reader, NEW_PATH, NULL);
        else
        {
            expect_ok(reader, eventure_reader_tick(reader, &tick));
            status = eventure_store_fork_at_tick(reader, NEW_PATH, tick, NULL);
        }
        expect_ok(reader, status);
        world_check(NEW_PATH);
        int64_t last = last_seq_of(NEW_PATH);
        ck_assert_int_eq((last - begin) % 3, 0);
        ck_assert_int_eq((last - begin) / 3, tick_of(NEW_PATH) - 10);
        ck_assert_int_ge(last, newest);
        newest = last;
        usleep(10000);
    }
    ck_assert_int_gt(newest, begin); /* the store was written meanwhile */
    ck_assert_int_eq(kill(child, SIGKILL), 0);
    waitpid(child, NULL, 0);
    eventure_reader_close(reader);
}
END_TEST

/* --- Calls that fail --- */

static void expect_fails(eventure_status status, eventure_status expected, eventure_reader *reader, const char *text)
{
    ck_assert_msg(status == expected, "%s: %s", eventure_status_name(status), eventure_reader_message(reader));
    expect_part(eventure_reader_message(reader), text);
}

START_TEST(a_file_that_exists_is_not_touched)
{
    eventure_log *log = world_make(SCRATCH_PATH, 3);
    eventure_reader *reader = eventure_log_reader(log);
    scratch_remove(NEW_PATH);
    scratch_write(NEW_PATH, "precious");
    expect_fails(eventure_store_copy(reader, NEW_PATH, NULL), EVENTURE_ERROR_EXISTS, reader,
                 "copy: the file forked.db exists");
    expect_fails(eventure_store_fork_at_tick(reader, NEW_PATH, 1, NULL), EVENTURE_ERROR_EXISTS, reader,
                 "fork: the file forked.db exists");
    long len = 0;
    unsigned char *text = harness_load(NEW_PATH, &len);
    ck_assert_int_eq(len, 8);
    ck_assert_int_eq(memcmp(text, "precious", 8), 0);
    free(text);
    ck_assert_int_eq(world_files(NEW_PATH), 1);
    eventure_copy_options options = EVENTURE_COPY_OPTIONS_INIT;
    options.replace = true;
    expect_ok(reader, eventure_store_copy(reader, NEW_PATH, &options));
    expect_same_events(NEW_PATH, INT64_MAX);
    expect_ok(reader, eventure_store_fork_at_tick(reader, NEW_PATH, 1, &options));
    ck_assert_int_eq(tick_of(NEW_PATH), 2);
    eventure_log_close(log);
}
END_TEST

START_TEST(a_store_that_is_open_is_not_replaced)
{
    eventure_log *log = world_make(SCRATCH_PATH, 3);
    eventure_reader *reader = eventure_log_reader(log);
    eventure_copy_options options = EVENTURE_COPY_OPTIONS_INIT;
    options.replace = true;
    eventure_log *other = world_make(NEW_PATH, 5);
    expect_fails(eventure_store_copy(reader, NEW_PATH, &options), EVENTURE_ERROR_BUSY, reader, "another log writes");
    eventure_reader *looking = open_reader(NEW_PATH);
    eventure_log_close(other);
    int64_t seq = 0;
    expect_ok(looking, eventure_reader_last_seq(looking, &seq));
    expect_fails(eventure_store_copy(reader, NEW_PATH, &options), EVENTURE_ERROR_BUSY, reader,
                 "copy: cannot replace forked.db: another connection has it open");
    eventure_reader_close(looking);
    ck_assert_int_eq(tick_of(NEW_PATH), 5);
    expect_ok(reader, eventure_store_copy(reader, NEW_PATH, &options));
    ck_assert_int_eq(tick_of(NEW_PATH), 3);
    eventure_log_close(log);
}
END_TEST

START_TEST(names_that_sqlite_knows_are_names_of_files_here)
{
    static const char *const names[] = {":memory:", "file:forked.db", "file:x?mode=memory", "file:%41.db", "a#b\n.db"};
    eventure_log *log = world_make(SCRATCH_PATH, 5);
    eventure_reader *reader = eventure_log_reader(log);
    eventure_copy_options options = EVENTURE_COPY_OPTIONS_INIT;
    eventure_extract_options extract = EVENTURE_EXTRACT_OPTIONS_INIT;
    scratch_remove(NEW_PATH);
    options.replace = true;
    extract.replace = true;
    for (size_t i = 0; i < COUNT_OF(names); i++)
    {
        char plain[64]; /* for stock SQLite */
        snprintf(plain, sizeof plain, "./%s", names[i]);
        scratch_remove(names[i]);
        expect_ok(reader, eventure_store_copy(reader, names[i], NULL));
        world_check(plain);
        expect_ok(reader, eventure_store_fork_at_tick(reader, names[i], 2, &options));
        world_check(plain);
        expect_ok(reader, eventure_store_extract(reader, names[i], &extract, NULL));
        world_check(plain);
        ck_assert_int_eq(world_files(names[i]), 1);
        ck_assert_int_eq(world_files(NEW_PATH), 0);
        scratch_remove(names[i]);
    }
    ck_assert_int_eq(access("x", F_OK), -1);
    ck_assert_int_eq(access("A.db", F_OK), -1);
    eventure_log_close(log);
}
END_TEST

START_TEST(places_where_nothing_can_be_made_are_refused)
{
    eventure_log *log = world_make(SCRATCH_PATH, 3);
    eventure_reader *reader = eventure_log_reader(log);
    eventure_copy_options options = EVENTURE_COPY_OPTIONS_INIT;
    options.replace = true;
    expect_fails(eventure_store_copy(reader, SCRATCH_PATH, &options), EVENTURE_ERROR_ARGUMENT, reader,
                 "copy: scratch.db is the store itself");
    expect_fails(eventure_store_fork_at_tick(reader, "./scratch.db", 1, NULL), EVENTURE_ERROR_ARGUMENT, reader,
                 "fork: ./scratch.db is the store itself");
    expect_fails(eventure_store_copy(reader, ".", &options), EVENTURE_ERROR_ARGUMENT, reader, "copy: . is a directory");
    expect_fails(eventure_store_copy(reader, "/dev/null", &options), EVENTURE_ERROR_ARGUMENT, reader,
                 "is not a regular file");
    expect_fails(eventure_store_copy(reader, "no/such/file.db", NULL), EVENTURE_ERROR_IO, reader,
                 "No such file or directory");
    expect_fails(eventure_store_copy(reader, "", NULL), EVENTURE_ERROR_ARGUMENT, reader, "no path was given");
    expect_fails(eventure_store_copy(reader, NULL, NULL), EVENTURE_ERROR_ARGUMENT, reader, "no path was given");
    scratch_remove(NEW_PATH);
    /* The header of a log whose content has not reached the disk. */
    harness_store(NEW_PATH "-wal", (const unsigned char[32]){0}, 32);
    expect_fails(eventure_store_copy(reader, NEW_PATH, NULL), EVENTURE_ERROR_EXISTS, reader,
                 "forked.db does not exist, but forked.db-wal does");
    unlink(NEW_PATH "-wal");
    options.size = 0;
    expect_fails(eventure_store_copy(reader, NEW_PATH, &options), EVENTURE_ERROR_ARGUMENT, reader,
                 "eventure_copy_options was not initialised");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_store_copy(NULL, NEW_PATH, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, reader, eventure_store_fork_at_save_point(reader, NEW_PATH, NULL, NULL));
    ck_assert_int_eq(world_files(NEW_PATH), 0);
    scratch_write(NEW_PATH "-wal", ""); /* as readers leave behind */
    expect_ok(reader, eventure_store_copy(reader, NEW_PATH, NULL));
    eventure_log_close(log);
}
END_TEST

START_TEST(ticks_and_save_points_that_are_not_there_are_refused)
{
    eventure_log *log = world_make(SCRATCH_PATH, 3);
    eventure_reader *reader = eventure_log_reader(log);
    scratch_remove(NEW_PATH);
    expect_fails(eventure_store_fork_at_tick(reader, NEW_PATH, 4, NULL), EVENTURE_ERROR_TICK, reader,
                 "fork: tick 4 is in the future: the current tick of scratch.db is 3");
    expect_fails(eventure_store_fork_at_tick(reader, NEW_PATH, -1, NULL), EVENTURE_ERROR_TICK, reader,
                 "fork: tick -1 is negative");
    expect_fails(eventure_store_fork_at_save_point(reader, NEW_PATH, "x", NULL), EVENTURE_ERROR_NOT_FOUND, reader,
                 "there is no save point x");
    expect_fails(eventure_store_fork_at_save_point(reader, NEW_PATH, "", NULL), EVENTURE_ERROR_ARGUMENT, reader,
                 "has no name");
    ck_assert_int_eq(world_files(NEW_PATH), 0);
    eventure_log_close(log);
}
END_TEST

static int stop(const eventure_progress *progress, void *context)
{
    ++*(int *)context;
    return progress->done >= 0;
}

START_TEST(a_callback_stops_it_and_nothing_is_left)
{
    eventure_log *log = world_make(SCRATCH_PATH, 3);
    eventure_reader *reader = eventure_log_reader(log);
    eventure_copy_options options = EVENTURE_COPY_OPTIONS_INIT;
    int calls = 0;
    scratch_remove(NEW_PATH);
    options.progress = stop;
    options.progress_context = &calls;
    expect_fails(eventure_store_fork_at_tick(reader, NEW_PATH, 2, &options), EVENTURE_ERROR_INTERRUPTED, reader,
                 "fork: stopped by the progress callback");
    ck_assert_int_eq(calls, 1);
    ck_assert_int_eq(world_files(NEW_PATH), 0);
    eventure_log_close(log);
}
END_TEST
