/*
 * The server of `eventure serve`: a store in the browser. It answers on HTTP, reads through readers, and writes
 * nothing. docs/serve.md describes what it answers.
 */
#ifndef EVENTURE_SERVE_H
#define EVENTURE_SERVE_H

#include <stddef.h>
#include <stdint.h>

typedef struct serve_options
{
    const char *path;               /* the store */
    const char *against;            /* the store that it is compared with; NULL: none */
    const char *const *projections; /* files of projections */
    size_t projections_count;       /* how many */
    const char *listen;             /* the address; NULL: 127.0.0.1 */
    uint16_t port;                  /* 0: any that is free */
    int64_t time_limit_ms;          /* of one request */
} serve_options;

/* Serves until a signal comes (see tools/eventure/interrupt.h). Returns the exit code; errors have been said. */
int serve_run(const serve_options *options);

#endif
