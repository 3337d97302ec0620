/*
 * Saves the intact events of a damaged store. Each tick is checked with its own events and the digests of the previous
 * row, so that damage loses only the ticks that it affects, and later ticks verify again.
 */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/integrity.h>

#include "base/error.h"
#include "base/options.h"
#include "embedded_sql.h"
#include "event/json.h"
#include "event/types.h"
#include "integrity/repair_internal.h"
#include "integrity/salvage.h"
#include "log/bulk.h"
#include "log/log.h"
#include "store/archived.h"
#include "store/atomic_file.h"
#include "store/record.h"
#include "store/timestamp_column.h"

/* Records why the current tick is lost; returns false. */
static bool lost(eventure__repairer *repair, const char *format, ...) EVENTURE_PRINTF(2, 3);

static bool lost(eventure__repairer *repair, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(repair->why, sizeof repair->why, format, values);
    va_end(values);
    return false;
}

bool eventure__repair_note_out_of_memory(eventure__repairer *repair)
{
    if ((sqlite3_extended_errcode(repair->from->db) & 0xFF) == SQLITE_NOMEM)
        repair->is_out_of_memory = true;
    return repair->is_out_of_memory;
}

/* Sets the error after SQLite failed on the source. Always returns an error. */
static eventure_status fail_source(eventure__repairer *repair, const char *what)
{
    eventure_status status = eventure__store_fail(repair->from, what);
    repair->damaged->error = repair->from->error;
    return status;
}

eventure_status eventure__repair_fail_memory(eventure__repairer *repair)
{
    return eventure__fail(&repair->damaged->error, EVENTURE_ERROR_MEMORY, "repair: out of memory");
}

eventure_status eventure__repair_failure(eventure__repairer *repair)
{
    if (repair->is_out_of_memory)
        return eventure__repair_fail_memory(repair);
    if (repair->failure.status != EVENTURE_OK)
        repair->damaged->error = repair->failure;
    return repair->failure.status;
}

/* Reads a column of the damaged store as text; NULL when it is NULL, or when out of memory. */
static const char *text_of(sqlite3_stmt *row, int column, size_t *out_len)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    *out_len = (size_t)sqlite3_column_bytes(row, column);
    return text;
}

/* Returns the type of the event in the current row; NULL when it is not a valid type, or when out of memory. */
static const eventure__type *type_of(eventure__repairer *repair, sqlite3_stmt *row)
{
    size_t len = 0;
    const char *name = text_of(row, EVENTURE__RECORD_TYPE, &len);
    if (name == NULL || eventure__type_check(name, len, NULL) != EVENTURE_OK)
        return NULL;
    size_t number = eventure__types_add(&repair->types, name, len);
    repair->is_out_of_memory = repair->is_out_of_memory || number == 0;
    return number != 0 ? eventure__types_get(&repair->types, number) : NULL;
}

static bool is_sound_data(eventure__repairer *repair, const char *data, size_t len)
{
    eventure__buffer_clear(&repair->scratch);
    if (data == NULL || len == 0 || data[0] != '{')
        return false;
    eventure_status status = eventure__json_compact(data, len, EVENTURE__JSON_MAX_DEPTH, &repair->scratch, NULL);
    if (status == EVENTURE_ERROR_MEMORY)
        repair->is_out_of_memory = true;
    return status == EVENTURE_OK && repair->scratch.len == len && memcmp(repair->scratch.bytes, data, len) == 0;
}

/* Whether the new store, which is sound, has an event of that id. */
static eventure_status is_saved(eventure__repairer *repair, const char *id, bool *out_saved)
{
    eventure_status status = eventure__log_bulk_knows(repair->to, id, out_saved);
    if (status != EVENTURE_OK)
        eventure__fail(&repair->damaged->error, status, "repair: %s", eventure_log_message(repair->to));
    return status;
}

/* Checks that no saved event has the id. In a store without digests no other check detects that. An error of the new
 * store becomes the failure of the repair. */
static bool check_is_free(eventure__repairer *repair, int64_t seq, const char *id)
{
    bool taken = false;
    if (!repair->has_explicit_ids)
        return true;
    if (is_saved(repair, id, &taken) != EVENTURE_OK)
    {
        repair->failure = repair->damaged->error;
        return false;
    }
    return !taken || lost(repair, "event %" PRId64 " has the id of an earlier event", seq);
}

