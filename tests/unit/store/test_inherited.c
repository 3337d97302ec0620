/*
 * The rights of a child process: calls on the handles of its parent, and stores that it opens itself.
 */
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <eventure/archive.h>
#include <eventure/bus.h>
#include <eventure/data_index.h>
#include <eventure/follow.h>
#include <eventure/projection.h>
#include <eventure/run.h>
#include <eventure/session.h>
#include <eventure/snapshot.h>
#include <eventure/transfer.h>

#include "guard_world.h"
#include "scratch.h"
#include "testing.h"

/* Ends a child when a condition does not hold; the exit status is the number of the condition. */
#define CHILD_EXPECTS(condition)                                                                                       \
    do                                                                                                                 \
    {                                                                                                                  \
        if (!(condition))                                                                                              \
            _exit(__LINE__ % 250 + 1);                                                                                 \
    }                                                                                                                  \
    while (0)

typedef struct inherited
{
    eventure_reader *reader;
    eventure_cursor *cursor;
    eventure_follower *follow;
    eventure_bus *bus;
} inherited;

static int reset_nothing(void *context)
{
    (void)context;
    return 0;
}

static int apply_nothing(const eventure_event *event, void *context)
{
    (void)event;
    (void)context;
    return 0;
}

static int save_nothing(eventure_write_fn write, void *stream, void *context)
{
    (void)context;
    return write("", 0, stream);
}

static int load_nothing(const void *bytes, size_t len, void *context)
{
    (void)bytes;
    (void)len;
    (void)context;
    return 0;
}

static void use_inherited(const inherited *given)
{
    eventure_event event;
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    int64_t published = 0;
    eventure_reader *logs = eventure_log_reader(opened);
    int64_t tick = 0;
    eventure_snapshot_policy policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    const eventure_reducer counting = {.size = sizeof counting,
                                       .name = "count",
                                       .version = 1,
                                       .reset = reset_nothing,
                                       .apply = apply_nothing,
                                       .save = save_nothing,
                                       .load = load_nothing};
    policy.every_events = 1;
    input.type = "child";
    alarm(20);
    CHILD_EXPECTS(eventure_log_append(opened, "child", eventure_no_data(), NULL, NULL) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(strstr(eventure_log_message(opened), "fork") != NULL);
    CHILD_EXPECTS(eventure_log_append_batch(opened, &input, 1, NULL) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_log_advance_tick(opened) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_log_advance_to(opened, 1000) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_log_commit(opened) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_log_rollback(opened) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_log_flush(opened) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_log_wait_durable(opened, 0, -1) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_save_point_create(opened, "child", NULL) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_bus_publish(given->bus, "child", eventure_no_data(), NULL, &published) ==
                  EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_save_point_delete(opened, "child") == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_snapshot_take(opened, &counting, NULL) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_snapshot_build(opened, &counting, NULL, NULL, NULL) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_snapshot_prune(opened, "count", 1, &policy) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_snapshot_drop(opened, "count") == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_log_describe(opened, eventure_no_data()) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_log_archive(opened, FOLDER "/child.db", 1, NULL, NULL) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_log_import(opened, stdin, NULL, NULL) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_data_index_add(opened, "key", "*", NULL) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_data_index_drop(opened, "key", "*") == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_store_copy(logs, FOLDER "/child.db", NULL) != EVENTURE_OK);
    CHILD_EXPECTS(eventure_reader_tick(logs, &tick) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_reader_tick(given->reader, &tick) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_reader_begin(given->reader) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_cursor_next(given->cursor, &event) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_follower_next(given->follow, -1, &event) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_follower_commit(given->follow) == EVENTURE_ERROR_ARGUMENT);
    eventure_cursor_free(given->cursor);
    eventure_follower_close(given->follow);
    eventure_reader_close(given->reader);
    CHILD_EXPECTS(eventure_log_close(opened) == EVENTURE_ERROR_ARGUMENT);
    /* A cursor was open, so SQLite cannot open the file again. */
    eventure_reader *reopened = NULL;
    CHILD_EXPECTS(eventure_reader_open(PATH, &reopened) == EVENTURE_ERROR_ARGUMENT);
    eventure_reader_close(reopened);
    _exit(0);
}

static void expect_child_ends_well(pid_t child)
{
    int ended = 0;
    ck_assert_int_eq(waitpid(child, &ended, 0), child);
    ck_assert_msg(ended == 0, "status %d, expectation at line %d modulo 250", ended, WEXITSTATUS(ended) - 1);
}

START_TEST(a_child_gets_errors_and_touches_nothing)
{
    for (int background = 0; background < 2; background++)
    {
        inherited given;
        eventure_event event;
        open_store(background != 0);
        expect_ok(NULL, eventure_reader_open(PATH, &given.reader));
        expect_ok(given.reader, eventure_query(given.reader, NULL, &given.cursor));
        expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(given.cursor, &event));
        expect_ok(NULL, eventure_follower_open(PATH, "name", NULL, &given.follow));
        expect_ok(opened, eventure_bus_new(opened, NULL, &given.bus));
        expect_ok(opened, eventure_log_append(opened, "a.half", eventure_no_data(), NULL, NULL));
        pid_t child = fork();
        if (child == 0)
            use_inherited(&given);
        expect_child_ends_well(child);
        ck_assert_int_eq(access(FOLDER "/child.db", F_OK), -1);
        expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(given.cursor, &event));
        eventure_cursor_free(given.cursor);
        eventure_follower *second = NULL; /* the parent's follower still has its lock */
        expect_status(EVENTURE_ERROR_BUSY, NULL, eventure_follower_open(PATH, "name", NULL, &second));
        eventure_follower_close(second);
        eventure_follower_close(given.follow);
        eventure_reader_close(given.reader);
        eventure_bus_free(given.bus);
        expect_ok(NULL, append_tick());
        expect_ok(NULL, eventure_log_close(opened));
        ck_assert_int_eq(events_of(PATH), TICKS + 2);
    }
}
END_TEST

