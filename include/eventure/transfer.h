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
#define EVENTURE_IMPORT_LINE_MAX_BYTES (32 * 1024 * 1024)

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

/** What the times of other programs count. */
typedef enum eventure_time_format
{
    EVENTURE_TIME_AUTO = 0,    /**< RFC 3339 when it is such text; a number is seconds, milliseconds, microseconds or
                                    nanoseconds, as its size says: below 10^11, 10^14, 10^17. Numbers of one file
                                    that look different are refused. */
    EVENTURE_TIME_SECONDS = 1, /**< Since 1970, as a number or as the text of one; and so on. */
    EVENTURE_TIME_MILLISECONDS = 2, /**< Milliseconds. */
    EVENTURE_TIME_MICROSECONDS = 3, /**< Microseconds. */
    EVENTURE_TIME_NANOSECONDS = 4,  /**< Nanoseconds. */
    EVENTURE_TIME_RFC3339 = 5       /**< Text like 2026-03-01T10:00:00.25+01:00; without an offset it is UTC. */
} eventure_time_format;

/** How an import works. Begin with EVENTURE_IMPORT_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_import_options
{
    size_t size;                      /**< Set by the macro. */
    const char *name;                 /**< What messages call the input; default "input". */
    bool external_parents;            /**< Keep a parent that is not in the store as an external parent id, instead of
                                           refusing it. */
    eventure_progress_fn progress;    /**< May be NULL. */
    void *progress_context;           /**< Passed to progress. */
    eventure_format format;           /**< EVENTURE_FORMAT_JSONL, the default; _CLOUDEVENTS, _CHROME; with a map also
                                           _CSV, and _JSONL then means JSON values or CSV, as the first byte tells. */
    const char *map;                  /**< Where the parts of an event are in records of other programs, as in
                                           "type=name,time=ts,id=span.id,parent=span.parent"; NULL: the file has events
                                           in the history's own format. docs/import.md tells how it is written. */
    eventure_time_format time_format; /**< Of times that are found by the map. */
    const char *time;                 /**< The time of events that have none, in the same format; NULL: that of the
                                           log's clock when the import begins. */
    int64_t tick_every_ns;            /**< Events without a tick: one tick for so many nanoseconds of their timestamps,
                                           counted from the first event of the store; 0: they join the current tick. */
    int64_t tick_every_events;        /**< Events without a tick: one tick for so many events. */
    bool sort;                        /**< Sort by tick, timestamp and place in the file, before events are appended. */
    int64_t sort_memory;              /**< At most so many bytes for sorting, from 64 KiB; 0: 40 MiB. What does not
                                           fit goes to a temporary file. */
    const char *temporary_folder;     /**< Where that is; NULL: beside the store. It has no name there, and is gone
                                           when the import, or the process, ends. */
    bool skip_known;                  /**< Leave out events whose id is in the store, instead of refusing them. */
    FILE *dry_run;                    /**< Not NULL: nothing is imported; the first dry_run_events are written there
                                           as JSON Lines, as they would be in the store. */
    int64_t dry_run_events;           /**< 0: 10. */
} eventure_import_options;

/** The defaults. */
#define EVENTURE_IMPORT_OPTIONS_INIT                                                                                   \
    {                                                                                                                  \
        sizeof(eventure_import_options), NULL, false, NULL, NULL, EVENTURE_FORMAT_JSONL, NULL, EVENTURE_TIME_AUTO,     \
            NULL, 0, 0, false, 0, NULL, false, NULL, 0                                                                 \
    }

/** The same, as a function: `size` is sizeof(eventure_import_options). */
EVENTURE_API void eventure_import_options_init(eventure_import_options *options, size_t size);

/** What was moved. */
typedef struct eventure_transfer_counts
{
    int64_t events;          /**< Events. */
    int64_t ticks;           /**< Different ticks that they belong to. */
    int64_t known;           /**< Import with skip_known: events that were left out because they are known. */
    int64_t unknown_parents; /**< Import: ids of parents that are not in the store at its end. */
    int64_t other;           /**< Import: entries of the file that are no events, and were left out. */
} eventure_transfer_counts;

