/*
 * An SQLite VFS that fails on demand: see fault_vfs.h. fault_disk.c models the disk while the power is under test.
 */
#include "fault_vfs.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "fault_disk.h"

#define NAMES 16

/* One open file; the file of the system's VFS follows it in memory. */
typedef struct fault_file
{
    sqlite3_file base;
    sqlite3_file *real;
    fault_inode *inode;   /* while the power is under test */
    bool syncs_directory; /* a new journal: its first sync is also its directory's */
    int name;             /* the index in names; -1: none */
} fault_file;

static struct
{
    bool is_registered;
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    unsigned fail_kinds;
    long fail_in;
    bool fails_on;
    bool has_failed;
    bool lies_about_syncs;
    bool lies_about_writes;
    int64_t room;
    bool was_full;
    struct
    {
        char name[64];
        int64_t bytes;
    } names[NAMES];
    int names_count;
    bool power;
    long cut_in;
    bool is_cut;
} fault;

static sqlite3_io_methods methods;

/* Protects `fault` and the model of the disk. */
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;

static void enter(void)
{
    pthread_mutex_lock(&guard);
}

static void leave(void)
{
    pthread_mutex_unlock(&guard);
}

static bool count_call(unsigned kind)
{
    if (fault.is_cut)
        return true;
    if ((fault.fail_kinds & kind) == 0 || fault.fail_in <= 0)
        return false;
    if (fault.fail_in > 1)
    {
        fault.fail_in--;
        return false;
    }
    fault.fail_in = fault.fails_on ? 1 : 0;
    fault.has_failed = true;
    return true;
}

/* Counts a call, and returns whether it must fail. */
static bool fails(unsigned kind)
{
    enter();
    bool result = count_call(kind);
    leave();
    return result;
}

/* Whether the power fails during this change of the disk. The caller holds the guard. */
static bool cuts(void)
{
    if (fault.power && fault.cut_in > 0 && --fault.cut_in == 0)
        fault.is_cut = true;
    return fault.is_cut;
}

static int file_close(sqlite3_file *file)
{
    fault_file *self = (fault_file *)file;
    return self->real->pMethods != NULL ? self->real->pMethods->xClose(self->real) : SQLITE_OK;
}

static int file_read(sqlite3_file *file, void *out, int len, sqlite3_int64 offset)
{
    fault_file *self = (fault_file *)file;
    if (fails(FAULT_READ))
        return SQLITE_IOERR_READ;
    enter();
    if (self->name >= 0)
        fault.names[self->name].bytes += len;
    leave();
    return self->real->pMethods->xRead(self->real, out, len, offset);
}

/* Whether the disk is too full for a file to grow to `end`. The caller holds the guard. */
static bool is_full(fault_file *self, sqlite3_int64 end)
{
    sqlite3_int64 size = 0;
    if (fault.room < 0 || self->real->pMethods->xFileSize(self->real, &size) != SQLITE_OK || end <= size)
        return false;
    if (fault.room < end - size)
    {
        fault.was_full = true;
        return true;
    }
    fault.room -= end - size;
    return false;
}

static int file_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 offset)
{
    fault_file *self = (fault_file *)file;
    bool fails_now = fails(FAULT_WRITE);
    enter();
    bool lies = fault.lies_about_writes && !fault.is_cut;
    bool full = !fails_now && is_full(self, offset + len);
    bool lost = !fails_now && !full && cuts();
    if (!fails_now && !full && fault.power && self->inode != NULL)
        fault_disk_write(self->inode, bytes, (size_t)len, (size_t)offset);
    leave();
    if (fails_now)
        return lies ? SQLITE_OK : SQLITE_IOERR_WRITE;
    if (full)
        return SQLITE_FULL;
    return lost ? SQLITE_IOERR_WRITE : self->real->pMethods->xWrite(self->real, bytes, len, offset);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    fault_file *self = (fault_file *)file;
    if (fails(FAULT_TRUNCATE))
        return SQLITE_IOERR_TRUNCATE;
    enter();
    bool lost = cuts();
    if (fault.power && self->inode != NULL)
        fault_disk_truncate(self->inode, (size_t)size);
    sqlite3_int64 before = 0;
    if (fault.room >= 0 && self->real->pMethods->xFileSize(self->real, &before) == SQLITE_OK && before > size)
        fault.room += before - size;
    leave();
    return lost ? SQLITE_IOERR_TRUNCATE : self->real->pMethods->xTruncate(self->real, size);
}

