/*
 * The engine of a projection: a database, the statements of the file prepared for it, and events run through them.
 *
 * The SQL of the file runs guarded (guard.h); BEGIN, COMMIT and the checkpoint are the owner's.
 */
#ifndef EVENTURE_PROJECTION_ENGINE_H
#define EVENTURE_PROJECTION_ENGINE_H

#include <sqlite3.h>

#include <eventure/event.h>
#include <eventure/projection.h>

#include "base/buffer.h"
#include "base/error.h"
#include "projection/bind.h"
#include "projection/file.h"
#include "projection/guard.h"

/* One prepared statement of an `@on` part. */
typedef struct eventure__compiled
{
    const eventure__part *part;
    const char *at; /* where it begins in the file's text */
    sqlite3_stmt *handle;
    eventure__parameter *parameters; /* one for each */
    int parameters_count;
} eventure__compiled;

typedef struct eventure__engine
{
    const eventure__file *file;
    const char *label;                   /* what messages about the database call it */
    eventure_projection_options options; /* with the defaults filled in */
    sqlite3 *db;
    uint64_t generation; /* of the process that has opened it (base/fork.h) */
    bool is_in_memory;
    eventure__guard guard;
    eventure__compiled *compiled;
    size_t compiled_count;
    eventure__buffer scratch;
    eventure__error *error; /* the owner's */
} eventure__engine;

/* Opens a database: a file, or, when path is NULL, one in memory. Nothing is run in it. */
eventure_status eventure__engine_open(eventure__engine *engine, const char *path);

/* Runs the parts of the setup. */
eventure_status eventure__engine_setup(eventure__engine *engine);

/* Prepares the statements of the other parts. */
eventure_status eventure__engine_prepare(eventure__engine *engine);

/* Runs all statements for an event. Texts begin `FILE:LINE: `. */
eventure_status eventure__engine_apply(eventure__engine *engine, const eventure_event *event);

/* Finalises the prepared statements. */
void eventure__engine_unprepare(eventure__engine *engine);

/* Closes the database; the engine can be opened again. */
void eventure__engine_close(eventure__engine *engine);

/* Runs SQL of our own. */
eventure_status eventure__engine_run(eventure__engine *engine, const char *sql, const char *what);

/* Turns SQLite's last error into a status and the text "LABEL: what: SQLite's message". */
eventure_status eventure__engine_fail(eventure__engine *engine, const char *what);

#endif
