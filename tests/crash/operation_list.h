/*
 * The library's operations, one by one, for tests in which something fails below them. Each works on a store that is
 * there (OPERATION_STORE: a history with foreign ids, external parents, save points, snapshots and an index on data),
 * with its log or a reader of it open; what it makes is OPERATION_OTHER or begins so.
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

typedef struct operation
{
    const char *name;
    eventure_status (*on_log)(eventure_log *log); /* one of both */
    eventure_status (*on_reader)(eventure_reader *reader);
    bool appends; /* changes the history, else only what is beside it */
} operation;

/* Whether it is the disk that fails: what cannot be read of a store is lost in repairing it. */
extern bool operations_on_bad_disk;

extern const operation operations[];
extern const size_t operations_count;

/* Makes the store and what the operations read beside it. */
void operations_prepare(void);

/* Removes what operations make beside the store. */
void operations_clear(void);

#endif
