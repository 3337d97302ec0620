/*
 * The work on one request: see work.h.
 */
#include "work.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"

#define INSTRUCTIONS_BETWEEN_LOOKS 2000
#define LOOKS_BETWEEN_PEEKS 64

static _Thread_local work *current;
static _Thread_local sqlite3 *newest;

bool work_client_has_gone(int client)
{
    char byte;
    ssize_t got = recv(client, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

bool work_is_over(void)
{
    work *one = current;
    if (one == NULL)
        return false;
    if (one->ended != WORK_GOES_ON)
        return true;
    if (atomic_load_explicit(one->stops, memory_order_relaxed))
        one->ended = WORK_SERVER_STOPS;
    else if (eventure__clock_ms() >= one->end_ms)
        one->ended = WORK_TIME_OVER;
    else if (one->looks++ % LOOKS_BETWEEN_PEEKS == 0 && work_client_has_gone(one->client))
        one->ended = WORK_CLIENT_GONE;
    return one->ended != WORK_GOES_ON;
}

static int look(void *context)
{
    (void)context;
    return work_is_over();
}

int work_progress(const eventure_progress *progress, void *context)
{
    (void)progress;
    (void)context;
    return work_is_over();
}

static int on_open(sqlite3 *db, char **out_message, const struct sqlite3_api_routines *api)
{
    (void)out_message;
    (void)api;
    newest = db;
    sqlite3_progress_handler(db, INSTRUCTIONS_BETWEEN_LOOKS, look, NULL);
    return SQLITE_OK;
}

bool work_watch_connections(void)
{
    return sqlite3_auto_extension((void (*)(void))on_open) == SQLITE_OK;
}

void work_forget_connections(void)
{
    sqlite3_cancel_auto_extension((void (*)(void))on_open);
}

void work_begin(work *one, int client, int64_t limit_ms, const atomic_bool *stops)
{
    memset(one, 0, sizeof *one);
    one->client = client;
    one->limit_ms = limit_ms;
    one->stops = stops;
    one->end_ms = eventure__clock_ms() + limit_ms;
    current = one;
}

void work_finish(void)
{
    current = NULL;
}

int64_t work_elapsed_ms(const work *one)
{
    return one->limit_ms - (one->end_ms - eventure__clock_ms());
}

sqlite3 *work_connection(void)
{
    return newest;
}
