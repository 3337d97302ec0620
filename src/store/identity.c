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

#include "base/clock.h"
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
    const char *given; /* NULL when it is `file` */
    int descriptor;    /* descriptor of the database */
    int directory;
    char *directory_name;
    file_id directory_id;
    named names[NAMES];
    struct timespec changed; /* change time of the directory at the last check of all names */
    bool is_settled;         /* any later change of the directory changes that time */
    bool has_lost_names;     /* a name in the directory, or the directory, is lost */
    _Atomic bool is_lost;    /* a name does not lead to its file any more; never reset */
    eventure__error error;   /* error of the last check */
};

static file_id id_of(const struct stat *info)
{
    return (file_id){info->st_dev, info->st_ino};
}

static bool is_same(file_id a, file_id b)
{
    return a.device == b.device && a.number == b.number;
}

/* Whether the name is one of its file. A link that leads to the file is another file. errno is 0 when the name is that
 * of another file. */
static bool leads_there(const eventure__identity *self, const named *name)
{
    struct stat info;
    errno = 0;
    return fstatat(self->directory, name->name, &info, AT_SYMLINK_NOFOLLOW) == 0 && is_same(id_of(&info), name->id);
}

static bool is_missing(int cause)
{
    return cause == ENOENT || cause == ENOTDIR || cause == ELOOP;
}

/* --- A loss --- */

static bool is_file_of(const eventure__identity *self, const char *name)
{
    struct stat info;
    return stat(name, &info) == 0 && is_same(id_of(&info), self->names[DATABASE].id);
}

/* Whether the name of the directory leads to it. errno is 0 when it leads to another one. */
static bool is_in_place(const eventure__identity *self, struct stat *out_info)
{
    errno = 0;
    return stat(self->directory_name, out_info) == 0 && is_same(id_of(out_info), self->directory_id);
}

/* Finds the present name of the file; "" when it is unknown. */
static void find_present_name(const eventure__identity *self, char out[PATH_MAX])
{
    char link[64];
    struct stat info;
    snprintf(out, PATH_MAX, "%s", self->file);
    if (is_in_place(self, &info) && leads_there(self, &self->names[DATABASE]))
        return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", self->descriptor);
    ssize_t len = readlink(link, out, PATH_MAX - 1);
    out[len > 0 ? len : 0] = '\0';
    if (!is_file_of(self, out))
        out[0] = '\0';
}

/* Describes what has the name of the database now. */
static const char *describe_successor(const eventure__identity *self)
{
    struct stat info;
    if (lstat(self->file, &info) != 0)
        return "";
    if (S_ISLNK(info.st_mode))
        return ", and a link has its name";
    return is_same(id_of(&info), self->names[DATABASE].id) ? ", and another directory has the name of its directory"
                                                           : ", and another file has its name";
}

static bool is_deleted(const eventure__identity *self)
{
    struct stat info;
    return fstat(self->descriptor, &info) == 0 && info.st_nlink == 0;
}

static void lose_names(eventure__identity *self)
{
    self->has_lost_names = true;
    atomic_store(&self->is_lost, true);
}

/* Sets the error for a store whose name, or the name of its directory, does not lead to it, and records the loss,
 * unless the name could not be examined. `cause` is an errno; 0: the name leads to another file. */
static void note_database_loss(eventure__identity *self, int cause)
{
    char present[PATH_MAX];
    if (cause != 0 && !is_missing(cause))
    {
        eventure__fail(&self->error, EVENTURE_ERROR_IO, "%s cannot be examined: %s", self->path, strerror(cause));
        return;
    }
    find_present_name(self, present);
    const char *beside = describe_successor(self);
    if (is_deleted(self))
        eventure__fail(&self->error, EVENTURE_ERROR_IO, "%s was deleted%s", self->path, beside);
    else if (strcmp(present, self->file) == 0)
        eventure__fail(&self->error, EVENTURE_ERROR_IO,
                       "%s was moved into another directory, which has the name of its directory", self->path);
    else if (present[0] != '\0')
        eventure__fail(&self->error, EVENTURE_ERROR_IO, "%s was renamed to %s%s", self->path, present, beside);
    else
        eventure__fail(&self->error, EVENTURE_ERROR_IO, "%s was renamed or deleted%s", self->path, beside);
    lose_names(self);
}

/* As note_database_loss, for a file beside the store. */
static void note_beside_loss(eventure__identity *self, const named *name, int cause)
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
    lose_names(self);
}

/* As note_database_loss, for the name with which the store was opened. The names beside the file are not lost. */
static void note_given_loss(eventure__identity *self, int cause)
{
    eventure__fail(&self->error, EVENTURE_ERROR_IO,
                   cause == 0 ? "%s, which led to %s, was changed to lead to another file"
                              : "%s, which led to %s, was renamed or deleted",
                   self->path, self->file);
    atomic_store(&self->is_lost, true);
}

eventure_status eventure__identity_fail(const eventure__identity *identity, eventure__error *error)
{
    return eventure__fail(
        error, EVENTURE_ERROR_IO, "%s%s", identity->error.text,
        atomic_load(&identity->is_lost) ? " while the log had it open: the log cannot append to it any more" : "");
}

/* --- Checks --- */

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
            note_database_loss(self, cause);
        else
            note_beside_loss(self, name, cause);
        return false;
    }
    self->changed = changed;
    self->is_settled = eventure__clock_is_later(now, changed);
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

static bool is_unchanged(const eventure__identity *self, const struct stat *directory)
{
    return directory->st_ctim.tv_sec == self->changed.tv_sec && directory->st_ctim.tv_nsec == self->changed.tv_nsec;
}

