/*
 * Resuming a program: opening, checking whose history it is, and folding its state.
 */
#include <eventure/resume.h>

#include <string.h>

#include <eventure/query.h>

#include "base/options.h"
#include "event/json.h"
#include "event/types.h"
#include "log/undo.h"
#include "store/store.h"

/* The first event that a filter answers: its seq, 0 without one, and its type as messages show it. */
static eventure_status find_first(eventure_reader *reader, eventure_filter *filter, int64_t *out_seq,
                                  eventure__quoted *out_type)
{
    eventure_cursor *cursor = NULL;
    eventure_event event = {0};
    filter->limit = 1;
    *out_seq = 0;
    eventure_status status = eventure_query(reader, filter, &cursor);
    if (status == EVENTURE_OK)
        status = eventure_cursor_next(cursor, &event);
    if (status == EVENTURE_ROW)
    {
        *out_seq = event.seq;
        *out_type = eventure__quote(event.type != NULL ? event.type : "", event.type != NULL ? strlen(event.type) : 0);
    }
    eventure_cursor_free(cursor);
    return status < 0 ? status : EVENTURE_OK;
}

static eventure_status fail_other_data(eventure_reader *reader, const eventure__quoted *type,
                                       const eventure_resume_options *options)
{
    eventure__buffer text = {0};
    const eventure_data data = {.fields = options->first_data, .fields_count = options->first_data_count};
    eventure_status status =
        eventure__data_compact(&data, (size_t)EVENTURE_DATA_MAX_BYTES, EVENTURE__JSON_MAX_DEPTH, &text, &reader->error);
    if (status == EVENTURE_OK)
        status = eventure__fail(&reader->error, EVENTURE_ERROR_FORMAT,
                                "resume %s: this is another history: its first event, %s, does not have the data %s",
                                reader->path, type->text, eventure__quote(text.bytes, text.len).text);
    eventure__buffer_free(&text);
    return status;
}

static eventure_status check_history(eventure_reader *reader, const eventure_resume_options *options)
{
    eventure_filter any = EVENTURE_FILTER_INIT;
    eventure_filter own = EVENTURE_FILTER_INIT;
    eventure__quoted type;
    eventure__quoted own_type;
    int64_t first = 0;
    int64_t found = 0;
    if (options->first_type == NULL)
        return EVENTURE_OK;
    eventure_status status = find_first(reader, &any, &first, &type);
    if (status != EVENTURE_OK || first != 1)
        return status;
    own.type = options->first_type;
    own.exact_types = true;
    own.data = options->first_data;
    own.data_count = options->first_data_count;
    status = find_first(reader, &own, &found, &own_type);
    if (status != EVENTURE_OK || found == first)
        return status;
    eventure__quoted wanted = eventure__quote(options->first_type, strlen(options->first_type));
    if (strcmp(type.text, wanted.text) == 0)
        return fail_other_data(reader, &wanted, options);
    return eventure__fail(&reader->error, EVENTURE_ERROR_FORMAT,
                          "resume %s: this is the history of another program: it begins with %s, not with %s",
                          reader->path, type.text, wanted.text);
}

/* Checks what the first event must be, also for a new history, which does not have it yet. */
static eventure_status check_first(const eventure_resume_options *options)
{
    eventure__error error;
    eventure_status status =
        eventure__options_check_list("first_data", options->first_data, options->first_data_count, "resume", NULL);
    if (status != EVENTURE_OK)
        return status;
    if (options->first_data_count > 0 && options->first_type == NULL)
        return eventure__fail(NULL, EVENTURE_ERROR_ARGUMENT, "resume: first_data is given, but first_type is NULL");
    if (options->first_type == NULL ||
        eventure__type_check(options->first_type, strlen(options->first_type), &error) == EVENTURE_OK)
        return EVENTURE_OK;
    return eventure__fail_prefix(&error, "resume: first_type");
}

static eventure_status resume(eventure_log *log, const eventure_resume_options *options, eventure_resume_report *report)
{
    eventure_reader *reader = eventure_log_reader(log);
    eventure_status status = check_history(reader, options);
    if (status == EVENTURE_OK)
        status = eventure_reader_last_seq(reader, &report->last_seq);
    if (status == EVENTURE_OK && options->reducer != NULL)
        status = eventure_replay_at(reader, options->reducer, options->context, EVENTURE_TICK_NEWEST, NULL);
    report->is_new = report->last_seq == 0;
    report->tick = eventure_log_tick(log);
    report->tick_events = eventure_log_tick_events(log);
    report->is_in_tick = report->tick_events > 0;
    return status;
}

eventure_status eventure_log_resume(const char *path, const eventure_resume_options *options, eventure_log **out_log,
                                    eventure_resume_report *out_report)
{
    eventure_resume_options taken;
    eventure_resume_report report = {0};
    if (out_log == NULL)
        return eventure__fail_argument(__func__);
    *out_log = NULL;
    eventure_status status = EVENTURE__TAKE(options, &taken, eventure_resume_options, "resume", NULL);
    if (status == EVENTURE_OK)
        status = check_first(&taken);
    if (status == EVENTURE_OK)
        status = eventure_log_open(path, taken.log, out_log);
    if (status != EVENTURE_OK)
        return status;
    status = resume(*out_log, &taken, &report);
    if (status != EVENTURE_OK)
    {
        eventure__error kept = *eventure__log_error(*out_log);
        eventure_log_close(*out_log);
        *out_log = NULL;
        eventure__set_last_error(&kept);
    }
    if (out_report != NULL)
        *out_report = report;
    return status;
}

void eventure_resume_options_init(eventure_resume_options *options, size_t size)
{
    eventure__options_init(options, size);
}
