/*
 * The background writer: the store has the same content as without it; a tick is durable when the log reports it as
 * durable; a full queue waits or refuses; the next call returns an error of the writer, and nothing durable is lost.
 */
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scratch.h"
#include "store/store.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

#define OTHER_PATH "other.db"

static eventure_log *log_;

static eventure_status open_with(const char *path, eventure_log_options options, eventure_log **out)
{
    options.background = true;
    options.sync = EVENTURE_SYNC_OFF;
    options.clock = scratch_clock;
    return eventure_log_open(path, &options, out);
}

static void open_log(eventure_log_options options)
{
    expect_ok(NULL, open_with(SCRATCH_PATH, options, &log_));
}

static void set_up(void)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    scratch_remove(SCRATCH_PATH);
    open_log(options);
}

static void tear_down(void)
{
    scratch_close(log_);
}

static void advance(void)
{
    expect_ok(log_, eventure_log_advance_tick(log_));
}

/* Opens another connection that has SQLite's write lock, so that the writer must wait or fails. */
static sqlite3 *hold_the_file(void)
{
    sqlite3 *db = NULL;
    ck_assert_int_eq(sqlite3_open(SCRATCH_PATH, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    ck_assert_int_eq(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    return db;
}

static void let_the_file_go(sqlite3 *db)
{
    ck_assert_int_eq(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* Writes a history of many types, parents, sizes and empty ticks, which is the same for every log. `flushes`: flushes
 * after each tick.
 */
static void write_history(eventure_log *log, int ticks, bool flushes)
{
    char type[32];
    char *data = malloc(70000);
    eventure_event last = {0};
    char last_id[64] = "";
    ck_assert_ptr_nonnull(data);
    for (int tick = 0; tick < ticks; tick++)
    {
        int count = tick % 7 == 3 ? 0 : tick % 5 * 13 + 1;
        for (int i = 0; i < count; i++)
        {
            int pad = i % 11 == 0 ? 66000 : i * 3 % 50;
            snprintf(type, sizeof type, "t%d.move", (tick * 3 + i) % 40);
            int len = snprintf(data, 70000, "{\"i\":%d,\"pad\":\"%*s\"}", i, pad, "");
            const eventure_event parent = {.seq = last.seq, .id = last_id};
            expect_ok(log, eventure_log_append(log, type, eventure_json_n(data, (size_t)len),
                                               i % 3 != 0 && last.seq > 0 ? &parent : NULL, &last));
            strcpy(last_id, last.id);
        }
        expect_ok(log, eventure_log_advance_to(log, tick % 10 == 9 ? tick + 1 : eventure_log_tick(log) + 1));
        if (flushes) /* an empty queue restarts at its beginning */
            expect_ok(log, eventure_log_flush(log));
    }
    free(data);
}

/* The thread needs the connection, which the reader of the log shares. */
START_TEST(an_open_query_does_not_keep_the_connection)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    eventure_event event;
    scratch_append(log_, "a.b", NULL, scratch_append(log_, "a.b", NULL, NULL));
    advance();
    filter.children_of = "0-EBFC-1";
    expect_ok(eventure_log_reader(log_), eventure_query(eventure_log_reader(log_), &filter, &cursor));
    scratch_append(log_, "a.b", NULL, NULL);
    advance();
    expect_ok(log_, eventure_log_wait_durable(log_, 1, 60000));
    expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
    ck_assert_int_eq(event.seq, 2);
    eventure_cursor_free(cursor);
}
END_TEST

LOOP_TEST(the_file_is_the_same_as_without_a_thread, 2)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *direct = NULL;
    eventure_reader *reader = NULL;
    eventure_digests digests[2];
    options.clock = scratch_clock;
    scratch_remove(OTHER_PATH);
    expect_ok(NULL, eventure_log_open(OTHER_PATH, &options, &direct));
    write_history(direct, 60, false);
    write_history(log_, 60, _i == 1);
    ck_assert_int_eq(eventure_log_tick(log_), eventure_log_tick(direct));
    expect_ok(NULL, eventure_log_close(direct));
    expect_ok(log_, eventure_log_flush(log_));
    static const char *const paths[] = {OTHER_PATH, SCRATCH_PATH};
    for (int i = 0; i < 2; i++)
    {
        expect_ok(NULL, eventure_reader_open(paths[i], &reader));
        expect_ok(reader, eventure_store_digest(reader, EVENTURE_TICK_NEWEST, &digests[i]));
        scratch_expect_sound(reader);
        eventure_reader_close(reader);
    }
    ck_assert_str_eq(digests[0].full, digests[1].full);
    scratch_remove(OTHER_PATH);
}
END_TEST

START_TEST(a_question_on_the_log_sees_what_was_appended_before_it)
{
    for (int i = 1; i <= 200; i++)
    {
        int64_t seq = 0;
        scratch_append(log_, "a.b", "{\"n\":1}", NULL);
        expect_ok(eventure_log_reader(log_), eventure_reader_last_seq(eventure_log_reader(log_), &seq));
        ck_assert_int_eq(seq, i);
        if (i % 17 == 0)
            advance();
    }
    scratch_expect_answer("SELECT max(seq) FROM events", "187"); /* the file has complete ticks only */
}
END_TEST

START_TEST(what_a_cursor_was_asked_for_stays_while_more_is_appended)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    eventure_event event;
    for (int i = 0; i < 500; i++)
        scratch_append(log_, i % 2 == 0 ? "a.b" : "b.c", "{\"n\":1}", NULL);
    advance();
    expect_ok(eventure_log_reader(log_), eventure_query(eventure_log_reader(log_), &filter, &cursor));
    for (int i = 1; i <= 500; i++)
    {
        expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
        ck_assert_int_eq(event.seq, i);
        scratch_append(log_, "c.d", NULL, NULL);
        if (i % 20 == 0)
            advance();
    }
    expect_status(EVENTURE_DONE, NULL, eventure_cursor_next(cursor, &event));
    eventure_cursor_free(cursor);
}
END_TEST

START_TEST(flush_waits_until_every_complete_tick_is_committed)
{
    for (int tick = 0; tick < 50; tick++)
    {
        for (int i = 0; i < 40; i++)
            scratch_append(log_, "a.b", NULL, NULL);
        advance();
    }
    scratch_append(log_, "of.the.current.tick", NULL, NULL);
    expect_ok(log_, eventure_log_flush(log_));
    ck_assert_int_eq(eventure_log_durable_tick(log_), 50);
    scratch_expect_answer("SELECT count(*) || ' ' || max(tick) FROM events", "2000 49");
}
END_TEST

START_TEST(waiting_for_a_tick_returns_when_it_is_committed)
{
    for (int tick = 1; tick <= 20; tick++)
    {
        char expected[16];
        scratch_append(log_, "a.b", NULL, NULL);
        advance();
        scratch_append(log_, "a.c", NULL, NULL); /* in the tick that continues */
        expect_ok(log_, eventure_log_wait_durable(log_, tick, -1));
        ck_assert_int_ge(eventure_log_durable_tick(log_), tick);
        snprintf(expected, sizeof expected, "%d", tick - 1);
        scratch_expect_answer("SELECT max(tick) FROM events", expected);
    }
    expect_ok(log_, eventure_log_wait_durable(log_, 0, 0));
    expect_status(EVENTURE_ERROR_TICK, log_, eventure_log_wait_durable(log_, 21, 0));
    expect_part(eventure_log_message(log_), "21");
}
END_TEST

/* Both when the thread polls for more events, as it does while ticks are appended, and when it sleeps. */
START_TEST(a_tick_becomes_durable_without_another_call)
{
    static const useconds_t pauses[] = {0, 3000, 0, 200000, 0, 10000};
    for (int tick = 1; tick <= 6; tick++)
    {
        usleep(pauses[tick - 1]);
        scratch_append(log_, "a.b", NULL, NULL);
        advance();
        for (int i = 0; i < 10000 && eventure_log_durable_tick(log_) < tick; i++)
            usleep(1000);
        ck_assert_int_eq(eventure_log_durable_tick(log_), tick);
    }
}
END_TEST

START_TEST(waiting_for_a_tick_ends_when_the_time_is_over)
{
    sqlite3 *db = hold_the_file();
    scratch_append(log_, "a.b", NULL, NULL);
    advance();
    expect_status(EVENTURE_ERROR_BUSY, log_, eventure_log_wait_durable(log_, 1, 0));
    expect_status(EVENTURE_ERROR_BUSY, log_, eventure_log_wait_durable(log_, 1, 20));
    expect_part(eventure_log_message(log_), "tick 0 after 20 ms");
    ck_assert_int_eq(eventure_log_durable_tick(log_), 0);
    let_the_file_go(db);
    expect_ok(log_, eventure_log_wait_durable(log_, 1, -1));
}
END_TEST

START_TEST(a_full_queue_refuses_and_nothing_is_appended)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    int appended = 0;
    expect_ok(NULL, eventure_log_close(log_));
    options.queue_bytes = 65536;
    options.when_full = EVENTURE_QUEUE_FULL_FAIL;
    options.busy_timeout_ms = 60000;
    open_log(options);
    sqlite3 *db = hold_the_file();
    eventure_status status = EVENTURE_OK;
    while (appended < 100000)
    {
        status = eventure_log_append(log_, "a.b", eventure_json("{\"text\":\"some text\"}"), NULL, NULL);
        if (status != EVENTURE_OK)
            break;
        appended++;
    }
    expect_status(EVENTURE_ERROR_BUSY, NULL, status);
    expect_part(eventure_log_message(log_), "append a.b at tick 0: the queue");
    expect_part(eventure_log_message(log_), "queue_bytes is 65536");
    ck_assert_int_gt(appended, 100);
    ck_assert_int_lt(appended, 65536 / 20);
    int64_t ticks = 0; /* smaller events need fewer pages */
    while (eventure_log_advance_tick(log_) == EVENTURE_OK && ticks < 10000)
        ticks++;
    expect_part(eventure_log_message(log_), "advance to tick");
    expect_part(eventure_log_message(log_), "queue_bytes is 65536");
    ck_assert_int_eq(eventure_log_tick(log_), ticks);
    let_the_file_go(db);
    expect_ok(log_, eventure_log_flush(log_));
    scratch_append(log_, "c.d", NULL, NULL);
    advance();
    expect_ok(log_, eventure_log_flush(log_));
    char expected[48];
    snprintf(expected, sizeof expected, "%d %d", appended + 1, appended + 1);
    scratch_expect_answer("SELECT count(*) || ' ' || max(seq) FROM events", expected);
}
END_TEST

static void *let_go_later(void *context)
{
    sqlite3_sleep(100);
    let_the_file_go(context);
    return NULL;
}

START_TEST(a_full_queue_blocks_until_there_is_room)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    pthread_t thread;
    expect_ok(NULL, eventure_log_close(log_));
    options.queue_bytes = 65536;
    options.busy_timeout_ms = 60000;
    open_log(options);
    sqlite3 *db = hold_the_file();
    ck_assert_int_eq(pthread_create(&thread, NULL, let_go_later, db), 0);
    for (int i = 0; i < 3000; i++)
    {
        scratch_append(log_, "a.b", "{\"text\":\"some text\"}", NULL);
        if (i % 100 == 99)
            advance();
    }
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    expect_ok(log_, eventure_log_flush(log_));
    scratch_expect_answer("SELECT count(*) || ' ' || max(tick) FROM events", "3000 29");
}
END_TEST

