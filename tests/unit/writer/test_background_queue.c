/*
 * The room in the queue of a background writer, and when its thread commits. Each test holds the connection, so that
 * the thread takes nothing until the test lets it continue: the answers do not depend on time.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "log/log_internal.h"
#include "scratch.h"
#include "testing.h"
#include "writer/ring.h"

TEST_FIXTURE(NULL, tear_down);

#define QUEUE 65536
#define TICK_BYTES 32

/* The bytes of an event's record without its text, and of a filler before it. */
#define EVENT_BYTES (eventure__record_bytes(sizeof(eventure__record) + sizeof(eventure__entry) + sizeof(char *)) + 16)

static eventure_log *log_;
static _Atomic int commits;

static int count_commit(void *context)
{
    (void)context;
    commits++;
    return 0;
}

static void open_log(size_t queue_bytes)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    scratch_remove(SCRATCH_PATH);
    options.background = true;
    options.sync = EVENTURE_SYNC_OFF;
    options.queue_bytes = queue_bytes;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log_));
    eventure__store_enter(log_->store);
    sqlite3_commit_hook(log_->store->db, count_commit, NULL);
    commits = 0;
}

static void let_go(void)
{
    eventure__store_leave(log_->store);
    expect_ok(log_, eventure_log_flush(log_));
}

static void tear_down(void)
{
    scratch_close(log_);
}

static bool has_room(size_t events, size_t text_len)
{
    return eventure__background_has_room(log_->background, events, text_len);
}

/* Appends an event with this number of bytes of data. */
static void append(size_t data_len)
{
    char *data = malloc(data_len + 1);
    ck_assert_ptr_nonnull(data);
    memset(data, 'x', data_len);
    memcpy(data, "{\"k\":\"", 6);
    memcpy(data + data_len - 2, "\"}", 3);
    expect_ok(log_, eventure_log_append(log_, "a.b", eventure_json(data), NULL, NULL));
    free(data);
}

START_TEST(an_empty_queue_has_room_for_anything)
{
    open_log(QUEUE);
    ck_assert(has_room(0, 0));
    ck_assert(has_room(1, 10 * QUEUE));
    ck_assert(has_room(1000000, 0));
    let_go();
}
END_TEST

START_TEST(a_queue_has_room_for_events_with_their_texts_and_the_end_of_their_tick)
{
    open_log(QUEUE);
    expect_ok(log_, eventure_log_advance_tick(log_));
    const size_t rest = QUEUE - TICK_BYTES; /* after the record of the tick */
    ck_assert(has_room(0, rest - TICK_BYTES));
    ck_assert(!has_room(0, rest - TICK_BYTES + 1));
    const size_t most = (rest - TICK_BYTES) / EVENT_BYTES;
    const size_t text = rest - TICK_BYTES - most * EVENT_BYTES;
    ck_assert(has_room(most, text));
    ck_assert(!has_room(most, text + 1));
    ck_assert(!has_room(most + 1, 0));
    ck_assert(has_room(most - 1, text + EVENT_BYTES));
    let_go();
    ck_assert(has_room(most + 1, 0));
}
END_TEST

/* A text of more than a quarter of the queue is beside it, and there is one such text at a time. */
START_TEST(a_long_text_needs_room_beside_the_queue)
{
    open_log(QUEUE);
    append(QUEUE / 4 + 1000);
    ck_assert(has_room(1, QUEUE / 4));
    ck_assert(!has_room(1, QUEUE / 4 + 1));
    ck_assert(!has_room(1, 10 * QUEUE));
    ck_assert(has_room(2, QUEUE / 4 + 1)); /* those of a batch are short ones */
    let_go();
    expect_ok(log_, eventure_log_advance_tick(log_));
    expect_ok(log_, eventure_log_flush(log_));
    eventure__store_enter(log_->store);
    expect_ok(log_, eventure_log_advance_tick(log_)); /* the queue is not empty */
    ck_assert(has_room(1, QUEUE / 4 + 1));
    ck_assert(has_room(1, 10 * QUEUE)); /* as long as a quarter is free */
    append(QUEUE / 4 - 200);            /* in the queue */
    append(QUEUE / 4 - 200);
    ck_assert(has_room(1, 10 * QUEUE));
    append(QUEUE / 4 - 200);
    ck_assert(!has_room(1, 10 * QUEUE));
    let_go();
}
END_TEST

/* While more ticks are queued, the thread commits only after 1 MiB of records. */
START_TEST(ticks_that_wait_together_are_committed_together)
{
    open_log((size_t)4 * 1024 * 1024);
    for (int tick = 0; tick < 40; tick++)
    {
        append(60000);
        expect_ok(log_, eventure_log_advance_tick(log_));
    }
    ck_assert_int_eq(eventure_log_durable_tick(log_), 0);
    let_go();
    ck_assert_int_eq(eventure_log_durable_tick(log_), 40);
    ck_assert_int_eq(commits, 3); /* at ticks 18, 36 and 40 */
    commits = 0;
    eventure__store_enter(log_->store);
    for (int tick = 0; tick < 40; tick++)
    {
        append(1000);
        expect_ok(log_, eventure_log_advance_tick(log_));
    }
    let_go();
    ck_assert_int_eq(commits, 1);
    scratch_expect_answer("SELECT count(*) || ' ' || max(tick) || ' ' || sum(length(data)) FROM events",
                          "80 79 2440000");
}
END_TEST

/* A commit of the log's thread counts as one of the thread. */
START_TEST(what_the_log_has_committed_is_not_counted_again)
{
    open_log((size_t)4 * 1024 * 1024);
    for (int part = 0; part < 3; part++)
    {
        for (int i = 0; i < 15; i++)
            append(60000);
        eventure__store_leave(log_->store);
        expect_ok(log_, eventure_log_commit(log_));
        eventure__store_enter(log_->store);
        ck_assert_int_eq(commits, part + 1);
    }
    commits = 0;
    for (int tick = 0; tick < 20; tick++)
        expect_ok(log_, eventure_log_advance_tick(log_));
    let_go();
    ck_assert_int_eq(commits, 1);
    ck_assert_int_eq(eventure_log_durable_tick(log_), 20);
}
END_TEST
