/*
 * The operations that make a history from files of other programs, from a batch, from the copy on a server, and from
 * archives; and those on the record of a run. See operation_list.h.
 */
#include "operation_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/restore.h>
#include <eventure/run.h>

#include "ledger.h"
#include "operation_parts.h"

static ledger state;

/* --- imports --- */

typedef struct input
{
    const char *text;
    size_t at;
} input;

static int read_some(void *bytes, size_t capacity, size_t *out_len, void *source)
{
    input *self = source;
    size_t left = strlen(self->text) - self->at;
    *out_len = left < capacity ? left : capacity;
    memcpy(bytes, self->text + self->at, *out_len);
    self->at += *out_len;
    return 0;
}

static eventure_status import_text(eventure_log *log, const char *text, eventure_import_options *options)
{
    input from = {text, 0};
    options->external_parents = true;
    options->progress = go_on;
    options->read = read_some;
    options->read_source = &from;
    return told(eventure_log_import(log, NULL, options, NULL), eventure_log_message(log));
}

/* Imports more bytes than fit into the memory for sorting, so that a temporary file is used. */
eventure_status operation_import_map(eventure_log *log)
{
    static char text[80000];
    size_t len = 0;
    len += (size_t)snprintf(text, sizeof text,
                            "ts,name,span,up,x\n1700000001.5,a.b,s2,s1,\"say \"\"hi\"\"\"\n"
                            "1700000000,a.c,s1,,1.5\n1700000002,a.b,s3,nowhere,\n");
    for (int i = 4; len < sizeof text - 1000; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%d,a.b,s%d,s%d,%0*d\n", 1700000000 + i * 7 % 11, i,
                                i / 2, 500, i);
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.format = EVENTURE_FORMAT_CSV;
    options.map = "type=name,time=ts,id=span,parent=up";
    options.tick_every_events = 1;
    options.sort = true;
    options.sort_memory = 64 * 1024;
    return import_text(log, text, &options);
}

eventure_status operation_import_chrome(eventure_log *log)
{
    static const char text[] =
        "{\"traceEvents\": [{\"ph\": \"B\", \"ts\": 10, \"pid\": 1, \"tid\": 1, \"name\": \"a.b\"},\n"
        "{\"ph\": \"X\", \"ts\": 11, \"dur\": 2, \"pid\": 1, \"tid\": 1, \"name\": \"a.c\", \"args\": {\"x\": 1}},\n"
        "{\"ph\": \"s\", \"ts\": 12, \"pid\": 1, \"tid\": 1, \"id\": 7, \"cat\": \"c\", \"name\": \"f\"},\n"
        "{\"ph\": \"X\", \"ts\": 20, \"dur\": 2, \"pid\": 1, \"tid\": 2, \"name\": \"a.d\"},\n"
        "{\"ph\": \"f\", \"ts\": 21, \"pid\": 1, \"tid\": 2, \"id\": 7, \"cat\": \"c\", \"bp\": \"e\", \"name\": "
        "\"f\"},\n"
        "{\"ph\": \"E\", \"ts\": 30, \"pid\": 1, \"tid\": 1}]}\n";
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.format = EVENTURE_FORMAT_CHROME;
    options.tick_every_events = 2;
    return import_text(log, text, &options);
}

eventure_status operation_append_batch(eventure_log *log)
{
    eventure_batch *batch = NULL;
    eventure_event_input next = EVENTURE_EVENT_INPUT_INIT;
    next.type = "batch.next";
    next.parent_in_batch = 1;
    eventure_status status = eventure_batch_new(&batch);
    if (status == EVENTURE_OK)
        status = eventure_batch_add(batch, "batch.first", EVENTURE_DATA(eventure_string("s", "\n\"x\"")), NULL);
    if (status == EVENTURE_OK)
        status = eventure_batch_add_input(batch, &next);
    if (batch != NULL)
        told(status, eventure_batch_message(batch));
    if (status == EVENTURE_OK)
        status = told(eventure_batch_append(batch, log, NULL), eventure_log_message(log));
    if (status == EVENTURE_OK)
        status = told(eventure_log_advance_tick(log), eventure_log_message(log));
    eventure_batch_free(batch);
    return status;
}

