/*
 * The file of a reader that may make no file beside the store: how its connection keeps from that, and how one without
 * locks notices that the store was written.
 *
 * A write-ahead log's database cannot be read as usual without the two files beside it (-wal and -shm): SQLite makes
 * them where they are not. Made by another user than the owner of the store, they would shut the owner out. So such a
 * reader opens the store in one of two ways:
 *
 * - With locks, when both files are there. After SQLite has its first lock on the file, which keeps others from
 * removing the two files, they are looked for once more; when they have gone, the lock is given back, and opening
 * fails.
 * - Without locks (immutable=1), when there is no write-ahead log, so that nobody writes. After each page that is read,
 *   the file must be the one of before, with the size and the times of before; otherwise reading fails, and the error
 *   says so. So no answer mixes two states of the file.
 */
#ifndef EVENTURE_STORE_READ_FILE_H
#define EVENTURE_STORE_READ_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

#include <sqlite3.h>

typedef struct eventure__read_file eventure__read_file;

/* What this process may do with a store that it reads. */
typedef struct eventure__read_rights
{
    bool may_write;  /* to the file itself */
    bool may_create; /* files beside it that the owner of the store can use */
} eventure__read_rights;

eventure__read_rights eventure__read_file_rights(const char *path);

/* Whether there is a write-ahead log with anything in it, or one that may get something: with its index beside it. */
bool eventure__read_file_has_wal(const char *path);

/* Whether there is a rollback journal with anything in it. */
bool eventure__read_file_has_journal(const char *path);

/* The file as it is now, to be compared with later. Waits until a change would be seen in its times, which is 20 ms
 * after the last one. False: errno says why; EBUSY: it changes all the time. */
bool eventure__read_file_look(const char *path, struct stat *out_seen);

/* Watches the file of a connection that has not read yet, until that closes it. With `seen`: it is opened without
 * locks. Without: with locks. NULL: out of memory. */
eventure__read_file *eventure__read_file_watch(sqlite3 *db, const char *path, const struct stat *seen);

/* Whether reading has failed because the file was changed, or the files beside it have gone. */
bool eventure__read_file_failed(const eventure__read_file *file);

/* Whether what is read without locks is still what the store is: the file has not changed, and nobody has begun to
 * write it. */
bool eventure__read_file_is_current(const eventure__read_file *file);

#endif
