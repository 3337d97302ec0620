/*
 * Entries of a Chrome trace: see chrome_entry.h.
 */
#include "transfer/chrome_entry.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <eventure/event.h>

#include "base/number.h"
#include "transfer/foreign_time.h"

/* The members that become properties of an event, except the phase and the duration, which are kept. */
static const char *const placed[] = {"name", "ts", "args", "ph", "dur"};

void eventure__chrome_entry_read(eventure__span json, eventure__chrome_entry *out)
{
    eventure__members members = eventure__members_of(json.at, json.len);
    eventure__span key;
    eventure__span value;
    *out = (eventure__chrome_entry){.json = json};
    while (eventure__members_next(&members, &key, &value))
    {
        if (eventure__span_is(key, "ph"))
            out->phase = (char)(*value.at == '"' && value.len == 3 ? value.at[1] : 0);
        else if (eventure__span_is(key, "bp"))
            out->binds_to_enclosing = eventure__span_is(value, "\"e\"");
        else if (eventure__span_is(key, "name"))
            out->name = value;
        else if (eventure__span_is(key, "cat"))
            out->category = value;
        else if (eventure__span_is(key, "pid"))
            out->process = value;
        else if (eventure__span_is(key, "tid"))
            out->thread = value;
        else if (eventure__span_is(key, "id"))
            out->id = value;
        else if (eventure__span_is(key, "args"))
            out->arguments = value;
        else if (eventure__span_is(key, "dur"))
            out->duration = value;
        else if (eventure__span_is(key, "ts"))
            out->time = value;
    }
}

bool eventure__chrome_time_ns(eventure__span value, int64_t *out)
{
    double microseconds = 0;
    if (!eventure__json_is_number(value) || !eventure__parse_double(value.at, value.len, &microseconds) ||
        fabs(microseconds) > 9e15)
        return false;
    const double whole = floor(microseconds);
    *out = (int64_t)whole * 1000 + (int64_t)round((microseconds - whole) * 1000);
    return true;
}

bool eventure__chrome_time(eventure__span value, double *out)
{
    return eventure__json_is_number(value) && eventure__parse_scaled(value.at, value.len, 6, out);
}

void eventure__chrome_append_type(const eventure__chrome_entry *entry, eventure__buffer *out)
{
    const size_t before = out->len;
    if (entry->name.at != NULL && *entry->name.at == '"')
        eventure__json_unescape(entry->name, out);
    else if (entry->name.at != NULL)
        eventure__buffer_append(out, entry->name.at, entry->name.len);
    if (out->failed)
        return;
    if (out->len == before || memchr(out->bytes + before, '\0', out->len - before) != NULL)
    {
        out->len = before;
        eventure__buffer_append_text(out, "unnamed");
    }
    size_t len = out->len - before;
    if (len > EVENTURE_TYPE_MAX_BYTES)
    {
        len = EVENTURE_TYPE_MAX_BYTES;
        while (len > 0 && ((unsigned char)out->bytes[before + len] & 0xC0) == 0x80)
            len--;
        out->len = before + len;
    }
}

/* `key` is without its quotes, which precede and follow it in memory. */
static void append_member(eventure__buffer *out, eventure__span key, eventure__span value)
{
    if (!out->failed && out->bytes[out->len - 1] != '{')
        eventure__buffer_append_char(out, ',');
    eventure__buffer_append(out, key.at - 1, key.len + 2);
    eventure__buffer_append_char(out, ':');
    eventure__buffer_append(out, value.at, value.len);
}

static void append_named(eventure__buffer *out, const char *quoted_name, eventure__span value)
{
    append_member(out, (eventure__span){quoted_name + 1, strlen(quoted_name) - 2}, value);
}

/* Nanoseconds as microseconds, without zeros at the end. */
static size_t format_microseconds(char out[EVENTURE__DOUBLE_BYTES], int64_t ns)
{
    size_t len =
        (size_t)snprintf(out, EVENTURE__DOUBLE_BYTES, "%lld.%03lld", (long long)(ns / 1000), (long long)(ns % 1000));
    while (out[len - 1] == '0')
        len--;
    return out[len - 1] == '.' ? len - 1 : len;
}

/* Whether the members of the arguments can be those of the data. */
static bool can_be_data(eventure__span arguments)
{
    eventure__span found;
    return arguments.len > 0 && *arguments.at == '{' &&
           !eventure__json_find(arguments.at, arguments.len, EVENTURE__CHROME_KEY, sizeof EVENTURE__CHROME_KEY - 1,
                                &found);
}

/* Appends the members of the arguments of the end event that the entry does not contain. */
static void append_end_arguments(const eventure__chrome_entry *entry, eventure__span arguments, eventure__buffer *out)
{
    eventure__members members = eventure__members_of(arguments.at, arguments.len);
    eventure__span key;
    eventure__span value;
    while (eventure__members_next(&members, &key, &value))
    {
        bool is_given = false;
        if (entry->arguments.at != NULL && *entry->arguments.at == '{')
        {
            eventure__members own = eventure__members_of(entry->arguments.at, entry->arguments.len);
            eventure__span own_key;
            eventure__span own_value;
            while (!is_given && eventure__members_next(&own, &own_key, &own_value))
                is_given = own_key.len == key.len && memcmp(own_key.at, key.at, key.len) == 0;
        }
        if (!is_given)
            append_member(out, key, value);
    }
}

void eventure__chrome_append_data(const eventure__chrome_entry *entry, eventure__span end_arguments, int64_t dur_ns,
                                  eventure__buffer *out)
{
    char duration[EVENTURE__DOUBLE_BYTES];
    const bool are_data = can_be_data(entry->arguments);
    const bool are_end_data = can_be_data(end_arguments);
    eventure__members members = eventure__members_of(entry->json.at, entry->json.len);
    eventure__span key;
    eventure__span value;
    eventure__buffer_append_char(out, '{');
    if (are_data)
        eventure__buffer_append(out, entry->arguments.at + 1, entry->arguments.len - 2);
    if (are_end_data)
        append_end_arguments(entry, end_arguments, out);
    const char phase[] = {'"', entry->phase, '"'};
    if (!out->failed && out->bytes[out->len - 1] != '{')
        eventure__buffer_append_char(out, ',');
    eventure__buffer_append_text(out, "\"" EVENTURE__CHROME_KEY "\":{");
    append_named(out, "\"ph\"", (eventure__span){phase, sizeof phase});
    if (dur_ns >= 0)
        append_named(out, "\"dur\"", (eventure__span){duration, format_microseconds(duration, dur_ns)});
    else if (entry->duration.at != NULL)
        append_named(out, "\"dur\"", entry->duration);
    while (eventure__members_next(&members, &key, &value))
    {
        bool is_placed = false;
        for (size_t i = 0; i < sizeof placed / sizeof *placed; i++)
            is_placed = is_placed || eventure__span_is(key, placed[i]);
        if (!is_placed)
            append_member(out, key, value);
    }
    if (entry->name.at != NULL && entry->name.len > EVENTURE_TYPE_MAX_BYTES)
        append_named(out, "\"name\"", entry->name);
    if (entry->arguments.at != NULL && !are_data)
        append_named(out, "\"args\"", entry->arguments);
    if (end_arguments.len > 0 && !are_end_data)
        append_named(out, "\"end_args\"", end_arguments);
    eventure__buffer_append_text(out, "}}");
}
