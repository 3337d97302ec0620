/*
 * Stores with several names (hard links). SQLite keeps the write-ahead log beside the name by which it opened the file,
 * so each name has one of its own. While only one name is in use at a time, and is closed properly, there is no such
 * log. When a program dies, the log of its name remains, and its commits are found under this name only; a writer that
 * uses another name would not see them, and replaying the log afterwards would overwrite the pages of that writer.
 */
#ifndef EVENTURE_STORE_HARD_LINKS_H
#define EVENTURE_STORE_HARD_LINKS_H

#include "store/store.h"

/* To be called before SQLite opens an existing file, of which the store has a share. For a file with several names:
 * EVENTURE_ERROR_IO when another name in the same directory has a write-ahead log with content, or when the file was
 * written after the log of its own name, which no process has open, and not from it. */
eventure_status eventure__hard_links_check(eventure__store *store);

#endif
