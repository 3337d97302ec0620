/*
 * A set of seqs: one bit each, in pages that are allocated on demand.
 */
#ifndef EVENTURE_TRANSFER_SEQ_SET_H
#define EVENTURE_TRANSFER_SEQ_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct eventure__seq_set
{
    uint8_t **pages;
    size_t count;
} eventure__seq_set;

/* Adds a seq, which must be 1 or more. Returns false when memory runs out. */
bool eventure__seq_set_add(eventure__seq_set *seqs, int64_t seq);

bool eventure__seq_set_has(const eventure__seq_set *seqs, int64_t seq);
void eventure__seq_set_free(eventure__seq_set *seqs);

#endif
