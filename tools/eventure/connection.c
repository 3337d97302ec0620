/*
 * Connections: see connection.h. SQLite calls the extension for each connection that it opens, including those of the
 * library.
 */
#include "connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interrupt.h"

#define INSTRUCTIONS_BETWEEN_LOOKS 1000

/* Each thread opens connections of its own. */
static _Thread_local sqlite3 *newest;

static int look(void *context)
{
    (void)context;
    return interrupt_ends_reading();
}

static int on_open(sqlite3 *db, char **out_message, const struct sqlite3_api_routines *api)
{
    (void)out_message;
    (void)api;
    newest = db;
    sqlite3_progress_handler(db, INSTRUCTIONS_BETWEEN_LOOKS, look, NULL);
    return SQLITE_OK;
}

void connection_watch(void)
{
    /* On failure, queries cannot be stopped early. */
    sqlite3_auto_extension((void (*)(void))on_open);
}

sqlite3 *connection_newest(void)
{
    return newest;
}

char *connection_uri(sqlite3 *db)
{
    static const char *const parameters[] = {"immutable", "readonly_shm"};
    const char *path = sqlite3_db_filename(db, "main");
    const char *parameter = NULL;
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++)
    {
        if (path != NULL && sqlite3_uri_boolean(path, parameters[i], 0))
            parameter = parameters[i];
    }
    if (parameter == NULL)
        return NULL;
    size_t size = sizeof "file://?=1" + 3 * strlen(path) + strlen(parameter);
    char *uri = malloc(size);
    if (uri == NULL)
        return NULL;
    size_t at = (size_t)snprintf(uri, size, "file://");
    for (const char *c = path; *c != '\0'; c++)
    {
        if (strchr("%?#", *c) != NULL)
            at += (size_t)snprintf(uri + at, size - at, "%%%02X", (unsigned)(unsigned char)*c);
        else
            uri[at++] = *c;
    }
    snprintf(uri + at, size - at, "?%s=1", parameter);
    return uri;
}