START_TEST(data_longer_than_the_queue_is_written_too)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    size_t len = 300000;
    char *text = malloc(len + 1);
    ck_assert_ptr_nonnull(text);
    expect_ok(NULL, eventure_log_close(log_));
    options.queue_bytes = 65536;
    open_log(options);
    memset(text, 'x', len);
    text[len] = '\0';
    for (int i = 0; i < 5; i++)
    {
        expect_ok(log_, eventure_log_append(log_, "long", EVENTURE_DATA(eventure_string("text", text)), NULL, NULL));
        scratch_append(log_, "short", NULL, NULL);
    }
    advance();
    expect_ok(log_, eventure_log_flush(log_));
    scratch_expect_answer("SELECT count(*) || ' ' || sum(length(data ->> 'text')) FROM events", "10 1500000");
    free(text);
}
END_TEST

static eventure_status fill_until_an_error(void)
{
    eventure_status status = EVENTURE_OK;
    for (int i = 0; i < 1000 && status == EVENTURE_OK; i++)
    {
        status = eventure_log_append(log_, "lost", eventure_no_data(), NULL, NULL);
        if (status == EVENTURE_OK)
            status = eventure_log_advance_tick(log_);
        sqlite3_sleep(1);
    }
    return status;
}

START_TEST(the_next_call_returns_an_error_of_the_writer_and_nothing_durable_is_lost)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    expect_ok(NULL, eventure_log_close(log_));
    options.busy_timeout_ms = 1;
    open_log(options);
    scratch_append(log_, "kept", NULL, NULL);
    advance();
    expect_ok(log_, eventure_log_flush(log_));
    sqlite3 *db = hold_the_file();
    expect_status(EVENTURE_ERROR_IO, NULL, fill_until_an_error());
    expect_part(eventure_log_message(log_), "the background writer: everything from tick 1 on was rolled back: ");
    expect_part(eventure_log_message(log_), "locked");
    ck_assert_int_eq(eventure_log_tick(log_), 1);
    ck_assert_int_eq(eventure_log_durable_tick(log_), 1);
    let_the_file_go(db);
    scratch_append(log_, "again", NULL, NULL); /* and the log continues */
    advance();
    expect_ok(log_, eventure_log_flush(log_));
    scratch_expect_answer("SELECT group_concat(type) FROM (SELECT type FROM events ORDER BY seq)", "kept,again");
}
END_TEST

