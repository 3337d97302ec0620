/*
 * The state at a tick: the newest snapshot at or before it, and the events after that.
 */

#include "replay/state.h"
#include "base/error.h"
#include "base/options.h"
#include "replay/reducer.h"
#include "replay/replay_fold.h"
#include "store/store.h"

eventure_status eventure__state_begin(eventure__fold *fold, eventure_reader *reader, const eventure_reducer *reducer,
                                      void *context, const eventure_state_options *options)
{
    eventure_state_options taken_options;
    eventure_reducer taken;
    eventure_status status = eventure__reducer_take(reducer, "state", &reader->error, &taken);
    if (status == EVENTURE_OK)
        status = EVENTURE__TAKE(options, &taken_options, eventure_state_options, "state", &reader->error);
    if (status != EVENTURE_OK)
        return status;
    eventure__fold_init(fold, reader, &taken, context);
    fold->without_snapshots = taken_options.without_snapshots;
    fold->progress = taken_options.progress;
    fold->progress_context = taken_options.progress_context;
    return EVENTURE_OK;
}

eventure_status eventure_replay_at(eventure_reader *reader, const eventure_reducer *reducer, void *context,
                                   int64_t tick, const eventure_state_options *options)
{
    eventure__fold fold;
    bool begun = false;
    if (reader == NULL)
        return eventure__fail_argument(__func__);
    eventure_status status = eventure__state_begin(&fold, reader, reducer, context, options);
    if (status != EVENTURE_OK)
        return status;
    if (tick < 0)
        return eventure__fail(&reader->error, EVENTURE_ERROR_TICK, "state of %s: tick %lld is negative",
                              eventure__reducer_name(&fold.reducer).text, (long long)tick);
    status = eventure__store_read_begin(reader, &begun);
    if (status == EVENTURE_OK)
        status = eventure__fold_start_at(&fold, tick, INT64_MAX, fold.without_snapshots);
    if (status == EVENTURE_OK)
        status = eventure__fold_run(&fold, tick);
    eventure__store_read_end(reader, begun);
    return status;
}

void eventure_state_options_init(eventure_state_options *options, size_t size)
{
    eventure__options_init(options, size);
}
