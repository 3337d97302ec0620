/*
 * The connections of the server, each with a time at which it is closed, so that a client that sends its request or
 * reads its answer slowly does not occupy a connection without a time limit.
 */
#ifndef EVENTURE_SERVE_WATCHDOG_H
#define EVENTURE_SERVE_WATCHDOG_H

#include <microhttpd.h>
#include <stdint.h>

/* For MHD_OPTION_NOTIFY_CONNECTION. */
void watchdog_notify(void *context, struct MHD_Connection *connection, void **socket_context,
                     enum MHD_ConnectionNotificationCode code);

/* Sets the time after which watchdog_close_late closes the connection: ms milliseconds from now; 0: never. */
void watchdog_allow(struct MHD_Connection *connection, int64_t ms);

/* Closes the connections whose time is over. */
void watchdog_close_late(void);

#endif