START_TEST(flushing_waiting_reading_and_closing_return_an_error_of_the_writer)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    expect_ok(NULL, eventure_log_close(log_));
    options.busy_timeout_ms = 1;
    open_log(options);
    sqlite3 *db = hold_the_file();
    int64_t seq = 0;
    scratch_append(log_, "lost", NULL, NULL);
    expect_status(EVENTURE_ERROR_IO, log_, eventure_log_flush(log_));
    expect_ok(log_, eventure_log_flush(log_)); /* the error is returned once */
    scratch_append(log_, "lost", NULL, NULL);
    advance();
    expect_status(EVENTURE_ERROR_IO, log_, eventure_log_wait_durable(log_, 1, -1));
    ck_assert_int_eq(eventure_log_tick(log_), 0);
    scratch_append(log_, "lost", NULL, NULL);
    expect_status(EVENTURE_ERROR_IO, eventure_log_reader(log_),
                  eventure_reader_last_seq(eventure_log_reader(log_), &seq));
    scratch_append(log_, "lost", NULL, NULL);
    expect_status(EVENTURE_ERROR_IO, log_, eventure_log_commit(log_));
    scratch_append(log_, "lost", NULL, NULL);
    expect_status(EVENTURE_ERROR_IO, log_, eventure_log_rollback(log_));
    scratch_append(log_, "lost", NULL, NULL);
    expect_status(EVENTURE_ERROR_IO, NULL, eventure_log_close(log_));
    let_the_file_go(db);
    open_log(options);
    expect_ok(eventure_log_reader(log_), eventure_reader_last_seq(eventure_log_reader(log_), &seq));
    ck_assert_int_eq(seq, 0);
}
END_TEST

