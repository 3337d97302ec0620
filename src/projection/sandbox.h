/*
 * The sandbox of a projection's SQL. It can access only the tables of its own database and the values of the events,
 * and its run time is limited.
 */
#ifndef EVENTURE_PROJECTION_SANDBOX_H
#define EVENTURE_PROJECTION_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

typedef struct eventure__sandbox
{
    bool is_on;             /* false: trusted SQL of the library */
    bool is_setup;          /* the schema may be changed */
    bool is_view;           /* the statement reads a view, as other connections will */
    bool makes_view;        /* a statement that was prepared makes a view */
    bool makes_columns;     /* a statement that was prepared makes a table, or changes one */
    bool uses_schema_table; /* a statement that was prepared uses a table of SQLite that describes the schema */
    int64_t steps;          /* steps of SQLite's virtual machine since eventure__sandbox_begin */
    int64_t max_steps;
    bool is_over;      /* the step limit was exceeded */
    char refused[160]; /* the action that was refused, or empty */
} eventure__sandbox;

/* Configures a connection. The sandbox must stay at its address until the connection is closed. Returns a result code
 * of SQLite. */
int eventure__sandbox_connection(sqlite3 *db, eventure__sandbox *sandbox);

/* Begins the execution of SQL of the projection, limited to max_steps. Only the setup may change the schema, because
 * the statements of events are prepared once. */
void eventure__sandbox_begin(eventure__sandbox *sandbox, int64_t max_steps, bool is_setup);
void eventure__sandbox_end(eventure__sandbox *sandbox);

/* Whether a name is that of a table in which SQLite describes the schema, or its statistics. These tables differ
 * between a state in memory and a file that is kept up to date, which has a table more. */
bool eventure__sandbox_is_schema_table(const char *name, size_t len);

#endif
