/*
 * Reading one CloudEvent: the event that it becomes, what is kept of an event of another producer, and what is refused.
 */
#include "source_world.h"

TEST_FIXTURE(source_begin, NULL);

static void expect(const char *text, const char *expected)
{
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    source_expect(eventure__source_cloudevents, &options, text, expected);
}

/* An event of another producer, with these members after the required ones. */
#define EVENT(members) "{\"specversion\":\"1.0\",\"id\":\"i\",\"source\":\"/x\",\"type\":\"t\"" members "}"

/* Expects that an event of another producer with these members becomes an event without a time and a tick, with this
   data. */
static void expect_data(const char *members, const char *data)
{
    char text[1000];
    char expected[1000];
    snprintf(text, sizeof text, EVENT("%s"), members);
    snprintf(expected, sizeof expected, "1: t i %s\n", data);
    expect(text, expected);
}

#define KEPT(members) "{\"cloudevent\":{\"source\":\"/x\"" members ",\"time\":null}}"

START_TEST(attributes_without_an_equivalent_are_kept)
{
    expect_data("", KEPT(""));
    expect_data(
        ",\"subject\":\"s\",\"dataschema\":\"d\",\"datacontenttype\":\"c\",\"x1\":1,\"y\":true,\"z\":\"\"",
        KEPT(",\"subject\":\"s\",\"dataschema\":\"d\",\"datacontenttype\":\"c\",\"x1\":1,\"y\":true,\"z\":\"\""));
    expect_data(",\"subject\":null,\"x\":null", KEPT(""));
    expect_data(",\"timestamp\":\"1\",\"escaped\":\"id\"", KEPT(",\"timestamp\":\"1\",\"escaped\":\"id\""));
    expect_data(",\"n\":-2147483648,\"m\":2147483647", KEPT(",\"n\":-2147483648,\"m\":2147483647"));
}
END_TEST

START_TEST(events_follow_each_other)
{
    expect("[" EVENT(",\"data\":{\"a\":1}") "," EVENT("") "]\n" EVENT(",\"data\":{\"b\":2}") EVENT(",\"data\":3"),
           "1: t i {\"a\":1,\"cloudevent\":{\"source\":\"/x\",\"time\":null}}\n1: t i " KEPT(
               "") "\n"
                   "2: t i {\"b\":2,\"cloudevent\":{\"source\":\"/x\",\"time\":null}}\n"
                   "2: t i "
                   "{\"cloudevent\":{\"source\":\"/x\",\"time\":null,\"data\":3}}\n");
}
END_TEST

START_TEST(data_is_that_of_the_event_or_kept)
{
    expect_data(",\"data\":{\"a\":1}", "{\"a\":1,\"cloudevent\":{\"source\":\"/x\",\"time\":null}}");
    expect_data(",\"data\":{}", "{\"cloudevent\":{\"source\":\"/x\",\"time\":null,\"data\":{}}}");
    expect_data(",\"data\":null", "{\"cloudevent\":{\"source\":\"/x\",\"time\":null,\"data\":null}}");
    expect_data(",\"data\":[1]", "{\"cloudevent\":{\"source\":\"/x\",\"time\":null,\"data\":[1]}}");
    expect_data(",\"data\":{\"cloudevent\":1}",
                "{\"cloudevent\":{\"source\":\"/x\",\"time\":null,\"data\":{\"cloudevent\":1}}}");
    expect_data(",\"data_base64\":\"\"", "{\"cloudevent\":{\"source\":\"/x\",\"time\":null,\"data_base64\":\"\"}}");
    expect_data(",\"data_base64\":\"AA==\",\"z\":1",
                "{\"cloudevent\":{\"source\":\"/x\",\"z\":1,\"time\":null,\"data_base64\":\"AA==\"}}");
    expect_data(",\"data_base64\":null,\"data\":7", "{\"cloudevent\":{\"source\":\"/x\",\"time\":null,\"data\":7}}");
}
END_TEST

