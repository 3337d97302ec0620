/*
 * The state of a run by a projection, for the questions of a fleet: kept in a database and brought up to date, or made
 * in memory at a tick.
 */
#ifndef EVENTURE_TOOL_FLEET_STATE_H
#define EVENTURE_TOOL_FLEET_STATE_H

#include <eventure/projection.h>

#include "fleet_question.h"
#include "fleet_record.h"
#include "sql_guard.h"

typedef struct fleet_state
{
    eventure_projector *projector; /* NULL: the state is in memory */
    void *image;
    sql_guard guard; /* the database of the state */
} fleet_state;

/* Makes the state of a store, and opens it for reading. Returns the exit code; errors have been reported. The state
   must be closed in any case. */
int fleet_state_open(fleet_state *state, const fleet_question *question, eventure_projection *projection,
                     const fleet_store *store);

void fleet_state_close(fleet_state *state);

#endif
