/*
 * The operations: see operation_list.h. Each ends with its first error, frees what it has, and whatever fails has a
 * text.
 */
#include "operation_list.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/extension.h>

#include "harness.h"
#include "ledger.h"

#define TICKS 12
#define FOREIGN "far-2"

static const char projection_text[] =
    "-- @setup\nCREATE TABLE t (a PRIMARY KEY, n);\nCREATE INDEX t_n ON t (n);\n-- @on player.* *.start\n"
    "INSERT INTO t VALUES (:type, 1) ON CONFLICT DO UPDATE SET n = n + 1;\n-- @on *\nSELECT :event_id, :n, :data;\n";

bool operations_on_bad_disk;

static ledger state;
static char start_id[32]; /* of the first event of tick 2 */

static eventure_status told(eventure_status status, const char *message)
{
    must(status >= 0 || (message != NULL && message[0] != '\0'), "%s without a text", eventure_status_name(status));
    return status > 0 ? EVENTURE_OK : status;
}

/* Reads what a cursor answers, and frees it. */
static eventure_status drain(eventure_status status, eventure_cursor **cursor)
{
    eventure_event event;
    while (status >= 0 && (status = eventure_cursor_next(*cursor, &event)) == EVENTURE_ROW)
        continue;
    eventure_cursor_free(*cursor);
    *cursor = NULL;
    return status;
}

static int go_on(const eventure_progress *progress, void *context)
{
    (void)context;
    return progress->done < 0;
}

/* --- the log --- */

static eventure_status append(eventure_log *log)
{
    eventure_event root = {.id = FOREIGN};
    eventure_event event;
    char *big = malloc(20000);
    if (big == NULL)
        return EVENTURE_ERROR_MEMORY;
    snprintf(big, 20000, "{\"to\":\"%019900d\"}", 7);
    eventure_status status = eventure_log_append(log, "new.type", eventure_json(big), &root, &event);
    if (status == EVENTURE_OK)
        status = eventure_log_append(log, "player.move", EVENTURE_DATA(eventure_int("n", 1)), &event, NULL);
    if (status == EVENTURE_OK)
        status = eventure_log_commit(log);
    if (status == EVENTURE_OK)
        status = eventure_log_advance_to(log, TICKS + 3);
    if (status == EVENTURE_OK)
        status = eventure_log_append(log, "tick.start", eventure_no_data(), NULL, NULL);
    if (status == EVENTURE_OK)
        status = eventure_log_rollback(log);
    if (status == EVENTURE_OK)
        status = eventure_log_append(log, "tick.start", eventure_no_data(), NULL, NULL);
    if (status == EVENTURE_OK)
        status = eventure_log_advance_tick(log);
    free(big);
    return told(status, eventure_log_message(log));
}

/* A read in the middle of a tick fails, and the program goes on as if nothing had been: nothing of the tick is there
 * then, or all of it. */
static eventure_status read_while_appending(eventure_log *log)
{
    eventure_reader *reader = eventure_log_reader(log);
    eventure_cursor *cursor = NULL;
    int64_t tick = eventure_log_tick(log);
    int64_t before = 0;
    int64_t after = 0;
    eventure_status status = eventure_reader_last_seq(reader, &before);
    for (int i = 0; i < 3 && status == EVENTURE_OK; i++)
        status = eventure_log_append(log, "player.move", EVENTURE_DATA(eventure_int("n", i)), NULL, NULL);
    eventure_status read =
        status == EVENTURE_OK ? drain(eventure_by_type(reader, "player.*", &cursor), &cursor) : status;
    if (status == EVENTURE_OK)
        status = eventure_log_append(log, "player.move", EVENTURE_DATA(eventure_int("n", 3)), NULL, NULL);
    if (status == EVENTURE_OK)
        status = eventure_log_advance_tick(log);
    must(status < 0 || eventure_log_tick(log) == tick + 1, "advanced to tick %lld", (long long)eventure_log_tick(log));
    if (status == EVENTURE_OK && eventure_reader_last_seq(reader, &after) == EVENTURE_OK)
        must(after == before + 4, "%lld of 4 events", (long long)(after - before));
    told(status, eventure_log_message(log));
    return read < 0 ? read : status;
}

