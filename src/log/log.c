/*
 * The log: opening, ticks and transactions. A transaction begins with the first write after a commit, and a commit
 * always stands between ticks, unless the caller asks for one in the middle.
 */
#include "log/private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "event/json.h"
#include "event/line.h"

#define DEFAULT_MAX_DATA_BYTES ((int64_t)16 * 1024 * 1024)
#define HIGHEST_MAX_DATA_BYTES ((int64_t)512 * 1024 * 1024)

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

/* Takes the options over, of whatever size the caller knew them, with the defaults filled in. */
static eventure_status take_options(eventure_log *log, const char *path, const eventure_log_options *given)
{
    eventure_log_options *options = &log->options;
    if (given != NULL && (given->size == 0 || given->size > sizeof *options))
        return eventure__fail(&log->open_error, EVENTURE_ERROR_ARGUMENT,
                              "open %s: the options were not begun with EVENTURE_LOG_OPTIONS_INIT", path);
    if (given != NULL)
        memcpy(options, given, given->size);
    options->size = sizeof *options;
    if (options->clock == NULL)
        options->clock = system_clock;
    if (options->commit_every_ticks == 0)
        options->commit_every_ticks = 1;
    if (options->max_data_bytes == 0)
        options->max_data_bytes = DEFAULT_MAX_DATA_BYTES;
    if (options->max_depth == 0)
        options->max_depth = EVENTURE__JSON_MAX_DEPTH;

    const char *wrong = (int)options->mode < 0 || options->mode > EVENTURE_OPEN_NEW   ? "mode"
                        : (int)options->sync < 0 || options->sync > EVENTURE_SYNC_OFF ? "sync"
                        : options->commit_every_ticks < 0                             ? "commit_every_ticks"
                        : options->busy_timeout_ms < 0                                ? "busy_timeout_ms"
                        : options->max_data_bytes < 2 || options->max_data_bytes > HIGHEST_MAX_DATA_BYTES
                            ? "max_data_bytes"
                        : options->max_depth < 1 || options->max_depth > EVENTURE__JSON_MAX_DEPTH ? "max_depth"
                                                                                                  : NULL;
    if (wrong != NULL)
        return eventure__fail(&log->open_error, EVENTURE_ERROR_ARGUMENT, "open %s: option %s is out of range", path,
                              wrong);
    return EVENTURE_OK;
}

/* Brings everything that SQL can see up to date. The current tick is written only when the newest row of `tick` does
 * not tell it, so that the usual commit does without that page. */
static eventure_status flush(eventure_log *log)
{
    eventure_status status = eventure__log_flush_tick(log, false);
    if (status != EVENTURE_OK || log->state.first_seq != 0 || log->told_tick == log->tick)
        return status;
    sqlite3_bind_int64(log->statements[EVENTURE__SET_CURRENT_TICK], 1, log->tick);
    status = eventure__log_step(log, EVENTURE__SET_CURRENT_TICK, "write the current tick");
    if (status == EVENTURE_OK)
        log->told_tick = log->tick;
    return status;
}

static int before_read(void *context)
{
    eventure_log *log = context;
    if (!log->in_transaction)
        return EVENTURE_OK;
    eventure_status status = flush(log);
    return status == EVENTURE_OK ? status : eventure__log_undo(log, status);
}

static eventure_status open_log(eventure_log *log, const char *path)
{
    eventure_status status = eventure__lock_take(&log->lock, path, &log->open_error);
    if (status != EVENTURE_OK)
        return status;
    status = eventure__store_open_write(path, &log->options, &log->store);
    if (status != EVENTURE_OK)
        return log->store != NULL ? status : eventure__fail(&log->open_error, status, "open %s: out of memory", path);
    if (!eventure__buffer_reserve(&log->rows_data, EVENTURE__ROWS_FIRST_BYTES))
        return eventure__fail(&log->store->error, EVENTURE_ERROR_MEMORY, "open %s: out of memory", path);
    log->store->before_read = before_read;
    log->store->before_read_context = log;
    status = eventure__log_prepare(log);
    if (status == EVENTURE_OK)
        status = eventure__log_load(log);
    log->is_open = status == EVENTURE_OK;
    return status;
}