START_TEST(a_time_is_kept_when_the_timestamp_cannot_say_it)
{
    expect(EVENT(",\"time\":\"1970-01-01T00:00:01.5Z\""), "1: time 1.5, t i {\"cloudevent\":{\"source\":\"/x\"}}\n");
    static const struct
    {
        const char *text;
        const char *time;
    } kept[] = {{"1970-01-01T01:00:01+01:00", "1"},
                {"1970-01-01T00:00:01.0Z", "1"},
                {"1970-01-01t00:00:01Z", "1"},
                {"1970-01-01T00:00:01.50Z", "1.5"},
                {"1969-12-31T23:59:59Z", "-1"}};
    char text[300];
    char expected[300];
    for (size_t i = 0; i < COUNT_OF(kept); i++)
    {
        snprintf(text, sizeof text, EVENT(",\"time\":\"%s\""), kept[i].text);
        snprintf(expected, sizeof expected, "1: time %s, t i {\"cloudevent\":{\"source\":\"/x\",\"time\":\"%s\"}}\n",
                 kept[i].time, kept[i].text);
        expect(text, expected);
    }
}
END_TEST

START_TEST(a_tick_is_a_number_or_digits_without_leading_zeros)
{
    static const struct
    {
        const char *json;
        const char *tick; /* NULL: it is none */
        bool is_kept;
    } ticks[] = {{"0", "0", false},
                 {"7", "7", false},
                 {"2147483647", "2147483647", false},
                 {"\"0\"", "0", true},
                 {"\"12\"", "12", true},
                 {"\"9223372036854775807\"", "9223372036854775807", true},
                 {"\"007\"", NULL, true},
                 {"\"00\"", NULL, true},
                 {"\"\"", NULL, true},
                 {"-1", NULL, true},
                 {"\"-1\"", NULL, true},
                 {"true", NULL, true},
                 {"\"1.5\"", NULL, true},
                 {"\"9223372036854775808\"", NULL, true},
                 {"\"1/\"", NULL, true},
                 {"\"1:\"", NULL, true}};
    char text[300];
    char expected[300];
    for (size_t i = 0; i < COUNT_OF(ticks); i++)
    {
        char tick[60] = "";
        char kept[60] = "";
        if (ticks[i].tick != NULL)
            snprintf(tick, sizeof tick, "tick %s, ", ticks[i].tick);
        if (ticks[i].is_kept)
            snprintf(kept, sizeof kept, ",\"tick\":%s", ticks[i].json);
        snprintf(text, sizeof text, EVENT(",\"tick\":%s"), ticks[i].json);
        snprintf(expected, sizeof expected, "1: %st i {\"cloudevent\":{\"source\":\"/x\"%s,\"time\":null}}\n", tick,
                 kept);
        expect(text, expected);
    }
}
END_TEST

START_TEST(a_cause_is_the_parent_when_it_is_a_text)
{
    expect(EVENT(",\"causationid\":\"p\\u00e9\""), "1: t i < p\xc3\xa9 " KEPT("") "\n");
    expect_data(",\"causationid\":\"\"", KEPT(",\"causationid\":\"\""));
    expect_data(",\"causationid\":7", KEPT(",\"causationid\":7"));
    expect_data(",\"causationid\":null", KEPT(""));
    expect(EVENT(",\"causationid\":\"a\\u0000\""),
           "EVENTURE_ERROR_JSON in line 1: causationid is a\\u0000, which contains a NUL\n");
}
END_TEST

