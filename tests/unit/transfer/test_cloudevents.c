/*
 * CloudEvents: how they are read; and that a line that is not a CloudEvent is refused with the cause, and changes
 * nothing.
 */
#include "history_world.h"

TEST_FIXTURE(open_world, close_world);

/* An event of another producer, with these members after the required ones. */
#define EVENT(members) "{\"specversion\":\"1.0\",\"id\":\"a-1\",\"source\":\"/x\",\"type\":\"a.b\"" members "}\n"
#define TIME ",\"time\":\"2023-11-14T22:13:20Z\""

/* An event as this library exports it, with these members after the required ones. */
#define OWN(id, type, members)                                                                                         \
    "{\"specversion\":\"1.0\",\"id\":\"" id                                                                            \
    "\",\"source\":\"urn:uuid:01234567-89ab-4def-8123-456789abcdef\",\"type\":"                                        \
    "\"" type "\",\"datacontenttype\":\"application/json\",\"data\":{}" members "}\n"

static eventure_status import_event(const char *text)
{
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.format = EVENTURE_FORMAT_CLOUDEVENTS;
    options.external_parents = true;
    return import_bytes(text, strlen(text), &options, NULL);
}

static void expect_refused(const char *text, eventure_status expected, const char *part)
{
    eventure_status status = import_event(text);
    ck_assert_msg(strstr(eventure_log_message(here.log), part) != NULL, "%s: %s", text, eventure_log_message(here.log));
    ck_assert_int_eq(status, expected);
    ck_assert_int_eq(events_in_log(), 0);
}

static void expect_read(const char *text, const char *line)
{
    eventure_status status = import_event(text);
    ck_assert_msg(status == EVENTURE_OK, "%s: %s", text, eventure_log_message(here.log));
    char *lines = exported();
    ck_assert_str_eq(lines, line);
    free(lines);
}

START_TEST(an_event_of_another_producer_is_read)
{
    expect_read(EVENT(TIME ",\"datacontenttype\":\"application/cloud+json; charset=utf-8\",\"subject\":null,\"tick\":7,"
                           "\"causationid\":\"b\",\"data\":{\"x\":1}"),
                "{\"tick\": 7, \"timestamp\": 1700000000.0, \"type\": \"a.b\", \"data\": {\"x\": 1, \"cloudevent\": "
                "{\"source\": \"/x\", \"datacontenttype\": \"application/cloud+json; charset=utf-8\"}}, \"event_id\": "
                "\"a-1\", \"parent_id\": \"b\"}\n");
}
END_TEST

START_TEST(an_event_without_a_tick_is_of_the_current_one)
{
    expect_ok(here.log, eventure_log_advance_to(here.log, 5));
    expect_read(EVENT(TIME), "{\"tick\": 5, \"timestamp\": 1700000000.0, \"type\": \"a.b\", \"data\": {\"cloudevent\": "
                             "{\"source\": \"/x\"}}, \"event_id\": \"a-1\", \"parent_id\": null}\n");
}
END_TEST

START_TEST(an_own_event_may_have_a_timestamp_instead_of_a_time)
{
    expect_read(OWN("a-1", "a.b", ",\"timestamp\":\"-0.5\",\"tick\":\"1\""),
                "{\"tick\": 1, \"timestamp\": -0.5, \"type\": \"a.b\", \"data\": {}, \"event_id\": \"a-1\", "
                "\"parent_id\": null}\n");
}
END_TEST

START_TEST(escapes_are_resolved_in_the_marked_attributes_of_an_own_event)
{
    expect_read(OWN("a\\\\u0062", "a.\\\\u0062", ",\"escaped\":\"id,type\",\"tick\":\"0\"" TIME),
                "{\"tick\": 0, \"timestamp\": 1700000000.0, \"type\": \"a.b\", \"data\": {}, \"event_id\": \"ab\", "
                "\"parent_id\": null}\n");
}
END_TEST