static eventure_status import_text(eventure_log *log, const char *text, eventure_format format)
{
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.format = format;
    options.external_parents = true;
    options.progress = go_on;
    char *copy = malloc(strlen(text) + 1);
    FILE *in = copy != NULL ? fmemopen(strcpy(copy, text), strlen(text), "r") : NULL;
    eventure_status status = in != NULL ? eventure_import(log, in, &options, NULL) : EVENTURE_ERROR_MEMORY;
    if (in != NULL)
    {
        told(status, eventure_log_message(log));
        fclose(in);
    }
    free(copy);
    return status;
}

static eventure_status import_lines(eventure_log *log)
{
    static const char text[] =
        "{\"tick\": 40, \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": {\"x\": [1, {\"y\": \"\\u00e9\"}]}, "
        "\"event_id\": \"mine\", \"parent_id\": \"" FOREIGN "\"}\n"
        "{\"tick\": 41, \"timestamp\": 2.5, \"type\": \"a.c\", \"data\": {}, \"event_id\": \"yours\", "
        "\"parent_id\": \"nowhere\"}\n"
        "{\"tick\": 41, \"timestamp\": 3.5, \"type\": \"a.b\", \"data\": {}, \"event_id\": \"41-ABCD-7\", "
        "\"parent_id\": \"mine\"}\n";
    return import_text(log, text, EVENTURE_FORMAT_JSONL);
}

static eventure_status import_cloudevents(eventure_log *log)
{
    static const char text[] = "{\"specversion\":\"1.0\",\"id\":\"\\u0061-1\",\"source\":\"/x\",\"type\":\"a.\\u0062\","
                               "\"time\":\"2026-11-27T10:00:00.25Z\",\"tick\":\"50\",\"data\":{\"x\":1}}\n"
                               "{\"specversion\":\"1.0\",\"id\":\"a-2\",\"source\":\"/x\",\"type\":\"a.b\","
                               "\"time\":\"2026-11-27T10:00:00Z\",\"tick\":\"51\",\"causationid\":\"a-1\"}\n";
    return import_text(log, text, EVENTURE_FORMAT_CLOUDEVENTS);
}

static int hear(const eventure_event *event, void *context)
{
    eventure_bus *bus = context;
    if (strcmp(event->type, "a.b") != 0)
        return 0;
    return eventure_bus_publish(bus, "error.b", EVENTURE_DATA(eventure_double("x", 0.1)), event, NULL);
}

static eventure_status publish(eventure_log *log)
{
    static const char *const patterns[] = {"a.b", "a.*", "*.b", "*", "a.b"};
    eventure_bus *bus = NULL;
    eventure_event *event = NULL;
    eventure_subscription subscription;
    eventure_status status = eventure_bus_new(log, NULL, &bus);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns && status == EVENTURE_OK; i++)
        status = eventure_bus_subscribe(bus, patterns[i], hear, bus, &subscription);
    if (status == EVENTURE_OK)
        status = eventure_bus_publish(bus, "a.b", eventure_json("{\"x\":[1,2]}"), NULL, &event);
    if (status == EVENTURE_OK)
        status = eventure_bus_dispatch(bus, event);
    if (status == EVENTURE_OK)
        status = eventure_bus_unsubscribe(bus, subscription);
    if (bus != NULL)
        told(status, eventure_bus_message(bus));
    eventure_event_free(event);
    eventure_bus_free(bus);
    return status;
}

/* --- reading --- */

static eventure_status by_name(eventure_reader *reader)
{
    eventure_event *event = NULL;
    eventure_cursor *cursor = NULL;
    int64_t number = 0;
    eventure_status status = eventure_reader_begin(reader);
    if (status == EVENTURE_OK)
        status = eventure_find(reader, start_id, &event);
    eventure_event_free(event);
    event = NULL;
    if (status == EVENTURE_OK)
        status = eventure_find(reader, FOREIGN, &event);
    must(status != EVENTURE_OK || strcmp(event->id, FOREIGN) == 0, "%s has the id %s", FOREIGN, event->id);
    if (status == EVENTURE_OK)
        status = drain(eventure_by_type(reader, "player.*", &cursor), &cursor);
    if (status == EVENTURE_OK)
        status = drain(eventure_by_data(reader, eventure_int("n", 3), &cursor), &cursor);
    if (status == EVENTURE_OK)
        status = drain(eventure_by_data(reader, eventure_string("to", "x"), &cursor), &cursor);
    if (status == EVENTURE_OK)
        status = drain(eventure_at_tick(reader, 4, &cursor), &cursor);
    if (status == EVENTURE_OK)
        status = drain(eventure_until_tick(reader, 2, &cursor), &cursor);
    if (status == EVENTURE_OK)
        status = drain(eventure_roots(reader, 4, &cursor), &cursor);
    if (status == EVENTURE_OK)
        status = eventure_reader_refresh(reader);
    if (status == EVENTURE_OK)
        status = eventure_reader_last_seq(reader, &number);
    if (status == EVENTURE_OK)
        status = eventure_reader_tick(reader, &number);
    eventure_reader_end(reader);
    eventure_event_free(event);
    return told(status, eventure_reader_message(reader));
}

