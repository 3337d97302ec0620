/*
 * The options that copying and forking share.
 */
#ifndef EVENTURE_SESSION_OPTIONS_H
#define EVENTURE_SESSION_OPTIONS_H

#include <eventure/session.h>

#include "base/error.h"

/* Takes options over, of whatever size the caller knew them, with the defaults filled in. */
eventure_status eventure__copy_options_read(const char *what, const eventure_copy_options *given,
                                            eventure_copy_options *out, eventure__error *error);

#endif
