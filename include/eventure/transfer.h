/**
 * @file
 * Import from and export to other tools. The native format of a history is JSON Lines, one event per line:
 * `{"tick": …, "timestamp": …, "type": …, "data": {…}, "event_id": …, "parent_id": …}`.
 *
 * All functions stream: memory does not grow with the file. docs/exports.md describes each format in detail.
 *
 * A store does not distinguish -0.0 and 0.0 as timestamps: an event that is appended, imported or restored with the
 * timestamp -0.0 has the timestamp 0.0.
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

/** The format of an export or an import. */
typedef enum eventure_format
{
    EVENTURE_FORMAT_JSONL = 0,       /**< JSON Lines, without loss; export and import. */
    EVENTURE_FORMAT_CSV = 1,         /**< Comma-separated values (RFC 4180) with a header line. */
    EVENTURE_FORMAT_CLOUDEVENTS = 2, /**< CloudEvents 1.0 in JSON, one event per line, without loss; export and
                                          import. */
    EVENTURE_FORMAT_CHROME = 3,      /**< Chrome's trace event JSON, which Perfetto opens. */
    EVENTURE_FORMAT_DOT = 4,         /**< Graphviz: events as nodes, causes as edges; at most max_nodes of them. */
    EVENTURE_FORMAT_MERMAID = 5      /**< Mermaid's flowchart, with the same limit. */
} eventure_format;

/**
 * Finds a format by its name: "jsonl", "csv", "cloudevents", "chrome", "dot", "mermaid".
 * @param name the name
 * @param out_format receives the format
 * @return EVENTURE_OK, or EVENTURE_ERROR_NOT_FOUND; eventure_last_message() returns the text
 */
EVENTURE_API eventure_status eventure_format_find(const char *name, eventure_format *out_format);

/** The format of times in the records of other programs. */
typedef enum eventure_time_format
{
    EVENTURE_TIME_AUTO = 0,    /**< RFC 3339 when it is such text; a number below 10^11 is seconds, below 10^14
                                    milliseconds, below 10^17 microseconds, and otherwise nanoseconds. Numbers of
                                    different units in one file are refused. */
    EVENTURE_TIME_SECONDS = 1, /**< Seconds since 1970, as a number or as the text of one; the units below likewise. */
    EVENTURE_TIME_MILLISECONDS = 2, /**< Milliseconds. */
    EVENTURE_TIME_MICROSECONDS = 3, /**< Microseconds. */
    EVENTURE_TIME_NANOSECONDS = 4,  /**< Nanoseconds. */
    EVENTURE_TIME_RFC3339 = 5       /**< Text like 2026-03-01T10:00:00.25+01:00; without an offset it is UTC. */
} eventure_time_format;

