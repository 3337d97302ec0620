/*
 * Opening a store for writing: creates the file or migrates it, and locks it until the store is closed (see inode.h).
 */
#ifndef EVENTURE_STORE_OPEN_WRITE_H
#define EVENTURE_STORE_OPEN_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

/* PRAGMA synchronous. */
typedef enum eventure__sync
{
    EVENTURE__SYNC_FULL,
    EVENTURE__SYNC_NORMAL,
    EVENTURE__SYNC_OFF
} eventure__sync;

/* Zero is the default of every member. */
typedef struct eventure__write_options
{
    bool must_exist;
    bool must_be_new;
    bool in_memory; /* a new store without a file; `path` is only its name in messages */
    bool is_shared; /* a second thread uses the connection */
    eventure__sync sync;
    bool without_digests; /* of a store that is created */
    bool without_backup;  /* a store of an older format is migrated without a copy of it */
    int busy_timeout_ms;
    int64_t max_file_bytes; /* 0: no limit */
} eventure__write_options;

/* EVENTURE_ERROR_BUSY at once when another log has the file. out_store receives the store also on error, for its error
 * text; NULL only when out of memory. */
eventure_status eventure__store_open_write(const char *path, const eventure__write_options *options,
                                           eventure__store **out_store);

#endif
