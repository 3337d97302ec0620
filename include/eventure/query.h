/**
 * @file
 * Queries of the history. A filter expresses a query, with any combination of conditions; it compiles to one SQL
 * statement, and a cursor streams the result.
 *
 * @code
 * eventure_filter filter = EVENTURE_FILTER_INIT;
 * filter.type = "combat.*";
 * filter.tick_end = 500;
 * eventure_cursor *cursor = NULL;
 * eventure_event event;
 * eventure_status status = eventure_query(reader, &filter, &cursor);
 * while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
 *     show(&event);
 * if (status < 0)
 *     fprintf(stderr, "%s\n", eventure_reader_message(reader));
 * eventure_cursor_free(cursor);
 * @endcode
 */
#ifndef EVENTURE_QUERY_H
#define EVENTURE_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <eventure/data.h>
#include <eventure/event.h>
#include <eventure/export.h>
#include <eventure/reader.h>
#include <eventure/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The order of a result. */
typedef enum eventure_order
{
    EVENTURE_ORDER_DEFAULT = 0,       /**< Breadth-first for a cascade, from child to parent for ancestors, otherwise as
                                           appended. */
    EVENTURE_ORDER_APPEND = 1,        /**< As appended: by seq. */
    EVENTURE_ORDER_BREADTH_FIRST = 2, /**< For a cascade only: level by level, children as appended. */
    EVENTURE_ORDER_ID = 3             /**< By id: tick, HASH, n. */
} eventure_order;

/** Comparison of a value in the data with the value of a condition. Numbers are compared by value; strings by their
 *  bytes, which is the order of their code points. Values of different kinds are neither less nor greater than each
 *  other. */
typedef enum eventure_comparison
{
    EVENTURE_EQUAL = 0,            /**< Equal as JSON values: 1 equals 1.0. */
    EVENTURE_NOT_EQUAL = 1,        /**< Present, and not equal. */
    EVENTURE_LESS = 2,             /**< Less than the condition's value. */
    EVENTURE_LESS_OR_EQUAL = 3,    /**< Less, or equal. */
    EVENTURE_GREATER = 4,          /**< Greater than the condition's value. */
    EVENTURE_GREATER_OR_EQUAL = 5, /**< Greater, or equal. */
    EVENTURE_CONTAINS = 6          /**< A string that contains the condition's value; for other kinds, the JSON text
                                        contains it. */
} eventure_comparison;

/** A condition on a value in the data. An event without such a value does not match. */
typedef struct eventure_condition
{
    eventure_comparison comparison; /**< The comparison. */
    eventure_field member;          /**< The value to compare with. Its key is a path: a key, or keys with dots between
                                         them that lead from object to object, as in `pos.x`; a number from 0 is the
                                         position of an element of an array. A key that contains dots itself takes
                                         precedence. */
} eventure_condition;

/**
 * A query. An event matches when all members that are set match; of several types, one must match. Begin with
 * EVENTURE_FILTER_INIT or eventure_filter_init; zero is the default of every member, and matches every event.
 *
 * A range of ticks is half-open, as a slice is in Python: tick_min is the first tick, and tick_end is the first tick
 * after the range. Tick 7 alone is tick_min = 7, tick_end = 8. A range that ends before it begins is empty: no event
 * matches. The empty range from 0 to 0 cannot be expressed: tick_end 0 means that the range has no end.
 *
 * A text with a length need not end with NUL. One that contains a NUL is refused with EVENTURE_ERROR_ARGUMENT.
 */
