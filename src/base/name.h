/*
 * Names that users give: of save points, of followers, of reducers with snapshots, of the keys of a run's record.
 */
#ifndef EVENTURE_BASE_NAME_H
#define EVENTURE_BASE_NAME_H

#include <stddef.h>

#include "base/error.h"

/* The public limits EVENTURE_NAME_MAX_BYTES and EVENTURE_RUN_KEY_MAX_BYTES. */
#define EVENTURE__NAME_MAX_BYTES 255

/* Checks that a name has 1 to 255 bytes of UTF-8 without control characters: EVENTURE_ERROR_ARGUMENT otherwise.
 * `what` says in messages what has the name. */
eventure_status eventure__name_check(const char *what, const char *name, size_t len, eventure__error *error);

#endif
