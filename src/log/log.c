/*
 * The log: opening, ticks and transactions. A transaction begins with the first write after a commit. A commit is
 * always between two ticks, unless the caller requests one in the middle of a tick.
 */
#include "base/error.h"
#include "base/options.h"
#include "log/log_internal.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "event/json.h"
#include "log/bulk.h"
#include "store/proof.h"

#define DEFAULT_MAX_DATA_BYTES ((int64_t)16 * 1024 * 1024)
#define HIGHEST_MAX_DATA_BYTES ((int64_t)512 * 1024 * 1024)
#define DEFAULT_QUEUE_BYTES ((size_t)4 * 1024 * 1024)
#define LEAST_QUEUE_BYTES ((size_t)64 * 1024)
#define HIGHEST_QUEUE_BYTES ((size_t)1024 * 1024 * 1024)

static eventure__error *error_of(eventure_log *log)
{
    return log->store != NULL ? &log->store->error : &log->open_error;
}

static double system_clock(void *context)
{
    struct timespec now = {0};
    (void)context;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Copies the options, whose `size` depends on the version that the caller was compiled with, and sets the defaults. */
static eventure_status take_options(eventure_log *log, const char *path, const eventure_log_options *given)
{
    eventure_log_options *options = &log->options;
    if (EVENTURE__TAKE(given, options, eventure_log_options, "open", &log->open_error) != EVENTURE_OK)
        return eventure__fail_prefix(&log->open_error, "%s", path);
    if (options->clock == NULL)
        options->clock = system_clock;
    if (options->commit_every_ticks == 0)
        options->commit_every_ticks = 1;
    if (options->queue_bytes == 0)
        options->queue_bytes = DEFAULT_QUEUE_BYTES;
    if (options->max_data_bytes == 0)
        options->max_data_bytes = DEFAULT_MAX_DATA_BYTES;
    if (options->max_depth == 0)
        options->max_depth = EVENTURE__JSON_MAX_DEPTH;
    if (options->max_type_bytes == 0)
        options->max_type_bytes = EVENTURE_TYPE_MAX_BYTES;

    const char *wrong =
        (int)options->mode < 0 || options->mode > EVENTURE_OPEN_NEW                              ? "mode"
        : (int)options->sync < 0 || options->sync > EVENTURE_SYNC_OFF                            ? "sync"
        : options->commit_every_ticks < 0                                                        ? "commit_every_ticks"
        : options->background && options->commit_every_ticks > 1                                 ? "commit_every_ticks"
        : (int)options->when_full < 0 || options->when_full > EVENTURE_QUEUE_FULL_FAIL           ? "when_full"
        : options->queue_bytes < LEAST_QUEUE_BYTES || options->queue_bytes > HIGHEST_QUEUE_BYTES ? "queue_bytes"
        : options->busy_timeout_ms < 0                                                           ? "busy_timeout_ms"
        : options->max_data_bytes < 2 || options->max_data_bytes > HIGHEST_MAX_DATA_BYTES        ? "max_data_bytes"
        : options->max_type_bytes < 1 || options->max_type_bytes > EVENTURE_TYPE_MAX_BYTES       ? "max_type_bytes"
        : options->max_tick_events < 0                                                           ? "max_tick_events"
        : options->max_file_bytes < 0                                                            ? "max_file_bytes"
        : options->max_depth < 1 || options->max_depth > EVENTURE__JSON_MAX_DEPTH                ? "max_depth"
                                                                                                 : NULL;
    if (wrong != NULL)
        return eventure__fail(&log->open_error, EVENTURE_ERROR_ARGUMENT, "open %s: option %s is out of range", path,
                              wrong);
    return EVENTURE_OK;
}

/* SQLite rolls back the whole transaction when a read in it fails because of memory or the disk. The state of the log
   then differs from the store. (A background writer detects this itself.) */
static eventure_status notice_loss(eventure_log *log)
{
    if (log->background == NULL && eventure__writer_was_rolled_back(&log->writer))
    {
        eventure__log_undo(log, EVENTURE_OK);
        log->was_rolled_back = true;
    }
    return log->is_open ? EVENTURE_OK : log->store->error.status;
}

static int before_read(void *context)
{
    eventure_log *log = context;
    eventure_status status = eventure__log_settle(log);
    if (status == EVENTURE_OK)
        status = notice_loss(log);
    if (status != EVENTURE_OK)
        return status;
    status = eventure__log_from_writer(log, eventure__writer_flush(&log->writer));
    if (status == EVENTURE_OK)
        return status;
    eventure__log_undo(log, status);
    log->was_rolled_back = true;
    return status;
}

/* A thread gets its own view of the connection, with its own statements, error text and types. */
static eventure_status open_writer(eventure_log *log)
{
    if (!log->options.background)
        return eventure__writer_open(&log->writer, log->store);
    log->writers_store = eventure__store_share(log->store);
    if (log->writers_store == NULL)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_MEMORY, "open %s: out of memory", log->store->path);
    return eventure__log_from_writer(log, eventure__writer_open(&log->writer, log->writers_store));
}

