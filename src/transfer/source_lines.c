/*
 * The native format as a source: one event per line.
 *
 * A line that contains only white space is refused, unless only such lines follow: files that were edited or joined by
 * hand often end with one.
 */
#include <stdlib.h>
#include <string.h>

#include "event/event_line.h"
#include "event/json.h"
#include "transfer/line_reader.h"
#include "transfer/source.h"

typedef struct line_source
{
    eventure__line_reader lines;
    eventure__line line;
    int64_t blank_line; /* the first blank line since the last event; 0: none */
} line_source;

static bool is_blank(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r')
            return false;
    return true;
}

/* Whether the line is not malformed JSON; true also for too deep nesting, or without memory. Its data is one level
 * below the line. */
static bool may_be_json(const eventure__event_source *source, const char *line, size_t len)
{
    eventure__buffer compact = {0};
    const eventure_status status = eventure__json_compact(line, len, source->max_depth + 1, &compact, NULL);
    eventure__buffer_free(&compact);
    return status != EVENTURE_ERROR_JSON;
}

static eventure_status parse(eventure__event_source *source, const char *line, size_t len, eventure_event *out_event)
{
    line_source *state = source->state;
    const char *nul = memchr(line, '\0', len);
    if (nul != NULL)
    {
        return eventure__fail(source->error, EVENTURE_ERROR_JSON, "invalid JSON: at byte %zu: a NUL byte",
                              (size_t)(nul - line));
    }
    const eventure_status status = eventure__line_parse(&state->line, line, len, source->max_data_bytes,
                                                        source->max_depth, out_event, source->error);
    if (status != EVENTURE_ERROR_JSON || may_be_json(source, line, len))
        return status;
    return eventure__fail_prefix(source->error, state->lines.complete ? "invalid JSON" : "the last line is truncated");
}

static eventure_status next(eventure__event_source *source, eventure__incoming *out)
{
    line_source *state = source->state;
    const char *line = NULL;
    size_t len = 0;
    for (;;)
    {
        eventure_status status = eventure__line_reader_next(&state->lines, &line, &len);
        source->line = state->lines.number;
        if (status != EVENTURE_ROW)
            return status;
        if (is_blank(line, len))
        {
            state->blank_line = state->blank_line != 0 ? state->blank_line : state->lines.number;
            continue;
        }
        if (state->blank_line != 0)
        {
            source->line = state->blank_line;
            return eventure__fail(source->error, EVENTURE_ERROR_JSON, "invalid JSON: the line is blank");
        }
        *out = (eventure__incoming){.line = source->line, .has_tick = true, .has_time = true};
        status = parse(source, line, len, &out->event);
        return status == EVENTURE_OK ? EVENTURE_ROW : status;
    }
}

static void release(eventure__event_source *source)
{
    line_source *state = source->state;
    eventure__line_reader_free(&state->lines);
    eventure__line_free(&state->line);
    free(state);
}

eventure_status eventure__source_lines(eventure__event_source *source)
{
    line_source *state = calloc(1, sizeof *state);
    if (state == NULL)
        return eventure__source_out_of_memory(source);
    source->state = state;
    source->next = next;
    source->release = release;
    return eventure__line_reader_open(&state->lines, source->options->read, source->options->read_source,
                                      source->error);
}
