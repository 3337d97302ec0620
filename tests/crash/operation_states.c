/*
 * The operations on states and on whole stores: snapshots, playback, projections; save points, copies, forks, archives,
 * following, indexes on data. See operation_list.h.
 */
#include "operation_list.h"

#include <string.h>

#include "ledger.h"
#include "operation_parts.h"

static const char projection_text[] =
    "-- @setup\nCREATE TABLE t (a PRIMARY KEY, n, of DEFAULT (1 + 1));\nCREATE INDEX t_n ON t (n);\n"
    "CREATE VIEW v AS SELECT n + of FROM t;\n-- @on player.* *.start\n"
    "INSERT INTO t (a, n) VALUES (:type, 1) ON CONFLICT DO UPDATE SET n = n + 1;\n-- @on *\nSELECT :event_id, :n, "
    ":data, date(:timestamp, 'unixepoch');\n";

static ledger state;

/* --- states --- */

static int ignore_snapshot(const eventure_snapshot *snapshot, void *context)
{
    (void)context;
    return snapshot->state_bytes < 0;
}

eventure_status operation_states(eventure_reader *reader)
{
    eventure_snapshot_check_report found;
    eventure_state_options options = EVENTURE_STATE_OPTIONS_INIT;
    options.progress = go_on;
    eventure_status status = eventure_replay_ticks(reader, &ledger_reducer, &state, 2, 8);
    if (status == EVENTURE_OK)
        status = eventure_replay_at(reader, &ledger_reducer, &state, 9, &options);
    if (status == EVENTURE_OK)
        status = eventure_snapshot_list(reader, NULL, ignore_snapshot, NULL);
    if (status == EVENTURE_OK)
        status = eventure_snapshot_list(reader, "ledger", ignore_snapshot, NULL);
    if (status == EVENTURE_OK)
        status = eventure_snapshot_check(reader, &ledger_reducer, &state, NULL, &found);
    return told(status, eventure_reader_message(reader));
}

eventure_status operation_build_snapshots(eventure_log *log)
{
    eventure_snapshot_build_options build = EVENTURE_SNAPSHOT_BUILD_OPTIONS_INIT;
    eventure_snapshot_policy build_policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    build.policy = &build_policy;
    eventure_snapshot_policy policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    build_policy.every_ticks = 2;
    build_policy.keep_newest = 3;
    build_policy.drop_other_versions = true;
    policy.keep_newest = 1;
    policy.keep_every_ticks = 4;
    eventure_status status = eventure_snapshot_build(log, &ledger_reducer, &state, &build, NULL);
    build.from_start = true;
    if (status == EVENTURE_OK)
        status = eventure_snapshot_build(log, &ledger_reducer, &state, &build, NULL);
    if (status == EVENTURE_OK)
        status = eventure_snapshot_take(log, &ledger_reducer, &state);
    if (status == EVENTURE_OK)
        status = eventure_snapshot_prune(log, "ledger", 1, &policy);
    if (status == EVENTURE_OK)
        status = eventure_log_commit(log);
    return told(status, eventure_log_message(log));
}

eventure_status operation_follow_with_snapshots(eventure_log *log)
{
    eventure_snapshot_policy policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    eventure_snapshotter *follower = NULL;
    policy.every_events = 1;
    policy.keep_newest = 2;
    eventure_status status = eventure_snapshotter_attach(log, &ledger_reducer, &state, &policy, &follower);
    for (int i = 0; i < 3 && status == EVENTURE_OK; i++)
    {
        status = eventure_log_append(log, "account.noted", eventure_no_data(), NULL, NULL);
        if (status == EVENTURE_OK && i == 1)
            status = eventure_log_rollback(log);
        if (status == EVENTURE_OK)
            status = eventure_log_advance_tick(log);
    }
    eventure_snapshotter_detach(follower);
    return told(status, eventure_log_message(log));
}

