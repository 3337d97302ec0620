/*
 * Where a new store appears: see place.h.
 *
 * A database and its write-ahead log find each other by name. So nothing may appear under a name beside which somebody
 * else's log lies, and a store that is replaced is first made to need none.
 */
#include "store/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/buffer.h"
#include "store/files.h"

static char *join(const char *path, const char *ending)
{
    eventure__buffer name = {0};
    eventure__buffer_append_text(&name, path);
    eventure__buffer_append_text(&name, ending);
    return eventure__buffer_take(&name);
}

static void forget(eventure__atomic_file *place)
{
    free(place->path);
    free(place->temporary);
    place->path = NULL;
    place->temporary = NULL;
}

static eventure_status fail_memory(const eventure__atomic_file *place)
{
    return eventure__fail(place->error, EVENTURE_ERROR_MEMORY, "%s: out of memory", place->what);
}

static eventure_status fail_system(const eventure__atomic_file *place, const char *path, int cause)
{
    return eventure__fail(place->error, eventure__errno_status(cause), "%s: %s: %s", place->what, path,
                          eventure__files_why(cause));
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static eventure_status check_existing(const eventure__atomic_file *place, const struct stat *info,
                                      const char *source_path)
{
    struct stat source;
    if (stat(source_path, &source) == 0 && is_same_file(info, &source))
        return eventure__fail(place->error, EVENTURE_ERROR_ARGUMENT, "%s: %s is the store itself", place->what,
                              place->path);
    if (S_ISDIR(info->st_mode))
        return eventure__fail(place->error, EVENTURE_ERROR_ARGUMENT, "%s: %s is a directory", place->what, place->path);
    if (!S_ISREG(info->st_mode))
        return eventure__fail(place->error, EVENTURE_ERROR_ARGUMENT, "%s: %s is no regular file", place->what,
                              place->path);
    if (!place->replace)
        return eventure__fail(place->error, EVENTURE_ERROR_EXISTS, "%s: the file %s exists", place->what, place->path);
    return EVENTURE_OK;
}

/* The name of a log with something in it beside a database; NULL when there is none. Readers leave empty ones behind.
 */
static eventure_status find_beside(const eventure__atomic_file *place, const char *path, char **out_name)
{
    static const char *const logs[] = {"-wal", "-journal"};
    eventure_status status = EVENTURE_OK;
    *out_name = NULL;
    for (size_t i = 0; i < sizeof logs / sizeof *logs && *out_name == NULL && status == EVENTURE_OK; i++)
    {
        struct stat info = {0};
        char *name = join(path, logs[i]);
        if (name == NULL)
            return fail_memory(place);
        if (stat(name, &info) != 0 && errno != ENOENT)
            status = fail_system(place, name, errno);
        if (info.st_size > 0)
            *out_name = name;
        else
            free(name);
    }
    return status;
}

/* A write-ahead log without its database would be taken for that of the new one. */
static eventure_status check_nothing_beside(const eventure__atomic_file *place)
{
    char *name = NULL;
    eventure_status status = find_beside(place, place->path, &name);
    if (name != NULL)
        status = eventure__fail(place->error, EVENTURE_ERROR_EXISTS,
                                "%s: there is no %s, but %s, which must not become its write-ahead log", place->what,
                                place->path, name);
    free(name);
    return status;
}

/* Brings the write-ahead log of the new file into it, and tells when that cannot be. */
static eventure_status bring_inside(const eventure__atomic_file *place)
{
    sqlite3 *db = NULL;
    int code = sqlite3_open_v2(place->temporary, &db,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
    if (code == SQLITE_OK)
        code =
            sqlite3_exec(db, "SELECT count(*) FROM sqlite_schema; PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
    sqlite3_close(db);
    return (code & 0xFF) == SQLITE_NOMEM ? fail_memory(place) : EVENTURE_OK; /* all else is seen by what is left */
}

/* Closing a database brings its write-ahead log into the file, and does not tell when it could not: what is still in
 * the log would be left behind by moving the file. Without memory for a moment, it is tried once more. */
static eventure_status check_all_inside(const eventure__atomic_file *place)
{
    char *name = NULL;
    eventure_status status = find_beside(place, place->temporary, &name);
    if (name != NULL)
    {
        free(name);
        name = NULL;
        status = bring_inside(place);
        if (status == EVENTURE_OK)
            status = find_beside(place, place->temporary, &name);
    }
    if (name != NULL)
        status = eventure__fail(place->error, EVENTURE_ERROR_IO, "%s: %s could not be brought into the new file",
                                place->what, name);
    free(name);
    return status;
}

static eventure_status check_place(const eventure__atomic_file *place, const char *source_path)
{
    struct stat info;
    if (lstat(place->path, &info) == 0 && S_ISLNK(info.st_mode) && stat(place->path, &info) != 0)
        return eventure__fail(place->error, EVENTURE_ERROR_EXISTS, "%s: %s is a link that leads nowhere", place->what,
                              place->path);
    eventure_status status = eventure__files_check_beside(place->path, place->error);
    if (status != EVENTURE_OK)
    {
        eventure__fail_prefix(place->error, "%s", place->what);
        return status;
    }
    if (stat(place->path, &info) == 0)
        return check_existing(place, &info, source_path);
    return errno == ENOENT ? check_nothing_beside(place) : fail_system(place, place->path, errno);
}

/* Locks the file that will be replaced, so that no log writes it meanwhile. */
static eventure_status lock_replaced(eventure__atomic_file *place)
{
    int cause = eventure__inode_use(place->path, false, &place->replaced);
    if (cause == ENOENT)
        return EVENTURE_OK;
    if (cause == 0)
        cause = eventure__inode_lock(place->replaced, place->path);
    if (cause == 0)
        return EVENTURE_OK;
    eventure__inode_leave(place->replaced);
    place->replaced = NULL;
    if (cause == EACCES || cause == EROFS) /* a log that writes it can only be of another user: the next step sees it */
        return EVENTURE_OK;
    if (cause == EWOULDBLOCK)
        return eventure__fail(place->error, EVENTURE_ERROR_BUSY,
                              "%s: open %s: another log writes this store; one at a time may", place->what,
                              place->path);
    if (cause == EVENTURE__INODE_INHERITED)
        return eventure__fail(place->error, EVENTURE_ERROR_BUSY,
                              "%s: cannot replace %s: it was open when this process was forked", place->what,
                              place->path);
    return fail_system(place, place->path, cause);
}

static void unlock(eventure__atomic_file *place)
{
    eventure__inode_unlock(place->replaced);
    eventure__inode_leave(place->replaced);
    place->replaced = NULL;
    eventure__lock_release(&place->lock);
}

eventure_status eventure__atomic_file_open(eventure__atomic_file *place, const char *what, const char *path,
                                           bool replace, const char *source_path, eventure__error *error)
{
    *place = (eventure__atomic_file){.what = what, .replace = replace, .lock = EVENTURE__LOCK_INIT, .error = error};
    if (path == NULL || *path == '\0')
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "%s: no path was given for it", what);
    place->path = eventure__files_plain_name(path);
    if (place->path == NULL)
        return fail_memory(place);
    eventure_status status = check_place(place, source_path);
    if (status != EVENTURE_OK)
    {
        forget(place);
        return status;
    }
    status = eventure__lock_take(&place->lock, place->path, error);
    if (status == EVENTURE_ERROR_NOT_FOUND) /* that is for what is in a store: a directory that is missing is none */
        error->status = status = EVENTURE_ERROR_IO;
    if (status != EVENTURE_OK)
        eventure__fail_prefix(error, "%s", what);
    else if (replace)
        status = lock_replaced(place);
    if (status == EVENTURE_OK)
    {
        place->temporary = join(place->path, "-new");
        status = place->temporary != NULL ? EVENTURE_OK : fail_memory(place);
    }
    if (status == EVENTURE_OK)
    {
        int descriptor = -1;
        eventure__files_remove_beside(place->temporary);
        place->mode = eventure__files_mode(source_path);
        int cause = eventure__files_make(place->temporary, place->mode, &descriptor);
        if (cause != 0)
            status = fail_system(place, place->temporary, cause);
        else
            close(descriptor);
    }
    if (status != EVENTURE_OK)
    {
        unlock(place);
        forget(place);
    }
    return status;
}

/* Makes the store that is about to be replaced need no write-ahead log any more. A file that is no database has none.
 */
static eventure_status settle_replaced(const eventure__atomic_file *place)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    eventure_status status = EVENTURE_OK;
    if (access(place->path, F_OK) != 0)
        return EVENTURE_OK;
    int code =
        sqlite3_open_v2(place->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
    if (code == SQLITE_OK)
    {
        sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        code = sqlite3_exec(db, "PRAGMA journal_mode = DELETE", NULL, NULL, &message);
    }
    if (code != SQLITE_OK && code != SQLITE_NOTADB)
        status = eventure__fail(place->error,
                                code == SQLITE_BUSY    ? EVENTURE_ERROR_BUSY
                                : code == SQLITE_NOMEM ? EVENTURE_ERROR_MEMORY
                                                       : EVENTURE_ERROR_IO,
                                "%s: cannot replace %s: %s", place->what, place->path,
                                code == SQLITE_BUSY ? "somebody has it open"
                                                    : (message != NULL ? message : sqlite3_errstr(code)));
    sqlite3_free(message);
    sqlite3_close(db);
    return status;
}

/* Without `replace`, the name is taken by a link, which fails when there is a file of that name meanwhile. */
static eventure_status move(const eventure__atomic_file *place)
{
    if (place->replace)
        return rename(place->temporary, place->path) == 0 ? EVENTURE_OK : fail_system(place, place->path, errno);
    if (link(place->temporary, place->path) == 0)
    {
        unlink(place->temporary);
        return EVENTURE_OK;
    }
    if (errno == EEXIST || (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK))
        return fail_system(place, place->path, errno);
    /* A file system without links: the lock still keeps others of us away. */
    if (access(place->path, F_OK) == 0)
        return fail_system(place, place->path, EEXIST);
    return rename(place->temporary, place->path) == 0 ? EVENTURE_OK : fail_system(place, place->path, errno);
}

eventure_status eventure__atomic_file_close(eventure__atomic_file *place, eventure_status status)
{
    if (status == EVENTURE_OK)
        status = check_all_inside(place);
    if (status == EVENTURE_OK && chmod(place->temporary, place->mode) != 0)
        status = fail_system(place, place->temporary, errno);
    if (status == EVENTURE_OK)
        status = eventure__files_sync(place->temporary, place->error);
    if (status == EVENTURE_OK && place->replace)
        status = settle_replaced(place);
    if (status == EVENTURE_OK)
        status = move(place);
    if (status == EVENTURE_OK)
        status = eventure__files_sync_directory(place->path, place->error);
    else
    {
        eventure__files_remove(place->temporary);
    }
    unlock(place);
    forget(place);
    return status;
}
