/*
 * The connections of a command that only reads: their queries end when the command must end.
 */
#ifndef EVENTURE_TOOL_CONNECTION_H
#define EVENTURE_TOOL_CONNECTION_H

#include <sqlite3.h>

/* Watches all connections that are opened afterwards. */
void connection_watch(void);

/* Returns the connection that the calling thread opened last. After opening a reader, it is the reader's, which
   determines what can be read of the store and which files remain beside it; it is closed with the reader. */
sqlite3 *connection_newest(void);

/* Returns the store of a connection as a URI for another program, with the parameters of the reader. The caller frees
   it. NULL: no URI is needed, or out of memory. */
char *connection_uri(sqlite3 *db);

#endif
