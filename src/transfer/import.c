/*
 * Import: the events of a file become events of the log, all of them in one transaction, or none. A source reads the
 * file (source.h); with `sort` the events go through an external sort (sorter.h); then each is placed in the store
 * (place.h).
 */
#include <string.h>

#include <eventure/transfer.h>

#include "base/error.h"
#include "base/options.h"
#include "base/progress.h"
#include "base/text.h"
#include "event/event_line.h"
#include "log/bulk.h"
#include "log/log.h"
#include "log/undo.h"
#include "store/store.h"
#include "transfer/input.h"
#include "transfer/place.h"
#include "transfer/sorter.h"
#include "transfer/source.h"

#define DEFAULT_SORT_MEMORY ((int64_t)40 * 1024 * 1024)
#define LEAST_SORT_MEMORY ((int64_t)64 * 1024)
#define DEFAULT_DRY_RUN_EVENTS 10

/* The number of bytes of a long name, from its end, that messages contain. */
#define NAME_BYTES 400

typedef struct importer
{
    eventure_log *log;
    eventure_import_options options;
    eventure__event_source source;
    eventure__placing placing;
    eventure__sorter sorter;
    eventure__error *error; /* the log's */
    eventure__buffer bytes; /* an event for the sorter, or a line of the dry run */
    eventure__buffer folder;
    const char *folder_name; /* of temporary files */
    int64_t line;            /* of the event that is being appended */
    int64_t read;            /* events of the file */
    int64_t last_tick;       /* of the last event; -1: none yet */
    int64_t last_seq;        /* of the log when the import began */
    bool lacks_parents;      /* an event has a parent that was not in the store */
    eventure_transfer_counts counts;
} importer;

/* An event in the sorter: this structure, followed by its texts, each with a NUL. */
typedef struct packed
{
    eventure__incoming incoming; /* its pointers only indicate whether there is a text */
    size_t type_len;
    size_t id_len;
    size_t parent_id_len;
} packed;

static eventure_status options_check(eventure__error *error, const eventure_import_options *options)
{
    const bool is_mapped = options->map != NULL;
    const char *wrong = NULL;
    if (options->format != EVENTURE_FORMAT_JSONL && options->format != EVENTURE_FORMAT_CLOUDEVENTS &&
        options->format != EVENTURE_FORMAT_CHROME && options->format != EVENTURE_FORMAT_CSV)
        wrong = "only jsonl, csv, cloudevents and chrome can be read";
    else if (options->format == EVENTURE_FORMAT_CSV && !is_mapped)
        wrong = "csv needs a map";
    else if (is_mapped && (options->format == EVENTURE_FORMAT_CLOUDEVENTS || options->format == EVENTURE_FORMAT_CHROME))
        wrong = "a map is for jsonl and csv; cloudevents and chrome have none";
    else if (options->tick_every_ns > 0 && options->tick_every_events > 0)
        wrong = "tick_every_ns and tick_every_events exclude each other";
    else if (options->sort_memory != 0 && options->sort_memory < LEAST_SORT_MEMORY)
        wrong = "the memory for sorting must be 65536 bytes or more";
    const eventure__option_range ranges[] = {{"time_format", (int)options->time_format, 0, EVENTURE_TIME_RFC3339},
                                             {"tick_every_ns", options->tick_every_ns, 0, INT64_MAX},
                                             {"tick_every_events", options->tick_every_events, 0, INT64_MAX},
                                             {"dry_run_events", options->dry_run_events, 0, INT64_MAX}};
    if (wrong != NULL)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "import: %s", wrong);
    return eventure__options_check(ranges, sizeof ranges / sizeof *ranges, "import", error);
}

static eventure_status options_read(eventure__error *error, const eventure_import_options *options,
                                    eventure_import_options *out)
{
    eventure_status status = EVENTURE__TAKE(options, out, eventure_import_options, "import", error);
    if (status != EVENTURE_OK)
        return status;
    if (out->name == NULL)
        out->name = "input";
    if (out->sort_memory == 0)
        out->sort_memory = DEFAULT_SORT_MEMORY;
    if (out->format == EVENTURE_FORMAT_CHROME) /* which is sorted anyway */
        out->sort = false;
    if (out->dry_run_events == 0)
        out->dry_run_events = DEFAULT_DRY_RUN_EVENTS;
    return options_check(error, out);
}

