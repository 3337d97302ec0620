/*
 * The registry of a bus: which handlers hear a type, and in which order.
 *
 * Subscriptions of one pattern hang together in a topic; each class (exact, prefix, suffix, all) finds its topics in a
 * hash table by their literal text. A type is heard by one exact topic at most, and by as many prefix and suffix topics
 * as it has dots, so finding them costs the length of the type, however many subscriptions there are.
 *
 * Hashes are FNV-1a, of suffixes from the back to the front: one pass over the type gives the hash of each of its
 * prefixes, another one that of each of its suffixes. Types are only looked up and never put into a table, and patterns
 * are the program's own, so nobody outside can pile up collisions: there is no seed.
 *
 * While anything is selected, ended subscriptions stay where they are, marked, so that selections can walk over them;
 * eventure__subscriptions_reclaim frees them.
 */
#ifndef EVENTURE_BUS_SUBSCRIPTIONS_H
#define EVENTURE_BUS_SUBSCRIPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <eventure/bus.h>

#include "base/pattern.h"

#define EVENTURE__PATTERN_KINDS 4

typedef struct eventure__topic eventure__topic;

typedef struct eventure__subscribed
{
    eventure_subscription number; /* larger than that of every earlier one */
    eventure_handler_fn handler;
    void *context;
    bool ended;
    eventure__topic *topic;
    struct eventure__subscribed *before; /* in the topic, by number */
    struct eventure__subscribed *after;
    struct eventure__subscribed *next_by_number; /* in its chain of by_number; once ended, in that of `ended` */
} eventure__subscribed;

/* A pattern and its subscriptions. */
struct eventure__topic
{
    eventure__pattern_kind kind;
    uint64_t hash;
    eventure__topic *next; /* in its chain of the table */
    eventure__subscribed *first;
    eventure__subscribed *last;
    size_t len;
    char text[]; /* the literal part, not NUL-terminated */
};

/* Chains of topics; the number of chains is a power of two, or 0. */
typedef struct eventure__topics
{
    eventure__topic **chains;
    size_t chains_count;
    size_t count;
} eventure__topics;

/* Zero-initialised is empty. */
typedef struct eventure__subscriptions
{
    eventure__topics topics[EVENTURE__PATTERN_KINDS];
    eventure__subscribed **by_number;
    size_t by_number_count; /* a power of two, or 0 */
    size_t count;
    eventure_subscription highest; /* the newest number; 0 before the first */
    eventure__subscribed *ended;   /* to be reclaimed */
} eventure__subscriptions;

/* EVENTURE_OK, or EVENTURE_ERROR_MEMORY: then nothing has changed. */
eventure_status eventure__subscriptions_add(eventure__subscriptions *all, const eventure__pattern *pattern,
                                            eventure_handler_fn handler, void *context,
                                            eventure_subscription *out_number);

/* Ends a subscription; its memory is there until it is reclaimed. False when there is none of that number. */
bool eventure__subscriptions_end(eventure__subscriptions *all, eventure_subscription number);

/* Frees ended subscriptions, and topics that are left without one. Only while nothing is selected. */
void eventure__subscriptions_reclaim(eventure__subscriptions *all);

void eventure__subscriptions_free(eventure__subscriptions *all);

/* The way through the subscriptions that hear a type. Zero-initialised is empty; keeps its memory when used again. */
typedef struct eventure__selection
{
    eventure__subscribed **heads; /* of each topic that matches, the one that comes next; NULL at its end */
    size_t capacity;
    size_t ends[EVENTURE__PATTERN_KINDS]; /* where the heads of each class end in `heads` */
    int kind;                             /* the class that is being walked */
    eventure_subscription highest;        /* later ones are not called */
} eventure__selection;

/* Selects what is subscribed now and hears the type. EVENTURE_OK or EVENTURE_ERROR_MEMORY. */
eventure_status eventure__selection_begin(eventure__selection *selection, const eventure__subscriptions *all,
                                          const char *type, size_t type_len);

/* The next one that has not ended; NULL when there is none left. */
const eventure__subscribed *eventure__selection_next(eventure__selection *selection);

void eventure__selection_free(eventure__selection *selection);

#endif
