/*
 * Operations on files: see files.h.
 */
#include "store/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"

#define COPY_BYTES 65536

static const char *const endings[] = {"-wal", "-shm", "-journal"};

char *eventure__files_beside(const char *path, const char *ending)
{
    eventure__buffer name = {0};
    eventure__buffer_append_text(&name, path);
    eventure__buffer_append_text(&name, ending);
    return eventure__buffer_take(&name);
}

void eventure__files_remove_beside(const char *path)
{
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
    {
        char *name = eventure__files_beside(path, endings[i]);
        if (name != NULL)
            unlink(name);
        free(name);
    }
}

void eventure__files_remove(const char *path)
{
    eventure__files_remove_beside(path);
    unlink(path);
}

bool eventure__files_exist(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

const char *eventure__files_why(int cause)
{
    return cause == ELOOP || cause == ENXIO ? "it is a link, or not a regular file" : strerror(cause);
}

int eventure__files_open_own(const char *path, int flags)
{
    struct stat info;
    int descriptor = open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0666);
    if (descriptor < 0)
        return -1;
    int cause = fstat(descriptor, &info) != 0 ? errno : S_ISREG(info.st_mode) ? 0 : ELOOP;
    if (cause == 0)
        return descriptor;
    close(descriptor);
    errno = cause;
    return -1;
}

int eventure__files_make(const char *path, mode_t mode, int *out_descriptor)
{
    struct stat info;
    *out_descriptor = -1;
    if (lstat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return ELOOP;
    if (unlink(path) != 0 && errno != ENOENT)
        return errno;
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                          mode == EVENTURE__FILES_USUAL ? 0666 : S_IRUSR | S_IWUSR);
    if (descriptor < 0)
        return errno;
    if (mode != EVENTURE__FILES_USUAL && fchmod(descriptor, (mode & 0777) | S_IRUSR | S_IWUSR) != 0)
    {
        int cause = errno;
        close(descriptor);
        unlink(path);
        return cause;
    }
    *out_descriptor = descriptor;
    return 0;
}

int eventure__files_why_unreadable(const char *path, const char *ending)
{
    char *name = eventure__files_beside(path, ending);
    int cause = name == NULL ? ENOMEM : faccessat(AT_FDCWD, name, R_OK, AT_EACCESS) == 0 ? 0 : errno;
    free(name);
    return cause;
}

mode_t eventure__files_mode(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? info.st_mode & 0777 : S_IRUSR | S_IWUSR;
}

/* Limit for the number of links that a path may lead through. */
#define MOST_LINKS 40

/* Returns the directory of a path with links resolved, or as the path spells it when it does not exist. The caller
 * frees it. NULL: out of memory. */
static char *real_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *directory = slash == NULL ? strdup(".") : strndup(path, slash == path ? 1 : (size_t)(slash - path));
    char *real = directory != NULL ? realpath(directory, NULL) : NULL;
    if (real == NULL && directory != NULL && errno != ENOMEM)
        return directory;
    free(directory);
    return real;
}

char *eventure__files_absolute(const char *path)
{
    const char *slash = strrchr(path, '/');
    eventure__buffer name = {0};
    char *directory = real_directory(path);
    if (directory == NULL)
        return NULL;
    eventure__buffer_append_text(&name, directory);
    if (strcmp(directory, "/") != 0)
        eventure__buffer_append_char(&name, '/');
    eventure__buffer_append_text(&name, slash != NULL ? slash + 1 : path);
    free(directory);
    return eventure__buffer_take(&name);
}

/* Returns the target of a link, NULL when the path is not a link. The caller frees it. */
static char *link_target(const char *path)
{
    char target[PATH_MAX];
    eventure__buffer name = {0};
    ssize_t len = readlink(path, target, sizeof target - 1);
    if (len <= 0)
        return NULL;
    target[len] = '\0';
    const char *slash = strrchr(path, '/');
    if (target[0] != '/' && slash != NULL)
        eventure__buffer_append(&name, path, (size_t)(slash + 1 - path));
    eventure__buffer_append_text(&name, target);
    return eventure__buffer_take(&name);
}

char *eventure__files_real(const char *path)
{
    char *real = realpath(path, NULL);
    if (real != NULL || errno == ENOMEM)
        return real;
    char *name = eventure__files_absolute(path);
    for (int links = 0; name != NULL && links < MOST_LINKS; links++)
    {
        char *target = link_target(name);
        if (target == NULL)
            break;
        free(name);
        name = eventure__files_absolute(target);
        free(target);
    }
    return name;
}