START_TEST(a_commit_in_the_middle_of_a_tick_is_there_when_it_returns)
{
    scratch_append(log_, "a.b", NULL, NULL);
    expect_ok(log_, eventure_log_commit(log_));
    scratch_expect_answer("SELECT group_concat(id) FROM (SELECT id FROM events ORDER BY seq)", "0-EBFC-1");
    scratch_append(log_, "a.b", NULL, NULL);
    advance();
    expect_ok(log_, eventure_log_flush(log_));
    scratch_expect_answer("SELECT group_concat(id) FROM (SELECT id FROM events ORDER BY seq)", "0-EBFC-1,0-EBFC-2");
    scratch_expect_answer("SELECT count(*) || ' ' || sum(sealed) FROM tick", "1 1");
}
END_TEST

START_TEST(rolling_back_takes_the_current_tick_and_its_types)
{
    scratch_append(log_, "a.b", NULL, NULL);
    advance();
    scratch_append(log_, "new.type", NULL, NULL);
    expect_ok(log_, eventure_log_rollback(log_));
    ck_assert_int_eq(eventure_log_tick(log_), 1);
    scratch_append(log_, "other.type", NULL, NULL);
    advance();
    expect_ok(log_, eventure_log_flush(log_));
    scratch_expect_answer("SELECT group_concat(seq || type) FROM (SELECT * FROM events ORDER BY seq)",
                          "1a.b,2other.type");
    scratch_expect_answer("SELECT group_concat(type || count) FROM type_counts", "a.b1,other.type1");
}
END_TEST