/* Prefixes an error's text with NAME:LINE, or with NAME when the error does not belong to a line. */
static eventure_status fail_at(importer *import, eventure_status status, int64_t line_number)
{
    const char *name = import->options.name;
    const char *dots = "";
    const size_t len = strlen(name);
    if (len > NAME_BYTES)
    {
        name += len - NAME_BYTES;
        while ((*name & 0xc0) == 0x80) /* not in the middle of a character */
            name++;
        dots = "...";
    }
    switch (status)
    {
    case EVENTURE_ERROR_JSON:
    case EVENTURE_ERROR_TYPE:
    case EVENTURE_ERROR_TICK:
    case EVENTURE_ERROR_EXISTS:
    case EVENTURE_ERROR_PARENT:
    case EVENTURE_ERROR_LIMIT:
        return eventure__fail_prefix(import->error, "%s%s:%lld", dots, name, (long long)line_number);
    default:
        return eventure__fail_prefix(import->error, "import %s%s", dots, name);
    }
}

static eventure_status fail_memory(importer *import)
{
    return fail_at(import, eventure__fail(import->error, EVENTURE_ERROR_MEMORY, "out of memory"), 0);
}

eventure_status eventure__source_out_of_memory(eventure__event_source *source)
{
    return eventure__fail(source->error, EVENTURE_ERROR_MEMORY, "out of memory");
}

static eventure_status report_progress(importer *import)
{
    if (import->options.progress == NULL)
        return EVENTURE_OK;
    /* While the file is read for sorting, nothing is appended yet. */
    const int64_t events = import->counts.events > 0 ? import->counts.events : import->read;
    const eventure_progress progress = {events, 0, import->last_tick < 0 ? 0 : import->last_tick};
    if (import->options.progress(&progress, import->options.progress_context) != 0)
    {
        return eventure__fail(import->error, EVENTURE_ERROR_INTERRUPTED,
                              "stopped by the progress callback after %lld events; nothing was imported",
                              (long long)events);
    }
    return EVENTURE_OK;
}

/* --- An event is appended --- */

static int write_file(const void *bytes, size_t len, void *file)
{
    return fwrite(bytes, 1, len, file) == len ? 0 : EVENTURE_ERROR_IO;
}

static eventure_status show(importer *import, const eventure_event *event)
{
    eventure__buffer_clear(&import->bytes);
    eventure__line_format(event, &import->bytes);
    eventure__buffer_append_char(&import->bytes, '\n');
    if (import->bytes.failed)
        return fail_memory(import);
    int result = import->options.dry_run_write(import->bytes.bytes, import->bytes.len, import->options.dry_run_sink);
    if (result == 0)
        return EVENTURE_OK;
    eventure_status status = result < 0 ? result : EVENTURE_ERROR_HANDLER;
    if (import->options.dry_run_write == write_file)
        eventure__fail(import->error, status, "cannot write the dry run");
    else
        eventure__fail(import->error, status, "the callback that writes the dry run returned %d", result);
    return fail_at(import, status, 0);
}

/* Appends an event. Returns EVENTURE_ROW when the dry run has printed enough. */
static eventure_status append(importer *import, eventure__incoming *incoming)
{
    bool is_skipped = false;
    eventure_status status = eventure__placing_append(&import->placing, incoming, &is_skipped);
    if (status != EVENTURE_OK)
        return fail_at(import, status, incoming->line);
    if (is_skipped)
    {
        import->counts.known++;
        return EVENTURE_OK;
    }
    const eventure_event *event = &incoming->event;
    import->counts.events++;
    import->counts.ticks += event->tick != import->last_tick;
    import->last_tick = event->tick;
    import->lacks_parents = import->lacks_parents || (event->parent_id != NULL && event->parent_seq == 0);
    if (import->options.dry_run_write != NULL)
    {
        status = show(import, event);
        if (status == EVENTURE_OK && import->counts.events >= import->options.dry_run_events)
            return EVENTURE_ROW;
    }
    if (status != EVENTURE_OK || import->counts.events % EVENTURE__PROGRESS_EVENTS != 0)
        return status;
    status = report_progress(import);
    return status == EVENTURE_OK ? status : fail_at(import, status, incoming->line);
}

