/*
 * A reducer for tests of archives: the number of events, and the sum of their seqs.
 */
#ifndef EVENTURE_TESTS_TOTALS_H
#define EVENTURE_TESTS_TOTALS_H

#include <string.h>

#include <eventure/replay.h>

typedef struct totals
{
    int64_t events;
    int64_t seqs;
} totals;

static inline int totals_reset(void *context)
{
    *(totals *)context = (totals){0, 0};
    return 0;
}

static inline int totals_apply(const eventure_event *event, void *context)
{
    totals *state = context;
    state->events++;
    state->seqs += event->seq;
    return 0;
}

static inline int totals_save(eventure_write_fn write, void *sink, void *context)
{
    return write(context, sizeof(totals), sink);
}

static inline int totals_load(const void *bytes, size_t len, void *context)
{
    if (len != sizeof(totals))
        return EVENTURE_ERROR_CORRUPT;
    memcpy(context, bytes, len);
    return 0;
}

static const eventure_reducer totals_reducer = {.size = sizeof(eventure_reducer),
                                                .name = "totals",
                                                .version = 1,
                                                .reset = totals_reset,
                                                .apply = totals_apply,
                                                .save = totals_save,
                                                .load = totals_load};

#endif