static eventure_status start_thread(eventure_log *log)
{
    log->background = eventure__background_start(&log->writer, log->options.queue_bytes);
    return log->background != NULL ? EVENTURE_OK : eventure__log_from_writer(log, log->writer.store->error.status);
}

static eventure_status open_log(eventure_log *log, const char *path)
{
    eventure_status status = eventure__store_open_write(path, &log->options, &log->store);
    if (status != EVENTURE_OK)
        return log->store != NULL ? status : eventure__fail(&log->open_error, status, "open %s: out of memory", path);
    log->store->before_read = before_read;
    log->store->before_read_context = log;
    status = open_writer(log);
    if (status == EVENTURE_OK)
        status = eventure__log_load(log);
    if (status == EVENTURE_OK && log->options.background)
        status = start_thread(log);
    log->is_open = status == EVENTURE_OK;
    return status;
}

eventure_status eventure__log_open(const char *path, const eventure_log_options *options, eventure_log **out_log)
{
    eventure_log *log = calloc(1, sizeof *log);
    *out_log = log;
    if (log == NULL)
        return eventure__fail(NULL, EVENTURE_ERROR_MEMORY, "open a log: out of memory");
    if (path == NULL || *path == '\0')
        return eventure__fail(&log->open_error, EVENTURE_ERROR_ARGUMENT, "open a log: no path was given");
    eventure_status status = take_options(log, path, options);
    if (status == EVENTURE_OK)
        status = open_log(log, path);
    return status;
}

eventure_status eventure_log_open(const char *path, const eventure_log_options *options, eventure_log **out_log)
{
    if (out_log == NULL)
        return eventure__fail_argument(__func__);
    eventure_status status = eventure__log_open(path, options, out_log);
    if (status != EVENTURE_OK && *out_log != NULL)
    {
        eventure__error kept = *error_of(*out_log);
        eventure_log_close(*out_log);
        *out_log = NULL;
        eventure__set_last_error(&kept);
    }
    return status;
}

eventure_status eventure_log_close(eventure_log *log)
{
    return eventure__log_close(log, NULL);
}

eventure_status eventure__log_close(eventure_log *log, eventure__error *out_error)
{
    if (log == NULL)
        return EVENTURE_OK;
    eventure_status status = EVENTURE_OK;
    const bool inherited = log->store != NULL && eventure__store_is_inherited(log->store);
    if (inherited)
    {
        status = eventure__store_check_process(log->store);
        eventure__background_abandon(log->background);
        eventure__writer_abandon(&log->writer);
    }
    else
    {
        if (log->is_open)
            status = log->has_failed ? eventure__log_discard_tick(log) : eventure_log_commit(log);
        eventure__background_stop(log->background);
        if (status == EVENTURE_OK && log->is_open && sqlite3_get_autocommit(log->store->db) != 0)
            status = eventure__proof_note_end(log->store);
        eventure__writer_close(&log->writer);
    }
    eventure__store_close(log->writers_store);
    if (log->is_open && !inherited && status == EVENTURE_OK)
        status = eventure__store_check_file(log->store);
    if (log->is_open && !inherited && status == EVENTURE_OK)
        status = eventure__store_bring_inside(log->store);
    if (status != EVENTURE_OK && out_error != NULL)
        *out_error = *error_of(log);
    eventure_status closed = eventure__store_close(log->store);
    if (status == EVENTURE_OK)
        status = closed;
    eventure__buffer_free(&log->data);
    eventure__buffer_free(&log->ids);
    eventure__types_free(&log->types);
    free(log);
    return status;
}

const char *eventure_log_message(const eventure_log *log)
{
    if (log == NULL)
        return eventure_last_message();
    return log->store != NULL ? log->store->error.text : log->open_error.text;
}

eventure_reader *eventure_log_reader(eventure_log *log)
{
    return log != NULL && log->is_open ? log->store : NULL;
}

