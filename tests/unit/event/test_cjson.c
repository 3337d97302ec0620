/*
 * Data to and from cJSON.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/cjson.h>

#include "alloc_fail.h"
#include "base/buffer.h"
#include "testing.h"

static eventure_event with_data(const char *data)
{
    return (eventure_event){.type = "a.b", .data = data, .data_len = strlen(data), .id = "0-EBFC-1"};
}

static cJSON *tree_of(const char *data)
{
    eventure_event event = with_data(data);
    cJSON *tree = NULL;
    expect_ok(NULL, eventure_event_to_cjson(&event, &tree));
    return tree;
}

static void expect_json(const cJSON *tree, const char *expected)
{
    char *json = NULL;
    expect_ok(NULL, eventure_cjson_to_json(tree, &json));
    ck_assert_str_eq(json, expected);
    eventure_free(json);
}

static void refuse_json(cJSON *tree, eventure_status status)
{
    char untouched = 0;
    char *json = &untouched;
    ck_assert_int_eq(eventure_cjson_to_json(tree, &json), status);
    ck_assert_ptr_null(json);
    cJSON_Delete(tree);
}

START_TEST(data_becomes_a_tree)
{
    cJSON *tree = tree_of("{\"i\":3,\"d\":-1.5e3,\"s\":\"a\\n\xC3\xA9\",\"t\":true,\"f\":false,\"n\":null,"
                          "\"list\":[1,[],{\"x\":\"y\"},\"z\"],\"k\\\"\":{}}");
    ck_assert(cJSON_IsObject(tree));
    ck_assert_int_eq(cJSON_GetArraySize(tree), 8);
    ck_assert_int_eq(cJSON_GetObjectItemCaseSensitive(tree, "i")->valueint, 3);
    ck_assert(cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(tree, "d")) == -1500.0);
    ck_assert_str_eq(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tree, "s")), "a\n\xC3\xA9");
    ck_assert(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(tree, "t")));
    ck_assert(cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(tree, "f")));
    ck_assert(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(tree, "n")));
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(tree, "list");
    ck_assert_int_eq(cJSON_GetArraySize(list), 4);
    ck_assert_int_eq(cJSON_GetArraySize(cJSON_GetArrayItem(list, 1)), 0);
    ck_assert_str_eq(cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(list, 2), "x")->valuestring, "y");
    ck_assert_str_eq(cJSON_GetArrayItem(list, 3)->valuestring, "z");
    ck_assert(cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(tree, "k\"")));
    cJSON_Delete(tree);
}
END_TEST

START_TEST(the_way_there_and_back_changes_nothing)
{
    static const char *const objects[] = {"{}", "{\"a\":1,\"b\":[1.5,\"x\",null,true,false,{\"c\":{}},[]],\"\":\"\"}",
                                          "{\"a\":\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\x7f\xC3\xA9\xF0\x9F\x98\x80\"}",
                                          "{\"n\":[0,-1,9007199254740991,1e+300,5e-324,0.1,1e+16]}",
                                          "{\"o\":{\"o\":{\"o\":[[[{\"p\":[]}]]]}},\"q\":1}"};
    for (size_t i = 0; i < COUNT_OF(objects); i++)
    {
        cJSON *tree = tree_of(objects[i]);
        expect_json(tree, objects[i]);
        cJSON_Delete(tree);
    }
}
END_TEST

START_TEST(the_deepest_data_becomes_a_tree)
{
    eventure__buffer text = {0};
    eventure__buffer_append_text(&text, "{\"a\":");
    for (int i = 0; i < 999; i++)
        eventure__buffer_append_char(&text, '[');
    for (int i = 0; i < 999; i++)
        eventure__buffer_append_char(&text, ']');
    eventure__buffer_append_char(&text, '}');
    cJSON *tree = tree_of(eventure__buffer_text(&text));
    expect_json(tree, text.bytes);
    cJSON *inner = tree;
    while (inner->child != NULL)
        inner = inner->child;
    cJSON_AddItemToArray(inner, cJSON_CreateArray());
    refuse_json(tree, EVENTURE_ERROR_LIMIT);
    eventure__buffer_free(&text);
}
END_TEST

START_TEST(a_long_number_is_read_whole)
{
    cJSON *tree =
        tree_of("{\"n\":1.00000000000000000000000000000000000000000000000000000000000000000000000000000000001e2}");
    ck_assert(cJSON_GetObjectItemCaseSensitive(tree, "n")->valuedouble == 100.0);
    cJSON_Delete(tree);
}
END_TEST

START_TEST(what_cjson_cannot_hold_is_refused)
{
    static const char *const objects[] = {"{\"a\":\"x\\u0000y\"}", "{\"x\\u0000y\":1}", "{\"a\":[1,{\"b\":1e400}]}",
                                          "[]", ""};
    cJSON *none = NULL;
    expect_status(EVENTURE_ERROR_JSON, NULL, eventure_event_to_cjson(&(eventure_event){.id = "only"}, &none));
    for (size_t i = 0; i < COUNT_OF(objects); i++)
    {
        eventure_event event = with_data(objects[i]);
        cJSON untouched;
        cJSON *tree = &untouched;
        expect_status(EVENTURE_ERROR_JSON, NULL, eventure_event_to_cjson(&event, &tree));
        ck_assert_ptr_null(tree);
    }
}
END_TEST

START_TEST(only_objects_are_data)
{
    refuse_json(NULL, EVENTURE_ERROR_ARGUMENT);
    refuse_json(cJSON_CreateArray(), EVENTURE_ERROR_ARGUMENT);
    refuse_json(cJSON_CreateNumber(1), EVENTURE_ERROR_ARGUMENT);
    refuse_json(cJSON_CreateNull(), EVENTURE_ERROR_ARGUMENT);
}
END_TEST

START_TEST(numbers_that_are_not_finite_are_refused_wherever_they_stand)
{
    static const double values[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    for (size_t i = 0; i < COUNT_OF(values); i++)
    {
        cJSON *tree = cJSON_CreateObject();
        cJSON_AddNumberToObject(tree, "n", values[i]);
        refuse_json(tree, EVENTURE_ERROR_JSON);
        tree = tree_of("{\"a\":[1,{\"b\":[]}]}");
        cJSON *inner = cJSON_GetArrayItem(cJSON_GetObjectItem(tree, "a"), 1)->child;
        cJSON_AddItemToArray(inner, cJSON_CreateNumber(values[i]));
        refuse_json(tree, EVENTURE_ERROR_JSON);
    }
}
END_TEST

START_TEST(texts_that_are_no_json_are_refused)
{
    cJSON *tree = cJSON_CreateObject();
    cJSON_AddStringToObject(tree, "s", "\xFF");
    refuse_json(tree, EVENTURE_ERROR_JSON);
    tree = cJSON_CreateObject();
    cJSON_AddNullToObject(tree, "\xC3");
    refuse_json(tree, EVENTURE_ERROR_JSON);
    tree = cJSON_CreateObject();
    cJSON_AddRawToObject(tree, "r", "[1,");
    refuse_json(tree, EVENTURE_ERROR_JSON);
    tree = cJSON_CreateObject();
    cJSON_AddItemToArray(tree, cJSON_CreateTrue()); /* a member without a key */
    refuse_json(tree, EVENTURE_ERROR_ARGUMENT);
    tree = cJSON_CreateObject();
    cJSON_AddNullToObject(tree, "i")->type = cJSON_Invalid;
    refuse_json(tree, EVENTURE_ERROR_ARGUMENT);
}
END_TEST

