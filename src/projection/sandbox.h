/*
 * The sandbox of a projection's SQL. It can access only the tables of its own database and the values of the events,
 * and its run time is limited.
 */
#ifndef EVENTURE_PROJECTION_SANDBOX_H
#define EVENTURE_PROJECTION_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

typedef struct eventure__sandbox
{
    bool is_on;    /* false: trusted SQL of the library */
    bool is_setup; /* the schema may be changed */
    int64_t steps; /* steps of SQLite's virtual machine since eventure__sandbox_begin */
    int64_t max_steps;
    bool is_over;      /* the step limit was exceeded */
    char refused[128]; /* the action that was refused, or empty */
} eventure__sandbox;

/* Configures a connection. The guard must stay at its address until the connection is closed. Returns a result code of
 * SQLite. */
int eventure__sandbox_connection(sqlite3 *db, eventure__sandbox *guard);

/* Begins the execution of SQL of the projection, limited to max_steps. Only the setup may change the schema, because
 * the statements of events are prepared once. */
void eventure__sandbox_begin(eventure__sandbox *guard, int64_t max_steps, bool is_setup);
void eventure__sandbox_end(eventure__sandbox *guard);

#endif
