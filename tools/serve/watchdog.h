/*
 * The connections of the server, each with a time at which it is closed: a client that sends its request slowly, or
 * reads its answer slowly, does not keep its place.
 */
#ifndef EVENTURE_SERVE_WATCHDOG_H
#define EVENTURE_SERVE_WATCHDOG_H

#include <microhttpd.h>
#include <stdint.h>

/* For MHD_OPTION_NOTIFY_CONNECTION. */
void watchdog_notify(void *context, struct MHD_Connection *connection, void **socket_context,
                     enum MHD_ConnectionNotificationCode code);

/* The connection has so much time for what it does now; 0: no limit. */
void watchdog_allow(struct MHD_Connection *connection, int64_t ms);

/* Closes those whose time is over. */
void watchdog_close_late(void);

#endif
