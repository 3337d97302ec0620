/*
 * Opens a database with SQLite's immutable=1: without locks, and without a -wal or -shm file. This is several times as
 * fast as a normal connection, and threads do not wait for each other.
 *
 * SQLite does not detect changes of such a database. So it is opened only when the file is quiescent: it has no
 * write-ahead log and no journal, and was not changed in the last seconds. After reading, fleet_immutable_is_unchanged
 * returns whether that remained true; otherwise the data that was read is not valid, and must be read again with a
 * normal connection. Every change is detected: the last change before opening is older than the resolution of file
 * times, so that a later change gives the file another time.
 */
#ifndef EVENTURE_TOOL_FLEET_IMMUTABLE_H
#define EVENTURE_TOOL_FLEET_IMMUTABLE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <sys/stat.h>

typedef struct fleet_immutable
{
    sqlite3 *db; /* NULL: closed, or owned by the caller */
    const char *path;
    struct stat seen;
} fleet_immutable;

/* Opens the database at `path`, which must stay valid until fleet_immutable_close. Returns false, without a message,
   when the file is not quiescent, or is not a database with this application_id and user_version (-1: any). Call
   fleet_immutable_close also after false. */
bool fleet_immutable_open(fleet_immutable *immutable, const char *path, int application_id, int user_version);

/* Returns whether the file is quiescent and has not been changed since fleet_immutable_open. */
bool fleet_immutable_is_unchanged(const fleet_immutable *immutable);

void fleet_immutable_close(fleet_immutable *immutable);

#endif
