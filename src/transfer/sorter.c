/*
 * External sort: see sorter.h. When everything fits into memory there is no file, and nothing is merged.
 */
#include "transfer/sorter.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

#define RUN_BYTES_MIN ((size_t)4096)
#define RUN_BYTES_MAX ((size_t)256 * 1024)

struct eventure__sort_record
{
    eventure__sort_key key;
    int64_t number; /* in the order in which they came */
    size_t len;     /* of the bytes behind it */
};

/* A sorted run in the file, as the merge reads it. */
struct eventure__sort_run
{
    int64_t begin; /* the part that is not read yet */
    int64_t end;
    char *bytes; /* the loaded bytes, from `at` to `len` */
    size_t capacity;
    size_t at;
    size_t len;
};

/* Returns the space for a record with its pointer, and for the pointer that qsort may copy. */
static size_t space_of(size_t len)
{
    return sizeof(eventure__sort_record) + (len + 7) / 8 * 8 + 2 * sizeof(eventure__sort_record *);
}

static eventure_status fail_memory(eventure__sorter *sorter)
{
    return eventure__fail(sorter->error, EVENTURE_ERROR_MEMORY, "sort: out of memory");
}

void eventure__sorter_open(eventure__sorter *sorter, size_t memory, const char *folder, eventure__error *error)
{
    *sorter = (eventure__sorter){.error = error, .folder = folder, .memory = memory / 8 * 8, .file = {-1, 0}};
}

static eventure__sort_record **pointers(const eventure__sorter *sorter)
{
    return (eventure__sort_record **)(void *)(sorter->arena + sorter->memory) - sorter->count;
}

static int compare(const eventure__sort_record *a, const eventure__sort_record *b)
{
    if (a->key.first != b->key.first)
        return a->key.first < b->key.first ? -1 : 1;
    if (a->key.second != b->key.second)
        return a->key.second < b->key.second ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

static int compare_pointers(const void *a, const void *b)
{
    return compare(*(eventure__sort_record *const *)a, *(eventure__sort_record *const *)b);
}

static void sort_arena(eventure__sorter *sorter)
{
    if (sorter->count > 0)
        qsort((void *)pointers(sorter), sorter->count, sizeof(eventure__sort_record *), compare_pointers);
}

/* Writes the records of the arena as a run, and empties the arena. */
static eventure_status write_run(eventure__sorter *sorter)
{
    eventure__buffer pending = {0};
    if (sorter->runs_count == sorter->runs_capacity)
    {
        const size_t capacity = sorter->runs_capacity == 0 ? 16 : sorter->runs_capacity * 2;
        eventure__sort_run *runs = realloc(sorter->runs, capacity * sizeof *runs);
        if (runs == NULL)
            return fail_memory(sorter);
        sorter->runs = runs;
        sorter->runs_capacity = capacity;
    }
    eventure_status status = EVENTURE_OK;
    if (sorter->file.descriptor < 0)
        status = eventure__temporary_open(&sorter->file, sorter->folder, sorter->error);
    eventure__sort_run run = {.begin = sorter->file.len};
    sort_arena(sorter);
    for (size_t i = 0; i < sorter->count && status == EVENTURE_OK; i++)
    {
        const eventure__sort_record *record = pointers(sorter)[i];
        eventure__buffer_append(&pending, (const char *)record, sizeof *record + record->len);
        if (pending.failed)
            status = fail_memory(sorter);
        else if (pending.len >= RUN_BYTES_MAX || i + 1 == sorter->count)
        {
            status = eventure__temporary_write(&sorter->file, pending.bytes, pending.len, sorter->error);
            eventure__buffer_clear(&pending);
        }
    }
    eventure__buffer_free(&pending);
    run.end = sorter->file.len;
    sorter->runs[sorter->runs_count++] = run;
    sorter->count = 0;
    sorter->used = 0;
    return status;
}

eventure_status eventure__sorter_add(eventure__sorter *sorter, eventure__sort_key key, const char *bytes, size_t len)
{
    eventure_status status = EVENTURE_OK;
    if (space_of(len) > sorter->memory)
        return eventure__fail(sorter->error, EVENTURE_ERROR_LIMIT,
                              "sort: an event takes %zu bytes, and the memory for sorting is %zu", space_of(len),
                              sorter->memory);
    if (sorter->arena == NULL)
        sorter->arena = malloc(sorter->memory);
    if (sorter->arena == NULL)
        return fail_memory(sorter);
    if (sorter->used + space_of(len) > sorter->memory - sorter->count * 2 * sizeof(eventure__sort_record *))
        status = write_run(sorter);
    if (status != EVENTURE_OK)
        return status;
    eventure__sort_record *record = (eventure__sort_record *)(void *)(sorter->arena + sorter->used);
    *record = (eventure__sort_record){.key = key, .number = sorter->added++, .len = len};
    memcpy(record + 1, bytes, len);
    sorter->used += sizeof *record + (len + 7) / 8 * 8;
    sorter->count++;
    *pointers(sorter) = record;
    return EVENTURE_OK;
}

/* --- The merge --- */

/* Loads the next record of a run completely into its memory: returns EVENTURE_ROW, or EVENTURE_OK at its end. */
static eventure_status load(eventure__sorter *sorter, eventure__sort_run *run)
{
    for (;;)
    {
        const size_t have = run->len - run->at;
        eventure__sort_record record = {.len = 0};
        if (have >= sizeof record)
            memcpy(&record, run->bytes + run->at, sizeof record);
        const size_t needed = sizeof record + record.len;
        if (have >= needed)
            return EVENTURE_ROW;
        if (have == 0 && run->begin == run->end)
            return EVENTURE_OK;
        memmove(run->bytes, run->bytes + run->at, have);
        run->at = 0;
        run->len = have;
        if (needed > run->capacity)
        {
            char *bytes = realloc(run->bytes, needed);
            if (bytes == NULL)
                return fail_memory(sorter);
            run->bytes = bytes;
            run->capacity = needed;
        }
        size_t more = run->capacity - have;
        if ((int64_t)more > run->end - run->begin)
            more = (size_t)(run->end - run->begin);
        const eventure_status status =
            eventure__temporary_read(&sorter->file, run->begin, run->bytes + have, more, sorter->error);
        if (status != EVENTURE_OK)
            return status;
        run->begin += (int64_t)more;
        run->len += more;
    }
}

static bool is_before(const eventure__sort_run *a, const eventure__sort_run *b)
{
    eventure__sort_record first;
    eventure__sort_record second;
    memcpy(&first, a->bytes + a->at, sizeof first);
    memcpy(&second, b->bytes + b->at, sizeof second);
    return compare(&first, &second) < 0;
}

static void sift_down(eventure__sorter *sorter, size_t at)
{
    for (;;)
    {
        size_t smallest = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < sorter->heap_count; child++)
            if (is_before(sorter->heap[child], sorter->heap[smallest]))
                smallest = child;
        if (smallest == at)
            return;
        eventure__sort_run *moved = sorter->heap[at];
        sorter->heap[at] = sorter->heap[smallest];
        sorter->heap[smallest] = moved;
        at = smallest;
    }
}

