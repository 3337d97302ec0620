/*
 * The work on one request: it ends after its time limit, when the client disconnects, or when the server stops. Each
 * connection of SQLite ends its statement when the work of the thread that executes it has ended.
 */
#ifndef EVENTURE_SERVE_WORK_H
#define EVENTURE_SERVE_WORK_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <eventure/progress.h>

/* Why the work ended. */
typedef enum work_end
{
    WORK_GOES_ON = 0,
    WORK_TIME_OVER,
    WORK_CLIENT_GONE,
    WORK_SERVER_STOPS
} work_end;

typedef struct work
{
    int64_t end_ms; /* on the clock of eventure__clock_ms */
    int64_t limit_ms;
    int client; /* the socket of the request */
    const atomic_bool *stops;
    work_end ended;
    unsigned looks;
} work;

/* Makes all connections of SQLite that are opened afterwards check the work. Returns false when out of memory. */
bool work_watch_connections(void);

/* Reverts work_watch_connections, at the end of the server. */
void work_forget_connections(void);

/* Makes `one` the work of the calling thread until work_finish. The work ends after limit_ms, when the client
 * disconnects, or when *stops is set. */
void work_begin(work *one, int client, int64_t limit_ms, const atomic_bool *stops);
void work_finish(void);

/* Whether the work of the calling thread must end. */
bool work_is_over(void);

/* Whether the client has closed its connection, as a browser does when it aborts a request. */
bool work_client_has_gone(int client);

/* Milliseconds since the work of this thread began. */
int64_t work_elapsed_ms(const work *one);

/* For the library's callbacks. */
int work_progress(const eventure_progress *progress, void *context);

/* Returns the connection that the calling thread opened last. After eventure_reader_begin it is the reader's. */
sqlite3 *work_connection(void);

#endif
