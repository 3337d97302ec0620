/*
 * One level of nested dispatches. See dispatch_frame.h for why each has a copy of its event.
 */
#include "bus/dispatch_frame.h"

#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "event/id.h"

/* Maximum memory that a frame keeps for its next event. */
#define KEPT_BYTES 65536

/* An escaped byte of a string: \u001f. */
#define ESCAPED_BYTES 6

/* Keeps the text of the previous event. The buffer of the event before that is used again, without the memory that only
 * an unusually large event needed. */
static void turn_over(eventure__dispatch_frame *frame)
{
    eventure__buffer before = frame->before;
    frame->before = frame->text;
    frame->text = before;
    if (frame->text.capacity > KEPT_BYTES)
        eventure__buffer_free(&frame->text);
}

eventure__dispatch_frame *eventure__dispatch_frame_enter(eventure__dispatch_frame **first,
                                                         eventure__dispatch_frame *outer)
{
    eventure__dispatch_frame **link = outer != NULL ? &outer->inner : first;
    if (*link == NULL)
    {
        *link = calloc(1, sizeof(**link));
        if (*link != NULL)
            (*link)->outer = outer;
    }
    if (*link != NULL)
        turn_over(*link);
    return *link;
}

static size_t add(size_t a, size_t b)
{
    return a > SIZE_MAX - b ? SIZE_MAX : a + b;
}

static size_t escaped_bytes(size_t len)
{
    return len > SIZE_MAX / ESCAPED_BYTES ? SIZE_MAX : len * ESCAPED_BYTES;
}

/* Returns the maximum length of a field's value in compact form. */
static size_t value_bytes(const eventure_field *field)
{
    switch (field->kind)
    {
    case EVENTURE_FIELD_STRING:
        return add(2, escaped_bytes(field->value.text.len));
    case EVENTURE_FIELD_JSON:
        return field->value.text.len;
    case EVENTURE_FIELD_NULL:
    case EVENTURE_FIELD_BOOL:
    case EVENTURE_FIELD_INT:
    case EVENTURE_FIELD_DOUBLE:
        break;
    }
    return EVENTURE__DOUBLE_BYTES;
}

/* Returns the maximum length of data in compact form: JSON text never becomes longer, and strings may be escaped. */
static size_t data_bytes(const eventure_data *data)
{
    if (data->json != NULL)
        return data->json_len;
    size_t bytes = 2;
    for (size_t i = 0; data->fields != NULL && i < data->fields_count; i++)
    {
        const eventure_field *field = &data->fields[i];
        size_t key_len = eventure__text_len(field->key, field->key_len);
        bytes = add(bytes, add(add(escaped_bytes(key_len), 4), value_bytes(field)));
    }
    return bytes;
}

bool eventure__dispatch_frame_reserve(eventure__dispatch_frame *frame, const eventure_event_input *input,
                                      size_t max_data_bytes)
{
    size_t bytes = data_bytes(&input->data);
    if (bytes > max_data_bytes)
        bytes = max_data_bytes;
    bytes = add(bytes, add(strlen(input->type), input->id != NULL ? EVENTURE__ID_MAX_BYTES : EVENTURE__ID_BYTES));
    if (input->parent != NULL && input->parent->id != NULL)
        bytes = add(bytes, eventure__text_len(input->parent->id, input->parent->id_len));
    if (input->parent_seq != 0 || input->parent_id != NULL)
        bytes = add(bytes, EVENTURE__ID_MAX_BYTES);
    bytes = add(bytes, 4); /* NULs */
    eventure__buffer_clear(&frame->text);
    return bytes < SIZE_MAX && eventure__buffer_reserve(&frame->text, bytes);
}

/* Copies a text and a NUL into reserved memory. Returns NULL for NULL. */
static const char *copy_text(eventure__buffer *buffer, const char *text, size_t len)
{
    if (text == NULL)
        return NULL;
    const char *copy = buffer->bytes + buffer->len;
    eventure__buffer_append(buffer, text, len);
    eventure__buffer_append_char(buffer, '\0');
    return copy;
}

bool eventure__dispatch_frame_copy(eventure__dispatch_frame *frame, const eventure_event *event)
{
    eventure__buffer *text = &frame->text;
    size_t type_len = eventure__text_len(event->type, event->type_len);
    size_t data_len = eventure__text_len(event->data, event->data_len);
    size_t id_len = eventure__text_len(event->id, event->id_len);
    size_t parent_id_len = eventure__text_len(event->parent_id, event->parent_id_len);
    eventure__buffer_clear(text);
    /* Reserve everything at once, because the pointers must not move. */
    if (!eventure__buffer_reserve(text, type_len + data_len + id_len + parent_id_len + 4))
        return false;
    frame->event = *event;
    frame->event.type = copy_text(text, event->type, type_len);
    frame->event.type_len = type_len;
    frame->event.data = copy_text(text, event->data, data_len);
    frame->event.data_len = data_len;
    frame->event.id = copy_text(text, event->id, id_len);
    frame->event.id_len = id_len;
    frame->event.parent_id = copy_text(text, event->parent_id, parent_id_len);
    frame->event.parent_id_len = parent_id_len;
    return true;
}

void eventure__dispatch_frame_free(eventure__dispatch_frame *first)
{
    for (eventure__dispatch_frame *frame = first, *inner; frame != NULL; frame = inner)
    {
        inner = frame->inner;
        eventure__buffer_free(&frame->text);
        eventure__buffer_free(&frame->before);
        eventure__selection_free(&frame->selection);
        free(frame);
    }
}
