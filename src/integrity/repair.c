/*
 * Saving what a damaged store still holds. A tick is judged by its own events and by the digests of the row before its
 * own, so that damage takes only the ticks that it hit, and what comes after them verifies again.
 */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <eventure/integrity.h>

#include "embedded_sql.h"
#include "event/chain.h"
#include "event/id.h"
#include "event/json.h"
#include "log/bulk.h"
#include "store/archived.h"
#include "store/files.h"
#include "store/store.h"

/* The longest data that a store can hold; what the damaged one holds, the new one takes. */
#define MAX_DATA_BYTES ((int64_t)512 * 1024 * 1024)

/* What losses are counted up to: no store holds more. */
#define MOST_LOST (INT64_MAX / 2)

enum
{
    COLUMN_SEQ,
    COLUMN_TICK,
    COLUMN_TYPE,
    COLUMN_ORDINAL,
    COLUMN_PARENT,
    COLUMN_TIMESTAMP,
    COLUMN_DATA,
    COLUMN_FOREIGN_ID,
    COLUMN_EXTERNAL_PARENT
};

typedef struct repair_job
{
    eventure_reader *from;
    eventure_log *to;
    const eventure_repair_options *options;
    eventure_repair_report *report;
    bool has_digests;
    bool is_starved;       /* there was no memory: what looks lost may not be */
    eventure__link before; /* the digests that the row before says */
    eventure__link link;   /* those that the row of this tick says */
    bool has_link;
    eventure_loss tick; /* the tick at hand, and why it is lost */
    char why[512];
    eventure__buffer scratch;
} repair_job;

/* Says why the tick at hand is lost; returns false. */
static bool lost(repair_job *repair, const char *format, ...) EVENTURE_PRINTF(2, 3);

static bool lost(repair_job *repair, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(repair->why, sizeof repair->why, format, values);
    va_end(values);
    return false;
}

/* Notices when SQLite had no memory for what was just asked of the damaged store. */
static bool is_starved(repair_job *repair)
{
    if ((sqlite3_extended_errcode(repair->from->db) & 0xFF) == SQLITE_NOMEM)
        repair->is_starved = true;
    return repair->is_starved;
}

static eventure_status fail_starved(repair_job *repair)
{
    return eventure__fail(&repair->from->error, EVENTURE_ERROR_MEMORY, "repair: out of memory");
}

static bool read_link(sqlite3_stmt *statement, int run_column, eventure__link *out)
{
    const void *run = sqlite3_column_blob(statement, run_column);
    const void *full = sqlite3_column_blob(statement, run_column + 1);
    memset(out, 0, sizeof *out);
    if (run == NULL || full == NULL || sqlite3_column_bytes(statement, run_column) != EVENTURE__DIGEST_BYTES ||
        sqlite3_column_bytes(statement, run_column + 1) != EVENTURE__DIGEST_BYTES)
        return false;
    memcpy(out->run, run, sizeof out->run);
    memcpy(out->full, full, sizeof out->full);
    return true;
}

static const eventure__type *type_of(repair_job *repair, int64_t type_id)
{
    bool is_there = type_id >= 1 && (uint64_t)type_id <= repair->from->types_count;
    return is_there ? &repair->from->types[type_id - 1] : NULL;
}

static bool is_sound_data(repair_job *repair, const char *data, size_t len)
{
    eventure__buffer_clear(&repair->scratch);
    if (data == NULL || len == 0 || data[0] != '{')
        return false;
    eventure_status status = eventure__json_compact(data, len, EVENTURE__JSON_MAX_DEPTH, &repair->scratch, NULL);
    if (status == EVENTURE_ERROR_MEMORY)
        repair->is_starved = true;
    return status == EVENTURE_OK && repair->scratch.len == len && memcmp(repair->scratch.bytes, data, len) == 0;
}

