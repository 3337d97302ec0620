/**
 * @file
 * Questions to the history. One filter expresses all of them, combined as you like; it compiles to one SQL statement,
 * and a cursor streams the answer.
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

/** The order of an answer. */
typedef enum eventure_order
{
    EVENTURE_ORDER_DEFAULT = 0,       /**< Breadth-first for a cascade, upwards for ancestors, else as appended. */
    EVENTURE_ORDER_APPEND = 1,        /**< As appended: by seq. */
    EVENTURE_ORDER_BREADTH_FIRST = 2, /**< Of a cascade only: level by level, children as appended. */
    EVENTURE_ORDER_ID = 3             /**< By id: tick, HASH, n. */
} eventure_order;

/** How a value in the data is compared. Numbers are compared by value; strings by their bytes, which is the order of
 *  their code points. Values of different kinds are neither less nor greater than each other. */
typedef enum eventure_comparison
{
    EVENTURE_EQUAL = 0,            /**< Equal as JSON values: 1 equals 1.0. */
    EVENTURE_NOT_EQUAL = 1,        /**< There, and not equal. */
    EVENTURE_LESS = 2,             /**< Less than it. */
    EVENTURE_LESS_OR_EQUAL = 3,    /**< Less than it, or equal. */
    EVENTURE_GREATER = 4,          /**< Greater than it. */
    EVENTURE_GREATER_OR_EQUAL = 5, /**< Greater than it, or equal. */
    EVENTURE_CONTAINS = 6          /**< A string that contains it; of what is no string, its JSON text does. */
} eventure_comparison;

/** A condition on a value in the data. It does not hold for an event that has no such value. */
typedef struct eventure_condition
{
    eventure_comparison comparison; /**< How the value is compared. */
    eventure_field member;          /**< The value that it is compared with. Its key is a path: a key, or keys with
                                         dots between them that lead from object to object, as in `pos.x`; a number
                                         from 0 names an element of an array. A key that holds dots itself comes
                                         first. */
} eventure_condition;

/**
 * A question. All members that are set must hold (types among themselves: any). Begin with EVENTURE_FILTER_INIT or
 * eventure_filter_init; zero is the default of every member, and asks for everything.
 *
 * A range of ticks is half-open, as a slice is in Python: tick_min is the first tick, and tick_end is the first tick
 * that is not in it. Tick 7 alone is tick_min = 7, tick_end = 8. The empty range from 0 to 0 cannot be said: tick_end 0
 * is no end.
 */
typedef struct eventure_filter
{
    size_t size;                /**< Set by the macro; a filter whose size is 0 is refused. */
    const char *type;           /**< A type or wildcard pattern, as on the bus; NULL: any. */
    const char *const *types;   /**< More of them; one that matches is enough. NULL: none. */
    size_t types_count;         /**< How many. */
    int64_t tick_min;           /**< The first tick; 0 by default. */
    int64_t tick_end;           /**< The first tick that is not asked for; 0: all ticks from tick_min on. */
    const eventure_field *data; /**< Top-level members that the data must hold, equal as JSON values. */
    size_t data_count;          /**< How many. */
    bool roots;                 /**< Only events with no parent, or with a parent in an earlier tick. */
    const char *children_of;    /**< Only direct children of this id, which need not be in the store; NULL: any. */
    const char *cascade_of;     /**< Only this event and its descendants; of an id that is not in the store, only the
                                     events that name it as their parent, and their descendants; NULL: any. */
    const char *ancestors_of;   /**< Only the parent of this event, its parent, and so on; NULL: any. */
    int64_t after_seq;          /**< Only events after this seq (before it, when reverse); 0: all. */
    int64_t limit;              /**< At most so many events; 0: all. */
    eventure_order order;       /**< The order of the answer. */
    bool reverse;               /**< The order turned round. */
    const eventure_condition *conditions; /**< Conditions on the data; all must hold. No index serves them. */
    size_t conditions_count;              /**< How many. */
    int64_t levels; /**< Of a cascade or of ancestors: at most so many levels; the event of a cascade is the first, or
                         the events that name it as their parent when it is not in the store. 0: all. */
    const double
        *timestamp_min; /**< Only events from this timestamp on; NULL: any. No index serves timestamps, and they
                             need not grow from event to event: a range of ticks beside it bounds the work. */
    const double *timestamp_max; /**< Only events up to this timestamp, it included; NULL: any. */
    bool exact_types;            /**< type and types are types, of which `*` is a character like others. */
    bool without_data;           /**< Leave out the data of the events, which is then "". */
    bool without_ids;            /**< Leave out their ids, which are then "". */
    bool without_parent_ids;     /**< Leave out the ids of their parents, which are then NULL; parent_seq is there. */
} eventure_filter;