START_TEST(closing_commits_and_the_next_log_continues_the_tick)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    scratch_append(log_, "a.b", NULL, NULL);
    advance();
    scratch_append(log_, "a.b", NULL, NULL);
    expect_ok(NULL, eventure_log_close(log_));
    open_log(options);
    ck_assert_int_eq(eventure_log_tick(log_), 1);
    ck_assert_int_eq(eventure_log_durable_tick(log_), 1);
    ck_assert_str_eq(scratch_append(log_, "a.b", NULL, NULL), "1-EBFC-2");
}
END_TEST

START_TEST(ids_that_an_import_has_taken_are_passed_over)
{
    static const char lines[] = "{\"tick\": 0, \"timestamp\": 1, \"type\": \"x\", \"data\": {}, \"event_id\": "
                                "\"1-EBFC-1\", \"parent_id\": null}\n"
                                "{\"tick\": 0, \"timestamp\": 1, \"type\": \"x\", \"data\": {}, \"event_id\": "
                                "\"1-EBFC-3\", \"parent_id\": null}\n";
    scratch_append(log_, "before", NULL, NULL);
    expect_ok(log_, scratch_import(log_, lines, NULL));
    advance();
    ck_assert_str_eq(scratch_append(log_, "a.b", NULL, NULL), "1-EBFC-2");
    ck_assert_str_eq(scratch_append(log_, "a.b", NULL, NULL), "1-EBFC-4");
    ck_assert_str_eq(scratch_append(log_, "a.b", NULL, NULL), "1-EBFC-5");
    ck_assert_str_eq(scratch_append(log_, "a.b", NULL, "1-EBFC-4"), "1-EBFC-6");
    advance();
    expect_ok(log_, eventure_log_flush(log_));
    scratch_expect_answer("SELECT parent_id FROM events WHERE id = '1-EBFC-6'", "1-EBFC-4");
    scratch_expect_sound(eventure_log_reader(log_));
}
END_TEST

