/*
 * A frame is one level of nested dispatches: the bus's copy of the event, and the position among its subscribers.
 *
 * An event of a log is valid until the next call on the log, and an event of a cursor until its next step. A handler
 * that publishes calls the log, so each frame copies its event. Frames are reused: publishing at a depth that was
 * reached before does not allocate.
 */
#ifndef EVENTURE_BUS_DISPATCH_FRAME_H
#define EVENTURE_BUS_DISPATCH_FRAME_H

#include <eventure/data.h>
#include <eventure/event.h>
#include <eventure/log.h>

#include "base/buffer.h"
#include "bus/subscriptions.h"

typedef struct eventure__dispatch_frame
{
    struct eventure__dispatch_frame *outer; /* the frame whose handler published this event; NULL for the outermost */
    struct eventure__dispatch_frame *inner; /* the next inner frame, in use or kept for reuse; NULL if none exists */
    eventure_event event;
    eventure__buffer text;   /* owns the texts of `event` */
    eventure__buffer before; /* owns the texts of the previous event, which may be the parent of this one */
    eventure__selection selection;
} eventure__dispatch_frame;

/* Returns the frame inside `outer`, which is created if necessary. With outer == NULL it is the outermost frame,
 * *first. Returns NULL when memory runs out.
 */
eventure__dispatch_frame *eventure__dispatch_frame_enter(eventure__dispatch_frame **first,
                                                         eventure__dispatch_frame *outer);

/* Reserves memory for the copy of an event that will be appended, so that copying it cannot fail. Data longer than
 * max_data_bytes will be refused and needs no memory. Returns false when memory runs out. */
bool eventure__dispatch_frame_reserve(eventure__dispatch_frame *frame, const eventure_event_input *input,
                                      size_t max_data_bytes);

/* Copies an event into the frame. Call once after eventure__dispatch_frame_enter: the copy is valid until the frame is
 * entered for the second time after this call. Returns false when memory runs out. */
bool eventure__dispatch_frame_copy(eventure__dispatch_frame *frame, const eventure_event *event);

/* Frees a frame and all its inner frames. */
void eventure__dispatch_frame_free(eventure__dispatch_frame *first);

#endif