/* The system's own sync is left out: the machine's power is not cut during a test. */
static int file_sync(sqlite3_file *file, int flags)
{
    fault_file *self = (fault_file *)file;
    (void)flags;
    if (fails(FAULT_SYNC))
        return SQLITE_IOERR_FSYNC;
    enter();
    bool lost = cuts();
    if (!lost && fault.power && !fault.lies_about_syncs && self->inode != NULL)
    {
        fault_disk_sync(self->inode);
        if (self->syncs_directory)
            fault_disk_sync_directory();
        self->syncs_directory = false;
    }
    leave();
    return lost ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *out)
{
    fault_file *self = (fault_file *)file;
    return fails(FAULT_SIZE) ? SQLITE_IOERR_FSTAT : self->real->pMethods->xFileSize(self->real, out);
}

static int file_lock(sqlite3_file *file, int level)
{
    fault_file *self = (fault_file *)file;
    return fails(FAULT_LOCK) ? SQLITE_IOERR_LOCK : self->real->pMethods->xLock(self->real, level);
}

static int file_unlock(sqlite3_file *file, int level)
{
    fault_file *self = (fault_file *)file;
    return self->real->pMethods->xUnlock(self->real, level);
}

static int file_check_lock(sqlite3_file *file, int *out)
{
    fault_file *self = (fault_file *)file;
    return fails(FAULT_LOCK) ? SQLITE_IOERR_CHECKRESERVEDLOCK
                             : self->real->pMethods->xCheckReservedLock(self->real, out);
}

static int file_control(sqlite3_file *file, int op, void *argument)
{
    fault_file *self = (fault_file *)file;
    return self->real->pMethods->xFileControl(self->real, op, argument);
}

static int file_sector_size(sqlite3_file *file)
{
    fault_file *self = (fault_file *)file;
    return self->real->pMethods->xSectorSize(self->real);
}

static int file_characteristics(sqlite3_file *file)
{
    fault_file *self = (fault_file *)file;
    return self->real->pMethods->xDeviceCharacteristics(self->real);
}

static int file_shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
    fault_file *self = (fault_file *)file;
    if (fails(FAULT_SHARED))
        return SQLITE_IOERR_SHMMAP;
    return self->real->pMethods->xShmMap(self->real, region, size, extend, out);
}

static int file_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    fault_file *self = (fault_file *)file;
    if ((flags & SQLITE_SHM_LOCK) != 0 && fails(FAULT_SHARED))
        return SQLITE_IOERR_SHMLOCK;
    return self->real->pMethods->xShmLock(self->real, offset, n, flags);
}

static void file_shm_barrier(sqlite3_file *file)
{
    fault_file *self = (fault_file *)file;
    self->real->pMethods->xShmBarrier(self->real);
}

static int file_shm_unmap(sqlite3_file *file, int remove)
{
    fault_file *self = (fault_file *)file;
    return self->real->pMethods->xShmUnmap(self->real, remove);
}

static sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