START_TEST(an_old_parent_is_looked_up_in_the_file)
{
    char first[64];
    strcpy(first, scratch_append(log_, "a.b", NULL, NULL));
    for (int i = 0; i < 2000; i++)
        scratch_append(log_, "b.c", NULL, NULL);
    scratch_append(log_, "a.b", NULL, first);
    advance();
    const eventure_event nobody = {.id = "7-EBFC-7"};
    expect_status(EVENTURE_ERROR_PARENT, log_, eventure_log_append(log_, "a.b", eventure_no_data(), &nobody, NULL));
    expect_ok(log_, eventure_log_flush(log_));
    scratch_expect_answer("SELECT parent_seq FROM events WHERE seq = 2002", "1");
}
END_TEST

static int count_event(const eventure_event *event, void *context)
{
    (void)event;
    ++*(int64_t *)context;
    return 0;
}

static int save_count(eventure_write_fn write, void *sink, void *context)
{
    return write(context, sizeof(int64_t), sink);
}

static int load_count(const void *state, size_t len, void *context)
{
    if (len != sizeof(int64_t))
        return EVENTURE_ERROR_CORRUPT;
    memcpy(context, state, len);
    return 0;
}

static int reset_count(void *context)
{
    *(int64_t *)context = 0;
    return 0;
}

START_TEST(snapshots_by_policy_are_in_the_transaction_of_their_tick_and_other_ticks_do_not_wait)
{
    const eventure_reducer reducer = {.size = sizeof reducer,
                                      .name = "count",
                                      .version = 1,
                                      .apply = count_event,
                                      .save = save_count,
                                      .load = load_count,
                                      .reset = reset_count};
    eventure_snapshot_policy policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    eventure_snapshotter *snapshotter = NULL;
    int64_t count = 0;
    policy.every_ticks = 5;
    expect_ok(log_, eventure_snapshotter_attach(log_, &reducer, &count, &policy, &snapshotter));
    for (int tick = 1; tick <= 20; tick++)
    {
        scratch_append(log_, "a.b", NULL, NULL);
        scratch_append(log_, "a.c", NULL, NULL);
        advance();
        /* Only a tick with a snapshot waits for the disk; the state is that of the newest of them. */
        ck_assert_int_eq(count, tick / 5 * 10);
        ck_assert_int_eq(eventure_snapshotter_seq(snapshotter), count);
        ck_assert_int_ge(eventure_log_durable_tick(log_), tick / 5 * 5);
    }
    eventure_snapshotter_detach(snapshotter);
    eventure_snapshot_check_report found;
    expect_ok(eventure_log_reader(log_),
              eventure_snapshot_check(eventure_log_reader(log_), &reducer, &count, NULL, &found));
    ck_assert_int_eq(found.checked, 4);
    ck_assert(!found.differs);
    scratch_expect_answer("SELECT count(*) FROM snapshot", "4");
    scratch_append(log_, "a.b", NULL, NULL); /* the thread writes again */
    advance();
    expect_ok(log_, eventure_log_flush(log_));
    scratch_expect_answer("SELECT count(*) FROM events", "41");
}
END_TEST

START_TEST(options_out_of_range_are_refused_by_name)
{
    eventure_log_options options[4];
    static const char *const names[] = {"queue_bytes", "queue_bytes", "when_full", "commit_every_ticks"};
    for (int i = 0; i < 4; i++)
        options[i] = (eventure_log_options)EVENTURE_LOG_OPTIONS_INIT;
    options[0].queue_bytes = 65535;
    options[1].queue_bytes = ((size_t)1 << 30) + 1;
    options[2].when_full = (eventure_queue_full)2;
    options[3].commit_every_ticks = 2;
    for (int i = 0; i < 4; i++)
    {
        eventure_log *log = NULL;
        expect_status(EVENTURE_ERROR_ARGUMENT, NULL, open_with(OTHER_PATH, options[i], &log));
        expect_part(eventure_log_message(log), names[i]);
        eventure_log_close(log);
    }
}
END_TEST
