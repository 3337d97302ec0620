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
    const char *children_of;    /**< Only direct children of this id; NULL: any. */
    const char *cascade_of;     /**< Only this event and its descendants; NULL: any. */
    const char *ancestors_of;   /**< Only the parent of this event, its parent, and so on; NULL: any. */
    int64_t after_seq;          /**< Only events after this seq (before it, when reverse); 0: all. */
    int64_t limit;              /**< At most so many events; 0: all. */
    eventure_order order;       /**< The order of the answer. */
    bool reverse;               /**< The order turned round. */
} eventure_filter;

/** Every event, in append order. */
#define EVENTURE_FILTER_INIT                                                                                           \
    {                                                                                                                  \
        sizeof(eventure_filter), NULL, NULL, 0, 0, 0, NULL, 0, false, NULL, NULL, NULL, 0, 0, EVENTURE_ORDER_DEFAULT,  \
            false                                                                                                      \
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
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND (an id of the filter does not exist), EVENTURE_ERROR_ARGUMENT (a
 *         pattern, an order), EVENTURE_ERROR_JSON (a member's value), or what reading the file failed with; the text
 *         is the reader's
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
EVENTURE_API eventure_status eventure_find(eventure_reader *reader, const char *id, eventure_event **out_event);

/** Events of a type or wildcard pattern, in append order. See eventure_query for errors, here and below. */
EVENTURE_API eventure_status eventure_by_type(eventure_reader *reader, const char *pattern,
                                              eventure_cursor **out_cursor);

/** Events whose data holds a member, equal as a JSON value: eventure_by_data(reader, eventure_int("x", 1), &cursor). */
EVENTURE_API eventure_status eventure_by_data(eventure_reader *reader, eventure_field member,
                                              eventure_cursor **out_cursor);

/** Events of one tick, in append order. */
EVENTURE_API eventure_status eventure_at_tick(eventure_reader *reader, int64_t tick, eventure_cursor **out_cursor);

/** Events up to a tick, that tick included, in append order. */
EVENTURE_API eventure_status eventure_until_tick(eventure_reader *reader, int64_t tick, eventure_cursor **out_cursor);

/** Events with no parent, or one in an earlier tick: those of one tick, or with tick -1 those of all. */
EVENTURE_API eventure_status eventure_roots(eventure_reader *reader, int64_t tick, eventure_cursor **out_cursor);

/** The direct children of an event, in append order. */
EVENTURE_API eventure_status eventure_children(eventure_reader *reader, const char *id, eventure_cursor **out_cursor);

/** The parent of an event, its parent, and so on up to the root. */
EVENTURE_API eventure_status eventure_ancestors(eventure_reader *reader, const char *id, eventure_cursor **out_cursor);

/** An event and all its descendants, in any of the orders; EVENTURE_ORDER_DEFAULT is breadth-first. */
EVENTURE_API eventure_status eventure_cascade(eventure_reader *reader, const char *id, eventure_order order,
                                              eventure_cursor **out_cursor);

/**
 * Receives the count of one type.
 * @param type good for this call only
 * @param count its events
 * @param context as given
 * @return 0 to go on; anything else ends the count and is returned by it
 */
typedef int (*eventure_count_fn)(const char *type, int64_t count, void *context);

/** Counts the events of each type, in the order in which the types first appeared. */
EVENTURE_API eventure_status eventure_count_by_type(eventure_reader *reader, eventure_count_fn callback, void *context);

/** Counts the events that a filter answers. The filter's limit and after_seq count too. */
EVENTURE_API eventure_status eventure_count(eventure_reader *reader, const eventure_filter *filter, int64_t *out_count);

/**
 * Explains a question: the SQL that the filter compiles to, its bound values, and SQLite's plan for it.
 * @param reader the store
 * @param filter the question
 * @param out_text receives NUL-terminated text, to be freed with eventure_free; NULL on error
 * @return as eventure_query
 */
EVENTURE_API eventure_status eventure_explain(eventure_reader *reader, const eventure_filter *filter, char **out_text);

#ifdef __cplusplus
}
#endif

#endif
