/*
 * Export: the lines of the reference, from one read transaction, into a stream that may fail.
 */
#include "alloc_fail.h"
#include "history_world.h"

TEST_FIXTURE(open_world, close_world);

#define HISTORY                                                                                                        \
    "{\"tick\": 0, \"timestamp\": 1700000000.0000255, \"type\": \"a.b\", \"data\": {}, \"event_id\": \"0-EBFC-1\", "   \
    "\"parent_id\": null}\n"                                                                                           \
    "{\"tick\": 0, \"timestamp\": 1.0, \"type\": \"c.d\", \"data\": {\"n\": 9007199254740993, \"x\": 1e22, \"s\": "    \
    "\"\\u00e9\\ud83d\\udc09\", \"a\": [1, {\"k\": null}]}, \"event_id\": \"other\", \"parent_id\": \"0-EBFC-1\"}\n"   \
    "{\"tick\": 7, \"timestamp\": -0.5, \"type\": \"a.b\", \"data\": {\"z\": true, \"a\": false}, \"event_id\": "      \
    "\"7-EBFC-1\", \"parent_id\": \"other\"}\n"

static char *export_of(eventure_reader *reader, const eventure_filter *filter, eventure_transfer_counts *out_counts)
{
    eventure_export_options options = EVENTURE_EXPORT_OPTIONS_INIT;
    options.filter = filter;
    sink out;
    sink_open(&out);
    expect_ok(reader, eventure_store_export(reader, out.stream, &options, out_counts));
    sink_close(&out);
    return out.text;
}

START_TEST(what_the_reference_saved_comes_back_byte_for_byte)
{
    import_text(HISTORY);
    char *text = exported();
    ck_assert_str_eq(text, HISTORY);
    free(text);
}
END_TEST

