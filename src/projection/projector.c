/*
 * A projection kept up to date in a database file.
 *
 * The table `eventure_projection` has one row: the projection, the store, and the newest event applied. It is
 * written in the same transaction as the rows of those events, and read at the beginning of each transaction. Each
 * event is therefore applied exactly once, even if a program is killed or several programs use one file.
 *
 * Two stores can have the same uuid and different histories (a copy that was written to). The id and timestamp of the
 * newest event applied are therefore compared with the store's.
 */
#include <eventure/projection.h>

#include <stdlib.h>
#include <string.h>

#include <eventure/query.h>

#include "base/error.h"
#include "base/options.h"
#include "base/path.h"
#include "embedded_sql.h"
#include "projection/checkpoint.h"
#include "projection/projection.h"
#include "store/archived.h"
#include "store/store.h"
#include "store/watch.h"

#define DEFAULT_BATCH_EVENTS 1000

/* PRAGMA application_id of projection files: "EvPr". */
#define APPLICATION_ID 0x45765072

/* Offset of that value in the header of a database. */
#define ID_OFFSET 68

struct eventure_projector
{
    eventure_reader *reader;
    eventure_projection *projection;
    eventure__engine engine;
    eventure__error error;
    eventure_projector_options options;
    char *path;
    eventure__watch *watch;
    eventure__projection_checkpoint at;
    char source[64];
    const char *rebuilt;
    bool is_open;
    bool is_ours; /* the rows belong to this projection and history, and the statements are prepared */
};

static eventure_status fail_reading(eventure_projector *self, eventure_status status)
{
    return eventure__fail(&self->error, status, "%s", self->reader->error.text);
}

/* --- Identity of the rows --- */

static eventure_status read_source(eventure_projector *self)
{
    static const char sql[] = "SELECT uuid FROM store";
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_prepare(self->reader, sql, &statement);
    if (status != EVENTURE_OK)
        return fail_reading(self, status);
    if (sqlite3_step(statement) == SQLITE_ROW)
        eventure__projection_checkpoint_text(self->source, sizeof self->source, statement, 0);
    else
        status = fail_reading(self, eventure__store_fail(self->reader, "read which store it is"));
    eventure__store_release(self->reader, statement);
    return status;
}

/* Compares the newest event applied with the store's event of that seq. */
static eventure_status compare_newest(eventure_projector *self, bool *out_same)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    eventure_event event = {0};
    eventure__cut cut = {0};
    *out_same = true;
    if (self->at.seq == 0)
        return EVENTURE_OK;
    eventure_status status = eventure__store_cut(self->reader, &cut);
    if (status == EVENTURE_OK && cut.last_seq >= self->at.seq)
        return EVENTURE_OK; /* the event is archived and cannot be compared */
    filter.after_seq = self->at.seq - 1;
    filter.limit = 1;
    if (status == EVENTURE_OK)
        status = eventure_query(self->reader, &filter, &cursor);
    if (status == EVENTURE_OK)
        status = eventure_cursor_next(cursor, &event);
    if (status >= 0)
        *out_same = status == EVENTURE_ROW && event.seq == self->at.seq &&
                    strcmp(event.id, eventure__buffer_text(&self->at.id)) == 0 && event.timestamp == self->at.timestamp;
    eventure_cursor_free(cursor);
    return status < 0 ? fail_reading(self, status) : EVENTURE_OK;
}

/* Determines whether the rows can be continued. *out_why receives the reason if not, otherwise NULL. */
static eventure_status check_continuable(eventure_projector *self, const char **out_why)
{
    bool is_same = true;
    *out_why = NULL;
    if (!self->at.is_there)
        *out_why = "it is new";
    else if (strcmp(self->at.digest, self->projection->digest) != 0)
        *out_why = "the projection was changed";
    else if (strcmp(self->at.source, self->source) != 0)
        *out_why = "it was built from another store";
    else
    {
        eventure_status status = compare_newest(self, &is_same);
        if (status != EVENTURE_OK)
            return status;
        if (!is_same)
            *out_why = "the history of the store is not the one that it was built from";
    }
    return EVENTURE_OK;
}

