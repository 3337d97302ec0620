/*
 * Who may ask: a request must carry the token of this start, and name the server by its own address.
 */
#ifndef EVENTURE_SERVE_ACCESS_H
#define EVENTURE_SERVE_ACCESS_H

#include <stdbool.h>

#include "server.h"

/* Makes the token. False: the system gives no random bytes. */
bool access_make_token(server *owner);

/* Why a request is refused, with the status of HTTP; NULL: it is not. A page of another site cannot ask: its name does
 * not lead here (DNS rebinding), and its origin is another one. */
const char *access_refuses_origin(const server *owner, struct MHD_Connection *connection, unsigned *out_status);

/* Whether the request has the token: as `token=` in its address, or as `Authorization: Bearer`. */
bool access_has_token(const server *owner, struct MHD_Connection *connection);

#endif
