/*
 * The batch of the public API: a list of inputs with copies of their texts. The texts are in one buffer, which moves
 * when it grows, so that they are stored as offsets until the batch is appended.
 */
#include <eventure/batch.h>

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/options.h"
#include "base/text.h"
#include "event/json.h"
#include "event/types.h"
#include "log/log_internal.h"

/* A text in the buffer: its offset plus 1; 0: none. */
typedef struct kept_text
{
    size_t at;
    size_t len;
} kept_text;

typedef struct kept_event
{
    eventure_event_input input; /* with all pointers NULL */
    kept_text type;
    kept_text data;
    kept_text parent_id;
    kept_text id;
    int64_t parent_event_seq; /* the seq of `parent`; 0: not given */
    bool has_parent_event;
} kept_event;

struct eventure_batch
{
    kept_event *events;
    size_t count;
    size_t capacity;
    eventure__buffer texts;
    eventure__error error;
};

eventure_status eventure_batch_new(eventure_batch **out_batch)
{
    if (out_batch == NULL)
        return eventure__fail_argument(__func__);
    *out_batch = calloc(1, sizeof **out_batch);
    return *out_batch != NULL ? EVENTURE_OK
                              : eventure__fail(NULL, EVENTURE_ERROR_MEMORY, "make a batch: out of memory");
}

void eventure_batch_free(eventure_batch *batch)
{
    if (batch == NULL)
        return;
    eventure__buffer_free(&batch->texts);
    free(batch->events);
    free(batch);
}

void eventure_batch_clear(eventure_batch *batch)
{
    if (batch == NULL)
        return;
    batch->count = 0;
    eventure__buffer_clear(&batch->texts);
}

size_t eventure_batch_count(const eventure_batch *batch)
{
    return batch != NULL ? batch->count : 0;
}

const char *eventure_batch_message(const eventure_batch *batch)
{
    return batch != NULL ? batch->error.text : eventure_last_message();
}

static eventure_status fail_memory(eventure_batch *batch)
{
    return eventure__fail(&batch->error, EVENTURE_ERROR_MEMORY, "out of memory");
}

/* Copies a text with a NUL. A length of 0 means a NUL-terminated text. */
static kept_text keep(eventure_batch *batch, const char *text, size_t len)
{
    kept_text kept = {0, 0};
    if (text == NULL)
        return kept;
    kept.at = batch->texts.len + 1;
    kept.len = eventure__text_len(text, len);
    eventure__buffer_append(&batch->texts, text, kept.len);
    eventure__buffer_append_char(&batch->texts, '\0');
    return kept;
}

static eventure_status keep_data(eventure_batch *batch, const eventure_data *data, kept_text *out)
{
    size_t before = batch->texts.len;
    eventure_status status = eventure__data_compact(data, (size_t)EVENTURE_DATA_MAX_BYTES, EVENTURE__JSON_MAX_DEPTH,
                                                    &batch->texts, &batch->error);
    *out = (kept_text){before + 1, batch->texts.len - before};
    return status;
}

static eventure_status make_room(eventure_batch *batch)
{
    if (batch->count < batch->capacity)
        return EVENTURE_OK;
    size_t capacity = batch->capacity == 0 ? 64 : batch->capacity * 2;
    kept_event *events =
        capacity <= SIZE_MAX / sizeof *events ? realloc(batch->events, capacity * sizeof *events) : NULL;
    if (events == NULL)
        return fail_memory(batch);
    batch->events = events;
    batch->capacity = capacity;
    return EVENTURE_OK;
}

static eventure_status keep_event(eventure_batch *batch, const eventure_event_input *input, kept_event *out)
{
    if (input->type == NULL)
        return eventure__fail(&batch->error, EVENTURE_ERROR_TYPE, "no type was given");
    if (input->parent != NULL && input->parent_id != NULL)
        return eventure__fail(&batch->error, EVENTURE_ERROR_ARGUMENT,
                              "it has two parents: parent and parent_id are set");
    if (input->parent_in_batch > batch->count)
        return eventure__fail(&batch->error, EVENTURE_ERROR_ARGUMENT,
                              "its parent is event %zu of the batch, which is not before it", input->parent_in_batch);
    out->input = *input;
    out->type = keep(batch, input->type, input->type_len);
    out->id = keep(batch, input->id, input->id_len);
    out->has_parent_event = input->parent != NULL;
    if (input->parent != NULL)
    {
        out->parent_id = keep(batch, input->parent->id, input->parent->id_len); /* which may be NULL */
        out->parent_event_seq = input->parent->seq;
    }
    else
        out->parent_id = keep(batch, input->parent_id, input->parent_id_len);
    if (batch->texts.failed)
        return fail_memory(batch);
    eventure_status status = eventure__type_check(batch->texts.bytes + out->type.at - 1, out->type.len, &batch->error);
    return status == EVENTURE_OK ? keep_data(batch, &input->data, &out->data) : status;
}

