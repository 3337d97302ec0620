/**
 * @file
 * The cascade viewer: prints the history as text, tick by tick, each cause above its effects.
 *
 * The text of stored events (values, keys, types and ids) is escaped, so that it can neither control the reader's
 * terminal nor look like other text: control characters other than tab (U+0000 to U+001F, U+007F to U+009F), line and
 * paragraph separators (U+2028, U+2029) and characters that change the direction of writing (U+202A to U+202E, U+2066
 * to U+2069) are shown as `\u001b`, and bytes that are not UTF-8 as `\x9b`.
 */
#ifndef EVENTURE_CASCADE_H
#define EVENTURE_CASCADE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <eventure/export.h>
#include <eventure/progress.h>
#include <eventure/query.h>
#include <eventure/reader.h>
#include <eventure/status.h>
#include <eventure/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Options of the viewer. Begin with EVENTURE_CASCADE_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_cascade_options
{
    size_t size;                   /**< Set by the macro. */
    int64_t tick_min;              /**< The first tick shown. */
    int64_t tick_end;              /**< The first tick after the range, which is not shown; 0: all from tick_min on. A
                                        range that ends before it begins is empty. */
    bool without_data;             /**< Leave the data lines out. */
    bool color;                    /**< Colour with ANSI escape sequences (ECMA-48). */
    eventure_progress_fn progress; /**< May be NULL. */
    void *progress_context;        /**< Passed to progress. */
    const eventure_filter *filter; /**< The events that are shown; NULL: all. An effect whose cause is left out is
                                        printed below the nearest cause that is shown. The filter's order is treated as
                                        EVENTURE_ORDER_APPEND, and it must not be reverse. The event of
                                        eventure_cascade_print_one is always shown. */
    int64_t levels;                /**< The maximum number of levels within a tick; the events without a cause in the
                                        tick are the first level. The number of effects left out below an event is
                                        printed there. 0: all. */
    eventure_write_fn write;       /**< Receives the bytes instead of a FILE, which must then be NULL. */
    void *write_sink;              /**< Passed to write. */
    bool external_as_local;        /**< Print an event whose parent is outside the store like an effect within its
                                        tick, as the Python package eventure 0.4.4 does, instead of with the parent's
                                        id. */
} eventure_cascade_options;

/** Everything, with data, without colour. */
#define EVENTURE_CASCADE_OPTIONS_INIT                                                                                  \
    {                                                                                                                  \
        sizeof(eventure_cascade_options), 0, 0, false, false, NULL, NULL, NULL, 0, NULL, NULL, false                   \
    }

/**
 * Sets *options to the defaults, as EVENTURE_CASCADE_OPTIONS_INIT does. `size` is sizeof(eventure_cascade_options) as
 * the caller compiled it.
 */
EVENTURE_API void eventure_cascade_options_init(eventure_cascade_options *options, size_t size);

/**
 * Prints the whole history, or a range of its ticks, as of one commit, while a log may write. Uses a few words of
 * memory for each event of one tick. An event at depth d within its tick is indented by 2·d spaces, so that a chain of
 * n events within a tick takes about 3·n² bytes of output.
 * @param reader the store
 * @param out the output; not flushed, not closed; NULL when the options have `write`
 * @param options NULL is all defaults
 * @return EVENTURE_OK, EVENTURE_ERROR_IO (out cannot be written), EVENTURE_ERROR_TICK (a tick is negative),
 *         EVENTURE_ERROR_INTERRUPTED, EVENTURE_ERROR_MEMORY, or the error of reading the file; the error text is the
 *         reader's
 */
EVENTURE_API eventure_status eventure_cascade_print(eventure_reader *reader, FILE *out,
                                                    const eventure_cascade_options *options);

/** Prints one event and its descendants within its tick. Also returns EVENTURE_ERROR_NOT_FOUND. The tick range of the
 *  options is ignored. */
EVENTURE_API eventure_status eventure_cascade_print_one(eventure_reader *reader, const char *id, FILE *out,
                                                        const eventure_cascade_options *options);

/** Prints the details of one event. Also returns EVENTURE_ERROR_NOT_FOUND. The tick range of the options is ignored. */
EVENTURE_API eventure_status eventure_cascade_print_event(eventure_reader *reader, const char *id, FILE *out,
                                                          const eventure_cascade_options *options);

#ifdef __cplusplus
}
#endif

#endif
