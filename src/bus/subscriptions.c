/*
 * The subscriptions of a bus. subscriptions.h describes the look-up by type.
 */
#include "bus/subscriptions.h"

#include <stdlib.h>
#include <string.h>

#define FNV_BASIS UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)

#define FIRST_CHAINS 16
#define FIRST_CAPACITY 16

static uint64_t hash_add(uint64_t hash, char byte)
{
    return (hash ^ (unsigned char)byte) * FNV_PRIME;
}

/* The low bits of an FNV hash depend only on the low bits of the text; the high bits depend on all bits. */
static size_t chain_of(uint64_t hash, size_t chains_count)
{
    return (size_t)(hash ^ (hash >> 32)) & (chains_count - 1);
}

static uint64_t hash_literal(const eventure__pattern *pattern)
{
    uint64_t hash = FNV_BASIS;
    for (size_t i = 0; i < pattern->len; i++)
        hash = hash_add(hash, pattern->text[pattern->kind == EVENTURE__PATTERN_SUFFIX ? pattern->len - 1 - i : i]);
    return hash;
}

/* The table must not be empty. */
static eventure__topic *topics_find(const eventure__topics *topics, uint64_t hash, const char *text, size_t len)
{
    eventure__topic *topic = topics->chains[chain_of(hash, topics->chains_count)];
    while (topic != NULL && (topic->hash != hash || topic->len != len || memcmp(topic->text, text, len) != 0))
        topic = topic->next;
    return topic;
}

/* Reserves space for one more topic. */
static bool topics_grow(eventure__topics *topics)
{
    if (topics->count < topics->chains_count)
        return true;
    size_t chains_count = topics->chains_count == 0 ? FIRST_CHAINS : topics->chains_count * 2;
    eventure__topic **chains = calloc(chains_count, sizeof(*chains));
    if (chains == NULL)
        return false;
    for (size_t i = 0; i < topics->chains_count; i++)
    {
        for (eventure__topic *topic = topics->chains[i], *next; topic != NULL; topic = next)
        {
            next = topic->next;
            eventure__topic **chain = &chains[chain_of(topic->hash, chains_count)];
            topic->next = *chain;
            *chain = topic;
        }
    }
    free(topics->chains);
    topics->chains = chains;
    topics->chains_count = chains_count;
    return true;
}

static eventure__topic *topics_find_pattern(const eventure__topics *topics, const eventure__pattern *pattern)
{
    return topics->count == 0 ? NULL : topics_find(topics, hash_literal(pattern), pattern->text, pattern->len);
}

/* Returns the topic of a pattern, which is added without a subscription if necessary. NULL when memory runs out. */
static eventure__topic *topics_get(eventure__topics *topics, const eventure__pattern *pattern)
{
    eventure__topic *topic = topics_find_pattern(topics, pattern);
    if (topic != NULL)
        return topic;
    if (!topics_grow(topics))
        return NULL;
    uint64_t hash = hash_literal(pattern);
    topic = malloc(sizeof(*topic) + pattern->len);
    if (topic == NULL)
        return NULL;
    topic->kind = pattern->kind;
    topic->hash = hash;
    topic->first = NULL;
    topic->last = NULL;
    topic->len = pattern->len;
    if (pattern->len > 0)
        memcpy(topic->text, pattern->text, pattern->len);
    eventure__topic **chain = &topics->chains[chain_of(hash, topics->chains_count)];
    topic->next = *chain;
    *chain = topic;
    topics->count++;
    return topic;
}

static void topics_remove_if_empty(eventure__topics *topics, eventure__topic *topic)
{
    if (topic->first != NULL)
        return;
    eventure__topic **link = &topics->chains[chain_of(topic->hash, topics->chains_count)];
    while (*link != topic)
        link = &(*link)->next;
    *link = topic->next;
    topics->count--;
    free(topic);
}

/* Reserves space for one more subscription. */
static bool numbers_grow(eventure__subscriptions *all)
{
    if (all->count < all->capacity)
        return true;
    size_t capacity = all->capacity == 0 ? FIRST_CAPACITY : all->capacity * 2;
    eventure__subscribed **grown = realloc(all->by_number, capacity * sizeof *grown);
    if (grown == NULL)
        return false;
    all->by_number = grown;
    all->capacity = capacity;
    return true;
}