START_TEST(raw_items_are_put_in_place_compact)
{
    cJSON *tree = cJSON_CreateObject();
    cJSON_AddRawToObject(tree, "r", " [ 9007199254740993 , \"\\u00e9\" ] ");
    expect_json(tree, "{\"r\":[9007199254740993,\"\xC3\xA9\"]}");
    cJSON_Delete(tree);
}
END_TEST

START_TEST(a_raw_item_counts_with_its_depth)
{
    char raw[1000];
    memset(raw, '[', 499);
    memset(raw + 499, ']', 499);
    raw[998] = '\0';
    for (int outside = 500; outside <= 502; outside++)
    {
        cJSON *tree = cJSON_CreateObject();
        cJSON *inner = tree;
        for (int depth = 1; depth < outside; depth++)
            inner = cJSON_AddObjectToObject(inner, "a");
        cJSON_AddRawToObject(inner, "r", raw);
        char *json = NULL;
        ck_assert_int_eq(eventure_cjson_to_json(tree, &json), outside <= 501 ? EVENTURE_OK : EVENTURE_ERROR_LIMIT);
        eventure_free(json);
        cJSON_Delete(tree);
    }
}
END_TEST

START_TEST(a_part_of_a_tree_is_printed_without_its_siblings)
{
    cJSON *tree = tree_of("{\"a\":{\"x\":1},\"b\":{},\"c\":3}");
    expect_json(cJSON_GetObjectItem(tree, "a"), "{\"x\":1}");
    expect_json(cJSON_GetObjectItem(tree, "b"), "{}");
    cJSON_Delete(tree);
}
END_TEST

/* cJSON's own allocations, which a shared library makes, call alloc_fail through its hooks. */
static void *hooked_malloc(size_t size)
{
    return malloc(size);
}

