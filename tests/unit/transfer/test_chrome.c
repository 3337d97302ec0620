/*
 * Export as a Chrome trace: its bytes, by timestamp and by tick.
 */
#include "history_world.h"

TEST_FIXTURE(open_world, close_world);

static eventure_export_options options;

static char *trace(void)
{
    sink out;
    sink_open(&out);
    options.format = EVENTURE_FORMAT_CHROME;
    expect_ok(here.reader, eventure_store_export(here.reader, out.stream, &options, NULL));
    sink_close(&out);
    return out.text;
}

static void expect(const char *expected)
{
    char *text = trace();
    ck_assert_str_eq(text, expected);
    free(text);
}

#define BEGIN                                                                                                          \
    "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [\n{\"ph\": \"M\", \"pid\": 1, \"name\": \"process_name\", "       \
    "\"args\": {\"name\": \"eventure"
#define TRACK(number, name)                                                                                            \
    ",\n{\"ph\": \"M\", \"pid\": 1, \"tid\": " number ", \"name\": \"thread_name\", \"args\": {\"name\": \"" name      \
    "\"}},\n{\"ph\": \"M\", \"pid\": 1, \"tid\": " number                                                              \
    ", \"name\": \"thread_sort_index\", \"args\": {\"sort_index\": " number "}}"

/* The line of an event that the tests import. */
#define LINE(tick, timestamp, type, data, id, parent)                                                                  \
    "{\"tick\": " tick ", \"timestamp\": " timestamp ", \"type\": \"" type "\", \"data\": " data                       \
    ", \"event_id\": \"" id "\", \"parent_id\": " parent "}\n"

START_TEST(by_timestamp_slices_begin_at_the_times_of_their_events)
{
    import_text(LINE("0", "1.5", "a.b", "{}", "x", "null") LINE("0", "2.25", "c", "{\"k\": [1]}", "y", "\"x\"")
                    LINE("1", "3.0", "a.c", "{}", "z", "\"y\""));
    options = (eventure_export_options)EVENTURE_EXPORT_OPTIONS_INIT;
    expect(BEGIN "\"}}" TRACK(
        "1",
        "a") ",\n{\"ph\": \"X\", \"name\": \"a.b\", \"cat\": \"a\", \"pid\": 1, \"tid\": 1, \"ts\": 1500000.000, "
             "\"dur\": 0.001, \"args\": {\"id\": \"x\", \"tick\": 0, \"timestamp\": 1.5, \"data\": {}}}" TRACK(
                 "2",
                 "c") ",\n{\"ph\": \"X\", \"name\": \"c\", \"cat\": \"c\", \"pid\": 1, \"tid\": 2, \"ts\": "
                      "2250000.000, \"dur\": 0.001, \"args\": "
                      "{\"id\": \"y\", \"tick\": 0, \"timestamp\": 2.25, \"parent_id\": \"x\", \"data\": {\"k\": [1]}}}"
                      ",\n{\"ph\": \"s\", \"name\": \"cause\", \"cat\": \"cause\", \"id\": 2, \"pid\": 1, \"tid\": 1, "
                      "\"ts\": 1500000.000}"
                      ",\n{\"ph\": \"f\", \"bp\": \"e\", \"name\": \"cause\", \"cat\": \"cause\", \"id\": 2, \"pid\": "
                      "1, \"tid\": 2, \"ts\": 2250000.000}"
                      ",\n{\"ph\": \"X\", \"name\": \"a.c\", \"cat\": \"a\", \"pid\": 1, \"tid\": 1, \"ts\": "
                      "3000000.000, \"dur\": 0.001, \"args\": "
                      "{\"id\": \"z\", \"tick\": 1, \"timestamp\": 3.0, \"parent_id\": \"y\", \"data\": {}}}"
                      ",\n{\"ph\": \"s\", \"name\": \"cause\", \"cat\": \"cause\", \"id\": 3, \"pid\": 1, \"tid\": 2, "
                      "\"ts\": 2250000.000}"
                      ",\n{\"ph\": \"f\", \"bp\": \"e\", \"name\": \"cause\", \"cat\": \"cause\", \"id\": 3, \"pid\": "
                      "1, \"tid\": 1, \"ts\": 3000000.000}"
                      "\n]}\n");
}
END_TEST

