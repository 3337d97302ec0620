/*
 * Paths of files, without opening them.
 */
#ifndef EVENTURE_BASE_PATH_H
#define EVENTURE_BASE_PATH_H

#include <stdbool.h>

/* Returns the absolute name of a file, which stays valid when the process changes its directory: its directory with
 * links resolved, and the last part of the path unchanged. The caller frees it. NULL: out of memory. */
char *eventure__path_absolute(const char *path);

/* As eventure__path_absolute, and follows the path to the file itself, also through links to a file that does not
 * exist yet. SQLite opens the file by this name, and keeps its own files beside it. */
char *eventure__path_real(const char *path);

/* Returns the path from the root on, and follows no link in it. `folds_parents`: removes each `..` with the directory
 * before it, which leads to the same file unless that directory is a link. The caller frees it. NULL: out of memory, or
 * the directory of the process has no name. */
char *eventure__path_unresolved(const char *path, bool folds_parents);

/* Whether both paths lead to one file. */
bool eventure__path_is_same_file(const char *a, const char *b);

/* Whether a path leads to a name under which a store keeps a file of its own: STORE-wal, STORE-shm, STORE-journal,
 * STORE-writer or STORE-follow-NAME, where STORE is a database. *out_store receives STORE, or NULL when it is an
 * ordinary name. The caller frees the result, into which *out_store points. NULL: out of memory. */
char *eventure__path_store_beside(const char *path, const char **out_store);

#endif
