/*
 * The operations of the library, for tests in which a call below them fails. Each works on the existing store
 * OPERATION_STORE (a history with explicit ids, external parents, save points, snapshots and an index on data), with an
 * open log or reader. The names of the files that it makes begin with OPERATION_OTHER.
 */
#ifndef EVENTURE_TESTS_OPERATION_LIST_H
#define EVENTURE_TESTS_OPERATION_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include <eventure/eventure.h>

#define OPERATION_STORE "operation.db"
#define OPERATION_OTHER "operation-other.db"
#define OPERATION_OTHER_HISTORY "operation-history.db"
#define OPERATION_PART "operation-part.db" /* an archive of OPERATION_REST */
#define OPERATION_REST "operation-rest.db"
#define OPERATION_LOST_ROWS "operation-rows.db"   /* a damaged copy of OPERATION_STORE, without some rows */
#define OPERATION_LOST_PAGES "operation-pages.db" /* the same without a page */

typedef struct operation
{
    const char *name;
    eventure_status (*on_log)(eventure_log *log); /* one of the two is set */
    eventure_status (*on_reader)(eventure_reader *reader);
    bool appends; /* changes the history; otherwise only derived content */
} operation;

/* Whether reading fails: then repair may lose the parts of a store that cannot be read. */
extern bool operations_may_lose;

extern const operation operations[];
extern const size_t operations_count;

/* Makes the store and the other files that the operations read. */
void operations_prepare(void);

/* Removes the files that operations make beside the store. */
void operations_clear(void);

#endif
