/*
 * Data that a caller passes: JSON text and typed fields.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc_fail.h"
#include "event/json.h"
#include "testing.h"

TEST_FIXTURE(NULL, tear_down);

static eventure__buffer out;
static eventure__error error;

static void tear_down(void)
{
    eventure__buffer_free(&out);
}

static eventure_status compact(eventure_data data, size_t max_bytes, int max_depth)
{
    eventure__buffer_clear(&out);
    eventure__buffer_append_text(&out, "kept:");
    error = (eventure__error){0};
    return eventure__data_compact(&data, max_bytes, max_depth, &out, &error);
}

static void expect(eventure_data data, const char *text)
{
    ck_assert_msg(compact(data, 1000000, 1000) == EVENTURE_OK, "%s", error.text);
    ck_assert_str_eq(eventure__buffer_text(&out) + 5, text);
}

static void refuse(eventure_data data, eventure_status status, const char *message)
{
    ck_assert_int_eq(compact(data, 1000000, 1000), status);
    ck_assert_str_eq(error.text, message);
    ck_assert_int_eq(error.status, status);
    ck_assert_str_eq(eventure__buffer_text(&out), "kept:");
}

START_TEST(no_data_is_the_empty_object)
{
    expect(eventure_no_data(), "{}");
    expect(eventure_json(NULL), "{}");
    expect(eventure_data_fields(NULL, 0), "{}");
}
END_TEST

START_TEST(json_text_is_compacted_and_kept_without_loss)
{
    expect(eventure_json(" { \"z\" : 9007199254740993 , \"a\" : 1e22 } "), "{\"z\":9007199254740993,\"a\":1e22}");
    expect(eventure_json_n("{} and more", 2), "{}");
    expect(eventure_json("{\"a\":1,\"a\":2}"), "{\"a\":1,\"a\":2}");
}
END_TEST

START_TEST(what_is_not_an_object_is_refused_with_what_it_is)
{
    refuse(eventure_json("[ 1, 2 ]"), EVENTURE_ERROR_JSON, "data is not a JSON object: it is [1,2]");
    refuse(eventure_json("\"text\""), EVENTURE_ERROR_JSON, "data is not a JSON object: it is \"text\"");
    refuse(eventure_json("null"), EVENTURE_ERROR_JSON, "data is not a JSON object: it is null");
    refuse(eventure_json(""), EVENTURE_ERROR_JSON,
           "data is not a JSON object: at byte 0: the text ends where a value should be");
    refuse(eventure_json("{\"a\":NaN}"), EVENTURE_ERROR_JSON,
           "data is not a JSON object: at byte 5: NaN is not a JSON number");
}
END_TEST

START_TEST(fields_become_members_in_their_order)
{
    expect(EVENTURE_DATA(eventure_int("i", INT64_MIN), eventure_double("d", 0.1), eventure_double("whole", 3),
                         eventure_string("s", "a\"\xC3\xA9\n"), eventure_bool("t", true), eventure_bool("f", false),
                         eventure_null("n"), eventure_json_field("j", " [ 1 , {\"x\" : 1e22} ] "),
                         eventure_string_n("nul", "a\0b", 3), eventure_string("", "")),
           "{\"i\":-9223372036854775808,\"d\":0.1,\"whole\":3.0,\"s\":\"a\\\"\xC3\xA9\\n\",\"t\":true,\"f\":false,"
           "\"n\":null,\"j\":[1,{\"x\":1e22}],\"nul\":\"a\\u0000b\",\"\":\"\"}");
    expect(EVENTURE_DATA(eventure_int("q\"\n/\xC3\xA9", 1)), "{\"q\\\"\\n/\xC3\xA9\":1}");
}
END_TEST

START_TEST(fields_that_are_no_json_are_refused)
{
    refuse(EVENTURE_DATA(eventure_double("d", NAN)), EVENTURE_ERROR_JSON, "data member d: NaN is not a JSON number");
    refuse(EVENTURE_DATA(eventure_int("i", 1), eventure_double("d", -INFINITY)), EVENTURE_ERROR_JSON,
           "data member d: -Infinity is not a JSON number");
    refuse(EVENTURE_DATA(eventure_double("d", INFINITY)), EVENTURE_ERROR_JSON,
           "data member d: Infinity is not a JSON number");
    refuse(EVENTURE_DATA(eventure_string("s", "a\xFF")), EVENTURE_ERROR_JSON,
           "data member s: a\\xff is not valid UTF-8");
    refuse(EVENTURE_DATA(eventure_json_field("j", "[1")), EVENTURE_ERROR_JSON,
           "data member j: at byte 2: the text ends where `,` or `]` should be");
    refuse(EVENTURE_DATA(eventure_json_field("j", "1,\"k\":2")), EVENTURE_ERROR_JSON,
           "data member j: at byte 1: found , instead of the end of the text");
    refuse(EVENTURE_DATA(eventure_int("a\xC3", 1)), EVENTURE_ERROR_JSON,
           "the key a\\xc3 of the data is not valid UTF-8");
}
END_TEST

START_TEST(fields_that_are_wrong_calls_are_refused)
{
    eventure_field unknown = eventure_null("u");
    unknown.kind = (eventure_field_kind)9;
    refuse(EVENTURE_DATA(eventure_int(NULL, 1)), EVENTURE_ERROR_ARGUMENT, "the key of field 1 of the data is NULL");
    refuse(EVENTURE_DATA(eventure_string("s", NULL)), EVENTURE_ERROR_ARGUMENT, "data member s: the text is NULL");
    refuse(EVENTURE_DATA(eventure_json_field("j", NULL)), EVENTURE_ERROR_ARGUMENT, "data member j: the text is NULL");
    refuse(eventure_data_fields(&unknown, 1), EVENTURE_ERROR_ARGUMENT, "data member u: there is no kind 9 of a field");
    refuse(eventure_data_fields(NULL, 2), EVENTURE_ERROR_ARGUMENT, "data has 2 fields, which are NULL");
}
END_TEST

START_TEST(a_key_given_twice_is_refused_among_few_and_among_many)
{
    refuse(EVENTURE_DATA(eventure_int("a", 1), eventure_int("b", 2), eventure_int("a", 3)), EVENTURE_ERROR_JSON,
           "data has the key a twice");
    enum
    {
        MANY = 50000
    };
    eventure_field *fields = malloc(MANY * sizeof *fields);
    char(*keys)[8] = malloc(MANY * sizeof *keys);
    for (int i = 0; i < MANY; i++)
    {
        snprintf(keys[i], sizeof keys[i], "k%d", i);
        fields[i] = eventure_null(keys[i]);
    }
    expect_ok(NULL, compact(eventure_data_fields(fields, MANY), 10000000, 1000));
    fields[MANY - 1].key = "k77";
    refuse(eventure_data_fields(fields, MANY), EVENTURE_ERROR_JSON, "data has the key k77 twice");
    free(keys);
    free(fields);
}
END_TEST

START_TEST(the_limit_of_bytes_is_that_of_the_compact_form)
{
    expect_ok(NULL, compact(eventure_json("{ \"a\" : 1 }"), 7, 1000));
    expect_status(EVENTURE_ERROR_LIMIT, NULL, compact(eventure_json("{ \"a\" : 12 }"), 7, 1000));
    ck_assert_str_eq(error.text, "data is 8 bytes long; the limit max_data_bytes is 7");
    ck_assert_str_eq(eventure__buffer_text(&out), "kept:");
    expect_ok(NULL, compact(EVENTURE_DATA(eventure_int("a", 1)), 7, 1000));
    expect_status(EVENTURE_ERROR_LIMIT, NULL, compact(EVENTURE_DATA(eventure_int("a", 12)), 7, 1000));
}
END_TEST

START_TEST(the_limit_of_depth_counts_the_object_itself)
{
    expect_ok(NULL, compact(eventure_json("{\"a\":[1]}"), 100, 2));
    expect_status(EVENTURE_ERROR_LIMIT, NULL, compact(eventure_json("{\"a\":[[1]]}"), 100, 2));
    ck_assert_str_eq(error.text, "data: at byte 6: nested deeper than max_depth, which is 2");
    expect_ok(NULL, compact(EVENTURE_DATA(eventure_json_field("a", "[1]")), 100, 2));
    expect_status(EVENTURE_ERROR_LIMIT, NULL, compact(EVENTURE_DATA(eventure_json_field("a", "[[1]]")), 100, 2));
    expect_status(EVENTURE_ERROR_LIMIT, NULL, compact(EVENTURE_DATA(eventure_json_field("a", "[]")), 100, 1));
    expect_ok(NULL, compact(EVENTURE_DATA(eventure_int("a", 1)), 100, 1));
}
END_TEST

START_TEST(one_field_alone_is_its_value)
{
    eventure_field field = eventure_json_field("key", "{ \"a\" : [ ] }");
    eventure__buffer_append_text(&out, "kept:");
    expect_ok(NULL, eventure__field_compact(&field, 2, &out, &error));
    ck_assert_str_eq(eventure__buffer_text(&out), "kept:{\"a\":[]}");
    expect_status(EVENTURE_ERROR_LIMIT, NULL, eventure__field_compact(&field, 1, &out, &error));
    ck_assert_str_eq(eventure__buffer_text(&out), "kept:{\"a\":[]}");
}
END_TEST

/* Each allocation of a call fails once; the buffer must then be unchanged. */
static void check_every_allocation(eventure_data data)
{
    bool hit = true;
    for (long n = 1; hit; n++)
    {
        eventure__buffer fresh = {0};
        eventure__error why = {0};
        alloc_fail_at(n);
        eventure_status status = eventure__data_compact(&data, 1000000, 1000, &fresh, &why);
        hit = alloc_fail_stop();
        ck_assert_int_eq(status, hit ? EVENTURE_ERROR_MEMORY : EVENTURE_OK);
        ck_assert_int_eq(why.status, status);
        ck_assert(hit == (fresh.len == 0));
        ck_assert(!fresh.failed);
        eventure__buffer_free(&fresh);
    }
}

START_TEST(every_failed_allocation_is_reported_and_undone)
{
    char text[200];
    eventure_field fields[40];
    char keys[40][4];
    memset(text, 'x', sizeof text);
    for (int i = 0; i < 40; i++)
    {
        snprintf(keys[i], sizeof keys[i], "k%d", i);
        fields[i] = eventure_string_n(keys[i], text, sizeof text);
    }
    fields[7] = eventure_json_field("json", "[1,2,3]");
    check_every_allocation(eventure_data_fields(fields, 40));
    check_every_allocation(eventure_json("{\"a\":[1,2,3]}"));
    check_every_allocation(eventure_no_data());
    for (size_t len = 0; len < sizeof text; len++)
    {
        /* Tries different lengths, so that each part of the text is once the part for which the buffer must grow. */
        eventure_field field = eventure_string_n("k", text, len);
        check_every_allocation(eventure_data_fields(&field, 1));
    }
}
END_TEST
