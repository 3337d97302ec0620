/*
 * The formats of export: out of memory, a full stream, a log with uncommitted events; and export into a store.
 */
#include <unistd.h>

#include "alloc_fail.h"
#include "history_world.h"

TEST_FIXTURE(open_world, close_world);

#define FORMATS 6
#define PART "part.db"

#define HISTORY                                                                                                        \
    "{\"tick\": 0, \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": {\"k\": \"x\"}, \"event_id\": \"0-EBFC-1\", "      \
    "\"parent_id\": null}\n"                                                                                           \
    "{\"tick\": 0, \"timestamp\": 1e-07, \"type\": \"c\\u0001d\", \"data\": {\"k\": [1]}, \"event_id\": \"o,\\n\", "   \
    "\"parent_id\": \"0-EBFC-1\"}\n"                                                                                   \
    "{\"tick\": 7, \"timestamp\": -0.5, \"type\": \"a.b\", \"data\": {}, \"event_id\": \"7-EBFC-1\", "                 \
    "\"parent_id\": \"o,\\n\"}\n"

static eventure_status export_as(eventure_format format, const eventure_filter *filter, char **out_text)
{
    static const char *const keys[] = {"k", "none"};
    eventure_export_options options = EVENTURE_EXPORT_OPTIONS_INIT;
    options.format = format;
    options.filter = filter;
    if (filter != NULL)
    {
        options.columns = keys;
        options.columns_count = 2;
    }
    sink out;
    sink_open(&out);
    eventure_status status = eventure_store_export(here.reader, out.stream, &options, NULL);
    sink_close(&out);
    *out_text = out.text;
    return status;
}

START_TEST(formats_have_names)
{
    static const char *const names[FORMATS] = {"jsonl", "csv", "cloudevents", "chrome", "dot", "mermaid"};
    for (int i = 0; i < FORMATS; i++)
    {
        eventure_format format = EVENTURE_FORMAT_JSONL;
        expect_ok(NULL, eventure_format_find(names[i], &format));
        ck_assert_int_eq((int)format, i);
    }
    eventure_format format = EVENTURE_FORMAT_CSV;
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_format_find("xml", &format));
    ck_assert_str_eq(eventure_last_message(), "find a format: there is none with the name xml");
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_format_find(NULL, &format));
    ck_assert_str_eq(eventure_last_message(), "find a format: the name or the place for the answer is NULL");
    ck_assert_int_eq((int)format, EVENTURE_FORMAT_CSV);
}
END_TEST

LOOP_TEST(no_memory_is_an_error_in_every_format, FORMATS)
{
    import_text(HISTORY);
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.after_seq = 1;
    char *wanted = NULL;
    expect_ok(NULL, export_as((eventure_format)_i, &filter, &wanted));
    size_t len = strlen(wanted);
    static const char *const keys[] = {"k", "none"};
    eventure_export_options options = EVENTURE_EXPORT_OPTIONS_INIT;
    options.format = (eventure_format)_i;
    options.filter = &filter;
    options.columns = keys;
    options.columns_count = 2;
    int hits = 0;
    bool hit = true;
    for (long n = 1; hit; n++)
    {
        char text[8192] = "";
        FILE *out = fmemopen(text, sizeof text, "w");
        ck_assert_ptr_nonnull(out);
        ck_assert_int_eq(setvbuf(out, NULL, _IONBF, 0), 0);
        alloc_fail_at(n);
        eventure_status status = eventure_store_export(here.reader, out, &options, NULL);
        hit = alloc_fail_stop();
        ck_assert_msg(status == EVENTURE_OK || (hit && status == EVENTURE_ERROR_MEMORY), "allocation %ld: %s: %s", n,
                      eventure_status_name(status), eventure_reader_message(here.reader));
        fclose(out);
        if (status == EVENTURE_OK)
            ck_assert_msg(strncmp(text, wanted, len) == 0, "%s\nis not\n%s", text, wanted);
        hits += status != EVENTURE_OK;
    }
    ck_assert_int_ge(hits, 2);
    free(wanted);
}
END_TEST

