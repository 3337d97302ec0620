/*
 * The newest events, in memory: a recent parent, and an event that is not yet written, are found without a look-up in
 * the file. Ids of EVENTURE__ID_BYTES and more, which only imported events have, are not kept.
 */
#include <string.h>

#include "base/hash.h"
#include "log/log_internal.h"

static int64_t *slot_of(eventure_log *log, const char *id, size_t id_len)
{
    return &log->recent_slots[eventure__hash(id, id_len) % (2 * EVENTURE__RECENT)];
}

void eventure__log_remember(eventure_log *log, int64_t seq, const char *id, size_t id_len)
{
    eventure__recent *kept = &log->recent[(uint64_t)seq % EVENTURE__RECENT];
    if (id_len >= sizeof kept->id)
    {
        kept->seq = 0;
        return;
    }
    kept->seq = seq;
    memcpy(kept->id, id, id_len);
    kept->id_len = id_len;
    int64_t *slot = slot_of(log, id, id_len);
    kept->older = *slot;
    *slot = seq;
}

void eventure__log_forget_recent(eventure_log *log)
{
    memset(log->recent, 0, sizeof log->recent);
    memset(log->recent_slots, 0, sizeof log->recent_slots);
}

/* Returns the recent event with that seq; NULL when it is not in memory. */
static const eventure__recent *find(const eventure_log *log, int64_t seq)
{
    const eventure__recent *recent = &log->recent[(uint64_t)seq % EVENTURE__RECENT];
    return seq > 0 && recent->seq == seq ? recent : NULL;
}

static bool has_id(const eventure__recent *recent, eventure__span id)
{
    return recent->id_len == id.len && memcmp(recent->id, id.at, id.len) == 0;
}

int64_t eventure__log_recall(eventure_log *log, eventure__span id)
{
    int64_t seq = *slot_of(log, id.at, id.len);
    for (const eventure__recent *recent; (recent = find(log, seq)) != NULL; seq = recent->older)
        if (has_id(recent, id))
            return seq;
    return 0;
}

eventure__span eventure__log_recent_id(const eventure_log *log, int64_t seq)
{
    const eventure__recent *recent = find(log, seq);
    return recent != NULL ? (eventure__span){recent->id, recent->id_len} : (eventure__span){NULL, 0};
}

bool eventure__log_is_recent(const eventure_log *log, int64_t seq, eventure__span id)
{
    const eventure__recent *recent = find(log, seq);
    return recent != NULL && has_id(recent, id);
}
