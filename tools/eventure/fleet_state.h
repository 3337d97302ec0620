/*
 * The state of a run by a projection, for the questions of a fleet: cached in a database and brought up to date, or
 * computed in memory at a tick.
 */
#ifndef EVENTURE_TOOL_FLEET_STATE_H
#define EVENTURE_TOOL_FLEET_STATE_H

#include <eventure/projection.h>

#include "fleet_immutable.h"
#include "fleet_question.h"
#include "fleet_record.h"
#include "sql_guard.h"

typedef struct fleet_state
{
    eventure_projector *projector; /* NULL: the state is in memory */
    void *image;
    sql_guard guard; /* the database of the state */
    fleet_immutable immutable;
    char *path; /* of the kept database */
} fleet_state;

/* The number of bytes of the digest of a projection, as kept databases contain it, with the closing NUL. */
#define FLEET_DIGEST_BYTES 160

/*
 * Opens the cached state of a store with immutable=1. Returns false when the cached state is missing or not up to date,
 * when it may be written now, or on an error. `store` is open without a reader; `digest` is the digest of the
 * projection.
 */
bool fleet_state_open_immutable(fleet_state *state, const fleet_question *question, eventure_projection *projection,
                                const fleet_store *store, const char *digest);

/* Whether the database of a state from fleet_state_open_immutable has not been written since. */
bool fleet_state_is_unchanged(const fleet_state *state);

/* Reads the digest of the projection from a kept database; "" when there is none. */
void fleet_state_digest(const fleet_state *state, char digest[FLEET_DIGEST_BYTES]);

/* Makes the state of a store, and opens it for reading. Returns the exit code; errors have been reported. The state
   must be closed in any case. */
int fleet_state_open(fleet_state *state, const fleet_question *question, eventure_projection *projection,
                     const fleet_store *store);

void fleet_state_close(fleet_state *state);

#endif
