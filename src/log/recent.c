/*
 * The newest events, so that whoever names one of them as a parent needs no look-up in the file.
 */
#include <string.h>

#include "log/private.h"

static size_t slot_of(int64_t tick, uint32_t hash_code, int64_t ordinal)
{
    uint64_t mixed = (uint64_t)tick * 0x9E3779B97F4A7C15U;
    mixed = (mixed ^ hash_code) * 0x9E3779B97F4A7C15U;
    mixed = (mixed ^ (uint64_t)ordinal) * 0x9E3779B97F4A7C15U;
    return (size_t)(mixed >> 32) % (2 * EVENTURE__RECENT);
}

static const char *hash_of(const eventure_log *log, const eventure__recent *recent)
{
    return log->store->types[recent->type_id - 1].hash;
}

void eventure__log_remember(eventure_log *log, const eventure__recent *event)
{
    eventure__recent *kept = &log->recent[event->seq % EVENTURE__RECENT];
    *kept = *event;
    if (event->is_foreign)
        return;
    int64_t *slot = &log->recent_slots[slot_of(event->tick, log->hash_codes[event->type_id - 1], event->ordinal)];
    kept->older = *slot;
    *slot = event->seq;
}

void eventure__log_forget_recent(eventure_log *log)
{
    memset(log->recent, 0, sizeof log->recent);
    memset(log->recent_slots, 0, sizeof log->recent_slots);
}

/* The recent event with that seq when it has its natural id; NULL when memory does not tell. */
static const eventure__recent *find(const eventure_log *log, int64_t seq)
{
    const eventure__recent *recent = &log->recent[seq % EVENTURE__RECENT];
    return seq > 0 && recent->seq == seq && !recent->is_foreign ? recent : NULL;
}

int64_t eventure__log_recall(const eventure_log *log, const char *id)
{
    eventure__id parsed;
    if (!eventure__id_parse(id, strlen(id), &parsed))
        return 0;
    int64_t seq = log->recent_slots[slot_of(parsed.tick, eventure__hash_code(parsed.hash), parsed.n)];
    for (const eventure__recent *recent; (recent = find(log, seq)) != NULL; seq = recent->older)
        if (recent->tick == parsed.tick && recent->ordinal == parsed.n &&
            strcmp(hash_of(log, recent), parsed.hash) == 0)
            return seq;
    return 0;
}

bool eventure__log_is_recent(const eventure_log *log, int64_t seq, const char *id)
{
    char natural[EVENTURE__ID_BYTES];
    const eventure__recent *recent = find(log, seq);
    if (recent == NULL)
        return false;
    eventure__id_format(natural, recent->tick, hash_of(log, recent), recent->ordinal);
    return strcmp(natural, id) == 0;
}
