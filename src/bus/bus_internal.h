/*
 * What a bus is made of.
 */
#ifndef EVENTURE_BUS_PRIVATE_H
#define EVENTURE_BUS_PRIVATE_H

#include <eventure/bus.h>

#include "base/error.h"
#include "bus/dispatch_frame.h"
#include "bus/fold.h"
#include "bus/subscriptions.h"

struct eventure_bus
{
    eventure_log *log; /* borrowed; NULL for a bus that only dispatches */
    int max_depth;
    int depth;                         /* how many dispatches are under way */
    eventure__dispatch_frame *levels;  /* the outermost */
    eventure__dispatch_frame *current; /* the innermost in use; NULL when no dispatch is under way */
    eventure__subscriptions subscriptions;
    eventure__bus_fold *folds; /* in the order in which they were added */
    eventure__error error;
};

#endif