static int ignore_count(const char *type, int64_t count, void *context)
{
    (void)type;
    (void)context;
    return count < 0;
}

static eventure_status relatives(eventure_reader *reader)
{
    eventure_cursor *cursor = NULL;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    char *text = NULL;
    int64_t count = 0;
    eventure_status status = drain(eventure_children(reader, start_id, &cursor), &cursor);
    if (status == EVENTURE_OK)
        status = drain(eventure_ancestors(reader, FOREIGN, &cursor), &cursor);
    if (status == EVENTURE_OK)
        status = drain(eventure_cascade(reader, start_id, EVENTURE_ORDER_ID, &cursor), &cursor);
    if (status == EVENTURE_OK)
        status = drain(eventure_cascade(reader, start_id, EVENTURE_ORDER_BREADTH_FIRST, &cursor), &cursor);
    filter.cascade_of = start_id;
    filter.type = "enemy.*";
    if (status == EVENTURE_OK)
        status = eventure_count(reader, &filter, &count);
    if (status == EVENTURE_OK)
        status = eventure_explain(reader, &filter, &text);
    eventure_free(text);
    if (status == EVENTURE_OK)
        status = eventure_count_by_type(reader, ignore_count, NULL);
    return told(status, eventure_reader_message(reader));
}

/* What comes out without an error is what came out the first time, when nothing failed. */
typedef struct output
{
    FILE *stream;
    char *text;
    size_t len;
} output;

static eventure_status output_open(output *self)
{
    *self = (output){.stream = NULL};
    self->stream = open_memstream(&self->text, &self->len);
    return self->stream != NULL ? EVENTURE_OK : EVENTURE_ERROR_MEMORY;
}

static void output_check(output *self, eventure_status status, char **expected)
{
    if (self->stream == NULL)
        return;
    fclose(self->stream);
    must(status != EVENTURE_OK || *expected == NULL || strcmp(self->text, *expected) == 0,
         "without an error, but wrong: %.4000s", self->text);
    if (status == EVENTURE_OK && *expected == NULL)
        *expected = self->text;
    else
        free(self->text);
}

static eventure_status print(eventure_reader *reader)
{
    static char *expected;
    output to;
    eventure_cascade_options options = EVENTURE_CASCADE_OPTIONS_INIT;
    options.colour = true;
    options.tick_min = 1;
    options.tick_max = 8;
    options.progress = go_on;
    eventure_status status = output_open(&to);
    if (status == EVENTURE_OK)
        status = eventure_cascade_print(reader, to.stream, &options);
    if (status == EVENTURE_OK)
        status = eventure_cascade_print(reader, to.stream, NULL);
    if (status == EVENTURE_OK)
        status = eventure_cascade_print_one(reader, start_id, to.stream, NULL);
    if (status == EVENTURE_OK)
        status = eventure_cascade_print_event(reader, start_id, to.stream, NULL);
    output_check(&to, status, &expected);
    return told(status, eventure_reader_message(reader));
}

static eventure_status export_all(eventure_reader *reader)
{
    static const char *const columns[] = {"n", "to"};
    static char *expected;
    output to;
    eventure_export_options options = EVENTURE_EXPORT_OPTIONS_INIT;
    eventure_status status = output_open(&to);
    for (int format = EVENTURE_FORMAT_JSONL; format <= EVENTURE_FORMAT_MERMAID && status == EVENTURE_OK; format++)
    {
        options.format = (eventure_format)format;
        options.columns = format == EVENTURE_FORMAT_CSV ? columns : NULL;
        options.columns_count = format == EVENTURE_FORMAT_CSV ? 2 : 0;
        options.max_nodes = format == EVENTURE_FORMAT_DOT ? 5 : 0;
        status = eventure_export(reader, to.stream, &options, NULL);
    }
    options.format = EVENTURE_FORMAT_CSV;
    options.columns_count = 0;
    options.max_nodes = 0;
    if (status == EVENTURE_OK)
        status = eventure_export(reader, to.stream, &options, NULL);
    output_check(&to, status, &expected);
    return told(status, eventure_reader_message(reader));
}

