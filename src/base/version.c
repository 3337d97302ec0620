/*
 * The version of the library at run time.
 */
#include <eventure/version.h>

const char *eventure_version(void)
{
    return EVENTURE_VERSION;
}