LOOP_TEST(a_full_stream_is_an_error_in_every_format, FORMATS)
{
    import_text(HISTORY);
    eventure_export_options options = EVENTURE_EXPORT_OPTIONS_INIT;
    options.format = (eventure_format)_i;
    FILE *full = full_stream();
    expect_status(EVENTURE_ERROR_IO, here.reader, eventure_store_export(here.reader, full, &options, NULL));
    fclose(full);
}
END_TEST

START_TEST(no_memory_for_reading_cloudevents_is_an_error_and_nothing_is_imported)
{
    import_text(HISTORY);
    char *lines = NULL;
    expect_ok(NULL, export_as(EVENTURE_FORMAT_CLOUDEVENTS, NULL, &lines));
    expect_part(lines, "\"escaped\": \"id,type\"");
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.format = EVENTURE_FORMAT_CLOUDEVENTS;
    bool hit = true;
    for (long n = 1; hit; n++)
    {
        close_world();
        open_world();
        FILE *in = scratch_stream(lines, strlen(lines));
        alloc_fail_at(n);
        eventure_status status = eventure_log_import(here.log, in, &options, NULL);
        hit = alloc_fail_stop();
        fclose(in);
        ck_assert_msg(status == EVENTURE_OK || (hit && status == EVENTURE_ERROR_MEMORY), "allocation %ld: %s: %s", n,
                      eventure_status_name(status), eventure_log_message(here.log));
        ck_assert_int_eq(events_in_log(), status == EVENTURE_OK ? 3 : 0);
    }
    char *text = exported();
    ck_assert_str_eq(text, HISTORY);
    free(text);
    free(lines);
}
END_TEST

START_TEST(a_trace_of_a_log_shows_what_is_not_committed)
{
    eventure_event first;
    expect_ok(here.log, eventure_log_append(here.log, "a.b", eventure_no_data(), NULL, &first));
    expect_ok(here.log, eventure_log_append(here.log, "a.c", eventure_no_data(), &first, NULL));
    char *text = NULL;
    expect_ok(NULL, export_as(EVENTURE_FORMAT_CHROME, NULL, &text));
    expect_part(text, "\"name\": \"a.b\"");
    expect_part(text, "\"name\": \"a.c\"");
    expect_part(text, "{\"ph\": \"s\", ");
    free(text);
}
END_TEST

START_TEST(formats_in_the_order_of_time_refuse_a_reverse_filter)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.reverse = true;
    import_text(HISTORY);
    for (int i = 0; i < FORMATS; i++)
    {
        char *text = NULL;
        ck_assert_int_eq(export_as((eventure_format)i, &filter, &text),
                         i < EVENTURE_FORMAT_CHROME ? EVENTURE_OK : EVENTURE_ERROR_ARGUMENT);
        free(text);
    }
    eventure_extract_options options = EVENTURE_EXTRACT_OPTIONS_INIT;
    options.filter = &filter;
    expect_status(EVENTURE_ERROR_ARGUMENT, here.reader, eventure_store_extract(here.reader, PART, &options, NULL));
    ck_assert_int_ne(access(PART, F_OK), 0);
}
END_TEST

START_TEST(an_export_refuses_a_filter_that_leaves_parts_of_the_events_out)
{
    import_text(HISTORY);
    scratch_remove(PART);
    for (int i = 0; i < 3; i++)
    {
        static const char *const names[] = {"without_data", "without_ids", "without_parent_ids"};
        eventure_filter filter = EVENTURE_FILTER_INIT;
        filter.without_data = i == 0;
        filter.without_ids = i == 1;
        filter.without_parent_ids = i == 2;
        char message[100];
        snprintf(message, sizeof message, "export: whole events are written, and the filter has %s", names[i]);
        for (int format = 0; format < FORMATS; format++)
        {
            char *text = NULL;
            ck_assert_int_eq(export_as((eventure_format)format, &filter, &text), EVENTURE_ERROR_ARGUMENT);
            ck_assert_str_eq(eventure_reader_message(here.reader), message);
            ck_assert_str_eq(text, "");
            free(text);
        }
        eventure_extract_options options = EVENTURE_EXTRACT_OPTIONS_INIT;
        options.filter = &filter;
        expect_status(EVENTURE_ERROR_ARGUMENT, here.reader, eventure_store_extract(here.reader, PART, &options, NULL));
        ck_assert_str_eq(eventure_reader_message(here.reader), message);
        ck_assert_int_ne(access(PART, F_OK), 0);
    }
}
END_TEST