eventure_status eventure_log_open(const char *path, const eventure_log_options *options, eventure_log **out_log)
{
    if (out_log == NULL)
        return EVENTURE_ERROR_ARGUMENT;
    eventure_log *log = calloc(1, sizeof *log);
    *out_log = log;
    if (log == NULL)
        return EVENTURE_ERROR_MEMORY;
    log->lock = (eventure__lock)EVENTURE__LOCK_INIT;
    if (path == NULL || *path == '\0')
        return eventure__fail(&log->open_error, EVENTURE_ERROR_ARGUMENT, "open a log: no path was given");
    eventure_status status = take_options(log, path, options);
    if (status == EVENTURE_OK)
        status = open_log(log, path);
    if (status != EVENTURE_OK)
        eventure__lock_release(&log->lock);
    return status;
}

eventure_status eventure_log_close(eventure_log *log)
{
    if (log == NULL)
        return EVENTURE_OK;
    eventure_status status = log->is_open ? eventure_log_commit(log) : EVENTURE_OK;
    eventure__log_finalize(log);
    eventure__store_close(log->store);
    eventure__lock_release(&log->lock);
    eventure__data_indexes_free(&log->data_indexes);
    eventure__buffer_free(&log->rows_data);
    eventure__buffer_free(&log->data);
    eventure__buffer_free(&log->parent_id);
    free(log->state.used_types);
    free(log->type_states);
    free(log);
    return status;
}

const char *eventure_log_message(const eventure_log *log)
{
    if (log == NULL)
        return "out of memory";
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

static eventure_status check_open(eventure_log *log, const char *what)
{
    if (log == NULL)
        return EVENTURE_ERROR_ARGUMENT;
    if (!log->is_open)
        return eventure__fail(error_of(log), EVENTURE_ERROR_ARGUMENT, "%s: the log is not open", what);
    return EVENTURE_OK;
}

eventure_status eventure__log_begin(eventure_log *log)
{
    if (log->in_transaction)
        return EVENTURE_OK;
    eventure_status status = eventure__log_step(log, EVENTURE__BEGIN, "begin a transaction");
    log->in_transaction = status == EVENTURE_OK;
    return status;
}

eventure_status eventure__log_undo(eventure_log *log, eventure_status cause)
{
    eventure__error kept = log->store->error;
    if (!sqlite3_get_autocommit(log->store->db))
        sqlite3_exec(log->store->db, "ROLLBACK", NULL, NULL, NULL);
    log->in_transaction = false;
    /* A log that does not know where it stands must not write on: neither when there was no memory for rolling back. */
    if (!sqlite3_get_autocommit(log->store->db) || eventure__log_load(log) != EVENTURE_OK)
        log->is_open = false;
    eventure__log_tell_undo(log);
    log->store->error = kept;
    return cause;
}

static eventure_status commit(eventure_log *log)
{
    log->ticks_uncommitted = 0;
    if (!log->in_transaction)
        return EVENTURE_OK;
    eventure_status status = flush(log);
    if (status == EVENTURE_OK && log->data_indexes.count > 0)
        status = eventure__log_index_data(log);
    if (status == EVENTURE_OK)
        status = eventure__log_step(log, EVENTURE__COMMIT, "commit");
    if (status == EVENTURE_OK)
        log->in_transaction = false;
    return status;
}

eventure_status eventure_log_commit(eventure_log *log)
{
    eventure_status status = check_open(log, "commit");
    if (status != EVENTURE_OK)
        return status;
    status = commit(log);
    return status == EVENTURE_OK ? status : eventure__log_undo(log, status);
}

eventure_status eventure_log_rollback(eventure_log *log)
{
    eventure_status status = check_open(log, "roll back");
    if (status != EVENTURE_OK || !log->in_transaction)
        return status;
    eventure__log_undo(log, EVENTURE_OK);
    return log->is_open ? EVENTURE_OK : log->store->error.status;
}

eventure_status eventure__log_move_to(eventure_log *log, int64_t tick)
{
    eventure_status status = eventure__log_begin(log);
    if (status == EVENTURE_OK)
        status = eventure__log_flush_tick(log, true);
    if (status != EVENTURE_OK)
        return status;
    int64_t complete = log->tick;
    log->tick = tick;
    status = eventure__log_start_tick(log);
    return status == EVENTURE_OK ? eventure__log_tell_tick(log, complete) : status;
}

eventure_status eventure_log_advance_to(eventure_log *log, int64_t tick)
{
    eventure_status status = check_open(log, "advance the tick");
    if (status != EVENTURE_OK)
        return status;
    if (tick < log->tick)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_TICK,
                              "advance to tick %lld: the current tick is %lld, and ticks do not go back",
                              (long long)tick, (long long)log->tick);
    if (tick == log->tick)
        return EVENTURE_OK;
    status = eventure__log_move_to(log, tick);
    if (status == EVENTURE_OK && ++log->ticks_uncommitted >= log->options.commit_every_ticks)
        status = commit(log);
    return status == EVENTURE_OK ? status : eventure__log_undo(log, status);
}