/* Whether the event under the statement makes sense; adds it to the chain. */
static bool check_event(repair_job *repair, sqlite3_stmt *row, int64_t seq, eventure__chain *chain)
{
    const eventure__type *type = type_of(repair, sqlite3_column_int64(row, COLUMN_TYPE));
    const char *data = (const char *)sqlite3_column_text(row, COLUMN_DATA);
    size_t data_len = (size_t)sqlite3_column_bytes(row, COLUMN_DATA);
    if (sqlite3_column_int64(row, COLUMN_SEQ) != seq)
        return lost(repair, "event %" PRId64 " is missing", seq);
    if (sqlite3_column_int64(row, COLUMN_TICK) != repair->tick.tick || type == NULL ||
        sqlite3_column_int64(row, COLUMN_ORDINAL) < 1 || !isfinite(sqlite3_column_double(row, COLUMN_TIMESTAMP)))
        return lost(repair, "event %" PRId64 " makes no sense", seq);
    if (!is_sound_data(repair, data, data_len))
        return lost(repair, "event %" PRId64 ": data is not JSON as it is stored", seq);
    eventure__chain_add(chain, &(eventure__chained){
                                   .parent_seq = sqlite3_column_int64(row, COLUMN_PARENT),
                                   .timestamp = sqlite3_column_double(row, COLUMN_TIMESTAMP),
                                   .type = type->name,
                                   .type_len = type->name_len,
                                   .foreign_id = (const char *)sqlite3_column_text(row, COLUMN_FOREIGN_ID),
                                   .external_parent_id = (const char *)sqlite3_column_text(row, COLUMN_EXTERNAL_PARENT),
                                   .data = data,
                                   .data_len = data_len,
                               });
    return true;
}

static bool check_digests(repair_job *repair, const eventure__chain *chain)
{
    eventure__link link;
    eventure__chain_peek(chain, &link);
    if (!repair->has_link)
        return lost(repair, "its digests are missing");
    if (memcmp(&link, &repair->link, sizeof link) != 0)
        return lost(repair, "its digests are not those of its events");
    return true;
}

/* Takes the statement that answers the events of the tick at hand. */
static bool take_events(repair_job *repair, sqlite3_stmt **out)
{
    const eventure__sql *sql = &eventure__query_repair_events;
    if (eventure__store_take(repair->from, sql->text, sql->len, out) != EVENTURE_OK)
    {
        is_starved(repair);
        return lost(repair, "%s", repair->from->error.text);
    }
    sqlite3_bind_int64(*out, 1, repair->tick.first_seq);
    sqlite3_bind_int64(*out, 2, repair->tick.last_seq);
    return true;
}

static bool check_tick(repair_job *repair)
{
    eventure__chain chain;
    sqlite3_stmt *row = NULL;
    int64_t seq = repair->tick.first_seq;
    int step = SQLITE_DONE;
    eventure__chain_begin(&chain, &repair->before, repair->tick.tick);
    bool ok = take_events(repair, &row);
    while (ok && (step = sqlite3_step(row)) == SQLITE_ROW)
        ok = check_event(repair, row, seq++, &chain);
    if (ok && step != SQLITE_DONE)
        ok = lost(repair, "its events cannot be read: %s", sqlite3_errmsg(repair->from->db));
    is_starved(repair);
    if (ok && seq != repair->tick.last_seq + 1)
        ok = lost(repair, "event %" PRId64 " is missing", seq);
    if (ok && repair->has_digests)
        ok = check_digests(repair, &chain);
    eventure__store_give(repair->from, row);
    return ok;
}

