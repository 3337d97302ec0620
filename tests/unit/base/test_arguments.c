/*
 * Every function returns an error, and changes nothing, for NULL, for options that were not initialised with their
 * macro, and for a log or reader that could not be opened.
 */

#include "bus_world.h"
#include "ledger.h"

TEST_FIXTURE(open_world, close_world);

static ledger state;

static int never(const eventure_event *event, void *context)
{
    (void)event;
    (void)context;
    ck_abort_msg("was called");
    return 0;
}

static int never_count(const char *type, int64_t count, void *context)
{
    (void)type;
    (void)count;
    (void)context;
    ck_abort_msg("was called");
    return 0;
}

static int never_save(const eventure_save_point *save, void *context)
{
    (void)save;
    (void)context;
    ck_abort_msg("was called");
    return 0;
}

static int never_snapshot(const eventure_snapshot *snapshot, void *context)
{
    (void)snapshot;
    (void)context;
    ck_abort_msg("was called");
    return 0;
}

static int never_index(const eventure_data_index *index, void *context)
{
    (void)index;
    (void)context;
    ck_abort_msg("was called");
    return 0;
}

#define REFUSED(call) ck_assert_int_eq((call), EVENTURE_ERROR_ARGUMENT)

START_TEST(a_reader_that_is_null_is_refused)
{
    eventure_cursor *cursor = NULL;
    eventure_event *event = NULL;
    eventure_digests digests;
    eventure_verify_report verified;
    eventure_repair_report repaired;
    eventure_difference difference;
    eventure_snapshot_check_report checked;
    eventure_playback *playback = NULL;
    eventure_projector *projector = NULL;
    eventure_save_point *found = NULL;
    eventure_origin origin;
    char *text = NULL;
    int64_t number = 0;
    REFUSED(eventure_reader_begin(NULL));
    REFUSED(eventure_reader_refresh(NULL));
    REFUSED(eventure_reader_tick(NULL, &number));
    REFUSED(eventure_reader_last_seq(NULL, &number));
    REFUSED(eventure_query(NULL, NULL, &cursor));
    REFUSED(eventure_query_find(NULL, "x", &event));
    REFUSED(eventure_query_by_type(NULL, "x", &cursor));
    REFUSED(eventure_query_by_data(NULL, eventure_int("n", 1), &cursor));
    REFUSED(eventure_query_at_tick(NULL, 0, &cursor));
    REFUSED(eventure_query_until_tick(NULL, 0, &cursor));
    REFUSED(eventure_query_roots(NULL, 0, &cursor));
    REFUSED(eventure_query_children(NULL, "x", &cursor));
    REFUSED(eventure_query_ancestors(NULL, "x", &cursor));
    REFUSED(eventure_query_cascade(NULL, "x", EVENTURE_ORDER_DEFAULT, &cursor));
    REFUSED(eventure_query_count(NULL, NULL, &number));
    REFUSED(eventure_query_count_by_type(NULL, never_count, NULL));
    REFUSED(eventure_query_explain(NULL, NULL, &text));
    REFUSED(eventure_store_digest(NULL, 0, &digests));
    REFUSED(eventure_store_verify(NULL, NULL, &verified));
    REFUSED(eventure_store_repair(NULL, "x.db", NULL, &repaired));
    REFUSED(eventure_store_diff(NULL, reader(), &difference));
    REFUSED(eventure_store_diff(reader(), NULL, &difference));
    REFUSED(eventure_cascade_print(NULL, stdout, NULL));
    REFUSED(eventure_cascade_print_one(NULL, "x", stdout, NULL));
    REFUSED(eventure_cascade_print_event(NULL, "x", stdout, NULL));
    REFUSED(eventure_store_export(NULL, stdout, NULL, NULL));
    REFUSED(eventure_store_extract(NULL, "x.db", NULL, NULL));
    REFUSED(eventure_replay_ticks(NULL, &ledger_reducer, &state, 0, 2));
    REFUSED(eventure_replay_at(NULL, &ledger_reducer, &state, 0, NULL));
    REFUSED(eventure_snapshot_list(NULL, NULL, never_snapshot, NULL));
    REFUSED(eventure_snapshot_check(NULL, &ledger_reducer, &state, NULL, &checked));
    REFUSED(eventure_playback_new(NULL, &ledger_reducer, &state, NULL, &playback));
    eventure_playback_free(playback);
    REFUSED(eventure_projector_open(NULL, NULL, "x.db", NULL, &projector));
    eventure_projector_close(projector);
    REFUSED(eventure_save_point_list(NULL, never_save, NULL));
    REFUSED(eventure_save_point_find(NULL, "x", &found));
    REFUSED(eventure_store_copy(NULL, "x.db", NULL));
    REFUSED(eventure_store_fork_at_tick(NULL, "x.db", 0, NULL));
    REFUSED(eventure_store_fork_at_save_point(NULL, "x.db", "x", NULL));
    REFUSED(eventure_store_origin(NULL, &origin));
    REFUSED(eventure_data_index_list(NULL, never_index, NULL));
    ck_assert_str_eq(eventure_reader_message(NULL), eventure_last_message());
    eventure_reader_end(NULL);
    eventure_reader_close(NULL);
}
END_TEST

