/*
 * What each connection of a command that only reads has: its questions end when the command is to end.
 */
#ifndef EVENTURE_TOOL_CONNECTION_H
#define EVENTURE_TOOL_CONNECTION_H

#include <sqlite3.h>

/* For all connections that are opened from now on. */
void connection_watch(void);

/* The one that was opened last. After opening a reader, that is the reader's, which decides what may be seen of the
 * store and what is left beside it; it is closed with the reader. */
sqlite3 *connection_newest(void);

/* The store of a connection as a URI for another program, with the parameters with which the reader has opened it. To
 * be freed. NULL: it needs none, or there is no memory. */
char *connection_uri(sqlite3 *db);

#endif
