/*
 * Fetching: copies a run from the server into a new store. The digests of the new store must be equal to the digests on
 * the server.
 */
#ifndef EVENTURE_TOOL_POSTGRES_FETCH_H
#define EVENTURE_TOOL_POSTGRES_FETCH_H

#include <stdbool.h>

#include <eventure/progress.h>

#include "postgres_server.h"

typedef struct fetch_request
{
    const char *run;  /* a uuid, or the beginning of one, or the name in the record of one run */
    const char *path; /* the new store */
    bool replace;
    eventure_progress_fn progress;
    void *progress_context;
} fetch_request;

/* Returns the exit code. After an error, which was reported, there is no new store. */
int fetch_run(server *from, const fetch_request *request, int64_t *out_events);

#endif
