/*
 * Which data is that of a CloudEvent of another producer, and how such an event is exported.
 */
#include "history_world.h"
#include "transfer/cloudevents.h"

/* Expects that data is that of an event of another producer, with this kept object and these own members (with the
   opening brace); NULL: it is ordinary data. */
static void expect(const char *data, const char *kept, const char *own)
{
    eventure__span found = {NULL, 0};
    eventure__span rest = {NULL, 0};
    const bool is_kept = eventure__cloudevent_kept((eventure__span){data, strlen(data)}, &found, &rest);
    ck_assert_msg(is_kept == (kept != NULL), "%s", data);
    if (kept == NULL)
        return;
    ck_assert_uint_eq(found.len, strlen(kept));
    ck_assert_mem_eq(found.at, kept, found.len);
    ck_assert_uint_eq(rest.len, strlen(own));
    ck_assert_mem_eq(rest.at, own, rest.len);
}

/* Expects that data whose only member is `cloudevent` with this object is, or is not, that of an event of another
 * producer. */
static void expect_object(const char *object, bool is_kept)
{
    char data[300];
    snprintf(data, sizeof data, "{\"cloudevent\":%s}", object);
    expect(data, is_kept ? object : NULL, "{");
}

#define KEPT "{\"source\":\"/x\"}"

START_TEST(the_last_member_of_the_data_is_what_is_kept)
{
    expect("{\"cloudevent\":" KEPT "}", KEPT, "{");
    expect("{\"a\":1,\"cloudevent\":" KEPT "}", KEPT, "{\"a\":1");
    expect("{\"a\":[1,2],\"b\":{},\"cloudevent\":" KEPT "}", KEPT, "{\"a\":[1,2],\"b\":{}");
    expect("{\"cloudevent\":" KEPT ",\"a\":1}", NULL, NULL);
    expect("{\"cloudevent\":" KEPT ",\"cloudevent\":" KEPT "}", NULL, NULL);
    expect("{\"a\":" KEPT "}", NULL, NULL);
    expect("{}", NULL, NULL);
    expect("{\"cloudevent\":7}", NULL, NULL);
    expect("{\"cloudevent\":\"x\"}", NULL, NULL);
}
END_TEST

START_TEST(it_has_a_source_and_valid_attributes)
{
    static const char *const names[] = {"source", "id", "type", "subject", "dataschema", "datacontenttype"};
    static const char *const values[] = {"\"t\"", "\"\"", "null", "7", "true", "{}"};
    char object[200];
    expect_object("{}", false);
    expect_object("{\"subject\":\"s\"}", false);
    expect_object("{\"subject\":\"s\",\"source\":\"/x\"}", true);
    expect_object("{\"source\":\"/x\",\"specversion\":\"1.0\"}", false);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        for (size_t j = 0; j < COUNT_OF(values); j++)
        {
            snprintf(object, sizeof object, i == 0 ? "{\"%s\":%s}" : "{\"%s\":%s,\"source\":\"/x\"}", names[i],
                     values[j]);
            expect_object(object, j == 0);
        }
    for (size_t j = 0; j < COUNT_OF(values); j++)
    {
        snprintf(object, sizeof object, "{\"source\":\"/x\",\"time\":%s}", values[j]);
        expect_object(object, j == 0 || j == 2);
    }
}
END_TEST

START_TEST(extensions_have_names_and_values_of_cloudevents)
{
    static const char *const right[] = {"a", "z", "0", "9", "az09", "tick", "causationid"};
    static const char *const wrong[] = {"", "A", "a_b", "`", "{", "/", ":", "\xc3\xa9", "bA", "Ab"};
    static const struct
    {
        const char *value;
        bool is_right;
    } values[] = {{"\"\"", true},        {"\"s\"", true},       {"true", true},       {"false", true},
                  {"0", true},           {"-2147483648", true}, {"2147483647", true}, {"-2147483649", false},
                  {"2147483648", false}, {"1.5", false},        {"null", false},      {"[]", false},
                  {"{}", false}};
    char object[200];
    for (size_t i = 0; i < COUNT_OF(right); i++)
    {
        snprintf(object, sizeof object, "{\"source\":\"/x\",\"%s\":1}", right[i]);
        expect_object(object, true);
    }
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
    {
        snprintf(object, sizeof object, "{\"source\":\"/x\",\"%s\":1}", wrong[i]);
        expect_object(object, false);
    }
    for (size_t i = 0; i < COUNT_OF(values); i++)
    {
        snprintf(object, sizeof object, "{\"source\":\"/x\",\"x\":%s}", values[i].value);
        expect_object(object, values[i].is_right);
    }
}
END_TEST