typedef struct eventure_filter
{
    size_t size;                /**< Set by the macro; a filter whose size is 0 is refused. */
    const char *type;           /**< A type or wildcard pattern, as on the bus; NULL: any. */
    size_t type_len;            /**< Its length in bytes; 0: it ends with NUL. */
    const char *const *types;   /**< More types or patterns, one of which must match. NULL: none. */
    const size_t *types_len;    /**< Their lengths in bytes, each as type_len; NULL: all end with NUL. */
    size_t types_count;         /**< Number of elements. */
    int64_t tick_min;           /**< The first tick; 0 by default. */
    int64_t tick_end;           /**< The first tick after the range; 0: all ticks from tick_min on. */
    const eventure_field *data; /**< Top-level members that the data must contain, equal as JSON values. */
    size_t data_count;          /**< Number of elements. */
    bool roots;                 /**< Only events with no parent, or with a parent in an earlier tick. */
    const char *children_of;    /**< Only direct children of this id, which need not be in the store; NULL: any. */
    size_t children_of_len;     /**< Its length in bytes; 0: it ends with NUL. */
    const char *cascade_of;     /**< Only the event with this id and its descendants; for an id that is not in the
                                     store, only the events that name it as their parent, and their descendants; NULL:
                                     any. */
    size_t cascade_of_len;      /**< Its length in bytes; 0: it ends with NUL. */
    const char *ancestors_of;   /**< Only the parent of the event with this id, its parent, and so on; NULL: any. */
    size_t ancestors_of_len;    /**< Its length in bytes; 0: it ends with NUL. */
    int64_t after_seq;          /**< Only events after this seq (before it, when reverse); 0: all. */
    int64_t limit;              /**< The maximum number of events; 0: all. */
    eventure_order order;       /**< The order of the result. */
    bool reverse;               /**< Reverse the order. */
    const eventure_condition *conditions; /**< Conditions on the data; all must hold. They do not use an index. */
    size_t conditions_count;              /**< Number of elements. */
    int64_t levels; /**< For a cascade or ancestors: the maximum number of levels; the event of a cascade is the first,
                         or, for an id that is not in the store, the events that name it as their parent.
                         0: all. */
    const double *timestamp_min; /**< Only events from this timestamp on; NULL: any. Timestamps have no index, and need
                                    not increase from event to event: add a range of ticks to limit the work. */
    const double *timestamp_max; /**< Only events up to and including this timestamp; NULL: any. */
    bool exact_types;            /**< type and types are exact types, not patterns: `*` is an ordinary character. */
    bool without_data;           /**< Leave out the data of the events, which is then "". */
    bool without_ids;            /**< Leave out the ids of the events, which are then "". */
    bool without_parent_ids;     /**< Leave out the ids of the parents, which are then NULL; parent_seq is set. */
} eventure_filter;

/** Every event, in append order. */
#define EVENTURE_FILTER_INIT                                                                                           \
    {                                                                                                                  \
        sizeof(eventure_filter), NULL, 0, NULL, NULL, 0, 0, 0, NULL, 0, false, NULL, 0, NULL, 0, NULL, 0, 0, 0,        \
            EVENTURE_ORDER_DEFAULT, false, NULL, 0, 0, NULL, NULL, false, false, false, false                          \
    }

/**
 * Sets *filter to the defaults, as EVENTURE_FILTER_INIT does. `size` is sizeof(eventure_filter) as the caller compiled
 * it.
 */
EVENTURE_API void eventure_filter_init(eventure_filter *filter, size_t size);

/** The result of a query, row by row. */
typedef struct eventure_cursor eventure_cursor;

/**
 * Runs a query. The filter is borrowed for this call only.
 *
 * A cursor reads one state of the store, for as long as it is open: the newest commit at its first
 * eventure_cursor_next, or the commit that eventure_reader_begin holds; with a log's own reader all events that the log
 * has at that moment, also those that are not committed. Events that are appended or committed later are not returned.
 * A rollback removes events also from an open cursor. It is not defined whether a cursor returns what is appended or
 * committed between eventure_query and the first eventure_cursor_next. From its first event until its end, or until it
 * is freed, a cursor holds a read transaction, which prevents the reset of the write-ahead log.
 * @param reader the store
 * @param filter the query; NULL: every event
 * @param out_cursor receives a cursor, to be freed with eventure_cursor_free before the reader is closed; NULL on error
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND (an id of the filter is neither in the store nor named as a parent),
 *         EVENTURE_ERROR_ARGUMENT (a pattern or an order is not valid), EVENTURE_ERROR_TICK (a tick is negative),
 *         EVENTURE_ERROR_JSON (the key of a member is not valid UTF-8, or its value is not valid JSON), or the error of
 *         reading the file; the error text is the reader's
 */
EVENTURE_API eventure_status eventure_query(eventure_reader *reader, const eventure_filter *filter,
                                            eventure_cursor **out_cursor);

/**
 * Moves to the next event.
 * @param cursor the cursor
 * @param out_event receives the event, valid until the next call on this cursor
 * @return EVENTURE_ROW, EVENTURE_DONE at the end, or an error; the error text is the reader's
 */