static eventure_status export_store(eventure_reader *reader)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_export_options options = EVENTURE_EXPORT_OPTIONS_INIT;
    filter.type = "player.*";
    options.filter = &filter;
    options.progress = go_on;
    return told(eventure_export_store(reader, OPERATION_OTHER, true, &options, NULL), eventure_reader_message(reader));
}

/* --- integrity --- */

static eventure_status verify(eventure_reader *reader)
{
    eventure_verify_report report;
    eventure_digests digests;
    eventure_verify_options options = EVENTURE_VERIFY_OPTIONS_INIT;
    options.progress = go_on;
    eventure_status status = eventure_verify(reader, &options, &report);
    must(status != EVENTURE_OK || report.is_sound, "a failure was taken for damage: %s", report.problem);
    if (status == EVENTURE_OK)
        status = eventure_digest(reader, 3, &digests);
    return told(status, eventure_reader_message(reader));
}

static eventure_status differ(eventure_reader *reader)
{
    eventure_difference difference = {.differ = false};
    eventure_reader *other = NULL;
    eventure_status status = eventure_reader_open(OPERATION_OTHER_HISTORY, &other);
    if (status == EVENTURE_OK)
        status = told(eventure_diff(reader, other, &difference), eventure_reader_message(reader));
    must(status != EVENTURE_OK || difference.differ, "two histories that differ are equal");
    eventure_difference_clear(&difference);
    eventure_reader_close(other);
    return status;
}

static eventure_status repair(eventure_reader *reader)
{
    eventure_repair_report report;
    eventure_repair_options options = EVENTURE_REPAIR_OPTIONS_INIT;
    options.progress = go_on;
    eventure_status status = eventure_repair(reader, OPERATION_OTHER, &options, &report);
    must(status != EVENTURE_OK || report.lost_ticks == 0 || operations_on_bad_disk,
         "a failure was taken for damage: %s", report.first_loss);
    return told(status, eventure_reader_message(reader));
}

/* --- states --- */

static int ignore_snapshot(const eventure_snapshot *snapshot, void *context)
{
    (void)context;
    return snapshot->state_bytes < 0;
}

static eventure_status states(eventure_reader *reader)
{
    eventure_snapshot_check found;
    eventure_state_options options = EVENTURE_STATE_OPTIONS_INIT;
    options.progress = go_on;
    eventure_status status = eventure_replay(reader, &ledger_reducer, 2, 7, &state);
    if (status == EVENTURE_OK)
        status = eventure_state_at(reader, &ledger_reducer, 9, &state, &options);
    if (status == EVENTURE_OK)
        status = eventure_snapshots(reader, NULL, ignore_snapshot, NULL);
    if (status == EVENTURE_OK)
        status = eventure_snapshots(reader, "ledger", ignore_snapshot, NULL);
    if (status == EVENTURE_OK)
        status = eventure_snapshots_check(reader, &ledger_reducer, &state, NULL, &found);
    return told(status, eventure_reader_message(reader));
}

static eventure_status build_snapshots(eventure_log *log)
{
    eventure_snapshot_build_options build = EVENTURE_SNAPSHOT_BUILD_OPTIONS_INIT;
    eventure_snapshot_policy policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    build.policy.every_ticks = 2;
    build.policy.keep_newest = 3;
    build.policy.drop_other_versions = true;
    policy.keep_newest = 1;
    policy.keep_every_ticks = 4;
    eventure_status status = eventure_snapshots_build(log, &ledger_reducer, &state, &build, NULL);
    build.from_start = true;
    if (status == EVENTURE_OK)
        status = eventure_snapshots_build(log, &ledger_reducer, &state, &build, NULL);
    if (status == EVENTURE_OK)
        status = eventure_snapshot_take(log, &ledger_reducer, &state);
    if (status == EVENTURE_OK)
        status = eventure_snapshots_prune(log, "ledger", 1, &policy);
    if (status == EVENTURE_OK)
        status = eventure_log_commit(log);
    return told(status, eventure_log_message(log));
}

static eventure_status follow_with_snapshots(eventure_log *log)
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