eventure_status eventure__files_check_beside(const char *path, eventure__error *error)
{
    char *real = realpath(path, NULL); /* the name that SQLite opens, when the path is a link */
    eventure_status status = EVENTURE_OK;
    for (size_t i = 0; i < sizeof endings / sizeof *endings && status == EVENTURE_OK; i++)
    {
        struct stat info;
        char *name = eventure__files_beside(real != NULL ? real : path, endings[i]);
        if (name == NULL)
            status = eventure__fail(error, EVENTURE_ERROR_MEMORY, "open %s: out of memory", path);
        else if (lstat(name, &info) == 0 && (!S_ISREG(info.st_mode) || info.st_nlink > 1))
            status =
                eventure__fail(error, EVENTURE_ERROR_IO, "open %s: %s is a link, or not a regular file", path, name);
        free(name);
    }
    free(real);
    return status;
}

eventure_status eventure__files_rename(const char *from, const char *to, eventure__error *error)
{
    if (rename(from, to) == 0)
        return EVENTURE_OK;
    return eventure__fail(error, EVENTURE_ERROR_IO, "rename %s to %s: %s", from, to, strerror(errno));
}

char *eventure__files_plain_name(const char *path)
{
    eventure__buffer plain = {0};
    if (path[0] == ':' || strncmp(path, "file:", 5) == 0)
        eventure__buffer_append_text(&plain, "./");
    eventure__buffer_append_text(&plain, path);
    return eventure__buffer_take(&plain);
}

/* Writes all bytes. Returns 0 or an errno. */
static int write_all(int descriptor, const char *bytes, size_t len)
{
    while (len > 0)
    {
        ssize_t written = write(descriptor, bytes, len);
        if (written < 0 && errno != EINTR)
            return errno;
        if (written > 0)
        {
            bytes += written;
            len -= (size_t)written;
        }
    }
    return 0;
}

static int write_from(sqlite3_file *from, int descriptor)
{
    char bytes[COPY_BYTES];
    sqlite3_int64 size = 0;
    int cause = from->pMethods->xFileSize(from, &size) == SQLITE_OK ? 0 : EIO;
    for (sqlite3_int64 at = 0; at < size && cause == 0; at += COPY_BYTES)
    {
        int len = size - at < COPY_BYTES ? (int)(size - at) : COPY_BYTES;
        cause =
            from->pMethods->xRead(from, bytes, len, at) == SQLITE_OK ? write_all(descriptor, bytes, (size_t)len) : EIO;
    }
    return cause;
}

eventure_status eventure__files_write_bytes(sqlite3_file *from, const char *like, const char *path,
                                            eventure__error *error)
{
    struct stat info = {.st_mode = S_IRUSR | S_IWUSR};
    stat(like, &info); /* the mode of `like`, or of a private file */
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, info.st_mode & 0777);
    int cause = descriptor < 0 || fchmod(descriptor, info.st_mode & 0777) != 0 ? errno : write_from(from, descriptor);
    if (descriptor >= 0 && close(descriptor) != 0 && cause == 0)
        cause = errno;
    return cause == 0 ? EVENTURE_OK : eventure__fail(error, EVENTURE_ERROR_IO, "write %s: %s", path, strerror(cause));
}

eventure_status eventure__files_sync(const char *path, eventure__error *error)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    eventure_status status = EVENTURE_OK;
    if (descriptor < 0 || fsync(descriptor) != 0)
        status = eventure__fail(error, EVENTURE_ERROR_IO, "sync %s: %s", path, strerror(errno));
    if (descriptor >= 0)
        close(descriptor);
    return status;
}

/* Must not allocate: the file was renamed already, so reporting "out of memory" here would be wrong. */
eventure_status eventure__files_sync_directory(const char *path_in_it, eventure__error *error)
{
    char directory[PATH_MAX];
    const char *slash = strrchr(path_in_it, '/');
    size_t len = slash == NULL ? 0 : slash == path_in_it ? 1 : (size_t)(slash - path_in_it);
    if (len >= sizeof directory)
        return eventure__fail(error, EVENTURE_ERROR_IO, "sync: the name of the directory is too long");
    snprintf(directory, sizeof directory, "%.*s", slash != NULL ? (int)len : 1, slash != NULL ? path_in_it : ".");
    int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    eventure_status status = EVENTURE_OK;
    /* EINVAL: this file system does not support fsync on directories, and does not need it. */
    if (descriptor >= 0 && fsync(descriptor) != 0 && errno != EINVAL)
        status = eventure__fail(error, EVENTURE_ERROR_IO, "sync %s: %s", directory, strerror(errno));
    if (descriptor >= 0)
        close(descriptor);
    return status;
}