EVENTURE_API eventure_status eventure_cursor_next(eventure_cursor *cursor, eventure_event *out_event);

/** A column of texts: the text of row i is the bytes from offsets[i] to before offsets[i + 1]. */
typedef struct eventure_text_column
{
    const char *bytes;      /**< All texts, one after the other, without NULs between them. */
    const int64_t *offsets; /**< One more element than there are rows. */
} eventure_text_column;

/** The kind of value as which a member of the data is read. */
typedef enum eventure_member_kind
{
    EVENTURE_MEMBER_INT = 0,    /**< Integers of 64 bits. */
    EVENTURE_MEMBER_DOUBLE = 1, /**< Any numbers. */
    EVENTURE_MEMBER_TEXT = 2    /**< Strings, with their escapes resolved; other values as their JSON text. */
} eventure_member_kind;

/** A top-level member of the data to return as a column. */
typedef struct eventure_member
{
    const char *key;           /**< The key; borrowed for the call. */
    size_t key_len;            /**< Its length in bytes; 0: it ends with NUL. */
    eventure_member_kind kind; /**< The kind of its values. */
} eventure_member;

/** One member as a column. When row i has no such member, or one of another kind, has[i] is false and the value is
 *  0. */
typedef struct eventure_member_column
{
    const bool *has;           /**< Whether row i has a value. */
    const int64_t *integers;   /**< EVENTURE_MEMBER_INT; else NULL. */
    const double *numbers;     /**< EVENTURE_MEMBER_DOUBLE; else NULL. */
    eventure_text_column text; /**< EVENTURE_MEMBER_TEXT; else NULLs. */
} eventure_member_column;

/** Several rows of a result, column by column. A column that the filter leaves out contains empty texts. */
typedef struct eventure_columns
{
    size_t rows;                           /**< Number of rows in each column. */
    const int64_t *seq;                    /**< The seqs. All columns have the meaning of the members of
                                                eventure_event. */
    const int64_t *tick;                   /**< The ticks. */
    const double *timestamp;               /**< The timestamps. */
    const int64_t *parent_seq;             /**< The parents' seqs; 0 for none. */
    eventure_text_column type;             /**< The types. */
    eventure_text_column id;               /**< The ids. */
    eventure_text_column parent_id;        /**< The parents' ids; empty for none. */
    eventure_text_column data;             /**< The data, as JSON text. */
    const eventure_member_column *members; /**< The requested members, in the order of the request. */
} eventure_columns;

/**
 * Moves over several events, and returns them as columns.
 * @param cursor the cursor
 * @param max_rows the maximum number of rows, 1 or more
 * @param members members of the data to return as columns; NULL: none
 * @param members_count the number of members
 * @param out_columns receives the columns, valid until the next call on this cursor
 * @return EVENTURE_ROW (there is at least one row), EVENTURE_DONE at the end, or an error; the error text is the
 *         reader's
 */
EVENTURE_API eventure_status eventure_cursor_next_batch(eventure_cursor *cursor, size_t max_rows,
                                                        const eventure_member *members, size_t members_count,
                                                        eventure_columns *out_columns);

/**
 * Returns the number of steps from child to parent between the cursor's current event and the event of a cascade or
 * ancestors query; that event itself has 0. Returns 0 for other queries, before the first eventure_cursor_next, and for
 * NULL.
 */
EVENTURE_API int64_t eventure_cursor_depth(const eventure_cursor *cursor);

/** Frees a cursor; NULL is allowed. */
EVENTURE_API void eventure_cursor_free(eventure_cursor *cursor);

/**
 * Finds one event by its id.
 * @param reader the store
 * @param id the id
 * @param out_event receives a copy, to be freed with eventure_event_free; NULL on error
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND, or the error of reading the file
 */
EVENTURE_API eventure_status eventure_query_find(eventure_reader *reader, const char *id, eventure_event **out_event);

/** As eventure_query_find, by seq. Also returns EVENTURE_ERROR_ARCHIVED. */
EVENTURE_API eventure_status eventure_query_find_seq(eventure_reader *reader, int64_t seq, eventure_event **out_event);

/** Queries the events of a type or wildcard pattern, in append order. This function and those below return the errors
 *  of eventure_query. */
