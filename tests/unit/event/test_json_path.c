/*
 * Following a path of keys and element numbers through JSON.
 */
#include <stdio.h>
#include <string.h>

#include "event/json.h"
#include "testing.h"

/* Returns the value at a path, valid until the next call; NULL when there is none. */
static const char *value_at(const char *object, const char *path)
{
    static char text[256];
    eventure__span value = {NULL, 0};
    if (!eventure__json_path((eventure__span){object, strlen(object)}, path, strlen(path), &value))
        return NULL;
    snprintf(text, sizeof text, "%.*s", (int)value.len, value.at);
    return text;
}

START_TEST(keys_are_followed)
{
    static const char object[] = "{\"a\":{\"b\":{\"c\":1}},\"\":3}";
    ck_assert_str_eq(value_at(object, "a"), "{\"b\":{\"c\":1}}");
    ck_assert_str_eq(value_at(object, "a.b.c"), "1");
    ck_assert_str_eq(value_at(object, ""), "3");
    ck_assert_ptr_null(value_at(object, "a.c"));
    ck_assert_ptr_null(value_at(object, "a.b.c.d"));
    ck_assert_ptr_null(value_at(object, "b"));
    ck_assert_ptr_null(value_at(object, "a."));
}
END_TEST

START_TEST(the_longest_key_that_exists_is_taken)
{
    static const char object[] = "{\"a\":{\"b\":{\"c\":1}},\"a.b\":2}";
    ck_assert_str_eq(value_at(object, "a.b"), "2");
    ck_assert_ptr_null(value_at(object, "a.b.c"));
    ck_assert_str_eq(value_at("{\"a.b\":{\"c\":1}}", "a.b.c"), "1");
    ck_assert_str_eq(value_at("{\"a\":{\"b.c\":1}}", "a.b.c"), "1");
}
END_TEST

START_TEST(elements_are_numbered_from_0)
{
    static const char object[] = "{\"a\":[10,[11,12],{\"b\":13},0,1,2,3,4,5,6,20]}";
    ck_assert_str_eq(value_at(object, "a.0"), "10");
    ck_assert_str_eq(value_at(object, "a.1.1"), "12");
    ck_assert_str_eq(value_at(object, "a.2.b"), "13");
    ck_assert_str_eq(value_at(object, "a.10"), "20");
    ck_assert_ptr_null(value_at(object, "a.11"));
}
END_TEST

START_TEST(other_texts_are_no_numbers)
{
    static const char *const none[] = {"a.",   "a.00", "a.01", "a.-1", "a.+1",         "a. 1",         "a.1 ",
                                       "a.1x", "a./",  "a.:",  "a.0x", "a.0000000001", "a.10000000000"};
    for (size_t i = 0; i < COUNT_OF(none); i++)
        ck_assert_msg(value_at("{\"a\":[1,2]}", none[i]) == NULL, "%s", none[i]);
}
END_TEST

START_TEST(a_path_is_followed_to_a_depth_of_64)
{
    char object[1024] = "";
    char path[256] = "";
    for (int depth = 0; depth < 65; depth++)
        strcat(object, "{\"a\":");
    strcat(object, "1");
    for (int depth = 0; depth < 65; depth++)
        strcat(object, "}");
    for (int depth = 0; depth < 63; depth++)
        strcat(path, "a.");
    strcat(path, "a");
    ck_assert_str_eq(value_at(object, path), "{\"a\":1}");
    strcat(path, ".a");
    ck_assert_ptr_null(value_at(object, path));
}
END_TEST
