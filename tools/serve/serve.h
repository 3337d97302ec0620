/*
 * The server of `eventure serve`: shows a store in the browser. It answers HTTP requests, reads the store with readers,
 * and never writes to it. docs/serve.md describes the answers.
 */
#ifndef EVENTURE_SERVE_H
#define EVENTURE_SERVE_H

#include <stddef.h>
#include <stdint.h>

typedef struct serve_options
{
    const char *path;               /* the store */
    const char *against;            /* the store to compare with; NULL: none */
    const char *const *projections; /* the paths of the projections */
    size_t projections_count;       /* their number */
    const char *listen;             /* the address; NULL: 127.0.0.1 */
    uint16_t port;                  /* 0: any that is free */
    int64_t time_limit_ms;          /* of one request */
} serve_options;

/* Serves until a signal arrives (see tools/eventure/interrupt.h). Returns the exit code; errors were printed. */
int serve_run(const serve_options *options);

#endif
