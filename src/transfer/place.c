/*
 * Placing imported events: see place.h.
 */
#include "transfer/place.h"

#include <math.h>
#include <string.h>

#include "base/hex.h"
#include "base/sha512.h"
#include "event/id.h"
#include "event/json.h"
#include "log/bulk.h"
#include "log/log.h"
#include "log/undo.h"
#include "store/store.h"
#include "transfer/cloudevents.h"
#include "transfer/foreign_time.h"

static eventure_status fail_memory(eventure__placing *placing)
{
    return eventure__fail(placing->error, EVENTURE_ERROR_MEMORY, "out of memory");
}

/* Finds the origin of ticks: the store's first event, if there is one. */
static eventure_status find_origin(eventure__placing *placing)
{
    static const char sql[] = "SELECT tick, timestamp FROM events ORDER BY seq LIMIT 1";
    eventure__store *store = eventure_log_reader(placing->log);
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_prepare(store, sql, &statement);
    if (status != EVENTURE_OK)
        return status;
    const int step = sqlite3_step(statement);
    placing->has_origin = step == SQLITE_ROW;
    if (step == SQLITE_ROW)
    {
        placing->origin_tick = sqlite3_column_int64(statement, 0);
        placing->origin_time = sqlite3_column_double(statement, 1);
    }
    else if (step != SQLITE_DONE)
        status = eventure__store_fail(store, "read the first event");
    eventure__store_release(store, statement);
    return status;
}

/* Reads the time for events without one. */
static eventure_status read_time(eventure__placing *placing, const char *text)
{
    eventure__buffer literal = {0};
    eventure__foreign_time times = {.format = placing->options->time_format};
    eventure__json_append_string(&literal, text, strlen(text));
    eventure_status status = EVENTURE_ERROR_MEMORY;
    if (literal.failed)
        fail_memory(placing);
    else
        status = eventure__foreign_time_read(&times, (eventure__span){literal.bytes, literal.len}, &placing->time,
                                             placing->error);
    eventure__buffer_free(&literal);
    if (status == EVENTURE_ERROR_JSON)
    {
        placing->error->status = EVENTURE_ERROR_ARGUMENT;
        status = eventure__fail_prefix(placing->error, "the option time");
    }
    return status;
}

eventure_status eventure__placing_begin(eventure__placing *placing, eventure_log *log,
                                        const eventure_import_options *options)
{
    *placing = (eventure__placing){.log = log, .options = options, .error = eventure__log_error(log)};
    placing->time = eventure__log_now(log);
    if (options->time != NULL)
    {
        const eventure_status status = read_time(placing, options->time);
        if (status != EVENTURE_OK)
            return status;
    }
    placing->first_tick = eventure_log_tick(log);
    if (options->tick_every_events > 0 && eventure__log_bulk_tick_has_events(log))
        placing->first_tick++;
    return options->tick_every_ns > 0 ? find_origin(placing) : EVENTURE_OK;
}

/* --- Ticks --- */

/* Computes the tick of a timestamp. A time on the border, within the precision of a double, belongs to the later
   tick. */
static eventure_status tick_of_time(eventure__placing *placing, double time, int64_t *out)
{
    if (!placing->has_origin)
    {
        placing->has_origin = true;
        placing->origin_time = time;
        placing->origin_tick = placing->first_tick;
    }
    const double every = (double)placing->options->tick_every_ns * 1e-9;
    const double distance = time - placing->origin_time;
    const double larger = fmax(fabs(time), fabs(placing->origin_time));
    const double blur = 4 * (nextafter(larger, INFINITY) - larger);
    double ticks = floor(distance / every);
    if ((ticks + 1) * every - distance <= blur)
        ticks++;
    ticks += (double)placing->origin_tick;
    if (ticks < 0)
        return eventure__fail(
            placing->error, EVENTURE_ERROR_TICK,
            "the tick goes back: the event is %.9g s earlier than the first one, from which ticks are "
            "counted",
            -distance);
    if (!(ticks < 9e18))
        return eventure__fail(placing->error, EVENTURE_ERROR_TICK, "the event is too late for a tick");
    *out = (int64_t)ticks;
    return EVENTURE_OK;
}

