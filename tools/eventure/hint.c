/*
 * Hints about filters: see hint.h. A failure here is not said: the answer itself was whole.
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
    return eventure_count(reader, &filter, &count) != EVENTURE_OK || count > 0;
}

/* Says so when there is a pattern that no type matches. */
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

/* Marks those of the keys that an event of the filter has; false when reading failed. */
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
            if (!found[i] && eventure_event_member(&event, keys[i], &json, &len) == EVENTURE_OK)
            {
                found[i] = true;
                missing--;
            }
    eventure_cursor_free(cursor);
    return status == EVENTURE_OK;
}

/* Says which key no event has. */
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
    const char **keys = calloc(filter->data_count, sizeof *keys);
    if (keys == NULL)
        return false;
    for (size_t i = 0; i < filter->data_count; i++)
        keys[i] = filter->data[i].key;
    bool said = hint_keys(reader, NULL, keys, filter->data_count, "no event of the store");
    free((void *)keys);
    return said;
}

/* How many events a filter has looked at the data of. */
static int64_t count_looked_at(eventure_reader *reader, const eventure_filter *filter)
{
    eventure_filter without_data = *filter;
    int64_t count = 0;
    without_data.data = NULL;
    without_data.data_count = 0;
    without_data.limit = 0;
    return eventure_count(reader, &without_data, &count) == EVENTURE_OK ? count : 0;
}

/* Whether an index on data finds the events. */
static bool uses_index(eventure_reader *reader, const eventure_filter *filter)
{
    char *text = NULL;
    bool uses = eventure_explain(reader, filter, &text) != EVENTURE_OK || strstr(text, "data_value") != NULL;
    eventure_free(text);
    return uses;
}

static void hint_index(eventure_reader *reader, const char *path, const eventure_filter *filter)
{
    if (filter->children_of != NULL || filter->cascade_of != NULL || filter->ancestors_of != NULL ||
        uses_index(reader, filter))
        return;
    int64_t count = count_looked_at(reader, filter);
    if (count >= HINT_EVENTS)
        message("hint: this looks through %" PRId64 " events; 'eventure index %s add %s' makes it a look-up", count,
                path, filter->data[0].key);
}

void hint_filter(eventure_reader *reader, const char *path, const eventure_filter *filter, int64_t answered)
{
    if (!terminal_is(stderr) || hint_types(reader, filter) || filter->data_count == 0)
        return;
    if (answered == 0 && hint_data_keys(reader, filter))
        return;
    hint_index(reader, path, filter);
}

void hint_columns(eventure_reader *reader, const eventure_filter *filter, const char *const *keys, size_t count)
{
    if (terminal_is(stderr) && count > 0 && (filter == NULL || !hint_types(reader, filter)))
        hint_keys(reader, filter, keys, count, "no event that was exported");
}
