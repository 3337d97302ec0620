/*
 * An external sort: records are added in any order and returned in the order of their keys; the sort is stable. Memory
 * is bounded: the rest is written to a temporary file in sorted runs, which are merged.
 */
#ifndef EVENTURE_TRANSFER_SORTER_H
#define EVENTURE_TRANSFER_SORTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "transfer/temporary.h"

typedef struct eventure__sort_key
{
    int64_t first;
    double second; /* used when the first keys are equal; not NaN */
} eventure__sort_key;

typedef struct eventure__sort_record eventure__sort_record;
typedef struct eventure__sort_run eventure__sort_run;

typedef struct eventure__sorter
{
    eventure__error *error;
    const char *folder; /* of the temporary file; borrowed */
    size_t memory;
    char *arena; /* records from the bottom, pointers to them from the top */
    size_t used;
    size_t count; /* records in the arena */
    int64_t added;
    eventure__temporary file;
    eventure__sort_run *runs;
    size_t runs_count;
    size_t runs_capacity;
    eventure__sort_run **heap; /* the run with the smallest record first */
    size_t heap_count;
    bool is_sorted; /* records are being returned */
    size_t next;    /* without runs: the next record */
} eventure__sorter;

/* Opens a sorter with a maximum of memory in bytes. eventure__sorter_free must be called. */
void eventure__sorter_open(eventure__sorter *sorter, size_t memory, const char *folder, eventure__error *error);

/* Adds a record. EVENTURE_ERROR_MEMORY, EVENTURE_ERROR_IO, EVENTURE_ERROR_LIMIT (it is larger than the memory). */
eventure_status eventure__sorter_add(eventure__sorter *sorter, eventure__sort_key key, const char *bytes, size_t len);

/* Returns the next record, after all were added: EVENTURE_ROW, with the bytes valid until the next call; EVENTURE_OK at
 * the end; EVENTURE_ERROR_MEMORY, EVENTURE_ERROR_IO. */
eventure_status eventure__sorter_next(eventure__sorter *sorter, char **out_bytes, size_t *out_len);

void eventure__sorter_free(eventure__sorter *sorter);

#endif