/* Returns the position of a number; that of the next higher one when it is unknown. */
static size_t number_position(const eventure__subscriptions *all, eventure_subscription number)
{
    size_t low = 0;
    size_t high = all->count;
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        if (all->by_number[middle]->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

eventure_status eventure__subscriptions_add(eventure__subscriptions *all, const eventure__pattern *pattern,
                                            eventure_handler_fn handler, void *context,
                                            eventure_subscription *out_number)
{
    if (!numbers_grow(all))
        return EVENTURE_ERROR_MEMORY;
    eventure__subscribed *one = malloc(sizeof(*one));
    if (one == NULL)
        return EVENTURE_ERROR_MEMORY;
    eventure__topic *topic = topics_get(&all->topics[pattern->kind], pattern);
    if (topic == NULL)
    {
        free(one);
        return EVENTURE_ERROR_MEMORY;
    }
    one->number = ++all->highest;
    one->handler = handler;
    one->context = context;
    one->ended = false;
    one->topic = topic;
    one->before = topic->last;
    one->after = NULL;
    if (topic->last != NULL)
        topic->last->after = one;
    else
        topic->first = one;
    topic->last = one;
    all->by_number[all->count++] = one; /* the highest number */
    *out_number = one->number;
    return EVENTURE_OK;
}

bool eventure__subscriptions_end(eventure__subscriptions *all, eventure_subscription number)
{
    size_t at = number_position(all, number);
    if (at == all->count || all->by_number[at]->number != number)
        return false;
    eventure__subscribed *one = all->by_number[at];
    all->count--;
    memmove(&all->by_number[at], &all->by_number[at + 1], (all->count - at) * sizeof *all->by_number);
    one->ended = true;
    one->next_ended = all->ended;
    all->ended = one;
    return true;
}

void eventure__subscriptions_reclaim(eventure__subscriptions *all)
{
    while (all->ended != NULL)
    {
        eventure__subscribed *one = all->ended;
        eventure__topic *topic = one->topic;
        all->ended = one->next_ended;
        if (one->before != NULL)
            one->before->after = one->after;
        else
            topic->first = one->after;
        if (one->after != NULL)
            one->after->before = one->before;
        else
            topic->last = one->before;
        free(one);
        topics_remove_if_empty(&all->topics[topic->kind], topic);
    }
}

void eventure__subscriptions_free(eventure__subscriptions *all)
{
    for (int kind = 0; kind < EVENTURE__PATTERN_KINDS; kind++)
    {
        eventure__topics *topics = &all->topics[kind];
        for (size_t i = 0; i < topics->chains_count; i++)
        {
            for (eventure__topic *topic = topics->chains[i], *next; topic != NULL; topic = next)
            {
                next = topic->next;
                for (eventure__subscribed *one = topic->first, *after; one != NULL; one = after)
                {
                    after = one->after;
                    free(one);
                }
                free(topic);
            }
        }
        free(topics->chains);
    }
    free(all->by_number);
    memset(all, 0, sizeof(*all));
}

static bool selection_push(eventure__selection *selection, size_t *count, const eventure__topic *topic)
{
    if (topic == NULL)
        return true;
    if (*count == selection->capacity)
    {
        size_t capacity = selection->capacity == 0 ? 8 : selection->capacity * 2;
        eventure__subscribed **heads = realloc(selection->heads, capacity * sizeof(*heads));
        if (heads == NULL)
            return false;
        selection->heads = heads;
        selection->capacity = capacity;
    }
    selection->heads[(*count)++] = topic->first;
    return true;
}

/* Selects the topics of all prefixes of the type that end with a dot. */
static bool select_prefixes(eventure__selection *selection, const eventure__topics *topics, const char *type,
                            size_t type_len, size_t *count)
{
    uint64_t hash = FNV_BASIS;
    for (size_t i = 0; topics->count > 0 && i < type_len; i++)
    {
        hash = hash_add(hash, type[i]);
        if (type[i] == '.' && !selection_push(selection, count, topics_find(topics, hash, type, i + 1)))
            return false;
    }
    return true;
}

/* Selects the topics of all suffixes of the type that begin with a dot. */
static bool select_suffixes(eventure__selection *selection, const eventure__topics *topics, const char *type,
                            size_t type_len, size_t *count)
{
    uint64_t hash = FNV_BASIS;
    for (size_t i = type_len; topics->count > 0 && i > 0; i--)
    {
        hash = hash_add(hash, type[i - 1]);
        if (type[i - 1] == '.' &&
            !selection_push(selection, count, topics_find(topics, hash, type + i - 1, type_len - i + 1)))
            return false;
    }
    return true;
}

eventure_status eventure__selection_begin(eventure__selection *selection, const eventure__subscriptions *all,
                                          const char *type, size_t type_len)
{
    const eventure__topics *topics = all->topics;
    const eventure__pattern exact = {EVENTURE__PATTERN_EXACT, type, type_len};
    const eventure__pattern everything = {EVENTURE__PATTERN_ALL, "", 0};
    size_t count = 0;
    selection->kind = 0;
    selection->highest = all->highest;
    if (!selection_push(selection, &count, topics_find_pattern(&topics[EVENTURE__PATTERN_EXACT], &exact)))
        return EVENTURE_ERROR_MEMORY;
    selection->ends[EVENTURE__PATTERN_EXACT] = count;
    if (!select_prefixes(selection, &topics[EVENTURE__PATTERN_PREFIX], type, type_len, &count))
        return EVENTURE_ERROR_MEMORY;
    selection->ends[EVENTURE__PATTERN_PREFIX] = count;
    if (!select_suffixes(selection, &topics[EVENTURE__PATTERN_SUFFIX], type, type_len, &count))
        return EVENTURE_ERROR_MEMORY;
    selection->ends[EVENTURE__PATTERN_SUFFIX] = count;
    if (!selection_push(selection, &count, topics_find_pattern(&topics[EVENTURE__PATTERN_ALL], &everything)))
        return EVENTURE_ERROR_MEMORY;
    selection->ends[EVENTURE__PATTERN_ALL] = count;
    return EVENTURE_OK;
}

const eventure__subscribed *eventure__selection_next(eventure__selection *selection)
{
    for (; selection->kind < EVENTURE__PATTERN_KINDS; selection->kind++)
    {
        size_t begin = selection->kind == 0 ? 0 : selection->ends[selection->kind - 1];
        eventure__subscribed **next = NULL;
        for (size_t i = begin; i < selection->ends[selection->kind]; i++)
        {
            eventure__subscribed **head = &selection->heads[i];
            while (*head != NULL && (*head)->ended)
                *head = (*head)->after;
            if (*head != NULL && (*head)->number > selection->highest)
                *head = NULL;
            if (*head != NULL && (next == NULL || (*head)->number < (*next)->number))
                next = head;
        }
        if (next != NULL)
        {
            const eventure__subscribed *one = *next;
            *next = one->after;
            return one;
        }
    }
    return NULL;
}

void eventure__selection_free(eventure__selection *selection)
{
    free(selection->heads);
    memset(selection, 0, sizeof(*selection));
}