START_TEST(a_log_that_is_null_is_refused)
{
    eventure_snapshot_policy policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    eventure_snapshotter *snapshotter = NULL;
    eventure_bus *bus = NULL;
    REFUSED(eventure_log_append(NULL, "a", eventure_no_data(), NULL, NULL));
    REFUSED(eventure_log_advance_tick(NULL));
    REFUSED(eventure_log_advance_to(NULL, 1));
    REFUSED(eventure_log_commit(NULL));
    REFUSED(eventure_log_rollback(NULL));
    REFUSED(eventure_log_import(NULL, stdin, NULL, NULL));
    REFUSED(eventure_save_point_create(NULL, "x", NULL));
    REFUSED(eventure_save_point_delete(NULL, "x"));
    REFUSED(eventure_log_archive(NULL, "x.db", 1, NULL, NULL));
    REFUSED(eventure_data_index_add(NULL, "n", NULL, NULL));
    REFUSED(eventure_data_index_drop(NULL, "n", NULL));
    REFUSED(eventure_snapshot_take(NULL, &ledger_reducer, &state));
    REFUSED(eventure_snapshot_build(NULL, &ledger_reducer, &state, NULL, NULL));
    REFUSED(eventure_snapshot_prune(NULL, "ledger", 1, &policy));
    REFUSED(eventure_snapshotter_attach(NULL, &ledger_reducer, &state, &policy, &snapshotter));
    /* A bus can be made without a log, but then it cannot publish. */
    expect_ok(NULL, eventure_bus_new(NULL, NULL, &bus));
    REFUSED(eventure_bus_publish(bus, "a", eventure_no_data(), NULL, NULL));
    eventure_bus_free(bus);
    REFUSED(eventure_bus_new(NULL, NULL, NULL));
    ck_assert_ptr_null(eventure_log_reader(NULL));
    ck_assert_int_eq(eventure_log_tick(NULL), 0);
    expect_ok(NULL, eventure_log_close(NULL));
    ck_assert_int_eq(eventure_snapshotter_seq(NULL), -1);
}
END_TEST

START_TEST(a_place_for_the_answer_that_is_null_is_refused)
{
    eventure_difference difference;
    REFUSED(eventure_log_open("x.db", NULL, NULL));
    REFUSED(eventure_reader_open("x.db", NULL));
    REFUSED(eventure_reader_tick(reader(), NULL));
    REFUSED(eventure_reader_last_seq(reader(), NULL));
    REFUSED(eventure_query(reader(), NULL, NULL));
    REFUSED(eventure_query_find(reader(), "x", NULL));
    REFUSED(eventure_query_children(reader(), "x", NULL));
    REFUSED(eventure_query_count(reader(), NULL, NULL));
    REFUSED(eventure_query_count_by_type(reader(), NULL, NULL));
    REFUSED(eventure_query_explain(reader(), NULL, NULL));
    REFUSED(eventure_cursor_next(NULL, NULL));
    REFUSED(eventure_store_digest(reader(), 0, NULL));
    REFUSED(eventure_store_verify(reader(), NULL, NULL));
    REFUSED(eventure_store_repair(reader(), "x.db", NULL, NULL));
    REFUSED(eventure_store_diff(reader(), reader(), NULL));
    REFUSED(eventure_store_origin(reader(), NULL));
    REFUSED(eventure_save_point_list(reader(), NULL, NULL));
    REFUSED(eventure_save_point_find(reader(), "x", NULL));
    REFUSED(eventure_snapshot_list(reader(), NULL, NULL, NULL));
    REFUSED(eventure_data_index_list(reader(), NULL, NULL));
    REFUSED(eventure_playback_new(reader(), &ledger_reducer, &state, NULL, NULL));
    REFUSED(eventure_projection_parse("x", "", 0, NULL, NULL));
    REFUSED(eventure_projection_open("x", NULL, NULL));
    REFUSED(eventure_follower_next(NULL, 0, NULL));
    ck_assert_int_eq(eventure_cursor_depth(NULL), 0);
    eventure_cursor_free(NULL);
    memset(&difference, 0, sizeof difference);
    eventure_difference_clear(&difference);
    eventure_difference_clear(NULL);
}
END_TEST

