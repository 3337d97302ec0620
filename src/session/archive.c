/*
 * Archiving in four steps: snapshots at the cut, the synced archive, the deletion in one transaction, and the release
 * of disk space. A crash can happen after each step; the next run detects the completed steps.
 */
#include "session/archive_internal.h"

#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/options.h"
#include "base/path.h"
#include "embedded_sql.h"
#include "log/log.h"
#include "log/transaction.h"
#include "log/undo.h"
#include "replay/reducer.h"
#include "store/files.h"

/* The i-th state, and its reducer. */
static eventure_status take_state(const eventure__archiving *work, size_t i, eventure_reducer_state *out,
                                  eventure_reducer *out_reducer)
{
    eventure__error *error = &work->store->error;
    eventure_status status =
        EVENTURE__TAKE(eventure__options_at(work->options.states, i), out, eventure_reducer_state, "archive", error);
    return status == EVENTURE_OK ? eventure__reducer_take_saving(out->reducer, "archive", error, out_reducer) : status;
}

static eventure_status take_options(eventure__archiving *work, const eventure_archive_options *given)
{
    eventure__error *error = &work->store->error;
    eventure_status status = EVENTURE__TAKE(given, &work->options, eventure_archive_options, "archive", error);
    if (status != EVENTURE_OK)
        return status;
    if (work->path == NULL || *work->path == '\0')
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "archive: no path was given for it");
    status = eventure__options_check_list("states", work->options.states, work->options.states_count, "archive", error);
    for (size_t i = 0; i < work->options.states_count && status == EVENTURE_OK; i++)
    {
        eventure_reducer_state state;
        eventure_reducer reducer;
        status = take_state(work, i, &state, &reducer);
    }
    return status;
}

/* Refuses the store itself, and the name of a file beside a store. */
static eventure_status check_place(const eventure__archiving *work)
{
    if (eventure__path_is_same_file(work->path, work->store->file))
        return eventure__fail(&work->store->error, EVENTURE_ERROR_ARGUMENT, "archive: %s is the store itself",
                              work->path);
    return eventure__files_check_output("archive", work->path, &work->store->error);
}

/* Finds the newest event before the cut. */
static eventure_status find_last_seq(eventure__archiving *work)
{
    eventure_status status = eventure__store_cut(work->store, &work->cut);
    if (status != EVENTURE_OK)
        return status;
    return eventure__store_ask_int_with(work->store, "archive", eventure__query_fork_seq.text, work->before_tick - 1,
                                        work->cut.last_seq, &work->last_seq);
}

static int gather(const void *bytes, size_t len, void *sink)
{
    eventure__buffer *state = sink;
    eventure__buffer_append(state, bytes, len);
    return state->failed ? EVENTURE_ERROR_MEMORY : 0;
}

static eventure_status write_snapshot(const eventure__archiving *work, const eventure_reducer *reducer,
                                      const eventure__buffer *state)
{
    const eventure__sql *sql = &eventure__query_insert_snapshot;
    const char *name = reducer->name != NULL ? reducer->name : "reducer";
    sqlite3_stmt *statement = NULL;
    double now = eventure__log_now(work->log);
    eventure_status status = eventure__store_check_time(work->store, now);
    if (status == EVENTURE_OK)
        status = eventure__log_join(work->log);
    if (status == EVENTURE_OK)
        status = eventure__store_prepare(work->store, sql->text, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, reducer->version);
    sqlite3_bind_int64(statement, 3, work->before_tick - 1);
    sqlite3_bind_int64(statement, 4, work->last_seq);
    sqlite3_bind_double(statement, 5, now);
    sqlite3_bind_blob64(statement, 6, state->len > 0 ? state->bytes : "", state->len, SQLITE_STATIC);
    if (sqlite3_step(statement) != SQLITE_DONE)
        status = eventure__store_fail(work->store, "write a snapshot");
    eventure__store_release(work->store, statement);
    return status;
}

/* Folds a reducer up to the cut and saves a snapshot there. */
static eventure_status take_snapshot(const eventure__archiving *work, const eventure_reducer_state *state)
{
    eventure__buffer bytes = {0};
    eventure_status status =
        eventure_replay_at(work->store, state->reducer, state->context, work->before_tick - 1, NULL);
    if (status != EVENTURE_OK)
        return status;
    work->store->error.status = EVENTURE_OK;
    status = state->reducer->save(gather, &bytes, state->context);
    if (status != EVENTURE_OK)
        eventure__fail(&work->store->error, status, "archive: the state of %s at tick %lld cannot be saved: %s",
                       eventure__quote(state->reducer->name != NULL ? state->reducer->name : "reducer",
                                       state->reducer->name != NULL ? strlen(state->reducer->name) : 7)
                           .text,
                       (long long)work->before_tick - 1, eventure_status_name(status));
    else
        status = write_snapshot(work, state->reducer, &bytes);
    eventure__buffer_free(&bytes);
    return status;
}

