/*
 * A copy of the methods of a file that SQLite has open, of which the caller replaces some.
 */
#ifndef EVENTURE_STORE_FILE_METHODS_H
#define EVENTURE_STORE_FILE_METHODS_H

#include <stddef.h>
#include <string.h>

#include <sqlite3.h>

/* Copies the methods of version 3 or earlier, whose tables are shorter; the copy of a newer one is of version 3. */
static inline void eventure__file_methods_copy(sqlite3_io_methods *to, const sqlite3_io_methods *from)
{
    const size_t len = from->iVersion < 2   ? offsetof(sqlite3_io_methods, xShmMap)
                       : from->iVersion < 3 ? offsetof(sqlite3_io_methods, xFetch)
                                            : sizeof *from;
    memcpy(to, from, len);
    if (to->iVersion > 3)
        to->iVersion = 3;
}

#endif
