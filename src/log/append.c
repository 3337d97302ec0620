/*
 * Appending: the caller's input is checked completely before anything is written.
 */
#include <math.h>

#include "base/number.h"
#include "base/options.h"
#include "base/text.h"
#include "event/json.h"
#include "event/types.h"
#include "log/hook.h"
#include "log/log.h"
#include "log/log_internal.h"
#include "log/transaction.h"
#include "log/undo.h"

/* Uses the timestamp of the input, or reads the clock. */
static eventure_status take_time(eventure_log *log, const eventure_event_input *input, eventure__timestamp *out)
{
    double time = input->has_timestamp ? input->timestamp : eventure__log_now(log);
    *out = eventure__timestamp_of_double(time);
    if (isfinite(out->seconds))
        return EVENTURE_OK;
    return eventure__fail(&log->store->error, EVENTURE_ERROR_ARGUMENT,
                          input->has_timestamp ? "the timestamp %s is not finite"
                                               : "the clock returned %s, which is not finite",
                          eventure__double_name(time).text);
}

void eventure__log_begin_texts(eventure_log *log)
{
    log->data = log->data == &log->texts[0] ? &log->texts[1] : &log->texts[0];
    eventure__buffer_clear(log->data);
}

eventure_status eventure__log_take_type(eventure_log *log, eventure_event_input *input)
{
    if (input->type == NULL)
    {
        input->type_len = 0;
        return eventure__fail(&log->store->error, EVENTURE_ERROR_TYPE, "no type was given");
    }
    input->type_len = eventure__text_len(input->type, input->type_len);
    return EVENTURE_OK;
}

/* Takes the id of the input, which no event of the store may have. */
static eventure_status take_id(eventure_log *log, const eventure_event_input *input, eventure__row_to_write *row)
{
    if (input->id == NULL)
        return EVENTURE_OK;
    const eventure__span id = eventure__text_span(input->id, input->id_len);
    eventure_status status = eventure__log_check_id(log, "the id", id.at, id.len);
    if (status == EVENTURE_OK)
        status = eventure__log_keep_text(log, id.at, id.len, &row->id_at);
    row->id_len = id.len;
    if (status == EVENTURE_OK)
        status = eventure__log_settle(log);
    return status == EVENTURE_OK ? eventure__log_check_is_free(log, id) : status;
}

static eventure_status take_data(eventure_log *log, const eventure_event_input *input, eventure__row_to_write *row)
{
    eventure__buffer *texts = log->data;
    size_t before = texts->len;
    eventure_status status = eventure__data_compact(&input->data, (size_t)log->options.max_data_bytes,
                                                    log->options.max_depth, texts, &log->store->error);
    row->data_at = before + 1;
    row->data_len = texts->len - before;
    eventure__buffer_append_char(texts, '\0');
    if (status == EVENTURE_OK && texts->failed)
        status = eventure__fail(&log->store->error, EVENTURE_ERROR_MEMORY, "out of memory for the data");
    return status;
}

eventure_status eventure__log_check_event(eventure_log *log, const eventure_event_input *input, size_t ahead,
                                          eventure__row_to_write *row)
{
    eventure_status status = eventure__log_check_limits(log, input->type, input->type_len, log->tick, ahead);
    row->type_number = eventure__types_find(&log->types, input->type, input->type_len);
    if (status == EVENTURE_OK && row->type_number == 0)
        status = eventure__type_check(input->type, input->type_len, &log->store->error);
    if (status == EVENTURE_OK)
        status = take_data(log, input, row);
    if (status == EVENTURE_OK)
        status = eventure__log_parent(log, input, row);
    if (status == EVENTURE_OK)
        status = take_id(log, input, row);
    return status == EVENTURE_OK ? take_time(log, input, &row->timestamp) : status;
}

void eventure__log_point_to_texts(const eventure_log *log, eventure__row_to_write *row)
{
    const char *texts = log->data->bytes;
    row->data = row->data_at != 0 ? texts + row->data_at - 1 : NULL;
    row->parent_id = row->parent_id_at != 0 ? texts + row->parent_id_at - 1 : NULL;
    row->id = row->id_at != 0 ? texts + row->id_at - 1 : NULL;
}

