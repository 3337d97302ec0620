/*
 * One level of nested dispatches: the bus's own copy of the event, and how far its subscribers have been called.
 *
 * What the log hands out is good until its next call, and what a cursor hands out until its next step; a handler that
 * publishes makes both. So each level copies its event. Levels are kept and used again: once a depth was reached,
 * publishing there does not allocate.
 */
#ifndef EVENTURE_BUS_LEVEL_H
#define EVENTURE_BUS_LEVEL_H

#include <eventure/data.h>
#include <eventure/event.h>
#include <eventure/log.h>

#include "base/buffer.h"
#include "bus/subscriptions.h"

typedef struct eventure__dispatch_frame
{
    struct eventure__dispatch_frame *outer; /* the level whose handler published here; NULL for the outermost */
    struct eventure__dispatch_frame *inner; /* the level below, in use or kept; NULL when there is none yet */
    eventure_event event;
    eventure__buffer text;   /* what the pointers of event point to */
    eventure__buffer before; /* what those of the event before it point to, which may be the parent of this one */
    eventure__selection selection;
} eventure__dispatch_frame;

/* The level inside `outer` (NULL: the first of all is *first), made when there is none; NULL when there is no memory.
 */
eventure__dispatch_frame *eventure__dispatch_frame_enter(eventure__dispatch_frame **first,
                                                         eventure__dispatch_frame *outer);

/* Makes room for the copy of an event that is still to be appended, so that copying it cannot fail afterwards. Data
 * that is longer than max_data_bytes will be refused, and needs no room. False when there is no memory. */
bool eventure__dispatch_frame_reserve(eventure__dispatch_frame *level, const eventure_event_input *input,
                                      size_t max_data_bytes);

/* Copies an event into the level, where it is good until the level was used twice more. False when there is no memory.
 */
bool eventure__dispatch_frame_copy(eventure__dispatch_frame *level, const eventure_event *event);

/* Frees a level and all inside it. */
void eventure__dispatch_frame_free(eventure__dispatch_frame *first);

#endif