START_TEST(by_tick_the_events_of_a_tick_share_a_millisecond)
{
    import_text(LINE("0", "1.5", "a", "{}", "x", "null") LINE("0", "1.5", "a", "{}", "y", "null")
                    LINE("0", "1.5", "a", "{}", "z", "null") LINE("12", "1.5", "a", "{}", "w", "null"));
    options = (eventure_export_options)EVENTURE_EXPORT_OPTIONS_INIT;
    options.trace_clock = EVENTURE_TRACE_BY_TICK;
    expect(BEGIN ": 1 tick = 1 ms\"}}" TRACK(
        "1",
        "a") ",\n{\"ph\": \"X\", \"name\": \"a\", \"cat\": \"a\", \"pid\": 1, \"tid\": 1, \"ts\": 0.000, "
             "\"dur\": 333.333, \"args\": {\"id\": \"x\", \"tick\": 0, \"timestamp\": 1.5, \"data\": {}}}"
             ",\n{\"ph\": \"X\", \"name\": \"a\", \"cat\": \"a\", \"pid\": 1, \"tid\": 1, \"ts\": 333.333, "
             "\"dur\": 333.333, \"args\": {\"id\": \"y\", \"tick\": 0, \"timestamp\": 1.5, \"data\": {}}}"
             ",\n{\"ph\": \"X\", \"name\": \"a\", \"cat\": \"a\", \"pid\": 1, \"tid\": 1, \"ts\": 666.666, "
             "\"dur\": 333.333, \"args\": {\"id\": \"z\", \"tick\": 0, \"timestamp\": 1.5, \"data\": {}}}"
             ",\n{\"ph\": \"X\", \"name\": \"a\", \"cat\": \"a\", \"pid\": 1, \"tid\": 1, \"ts\": 12000.000, "
             "\"dur\": 1000.000, \"args\": {\"id\": \"w\", \"tick\": 12, \"timestamp\": 1.5, \"data\": {}}}\n]}\n");
}
END_TEST

static void expect_in_trace(const char *part)
{
    char *text = trace();
    expect_part(text, part);
    free(text);
}

START_TEST(by_tick_times_have_three_digits_of_microseconds)
{
    /* 999 events in tick 3: 1001 ns each. */
    eventure_event event;
    expect_ok(here.log, eventure_log_advance_to(here.log, 3));
    for (int i = 0; i < 999; i++)
        expect_ok(here.log, eventure_log_append(here.log, "a", eventure_no_data(), NULL, &event));
    options = (eventure_export_options)EVENTURE_EXPORT_OPTIONS_INIT;
    options.trace_clock = EVENTURE_TRACE_BY_TICK;
    char *text = trace();
    static const char *const times[] = {"\"ts\": 3000.000, \"dur\": 1.001,",
                                        "\"ts\": 3001.001,",
                                        "\"ts\": 3009.009,",
                                        "\"ts\": 3010.010,",
                                        "\"ts\": 3099.099,",
                                        "\"ts\": 3100.100,",
                                        "\"ts\": 3998.998,"};
    for (size_t i = 0; i < COUNT_OF(times); i++)
        expect_part(text, times[i]);
    free(text);
}
END_TEST

START_TEST(times_are_exact_to_the_nanosecond)
{
    static const struct
    {
        const char *timestamp;
        const char *ts;
    } times[] = {{"0.0", "\"ts\": 0.000,"},
                 {"1e-09", "\"ts\": 0.001,"},
                 {"4e-10", "\"ts\": 0.000,"},
                 {"-0.25", "\"ts\": -250000.000,"},
                 {"-2.0", "\"ts\": -2000000.000,"},
                 {"0.999999999", "\"ts\": 999999.999,"},
                 {"1.9999999999", "\"ts\": 2000000.000,"},
                 {"1700000000.25", "\"ts\": 1700000000250000.000,"},
                 {"8999999999999.0", "\"ts\": 8999999999999000000.000,"},
                 {"9000000000000.0", "\"ts\": 9e+18,"},
                 {"-9000000000000.0", "\"ts\": -9e+18,"},
                 {"1e+22", "\"ts\": 1e+28,"}};
    char lines[4000] = "";
    options = (eventure_export_options)EVENTURE_EXPORT_OPTIONS_INIT;
    for (size_t i = 0; i < COUNT_OF(times); i++)
        snprintf(lines + strlen(lines), sizeof lines - strlen(lines), LINE("0", "%s", "a", "{}", "x%zu", "null"),
                 times[i].timestamp, i);
    import_text(lines);
    char *text = trace();
    const char *at = text;
    for (size_t i = 0; i < COUNT_OF(times); i++)
    {
        at = strstr(at, "\"ts\": ");
        ck_assert_msg(at != NULL && strncmp(at, times[i].ts, strlen(times[i].ts)) == 0, "%s: %.30s", times[i].timestamp,
                      at);
        at++;
    }
    free(text);
}
END_TEST

