/*
 * The list of formats: see format.h.
 */
#include "transfer/format.h"

#include <string.h>

#include "event/event_line.h"

static const eventure__format *const formats[] = {
    [EVENTURE_FORMAT_JSONL] = &eventure__format_jsonl,
    [EVENTURE_FORMAT_CSV] = &eventure__format_csv,
    [EVENTURE_FORMAT_CLOUDEVENTS] = &eventure__format_cloudevents,
    [EVENTURE_FORMAT_CHROME] = &eventure__format_chrome,
    [EVENTURE_FORMAT_DOT] = &eventure__format_dot,
    [EVENTURE_FORMAT_MERMAID] = &eventure__format_mermaid,
};

#define FORMATS (sizeof formats / sizeof formats[0])

const eventure__format *eventure__format_of(eventure_format format)
{
    return (size_t)format < FORMATS ? formats[format] : NULL;
}

eventure_status eventure_format_find(const char *name, eventure_format *out_format)
{
    if (name == NULL || out_format == NULL)
        return eventure__fail(NULL, EVENTURE_ERROR_NOT_FOUND,
                              "find a format: the name or the place for the answer is NULL");
    for (size_t i = 0; i < FORMATS; i++)
    {
        if (strcmp(formats[i]->name, name) != 0)
            continue;
        *out_format = (eventure_format)i;
        return EVENTURE_OK;
    }
    return eventure__fail(NULL, EVENTURE_ERROR_NOT_FOUND, "find a format: there is none with the name %s",
                          eventure__quote(name, strlen(name)).text);
}

eventure_status eventure__export_check_filter(const eventure_filter *filter, eventure__error *error)
{
    const char *left_out = filter->without_data         ? "without_data"
                           : filter->without_ids        ? "without_ids"
                           : filter->without_parent_ids ? "without_parent_ids"
                                                        : NULL;
    if (left_out == NULL)
        return EVENTURE_OK;
    return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "export: whole events are written, and the filter has %s",
                          left_out);
}

eventure_status eventure__writing_out_of_memory(eventure__writing *writing)
{
    return eventure__fail(writing->error, EVENTURE_ERROR_MEMORY, "export: out of memory");
}

static eventure_status write_line(eventure__writing *writing, const eventure_event *event)
{
    eventure__line_format(event, writing->out);
    eventure__buffer_append_char(writing->out, '\n');
    return EVENTURE_OK;
}

const eventure__format eventure__format_jsonl = {"jsonl", false, NULL, write_line, NULL, NULL};
