/*
 * The position of a follower: a small file that is replaced atomically, and a lock that admits one follower at a time.
 *
 * Its text is `eventure-follow 1`, then the uuid of the history, the seq, and the digest of the event that has this
 * seq, each on its own line. The digest detects a store that was replaced by an older copy and then continued: its uuid
 * is the same, and its events are others. There is no line for the digest when the event is unknown (seq 0, or
 * archived).
 */
#ifndef EVENTURE_SESSION_FOLLOW_POSITION_H
#define EVENTURE_SESSION_FOLLOW_POSITION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/sha512.h"
#include "store/lock.h"

typedef struct eventure__follow_position
{
    char *path;
    char *temporary;
    char uuid[37];
    char digest[2 * EVENTURE__DIGEST_BYTES + 1]; /* in the file when it was opened: of the event at the seq, or "" */
    mode_t mode;                                 /* permission bits of the store */
    eventure__lock lock;
} eventure__follow_position;

/* Returns the path of the position file of a name; the caller frees it. Characters that a file name cannot contain are
 * written as %XX, and a name that is too long is replaced by its digest. NULL: out of memory. */
char *eventure__follow_position_path(const char *store_path, const char *name);

/* Locks and reads the file at path, which the position then owns. It is written with the permission bits of `store`.
 * out_seq is -1 if the file does not exist.
 * EVENTURE_ERROR_BUSY, EVENTURE_ERROR_EXISTS (it belongs to another history), EVENTURE_ERROR_CORRUPT and the like. */
eventure_status eventure__follow_position_open(eventure__follow_position *position, char *path, const char *uuid,
                                               const char *store, int64_t *out_seq, eventure__error *error);

/* Replaces the file with the new position. `digest` is that of the event at the seq, "" when the event is unknown. */
eventure_status eventure__follow_position_write(eventure__follow_position *position, int64_t seq, const char *digest,
                                                eventure__error *error);

void eventure__follow_position_close(eventure__follow_position *position);

#endif
