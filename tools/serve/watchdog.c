/*
 * The connections of the server: see watchdog.h. The list is that of the process, as its one server is.
 */
#include "watchdog.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"

#define REQUEST_MS 20000

typedef struct place place;

struct place
{
    place *next;
    place *previous;
    int client;
    int64_t end_ms; /* 0: never */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static place *places;

static void add(struct MHD_Connection *connection, void **socket_context)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    place *one = calloc(1, sizeof *one);
    *socket_context = one;
    if (one == NULL || info == NULL)
        return; /* the timeout of the library is left */
    one->client = info->connect_fd;
    one->end_ms = eventure__clock_ms() + REQUEST_MS;
    pthread_mutex_lock(&lock);
    one->next = places;
    if (places != NULL)
        places->previous = one;
    places = one;
    pthread_mutex_unlock(&lock);
}

static void take_away(place *one)
{
    pthread_mutex_lock(&lock);
    if (one->next != NULL)
        one->next->previous = one->previous;
    if (one->previous != NULL)
        one->previous->next = one->next;
    else if (places == one)
        places = one->next;
    pthread_mutex_unlock(&lock);
    free(one);
}

void watchdog_notify(void *context, struct MHD_Connection *connection, void **socket_context,
                     enum MHD_ConnectionNotificationCode code)
{
    (void)context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        add(connection, socket_context);
    else if (*socket_context != NULL)
        take_away(*socket_context);
}

void watchdog_allow(struct MHD_Connection *connection, int64_t ms)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    if (info == NULL || info->socket_context == NULL)
        return;
    place *one = info->socket_context;
    pthread_mutex_lock(&lock);
    one->end_ms = ms == 0 ? 0 : eventure__clock_ms() + ms;
    pthread_mutex_unlock(&lock);
}

void watchdog_close_late(void)
{
    int64_t now = eventure__clock_ms();
    pthread_mutex_lock(&lock);
    for (place *one = places; one != NULL; one = one->next)
    {
        if (one->end_ms != 0 && now > one->end_ms)
        {
            shutdown(one->client, SHUT_RDWR);
            one->end_ms = 0;
        }
    }
    pthread_mutex_unlock(&lock);
}
