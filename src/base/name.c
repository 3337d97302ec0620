/*
 * The check of names: see name.h.
 */
#include "base/name.h"

#include "base/utf8.h"

eventure_status eventure__name_check(const char *what, const char *name, size_t len, eventure__error *error)
{
    if (name == NULL || len == 0)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "%s has no name", what);
    if (len > EVENTURE__NAME_MAX_BYTES)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "%s %s: its name has %zu bytes; the limit is %d", what,
                              eventure__quote(name, len).text, len, EVENTURE__NAME_MAX_BYTES);
    if (!eventure__utf8_valid(name, len))
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "%s %s: its name is not UTF-8", what,
                              eventure__quote(name, len).text);
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)name[i] < 0x20 || name[i] == 0x7F)
            return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "%s %s: its name holds a control character", what,
                                  eventure__quote(name, len).text);
    return EVENTURE_OK;
}
