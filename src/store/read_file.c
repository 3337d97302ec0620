/*
 * The file of a reader that makes no files: see read_file.h.
 *
 * The methods of the open file are replaced by ours. Our table of methods is the first member of a structure with our
 * data, so that a file leads to that data (as in wal_writes.c).
 */
#include "store/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/file_methods.h"

/* The times of files come from a clock that advances in steps of up to 10 ms, and two changes within one step leave the
 * same time. So a file whose times are two steps old is settled: any later change gets a later time. */
#define SETTLED_NS 20000000

#define LOOKS_MAX 50 /* looks at a file that is not settled: one second in all */

#define VERSIONS_OFFSET                                                                                                \
    18 /* value in the header of a database with a write-ahead log, for both write and read version */
#define VERSION_WAL 2

struct eventure__read_file
{
    sqlite3_io_methods methods; /* must be first: the file points to it */
    const sqlite3_io_methods *original;
    bool without_locks;
    bool has_failed;
    struct stat seen;
    char path[];
};

static eventure__read_file *of(sqlite3_file *file)
{
    union
    {
        const sqlite3_io_methods *methods;
        eventure__read_file *self;
    } there = {.methods = file->pMethods};
    return there.self;
}

eventure__read_rights eventure__read_file_rights(const char *path)
{
    eventure__read_rights rights = {false, false};
    struct stat info;
    if (stat(path, &info) != 0)
        return rights;
    /* Root may write a file that is marked as read-only, but must not change it. */
    rights.may_write =
        (info.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) != 0 && faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) == 0;
    /* SQLite gives files that root makes to the owner of the database. */
    rights.may_create = rights.may_write && (geteuid() == info.st_uid || geteuid() == 0);
    return rights;
}

/* Returns the size of the file with this ending; -1 when it does not exist. When it cannot be examined, returns 1, so
 * that the store is not treated as one without a writer. Must not allocate: the caller cannot report a lack of
 * memory. */
static off_t size_of(const char *path, const char *ending)
{
    char name[PATH_MAX];
    struct stat info;
    if (snprintf(name, sizeof name, "%s%s", path, ending) >= (int)sizeof name)
        return 1;
    return lstat(name, &info) == 0 ? info.st_size : errno == ENOENT ? -1 : 1;
}

bool eventure__read_file_has_wal(const char *path)
{
    off_t size = size_of(path, "-wal");
    return size > 0 || (size == 0 && size_of(path, "-shm") >= 0);
}

bool eventure__read_file_has_journal(const char *path)
{
    return size_of(path, "-journal") > 0;
}

static bool is_settled(const struct timespec *changed)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    long long passed = (long long)(now.tv_sec - changed->tv_sec) * 1000000000 + (now.tv_nsec - changed->tv_nsec);
    return passed < 0 || passed >= SETTLED_NS; /* a time in the future is from another clock: do not wait for it */
}

bool eventure__read_file_look(const char *path, struct stat *out_seen)
{
    const struct timespec step = {.tv_nsec = SETTLED_NS};
    for (int looks = 0; looks < LOOKS_MAX; looks++)
    {
        if (stat(path, out_seen) != 0)
            return false;
        if (is_settled(&out_seen->st_mtim) && is_settled(&out_seen->st_ctim))
            return true;
        nanosleep(&step, NULL);
    }
    errno = EBUSY;
    return false;
}

static bool is_same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool is_unchanged(const eventure__read_file *self)
{
    struct stat now;
    return stat(self->path, &now) == 0 && now.st_dev == self->seen.st_dev && now.st_ino == self->seen.st_ino &&
           now.st_size == self->seen.st_size && is_same_time(now.st_mtim, self->seen.st_mtim) &&
           is_same_time(now.st_ctim, self->seen.st_ctim);
}

static int checked_read(sqlite3_file *file, void *bytes, int len, sqlite3_int64 offset)
{
    eventure__read_file *self = of(file);
    int result = self->original->xRead(file, bytes, len, offset);
    if (is_unchanged(self))
        return result;
    self->has_failed = true;
    return SQLITE_IOERR_READ;
}

/* Whether SQLite would look for a write-ahead log and find an incomplete one. */
static bool lacks_wal(eventure__read_file *self, sqlite3_file *file)
{
    unsigned char versions[2] = {0};
    return self->original->xRead(file, versions, sizeof versions, VERSIONS_OFFSET) == SQLITE_OK &&
           versions[1] == VERSION_WAL && (size_of(self->path, "-wal") < 0 || size_of(self->path, "-shm") < 0);
}

static int checked_lock(sqlite3_file *file, int lock)
{
    eventure__read_file *self = of(file);
    int result = self->original->xLock(file, lock);
    if (result != SQLITE_OK || lock != SQLITE_LOCK_SHARED || !lacks_wal(self, file))
        return result;
    self->original->xUnlock(file, SQLITE_LOCK_NONE);
    self->has_failed = true;
    return SQLITE_CANTOPEN;
}

static int checked_close(sqlite3_file *file)
{
    eventure__read_file *self = of(file);
    file->pMethods = self->original;
    free(self);
    return file->pMethods->xClose(file);
}

eventure__read_file *eventure__read_file_watch(sqlite3 *db, const char *path, const struct stat *seen)
{
    sqlite3_file *file = NULL;
    size_t len = strlen(path);
    eventure__read_file *self = calloc(1, sizeof *self + len + 1);
    if (self == NULL || sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
        file == NULL || file->pMethods == NULL)
    {
        free(self);
        return NULL;
    }
    memcpy(self->path, path, len);
    self->original = file->pMethods;
    eventure__file_methods_copy(&self->methods, self->original);
    self->methods.xClose = checked_close;
    self->methods.xLock = checked_lock;
    if (seen != NULL)
    {
        self->without_locks = true;
        self->seen = *seen;
        self->methods.xRead = checked_read;
        if (self->methods.iVersion > 2)
            self->methods.iVersion = 2; /* without memory-mapped pages, whose reads would not be checked */
        self->methods.xLock = self->original->xLock;
    }
    file->pMethods = &self->methods;
    return self;
}

bool eventure__read_file_failed(const eventure__read_file *file)
{
    return file != NULL && file->has_failed;
}

bool eventure__read_file_is_current(const eventure__read_file *file)
{
    return file == NULL || !file->without_locks || (is_unchanged(file) && !eventure__read_file_has_wal(file->path));
}
