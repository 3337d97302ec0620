/*
 * Writing CloudEvents: see cloudevents.h.
 */
#include "transfer/cloudevents.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/utf8.h"
#include "event/json.h"
#include "store/store.h"
#include "transfer/format.h"
#include "transfer/rfc3339.h"

typedef struct source_name
{
    char text[64];
} source_name;

static eventure_status cloudevents_begin(eventure__writing *writing)
{
    static const char sql[] = "SELECT 'urn:uuid:' || substr(uuid, 1, 50) FROM store";
    sqlite3_stmt *statement = NULL;
    source_name *source = calloc(1, sizeof *source);
    writing->state = source;
    if (source == NULL)
        return eventure__writing_out_of_memory(writing);
    eventure_status status = eventure__store_prepare(writing->reader, sql, &statement);
    if (status != EVENTURE_OK)
        return status;
    if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0) != NULL)
        strncpy(source->text, (const char *)sqlite3_column_text(statement, 0), sizeof source->text - 1);
    else
        status = eventure__store_fail(writing->reader, "read the store's UUID");
    eventure__store_release(writing->reader, statement);
    return status;
}

/* The specification excludes control characters and noncharacters from strings. */
static bool is_allowed(const char *text)
{
    size_t rest = strlen(text);
    while (rest > 0)
    {
        uint32_t c = 0;
        size_t len = eventure__utf8_decode(text, rest, &c);
        if (len == 0 || c < 0x20 || (c >= 0x7F && c < 0xA0) || (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF))
            return false;
        text += len;
        rest -= len;
    }
    return true;
}

static void append_member(eventure__buffer *out, const char *name, const char *text)
{
    eventure__buffer_append_text(out, ", \"");
    eventure__buffer_append_text(out, name);
    eventure__buffer_append_text(out, "\": ");
    eventure__json_append_python_string(out, text, strlen(text));
}

/* Appends a text. A text with characters that are not allowed is written as its JSON literal, without the quotes, and
   its name is added to the list. */
static eventure_status append_spelled(eventure__writing *writing, const char *name, const char *text, char escaped[32])
{
    eventure__buffer literal = {0};
    if (is_allowed(text))
    {
        append_member(writing->out, name, text);
        return EVENTURE_OK;
    }
    size_t escaped_len = strlen(escaped);
    snprintf(escaped + escaped_len, 32 - escaped_len, "%s%s", escaped_len > 0 ? "," : "", name);
    eventure__json_append_python_string(&literal, text, strlen(text));
    if (!literal.failed)
    {
        literal.bytes[literal.len - 1] = '\0'; /* the closing quote */
        append_member(writing->out, name, literal.bytes + 1);
    }
    eventure_status status = literal.failed ? eventure__writing_out_of_memory(writing) : EVENTURE_OK;
    eventure__buffer_free(&literal);
    return status;
}

static void append_time(eventure__buffer *out, double timestamp)
{
    char text[EVENTURE__RFC3339_BYTES];
    if (eventure__rfc3339_format(text, timestamp))
    {
        append_member(out, "time", text);
        return;
    }
    eventure__format_double(text, timestamp);
    append_member(out, EVENTURE__CE_TIMESTAMP, text);
}

static void append_value(eventure__buffer *out, eventure__span key, eventure__span value)
{
    eventure__buffer_append_text(out, ", ");
    eventure__buffer_append(out, key.at - 1, key.len + 2);
    eventure__buffer_append_text(out, ": ");
    eventure__json_append_python(value, out);
}

static bool has_kept(eventure__span kept, const char *name)
{
    eventure__span value;
    return eventure__json_find(kept.at, kept.len, name, strlen(name), &value);
}

/* The tick of a CloudEvent of another producer is a number, as far as an integer of CloudEvents goes. */
static void append_tick_number(eventure__buffer *out, int64_t tick)
{
    char text[EVENTURE__INT_BYTES];
    eventure__format_int(text, tick);
    if (tick > INT32_MAX)
    {
        append_member(out, EVENTURE__CE_TICK, text);
        return;
    }
    eventure__buffer_append_text(out, ", \"" EVENTURE__CE_TICK "\": ");
    eventure__buffer_append_text(out, text);
}

/* Appends an event of another producer: its own attributes, except those that are null, and the properties of the event
 * for which it has no attribute. */
static void append_foreign(eventure__buffer *out, const eventure_event *event, eventure__span kept, eventure__span own)
{
    eventure__members members = eventure__members_of(kept.at, kept.len);
    eventure__span key;
    eventure__span value;
    if (!has_kept(kept, "id"))
        append_member(out, "id", event->id);
    if (!has_kept(kept, "type"))
        append_member(out, "type", event->type);
    if (!has_kept(kept, "time"))
        append_time(out, event->timestamp);
    while (eventure__members_next(&members, &key, &value))
        if (*value.at != 'n' || eventure__span_is(key, "data"))
            append_value(out, key, value);
    if (!has_kept(kept, EVENTURE__CE_TICK))
        append_tick_number(out, event->tick);
    if (event->parent_id != NULL && !has_kept(kept, EVENTURE__CE_CAUSE))
        append_member(out, EVENTURE__CE_CAUSE, event->parent_id);
    if (own.len > 1)
    {
        eventure__buffer data = {0};
        eventure__buffer_append(&data, own.at, own.len);
        eventure__buffer_append_char(&data, '}');
        eventure__buffer_append_text(out, ", \"data\": ");
        eventure__json_append_python((eventure__span){data.bytes, data.len}, out);
        out->failed = out->failed || data.failed;
        eventure__buffer_free(&data);
    }
    eventure__buffer_append_text(out, "}\n");
}

static eventure_status cloudevents_event(eventure__writing *writing, const eventure_event *event)
{
    eventure__span kept;
    eventure__span own;
    const source_name *source = writing->state;
    eventure__buffer *out = writing->out;
    char tick[EVENTURE__INT_BYTES];
    char escaped[32] = ""; /* room for all three names */
    eventure__buffer_append_text(out, "{\"" EVENTURE__CE_VERSION "\": \"1.0\"");
    if (eventure__cloudevent_kept((eventure__span){event->data, event->data_len}, &kept, &own))
    {
        append_foreign(out, event, kept, own);
        return EVENTURE_OK;
    }
    eventure_status status = append_spelled(writing, "id", event->id, escaped);
    append_member(out, "source", source->text);
    if (status == EVENTURE_OK)
        status = append_spelled(writing, "type", event->type, escaped);
    append_time(out, event->timestamp);
    append_member(out, "datacontenttype", "application/json");
    eventure__format_int(tick, event->tick);
    append_member(out, EVENTURE__CE_TICK, tick);
    if (status == EVENTURE_OK && event->parent_id != NULL)
        status = append_spelled(writing, EVENTURE__CE_CAUSE, event->parent_id, escaped);
    if (escaped[0] != '\0')
        append_member(out, EVENTURE__CE_ESCAPED, escaped);
    eventure__buffer_append_text(out, ", \"data\": ");
    eventure__json_append_python((eventure__span){event->data, event->data_len}, out);
    eventure__buffer_append_text(out, "}\n");
    return status;
}

static void cloudevents_release(eventure__writing *writing)
{
    free(writing->state);
}

const eventure__format eventure__format_cloudevents = {"cloudevents",     false, cloudevents_begin,
                                                       cloudevents_event, NULL,  cloudevents_release};