/* --- Building from the start --- */

/* Drops all objects of the schema, one after the other. Dropping a view or table drops its triggers and indexes. */
static eventure_status drop_all(eventure_projector *self)
{
    static const char next[] = "SELECT type, name FROM sqlite_schema WHERE type IN ('view', 'table') "
                               "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type DESC LIMIT 1";
    for (;;)
    {
        sqlite3_stmt *statement = NULL;
        char *drop = NULL;
        if (sqlite3_prepare_v2(self->engine.db, next, -1, &statement, NULL) != SQLITE_OK)
            return eventure__engine_fail(&self->engine, "drop what is there");
        int step = sqlite3_step(statement);
        if (step == SQLITE_ROW)
            drop = sqlite3_mprintf("DROP %s \"%w\"", (const char *)sqlite3_column_text(statement, 0),
                                   (const char *)sqlite3_column_text(statement, 1));
        sqlite3_finalize(statement);
        if (step == SQLITE_DONE)
            return EVENTURE_OK;
        if (step != SQLITE_ROW || drop == NULL)
            return eventure__engine_fail(&self->engine, "drop what is there");
        eventure_status status = eventure__engine_run(&self->engine, drop, "drop what is there");
        sqlite3_free(drop);
        if (status != EVENTURE_OK)
            return status;
    }
}

/* Runs in a transaction: drops everything, runs the setup, and writes a checkpoint before the first event. */
static eventure_status begin_anew(eventure_projector *self)
{
    static const char set_application_id[] = "PRAGMA application_id = 1165381746";
    _Static_assert(APPLICATION_ID == 1165381746, "the statement sets APPLICATION_ID");
    eventure_status status = drop_all(self);
    if (status == EVENTURE_OK)
        status = eventure__engine_run(&self->engine, set_application_id, "mark the file");
    if (status == EVENTURE_OK)
        status = eventure__engine_run(&self->engine, eventure__query_create_projection_checkpoint.text,
                                      "make the checkpoint");
    if (status == EVENTURE_OK)
        status = eventure__engine_setup(&self->engine);
    memcpy(self->at.source, self->source, sizeof self->at.source);
    memcpy(self->at.digest, self->projection->digest, sizeof self->at.digest);
    self->at.seq = 0;
    self->at.tick = 0;
    self->at.timestamp = 0;
    eventure__buffer_clear(&self->at.id);
    self->at.is_there = true;
    return status == EVENTURE_OK ? eventure__projection_checkpoint_write(&self->engine, &self->at) : status;
}

/* --- Events --- */

static eventure_status explain_event(eventure_projector *self, const eventure_event *event)
{
    char line[EVENTURE__ERROR_BYTES];
    eventure_status status = self->error.status;
    memcpy(line, self->error.text, sizeof line);
    return eventure__fail(&self->error, status, "%s (at tick %lld, event %s, %s)", line, (long long)event->tick,
                          eventure__quote(event->id, strlen(event->id)).text,
                          eventure__quote(event->type, strlen(event->type)).text);
}

/* Queries the events after the checkpoint. EVENTURE_ERROR_ARCHIVED: the next ones are archived. */
static eventure_status ask_events(eventure_projector *self, eventure_cursor **out_cursor)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure__cut cut;
    filter.after_seq = self->at.seq;
    filter.limit = self->options.batch_events;
    eventure_status status = eventure__store_cut(self->reader, &cut);
    if (status == EVENTURE_OK && cut.last_seq > self->at.seq)
        status =
            eventure__fail(&self->reader->error, EVENTURE_ERROR_ARCHIVED,
                           "%s: the events up to %lld are in an archive, and the projection needs those after %lld",
                           self->reader->path, (long long)cut.last_seq, (long long)self->at.seq);
    if (status == EVENTURE_OK)
        status = eventure_query(self->reader, &filter, out_cursor);
    return status == EVENTURE_OK ? status : fail_reading(self, status);
}

