/*
 * Bringing a store of an older format up to date, in its own file: after any crash the file holds the old store or the
 * new one, whole, since all of it is one transaction.
 */
#ifndef EVENTURE_STORE_UPGRADE_H
#define EVENTURE_STORE_UPGRADE_H

#include "store/store.h"

/* Writes a copy of a store of any format to a path where there is no file; not synced. */
eventure_status eventure__migrate_write_copy(eventure_reader *store, const char *path);

/* Writes a copy of the store beside it, PATH-format-N with N its format, synced, and notes where in store->kept_copy. A
 * file that is there is left as it is: the copy then gets another number at its end. */
eventure_status eventure__migrate_keep_copy(eventure_reader *store);

/* Brings the store, which is of an older format, up to date. The caller holds the writer's lock. When that fails, the
 * store is what it was, and the copy is removed. */
eventure_status eventure__migrate(eventure_reader *store);

#endif