/* Checks that the event in the current row is valid, and adds it to the chain. */
static bool check_event(eventure__repairer *repair, sqlite3_stmt *row, int64_t seq, eventure__digest_chain *chain)
{
    char derived[EVENTURE__ID_BYTES];
    size_t id_len = 0;
    size_t parent_id_len = 0;
    size_t data_len = 0;
    if (sqlite3_column_int64(row, EVENTURE__RECORD_SEQ) != seq)
        return lost(repair, "event %" PRId64 " is missing", seq);
    const eventure__type *type = type_of(repair, row);
    const char *id = text_of(row, EVENTURE__RECORD_ID, &id_len);
    const char *parent_id = text_of(row, EVENTURE__RECORD_PARENT_ID, &parent_id_len);
    const char *data = text_of(row, EVENTURE__RECORD_DATA, &data_len);
    eventure__timestamp timestamp = eventure__timestamp_column(row, EVENTURE__RECORD_TIMESTAMP);
    int64_t parent_seq = sqlite3_column_int64(row, EVENTURE__RECORD_PARENT_SEQ);
    if (sqlite3_column_int64(row, EVENTURE__RECORD_TICK) != repair->tick.tick || type == NULL || id == NULL ||
        id_len == 0 || !isfinite(timestamp.seconds) || strlen(id) != id_len ||
        (parent_id != NULL && strlen(parent_id) != parent_id_len))
        return lost(repair, "event %" PRId64 " is invalid", seq);
    if (!is_sound_data(repair, data, data_len))
        return lost(repair, "event %" PRId64 ": data is not JSON in compact form", seq);
    eventure__id_format(derived, repair->tick.tick, type->hash, ++repair->ordinals[type->hash_code]);
    bool has_explicit_id = strcmp(id, derived) != 0;
    repair->has_explicit_ids = repair->has_explicit_ids || has_explicit_id;
    if (!check_is_free(repair, seq, id))
        return false;
    eventure__digest_chain_add(chain, &(eventure__digest_input){
                                          .parent_seq = parent_seq,
                                          .timestamp = timestamp,
                                          .type = type->name,
                                          .type_len = type->name_len,
                                          .explicit_id = has_explicit_id ? id : NULL,
                                          .external_parent_id = parent_seq == 0 ? parent_id : NULL,
                                          .data = data,
                                          .data_len = data_len,
                                      });
    return true;
}

static bool check_digests(eventure__repairer *repair, const eventure__tick_digest *link)
{
    if (!repair->has_link)
        return lost(repair, "its digests are missing");
    if (memcmp(link, &repair->link, sizeof *link) != 0)
        return lost(repair, "its digests are not those of its events");
    return true;
}

/* Takes the statement for the events of the current tick. */
static bool take_events(eventure__repairer *repair, sqlite3_stmt **out)
{
    const eventure__sql *sql = &eventure__query_repair_events;
    if (eventure__store_prepare(repair->from, sql->text, out) != EVENTURE_OK)
    {
        eventure__repair_note_out_of_memory(repair);
        return lost(repair, "%s", repair->from->error.text);
    }
    sqlite3_bind_int64(*out, 1, repair->tick.first_seq);
    sqlite3_bind_int64(*out, 2, repair->tick.last_seq);
    return true;
}

/* Checks that no two events of the current tick have the same id. */
static bool check_ids(eventure__repairer *repair)
{
    const eventure__sql *sql = &eventure__query_repair_same_ids;
    sqlite3_stmt *row = NULL;
    if (!repair->has_explicit_ids || repair->tick.first_seq == repair->tick.last_seq)
        return true;
    if (eventure__store_prepare(repair->from, sql->text, &row) != EVENTURE_OK)
    {
        eventure__repair_note_out_of_memory(repair);
        return lost(repair, "%s", repair->from->error.text);
    }
    sqlite3_bind_int64(row, 1, repair->tick.first_seq);
    sqlite3_bind_int64(row, 2, repair->tick.last_seq);
    int step = sqlite3_step(row);
    eventure__repair_note_out_of_memory(repair);
    eventure__store_release(repair->from, row);
    return step == SQLITE_DONE || lost(repair, "two of its events have the same id");
}

