/*
 * A database that no program writes, read without locks and without files beside it. That is several times as fast as a
 * usual connection, and threads do not wait for each other.
 *
 * A file is still when it has no write-ahead log and no journal, and was not changed in the last seconds. After
 * reading, fleet_still_holds states whether it was still all the time; otherwise what was read is void, and is to be
 * read again with a usual connection. A change cannot be missed: it gives the file another time, because the last
 * change before is older than the resolution of these times.
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

/* Opens a database with this application_id and user_version (-1: any). Returns false when it is not one, or not still;
   nothing is reported. Must be closed in any case. `path` is borrowed. */
bool fleet_still_open(fleet_still *still, const char *path, int application_id, int user_version);

bool fleet_still_holds(const fleet_still *still);

void fleet_still_close(fleet_still *still);

#endif