START_TEST(own_events_that_are_wrong_are_refused)
{
    expect_refused(OWN("a\\\\x", "a.b", ",\"escaped\":\"type,id\",\"tick\":\"0\"" TIME), EVENTURE_ERROR_JSON,
                   "which is not spelled with the escapes of JSON");
    expect_refused(OWN("a", "a.b", ",\"tick\":\"0\",\"timestamp\":\"x\""), EVENTURE_ERROR_JSON,
                   "timestamp is x, not a number as text");
    expect_refused(OWN("a", "a.b", ",\"tick\":\"0\",\"timestamp\":\"true\""), EVENTURE_ERROR_JSON,
                   "not a number as text");
    expect_refused(OWN("a", "a.b", ",\"tick\":\"0\",\"timestamp\":\"1e999\""), EVENTURE_ERROR_JSON,
                   "not a number as text");
}
END_TEST

/* Checks that an event of another producer is exported unchanged, as JSON without white space. */
static void expect_kept(const char *text, const char *back)
{
    eventure_export_options options = EVENTURE_EXPORT_OPTIONS_INIT;
    sink out;
    ck_assert_msg(import_event(text) == EVENTURE_OK, "%s: %s", text, eventure_log_message(here.log));
    sink_open(&out);
    options.format = EVENTURE_FORMAT_CLOUDEVENTS;
    expect_ok(here.reader, eventure_store_export(here.reader, out.stream, &options, NULL));
    sink_close(&out);
    expect_part(out.text, back);
    free(out.text);
}

START_TEST(a_tick_that_is_none_is_kept)
{
    expect_kept(EVENT(TIME ",\"tick\":\"1.5\""), "\"tick\": \"1.5\"");
}
END_TEST

