/*
 * The connections of the server: see watchdog.h. The list is global, because a process has one server.
 */
#include "watchdog.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"

#define REQUEST_MS 20000

typedef struct watched watched;

struct watched
{
    watched *next;
    watched *previous;
    int client;
    int64_t deadline_ms; /* 0: none */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static watched *connections;

static void add_watched(struct MHD_Connection *connection, void **socket_context)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    watched *entry = calloc(1, sizeof *entry);
    *socket_context = entry;
    if (entry == NULL || info == NULL)
        return; /* the connection then has only libmicrohttpd's own timeout */
    entry->client = info->connect_fd;
    entry->deadline_ms = eventure__clock_ms() + REQUEST_MS;
    pthread_mutex_lock(&lock);
    entry->next = connections;
    if (connections != NULL)
        connections->previous = entry;
    connections = entry;
    pthread_mutex_unlock(&lock);
}

static void remove_watched(watched *entry)
{
    pthread_mutex_lock(&lock);
    if (entry->next != NULL)
        entry->next->previous = entry->previous;
    if (entry->previous != NULL)
        entry->previous->next = entry->next;
    else if (connections == entry)
        connections = entry->next;
    pthread_mutex_unlock(&lock);
    free(entry);
}

void watchdog_notify(void *context, struct MHD_Connection *connection, void **socket_context,
                     enum MHD_ConnectionNotificationCode code)
{
    (void)context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        add_watched(connection, socket_context);
    else if (*socket_context != NULL)
        remove_watched(*socket_context);
}

void watchdog_allow(struct MHD_Connection *connection, int64_t ms)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    if (info == NULL || info->socket_context == NULL)
        return;
    watched *entry = info->socket_context;
    pthread_mutex_lock(&lock);
    entry->deadline_ms = ms == 0 ? 0 : eventure__clock_ms() + ms;
    pthread_mutex_unlock(&lock);
}

void watchdog_close_late(void)
{
    int64_t now = eventure__clock_ms();
    pthread_mutex_lock(&lock);
    for (watched *entry = connections; entry != NULL; entry = entry->next)
    {
        if (entry->deadline_ms != 0 && now > entry->deadline_ms)
        {
            shutdown(entry->client, SHUT_RDWR);
            entry->deadline_ms = 0;
        }
    }
    pthread_mutex_unlock(&lock);
}