START_TEST(a_type_that_is_too_long_is_cut_and_kept)
{
    char type[600];
    char text[1400];
    char expected[1400];
    for (int more = 0; more < 3; more++)
    {
        int len = snprintf(type, sizeof type, "%.*s", more, "ab");
        for (int i = 0; i < 128; i++)
            len += snprintf(type + len, sizeof type - (size_t)len, "\xc3\xbc");
        snprintf(text, sizeof text, "{\"specversion\":\"1.0\",\"id\":\"i\",\"source\":\"/x\",\"type\":\"%s\"}", type);
        snprintf(expected, sizeof expected,
                 "1: %.*s i {\"cloudevent\":{\"source\":\"/x\",\"type\":\"%s\",\"time\":null}}\n",
                 more == 1 ? 255 : 254, type, type);
        expect(text, expected);
    }
    memset(type, 'x', 256);
    type[255] = '\0';
    snprintf(text, sizeof text, "{\"specversion\":\"1.0\",\"id\":\"i\",\"source\":\"/x\",\"type\":\"%s\"}", type);
    snprintf(expected, sizeof expected, "1: %s i " KEPT("") "\n", type);
    expect(text, expected);
}
END_TEST

START_TEST(attributes_that_are_wrong_are_refused)
{
    static const struct
    {
        const char *members;
        const char *message;
    } wrong[] = {
        {",\"Upper\":1", "the attribute \"Upper\" is not named with lower-case letters and digits only"},
        {",\"a_b\":1", "the attribute \"a_b\" is not named with lower-case letters and digits only"},
        {",\"a`\":1", "the attribute \"a`\" is not named with lower-case letters and digits only"},
        {",\"a{\":1", "the attribute \"a{\" is not named with lower-case letters and digits only"},
        {",\"a/\":1", "the attribute \"a/\" is not named with lower-case letters and digits only"},
        {",\"a:\":1", "the attribute \"a:\" is not named with lower-case letters and digits only"},
        {",\"\":1", "an attribute has an empty name"},
        {",\"x\":{}", "the attribute \"x\" is {}, neither a string, an integer nor a boolean"},
        {",\"x\":[1]", "the attribute \"x\" is [1], neither a string, an integer nor a boolean"},
        {",\"tick\":[1]", "the attribute \"tick\" is [1], neither a string, an integer nor a boolean"},
        {",\"x\":2147483648", "the attribute \"x\" is 2147483648, not an integer of 32 bits"},
        {",\"x\":-2147483649", "the attribute \"x\" is -2147483649, not an integer of 32 bits"},
        {",\"x\":1.5", "the attribute \"x\" is 1.5, not an integer of 32 bits"},
        {",\"x\":1,\"x\":2", "\"x\" is given twice"},
        {",\"subject\":7", "subject is 7, not a string"},
        {",\"subject\":\"\"", "subject is empty"},
        {",\"dataschema\":\"\"", "dataschema is empty"},
        {",\"dataschema\":{}", "dataschema is {}, not a string"},
        {",\"datacontenttype\":true", "datacontenttype is true, not a string"},
        {",\"time\":\"\"", "time is empty"},
        {",\"time\":\"x\"", "time is \"x\", not a date and time of RFC 3339"},
        {",\"data\":1,\"data_base64\":\"\"", "\"data\" and \"data_base64\" exclude each other"},
        {",\"data\":null,\"data_base64\":\"\"", "\"data\" and \"data_base64\" exclude each other"},
        {",\"data_base64\":7", "data_base64 is 7, not a string of base64"},
    };
    char text[400];
    char expected[400];
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
    {
        snprintf(text, sizeof text, "\n" EVENT("%s"), wrong[i].members);
        snprintf(expected, sizeof expected, "EVENTURE_ERROR_JSON in line 2: %s\n", wrong[i].message);
        expect(text, expected);
    }
}
END_TEST

START_TEST(base64_is_checked)
{
    static const char *const right[] = {"AZaz", "09+/", "AA==", "AAA=", "AAAAAAA="};
    static const char *const wrong[] = {"A",    "AA",   "AAA",  "AAAAA", "A===", "====", "=AAA", "AA=A",
                                        "AA@A", "AA[A", "AA`A", "AA{A",  "AA:A", "AA.A", "AA-A", "AA,A"};
    char text[300];
    char expected[300];
    for (size_t i = 0; i < COUNT_OF(right); i++)
    {
        snprintf(text, sizeof text, ",\"data_base64\":\"%s\"", right[i]);
        snprintf(expected, sizeof expected, "{\"cloudevent\":{\"source\":\"/x\",\"time\":null,\"data_base64\":\"%s\"}}",
                 right[i]);
        expect_data(text, expected);
    }
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
    {
        snprintf(text, sizeof text, EVENT(",\"data_base64\":\"%s\""), wrong[i]);
        snprintf(expected, sizeof expected,
                 "EVENTURE_ERROR_JSON in line 1: data_base64 is \"%s\", not a string of base64\n", wrong[i]);
        expect(text, expected);
    }
}
END_TEST