/* The id of an event of the damaged store, as far as it can be told; NULL without memory. */
static const char *id_of(repair_job *repair, int64_t seq, char out[EVENTURE__ID_BYTES], eventure__buffer *foreign)
{
    const eventure__sql *sql = &eventure__query_repair_id;
    sqlite3_stmt *row = NULL;
    const char *id = out;
    snprintf(out, EVENTURE__ID_BYTES, "lost event %" PRId64, seq);
    if (eventure__store_take(repair->from, sql->text, sql->len, &row) != EVENTURE_OK)
        return is_starved(repair) ? NULL : id;
    sqlite3_bind_int64(row, 1, seq);
    if (sqlite3_step(row) == SQLITE_ROW)
    {
        const char *text = (const char *)sqlite3_column_text(row, 3);
        const eventure__type *type = type_of(repair, sqlite3_column_int64(row, 1));
        eventure__buffer_clear(foreign);
        if (text != NULL)
        {
            eventure__buffer_append_text(foreign, text);
            id = eventure__buffer_text(foreign);
        }
        else if (type != NULL)
            eventure__id_format(out, sqlite3_column_int64(row, 0), type->hash, sqlite3_column_int64(row, 2));
    }
    if (is_starved(repair))
        id = NULL;
    eventure__store_give(repair->from, row);
    return id;
}

/* Appends the event under the statement to the new store. */
static eventure_status save_event(repair_job *repair, sqlite3_stmt *row, eventure__buffer *foreign)
{
    char id[EVENTURE__ID_BYTES];
    char parent_id[EVENTURE__ID_BYTES];
    const eventure__type *type = type_of(repair, sqlite3_column_int64(row, COLUMN_TYPE));
    int64_t parent_seq = sqlite3_column_int64(row, COLUMN_PARENT);
    const char *external = (const char *)sqlite3_column_text(row, COLUMN_EXTERNAL_PARENT);
    eventure_event event = {
        .tick = repair->tick.tick,
        .timestamp = sqlite3_column_double(row, COLUMN_TIMESTAMP),
        .type = type->name,
        .data = (const char *)sqlite3_column_text(row, COLUMN_DATA),
        .data_len = (size_t)sqlite3_column_bytes(row, COLUMN_DATA),
        .id = (const char *)sqlite3_column_text(row, COLUMN_FOREIGN_ID),
        .parent_id = parent_seq != 0 ? id_of(repair, parent_seq, parent_id, foreign) : external,
    };
    if (event.data == NULL || (parent_seq != 0 && event.parent_id == NULL) || is_starved(repair))
        return fail_starved(repair);
    if (event.id == NULL)
    {
        eventure__id_format(id, event.tick, type->hash, sqlite3_column_int64(row, COLUMN_ORDINAL));
        event.id = id;
    }
    eventure_status status = eventure__log_bulk_append(repair->to, &event, true);
    if (status != EVENTURE_OK)
        eventure__fail(&repair->from->error, status, "repair: %s", eventure_log_message(repair->to));
    return status;
}

static eventure_status save_tick(repair_job *repair)
{
    sqlite3_stmt *row = NULL;
    eventure__buffer foreign = {0};
    int step = SQLITE_DONE;
    eventure_status status = take_events(repair, &row) ? EVENTURE_OK : repair->from->error.status;
    while (status == EVENTURE_OK && (step = sqlite3_step(row)) == SQLITE_ROW)
        status = save_event(repair, row, &foreign);
    if (status == EVENTURE_OK && step != SQLITE_DONE)
        status = eventure__store_fail(repair->from, "repair"); /* it could be read a moment ago */
    eventure__store_give(repair->from, row);
    eventure__buffer_free(&foreign);
    repair->report->events += repair->tick.last_seq - repair->tick.first_seq + 1;
    repair->report->ticks++;
    return status;
}

static eventure_status report_loss(repair_job *repair)
{
    eventure_repair_report *report = repair->report;
    if (report->lost_ticks++ == 0)
        snprintf(report->first_loss, sizeof report->first_loss, "tick %" PRId64 ": %s", repair->tick.tick, repair->why);
    /* A damaged row may say anything. */
    if (repair->tick.first_seq >= 1 && repair->tick.last_seq >= repair->tick.first_seq)
    {
        int64_t more = repair->tick.last_seq - repair->tick.first_seq + 1;
        report->lost_events = more < MOST_LOST - report->lost_events ? report->lost_events + more : MOST_LOST;
    }
    repair->tick.why = repair->why;
    if (repair->options->loss == NULL || repair->options->loss(&repair->tick, repair->options->loss_context) == 0)
        return EVENTURE_OK;
    return eventure__fail(&repair->from->error, EVENTURE_ERROR_INTERRUPTED, "repair: interrupted");
}