static eventure_status play(eventure_reader *reader)
{
    eventure_playback *playback = NULL;
    eventure_playback_options options = EVENTURE_PLAYBACK_OPTIONS_INIT;
    eventure_playback_until until = EVENTURE_PLAYBACK_UNTIL_INIT;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_position position;
    eventure_event event;
    options.checkpoint_every_events = 5;
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

static eventure_status project(eventure_reader *reader)
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
        status = eventure_state_at(reader, eventure_projection_reducer(projection), 5, projection, NULL);
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
        eventure_projector_close(projector);
        projector = NULL;
    }
    eventure_projection_close(projection);
    return status;
}

static eventure_status project_snapshots(eventure_log *log)
{
    eventure_projection *projection = NULL;
    eventure_status status =
        eventure_projection_parse("x.sql", projection_text, sizeof projection_text - 1, NULL, &projection);
    if (status == EVENTURE_OK)
        status = told(eventure_snapshot_take(log, eventure_projection_reducer(projection), projection),
                      eventure_log_message(log));
    if (status == EVENTURE_OK)
        status = told(eventure_state_at(eventure_log_reader(log), eventure_projection_reducer(projection),
                                        EVENTURE_TICK_NEWEST, projection, NULL),
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

static eventure_status save_points(eventure_log *log)
{
    eventure_save_point *found = NULL;
    eventure_origin origin;
    eventure_reader *reader = eventure_log_reader(log);
    eventure_status status = eventure_save_delete(log, "a name");
    if (status == EVENTURE_OK || status == EVENTURE_ERROR_NOT_FOUND)
        status = eventure_save(log, "a name", "a note");
    if (status == EVENTURE_OK)
        status = eventure_save_find(reader, "a name", &found);
    eventure_free(found);
    if (status == EVENTURE_OK)
        status = eventure_saves(reader, ignore_save, NULL);
    if (status == EVENTURE_OK)
        status = eventure_save_delete(log, "a name");
    if (status == EVENTURE_OK)
        status = eventure_origin_of(reader, &origin);
    return told(status, eventure_log_message(log));
}

static eventure_status copy(eventure_reader *reader)
{
    eventure_copy_options options = EVENTURE_COPY_OPTIONS_INIT;
    options.progress = go_on;
    options.replace = true;
    eventure_status status = eventure_copy(reader, OPERATION_OTHER, NULL);
    if (status == EVENTURE_OK)
        status = eventure_copy(reader, OPERATION_OTHER, &options);
    return told(status, eventure_reader_message(reader));
}

static eventure_status fork_at_tick(eventure_reader *reader)
{
    eventure_origin origin;
    eventure_reader *forked = NULL;
    eventure_status status =
        told(eventure_fork_at_tick(reader, OPERATION_OTHER, 8, NULL), eventure_reader_message(reader));
    if (status == EVENTURE_OK)
        status = eventure_reader_open(OPERATION_OTHER, &forked);
    if (status == EVENTURE_OK)
        status = told(eventure_origin_of(forked, &origin), eventure_reader_message(forked));
    eventure_reader_close(forked);
    return status;
}

static eventure_status fork_at_save(eventure_reader *reader)
{
    return told(eventure_fork_at_save(reader, OPERATION_OTHER, "late", NULL), eventure_reader_message(reader));
}

static eventure_status archive(eventure_log *log)
{
    const eventure_archive_state kept = {&ledger_reducer, &state};
    eventure_archive_options options = EVENTURE_ARCHIVE_OPTIONS_INIT;
    eventure_archive_counts counts;
    eventure_event event;
    options.states = &kept;
    options.states_count = 1;
    options.progress = go_on;
    eventure_status status = eventure_archive(log, OPERATION_OTHER, 5, &options, &counts);
    if (status == EVENTURE_OK)
        status = eventure_archive(log, OPERATION_OTHER, 8, &options, &counts);
    const eventure_event parent = {.id = start_id}; /* archived, and still known by its id where it has a child */
    if (status == EVENTURE_OK)
        status = eventure_log_append(log, "after.cut", eventure_no_data(), &parent, &event);
    if (status == EVENTURE_ERROR_PARENT)
        status = EVENTURE_OK;
    return told(status, eventure_log_message(log));
}

static eventure_status follow(eventure_reader *reader)
{
    eventure_follow *opened = NULL;
    eventure_event event;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_follow_options options = EVENTURE_FOLLOW_OPTIONS_INIT;
    filter.type = "player.*";
    options.filter = &filter;
    (void)reader;
    eventure_status status = EVENTURE_OK;
    for (int i = 0; i < 2 && status >= 0; i++)
    {
        status = eventure_follow_open(OPERATION_STORE, "a", &options, &opened);
        for (int n = 0; n < 3 && status >= 0; n++)
            status = eventure_follow_next(opened, 0, &event);
        if (status >= 0)
            status = eventure_follow_commit(opened);
        if (opened != NULL)
            told(status, eventure_follow_message(opened));
        eventure_follow_close(opened);
        opened = NULL;
    }
    return status >= 0 ? eventure_follow_forget(OPERATION_STORE, "a") : status;
}

static int ignore_index(const eventure_data_index *index, void *context)
{
    (void)context;
    return index->events < 0;
}

static eventure_status index_data(eventure_log *log)
{
    eventure_cursor *cursor = NULL;
    eventure_reader *reader = eventure_log_reader(log);
    eventure_status status = eventure_data_index_drop(log, "of", NULL);
    if (status == EVENTURE_OK || status == EVENTURE_ERROR_NOT_FOUND)
        status = eventure_data_index_add(log, "of", NULL, go_on, NULL);
    if (status == EVENTURE_OK)
        status = eventure_data_index_list(reader, ignore_index, NULL);
    if (status == EVENTURE_OK)
        status = drain(eventure_by_data(reader, eventure_int("of", 3), &cursor), &cursor);
    if (status == EVENTURE_OK)
        status = eventure_log_append(log, "player.move", eventure_json("{\"n\": 3, \"of\": \"x\"}"), NULL, NULL);
    if (status == EVENTURE_OK)
        status = eventure_log_commit(log);
    if (status == EVENTURE_OK)
        status = eventure_data_index_drop(log, "of", NULL);
    return told(status, eventure_log_message(log));
}

/* --- SQL --- */

static eventure_status run_sql(eventure_reader *reader)
{
    static const char *const questions[] = {
        "SELECT count(*), max(depth), min(data), max(path) FROM event_cascade('" FOREIGN "', 'depth-first')",
        "SELECT id, path FROM event_ancestors('" FOREIGN "') ORDER BY depth",
        "SELECT id FROM event_cascade('" FOREIGN "', 'id')",
        "SELECT count(*) FROM events, event_children(events.id)",
        "SELECT event_tree('" FOREIGN "', 3), event_data('{\"a\": \"\\u00e9\"}', 'a'), event_type_hash('a.b')",
        "SELECT event_data_equals('{\"a\": 1.5}', 'a', '15e-1'), event_matches('a.b', 'a.*'), "
        "event_id_hash('1-ABCD-1')",
        "SELECT count(*) FROM event_roots(4), event_types(), event_timeline(5)",
    };
    sqlite3 *db = NULL;
    char *message = NULL;
    (void)reader;
    int code = sqlite3_open(OPERATION_STORE, &db);
    if (code == SQLITE_OK)
        code = eventure_extension_init(db, NULL, NULL);
    for (size_t i = 0; i < sizeof questions / sizeof *questions && code == SQLITE_OK; i++)
        code = sqlite3_exec(db, questions[i], NULL, NULL, &message);
    code &= 0xFF;
    if (code == SQLITE_ERROR)
        fprintf(stderr, "%s\n", message != NULL ? message : "?");
    sqlite3_free(message);
    sqlite3_close(db);
    return code == SQLITE_OK      ? EVENTURE_OK
           : code == SQLITE_NOMEM ? EVENTURE_ERROR_MEMORY
           : code == SQLITE_ERROR ? EVENTURE_ERROR_ARGUMENT
                                  : EVENTURE_ERROR_IO;
}

const operation operations[] = {
    {"append", append, NULL, true},
    {"append, read", read_while_appending, NULL, true},
    {"import", import_lines, NULL, true},
    {"cloudevents", import_cloudevents, NULL, true},
    {"publish", publish, NULL, true},
    {"query", NULL, by_name, false},
    {"relatives", NULL, relatives, false},
    {"print", NULL, print, false},
    {"export", NULL, export_all, false},
    {"export store", NULL, export_store, false},
    {"verify", NULL, verify, false},
    {"diff", NULL, differ, false},
    {"repair", NULL, repair, false},
    {"states", NULL, states, false},
    {"snapshots", build_snapshots, NULL, false},
    {"snapshotter", follow_with_snapshots, NULL, true},
    {"playback", NULL, play, false},
    {"project", NULL, project, false},
    {"images", project_snapshots, NULL, false},
    {"save points", save_points, NULL, false},
    {"copy", NULL, copy, false},
    {"fork at tick", NULL, fork_at_tick, false},
    {"fork at save", NULL, fork_at_save, false},
    {"archive", archive, NULL, true},
    {"follow", NULL, follow, false},
    {"index data", index_data, NULL, true},
    {"SQL", NULL, run_sql, false},
};
const size_t operations_count = sizeof operations / sizeof *operations;

void operations_clear(void)
{
    harness_remove(OPERATION_OTHER);
    remove(OPERATION_OTHER "-new");
    remove(OPERATION_STORE "-follow-a-new");
    harness_remove(OPERATION_STORE "-follow-a");
}

/* A tick: a chain in it, which goes on from tick to tick; an event of another id, with a parent outside; one below it.
 */
static void make_tick(eventure_log *log, int64_t tick, char *carried, size_t carried_size)
{
    static const char *const types[] = {"tick.start", "player.move", "enemy.move", "player.attack"};
    char text[640];
    char id[64];
    eventure_event parent = {.id = id};
    snprintf(id, sizeof id, "%s", carried);
    for (int i = 0; i < 6; i++)
    {
        eventure_event event;
        must(eventure_log_append(log, types[i % 4], EVENTURE_DATA(eventure_int("n", i), eventure_int("of", tick)),
                                 id[0] != '\0' && i != 3 ? &parent : NULL, &event) == EVENTURE_OK,
             "%s", eventure_log_message(log));
        snprintf(id, sizeof id, "%s", event.id);
        if (i == 0)
            snprintf(carried, carried_size, "%s", event.id);
    }
    snprintf(text, sizeof text,
             "{\"tick\": %lld, \"timestamp\": 1.5, \"type\": \"far.away\", \"data\": {}, \"event_id\": \"far-%lld\", "
             "\"parent_id\": \"outside-%lld\"}\n"
             "{\"tick\": %lld, \"timestamp\": 2.5, \"type\": \"player.move\", \"data\": {\"to\": \"x\"}, "
             "\"event_id\": \"%lld-EBDB-99\", \"parent_id\": \"far-%lld\"}\n",
             (long long)tick, (long long)tick, (long long)tick, (long long)tick, (long long)tick, (long long)tick / 2);
    must(import_text(log, text, EVENTURE_FORMAT_JSONL) == EVENTURE_OK, "%s", eventure_log_message(log));
}

/* A log at tick `ticks`. */
static eventure_log *make_store(const char *path, int64_t ticks)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    char carried[64] = "";
    options.sync = EVENTURE_SYNC_OFF;
    harness_remove(path);
    must(eventure_log_open(path, &options, &log) == EVENTURE_OK, "%s", eventure_log_message(log));
    for (int64_t tick = 0; tick < ticks; tick++)
    {
        if (tick % 7 != 3)
            make_tick(log, tick, carried, sizeof carried);
        else
            must(eventure_save(log, tick == 3 ? "early" : "late", tick == 3 ? "a note" : NULL) == EVENTURE_OK, "%s",
                 eventure_log_message(log));
        must(eventure_log_advance_tick(log) == EVENTURE_OK, "%s", eventure_log_message(log));
    }
    return log;
}

void operations_prepare(void)
{
    char hash[5];
    eventure_type_hash("tick.start", hash);
    snprintf(start_id, sizeof start_id, "2-%s-1", hash);
    operations_clear();
    /* Another history, which has the first ticks in common. */
    eventure_log *log = make_store(OPERATION_OTHER_HISTORY, TICKS / 2);
    must(eventure_log_append(log, "another.end", eventure_no_data(), NULL, NULL) == EVENTURE_OK &&
             eventure_log_close(log) == EVENTURE_OK,
         "cannot prepare");
    log = make_store(OPERATION_STORE, TICKS);
    must(eventure_data_index_add(log, "n", "player.*", NULL, NULL) == EVENTURE_OK &&
             eventure_snapshot_take(log, &ledger_reducer, &state) == EVENTURE_OK &&
             eventure_log_close(log) == EVENTURE_OK,
         "cannot prepare");
}
