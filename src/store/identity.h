/*
 * Whether the name of a store still leads to the file that a log has open, and the names beside it to the files that
 * SQLite has open. Files are renamed, deleted and replaced by people and other programs, and the system goes on writing
 * to what has no name any more. A log asks before each commit for all names, so that nothing is done to files that may
 * be used by others by now, and after it for that of the store, before the tick is acknowledged.
 *
 * A look at each name costs a third of a microsecond. So it is only taken when the directory has changed: while its
 * time of change stays what it was, no name in it was made, removed or replaced. That a directory above it was renamed
 * is found by the whole name.
 */
#ifndef EVENTURE_STORE_IDENTITY_H
#define EVENTURE_STORE_IDENTITY_H

#include <stdbool.h>

#include "base/error.h"

typedef struct eventure__identity eventure__identity;

/* Takes note of the files. `file` and its descriptor are borrowed; `path` is its name in messages, also borrowed. 0, or
 * what the system says. */
int eventure__identity_open(const char *file, const char *path, int descriptor, eventure__identity **out);
void eventure__identity_close(eventure__identity *identity);

/* Whether all is as it was, as far as the directory tells: the look before a commit. For one thread at a time. */
bool eventure__identity_holds(eventure__identity *identity);

/* Whether the whole name of the store leads to its file: the look after a commit. */
bool eventure__identity_is_reached(eventure__identity *identity);

/* Says what was wrong in the last look: EVENTURE_ERROR_IO. */
eventure_status eventure__identity_fail(const eventure__identity *identity, eventure__error *error);

/* Whether a look has found the file gone; for any thread. It stays so. */
bool eventure__identity_is_lost(const eventure__identity *identity);

/* Whether the write-ahead log that SQLite still has open may be brought into the database that it still has open:
 * nobody else can have another one for it. */
bool eventure__identity_may_save(const eventure__identity *identity);

/* Removes what SQLite has left beside a name that leads nowhere any more, after its connection was closed. */
void eventure__identity_clear(const eventure__identity *identity);

#endif
