/*
 * States of runs: see fleet_state.h.
 *
 * A kept database has the name of its store, in a folder of the projection's name. The projector notices that it was
 * made by another version of the projection or from another store, and builds it again.
 */
#include "fleet_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fleet_folder.h"
#include "message.h"
#include "progress_line.h"
#include "projection_file.h"

/* Makes the folders above a file. Returns 0 or an errno. */
static int make_folders(char *path)
{
    int cause = 0;
    for (char *slash = strchr(path + 1, '/'); slash != NULL && cause == 0; slash = strchr(slash + 1, '/'))
    {
        *slash = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            cause = errno;
        *slash = '/';
    }
    return cause;
}

/* Opens the database of the state with a connection of its own. */
static int open_database(fleet_state *state, const char *path)
{
    int code = sqlite3_open_v2(path, &state->guard.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK)
        code = sql_guard_restrict_state(&state->guard);
    if (code == SQLITE_OK)
        return EXIT_DONE;
    message("open %s: %s", path, state->guard.db != NULL ? sqlite3_errmsg(state->guard.db) : sqlite3_errstr(code));
    return EXIT_FILE;
}

static int update(fleet_state *state, eventure_projection *projection, const fleet_store *store, const char *path)
{
    eventure_projector_options options = EVENTURE_PROJECTOR_OPTIONS_INIT;
    options.progress = progress_stop_reading;
    eventure_status status = eventure_projector_open(store->reader, projection, path, &options, &state->projector);
    if (status == EVENTURE_OK)
        status = eventure_projector_update(state->projector, NULL);
    if (status != EVENTURE_OK)
        return projection_failed(status, eventure_projector_message(state->projector));
    return open_database(state, path);
}

/* Returns the path of the kept database; the caller frees it. */
static char *kept_path(const fleet_question *question, eventure_projection *projection, const fleet_store *store)
{
    char *folder = fleet_path(question->kept, eventure_projection_reducer(projection)->name);
    char *path = folder != NULL ? fleet_path(folder, store->name) : NULL;
    free(folder);
    return path;
}

/* Whether this user may write the database, and make files beside it. */
static bool may_write(char *path)
{
    char *slash = strrchr(path, '/');
    if (access(path, F_OK) == 0 && access(path, W_OK) != 0)
        return false;
    if (slash == NULL)
        return access(".", W_OK | X_OK) == 0;
    *slash = '\0';
    bool may = access(path, W_OK | X_OK) == 0;
    *slash = '/';
    return may;
}

/* Makes the path of the kept database, and its folder. *out_path is NULL when this user may not write there. Returns
   the exit code. */
static int place(const fleet_question *question, eventure_projection *projection, const fleet_store *store,
                 char **out_path)
{
    *out_path = kept_path(question, projection, store);
    if (*out_path == NULL)
        return message_memory();
    int cause = make_folders(*out_path);
    if (cause == 0 && !may_write(*out_path))
        cause = EACCES;
    if (cause == 0)
        return EXIT_DONE;
    if (cause != EACCES && cause != EROFS && cause != EPERM)
        message("make the folder of %s: %s", *out_path, strerror(cause));
    free(*out_path);
    *out_path = NULL;
    return cause == EACCES || cause == EROFS || cause == EPERM ? EXIT_DONE : EXIT_FILE;
}

static int make_in_memory(fleet_state *state, const fleet_question *question, eventure_projection *projection,
                          const fleet_store *store)
{
    eventure_state_options options = EVENTURE_STATE_OPTIONS_INIT;
    size_t len = 0;
    options.progress = progress_stop_reading;
    eventure_status status = eventure_replay_at(store->reader, eventure_projection_reducer(projection), projection,
                                                question->tick, &options);
    if (status != EVENTURE_OK)
        return projection_failed(status, eventure_reader_message(store->reader));
    status = eventure_projection_image(projection, &state->image, &len);
    if (status != EVENTURE_OK)
        return projection_failed(status, eventure_projection_message(projection));
    return sql_guard_open_image(&state->guard, state->image, len);
}

int fleet_state_open(fleet_state *state, const fleet_question *question, eventure_projection *projection,
                     const fleet_store *store)
{
    memset(state, 0, sizeof *state);
    int exit_code = question->kept != NULL ? place(question, projection, store, &state->path) : EXIT_DONE;
    if (exit_code == EXIT_DONE)
        exit_code = state->path != NULL ? update(state, projection, store, state->path)
                                        : make_in_memory(state, question, projection, store);
    return exit_code;
}

/* Whether the kept database has the newest event of the store applied to it, by this projection. */
static bool is_up_to_date(const fleet_state *state, const fleet_store *store, const char *digest)
{
    static const char newest[] = "SELECT (SELECT uuid FROM store), seq, id FROM events ORDER BY seq DESC LIMIT 1";
    static const char applied[] =
        "SELECT count(*) FROM eventure_projection WHERE source = ?1 AND seq = ?2 AND event_id = ?3 AND digest = ?4";
    sqlite3_stmt *event = NULL;
    sqlite3_stmt *row = NULL;
    bool done = sqlite3_prepare_v2(store->db, newest, -1, &event, NULL) == SQLITE_OK &&
                sqlite3_prepare_v2(state->immutable.db, applied, -1, &row, NULL) == SQLITE_OK &&
                sqlite3_step(event) == SQLITE_ROW;
    for (int i = 0; done && i < 3; i++)
        done = sqlite3_bind_value(row, i + 1, sqlite3_column_value(event, i)) == SQLITE_OK;
    done = done && sqlite3_bind_text(row, 4, digest, -1, SQLITE_STATIC) == SQLITE_OK &&
           sqlite3_step(row) == SQLITE_ROW && sqlite3_column_int(row, 0) == 1;
    sqlite3_finalize(event);
    sqlite3_finalize(row);
    return done;
}

bool fleet_state_open_immutable(fleet_state *state, const fleet_question *question, eventure_projection *projection,
                                const fleet_store *store, const char *digest)
{
    memset(state, 0, sizeof *state);
    state->path = kept_path(question, projection, store);
    if (state->path == NULL || !fleet_immutable_open(&state->immutable, state->path, FLEET_PROJECTION_ID, -1) ||
        !is_up_to_date(state, store, digest))
        return false;
    state->guard.db = state->immutable.db;
    state->immutable.db = NULL; /* the guard closes it */
    return sql_guard_restrict_state(&state->guard) == SQLITE_OK;
}

bool fleet_state_is_unchanged(const fleet_state *state)
{
    return fleet_immutable_is_unchanged(&state->immutable);
}

void fleet_state_digest(const fleet_state *state, char digest[FLEET_DIGEST_BYTES])
{
    sqlite3_stmt *row = NULL;
    digest[0] = '\0';
    if (state->projector != NULL &&
        sqlite3_prepare_v2(state->guard.db, "SELECT digest FROM eventure_projection", -1, &row, NULL) == SQLITE_OK &&
        sqlite3_step(row) == SQLITE_ROW && sqlite3_column_text(row, 0) != NULL)
        snprintf(digest, FLEET_DIGEST_BYTES, "%s", (const char *)sqlite3_column_text(row, 0));
    sqlite3_finalize(row);
}

void fleet_state_close(fleet_state *state)
{
    sql_guard_close(&state->guard);
    fleet_immutable_close(&state->immutable);
    /* Last: it removes the files beside the database. The answer is complete in any case. */
    if (eventure_projector_close(state->projector) != EVENTURE_OK)
        message("%s", eventure_last_message());
    eventure_free(state->image);
    free(state->path);
}
