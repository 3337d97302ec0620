/*
 * Save points: rows of a table of names, written in the log's own transaction, so that they are as durable as the
 * events that they name.
 */
#include <stdlib.h>
#include <string.h>

#include <eventure/session.h>

#include "base/assertion.h"
#include "base/error.h"
#include "base/name.h"
#include "base/utf8.h"
#include "embedded_sql.h"
#include "log/log.h"
#include "log/transaction.h"
#include "log/undo.h"
#include "store/proof.h"
#include "store/store.h"

static size_t name_len(const char *name)
{
    return name != NULL ? strlen(name) : 0;
}

static eventure_status check_note(const char *name, const char *note, eventure__error *error)
{
    assert(name != NULL);
    size_t len = note != NULL ? strlen(note) : 0;
    if (len > EVENTURE_NOTE_MAX_BYTES)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "save point %s: its note has %zu bytes; the limit is %d",
                              eventure__quote(name, strlen(name)).text, len, EVENTURE_NOTE_MAX_BYTES);
    if (note != NULL && !eventure__utf8_valid(note, len))
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "save point %s: its note is not UTF-8",
                              eventure__quote(name, strlen(name)).text);
    return EVENTURE_OK;
}

/* A statement about the save points of a name, or (NULL) all. */
static eventure_status take_saves(eventure_reader *reader, const char *name, sqlite3_stmt **out_statement)
{
    const eventure__sql *sql = &eventure__query_save_points;
    eventure_status status = eventure__store_before_read(reader);
    if (status == EVENTURE_OK)
        status = eventure__store_prepare(reader, sql->text, out_statement);
    if (status == EVENTURE_OK && name != NULL)
        sqlite3_bind_text(*out_statement, 1, name, -1, SQLITE_STATIC);
    return status;
}

static eventure_status read_save(eventure_reader *reader, sqlite3_stmt *statement, eventure_save_point *out)
{
    *out = (eventure_save_point){
        .name = (const char *)sqlite3_column_text(statement, 0),
        .tick = sqlite3_column_int64(statement, 1),
        .seq = sqlite3_column_int64(statement, 2),
        .note = (const char *)sqlite3_column_text(statement, 3),
        .created = sqlite3_column_double(statement, 4),
    };
    if (out->name != NULL)
        return EVENTURE_OK;
    return sqlite3_errcode(reader->db) == SQLITE_NOMEM
               ? eventure__store_fail(reader, "read a save point")
               : eventure__fail(&reader->error, EVENTURE_ERROR_CORRUPT, "%s is damaged: a save point has no name",
                                reader->path);
}

eventure_status eventure_save_point_list(eventure_reader *reader, eventure_save_point_fn callback, void *context)
{
    sqlite3_stmt *statement = NULL;
    eventure_save_point save;
    int step = SQLITE_DONE;
    if (reader == NULL || callback == NULL)
        return eventure__fail_argument(__func__);
    eventure_status status = take_saves(reader, NULL, &statement);
    while (status == EVENTURE_OK && (step = sqlite3_step(statement)) == SQLITE_ROW)
    {
        status = read_save(reader, statement, &save);
        if (status == EVENTURE_OK)
            status = eventure__store_called(reader, "list the save points", callback(&save, context));
    }
    if (status == EVENTURE_OK && step != SQLITE_DONE)
        status = eventure__store_fail(reader, "list the save points");
    eventure__store_release(reader, statement);
    return status;
}

/* A copy with its texts, in one allocation; NULL when there is no memory. */
static eventure_save_point *copy_save(const eventure_save_point *save)
{
    size_t name_size = strlen(save->name) + 1;
    size_t note_size = save->note != NULL ? strlen(save->note) + 1 : 0;
    eventure_save_point *copy = malloc(sizeof *copy + name_size + note_size);
    if (copy == NULL)
        return NULL;
    char *texts = (char *)(copy + 1);
    *copy = *save;
    memcpy(texts, save->name, name_size);
    copy->name = texts;
    if (save->note != NULL)
        copy->note = memcpy(texts + name_size, save->note, note_size);
    return copy;
}

eventure_status eventure_save_point_find(eventure_reader *reader, const char *name,
                                         eventure_save_point **out_save_point)
{
    sqlite3_stmt *statement = NULL;
    eventure_save_point save;
    if (out_save_point == NULL)
        return eventure__fail_argument(__func__);
    *out_save_point = NULL;
    if (reader == NULL)
        return eventure__fail_argument(__func__);
    eventure_status status = eventure__name_check("the save point", name, name_len(name), &reader->error);
    if (status == EVENTURE_OK)
        status = take_saves(reader, name, &statement);
    if (status != EVENTURE_OK)
        return status;
    int step = sqlite3_step(statement);
    if (step == SQLITE_DONE)
        status = eventure__fail(&reader->error, EVENTURE_ERROR_NOT_FOUND, "there is no save point %s",
                                eventure__quote(name, strlen(name)).text);
    else
        status = step == SQLITE_ROW ? read_save(reader, statement, &save)
                                    : eventure__store_fail(reader, "look a save point up");
    if (status == EVENTURE_OK && (*out_save_point = copy_save(&save)) == NULL)
        status = eventure__fail(&reader->error, EVENTURE_ERROR_MEMORY, "read a save point: out of memory");
    eventure__store_release(reader, statement);
    return status;
}

