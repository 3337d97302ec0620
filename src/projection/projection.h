/*
 * The projection, for what uses it besides its owner.
 */
#ifndef EVENTURE_PROJECTION_PROJECTION_H
#define EVENTURE_PROJECTION_PROJECTION_H

#include <eventure/projection.h>

#include "base/error.h"
#include "projection/engine.h"
#include "projection/file.h"

/* How events are run, as far as rows depend on it: to be raised when that changes. */
#define EVENTURE__PROJECTION_RULES 1

struct eventure_projection
{
    eventure__file file;
    eventure__engine engine; /* in memory */
    eventure__error error;
    eventure_reducer reducer;
    bool is_open;
    bool in_transaction;
    char *name;      /* of the reducer */
    char digest[65]; /* of the file and the rules, hexadecimal */
};

#endif
