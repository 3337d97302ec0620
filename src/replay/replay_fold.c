/*
 * A running fold: see replay_fold.h.
 */
#include "replay/replay_fold.h"

#include <string.h>

#include <eventure/query.h>

#include "base/progress.h"
#include "base/tick.h"
#include "replay/reducer.h"
#include "replay/snapshot_rows.h"
#include "store/archived.h"
#include "store/store.h"

void eventure__fold_init(eventure__fold *fold, eventure_reader *reader, const eventure_reducer *taken, void *context)
{
    memset(fold, 0, sizeof *fold);
    fold->reader = reader;
    fold->reducer = *taken;
    fold->context = context;
    fold->tick = -1;
}

eventure_status eventure__fold_reset(eventure__fold *fold)
{
    fold->tick = -1;
    fold->seq = 0;
    fold->is_stopped = false;
    return eventure__reducer_reset(&fold->reducer, fold->context, &fold->reader->error);
}

eventure_status eventure__fold_start_at(eventure__fold *fold, int64_t tick, int64_t seq, bool is_from_start)
{
    eventure__snapshot_row row = {0};
    if (fold->reducer.load == NULL || is_from_start)
        return eventure__fold_reset(fold);
    eventure_status status =
        eventure__snapshot_find(fold->reader, fold->reducer.name, fold->reducer.version, tick, seq, &row);
    if (status == EVENTURE_OK && row.statement == NULL)
        return eventure__fold_reset(fold);
    if (status == EVENTURE_OK)
        status = eventure__reducer_load(&fold->reducer, row.state, row.state_len, row.tick, fold->context,
                                        &fold->reader->error);
    fold->tick = row.tick;
    fold->seq = row.seq;
    fold->is_stopped = false;
    eventure__snapshot_row_end(fold->reader, &row);
    return status;
}

eventure_status eventure__fold_ask(eventure__fold *fold, int64_t tick_max)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure__cut cut;
    filter.after_seq = fold->seq;
    filter.tick_end = eventure__tick_end(tick_max);
    eventure_status status = eventure__store_cut(fold->reader, &cut);
    if (status == EVENTURE_OK && cut.last_seq > fold->seq)
        status = eventure__store_check_whole(fold->reader, 0);
    if (status == EVENTURE_OK)
        status = eventure_query(fold->reader, &filter, &fold->cursor);
    if (status == EVENTURE_OK && fold->progress != NULL)
    {
        int64_t last_seq = 0;
        status = eventure_reader_last_seq(fold->reader, &last_seq);
        fold->progress_total = last_seq;
    }
    if (status != EVENTURE_OK)
        eventure__fail_prefix(&fold->reader->error, "replay of %s", eventure__reducer_name(&fold->reducer).text);
    return status;
}

static eventure_status report_progress(const eventure__fold *fold, const eventure_event *event)
{
    eventure_progress progress = {.done = event->seq - 1, .total = fold->progress_total, .tick = event->tick};
    if (fold->progress == NULL || event->seq % EVENTURE__PROGRESS_EVENTS != 0 ||
        fold->progress(&progress, fold->progress_context) == 0)
        return EVENTURE_OK;
    return eventure__fail(&fold->reader->error, EVENTURE_ERROR_INTERRUPTED, "replay of %s: stopped at tick %lld",
                          eventure__reducer_name(&fold->reducer).text, (long long)event->tick);
}

eventure_status eventure__fold_fail_missing(eventure_reader *reader, const eventure_reducer *reducer, int64_t seq)
{
    return eventure__fail(&reader->error, EVENTURE_ERROR_CORRUPT, "replay of %s: %s is damaged: event %lld is missing",
                          eventure__reducer_name(reducer).text, reader->path, (long long)seq);
}

eventure_status eventure__fold_next(eventure__fold *fold, eventure_event *out_event)
{
    eventure_status status = eventure_cursor_next(fold->cursor, out_event);
    if (status == EVENTURE_ROW && out_event->seq != fold->seq + 1)
        return eventure__fold_fail_missing(fold->reader, &fold->reducer, fold->seq + 1);
    if (status == EVENTURE_ROW)
    {
        eventure_status reported = report_progress(fold, out_event);
        return reported == EVENTURE_OK ? EVENTURE_ROW : reported;
    }
    if (status != EVENTURE_OK)
        eventure__fail_prefix(&fold->reader->error, "replay of %s", eventure__reducer_name(&fold->reducer).text);
    return status;
}

eventure_status eventure__fold_apply(eventure__fold *fold, const eventure_event *event)
{
    eventure_status status = eventure__reducer_apply(&fold->reducer, event, fold->context, &fold->reader->error);
    if (status != EVENTURE_OK && status != EVENTURE_REPLAY_STOP)
        return status;
    fold->is_stopped = status == EVENTURE_REPLAY_STOP;
    fold->seq = event->seq;
    fold->tick = event->tick;
    return EVENTURE_OK;
}

void eventure__fold_end(eventure__fold *fold)
{
    eventure_cursor_free(fold->cursor);
    fold->cursor = NULL;
}

eventure_status eventure__fold_run(eventure__fold *fold, int64_t tick_max)
{
    eventure_event event;
    if (fold->is_stopped)
        return EVENTURE_OK;
    eventure_status status = eventure__fold_ask(fold, tick_max);
    if (status == EVENTURE_OK)
        while (!fold->is_stopped && (status = eventure__fold_next(fold, &event)) == EVENTURE_ROW)
        {
            status = eventure__fold_apply(fold, &event);
            if (status != EVENTURE_OK)
                break;
        }
    eventure__fold_end(fold);
    return status;
}
