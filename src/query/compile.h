/*
 * Compiles a filter to one SQL statement, assembled from constant fragments, and its bound values.
 *
 * The first matching member of the filter determines the access path: a cascade or ancestors follow the parents,
 * children use the index on the parent, one type uses the index on types, several types are merged from it, and any
 * other filter scans a range of seqs, which corresponds to the range of ticks. The other members are conditions on the
 * rows.
 */
#ifndef EVENTURE_QUERY_COMPILE_H
#define EVENTURE_QUERY_COMPILE_H

#include <eventure/query.h>

#include "base/buffer.h"
#include "query/row.h"
#include "store/store.h"

/* The column of the depth, in statements that return events. */
#define EVENTURE__DEPTH_COLUMN EVENTURE__EVENT_COLUMN_COUNT

typedef enum eventure__parameter_value_kind
{
    EVENTURE__PARAMETER_INT,
    EVENTURE__PARAMETER_DOUBLE,
    EVENTURE__PARAMETER_BLOB,
    EVENTURE__PARAMETER_TEXT /* blob and text are in the texts buffer, at an offset, because the buffer moves when it
                                grows */
} eventure__parameter_value_kind;

typedef struct eventure__parameter_value
{
    eventure__parameter_value_kind kind;
    int64_t integer;
    double number;
    size_t offset;
    size_t len;
} eventure__parameter_value;

typedef struct eventure__compiled_query
{
    eventure__buffer sql;
    eventure__buffer texts;
    eventure__parameter_value *params;
    size_t params_count;
    size_t params_capacity;
    bool failed;             /* memory ran out while values were collected */
    sqlite3_stmt *id_lookup; /* the look-up of an id of the filter, which keeps its read transaction open; or NULL */
} eventure__compiled_query;

/* The kind of result of a query. */
typedef enum eventure__answer
{
    EVENTURE__ANSWER_EVENTS,
    EVENTURE__ANSWER_COUNT,
    EVENTURE__ANSWER_BY_TYPE, /* type, first tick, count */
    EVENTURE__ANSWER_BY_TICK  /* NULL, tick, count */
} eventure__answer;

/* Compiles a filter into one statement. Checks that the ids of a cascade and of ancestors are known. Does not check the
 * id whose children are requested: a child proves that it is known, so only a result without children needs the look-up
 * (cursor.c). */
eventure_status eventure__compile(eventure__store *store, const eventure_filter *filter, eventure__answer answer,
                                  eventure__compiled_query *query);

/* Appends a fragment of SQL. Marks the query as failed when it is out of memory. */
void eventure__compiled_query_emit(eventure__compiled_query *query, const char *fragment);

/* Bind the next value. A text is copied to `texts`; bind_text_since binds what was appended to `texts` from an offset
 * on. */
void eventure__compiled_query_bind_int(eventure__compiled_query *query, int64_t value);
void eventure__compiled_query_bind_double(eventure__compiled_query *query, double value);
void eventure__compiled_query_bind_text(eventure__compiled_query *query, eventure__span text);
void eventure__compiled_query_bind_text_since(eventure__compiled_query *query, size_t offset);

/* Prepares the statement from the cache of the store and binds the values. */
eventure_status eventure__compiled_query_prepare(eventure__store *store, const eventure__compiled_query *query,
                                                 sqlite3_stmt **out_statement);

void eventure__compiled_query_free(eventure__store *store, eventure__compiled_query *query);

#endif
