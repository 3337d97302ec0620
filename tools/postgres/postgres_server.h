/*
 * A connection to a PostgreSQL server that has, or gets, the schema `eventure`. The functions report errors with
 * message() and return an exit code of message.h.
 */
#ifndef EVENTURE_TOOL_POSTGRES_POSTGRES_SERVER_H
#define EVENTURE_TOOL_POSTGRES_POSTGRES_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include <libpq-fe.h>

/* The version of the schema that this program makes and reads. */
#define SERVER_FORMAT 1

/* The number of partitions of a new schema, unless the user chooses another one. */
#define SERVER_PARTITIONS 16
#define SERVER_MOST_PARTITIONS 1024

typedef struct server
{
    PGconn *connection;
    const char *conninfo; /* borrowed */
    bool is_lost;         /* the connection was lost, so another attempt may succeed */
} server;

/* Connects. The conninfo must not contain a password, because other users can read the command line. */
int server_open(server *self, const char *conninfo);

/* Connects again after the connection was lost; quiet: without a message when that fails. */
int server_reopen(server *self, bool quiet);

void server_close(server *self);

/* Creates the schema when the server does not have it, with this number of partitions, and checks its version. 0
 * partitions: a missing schema is an error. */
int server_need_schema(server *self, int64_t partitions);

/* Runs a statement with parameters as texts (NULL: NULL). *out receives the result, which the caller clears; NULL when
   it is not needed. `what` begins the text of an error: "ship run.db". */
int server_ask(server *self, const char *what, const char *sql, int count, const char *const *values, PGresult **out);

/* As server_ask, without parameters and result. The text may contain several statements. */
int server_run(server *self, const char *what, const char *sql);

/* Sends rows after `COPY ... FROM STDIN`, which has been run with server_copy_begin. */
int server_copy_begin(server *self, const char *what, const char *sql);
int server_copy_put(server *self, const char *what, const char *bytes, size_t len);
int server_copy_end(server *self, const char *what);

/* Reports the error of the connection, or of a result that is not NULL, which is cleared. Returns the exit code. */
int server_fail(server *self, const char *what, PGresult *result);

#endif
