/*
 * The internal definition of a projection.
 */
#ifndef EVENTURE_PROJECTION_PROJECTION_H
#define EVENTURE_PROJECTION_PROJECTION_H

#include <eventure/projection.h>

#include "base/error.h"
#include "projection/engine.h"
#include "projection/file.h"

/* Version of the rules by which events are applied. Increase it only when a change of the library changes the rows: the
 * snapshots of another version are not used, and the state of a store whose first ticks are archived needs them. */
#define EVENTURE__PROJECTION_RULES 1

struct eventure_projection
{
    eventure__file file;
    eventure__engine engine; /* in memory */
    eventure__error error;
    eventure_reducer reducer;
    bool is_open;
    bool in_transaction;
    char *name;      /* version of the reducer */
    char digest[65]; /* digest of the file and the rules, hexadecimal */
};

#endif