bool eventure__repair_check_tick(eventure__repairer *repair, const eventure__tick_digest *before, bool check_row,
                                 eventure__tick_digest *out)
{
    static const eventure__tick_digest none = {{0}, {0}};
    eventure__digest_chain chain;
    eventure__tick_digest link;
    sqlite3_stmt *row = NULL;
    int64_t seq = repair->tick.first_seq;
    int step = SQLITE_DONE;
    eventure__digest_chain_begin(&chain, before != NULL ? before : &none, repair->tick.tick);
    memset(repair->ordinals, 0, sizeof repair->ordinals);
    bool ok = take_events(repair, &row);
    while (ok && (step = sqlite3_step(row)) == SQLITE_ROW)
        ok = check_event(repair, row, seq++, &chain);
    if (ok && step != SQLITE_DONE)
        ok = lost(repair, "its events cannot be read: %s", sqlite3_errmsg(repair->from->db));
    eventure__repair_note_out_of_memory(repair);
    if (ok && (repair->tick.last_seq == INT64_MAX || seq != repair->tick.last_seq + 1))
        ok = lost(repair, "event %" PRId64 " is missing", seq);
    eventure__digest_chain_peek(&chain, &link);
    if (ok && out != NULL)
        *out = link;
    if (ok && check_row && repair->has_digests && before != NULL)
        ok = check_digests(repair, &link);
    eventure__store_release(repair->from, row);
    return ok && check_ids(repair);
}

/* Reads the id of an event of the damaged store into the scratch buffer; *out is NULL when there is no such event. */
static eventure_status read_id(eventure__repairer *repair, int64_t seq, const char **out)
{
    const eventure__sql *sql = &eventure__query_id_of_seq;
    sqlite3_stmt *row = NULL;
    *out = NULL;
    if (eventure__store_prepare(repair->from, sql->text, &row) != EVENTURE_OK)
        return eventure__repair_note_out_of_memory(repair) ? eventure__repair_fail_memory(repair) : EVENTURE_OK;
    sqlite3_bind_int64(row, 1, seq);
    const char *id = sqlite3_step(row) == SQLITE_ROW ? (const char *)sqlite3_column_text(row, 0) : NULL;
    eventure__buffer_clear(&repair->scratch);
    if (id != NULL)
    {
        eventure__buffer_append_text(&repair->scratch, id);
        *out = eventure__buffer_text(&repair->scratch);
    }
    bool out_of_memory = eventure__repair_note_out_of_memory(repair) || (id != NULL && *out == NULL);
    eventure__store_release(repair->from, row);
    return out_of_memory ? eventure__repair_fail_memory(repair) : EVENTURE_OK;
}

/* Appends the event in the current row to the new store. Its parent is the event in parent_seq, which the digests
 * cover, with the id that this event has in the new store. When that event is lost, the damage may have hit its id,
 * so the id in the row is used. */
static eventure_status save_event(eventure__repairer *repair, sqlite3_stmt *row)
{
    const eventure__type *type = type_of(repair, row);
    int64_t parent_seq = sqlite3_column_int64(row, EVENTURE__RECORD_PARENT_SEQ);
    const char *parent_id = NULL;
    eventure_event event = {
        .tick = repair->tick.tick,
        .id = (const char *)sqlite3_column_text(row, EVENTURE__RECORD_ID),
        .parent_id = (const char *)sqlite3_column_text(row, EVENTURE__RECORD_PARENT_ID),
    };
    eventure__timestamp_give(eventure__timestamp_column(row, EVENTURE__RECORD_TIMESTAMP), &event);
    event.data = text_of(row, EVENTURE__RECORD_DATA, &event.data_len);
    if (type == NULL || event.id == NULL || event.data == NULL || eventure__repair_note_out_of_memory(repair))
        return eventure__repair_fail_memory(repair);
    event.type = type->name;
    eventure_status status = parent_seq != 0 ? read_id(repair, parent_seq, &parent_id) : EVENTURE_OK;
    bool saved = false;
    if (status == EVENTURE_OK && parent_id != NULL)
        status = is_saved(repair, parent_id, &saved);
    if (status != EVENTURE_OK)
        return status;
    if (saved || event.parent_id == NULL)
        event.parent_id = parent_id;
    if (event.parent_id != NULL && *event.parent_id == '\0')
        event.parent_id = NULL; /* digests treat an empty text as a missing one */
    status = eventure__log_bulk_append(repair->to, &event, true);
    if (status != EVENTURE_OK)
        eventure__fail(&repair->damaged->error, status, "repair: %s", eventure_log_message(repair->to));
    return status;
}