START_TEST(what_is_asked_for_must_be_named)
{
    eventure_cursor *cursor = NULL;
    eventure_event *event = NULL;
    eventure_snapshot_policy policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_reader *other = NULL;
    eventure_log *log = NULL;
    REFUSED(eventure_query_find(reader(), NULL, &event));
    REFUSED(eventure_query_children(reader(), NULL, &cursor));
    REFUSED(eventure_query_by_data(reader(), eventure_int(NULL, 1), &cursor));
    REFUSED(eventure_store_fork_at_save_point(reader(), "x.db", NULL, NULL));
    REFUSED(eventure_snapshot_prune(here.log, NULL, 1, &policy));
    REFUSED(eventure_snapshot_prune(here.log, "ledger", 1, NULL));
    REFUSED(eventure_store_repair(reader(), NULL, NULL, &(eventure_repair_report){0}));
    REFUSED(eventure_reader_open(NULL, &other));
    eventure_reader_close(other);
    REFUSED(eventure_log_open(NULL, NULL, &log));
    ck_assert_str_eq(eventure_log_message(log), "open a log: no path was given");
    eventure_log_close(log);
    REFUSED(eventure_log_open("", NULL, &log));
    eventure_log_close(log);
    filter.after_seq = -1;
    REFUSED(eventure_query(reader(), &filter, &cursor));
    filter.after_seq = 0;
    filter.order = (eventure_order)99;
    REFUSED(eventure_query(reader(), &filter, &cursor));
    filter.order = EVENTURE_ORDER_DEFAULT;
    filter.types_count = 1;
    REFUSED(eventure_query(reader(), &filter, &cursor));
    filter.types_count = 0;
    filter.data_count = 1;
    REFUSED(eventure_query(reader(), &filter, &cursor));
    ck_assert_ptr_null(cursor);
    const eventure_event nameless = {.seq = 1};
    expect_status(EVENTURE_ERROR_PARENT, here.log,
                  eventure_log_append(here.log, "a", eventure_no_data(), &nameless, NULL));
}
END_TEST

/* Options whose size shows that they are not from this library, or from a later version. */
static const size_t sizes[] = {0, 10000};