/* --- Sorting --- */

static void pack_text(eventure__buffer *out, const char *text, size_t len)
{
    eventure__buffer_append(out, text, len);
    eventure__buffer_append_char(out, '\0');
}

static eventure_status pack(importer *import, const eventure__incoming *incoming)
{
    const eventure_event *event = &incoming->event;
    eventure__buffer *out = &import->bytes;
    packed head;
    memset(&head, 0, sizeof head); /* including the padding, because it is written to a file */
    head.incoming = *incoming;
    head.type_len = eventure__text_len(event->type, event->type_len);
    head.id_len = eventure__text_len(event->id, event->id_len);
    head.parent_id_len = eventure__text_len(event->parent_id, event->parent_id_len);
    eventure__buffer_clear(out);
    eventure__buffer_append(out, (const char *)&head, sizeof head);
    pack_text(out, event->type, head.type_len);
    pack_text(out, event->data, event->data_len);
    pack_text(out, event->id != NULL ? event->id : "", head.id_len);
    pack_text(out, event->parent_id != NULL ? event->parent_id : "", head.parent_id_len);
    if (out->failed)
        return eventure__fail(import->error, EVENTURE_ERROR_MEMORY, "out of memory");
    const eventure__sort_key key = {incoming->has_tick ? event->tick : 0,
                                    incoming->has_time ? event->timestamp : import->placing.time};
    return eventure__sorter_add(&import->sorter, key, out->bytes, out->len);
}

static void unpack(const char *bytes, eventure__incoming *out)
{
    packed head;
    memcpy(&head, bytes, sizeof head);
    *out = head.incoming;
    out->event.type = bytes + sizeof head;
    out->event.data = out->event.type + head.type_len + 1;
    const char *id = out->event.data + out->event.data_len + 1;
    if (out->event.id != NULL)
        out->event.id = id;
    if (out->event.parent_id != NULL)
        out->event.parent_id = id + head.id_len + 1;
}

static eventure_status append_sorted(importer *import)
{
    eventure__incoming incoming;
    char *bytes = NULL;
    size_t len = 0;
    eventure_status status = EVENTURE_OK;
    while (status == EVENTURE_OK && (status = eventure__sorter_next(&import->sorter, &bytes, &len)) == EVENTURE_ROW)
    {
        unpack(bytes, &incoming);
        status = append(import, &incoming);
        if (status != EVENTURE_OK)
            return status;
    }
    return status == EVENTURE_OK ? status : fail_at(import, status, import->source.line);
}

/* Returns the given folder, or the folder of the store's file. */
static const char *temporary_folder(importer *import)
{
    if (import->options.temporary_folder != NULL)
        return import->options.temporary_folder;
    const char *path = eventure_log_reader(import->log)->path;
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return ".";
    eventure__buffer_append(&import->folder, path, slash == path ? 1 : (size_t)(slash - path));
    return eventure__buffer_text(&import->folder);
}

/* --- The run --- */

static eventure_status read_all(importer *import)
{
    eventure__event_source *source = &import->source;
    eventure__incoming incoming;
    eventure_status status = EVENTURE_OK;
    while ((status = source->next(source, &incoming)) == EVENTURE_ROW)
    {
        import->read++;
        if (!import->options.sort)
        {
            status = append(import, &incoming);
            if (status != EVENTURE_OK)
                return status;
            continue;
        }
        status = pack(import, &incoming);
        if (status == EVENTURE_OK && import->read % EVENTURE__PROGRESS_EVENTS == 0)
            status = report_progress(import);
        if (status != EVENTURE_OK)
            return fail_at(import, status, incoming.line);
    }
    if (status != EVENTURE_OK)
        return fail_at(import, status, source->line);
    if (import->options.sort)
        status = append_sorted(import);
    if (status != EVENTURE_OK)
        return status;
    status = report_progress(import);
    return status == EVENTURE_OK ? status : fail_at(import, status, source->line);
}