/** Every event, in append order. */
#define EVENTURE_FILTER_INIT                                                                                           \
    {                                                                                                                  \
        sizeof(eventure_filter), NULL, NULL, 0, 0, 0, NULL, 0, false, NULL, NULL, NULL, 0, 0, EVENTURE_ORDER_DEFAULT,  \
            false, NULL, 0, 0, NULL, NULL, false, false, false, false                                                  \
    }

/** The same, as a function: `size` is sizeof(eventure_filter). */
EVENTURE_API void eventure_filter_init(eventure_filter *filter, size_t size);

/** The answer to a question, row by row. */
typedef struct eventure_cursor eventure_cursor;

/**
 * Asks. The filter is borrowed for this call only.
 * @param reader the store
 * @param filter the question; NULL: every event
 * @param out_cursor receives a cursor, to be freed with eventure_cursor_free before the reader is closed; NULL on error
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND (an id of the filter is neither in the store nor named as a parent),
 * EVENTURE_ERROR_ARGUMENT (a pattern, an order), EVENTURE_ERROR_JSON (a member's value), or what reading the file
 * failed with; the text is the reader's
 */
EVENTURE_API eventure_status eventure_query(eventure_reader *reader, const eventure_filter *filter,
                                            eventure_cursor **out_cursor);

/**
 * Moves on to the next event.
 * @param cursor the cursor
 * @param out_event receives the event, good until the next call on this cursor
 * @return EVENTURE_ROW, EVENTURE_DONE at the end, or an error; the text is the reader's
 */
EVENTURE_API eventure_status eventure_cursor_next(eventure_cursor *cursor, eventure_event *out_event);

/** A column of texts: that of row i is the bytes from offsets[i] up to offsets[i + 1]. */
typedef struct eventure_text_column
{
    const char *bytes;      /**< All texts, one behind the other, without NULs between them. */
    const int64_t *offsets; /**< One more than there are rows. */
} eventure_text_column;

/** What a member of the data is read as. */
typedef enum eventure_member_kind
{
    EVENTURE_MEMBER_INT = 0,    /**< Integers of 64 bits. */
    EVENTURE_MEMBER_DOUBLE = 1, /**< Any numbers. */
    EVENTURE_MEMBER_TEXT = 2    /**< Strings, with their escapes resolved; other values as their JSON text. */
} eventure_member_kind;

/** A top-level member of the data that is wanted as a column. */
typedef struct eventure_member
{
    const char *key;           /**< Its key; borrowed for the call. */
    eventure_member_kind kind; /**< What it is read as. */
} eventure_member;

/** One member as a column. Where a row has no such member, or one of another kind, has[i] is false and the value 0. */
typedef struct eventure_member_column
{
    const bool *has;           /**< Whether row i has a value. */
    const int64_t *integers;   /**< EVENTURE_MEMBER_INT; else NULL. */
    const double *numbers;     /**< EVENTURE_MEMBER_DOUBLE; else NULL. */
    eventure_text_column text; /**< EVENTURE_MEMBER_TEXT; else NULLs. */
} eventure_member_column;

/** Several rows of an answer, column by column. What the filter leaves out is a column of empty texts. */
typedef struct eventure_columns
{
    size_t rows;                           /**< How many rows each column has. */
    const int64_t *seq;                    /**< See eventure_event, here and below. */
    const int64_t *tick;                   /**< The ticks. */
    const double *timestamp;               /**< The timestamps. */
    const int64_t *parent_seq;             /**< The parents' seqs; 0 for none. */
    eventure_text_column type;             /**< The types. */
    eventure_text_column id;               /**< The ids. */
    eventure_text_column parent_id;        /**< The parents' ids; empty for none. */
    eventure_text_column data;             /**< The data, as JSON text. */
    const eventure_member_column *members; /**< The members that were asked for, in their order. */
} eventure_columns;

/**
 * Moves on by several events, and hands them out as columns.
 * @param cursor the cursor
 * @param max_rows how many at most, from 1
 * @param members members of the data that become columns; NULL: none
 * @param members_count how many
 * @param out_columns receives the columns, good until the next call on this cursor
 * @return EVENTURE_ROW (there is at least one row), EVENTURE_DONE at the end, or an error; the text is the reader's
 */
EVENTURE_API eventure_status eventure_cursor_next_batch(eventure_cursor *cursor, size_t max_rows,
                                                        const eventure_member *members, size_t members_count,
                                                        eventure_columns *out_columns);

/** How far the event under the cursor is from the event asked for: 0 is that event itself. Cascades and ancestors only;
 *  0 otherwise. */
EVENTURE_API int64_t eventure_cursor_depth(const eventure_cursor *cursor);

