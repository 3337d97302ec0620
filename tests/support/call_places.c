/*
 * The places from which a function is called: see call_places.h.
 */
#include "call_places.h"

#include <execinfo.h>
#include <stddef.h>
#include <string.h>

void call_places_begin(call_places *self, long n, int time)
{
    void *first[1];
    (void)backtrace(first, 1); /* the first call allocates */
    memset(self, 0, sizeof *self);
    self->countdown = n;
    self->time = time;
}

void call_places_end(call_places *self)
{
    self->countdown = 0;
}

/* Returns how often a call was made with this stack. */
static int count_call(call_places *self, void *const *stack, int len)
{
    uint64_t hash = 1469598103934665603U; /* FNV-1a, of addresses */
    for (int i = 0; i < len; i++)
        hash = (hash ^ (uint64_t)(uintptr_t)stack[i]) * 1099511628211U;
    size_t at = (size_t)(hash % CALL_PLACES_ROOM);
    while (self->places[at].hash != hash && self->places[at].hash != 0)
        at = (at + 1) % CALL_PLACES_ROOM;
    self->places[at].hash = hash;
    return ++self->places[at].calls;
}

bool call_places_found(call_places *self)
{
    void *stack[CALL_PLACES_FRAMES];
    if (self->countdown <= 0)
        return false;
    int len = backtrace(stack, CALL_PLACES_FRAMES);
    if (count_call(self, stack, len) != self->time || --self->countdown > 0)
        return false;
    memcpy(self->stack, stack, sizeof stack);
    self->stack_len = len;
    return true;
}

void call_places_print(const call_places *self)
{
    backtrace_symbols_fd(self->stack, self->stack_len, 2);
}
