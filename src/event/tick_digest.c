/*
 * The digests of a tick: see tick_digest.h.
 */
#include "event/tick_digest.h"

#include <string.h>

void eventure__digest_chain_begin(eventure__digest_chain *chain, const eventure__tick_digest *before, int64_t tick)
{
    eventure__digest_begin(&chain->run);
    eventure__digest_add(&chain->run, before->run, sizeof before->run);
    eventure__digest_add_int(&chain->run, tick);
    eventure__digest_begin(&chain->full);
    eventure__digest_add(&chain->full, before->full, sizeof before->full);
    eventure__digest_add_int(&chain->full, tick);
}

static void add_text(eventure__digest *digest, const char *text)
{
    eventure__digest_add_text(digest, text, text != NULL ? strlen(text) : 0);
}

void eventure__digest_chain_add(eventure__digest_chain *chain, const eventure__digest_input *event)
{
    eventure__digest_add_int(&chain->run, event->parent_seq);
    eventure__digest_add_text(&chain->run, event->type, event->type_len);
    add_text(&chain->run, event->explicit_id);
    add_text(&chain->run, event->external_parent_id);
    eventure__digest_add_text(&chain->run, event->data, event->data_len);
    eventure__timestamp_digest(&chain->full, event->timestamp);
}

void eventure__digest_chain_peek(const eventure__digest_chain *chain, eventure__tick_digest *out)
{
    eventure__digest full = chain->full;
    eventure__digest_peek(&chain->run, out->run);
    eventure__digest_add(&full, out->run, sizeof out->run);
    eventure__digest_peek(&full, out->full);
}