eventure_status eventure__repair_save_tick(eventure__repairer *repair)
{
    sqlite3_stmt *row = NULL;
    int step = SQLITE_DONE;
    eventure_status status = take_events(repair, &row) ? EVENTURE_OK : fail_source(repair, "repair");
    while (status == EVENTURE_OK && (step = sqlite3_step(row)) == SQLITE_ROW)
        status = save_event(repair, row);
    if (status == EVENTURE_OK && step != SQLITE_DONE)
        status = fail_source(repair, "repair"); /* the row was readable before */
    eventure__store_release(repair->from, row);
    repair->report->events += repair->tick.last_seq - repair->tick.first_seq + 1;
    repair->report->ticks++;
    return status;
}

eventure_status eventure__repair_lose_tick(eventure__repairer *repair)
{
    eventure_repair_report *report = repair->report;
    if (report->lost_ticks++ == 0)
        snprintf(report->first_loss, sizeof report->first_loss, "tick %" PRId64 ": %s", repair->tick.tick, repair->why);
    repair->tick.why = repair->why;
    if (repair->options->loss == NULL || repair->options->loss(&repair->tick, repair->options->loss_context) == 0)
        return EVENTURE_OK;
    return eventure__fail(&repair->damaged->error, EVENTURE_ERROR_INTERRUPTED, "repair: interrupted");
}

static eventure_status report_progress(eventure__repairer *repair)
{
    eventure_progress progress = {.done = repair->report->events, .total = 0, .tick = repair->tick.tick};
    if (repair->options->progress == NULL ||
        repair->options->progress(&progress, repair->options->progress_context) == 0)
        return EVENTURE_OK;
    return eventure__fail(&repair->damaged->error, EVENTURE_ERROR_INTERRUPTED, "repair: interrupted");
}

/* Checks the values of the tick's row: a tick that is invalid, or not after the previous one, cannot be appended. */
static bool check_row(eventure__repairer *repair)
{
    if (repair->tick.tick < eventure_log_tick(repair->to) || repair->tick.first_seq < 1 ||
        repair->tick.last_seq < repair->tick.first_seq)
        return lost(repair, "its row is invalid");
    return true;
}

/* Checks the current tick with the digests of the previous row, with those computed from the events before, or with
 * those of a row that is invalid otherwise. When none is known, a tick with valid events is saved without a proof by
 * digests. */
static bool check_from_before(eventure__repairer *repair, bool *out_by_computed)
{
    eventure__tick_digest computed;
    *out_by_computed = false;
    if (repair->has_before && eventure__repair_check_tick(repair, &repair->before, true, &computed))
        return true;
    if (repair->has_computed && eventure__repair_check_tick(repair, &repair->computed, true, &computed))
    {
        *out_by_computed = true;
        return true;
    }
    if (repair->has_noted_link && eventure__repair_check_tick(repair, &repair->noted_link, true, &computed))
        return true;
    if (repair->has_before || repair->has_computed)
        return false;
    if (repair->has_digests && !repair->has_link)
        return lost(repair, "its digests are missing");
    bool ok = eventure__repair_check_tick(repair, NULL, false, NULL);
    repair->report->unproven_ticks += ok && repair->has_digests;
    return ok;
}

/* Handles a gap before the current row: its ticks are saved when the row proves them, and lost otherwise. */
static eventure_status settle_gap(eventure__repairer *repair, const eventure_repair_loss *row, bool is_proved)
{
    eventure_status status = is_proved ? eventure__repair_save_gap(repair, row->first_seq - 1, row->tick)
                                       : eventure__repair_lose_gap(repair, row->first_seq - 1, row->tick);
    repair->tick = *row;
    return status;
}

