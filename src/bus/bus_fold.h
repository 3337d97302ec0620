/*
 * Reducers that follow the log of a bus, event by event.
 */
#ifndef EVENTURE_BUS_BUS_FOLD_H
#define EVENTURE_BUS_BUS_FOLD_H

#include <eventure/log.h>
#include <eventure/replay.h>

#include "base/error.h"
#include "log/hook.h"
#include "replay/replay_fold.h"

typedef struct eventure__bus_fold
{
    eventure_log *log; /* NULL: the bus has none */
    eventure__log_hook hook;
    eventure__fold fold;
    char *name;
    bool is_stale;         /* the state is not that of the log; it is computed again with the next event */
    eventure__error error; /* why */
    struct eventure__bus_fold *next;
} eventure__bus_fold;

/* Adds a reducer at the end of the list, with its state brought up to date. On error the list is as it was. */
eventure_status eventure__bus_fold_add(eventure__bus_fold **first, eventure_log *log, const eventure_reducer *reducer,
                                       void *context, eventure__error *error);

/* Whether all states are those of the log: the first error, if not. */
eventure_status eventure__bus_folds_check(const eventure__bus_fold *first, eventure__error *error);

/* Applies an event, where there is no log. */
eventure_status eventure__bus_folds_apply(eventure__bus_fold *first, const eventure_event *event,
                                          eventure__error *error);

void eventure__bus_folds_free(eventure__bus_fold *first);

#endif
