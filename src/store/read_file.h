/*
 * The file of a reader that may not make files beside the store: how its connection avoids making them, and how one
 * without locks detects that the store was written.
 *
 * A database with a write-ahead log normally cannot be read without the two files beside it (-wal and -shm): SQLite
 * makes them when they do not exist. Files of another user would lock the owner of the store out. So such a reader
 * opens the store in one of two ways:
 *
 * - With locks, when both files exist. SQLite's first lock on the file prevents other processes from removing the two
 *   files. After it was taken, their existence is checked again; when they do not exist any more, the lock is released
 *   and opening fails.
 * - Without locks (immutable=1), when there is no write-ahead log and thus no writer. After each page that is read, the
 *   identity, size and times of the file must be unchanged; otherwise reading fails with an error that names the
 *   reason. So no result mixes two states of the file.
 */
#ifndef EVENTURE_STORE_READ_FILE_H
#define EVENTURE_STORE_READ_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

#include <sqlite3.h>

typedef struct eventure__read_file eventure__read_file;

/* Permissions of this process on a store that it reads. */
typedef struct eventure__read_rights
{
    bool may_write;  /* may write the file itself */
    bool may_create; /* may make files beside it that the owner of the store can use */
} eventure__read_rights;

eventure__read_rights eventure__read_file_rights(const char *path);

/* Whether there is a write-ahead log that is not empty, or one that a process may write to: with its index beside
 * it. */
bool eventure__read_file_has_wal(const char *path);

/* Whether there is a rollback journal that is not empty. */
bool eventure__read_file_has_journal(const char *path);

/* Returns the state of the file, for later comparison. Waits until its times would show a further change, which is
 * 20 ms after the last one. Returns false with errno set, EBUSY when the file does not stop changing. */
bool eventure__read_file_look(const char *path, struct stat *out_seen);

/* Watches the file of a connection that has not read yet, until the connection closes it. With `seen`, it was opened
 * without locks; with NULL, with locks. NULL: out of memory. */
eventure__read_file *eventure__read_file_watch(sqlite3 *db, const char *path, const struct stat *seen);

/* Whether reading failed because the file was changed, or the files beside it were removed. */
bool eventure__read_file_failed(const eventure__read_file *file);

/* Whether the state that is read without locks is still that of the store: the file has not changed, and no process
 * has begun to write it. */
bool eventure__read_file_is_current(const eventure__read_file *file);

#endif