static eventure_status take_snapshots(const eventure__archiving *work)
{
    eventure_status status = EVENTURE_OK;
    for (size_t i = 0; i < work->options.states_count && status == EVENTURE_OK; i++)
    {
        eventure_reducer_state state;
        eventure_reducer reducer;
        status = take_state(work, i, &state, &reducer);
        state.reducer = &reducer;
        if (status == EVENTURE_OK)
            status = take_snapshot(work, &state);
    }
    if (work->options.states_count == 0)
        return EVENTURE_OK;
    if (status == EVENTURE_OK)
        return eventure_log_commit(work->log);
    return eventure__log_undo(work->log, status);
}

/* Refuses to archive if a reducer has snapshots only before the cut, because its state could not be computed
 * afterwards. */
static eventure_status check_snapshots(const eventure__archiving *work)
{
    static const char sql[] = "SELECT name FROM snapshot GROUP BY name HAVING max(seq) < ?1 LIMIT 1";
    sqlite3_stmt *statement = NULL;
    if (work->options.without_snapshots)
        return EVENTURE_OK;
    eventure_status status = eventure__store_prepare(work->store, sql, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(statement, 1, work->last_seq);
    int step = sqlite3_step(statement);
    if (step == SQLITE_ROW)
    {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        name = name != NULL ? name : "";
        status = eventure__fail(&work->store->error, EVENTURE_ERROR_ARGUMENT,
                                "archive: %s would lose its state: it has snapshots, but none at tick %lld or later; "
                                "have one taken at the cut, or say that none is wanted",
                                eventure__quote(name, strlen(name)).text, (long long)work->before_tick - 1);
    }
    else if (step != SQLITE_DONE)
        status = eventure__store_fail(work->store, "archive");
    eventure__store_release(work->store, statement);
    return status;
}

static eventure_status move(eventure__archiving *work, eventure_archive_counts *counts)
{
    eventure_status status = take_snapshots(work);
    if (status == EVENTURE_OK)
        status = check_snapshots(work);
    if (status == EVENTURE_OK)
        status = eventure__archive_fill(work);
    if (status == EVENTURE_OK)
        status = eventure__archive_cut(work);
    if (status != EVENTURE_OK)
        return status;
    counts->events = work->last_seq - work->cut.last_seq;
    return eventure__log_reload(work->log);
}

eventure_status eventure_log_archive(eventure_log *log, const char *path, int64_t before_tick,
                                     const eventure_archive_options *options, eventure_archive_counts *out_counts)
{
    eventure_archive_counts counts = {0, 0};
    eventure__archiving work = {
        .log = log, .store = eventure_log_reader(log), .path = path, .before_tick = before_tick};
    if (log == NULL)
        return eventure__fail_argument(__func__);
    if (work.store == NULL)
        return eventure__log_check_open(log, "archive");
    eventure_status status = take_options(&work, options);
    if (status == EVENTURE_OK)
        status = check_place(&work);
    if (status == EVENTURE_OK && before_tick < 1)
        status = eventure__fail(&work.store->error, EVENTURE_ERROR_TICK, "archive: there is nothing before tick %lld",
                                (long long)before_tick);
    if (status == EVENTURE_OK && before_tick > eventure_log_tick(log))
        status = eventure__fail(&work.store->error, EVENTURE_ERROR_TICK,
                                "archive: tick %lld is in the future: the current tick of %s is %lld",
                                (long long)before_tick, work.store->path, (long long)eventure_log_tick(log));
    if (status == EVENTURE_OK)
        status = eventure_log_commit(log);
    if (status == EVENTURE_OK)
        status = find_last_seq(&work);
    if (status == EVENTURE_OK && work.last_seq > work.cut.last_seq)
        status = move(&work, &counts);
    if (status == EVENTURE_OK)
        status =
            eventure__store_ask_int(work.store, "archive", "SELECT count(*) FROM archived_events", &counts.kept_ids);
    if (status == EVENTURE_OK)
        status = eventure__archive_shrink(&work);
    if (out_counts != NULL)
        *out_counts = counts;
    return status;
}

void eventure_archive_options_init(eventure_archive_options *options, size_t size)
{
    eventure__options_init(options, size);
}
