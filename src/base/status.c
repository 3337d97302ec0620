/*
 * The names of the statuses.
 */
#include <eventure/status.h>

const char *eventure_status_name(eventure_status status)
{
    switch (status)
    {
    case EVENTURE_OK:
        return "EVENTURE_OK";
    case EVENTURE_ROW:
        return "EVENTURE_ROW";
    case EVENTURE_ERROR_ARGUMENT:
        return "EVENTURE_ERROR_ARGUMENT";
    case EVENTURE_ERROR_MEMORY:
        return "EVENTURE_ERROR_MEMORY";
    case EVENTURE_ERROR_IO:
        return "EVENTURE_ERROR_IO";
    case EVENTURE_ERROR_BUSY:
        return "EVENTURE_ERROR_BUSY";
    case EVENTURE_ERROR_CORRUPT:
        return "EVENTURE_ERROR_CORRUPT";
    case EVENTURE_ERROR_FORMAT:
        return "EVENTURE_ERROR_FORMAT";
    case EVENTURE_ERROR_JSON:
        return "EVENTURE_ERROR_JSON";
    case EVENTURE_ERROR_TYPE:
        return "EVENTURE_ERROR_TYPE";
    case EVENTURE_ERROR_TICK:
        return "EVENTURE_ERROR_TICK";
    case EVENTURE_ERROR_PARENT:
        return "EVENTURE_ERROR_PARENT";
    case EVENTURE_ERROR_NOT_FOUND:
        return "EVENTURE_ERROR_NOT_FOUND";
    case EVENTURE_ERROR_EXISTS:
        return "EVENTURE_ERROR_EXISTS";
    case EVENTURE_ERROR_LIMIT:
        return "EVENTURE_ERROR_LIMIT";
    case EVENTURE_ERROR_READ_ONLY:
        return "EVENTURE_ERROR_READ_ONLY";
    case EVENTURE_ERROR_HANDLER:
        return "EVENTURE_ERROR_HANDLER";
    case EVENTURE_ERROR_INTERRUPTED:
        return "EVENTURE_ERROR_INTERRUPTED";
    case EVENTURE_ERROR_ARCHIVED:
        return "EVENTURE_ERROR_ARCHIVED";
    default:
        return "unknown status";
    }
}
