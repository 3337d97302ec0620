/*
 * Reducers on the bus: see bus_fold.h. The log reports each event right after it was appended, so that the order is
 * that of the log, also where handlers publish, and where events are appended without the bus. Events that were missed
 * are read from the log. After a rollback of events that the state includes, the state is computed again.
 */
#include "bus/bus_fold.h"

#include <stdlib.h>
#include <string.h>

#include "replay/reducer.h"
#include "store/store.h"

static eventure_status finish(eventure__bus_fold *self, eventure_status status)
{
    self->is_stale = status != EVENTURE_OK;
    if (self->is_stale)
    {
        self->error = self->fold.reader->error;
        eventure__clear(&self->fold.reader->error); /* of the log, whose call has succeeded */
    }
    return status;
}

/* Makes the state that of the newest event of the log. */
static eventure_status make_anew(eventure__bus_fold *self)
{
    eventure_status status = eventure__fold_start_at(&self->fold, INT64_MAX, INT64_MAX, false);
    if (status == EVENTURE_OK)
        status = eventure__fold_run(&self->fold, INT64_MAX);
    return finish(self, status);
}

static void on_event(eventure_log *log, const eventure_event *event, void *context)
{
    eventure__bus_fold *self = context;
    (void)log;
    if (self->is_stale)
        make_anew(self);
    else if (event->seq == self->fold.seq + 1 && !self->fold.is_stopped)
        finish(self, eventure__fold_apply(&self->fold, event));
    else if (event->seq > self->fold.seq)
        finish(self, eventure__fold_run(&self->fold, INT64_MAX));
}

static void on_undo(eventure_log *log, void *context)
{
    eventure__bus_fold *self = context;
    int64_t last_seq = 0;
    if (eventure_log_reader(log) == NULL || (eventure_reader_last_seq(self->fold.reader, &last_seq) == EVENTURE_OK &&
                                             self->fold.seq <= last_seq && !self->is_stale))
        return;
    make_anew(self);
}

static eventure_status begin(eventure__bus_fold *self)
{
    if (self->log == NULL)
        return EVENTURE_OK;
    eventure_status status = make_anew(self);
    if (status != EVENTURE_OK)
        return status;
    self->hook = (eventure__log_hook){.on_event = on_event, .on_undo = on_undo, .context = self};
    eventure__log_hook_add(self->log, &self->hook);
    return EVENTURE_OK;
}

static void free_one(eventure__bus_fold *self)
{
    if (self->hook.context != NULL)
        eventure__log_hook_remove(&self->hook);
    free(self->name);
    free(self);
}

eventure_status eventure__bus_fold_add(eventure__bus_fold **first, eventure_log *log, const eventure_reducer *reducer,
                                       void *context, eventure__error *error)
{
    eventure_reducer taken;
    eventure_status status = eventure__reducer_take(reducer, "fold", error, &taken);
    if (status != EVENTURE_OK)
        return status;
    if (log != NULL && eventure_log_reader(log) == NULL)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "fold: the log is not open");
    eventure__bus_fold *self = calloc(1, sizeof *self);
    char *name = strdup(taken.name);
    if (self == NULL || name == NULL)
    {
        free(self);
        free(name);
        return eventure__fail(error, EVENTURE_ERROR_MEMORY, "fold: out of memory");
    }
    taken.name = name;
    self->name = name;
    self->log = log;
    eventure__fold_init(&self->fold, eventure_log_reader(log), &taken, context);
    status = begin(self);
    if (status != EVENTURE_OK)
        *error = self->error;
    else if (log == NULL)
        status = eventure__reducer_reset(&self->fold.reducer, context, error);
    if (status != EVENTURE_OK)
    {
        free_one(self);
        return status;
    }
    while (*first != NULL)
        first = &(*first)->next;
    *first = self;
    return EVENTURE_OK;
}

eventure_status eventure__bus_folds_check(const eventure__bus_fold *first, eventure__error *error)
{
    for (const eventure__bus_fold *self = first; self != NULL; self = self->next)
        if (self->is_stale)
        {
            *error = self->error;
            return error->status;
        }
    return EVENTURE_OK;
}

eventure_status eventure__bus_folds_apply(eventure__bus_fold *first, const eventure_event *event,
                                          eventure__error *error)
{
    eventure_status status = EVENTURE_OK;
    for (eventure__bus_fold *self = first; self != NULL && status == EVENTURE_OK; self = self->next)
    {
        if (self->log != NULL || self->fold.is_stopped)
            continue;
        status = eventure__reducer_apply(&self->fold.reducer, event, self->fold.context, error);
        self->fold.is_stopped = status == EVENTURE_REPLAY_STOP;
        if (self->fold.is_stopped)
            status = EVENTURE_OK;
    }
    return status;
}

void eventure__bus_folds_free(eventure__bus_fold *first)
{
    for (eventure__bus_fold *self = first, *next; self != NULL; self = next)
    {
        next = self->next;
        free_one(self);
    }
}