START_TEST(a_duration_is_that_of_the_path_or_of_an_imported_trace)
{
    import_text(LINE("0", "1.0", "a", "{\"took\": {\"s\": 2.5}, \"trace\": {\"dur\": 12.50}}", "u", "null")
                    LINE("0", "1.0", "b", "{\"took\": {\"s\": -1}, \"trace\": {\"dur\": 7}}", "v", "null")
                        LINE("0", "1.0", "c", "{\"took\": {\"s\": \"2\"}, \"trace\": {\"dur\": true}}", "w", "null")
                            LINE("0", "1.0", "d", "{\"took\": {\"s\": 0}}", "x", "null")
                                LINE("0", "1.0", "e", "{\"took\": {\"s\": 9.0}}", "y", "null"));
    static const char *const kept[] = {"12.50", "7", "0.001", "0.001", "0.001"};
    static const char *const named[] = {"2500000.000", "7", "0.001", "0.000", "9000000.000"};
    char part[200];
    for (int round = 0; round < 3; round++)
    {
        options = (eventure_export_options)EVENTURE_EXPORT_OPTIONS_INIT;
        options.trace_duration = round == 1 ? "took.s" : NULL;
        options.trace_clock = round == 2 ? EVENTURE_TRACE_BY_TICK : EVENTURE_TRACE_BY_TIMESTAMP;
        for (int i = 0; i < 5; i++)
        {
            snprintf(part, sizeof part, "\"dur\": %s, \"args\": {\"id\": \"%c\"",
                     round == 2   ? "200.000"
                     : round == 1 ? named[i]
                                  : kept[i],
                     'u' + i);
            expect_in_trace(part);
        }
    }
}
END_TEST

START_TEST(a_part_has_arrows_between_its_events_only)
{
    import_text(LINE("0", "1.0", "a", "{}", "x", "null") LINE("1", "1.0", "a", "{}", "y", "\"x\"")
                    LINE("2", "1.0", "b", "{}", "z", "\"y\""));
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.tick_min = 1;
    options = (eventure_export_options)EVENTURE_EXPORT_OPTIONS_INIT;
    options.filter = &filter;
    char *text = trace();
    ck_assert_ptr_null(strstr(text, "\"cause\", \"id\": 2,"));
    const char *arrow = strstr(text, "\"ph\": \"s\"");
    ck_assert_ptr_nonnull(arrow);
    expect_part(arrow, "\"cause\", \"id\": 3,");
    ck_assert_ptr_null(strstr(arrow + 1, "\"ph\": \"s\""));
    free(text);
}
END_TEST

START_TEST(a_parent_outside_of_the_store_has_no_arrow)
{
    const char *line = line_of(0, "a", "{}", "x", "\"far\"");
    eventure_import_options import = EVENTURE_IMPORT_OPTIONS_INIT;
    import.external_parents = true;
    expect_ok(here.log, import_bytes(line, strlen(line), &import, NULL));
    options = (eventure_export_options)EVENTURE_EXPORT_OPTIONS_INIT;
    char *text = trace();
    expect_part(text, "\"parent_id\": \"far\"");
    ck_assert_ptr_null(strstr(text, "\"ph\": \"s\""));
    free(text);
}
END_TEST

START_TEST(the_record_of_the_run_is_the_metadata)
{
    eventure_data data = eventure_json("{\"seed\": 7}");
    expect_ok(here.log, eventure_log_describe(here.log, data));
    options = (eventure_export_options)EVENTURE_EXPORT_OPTIONS_INIT;
    expect(BEGIN "\"}}\n], \"otherData\": {\"seed\":7}}\n");
}
END_TEST

START_TEST(a_clock_that_does_not_exist_is_an_error)
{
    for (int clock = -1; clock <= 2; clock++)
    {
        sink out;
        char message[100];
        sink_open(&out);
        options = (eventure_export_options)EVENTURE_EXPORT_OPTIONS_INIT;
        options.format = EVENTURE_FORMAT_CHROME;
        options.trace_clock = (eventure_trace_clock)clock;
        const bool exists = clock == 0 || clock == 1;
        expect_status(exists ? EVENTURE_OK : EVENTURE_ERROR_ARGUMENT, here.reader,
                      eventure_store_export(here.reader, out.stream, &options, NULL));
        snprintf(message, sizeof message, "export: there is no clock %d for traces", clock);
        if (!exists)
            ck_assert_str_eq(eventure_reader_message(here.reader), message);
        sink_close(&out);
        free(out.text);
    }
}
END_TEST
