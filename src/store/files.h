/*
 * Operations on files: on those of a database, which are the file itself and the files that SQLite keeps beside it
 * under names of its own; renaming; and syncing, so that written bytes and new names survive a power failure.
 */
#ifndef EVENTURE_STORE_FILES_H
#define EVENTURE_STORE_FILES_H

#include <stdbool.h>
#include <sys/types.h>

#include <sqlite3.h>

#include "base/error.h"

/* Returns path and ending as one name. The caller frees it. NULL: out of memory. */
char *eventure__files_beside(const char *path, const char *ending);

/* Removes the files that SQLite keeps beside a database: its logs, and the index of the write-ahead log. Ignores
 * files that do not exist or cannot be removed. */
void eventure__files_remove_beside(const char *path);

/* Removes the database and the files beside it. */
void eventure__files_remove(const char *path);

/* Whether the name exists, also as a link without a target. */
bool eventure__files_exist(const char *path);

/* Opens a file that Eventure keeps beside a store. Does not follow a link or wait for a FIFO, and makes nothing in
 * its place. Returns -1 on an error: errno is set, and eventure__files_why returns its text. */
int eventure__files_open_own(const char *path, int flags);

/* Mode of a new file: the default of the process. */
#define EVENTURE__FILES_USUAL ((mode_t)-1)

/* Makes an empty file with these permission bits; its owner may read and write it in any case. A regular file of
 * that name is a remainder of a killed process, and is replaced. Returns 0, or a cause for eventure__files_why. */
int eventure__files_make(const char *path, mode_t mode, int *out_descriptor);

/* As eventure__files_make, and leaves a file of that name: EEXIST. */
int eventure__files_make_new(const char *path, mode_t mode, int *out_descriptor);

const char *eventure__files_why(int cause);

/* Returns why a file beside a store (or, without an ending, the store) cannot be read; 0 when it can be read. */
int eventure__files_why_unreadable(const char *path, const char *ending);

/* Returns the permission bits of a file, or those of a private file when it does not exist. */
mode_t eventure__files_mode(const char *path);

/* Checks that each name that SQLite uses beside a database is unused, or a regular file with that name only. */
eventure_status eventure__files_check_beside(const char *path, eventure__error *error);

/* Checks that a file may be made under this name: it is not a name under which a store keeps a file of its own.
 * `what` is for the message: "copy". */
eventure_status eventure__files_check_output(const char *what, const char *path, eventure__error *error);

/* Renames a file, and replaces an existing file of the new name. */
eventure_status eventure__files_rename(const char *from, const char *to, eventure__error *error);

/* Returns the path in a form that SQLite interprets as a file name only (":memory:" and "file:..." have another
 * meaning). The caller frees it. NULL: out of memory. */
char *eventure__files_plain_name(const char *path);

/* Copies the bytes of a file that SQLite has open to a new file with the permissions of the file `like`. Reads the
 * file through SQLite, because closing another descriptor of the file would end the locks that SQLite holds on it. */
eventure_status eventure__files_write_bytes(sqlite3_file *from, const char *like, const char *path,
                                            eventure__error *error);

/* Syncs an existing file. */
eventure_status eventure__files_sync(const char *path, eventure__error *error);

/* Syncs the directory of a file, so that a new name in it survives a power failure. */
eventure_status eventure__files_sync_directory(const char *path_in_it, eventure__error *error);

#endif