START_TEST(data_that_looks_like_what_is_kept_is_data)
{
    /* The member is not the last one, or has no source, or is not a valid attribute. */
    import_text(
        "{\"tick\": 0, \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": {\"cloudevent\": {\"source\": \"/x\"}, "
        "\"y\": 1}, \"event_id\": \"1\", \"parent_id\": null}\n"
        "{\"tick\": 0, \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": {\"cloudevent\": {\"subject\": \"/x\"}}, "
        "\"event_id\": \"2\", \"parent_id\": null}\n"
        "{\"tick\": 0, \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": {\"cloudevent\": {\"source\": \"/x\", "
        "\"Upper\": 1}}, \"event_id\": \"3\", \"parent_id\": null}\n"
        "{\"tick\": 0, \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": {\"x\": 1, \"cloudevent\": {\"source\": "
        "\"/x\", \"data\": 1}}, \"event_id\": \"4\", \"parent_id\": null}\n");
    char *before = exported();
    eventure_export_options options = EVENTURE_EXPORT_OPTIONS_INIT;
    sink out;
    sink_open(&out);
    options.format = EVENTURE_FORMAT_CLOUDEVENTS;
    expect_ok(here.reader, eventure_store_export(here.reader, out.stream, &options, NULL));
    sink_close(&out);
    ck_assert_ptr_null(strstr(out.text, "\"source\": \"/x\", \"tick\""));
    close_world();
    open_world();
    expect_read(out.text, before);
    free(out.text);
    free(before);
}
END_TEST

START_TEST(what_is_not_an_envelope_is_refused)
{
    expect_refused("[1]\n", EVENTURE_ERROR_JSON, "not a JSON object: 1");
    expect_refused("{\"id\":\"a\",\"source\":\"/x\",\"type\":\"a.b\"}\n", EVENTURE_ERROR_JSON,
                   "\"specversion\" is missing");
    expect_refused(EVENT(TIME ",\"id\":\"again\""), EVENTURE_ERROR_JSON, "\"id\" is given twice");
    expect_refused("{\"specversion\":\"0.3\",\"id\":\"a\",\"source\":\"/x\",\"type\":\"a.b\"}\n", EVENTURE_ERROR_JSON,
                   "specversion is \"0.3\", and only \"1.0\" is known");
    expect_refused("{\"specversion\":\"1.01\",\"id\":\"a\",\"source\":\"/x\",\"type\":\"a.b\"}\n", EVENTURE_ERROR_JSON,
                   "specversion is \"1.01\"");
}
END_TEST

START_TEST(attributes_of_another_kind_are_refused)
{
    expect_refused("{\"specversion\":\"1.0\",\"id\":7,\"source\":\"/x\",\"type\":\"a.b\"}\n", EVENTURE_ERROR_JSON,
                   "id is 7, not a string");
    expect_refused("{\"specversion\":\"1.0\",\"id\":\"a\",\"source\":\"\",\"type\":\"a.b\"}\n", EVENTURE_ERROR_JSON,
                   "source is empty");
    expect_refused("{\"specversion\":\"1.0\",\"id\":\"a\\u0000b\",\"source\":\"/x\",\"type\":\"a.b\"" TIME "}\n",
                   EVENTURE_ERROR_JSON, "which contains a NUL");
    expect_refused("{\"specversion\":\"1.0\",\"id\":\"a\",\"source\":\"/x\",\"type\":\"\\u0001\"" TIME
                   ",\"data\":{\"x\":"
                   "\"\\ud800\"}}\n",
                   EVENTURE_ERROR_JSON, "");
}
END_TEST

START_TEST(times_that_are_none_are_refused)
{
    static const char *const wrong[] = {"2023-11-14",
                                        "2023-11-14T22:13:20",
                                        "2023-13-14T22:13:20Z",
                                        "2023-02-29T22:13:20Z",
                                        "2023-11-00T22:13:20Z",
                                        "2023-11-14T24:13:20Z",
                                        "2023-11-14T22:60:20Z",
                                        "2023-11-14T22:13:61Z",
                                        "2023-11-14X22:13:20Z",
                                        "2023-11-14T22:13:20.Z",
                                        "2023-11-14T22:13:20+24:00",
                                        "2023-11-14T22:13:20+01:60",
                                        "2023-11-14T22:13:20X",
                                        "2023-11-14T22:13:20*01:00",
                                        "2023-11-14T22:13:20+0100",
                                        "2023-11-14T22:13:20+0a:00",
                                        "2023-11-14T2a:13:20Z",
                                        "x023-11-14T22:13:20Z",
                                        "2023/11-14T22:13:20Z",
                                        "2023-11-14T22:13-20Z",
                                        "2023-11-14T22:13:20+01:0a"};
    char text[256];
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
    {
        snprintf(text, sizeof text, EVENT(",\"time\":\"%s\""), wrong[i]);
        expect_refused(text, EVENTURE_ERROR_JSON, "not a date and time of RFC 3339");
    }
}
END_TEST

START_TEST(what_is_too_long_is_refused)
{
    expect_ok(NULL, eventure_log_close(here.log));
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.max_data_bytes = 40;
    options.max_depth = 2;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &here.log));
    here.reader = eventure_log_reader(here.log);
    expect_refused(EVENT(TIME ",\"data\":{\"abc\":1234}"), EVENTURE_ERROR_LIMIT,
                   "data is 41 bytes long; the limit max_data_bytes is 40");
    expect_refused(EVENT(TIME ",\"data\":{\"a\":[[]]}"), EVENTURE_ERROR_LIMIT,
                   "data is nested deeper than max_depth, which is 2");
}
END_TEST

START_TEST(what_was_exported_comes_back)
{
    static const char history[] =
        "{\"tick\": 0, \"timestamp\": 1700000000.25, \"type\": \"a.b\", \"data\": {\"x\": [1, {}]}, \"event_id\": "
        "\"0-EBFC-1\", \"parent_id\": null}\n"
        "{\"tick\": 3, \"timestamp\": -1e+22, \"type\": \"a\\u0001b\", \"data\": {}, \"event_id\": "
        "\"tab\\tnel\\u0085\", "
        "\"parent_id\": \"0-EBFC-1\"}\n"
        "{\"tick\": 3, \"timestamp\": 5e-324, \"type\": \"non\\ufdd0char\\ufffe\", \"data\": {}, \"event_id\": "
        "\"\\u00e9\", \"parent_id\": \"tab\\tnel\\u0085\"}\n";
    eventure_export_options options = EVENTURE_EXPORT_OPTIONS_INIT;
    sink out;
    import_text(history);
    sink_open(&out);
    options.format = EVENTURE_FORMAT_CLOUDEVENTS;
    expect_ok(here.reader, eventure_store_export(here.reader, out.stream, &options, NULL));
    sink_close(&out);
    close_world();
    open_world();
    expect_read(out.text, history);
    free(out.text);
}
END_TEST
