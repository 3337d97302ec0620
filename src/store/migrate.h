/*
 * Upgrades a store of an older format in its own file. All of it is one transaction: after any crash the file contains
 * the complete old store or the complete new one.
 */
#ifndef EVENTURE_STORE_MIGRATE_H
#define EVENTURE_STORE_MIGRATE_H

#include "store/store.h"

/* Writes a copy of a store of any format to a path where no file exists; does not sync it. */
eventure_status eventure__migrate_write_copy(eventure__store *store, const char *path);

/* Writes a copy of the store to PATH-format-N, with N its format, syncs it, and records its path in
 * store->kept_copy. An existing file is not changed: the copy then gets another number at its end. */
eventure_status eventure__migrate_keep_copy(eventure__store *store);

/* Upgrades the store, which has an older format. The caller holds the writer's lock. After an error, the store is
 * unchanged and the copy is removed. */
eventure_status eventure__migrate(eventure__store *store);

#endif