int64_t eventure_log_tick(const eventure_log *log)
{
    return log != NULL ? log->tick : 0;
}

int64_t eventure_log_tick_events(const eventure_log *log)
{
    return log != NULL ? log->tick_events : 0;
}

eventure_status eventure__log_check_open(eventure_log *log, const char *what)
{
    if (log == NULL)
        return eventure__fail(NULL, EVENTURE_ERROR_ARGUMENT, "%s: the log is NULL", what);
    if (log->store != NULL && eventure__store_is_inherited(log->store))
        return eventure__store_check_process(log->store);
    if (log->store != NULL && eventure__store_is_lost(log->store))
    {
        eventure__identity_fail(log->store->identity, &log->store->error);
        return eventure__fail_prefix(&log->store->error, "%s", what);
    }
    if (!log->is_open)
        return eventure__fail(error_of(log), EVENTURE_ERROR_ARGUMENT, "%s: the log is not open", what);
    eventure__clear(&log->store->error);
    return EVENTURE_OK;
}

eventure_status eventure__log_check_usable(eventure_log *log, const char *what)
{
    eventure_status status = eventure__log_check_open(log, what);
    if (status == EVENTURE_OK)
        status = notice_loss(log);
    if (status != EVENTURE_OK || !log->was_rolled_back)
        return status;
    log->was_rolled_back = false;
    return eventure__fail(&log->store->error, EVENTURE_ERROR_IO, "%s: " EVENTURE__ROLLED_BACK, what);
}

eventure_status eventure__log_begin(eventure_log *log)
{
    eventure_status status = eventure__log_settle(log);
    return status == EVENTURE_OK ? eventure__log_from_writer(log, eventure__writer_begin(&log->writer)) : status;
}

/* Records that everything before the current tick is committed. */
static void note_durable(eventure_log *log)
{
    log->durable_tick = log->tick;
    if (log->background != NULL)
        eventure__background_set_durable(log->background, log->tick);
}

/* Handles a renamed, deleted or replaced file: copies committed events into it, if possible, and makes the log
   unusable. */
static eventure_status give_up(eventure_log *log, eventure_status cause, const eventure__error *kept)
{
    log->is_open = false;
    eventure__store_save_rest(log->store);
    eventure__log_tell_undo(log);
    log->store->error = *kept;
    return cause;
}

eventure_status eventure__log_undo(eventure_log *log, eventure_status cause)
{
    eventure__error kept = log->store->error;
    if (log->background != NULL)
        eventure__background_settle(log->background);
    if (!sqlite3_get_autocommit(log->store->db))
        sqlite3_exec(log->store->db, "ROLLBACK", NULL, NULL, NULL);
    log->writer.in_transaction = false;
    log->bypasses_queue = false;
    if (eventure__store_is_lost(log->store))
        return give_up(log, cause, &kept);
    /* A log whose position is unknown must not write any more, for instance when the rollback failed because of
       memory. */
    eventure_status status = sqlite3_get_autocommit(log->store->db) ? eventure__log_load(log)
                                                                    : eventure__store_fail(log->store, "roll back");
    if (status == EVENTURE_OK)
        note_durable(log);
    else
        log->is_open = false;
    if (status != EVENTURE_OK && cause == EVENTURE_OK) /* the original cause, if there is one, is the more useful
                                                          error */
        kept = log->store->error;
    if (log->background != NULL && log->is_open)
        eventure__background_forget(log->background);
    eventure__log_tell_undo(log);
    log->store->error = kept;
    return cause;
}

static eventure_status commit(eventure_log *log)
{
    eventure_status status = eventure__log_build_indexes(log);
    if (status == EVENTURE_OK)
        status = eventure__log_from_writer(log, eventure__writer_commit(&log->writer));
    if (status == EVENTURE_OK)
        note_durable(log);
    return status;
}

static eventure_status commit_now(eventure_log *log)
{
    eventure_status status = eventure__log_check_usable(log, "commit");
    if (status == EVENTURE_OK)
        status = eventure__log_settle(log);
    if (status != EVENTURE_OK)
        return status;
    status = commit(log);
    return status == EVENTURE_OK ? status : eventure__log_undo(log, status);
}

eventure_status eventure_log_commit(eventure_log *log)
{
    eventure_status status = commit_now(log);
    eventure__log_note(log, status);
    return status;
}

eventure_status eventure_log_flush(eventure_log *log)
{
    eventure_status status = eventure__log_check_open(log, "flush");
    return status == EVENTURE_OK ? eventure__log_settle(log) : status;
}

