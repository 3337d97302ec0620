/*
 * Fetching: a run is brought back from the server into a new store, whose digests must be those that were shipped.
 */
#ifndef EVENTURE_TOOL_POSTGRES_FETCH_H
#define EVENTURE_TOOL_POSTGRES_FETCH_H

#include <stdbool.h>

#include <eventure/progress.h>

#include "server.h"

typedef struct fetch_request
{
    const char *run;  /* a uuid, or the beginning of one, or the name in the record of one run */
    const char *path; /* the new store */
    bool replace;
    eventure_progress_fn progress;
    void *progress_context;
} fetch_request;

/* Returns the exit code; errors have been reported, and there is no new store then. */
int fetch_run(server *from, const fetch_request *request, int64_t *out_events);

#endif
