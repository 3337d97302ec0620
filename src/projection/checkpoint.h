/*
 * The checkpoint of a projection's database: the only row of its table `eventure_projection`. It identifies the
 * projection and the store, and the newest event applied.
 */
#ifndef EVENTURE_PROJECTION_CHECKPOINT_H
#define EVENTURE_PROJECTION_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "projection/engine.h"

typedef struct eventure__projection_checkpoint
{
    bool is_there;
    char source[64]; /* uuid of the store */
    char digest[65]; /* digest of the projection */
    int64_t seq;
    int64_t tick;
    double timestamp;    /* timestamp of the newest event applied */
    eventure__buffer id; /* id of that event, NUL-terminated */
} eventure__projection_checkpoint;

eventure_status eventure__projection_checkpoint_read(eventure__engine *engine, eventure__projection_checkpoint *out);
eventure_status eventure__projection_checkpoint_write(eventure__engine *engine,
                                                      eventure__projection_checkpoint *checkpoint);

/* Runs SQL of the library that returns one integer. */
eventure_status eventure__projection_checkpoint_query(eventure__engine *engine, const char *sql, int64_t *out);

/* Copies the text of a column, truncated to `size`. */
void eventure__projection_checkpoint_text(char *out, size_t size, sqlite3_stmt *statement, int column);

#endif
