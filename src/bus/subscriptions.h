/*
 * The subscriptions of a bus: which handlers are called for a type, and in which order.
 *
 * All subscriptions of one pattern form a topic. Each class of patterns (exact, prefix, suffix, all) has a hash table
 * of topics by their literal text. A type matches at most one exact topic, and at most one prefix and one suffix topic
 * per dot, so the cost of finding them depends on the length of the type and not on the number of subscriptions.
 *
 * Hashes are FNV-1a; those of suffixes are computed backwards. One pass over the type therefore gives the hashes of all
 * its prefixes, and another pass those of all its suffixes. Types are looked up but never inserted, and patterns come
 * from the program itself, so untrusted input cannot cause collisions and the hash needs no seed.
 *
 * While a selection is active, ended subscriptions remain linked and are marked, so that selections can traverse them;
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
    eventure_subscription number; /* ascending in the order of subscribing */
    eventure_handler_fn handler;
    void *context;
    bool ended;
    eventure__topic *topic;
    struct eventure__subscribed *before; /* next in the topic, by number */
    struct eventure__subscribed *after;
    struct eventure__subscribed *next_ended; /* next in `ended`, when it has ended */
} eventure__subscribed;

/* A pattern and its subscriptions. */
struct eventure__topic
{
    eventure__pattern_kind kind;
    uint64_t hash;
    eventure__topic *next; /* next in its chain of the hash table */
    eventure__subscribed *first;
    eventure__subscribed *last;
    size_t len;
    char text[]; /* the literal part, not NUL-terminated */
};

/* A hash table of topics; the number of chains is a power of two, or 0. */
typedef struct eventure__topics
{
    eventure__topic **chains;
    size_t chains_count;
    size_t count;
} eventure__topics;

/* A zero-initialised object is empty. */
typedef struct eventure__subscriptions
{
    eventure__topics topics[EVENTURE__PATTERN_KINDS];
    eventure__subscribed **by_number; /* in the order of the numbers */
    size_t capacity;                  /* number of elements that there is memory for */
    size_t count;
    eventure_subscription highest; /* the newest number; 0 initially */
    eventure__subscribed *ended;   /* ended subscriptions to be reclaimed */
} eventure__subscriptions;

/* Adds a subscription. Returns EVENTURE_OK, or EVENTURE_ERROR_MEMORY without any change. */
eventure_status eventure__subscriptions_add(eventure__subscriptions *all, const eventure__pattern *pattern,
                                            eventure_handler_fn handler, void *context,
                                            eventure_subscription *out_number);

/* Ends a subscription; its memory is freed when it is reclaimed. Returns false when the number is unknown. */
bool eventure__subscriptions_end(eventure__subscriptions *all, eventure_subscription number);

/* Frees ended subscriptions and topics without subscriptions. No selection may be active. */
void eventure__subscriptions_reclaim(eventure__subscriptions *all);

void eventure__subscriptions_free(eventure__subscriptions *all);

/* An iteration over the subscriptions that match a type. A zero-initialised object is empty; it keeps its memory for
 * reuse. */
typedef struct eventure__selection
{
    eventure__subscribed **heads; /* the next subscription of each matching topic; NULL at its end */
    size_t capacity;
    size_t ends[EVENTURE__PATTERN_KINDS]; /* for each pattern kind: the index in `heads` after its last topic */
    int kind;                             /* the kind that is being iterated */
    eventure_subscription highest;        /* subscriptions with a higher number are not called */
} eventure__selection;

/* Selects the current subscriptions that match the type. Returns EVENTURE_OK or EVENTURE_ERROR_MEMORY. */
eventure_status eventure__selection_begin(eventure__selection *selection, const eventure__subscriptions *all,
                                          const char *type, size_t type_len);

/* Returns the next subscription that has not ended, or NULL. */
const eventure__subscribed *eventure__selection_next(eventure__selection *selection);

void eventure__selection_free(eventure__selection *selection);

#endif
