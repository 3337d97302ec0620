/*
 * Operations on whole stores while a statement cannot be compiled or is interrupted, whichever it is: the call returns
 * an error, with a text and without a partial effect.
 *
 * An extension of each connection makes the nth statement fail: SQLite asks its authorizer, which refuses it, or its
 * progress handler, which interrupts it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include <eventure/upgrade.h>

#include "harness.h"
#include "scratch.h"
#include "session_world.h"
#include "store/store.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

#define NEW_PATH "refused-new.db"
#define TICKS 6
#define SAVE "save 5"

/* --- Failing statements --- */

typedef enum failure
{
    REFUSED,
    INTERRUPTED,
    FAILURES
} failure;

static bool is_active;
static failure kind;
static long countdown;
static long counted;

static bool fails_now(failure which)
{
    if (!is_active || which != kind)
        return false;
    counted++;
    return countdown > 0 && --countdown == 0;
}

/* Returns whether this is the first request for a statement. A statement that changes the schema also asks about
 * sqlite_schema, which does not count. */
static bool is_statement(int action, const char *table)
{
    return action == SQLITE_SELECT || action == SQLITE_PRAGMA || action == SQLITE_TRANSACTION ||
           ((action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE) &&
            strncmp(table, "sqlite_", 7) != 0);
}

static int authorize(void *none, int action, const char *a, const char *b, const char *c, const char *d)
{
    (void)none, (void)b, (void)c, (void)d;
    return is_statement(action, a) && fails_now(REFUSED) ? SQLITE_DENY : SQLITE_OK;
}

static int interrupt(void *none)
{
    (void)none;
    return fails_now(INTERRUPTED) ? 1 : 0;
}

static int prepare_connection(sqlite3 *db, char **message, const sqlite3_api_routines *api)
{
    (void)message, (void)api;
    sqlite3_set_authorizer(db, authorize, NULL);
    sqlite3_progress_handler(db, 1, interrupt, NULL);
    return SQLITE_OK;
}

/* --- The store --- */

static unsigned char *image;
static long image_len;
static eventure_log *log_;

static void set_up(void)
{
    expect_ok(NULL, eventure_log_close(world_make(SCRATCH_PATH, TICKS)));
    image = harness_load(SCRATCH_PATH, &image_len);
    ck_assert_int_eq(sqlite3_auto_extension((void (*)(void))prepare_connection), SQLITE_OK);
}

static void tear_down(void)
{
    sqlite3_reset_auto_extension();
    free(image);
    scratch_remove(SCRATCH_PATH);
    scratch_remove(NEW_PATH);
    scratch_remove("refused-archive.db");
}

static void put_store(void)
{
    scratch_remove(SCRATCH_PATH);
    scratch_remove(NEW_PATH);
    harness_store(SCRATCH_PATH, image, image_len);
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.sync = EVENTURE_SYNC_OFF;
    options.clock = scratch_clock;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log_));
}

static eventure_reader *reader(void)
{
    return eventure_log_reader(log_);
}

static int64_t ask(const char *path, const char *sql)
{
    return world_number(path, sql);
}

/* --- Operations, and whether their effect is there --- */

typedef struct operation
{
    void (*prepare)(void); /* NULL: nothing */
    eventure_status (*run)(void);
    bool (*is_done)(void);
} operation;

static eventure_status create_save(void)
{
    return eventure_save_point_create(log_, "new", "a note");
}

static bool has_new_save(void)
{
    return ask(SCRATCH_PATH, "SELECT count(*) FROM save_point WHERE name = 'new' AND note = 'a note'") == 1;
}

static eventure_status delete_save(void)
{
    return eventure_save_point_delete(log_, SAVE);
}

static bool has_no_save(void)
{
    return ask(SCRATCH_PATH, "SELECT count(*) FROM save_point WHERE name = '" SAVE "'") == 0;
}