eventure_status operation_play(eventure_reader *reader)
{
    eventure_playback *playback = NULL;
    eventure_playback_options options = EVENTURE_PLAYBACK_OPTIONS_INIT;
    eventure_playback_until until = EVENTURE_PLAYBACK_UNTIL_INIT;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_position position;
    eventure_event event;
    options.cache_every_events = 5;
    filter.type = "enemy.*";
    until.event = &filter;
    eventure_status status = eventure_playback_new(reader, &ledger_reducer, &state, &options, &playback);
    if (status >= 0)
        status = eventure_playback_seek_tick(playback, EVENTURE_TICK_NEWEST);
    if (status >= 0)
        status = eventure_playback_step_events(playback, -12);
    if (status >= 0)
        status = eventure_playback_step_ticks(playback, -3);
    if (status >= 0)
        status = eventure_playback_seek_seq(playback, 20);
    if (status >= 0)
        status = eventure_playback_event(playback, &event);
    if (status >= 0)
        status = eventure_playback_run(playback, &until);
    until.backwards = true;
    if (status >= 0)
        status = eventure_playback_run(playback, &until);
    if (status >= 0)
        status = eventure_playback_step_ticks(playback, 2);
    if (status >= 0)
        status = eventure_playback_position(playback, &position);
    eventure_playback_free(playback);
    return told(status, eventure_reader_message(reader));
}

eventure_status operation_project(eventure_reader *reader)
{
    eventure_projection *projection = NULL;
    eventure_projector *projector = NULL;
    eventure_projector_options options = EVENTURE_PROJECTOR_OPTIONS_INIT;
    void *image = NULL;
    size_t len = 0;
    options.batch_events = 7;
    options.progress = go_on;
    eventure_status status =
        eventure_projection_parse("x.sql", projection_text, sizeof projection_text - 1, NULL, &projection);
    if (status == EVENTURE_OK)
        status = eventure_replay_at(reader, eventure_projection_reducer(projection), projection, 5, NULL);
    if (status == EVENTURE_OK)
        status = told(eventure_projection_image(projection, &image, &len), eventure_projection_message(projection));
    eventure_free(image);
    for (int i = 0; i < 2 && status == EVENTURE_OK; i++)
    {
        status = eventure_projector_open(reader, projection, OPERATION_OTHER, &options, &projector);
        if (status == EVENTURE_OK)
            status = eventure_projector_update(projector, NULL);
        if (projector != NULL)
            told(status, eventure_projector_message(projector));
        eventure_status closed = eventure_projector_close(projector);
        if (status == EVENTURE_OK)
            status = told(closed, eventure_last_message());
        projector = NULL;
    }
    eventure_projection_close(projection);
    return status;
}

eventure_status operation_project_snapshots(eventure_log *log)
{
    eventure_projection *projection = NULL;
    eventure_status status =
        eventure_projection_parse("x.sql", projection_text, sizeof projection_text - 1, NULL, &projection);
    if (status == EVENTURE_OK)
        status = told(eventure_snapshot_take(log, eventure_projection_reducer(projection), projection),
                      eventure_log_message(log));
    if (status == EVENTURE_OK)
        status = told(eventure_replay_at(eventure_log_reader(log), eventure_projection_reducer(projection), projection,
                                         EVENTURE_TICK_NEWEST, NULL),
                      eventure_log_message(log));
    eventure_projection_close(projection);
    return status;
}

/* --- sessions --- */

static int ignore_save(const eventure_save_point *save, void *context)
{
    (void)context;
    return save->tick < 0;
}

eventure_status operation_save_points(eventure_log *log)
{
    eventure_save_point *found = NULL;
    eventure_origin origin;
    eventure_reader *reader = eventure_log_reader(log);
    eventure_status status = eventure_save_point_delete(log, "a name");
    if (status == EVENTURE_OK || status == EVENTURE_ERROR_NOT_FOUND)
        status = eventure_save_point_create(log, "a name", "a note");
    if (status == EVENTURE_OK)
        status = eventure_save_point_find(reader, "a name", &found);
    eventure_free(found);
    if (status == EVENTURE_OK)
        status = eventure_save_point_list(reader, ignore_save, NULL);
    if (status == EVENTURE_OK)
        status = eventure_save_point_delete(log, "a name");
    if (status == EVENTURE_OK)
        status = eventure_store_origin(reader, &origin);
    return told(status, eventure_log_message(log));
}

