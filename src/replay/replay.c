/*
 * Replay: applies the events of a range of ticks to a reducer, one row at a time. The query starts before the state is
 * reset, so that an unreadable store leaves the state unchanged.
 */
#include <eventure/replay.h>

#include <eventure/query.h>

#include "base/error.h"
#include "replay/reducer.h"
#include "replay/replay_fold.h"
#include "store/archived.h"
#include "store/store.h"

static eventure_status check_range(eventure__error *error, const eventure_reducer *reducer, int64_t tick_min,
                                   int64_t tick_end)
{
    eventure__quoted name = eventure__reducer_name(reducer);
    if (tick_min < 0)
        return eventure__fail(error, EVENTURE_ERROR_TICK, "replay of %s: the first tick %lld is negative", name.text,
                              (long long)tick_min);
    if (tick_end < 0)
        return eventure__fail(error, EVENTURE_ERROR_TICK, "replay of %s: the end, tick %lld, is negative", name.text,
                              (long long)tick_end);
    if (tick_end != 0 && tick_end < tick_min)
        return eventure__fail(error, EVENTURE_ERROR_TICK, "replay of %s: the end, tick %lld, is before the first, %lld",
                              name.text, (long long)tick_end, (long long)tick_min);
    return EVENTURE_OK;
}

/* Applies the events of the cursor. `last_seq`: the event before them; -1: not known. */
static eventure_status fold(eventure_reader *reader, eventure_cursor *cursor, const eventure_reducer *reducer,
                            void *context, int64_t last_seq)
{
    eventure__error *error = &reader->error;
    eventure_event event;
    eventure_status status;
    while ((status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
    {
        if (last_seq >= 0 && event.seq != last_seq + 1)
            return eventure__fold_fail_missing(reader, reducer, last_seq + 1);
        last_seq = event.seq;
        status = eventure__reducer_apply(reducer, &event, context, error);
        if (status != EVENTURE_OK)
            return status == EVENTURE_REPLAY_STOP ? EVENTURE_OK : status;
    }
    if (status != EVENTURE_OK)
        eventure__fail_prefix(error, "replay of %s", eventure__reducer_name(reducer).text);
    return status;
}

eventure_status eventure_replay_ticks(eventure_reader *reader, const eventure_reducer *reducer, void *context,
                                      int64_t tick_min, int64_t tick_end)
{
    if (reader == NULL)
        return eventure__fail_argument(__func__);
    eventure__error *error = &reader->error;
    eventure_cursor *cursor = NULL;
    eventure_reducer taken;
    eventure_status status = eventure__reducer_take(reducer, "replay", error, &taken);
    if (status == EVENTURE_OK)
        status = check_range(error, &taken, tick_min, tick_end);
    if (status != EVENTURE_OK)
        return status;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.tick_min = tick_min;
    filter.tick_end = tick_end;
    status = eventure__store_check_whole(reader, tick_min);
    if (status == EVENTURE_OK)
        status = eventure_query(reader, &filter, &cursor);
    if (status != EVENTURE_OK)
        return eventure__fail_prefix(error, "replay of %s", eventure__reducer_name(&taken).text);
    if (tick_min == 0)
        status = eventure__reducer_reset(&taken, context, error);
    if (status == EVENTURE_OK)
        status = fold(reader, cursor, &taken, context, tick_min == 0 ? 0 : -1);
    eventure_cursor_free(cursor);
    return status;
}