/** Options of an import. Begin with EVENTURE_IMPORT_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_import_options
{
    size_t size;                      /**< Set by the macro. */
    const char *name;                 /**< The name of the input in messages; default "input". */
    bool external_parents;            /**< Keep a parent that is not in the store as an external parent id, instead of
                                           refusing it. */
    eventure_progress_fn progress;    /**< May be NULL. */
    void *progress_context;           /**< Passed to progress. */
    eventure_format format;           /**< EVENTURE_FORMAT_JSONL, the default; _CLOUDEVENTS, _CHROME; with a map also
                                           _CSV, and _JSONL then means JSON values or CSV, depending on the first
                                           byte. */
    const char *map;                  /**< The places of an event's parts in the records of other programs, as in
                                           "type=name,time=ts,id=span.id,parent=span.parent"; NULL: the file contains
                                           events in the native format. docs/import.md describes the syntax. */
    eventure_time_format time_format; /**< The format of the times that the map names. */
    const char *time;                 /**< The time of events without one, in the same format; NULL: the time of the
                                           log's clock when the import begins. */
    int64_t tick_every_ns;            /**< For events without a tick: the length of a tick in nanoseconds of their
                                           timestamps, counted from the first event of the store; 0: they are appended
                                           to the current tick. */
    int64_t tick_every_events;        /**< For events without a tick: the number of events per tick. */
    bool sort;                        /**< Sort by tick, timestamp and position in the file, before events are
                                           appended. */
    int64_t sort_memory;              /**< The maximum memory for sorting in bytes, 64 KiB or more; 0: 40 MiB. The rest
                                           is written to a temporary file. */
    const char *temporary_folder;     /**< The folder of the temporary file; NULL: beside the store. The file has no
                                           name, and is removed when the import, or the process, ends. */
    bool skip_known;                  /**< Skip events whose id is in the store, instead of refusing them. */
    FILE *dry_run;                    /**< Not NULL: import nothing, and write the first dry_run_events events, as they
                                           would be stored, to it as JSON Lines. */
    int64_t dry_run_events;           /**< Number of events that a dry run writes; 0: 10. */
    eventure_read_fn read;            /**< Gives the bytes instead of a FILE, which must then be NULL. */
    void *read_source;                /**< Passed to read. */
    eventure_write_fn dry_run_write;  /**< Receives the dry run instead of dry_run, which must then be NULL. */
    void *dry_run_sink;               /**< Passed to dry_run_write. */
} eventure_import_options;

/** The defaults. */
#define EVENTURE_IMPORT_OPTIONS_INIT                                                                                   \
    {                                                                                                                  \
        sizeof(eventure_import_options), NULL, false, NULL, NULL, EVENTURE_FORMAT_JSONL, NULL, EVENTURE_TIME_AUTO,     \
            NULL, 0, 0, false, 0, NULL, false, NULL, 0, NULL, NULL, NULL, NULL                                         \
    }

/**
 * Sets *options to the defaults, as EVENTURE_IMPORT_OPTIONS_INIT does. `size` is sizeof(eventure_import_options) as the
 * caller compiled it.
 */
EVENTURE_API void eventure_import_options_init(eventure_import_options *options, size_t size);

/** The result of an import or an export. */
typedef struct eventure_transfer_counts
{
    int64_t events;          /**< Number of events. */
    int64_t ticks;           /**< Number of different ticks that the events belong to. */
    int64_t known;           /**< Import with skip_known: number of events that were skipped because their ids are in
                                  the store. */
    int64_t unknown_parents; /**< Import: number of ids of parents that are not in the store at the end. */
    int64_t other;           /**< Import: number of entries of the file that are not events, and were skipped. */
} eventure_transfer_counts;

/**
 * Imports a file, all of it or nothing, and commits. Events appended before are committed first. Imported events keep
 * their ids and timestamps, and an event without an id gets the next one of its tick and type, as an append does;
 * afterwards the log is at the tick of the last one. In the native format, lines end with LF
 * or CR LF; the last line may end without it, and lines that contain only white space are allowed after the last event
 * only. docs/import.md describes the other formats.
 *
 * A parent that comes later in the file than its effect is stored as an external parent id of the effect;
 * eventure_query_children and eventure_query_cascade find the effect nevertheless.
 * @param log the log to append to
 * @param in the input, read to its end; not closed; NULL when the options have `read`
 * @param options NULL is all defaults
 * @param out_counts receives the result; zero on error; may be NULL
 * @return EVENTURE_OK; EVENTURE_ERROR_JSON, _TYPE, _TICK (goes back), _EXISTS (the id is taken), _PARENT (not known at
 *         that point), _LIMIT with an error text `NAME:LINE: REASON`; EVENTURE_ERROR_INTERRUPTED; or the error of
 *         reading or writing. On every error the log is unchanged.
 */
EVENTURE_API eventure_status eventure_log_import(eventure_log *log, FILE *in, const eventure_import_options *options,
                                                 eventure_transfer_counts *out_counts);

