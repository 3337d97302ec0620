/*
 * The path of a new store: see atomic_file.h.
 *
 * SQLite finds the write-ahead log of a database by name. So a store may not appear under a name beside which the log
 * of another database lies, and a store that is replaced is first brought into a state without a log.
 */
#include "store/atomic_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/path.h"
#include "store/files.h"

static void forget(eventure__atomic_file *target)
{
    free(target->path);
    free(target->temporary);
    target->path = NULL;
    target->temporary = NULL;
}

static eventure_status fail_memory(const eventure__atomic_file *target)
{
    return eventure__fail(target->error, EVENTURE_ERROR_MEMORY, "%s: out of memory", target->what);
}

static eventure_status fail_system(const eventure__atomic_file *target, const char *path, int cause)
{
    return eventure__fail(target->error, eventure__errno_status(cause), "%s: %s: %s", target->what, path,
                          eventure__files_why(cause));
}

static eventure_status check_existing(const eventure__atomic_file *target, const struct stat *info,
                                      const char *source_path)
{
    if (source_path != NULL && eventure__path_is_same_file(target->path, source_path))
        return eventure__fail(target->error, EVENTURE_ERROR_ARGUMENT, "%s: %s is the store itself", target->what,
                              target->path);
    if (S_ISDIR(info->st_mode))
        return eventure__fail(target->error, EVENTURE_ERROR_ARGUMENT, "%s: %s is a directory", target->what,
                              target->path);
    if (!S_ISREG(info->st_mode))
        return eventure__fail(target->error, EVENTURE_ERROR_ARGUMENT, "%s: %s is not a regular file", target->what,
                              target->path);
    if (!target->replace)
        return eventure__fail(target->error, EVENTURE_ERROR_EXISTS, "%s: the file %s exists", target->what,
                              target->path);
    return EVENTURE_OK;
}

/* Returns the name of a log beside a database that is not empty; NULL when there is none. Readers leave empty logs
 * behind. */
static eventure_status find_beside(const eventure__atomic_file *target, const char *path, char **out_name)
{
    static const char *const logs[] = {"-wal", "-journal"};
    eventure_status status = EVENTURE_OK;
    *out_name = NULL;
    for (size_t i = 0; i < sizeof logs / sizeof *logs && *out_name == NULL && status == EVENTURE_OK; i++)
    {
        struct stat info = {0};
        char *name = eventure__files_beside(path, logs[i]);
        if (name == NULL)
            return fail_memory(target);
        if (stat(name, &info) != 0 && errno != ENOENT)
            status = fail_system(target, name, errno);
        if (info.st_size > 0)
            *out_name = name;
        else
            free(name);
    }
    return status;
}

/* SQLite would treat a write-ahead log without its database as that of the new one. */
static eventure_status check_nothing_beside(const eventure__atomic_file *target)
{
    char *name = NULL;
    eventure_status status = find_beside(target, target->path, &name);
    if (name != NULL)
        status = eventure__fail(target->error, EVENTURE_ERROR_EXISTS,
                                "%s: %s does not exist, but %s does, which must not become its write-ahead log",
                                target->what, target->path, name);
    free(name);
    return status;
}

