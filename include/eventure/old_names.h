/**
 * @file
 * Names of versions before 1.0, for programs that were written with them. Each is the name of a function, type or value
 * that is documented under its new name. Define EVENTURE_WITHOUT_OLD_NAMES to hide them; they end with version 1.0.
 */
#ifndef EVENTURE_OLD_NAMES_H
#define EVENTURE_OLD_NAMES_H

#ifndef EVENTURE_WITHOUT_OLD_NAMES
#include <stdint.h>

#include <eventure/replay.h>

#define EVENTURE_FOLLOW_OPTIONS_INIT EVENTURE_FOLLOWER_OPTIONS_INIT
#define EVENTURE_INDEX_KEY_MAX_BYTES EVENTURE_DATA_INDEX_KEY_MAX_BYTES
#define EVENTURE_LINE_MAX_BYTES EVENTURE_IMPORT_LINE_MAX_BYTES
#define EVENTURE_QUEUE_BLOCKS EVENTURE_QUEUE_FULL_WAIT
#define EVENTURE_QUEUE_REFUSES EVENTURE_QUEUE_FULL_FAIL
#define eventure_ancestors eventure_query_ancestors
#define eventure_archive eventure_log_archive
#define eventure_at_tick eventure_query_at_tick
#define eventure_by_data eventure_query_by_data
#define eventure_by_type eventure_query_by_type
#define eventure_cascade eventure_query_cascade
#define eventure_children eventure_query_children
#define eventure_copy eventure_store_copy
#define eventure_count eventure_query_count
#define eventure_count_by_type eventure_query_count_by_type
#define eventure_count_fn eventure_query_count_fn
#define eventure_count_groups eventure_query_count_groups
#define eventure_diff eventure_store_diff
#define eventure_digest eventure_store_digest
#define eventure_explain eventure_query_explain
#define eventure_export eventure_store_export
#define eventure_find eventure_query_find
#define eventure_follow eventure_follower
#define eventure_follow_close eventure_follower_close
#define eventure_follow_commit eventure_follower_commit
#define eventure_follow_forget eventure_follower_forget
#define eventure_follow_message eventure_follower_message
#define eventure_follow_next eventure_follower_next
#define eventure_follow_open eventure_follower_open
#define eventure_follow_options eventure_follower_options
#define eventure_follow_options_init eventure_follower_options_init
#define eventure_follow_seq eventure_follower_seq
#define eventure_fork_at_save eventure_store_fork_at_save_point
#define eventure_fork_at_tick eventure_store_fork_at_tick
#define eventure_group eventure_query_group
#define eventure_group_fn eventure_query_group_fn
#define eventure_import eventure_log_import
#define eventure_join eventure_store_join
#define eventure_json_from_cjson eventure_cjson_to_json
#define eventure_loss eventure_repair_loss
#define eventure_loss_fn eventure_repair_loss_fn
#define eventure_new_event eventure_event_input
#define eventure_origin_of eventure_store_origin
#define eventure_queue_policy eventure_queue_full
#define eventure_repair eventure_store_repair
#define eventure_roots eventure_query_roots
#define eventure_save eventure_save_point_create
#define eventure_save_delete eventure_save_point_delete
#define eventure_save_find eventure_save_point_find
#define eventure_save_fn eventure_save_point_fn
#define eventure_saves eventure_save_point_list
#define eventure_snapshots eventure_snapshot_list
#define eventure_snapshots_build eventure_snapshot_build
#define eventure_snapshots_drop eventure_snapshot_drop
#define eventure_snapshots_prune eventure_snapshot_prune
#define eventure_state_at(reader, reducer, tick, context, options)                                                     \
    eventure_replay_at(reader, reducer, context, tick, options)
#define eventure_until_tick eventure_query_until_tick
#define eventure_upgrade eventure_store_upgrade
#define eventure_verify eventure_store_verify

/** eventure_replay_ticks, for a range that includes its last tick, tick_max. */
static inline eventure_status eventure_replay(eventure_reader *reader, const eventure_reducer *reducer,
                                              int64_t tick_min, int64_t tick_max, void *context)
{
    const int64_t tick_end = tick_max < tick_min ? -1 : tick_max == INT64_MAX ? 0 : tick_max + 1;
    return eventure_replay_ticks(reader, reducer, context, tick_min, tick_end);
}
#endif

#endif
