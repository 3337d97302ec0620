/*
 * The snapshotter: a reducer that follows a log. The hook of the log (log/hook.h) calls it at the end of each tick,
 * inside the transaction. It applies the events of the tick and saves a snapshot when the policy requires one.
 *
 * After a rollback the state can contain events that no longer exist. It is then rebuilt from the file immediately; if
 * that fails, the next complete tick tries again and reports the error.
 */
#include <eventure/snapshot.h>

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "log/hook.h"
#include "log/log.h"
#include "replay/reducer.h"
#include "replay/replay_fold.h"
#include "replay/snapshot_rows.h"
#include "replay/snapshot_save.h"

struct eventure_snapshotter
{
    eventure_log *log;
    eventure__log_hook hook;
    eventure__fold fold;
    eventure_snapshot_policy policy;
    eventure__buffer state;
    char *name;
    int64_t newest_tick; /* position of the newest snapshot */
    int64_t newest_seq;
    bool is_stale; /* rebuilding the state after a rollback failed */
};

/* Rebuilds the state at the end of a tick from the store; -1 is before the first tick. */
static eventure_status make_anew(eventure_snapshotter *self, int64_t tick)
{
    eventure__fold *fold = &self->fold;
    eventure_status status = eventure__snapshot_newest(fold->reader, fold->reducer.name, fold->reducer.version,
                                                       &self->newest_tick, &self->newest_seq);
    if (status == EVENTURE_OK)
        status = tick < 0 ? eventure__fold_reset(fold) : eventure__fold_start_at(fold, tick, INT64_MAX, false);
    if (status == EVENTURE_OK && tick >= 0)
        status = eventure__fold_run(fold, tick);
    self->is_stale = status != EVENTURE_OK;
    return status;
}

static eventure_status save_when_due(eventure_snapshotter *self, int64_t tick)
{
    eventure__fold *fold = &self->fold;
    if (fold->is_stopped ||
        !eventure__snapshot_is_due(&self->policy, self->newest_tick, self->newest_seq, tick, fold->seq))
        return EVENTURE_OK;
    eventure_status status = eventure__fold_save(self->log, fold, &self->state, tick);
    if (status == EVENTURE_OK)
        status = eventure__snapshot_prune(fold->reader, fold->reducer.name, fold->reducer.version, &self->policy);
    self->newest_tick = tick;
    self->newest_seq = fold->seq;
    return status;
}

static eventure_status on_tick(eventure_log *log, int64_t tick, void *context)
{
    eventure_snapshotter *self = context;
    (void)log;
    eventure_status status = self->is_stale ? make_anew(self, tick) : eventure__fold_run(&self->fold, tick);
    return status == EVENTURE_OK ? save_when_due(self, tick) : status;
}

/* With a background writer the state is brought up to date when a snapshot is due: reading the events of each tick
 * would make each tick wait for the disk. */
static bool needs_tick(eventure_log *log, int64_t tick, void *context)
{
    const eventure_snapshotter *self = context;
    return self->is_stale || eventure__snapshot_is_due(&self->policy, self->newest_tick, self->newest_seq, tick,
                                                       eventure__log_last_seq(log));
}

static void on_undo(eventure_log *log, void *context)
{
    eventure_snapshotter *self = context;
    self->is_stale = true;
    if (eventure_log_reader(log) != NULL)
        make_anew(self, eventure_log_tick(log) - 1);
}

eventure_status eventure_snapshotter_attach(eventure_log *log, const eventure_reducer *reducer, void *context,
                                            const eventure_snapshot_policy *policy,
                                            eventure_snapshotter **out_snapshotter)
{
    eventure_reader *reader = eventure_log_reader(log);
    eventure_snapshot_policy taken_policy;
    eventure_reducer taken;
    if (out_snapshotter == NULL)
        return eventure__fail_argument(__func__);
    *out_snapshotter = NULL;
    if (reader == NULL)
        return eventure__fail_argument(__func__);
    eventure_status status = eventure__reducer_take_saving(reducer, "attach a snapshotter", &reader->error, &taken);
    if (status == EVENTURE_OK)
        status = eventure__snapshot_policy_take(policy, "attach a snapshotter", &reader->error, &taken_policy);
    if (status != EVENTURE_OK)
        return status;
    eventure_snapshotter *self = calloc(1, sizeof *self);
    char *name = strdup(taken.name);
    if (self == NULL || name == NULL)
    {
        free(self);
        free(name);
        return eventure__fail(&reader->error, EVENTURE_ERROR_MEMORY, "attach a snapshotter: out of memory");
    }
    taken.name = name;
    self->name = name;
    self->log = log;
    self->policy = taken_policy;
    self->hook =
        (eventure__log_hook){.on_tick = on_tick, .needs_tick = needs_tick, .on_undo = on_undo, .context = self};
    eventure__fold_init(&self->fold, reader, &taken, context);
    eventure__log_hook_add(log, &self->hook);
    status = make_anew(self, eventure_log_tick(log) - 1);
    if (status != EVENTURE_OK)
    {
        eventure_snapshotter_detach(self);
        return status;
    }
    *out_snapshotter = self;
    return EVENTURE_OK;
}

void eventure_snapshotter_detach(eventure_snapshotter *snapshotter)
{
    if (snapshotter == NULL)
        return;
    eventure__log_hook_remove(&snapshotter->hook);
    eventure__buffer_free(&snapshotter->state);
    free(snapshotter->name);
    free(snapshotter);
}

int64_t eventure_snapshotter_seq(const eventure_snapshotter *snapshotter)
{
    return snapshotter != NULL && !snapshotter->is_stale ? snapshotter->fold.seq : -1;
}
