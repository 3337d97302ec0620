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
#include "base/path.h"

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
    return eventure__files_make_new(path, mode, out_descriptor);
}

int eventure__files_make_new(const char *path, mode_t mode, int *out_descriptor)
{
    *out_descriptor = -1;
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

/* Reads the first bytes of a file; zeros for those that it does not have. */
static void read_first(const char *name, unsigned char out[8])
{
    memset(out, 0, 8);
    int descriptor = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor >= 0 && read(descriptor, out, 8) < 0)
        memset(out, 0, 8);
    if (descriptor >= 0)
        close(descriptor);
}

/* Whether SQLite could have made the file, which it otherwise overwrites or removes. Formats:
 * https://www.sqlite.org/fileformat2.html, sections 3 and 4.1. A header of zeros is that of a file of which only the
 * length reached the disk before a power cut. The index of a write-ahead log is not examined: after a power cut it can
 * have any content, and closing a descriptor of it would release the locks that this process has on it. */
static bool may_be_of_sqlite(const char *name, const char *ending)
{
    static const unsigned char journal[8] = {0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7};
    static const unsigned char wal[4] = {0x37, 0x7F, 0x06, 0x82}; /* the last bit is the byte order of its checksums */
    static const unsigned char zeros[8] = {0};
    unsigned char first[8];
    if (strcmp(ending, "-shm") == 0)
        return true;
    read_first(name, first);
    if (memcmp(first, zeros, sizeof zeros) == 0)
        return true;
    if (strcmp(ending, "-journal") == 0)
        return memcmp(first, journal, sizeof journal) == 0;
    first[3] &= 0xFE;
    return memcmp(first, wal, sizeof wal) == 0;
}

static eventure_status check_file_beside(const char *path, const char *name, const char *ending, eventure__error *error)
{
    struct stat info;
    if (lstat(name, &info) != 0)
        return EVENTURE_OK;
    if (!S_ISREG(info.st_mode) || info.st_nlink > 1)
        return eventure__fail(error, EVENTURE_ERROR_IO, "open %s: %s is a link, or not a regular file", path, name);
    if (!may_be_of_sqlite(name, ending))
        return eventure__fail(error, EVENTURE_ERROR_IO,
                              "open %s: %s was not made by SQLite, or is damaged; it is not changed: move it to "
                              "another place",
                              path, name);
    return EVENTURE_OK;
}

eventure_status eventure__files_check_beside(const char *path, eventure__error *error)
{
    char *real = realpath(path, NULL); /* the name that SQLite opens, when the path is a link */
    if (real == NULL && eventure__files_exist(path))
        real = eventure__path_real(path); /* a link to a file that does not exist yet */
    eventure_status status = EVENTURE_OK;
    for (size_t i = 0; i < sizeof endings / sizeof *endings && status == EVENTURE_OK; i++)
    {
        char *name = eventure__files_beside(real != NULL ? real : path, endings[i]);
        status = name != NULL ? check_file_beside(path, name, endings[i], error)
                              : eventure__fail(error, EVENTURE_ERROR_MEMORY, "open %s: out of memory", path);
        free(name);
    }
    free(real);
    return status;
}

eventure_status eventure__files_check_output(const char *what, const char *path, eventure__error *error)
{
    const char *store = NULL;
    char *name = eventure__path_store_beside(path, &store);
    eventure_status status = EVENTURE_OK;
    if (name == NULL)
        status = eventure__fail(error, EVENTURE_ERROR_MEMORY, "%s: out of memory", what);
    else if (store != NULL)
        status = eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "%s: %s is the name of a file of the store %s", what,
                                path, store);
    free(name);
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