START_TEST(every_failed_allocation_is_reported)
{
    static const char data[] = "{\"a\":[1,{\"b\":\"text\"},true],\"c\":null,\"d\":"
                               "\"long enough that the buffer has to grow beyond what it begins with, twice: "
                               "long enough that the buffer has to grow beyond what it begins with\"}";
    eventure_event event = with_data(data);
    cJSON_Hooks hooks = {hooked_malloc, free};
    cJSON_InitHooks(&hooks);
    bool hit = true;
    long n = 1;
    for (; hit; n++)
    {
        cJSON *tree = NULL;
        alloc_fail_at(n);
        eventure_status status = eventure_event_to_cjson(&event, &tree);
        hit = alloc_fail_stop();
        ck_assert_int_eq(status, hit ? EVENTURE_ERROR_MEMORY : EVENTURE_OK);
        ck_assert(hit == (tree == NULL));
        cJSON_Delete(tree);
    }
    ck_assert_int_gt(n, 15);
    cJSON *tree = tree_of(data);
    hit = true;
    for (n = 1; hit; n++)
    {
        char *json = NULL;
        alloc_fail_at(n);
        eventure_status status = eventure_cjson_to_json(tree, &json);
        hit = alloc_fail_stop();
        ck_assert_int_eq(status, hit ? EVENTURE_ERROR_MEMORY : EVENTURE_OK);
        ck_assert(hit == (json == NULL));
        eventure_free(json);
    }
    ck_assert_int_gt(n, 3);
    cJSON_Delete(tree);
}
END_TEST

START_TEST(data_without_its_length_ends_with_a_nul)
{
    const eventure_event event = {.type = "t", .data = "{\"x\":5}"};
    cJSON *tree = NULL;
    expect_ok(NULL, eventure_event_to_cjson(&event, &tree));
    expect_json(tree, "{\"x\":5}");
    cJSON_Delete(tree);
}
END_TEST

START_TEST(what_cannot_become_a_tree_is_named)
{
    static const struct
    {
        const char *data;
        const char *message;
    } cases[] = {
        {"", "make a cJSON tree: the event has no data"},
        {"[]", "make a cJSON tree: the data is not a JSON object: []"},
        {"{\"a\":\"x\\u0000y\"}", "make a cJSON tree: cJSON has no text with a NUL: \"x\\u0000y\""},
        {"{\"x\\u0000y\":1}", "make a cJSON tree: cJSON has no text with a NUL: \"x\\u0000y\""},
        {"{\"a\":[1e400]}", "make a cJSON tree: the number is too large for a double: 1e400"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        const eventure_event event = with_data(cases[i].data);
        cJSON *tree = NULL;
        expect_status(EVENTURE_ERROR_JSON, NULL, eventure_event_to_cjson(&event, &tree));
        ck_assert_str_eq(eventure_last_message(), cases[i].message);
    }
}
END_TEST

static void refuse_with(cJSON *tree, eventure_status status, const char *message)
{
    refuse_json(tree, status);
    ck_assert_str_eq(eventure_last_message(), message);
}

START_TEST(what_cannot_become_data_is_named)
{
    cJSON *tree = cJSON_CreateArray();
    refuse_with(tree, EVENTURE_ERROR_ARGUMENT, "print a cJSON tree: the root is not an object");
    static const double values[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    static const char *const names[] = {"NaN", "Infinity", "-Infinity"};
    for (size_t i = 0; i < COUNT_OF(values); i++)
    {
        char message[80];
        snprintf(message, sizeof message, "print a cJSON tree: %s is not a JSON number", names[i]);
        tree = cJSON_CreateObject();
        cJSON_AddNumberToObject(tree, "n", values[i]);
        refuse_with(tree, EVENTURE_ERROR_JSON, message);
    }
    tree = cJSON_CreateObject();
    cJSON_AddStringToObject(tree, "s", "a\xFF");
    refuse_with(tree, EVENTURE_ERROR_JSON, "print a cJSON tree: a\\xff is not valid UTF-8");
    tree = cJSON_CreateObject();
    cJSON_AddRawToObject(tree, "r", "[1,");
    refuse_json(tree, EVENTURE_ERROR_JSON);
    expect_part(eventure_last_message(), "print a cJSON tree: a raw item: at byte ");
    tree = cJSON_CreateObject();
    cJSON_AddItemToArray(tree, cJSON_CreateTrue());
    refuse_with(tree, EVENTURE_ERROR_ARGUMENT, "print a cJSON tree: an item has no key or no text");
    tree = cJSON_CreateObject();
    cJSON_AddNullToObject(tree, "i")->type = cJSON_Invalid;
    refuse_with(tree, EVENTURE_ERROR_ARGUMENT,
                "print a cJSON tree: an item has the type 0, which cJSON does not define");
}
END_TEST

START_TEST(a_tree_that_is_null_is_refused)
{
    const eventure_event event = {.type = "a", .data = "{}", .id = "x"};
    cJSON somewhere;
    cJSON *tree = &somewhere;
    char somewhere_else = 'x';
    char *json = &somewhere_else;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_event_to_cjson(NULL, &tree));
    ck_assert_ptr_null(tree);
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_event_to_cjson(&event, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_cjson_to_json(NULL, &json));
    ck_assert_ptr_null(json);
    tree = cJSON_CreateObject();
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_cjson_to_json(tree, NULL));
    ck_assert_str_eq(eventure_last_message(), "eventure_cjson_to_json: a required argument is NULL");
    cJSON_Delete(tree);
}
END_TEST
