/*
 * Asking one store: see fleet_answer.h.
 */
#include "fleet_answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <eventure/extension.h>
#include <eventure/integrity.h>
#include <eventure/log.h>

#include "connection.h"
#include "fleet_folder.h"
#include "fleet_immutable.h"
#include "fleet_record.h"
#include "fleet_state.h"
#include "message.h"
#include "progress_line.h"
#include "projection_file.h"
#include "sql_guard.h"

struct fleet_asker
{
    const fleet_question *question;
    fleet_record record;
    eventure_projection *projection;
    char digest[FLEET_DIGEST_BYTES]; /* of the projection; "" until a kept database is open */
    bool needs_functions;            /* the SQL cannot be compiled without those of the extension */
};

fleet_asker *fleet_asker_new(const fleet_question *question)
{
    fleet_asker *asker = calloc(1, sizeof *asker);
    if (asker == NULL)
    {
        message_memory();
        return NULL;
    }
    asker->question = question;
    if (fleet_record_begin(&asker->record, question) &&
        (question->projection == NULL ||
         projection_file_open("fleet", question->projection, &asker->projection) == EXIT_DONE))
        return asker;
    fleet_asker_free(asker);
    return NULL;
}

void fleet_asker_found(const fleet_asker *asker, bool *found)
{
    for (size_t i = 0; i < asker->question->names.count; i++)
        found[i] = found[i] || asker->record.found[i];
}

void fleet_asker_free(fleet_asker *asker)
{
    if (asker == NULL)
        return;
    fleet_record_end(&asker->record);
    eventure_projection_close(asker->projection);
    free(asker);
}

/* Puts the columns of the run, after the titles of the answer. */
static void put_run(fleet_asker *asker, const fleet_store *store, fleet_answer *out)
{
    fleet_rows_put_text(&out->values, store->name);
    for (size_t i = 0; i < asker->question->columns_count; i++)
        fleet_rows_put_value(&out->values,
                             fleet_record_value(&asker->record, asker->question, asker->question->columns[i]));
}

static int run_statement(fleet_asker *asker, sql_guard *guard, sqlite3_stmt *statement, const fleet_store *store,
                         fleet_answer *out)
{
    int step = SQLITE_ROW;
    out->columns = sqlite3_column_count(statement);
    for (int i = 0; i < out->columns; i++)
    {
        const char *title = sqlite3_column_name(statement, i);
        fleet_rows_put_text(&out->values, title != NULL ? title : "?");
    }
    put_run(asker, store, out);
    while ((step = sqlite3_step(statement)) == SQLITE_ROW && out->values.cause == 0)
    {
        for (int i = 0; i < out->columns; i++)
            fleet_rows_put_column(&out->values, statement, i);
        out->rows++;
    }
    return step == SQLITE_DONE || step == SQLITE_ROW ? EXIT_DONE : sql_guard_failed(guard);
}

static int ask_sql(fleet_asker *asker, sql_guard *guard, const fleet_store *store, fleet_answer *out)
{
    sqlite3_stmt *statement = NULL;
    int exit_code = sql_guard_prepare(guard, asker->question->sql, &statement);
    out->result = exit_code == EXIT_DATA ? FLEET_REFUSED : FLEET_ANSWERED;
    if (exit_code == EXIT_DONE && sqlite3_bind_parameter_count(statement) > 0)
    {
        message("sql: the parameter %s has no value",
                sqlite3_bind_parameter_name(statement, 1) != NULL ? sqlite3_bind_parameter_name(statement, 1) : "?");
        out->result = FLEET_REFUSED;
        exit_code = EXIT_DATA;
    }
    if (exit_code == EXIT_DONE)
        exit_code = run_statement(asker, guard, statement, store, out);
    sqlite3_finalize(statement);
    return exit_code;
}

static int ask_state(fleet_asker *asker, const fleet_store *store, fleet_answer *out)
{
    fleet_state state;
    int exit_code = fleet_state_open(&state, asker->question, asker->projection, store);
    if (exit_code == EXIT_DONE && asker->digest[0] == '\0')
        fleet_state_digest(&state, asker->digest);
    if (exit_code == EXIT_DONE)
        exit_code = ask_sql(asker, &state.guard, store, out);
    fleet_state_close(&state);
    return exit_code;
}

/* Takes ownership of the reader of the store, which the guard closes. */
static int ask_store(fleet_asker *asker, fleet_store *store, fleet_answer *out)
{
    sql_guard guard;
    int exit_code = sql_guard_take(&guard, store->reader, store->db, store->path);
    store->reader = NULL;
    if (exit_code == EXIT_DONE)
        exit_code = ask_sql(asker, &guard, store, out);
    sql_guard_close(&guard);
    return exit_code;
}

