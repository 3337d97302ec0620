/*
 * The ids that peers give to events: see peers.h. The library computes the HASH of each type once, at the beginning.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <eventure/event.h>

#include "peers.h"

void bench_ids_begin(bench_ids *ids)
{
    memset(ids, 0, sizeof *ids);
    for (size_t i = 0; i < BENCH_TYPES; i++)
    {
        eventure_type_hash(bench_type_names[i], ids->hashes[i]);
        ids->groups[i] = i;
        for (size_t j = i; j-- > 0;)
            if (strcmp(ids->hashes[j], ids->hashes[i]) == 0)
                ids->groups[i] = j;
    }
}

void bench_ids_next_tick(bench_ids *ids)
{
    memset(ids->counters, 0, sizeof ids->counters);
}

int64_t bench_ids_ordinal(bench_ids *ids, size_t type)
{
    return ++ids->counters[ids->groups[type]];
}

const char *bench_ids_format(bench_ids *ids, const bench_event *event, int64_t tick, int64_t ordinal)
{
    char id[BENCH_ID_BYTES];
    char *kept = ids->ring[event->seq % BENCH_RING];
    int len = snprintf(id, sizeof id, "%lld-%s-%lld", (long long)tick, ids->hashes[event->type], (long long)ordinal);
    return memcpy(kept, id, len > 0 ? (size_t)len + 1 : 1);
}

double bench_now(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}