eventure_status eventure_log_rollback(eventure_log *log)
{
    eventure_status status = eventure__log_check_open(log, "roll back");
    if (status == EVENTURE_OK)
        status = eventure__log_settle(log);
    if (status == EVENTURE_OK)
        log->was_rolled_back = false;
    eventure__log_note(log, status);
    if (status != EVENTURE_OK || !log->writer.in_transaction)
        return status;
    eventure__log_undo(log, EVENTURE_OK);
    return log->is_open ? EVENTURE_OK : log->store->error.status;
}

eventure_status eventure__log_move_to(eventure_log *log, int64_t tick)
{
    int64_t complete = log->tick;
    log->tick = tick;
    eventure_status status = eventure__log_start_tick(log);
    if (status == EVENTURE_OK)
        status = eventure__log_send_tick(log, tick); /* last: a thread may commit it at once */
    return status == EVENTURE_OK ? eventure__log_tell_tick(log, complete) : status;
}

/* The thread commits automatically. Only hooks must run in the transaction of their tick and on the caller's thread. */
static eventure_status advance_in_background(eventure_log *log, int64_t tick)
{
    eventure_status status = eventure__log_make_room(log, 0, 0);
    if (status != EVENTURE_OK)
        return eventure__fail_prefix(&log->store->error, "advance to tick %lld", (long long)tick);
    status = eventure__log_move_to(log, tick);
    return status == EVENTURE_OK ? status : eventure__log_undo(log, status);
}

static eventure_status advance_directly(eventure_log *log, int64_t tick)
{
    bool was_direct = log->bypasses_queue;
    eventure_status status = eventure__log_settle(log);
    if (status != EVENTURE_OK)
        return status;
    log->bypasses_queue = true;
    status = eventure__log_move_to(log, tick);
    log->bypasses_queue = was_direct;
    if (status == EVENTURE_OK && log->writer.ticks_uncommitted >= log->options.commit_every_ticks)
        status = commit(log);
    return status == EVENTURE_OK ? status : eventure__log_undo(log, status);
}

eventure_status eventure_log_advance_to(eventure_log *log, int64_t tick)
{
    eventure_status status = eventure__log_check_usable(log, "advance the tick");
    if (status != EVENTURE_OK)
        return status;
    if (tick < log->tick)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_TICK,
                              "advance to tick %lld: the current tick is %lld, and ticks do not go back",
                              (long long)tick, (long long)log->tick);
    if (tick == log->tick)
        return EVENTURE_OK;
    status = log->background != NULL && !eventure__log_needs_tick(log, log->tick) ? advance_in_background(log, tick)
                                                                                  : advance_directly(log, tick);
    eventure__log_note(log, status);
    return status;
}

eventure_status eventure_log_advance_tick(eventure_log *log)
{
    eventure_status status = eventure__log_check_usable(log, "advance the tick");
    if (status != EVENTURE_OK)
        return status;
    if (log->tick == INT64_MAX)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_TICK, "advance the tick: %lld is the last one",
                              (long long)log->tick);
    return eventure_log_advance_to(log, log->tick + 1);
}

int64_t eventure_log_durable_tick(const eventure_log *log)
{
    if (log == NULL)
        return 0;
    return log->background != NULL ? eventure__background_durable_tick(log->background) : log->durable_tick;
}

eventure_status eventure_log_wait_durable(eventure_log *log, int64_t tick, int timeout_ms)
{
    eventure_status status = eventure__log_check_open(log, "wait for a tick");
    if (status != EVENTURE_OK)
        return status;
    if (tick > log->tick)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_TICK,
                              "wait for tick %lld: the current tick is %lld, and nothing beyond it can be on the disk",
                              (long long)tick, (long long)log->tick);
    if (log->background == NULL)
        return tick <= log->durable_tick ? EVENTURE_OK : eventure_log_commit(log);
    if (!eventure__background_wait_durable(log->background, tick, timeout_ms))
        return eventure__fail(&log->store->error, EVENTURE_ERROR_BUSY,
                              "wait for tick %lld: the disk has come to tick %lld after %d ms", (long long)tick,
                              (long long)eventure_log_durable_tick(log), timeout_ms);
    return eventure__background_has_failed(log->background) ? eventure__log_settle(log) : EVENTURE_OK;
}

void eventure_log_options_init(eventure_log_options *options, size_t size)
{
    eventure__options_init(options, size);
}
