/**
 * @file
 * Indexes on data: equality look-ups of one top-level key become fast.
 *
 * A filter whose `data` names an indexed key uses the index by itself; answers are the same with and without it. The
 * log keeps an index up to date in the transaction of each commit, which makes appending slower by what that costs.
 * docs/data-indexes.md tells how ad-hoc SQL uses one.
 */
#ifndef EVENTURE_DATA_INDEX_H
#define EVENTURE_DATA_INDEX_H

#include <stdbool.h>
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
    const char *pattern; /**< The types whose events are in it; "*": all. */
    int64_t events;      /**< How many events it holds. */
    int64_t indexed_seq; /**< The last event that was looked at. */
    bool complete;       /**< Whether that is the newest one. An index that is not is used as far as it goes. */
} eventure_data_index;

/**
 * Makes an index, or goes on with one that was not finished. Commits what was appended before, and then by and by:
 * when it is stopped, what was done stays, and calling it again goes on from there.
 * @param log the store
 * @param key a top-level key, as it is and not as it would be escaped
 * @param pattern only events of these types, as in a filter; NULL: all
 * @param progress may be NULL
 * @param context handed to progress
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT (no key, or not UTF-8; a pattern), EVENTURE_ERROR_LIMIT (the key is too
 *         long), EVENTURE_ERROR_EXISTS, EVENTURE_ERROR_INTERRUPTED, or what writing failed with
 */
EVENTURE_API eventure_status eventure_data_index_add(eventure_log *log, const char *key, const char *pattern,
                                                     eventure_progress_fn progress, void *context);

/**
 * Drops an index; commits.
 * @param log the store
 * @param key its key
 * @param pattern its types; NULL: all
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND, or what writing failed with
 */
EVENTURE_API eventure_status eventure_data_index_drop(eventure_log *log, const char *key, const char *pattern);

/**
 * Receives one index.
 * @param index good for this call only
 * @param context as given
 * @return 0 to go on; anything else ends the list and is returned by it
 */
typedef int (*eventure_data_index_fn)(const eventure_data_index *index, void *context);

/** Lists the indexes in the order in which they were made. */
EVENTURE_API eventure_status eventure_data_index_list(eventure_reader *reader, eventure_data_index_fn callback,
                                                      void *context);

#ifdef __cplusplus
}
#endif

#endif