static eventure_status report_progress(repair_job *repair)
{
    eventure_progress progress = {
        .done = repair->report->events + repair->report->lost_events, .total = 0, .tick = repair->tick.tick};
    if (repair->options->progress == NULL ||
        repair->options->progress(&progress, repair->options->progress_context) == 0)
        return EVENTURE_OK;
    return eventure__fail(&repair->from->error, EVENTURE_ERROR_INTERRUPTED, "repair: interrupted");
}

/* A tick that makes no sense of itself, or goes back, cannot be appended. */
static bool check_row(repair_job *repair)
{
    if (repair->tick.tick < eventure_log_tick(repair->to) || repair->tick.first_seq < 1 ||
        repair->tick.last_seq < repair->tick.first_seq)
        return lost(repair, "its row makes no sense");
    return true;
}

/* Saves the tick under the statement, or says that it is lost. */
static eventure_status treat_tick(repair_job *repair, sqlite3_stmt *row)
{
    repair->tick = (eventure_loss){.tick = sqlite3_column_int64(row, 0),
                                   .first_seq = sqlite3_column_int64(row, 1),
                                   .last_seq = sqlite3_column_int64(row, 2)};
    repair->has_link = read_link(row, 3, &repair->link);
    is_starved(repair);
    bool is_good = check_row(repair) && check_tick(repair);
    if (repair->is_starved)
        return fail_starved(repair);
    eventure_status status = is_good ? save_tick(repair) : report_loss(repair);
    repair->before = repair->link;
    return status == EVENTURE_OK ? report_progress(repair) : status;
}

/* Treats the ticks after *tick as far as they can be read; *tick is then the last one. *out_ended tells whether that
 * was the end of the table. */
static eventure_status save_stretch(repair_job *repair, int64_t *tick, bool *out_ended)
{
    const eventure__sql *sql = &eventure__query_repair_ticks;
    sqlite3_stmt *row = NULL;
    int step = SQLITE_DONE;
    eventure_status status = eventure__store_take(repair->from, sql->text, sql->len, &row);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(row, 1, *tick);
    while (status == EVENTURE_OK && (step = sqlite3_step(row)) == SQLITE_ROW)
    {
        *tick = sqlite3_column_int64(row, 0);
        status = treat_tick(repair, row);
    }
    *out_ended = step == SQLITE_DONE;
    if (status == EVENTURE_OK && is_starved(repair))
        status = fail_starved(repair);
    eventure__store_give(repair->from, row);
    return status;
}

/* Where the table of ticks cannot be read, goes on behind that place: in steps that double until something is read. */
static eventure_status save_ticks(repair_job *repair)
{
    int64_t tick = -1;
    int64_t stride = 1;
    bool ended = false;
    eventure_status status = EVENTURE_OK;
    while (status == EVENTURE_OK && !ended)
    {
        int64_t from = tick;
        status = save_stretch(repair, &tick, &ended);
        if (status != EVENTURE_OK || ended)
            break;
        repair->report->has_gaps = true;
        stride = tick > from ? 1 : stride < INT64_MAX / 2 ? stride * 2 : INT64_MAX;
        if (tick > INT64_MAX - stride)
            break;
        tick += stride;
    }
    return status;
}