START_TEST(a_child_opens_the_store_again_when_the_parent_was_idle)
{
    eventure_reader *reader = NULL;
    open_store(false);
    expect_ok(NULL, eventure_reader_open(PATH, &reader));
    pid_t child = fork();
    if (child == 0)
    {
        eventure_log *second = NULL;
        eventure_reader *reopened = NULL;
        int64_t seq = 0;
        alarm(20);
        CHILD_EXPECTS(eventure_log_open(PATH, NULL, &second) == EVENTURE_ERROR_BUSY);
        eventure_log_close(second);
        CHILD_EXPECTS(eventure_reader_open(PATH, &reopened) == EVENTURE_OK);
        CHILD_EXPECTS(eventure_reader_last_seq(reopened, &seq) == EVENTURE_OK && seq == TICKS);
        CHILD_EXPECTS(eventure_reader_last_seq(reader, &seq) == EVENTURE_ERROR_ARGUMENT);
        eventure_reader_close(reopened);
        eventure_reader_close(reader);
        eventure_log_close(opened);
        _exit(0);
    }
    expect_child_ends_well(child);
    expect_ok(NULL, append_tick());
    eventure_reader_close(reader);
    expect_ok(NULL, eventure_log_close(opened));
    ck_assert_int_eq(events_of(PATH), TICKS + 1);
}
END_TEST

/* --- fork while another thread is inside SQLite --- */

#define PROJECTION "-- @setup\nCREATE TABLE counted (n);\n-- @on *\nINSERT INTO counted VALUES (1);\n"

/* Number of forks. The allocator of a sanitizer has locks of its own, which would stay locked in the child. */
#if defined(EVENTURE_ADDRESS_SANITIZER) || defined(EVENTURE_THREAD_SANITIZER)
#define FORKS 0
#else
#define FORKS 100
#endif

static atomic_bool is_over;

/* Spends its time with the mutexes of SQLite: those for memory, open files, random numbers and the list of VFSs. */
static void *use_sqlite(void *unused)
{
    while (!atomic_load(&is_over))
    {
        sqlite3 *db = NULL;
        for (int i = 0; i < 100; i++)
            sqlite3_free(sqlite3_malloc(100));
        sqlite3_open(FOLDER "/threads.db", &db);
        sqlite3_exec(db, "PRAGMA user_version", NULL, NULL, NULL);
        sqlite3_close(db);
    }
    return unused;
}

