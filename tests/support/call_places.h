/*
 * The places from which a function is called: its different call stacks, in the order in which they are first met. A
 * test lets the call from each place fail in turn, however often the function is called. For one thread.
 */
#ifndef EVENTURE_TESTS_CALL_PLACES_H
#define EVENTURE_TESTS_CALL_PLACES_H

#include <stdbool.h>
#include <stdint.h>

#define CALL_PLACES_FRAMES 12 /* the innermost calls of a stack that count */
#define CALL_PLACES_ROOM 8192 /* a power of 2; more places than a run has */

typedef struct call_places
{
    struct
    {
        uint64_t hash; /* of the call stack; 0: unused */
        int calls;
    } places[CALL_PLACES_ROOM];
    long countdown; /* the place that brings it to 0 is the one; 0: none is looked for */
    int time;
    void *stack[CALL_PLACES_FRAMES]; /* of the call that was found */
    int stack_len;
} call_places;

/* Looks for the `time`th call from a place: from the nth of the places from which so many calls are made. */
void call_places_begin(call_places *self, long n, int time);

/* Counts a call, with the stack of the function that calls this one. Returns whether it is the one that is looked
 * for. */
bool call_places_found(call_places *self);

void call_places_end(call_places *self);

/* Prints the call stack of the call that was found, for the message of a test. */
void call_places_print(const call_places *self);

#endif