static eventure_status describe(void)
{
    return eventure_log_describe(log_, eventure_json("{\"seed\": 7, \"name\": \"x\"}"));
}

static bool is_described(void)
{
    int64_t keys = ask(SCRATCH_PATH, "SELECT count(*) FROM sqlite_schema WHERE name = 'run_record'") == 1
                       ? ask(SCRATCH_PATH, "SELECT count(*) FROM run_record")
                       : 0;
    ck_assert(keys == 0 || keys == 2);
    return keys == 2;
}

static eventure_status copy(void)
{
    return eventure_store_copy(reader(), NEW_PATH, NULL);
}

static eventure_status fork_at_tick(void)
{
    return eventure_store_fork_at_tick(reader(), NEW_PATH, 3, NULL);
}

static eventure_status fork_at_save(void)
{
    return eventure_store_fork_at_save_point(reader(), NEW_PATH, SAVE, NULL);
}

static eventure_status extract(void)
{
    return eventure_store_extract(reader(), NEW_PATH, NULL, NULL);
}

static int next_event(eventure_event *out_event, void *context)
{
    return eventure_cursor_next(context, out_event);
}

static eventure_status restore(void)
{
    eventure_restore_options options = EVENTURE_RESTORE_OPTIONS_INIT;
    const eventure_restore_origin origin = {"00112233-4455-4677-8899-aabbccddeeff", 0, 0, NULL, NULL, 1};
    eventure_cursor *cursor = NULL;
    eventure_status status = eventure_query(reader(), NULL, &cursor);
    options.uuid = origin.uuid;
    options.next = next_event;
    options.next_context = cursor;
    options.current_tick = TICKS;
    options.record = "{\"seed\": 7}";
    options.origins = &origin;
    options.origins_count = 1;
    if (status == EVENTURE_OK)
        status = eventure_store_restore(NEW_PATH, &options, NULL);
    eventure_cursor_free(cursor);
    return status;
}

static bool is_complete(void)
{
    if (access(NEW_PATH, F_OK) != 0)
    {
        ck_assert_int_eq(world_files(NEW_PATH), 0);
        return false;
    }
    ck_assert_int_eq(world_files(NEW_PATH), 1);
    world_verify(NEW_PATH);
    return true;
}

static eventure_status archive(void)
{
    return eventure_log_archive(log_, NEW_PATH, 4, NULL, NULL);
}

static int begin_count(void *context)
{
    *(int64_t *)context = 0;
    return 0;
}

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

static int load_count(const void *bytes, size_t len, void *context)
{
    memcpy(context, bytes, len);
    return 0;
}

static eventure_status archive_with_state(void)
{
    int64_t count = 0;
    eventure_reducer reducer = EVENTURE_REDUCER_INIT;
    eventure_archive_options options = EVENTURE_ARCHIVE_OPTIONS_INIT;
    const eventure_reducer_state state = {sizeof(eventure_reducer_state), &reducer, &count};
    reducer.reset = begin_count;
    reducer.apply = count_event;
    reducer.save = save_count;
    reducer.load = load_count;
    options.states = &state;
    options.states_count = 1;
    return eventure_log_archive(log_, NEW_PATH, 4, &options, NULL);
}

static bool is_archived(void)
{
    bool is_cut = ask(SCRATCH_PATH, "SELECT count(*) FROM archive") == 1;
    int64_t left = ask(SCRATCH_PATH, "SELECT min(tick) FROM events");
    ck_assert_int_eq(left, is_cut ? 4 : 0);
    if (is_cut)
    {
        world_verify(NEW_PATH);
        world_verify(SCRATCH_PATH);
    }
    return is_cut;
}

/* The archive has the ticks 0 and 1. */
static void archive_before(void)
{
    expect_ok(log_, eventure_log_archive(log_, NEW_PATH, 2, NULL, NULL));
}

