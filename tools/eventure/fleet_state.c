/*
 * States of runs: see fleet_state.h.
 *
 * A kept database has the name of its store, in a folder of the projection's name. The projector notices that it was
 * made by another version of the projection or from another store, and builds it again.
 */
#include "fleet_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fleet_folder.h"
#include "interrupt.h"
#include "message.h"
#include "projection_file.h"

static int look(const eventure_progress *progress, void *context)
{
    (void)progress;
    (void)context;
    return interrupt_ends_reading() ? 1 : 0;
}

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
        code = sql_guard_restrict(&state->guard);
    if (code == SQLITE_OK)
        return EXIT_DONE;
    message("open %s: %s", path, state->guard.db != NULL ? sqlite3_errmsg(state->guard.db) : sqlite3_errstr(code));
    return EXIT_FILE;
}

static int update(fleet_state *state, eventure_projection *projection, const fleet_store *store, const char *path)
{
    eventure_projector_options options = EVENTURE_PROJECTOR_OPTIONS_INIT;
    options.progress = look;
    eventure_status status = eventure_projector_open(store->reader, projection, path, &options, &state->projector);
    if (status == EVENTURE_OK)
        status = eventure_projector_update(state->projector, NULL);
    if (status != EVENTURE_OK)
        return projection_failed(status, eventure_projector_message(state->projector));
    return open_database(state, path);
}

/* Makes the path of the kept database, and its folder. *out_path is NULL where nothing can be written. */
static int place(const fleet_question *question, eventure_projection *projection, const fleet_store *store,
                 char **out_path)
{
    char *folder = fleet_path(question->kept, eventure_projection_reducer(projection)->name);
    *out_path = folder != NULL ? fleet_path(folder, store->name) : NULL;
    free(folder);
    if (*out_path == NULL)
        return message_memory();
    int cause = make_folders(*out_path);
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
    options.progress = look;
    eventure_status status =
        eventure_state_at(store->reader, eventure_projection_reducer(projection), question->tick, projection, &options);
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
    char *path = NULL;
    memset(state, 0, sizeof *state);
    int exit_code = question->kept != NULL ? place(question, projection, store, &path) : EXIT_DONE;
    if (exit_code == EXIT_DONE)
        exit_code =
            path != NULL ? update(state, projection, store, path) : make_in_memory(state, question, projection, store);
    free(path);
    return exit_code;
}

void fleet_state_close(fleet_state *state)
{
    sql_guard_close(&state->guard);
    eventure_projector_close(state->projector); /* last: it removes the files beside the database */
    eventure_free(state->image);
}