/* The memory of the arena becomes that of the runs. */
static eventure_status begin_merge(eventure__sorter *sorter)
{
    eventure_status status = sorter->count > 0 ? write_run(sorter) : EVENTURE_OK;
    size_t capacity = sorter->memory / sorter->runs_count;
    capacity = capacity < RUN_BYTES_MIN ? RUN_BYTES_MIN : capacity > RUN_BYTES_MAX ? RUN_BYTES_MAX : capacity;
    free(sorter->arena);
    sorter->arena = NULL;
    sorter->heap = calloc(sorter->runs_count, sizeof *sorter->heap);
    if (status == EVENTURE_OK && sorter->heap == NULL)
        return fail_memory(sorter);
    for (size_t i = 0; i < sorter->runs_count && status == EVENTURE_OK; i++)
    {
        eventure__sort_run *run = &sorter->runs[i];
        run->bytes = malloc(capacity);
        run->capacity = capacity;
        if (run->bytes == NULL)
            return fail_memory(sorter);
        status = load(sorter, run);
        if (status == EVENTURE_ROW)
            sorter->heap[sorter->heap_count++] = run;
        status = status == EVENTURE_ROW ? EVENTURE_OK : status;
    }
    for (size_t i = sorter->heap_count; i-- > 0 && status == EVENTURE_OK;)
        sift_down(sorter, i);
    return status;
}

static eventure_status next_in_memory(eventure__sorter *sorter, char **out_bytes, size_t *out_len)
{
    if (sorter->next == sorter->count)
        return EVENTURE_OK;
    eventure__sort_record *record = pointers(sorter)[sorter->next++];
    *out_bytes = (char *)(record + 1);
    *out_len = record->len;
    return EVENTURE_ROW;
}

eventure_status eventure__sorter_next(eventure__sorter *sorter, char **out_bytes, size_t *out_len)
{
    eventure_status status = EVENTURE_OK;
    const bool is_first = !sorter->is_sorted;
    sorter->is_sorted = true;
    if (sorter->runs_count == 0)
    {
        if (is_first)
            sort_arena(sorter);
        return next_in_memory(sorter, out_bytes, out_len);
    }
    if (is_first)
        status = begin_merge(sorter);
    else if (sorter->heap_count > 0)
    {
        /* The last returned record is the first one of the heap's first run. */
        eventure__sort_run *run = sorter->heap[0];
        eventure__sort_record record;
        memcpy(&record, run->bytes + run->at, sizeof record);
        run->at += sizeof record + record.len;
        status = load(sorter, run);
        if (status == EVENTURE_OK)
            sorter->heap[0] = sorter->heap[--sorter->heap_count];
        status = status == EVENTURE_ROW ? EVENTURE_OK : status;
        if (status == EVENTURE_OK)
            sift_down(sorter, 0);
    }
    if (status != EVENTURE_OK || sorter->heap_count == 0)
        return status;
    eventure__sort_run *run = sorter->heap[0];
    eventure__sort_record record;
    memcpy(&record, run->bytes + run->at, sizeof record);
    *out_bytes = run->bytes + run->at + sizeof record;
    *out_len = record.len;
    return EVENTURE_ROW;
}

void eventure__sorter_free(eventure__sorter *sorter)
{
    free(sorter->arena);
    for (size_t i = 0; i < sorter->runs_count; i++)
        free(sorter->runs[i].bytes);
    free(sorter->runs);
    free(sorter->heap);
    eventure__temporary_close(&sorter->file);
    *sorter = (eventure__sorter){.file = {-1, 0}};
}
