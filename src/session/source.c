/*
 * Holding a commit: see source.h.
 */
#include "session/source.h"

#include "store/store.h"

static eventure_status check_committed(eventure_reader *given)
{
    eventure_status status = eventure__store_before_read(given);
    if (status != EVENTURE_OK || sqlite3_get_autocommit(given->db) != 0)
        return status;
    return eventure__fail(&given->error, EVENTURE_ERROR_BUSY,
                          "%s is in memory and has events that are not committed: commit before it is copied",
                          given->path);
}

eventure_status eventure__source_open(eventure__source *source, eventure_reader *given)
{
    eventure_status status = EVENTURE_OK;
    *source = (eventure__source){.given = given, .reader = given};
    if (eventure__store_in_memory(given))
        return check_committed(given);
    if (given->writable)
    {
        status = eventure__store_reopen(given, &source->reader);
        source->opened = true;
        if (status == EVENTURE_ERROR_MEMORY && source->reader == NULL)
            return eventure__fail(&given->error, status, "open %s: out of memory", given->path);
    }
    if (status == EVENTURE_OK && !source->reader->held)
    {
        status = eventure_reader_begin(source->reader);
        source->begun = status == EVENTURE_OK;
    }
    return status == EVENTURE_OK ? status : eventure__source_close(source, status);
}

eventure_status eventure__source_close(eventure__source *source, eventure_status status)
{
    if (source->begun)
        eventure_reader_end(source->reader);
    if (source->opened)
    {
        if (status != EVENTURE_OK && source->reader != NULL)
            source->given->error = source->reader->error;
        eventure_reader_close(source->reader);
    }
    return status;
}