static bool is_archive_extended(void)
{
    int64_t left = ask(SCRATCH_PATH, "SELECT min(tick) FROM events");
    ck_assert(left == 2 || left == 4);
    ck_assert_int_eq(ask(SCRATCH_PATH, "SELECT count(*) FROM archive"), left / 2);
    int64_t archived = ask(NEW_PATH, "SELECT max(tick) FROM events");
    ck_assert(left == 4 ? archived == 2 : archived == 1 || archived == 2); /* tick 3 is empty */
    if (left == 4)
    {
        world_verify(NEW_PATH);
        world_verify(SCRATCH_PATH);
    }
    return left == 4;
}

static void archive_elsewhere(void)
{
    scratch_remove("refused-archive.db");
    expect_ok(log_, eventure_log_archive(log_, "refused-archive.db", 2, NULL, NULL));
}

static eventure_status open_reader(void)
{
    eventure_reader *opened = NULL;
    eventure_status status = eventure_reader_open(SCRATCH_PATH, &opened);
    if (status == EVENTURE_OK)
        status = eventure_reader_begin(opened);
    eventure_reader_close(opened);
    return status;
}

static eventure_status make_store(void)
{
    eventure_log *made = NULL;
    eventure_status status = eventure_log_open(NEW_PATH, NULL, &made);
    eventure_log_close(made);
    return status;
}

static bool is_anything(void)
{
    return true;
}

static const operation operations[] = {
    {NULL, create_save, has_new_save},
    {NULL, delete_save, has_no_save},
    {NULL, describe, is_described},
    {NULL, copy, is_complete},
    {NULL, fork_at_tick, is_complete},
    {archive_elsewhere, fork_at_save, is_complete},
    {NULL, extract, is_complete},
    {NULL, restore, is_complete},
    {NULL, archive_with_state, is_archived},
    {archive_before, archive, is_archive_extended},
    {NULL, open_reader, is_anything},
    {NULL, make_store, is_complete},
};

/* Runs it with the nth statement failing. Returns whether one failed. */
static bool try_one(const operation *work, long n)
{
    put_store();
    if (work->prepare != NULL)
        work->prepare();
    counted = 0;
    countdown = n;
    is_active = true;
    eventure_status status = work->run();
    is_active = false;
    bool has_failed = n > 0 && countdown == 0;
    bool is_usable = reader() != NULL; /* after a failed operation, the log may fail to load its state again */
    ck_assert(is_usable || has_failed);
    for (size_t i = 0; is_usable && i < EVENTURE__STATEMENTS; i++)
        ck_assert_msg(!reader()->statements[i].taken, "%s", reader()->statements[i].sql);
    ck_assert_msg((status == EVENTURE_OK) == (eventure_log_message(log_)[0] == '\0') || work->run == open_reader ||
                      work->run == restore || work->run == make_store,
                  "%s: %s", eventure_status_name(status), eventure_log_message(log_));
    if (!has_failed)
        ck_assert_msg(status == EVENTURE_OK, "%s: %s", eventure_status_name(status), eventure_log_message(log_));
    eventure_status closed = eventure_log_close(log_);
    ck_assert_msg((closed == EVENTURE_OK) == is_usable, "%s", eventure_last_message());
    bool is_done = work->is_done();
    ck_assert_msg(status != EVENTURE_OK || is_done, "statement %ld failed, and the call returned EVENTURE_OK", n);
    ck_assert_msg(!has_failed || kind != REFUSED || status != EVENTURE_OK, "no error of statement %ld", n);
    return has_failed;
}

LOOP_TEST(a_statement_that_fails_is_an_error_without_a_partial_effect, (int)(COUNT_OF(operations) * FAILURES))
{
    const operation *work = &operations[_i / FAILURES];
    kind = (failure)(_i % FAILURES);
    ck_assert(!try_one(work, 0));
    const long all = counted;
    const long tries = kind == REFUSED ? all : 5;
    ck_assert_int_gt(all, 0);
    for (long i = 0; i < tries && i < all; i++)
        try_one(work, i * all / tries + 1);
}
END_TEST