/* Moves the write-ahead log of the new file into it, and returns an error when that fails. */
static eventure_status bring_inside(const eventure__atomic_file *target)
{
    sqlite3 *db = NULL;
    int code = sqlite3_open_v2(target->temporary, &db,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
    if (code == SQLITE_OK)
        code =
            sqlite3_exec(db, "SELECT count(*) FROM sqlite_schema; PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
    sqlite3_close(db);
    return (code & 0xFF) == SQLITE_NOMEM ? fail_memory(target)
                                         : EVENTURE_OK; /* the files that remain show any other failure */
}

/* Closing a database moves its write-ahead log into the file, and does not report when that fails: frames that are
 * still in the log would be lost when the file is moved. After a temporary lack of memory, moving them is tried once
 * more. */
static eventure_status check_all_inside(const eventure__atomic_file *target)
{
    char *name = NULL;
    eventure_status status = find_beside(target, target->temporary, &name);
    if (name != NULL)
    {
        free(name);
        name = NULL;
        status = bring_inside(target);
        if (status == EVENTURE_OK)
            status = find_beside(target, target->temporary, &name);
    }
    if (name != NULL)
        status = eventure__fail(target->error, EVENTURE_ERROR_IO, "%s: %s could not be moved into the new file",
                                target->what, name);
    free(name);
    return status;
}

static eventure_status check_target(const eventure__atomic_file *target, const char *source_path)
{
    struct stat info;
    eventure_status status = eventure__files_check_output(target->what, target->path, target->error);
    if (status != EVENTURE_OK)
        return status;
    if (lstat(target->path, &info) == 0 && S_ISLNK(info.st_mode) && stat(target->path, &info) != 0)
        return eventure__fail(target->error, EVENTURE_ERROR_EXISTS, "%s: %s is a link to a file that does not exist",
                              target->what, target->path);
    status = eventure__files_check_beside(target->path, target->error);
    if (status != EVENTURE_OK)
    {
        eventure__fail_prefix(target->error, "%s", target->what);
        return status;
    }
    if (stat(target->path, &info) == 0)
        return check_existing(target, &info, source_path);
    return errno == ENOENT ? check_nothing_beside(target) : fail_system(target, target->path, errno);
}

/* Locks the file that will be replaced, so that no log writes it meanwhile. */
static eventure_status lock_replaced(eventure__atomic_file *target)
{
    int cause = eventure__inode_use(target->path, false, &target->replaced);
    if (cause == ENOENT)
        return EVENTURE_OK;
    if (cause == 0)
        cause = eventure__inode_lock(target->replaced, target->path);
    if (cause == 0)
        return EVENTURE_OK;
    eventure__inode_leave(target->replaced);
    target->replaced = NULL;
    if (cause == EACCES || cause == EROFS) /* only a log of another user can write it: the next step detects that */
        return EVENTURE_OK;
    if (cause == EWOULDBLOCK)
        return eventure__fail(target->error, EVENTURE_ERROR_BUSY,
                              "%s: open %s: another log writes this store; only one log at a time can write it",
                              target->what, target->path);
    if (cause == EVENTURE__INODE_INHERITED)
        return eventure__fail(target->error, EVENTURE_ERROR_BUSY,
                              "%s: cannot replace %s: it was open when this process was forked", target->what,
                              target->path);
    return fail_system(target, target->path, cause);
}

static void unlock(eventure__atomic_file *target)
{
    eventure__inode_unlock(target->replaced);
    eventure__inode_leave(target->replaced);
    target->replaced = NULL;
    eventure__lock_release(&target->lock);
}

eventure_status eventure__atomic_file_open(eventure__atomic_file *target, const char *what, const char *path,
                                           bool replace, const char *source_path, eventure__error *error)
{
    *target = (eventure__atomic_file){.what = what, .replace = replace, .lock = EVENTURE__LOCK_INIT, .error = error};
    if (path == NULL || *path == '\0')
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "%s: no path was given", what);
    target->path = eventure__files_plain_name(path);
    if (target->path == NULL)
        return fail_memory(target);
    eventure_status status = check_target(target, source_path);
    if (status != EVENTURE_OK)
    {
        forget(target);
        return status;
    }
    status = eventure__lock_take(&target->lock, target->path, error);
    if (status == EVENTURE_ERROR_NOT_FOUND) /* EVENTURE_ERROR_NOT_FOUND is for the content of a store, not for a missing
                                               directory */
        error->status = status = EVENTURE_ERROR_IO;
    if (status != EVENTURE_OK)
        eventure__fail_prefix(error, "%s", what);
    else if (replace)
        status = lock_replaced(target);
    if (status == EVENTURE_OK)
    {
        target->temporary = eventure__files_beside(target->path, "-new");
        status = target->temporary != NULL ? EVENTURE_OK : fail_memory(target);
    }
    if (status == EVENTURE_OK)
    {
        int descriptor = -1;
        eventure__files_remove_beside(target->temporary);
        const char *like = source_path != NULL ? source_path : target->replaced != NULL ? target->path : NULL;
        target->mode = like != NULL ? eventure__files_mode(like) : EVENTURE__FILES_USUAL;
        int cause = eventure__files_make(target->temporary, target->mode, &descriptor);
        if (cause != 0)
            status = fail_system(target, target->temporary, cause);
        else
            close(descriptor);
    }
    if (status != EVENTURE_OK)
    {
        unlock(target);
        forget(target);
    }
    return status;
}

/* Brings the store that will be replaced into a state without a write-ahead log. A file that is not a database has
 * no such log. */
static eventure_status settle_replaced(const eventure__atomic_file *target)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    eventure_status status = EVENTURE_OK;
    if (access(target->path, F_OK) != 0)
        return EVENTURE_OK;
    int code = sqlite3_open_v2(target->path, &db,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
    if (code == SQLITE_OK)
    {
        sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        code = sqlite3_exec(db, "PRAGMA journal_mode = DELETE", NULL, NULL, &message);
    }
    if (code != SQLITE_OK && code != SQLITE_NOTADB)
        status = eventure__fail(target->error,
                                code == SQLITE_BUSY    ? EVENTURE_ERROR_BUSY
                                : code == SQLITE_NOMEM ? EVENTURE_ERROR_MEMORY
                                                       : EVENTURE_ERROR_IO,
                                "%s: cannot replace %s: %s", target->what, target->path,
                                code == SQLITE_BUSY ? "another connection has it open"
                                                    : (message != NULL ? message : sqlite3_errstr(code)));
    sqlite3_free(message);
    sqlite3_close(db);
    return status;
}

/* Without `replace`, the file gets its name by a hard link, which fails when a file of that name exists by now. */
static eventure_status move(const eventure__atomic_file *target)
{
    if (target->replace)
        return rename(target->temporary, target->path) == 0 ? EVENTURE_OK : fail_system(target, target->path, errno);
    if (link(target->temporary, target->path) == 0)
    {
        unlink(target->temporary);
        return EVENTURE_OK;
    }
    if (errno == EEXIST || (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK))
        return fail_system(target, target->path, errno);
    /* The file system has no hard links: the lock still excludes other calls of this library. */
    if (access(target->path, F_OK) == 0)
        return fail_system(target, target->path, EEXIST);
    return rename(target->temporary, target->path) == 0 ? EVENTURE_OK : fail_system(target, target->path, errno);
}

eventure_status eventure__atomic_file_close(eventure__atomic_file *target, eventure_status status)
{
    if (status == EVENTURE_OK)
        status = check_all_inside(target);
    if (status == EVENTURE_OK && target->mode != EVENTURE__FILES_USUAL && chmod(target->temporary, target->mode) != 0)
        status = fail_system(target, target->temporary, errno);
    if (status == EVENTURE_OK)
        status = eventure__files_sync(target->temporary, target->error);
    if (status == EVENTURE_OK && target->replace)
        status = settle_replaced(target);
    if (status == EVENTURE_OK)
        status = move(target);
    if (status == EVENTURE_OK)
        status = eventure__files_sync_directory(target->path, target->error);
    else
    {
        eventure__files_remove(target->temporary);
    }
    unlock(target);
    forget(target);
    return status;
}
