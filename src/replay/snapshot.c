/*
 * Taking, building and checking snapshots. snapshotter.c takes snapshots while a log is written.
 */
#include <eventure/snapshot.h>

#include <string.h>

#include "base/error.h"
#include "base/options.h"
#include "embedded_sql.h"
#include "log/bulk.h"
#include "log/log.h"
#include "log/transaction.h"
#include "log/undo.h"
#include "replay/reducer.h"
#include "replay/replay_fold.h"
#include "replay/snapshot_rows.h"
#include "replay/snapshot_save.h"
#include "replay/state.h"

eventure_status eventure__fold_save(eventure_log *log, eventure__fold *fold, eventure__buffer *state, int64_t tick)
{
    double now = eventure__log_now(log);
    eventure_status status = eventure__store_check_time(fold->reader, now);
    if (status == EVENTURE_OK)
        status = eventure__reducer_save(&fold->reducer, fold->context, state, &fold->reader->error);
    if (status != EVENTURE_OK)
        return status;
    eventure_snapshot snapshot = {.name = fold->reducer.name,
                                  .version = fold->reducer.version,
                                  .tick = tick,
                                  .seq = fold->seq,
                                  .state_bytes = (int64_t)state->len,
                                  .created = now};
    return eventure__snapshot_write(fold->reader, &snapshot, state->bytes);
}

/* Folds the current state, to be saved. */
static eventure_status fold_to_now(eventure_log *log, const eventure_reducer *taken, void *context,
                                   eventure__fold *fold)
{
    eventure_reader *reader = eventure_log_reader(log);
    eventure__fold_init(fold, reader, taken, context);
    eventure_status status = eventure__fold_start_at(fold, INT64_MAX, INT64_MAX, false);
    if (status == EVENTURE_OK)
        status = eventure__fold_run(fold, INT64_MAX);
    if (status == EVENTURE_OK && fold->is_stopped)
        status = eventure__fail(&reader->error, EVENTURE_ERROR_ARGUMENT,
                                "snapshot of %s: the reducer stopped at event %lld, so this is not its state of now",
                                eventure__reducer_name(taken).text, (long long)fold->seq);
    return status;
}

eventure_status eventure_snapshot_take(eventure_log *log, const eventure_reducer *reducer, void *context)
{
    eventure_reader *reader = eventure_log_reader(log);
    eventure_reducer taken;
    eventure__fold fold;
    eventure__buffer state = {0};
    if (reader == NULL)
        return eventure__fail_argument(__func__);
    double now = eventure__log_now(log);
    eventure_status status = eventure__reducer_take_saving(reducer, "snapshot", &reader->error, &taken);
    if (status == EVENTURE_OK)
        status = eventure__store_check_time(reader, now);
    if (status == EVENTURE_OK)
        status = fold_to_now(log, &taken, context, &fold);
    if (status != EVENTURE_OK)
        return status;
    status = eventure__reducer_save(&taken, context, &state, &reader->error);
    if (status == EVENTURE_OK)
    {
        eventure_snapshot snapshot = {taken.name, taken.version,      eventure_log_tick(log),
                                      fold.seq,   (int64_t)state.len, now};
        status = eventure__log_join(log);
        if (status == EVENTURE_OK)
            status = eventure__snapshot_write(reader, &snapshot, state.bytes);
        if (status != EVENTURE_OK)
            eventure__log_undo(log, EVENTURE_OK);
    }
    eventure__buffer_free(&state);
    return status;
}

/* --- Building snapshots of an existing history --- */

typedef struct building
{
    eventure_log *log;
    eventure__fold fold;
    eventure_snapshot_policy policy;
    eventure__buffer state;
    int64_t newest_tick;
    int64_t newest_seq;
    int64_t taken;
} building;

static eventure_status save_when_due(building *build)
{
    eventure__fold *fold = &build->fold;
    if (!eventure__snapshot_is_due(&build->policy, build->newest_tick, build->newest_seq, fold->tick, fold->seq))
        return EVENTURE_OK;
    build->newest_tick = fold->tick;
    build->newest_seq = fold->seq;
    build->taken++;
    return eventure__fold_save(build->log, fold, &build->state, fold->tick);
}

/* Folds to the end. A snapshot is due only between two ticks; the current tick is incomplete. */
static eventure_status build_all(building *build)
{
    eventure__fold *fold = &build->fold;
    eventure_event event;
    eventure_status status = EVENTURE_OK;
    if (eventure_log_tick(build->log) > 0)
        status = eventure__fold_ask(fold, eventure_log_tick(build->log) - 1);
    else
        return EVENTURE_OK;
    while (status == EVENTURE_OK && !fold->is_stopped && (status = eventure__fold_next(fold, &event)) == EVENTURE_ROW)
    {
        status = event.tick > fold->tick ? save_when_due(build) : EVENTURE_OK;
        if (status == EVENTURE_OK)
            status = eventure__fold_apply(fold, &event);
    }
    if (status == EVENTURE_OK && !fold->is_stopped)
        status = save_when_due(build);
    eventure__fold_end(fold);
    if (status == EVENTURE_OK && !fold->is_stopped)
        status = eventure__fold_run(fold, INT64_MAX);
    return status;
}

