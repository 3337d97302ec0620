/*
 * Names and files: see identity.h.
 *
 * The change time of a directory is the system's coarse clock at its last change. When that clock has advanced since, a
 * later change gets a later time; until then each check looks at every name.
 */
#define _GNU_SOURCE /* for O_PATH */
#include "store/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/files.h"

typedef struct file_id
{
    dev_t device;
    ino_t number;
} file_id;

/* A name in the directory, and the file that it led to when the store was opened. */
typedef struct named
{
    char *name;
    bool is_there;
    file_id id;
} named;

enum
{
    DATABASE,
    LOG,
    INDEX,
    NAMES
};

struct eventure__identity
{
    const char *file;
    const char *path;
    int descriptor; /* descriptor of the database */
    int directory;
    named names[NAMES];
    struct timespec changed; /* change time of the directory at the last check of all names */
    bool is_settled;         /* any later change of the directory changes that time */
    _Atomic bool was_rolled_back;
    eventure__error error; /* error of the last check */
};

static file_id id_of(const struct stat *info)
{
    return (file_id){info->st_dev, info->st_ino};
}

static bool is_same(file_id a, file_id b)
{
    return a.device == b.device && a.number == b.number;
}

/* Whether the name leads to its file. errno is 0 when it leads to another file. */
static bool leads_there(const eventure__identity *self, const named *name)
{
    struct stat info;
    errno = 0;
    return fstatat(self->directory, name->name, &info, 0) == 0 && is_same(id_of(&info), name->id);
}

static bool is_missing(int cause)
{
    return cause == ENOENT || cause == ENOTDIR;
}

/* --- Descriptions of a loss --- */

/* Finds the present name of the file; "" when it is unknown. */
static void find_present_name(const eventure__identity *self, char out[PATH_MAX])
{
    char link[64];
    struct stat info;
    snprintf(out, PATH_MAX, "%s", self->file);
    if (stat(out, &info) == 0 && is_same(id_of(&info), self->names[DATABASE].id))
        return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", self->descriptor);
    ssize_t len = readlink(link, out, PATH_MAX - 1);
    out[len > 0 ? len : 0] = '\0';
    if (stat(out, &info) != 0 || !is_same(id_of(&info), self->names[DATABASE].id))
        out[0] = '\0';
}

static bool is_deleted(const eventure__identity *self)
{
    struct stat info;
    return fstat(self->descriptor, &info) == 0 && info.st_nlink == 0;
}

static void lose(eventure__identity *self)
{
    atomic_store(&self->was_rolled_back, true);
}

/* Describes that the store's name does not lead to its file. `cause` is an errno; 0: the name leads to another file. */
static void describe_database(eventure__identity *self, int cause)
{
    char present[PATH_MAX];
    if (cause != 0 && !is_missing(cause))
    {
        eventure__fail(&self->error, EVENTURE_ERROR_IO, "%s cannot be examined: %s", self->path, strerror(cause));
        return;
    }
    find_present_name(self, present);
    const char *beside = cause == 0 ? ", and another file has its name" : "";
    if (is_deleted(self))
        eventure__fail(&self->error, EVENTURE_ERROR_IO, "%s was deleted%s", self->path, beside);
    else if (present[0] != '\0')
        eventure__fail(&self->error, EVENTURE_ERROR_IO, "%s was renamed to %s%s", self->path, present, beside);
    else
        eventure__fail(&self->error, EVENTURE_ERROR_IO, "%s was renamed or deleted%s", self->path, beside);
    lose(self);
}

static void describe_beside(eventure__identity *self, const named *name, int cause)
{
    const char *ending = strrchr(name->name, '-');
    if (cause != 0 && !is_missing(cause))
    {
        eventure__fail(&self->error, EVENTURE_ERROR_IO, "%s%s cannot be examined: %s", self->path, ending,
                       strerror(cause));
        return;
    }
    if (cause == 0)
        eventure__fail(&self->error, EVENTURE_ERROR_IO, "another file has taken the name %s%s", self->path, ending);
    else
        eventure__fail(&self->error, EVENTURE_ERROR_IO, "%s%s was renamed or deleted", self->path, ending);
    lose(self);
}

eventure_status eventure__identity_fail(const eventure__identity *identity, eventure__error *error)
{
    return eventure__fail(error, EVENTURE_ERROR_IO, "%s%s", identity->error.text,
                          atomic_load(&identity->was_rolled_back)
                              ? " while the log had it open: the log cannot append to it any more"
                              : "");
}

/* --- Checks --- */

