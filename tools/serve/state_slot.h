/*
 * The state of a projection that moves through a history: one for each store and projection. It keeps a reader and a
 * playback between two requests, so that a move to a later tick replays only the events between the two ticks. It has
 * no read transaction between two requests. When the store was replaced, both are opened again.
 */
#ifndef EVENTURE_SERVE_STATE_SLOT_H
#define EVENTURE_SERVE_STATE_SLOT_H

#include <eventure/playback.h>
#include <eventure/projection.h>

#include "server.h"

/* The tables of a state, as the image of a database. */
typedef struct state_image
{
    void *bytes;
    size_t len;
} state_image;

/* Finds a slot by the name of its projection (NULL: the first projection), and locks it. Returns NULL when the request
 * has failed. */
state_slot *state_slot_take(request *asked, const char *name, bool is_against);
void state_slot_give_back(state_slot *slot);

/* Moves to the end of a tick; -1 is before the first event. False: the request has failed, and so below. */
bool state_slot_seek(request *asked, state_slot *slot, int64_t tick);

/* Moves by one event; *out_moved is false at the end of the history. The event is valid until the next move. */
bool state_slot_step(request *asked, state_slot *slot, eventure_event *out_event, bool *out_moved);

bool state_slot_image(request *asked, state_slot *slot, state_image *out);
void state_image_free(state_image *image);

const char *state_slot_name(const state_slot *slot);

#endif