static int check(fleet_asker *asker, const fleet_store *store, fleet_answer *out)
{
    static const char *const titles[] = {"result", "events", "ticks", "problem"};
    eventure_verify_options options = EVENTURE_VERIFY_OPTIONS_INIT;
    eventure_verify_report report;
    options.progress = progress_stop_reading;
    eventure_status status = eventure_store_verify(store->reader, &options, &report);
    if (status != EVENTURE_OK)
        return message_status(status, eventure_reader_message(store->reader));
    out->columns = sizeof titles / sizeof titles[0];
    for (int i = 0; i < out->columns; i++)
        fleet_rows_put_text(&out->values, titles[i]);
    put_run(asker, store, out);
    fleet_rows_put_text(&out->values, report.is_sound ? "sound" : "damaged");
    fleet_rows_put_int(&out->values, report.events);
    fleet_rows_put_int(&out->values, report.ticks);
    if (report.is_sound)
        fleet_rows_put_null(&out->values);
    else
        fleet_rows_put_text(&out->values, report.problem);
    out->rows = 1;
    out->is_damaged = !report.is_sound;
    if (out->is_damaged)
        message("%s", report.problem);
    return EXIT_DONE;
}

static int ask_chosen(fleet_asker *asker, fleet_store *store, fleet_answer *out)
{
    switch (asker->question->kind)
    {
    case FLEET_LIST:
        put_run(asker, store, out);
        out->rows = 1;
        return EXIT_DONE;
    case FLEET_CHECK:
        return check(asker, store, out);
    default:
        return asker->projection != NULL ? ask_state(asker, store, out) : ask_store(asker, store, out);
    }
}

static int ask(fleet_asker *asker, fleet_store *store, fleet_answer *out)
{
    bool is_check = asker->question->kind == FLEET_CHECK;
    bool is_chosen = false;
    eventure_status status = is_check ? eventure_reader_open_damaged(store->path, &store->reader)
                                      : eventure_reader_open(store->path, &store->reader);
    /* The record and the answer are of one commit. A verification begins its own transaction. */
    if (status == EVENTURE_OK && !is_check)
        status = eventure_reader_begin(store->reader);
    if (status != EVENTURE_OK)
        return message_status(status, eventure_reader_message(store->reader));
    store->db = connection_newest();
    int exit_code = fleet_record_read(&asker->record, asker->question, store);
    if (exit_code == EXIT_DONE)
        exit_code = fleet_record_judge(&asker->record, asker->question, &is_chosen);
    if (exit_code == EXIT_DONE && !is_chosen)
        out->result = FLEET_LEFT_OUT;
    else if (exit_code == EXIT_DONE)
        exit_code = ask_chosen(asker, store, out);
    return exit_code;
}

/* --- Stores opened with immutable=1 --- */

static bool ask_kept_state(fleet_asker *asker, const fleet_store *store, fleet_answer *out)
{
    fleet_state state;
    bool done = fleet_state_open_immutable(&state, asker->question, asker->projection, store, asker->digest) &&
                ask_sql(asker, &state.guard, store, out) == EXIT_DONE && fleet_state_is_unchanged(&state);
    fleet_state_close(&state);
    return done;
}

/* Takes ownership of the connection of the store: closes it, and sets store->db to NULL. */
static bool ask_history(fleet_asker *asker, fleet_store *store, fleet_answer *out)
{
    sql_guard guard;
    memset(&guard, 0, sizeof guard);
    guard.db = store->db;
    bool done = (!asker->needs_functions || eventure_extension_init(store->db, NULL, NULL) == SQLITE_OK) &&
                sql_guard_restrict(&guard) == SQLITE_OK && ask_sql(asker, &guard, store, out) == EXIT_DONE;
    sql_guard_close(&guard);
    store->db = NULL;
    return done;
}

static bool ask_chosen_immutable(fleet_asker *asker, fleet_store *store, fleet_answer *out)
{
    if (asker->question->kind == FLEET_LIST)
        return ask_chosen(asker, store, out) == EXIT_DONE;
    return asker->projection != NULL ? ask_kept_state(asker, store, out) : ask_history(asker, store, out);
}

