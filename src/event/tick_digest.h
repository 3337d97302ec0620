/*
 * The two digests of a tick, chained from tick to tick: the run digest covers the history without timestamps, the full
 * digest covers everything. docs/format.md defines their input.
 */
#ifndef EVENTURE_EVENT_TICK_DIGEST_H
#define EVENTURE_EVENT_TICK_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/sha512.h"
#include "event/timestamp.h"

/* The digests up to and including a tick. All zero before the first tick. */
typedef struct eventure__tick_digest
{
    uint8_t run[EVENTURE__DIGEST_BYTES];
    uint8_t full[EVENTURE__DIGEST_BYTES];
} eventure__tick_digest;

/* The digests of a tick while its events are added. */
typedef struct eventure__digest_chain
{
    eventure__digest run;
    eventure__digest full;
} eventure__digest_chain;

/* The input of the digests for one event. NULL texts count as empty. */
typedef struct eventure__digest_input
{
    int64_t parent_seq; /* 0: no parent in the store */
    eventure__timestamp timestamp;
    const char *type;
    size_t type_len;
    const char *explicit_id; /* NULL: the event has its derived id */
    const char *external_parent_id;
    const char *data;
    size_t data_len;
} eventure__digest_input;

void eventure__digest_chain_begin(eventure__digest_chain *chain, const eventure__tick_digest *before, int64_t tick);
void eventure__digest_chain_add(eventure__digest_chain *chain, const eventure__digest_input *event);

/* Returns the digests of the events added so far. More events can be added afterwards. */
void eventure__digest_chain_peek(const eventure__digest_chain *chain, eventure__tick_digest *out);

#endif