static eventure_status begin_build(building *build, bool is_from_start)
{
    eventure__fold *fold = &build->fold;
    const eventure_reducer *reducer = &fold->reducer;
    eventure_status status = eventure__log_bulk_begin(build->log);
    if (status == EVENTURE_OK && is_from_start)
        status = eventure__snapshot_delete(fold->reader, reducer->name, reducer->version);
    if (status == EVENTURE_OK)
        status = eventure__snapshot_newest(fold->reader, reducer->name, reducer->version, &build->newest_tick,
                                           &build->newest_seq);
    if (status == EVENTURE_OK)
        status = eventure__fold_start_at(fold, INT64_MAX, INT64_MAX, false);
    return status;
}

static eventure_status take_build_options(eventure__error *error, const eventure_snapshot_build_options *given,
                                          eventure_snapshot_build_options *out, eventure_snapshot_policy *out_policy)
{
    eventure_status status = EVENTURE__TAKE(given, out, eventure_snapshot_build_options, "build snapshots", error);
    if (status == EVENTURE_OK)
        status = eventure__snapshot_policy_take(out->policy, "build snapshots", error, out_policy);
    if (status == EVENTURE_OK && out_policy->every_events == 0 && out_policy->every_ticks == 0)
        status = eventure__fail(error, EVENTURE_ERROR_ARGUMENT,
                                "build snapshots: the policy takes none: every_events and every_ticks are 0");
    return status;
}

eventure_status eventure_snapshot_build(eventure_log *log, const eventure_reducer *reducer, void *context,
                                        const eventure_snapshot_build_options *options, int64_t *out_taken)
{
    eventure_reader *reader = eventure_log_reader(log);
    eventure_snapshot_build_options taken_options;
    eventure_snapshot_policy policy;
    eventure_reducer taken;
    if (reader == NULL)
        return eventure__fail_argument(__func__);
    eventure_status status = eventure__reducer_take_saving(reducer, "build snapshots", &reader->error, &taken);
    if (status == EVENTURE_OK)
        status = take_build_options(&reader->error, options, &taken_options, &policy);
    if (status != EVENTURE_OK)
        return status;
    building build = {.log = log, .policy = policy};
    eventure__fold_init(&build.fold, reader, &taken, context);
    build.fold.progress = taken_options.progress;
    build.fold.progress_context = taken_options.progress_context;
    status = begin_build(&build, taken_options.from_start);
    if (status == EVENTURE_OK)
        status = build_all(&build);
    if (status == EVENTURE_OK)
        status = eventure__snapshot_prune(reader, taken.name, taken.version, &build.policy);
    if (status == EVENTURE_OK)
        status = eventure__log_bulk_commit(log);
    else
        eventure__log_undo(log, EVENTURE_OK);
    eventure__buffer_free(&build.state);
    if (status == EVENTURE_OK && out_taken != NULL)
        *out_taken = build.taken;
    return status;
}

eventure_status eventure_snapshot_prune(eventure_log *log, const char *name, int64_t version,
                                        const eventure_snapshot_policy *policy)
{
    eventure_reader *reader = eventure_log_reader(log);
    eventure_snapshot_policy taken;
    if (reader == NULL)
        return eventure__fail_argument(__func__);
    if (name == NULL || policy == NULL)
        return eventure__fail(&reader->error, EVENTURE_ERROR_ARGUMENT, "prune snapshots: no %s was given",
                              name == NULL ? "name" : "policy");
    eventure_status status = eventure__snapshot_policy_take(policy, "prune snapshots", &reader->error, &taken);
    if (status != EVENTURE_OK)
        return status;
    status = eventure__log_join(log);
    if (status == EVENTURE_OK)
        status = eventure__snapshot_prune(reader, name, version, &taken);
    if (status != EVENTURE_OK)
        eventure__log_undo(log, EVENTURE_OK);
    return status;
}

eventure_status eventure_snapshot_drop(eventure_log *log, const char *name)
{
    eventure_reader *reader = eventure_log_reader(log);
    if (reader == NULL)
        return eventure__fail_argument(__func__);
    if (name == NULL)
        return eventure__fail(&reader->error, EVENTURE_ERROR_ARGUMENT, "drop snapshots: no name was given");
    eventure_status status = eventure__log_join(log);
    int before = status == EVENTURE_OK ? sqlite3_total_changes(reader->db) : 0;
    if (status == EVENTURE_OK)
        status = eventure__snapshot_drop(reader, name);
    if (status != EVENTURE_OK)
        eventure__log_undo(log, EVENTURE_OK);
    else if (sqlite3_total_changes(reader->db) == before)
        status = eventure__fail(&reader->error, EVENTURE_ERROR_NOT_FOUND, "drop snapshots: there is none of %s",
                                eventure__quote(name, strlen(name)).text);
    return status;
}

/* --- Listing and checking --- */