START_TEST(another_spelling_comes_back_in_the_spelling_of_the_reference)
{
    import_text(
        "\t{\"parent_id\":null,\"data\" : {\"\\u0061\":\"\\/\\u00E9\"},\"event_id\":\"\\u0078\",\"type\":\"a.b\","
        "\"timestamp\":15e-1,\"tick\":2.0} \r\n");
    char *text = exported();
    ck_assert_str_eq(text, "{\"tick\": 2, \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": {\"a\": \"/\\u00e9\"}, "
                           "\"event_id\": \"x\", \"parent_id\": null}\n");
    free(text);
}
END_TEST

START_TEST(a_parent_outside_the_store_comes_back)
{
    const char *line = line_of(3, "a.b", "{}", "x", "\"elsewhere-7\"");
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.external_parents = true;
    expect_ok(NULL, import_bytes(line, strlen(line), &options, NULL));
    char *text = exported();
    ck_assert_str_eq(text, line);
    free(text);
}
END_TEST

START_TEST(an_empty_store_exports_nothing)
{
    eventure_transfer_counts counts = {.events = 7, .ticks = 7};
    char *text = export_of(here.reader, NULL, &counts);
    ck_assert_str_eq(text, "");
    ck_assert_int_eq(counts.events, 0);
    ck_assert_int_eq(counts.ticks, 0);
    free(text);
}
END_TEST

START_TEST(a_filter_says_which_events)
{
    import_text(HISTORY);
    eventure_transfer_counts counts;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.type = "a.*";
    char *text = export_of(here.reader, &filter, &counts);
    const char *second = strstr(HISTORY, "{\"tick\": 0, \"timestamp\": 1.0");
    const char *third = strstr(HISTORY, "{\"tick\": 7");
    char expected[1024];
    snprintf(expected, sizeof expected, "%.*s%s", (int)(second - HISTORY), HISTORY, third);
    ck_assert_str_eq(text, expected);
    ck_assert_int_eq(counts.events, 2);
    ck_assert_int_eq(counts.ticks, 2);
    free(text);
    filter.type = "a.*b";
    FILE *full = full_stream();
    eventure_export_options options = EVENTURE_EXPORT_OPTIONS_INIT;
    options.filter = &filter;
    expect_status(EVENTURE_ERROR_ARGUMENT, here.reader, eventure_store_export(here.reader, full, &options, &counts));
    ck_assert_int_eq(counts.events, 0);
    fclose(full);
}
END_TEST

START_TEST(different_ticks_are_counted_in_every_order)
{
    enum
    {
        PAIRS = 500
    };
    eventure_event *root = NULL;
    eventure_event event;
    expect_ok(here.log, eventure_log_append(here.log, "a.b", eventure_no_data(), NULL, &event));
    expect_ok(NULL, eventure_event_copy(&event, &root));
    for (int i = 0; i < PAIRS; i++)
    {
        expect_ok(here.log, eventure_log_advance_tick(here.log));
        expect_ok(here.log, eventure_log_append(here.log, "a.b", eventure_no_data(), root, &event));
        expect_ok(here.log, eventure_log_append(here.log, "a.b", eventure_no_data(), &event, NULL));
    }
    const eventure_order orders[] = {EVENTURE_ORDER_DEFAULT, EVENTURE_ORDER_APPEND, EVENTURE_ORDER_BREADTH_FIRST,
                                     EVENTURE_ORDER_ID};
    for (size_t i = 0; i < 2 * COUNT_OF(orders); i++)
    {
        eventure_transfer_counts counts;
        eventure_filter filter = EVENTURE_FILTER_INIT;
        filter.cascade_of = root->id;
        filter.order = orders[i / 2];
        filter.reverse = i % 2 == 1;
        free(export_of(here.reader, &filter, &counts));
        ck_assert_int_eq(counts.events, 2 * PAIRS + 1);
        ck_assert_int_eq(counts.ticks, PAIRS + 1);
    }
    eventure_event_free(root);
}
END_TEST

START_TEST(a_stream_that_cannot_be_written_is_an_error)
{
    import_text(HISTORY);
    FILE *full = full_stream();
    expect_status(EVENTURE_ERROR_IO, here.reader, eventure_store_export(here.reader, full, NULL, NULL));
    ck_assert_str_eq(eventure_reader_message(here.reader),
                     "export: cannot write after 3 events: No space left on device");
    fclose(full);
    char *text = exported();
    ck_assert_str_eq(text, HISTORY);
    free(text);
}
END_TEST

START_TEST(a_stream_that_fills_up_ends_the_export_there)
{
    watcher self = {0};
    eventure_export_options options = EVENTURE_EXPORT_OPTIONS_INIT;
    options.progress = watch;
    options.progress_context = &self;
    for (int i = 0; i < 10000; i++)
        expect_ok(here.log, eventure_log_append(here.log, "a.b", eventure_no_data(), NULL, NULL));
    FILE *full = full_stream();
    expect_status(EVENTURE_ERROR_IO, here.reader, eventure_store_export(here.reader, full, &options, NULL));
    ck_assert_int_eq(self.calls, 0); /* it did not continue to the first report of progress */
    fclose(full);
}
END_TEST

START_TEST(progress_is_reported_and_can_stop_an_export)
{
    watcher self = {0};
    eventure_transfer_counts counts;
    eventure_export_options options = EVENTURE_EXPORT_OPTIONS_INIT;
    options.progress = watch;
    options.progress_context = &self;
    for (int i = 0; i < 10000; i++)
        expect_ok(here.log, eventure_log_append(here.log, "a.b", eventure_no_data(), NULL, NULL));
    sink out;
    sink_open(&out);
    expect_ok(here.reader, eventure_store_export(here.reader, out.stream, &options, &counts));
    ck_assert_int_eq(self.calls, 3);
    ck_assert_int_eq(self.last.done, 10000);
    ck_assert_int_eq(self.last.total, 10000);
    ck_assert_int_eq(counts.events, 10000);
    ck_assert_int_eq(counts.ticks, 1);
    self = (watcher){.stop_after = 2};
    expect_status(EVENTURE_ERROR_INTERRUPTED, here.reader,
                  eventure_store_export(here.reader, out.stream, &options, &counts));
    ck_assert_str_eq(eventure_reader_message(here.reader),
                     "export: stopped by the progress callback after 8192 events");
    ck_assert_int_eq(counts.events, 8192);
    sink_close(&out);
    free(out.text);
}
END_TEST

/* Continues to write while a reader reads. */
static int append_meanwhile(const eventure_progress *progress, void *context)
{
    int *appended = context;
    (void)progress;
    expect_ok(here.log, eventure_log_append(here.log, "late.b", eventure_no_data(), NULL, NULL));
    expect_ok(here.log, eventure_log_advance_tick(here.log));
    ++*appended;
    return 0;
}

START_TEST(an_export_is_one_moment_whatever_is_written_meanwhile)
{
    int appended = 0;
    eventure_reader *reader = NULL;
    eventure_export_options options = EVENTURE_EXPORT_OPTIONS_INIT;
    for (int i = 0; i < 10000; i++)
        expect_ok(here.log, eventure_log_append(here.log, "a.b", eventure_no_data(), NULL, NULL));
    expect_ok(here.log, eventure_log_advance_tick(here.log));
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    char *before = export_of(reader, NULL, NULL);
    options.progress = append_meanwhile;
    options.progress_context = &appended;
    sink out;
    sink_open(&out);
    expect_ok(reader, eventure_store_export(reader, out.stream, &options, NULL));
    sink_close(&out);
    ck_assert_int_ge(appended, 2);
    ck_assert_str_eq(out.text, before);
    char *after = export_of(reader, NULL, NULL);
    expect_part(after, "late.b");
    eventure_reader_close(reader);
    free(before);
    free(out.text);
    free(after);
}
END_TEST

START_TEST(no_memory_is_an_error)
{
    import_text(HISTORY);
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.cascade_of = "0-EBFC-1"; /* breadth-first: the export keeps the ticks in memory */
    eventure_export_options options = EVENTURE_EXPORT_OPTIONS_INIT;
    options.filter = &filter;
    char text[sizeof HISTORY];
    bool hit = true;
    int hits = 0;
    for (long n = 1; hit; n++)
    {
        FILE *out = fmemopen(text, sizeof text, "w");
        ck_assert_ptr_nonnull(out);
        ck_assert_int_eq(setvbuf(out, NULL, _IONBF, 0), 0); /* no allocation by the stream */
        alloc_fail_at(n);
        const eventure_status status = eventure_store_export(here.reader, out, &options, NULL);
        hit = alloc_fail_stop();
        /* When only caching a statement fails, the call succeeds. */
        ck_assert_msg(status == EVENTURE_OK || (hit && status == EVENTURE_ERROR_MEMORY), "allocation %ld: %s: %s", n,
                      eventure_status_name(status), eventure_reader_message(here.reader));
        fclose(out);
        if (status == EVENTURE_OK)
            ck_assert_str_eq(text, HISTORY);
        hits += status != EVENTURE_OK;
    }
    ck_assert_int_ge(hits, 3);
}
END_TEST

START_TEST(what_is_missing_in_a_call_is_an_error)
{
    eventure_export_options zero;
    memset(&zero, 0, sizeof zero);
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_store_export(NULL, stdout, NULL, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, here.reader, eventure_store_export(here.reader, NULL, NULL, NULL));
    ck_assert_str_eq(eventure_reader_message(here.reader), "export: neither a stream nor a callback is given");
    expect_status(EVENTURE_ERROR_ARGUMENT, here.reader, eventure_store_export(here.reader, stdout, &zero, NULL));
    ck_assert_str_eq(
        eventure_reader_message(here.reader),
        "export: the eventure_export_options was not initialised: its size is 0; begin with its _INIT macro or with "
        "eventure_export_options_init");
}
END_TEST

static int answer_with(const void *bytes, size_t len, void *context)
{
    (void)bytes;
    (void)len;
    return *(const int *)context;
}

START_TEST(a_negative_value_of_the_callback_is_returned_and_a_positive_one_is_an_error)
{
    static const int answers[] = {EVENTURE_ERROR_INTERRUPTED, -99, 7, EVENTURE_ROW};
    import_text(HISTORY);
    for (size_t i = 0; i < COUNT_OF(answers); i++)
    {
        int answer = answers[i];
        char message[100];
        eventure_export_options options = EVENTURE_EXPORT_OPTIONS_INIT;
        options.write = answer_with;
        options.write_sink = &answer;
        ck_assert_int_eq(eventure_store_export(here.reader, NULL, &options, NULL),
                         answer < 0 ? answer : EVENTURE_ERROR_HANDLER);
        snprintf(message, sizeof message, "export: the callback that writes returned %d after 3 events", answer);
        ck_assert_str_eq(eventure_reader_message(here.reader), message);
    }
}
END_TEST