START_TEST(a_cascade_in_a_graph_comes_in_the_order_of_time)
{
    import_text(HISTORY);
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.cascade_of = "0-EBFC-1";
    char *text = NULL;
    expect_ok(NULL, export_as(EVENTURE_FORMAT_DOT, &filter, &text));
    expect_part(text, "n1 -> n2;");
    expect_part(text, "n2 -> n3;");
    expect_part(text, "c\\\\u0001d\\no,\\\\u000a");
    free(text);
}
END_TEST

START_TEST(a_format_that_does_not_exist_is_an_error)
{
    char *text = NULL;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, export_as((eventure_format)FORMATS, NULL, &text));
    ck_assert_str_eq(eventure_reader_message(here.reader), "export: there is no format 6");
    free(text);
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.format = EVENTURE_FORMAT_DOT;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, import_bytes("", 0, &options, NULL));
}
END_TEST

static void expect_extracted(const char *wanted)
{
    eventure_reader *reader = NULL;
    sink out;
    expect_ok(NULL, eventure_reader_open(PART, &reader));
    sink_open(&out);
    expect_ok(reader, eventure_store_export(reader, out.stream, NULL, NULL));
    sink_close(&out);
    ck_assert_str_eq(out.text, wanted);
    free(out.text);
    eventure_reader_close(reader);
}

START_TEST(a_store_of_its_own_keeps_ids_and_outside_parents)
{
    import_text(HISTORY);
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.type = "a.b";
    eventure_extract_options options = EVENTURE_EXTRACT_OPTIONS_INIT;
    options.filter = &filter;
    eventure_transfer_counts counts = {0};
    scratch_remove(PART);
    expect_ok(here.reader, eventure_store_extract(here.reader, PART, &options, &counts));
    ck_assert_int_eq(counts.events, 2);
    ck_assert_int_eq(counts.ticks, 2);
    const char *first_end = strchr(HISTORY, '\n');
    const char *third = strstr(HISTORY, "{\"tick\": 7");
    char wanted[1024];
    snprintf(wanted, sizeof wanted, "%.*s%s", (int)(first_end - HISTORY + 1), HISTORY, third);
    expect_extracted(wanted);
    expect_status(EVENTURE_ERROR_EXISTS, here.reader, eventure_store_extract(here.reader, PART, NULL, NULL));
    expect_extracted(wanted);
    options = (eventure_extract_options)EVENTURE_EXTRACT_OPTIONS_INIT;
    options.replace = true;
    expect_ok(here.reader, eventure_store_extract(here.reader, PART, &options, NULL));
    expect_extracted(HISTORY);
    scratch_remove(PART);
}
END_TEST

START_TEST(a_damaged_history_makes_no_store)
{
    import_text(HISTORY);
    scratch_remove(PART);
    ck_assert_ptr_null(
        scratch_sql(SCRATCH_PATH, "DROP TRIGGER events_update; UPDATE events SET tick = 9 WHERE seq = 2"));
    expect_status(EVENTURE_ERROR_TICK, here.reader, eventure_store_extract(here.reader, PART, NULL, NULL));
    expect_part(eventure_reader_message(here.reader), "export: tick 7 goes back: the log is at tick 9");
    ck_assert_int_eq(access(PART, F_OK), -1);
}
END_TEST

START_TEST(a_store_that_was_stopped_leaves_nothing)
{
    import_text(HISTORY);
    watcher stop = {.stop_after = 1};
    eventure_extract_options options = EVENTURE_EXTRACT_OPTIONS_INIT;
    options.progress = watch;
    options.progress_context = &stop;
    eventure_transfer_counts counts = {.events = 7, .ticks = 7};
    scratch_remove(PART);
    expect_status(EVENTURE_ERROR_INTERRUPTED, here.reader,
                  eventure_store_extract(here.reader, PART, &options, &counts));
    ck_assert_int_eq(counts.events, 0);
    ck_assert_int_ne(access(PART, F_OK), 0);
    ck_assert_int_ne(access(PART "-new", F_OK), 0);
}
END_TEST
