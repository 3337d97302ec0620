/*
 * Opens a database with SQLite's immutable=1: without locks, and without a -wal or -shm file. This is several times as
 * fast as a normal connection, and threads do not wait for each other.
 *
 * A file is still when it has no write-ahead log and no journal, and was not changed in the last seconds. After
 * reading, fleet_still_holds returns whether it was still all the time; otherwise the data that was read is not valid,
 * and must be read again with a normal connection. Every change is detected: the file was opened only after its last
 * change was older than the resolution of file times, so a new change gives the file another time.
 */
#ifndef EVENTURE_TOOL_FLEET_STILL_H
#define EVENTURE_TOOL_FLEET_STILL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <sys/stat.h>

typedef struct fleet_still
{
    sqlite3 *db; /* NULL: closed, or owned by the caller */
    const char *path;
    struct stat seen;
} fleet_still;

/* Opens the database at `path`, which must stay valid until fleet_still_close. Returns false, without a message, when
   the file is not still, or is not a database with this application_id and user_version (-1: any). Call
   fleet_still_close also after false. */
bool fleet_still_open(fleet_still *still, const char *path, int application_id, int user_version);

bool fleet_still_holds(const fleet_still *still);

void fleet_still_close(fleet_still *still);

#endif