eventure_status operation_copy(eventure_reader *reader)
{
    eventure_copy_options options = EVENTURE_COPY_OPTIONS_INIT;
    options.progress = go_on;
    options.replace = true;
    eventure_status status = eventure_store_copy(reader, OPERATION_OTHER, NULL);
    if (status == EVENTURE_OK)
        status = eventure_store_copy(reader, OPERATION_OTHER, &options);
    return told(status, eventure_reader_message(reader));
}

eventure_status operation_fork_at_tick(eventure_reader *reader)
{
    eventure_origin origin;
    eventure_reader *forked = NULL;
    eventure_status status =
        told(eventure_store_fork_at_tick(reader, OPERATION_OTHER, 8, NULL), eventure_reader_message(reader));
    if (status == EVENTURE_OK)
        status = eventure_reader_open(OPERATION_OTHER, &forked);
    if (status == EVENTURE_OK)
        status = told(eventure_store_origin(forked, &origin), eventure_reader_message(forked));
    eventure_reader_close(forked);
    return status;
}

eventure_status operation_fork_at_save(eventure_reader *reader)
{
    return told(eventure_store_fork_at_save_point(reader, OPERATION_OTHER, "late", NULL),
                eventure_reader_message(reader));
}

eventure_status operation_archive(eventure_log *log)
{
    const eventure_reducer_state kept = {sizeof(eventure_reducer_state), &ledger_reducer, &state};
    eventure_archive_options options = EVENTURE_ARCHIVE_OPTIONS_INIT;
    eventure_archive_counts counts;
    eventure_event event;
    options.states = &kept;
    options.states_count = 1;
    options.progress = go_on;
    eventure_status status = eventure_log_archive(log, OPERATION_OTHER, 5, &options, &counts);
    if (status == EVENTURE_OK)
        status = eventure_log_archive(log, OPERATION_OTHER, 8, &options, &counts);
    const eventure_event parent = {
        .id = operation_start_id}; /* archived; the store knows its id only if it has a child there */
    if (status == EVENTURE_OK)
        status = eventure_log_append(log, "after.cut", eventure_no_data(), &parent, &event);
    if (status == EVENTURE_ERROR_PARENT)
        status = EVENTURE_OK;
    return told(status, eventure_log_message(log));
}

eventure_status operation_follow(eventure_reader *reader)
{
    eventure_follower *opened = NULL;
    eventure_event event;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_follower_options options = EVENTURE_FOLLOWER_OPTIONS_INIT;
    filter.type = "player.*";
    options.filter = &filter;
    (void)reader;
    eventure_status status = EVENTURE_OK;
    for (int i = 0; i < 2 && status >= 0; i++)
    {
        status = eventure_follower_open(OPERATION_STORE, "a", &options, &opened);
        for (int n = 0; n < 3 && status >= 0; n++)
            status = eventure_follower_next(opened, 0, &event);
        if (status >= 0)
            status = eventure_follower_commit(opened);
        if (opened != NULL)
            told(status, eventure_follower_message(opened));
        eventure_follower_close(opened);
        opened = NULL;
    }
    return status >= 0 ? eventure_follower_forget(OPERATION_STORE, "a") : status;
}

static int ignore_index(const eventure_data_index *index, void *context)
{
    (void)context;
    return index->events < 0;
}

eventure_status operation_index_data(eventure_log *log)
{
    eventure_cursor *cursor = NULL;
    eventure_reader *reader = eventure_log_reader(log);
    eventure_data_index_options options = EVENTURE_DATA_INDEX_OPTIONS_INIT;
    options.progress = go_on;
    eventure_status status = eventure_data_index_drop(log, "of", NULL);
    if (status == EVENTURE_OK || status == EVENTURE_ERROR_NOT_FOUND)
        status = eventure_data_index_add(log, "of", NULL, &options);
    if (status == EVENTURE_OK)
        status = eventure_data_index_list(reader, ignore_index, NULL);
    if (status == EVENTURE_OK)
        status = drain(eventure_query_by_data(reader, eventure_int("of", 3), &cursor), &cursor);
    if (status == EVENTURE_OK)
        status = eventure_log_append(log, "player.move", eventure_json("{\"n\": 3, \"of\": \"x\"}"), NULL, NULL);
    if (status == EVENTURE_OK)
        status = eventure_log_commit(log);
    if (status == EVENTURE_OK)
        status = eventure_data_index_drop(log, "of", NULL);
    return told(status, eventure_log_message(log));
}
