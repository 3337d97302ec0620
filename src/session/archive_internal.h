/*
 * Archiving, for its files: archive.c decides and keeps the order, archive_fill.c writes the archive, archive_cut.c
 * takes the events out of the store.
 */
#ifndef EVENTURE_SESSION_ARCHIVE_H
#define EVENTURE_SESSION_ARCHIVE_H

#include <eventure/archive.h>

#include "store/archived.h"
#include "store/store.h"

typedef struct eventure__archiving
{
    eventure_log *log;
    eventure_reader *store; /* the log's */
    eventure_archive_options options;
    const char *path;
    int64_t before_tick;
    int64_t last_seq;  /* the newest event to move */
    eventure__cut cut; /* where the store begins so far */
} eventure__archiving;

/* Makes the archive hold everything up to last_seq, on the disk. */
eventure_status eventure__archive_fill(const eventure__archiving *work);

/* Deletes what the archive holds, in one transaction. */
eventure_status eventure__archive_cut(const eventure__archiving *work);

/* Gives free space back to the file system. */
eventure_status eventure__archive_shrink(const eventure__archiving *work);

#endif
