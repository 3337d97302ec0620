/**
 * @file
 * Exchange as JSON Lines, one event a line, in the format of the reference:
 * `{"tick": …, "timestamp": …, "type": …, "data": {…}, "event_id": …, "parent_id": …}`.
 *
 * Both ways stream: memory does not grow with the file.
 */
#ifndef EVENTURE_TRANSFER_H
#define EVENTURE_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <eventure/export.h>
#include <eventure/log.h>
#include <eventure/progress.h>
#include <eventure/query.h>
#include <eventure/reader.h>
#include <eventure/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The longest line that import reads, in bytes: 32 MiB. */
#define EVENTURE_LINE_MAX_BYTES (32 * 1024 * 1024)

/** How an import works. Begin with EVENTURE_IMPORT_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_import_options
{
    size_t size;                   /**< Set by the macro. */
    const char *name;              /**< What messages call the input; default "input". */
    bool external_parents;         /**< Keep a parent that is not in the store as an external parent id, instead of
                                        refusing it. */
    eventure_progress_fn progress; /**< May be NULL. */
    void *progress_context;        /**< Handed to progress. */
} eventure_import_options;

/** The defaults. */
#define EVENTURE_IMPORT_OPTIONS_INIT                                                                                   \
    {                                                                                                                  \
        sizeof(eventure_import_options), NULL, false, NULL, NULL                                                       \
    }

/** What was moved. */
typedef struct eventure_transfer_counts
{
    int64_t events; /**< Events. */
    int64_t ticks;  /**< Different ticks that they belong to. */
} eventure_transfer_counts;

/**
 * Imports JSON Lines, all or nothing, and commits. What was appended before is committed first. Events keep their ids
 * and timestamps; afterwards the log is at the tick of the last one. Lines end with LF or CR LF; the last one may lack
 * it, and lines of nothing but white space are allowed after the last event only.
 * @param log where to
 * @param in where from, read to its end; not closed
 * @param options NULL is all defaults
 * @param out_counts receives what was imported; zero on error; may be NULL
 * @return EVENTURE_OK; EVENTURE_ERROR_JSON, _TYPE, _TICK (goes back), _EXISTS (the id is taken), _PARENT (not known at
 *         that point), _LIMIT with a text `NAME:LINE: what is wrong`; EVENTURE_ERROR_INTERRUPTED; or what reading or
 *         writing failed with. On every error the log is as it was.
 */
EVENTURE_API eventure_status eventure_import(eventure_log *log, FILE *in, const eventure_import_options *options,
                                             eventure_transfer_counts *out_counts);

/** How an export works. Begin with EVENTURE_EXPORT_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_export_options
{
    size_t size;                   /**< Set by the macro. */
    const eventure_filter *filter; /**< Which events; NULL: every one, in append order. */
    eventure_progress_fn progress; /**< May be NULL. */
    void *progress_context;        /**< Handed to progress. */
} eventure_export_options;

/** The defaults. */
#define EVENTURE_EXPORT_OPTIONS_INIT                                                                                   \
    {                                                                                                                  \
        sizeof(eventure_export_options), NULL, NULL, NULL                                                              \
    }

/**
 * Exports JSON Lines.
 * @param reader where from
 * @param out where to; not flushed, not closed
 * @param options NULL is all defaults
 * @param out_counts receives what was exported; may be NULL
 * @return EVENTURE_OK, EVENTURE_ERROR_IO (out cannot be written), EVENTURE_ERROR_INTERRUPTED, or as eventure_query
 */
EVENTURE_API eventure_status eventure_export(eventure_reader *reader, FILE *out, const eventure_export_options *options,
                                             eventure_transfer_counts *out_counts);

#ifdef __cplusplus
}
#endif

#endif