static eventure_status apply_event(eventure_projector *self, const eventure_event *event)
{
    if (event->seq != self->at.seq + 1)
        return eventure__fail(&self->error, EVENTURE_ERROR_CORRUPT, "%s is damaged: event %lld is missing",
                              self->reader->path, (long long)self->at.seq + 1);
    eventure_status status = eventure__engine_apply(&self->engine, event);
    if (status != EVENTURE_OK)
        return explain_event(self, event);
    self->at.seq = event->seq;
    self->at.tick = event->tick;
    self->at.timestamp = event->timestamp;
    eventure__buffer_clear(&self->at.id);
    eventure__buffer_append_text(&self->at.id, event->id);
    return EVENTURE_OK;
}

static eventure_status apply_batch(eventure_projector *self, int64_t *out_events)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    int64_t before = self->at.seq;
    eventure_status status = ask_events(self, &cursor);
    while (status == EVENTURE_OK)
    {
        status = eventure_cursor_next(cursor, &event);
        if (status < 0)
            status = fail_reading(self, status);
        else if (status == EVENTURE_OK)
            break;
        else
            status = apply_event(self, &event);
    }
    eventure_cursor_free(cursor);
    *out_events = self->at.seq - before;
    return status;
}

/* Reads the checkpoint again, because another program may have advanced it, and rebuilds if necessary. */
static eventure_status take_position(eventure_projector *self)
{
    const char *why = NULL;
    eventure_status status = eventure__projection_checkpoint_read(&self->engine, &self->at);
    if (status == EVENTURE_OK)
        status = check_continuable(self, &why);
    if (status != EVENTURE_OK)
        return status;
    if (why != NULL && self->is_ours)
        return eventure__fail(&self->error, EVENTURE_ERROR_EXISTS, "%s: another program rebuilt the projection: %s",
                              self->path, why);
    if (why != NULL)
    {
        self->rebuilt = self->at.is_there ? why : NULL;
        status = begin_anew(self);
    }
    if (status == EVENTURE_OK && !self->is_ours)
    {
        eventure__engine_unprepare(&self->engine);
        status = eventure__engine_prepare(&self->engine);
    }
    return status;
}

static eventure_status update_once(eventure_projector *self, int64_t *out_events)
{
    eventure_status status = eventure__engine_run(&self->engine, "BEGIN IMMEDIATE", "begin a transaction");
    if (status != EVENTURE_OK)
        return status;
    status = take_position(self);
    if (status == EVENTURE_OK)
        status = apply_batch(self, out_events);
    if (status == EVENTURE_OK && *out_events > 0)
        status = eventure__projection_checkpoint_write(&self->engine, &self->at);
    if (status == EVENTURE_OK)
        status = eventure__engine_run(&self->engine, "COMMIT", "commit");
    if (status != EVENTURE_OK)
    {
        eventure__engine_unprepare(&self->engine);
        if (!sqlite3_get_autocommit(self->engine.db))
            sqlite3_exec(self->engine.db, "ROLLBACK", NULL, NULL, NULL);
        eventure__error kept = self->error;
        if (eventure__projection_checkpoint_read(&self->engine, &self->at) != EVENTURE_OK || !self->at.is_there)
            self->at.seq = 0;
        self->error = kept;
    }
    self->is_ours = status == EVENTURE_OK;
    return status;
}