/* Saves the current tick, or records that it is lost. */
static eventure_status treat_row(eventure__repairer *repair)
{
    const eventure_repair_loss row = repair->tick;
    const bool has_gap = row.first_seq > repair->next_seq;
    char why[sizeof repair->why];
    bool is_proved = false;
    eventure_status status = EVENTURE_OK;
    if (has_gap)
        status = eventure__repair_gap(repair, row.first_seq - 1, row.tick);
    if (status != EVENTURE_OK)
        return status;
    repair->tick = row;
    bool is_good = check_from_before(repair, &is_proved);
    memcpy(why, repair->why, sizeof why);
    status = eventure__repair_failure(repair);
    if (status != EVENTURE_OK)
        return status;
    if (has_gap)
        status = settle_gap(repair, &row, is_good && is_proved);
    else
        status = eventure__repair_forget_rows(repair); /* no event is missing: they are not about any tick */
    memcpy(repair->why, why, sizeof why);
    if (status == EVENTURE_OK)
        status = is_good ? eventure__repair_save_tick(repair) : eventure__repair_lose_tick(repair);
    if (row.last_seq >= repair->next_seq)
        repair->next_seq = row.last_seq < INT64_MAX ? row.last_seq + 1 : INT64_MAX;
    repair->tick_before = row.tick;
    return status;
}

/* Handles the tick in the current row. */
static eventure_status treat_tick(eventure__repairer *repair, sqlite3_stmt *row)
{
    eventure_status status = EVENTURE_OK;
    repair->tick = (eventure_repair_loss){.tick = sqlite3_column_int64(row, 0),
                                          .first_seq = sqlite3_column_int64(row, 1),
                                          .last_seq = sqlite3_column_int64(row, 2)};
    repair->has_link = eventure__record_link(row, 3, &repair->link);
    eventure__repair_note_out_of_memory(repair);
    if (!check_row(repair))
        status = eventure__repair_note_row(repair);
    else
    {
        status = treat_row(repair);
        repair->has_before = repair->has_link || !repair->has_digests;
        repair->before = repair->link;
        repair->has_computed = false;
    }
    return status == EVENTURE_OK ? report_progress(repair) : status;
}

/* Handles the ticks after *tick until a row cannot be read; *tick is then the last tick. *out_ended receives whether
 * the table ended there. */
static eventure_status save_stretch(eventure__repairer *repair, int64_t *tick, bool *out_ended)
{
    const eventure__sql *sql = &eventure__query_repair_ticks;
    sqlite3_stmt *row = NULL;
    int step = SQLITE_DONE;
    eventure_status status = eventure__store_prepare(repair->from, sql->text, &row);
    if (status != EVENTURE_OK)
    {
        repair->damaged->error = repair->from->error;
        return status;
    }
    sqlite3_bind_int64(row, 1, *tick);
    while (status == EVENTURE_OK && (step = sqlite3_step(row)) == SQLITE_ROW)
    {
        *tick = sqlite3_column_int64(row, 0);
        status = treat_tick(repair, row);
    }
    *out_ended = step == SQLITE_DONE;
    if (status == EVENTURE_OK && eventure__repair_note_out_of_memory(repair))
        status = eventure__repair_fail_memory(repair);
    eventure__store_release(repair->from, row);
    return status;
}

/* Saves the ticks. After a position at which the table of ticks cannot be read, continues behind it, in steps that
 * double until a row can be read. */
static eventure_status save_ticks(eventure__repairer *repair)
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
        stride = tick > from ? 1 : stride < INT64_MAX / 2 ? stride * 2 : INT64_MAX;
        if (tick > INT64_MAX - stride)
            break;
        tick += stride;
    }
    return status;
}

