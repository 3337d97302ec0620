/*
 * SQLite's view of a disk that fails: an SQLite VFS around the system's own one. It makes calls fail, fills the disk
 * up, counts, and cuts the power.
 *
 * With the power under test, files are written as usual, and the content that a disk would have without the missing
 * syncs is recorded in addition. After the cut every call fails; fault_vfs_settle then puts on the disk what a cut may
 * have left: of each write that was not synced any sectors or none; files whose names were not synced are gone, and
 * deleted ones exist again.
 *
 * Any thread may use a connection. Except fault_vfs_fail_at, _fail_stop and _power_lost, the functions here must be
 * called while no other thread uses one. The index of the write-ahead log (-shm) is memory and passes through.
 */
#ifndef EVENTURE_TESTS_FAULT_VFS_H
#define EVENTURE_TESTS_FAULT_VFS_H

#include <stdbool.h>
#include <stdint.h>

/* Kinds of calls. */
enum
{
    FAULT_READ = 1,
    FAULT_WRITE = 2,
    FAULT_SYNC = 4,
    FAULT_TRUNCATE = 8,
    FAULT_LOCK = 16,
    FAULT_OPEN = 32,
    FAULT_DELETE = 64,
    FAULT_SHARED = 128, /* mapping and locking the index of the write-ahead log */
    FAULT_SIZE = 256,
    FAULT_ACCESS = 512,
    FAULT_ALL = 1023
};

/* Makes it SQLite's default VFS, and resets all faults. */
void fault_vfs_install(void);

/* Makes the system's own VFS the default again. All connections must be closed. */
void fault_vfs_remove(void);

/* No fault, no power under test, counts 0. */
void fault_vfs_reset(void);

/* Makes the nth call of these kinds after this call fail, and with `on` all later ones too. */
void fault_vfs_fail_at(unsigned kinds, long n, bool on);

/* Ends the failures. Returns whether a call failed since fault_vfs_fail_at. */
bool fault_vfs_fail_stop(void);

/* Makes writes fail as on a full disk when they would make the total size of the files of this process larger than
   `bytes`; -1: no limit. The size counts what was written since fault_vfs_reset. */
void fault_vfs_set_room(int64_t bytes);

/* Whether a write failed since fault_vfs_reset because the disk was full. */
bool fault_vfs_was_full(void);

/* Returns the number of bytes read from the file with that name (without its directory) since fault_vfs_reset. */
int64_t fault_vfs_bytes_read(const char *name);

/* Begins a test of the power: the present content of the files is safe. It fails at the nth write, sync, truncation or
 * deletion from now on; 0: never. */
void fault_vfs_power(long cut_at);

/* Whether the power has failed. */
bool fault_vfs_power_lost(void);

/* After the cut, with all connections closed: changes the files to the state that the cut left, and ends the test of
   the power. */
void fault_vfs_settle(uint64_t *seed);

/* Deliberate defects of the disk, for the tests of the tests: a sync does nothing; the failure of a write is not
   reported. */
void fault_vfs_lie_about_syncs(bool lie);
void fault_vfs_lie_about_writes(bool lie);

#endif
