/*
 * The host: a connection that another program has opened, and one of its databases. The extension reads a store only
 * through fixed statements that are prepared on this connection. They therefore run in the host's transaction and
 * under its authorizer and limits.
 */
#ifndef EVENTURE_EXTENSION_HOST_H
#define EVENTURE_EXTENSION_HOST_H

#include <stddef.h>
#include <stdint.h>

#include <eventure/export.h>

#include "embedded_sql.h"
#include "extension/sqlite.h"

typedef struct eventure__host
{
    sqlite3 *db;
    const char *schema;   /* the database of the connection: "main" or the name of an attached one */
    const char *function; /* the calling SQL function; error texts begin with its name */
    char *message;        /* text of the last error, freed with sqlite3_free; NULL when memory ran out */
} eventure__host;

/* Sets the message and returns `code`, a result code of SQLite. */
int eventure__host_fail(eventure__host *host, int code, const char *format, ...) EVENTURE_PRINTF(3, 4);

/* As eventure__host_fail, with SQLite's text of its last error. */
int eventure__host_fail_as_sqlite(eventure__host *host, int code);

/* Checks that the database is an Eventure store of the current format. */
int eventure__host_check(eventure__host *host);

/* Prepares a statement of schema/functions or schema/queries; its "main." becomes the host's schema. */
int eventure__host_prepare(eventure__host *host, const eventure__sql *sql, sqlite3_stmt **out_statement);

/* Finds the seq of an id. An unknown id is an error. */
int eventure__host_seq_of_id(eventure__host *host, const char *id, size_t len, int64_t *out_seq);

#endif