START_TEST(options_that_were_not_begun_with_their_macro_are_refused)
{
    for (size_t i = 0; i < COUNT_OF(sizes); i++)
    {
        eventure_log *log = NULL;
        eventure_playback *playback = NULL;
        eventure_projection *projection = NULL;
        eventure_follower *follow = NULL;
        eventure_cursor *cursor = NULL;
        eventure_verify_report verified;
        eventure_repair_report repaired;
        eventure_log_options log_options = {.size = sizes[i]};
        eventure_filter filter = {.size = sizes[i]};
        eventure_copy_options copy = {.size = sizes[i]};
        eventure_archive_options archive = {.size = sizes[i]};
        eventure_follower_options follow_options = {.size = sizes[i]};
        eventure_verify_options verify = {.size = sizes[i]};
        eventure_repair_options repair = {.size = sizes[i]};
        eventure_state_options state_options = {.size = sizes[i]};
        eventure_playback_options play = {.size = sizes[i]};
        eventure_projection_options projection_options = {.size = sizes[i]};
        eventure_snapshot_policy policy = {.size = sizes[i]};
        eventure_snapshotter *snapshotter = NULL;
        eventure_snapshot_build_options build = {.size = sizes[i]};
        REFUSED(eventure_log_open("x.db", &log_options, &log));
        eventure_log_close(log);
        REFUSED(eventure_query(reader(), &filter, &cursor));
        REFUSED(eventure_store_copy(reader(), "x.db", &copy));
        REFUSED(eventure_store_fork_at_tick(reader(), "x.db", 0, &copy));
        REFUSED(eventure_log_archive(here.log, "x.db", 1, &archive, NULL));
        REFUSED(eventure_follower_open(SCRATCH_PATH, NULL, &follow_options, &follow));
        eventure_follower_close(follow);
        REFUSED(eventure_store_verify(reader(), &verify, &verified));
        REFUSED(eventure_store_repair(reader(), "x.db", &repair, &repaired));
        REFUSED(eventure_replay_at(reader(), &ledger_reducer, &state, 0, &state_options));
        REFUSED(eventure_playback_new(reader(), &ledger_reducer, &state, &play, &playback));
        eventure_playback_free(playback);
        REFUSED(eventure_projection_parse("x", "", 0, &projection_options, &projection));
        eventure_projection_close(projection);
        REFUSED(eventure_snapshotter_attach(here.log, &ledger_reducer, &state, &policy, &snapshotter));
        REFUSED(eventure_snapshot_prune(here.log, "ledger", 1, &policy));
        REFUSED(eventure_snapshot_build(here.log, &ledger_reducer, &state, &build, NULL));
    }
    ck_assert_ptr_null(fopen("x.db", "r"));
}
END_TEST

START_TEST(options_of_transfer_and_of_the_viewer_without_a_size_are_refused)
{
    eventure_cascade_options cascade = {.size = 0};
    eventure_export_options export = {.size = 0};
    eventure_extract_options extract = {.size = 0};
    eventure_import_options import = {.size = 0};
    REFUSED(eventure_cascade_print(reader(), stdout, &cascade));
    REFUSED(eventure_store_export(reader(), stdout, &export, NULL));
    REFUSED(eventure_store_extract(reader(), "x.db", &extract, NULL));
    REFUSED(eventure_log_import(here.log, stdin, &import, NULL));
    ck_assert_ptr_null(fopen("x.db", "r"));
}
END_TEST

START_TEST(a_log_that_could_not_be_opened_does_nothing)
{
    eventure_log *log = NULL;
    eventure_bus *bus = NULL;
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_log_open("no/such/directory.db", NULL, &log));
    char *text = strdup(eventure_log_message(log));
    expect_part(text, "no/such/directory.db");
    free(text);
    REFUSED(eventure_log_append(log, "a", eventure_no_data(), NULL, NULL));
    REFUSED(eventure_log_advance_tick(log));
    REFUSED(eventure_log_advance_to(log, 1));
    REFUSED(eventure_log_commit(log));
    REFUSED(eventure_log_rollback(log));
    REFUSED(eventure_log_import(log, stdin, NULL, NULL));
    REFUSED(eventure_save_point_create(log, "x", NULL));
    REFUSED(eventure_save_point_delete(log, "x"));
    REFUSED(eventure_log_archive(log, "x.db", 1, NULL, NULL));
    REFUSED(eventure_data_index_add(log, "n", NULL, NULL));
    REFUSED(eventure_data_index_drop(log, "n", NULL));
    REFUSED(eventure_snapshot_take(log, &ledger_reducer, &state));
    if (eventure_bus_new(log, NULL, &bus) == EVENTURE_OK)
        REFUSED(eventure_bus_publish(bus, "a", eventure_no_data(), NULL, NULL));
    eventure_bus_free(bus);
    ck_assert_ptr_null(eventure_log_reader(log));
    eventure_log_close(log);
}
END_TEST