eventure_status eventure__log_write_checked(eventure_log *log, const char *type, size_t type_len,
                                            eventure__row_to_write *row, eventure__span *out_id)
{
    if (row->type_number == 0)
        row->type_number = eventure__types_add(&log->types, type, type_len);
    if (row->type_number == 0)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_MEMORY, "out of memory for the types");
    row->type = eventure__types_get(&log->types, row->type_number);
    return eventure__log_write(log, row, out_id);
}

eventure_event eventure__log_event(const eventure_log *log, const eventure__row_to_write *row, int64_t seq,
                                   eventure__span id)
{
    const eventure__type *type = eventure__types_get(&log->types, row->type_number);
    eventure_event event = {
        .seq = seq,
        .tick = log->tick,
        .type = type->name,
        .type_len = type->name_len,
        .data = row->data,
        .data_len = row->data_len,
        .id = id.at,
        .id_len = id.len,
        .parent_id = row->parent_id,
        .parent_id_len = row->parent_id_len,
        .parent_seq = row->parent_seq,
    };
    eventure__timestamp_give(row->timestamp, &event);
    return event;
}

/* Appends an event whose type is given. */
static eventure_status append(eventure_log *log, const eventure_event_input *input, eventure_event *out_event)
{
    eventure__row_to_write row = {0};
    eventure__span id = {NULL, 0};
    eventure__log_begin_texts(log);
    eventure_status status = eventure__log_check_event(log, input, 0, &row);
    if (status == EVENTURE_OK)
        status = eventure__log_make_room(log, 1, EVENTURE__ID_BYTES + log->data->len);
    if (status == EVENTURE_OK && row.id_at != 0)
    {
        eventure__buffer_clear(&log->ids);
        if (!eventure__buffer_reserve(&log->ids, row.id_len + 1))
            status = eventure__fail(&log->store->error, EVENTURE_ERROR_MEMORY, "out of memory for the id");
    }
    if (status != EVENTURE_OK)
        return status;
    eventure__log_point_to_texts(log, &row);
    status = eventure__log_write_checked(log, input->type, input->type_len, &row, &id);
    if (status != EVENTURE_OK)
        return eventure__log_undo(log, status);
    if (row.id != NULL)
        id.at = eventure__log_keep_id(log, id);
    *out_event = eventure__log_event(log, &row, log->last_seq, id);
    return EVENTURE_OK;
}

static eventure_status append_checked(eventure_log *log, eventure_event_input *input, eventure_event *out_event)
{
    eventure_event unused;
    eventure_event *event = out_event != NULL ? out_event : &unused; /* changed only on success */
    eventure_status status = eventure__log_take_type(log, input);
    if (status == EVENTURE_OK)
        status = append(log, input, event);
    if (status != EVENTURE_OK)
        return eventure__fail_prefix(&log->store->error, "append %s at tick %lld",
                                     eventure__quote(input->type, input->type_len).text, (long long)log->tick);
    if (log->hooks != NULL)
        eventure__log_notify_event(log, event);
    return EVENTURE_OK;
}

eventure_status eventure_log_append(eventure_log *log, const char *type, eventure_data data,
                                    const eventure_event *parent, eventure_event *out_event)
{
    eventure_status status = eventure__log_check_usable(log, "append an event");
    if (status != EVENTURE_OK)
        return status;
    eventure_event_input input = {.size = sizeof input, .type = type, .data = data, .parent = parent};
    status = append_checked(log, &input, out_event);
    eventure__log_note(log, status);
    return status;
}

eventure_status eventure_log_append_input(eventure_log *log, const eventure_event_input *input,
                                          eventure_event *out_event)
{
    eventure_event_input taken;
    eventure_status status = eventure__log_check_usable(log, "append an event");
    if (status == EVENTURE_OK && input == NULL)
        status = eventure__fail(&log->store->error, EVENTURE_ERROR_ARGUMENT, "append an event: the input is NULL");
    if (status == EVENTURE_OK)
        status = EVENTURE__TAKE(input, &taken, eventure_event_input, "append an event", &log->store->error);
    if (status == EVENTURE_OK && taken.parent_in_batch != 0)
        status = eventure__fail(&log->store->error, EVENTURE_ERROR_ARGUMENT,
                                "append an event: parent_in_batch is for events of a batch");
    if (status == EVENTURE_OK)
        status = append_checked(log, &taken, out_event);
    eventure__log_note(log, status);
    return status;
}

void eventure_event_input_init(eventure_event_input *input, size_t size)
{
    eventure__options_init(input, size);
}
