/*
 * Import: lines become events of the log, all of them in one transaction, or none.
 *
 * A line of nothing but white space is refused, as no event stands on it, unless only such lines follow: files that
 * were edited or joined by hand often end with one.
 */
#include <string.h>

#include <eventure/transfer.h>

#include "base/error.h"
#include "base/options.h"
#include "event/json.h"
#include "event/line.h"
#include "log/bulk.h"
#include "transfer/cloudevents.h"
#include "transfer/lines.h"

#define PROGRESS_EVENTS 4096

/* How much of a long name messages show: its end. */
#define NAME_BYTES 400

typedef struct importer
{
    eventure_log *log;
    eventure_import_options options;
    eventure__lines lines;
    eventure__line line;
    eventure__cloudevent cloudevent;
    eventure__error *error; /* the log's */
    int64_t blank_line;     /* the first blank line since the last event; 0: none */
    int64_t last_tick;      /* of the last event; -1: none yet */
    eventure_transfer_counts counts;
} importer;

static eventure_status options_read(eventure__error *error, const eventure_import_options *options,
                                    eventure_import_options *out)
{
    eventure_status status = EVENTURE__TAKE(options, out, eventure_import_options, "import", error);
    if (status != EVENTURE_OK)
        return status;
    if (out->name == NULL)
        out->name = "input";
    if (out->format != EVENTURE_FORMAT_JSONL && out->format != EVENTURE_FORMAT_CLOUDEVENTS)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "import: only jsonl and cloudevents can be read");
    return EVENTURE_OK;
}

/* Puts the place in front of an error's text: NAME:LINE, or NAME when the system failed and no line is to blame. */
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

static bool is_blank(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r')
            return false;
    return true;
}

static bool is_json(const importer *import, const char *line, size_t len)
{
    eventure__buffer compact = {0};
    const eventure_status status =
        eventure__json_compact(line, len, eventure__log_max_depth(import->log) + 1, &compact, NULL);
    eventure__buffer_free(&compact);
    return status != EVENTURE_ERROR_JSON;
}

static eventure_status line_parse(importer *import, const char *line, size_t len, eventure_event *out_event)
{
    const char *nul = memchr(line, '\0', len);
    if (nul != NULL)
    {
        return eventure__fail(import->error, EVENTURE_ERROR_JSON, "invalid JSON: at byte %zu: a NUL byte",
                              (size_t)(nul - line));
    }
    const size_t max_bytes = eventure__log_max_data_bytes(import->log);
    const int max_depth = eventure__log_max_depth(import->log);
    const eventure_status status =
        import->options.format == EVENTURE_FORMAT_CLOUDEVENTS
            ? eventure__cloudevent_parse(&import->cloudevent, line, len, max_bytes, max_depth,
                                         eventure_log_tick(import->log), out_event, import->error)
            : eventure__line_parse(&import->line, line, len, max_bytes, max_depth, out_event, import->error);
    if (status != EVENTURE_ERROR_JSON || is_json(import, line, len))
        return status;
    return eventure__fail_prefix(import->error, import->lines.complete ? "invalid JSON" : "the last line is truncated");
}

static eventure_status tell_progress(importer *import)
{
    if (import->options.progress == NULL)
        return EVENTURE_OK;
    const eventure_progress progress = {import->counts.events, 0, import->last_tick < 0 ? 0 : import->last_tick};
    if (import->options.progress(&progress, import->options.progress_context) != 0)
    {
        return eventure__fail(import->error, EVENTURE_ERROR_INTERRUPTED,
                              "stopped by the progress callback after %lld events; nothing was imported",
                              (long long)import->counts.events);
    }
    return EVENTURE_OK;
}

static eventure_status import_line(importer *import, const char *line, size_t len)
{
    eventure_event event = {0};
    if (is_blank(line, len))
    {
        import->blank_line = import->blank_line != 0 ? import->blank_line : import->lines.number;
        return EVENTURE_OK;
    }
    if (import->blank_line != 0)
    {
        (void)eventure__fail(import->error, EVENTURE_ERROR_JSON, "invalid JSON: the line is blank");
        return fail_at(import, EVENTURE_ERROR_JSON, import->blank_line);
    }
    eventure_status status = line_parse(import, line, len, &event);
    if (status == EVENTURE_OK)
        status = eventure__log_bulk_append(import->log, &event, import->options.external_parents);
    if (status != EVENTURE_OK)
        return fail_at(import, status, import->lines.number);
    import->counts.events++;
    import->counts.ticks += event.tick != import->last_tick;
    import->last_tick = event.tick;
    if (import->counts.events % PROGRESS_EVENTS != 0)
        return EVENTURE_OK;
    status = tell_progress(import);
    return status == EVENTURE_OK ? status : fail_at(import, status, import->lines.number);
}

static eventure_status import_lines(importer *import)
{
    const char *line = NULL;
    size_t len = 0;
    eventure_status status = EVENTURE_OK;
    while ((status = eventure__lines_next(&import->lines, &line, &len)) == EVENTURE_ROW)
    {
        status = import_line(import, line, len);
        if (status != EVENTURE_OK)
            return status;
    }
    if (status == EVENTURE_OK)
        status = tell_progress(import);
    return status == EVENTURE_OK ? status : fail_at(import, status, import->lines.number);
}

eventure_status eventure_import(eventure_log *log, FILE *in, const eventure_import_options *options,
                                eventure_transfer_counts *out_counts)
{
    importer import = {0};
    if (out_counts != NULL)
        *out_counts = (eventure_transfer_counts){0, 0};
    if (log == NULL)
        return eventure__fail_argument(__func__);
    import.log = log;
    import.error = eventure__log_error(log);
    import.last_tick = -1;
    if (in == NULL)
        return eventure__fail(import.error, EVENTURE_ERROR_ARGUMENT, "import: there is no stream to read from");
    eventure_status status = options_read(import.error, options, &import.options);
    if (status != EVENTURE_OK)
        return status;
    status = eventure__log_bulk_begin(log);
    if (status != EVENTURE_OK)
        return fail_at(&import, status, 0);
    status = eventure__lines_open(&import.lines, in, import.error);
    if (status == EVENTURE_OK)
        status = import_lines(&import);
    if (status == EVENTURE_OK)
    {
        status = eventure__log_bulk_commit(log);
        status = status == EVENTURE_OK ? status : fail_at(&import, status, import.lines.number);
    }
    else
    {
        eventure__log_bulk_abandon(log);
    }
    if (status == EVENTURE_OK && out_counts != NULL)
        *out_counts = import.counts;
    eventure__lines_free(&import.lines);
    eventure__line_free(&import.line);
    eventure__cloudevent_free(&import.cloudevent);
    return status;
}

void eventure_import_options_init(eventure_import_options *options, size_t size)
{
    eventure__options_init(options, size);
}