static bool check_names(eventure__identity *self)
{
    struct stat info = {0};
    /* Read before the names and before the change time: any later change has a later time. */
    struct timespec now = coarse_now();
    bool is_known = fstat(self->directory, &info) == 0;
    return look_at_names(self, info.st_ctim, is_known ? now : (struct timespec){0});
}

bool eventure__identity_holds(eventure__identity *self)
{
    struct stat info;
    if (atomic_load(&self->is_lost))
        return false;
    if (fstat(self->directory, &info) == 0 && self->is_settled && is_unchanged(self, &info))
        return true;
    return check_names(self);
}

/* Checks the names after a commit, when the change time of the directory does not show that they are unchanged. While a
 * later change may have the same time, only the name of the database is checked, because the check before the commit
 * has just checked all of them. */
static bool check_names_again(eventure__identity *self, const struct stat *directory)
{
    if (!is_unchanged(self, directory))
        return check_names(self) || !atomic_load(&self->is_lost);
    if (self->is_settled || leads_there(self, &self->names[DATABASE]) || (errno != 0 && !is_missing(errno)))
        return true;
    note_database_loss(self, errno);
    return false;
}

static bool check_given(eventure__identity *self)
{
    struct stat info;
    if (self->given == NULL)
        return true;
    int cause = stat(self->given, &info) == 0 ? 0 : errno;
    if (cause == 0 ? is_same(id_of(&info), self->names[DATABASE].id) : !is_missing(cause))
        return true;
    note_given_loss(self, cause);
    return false;
}

/* The tick is committed: a temporary failure of stat is not a reason to report it as failed. */
bool eventure__identity_is_reached(eventure__identity *self)
{
    struct stat info;
    if (atomic_load(&self->is_lost))
        return false;
    if (is_in_place(self, &info))
        return check_names_again(self, &info) && check_given(self);
    if (errno != 0 && !is_missing(errno))
        return true;
    note_database_loss(self, errno);
    return false;
}

bool eventure__identity_is_lost(const eventure__identity *self)
{
    return atomic_load_explicit(&self->is_lost, memory_order_acquire);
}

/* --- After a loss --- */

static bool is_own_or_empty(const eventure__identity *self, const char *path)
{
    struct stat info;
    char *name = eventure__files_beside(path, "-wal");
    bool is = name != NULL && (stat(name, &info) == 0 ? info.st_size == 0 || is_same(id_of(&info), self->names[LOG].id)
                                                      : errno == ENOENT);
    free(name);
    return is;
}

/* Whether the only write-ahead log beside the present names of the database is ours. Another program that has opened
 * the database there has its own log, and its commits must not be overwritten. */
static bool has_no_other_log(const eventure__identity *self)
{
    char present[PATH_MAX];
    find_present_name(self, present);
    if (present[0] == '\0' || !is_own_or_empty(self, present))
        return false;
    char *successor = realpath(self->file, NULL);
    bool has_none =
        successor == NULL ? errno != ENOMEM : !is_file_of(self, successor) || is_own_or_empty(self, successor);
    free(successor);
    return has_none;
}

/* Whether the name beside the database is unused, or leads to our file. A process that is the only one to have the
 * database open may ignore another index, and a write-ahead log without content. */
static bool is_no_obstacle(const eventure__identity *self, int which, bool is_alone)
{
    struct stat info;
    const named *name = &self->names[which];
    if (!name->is_there)
        return true;
    if (fstatat(self->directory, name->name, &info, 0) != 0)
        return errno == ENOENT;
    return is_same(id_of(&info), name->id) || (is_alone && (which == INDEX || info.st_size == 0));
}

bool eventure__identity_may_save(const eventure__identity *self, bool is_alone)
{
    return is_no_obstacle(self, LOG, is_alone) && is_no_obstacle(self, INDEX, is_alone) && !is_deleted(self) &&
           has_no_other_log(self);
}

bool eventure__identity_keeps_names(const eventure__identity *self)
{
    return atomic_load(&self->is_lost) && !self->has_lost_names;
}

void eventure__identity_clear(const eventure__identity *self)
{
    struct stat info;
    bool is_free = fstatat(self->directory, self->names[DATABASE].name, &info, AT_SYMLINK_NOFOLLOW) == 0
                       ? S_ISLNK(info.st_mode) /* SQLite's files are beside the file to which it leads */
                       : errno == ENOENT;
    if (!is_free)
        return;
    bool is_empty =
        fstatat(self->directory, self->names[LOG].name, &info, AT_SYMLINK_NOFOLLOW) == 0 && info.st_size == 0;
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
    name->is_there = fstatat(self->directory, name->name, &info, AT_SYMLINK_NOFOLLOW) == 0;
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
    struct stat info;
    if (slash != NULL)
        self->directory_name = strndup(self->file, slash == self->file ? 1 : (size_t)(slash - self->file));
    if (self->directory_name == NULL)
        return ENOMEM;
    self->directory = open(self->directory_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int cause = self->directory < 0 || fstat(self->directory, &info) != 0 ? errno : 0;
    if (cause == 0)
        self->directory_id = id_of(&info);
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

int eventure__identity_open(const char *file, const char *path, const char *given, int descriptor,
                            eventure__identity **out)
{
    eventure__identity *self = calloc(1, sizeof *self);
    *out = self;
    if (self == NULL)
        return ENOMEM;
    self->file = file;
    self->path = path;
    self->given = given;
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
    free(self->directory_name);
    if (self->directory >= 0)
        close(self->directory);
    free(self);
}
