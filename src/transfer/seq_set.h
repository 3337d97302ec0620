/*
 * A set of seqs: one bit each, in pages that are made when they are needed.
 */
#ifndef EVENTURE_TRANSFER_SEQS_H
#define EVENTURE_TRANSFER_SEQS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct eventure__seq_set
{
    uint8_t **pages;
    size_t count;
} eventure__seq_set;

/* False when there is no memory. seq is 1 or more. */
bool eventure__seq_set_add(eventure__seq_set *seqs, int64_t seq);

bool eventure__seq_set_has(const eventure__seq_set *seqs, int64_t seq);
void eventure__seq_set_free(eventure__seq_set *seqs);

#endif