/* Returns the index of the counter of a file's reads. The caller holds the guard. */
static int name_of(const char *path)
{
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;
    const char *name = slash != NULL ? slash + 1 : path;
    if (name == NULL || strlen(name) >= sizeof fault.names[0].name)
        return -1;
    for (int i = 0; i < fault.names_count; i++)
        if (strcmp(fault.names[i].name, name) == 0)
            return i;
    if (fault.names_count == NAMES)
        return -1;
    memcpy(fault.names[fault.names_count].name, name, strlen(name) + 1);
    fault.names[fault.names_count].bytes = 0;
    return fault.names_count++;
}

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags)
{
    fault_file *self = (fault_file *)file;
    (void)vfs;
    memset(self, 0, sizeof *self);
    self->real = (sqlite3_file *)(void *)(self + 1);
    if (fails(FAULT_OPEN))
        return SQLITE_CANTOPEN;
    bool is_new_journal = false;
    enter();
    if (fault.power && path != NULL)
    {
        bool is_new = false;
        self->inode = fault_disk_open(path, (flags & SQLITE_OPEN_CREATE) != 0, &is_new);
        is_new_journal = is_new && (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
    }
    self->syncs_directory = is_new_journal;
    self->name = name_of(path);
    leave();
    int code = fault.real->xOpen(fault.real, path, self->real, flags, out_flags);
    if (self->real->pMethods != NULL)
        self->base.pMethods = &methods;
    return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_directory)
{
    (void)vfs;
    if (fails(FAULT_DELETE))
        return SQLITE_IOERR_DELETE;
    enter();
    bool lost = cuts();
    if (!lost && fault.power)
        fault_disk_delete(path);
    if (!lost && fault.power && sync_directory != 0 && !fault.lies_about_syncs)
        fault_disk_sync_directory();
    leave();
    return lost ? SQLITE_IOERR_DELETE : fault.real->xDelete(fault.real, path, 0);
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
    (void)vfs;
    return fails(FAULT_ACCESS) ? SQLITE_IOERR_ACCESS : fault.real->xAccess(fault.real, path, flags, out);
}

/* SQLite calls this between its attempts to get a lock. After a failure, the lock can be one that could not be
 * released: waiting for it would only take seconds. */
static int vfs_sleep(sqlite3_vfs *vfs, int microseconds)
{
    (void)vfs;
    enter();
    const bool is_broken = fault.has_failed && fault.fail_kinds != 0;
    leave();
    return is_broken ? microseconds : fault.real->xSleep(fault.real, microseconds);
}

void fault_vfs_reset(void)
{
    fault_disk_forget();
    fault.fail_kinds = 0;
    fault.fail_in = 0;
    fault.has_failed = false;
    fault.lies_about_syncs = false;
    fault.lies_about_writes = false;
    fault.room = -1;
    fault.was_full = false;
    for (int i = 0; i < fault.names_count; i++)
        fault.names[i].bytes = 0;
    fault.power = false;
    fault.is_cut = false;
    fault.cut_in = 0;
}

void fault_vfs_install(void)
{
    if (!fault.is_registered)
    {
        fault.real = sqlite3_vfs_find(NULL);
        fault.vfs = *fault.real; /* the methods that are not replaced do not use their VFS argument */
        fault.vfs.iVersion = 2;
        fault.vfs.pNext = NULL;
        fault.vfs.zName = "eventure-fault";
        fault.vfs.szOsFile = (int)sizeof(fault_file) + fault.real->szOsFile;
        fault.vfs.xOpen = vfs_open;
        fault.vfs.xDelete = vfs_delete;
        fault.vfs.xAccess = vfs_access;
        fault.vfs.xSleep = vfs_sleep;
        fault.is_registered = true;
    }
    sqlite3_vfs_register(&fault.vfs, 1);
    fault_vfs_reset();
}

void fault_vfs_remove(void)
{
    fault_vfs_reset();
    sqlite3_vfs_register(fault.real, 1);
}

void fault_vfs_fail_at(unsigned kinds, long n, bool on)
{
    enter();
    fault.fail_kinds = kinds;
    fault.fail_in = n;
    fault.fails_on = on;
    fault.has_failed = false;
    leave();
}

bool fault_vfs_fail_stop(void)
{
    enter();
    fault.fail_in = 0;
    fault.fail_kinds = 0;
    bool failed = fault.has_failed;
    leave();
    return failed;
}

void fault_vfs_set_room(int64_t bytes)
{
    fault.room = bytes;
}

bool fault_vfs_was_full(void)
{
    return fault.was_full;
}

int64_t fault_vfs_bytes_read(const char *name)
{
    for (int i = 0; i < fault.names_count; i++)
        if (strcmp(fault.names[i].name, name) == 0)
            return fault.names[i].bytes;
    return 0;
}

void fault_vfs_power(long cut_at)
{
    fault_disk_forget();
    fault.power = true;
    fault.is_cut = false;
    fault.cut_in = cut_at;
}

bool fault_vfs_power_lost(void)
{
    enter();
    bool lost = fault.is_cut;
    leave();
    return lost;
}

void fault_vfs_settle(uint64_t *seed)
{
    fault.power = false;
    fault.is_cut = false;
    fault_disk_settle(seed);
    fault_disk_forget();
}

void fault_vfs_lie_about_syncs(bool lie)
{
    fault.lies_about_syncs = lie;
}

void fault_vfs_lie_about_writes(bool lie)
{
    fault.lies_about_writes = lie;
}
