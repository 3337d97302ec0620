/*
 * Fetching: see fetch.h. The events are read with a cursor, in one transaction, so that memory is bounded and all rows
 * are from one snapshot.
 */
#include "fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include <eventure/restore.h>

#include "message.h"

#define WHAT "fetch"

/* Fetches the next rows of the cursor. */
#define FETCH_ROWS "FETCH 2000 FROM fetched"

typedef struct fetching
{
    server *from;
    PGresult *run;  /* one row: the run */
    PGresult *rows; /* the rows of the cursor that were read last */
    int row;
    int exit_code; /* the exit code after a failure of the server */
    eventure_restore_origin *origins;
    size_t origins_count;
} fetching;

enum
{
    RUN_UUID = 0,
    RUN_CREATED,
    RUN_CURRENT_TICK,
    RUN_RECORD,
    RUN_ORIGINS,
    RUN_DIGEST,
    RUN_LAST_SEQ
};

/* Finds the run with this uuid, or whose uuid begins with this text of at least four characters, or whose record has
   this name. More than one is an error, except with a complete uuid in lower case. */
static int find_run(fetching *self, const char *run)
{
    static const char sql[] =
        "SELECT run, created, current_tick, record, origins, encode(full_digest, 'hex'), last_seq FROM eventure.run "
        "WHERE run::text = lower($1) OR (length($1) >= 4 AND starts_with(run::text, lower($1))) "
        "OR record::json ->> 'name' = $1 ORDER BY run::text = lower($1) DESC, run LIMIT 2";
    const char *const values[] = {run};
    int exit_code = server_ask(self->from, WHAT, sql, 1, values, &self->run);
    if (exit_code != EXIT_DONE)
        return exit_code;
    if (PQntuples(self->run) == 0)
    {
        message(WHAT ": the server has no run '%s'", run);
        return EXIT_DATA;
    }
    if (PQntuples(self->run) == 2 && strcmp(PQgetvalue(self->run, 0, RUN_UUID), run) != 0)
    {
        message(WHAT ": more than one run is '%s': %s and %s, for instance; name it by its uuid", run,
                PQgetvalue(self->run, 0, RUN_UUID), PQgetvalue(self->run, 1, RUN_UUID));
        return EXIT_DATA;
    }
    return EXIT_DONE;
}

static int fail_origins(sqlite3 *db)
{
    if ((sqlite3_errcode(db) & 0xFF) == SQLITE_NOMEM)
        return message_memory();
    message(WHAT ": the origins of the run on the server were changed by hand: %s", sqlite3_errmsg(db));
    return EXIT_FILE;
}

static char *copy_or_null(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    return text != NULL && *text != '\0' ? strdup(text) : NULL;
}

/* Reads the origins, a JSON array of arrays: generation, uuid, tick, seq, run_digest, full_digest, created. */
static int read_origins(fetching *self)
{
    static const char sql[] =
        "SELECT value ->> 1, value ->> 2, value ->> 3, lower(value ->> 4), lower(value ->> 5), value ->> 6 "
        "FROM json_each(?1) ORDER BY value ->> 0";
    sqlite3 *db = NULL;
    sqlite3_stmt *row = NULL;
    int step = SQLITE_ERROR;
    int exit_code = EXIT_DONE;
    if (sqlite3_open(":memory:", &db) == SQLITE_OK && sqlite3_prepare_v2(db, sql, -1, &row, NULL) == SQLITE_OK &&
        sqlite3_bind_text(row, 1, PQgetvalue(self->run, 0, RUN_ORIGINS), -1, SQLITE_STATIC) == SQLITE_OK)
        while ((step = sqlite3_step(row)) == SQLITE_ROW && exit_code == EXIT_DONE)
        {
            eventure_restore_origin *more = realloc(self->origins, (self->origins_count + 1) * sizeof *more);
            if (more == NULL)
            {
                exit_code = message_memory();
                break;
            }
            self->origins = more;
            more[self->origins_count++] = (eventure_restore_origin){.uuid = copy_or_null(row, 0),
                                                                    .tick = sqlite3_column_int64(row, 1),
                                                                    .seq = sqlite3_column_int64(row, 2),
                                                                    .run_digest = copy_or_null(row, 3),
                                                                    .full_digest = copy_or_null(row, 4),
                                                                    .created = sqlite3_column_double(row, 5)};
        }
    if (exit_code == EXIT_DONE && step != SQLITE_DONE)
        exit_code = fail_origins(db);
    sqlite3_finalize(row);
    sqlite3_close(db);
    return exit_code;
}

