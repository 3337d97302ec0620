/*
 * Columns of events: see output_column.h.
 */
#include "output_column.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

enum
{
    COLUMN_SEQ = 0,
    COLUMN_TICK,
    COLUMN_TIMESTAMP,
    COLUMN_TIME,
    COLUMN_ID,
    COLUMN_TYPE,
    COLUMN_PARENT,
    COLUMN_DATA,
    COLUMN_MEMBER
};

typedef struct named_column
{
    const char *name;
    table_column heading;
} named_column;

static const named_column named[COLUMN_MEMBER] = {
    [COLUMN_SEQ] = {"seq", {"SEQ", "2"}},
    [COLUMN_TICK] = {"tick", {"TICK", "33"}},
    [COLUMN_TIMESTAMP] = {"timestamp", {"TIMESTAMP", NULL}},
    [COLUMN_TIME] = {"time", {"TIME", NULL}},
    [COLUMN_ID] = {"id", {"ID", "36"}},
    [COLUMN_TYPE] = {"type", {"TYPE", "1"}},
    [COLUMN_PARENT] = {"parent", {"PARENT", "36"}},
    [COLUMN_DATA] = {"data", {"DATA", NULL}},
};

output_column output_column_of(const char *name)
{
    for (int kind = 0; kind < COLUMN_MEMBER; kind++)
        if (strcmp(named[kind].name, name) == 0)
            return (output_column){name, kind};
    return (output_column){name, COLUMN_MEMBER};
}

table_column output_column_heading(const output_column *column)
{
    return column->kind == COLUMN_MEMBER ? (table_column){column->name, NULL} : named[column->kind].heading;
}

/* Writes a timestamp as exports do. */
static void take_timestamp(const eventure_event *event, output_value *out)
{
    if (event->timestamp_is_integer)
        snprintf(out->room, sizeof out->room, "%" PRId64, event->timestamp_integer);
    else
        eventure__format_double(out->room, event->timestamp);
    out->is_number = true;
    out->is_json = true;
}

static void take_member(const output_column *column, const eventure_event *event, output_value *out)
{
    static const char prefix[] = "data.";
    const char *path = column->name;
    size_t len = 0;
    bool found = eventure_event_member_at(event, path, &out->text, &out->len) == EVENTURE_OK ||
                 (strncmp(path, prefix, sizeof prefix - 1) == 0 &&
                  eventure_event_member_at(event, path + sizeof prefix - 1, &out->text, &out->len) == EVENTURE_OK);
    out->is_absent = !found;
    out->is_json = found;
    if (!found)
    {
        out->text = "-";
        out->len = 1;
    }
    len = out->len;
    out->is_number = found && len > 0 && strchr("-0123456789", out->text[0]) != NULL;
}

void output_column_value(const output_column *column, const eventure_event *event, output_value *out)
{
    memset(out, 0, sizeof *out);
    out->text = out->room;
    switch (column->kind)
    {
    case COLUMN_SEQ:
    case COLUMN_TICK:
        snprintf(out->room, sizeof out->room, "%" PRId64, column->kind == COLUMN_SEQ ? event->seq : event->tick);
        out->is_number = true;
        out->is_json = true;
        break;
    case COLUMN_TIME:
        /* A time before 1970 is a number, as in exports. */
        if (event->timestamp < 0 || eventure_time_to_text(event->timestamp, out->room) != EVENTURE_OK)
            take_timestamp(event, out);
        break;
    case COLUMN_TIMESTAMP:
        take_timestamp(event, out);
        break;
    case COLUMN_ID:
        out->text = event->id;
        break;
    case COLUMN_TYPE:
        out->text = event->type;
        break;
    case COLUMN_PARENT:
        out->is_absent = event->parent_id == NULL;
        out->text = event->parent_id != NULL ? event->parent_id : "-";
        break;
    case COLUMN_DATA:
        out->text = event->data;
        out->len = event->data_len;
        out->is_json = true;
        return;
    default:
        take_member(column, event, out);
        return;
    }
    out->len = strlen(out->text);
}
