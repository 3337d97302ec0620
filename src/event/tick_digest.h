/*
 * The two digests of a tick, chained from tick to tick: the run digest is of the history but for timestamps, the full
 * digest of everything. The bytes that they are computed over are laid down in docs/format.md.
 */
#ifndef EVENTURE_EVENT_CHAIN_H
#define EVENTURE_EVENT_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "base/sha512.h"
#include "event/timestamp.h"

/* The digests up to a tick. All zero before the first one. */
typedef struct eventure__tick_digest
{
    uint8_t run[EVENTURE__DIGEST_BYTES];
    uint8_t full[EVENTURE__DIGEST_BYTES];
} eventure__tick_digest;

/* A tick whose events are being added. */
typedef struct eventure__digest_chain
{
    eventure__digest run;
    eventure__digest full;
} eventure__digest_chain;

/* What the digests cover of one event. Texts may be NULL, which counts as empty. */
typedef struct eventure__digest_input
{
    int64_t parent_seq; /* 0: none in the store */
    eventure__timestamp timestamp;
    const char *type;
    size_t type_len;
    const char *foreign_id;
    const char *external_parent_id;
    const char *data;
    size_t data_len;
} eventure__digest_input;

void eventure__digest_chain_begin(eventure__digest_chain *chain, const eventure__tick_digest *before, int64_t tick);
void eventure__digest_chain_add(eventure__digest_chain *chain, const eventure__digest_input *event);

/* The digests with the events added so far; more may be added afterwards. */
void eventure__digest_chain_peek(const eventure__digest_chain *chain, eventure__tick_digest *out);

#endif