static eventure_status give_tick(eventure__placing *placing, eventure_event *event)
{
    const eventure_import_options *options = placing->options;
    if (options->tick_every_ns > 0)
        return tick_of_time(placing, event->timestamp, &event->tick);
    if (options->tick_every_events > 0)
        event->tick = placing->first_tick + placing->appended / options->tick_every_events;
    else
        event->tick = eventure_log_tick(placing->log);
    return EVENTURE_OK;
}

/* --- Ids of CloudEvents, which are distinct only together with their source --- */

static bool find_text(eventure__span kept, const char *key, eventure__span *out)
{
    return eventure__json_find(kept.at, kept.len, key, strlen(key), out);
}

/* Returns the number-th candidate for an id of a source: the id, then the id with its source, then also with a
   number. */
static const char *candidate(eventure__buffer *out, eventure__span source, const char *id, int number)
{
    eventure__buffer_clear(out);
    if (number > 0)
    {
        eventure__json_unescape(source, out);
        eventure__buffer_append_char(out, '#');
    }
    eventure__buffer_append_text(out, id);
    if (out->len > EVENTURE__ID_MAX_BYTES - 24)
    {
        uint8_t bytes[EVENTURE__DIGEST_BYTES];
        char hex[2 * EVENTURE__DIGEST_BYTES + 1];
        eventure__digest digest;
        eventure__digest_begin(&digest);
        eventure__digest_add_text(&digest, source.at, source.len);
        eventure__digest_add_text(&digest, id, strlen(id));
        eventure__digest_peek(&digest, bytes);
        eventure__format_hex(hex, bytes, sizeof bytes);
        eventure__buffer_clear(out);
        eventure__buffer_append_text(out, hex);
    }
    if (number > 1)
    {
        eventure__buffer_append_char(out, '~');
        eventure__buffer_append_int(out, number);
    }
    return eventure__buffer_text(out);
}

/* Whether the event of a stored id is that of a source and an id. */
static eventure_status is_same(eventure__placing *placing, const char *stored, eventure__span source, const char *id,
                               bool *out_same)
{
    eventure__buffer data = {0};
    eventure__buffer text = {0};
    eventure__span kept;
    eventure__span own;
    eventure__span value;
    *out_same = false;
    eventure_status status = eventure__log_bulk_data(placing->log, stored, &data);
    if (status == EVENTURE_OK && eventure__cloudevent_kept((eventure__span){data.bytes, data.len}, &kept, &own) &&
        find_text(kept, "source", &value) && value.len == source.len && memcmp(value.at, source.at, value.len) == 0)
    {
        if (find_text(kept, "id", &value))
            eventure__json_unescape(value, &text);
        else
            eventure__buffer_append_text(&text, stored);
        *out_same = !text.failed && text.len == strlen(id) && memcmp(text.bytes, id, text.len) == 0;
    }
    if (data.failed || text.failed)
        status = fail_memory(placing);
    eventure__buffer_free(&data);
    eventure__buffer_free(&text);
    return status == EVENTURE_ERROR_NOT_FOUND ? EVENTURE_OK : status;
}

/* Finds the id that an event has in the store, or would get. */
static eventure_status distinct_id(eventure__placing *placing, eventure__span source, const char *id,
                                   eventure__buffer *out, bool *out_known)
{
    *out_known = false;
    for (int number = 0;; number++)
    {
        bool is_taken = false;
        const char *stored = candidate(out, source, id, number);
        if (stored == NULL)
            return fail_memory(placing);
        eventure_status status = eventure__log_bulk_knows(placing->log, stored, &is_taken);
        if (status != EVENTURE_OK || !is_taken)
            return status;
        status = is_same(placing, stored, source, id, out_known);
        if (status != EVENTURE_OK || *out_known)
            return status;
    }
}

