/*
 * Access control: a request must contain the token of this start, and name the server by its own address.
 */
#ifndef EVENTURE_SERVE_ACCESS_H
#define EVENTURE_SERVE_ACCESS_H

#include <stdbool.h>

#include "server.h"

/* Makes the token. Returns false when the system returns no random bytes. */
bool access_make_token(server *owner);

/* Returns why a request is refused, with the HTTP status; NULL when it is accepted. Its Host must be `localhost` or an
 * IP address (a loopback address when the server listens on one), with the port of this server: a domain name may
 * belong to another site that makes it resolve to this server (DNS rebinding). Its Origin, if any, must be this
 * Host. */
const char *access_refuses_origin(const server *owner, struct MHD_Connection *connection, unsigned *out_status);

/* Whether the request has the token: as `token=` in its address, or as `Authorization: Bearer`. */
bool access_has_token(const server *owner, struct MHD_Connection *connection);

#endif
