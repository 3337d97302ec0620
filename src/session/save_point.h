/*
 * Save points, for the other files of the folder.
 */
#ifndef EVENTURE_SESSION_SAVE_POINT_H
#define EVENTURE_SESSION_SAVE_POINT_H

#include <eventure/session.h>

#include "base/error.h"

/* Whether a name of a save point or a subscription is acceptable: EVENTURE_ERROR_ARGUMENT when it is not. `what` is
 * what it names. */
eventure_status eventure__name_check(const char *what, const char *name, eventure__error *error);

#endif