/**
 * Imports a file, all or nothing, and commits. What was appended before is committed first. Events keep their ids and
 * timestamps; afterwards the log is at the tick of the last one. In the history's own format, lines end with LF or CR
 * LF; the last one may lack it, and lines of nothing but white space are allowed after the last event only. Other
 * formats are described in docs/import.md.
 *
 * A parent that comes later than its effect is kept as its external parent id; eventure_query_children and
 * eventure_query_cascade find the effect all the same.
 * @param log where to
 * @param in where from, read to its end; not closed
 * @param options NULL is all defaults
 * @param out_counts receives what was imported; zero on error; may be NULL
 * @return EVENTURE_OK; EVENTURE_ERROR_JSON, _TYPE, _TICK (goes back), _EXISTS (the id is taken), _PARENT (not known at
 *         that point), _LIMIT with a text `NAME:LINE: what is wrong`; EVENTURE_ERROR_INTERRUPTED; or the error of
 *         reading or writing. On every error the log is as it was.
 */
EVENTURE_API eventure_status eventure_log_import(eventure_log *log, FILE *in, const eventure_import_options *options,
                                                 eventure_transfer_counts *out_counts);

/** What the time of a trace is. */
typedef enum eventure_trace_clock
{
    EVENTURE_TRACE_BY_TIMESTAMP = 0, /**< The timestamps of the events. */
    EVENTURE_TRACE_BY_TICK = 1       /**< The ticks: each is a millisecond, which its events share in their order. */
} eventure_trace_clock;

/** How an export works. Begin with EVENTURE_EXPORT_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_export_options
{
    size_t size;                   /**< Set by the macro. */
    const eventure_filter *filter; /**< Which events; NULL: every one, in append order. */
    eventure_progress_fn progress; /**< May be NULL. */
    void *progress_context;        /**< Passed to progress. */
    eventure_format format;        /**< Default EVENTURE_FORMAT_JSONL. */
    const char *const *columns; /**< EVENTURE_FORMAT_CSV: the keys of the data, or paths in it, that get a column each;
                                     NULL: the data is one column, as JSON. */
    size_t columns_count;       /**< Number of elements. */
    int64_t max_nodes;          /**< Graphs: at most so many events; the graph says how many are left out. Default
                                     200. */
    bool csv_safe;              /**< EVENTURE_FORMAT_CSV: a text that a spreadsheet takes for a formula, because it
                                     begins with =, +, -, @, a tab or a line's end, gets an apostrophe before it.
                                     Numbers stay as they are. */
    bool csv_utf8_mark;         /**< EVENTURE_FORMAT_CSV: begin with the byte order mark by which spreadsheets know
                                     UTF-8. */
    bool csv_iso_times;         /**< EVENTURE_FORMAT_CSV: timestamps as RFC 3339, where that has a text for them. */
    bool *columns_found;        /**< EVENTURE_FORMAT_CSV: receives, for each of the columns, whether an event had it;
                                     NULL: not wanted. */
    eventure_trace_clock trace_clock; /**< EVENTURE_FORMAT_CHROME: what the time is. */
    const char *trace_duration; /**< EVENTURE_FORMAT_CHROME by timestamp: a path in the data to a number of seconds
                                     that an event took. Without one, an event of an imported trace is as long as it
                                     was there, and any other is a moment. */
    eventure_write_fn write;    /**< Receives the bytes instead of a FILE, which is then NULL. */
    void *write_sink;           /**< Passed to write. */
} eventure_export_options;

/** The defaults. */
#define EVENTURE_EXPORT_OPTIONS_INIT                                                                                   \
    {                                                                                                                  \
        sizeof(eventure_export_options), NULL, NULL, NULL, EVENTURE_FORMAT_JSONL, NULL, 0, 0, false, false, false,     \
            NULL, EVENTURE_TRACE_BY_TIMESTAMP, NULL, NULL, NULL                                                        \
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
EVENTURE_API eventure_status eventure_store_export(eventure_reader *reader, FILE *out,
                                                   const eventure_export_options *options,
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
 * @return EVENTURE_OK, EVENTURE_ERROR_EXISTS, EVENTURE_ERROR_ARGUMENT, EVENTURE_ERROR_INTERRUPTED, or the error of
 *         reading or writing; the error text is the reader's
 */
EVENTURE_API eventure_status eventure_store_extract(eventure_reader *reader, const char *path, bool replace,
                                                    const eventure_export_options *options,
                                                    eventure_transfer_counts *out_counts);

#ifdef __cplusplus
}
#endif

#endif