static eventure_status add(eventure_batch *batch, const eventure_event_input *input)
{
    kept_event kept = {0};
    eventure__clear(&batch->error);
    size_t before = batch->texts.len;
    eventure_status status = make_room(batch);
    if (status == EVENTURE_OK)
        status = keep_event(batch, input, &kept);
    if (status != EVENTURE_OK)
    {
        batch->texts.len = before;
        batch->texts.failed = false;
        return eventure__fail_prefix(&batch->error, "add event %zu to a batch", batch->count + 1);
    }
    batch->events[batch->count++] = kept;
    return EVENTURE_OK;
}

eventure_status eventure_batch_add(eventure_batch *batch, const char *type, eventure_data data,
                                   const eventure_event *parent)
{
    if (batch == NULL)
        return eventure__fail_argument(__func__);
    eventure_event_input input = {.size = sizeof input, .type = type, .data = data, .parent = parent};
    return add(batch, &input);
}

eventure_status eventure_batch_add_input(eventure_batch *batch, const eventure_event_input *input)
{
    if (batch == NULL || input == NULL)
        return eventure__fail_argument(__func__);
    eventure_event_input taken;
    eventure_status status = EVENTURE__TAKE(input, &taken, eventure_event_input, "add to a batch", &batch->error);
    return status == EVENTURE_OK ? add(batch, &taken) : status;
}

/* --- Appending --- */

static const char *text_of(const eventure_batch *batch, kept_text text)
{
    return text.at != 0 ? batch->texts.bytes + text.at - 1 : NULL;
}

/* Restores the input of a stored event; `parent` receives its parent. */
static void restore(const eventure_batch *batch, const kept_event *kept, eventure_event *parent,
                    eventure_event_input *out)
{
    *out = kept->input;
    out->type = text_of(batch, kept->type);
    out->type_len = kept->type.len;
    out->id = text_of(batch, kept->id);
    out->id_len = kept->id.len;
    out->data = eventure_json_n(text_of(batch, kept->data), kept->data.len);
    out->parent = NULL;
    out->parent_id = NULL;
    out->parent_id_len = kept->parent_id.len;
    if (!kept->has_parent_event)
        out->parent_id = text_of(batch, kept->parent_id);
    else
    {
        *parent = (eventure_event){
            .seq = kept->parent_event_seq, .id = text_of(batch, kept->parent_id), .id_len = kept->parent_id.len};
        out->parent = parent;
    }
}

/* The events of a batch as an array of inputs; the batch owns their texts. */
typedef struct batch_inputs
{
    eventure_event_input *inputs;
    eventure_event *parents; /* the parents that the inputs point to */
    size_t count;
} batch_inputs;

static void free_inputs(batch_inputs *inputs)
{
    free(inputs->inputs);
    free(inputs->parents);
}

/* False: out of memory. */
static bool make_inputs(const eventure_batch *batch, batch_inputs *out)
{
    size_t count = batch->count > 0 ? batch->count : 1;
    out->inputs = calloc(count, sizeof *out->inputs);
    out->parents = calloc(count, sizeof *out->parents);
    out->count = batch->count;
    if (out->inputs == NULL || out->parents == NULL)
    {
        free_inputs(out);
        return false;
    }
    for (size_t i = 0; i < batch->count; i++)
        restore(batch, &batch->events[i], &out->parents[i], &out->inputs[i]);
    return true;
}

eventure_status eventure_batch_append(const eventure_batch *batch, eventure_log *log, eventure_event *out_events)
{
    batch_inputs given = {0};
    if (batch == NULL || log == NULL)
        return eventure__fail_argument(__func__);
    if (!make_inputs(batch, &given))
        return eventure__log_fail_memory(log, "append a batch");
    eventure_status status = eventure_log_append_batch(log, given.inputs, given.count, out_events);
    free_inputs(&given);
    return status;
}
