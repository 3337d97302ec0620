/*
 * Files by device and inode: see inode.h.
 */
#define _GNU_SOURCE /* for F_OFD_SETLK */
#include "store/inode.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fork_generation.h"
#include "store/sqlite_fork.h"

/* Offset of the lock of the log: beyond the end of any file. */
#define LOG_BYTE ((off_t)1 << 62)

/* The bytes that SQLite locks for reading while it has a database open, and for writing to get exclusive access:
 * SHARED_FIRST and SHARED_SIZE (https://www.sqlite.org/src/file/src/os.h). */
#define SHARED_FIRST ((off_t)0x40000002)
#define SHARED_SIZE ((off_t)510)

typedef struct connection
{
    struct connection *next;
    sqlite3 *db;
} connection;

struct eventure__inode
{
    eventure__inode *next;
    dev_t device;
    ino_t number;
    uint64_t generation;
    int descriptor; /* -1: no log has opened the file */
    int users;
    bool is_locked;
    connection *connections;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* protects all records */
static eventure__inode *first;
static pthread_once_t watched = PTHREAD_ONCE_INIT;
static int watching_failed;

static void before_fork(void)
{
    pthread_mutex_lock(&mutex);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&mutex);
}

/* After eventure__sqlite_fork_watch: SQLite is called while the mutex is held. */
static void watch(void)
{
    watching_failed = pthread_atfork(before_fork, after_fork, after_fork);
}

static eventure__inode *find(const struct stat *info)
{
    eventure__inode *inode = first;
    while (inode != NULL && (inode->device != info->st_dev || inode->number != info->st_ino))
        inode = inode->next;
    return inode;
}

/* Returns the record of a file, and adds it when there is none. NULL: out of memory. */
static eventure__inode *find_or_add(const struct stat *info)
{
    eventure__inode *inode = find(info);
    if (inode != NULL)
        return inode;
    inode = calloc(1, sizeof *inode);
    if (inode == NULL)
        return NULL;
    *inode = (eventure__inode){.next = first,
                               .device = info->st_dev,
                               .number = info->st_ino,
                               .generation = eventure__fork_generation(),
                               .descriptor = -1};
    first = inode;
    return inode;
}

/* Gives the descriptor to the record. When the record has a descriptor of the same file already, the new one stays
 * open until the process ends: closing it would end SQLite's locks. */
static int adopt(eventure__inode *inode, int descriptor)
{
    if (!eventure__fork_keep_private(descriptor))
        return ENOMEM;
    if (inode->descriptor < 0)
        inode->descriptor = descriptor;
    return 0;
}

/* The file is new, so no connection has it open: its descriptor may be closed after an error. */
static int use_new(const char *file, eventure__inode **out)
{
    struct stat info;
    int descriptor = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (descriptor < 0)
        return errno;
    int cause = fstat(descriptor, &info) != 0 ? errno : 0;
    if (cause == 0 && (*out = find_or_add(&info)) == NULL)
        cause = ENOMEM;
    if (cause == 0)
        cause = adopt(*out, descriptor);
    if (cause == 0)
        return 0;
    close(descriptor);
    unlink(file);
    return cause;
}

/* --- Connections --- */

bool eventure__inode_connected(eventure__inode *inode, sqlite3 *db)
{
    connection *added = malloc(sizeof *added);
    if (added == NULL)
        return false;
    pthread_mutex_lock(&mutex);
    *added = (connection){inode->connections, db};
    inode->connections = added;
    pthread_mutex_unlock(&mutex);
    return true;
}

bool eventure__inode_is_connected(eventure__inode *inode, const char *file)
{
    bool is = false;
    pthread_mutex_lock(&mutex);
    for (const connection *one = inode->connections; one != NULL && !is; one = one->next)
    {
        const char *name = sqlite3_db_filename(one->db, "main");
        is = name != NULL && strcmp(name, file) == 0;
    }
    pthread_mutex_unlock(&mutex);
    return is;
}

void eventure__inode_disconnected(eventure__inode *inode, sqlite3 *db)
{
    if (inode == NULL)
        return;
    pthread_mutex_lock(&mutex);
    connection **at = &inode->connections;
    while (*at != NULL && (*at)->db != db)
        at = &(*at)->next;
    connection *found = *at;
    if (found != NULL)
        *at = found->next;
    pthread_mutex_unlock(&mutex);
    free(found);
}

/* Whether the connection is idle: no transaction, no active statement, and no other thread inside it. */
static bool is_idle(sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_db_mutex(db) != NULL || !sqlite3_get_autocommit(db))
        return false;
    while ((statement = sqlite3_next_stmt(db, statement)) != NULL)
        if (sqlite3_stmt_busy(statement))
            return false;
    return true;
}

/* In a child: makes SQLite release its record of the file. Closing an idle connection changes nothing in the files,
 * provided that the checkpoint on close is disabled, and ends no lock of the parent. */
