/*
 * The parts of CloudEvents that are kept in the data: see cloudevents.h. Data that only looks similar is ordinary data.
 */
#include <string.h>

#include "base/number.h"
#include "transfer/cloudevents.h"

static bool is_attribute_name(eventure__span key)
{
    for (size_t i = 0; i < key.len; i++)
        if (!((key.at[i] >= 'a' && key.at[i] <= 'z') || (key.at[i] >= '0' && key.at[i] <= '9')))
            return false;
    return key.len > 0;
}

static bool is_text(eventure__span value)
{
    return *value.at == '"' && value.len > 2;
}

/* Whether an attribute may have the value. */
static bool is_attribute(eventure__span key, eventure__span value)
{
    static const char *const texts[] = {"source", "id", "type", "subject", "dataschema", "datacontenttype"};
    int64_t number = 0;
    if (!is_attribute_name(key) || eventure__span_is(key, EVENTURE__CE_VERSION))
        return false;
    if (eventure__span_is(key, "time"))
        return is_text(value) || *value.at == 'n';
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (eventure__span_is(key, texts[i]))
            return is_text(value);
    if (eventure__json_is_number(value))
        return eventure__parse_int(value.at, value.len, &number) && number >= INT32_MIN && number <= INT32_MAX;
    return *value.at == '"' || *value.at == 't' || *value.at == 'f';
}

static bool is_kept(eventure__span object, bool has_own_members)
{
    eventure__members members = eventure__members_of(object.at, object.len);
    eventure__span key;
    eventure__span value;
    bool has_source = false;
    bool has_data = false;
    while (eventure__members_next(&members, &key, &value))
    {
        const bool is_encoded = eventure__span_is(key, "data_base64");
        if (eventure__span_is(key, "data") || is_encoded)
        {
            if (has_own_members || has_data || (is_encoded && *value.at != '"'))
                return false;
            has_data = true;
        }
        else if (!is_attribute(key, value))
            return false;
        has_source = has_source || eventure__span_is(key, "source");
    }
    return has_source;
}

bool eventure__cloudevent_kept(eventure__span data, eventure__span *out_kept, eventure__span *out_own)
{
    eventure__members members = eventure__members_of(data.at, data.len);
    eventure__span key;
    eventure__span value = {NULL, 0};
    const char *before = data.at; /* the comma or brace before the last member */
    const char *at = members.at;
    bool is_last = false;
    while (eventure__members_next(&members, &key, &value))
    {
        before = at;
        at = members.at;
        if (is_last) /* the key is there, and is not the last one */
            return false;
        is_last = eventure__span_is(key, EVENTURE__CE_KEY);
    }
    if (!is_last || *value.at != '{' || !is_kept(value, before != data.at))
        return false;
    *out_kept = value;
    *out_own = (eventure__span){data.at, before != data.at ? (size_t)(before - data.at) : 1};
    return true;
}
