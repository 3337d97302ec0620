/*
 * One commit of the store that is copied or forked, in a read transaction while that is done.
 *
 * A reader that is in a read transaction is taken as it is. A log's own reader sees what is not committed yet, so
 * another one is opened beside it. A store in memory has no other reader; it is refused while it has events that are
 * not committed.
 */
#ifndef EVENTURE_SESSION_COPY_SOURCE_H
#define EVENTURE_SESSION_COPY_SOURCE_H

#include <stdbool.h>

#include "store/store.h"

typedef struct eventure__copy_source
{
    eventure_reader *given;  /* where errors go */
    eventure_reader *reader; /* what to read from */
    bool opened;             /* eventure__copy_source_open opened `reader` */
    bool begun;              /* eventure__copy_source_open began its read transaction */
} eventure__copy_source;

/* After an error there is nothing to close. */
eventure_status eventure__copy_source_open(eventure__copy_source *source, eventure_reader *given);

/* Ends the read transaction and closes the reader, if eventure__copy_source_open began or opened them. When `status` is
 * an error and a reader was opened, copies the error of that reader to `given`. Returns `status`. */
eventure_status eventure__copy_source_close(eventure__copy_source *source, eventure_status status);

#endif