static bool close_inherited(eventure__inode *inode)
{
    for (connection *one = inode->connections; one != NULL; one = one->next)
        if (!is_idle(one->db))
            return false;
    while (inode->connections != NULL)
    {
        connection *one = inode->connections;
        sqlite3_stmt *statement = NULL;
        while ((statement = sqlite3_next_stmt(one->db, NULL)) != NULL)
            sqlite3_finalize(statement);
        sqlite3_db_config(one->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        sqlite3_close_v2(one->db);
        inode->connections = one->next;
        free(one);
    }
    inode->generation = eventure__fork_generation();
    inode->descriptor = -1; /* fork has closed it */
    inode->users = 0;
    inode->is_locked = false;
    return true;
}

/* --- Shares --- */

static void remove_unused(eventure__inode *inode)
{
    if (inode == NULL || inode->users > 0)
        return;
    eventure__inode **at = &first;
    while (*at != inode)
        at = &(*at)->next;
    *at = inode->next;
    if (inode->descriptor >= 0)
    {
        eventure__fork_forget(inode->descriptor);
        close(inode->descriptor);
    }
    free(inode);
}

static int use(const char *file, bool create, eventure__inode **out)
{
    struct stat info;
    if (create)
        return use_new(file, out);
    if (stat(file, &info) != 0)
        return errno;
    *out = find_or_add(&info);
    return *out != NULL ? 0 : ENOMEM;
}

int eventure__inode_use(const char *file, bool create, eventure__inode **out)
{
    *out = NULL;
    int cause = eventure__sqlite_fork_watch();
    if (cause == 0)
        cause = pthread_once(&watched, watch);
    if (cause == 0)
        cause = watching_failed;
    if (cause != 0)
        return cause;
    pthread_mutex_lock(&mutex);
    cause = use(file, create, out);
    if (cause == 0 && *out == NULL)
        cause = ENOMEM;
    if (cause == 0 && (*out)->generation != eventure__fork_generation() && !close_inherited(*out))
        cause = EVENTURE__INODE_INHERITED;
    if (cause == 0)
        (*out)->users++;
    else
    {
        remove_unused(*out);
        *out = NULL;
    }
    pthread_mutex_unlock(&mutex);
    return cause;
}

/* An inherited record is kept: SQLite has the file open until the process ends. */
void eventure__inode_leave(eventure__inode *inode)
{
    if (inode == NULL || inode->generation != eventure__fork_generation())
        return;
    pthread_mutex_lock(&mutex);
    inode->users--;
    remove_unused(inode);
    pthread_mutex_unlock(&mutex);
}

static int set_lock(const eventure__inode *inode, short type, off_t begin, off_t len)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = begin, .l_len = len};
    if (fcntl(inode->descriptor, F_OFD_SETLK, &lock) == 0)
        return 0;
    return errno == EACCES || errno == EAGAIN ? EWOULDBLOCK : errno;
}

/* A name that leads to another file by now is an error: the locked file must be the one that SQLite has open or will
 * open. */
static int open_descriptor(eventure__inode *inode, const char *file, int access)
{
    struct stat info;
    if (inode->descriptor >= 0)
        return 0;
    int descriptor = open(file, access | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    memset(&info, 0, sizeof info);
    if (descriptor < 0)
        return errno;
    if (fstat(descriptor, &info) == 0 && info.st_dev == inode->device && info.st_ino == inode->number)
    {
        int cause = adopt(inode, descriptor);
        if (cause != 0 && inode->users == 1) /* safe: SQLite has not opened the file yet */
            close(descriptor);
        return cause;
    }
    if (find(&info) == NULL)
        close(descriptor);
    return ESTALE;
}

int eventure__inode_lock(eventure__inode *inode, const char *file)
{
    pthread_mutex_lock(&mutex);
    int cause = inode->is_locked ? EWOULDBLOCK : open_descriptor(inode, file, O_RDWR);
    if (cause == 0)
        cause = set_lock(inode, F_WRLCK, LOG_BYTE, 1);
    if (cause == 0)
        inode->is_locked = true;
    pthread_mutex_unlock(&mutex);
    return cause;
}

/* Opens it for writing if possible, because a log of this process may use it later. */
int eventure__inode_open(eventure__inode *inode, const char *file)
{
    pthread_mutex_lock(&mutex);
    int cause = open_descriptor(inode, file, O_RDWR);
    if (cause == EACCES || cause == EPERM || cause == EROFS)
        cause = open_descriptor(inode, file, O_RDONLY);
    pthread_mutex_unlock(&mutex);
    return cause;
}

void eventure__inode_unlock(eventure__inode *inode)
{
    if (inode == NULL || inode->generation != eventure__fork_generation())
        return;
    pthread_mutex_lock(&mutex);
    set_lock(inode, F_UNLCK, LOG_BYTE, 1);
    inode->is_locked = false;
    pthread_mutex_unlock(&mutex);
}

int eventure__inode_lock_shared(eventure__inode *inode)
{
    return set_lock(inode, F_RDLCK, SHARED_FIRST, SHARED_SIZE);
}

void eventure__inode_unlock_shared(eventure__inode *inode)
{
    set_lock(inode, F_UNLCK, SHARED_FIRST, SHARED_SIZE);
}

/* SQLite has a POSIX lock on these bytes as long as it has the database open. The query reports locks of other
 * processes only. */
bool eventure__inode_has_others(eventure__inode *inode)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = SHARED_FIRST, .l_len = SHARED_SIZE};
    return fcntl(inode->descriptor, F_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

int eventure__inode_descriptor(const eventure__inode *inode)
{
    return inode->descriptor;
}
