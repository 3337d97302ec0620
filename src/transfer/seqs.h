/*
 * A set of seqs: one bit each, in pages that are made when they are needed.
 */
#ifndef EVENTURE_TRANSFER_SEQS_H
#define EVENTURE_TRANSFER_SEQS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct eventure__seqs
{
    uint8_t **pages;
    size_t count;
} eventure__seqs;

/* False when there is no memory. seq is 1 or more. */
bool eventure__seqs_add(eventure__seqs *seqs, int64_t seq);

bool eventure__seqs_has(const eventure__seqs *seqs, int64_t seq);
void eventure__seqs_free(eventure__seqs *seqs);

#endif
