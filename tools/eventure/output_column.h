/*
 * The columns of events: the members of an event by name, and every other name as a path in the data.
 */
#ifndef EVENTURE_TOOL_OUTPUT_COLUMN_H
#define EVENTURE_TOOL_OUTPUT_COLUMN_H

#include <stdbool.h>

#include <eventure/event.h>
#include <eventure/time.h>

#include "table.h"

typedef struct output_column
{
    const char *name;
    int kind; /* which member of the event; COLUMN_MEMBER: a path in its data */
} output_column;

/* A value, valid as long as the event and this structure. */
typedef struct output_value
{
    char room[EVENTURE_TIME_BYTES];
    const char *text;
    size_t len;
    bool is_number;
    bool is_absent;
    bool is_json; /* the text is JSON; otherwise it is plain text */
} output_value;

/* Returns the column of a name: seq, tick, timestamp, time (as RFC 3339), id, type, parent, data; any other name, and
   `data.PATH`, is a path in the data. */
output_column output_column_of(const char *name);

/* Returns the title and the style of the column in a table. */
table_column output_column_heading(const output_column *column);

void output_column_value(const output_column *column, const eventure_event *event, output_value *out);

#endif
