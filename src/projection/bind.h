/*
 * Parameters of a projection's statements: `:key` names a member of the event's data, `:event_...` a field of the
 * event itself.
 */
#ifndef EVENTURE_PROJECTION_BIND_H
#define EVENTURE_PROJECTION_BIND_H

#include <sqlite3.h>

#include <eventure/event.h>

#include "base/buffer.h"

typedef enum eventure__parameter_kind
{
    EVENTURE__PARAMETER_MEMBER,
    EVENTURE__PARAMETER_SEQ,
    EVENTURE__PARAMETER_TICK,
    EVENTURE__PARAMETER_TIMESTAMP,
    EVENTURE__PARAMETER_TYPE,
    EVENTURE__PARAMETER_DATA,
    EVENTURE__PARAMETER_ID,
    EVENTURE__PARAMETER_PARENT_ID
} eventure__parameter_kind;

typedef struct eventure__parameter
{
    eventure__parameter_kind kind;
    const char *key; /* key of a member; owned by the statement */
    size_t key_len;
} eventure__parameter;

/* Parses the name of a parameter as returned by SQLite (NULL: no name). Returns false unless it has the form `:key`. */
bool eventure__parameter_read(const char *name, eventure__parameter *out);

/* Binds a parameter. `scratch` is working memory. Returns a result code of SQLite. The event must remain valid until
 * the bindings are cleared. */
int eventure__parameter_bind(sqlite3_stmt *statement, int index, const eventure__parameter *parameter,
                             const eventure_event *event, eventure__buffer *scratch);

#endif
