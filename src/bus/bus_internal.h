/*
 * The internal definition of a bus.
 */
#ifndef EVENTURE_BUS_BUS_INTERNAL_H
#define EVENTURE_BUS_BUS_INTERNAL_H

#include <eventure/bus.h>

#include "base/error.h"
#include "bus/bus_fold.h"
#include "bus/dispatch_frame.h"
#include "bus/subscriptions.h"

struct eventure_bus
{
    eventure_log *log; /* borrowed; NULL for a bus that only dispatches */
    int max_depth;
    int depth;                         /* number of active dispatches */
    eventure__dispatch_frame *frames;  /* the outermost frame */
    eventure__dispatch_frame *current; /* the innermost active frame; NULL without an active dispatch */
    eventure__subscriptions subscriptions;
    eventure__bus_fold *folds; /* in the order in which they were added */
    eventure__error error;
};

#endif
