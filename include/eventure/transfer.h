/**
 * @file
 * Exchange with other tools. The history's own format is JSON Lines, one event a line:
 * `{"tick": …, "timestamp": …, "type": …, "data": {…}, "event_id": …, "parent_id": …}`.
 *
 * Everything streams: memory does not grow with the file. docs/exports.md tells each format in detail.
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
#include <eventure/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The longest line that import reads, in bytes: 32 MiB. */
#define EVENTURE_LINE_MAX_BYTES (32 * 1024 * 1024)

/** What a history is written as, or read from. */
typedef enum eventure_format
{
    EVENTURE_FORMAT_JSONL = 0,       /**< JSON Lines, nothing lost; both ways. */
    EVENTURE_FORMAT_CSV = 1,         /**< Comma-separated values (RFC 4180) with a line of titles. */
    EVENTURE_FORMAT_CLOUDEVENTS = 2, /**< CloudEvents 1.0 in JSON, one event a line, nothing lost; both ways. */
    EVENTURE_FORMAT_CHROME = 3,      /**< Chrome's trace event JSON, which Perfetto opens. */
    EVENTURE_FORMAT_DOT = 4,         /**< Graphviz: events as nodes, causes as edges; at most max_nodes of them. */
    EVENTURE_FORMAT_MERMAID = 5      /**< Mermaid's flowchart, likewise. */
} eventure_format;

/**
 * Finds a format by its name: "jsonl", "csv", "cloudevents", "chrome", "dot", "mermaid".
 * @param name the name
 * @param out_format receives the format
 * @return EVENTURE_OK, or EVENTURE_ERROR_NOT_FOUND
 */
EVENTURE_API eventure_status eventure_format_find(const char *name, eventure_format *out_format);

/** How an import works. Begin with EVENTURE_IMPORT_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_import_options
{
    size_t size;                   /**< Set by the macro. */
    const char *name;              /**< What messages call the input; default "input". */
    bool external_parents;         /**< Keep a parent that is not in the store as an external parent id, instead of
                                        refusing it. */
    eventure_progress_fn progress; /**< May be NULL. */
    void *progress_context;        /**< Handed to progress. */
    eventure_format format;        /**< EVENTURE_FORMAT_JSONL, the default, or EVENTURE_FORMAT_CLOUDEVENTS. */
} eventure_import_options;

/** The defaults. */
#define EVENTURE_IMPORT_OPTIONS_INIT                                                                                   \
    {                                                                                                                  \
        sizeof(eventure_import_options), NULL, false, NULL, NULL, EVENTURE_FORMAT_JSONL                                \
    }

/** The same, as a function: `size` is sizeof(eventure_import_options). */
EVENTURE_API void eventure_import_options_init(eventure_import_options *options, size_t size);

/** What was moved. */
typedef struct eventure_transfer_counts
{
    int64_t events; /**< Events. */
    int64_t ticks;  /**< Different ticks that they belong to. */
} eventure_transfer_counts;

/**
 * Imports lines, all or nothing, and commits. What was appended before is committed first. Events keep their ids
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
    eventure_format format;        /**< Default EVENTURE_FORMAT_JSONL. */
    const char *const *columns;    /**< EVENTURE_FORMAT_CSV: the top-level keys of the data that get a column each;
                                        NULL: the data is one column, as JSON. */
    size_t columns_count;          /**< How many. */
    int64_t max_nodes;             /**< Graphs: at most so many events; the graph says how many are left out. Default
                                        200. */
    eventure_write_fn write;       /**< Receives the bytes instead of a FILE, which is then NULL. */
    void *write_sink;              /**< Handed to write. */
} eventure_export_options;

/** The defaults. */
#define EVENTURE_EXPORT_OPTIONS_INIT                                                                                   \
    {                                                                                                                  \
        sizeof(eventure_export_options), NULL, NULL, NULL, EVENTURE_FORMAT_JSONL, NULL, 0, 0, NULL, NULL               \
    }

/** The same, as a function: `size` is sizeof(eventure_export_options). */
EVENTURE_API void eventure_export_options_init(eventure_export_options *options, size_t size);

/**
 * Exports a history in one of the formats.
 * @param reader where from
 * @param out where to; not flushed, not closed; NULL when the options have `write`
 * @param options NULL is all defaults. Traces and graphs are in the order of time: a reverse filter is refused.
 * @param out_counts receives what was exported, without what a graph left out; may be NULL
 * @return EVENTURE_OK, EVENTURE_ERROR_IO (out cannot be written), EVENTURE_ERROR_INTERRUPTED, or as eventure_query
 */
EVENTURE_API eventure_status eventure_export(eventure_reader *reader, FILE *out, const eventure_export_options *options,
                                             eventure_transfer_counts *out_counts);

/**
 * Exports a history, or a part of it, as a store of its own: a new file that appears whole or not at all. Events keep
 * their ids, timestamps and ticks, and are counted from seq 1; a parent that is not among them is kept as an external
 * parent id. What else a store holds (save points, snapshots, indexes on data) does not come along.
 * @param reader where from; of a log's own reader, what is committed
 * @param path the new file
 * @param replace whether a file that is there is replaced
 * @param options the filter and the progress count; a reverse filter is refused; NULL is all defaults
 * @param out_counts receives what was exported; may be NULL
 * @return EVENTURE_OK, EVENTURE_ERROR_EXISTS, EVENTURE_ERROR_ARGUMENT, EVENTURE_ERROR_INTERRUPTED, or what reading or
 *         writing failed with; the text is the reader's
 */
EVENTURE_API eventure_status eventure_export_store(eventure_reader *reader, const char *path, bool replace,
                                                   const eventure_export_options *options,
                                                   eventure_transfer_counts *out_counts);

#ifdef __cplusplus
}
#endif

#endif
