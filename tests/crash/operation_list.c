/*
 * The operations: see operation_list.h. Each ends at its first error, frees its objects, and checks that the error has
 * a text.
 */
#include "operation_list.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/extension.h>

#include "harness.h"
#include "ledger.h"
#include "operation_parts.h"

#define TICKS 12
#define FOREIGN "far-2"
#define OUTSIDE "outside-4" /* an id that only a parent has */

bool operations_may_lose;

static ledger state;
char operation_start_id[32];

/* --- the log --- */

static eventure_status append(eventure_log *log)
{
    eventure_event root = {.id = FOREIGN};
    eventure_event by_seq = {.seq = 3};
    eventure_event event;
    char *big = malloc(20000);
    if (big == NULL)
        return EVENTURE_ERROR_MEMORY;
    snprintf(big, 20000, "{\"to\":\"%019900d\"}", 7);
    eventure_status status = eventure_log_append(log, "new.type", eventure_json(big), &root, &event);
    if (status == EVENTURE_OK)
        status = eventure_log_append(log, "player.move", EVENTURE_DATA(eventure_int("n", 1)), &event, NULL);
    if (status == EVENTURE_OK)
        status = eventure_log_append(log, "player.move", eventure_no_data(), &by_seq, NULL);
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

/* A read in the middle of a tick fails, and the program continues as if the read had not failed: then the store
 * contains nothing of the tick, or all of it. */
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
        status == EVENTURE_OK ? drain(eventure_query_by_type(reader, "player.*", &cursor), &cursor) : status;
    if (status == EVENTURE_OK)
        status = eventure_log_append(log, "player.move", EVENTURE_DATA(eventure_int("n", 3)), NULL, NULL);
    if (status == EVENTURE_OK)
        status = eventure_log_advance_tick(log);
    must(status < 0 || eventure_log_tick(log) == tick + 1, "advanced to tick %lld", (long long)eventure_log_tick(log));
    if (status == EVENTURE_OK)
        status = eventure_reader_last_seq(reader, &after);
    must(status != EVENTURE_OK || after == before + 4, "%lld of 4 events", (long long)(after - before));
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
    eventure_status status = in != NULL ? eventure_log_import(log, in, &options, NULL) : EVENTURE_ERROR_MEMORY;
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
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    eventure_event event;
    eventure_subscription subscription;
    input.type = "a.b";
    input.data = eventure_json("{\"x\":[1,2]}");
    eventure_status status = eventure_bus_new(log, NULL, &bus);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns && status == EVENTURE_OK; i++)
        status = eventure_bus_subscribe(bus, patterns[i], hear, bus, &subscription);
    if (status == EVENTURE_OK)
        status = eventure_bus_publish_input(bus, &input, &event);
    if (status == EVENTURE_OK)
        status = eventure_bus_dispatch(bus, &event);
    if (status == EVENTURE_OK)
        status = eventure_bus_unsubscribe(bus, subscription);
    if (bus != NULL)
        told(status, eventure_bus_message(bus));
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
        status = eventure_query_find(reader, operation_start_id, &event);
    eventure_event_free(event);
    event = NULL;
    if (status == EVENTURE_OK)
        status = eventure_query_find(reader, FOREIGN, &event);
    must(status != EVENTURE_OK || strcmp(event->id, FOREIGN) == 0, "%s has the id %s", FOREIGN, event->id);
    if (status == EVENTURE_OK)
        status = drain(eventure_query_by_type(reader, "player.*", &cursor), &cursor);
    if (status == EVENTURE_OK)
        status = drain(eventure_query_by_data(reader, eventure_int("n", 3), &cursor), &cursor);
    if (status == EVENTURE_OK)
        status = drain(eventure_query_by_data(reader, eventure_string("to", "x"), &cursor), &cursor);
    if (status == EVENTURE_OK)
        status = drain(eventure_query_at_tick(reader, 4, &cursor), &cursor);
    if (status == EVENTURE_OK)
        status = drain(eventure_query_until_tick(reader, 2, &cursor), &cursor);
    if (status == EVENTURE_OK)
        status = drain(eventure_query_roots(reader, 4, &cursor), &cursor);
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
    eventure_status status = drain(eventure_query_children(reader, operation_start_id, &cursor), &cursor);
    if (status == EVENTURE_OK)
        status = drain(eventure_query_ancestors(reader, FOREIGN, &cursor), &cursor);
    if (status == EVENTURE_OK)
        status = drain(eventure_query_cascade(reader, OUTSIDE, EVENTURE_ORDER_ID, &cursor), &cursor);
    if (status == EVENTURE_OK)
        status = drain(eventure_query_cascade(reader, operation_start_id, EVENTURE_ORDER_ID, &cursor), &cursor);
    if (status == EVENTURE_OK)
        status =
            drain(eventure_query_cascade(reader, operation_start_id, EVENTURE_ORDER_BREADTH_FIRST, &cursor), &cursor);
    filter.cascade_of = operation_start_id;
    filter.type = "enemy.*";
    if (status == EVENTURE_OK)
        status = eventure_query_count(reader, &filter, &count);
    if (status == EVENTURE_OK)
        status = eventure_query_explain(reader, &filter, &text);
    eventure_free(text);
    if (status == EVENTURE_OK)
        status = eventure_query_count_by_type(reader, ignore_count, NULL);
    return told(status, eventure_reader_message(reader));
}

