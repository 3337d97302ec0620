/*
 * The position of a subscription: a small file that is replaced as a whole, and a lock, so that one follower at a time
 * uses it.
 *
 * Its text is `eventure-follow 1`, then the uuid of the history and the seq, each on a line of its own.
 */
#ifndef EVENTURE_SESSION_POSITION_H
#define EVENTURE_SESSION_POSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/lock.h"

typedef struct eventure__follow_position
{
    char *path;
    char *temporary;
    char uuid[37];
    eventure__lock lock;
} eventure__follow_position;

/* The file of a name beside a store, to be freed: what no file name can hold is written as %XX, and a name that is too
 * long for one is told by its digest. NULL: no memory. */
char *eventure__follow_position_path(const char *store_path, const char *name);

/* Locks the file at path (taken over) and reads it. out_seq is -1 when there is none. EVENTURE_ERROR_BUSY,
 * EVENTURE_ERROR_EXISTS (of another history), EVENTURE_ERROR_CORRUPT and the like. */
eventure_status eventure__follow_position_open(eventure__follow_position *position, char *path, const char *uuid,
                                               int64_t *out_seq, eventure__error *error);

/* Replaces the file. */
eventure_status eventure__follow_position_write(eventure__follow_position *position, int64_t seq,
                                                eventure__error *error);

void eventure__follow_position_close(eventure__follow_position *position);

#endif
