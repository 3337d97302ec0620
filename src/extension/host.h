/*
 * The host: a connection that somebody else has opened, and one of its databases. Whatever the extension wants to know
 * of a store it asks here, with fixed statements that are prepared on the host's own connection, so that it sees what
 * the host sees, and may no more than the host may.
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
    const char *schema;   /* which of the connection's databases: "main", or the name it is attached by */
    const char *function; /* the SQL function that asks; error texts begin with it */
    char *message;        /* of the last error, to be freed with sqlite3_free; NULL when there was no memory for it */
} eventure__host;

/* Sets the message, and returns the code: SQLITE_ERROR, or what SQLite answered. */
int eventure__host_fail(eventure__host *host, int code, const char *format, ...) EVENTURE_PRINTF(3, 4);

/* The same with SQLite's own words for its last error. */
int eventure__host_fail_as_sqlite(eventure__host *host, int code);

/* Fails unless the database is an Eventure store of the format that is known here. */
int eventure__host_check(eventure__host *host);

/* Prepares a statement of schema/functions or schema/queries; its "main." becomes the host's schema. */
int eventure__host_prepare(eventure__host *host, const eventure__sql *sql, sqlite3_stmt **out_statement);

/* Finds the event of an id; that there is none is an error. */
int eventure__host_seq_of_id(eventure__host *host, const char *id, size_t len, int64_t *out_seq);

#endif
