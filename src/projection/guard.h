/*
 * What a projection's SQL may do: it works on the tables of its own database, with nothing but its events, and not for
 * ever.
 */
#ifndef EVENTURE_PROJECTION_GUARD_H
#define EVENTURE_PROJECTION_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

typedef struct eventure__guard
{
    bool is_on;    /* else the SQL is our own */
    bool is_setup; /* the schema may be changed */
    int64_t steps; /* of SQLite's virtual machine, since the guard was set to count */
    int64_t max_steps;
    bool is_over;      /* there were too many */
    char refused[128]; /* what was refused, when something was */
} eventure__guard;

/* Sets a connection up; the guard must not move until the connection is closed. Returns SQLite's code. */
int eventure__guard_connection(sqlite3 *db, eventure__guard *guard);

/* Lets SQL of the projection run, for so many steps. Only the setup may change the schema: statements of events are
 * prepared once, in whatever state. */
void eventure__guard_begin(eventure__guard *guard, int64_t max_steps, bool is_setup);
void eventure__guard_end(eventure__guard *guard);

#endif