static eventure_status open_source(importer *import)
{
    eventure__event_source *source = &import->source;
    source->options = &import->options;
    source->error = import->error;
    source->max_data_bytes = eventure__log_max_data_bytes(import->log);
    source->max_depth = eventure__log_max_depth(import->log);
    source->folder = import->folder_name;
    source->line = 1; /* of an error before the first event */
    if (import->options.map != NULL)
        return eventure__source_mapped(source);
    if (import->options.format == EVENTURE_FORMAT_CLOUDEVENTS)
        return eventure__source_cloudevents(source);
    if (import->options.format == EVENTURE_FORMAT_CHROME)
        return eventure__source_chrome(source);
    return eventure__source_lines(source);
}

static eventure_status run(importer *import)
{
    eventure_status status = eventure_reader_last_seq(eventure_log_reader(import->log), &import->last_seq);
    if (status == EVENTURE_OK)
        status = eventure__placing_begin(&import->placing, import->log, &import->options);
    import->folder_name = temporary_folder(import);
    if (import->folder_name == NULL)
        return fail_memory(import);
    if (status == EVENTURE_OK && import->options.sort)
        eventure__sorter_open(&import->sorter, (size_t)import->options.sort_memory, import->folder_name, import->error);
    if (status == EVENTURE_OK)
        status = open_source(import);
    if (status != EVENTURE_OK)
        return fail_at(import, status, import->source.line);
    status = read_all(import);
    if (status != EVENTURE_OK)
        return status;
    import->counts.other = import->source.skipped;
    if (import->lacks_parents && import->options.dry_run_write == NULL)
        status = eventure__log_bulk_unknown_parents(import->log, import->last_seq, &import->counts.unknown_parents);
    return status == EVENTURE_OK ? status : fail_at(import, status, 0);
}

static void release(importer *import)
{
    if (import->source.release != NULL)
        import->source.release(&import->source);
    eventure__placing_free(&import->placing);
    if (import->options.sort)
        eventure__sorter_free(&import->sorter);
    eventure__buffer_free(&import->bytes);
    eventure__buffer_free(&import->folder);
}

/* Makes each FILE a callback, so that the import knows callbacks only. */
static eventure_status take_streams(importer *import, FILE *in)
{
    eventure_import_options *options = &import->options;
    if ((in != NULL) == (options->read != NULL))
        return eventure__fail(import->error, EVENTURE_ERROR_ARGUMENT, "import: there is %s to read from",
                              in != NULL ? "both a stream and a callback" : "no stream");
    if (options->dry_run != NULL && options->dry_run_write != NULL)
        return eventure__fail(import->error, EVENTURE_ERROR_ARGUMENT,
                              "import: there is both a stream and a callback for the dry run");
    if (in != NULL)
    {
        options->read = eventure__input_read_file;
        options->read_source = in;
    }
    if (options->dry_run != NULL)
    {
        options->dry_run_write = write_file;
        options->dry_run_sink = options->dry_run;
    }
    return EVENTURE_OK;
}

eventure_status eventure_log_import(eventure_log *log, FILE *in, const eventure_import_options *options,
                                    eventure_transfer_counts *out_counts)
{
    importer import = {.last_tick = -1, .sorter = {.file = {-1, 0}}};
    if (out_counts != NULL)
        *out_counts = (eventure_transfer_counts){0};
    if (log == NULL)
        return eventure__fail_argument(__func__);
    import.log = log;
    import.error = eventure__log_error(log);
    eventure_status status = options_read(import.error, options, &import.options);
    if (status == EVENTURE_OK)
        status = take_streams(&import, in);
    if (status != EVENTURE_OK)
        return status;
    status = eventure__log_bulk_begin(log);
    if (status != EVENTURE_OK)
        return fail_at(&import, status, 0);
    status = run(&import);
    if (status == EVENTURE_OK && import.options.dry_run_write == NULL)
    {
        status = eventure__log_bulk_commit(log);
        status = status == EVENTURE_OK ? status : fail_at(&import, status, import.source.line);
    }
    else
    {
        eventure__log_undo(log, EVENTURE_OK);
        status = status == EVENTURE_ROW ? EVENTURE_OK : status;
    }
    if (status == EVENTURE_OK && out_counts != NULL)
        *out_counts = import.counts;
    release(&import);
    return status;
}

void eventure_import_options_init(eventure_import_options *options, size_t size)
{
    eventure__options_init(options, size);
}