START_TEST(data_is_kept_once_and_only_without_own_members)
{
    expect_object("{\"source\":\"/x\",\"data\":{}}", true);
    expect_object("{\"data\":null,\"source\":\"/x\"}", true);
    expect_object("{\"source\":\"/x\",\"data_base64\":\"AA==\"}", true);
    expect_object("{\"source\":\"/x\",\"data_base64\":7}", false);
    expect_object("{\"source\":\"/x\",\"data\":1,\"data\":1}", false);
    expect_object("{\"source\":\"/x\",\"data\":1,\"data_base64\":\"\"}", false);
    expect_object("{\"data\":1}", false);
    expect("{\"a\":1,\"cloudevent\":{\"source\":\"/x\",\"data\":1}}", NULL, NULL);
    expect("{\"a\":1,\"cloudevent\":{\"source\":\"/x\",\"data_base64\":\"\"}}", NULL, NULL);
}
END_TEST

/* --- Export --- */

/* Expects that an event of another producer, in tick 3, is exported as this line. */
static void expect_exported(const char *type, const char *data, const char *id, const char *parent,
                            const char *expected)
{
    eventure_export_options options = EVENTURE_EXPORT_OPTIONS_INIT;
    eventure_import_options import = EVENTURE_IMPORT_OPTIONS_INIT;
    sink out;
    open_world();
    import.external_parents = true;
    const char *line = line_of(3, type, data, id, parent);
    expect_ok(here.log, import_bytes(line, strlen(line), &import, NULL));
    sink_open(&out);
    options.format = EVENTURE_FORMAT_CLOUDEVENTS;
    expect_ok(here.reader, eventure_store_export(here.reader, out.stream, &options, NULL));
    sink_close(&out);
    ck_assert_str_eq(out.text, expected);
    free(out.text);
    close_world();
}

#define HEAD "{\"specversion\": \"1.0\""
#define TIME ", \"time\": \"1970-01-01T00:00:01.5Z\""

START_TEST(kept_attributes_replace_those_of_the_event)
{
    expect_exported("t", "{\"a\":1,\"cloudevent\":{\"source\":\"/x\"}}", "i", "null",
                    HEAD ", \"id\": \"i\", \"type\": \"t\"" TIME
                         ", \"source\": \"/x\", \"tick\": 3, \"data\": {\"a\": 1}}\n");
    expect_exported("t", "{\"cloudevent\":{\"source\":\"/x\",\"time\":null,\"data\":null}}", "i", "\"p\"",
                    HEAD ", \"id\": \"i\", \"type\": \"t\", \"source\": \"/x\", \"data\": null, \"tick\": 3, "
                         "\"causationid\": \"p\"}\n");
    expect_exported(
        "t",
        "{\"a\":{},\"b\":2,\"cloudevent\":{\"source\":\"/x\",\"id\":\"j\",\"type\":\"u\",\"time\":\"T\",\"tick\":\"7\","
        "\"causationid\":\"q\"}}",
        "i", "\"p\"",
        HEAD ", \"source\": \"/x\", \"id\": \"j\", \"type\": \"u\", \"time\": \"T\", \"tick\": \"7\", "
             "\"causationid\": \"q\", \"data\": {\"a\": {}, \"b\": 2}}\n");
}
END_TEST

