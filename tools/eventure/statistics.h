/*
 * The figures of a history.
 */
#ifndef EVENTURE_TOOL_STATISTICS_H
#define EVENTURE_TOOL_STATISTICS_H

#include <stdint.h>

#include <eventure/query.h>

typedef struct type_count
{
    char *type;
    int64_t count;
} type_count;

typedef struct statistics
{
    int64_t disk_bytes; /* of the store and its write-ahead log */
    int64_t events;
    int64_t first_tick; /* this and the next member are undefined without events */
    int64_t last_tick;
    int64_t current_tick;
    int64_t ticks_used;      /* different ticks that have events */
    int64_t without_parent;  /* events without a parent */
    int64_t roots;           /* events without a parent in their own tick */
    int64_t max_depth;       /* events on the longest chain of parents */
    int64_t largest_cascade; /* events of the largest cascade, over all ticks */
    type_count *types;       /* in the order in which they first appeared */
    int64_t types_count;
} statistics;

/* Computes the figures of the events that the filter chooses (NULL: of all). A cause that it does not choose is ignored
   for the depth and the cascades. Returns the exit code; errors have been reported. The result must be freed in any
   case. */
int statistics_gather(eventure_reader *reader, const char *path, const eventure_filter *filter, statistics *out);

void statistics_free(statistics *figures);

#endif