/* Queries a store with immutable=1. Returns false when the result is not valid: the store, or its cached state, may
   have been written meanwhile, or an error occurred. The caller then queries it with a reader.

   `immutable` owns the connection, which store->db borrows. ask_history closes it and sets store->db to NULL; otherwise
   it stays open. So immutable.db is set from store->db before `immutable` is closed. */
static bool ask_immutable(fleet_asker *asker, fleet_store *store, fleet_answer *out)
{
    const fleet_question *question = asker->question;
    fleet_immutable immutable;
    bool is_chosen = false;
    if (question->kind == FLEET_CHECK ||
        (question->projection != NULL && (question->kept == NULL || asker->digest[0] == '\0')))
        return false;
    bool done = fleet_immutable_open(&immutable, store->path, FLEET_STORE_ID, FLEET_STORE_FORMAT);
    store->db = immutable.db;
    done = done && fleet_record_read(&asker->record, question, store) == EXIT_DONE &&
           fleet_record_judge(&asker->record, question, &is_chosen) == EXIT_DONE;
    if (done && is_chosen)
        done = ask_chosen_immutable(asker, store, out);
    else
        out->result = FLEET_LEFT_OUT;
    immutable.db = store->db;
    done = done && fleet_immutable_is_unchanged(&immutable);
    fleet_immutable_close(&immutable);
    store->db = NULL;
    return done;
}

/* Empties the answer. Messages become its problem, until message_collect(NULL, 0). */
static void begin_answer(fleet_answer *out)
{
    fleet_rows_clear(&out->values);
    out->result = FLEET_ANSWERED;
    out->is_damaged = false;
    out->columns = 0;
    out->rows = 0;
    message_collect(out->problem, sizeof out->problem);
}

/* Queries a store: first with immutable=1, and, when that is not possible or after any error, with a reader. SQL that
   is refused at first and succeeds with the reader uses functions of the extension: the asker then adds them for all
   later stores. */
static int ask_any(fleet_asker *asker, fleet_store *store, fleet_answer *out)
{
    if (ask_immutable(asker, store, out))
        return EXIT_DONE;
    bool is_refused = out->result == FLEET_REFUSED;
    begin_answer(out);
    int exit_code = ask(asker, store, out);
    if (is_refused && exit_code == EXIT_DONE && asker->projection == NULL)
        asker->needs_functions = true;
    return exit_code;
}

void fleet_asker_ask(fleet_asker *asker, const char *name, fleet_answer *out)
{
    char *path = name[0] == '/' ? strdup(name) : fleet_path(asker->question->folder, name);
    fleet_store store = {name, path, NULL, NULL};
    begin_answer(out);
    int exit_code = path != NULL ? ask_any(asker, &store, out) : message_memory();
    eventure_reader_close(store.reader);
    if (exit_code == EXIT_DONE && out->result == FLEET_ANSWERED && fleet_rows_rewind(&out->values) != 0)
    {
        message("keep the answer: %s", strerror(out->values.cause));
        exit_code = EXIT_FILE;
    }
    message_collect(NULL, 0);
    if (exit_code != EXIT_DONE && out->result == FLEET_ANSWERED)
        out->result = FLEET_FAILED;
    free(path);
}

/* Makes a store at the path, asks it, and removes it. An error is a message. */
static void ask_new(const fleet_question *question, const char *path, fleet_answer *out)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    options.mode = EVENTURE_OPEN_NEW;
    eventure_status status = eventure_log_open(path, &options, &log);
    if (status != EVENTURE_OK)
    {
        message_status(status, eventure_last_message());
        return;
    }
    eventure_log_close(log);
    fleet_asker *asker = fleet_asker_new(question);
    if (asker != NULL)
        fleet_asker_ask(asker, path, out);
    fleet_asker_free(asker);
    unlink(path);
}

void fleet_ask_empty(const fleet_question *question, fleet_answer *out)
{
    const char *given = getenv("TMPDIR");
    const char *parent = given != NULL && given[0] == '/' ? given : P_tmpdir;
    char folder[1024];
    char path[1040];
    fleet_question plain = *question;
    memset(out, 0, sizeof *out);
    begin_answer(out);
    out->result = FLEET_FAILED;
    plain.where = NULL;
    plain.kept = NULL;
    snprintf(folder, sizeof folder, "%s/eventure-fleet.XXXXXX", parent);
    if (mkdtemp(folder) != NULL)
    {
        snprintf(path, sizeof path, "%s/empty.db", folder);
        ask_new(&plain, path, out);
        rmdir(folder);
    }
    else
        message("fleet: make a folder in %s: %s", parent, strerror(errno));
    message_collect(NULL, 0);
}