/** Frees a cursor; NULL is allowed. */
EVENTURE_API void eventure_cursor_free(eventure_cursor *cursor);

/**
 * Finds one event by its id.
 * @param reader the store
 * @param id the id
 * @param out_event receives a copy, to be freed with eventure_event_free; NULL on error
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND, or what reading the file failed with
 */
EVENTURE_API eventure_status eventure_query_find(eventure_reader *reader, const char *id, eventure_event **out_event);

/** As eventure_query_find, by its seq. Also EVENTURE_ERROR_ARCHIVED. */
EVENTURE_API eventure_status eventure_query_find_seq(eventure_reader *reader, int64_t seq, eventure_event **out_event);

/** Events of a type or wildcard pattern, in append order. See eventure_query for errors, here and below. */
EVENTURE_API eventure_status eventure_query_by_type(eventure_reader *reader, const char *pattern,
                                                    eventure_cursor **out_cursor);

/** Events whose data holds a member, equal as a JSON value: eventure_query_by_data(reader, eventure_int("x", 1),
 * &cursor). */
EVENTURE_API eventure_status eventure_query_by_data(eventure_reader *reader, eventure_field member,
                                                    eventure_cursor **out_cursor);

/** Events of one tick, in append order. */
EVENTURE_API eventure_status eventure_query_at_tick(eventure_reader *reader, int64_t tick,
                                                    eventure_cursor **out_cursor);

/** Events up to a tick, that tick included, in append order. */
EVENTURE_API eventure_status eventure_query_until_tick(eventure_reader *reader, int64_t tick,
                                                       eventure_cursor **out_cursor);

/** Events with no parent, or one in an earlier tick: those of one tick, or with tick -1 those of all. */
EVENTURE_API eventure_status eventure_query_roots(eventure_reader *reader, int64_t tick, eventure_cursor **out_cursor);

/** The direct children of an event, in append order. */
EVENTURE_API eventure_status eventure_query_children(eventure_reader *reader, const char *id,
                                                     eventure_cursor **out_cursor);

/** The parent of an event, its parent, and so on up to the root. */
EVENTURE_API eventure_status eventure_query_ancestors(eventure_reader *reader, const char *id,
                                                      eventure_cursor **out_cursor);

/** An event and all its descendants, in any of the orders; EVENTURE_ORDER_DEFAULT is breadth-first. */
EVENTURE_API eventure_status eventure_query_cascade(eventure_reader *reader, const char *id, eventure_order order,
                                                    eventure_cursor **out_cursor);

/**
 * Receives the count of one type.
 * @param type good for this call only
 * @param count its events
 * @param context as given
 * @return 0 to go on; anything else ends the count and is returned by it
 */
typedef int (*eventure_query_count_fn)(const char *type, int64_t count, void *context);

/** Counts the events of each type, in the order in which the types first appeared. */
EVENTURE_API eventure_status eventure_query_count_by_type(eventure_reader *reader, eventure_query_count_fn callback,
                                                          void *context);

/** Counts the events that a filter answers. The filter's limit and after_seq count too. */
EVENTURE_API eventure_status eventure_count(eventure_reader *reader, const eventure_filter *filter, int64_t *out_count);

/** What events are counted by. */
typedef enum eventure_grouping
{
    EVENTURE_GROUP_TYPE = 0, /**< Their types, in the order in which these first appear among them. */
    EVENTURE_GROUP_TICK = 1  /**< Their ticks, in order. */
} eventure_grouping;

/** The events of one type, or of one tick. */
typedef struct eventure_group
{
    const char *type; /**< EVENTURE_GROUP_TYPE: the type; else NULL. */
    int64_t tick;     /**< EVENTURE_GROUP_TICK: the tick; else that of the first of them. */
    int64_t count;    /**< How many they are. */
} eventure_group;

/**
 * Receives one group.
 * @param group good for this call only
 * @param context as given
 * @return 0 to continue; anything else ends the count and is returned by it
 */
typedef int (*eventure_group_fn)(const eventure_group *group, void *context);

/** Counts the events that a filter answers, by type or by tick. The filter's limit and after_seq count too. */
EVENTURE_API eventure_status eventure_count_groups(eventure_reader *reader, const eventure_filter *filter,
                                                   eventure_grouping grouping, eventure_group_fn callback,
                                                   void *context);

/**
 * Explains a question: the SQL that the filter compiles to, its bound values, and SQLite's plan for it.
 * @param reader the store
 * @param filter the question
 * @param out_text receives NUL-terminated text, to be freed with eventure_free; NULL on error
 * @return as eventure_query
 */
EVENTURE_API eventure_status eventure_query_explain(eventure_reader *reader, const eventure_filter *filter,
                                                    char **out_text);

#ifdef __cplusplus
}
#endif

#endif