START_TEST(a_child_does_not_wait_for_what_another_thread_was_doing)
{
    pthread_t threads[2];
    eventure_reader *reader = NULL;
    eventure_projection *projection = NULL;
    open_store(false);
    expect_ok(NULL, eventure_reader_open(PATH, &reader));
    expect_ok(NULL, eventure_projection_parse("p", PROJECTION, strlen(PROJECTION), NULL, &projection));
    atomic_store(&is_over, false);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, use_sqlite, NULL), 0);
    for (int i = 0; i < FORKS; i++)
    {
        pid_t child = fork();
        if (child == 0)
        {
            eventure_log *other = NULL;
            eventure_projection *second = NULL;
            alarm(20);
            eventure_projection_close(projection);
            CHILD_EXPECTS(eventure_log_open(FOLDER "/other.db", NULL, &other) == EVENTURE_OK);
            CHILD_EXPECTS(eventure_log_append(other, "child", eventure_no_data(), NULL, NULL) == EVENTURE_OK);
            CHILD_EXPECTS(eventure_log_close(other) == EVENTURE_OK);
            CHILD_EXPECTS(eventure_projection_parse("p", PROJECTION, strlen(PROJECTION), NULL, &second) == EVENTURE_OK);
            eventure_projection_close(second);
            eventure_reader_close(reader);
            CHILD_EXPECTS(eventure_log_close(opened) == EVENTURE_ERROR_ARGUMENT);
            _exit(0);
        }
        expect_child_ends_well(child);
    }
    atomic_store(&is_over, true);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    eventure_projection_close(projection);
    eventure_reader_close(reader);
    expect_ok(NULL, append_tick());
    expect_ok(NULL, eventure_log_close(opened));
}
END_TEST

START_TEST(a_child_cannot_use_a_store_in_memory)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.mode = EVENTURE_OPEN_MEMORY;
    options.background = true;
    expect_ok(NULL, eventure_log_open("memory", &options, &opened));
    expect_ok(opened, eventure_log_append(opened, "parent", eventure_no_data(), NULL, NULL));
    pid_t child = fork();
    if (child == 0)
    {
        alarm(20);
        CHILD_EXPECTS(eventure_log_append(opened, "child", eventure_no_data(), NULL, NULL) == EVENTURE_ERROR_ARGUMENT);
        CHILD_EXPECTS(eventure_log_close(opened) == EVENTURE_ERROR_ARGUMENT);
        _exit(0);
    }
    expect_child_ends_well(child);
    expect_ok(opened, eventure_log_advance_tick(opened));
    expect_ok(NULL, eventure_log_close(opened));
    opened = NULL;
}
END_TEST

START_TEST(a_child_that_lives_on_keeps_no_lock)
{
    for (int background = 0; background < 2; background++)
    {
        int ends[2];
        pid_t helper = 0;
        clear_folder();
        ck_assert_int_eq(pipe(ends), 0);
        pid_t server = fork();
        if (server == 0)
        {
            eventure_follower *follow = NULL;
            open_at(PATH, background != 0);
            expect_ok(NULL, eventure_follower_open(PATH, "name", NULL, &follow));
            if (fork() == 0)
            {
                helper = getpid(); /* the child reports its id after the handlers of fork have run */
                alarm(60);
                if (write(ends[1], &helper, sizeof helper) == sizeof helper)
                    pause();
                _exit(0);
            }
            _exit(0); /* without closing */
        }
        ck_assert_int_eq(read(ends[0], &helper, sizeof helper), sizeof helper);
        waitpid(server, NULL, 0);
        open_at(PATH, false);
        expect_ok(NULL, eventure_log_close(opened));
        eventure_follower *follow = NULL;
        expect_ok(NULL, eventure_follower_open(PATH, "name", NULL, &follow));
        eventure_follower_close(follow);
        ck_assert_int_eq(events_of(PATH), 2 * TICKS);
        ck_assert_int_eq(kill(helper, SIGKILL), 0); /* it was still running */
        close(ends[0]);
        close(ends[1]);
    }
}
END_TEST
