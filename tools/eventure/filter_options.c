/*
 * The options that choose events: see filter_options.h.
 */
#include "filter_options.h"

#include <stdlib.h>
#include <string.h>

#include "time_option.h"

/* Returns the number of digits at the start of text. */
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

/* A bare word is a string. A text that begins like a string, an array or an object is JSON; when it is not valid, the
   parser reports the error. */
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
        return "cannot be stored: out of memory";
    types[count] = value;
    options->types = types;
    options->filter.types = types;
    options->filter.types_count = count + 1;
    return NULL;
}

const char *filter_read_ticks(const char *value, int64_t *out_min, int64_t *out_end)
{
    static const char wrong[] = "is neither a tick (N) nor a range of ticks (A..B, A.., ..B)";
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

const char *filter_option_since(const char *value, void *target)
{
    filter_options *options = target;
    options->filter.timestamp_min = &options->since;
    return time_option_read(value, &options->since);
}

const char *filter_option_until(const char *value, void *target)
{
    filter_options *options = target;
    options->filter.timestamp_max = &options->until;
    return time_option_read(value, &options->until);
}

/* The text of a comparison. */
typedef struct operator
{
    const char *text;
    eventure_comparison comparison;
}
operator;

/* The operators. When two have the same beginning, the longer one comes first. */
static const operator operators[] = {
    {"!=", EVENTURE_NOT_EQUAL}, {"<=", EVENTURE_LESS_OR_EQUAL}, {">=", EVENTURE_GREATER_OR_EQUAL},
    {"<", EVENTURE_LESS},       {">", EVENTURE_GREATER},        {"~", EVENTURE_CONTAINS},
    {"=", EVENTURE_EQUAL},
};

/* Returns the operator that begins at `at`; NULL for none. */
static const operator* operator_at(const char *at)
{
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++)
        if (strncmp(at, operators[i].text, strlen(operators[i].text)) == 0)
            return &operators[i];
    return NULL;
}

/* Copies the key up to the first operator, without the backslashes before operators; *at moves to the operator. NULL
   when out of memory. */
static char *take_key(const char **at)
{
    char *key = malloc(strlen(*at) + 1);
    size_t len = 0;
    const char *c = *at;
    if (key == NULL)
        return NULL;
    for (; *c != '\0' && operator_at(c) == NULL; c++)
    {
        if (*c == '\\' && operator_at(c + 1) != NULL)
            c++;
        key[len++] = *c;
    }
    key[len] = '\0';
    *at = c;
    return key;
}

static eventure_field field_of(const char *key, const char *value, bool is_text)
{
    return !is_text && filter_is_json(value) ? eventure_json_field(key, value) : eventure_string(key, value);
}

static bool add_member(filter_options *options, eventure_field member)
{
    size_t count = options->filter.data_count;
    eventure_field *data = realloc(options->data, (count + 1) * sizeof *data);
    if (data == NULL)
        return false;
    data[count] = member;
    options->data = data;
    options->filter.data = data;
    options->filter.data_count = count + 1;
    return true;
}

static bool add_condition(filter_options *options, eventure_condition condition)
{
    size_t count = options->filter.conditions_count;
    eventure_condition *conditions = realloc(options->conditions, (count + 1) * sizeof *conditions);
    if (conditions == NULL)
        return false;
    conditions[count] = condition;
    options->conditions = conditions;
    options->filter.conditions = conditions;
    options->filter.conditions_count = count + 1;
    return true;
}

/* Equality of a top-level member can use an index; every other comparison is a condition. */
const char *filter_option_data(const char *value, void *target)
{
    filter_options *options = target;
    const char *at = value;
    char *key = take_key(&at);
    const operator* found = operator_at(at);
    if (key != NULL && found == NULL)
    {
        free(key);
        return "is neither KEY=JSON nor another comparison (!= < <= > >= ~)";
    }
    bool is_added = false;
    if (key != NULL)
    {
        eventure_field member = field_of(key, at + strlen(found->text), found->comparison == EVENTURE_CONTAINS);
        is_added = found->comparison == EVENTURE_EQUAL && strchr(key, '.') == NULL
                       ? add_member(options, member)
                       : add_condition(options, (eventure_condition){found->comparison, member});
    }
    if (is_added)
        return NULL;
    free(key);
    return "cannot be stored: out of memory";
}

bool filter_chooses(const eventure_filter *filter)
{
    return filter->types_count > 0 || filter->data_count > 0 || filter->conditions_count > 0 || filter->roots ||
           filter->children_of != NULL || filter->cascade_of != NULL || filter->ancestors_of != NULL ||
           filter->tick_min > 0 || filter->tick_end != 0 || filter->timestamp_min != NULL ||
           filter->timestamp_max != NULL || filter->after_seq > 0 || filter->limit > 0 || filter->levels > 0 ||
           filter->reverse;
}

void filter_options_free(filter_options *options)
{
    for (size_t i = 0; i < options->filter.data_count; i++)
        free((char *)options->data[i].key);
    for (size_t i = 0; i < options->filter.conditions_count; i++)
        free((char *)options->conditions[i].member.key);
    free(options->data);
    free(options->conditions);
    free(options->types);
}