START_TEST(a_bus_a_playback_and_a_follower_that_are_null_are_refused)
{
    eventure_position position;
    eventure_event event = {.id = "x"};
    REFUSED(eventure_bus_subscribe(NULL, "a", never, NULL, NULL));
    REFUSED(eventure_bus_unsubscribe(NULL, 1));
    REFUSED(eventure_bus_publish(NULL, "a", eventure_no_data(), NULL, NULL));
    REFUSED(eventure_bus_dispatch(NULL, &event));
    REFUSED(eventure_playback_seek_tick(NULL, 0));
    REFUSED(eventure_playback_seek_seq(NULL, 0));
    REFUSED(eventure_playback_step_events(NULL, 1));
    REFUSED(eventure_playback_step_ticks(NULL, 1));
    REFUSED(eventure_playback_run(NULL, NULL));
    REFUSED(eventure_playback_position(NULL, &position));
    REFUSED(eventure_playback_event(NULL, &event));
    REFUSED(eventure_follower_next(NULL, 0, &event));
    REFUSED(eventure_follower_commit(NULL));
    ck_assert_int_eq(eventure_follower_seq(NULL), 0);
    ck_assert_str_eq(eventure_follower_message(NULL), eventure_last_message());
    eventure_follower_close(NULL);
    ck_assert_int_eq(eventure_projector_seq(NULL), 0);
    ck_assert_ptr_null(eventure_projector_rebuilt(NULL));
    ck_assert_str_eq(eventure_projector_message(NULL), eventure_last_message());
    ck_assert(!eventure_projector_wait(NULL, 0));
    REFUSED(eventure_projector_update(NULL, NULL));
    eventure_projector_close(NULL);
    ck_assert_str_eq(eventure_version(), EVENTURE_VERSION);
}
END_TEST

START_TEST(an_event_and_a_key_that_are_null_are_refused)
{
    eventure_event event = {.type = "a", .data = "{\"n\":1,\"s\":\"x\",\"b\":true}", .id = "x"};
    eventure_event *copy = &event;
    eventure_event *read = &event;
    char *line = NULL;
    const char *json = NULL;
    char text[8];
    size_t len = 0;
    int64_t integer = 0;
    double number = 0;
    bool boolean = false;
    REFUSED(eventure_event_copy(NULL, &copy));
    ck_assert_ptr_null(copy);
    REFUSED(eventure_event_copy(&event, NULL));
    REFUSED(eventure_event_to_json(NULL, &line));
    REFUSED(eventure_event_to_json(&event, NULL));
    REFUSED(eventure_event_from_json(NULL, 4, &read));
    ck_assert_ptr_null(read);
    REFUSED(eventure_event_from_json("{}", 2, NULL));
    ck_assert_str_eq(eventure_last_message(), "eventure_event_from_json: a required argument is NULL");
    REFUSED(eventure_event_int(NULL, "n", &integer));
    REFUSED(eventure_event_int(&event, NULL, &integer));
    REFUSED(eventure_event_int(&event, "n", NULL));
    REFUSED(eventure_event_double(NULL, "n", &number));
    REFUSED(eventure_event_double(&event, NULL, &number));
    REFUSED(eventure_event_double(&event, "n", NULL));
    REFUSED(eventure_event_bool(NULL, "b", &boolean));
    REFUSED(eventure_event_bool(&event, NULL, &boolean));
    REFUSED(eventure_event_bool(&event, "b", NULL));
    REFUSED(eventure_event_string(NULL, "s", text, sizeof text, &len));
    REFUSED(eventure_event_string(&event, NULL, text, sizeof text, &len));
    REFUSED(eventure_event_string(&event, "s", NULL, 10, &len));
    ck_assert_str_eq(eventure_last_message(), "eventure_event_string: a required argument is NULL");
    REFUSED(eventure_event_member(NULL, "n", &json, &len));
    REFUSED(eventure_event_member(&event, NULL, &json, &len));
    REFUSED(eventure_event_member(&event, "n", NULL, &len));
    REFUSED(eventure_event_member(&event, "n", &json, NULL));
    REFUSED(eventure_event_member_at(NULL, "n", &json, &len));
    REFUSED(eventure_event_member_at(&event, NULL, &json, &len));
    REFUSED(eventure_event_member_at(&event, "n", NULL, &len));
    REFUSED(eventure_event_member_at(&event, "n", &json, NULL));
    ck_assert_int_eq(eventure_event_int_or(NULL, "n", 7), 7);
    ck_assert_int_eq(eventure_event_int_or(&event, NULL, 7), 7);
    ck_assert(eventure_event_double_or(NULL, "n", 0.5) == 0.5);
    ck_assert(eventure_event_double_or(&event, NULL, 0.5) == 0.5);
    ck_assert(eventure_event_bool_or(NULL, "b", true));
    ck_assert(!eventure_event_bool_or(&event, NULL, false));
    char hash[5] = "ABCD";
    eventure_type_hash(NULL, hash);
    ck_assert_str_eq(hash, "");
    eventure_type_hash("a", NULL);
}
END_TEST
