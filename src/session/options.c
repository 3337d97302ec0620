/*
 * Options: see options.h.
 */
#include "session/options.h"

#include <string.h>

eventure_status eventure__copy_options_read(const char *what, const eventure_copy_options *given,
                                            eventure_copy_options *out, eventure__error *error)
{
    *out = (eventure_copy_options)EVENTURE_COPY_OPTIONS_INIT;
    if (given == NULL)
        return EVENTURE_OK;
    if (given->size == 0 || given->size > sizeof *out)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT,
                              "%s: the options were not begun with EVENTURE_COPY_OPTIONS_INIT", what);
    memcpy(out, given, given->size);
    out->size = sizeof *out;
    return EVENTURE_OK;
}
