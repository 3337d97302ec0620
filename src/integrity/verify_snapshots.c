/*
 * Checks the snapshots. The position of each snapshot is checked with the rows only. When the caller gives its reducer,
 * one fold from the first event is compared with the state of each snapshot.
 */
#include <string.h>

#include <eventure/snapshot.h>

#include "base/options.h"
#include "integrity/verify_internal.h"
#include "replay/reducer.h"

/* The columns of the query for their positions. */
enum
{
    COLUMN_NAME,
    COLUMN_VERSION,
    COLUMN_TICK,
    COLUMN_SEQ,
};

static bool check_places(eventure__verifier *verifier, sqlite3_stmt *statement, int64_t current_tick)
{
    bool ok = true;
    while (eventure__verify_step(verifier, statement, "check the snapshots", &ok))
    {
        const char *name = (const char *)sqlite3_column_text(statement, COLUMN_NAME);
        const char *problem = eventure__verify_position(verifier, statement, COLUMN_TICK, current_tick,
                                                        "events up to that tick follow that event");
        if (name == NULL)
            return eventure__verify_no_memory(verifier);
        if (problem != NULL)
            return eventure__verify_found(verifier, "the snapshot of %s, version %lld, at tick %lld (event %lld): %s",
                                          eventure__quote(name, strlen(name)).text,
                                          (long long)sqlite3_column_int64(statement, COLUMN_VERSION),
                                          (long long)sqlite3_column_int64(statement, COLUMN_TICK),
                                          (long long)sqlite3_column_int64(statement, COLUMN_SEQ), problem);
        verifier->report->snapshots_unchecked++;
    }
    return ok;
}

bool eventure__verify_snapshot_rows(eventure__verifier *verifier)
{
    static const char sql[] = "SELECT name, version, tick, seq, "
                              "(SELECT events.tick FROM events WHERE events.seq = snapshot.seq), "
                              "(SELECT events.tick FROM events WHERE events.seq = snapshot.seq + 1) "
                              "FROM snapshot ORDER BY name, version, tick, seq";
    sqlite3_stmt *statement = NULL;
    int64_t current_tick = 0;
    eventure_status status = eventure_reader_tick(verifier->store, &current_tick);
    if (status == EVENTURE_ERROR_CORRUPT)
        return eventure__verify_found(verifier, "%s", verifier->store->error.text);
    verifier->status = status;
    bool ok = status == EVENTURE_OK && eventure__verify_take(verifier, sql, &statement);
    ok = ok && check_places(verifier, statement, current_tick);
    eventure__store_release(verifier->store, statement);
    return ok;
}

/* Takes the state of the caller's i-th reducer. */
static eventure_status take_state(eventure__verifier *verifier, size_t i, eventure_reducer_state *out)
{
    return EVENTURE__TAKE(eventure__options_at(verifier->options.reducers, i), out, eventure_reducer_state, "verify",
                          &verifier->store->error);
}

static eventure_status take_reducer(eventure__verifier *verifier, size_t i, eventure_reducer *out)
{
    eventure_reducer_state state;
    eventure_status status = take_state(verifier, i, &state);
    return status == EVENTURE_OK ? eventure__reducer_take_saving(state.reducer, "verify", &verifier->store->error, out)
                                 : status;
}

eventure_status eventure__verify_check_reducers(eventure__verifier *verifier)
{
    eventure_reducer taken;
    eventure_reducer other;
    for (size_t i = 0; i < verifier->options.reducers_count; i++)
    {
        eventure_status status = take_reducer(verifier, i, &taken);
        for (size_t j = 0; j < i && status == EVENTURE_OK; j++)
        {
            status = take_reducer(verifier, j, &other);
            if (status == EVENTURE_OK && taken.version == other.version && strcmp(taken.name, other.name) == 0)
                status = eventure__fail(&verifier->store->error, EVENTURE_ERROR_ARGUMENT,
                                        "verify: the reducer %s is given twice", eventure__reducer_name(&taken).text);
        }
        if (status != EVENTURE_OK)
            return status;
    }
    return EVENTURE_OK;
}

/* Adds the events that the fold has counted to those of the earlier passes. */
static int report_fold_progress(const eventure_progress *progress, void *context)
{
    const eventure__verifier *verifier = context;
    const eventure_progress all = {verifier->done + progress->done, verifier->total, progress->tick};
    return verifier->options.progress(&all, verifier->options.progress_context);
}

/* Folds the history, and compares the states. */
static bool check_reducer(eventure__verifier *verifier, const eventure_reducer_state *given)
{
    eventure_state_options folding = EVENTURE_STATE_OPTIONS_INIT;
    eventure_snapshot_check_report found;
    if (verifier->options.progress != NULL)
        folding.progress = report_fold_progress;
    folding.progress_context = verifier;
    eventure_status status = eventure_snapshot_check(verifier->store, given->reducer, given->context, &folding, &found);
    verifier->done += verifier->last_seq - verifier->cut.last_seq;
    if (status == EVENTURE_ERROR_ARCHIVED)
        return true; /* the snapshots cannot be checked, and are counted as unchecked */
    verifier->status = status;
    if (status != EVENTURE_OK)
        return false;
    verifier->report->snapshots += found.checked;
    verifier->report->snapshots_unchecked -= found.checked;
    if (!found.differs)
        return true;
    return eventure__verify_found(
        verifier,
        "the snapshot of %s, version %lld, at tick %lld (event %lld) differs from the fold from the start at "
        "byte %lld; %lld before it are right",
        eventure__reducer_name(given->reducer).text, (long long)given->reducer->version, (long long)found.tick,
        (long long)found.seq, (long long)found.at_bytes, (long long)found.checked - 1);
}

bool eventure__verify_snapshots(eventure__verifier *verifier)
{
    for (size_t i = 0; i < verifier->options.reducers_count; i++)
    {
        eventure_reducer_state state;
        if (take_state(verifier, i, &state) != EVENTURE_OK || !check_reducer(verifier, &state))
            return false;
    }
    return true;
}
