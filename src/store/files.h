/*
 * Files as the system has them: those of a database, which are itself and what SQLite keeps beside it under names of
 * its own; renaming, and syncing, so that what was written and what was renamed stays.
 */
#ifndef EVENTURE_STORE_FILES_H
#define EVENTURE_STORE_FILES_H

#include <stdbool.h>
#include <sys/types.h>

#include <sqlite3.h>

#include "base/error.h"

/* Removes what SQLite keeps beside a database: its logs, and the index of the write-ahead log. What is not there, or
 * cannot be removed, stays as it is. */
void eventure__files_remove_beside(const char *path);

/* The same, and the database. */
void eventure__files_remove(const char *path);

/* Also of a link that leads nowhere. */
bool eventure__files_exist(const char *path);

/* Opens a file of ours beside a store. Where somebody has put a link, a FIFO or the like, nothing is followed, made or
 * waited for. -1: errno says why, and eventure__files_why says it in words. */
int eventure__files_open_own(const char *path, int flags);

/* For the mode of a new file: what the process usually gives. */
#define EVENTURE__FILES_USUAL ((mode_t)-1)

/* Makes a file that is empty, with the permission bits; its owner may read and write it in any case. A regular file
 * that is there is what was left behind, and makes place. 0, or why not, for eventure__files_why. */
int eventure__files_make(const char *path, mode_t mode, int *out_descriptor);

const char *eventure__files_why(int cause);

/* Why a file beside a store (or, without an ending, the store) cannot be read; 0 when it can. */
int eventure__files_why_unreadable(const char *path, const char *ending);

/* The permission bits of a file; where there is none, those of a private one. */
mode_t eventure__files_mode(const char *path);

/* Whether what stands under the names that SQLite uses beside a database are files, each with that name only. */
eventure_status eventure__files_check_beside(const char *path, eventure__error *error);

/* Renames a file; one of the new name is replaced. */
eventure_status eventure__files_rename(const char *from, const char *to, eventure__error *error);

/* The absolute name of a file, which stays right when the process changes its directory: its directory without links,
 * and the last part of the path as it is. To be freed. NULL: out of memory. */
char *eventure__files_absolute(const char *path);

/* As eventure__files_absolute, and follows the path to the file itself, also through links to a file that is not there
 * yet: the name under which SQLite opens it, and beside which it keeps its own files. */
char *eventure__files_real(const char *path);

/* The path as a name that SQLite takes for nothing but the name of a file (":memory:" and "file:..." are more to it);
 * to be freed. NULL: out of memory. */
char *eventure__files_plain_name(const char *path);

/* Writes the bytes of a file that SQLite has open to a new one, with the permissions of the file `like`. The file is
 * read through SQLite, because closing a descriptor of one's own would end the locks that SQLite has on it. */
eventure_status eventure__files_write_bytes(sqlite3_file *from, const char *like, const char *path,
                                            eventure__error *error);

/* Syncs a file that is there. */
eventure_status eventure__files_sync(const char *path, eventure__error *error);

/* Syncs the directory of a file, so that a file that appeared in it stays. */
eventure_status eventure__files_sync_directory(const char *path_in_it, eventure__error *error);

#endif
