/*
 * Rows of an answer as columns.
 */
#ifndef EVENTURE_QUERY_COLUMNS_H
#define EVENTURE_QUERY_COLUMNS_H

#include <eventure/query.h>

#include "base/buffer.h"
#include "base/error.h"

/* A column of texts, while it grows. */
typedef struct eventure__text_rows
{
    eventure__buffer bytes;
    eventure__buffer offsets; /* int64_t */
} eventure__text_rows;

typedef struct eventure__member_rows
{
    eventure__buffer has;
    eventure__buffer values; /* int64_t or double */
    eventure__text_rows text;
} eventure__member_rows;

/* Zero-initialised is empty; keeps its memory when used again. */
typedef struct eventure__columns
{
    size_t count;
    eventure__buffer seq;
    eventure__buffer tick;
    eventure__buffer timestamp;
    eventure__buffer parent_seq;
    eventure__text_rows type;
    eventure__text_rows id;
    eventure__text_rows parent_id;
    eventure__text_rows data;
    eventure__member_rows *members;
    eventure_member_column *member_columns;
    size_t members_count;
} eventure__columns;

/* Empties the columns, and makes room for so many members. */
eventure_status eventure__columns_begin(eventure__columns *rows, const eventure_member *members, size_t members_count,
                                        eventure__error *error);

/* Adds an event. */
eventure_status eventure__columns_add(eventure__columns *rows, const eventure_event *event,
                                      const eventure_member *members, eventure__error *error);

/* The columns in the form that callers receive. */
void eventure__columns_show(eventure__columns *rows, const eventure_member *members, eventure_columns *out);

void eventure__columns_free(eventure__columns *rows);

#endif
