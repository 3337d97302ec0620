/*
 * The options that choose events: see filter_options.h.
 */
#include "filter_options.h"

#include <stdlib.h>
#include <string.h>

/* The digits at text, counted. */
static size_t count_digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* Whether text is one JSON number (RFC 8259) and nothing else. */
static bool is_number(const char *text)
{
    if (*text == '-')
        text++;
    size_t digits = count_digits(text);
    if (digits == 0 || (text[0] == '0' && digits > 1))
        return false;
    text += digits;
    if (*text == '.')
    {
        digits = count_digits(++text);
        if (digits == 0)
            return false;
        text += digits;
    }
    if (*text == 'e' || *text == 'E')
    {
        text++;
        if (*text == '+' || *text == '-')
            text++;
        digits = count_digits(text);
        if (digits == 0)
            return false;
        text += digits;
    }
    return *text == '\0';
}

/* A bare word counts as a string. What begins as a string, an array or an object does is meant to be JSON, and whoever
 * reads it says what is wrong with it when it is not. */
bool filter_is_json(const char *text)
{
    return is_number(text) || strcmp(text, "true") == 0 || strcmp(text, "false") == 0 || strcmp(text, "null") == 0 ||
           (text[0] != '\0' && strchr("\"[{", text[0]) != NULL);
}

const char *filter_option_type(const char *value, void *target)
{
    filter_options *options = target;
    size_t count = options->filter.types_count;
    const char **types = realloc(options->types, (count + 1) * sizeof *types);
    if (types == NULL)
        return "does not fit the memory";
    types[count] = value;
    options->types = types;
    options->filter.types = types;
    options->filter.types_count = count + 1;
    return NULL;
}

const char *filter_read_ticks(const char *value, int64_t *out_min, int64_t *out_end)
{
    static const char wrong[] = "is no tick (N) and no range of ticks (A..B, A.., ..B)";
    const char *dots = strstr(value, "..");
    size_t first_len = dots != NULL ? (size_t)(dots - value) : strlen(value);
    const char *last = dots != NULL ? dots + 2 : value;
    int64_t min = 0;
    int64_t max = INT64_MAX;
    if (dots != NULL && first_len == 0 && last[0] == '\0')
        return wrong;
    if ((dots == NULL || first_len > 0) && !options_read_number(value, first_len, &min))
        return wrong;
    if (last[0] != '\0' && !options_read_number(last, strlen(last), &max))
        return wrong;
    if (value[0] == '\0')
        return wrong;
    if (min > max)
        return "ends before it begins";
    *out_min = min;
    *out_end = max == INT64_MAX ? 0 : max + 1;
    return NULL;
}

const char *filter_option_ticks(const char *value, void *target)
{
    eventure_filter *filter = target;
    return filter_read_ticks(value, &filter->tick_min, &filter->tick_end);
}

const char *filter_option_data(const char *value, void *target)
{
    filter_options *options = target;
    const char *equals = strchr(value, '=');
    if (equals == NULL)
        return "is not KEY=JSON";
    size_t count = options->filter.data_count;
    size_t key_len = (size_t)(equals - value);
    char *key = malloc(key_len + 1);
    eventure_field *data = key != NULL ? realloc(options->data, (count + 1) * sizeof *data) : NULL;
    if (data == NULL)
    {
        free(key);
        return "does not fit the memory";
    }
    memcpy(key, value, key_len);
    key[key_len] = '\0';
    data[count] = filter_is_json(equals + 1) ? eventure_json_field(key, equals + 1) : eventure_string(key, equals + 1);
    options->data = data;
    options->filter.data = data;
    options->filter.data_count = count + 1;
    return NULL;
}

void filter_options_free(filter_options *options)
{
    for (size_t i = 0; i < options->filter.data_count; i++)
        free((char *)options->data[i].key);
    free(options->data);
    free(options->types);
}
