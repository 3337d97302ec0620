/*
 * The connections of the server. Each has a deadline at which it is closed, so that a client that sends its request or
 * reads its answer slowly does not occupy a connection without a time limit.
 */
#ifndef EVENTURE_SERVE_WATCHDOG_H
#define EVENTURE_SERVE_WATCHDOG_H

#include <microhttpd.h>
#include <stdint.h>

/* The callback for MHD_OPTION_NOTIFY_CONNECTION: adds and removes connections. */
void watchdog_notify(void *context, struct MHD_Connection *connection, void **socket_context,
                     enum MHD_ConnectionNotificationCode code);

/* Sets the deadline of the connection to ms milliseconds from now; 0: no deadline. */
void watchdog_allow(struct MHD_Connection *connection, int64_t ms);

/* Closes the connections whose deadline has passed. */
void watchdog_close_late(void);

#endif
