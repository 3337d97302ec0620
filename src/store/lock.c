/*
 * Locks on names: see lock.h. Releasing a lock removes its file, so taking it must check that the locked file still has
 * that name.
 */
#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/fork_generation.h"
#include "store/files.h"

/* A process that was killed keeps its locks until the system has ended it, for instance until a sync is complete. */
#define WAIT_MS 1000
#define STEP_MS 10

static eventure_status fail_to_open(const char *store_path, const char *path, int cause, eventure__error *error)
{
    return eventure__fail(error, eventure__errno_name_status(cause), "open %s: cannot make the lock file %s: %s",
                          store_path, path, eventure__files_why(cause));
}

static eventure_status fail_busy(int descriptor, const char *store_path, const char *path, eventure__error *error)
{
    char owner[32] = "";
    ssize_t got = pread(descriptor, owner, sizeof owner - 1, 0);
    long pid = got > 0 ? strtol(owner, NULL, 10) : 0;
    if (pid > 0)
        return eventure__fail(error, EVENTURE_ERROR_BUSY,
                              "open %s: another program writes to this name (process %ld holds %s)", store_path, pid,
                              path);
    return eventure__fail(error, EVENTURE_ERROR_BUSY, "open %s: another program writes to this name (%s is locked)",
                          store_path, path);
}

/* Whether the name still leads to the open file. */
static bool is_current(int descriptor, const char *path)
{
    struct stat held;
    struct stat named;
    return fstat(descriptor, &held) == 0 && lstat(path, &named) == 0 && held.st_ino == named.st_ino &&
           held.st_dev == named.st_dev;
}

/* Whether the locked file may be overwritten and removed: it is empty, or contains a process number. Any other
 * content belongs to another program, or is the result of a power failure; such a file serves as a lock too, and is
 * not changed. Returns 0 or an errno; EEXIST when the file has a second name, because it may then be a file of the
 * user. */
static int check_lock(int descriptor, bool *out_is_ours)
{
    struct stat info;
    char text[32];
    ssize_t len = pread(descriptor, text, sizeof text, 0);
    if (len < 0 || fstat(descriptor, &info) != 0)
        return errno;
    *out_is_ours = len < (ssize_t)sizeof text;
    for (ssize_t i = 0; i < len && *out_is_ours; i++)
        *out_is_ours = (text[i] >= '0' && text[i] <= '9') || text[i] == '\n' || text[i] == '\0';
    return info.st_nlink <= 1 ? 0 : EEXIST;
}

static eventure_status fail_linked(const char *store_path, const char *path, eventure__error *error)
{
    return eventure__fail(
        error, EVENTURE_ERROR_EXISTS,
        "open %s: %s is a file with several hard links, and cannot be the lock file; remove it, or give the store "
        "another name",
        store_path, path);
}

static void write_owner(int descriptor)
{
    char owner[32];
    int len = snprintf(owner, sizeof owner, "%ld\n", (long)getpid());
    /* The process number is used in messages only, so an error is ignored. */
    if (ftruncate(descriptor, 0) == 0 && len > 0 && pwrite(descriptor, owner, (size_t)len, 0) < 0)
        return;
}

eventure_status eventure__lock_take(eventure__lock *lock, const char *store_path, eventure__error *error)
{
    lock->path = eventure__files_beside(store_path, "-writer");
    if (lock->path == NULL)
        return eventure__fail(error, EVENTURE_ERROR_MEMORY, "open %s: out of memory", store_path);
    int unwatched = eventure__fork_watch();
    if (unwatched != 0)
        return fail_to_open(store_path, lock->path, unwatched, error);
    int64_t end = eventure__clock_ms() + WAIT_MS;
    for (;;)
    {
        int descriptor = eventure__files_open_own(lock->path, O_RDWR | O_CREAT);
        if (descriptor < 0)
            return fail_to_open(store_path, lock->path, errno, error);
        if (flock(descriptor, LOCK_EX | LOCK_NB) != 0)
        {
            if (errno == EWOULDBLOCK && eventure__clock_ms() < end)
            {
                close(descriptor);
                sqlite3_sleep(STEP_MS);
                continue;
            }
            eventure_status status = errno == EWOULDBLOCK ? fail_busy(descriptor, store_path, lock->path, error)
                                                          : fail_to_open(store_path, lock->path, errno, error);
            close(descriptor);
            return status;
        }
        if (is_current(descriptor, lock->path))
        {
            int cause = check_lock(descriptor, &lock->is_ours);
            if (cause != 0)
            {
                close(descriptor);
                return cause == EEXIST ? fail_linked(store_path, lock->path, error)
                                       : fail_to_open(store_path, lock->path, cause, error);
            }
            if (!eventure__fork_keep_private(descriptor))
            {
                if (lock->is_ours)
                    unlink(lock->path);
                close(descriptor);
                return fail_to_open(store_path, lock->path, ENOMEM, error);
            }
            lock->descriptor = descriptor;
            lock->generation = eventure__fork_generation();
            if (lock->is_ours)
                write_owner(descriptor);
            return EVENTURE_OK;
        }
        close(descriptor); /* the previous holder removed the file meanwhile: try the new one */
    }
}

void eventure__lock_release(eventure__lock *lock)
{
    if (lock->descriptor >= 0 && lock->generation == eventure__fork_generation())
    {
        eventure__fork_forget(lock->descriptor);
        if (lock->is_ours)
            unlink(lock->path);
        close(lock->descriptor);
    }
    lock->descriptor = -1;
    free(lock->path);
    lock->path = NULL;
}