/* Adds a member to the kept object in the data. */
static void keep(eventure__placing *placing, eventure_event *event, const char *key, const char *text)
{
    eventure__buffer *data = &placing->data;
    if (event->data != data->bytes)
    {
        eventure__buffer_clear(data);
        eventure__buffer_append(data, event->data, event->data_len);
    }
    data->len -= data->failed ? 0 : 2; /* the two closing braces */
    eventure__buffer_append_text(data, ",\"");
    eventure__buffer_append_text(data, key);
    eventure__buffer_append_text(data, "\":");
    eventure__json_append_string(data, text, strlen(text));
    eventure__buffer_append_text(data, "}}");
    event->data = eventure__buffer_text(data);
    event->data_len = data->len;
}

/* An event of another producer gets a distinct id, and its parent that of the same source, when there is one. */
static eventure_status place_foreign(eventure__placing *placing, eventure_event *event, bool *out_known)
{
    eventure__span kept;
    eventure__span own;
    eventure__span source;
    bool is_parent_known = false;
    const char *id = event->id;
    const char *parent_id = event->parent_id;
    *out_known = false;
    if (!eventure__cloudevent_kept((eventure__span){event->data, event->data_len}, &kept, &own) ||
        !find_text(kept, "source", &source))
        return EVENTURE_OK;
    eventure_status status = distinct_id(placing, source, id, &placing->id, out_known);
    if (status == EVENTURE_OK && parent_id != NULL)
        status = distinct_id(placing, source, parent_id, &placing->parent_id, &is_parent_known);
    if (status != EVENTURE_OK)
        return status;
    event->id = placing->id.bytes;
    event->id_len = placing->id.len;
    if (parent_id != NULL && (is_parent_known || strlen(parent_id) > EVENTURE__ID_MAX_BYTES - 24))
    {
        event->parent_id = placing->parent_id.bytes;
        event->parent_id_len = placing->parent_id.len;
    }
    /* The memory of `source` may be replaced from here on. */
    if (strcmp(event->id, id) != 0)
        keep(placing, event, "id", id);
    if (parent_id != NULL && event->data != NULL && strcmp(event->parent_id, parent_id) != 0)
        keep(placing, event, EVENTURE__CE_CAUSE, parent_id);
    return event->data != NULL ? EVENTURE_OK : fail_memory(placing);
}

/* An event whose tick is in the past may already be in the store: the error is then the duplicate id. */
static eventure_status explain_tick(eventure__placing *placing, const eventure_event *event)
{
    const eventure__error cause = *placing->error;
    bool is_known = false;
    if (event->id == NULL || eventure__log_bulk_knows(placing->log, event->id, &is_known) != EVENTURE_OK || !is_known)
    {
        *placing->error = cause;
        return cause.status;
    }
    return eventure__fail(placing->error, EVENTURE_ERROR_EXISTS, "id %s is taken: the store has the event already",
                          eventure__quote(event->id, strlen(event->id)).text);
}

eventure_status eventure__placing_append(eventure__placing *placing, eventure__incoming *incoming, bool *out_skipped)
{
    const eventure_import_options *options = placing->options;
    eventure_event *event = &incoming->event;
    eventure_status status = EVENTURE_OK;
    bool is_known = false;
    *out_skipped = false;
    if (incoming->is_foreign_cloudevent)
        status = place_foreign(placing, event, &is_known);
    else if (options->skip_known && event->id != NULL)
        status = eventure__log_bulk_knows(placing->log, event->id, &is_known);
    if (status != EVENTURE_OK)
        return status;
    if (is_known && options->skip_known)
    {
        *out_skipped = true;
        return EVENTURE_OK;
    }
    if (!incoming->has_time)
        event->timestamp = placing->time;
    if (!incoming->has_tick)
        status = give_tick(placing, event);
    if (status == EVENTURE_OK)
        status = eventure__log_bulk_place(placing->log, event, options->external_parents || incoming->may_lack_parent);
    placing->appended += status == EVENTURE_OK;
    return status == EVENTURE_ERROR_TICK ? explain_tick(placing, event) : status;
}

void eventure__placing_free(eventure__placing *placing)
{
    eventure__buffer_free(&placing->id);
    eventure__buffer_free(&placing->parent_id);
    eventure__buffer_free(&placing->data);
}
