/*
 * A read transaction of the source: see copy_source.h.
 */
#include "session/copy_source.h"

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

/* Opens a reader beside a log. Another file may take the name of the store at any time: the log is checked before and
 * after, and a reader that may have opened another file does not move the write-ahead log of this store into it. */
static eventure_status open_beside(eventure__copy_source *source)
{
    eventure_reader *given = source->given;
    eventure_status status = eventure__store_check_file(given);
    if (status != EVENTURE_OK)
        return status;
    status = eventure__store_reopen(given, &source->reader);
    source->opened = true;
    if (source->reader == NULL)
        return eventure__fail(&given->error, status, "open %s: out of memory", given->path);
    eventure_status check = eventure__store_check_file(given);
    if (check == EVENTURE_OK)
        return status;
    if (source->reader->db != NULL)
        sqlite3_db_config(source->reader->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    source->reader->error = given->error;
    return check;
}

eventure_status eventure__copy_source_open(eventure__copy_source *source, eventure_reader *given)
{
    eventure_status status = EVENTURE_OK;
    *source = (eventure__copy_source){.given = given, .reader = given};
    if (eventure__store_in_memory(given))
        return check_committed(given);
    if (given->writable)
        status = open_beside(source);
    if (status == EVENTURE_OK && !source->reader->in_read_transaction)
    {
        status = eventure_reader_begin(source->reader);
        source->begun = status == EVENTURE_OK;
    }
    return status == EVENTURE_OK ? status : eventure__copy_source_close(source, status);
}

eventure_status eventure__copy_source_close(eventure__copy_source *source, eventure_status status)
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