eventure_status eventure_log_advance_tick(eventure_log *log)
{
    eventure_status status = check_open(log, "advance the tick");
    if (status != EVENTURE_OK)
        return status;
    if (log->tick == INT64_MAX)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_TICK, "advance the tick: %lld is the last one",
                              (long long)log->tick);
    return eventure_log_advance_to(log, log->tick + 1);
}

/* Reads the clock into the row. */
static eventure_status take_time(eventure_log *log, double *out)
{
    *out = log->options.clock(log->options.clock_context);
    if (isfinite(*out))
        return EVENTURE_OK;
    return eventure__fail(&log->store->error, EVENTURE_ERROR_ARGUMENT, "the clock gave a time that is not finite");
}

/* Checks everything that the caller gave; nothing is written yet. */
static eventure_status check_event(eventure_log *log, const char *type, const eventure_data *data,
                                   const eventure_event *parent, eventure__row_to_write *row)
{
    eventure__error *error = &log->store->error;
    if (type == NULL)
        return eventure__fail(error, EVENTURE_ERROR_TYPE, "no type was given");
    eventure_status status = EVENTURE_OK;
    size_t len = strlen(type);
    if (eventure__store_type_id(log->store, type, len) == 0)
        status = eventure__type_check(type, len, error);
    eventure__buffer_clear(&log->data);
    if (status == EVENTURE_OK)
        status = eventure__data_compact(data, (size_t)log->options.max_data_bytes, log->options.max_depth, &log->data,
                                        error);
    if (status == EVENTURE_OK)
        status = eventure__log_parent(log, parent, &row->parent_seq);
    if (status == EVENTURE_OK)
        status = take_time(log, &row->timestamp);
    if (status != EVENTURE_OK)
        return status;
    row->data = eventure__buffer_text(&log->data);
    row->data_len = log->data.len;
    return row->data != NULL ? EVENTURE_OK : eventure__fail(error, EVENTURE_ERROR_MEMORY, "out of memory");
}

/* Makes a place of its own for the parent's id, which the caller may free. */
static eventure_status keep_parent_id(eventure_log *log, const eventure_event *parent)
{
    eventure__buffer_clear(&log->parent_id);
    if (parent == NULL)
        return EVENTURE_OK;
    eventure__buffer_append_text(&log->parent_id, parent->id);
    return eventure__buffer_text(&log->parent_id) != NULL
               ? EVENTURE_OK
               : eventure__fail(&log->store->error, EVENTURE_ERROR_MEMORY, "out of memory");
}

static eventure_status write_checked(eventure_log *log, const char *type, eventure__row_to_write *row,
                                     const char **out_id)
{
    eventure_status status = eventure__log_begin(log);
    if (status == EVENTURE_OK)
        status = eventure__log_type(log, type, strlen(type), &row->type_id);
    if (status == EVENTURE_OK)
    {
        row->type = &log->store->types[row->type_id - 1];
        status = eventure__log_write(log, row, out_id);
    }
    return status;
}

eventure_status eventure_log_append(eventure_log *log, const char *type, eventure_data data,
                                    const eventure_event *parent, eventure_event *out_event)
{
    eventure_status status = check_open(log, "append an event");
    if (status != EVENTURE_OK)
        return status;
    eventure__row_to_write row = {0};
    const char *id = NULL;
    status = check_event(log, type, &data, parent, &row);
    if (status == EVENTURE_OK)
        status = keep_parent_id(log, parent);
    if (status == EVENTURE_OK)
    {
        status = write_checked(log, type, &row, &id);
        if (status != EVENTURE_OK)
            eventure__log_undo(log, status);
    }
    if (status != EVENTURE_OK)
        return eventure__fail_prefix(&log->store->error, "append %s at tick %lld",
                                     eventure__quote(type, type != NULL ? strlen(type) : 0).text, (long long)log->tick);
    if (out_event != NULL)
        *out_event = (eventure_event){
            .seq = log->last_seq,
            .tick = log->tick,
            .timestamp = row.timestamp,
            .type = row.type->name,
            .data = row.data,
            .data_len = row.data_len,
            .id = id,
            .parent_id = parent != NULL ? log->parent_id.bytes : NULL,
            .parent_seq = row.parent_seq,
        };
    return EVENTURE_OK;
}