/* What the damaged store says of itself; what it does not say is what a new one would. */
static eventure_status read_identity(repair_job *repair)
{
    static const char sql[] = "SELECT store.digests, archive.run_digest, archive.full_digest FROM store "
                              "LEFT JOIN archive ON archive.before_tick = (SELECT max(before_tick) FROM archive)";
    sqlite3_stmt *row = NULL;
    repair->has_digests = true;
    if (eventure__store_take(repair->from, sql, sizeof sql - 1, &row) == EVENTURE_OK && sqlite3_step(row) == SQLITE_ROW)
    {
        const char *digests = (const char *)sqlite3_column_text(row, 0);
        repair->has_digests = digests == NULL || strcmp(digests, "none") != 0;
        read_link(row, 1, &repair->before);
    }
    eventure_status status = is_starved(repair) ? fail_starved(repair) : EVENTURE_OK;
    eventure__store_give(repair->from, row);
    return status;
}

static eventure_status save_everything(repair_job *repair)
{
    int64_t tick = 0;
    eventure_status status = eventure__log_bulk_begin(repair->to);
    if (status != EVENTURE_OK)
        return eventure__fail(&repair->from->error, status, "repair: %s", eventure_log_message(repair->to));
    status = save_ticks(repair);
    if (status != EVENTURE_OK)
        return status;
    status = eventure__log_bulk_commit(repair->to);
    eventure_status told = eventure_reader_tick(repair->from, &tick);
    if (status == EVENTURE_OK && told == EVENTURE_ERROR_MEMORY)
        return told;
    if (status == EVENTURE_OK && told == EVENTURE_OK && tick > eventure_log_tick(repair->to))
        status = eventure_log_advance_to(repair->to, tick);
    if (status != EVENTURE_OK)
        eventure__fail(&repair->from->error, status, "repair: %s", eventure_log_message(repair->to));
    return status;
}

static eventure_status open_new(repair_job *repair, const char *path)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.mode = EVENTURE_OPEN_NEW;
    options.max_data_bytes = MAX_DATA_BYTES;
    options.without_digests = !repair->has_digests;
    eventure_status status = eventure_log_open(path, &options, &repair->to);
    if (status != EVENTURE_OK)
        eventure__fail(&repair->from->error, status, "%s", eventure_log_message(repair->to));
    return status;
}

eventure_status eventure_repair(eventure_reader *reader, const char *path, const eventure_repair_options *options,
                                eventure_repair_report *out_report)
{
    static const eventure_repair_options defaults = EVENTURE_REPAIR_OPTIONS_INIT;
    if (reader == NULL || path == NULL || out_report == NULL)
        return EVENTURE_ERROR_ARGUMENT;
    *out_report = (eventure_repair_report){0};
    if (options != NULL && options->size != sizeof *options)
        return eventure__fail(&reader->error, EVENTURE_ERROR_ARGUMENT,
                              "repair: the options were not begun with EVENTURE_REPAIR_OPTIONS_INIT");
    repair_job repair = {.from = reader, .options = options != NULL ? options : &defaults, .report = out_report};
    bool held = false;
    eventure_status status = eventure__store_hold(reader, &held);
    if (status == EVENTURE_ERROR_CORRUPT)
        status = EVENTURE_OK; /* that is what we are here for */
    /* As many types as can be read: events of the others are lost. */
    if (status == EVENTURE_OK && eventure__store_load_types(reader) == EVENTURE_ERROR_MEMORY)
        status = EVENTURE_ERROR_MEMORY;
    if (status == EVENTURE_OK)
        status = read_identity(&repair);
    const bool is_ours = status == EVENTURE_OK && access(path, F_OK) != 0;
    if (status == EVENTURE_OK)
        status = open_new(&repair, path);
    if (status == EVENTURE_OK)
        status = save_everything(&repair);
    eventure_status closing = eventure_log_close(repair.to);
    if (status == EVENTURE_OK && closing != EVENTURE_OK)
        status = eventure__fail(&reader->error, closing, "repair: the new store could not be closed");
    if (is_ours && status != EVENTURE_OK && status != EVENTURE_ERROR_EXISTS && status != EVENTURE_ERROR_BUSY)
        eventure__files_remove(path);
    eventure__buffer_free(&repair.scratch);
    eventure__store_let_go(reader, held);
    return status;
}
