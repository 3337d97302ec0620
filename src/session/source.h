/*
 * One commit of the store that is copied or forked, held while that is done.
 *
 * A reader that holds a commit is taken as it is. A log's own reader sees what is not committed yet, so another one is
 * opened beside it. A store in memory has no other reader; it is refused while it has events that are not committed.
 */
#ifndef EVENTURE_SESSION_SOURCE_H
#define EVENTURE_SESSION_SOURCE_H

#include <stdbool.h>

#include "store/store.h"

typedef struct eventure__source
{
    eventure_reader *given;  /* where errors go */
    eventure_reader *reader; /* what to read from */
    bool opened;             /* the reader is ours, */
    bool begun;              /* or its commit is */
} eventure__source;

/* After an error there is nothing to close. */
eventure_status eventure__source_open(eventure__source *source, eventure_reader *given);

/* Hands the reader's error over to the given one if status is one; returns status. */
eventure_status eventure__source_close(eventure__source *source, eventure_status status);

#endif
