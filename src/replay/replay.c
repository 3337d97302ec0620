/*
 * Replay: folds a reducer over the events of a range of ticks, one row at a time. The question is asked before the state
 * is reset, so that a store that cannot be read leaves the state alone.
 */
#include <eventure/replay.h>

#include <string.h>

#include <eventure/query.h>

#include "base/error.h"
#include "store/store.h"

static eventure__quoted reducer_name(const eventure_reducer *reducer)
{
    const char *name = reducer->name != NULL ? reducer->name : "reducer";
    return eventure__quote(name, strlen(name));
}

static const char *result_name(int result)
{
    return result < 0 ? eventure_status_name(result) : "a value of its own";
}

static eventure_status check(eventure__error *error, const eventure_reducer *reducer, int64_t tick_min,
                             int64_t tick_max)
{
    if (reducer == NULL || reducer->size < sizeof(*reducer))
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "replay: the reducer is NULL, or its size is not set");
    eventure__quoted name = reducer_name(reducer);
    if (reducer->apply == NULL)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "replay of %s: apply is NULL", name.text);
    if (tick_min < 0)
        return eventure__fail(error, EVENTURE_ERROR_TICK, "replay of %s: the first tick %lld is negative", name.text,
                              (long long)tick_min);
    if (tick_max < tick_min)
        return eventure__fail(error, EVENTURE_ERROR_TICK, "replay of %s: the last tick %lld is before the first, %lld",
                              name.text, (long long)tick_max, (long long)tick_min);
    return EVENTURE_OK;
}

static eventure_status reset(eventure__error *error, const eventure_reducer *reducer, void *context)
{
    if (reducer->reset == NULL)
        return EVENTURE_OK;
    int result = reducer->reset(context);
    if (result != 0)
        eventure__fail(error, result, "replay of %s: reset returned %d (%s)", reducer_name(reducer).text, result,
                       result_name(result));
    return result;
}

/* The text for what apply returned. When a question to the same reader failed so inside apply, its text is the cause and
 * stays behind ours. */
static void explain_apply(eventure__error *error, const eventure_reducer *reducer, const eventure_event *event,
                          int result)
{
    eventure__quoted name = reducer_name(reducer);
    eventure__quoted id = eventure__quote(event->id, strlen(event->id));
    eventure__quoted type = eventure__quote(event->type, strlen(event->type));
    if (error->status == result)
        eventure__fail_prefix(error, "replay of %s at tick %lld, event %s (%s)", name.text, (long long)event->tick,
                              id.text, type.text);
    else
        eventure__fail(error, result, "replay of %s at tick %lld, event %s (%s): apply returned %d (%s)", name.text,
                       (long long)event->tick, id.text, type.text, result, result_name(result));
}

static eventure_status fold(eventure__error *error, eventure_cursor *cursor, const eventure_reducer *reducer,
                            void *context)
{
    eventure_event event;
    eventure_status status;
    while ((status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
    {
        error->status = EVENTURE_OK;
        int result = reducer->apply(&event, context);
        if (result == EVENTURE_REPLAY_STOP)
            return EVENTURE_OK;
        if (result != 0)
        {
            explain_apply(error, reducer, &event, result);
            return result;
        }
    }
    if (status != EVENTURE_OK)
        eventure__fail_prefix(error, "replay of %s", reducer_name(reducer).text);
    return status;
}

eventure_status eventure_replay(eventure_reader *reader, const eventure_reducer *reducer, int64_t tick_min,
                                int64_t tick_max, void *context)
{
    if (reader == NULL)
        return EVENTURE_ERROR_ARGUMENT;
    eventure__error *error = &reader->error;
    eventure_cursor *cursor = NULL;
    eventure_status status = check(error, reducer, tick_min, tick_max);
    if (status != EVENTURE_OK)
        return status;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.tick_min = tick_min;
    filter.tick_max = tick_max;
    status = eventure_query(reader, &filter, &cursor);
    if (status != EVENTURE_OK)
    {
        eventure__fail_prefix(error, "replay of %s", reducer_name(reducer).text);
        goto done;
    }
    if (tick_min == 0)
        status = reset(error, reducer, context);
    if (status == EVENTURE_OK)
        status = fold(error, cursor, reducer, context);
done:
    eventure_cursor_free(cursor);
    return status;
}