/* Reads the next rows of the cursor. Returns false at the end and after an error. */
static bool read_rows(fetching *self)
{
    PQclear(self->rows);
    self->rows = NULL;
    self->row = 0;
    self->exit_code = server_ask(self->from, WHAT, FETCH_ROWS, 0, NULL, &self->rows);
    return self->exit_code == EXIT_DONE && PQntuples(self->rows) > 0;
}

static const char *text_or_null(const fetching *self, int column)
{
    return PQgetisnull(self->rows, self->row, column) ? NULL : PQgetvalue(self->rows, self->row, column);
}

/* Supplies the next event: an eventure_restore_fn. */
static int next_event(eventure_event *out, void *context)
{
    fetching *self = context;
    if ((self->rows == NULL || ++self->row >= PQntuples(self->rows)) && !read_rows(self))
        return self->exit_code == EXIT_DONE ? EVENTURE_DONE : EVENTURE_ERROR_IO;
    const char *integer = text_or_null(self, 2);
    *out = (eventure_event){.tick = strtoll(PQgetvalue(self->rows, self->row, 0), NULL, 10),
                            .timestamp = strtod(PQgetvalue(self->rows, self->row, 1), NULL),
                            .type = text_or_null(self, 3),
                            .id = text_or_null(self, 4),
                            .parent_id = text_or_null(self, 5),
                            .data = text_or_null(self, 6)};
    if (integer != NULL)
    {
        out->timestamp_is_integer = true;
        out->timestamp_integer = strtoll(integer, NULL, 10);
    }
    return EVENTURE_ROW;
}

static int restore(fetching *self, const fetch_request *request, int64_t *out_events)
{
    eventure_restore_options options = EVENTURE_RESTORE_OPTIONS_INIT;
    options.uuid = PQgetvalue(self->run, 0, RUN_UUID);
    options.created = strtod(PQgetvalue(self->run, 0, RUN_CREATED), NULL);
    options.next = next_event;
    options.next_context = self;
    options.current_tick = strtoll(PQgetvalue(self->run, 0, RUN_CURRENT_TICK), NULL, 10);
    options.record = PQgetvalue(self->run, 0, RUN_RECORD);
    options.origins = self->origins;
    options.origins_count = self->origins_count;
    options.full_digest = PQgetisnull(self->run, 0, RUN_DIGEST) ? NULL : PQgetvalue(self->run, 0, RUN_DIGEST);
    options.replace = request->replace;
    options.progress = request->progress;
    options.progress_context = request->progress_context;
    eventure_status status = eventure_store_restore(request->path, &options, out_events);
    if (self->exit_code != EXIT_DONE)
        return self->exit_code;
    int64_t expected = strtoll(PQgetvalue(self->run, 0, RUN_LAST_SEQ), NULL, 10);
    if (status == EVENTURE_OK && *out_events != expected)
        message(WHAT ": the server has %lld of %lld events: rows were removed by hand", (long long)*out_events,
                (long long)expected);
    if (status == EVENTURE_OK)
        return EXIT_DONE;
    int exit_code = message_status(status, eventure_last_message());
    return status == EVENTURE_ERROR_CORRUPT ? EXIT_DATA : exit_code;
}

int fetch_run(server *from, const fetch_request *request, int64_t *out_events)
{
    static const char sql[] =
        "DECLARE fetched NO SCROLL CURSOR FOR SELECT tick, timestamp, timestamp_integer, type, id, "
        "parent_id, data_text FROM eventure.events WHERE run = $1 ORDER BY seq";
    fetching self = {.from = from};
    int exit_code = server_run(from, WHAT, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    if (exit_code == EXIT_DONE)
        exit_code = find_run(&self, request->run);
    if (exit_code == EXIT_DONE)
        exit_code = read_origins(&self);
    if (exit_code == EXIT_DONE)
    {
        const char *const values[] = {PQgetvalue(self.run, 0, RUN_UUID)};
        exit_code = server_ask(from, WHAT, sql, 1, values, NULL);
    }
    if (exit_code == EXIT_DONE)
        exit_code = restore(&self, request, out_events);
    for (size_t i = 0; i < self.origins_count; i++)
    {
        free((char *)self.origins[i].uuid);
        free((char *)self.origins[i].run_digest);
        free((char *)self.origins[i].full_digest);
    }
    free(self.origins);
    PQclear(self.rows);
    PQclear(self.run);
    return exit_code;
}