START_TEST(a_large_tick_of_a_foreign_event_is_text)
{
    static const char *const ticks[] = {"2147483647", "2147483648"};
    for (size_t i = 0; i < 2; i++)
    {
        char line[300];
        char part[100];
        sink out;
        eventure_export_options options = EVENTURE_EXPORT_OPTIONS_INIT;
        open_world();
        snprintf(
            line, sizeof line,
            "{\"tick\": %s, \"timestamp\": -1.5, \"type\": \"t\", \"data\": {\"cloudevent\": {\"source\": \"/x\"}}, "
            "\"event_id\": \"i\", \"parent_id\": null}\n",
            ticks[i]);
        import_text(line);
        sink_open(&out);
        options.format = EVENTURE_FORMAT_CLOUDEVENTS;
        expect_ok(here.reader, eventure_store_export(here.reader, out.stream, &options, NULL));
        sink_close(&out);
        snprintf(part, sizeof part, i == 0 ? "\"tick\": %s}\n" : "\"tick\": \"%s\"}\n", ticks[i]);
        expect_part(out.text, part);
        expect_part(out.text, "\"timestamp\": \"-1.5\"");
        free(out.text);
        close_world();
    }
}
END_TEST

/* The source of an own event is the UUID of the store. */
static void expect_own(const char *type, const char *id, const char *parent, const char *before, const char *after)
{
    char *uuid = NULL;
    char expected[600];
    eventure_export_options options = EVENTURE_EXPORT_OPTIONS_INIT;
    eventure_import_options import = EVENTURE_IMPORT_OPTIONS_INIT;
    sink out;
    open_world();
    import.external_parents = true;
    const char *line = line_of(3, type, "{\"a\":1}", id, parent);
    expect_ok(here.log, import_bytes(line, strlen(line), &import, NULL));
    uuid = scratch_ask(SCRATCH_PATH, "SELECT uuid FROM store");
    snprintf(expected, sizeof expected, HEAD "%s, \"source\": \"urn:uuid:%s\"%s, \"data\": {\"a\": 1}}\n", before, uuid,
             after);
    sink_open(&out);
    options.format = EVENTURE_FORMAT_CLOUDEVENTS;
    expect_ok(here.reader, eventure_store_export(here.reader, out.stream, &options, NULL));
    sink_close(&out);
    ck_assert_str_eq(out.text, expected);
    free(out.text);
    free(uuid);
    close_world();
}

#define REST TIME ", \"datacontenttype\": \"application/json\", \"tick\": \"3\""

START_TEST(own_events_have_all_their_attributes)
{
    expect_own("t", "i", "null", ", \"id\": \"i\"", ", \"type\": \"t\"" REST);
    expect_own("a.type", "an-id", "\"a parent\"", ", \"id\": \"an-id\"",
               ", \"type\": \"a.type\"" REST ", \"causationid\": \"a parent\"");
    expect_own("t", "i", "\"p\"", ", \"id\": \"i\"", ", \"type\": \"t\"" REST ", \"causationid\": \"p\"");
}
END_TEST

START_TEST(texts_that_cloudevents_do_not_allow_are_spelled_with_escapes)
{
    static const char *const forbidden[] = {"\\u0001", "\\u001f", "\\u007f", "\\u009f",       "\\ufdd0",
                                            "\\ufdef", "\\ufffe", "\\uffff", "\\ud83f\\udffe"};
    static const char *const allowed[] = {" ", "~", "\\u00a0", "\\ufdcf", "\\ufdf0", "\\ufffd"};
    char before[200];
    for (size_t i = 0; i < COUNT_OF(forbidden); i++)
    {
        char text[100] = "";
        for (const char *at = forbidden[i]; *at != '\0'; at++) /* each backslash is escaped */
            snprintf(text + strlen(text), sizeof text - strlen(text), *at == '\\' ? "\\\\" : "%c", *at);
        snprintf(before, sizeof before, ", \"id\": \"x%s\"", text);
        char id[40];
        snprintf(id, sizeof id, "x%s", forbidden[i]);
        expect_own("t", id, "null", before, ", \"type\": \"t\"" REST ", \"escaped\": \"id\"");
    }
    for (size_t i = 0; i < COUNT_OF(allowed); i++)
    {
        snprintf(before, sizeof before, ", \"id\": \"%s\"", allowed[i]);
        expect_own("t", allowed[i], "null", before, ", \"type\": \"t\"" REST);
    }
    expect_own("\\u0001", "\\u0002", "\"\\u0003\"", ", \"id\": \"\\\\u0002\"",
               ", \"type\": \"\\\\u0001\"" REST
               ", \"causationid\": \"\\\\u0003\", \"escaped\": \"id,type,causationid\"");
}
END_TEST