/* The output of an operation. When the operation succeeds, its output must equal that of the first run, in which
 * nothing failed. */
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
    options.color = true;
    options.tick_min = 1;
    options.tick_end = 9;
    options.progress = go_on;
    eventure_status status = output_open(&to);
    if (status == EVENTURE_OK)
        status = eventure_cascade_print(reader, to.stream, &options);
    if (status == EVENTURE_OK)
        status = eventure_cascade_print(reader, to.stream, NULL);
    if (status == EVENTURE_OK)
        status = eventure_cascade_print_one(reader, operation_start_id, to.stream, NULL);
    if (status == EVENTURE_OK)
        status = eventure_cascade_print_one(reader, OUTSIDE, to.stream, NULL);
    if (status == EVENTURE_OK)
        status = eventure_cascade_print_event(reader, operation_start_id, to.stream, NULL);
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
        status = eventure_store_export(reader, to.stream, &options, NULL);
    }
    options.format = EVENTURE_FORMAT_CSV;
    options.columns_count = 0;
    options.max_nodes = 0;
    if (status == EVENTURE_OK)
        status = eventure_store_export(reader, to.stream, &options, NULL);
    output_check(&to, status, &expected);
    return told(status, eventure_reader_message(reader));
}

static eventure_status export_store(eventure_reader *reader)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_extract_options options = EVENTURE_EXTRACT_OPTIONS_INIT;
    filter.type = "player.*";
    options.filter = &filter;
    options.replace = true;
    options.progress = go_on;
    eventure_status status = eventure_store_extract(reader, OPERATION_OTHER, &options, NULL);
    options.filter = NULL;
    if (status == EVENTURE_OK)
        status = eventure_store_extract(reader, OPERATION_OTHER, &options, NULL);
    return told(status, eventure_reader_message(reader));
}

/* --- integrity --- */

static eventure_status verify(eventure_reader *reader)
{
    eventure_verify_report report;
    eventure_digests digests;
    eventure_verify_options options = EVENTURE_VERIFY_OPTIONS_INIT;
    options.progress = go_on;
    eventure_status status = eventure_store_verify(reader, &options, &report);
    must(status != EVENTURE_OK || report.is_sound, "a failure was reported as damage: %s", report.problem);
    if (status == EVENTURE_OK)
        status = eventure_store_digest(reader, 3, &digests);
    return told(status, eventure_reader_message(reader));
}