static eventure_status report_progress(eventure_projector *self)
{
    eventure_progress progress = {.done = self->at.seq, .tick = self->at.tick};
    if (self->options.progress == NULL)
        return EVENTURE_OK;
    eventure_status status = eventure_reader_last_seq(self->reader, &progress.total);
    if (status != EVENTURE_OK)
        return fail_reading(self, status);
    if (self->options.progress(&progress, self->options.progress_context) == 0)
        return EVENTURE_OK;
    return eventure__fail(&self->error, EVENTURE_ERROR_INTERRUPTED, "%s: stopped at event %lld", self->path,
                          (long long)self->at.seq);
}

eventure_status eventure_projector_update(eventure_projector *projector, int64_t *out_events)
{
    int64_t all = 0;
    int64_t events = 0;
    if (out_events != NULL)
        *out_events = 0;
    if (projector == NULL || !projector->is_open)
        return eventure__fail_argument(__func__);
    eventure_status status = eventure__store_check_process(projector->reader);
    if (status != EVENTURE_OK)
        return fail_reading(projector, status);
    do
    {
        events = 0;
        status = update_once(projector, &events);
        if (status != EVENTURE_OK)
            break;
        all += events;
        status = report_progress(projector);
    }
    while (status == EVENTURE_OK && events == projector->options.batch_events);
    if (out_events != NULL)
        *out_events = all;
    return status;
}

/* --- Opening and closing --- */

static eventure_status take_options(eventure_projector *self, const eventure_projector_options *given)
{
    eventure_status status = EVENTURE__TAKE(given, &self->options, eventure_projector_options, "project", &self->error);
    if (status != EVENTURE_OK)
        return status;
    if (self->options.batch_events == 0)
        self->options.batch_events = DEFAULT_BATCH_EVENTS;
    const eventure__option_range batch = {"batch_events", self->options.batch_events, 0, INT64_MAX};
    return eventure__options_check(&batch, 1, "project", &self->error);
}

static eventure_status fail_foreign(eventure_projector *self)
{
    return eventure__fail(&self->error, EVENTURE_ERROR_FORMAT,
                          "%s: not a projection's file, but a database of something else: it is left alone",
                          self->path);
}

/* Refuses a database of another kind by its header, before SQLite makes files beside it. The header of a file with a
 * write-ahead log may be that of an empty database. */
static eventure_status check_header(eventure_projector *self)
{
    unsigned char id[4] = {0};
    sqlite3_file *file = NULL;
    sqlite3_int64 size = 0;
    if (sqlite3_file_control(self->engine.db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
        file->pMethods == NULL)
        return eventure__engine_fail(&self->engine, "open");
    if (file->pMethods->xFileSize(file, &size) != SQLITE_OK || size < ID_OFFSET + (int)sizeof id)
        return EVENTURE_OK;
    if (file->pMethods->xRead(file, id, sizeof id, ID_OFFSET) != SQLITE_OK)
        return eventure__fail(&self->error, EVENTURE_ERROR_IO, "%s: open: the file cannot be read", self->path);
    uint32_t found = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3];
    return found == 0 || found == APPLICATION_ID ? EVENTURE_OK : fail_foreign(self);
}

/* Refuses a database that is not a projection's. */
static eventure_status check_file(eventure_projector *self)
{
    int64_t application_id = 0;
    int64_t objects = 0;
    eventure_status status =
        eventure__projection_checkpoint_query(&self->engine, "PRAGMA application_id", &application_id);
    if (status == EVENTURE_OK)
        status = eventure__projection_checkpoint_query(&self->engine, "SELECT count(*) FROM sqlite_schema", &objects);
    if (status == EVENTURE_OK && application_id != APPLICATION_ID && (application_id != 0 || objects != 0))
        status = fail_foreign(self);
    return status;
}

