/*
 * CloudEvents as a source: consecutive events, one per line or over several lines, and batches, which are arrays of
 * events.
 */
#include <stdlib.h>

#include "transfer/cloudevents.h"
#include "transfer/source.h"
#include "transfer/values.h"

typedef struct cloudevent_source
{
    eventure__values values;
    eventure__cloudevent work;
} cloudevent_source;

static eventure_status next(eventure__event_source *source, eventure__incoming *out)
{
    cloudevent_source *state = source->state;
    const char *text = NULL;
    size_t len = 0;
    eventure_status status = eventure__values_next(&state->values, &text, &len);
    source->line = state->values.line;
    if (status != EVENTURE_ROW)
        return status;
    *out = (eventure__incoming){.line = source->line};
    status = eventure__cloudevent_parse(&state->work, text, len, source->max_data_bytes, source->max_depth, out,
                                        source->error);
    return status == EVENTURE_OK ? EVENTURE_ROW : status;
}

static void release(eventure__event_source *source)
{
    cloudevent_source *state = source->state;
    eventure__values_free(&state->values);
    eventure__cloudevent_free(&state->work);
    free(state);
}

eventure_status eventure__source_cloudevents(eventure__event_source *source)
{
    cloudevent_source *state = calloc(1, sizeof *state);
    if (state == NULL)
        return eventure__source_out_of_memory(source);
    source->state = state;
    source->next = next;
    source->release = release;
    return eventure__values_open(&state->values, source->options->read, source->options->read_source, source->error);
}