EVENTURE_API eventure_status eventure_query_by_type(eventure_reader *reader, const char *pattern,
                                                    eventure_cursor **out_cursor);

/** Queries the events whose data contains a member, equal as a JSON value: eventure_query_by_data(reader,
 *  eventure_int("x", 1), &cursor). */
EVENTURE_API eventure_status eventure_query_by_data(eventure_reader *reader, eventure_field member,
                                                    eventure_cursor **out_cursor);

/** Queries the events of one tick, in append order. */
EVENTURE_API eventure_status eventure_query_at_tick(eventure_reader *reader, int64_t tick,
                                                    eventure_cursor **out_cursor);

/** Queries the events up to and including a tick, in append order. */
EVENTURE_API eventure_status eventure_query_until_tick(eventure_reader *reader, int64_t tick,
                                                       eventure_cursor **out_cursor);

/** Queries the events of one tick, or with tick -1 of all ticks, that have no parent, or a parent in an earlier
 *  tick. */
EVENTURE_API eventure_status eventure_query_roots(eventure_reader *reader, int64_t tick, eventure_cursor **out_cursor);

/** Queries the direct children of an event, in append order. */
EVENTURE_API eventure_status eventure_query_children(eventure_reader *reader, const char *id,
                                                     eventure_cursor **out_cursor);

/** Queries the parent of an event, its parent, and so on up to the root. */
EVENTURE_API eventure_status eventure_query_ancestors(eventure_reader *reader, const char *id,
                                                      eventure_cursor **out_cursor);

/** Queries an event and all its descendants, in any of the orders; EVENTURE_ORDER_DEFAULT is breadth-first. */
EVENTURE_API eventure_status eventure_query_cascade(eventure_reader *reader, const char *id, eventure_order order,
                                                    eventure_cursor **out_cursor);

/**
 * Receives the count of one type.
 * @param type valid during this call only
 * @param count the number of its events
 * @param context the pointer given to the call
 * @return 0 to continue; any other value ends the count, and the count function returns it
 */
typedef int (*eventure_query_count_fn)(const char *type, int64_t count, void *context);

/** Counts the events of each type, in the order in which the types first appeared. */
EVENTURE_API eventure_status eventure_query_count_by_type(eventure_reader *reader, eventure_query_count_fn callback,
                                                          void *context);

/** Counts the events that match a filter. The filter's limit and after_seq apply too. */
EVENTURE_API eventure_status eventure_query_count(eventure_reader *reader, const eventure_filter *filter,
                                                  int64_t *out_count);

/** The property by which events are grouped. */
typedef enum eventure_grouping
{
    EVENTURE_GROUP_TYPE = 0, /**< By type, in the order in which the types first appear among the events. */
    EVENTURE_GROUP_TICK = 1  /**< By tick, in ascending order. */
} eventure_grouping;

/** The events of one type, or of one tick. */
typedef struct eventure_query_group
{
    const char *type; /**< EVENTURE_GROUP_TYPE: the type; else NULL. */
    int64_t tick;     /**< EVENTURE_GROUP_TICK: the tick; else the tick of the first event of the group. */
    int64_t count;    /**< Number of events. */
} eventure_query_group;

/**
 * Receives one group.
 * @param group valid during this call only
 * @param context the pointer given to the call
 * @return 0 to continue; any other value ends the count, and the count function returns it
 */
typedef int (*eventure_query_group_fn)(const eventure_query_group *group, void *context);

/** Counts the events that match a filter, by type or by tick. The filter's limit and after_seq apply too. */
EVENTURE_API eventure_status eventure_query_count_groups(eventure_reader *reader, const eventure_filter *filter,
                                                         eventure_grouping grouping, eventure_query_group_fn callback,
                                                         void *context);

/**
 * Explains a query: returns the SQL that the filter compiles to, its bound values, and SQLite's plan for it. The text
 * is one line of SQL, the line "values:" and a line for each value, the line "plan:" and a line for each step. Control
 * characters in values and names are escaped.
 * @param reader the store
 * @param filter the query
 * @param out_text receives NUL-terminated text, to be freed with eventure_free; NULL on error
 * @return as eventure_query
 */
EVENTURE_API eventure_status eventure_query_explain(eventure_reader *reader, const eventure_filter *filter,
                                                    char **out_text);

#ifdef __cplusplus
}
#endif

#endif
