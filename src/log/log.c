/*
 * The log: its options, opening and closing it, and what it makes visible to readers of its connection.
 */
#include "log/log.h"

#include <stdlib.h>

#include "base/assertion.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/options.h"
#include "event/json.h"
#include "log/hook.h"
#include "log/log_internal.h"
#include "log/undo.h"
#include "store/open_write.h"
#include "store/proof.h"

#define DEFAULT_MAX_DATA_BYTES ((int64_t)16 * 1024 * 1024)
#define DEFAULT_QUEUE_BYTES ((size_t)4 * 1024 * 1024)
#define LEAST_QUEUE_BYTES ((int64_t)64 * 1024)
#define HIGHEST_QUEUE_BYTES ((int64_t)1024 * 1024 * 1024)

static double system_clock(void *context)
{
    (void)context;
    return eventure__clock_now();
}

/* Checks the options after the defaults were filled in. */
static eventure_status check_options(const eventure_log_options *options, const char *path, eventure__error *error)
{
    const int64_t queue_bytes = options->queue_bytes <= INT64_MAX ? (int64_t)options->queue_bytes : INT64_MAX;
    const eventure__option_range ranges[] = {
        {"mode", (int)options->mode, 0, EVENTURE_OPEN_MEMORY},
        {"sync", (int)options->sync, 0, EVENTURE_SYNC_OFF},
        {"commit_every_ticks", options->commit_every_ticks, 1, options->background ? 1 : INT64_MAX},
        {"when_full", (int)options->when_full, 0, EVENTURE_QUEUE_FULL_FAIL},
        {"queue_bytes", queue_bytes, LEAST_QUEUE_BYTES, HIGHEST_QUEUE_BYTES},
        {"busy_timeout_ms", options->busy_timeout_ms, 0, INT64_MAX},
        {"max_data_bytes", options->max_data_bytes, 2, EVENTURE_DATA_MAX_BYTES},
        {"max_type_bytes", options->max_type_bytes, 1, EVENTURE_TYPE_MAX_BYTES},
        {"max_tick_events", options->max_tick_events, 0, INT64_MAX},
        {"max_file_bytes", options->max_file_bytes, 0, INT64_MAX},
        {"max_depth", options->max_depth, 1, EVENTURE__JSON_MAX_DEPTH},
    };
    if (eventure__options_check(ranges, sizeof ranges / sizeof *ranges, NULL, error) == EVENTURE_OK)
        return EVENTURE_OK;
    return eventure__fail_prefix(error, "open %s", path);
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

    return check_options(options, path, &log->open_error);
}

static int before_read(void *context)
{
    eventure_log *log = context;
    eventure_status status = eventure__log_settle(log);
    if (status == EVENTURE_OK)
        status = eventure__log_notice_loss(log);
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
    const eventure_log_options *given = &log->options;
    const eventure__write_options options = {
        .must_exist = given->mode == EVENTURE_OPEN_EXISTING,
        .must_be_new = given->mode == EVENTURE_OPEN_NEW,
        .in_memory = given->mode == EVENTURE_OPEN_MEMORY,
        .is_shared = given->background,
        .sync = given->sync == EVENTURE_SYNC_FULL     ? EVENTURE__SYNC_FULL
                : given->sync == EVENTURE_SYNC_NORMAL ? EVENTURE__SYNC_NORMAL
                                                      : EVENTURE__SYNC_OFF,
        .without_digests = given->without_digests,
        .without_backup = given->without_backup,
        .busy_timeout_ms = given->busy_timeout_ms,
        .max_file_bytes = given->max_file_bytes,
    };
    eventure_status status = eventure__store_open_write(path, &options, &log->store);
    if (status != EVENTURE_OK)
        return log->store != NULL ? status : eventure__fail(&log->open_error, status, "open %s: out of memory", path);
    log->store->before_read = before_read;
    log->store->before_read_context = log;
    status = open_writer(log);
    if (status == EVENTURE_OK)
        status = eventure__log_load(log);
    if (status == EVENTURE_OK && log->options.background)
        status = start_thread(log);
    assert(!log->writer.in_transaction); /* opening writes nothing that is not committed */
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
        eventure__error kept = *eventure__log_error(*out_log);
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
    if (!inherited && !log->is_open && log->store != NULL && !eventure__store_is_lost(log->store) &&
        log->open_error.status != EVENTURE_OK)
        status = eventure__fail(&log->store->error, log->open_error.status, "close %s: the log became unusable: %s",
                                log->store->path, log->open_error.text);
    if (status != EVENTURE_OK && out_error != NULL)
        *out_error = *eventure__log_error(log);
    eventure_status closed = eventure__store_close(log->store);
    if (status == EVENTURE_OK)
        status = closed;
    eventure__buffer_free(&log->texts[0]);
    eventure__buffer_free(&log->texts[1]);
    eventure__buffer_free(&log->ids);
    eventure__types_free(&log->types);
    eventure__log_release_hooks(log);
    free(log);
    return status;
}

size_t eventure__log_max_data_bytes(const eventure_log *log)
{
    return (size_t)log->options.max_data_bytes;
}

int eventure__log_max_depth(const eventure_log *log)
{
    return log->options.max_depth;
}

int64_t eventure__log_last_seq(const eventure_log *log)
{
    return log->last_seq;
}

double eventure__log_now(eventure_log *log)
{
    return log->options.clock(log->options.clock_context);
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

void eventure_log_options_init(eventure_log_options *options, size_t size)
{
    eventure__options_init(options, size);
}