static eventure_status open_projector(eventure_projector *self, const char *path)
{
    self->engine.file = &self->projection->file;
    self->engine.label = self->path;
    if (eventure__path_is_same_file(path, self->reader->file))
        return eventure__fail(&self->error, EVENTURE_ERROR_ARGUMENT, "project: %s is the store itself", path);
    eventure_status status = eventure__engine_open(&self->engine, path, self->reader->file);
    if (status == EVENTURE_OK)
        status = check_header(self);
    if (status == EVENTURE_OK)
        status = check_file(self);
    if (status == EVENTURE_OK)
        status =
            eventure__engine_run(&self->engine, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;", "configure");
    if (status == EVENTURE_OK)
        status = read_source(self);
    if (status == EVENTURE_OK)
        status = eventure__projection_checkpoint_read(&self->engine, &self->at);
    if (status == EVENTURE_OK && eventure__watch_open(self->reader->file, &self->watch) != EVENTURE_OK)
        status = eventure__fail(&self->error, EVENTURE_ERROR_MEMORY, "%s: out of memory", path);
    return status;
}

static eventure_status begin(eventure_projector *self, eventure_reader *reader, eventure_projection *projection,
                             const char *path, const eventure_projector_options *options)
{
    self->engine.error = &self->error;
    if (reader == NULL || path == NULL || *path == '\0' || eventure_projection_reducer(projection) == NULL)
        return eventure__fail(&self->error, EVENTURE_ERROR_ARGUMENT, "project: no %s was given",
                              reader == NULL                  ? "reader"
                              : path == NULL || *path == '\0' ? "path"
                                                              : "projection that could be opened");
    self->reader = reader;
    self->projection = projection;
    self->engine.options = projection->engine.options;
    self->path = strdup(path);
    if (self->path == NULL)
        return eventure__fail(&self->error, EVENTURE_ERROR_MEMORY, "project: out of memory");
    eventure_status status = take_options(self, options);
    if (status == EVENTURE_OK)
        status = open_projector(self, path);
    self->is_open = status == EVENTURE_OK;
    return status;
}

eventure_status eventure_projector_open(eventure_reader *reader, eventure_projection *projection, const char *path,
                                        const eventure_projector_options *options, eventure_projector **out_projector)
{
    if (out_projector == NULL)
        return eventure__fail_argument(__func__);
    *out_projector = NULL;
    eventure_projector *self = calloc(1, sizeof *self);
    if (self == NULL)
        return eventure__fail(NULL, EVENTURE_ERROR_MEMORY, "project: out of memory");
    eventure_status status = begin(self, reader, projection, path, options);
    if (status == EVENTURE_OK)
        *out_projector = self;
    else
    {
        eventure__error kept = self->error;
        eventure_projector_close(self);
        eventure__set_last_error(&kept);
    }
    return status;
}

bool eventure_projector_wait(eventure_projector *projector, int timeout_ms)
{
    return projector != NULL && projector->is_open && !eventure__store_is_inherited(projector->reader) &&
           eventure__watch_wait(projector->watch, timeout_ms);
}

int64_t eventure_projector_seq(const eventure_projector *projector)
{
    return projector != NULL ? projector->at.seq : 0;
}

const char *eventure_projector_rebuilt(const eventure_projector *projector)
{
    return projector != NULL ? projector->rebuilt : NULL;
}

const char *eventure_projector_message(const eventure_projector *projector)
{
    return projector != NULL ? projector->error.text : eventure_last_message();
}

eventure_status eventure_projector_close(eventure_projector *projector)
{
    if (projector == NULL)
        return EVENTURE_OK;
    eventure_status status = projector->is_open ? eventure__store_check_process(projector->reader) : EVENTURE_OK;
    if (status != EVENTURE_OK)
        fail_reading(projector, status);
    else if (projector->is_open)
        status = eventure__engine_bring_inside(&projector->engine);
    if (status != EVENTURE_OK)
        eventure__set_last_error(&projector->error);
    eventure__engine_close(&projector->engine);
    eventure__watch_close(projector->watch);
    eventure__buffer_free(&projector->at.id);
    free(projector->path);
    free(projector);
    return status;
}

void eventure_projector_options_init(eventure_projector_options *options, size_t size)
{
    eventure__options_init(options, size);
}