/* Runs a statement that writes, with everything bound, and commits; a failure undoes what was not committed. */
static eventure_status write_and_commit(eventure_log *log, eventure__store *store, sqlite3_stmt *statement,
                                        const char *what)
{
    eventure_status status = sqlite3_step(statement) == SQLITE_DONE ? EVENTURE_OK : eventure__store_fail(store, what);
    eventure__store_release(store, statement);
    if (status == EVENTURE_OK)
        status = eventure__proof_note_table(store, "save_point");
    if (status == EVENTURE_OK)
        return eventure_log_commit(log);
    eventure__log_undo(log, EVENTURE_OK);
    return status;
}

/* The reader of a log that is open; NULL otherwise, with an error set. */
static eventure__store *store_of(eventure_log *log)
{
    eventure__store *store = eventure_log_reader(log);
    if (store == NULL && log != NULL)
        eventure__log_check_open(log, "save point");
    return store;
}

eventure_status eventure_save_point_create(eventure_log *log, const char *name, const char *note)
{
    const eventure__sql *sql = &eventure__query_insert_save_point;
    eventure_save_point *taken = NULL;
    sqlite3_stmt *statement = NULL;
    int64_t seq = 0;
    eventure__store *store = store_of(log);
    if (store == NULL)
        return log != NULL ? eventure__log_error(log)->status : eventure__fail_argument(__func__);
    eventure_status status = eventure__name_check("the save point", name, name_len(name), &store->error);
    if (status == EVENTURE_OK)
        status = check_note(name, note, &store->error);
    if (status != EVENTURE_OK)
        return status;
    status = eventure_save_point_find(store, name, &taken);
    if (status == EVENTURE_OK)
        status = eventure__fail(&store->error, EVENTURE_ERROR_EXISTS, "there is a save point %s already, at tick %lld",
                                eventure__quote(name, strlen(name)).text, (long long)taken->tick);
    eventure_free(taken);
    if (status != EVENTURE_ERROR_NOT_FOUND)
        return status;
    double now = eventure__log_now(log);
    status = eventure__store_check_time(store, now);
    if (status == EVENTURE_OK)
        status = eventure_reader_last_seq(store, &seq);
    if (status == EVENTURE_OK)
        status = eventure__log_join(log);
    if (status == EVENTURE_OK)
        status = eventure__store_prepare(store, sql->text, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, eventure_log_tick(log));
    sqlite3_bind_int64(statement, 3, seq);
    if (note != NULL)
        sqlite3_bind_text(statement, 4, note, -1, SQLITE_STATIC);
    sqlite3_bind_double(statement, 5, now);
    return write_and_commit(log, store, statement, "take a save point");
}

eventure_status eventure_save_point_delete(eventure_log *log, const char *name)
{
    static const char sql[] = "DELETE FROM save_point WHERE name = ?1";
    eventure_save_point *taken = NULL;
    sqlite3_stmt *statement = NULL;
    eventure__store *store = store_of(log);
    if (store == NULL)
        return log != NULL ? eventure__log_error(log)->status : eventure__fail_argument(__func__);
    eventure_status status = eventure_save_point_find(store, name, &taken);
    eventure_free(taken);
    if (status == EVENTURE_OK)
        status = eventure__log_join(log);
    if (status == EVENTURE_OK)
        status = eventure__store_prepare(store, sql, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    return write_and_commit(log, store, statement, "delete a save point");
}

/* A text of a row into an array that it fits. */
static void copy_text(sqlite3_stmt *statement, int column, char *out, size_t size)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    out[0] = '\0';
    if (text != NULL)
        strncat(out, text, size - 1);
}

eventure_status eventure_store_origin(eventure_reader *reader, eventure_origin *out_origin)
{
    const eventure__sql *sql = &eventure__query_origin;
    sqlite3_stmt *statement = NULL;
    if (reader == NULL || out_origin == NULL)
        return eventure__fail_argument(__func__);
    memset(out_origin, 0, sizeof *out_origin);
    eventure_status status = eventure__store_prepare(reader, sql->text, &statement);
    if (status != EVENTURE_OK)
        return status;
    if (sqlite3_step(statement) == SQLITE_ROW)
    {
        copy_text(statement, 0, out_origin->uuid, sizeof out_origin->uuid);
        copy_text(statement, 1, out_origin->from_uuid, sizeof out_origin->from_uuid);
        out_origin->from_tick = sqlite3_column_int64(statement, 2);
        out_origin->from_seq = sqlite3_column_int64(statement, 3);
        copy_text(statement, 4, out_origin->run_digest, sizeof out_origin->run_digest);
        copy_text(statement, 5, out_origin->full_digest, sizeof out_origin->full_digest);
    }
    else
        status = eventure__store_fail(reader, "read where the history comes from");
    eventure__store_release(reader, statement);
    return status;
}
