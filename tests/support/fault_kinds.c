/*
 * The kinds of failures below an operation of the library: see fault_kinds.h.
 */
#include "fault_kinds.h"

#include <errno.h>

#include "alloc_fail.h"
#include "fault_vfs.h"
#include "sqlite_fail.h"
#include "system_fail.h"

static void disk_once(long n)
{
    fault_vfs_fail_at(FAULT_ALL, n, false);
}

static void disk_for_good(long n)
{
    fault_vfs_fail_at(FAULT_ALL, n, true);
}

static void system_broken(long n)
{
    system_fail_at(SYSTEM_ALL, n, EIO);
}

static void system_forbidden(long n)
{
    system_fail_at(SYSTEM_OPEN | SYSTEM_RENAME | SYSTEM_LINK | SYSTEM_UNLINK, n, EACCES);
}

static void sqlite_first(long n)
{
    sqlite_fail_at(n, 1);
}

static void sqlite_second(long n)
{
    sqlite_fail_at(n, 2);
}

static bool is_memory(eventure_status status)
{
    return status == EVENTURE_ERROR_MEMORY;
}

static bool is_disk(eventure_status status)
{
    return status == EVENTURE_ERROR_IO || status == EVENTURE_ERROR_BUSY || status == EVENTURE_ERROR_CORRUPT ||
           status == EVENTURE_ERROR_MEMORY || status == EVENTURE_ERROR_READ_ONLY;
}

static bool is_system(eventure_status status)
{
    return status == EVENTURE_ERROR_IO || status == EVENTURE_ERROR_READ_ONLY;
}

const fault_kind fault_kinds[FAULT_KINDS] = {
    {"an allocation", FAULT_IN_MEMORY, alloc_fail_at, alloc_fail_stop, is_memory, false},
    {"the first allocations", FAULT_IN_MEMORY, alloc_fail_at_place, alloc_fail_stop, is_memory, false},
    {"all allocations", FAULT_IN_MEMORY, alloc_fail_from, alloc_fail_stop, is_memory, true},
    {"a call of the disk", FAULT_ON_DISK, disk_once, fault_vfs_fail_stop, is_disk, false},
    {"the disk", FAULT_ON_DISK, disk_for_good, fault_vfs_fail_stop, is_disk, true},
    {"a call of the system", FAULT_IN_SYSTEM, system_broken, system_fail_stop, is_system, true},
    {"permission", FAULT_IN_SYSTEM, system_forbidden, system_fail_stop, is_system, true},
    {"the first calls of SQLite", FAULT_IN_SQLITE, sqlite_first, sqlite_fail_stop, is_disk, false},
    {"the second calls of SQLite", FAULT_IN_SQLITE, sqlite_second, sqlite_fail_stop, is_disk, false},
};

bool fault_may_be_ignored(const fault_kind *kind)
{
    return kind->place != FAULT_IN_SQLITE || sqlite_fail_was_harmless();
}

void fault_print(const fault_kind *kind)
{
    if (kind->begin == alloc_fail_at_place)
        alloc_fail_print();
    else if (kind->place == FAULT_IN_SQLITE)
        sqlite_fail_print();
}
