/**
 * @file
 * Indexes on data: they make equality look-ups of one top-level key fast.
 *
 * A filter whose `data` names an indexed key uses the index automatically; the results are the same with and without
 * it. The log updates the indexes in the transaction of each commit, which makes appending slower. docs/data-indexes.md
 * describes how SQL statements use an index.
 */
#ifndef EVENTURE_DATA_INDEX_H
#define EVENTURE_DATA_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <eventure/export.h>
#include <eventure/log.h>
#include <eventure/progress.h>
#include <eventure/reader.h>
#include <eventure/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The longest key that can have an index, in bytes of UTF-8. */
#define EVENTURE_DATA_INDEX_KEY_MAX_BYTES 1024

/** One index. */
typedef struct eventure_data_index
{
    const char *key;     /**< The top-level key. */
    const char *pattern; /**< The type or pattern whose events are indexed; "*": all. */
    int64_t events;      /**< Number of events in the index. */
    int64_t indexed_seq; /**< The seq of the last event that was examined. */
    bool complete;       /**< Whether indexed_seq is the newest event. An incomplete index is used for the events up to
                              indexed_seq. */
} eventure_data_index;

/** Options of eventure_data_index_add. Begin with EVENTURE_DATA_INDEX_OPTIONS_INIT. */
typedef struct eventure_data_index_options
{
    size_t size;                   /**< Set by the macro. */
    eventure_progress_fn progress; /**< May be NULL. */
    void *progress_context;        /**< Passed to progress. */
} eventure_data_index_options;

/** The defaults. */
#define EVENTURE_DATA_INDEX_OPTIONS_INIT                                                                               \
    {                                                                                                                  \
        sizeof(eventure_data_index_options), NULL, NULL                                                                \
    }

/**
 * Sets *options to the defaults, as EVENTURE_DATA_INDEX_OPTIONS_INIT does. `size` is
 * sizeof(eventure_data_index_options) as the caller compiled it.
 */
EVENTURE_API void eventure_data_index_options_init(eventure_data_index_options *options, size_t size);

/**
 * Makes an index, or continues an incomplete one. Commits the events appended before, and then works in several
 * transactions: when the call is stopped, the part that was committed stays, and the next call continues from there.
 * @param log the store
 * @param key a top-level key, unescaped
 * @param pattern a type or pattern as in a filter: only events of these types are indexed; NULL: all
 * @param options NULL is all defaults
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT (the key is missing or not UTF-8; the pattern is not valid),
 *         EVENTURE_ERROR_LIMIT (the key is too long), EVENTURE_ERROR_EXISTS, EVENTURE_ERROR_INTERRUPTED, or the error
 *         of writing
 */
EVENTURE_API eventure_status eventure_data_index_add(eventure_log *log, const char *key, const char *pattern,
                                                     const eventure_data_index_options *options);

/**
 * Drops an index, and commits.
 * @param log the store
 * @param key its key
 * @param pattern its types; NULL: all
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND, or the error of writing
 */
EVENTURE_API eventure_status eventure_data_index_drop(eventure_log *log, const char *key, const char *pattern);

/**
 * Receives one index.
 * @param index valid during this call only
 * @param context the pointer given to the call
 * @return 0 to continue; any other value ends the list, and the list function returns it
 */
typedef int (*eventure_data_index_fn)(const eventure_data_index *index, void *context);

/** Lists the indexes in the order in which they were made. */
EVENTURE_API eventure_status eventure_data_index_list(eventure_reader *reader, eventure_data_index_fn callback,
                                                      void *context);

#ifdef __cplusplus
}
#endif

#endif