/** The time axis of a trace. */
typedef enum eventure_trace_clock
{
    EVENTURE_TRACE_BY_TIMESTAMP = 0, /**< The timestamps of the events. */
    EVENTURE_TRACE_BY_TICK = 1       /**< The ticks: each is one millisecond, which is divided among its events in
                                          order. */
} eventure_trace_clock;

/** Options of an export. Begin with EVENTURE_EXPORT_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_export_options
{
    size_t size;                   /**< Set by the macro. */
    const eventure_filter *filter; /**< The events to export; NULL: all, in append order. */
    eventure_progress_fn progress; /**< May be NULL. */
    void *progress_context;        /**< Passed to progress. */
    eventure_format format;        /**< Default EVENTURE_FORMAT_JSONL. */
    const char *const *columns; /**< EVENTURE_FORMAT_CSV: the keys of the data, or paths in it, each of which becomes a
                                     column; NULL: the data is one column, as JSON. */
    size_t columns_count;       /**< Number of elements; 0 when columns is NULL. */
    int64_t max_nodes;          /**< Graphs: the maximum number of events; the graph contains the number of events left
                                     out. Default 200. */
    bool csv_safe;              /**< EVENTURE_FORMAT_CSV: puts an apostrophe before a text that a spreadsheet would
                                     treat as a formula, because it begins with =, +, -, @, a tab or a line end. Numbers
                                     are unchanged. */
    bool csv_utf8_mark;         /**< EVENTURE_FORMAT_CSV: begin with a byte order mark, by which spreadsheets recognize
                                     UTF-8. */
    bool csv_iso_times;         /**< EVENTURE_FORMAT_CSV: write timestamps as RFC 3339, if it can represent them. */
    bool *columns_found;        /**< EVENTURE_FORMAT_CSV: receives, for each of the columns, whether an event had it;
                                     NULL: not needed. */
    eventure_trace_clock trace_clock; /**< EVENTURE_FORMAT_CHROME: the time axis. */
    const char *trace_duration; /**< EVENTURE_FORMAT_CHROME by timestamp: a path in the data to the duration of the
                                     event in seconds. NULL: an event of an imported trace keeps its duration, and any
                                     other event has none. */
    eventure_write_fn write;    /**< Receives the bytes instead of a FILE, which must then be NULL. */
    void *write_sink;           /**< Passed to write. */
} eventure_export_options;

/** The defaults. */
#define EVENTURE_EXPORT_OPTIONS_INIT                                                                                   \
    {                                                                                                                  \
        sizeof(eventure_export_options), NULL, NULL, NULL, EVENTURE_FORMAT_JSONL, NULL, 0, 0, false, false, false,     \
            NULL, EVENTURE_TRACE_BY_TIMESTAMP, NULL, NULL, NULL                                                        \
    }

/**
 * Sets *options to the defaults, as EVENTURE_EXPORT_OPTIONS_INIT does. `size` is sizeof(eventure_export_options) as the
 * caller compiled it.
 */
EVENTURE_API void eventure_export_options_init(eventure_export_options *options, size_t size);

/**
 * Exports a history in one of the formats.
 * @param reader the store
 * @param out the output; not flushed, not closed; NULL when the options have `write`
 * @param options NULL is all defaults. Every format writes whole events: a filter with `without_data`, `without_ids` or
 *        `without_parent_ids` is refused. Traces and graphs are in the order of time: a filter with `reverse` is
 *        refused.
 * @param out_counts receives the result, without the events that a graph left out; may be NULL
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT (the filter is refused, or a column is NULL), EVENTURE_ERROR_IO (out
 *         cannot be written), EVENTURE_ERROR_INTERRUPTED, EVENTURE_ERROR_HANDLER or the value that `write` returned, or
 *         as eventure_query
 */
EVENTURE_API eventure_status eventure_store_export(eventure_reader *reader, FILE *out,
                                                   const eventure_export_options *options,
                                                   eventure_transfer_counts *out_counts);

#ifdef __cplusplus
}
#endif

#endif
