/*
 * Internal header of archiving: archive.c controls the steps, archive_fill.c writes the archive, archive_cut.c deletes
 * the events from the store.
 */
#ifndef EVENTURE_SESSION_ARCHIVE_INTERNAL_H
#define EVENTURE_SESSION_ARCHIVE_INTERNAL_H

#include <eventure/archive.h>

#include "store/archived.h"
#include "store/store.h"

typedef struct eventure__archiving
{
    eventure_log *log;
    eventure__store *store; /* the log's */
    eventure_archive_options options;
    const char *path;
    int64_t before_tick;
    int64_t last_seq;  /* newest event to move */
    eventure__cut cut; /* the current beginning of the store */
} eventure__archiving;

/* Writes all events up to last_seq to the archive and syncs it. */
eventure_status eventure__archive_fill(const eventure__archiving *work);

/* Deletes the archived events in one transaction. */
eventure_status eventure__archive_cut(const eventure__archiving *work);

/* Returns free space to the file system. */
eventure_status eventure__archive_shrink(const eventure__archiving *work);

#endif