eventure_status eventure_snapshot_list(eventure_reader *reader, const char *name, eventure_snapshot_fn callback,
                                       void *context)
{
    const eventure__sql *sql = &eventure__query_snapshots;
    sqlite3_stmt *statement = NULL;
    int step = SQLITE_DONE;
    if (reader == NULL || callback == NULL)
        return eventure__fail_argument(__func__);
    eventure_status status = eventure__store_before_read(reader);
    if (status == EVENTURE_OK)
        status = eventure__store_prepare(reader, sql->text, &statement);
    if (status == EVENTURE_OK && sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC) != SQLITE_OK)
        status = eventure__store_fail(reader, "list snapshots");
    while (status == EVENTURE_OK && (step = sqlite3_step(statement)) == SQLITE_ROW)
    {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        eventure_snapshot snapshot = {.name = text != NULL ? text : "",
                                      .version = sqlite3_column_int64(statement, 1),
                                      .tick = sqlite3_column_int64(statement, 2),
                                      .seq = sqlite3_column_int64(statement, 3),
                                      .state_bytes = sqlite3_column_int64(statement, 4),
                                      .created = sqlite3_column_double(statement, 5)};
        status = eventure__store_called(reader, "list snapshots", callback(&snapshot, context));
    }
    if (status == EVENTURE_OK && step != SQLITE_DONE)
        status = eventure__store_fail(reader, "list snapshots");
    eventure__store_release(reader, statement);
    return status;
}

/* Compares the state of the fold with the snapshot at its position. */
static eventure_status compare(eventure__fold *fold, const eventure__snapshot_row *row, eventure__buffer *state,
                               eventure_snapshot_check_report *check)
{
    eventure_status status = eventure__reducer_save(&fold->reducer, fold->context, state, &fold->reader->error);
    if (status != EVENTURE_OK)
        return status;
    size_t shorter = row->state_len < state->len ? row->state_len : state->len;
    const char *stored = row->state;
    size_t at = 0;
    while (at < shorter && stored[at] == state->bytes[at])
        at++;
    check->checked++;
    if (at == row->state_len && at == state->len)
        return EVENTURE_OK;
    check->differs = true;
    check->tick = row->tick;
    check->seq = row->seq;
    check->at_bytes = (int64_t)at;
    return EVENTURE_OK;
}

/* Folds up to each snapshot and compares it. A snapshot beyond the newest event is wrong. */
static eventure_status check_all(eventure__fold *fold, eventure__snapshot_row *row,
                                 eventure_snapshot_check_report *check)
{
    eventure__buffer state = {0};
    eventure_event event;
    bool more = true;
    eventure_status status = EVENTURE_OK;
    while (status == EVENTURE_OK && !check->differs &&
           (status = eventure__snapshot_next(fold->reader, row)) == EVENTURE_ROW)
    {
        status = EVENTURE_OK;
        while (status == EVENTURE_OK && more && fold->seq < row->seq)
        {
            status = eventure__fold_next(fold, &event);
            more = status == EVENTURE_ROW;
            if (more)
                status = eventure__fold_apply(fold, &event);
            more = more && !fold->is_stopped;
        }
        if (status == EVENTURE_OK && fold->seq == row->seq)
            status = compare(fold, row, &state, check);
        else if (status == EVENTURE_OK)
            *check = (eventure_snapshot_check_report){check->checked + 1, true, row->tick, row->seq, 0};
    }
    eventure__buffer_free(&state);
    return status;
}

eventure_status eventure_snapshot_check(eventure_reader *reader, const eventure_reducer *reducer, void *context,
                                        const eventure_state_options *options,
                                        eventure_snapshot_check_report *out_report)
{
    eventure__snapshot_row row = {0};
    eventure_snapshot_check_report check = {0};
    eventure__fold fold;
    bool begun = false;
    if (reader == NULL || out_report == NULL)
        return eventure__fail_argument(__func__);
    eventure_status status = eventure__state_begin(&fold, reader, reducer, context, options);
    if (status != EVENTURE_OK)
        return status;
    if (fold.reducer.save == NULL)
        return eventure__fail(&reader->error, EVENTURE_ERROR_ARGUMENT, "check snapshots of %s: save and load are NULL",
                              eventure__reducer_name(&fold.reducer).text);
    status = eventure__store_read_begin(reader, &begun);
    if (status == EVENTURE_OK)
        status = eventure__snapshot_walk(reader, fold.reducer.name, fold.reducer.version, &row);
    if (status == EVENTURE_OK)
        status = eventure__fold_reset(&fold);
    if (status == EVENTURE_OK)
        status = eventure__fold_ask(&fold, INT64_MAX);
    if (status == EVENTURE_OK)
        status = check_all(&fold, &row, &check);
    eventure__fold_end(&fold);
    eventure__snapshot_row_end(reader, &row);
    eventure__store_read_end(reader, begun);
    *out_report = check;
    return status;
}

void eventure_snapshot_build_options_init(eventure_snapshot_build_options *options, size_t size)
{
    eventure__options_init(options, size);
}
