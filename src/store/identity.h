/*
 * Checks that the name of a store still leads to the file that a log has open, and the names beside it to the files
 * that SQLite has open. Users and other programs rename, delete and replace files, and the system continues to write to
 * a file that has no name any more. A log checks all names before each commit, so that it does not change files that
 * other programs may use by now. After the commit, and before it acknowledges the tick, it checks that the names have
 * led to the files all the time.
 *
 * Checking one name costs a third of a microsecond. So all names are checked only when the directory has changed: while
 * its change time is the same, no name in it was made, removed or replaced. The check after the commit looks up the
 * absolute name of the directory, which detects that a directory above was renamed or replaced. No check follows a link
 * from one of these names: SQLite would look for the write-ahead log beside the file to which the link leads.
 *
 * The store may have been opened by another name, which leads through links. Then the check after the commit also looks
 * up that name.
 */
#ifndef EVENTURE_STORE_IDENTITY_H
#define EVENTURE_STORE_IDENTITY_H

#include <stdbool.h>

#include "base/error.h"

typedef struct eventure__identity eventure__identity;

/* Records the files. `file` and its descriptor are borrowed; so are `path`, the name for messages, and `given`, the
 * absolute name with which the store was opened, NULL when it is `file`. Returns 0 or an errno. */
int eventure__identity_open(const char *file, const char *path, const char *given, int descriptor,
                            eventure__identity **out);
void eventure__identity_close(eventure__identity *self);

/* The check before a commit: whether all names lead to their files, as far as the directory's change time shows.
 * Only one thread may call it at a time. */
bool eventure__identity_holds(eventure__identity *identity);

/* The check after a commit: whether the absolute name of the store leads to its file, in the same directory as at the
 * time of opening; and so does the name with which it was opened. */
bool eventure__identity_is_reached(eventure__identity *identity);

/* Sets the error of the last check: EVENTURE_ERROR_IO. */
eventure_status eventure__identity_fail(const eventure__identity *identity, eventure__error *error);

/* Whether a check has found the file lost. This does not change back. Any thread may call it. */
bool eventure__identity_is_lost(const eventure__identity *identity);

/* Whether the write-ahead log that SQLite still has open may be moved into the database that it still has open: no
 * other process can have another log for that database. `is_alone`: no other process has the database open. */
bool eventure__identity_may_save(const eventure__identity *identity, bool is_alone);

/* After a loss: whether only the name with which the store was opened is lost. SQLite may then close the files as
 * usual. */
bool eventure__identity_keeps_names(const eventure__identity *identity);

/* Removes the files that SQLite left beside a name without a file, after its connection was closed. */
void eventure__identity_clear(const eventure__identity *self);

#endif
