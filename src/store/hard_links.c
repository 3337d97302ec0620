/*
 * Several names of one file: see hard_links.h.
 */
#include "store/hard_links.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/files.h"
#include "store/wal_file.h"

/* Offset in the -shm of the byte that each process locks that has it open: UNIX_SHM_DMS
 * (https://www.sqlite.org/src/file/src/os_unix.c). */
#define SHM_OPEN_BYTE 128

/* Whether the name has a write-ahead log that is not empty. Returns 0 or an errno. */
static int look_for_log(const char *name, struct stat *out_info, bool *out_exists)
{
    char *log = eventure__files_beside(name, "-wal");
    if (log == NULL)
        return ENOMEM;
    *out_exists = stat(log, out_info) == 0 && out_info->st_size > 0;
    free(log);
    return 0;
}

/* Checks an entry of the directory. *out_name receives its path when it is another name of the file and has a log. */
static int look_at_entry(const char *file, size_t directory_len, const char *entry, const struct stat *info,
                         char **out_name)
{
    struct stat other;
    bool has_log = false;
    eventure__buffer name = {0};
    eventure__buffer_append(&name, file, directory_len);
    eventure__buffer_append_text(&name, entry);
    char *path = eventure__buffer_take(&name);
    if (path == NULL)
        return ENOMEM;
    int cause = 0;
    if (lstat(path, &other) == 0 && other.st_dev == info->st_dev && other.st_ino == info->st_ino)
        cause = look_for_log(path, &other, &has_log);
    if (has_log)
        *out_name = path;
    else
        free(path);
    return cause;
}

/* Finds another name of the file in its directory that has a log; NULL: there is none, or the directory cannot be
 * listed. Returns 0 or an errno. */
static int find_other_log(const char *file, const struct stat *info, char **out_name)
{
    *out_name = NULL;
    const char *base = strrchr(file, '/');
    size_t directory_len = base != NULL ? (size_t)(base + 1 - file) : 0;
    char *directory = base != NULL ? strndup(file, directory_len) : strdup(".");
    if (directory == NULL)
        return ENOMEM;
    base = file + directory_len;
    DIR *list = opendir(directory);
    int cause = list == NULL && errno == ENOMEM ? ENOMEM : 0;
    const struct dirent *entry;
    while (cause == 0 && *out_name == NULL && list != NULL && (entry = readdir(list)) != NULL)
        if (entry->d_ino == info->st_ino && strcmp(entry->d_name, base) != 0)
            cause = look_at_entry(file, directory_len, entry->d_name, info, out_name);
    if (list != NULL)
        closedir(list);
    free(directory);
    return cause;
}

/* Whether a process has the store open by this name, so that its log is in use. */
static bool is_in_use(const eventure__store *store)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = SHM_OPEN_BYTE, .l_len = 1};
    if (eventure__inode_is_connected(store->inode, store->file))
        return true;
    char *name = eventure__files_beside(store->file, "-shm");
    int index = name != NULL ? eventure__files_open_own(name, O_RDONLY) : -1;
    bool is_locked = index >= 0 && fcntl(index, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    if (index >= 0)
        close(index); /* this process has no locks on it: it has no connection by this name */
    free(name);
    return is_locked;
}

/* Whether the file was written after the log of its name, and not from it. A program that dies during a checkpoint also
 * leaves such files when it has not copied everything. */
static int check_own_log(const eventure__store *store, bool *out_is_stale)
{
    bool is_contained = false;
    char *log = eventure__files_beside(store->file, "-wal");
    int cause = log == NULL ? ENOMEM : eventure__inode_open(store->inode, store->file);
    if (cause == 0)
        cause = eventure__wal_file_compare(log, eventure__inode_descriptor(store->inode), &is_contained);
    if (cause == ENOENT) /* removed meanwhile */
        cause = 0;
    else
        *out_is_stale = !is_contained;
    free(log);
    return cause;
}

static eventure_status fail_other(eventure__store *store, const char *other, bool has_own)
{
    if (has_own)
        return eventure__fail(&store->error, EVENTURE_ERROR_IO,
                              "open %s: %s is another name of this file, and both names have a write-ahead log (-wal), "
                              "which a program left that did not close the store; only one of them can be used: copy "
                              "the files, and move the other one away",
                              store->path, other);
    return eventure__fail(&store->error, EVENTURE_ERROR_IO,
                          "open %s: %s is another name of this file, and ticks that are not in the file yet are in "
                          "%s-wal: open the store by that name, and close it there first",
                          store->path, other, other);
}

static eventure_status fail_stale(eventure__store *store)
{
    return eventure__fail(&store->error, EVENTURE_ERROR_IO,
                          "open %s: the file has several names (hard links) and was written after %s-wal, probably by "
                          "another name; using that log could destroy what was written: to keep the file as it is, "
                          "move %s-wal away; if no other name was used, touch %s-wal; then open the store again",
                          store->path, store->path, store->path, store->path);
}

eventure_status eventure__hard_links_check(eventure__store *store)
{
    struct stat info;
    struct stat log;
    char *other = NULL;
    bool has_own = false;
    bool is_stale = false;
    int cause = stat(store->file, &info) == 0 ? 0 : errno;
    if (cause == 0 && info.st_nlink < 2)
        return EVENTURE_OK;
    if (cause == 0)
        cause = look_for_log(store->file, &log, &has_own);
    if (cause == 0)
        cause = find_other_log(store->file, &info, &other);
    if (cause == 0 && other == NULL && has_own && eventure__clock_is_later(info.st_mtim, log.st_mtim) &&
        !is_in_use(store))
        cause = check_own_log(store, &is_stale);
    eventure_status status = EVENTURE_OK;
    if (cause != 0)
        status = eventure__fail(&store->error, eventure__errno_name_status(cause), "open %s: %s", store->path,
                                cause == ENOMEM ? "out of memory" : strerror(cause));
    else if (other != NULL)
        status = fail_other(store, other, has_own);
    else if (is_stale)
        status = fail_stale(store);
    free(other);
    return status;
}