/* --- the description --- */

eventure_status operation_describe(eventure_log *log)
{
    char *json = NULL;
    eventure_status status =
        eventure_log_describe(log, EVENTURE_DATA(eventure_string("name", "a run"), eventure_int("seed", 7),
                                                 eventure_json_field("parameters", "{\"rate\": 0.5}")));
    if (status == EVENTURE_OK)
        status = eventure_log_describe(log, EVENTURE_DATA(eventure_null("seed"), eventure_string("outcome", "good")));
    if (status == EVENTURE_OK)
        status = eventure_reader_description(eventure_log_reader(log), NULL, &json);
    must(status != EVENTURE_OK || strstr(json, "\"outcome\":\"good\"") != NULL, "the record is %s", json);
    eventure_free(json);
    return told(status, eventure_log_message(log));
}

/* --- whole stores --- */

static int next_event(eventure_event *out_event, void *context)
{
    return eventure_cursor_next(context, out_event);
}

eventure_status operation_restore(eventure_reader *reader)
{
    const eventure_restore_origin origin = {"00000000-0000-4000-8000-000000000001", 3, 2, NULL, NULL, 1.5};
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_restore_options options = EVENTURE_RESTORE_OPTIONS_INIT;
    eventure_cursor *cursor = NULL;
    eventure_digests digests;
    int64_t tick = 0;
    eventure_status status = eventure_store_digest(reader, EVENTURE_TICK_NEWEST, &digests);
    if (status == EVENTURE_OK)
        status = eventure_reader_tick(reader, &tick);
    if (status == EVENTURE_OK)
        status = eventure_query(reader, &filter, &cursor);
    if (status < 0)
        return told(status, eventure_reader_message(reader));
    options.uuid = "00000000-0000-4000-8000-000000000002";
    options.created = 1.5;
    options.next = next_event;
    options.next_context = cursor;
    options.current_tick = tick;
    options.record = "{\"name\":\"a run\"}";
    options.origins = &origin;
    options.origins_count = 1;
    options.full_digest = digests.full;
    options.replace = true;
    options.progress = go_on;
    status = told(eventure_store_restore(OPERATION_OTHER, &options, NULL), eventure_last_message());
    eventure_cursor_free(cursor);
    return status;
}

eventure_status operation_join(eventure_reader *reader)
{
    static const char *const names[] = {OPERATION_PART, OPERATION_REST};
    eventure_reader *parts[2] = {NULL, NULL};
    eventure_copy_options options = EVENTURE_COPY_OPTIONS_INIT;
    eventure_status status = EVENTURE_OK;
    (void)reader;
    options.replace = true;
    options.progress = go_on;
    for (int i = 0; i < 2 && status == EVENTURE_OK; i++)
        status = told(eventure_reader_open(names[i], &parts[i]), eventure_last_message());
    if (status == EVENTURE_OK)
        status =
            told(eventure_store_join(parts, 2, OPERATION_OTHER, &options, NULL), eventure_reader_message(parts[0]));
    eventure_reader_close(parts[1]);
    eventure_reader_close(parts[0]);
    return status;
}

eventure_status operation_resume(eventure_reader *reader)
{
    eventure_resume_options options = EVENTURE_RESUME_OPTIONS_INIT;
    eventure_log_options log_options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    const eventure_field first = eventure_int("n", 0);
    (void)reader;
    log_options.sync = EVENTURE_SYNC_OFF;
    options.log = &log_options;
    options.first_type = "tick.start";
    options.first_data = &first;
    options.first_data_count = 1;
    options.reducer = &ledger_reducer;
    options.context = &state;
    eventure_status status = told(eventure_log_resume(OPERATION_STORE, &options, &log, NULL), eventure_last_message());
    must((log != NULL) == (status == EVENTURE_OK), "a log and the status %s", eventure_status_name(status));
    eventure_status closed = eventure_log_close(log);
    return status == EVENTURE_OK ? closed : status;
}