static eventure_status differ(eventure_reader *reader)
{
    eventure_difference difference = {.differ = false};
    eventure_reader *other = NULL;
    eventure_status status = eventure_reader_open(OPERATION_OTHER_HISTORY, &other);
    if (status == EVENTURE_OK)
        status = told(eventure_store_diff(reader, other, &difference), eventure_reader_message(reader));
    must(status != EVENTURE_OK || difference.differ, "two histories that differ are equal");
    eventure_difference_clear(&difference);
    eventure_reader_close(other);
    return status;
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
        "SELECT event_data_equals('{\"a\": 1.5}', 'a', '15e-1'), event_matches('a.b', 'a.*')",
        "SELECT event_id_hash('1-ABCD-1'), event_id_tick('1-ABCD-1'), event_id_n('1-ABCD-1')",
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
    {"create", NULL, operation_create, false},
    {"failed-tick", NULL, operation_failed_tick, false},
    {"append", append, NULL, true},
    {"append-read", read_while_appending, NULL, true},
    {"import", import_lines, NULL, true},
    {"cloudevents", import_cloudevents, NULL, true},
    {"import-map", operation_import_map, NULL, true},
    {"import-chrome", operation_import_chrome, NULL, true},
    {"batch", operation_append_batch, NULL, true},
    {"publish", publish, NULL, true},
    {"fold", operation_fold, NULL, true},
    {"query", NULL, by_name, false},
    {"columns", NULL, operation_columns, false},
    {"archived", NULL, operation_archived, false},
    {"relatives", NULL, relatives, false},
    {"print", NULL, print, false},
    {"export", NULL, export_all, false},
    {"export-store", NULL, export_store, false},
    {"verify", NULL, verify, false},
    {"diff", NULL, differ, false},
    {"repair", NULL, operation_repair, false},
    {"repair-rows", NULL, operation_repair_rows, false},
    {"repair-pages", NULL, operation_repair_pages, false},
    {"states", NULL, operation_states, false},
    {"snapshots", operation_build_snapshots, NULL, false},
    {"drop-snapshots", operation_drop_snapshots, NULL, false},
    {"snapshotter", operation_follow_with_snapshots, NULL, true},
    {"playback", NULL, operation_play, false},
    {"project", NULL, operation_project, false},
    {"images", operation_project_snapshots, NULL, false},
    {"save-points", operation_save_points, NULL, false},
    {"copy", NULL, operation_copy, false},
    {"fork-at-tick", NULL, operation_fork_at_tick, false},
    {"fork-at-save", NULL, operation_fork_at_save, false},
    {"archive", operation_archive, NULL, true},
    {"join", NULL, operation_join, false},
    {"restore", NULL, operation_restore, false},
    {"describe", operation_describe, NULL, false},
    {"resume", NULL, operation_resume, false},
    {"follow", NULL, operation_follow, false},
    {"index-data", operation_index_data, NULL, true},
    {"sql", NULL, run_sql, false},
};
const size_t operations_count = sizeof operations / sizeof *operations;

void operations_clear(void)
{
    harness_remove(OPERATION_OTHER);
    remove(OPERATION_OTHER "-new");
    remove(OPERATION_STORE "-follow-a-new");
    harness_remove(OPERATION_STORE "-follow-a");
}

/* Appends a tick: a chain of events that continues from tick to tick; an event with an explicit id and a parent outside
 * the store; and a child of this event. */
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

/* Makes a store, and returns its log at tick `ticks`. */
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
            must(eventure_save_point_create(log, tick == 3 ? "early" : "late", tick == 3 ? "a note" : NULL) ==
                     EVENTURE_OK,
                 "%s", eventure_log_message(log));
        must(eventure_log_advance_tick(log) == EVENTURE_OK, "%s", eventure_log_message(log));
    }
    return log;
}

void operations_prepare(void)
{
    char hash[5];
    eventure_type_hash("tick.start", hash);
    snprintf(operation_start_id, sizeof operation_start_id, "2-%s-1", hash);
    operations_clear();
    /* Another history with the same first ticks. */
    eventure_log *log = make_store(OPERATION_OTHER_HISTORY, TICKS / 2);
    must(eventure_log_append(log, "another.end", eventure_no_data(), NULL, NULL) == EVENTURE_OK &&
             eventure_log_close(log) == EVENTURE_OK,
         "cannot prepare");
    /* A third history, whose beginning is archived. */
    log = make_store(OPERATION_REST, TICKS / 2);
    harness_remove(OPERATION_PART);
    must(eventure_log_archive(log, OPERATION_PART, 4, NULL, NULL) == EVENTURE_OK &&
             eventure_log_close(log) == EVENTURE_OK,
         "cannot prepare");
    log = make_store(OPERATION_STORE, TICKS);
    must(eventure_data_index_add(log, "n", "player.*", NULL) == EVENTURE_OK &&
             eventure_snapshot_take(log, &ledger_reducer, &state) == EVENTURE_OK &&
             eventure_log_close(log) == EVENTURE_OK,
         "cannot prepare");
    operations_damage();
}