static bool is_later(struct timespec a, struct timespec b)
{
    return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

/* Checks each name, and records whether the next check may rely on the directory's change time, which was `changed`
 * before. */
static bool look_at_names(eventure__identity *self, struct timespec changed, struct timespec now)
{
    for (int i = 0; i < NAMES; i++)
    {
        const named *name = &self->names[i];
        if (!name->is_there || leads_there(self, name))
            continue;
        int cause = errno;
        if (i == DATABASE)
            describe_database(self, cause);
        else
            describe_beside(self, name, cause);
        return false;
    }
    self->changed = changed;
    self->is_settled = is_later(now, changed);
    return true;
}

static struct timespec coarse_now(void)
{
    struct timespec now = {0};
#ifdef CLOCK_REALTIME_COARSE
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
#endif
    return now;
}

bool eventure__identity_holds(eventure__identity *self)
{
    struct stat info;
    if (atomic_load(&self->was_rolled_back))
        return false;
    bool is_known = fstat(self->directory, &info) == 0;
    if (is_known && self->is_settled && info.st_ctim.tv_sec == self->changed.tv_sec &&
        info.st_ctim.tv_nsec == self->changed.tv_nsec)
        return true;
    /* Read before the names and before the second look at the change time: any later change has a later time. */
    struct timespec now = is_known ? coarse_now() : (struct timespec){0};
    is_known = is_known && fstat(self->directory, &info) == 0;
    return look_at_names(self, info.st_ctim, is_known ? now : (struct timespec){0});
}

bool eventure__identity_is_reached(eventure__identity *self)
{
    struct stat info;
    int cause = stat(self->file, &info) == 0 ? 0 : errno;
    /* The tick is committed: a temporary failure of stat is not a reason to report it as failed. */
    if (cause == 0 ? is_same(id_of(&info), self->names[DATABASE].id) : !is_missing(cause))
        return true;
    describe_database(self, cause);
    return false;
}

bool eventure__identity_is_lost(const eventure__identity *self)
{
    return atomic_load_explicit(&self->was_rolled_back, memory_order_acquire);
}

/* --- After a loss --- */

/* Whether the only write-ahead log beside the present name of the database is ours. Another program that has opened
 * the database there has its own log, and its commits must not be overwritten. */
static bool has_no_other_log(const eventure__identity *self)
{
    char present[PATH_MAX];
    struct stat info;
    find_present_name(self, present);
    char *name = present[0] != '\0' ? eventure__files_beside(present, "-wal") : NULL;
    bool has_none =
        name != NULL &&
        (stat(name, &info) == 0 ? info.st_size == 0 || is_same(id_of(&info), self->names[LOG].id) : errno == ENOENT);
    free(name);
    return has_none;
}

bool eventure__identity_may_save(const eventure__identity *self)
{
    for (int i = LOG; i < NAMES; i++)
        if (self->names[i].is_there && !leads_there(self, &self->names[i]) && errno != ENOENT)
            return false;
    return !is_deleted(self) && has_no_other_log(self);
}

void eventure__identity_clear(const eventure__identity *self)
{
    struct stat info;
    if (leads_there(self, &self->names[DATABASE]) || errno != ENOENT)
        return;
    bool is_empty = fstatat(self->directory, self->names[LOG].name, &info, 0) == 0 && info.st_size == 0;
    for (int i = LOG; i < NAMES && is_empty; i++)
        if (self->names[i].is_there && leads_there(self, &self->names[i]))
            unlinkat(self->directory, self->names[i].name, 0);
}

/* --- Opening and closing --- */

static int note(eventure__identity *self, int which, const char *base, const char *ending)
{
    named *name = &self->names[which];
    struct stat info;
    name->name = eventure__files_beside(base, ending);
    if (name->name == NULL)
        return ENOMEM;
    name->is_there = fstatat(self->directory, name->name, &info, 0) == 0;
    if (!name->is_there)
        return errno == ENOENT ? 0 : errno;
    name->id = id_of(&info);
    return 0;
}

/* A file of SQLite that does not exist now never existed: its VFS keeps it elsewhere, or the journal mode does not
 * use it. */
static int note_all(eventure__identity *self)
{
    const char *slash = strrchr(self->file, '/');
    const char *base = slash != NULL ? slash + 1 : self->file;
    char *directory =
        slash != NULL ? strndup(self->file, slash == self->file ? 1 : (size_t)(slash - self->file)) : NULL;
    struct stat info;
    if (directory == NULL)
        return ENOMEM;
    self->directory = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int cause = self->directory < 0 ? errno : 0;
    free(directory);
    if (cause == 0)
        cause = note(self, DATABASE, base, "");
    if (cause == 0)
        cause = note(self, LOG, base, "-wal");
    if (cause == 0)
        cause = note(self, INDEX, base, "-shm");
    if (cause != 0 || fstat(self->descriptor, &info) != 0)
        return cause != 0 ? cause : errno;
    /* The file is the open one; the first check finds a name that leads to another file by now. */
    self->names[DATABASE].is_there = true;
    self->names[DATABASE].id = id_of(&info);
    return 0;
}

int eventure__identity_open(const char *file, const char *path, int descriptor, eventure__identity **out)
{
    eventure__identity *self = calloc(1, sizeof *self);
    *out = self;
    if (self == NULL)
        return ENOMEM;
    self->file = file;
    self->path = path;
    self->descriptor = descriptor;
    self->directory = -1;
    return note_all(self);
}

void eventure__identity_close(eventure__identity *self)
{
    if (self == NULL)
        return;
    for (int i = 0; i < NAMES; i++)
        free(self->names[i].name);
    if (self->directory >= 0)
        close(self->directory);
    free(self);
}