static eventure_status save_everything(eventure__repairer *repair)
{
    int64_t tick = 0;
    eventure_status status = eventure__log_bulk_begin(repair->to);
    if (status != EVENTURE_OK)
        return eventure__fail(&repair->damaged->error, status, "repair: %s", eventure_log_message(repair->to));
    status = save_ticks(repair);
    if (status == EVENTURE_OK)
        status = eventure__repair_count(repair);
    if (status != EVENTURE_OK)
        return status;
    status = eventure__log_bulk_commit(repair->to);
    eventure_status tick_status = eventure_reader_tick(repair->from, &tick);
    if (status == EVENTURE_OK && tick_status == EVENTURE_ERROR_MEMORY)
        return eventure__repair_fail_memory(repair);
    if (status == EVENTURE_OK && tick_status == EVENTURE_OK && tick > eventure_log_tick(repair->to))
        status = eventure_log_advance_to(repair->to, tick);
    if (status != EVENTURE_OK)
        eventure__fail(&repair->damaged->error, status, "repair: %s", eventure_log_message(repair->to));
    return status;
}

static eventure_status open_new(eventure__repairer *repair, const char *path)
{
    eventure_status status = eventure__log_bulk_open(path, !repair->has_digests, &repair->to);
    if (status != EVENTURE_OK)
        eventure__fail(&repair->damaged->error, status, "%s", eventure_log_message(repair->to));
    return status;
}

/* When the trees of the tables are broken, collects the rows from the pages. */
static eventure_status gather_rows(eventure__repairer *repair)
{
    bool needed = false;
    eventure__store *salvaged = NULL;
    if (repair->from->writable)
        return EVENTURE_OK; /* a log's own reader: it must read the state of the log */
    eventure_status status = eventure__salvage_needed(repair->from, &needed);
    if (status == EVENTURE_OK && needed)
        status = eventure__salvage(repair->damaged, &salvaged);
    if (status == EVENTURE_OK && needed)
    {
        repair->from = salvaged;
        repair->is_salvaged = true;
    }
    return status;
}

/* Makes the new store, which appears complete or not at all. */
static eventure_status make_new(eventure__repairer *repair, const char *path)
{
    eventure__atomic_file target;
    eventure_status status =
        eventure__atomic_file_open(&target, "repair", path, false, repair->damaged->file, &repair->damaged->error);
    if (status != EVENTURE_OK)
        return status;
    status = open_new(repair, target.temporary);
    if (status == EVENTURE_OK)
        status = eventure__store_check_read(repair->from, save_everything(repair));
    if (status == EVENTURE_OK)
        status = eventure__repair_save_record(repair);
    eventure_status closing = eventure__log_close(repair->to, status == EVENTURE_OK ? &repair->damaged->error : NULL);
    if (status == EVENTURE_OK && closing != EVENTURE_OK)
    {
        status = closing;
        eventure__fail_prefix(&repair->damaged->error, "repair: the new store could not be closed");
    }
    return eventure__atomic_file_close(&target, status);
}

eventure_status eventure_store_repair(eventure_reader *reader, const char *path, const eventure_repair_options *options,
                                      eventure_repair_report *out_report)
{
    eventure_repair_options taken;
    if (reader == NULL || path == NULL || out_report == NULL)
        return eventure__fail_argument(__func__);
    *out_report = (eventure_repair_report){0};
    eventure_status status = EVENTURE__TAKE(options, &taken, eventure_repair_options, "repair", &reader->error);
    if (status != EVENTURE_OK)
        return status;
    eventure__repairer repair = {.from = reader, .damaged = reader, .options = &taken, .report = out_report};
    bool begun = false;
    status = eventure__store_read_begin(reader, &begun);
    if (status == EVENTURE_ERROR_CORRUPT || reader->is_unreadable)
        status = EVENTURE_OK; /* damage is expected here */
    if (status == EVENTURE_OK)
        status = gather_rows(&repair);
    if (status == EVENTURE_OK)
        status = eventure__repair_read_identity(&repair);
    if (status == EVENTURE_OK)
        status = make_new(&repair, path);
    eventure__repair_forget(&repair);
    if (repair.from != reader)
        eventure__store_close(repair.from);
    eventure__buffer_free(&repair.scratch);
    eventure__types_free(&repair.types);
    eventure__store_read_end(reader, begun);
    return status;
}

void eventure_repair_options_init(eventure_repair_options *options, size_t size)
{
    eventure__options_init(options, size);
}
