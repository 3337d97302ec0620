/*
 * The place of a new store: see atomic_file.h.
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

#include "store/files.h"

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
    if (source_path != NULL && stat(source_path, &source) == 0 && is_same_file(info, &source))
        return eventure__fail(place->error, EVENTURE_ERROR_ARGUMENT, "%s: %s is the store itself", place->what,
                              place->path);
    if (S_ISDIR(info->st_mode))
        return eventure__fail(place->error, EVENTURE_ERROR_ARGUMENT, "%s: %s is a directory", place->what, place->path);
    if (!S_ISREG(info->st_mode))
        return eventure__fail(place->error, EVENTURE_ERROR_ARGUMENT, "%s: %s is not a regular file", place->what,
                              place->path);
    if (!place->replace)
        return eventure__fail(place->error, EVENTURE_ERROR_EXISTS, "%s: the file %s exists", place->what, place->path);
    return EVENTURE_OK;
}

/* Returns the name of a log beside a database that is not empty; NULL when there is none. Readers leave empty logs
 * behind. */
static eventure_status find_beside(const eventure__atomic_file *place, const char *path, char **out_name)
{
    static const char *const logs[] = {"-wal", "-journal"};
    eventure_status status = EVENTURE_OK;
    *out_name = NULL;
    for (size_t i = 0; i < sizeof logs / sizeof *logs && *out_name == NULL && status == EVENTURE_OK; i++)
    {
        struct stat info = {0};
        char *name = eventure__files_beside(path, logs[i]);
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

/* SQLite would treat a write-ahead log without its database as that of the new one. */
static eventure_status check_nothing_beside(const eventure__atomic_file *place)
{
    char *name = NULL;
    eventure_status status = find_beside(place, place->path, &name);
    if (name != NULL)
        status = eventure__fail(place->error, EVENTURE_ERROR_EXISTS,
                                "%s: %s does not exist, but %s does, which must not become its write-ahead log",
                                place->what, place->path, name);
    free(name);
    return status;
}

/* Moves the write-ahead log of the new file into it, and returns an error when that fails. */
static eventure_status bring_inside(const eventure__atomic_file *place)
{
    sqlite3 *db = NULL;
    int code = sqlite3_open_v2(place->temporary, &db,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
    if (code == SQLITE_OK)
        code =
            sqlite3_exec(db, "SELECT count(*) FROM sqlite_schema; PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
    sqlite3_close(db);
    return (code & 0xFF) == SQLITE_NOMEM ? fail_memory(place)
                                         : EVENTURE_OK; /* the files that remain show any other failure */
}

/* Closing a database moves its write-ahead log into the file, and does not report when that fails: frames that are
 * still in the log would be lost when the file is moved. After a temporary lack of memory, moving them is tried once
 * more. */
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
        status = eventure__fail(place->error, EVENTURE_ERROR_IO, "%s: %s could not be moved into the new file",
                                place->what, name);
    free(name);
    return status;
}

static eventure_status check_place(const eventure__atomic_file *place, const char *source_path)
{
    struct stat info;
    if (lstat(place->path, &info) == 0 && S_ISLNK(info.st_mode) && stat(place->path, &info) != 0)
        return eventure__fail(place->error, EVENTURE_ERROR_EXISTS, "%s: %s is a link to a file that does not exist",
                              place->what, place->path);
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
    if (cause == EACCES || cause == EROFS) /* only a log of another user can write it: the next step detects that */
        return EVENTURE_OK;
    if (cause == EWOULDBLOCK)
        return eventure__fail(place->error, EVENTURE_ERROR_BUSY,
                              "%s: open %s: another log writes this store; only one log at a time can write it",
                              place->what, place->path);
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
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "%s: no path was given", what);
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
    if (status == EVENTURE_ERROR_NOT_FOUND) /* EVENTURE_ERROR_NOT_FOUND is for the content of a store, not for a missing
                                               directory */
        error->status = status = EVENTURE_ERROR_IO;
    if (status != EVENTURE_OK)
        eventure__fail_prefix(error, "%s", what);
    else if (replace)
        status = lock_replaced(place);
    if (status == EVENTURE_OK)
    {
        place->temporary = eventure__files_beside(place->path, "-new");
        status = place->temporary != NULL ? EVENTURE_OK : fail_memory(place);
    }
    if (status == EVENTURE_OK)
    {
        int descriptor = -1;
        eventure__files_remove_beside(place->temporary);
        const char *like = source_path != NULL ? source_path : place->replaced != NULL ? place->path : NULL;
        place->mode = like != NULL ? eventure__files_mode(like) : EVENTURE__FILES_USUAL;
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

/* Brings the store that will be replaced into a state without a write-ahead log. A file that is not a database has
 * no such log. */
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
                                code == SQLITE_BUSY ? "another connection has it open"
                                                    : (message != NULL ? message : sqlite3_errstr(code)));
    sqlite3_free(message);
    sqlite3_close(db);
    return status;
}

/* Without `replace`, the file gets its name by a hard link, which fails when a file of that name exists by now. */
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
    /* The file system has no hard links: the lock still excludes other calls of this library. */
    if (access(place->path, F_OK) == 0)
        return fail_system(place, place->path, EEXIST);
    return rename(place->temporary, place->path) == 0 ? EVENTURE_OK : fail_system(place, place->path, errno);
}

eventure_status eventure__atomic_file_close(eventure__atomic_file *place, eventure_status status)
{
    if (status == EVENTURE_OK)
        status = check_all_inside(place);
    if (status == EVENTURE_OK && place->mode != EVENTURE__FILES_USUAL && chmod(place->temporary, place->mode) != 0)
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
