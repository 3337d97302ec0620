/*
 * Comma-separated values (RFC 4180): lines end with CR LF, and fields with a comma, a quote or a line break are quoted.
 *
 * In data columns, strings are written without JSON quotes and other values as JSON, so that a spreadsheet reads
 * numbers as numbers. A missing key is an empty field, an empty string is "". A string with U+0000 is written as JSON,
 * because CSV readers do not accept that byte.
 *
 * In the safe form, each text that a spreadsheet treats as a formula is prefixed with an apostrophe; numbers are not.
 */
#include "transfer/format.h"

#include <string.h>

#include "base/number.h"
#include "base/options.h"
#include "event/json.h"
#include "event/timestamp.h"
#include "transfer/rfc3339.h"

/* Whether a spreadsheet would treat a text as a formula: it begins with one of these characters or their full-width
   forms. Some spreadsheets skip a tab or a line end before them. */
static bool begins_formula(const char *text, size_t len)
{
    static const char *const beginnings[] = {
        "=", "+", "-", "@", "\t", "\r", "\n", "\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"};
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
    {
        size_t beginning_len = strlen(beginnings[i]);
        if (len >= beginning_len && memcmp(text, beginnings[i], beginning_len) == 0)
            return true;
    }
    return false;
}

static void append_value(eventure__buffer *out, const char *text, size_t len, bool is_guarded)
{
    bool quoted = len == 0 || memchr(text, ',', len) != NULL || memchr(text, '"', len) != NULL ||
                  memchr(text, '\r', len) != NULL || memchr(text, '\n', len) != NULL;
    if (quoted)
        eventure__buffer_append_char(out, '"');
    if (is_guarded && begins_formula(text, len))
        eventure__buffer_append_char(out, '\'');
    if (!quoted)
    {
        eventure__buffer_append(out, text, len);
        return;
    }
    for (size_t i = 0; i < len;)
    {
        const char *quote = memchr(text + i, '"', len - i);
        size_t run = quote != NULL ? (size_t)(quote - text) + 1 - i : len - i;
        eventure__buffer_append(out, text + i, run);
        if (quote != NULL)
            eventure__buffer_append_char(out, '"');
        i += run;
    }
    eventure__buffer_append_char(out, '"');
}

static void append_text(eventure__writing *writing, const char *text)
{
    append_value(writing->out, text, strlen(text), writing->options->csv_safe);
}

static void append_timestamp(eventure__writing *writing, const eventure_event *event)
{
    char number[EVENTURE__DOUBLE_BYTES];
    char time[EVENTURE__RFC3339_BYTES];
    if (writing->options->csv_iso_times && eventure__rfc3339_format(time, event->timestamp))
        eventure__buffer_append_text(writing->out, time);
    else
        eventure__buffer_append(writing->out, number, eventure__timestamp_format(number, event));
}

static eventure_status append_member(eventure__writing *writing, const eventure_event *event, size_t column)
{
    const eventure_export_options *options = writing->options;
    const char *key = options->columns[column];
    eventure__span value = {NULL, 0};
    eventure__buffer text = {0};
    if (!eventure__json_path((eventure__span){event->data, event->data_len}, key, strlen(key), &value))
        return EVENTURE_OK;
    if (options->columns_found != NULL)
        options->columns_found[column] = true;
    if (*value.at == '"')
        eventure__json_unescape(value, &text);
    if (*value.at != '"' || (text.len > 0 && memchr(text.bytes, '\0', text.len) != NULL))
        append_value(writing->out, value.at, value.len, false);
    else if (!text.failed)
        append_value(writing->out, text.len > 0 ? text.bytes : "", text.len, options->csv_safe);
    eventure_status status = text.failed ? eventure__writing_out_of_memory(writing) : EVENTURE_OK;
    eventure__buffer_free(&text);
    return status;
}

static eventure_status check_columns(eventure__writing *writing)
{
    const eventure_export_options *options = writing->options;
    eventure_status status =
        eventure__options_check_list("columns", options->columns, options->columns_count, "export", writing->error);
    for (size_t i = 0; i < options->columns_count && status == EVENTURE_OK; i++)
        if (options->columns[i] == NULL)
            status = eventure__fail(writing->error, EVENTURE_ERROR_ARGUMENT, "export: column %zu of %zu is NULL", i + 1,
                                    options->columns_count);
    return status;
}

static eventure_status csv_begin(eventure__writing *writing)
{
    const eventure_export_options *options = writing->options;
    const eventure_status status = check_columns(writing);
    if (status != EVENTURE_OK)
        return status;
    if (options->csv_utf8_mark)
        eventure__buffer_append_text(writing->out, "\xEF\xBB\xBF");
    eventure__buffer_append_text(writing->out, "seq,id,tick,timestamp,type,parent_id");
    if (options->columns == NULL)
        eventure__buffer_append_text(writing->out, ",data");
    for (size_t i = 0; options->columns != NULL && i < options->columns_count; i++)
    {
        eventure__buffer_append_char(writing->out, ',');
        append_text(writing, options->columns[i]);
        if (options->columns_found != NULL)
            options->columns_found[i] = false;
    }
    eventure__buffer_append_text(writing->out, "\r\n");
    return EVENTURE_OK;
}

static eventure_status csv_event(eventure__writing *writing, const eventure_event *event)
{
    const eventure_export_options *options = writing->options;
    eventure__buffer *out = writing->out;
    eventure_status status = EVENTURE_OK;
    eventure__buffer_append_int(out, event->seq);
    eventure__buffer_append_char(out, ',');
    append_text(writing, event->id);
    eventure__buffer_append_char(out, ',');
    eventure__buffer_append_int(out, event->tick);
    eventure__buffer_append_char(out, ',');
    append_timestamp(writing, event);
    eventure__buffer_append_char(out, ',');
    append_text(writing, event->type);
    eventure__buffer_append_char(out, ',');
    if (event->parent_id != NULL)
        append_text(writing, event->parent_id);
    if (options->columns == NULL)
    {
        eventure__buffer_append_char(out, ',');
        append_value(out, event->data, event->data_len, false);
    }
    for (size_t i = 0; options->columns != NULL && i < options->columns_count && status == EVENTURE_OK; i++)
    {
        eventure__buffer_append_char(out, ',');
        status = append_member(writing, event, i);
    }
    eventure__buffer_append_text(out, "\r\n");
    return status;
}

const eventure__format eventure__format_csv = {"csv", false, csv_begin, csv_event, NULL, NULL};