START_TEST(a_required_attribute_that_is_missing_is_named)
{
    expect("{\"id\":\"i\"}", "EVENTURE_ERROR_JSON in line 1: \"specversion\" is missing\n");
    expect("{\"specversion\":\"1.0\"}", "EVENTURE_ERROR_JSON in line 1: \"id\" is missing\n");
    expect("{\"specversion\":\"1.0\",\"id\":\"i\"}", "EVENTURE_ERROR_JSON in line 1: \"source\" is missing\n");
    expect("{\"specversion\":\"1.0\",\"id\":\"i\",\"source\":\"/x\"}",
           "EVENTURE_ERROR_JSON in line 1: \"type\" is missing\n");
    expect("{\"specversion\":\"1.0\",\"id\":\"i\",\"source\":null,\"type\":\"t\"}",
           "EVENTURE_ERROR_JSON in line 1: \"source\" is missing\n");
    expect("{\"specversion\":\"2.0\",\"id\":\"i\",\"source\":\"/x\",\"type\":\"t\"}",
           "EVENTURE_ERROR_JSON in line 1: specversion is \"2.0\", and only \"1.0\" is known\n");
    expect("[7]", "EVENTURE_ERROR_JSON in line 1: not a JSON object: 7\n");
    expect("{\"a\":}", "EVENTURE_ERROR_JSON in line 1: invalid JSON: at byte 5: found } instead of a value\n");
}
END_TEST

START_TEST(at_most_1000_attributes_are_read)
{
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    for (int count = 1000; count <= 1001; count++)
    {
        eventure__buffer text = {0};
        char member[40];
        eventure__buffer_append_text(&text, "{\"specversion\":\"1.0\",\"id\":\"i\",\"source\":\"/x\",\"type\":\"t\"");
        for (int i = 4; i < count; i++)
        {
            snprintf(member, sizeof member, ",\"x%d\":null", i);
            eventure__buffer_append_text(&text, member);
        }
        eventure__buffer_append_char(&text, '}');
        char *got = source_read(eventure__source_cloudevents, &options, eventure__buffer_text(&text), SIZE_MAX);
        ck_assert_str_eq(got, count == 1000
                                  ? "1: t i " KEPT("") "\n"
                                  : "EVENTURE_ERROR_LIMIT in line 1: the event has more than 1000 attributes\n");
        free(got);
        eventure__buffer_free(&text);
    }
}
END_TEST

START_TEST(the_limits_apply_to_the_data)
{
    source_max_depth = 3;
    expect_data(",\"data\":{\"a\":[[]]}", "{\"a\":[[]],\"cloudevent\":{\"source\":\"/x\",\"time\":null}}");
    expect(EVENT(",\"data\":{\"a\":[[[]]]}"),
           "EVENTURE_ERROR_LIMIT in line 1: data is nested deeper than max_depth, which is 3\n");
    /* Kept data is two levels deeper. */
    expect_data(",\"data\":[]", "{\"cloudevent\":{\"source\":\"/x\",\"time\":null,\"data\":[]}}");
    expect(EVENT(",\"data\":[[]]"),
           "EVENTURE_ERROR_LIMIT in line 1: data is nested deeper than max_depth, which is 3\n");
    source_max_data_bytes = strlen(KEPT(""));
    expect_data("", KEPT(""));
    expect(EVENT(",\"a\":1"),
           "EVENTURE_ERROR_LIMIT in line 1: data is 48 bytes long; the limit max_data_bytes is 42\n");
}
END_TEST

