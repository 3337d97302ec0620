/*
 * The engine of a projection: a database and the prepared statements of the projection's file. It runs the statements
 * for each event.
 *
 * The SQL of the file runs in a sandbox (sandbox.h). The owner of the engine manages transactions and the checkpoint.
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
#include "projection/sandbox.h"

/* One prepared statement of an `@on` part. */
typedef struct eventure__compiled
{
    const eventure__projection_part *part;
    const char *at; /* the beginning of the statement in the file's text */
    sqlite3_stmt *handle;
    eventure__parameter *parameters; /* one per parameter */
    int parameters_count;
} eventure__compiled;

typedef struct eventure__engine
{
    const eventure__file *file;
    const char *label;                   /* name of the database in messages */
    eventure_projection_options options; /* defaults applied */
    sqlite3 *db;
    uint64_t generation; /* of the process that has opened it (base/fork_generation.h) */
    bool is_in_memory;
    eventure__sandbox sandbox;
    eventure__compiled *compiled;
    size_t compiled_count;
    eventure__buffer scratch;
    eventure__error *error; /* owned by the owner of the engine */
} eventure__engine;

/* Opens a database: a file, or a database in memory when path is NULL. Makes the file when it does not exist, with the
 * permission bits of the file `like`. Does not run the setup. */
eventure_status eventure__engine_open(eventure__engine *engine, const char *path, const char *like);

/* Limits the database in memory to max_bytes. SQLite forgets the limit when an image is loaded. */
eventure_status eventure__engine_limit(eventure__engine *engine);

/* Runs the setup parts. */
eventure_status eventure__engine_setup(eventure__engine *engine);

/* Prepares the statements of the other parts. */
eventure_status eventure__engine_prepare(eventure__engine *engine);

/* Runs all matching statements for an event. Error texts begin with `FILE:LINE: `. */
eventure_status eventure__engine_apply(eventure__engine *engine, const eventure_event *event);

/* Finalises the prepared statements. */
void eventure__engine_unprepare(eventure__engine *engine);

/* Moves the write-ahead log of the file into it, as far as no other connection needs it. */
eventure_status eventure__engine_bring_inside(eventure__engine *engine);

/* Closes the database; the engine can be opened again. */
void eventure__engine_close(eventure__engine *engine);

/* Runs trusted SQL of the library. */
eventure_status eventure__engine_run(eventure__engine *engine, const char *sql, const char *what);

/* Turns SQLite's last error into a status and the text "LABEL: what: SQLite's message". */
eventure_status eventure__engine_fail(eventure__engine *engine, const char *what);

#endif
