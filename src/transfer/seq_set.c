/*
 * A set of seqs: see seq_set.h.
 */
#include "transfer/seq_set.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_BYTES 4096
#define PAGE_SEQS ((uint64_t)PAGE_BYTES * 8)

static bool grow(eventure__seq_set *seqs, size_t page)
{
    size_t count = seqs->count * 2 > page ? seqs->count * 2 : page + 1;
    uint8_t **pages = realloc(seqs->pages, count * sizeof *pages);
    if (pages == NULL)
        return false;
    memset(pages + seqs->count, 0, (count - seqs->count) * sizeof *pages);
    seqs->pages = pages;
    seqs->count = count;
    return true;
}

bool eventure__seq_set_add(eventure__seq_set *seqs, int64_t seq)
{
    size_t page = (size_t)((uint64_t)seq / PAGE_SEQS);
    uint64_t bit = (uint64_t)seq % PAGE_SEQS;
    if (page >= seqs->count && !grow(seqs, page))
        return false;
    if (seqs->pages[page] == NULL)
        seqs->pages[page] = calloc(PAGE_BYTES, 1);
    if (seqs->pages[page] == NULL)
        return false;
    seqs->pages[page][bit / 8] |= (uint8_t)(1U << (bit % 8));
    return true;
}

bool eventure__seq_set_has(const eventure__seq_set *seqs, int64_t seq)
{
    size_t page = (size_t)((uint64_t)seq / PAGE_SEQS);
    uint64_t bit = (uint64_t)seq % PAGE_SEQS;
    return seq > 0 && page < seqs->count && seqs->pages[page] != NULL &&
           (seqs->pages[page][bit / 8] >> (bit % 8) & 1) != 0;
}

void eventure__seq_set_free(eventure__seq_set *seqs)
{
    for (size_t i = 0; i < seqs->count; i++)
        free(seqs->pages[i]);
    free(seqs->pages);
    *seqs = (eventure__seq_set){0};
}