/* --- Events that this library exported --- */

#define SOURCE "\"urn:uuid:01234567-89ab-4def-8123-456789abcdef\""
#define OWN(id, type, source, content, more)                                                                           \
    "{\"specversion\":\"1.0\",\"id\":\"" id "\",\"type\":\"" type "\",\"source\":" source                              \
    ",\"datacontenttype\":" content more "}"
#define OWN_EVENT(more) OWN("i", "t", SOURCE, "\"application/json\"", more)
#define OWN_TIME ",\"time\":\"1970-01-01T00:00:01.5Z\""

START_TEST(an_own_event_is_restored)
{
    source_may_lack_parents = false;
    expect(OWN_EVENT(",\"tick\":\"7\",\"data\":{\"a\":1},\"causationid\":\"p\"" OWN_TIME),
           "1: tick 7, time 1.5, t i < p {\"a\":1}\n");
    expect(OWN_EVENT(",\"tick\":\"9223372036854775807\",\"data\":{},\"timestamp\":\"-0.5\""),
           "1: tick 9223372036854775807, time -0.5, t i {}\n");
    expect(OWN_EVENT(",\"tick\":\"7\",\"data\":{},\"x\":null,\"subject\":null" OWN_TIME),
           "1: tick 7, time 1.5, t i {}\n");
    expect(OWN("a\\\\u0062", "a\\\\u0062", SOURCE, "\"application/json\"",
               ",\"tick\":\"0\",\"data\":{},\"causationid\":\"a\\\\u0062\",\"escaped\":\"id\"" OWN_TIME),
           "1: tick 0, time 1.5, a\\u0062 ab < a\\u0062 {}\n");
    expect(OWN("a\\\\u0062", "a\\\\u0062", SOURCE, "\"application/json\"",
               ",\"tick\":\"0\",\"data\":{},\"causationid\":\"a\\\\u0062\",\"escaped\":\"type,causationid\"" OWN_TIME),
           "1: tick 0, time 1.5, ab a\\u0062 < ab {}\n");
    expect(OWN("a\\\\u0062", "a\\\\u0062", SOURCE, "\"application/json\"",
               ",\"tick\":\"0\",\"data\":{},\"escaped\":\"idx,typ,i\"" OWN_TIME),
           "1: tick 0, time 1.5, a\\u0062 a\\u0062 {}\n");
}
END_TEST

START_TEST(an_event_that_differs_from_an_own_one_is_of_another_producer)
{
    static const char *const others[] = {
        OWN_EVENT(",\"tick\":7,\"data\":{}" OWN_TIME),
        OWN_EVENT(",\"data\":{}" OWN_TIME),
        OWN_EVENT(",\"tick\":\"07\",\"data\":{}" OWN_TIME),
        OWN_EVENT(",\"tick\":\"7\"" OWN_TIME),
        OWN_EVENT(",\"tick\":\"7\",\"data\":[]" OWN_TIME),
        OWN_EVENT(",\"tick\":\"7\",\"data\":{},\"x\":1" OWN_TIME),
        OWN_EVENT(",\"tick\":\"7\",\"data\":{},\"subject\":\"s\"" OWN_TIME),
        OWN_EVENT(",\"tick\":\"7\",\"data\":{},\"dataschema\":\"s\"" OWN_TIME),
        OWN_EVENT(",\"tick\":\"7\",\"data\":{},\"causationid\":7" OWN_TIME),
        OWN_EVENT(",\"tick\":\"7\",\"data\":{},\"escaped\":7" OWN_TIME),
        OWN_EVENT(",\"tick\":\"7\",\"data\":{},\"timestamp\":\"1\"" OWN_TIME),
        OWN_EVENT(",\"tick\":\"7\",\"data\":{},\"timestamp\":1"),
        OWN_EVENT(",\"tick\":\"7\",\"data\":{}"),
        OWN("i", "t", "\"urn:uuid:01234567-89ab-4def-8123-456789abcde\"", "\"application/json\"",
            ",\"tick\":\"7\",\"data\":{}" OWN_TIME),
        OWN("i", "t", "\"urn:uui_:01234567-89ab-4def-8123-456789abcdef\"", "\"application/json\"",
            ",\"tick\":\"7\",\"data\":{}" OWN_TIME),
        OWN("i", "t", SOURCE, "\"text/json\"", ",\"tick\":\"7\",\"data\":{}" OWN_TIME),
    };
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    for (size_t i = 0; i < COUNT_OF(others); i++)
    {
        char *got = source_read(eventure__source_cloudevents, &options, others[i], SIZE_MAX);
        ck_assert_msg(strstr(got, "\"cloudevent\":{\"source\":\"urn:") != NULL, "%s: %s", others[i], got);
        free(got);
    }
}
END_TEST

