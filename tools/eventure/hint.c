/*
 * Hints about filters: see hint.h. A failure here is not reported, because the output of the command is complete.
 */
#include "hint.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "terminal.h"

/* Whether any event has a type that the pattern matches. */
static bool has_type(eventure_reader *reader, const char *pattern)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    int64_t count = 0;
    filter.types = &pattern;
    filter.types_count = 1;
    filter.limit = 1;
    return eventure_query_count(reader, &filter, &count) != EVENTURE_OK || count > 0;
}

/* Prints a hint when no type matches a pattern. */
static bool hint_types(eventure_reader *reader, const eventure_filter *filter)
{
    for (size_t i = 0; i < filter->types_count; i++)
    {
        if (has_type(reader, filter->types[i]))
            continue;
        message("hint: no event of the store has the type '%s'", filter->types[i]);
        return true;
    }
    return false;
}

/* Marks the keys that at least one event of the filter has; returns false when reading failed. */
static bool find_keys(eventure_reader *reader, const eventure_filter *filter, const char *const *keys, size_t count,
                      bool *found)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    const char *json = NULL;
    size_t len = 0;
    size_t missing = count;
    eventure_status status = eventure_query(reader, filter, &cursor);
    while (status == EVENTURE_OK && missing > 0 && eventure_cursor_next(cursor, &event) == EVENTURE_ROW)
        for (size_t i = 0; i < count; i++)
            if (!found[i] && eventure_event_member_at(&event, keys[i], &json, &len) == EVENTURE_OK)
            {
                found[i] = true;
                missing--;
            }
    eventure_cursor_free(cursor);
    return status == EVENTURE_OK;
}

/* Prints a hint that names a key that no event has. */
static bool hint_keys(eventure_reader *reader, const eventure_filter *filter, const char *const *keys, size_t count,
                      const char *which)
{
    bool said = false;
    bool *found = calloc(count + 1, sizeof *found);
    if (found != NULL && find_keys(reader, filter, keys, count, found))
        for (size_t i = 0; i < count && !said; i++)
            if (!found[i])
            {
                message("hint: %s has the key '%s'", which, keys[i]);
                said = true;
            }
    free(found);
    return said;
}

static bool hint_data_keys(eventure_reader *reader, const eventure_filter *filter)
{
    size_t count = filter->data_count + filter->conditions_count;
    const char **keys = calloc(count + 1, sizeof *keys);
    if (keys == NULL)
        return false;
    for (size_t i = 0; i < filter->data_count; i++)
        keys[i] = filter->data[i].key;
    for (size_t i = 0; i < filter->conditions_count; i++)
        keys[filter->data_count + i] = filter->conditions[i].member.key;
    bool said = hint_keys(reader, NULL, keys, count, "no event of the store");
    free((void *)keys);
    return said;
}

/* Returns the number of events whose data or time the filter has read. */
static int64_t count_looked_at(eventure_reader *reader, const eventure_filter *filter)
{
    eventure_filter found = *filter;
    int64_t count = 0;
    found.data = NULL;
    found.data_count = 0;
    found.conditions = NULL;
    found.conditions_count = 0;
    found.timestamp_min = NULL;
    found.timestamp_max = NULL;
    found.limit = 0;
    return eventure_query_count(reader, &found, &count) == EVENTURE_OK ? count : 0;
}

/* Whether an index on data finds the events. */
static bool uses_index(eventure_reader *reader, const eventure_filter *filter)
{
    char *text = NULL;
    bool uses = eventure_query_explain(reader, filter, &text) != EVENTURE_OK || strstr(text, "data_value") != NULL;
    eventure_free(text);
    return uses;
}

static void hint_index(eventure_reader *reader, const char *path, const eventure_filter *filter)
{
    if (filter->children_of != NULL || filter->cascade_of != NULL || filter->ancestors_of != NULL ||
        uses_index(reader, filter))
        return;
    int64_t count = count_looked_at(reader, filter);
    const char *key = filter->data_count > 0 ? filter->data[0].key : NULL;
    if (count < HINT_EVENTS)
        return;
    if (key != NULL)
        message("hint: this query reads %" PRId64 " events; 'eventure index add %s %s' makes it a look-up", count, path,
                key);
    else
        message("hint: this query reads %" PRId64 " events, because no index covers %s; --tick A..B limits the work",
                count, filter->conditions_count > 0 ? "a comparison other than KEY=JSON" : "a time");
}

void hint_filter(eventure_reader *reader, const char *path, const eventure_filter *filter, int64_t answered)
{
    bool asks_data = filter->data_count > 0 || filter->conditions_count > 0;
    bool asks_time = filter->timestamp_min != NULL || filter->timestamp_max != NULL;
    if (!terminal_is(stderr) || hint_types(reader, filter) || (!asks_data && !asks_time))
        return;
    if (answered == 0 && asks_data && hint_data_keys(reader, filter))
        return;
    hint_index(reader, path, filter);
}