START_TEST(own_events_that_are_wrong_are_refused)
{
    expect(OWN_EVENT(",\"tick\":\"7\",\"data\":{},\"time\":\"x\""),
           "EVENTURE_ERROR_JSON in line 1: time is x, not a date and time of RFC 3339\n");
    expect(OWN_EVENT(",\"tick\":\"7\",\"data\":{},\"timestamp\":\"x\""),
           "EVENTURE_ERROR_JSON in line 1: timestamp is x, not a number as text\n");
    expect(OWN_EVENT(",\"tick\":\"7\",\"data\":{},\"timestamp\":\"[1]\""),
           "EVENTURE_ERROR_JSON in line 1: timestamp is [1], not a number as text\n");
    expect(OWN_EVENT(",\"tick\":\"7\",\"data\":{},\"causationid\":\"\"" OWN_TIME),
           "EVENTURE_ERROR_JSON in line 1: causationid is empty\n");
    expect(
        OWN("\\\\u000", "t", SOURCE, "\"application/json\"", ",\"tick\":\"7\",\"data\":{},\"escaped\":\"id\"" OWN_TIME),
        "EVENTURE_ERROR_JSON in line 1: id is \\u000, which is not spelled with the escapes of JSON\n");
    expect(OWN("a\\\\u0000", "t", SOURCE, "\"application/json\"",
               ",\"tick\":\"7\",\"data\":{},\"escaped\":\"id\"" OWN_TIME),
           "EVENTURE_ERROR_JSON in line 1: id is a\\u0000, which contains a NUL\n");
    expect(OWN("a\\u0000", "t", SOURCE, "\"application/json\"", ",\"tick\":\"7\",\"data\":{}" OWN_TIME),
           "EVENTURE_ERROR_JSON in line 1: id is a\\u0000, which contains a NUL\n");
}
END_TEST

START_TEST(names_of_own_events_have_limits)
{
    char name[1026];
    char text[2000];
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    source_may_lack_parents = false;
    memset(name, 'x', 1025);
    name[1025] = '\0';
    for (int i = 0; i < 2; i++)
    {
        snprintf(text, sizeof text,
                 OWN("%s", "t", SOURCE, "\"application/json\"", ",\"tick\":\"7\",\"data\":{}" OWN_TIME), name + 1 - i);
        char *got = source_read(eventure__source_cloudevents, &options, text, SIZE_MAX);
        if (i == 0)
            ck_assert_int_eq(strncmp(got, "1: tick 7, time 1.5, t xxx", 26), 0);
        else
            ck_assert_str_eq(got,
                             "EVENTURE_ERROR_LIMIT in line 1: id is 1025 bytes long, and at most 1024 are allowed\n");
        free(got);
    }
    snprintf(text, sizeof text, OWN("i", "%s", SOURCE, "\"application/json\"", ",\"tick\":\"7\",\"data\":{}" OWN_TIME),
             name);
    char *got = source_read(eventure__source_cloudevents, &options, text, SIZE_MAX);
    ck_assert_int_eq(strncmp(got, "EVENTURE_ERROR_TYPE in line 1: ", 31), 0);
    free(got);
}
END_TEST
