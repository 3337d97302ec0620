/*
 * The stream of JSON values: every value is returned completely, for all positions of the boundaries of chunks.
 */
#include "scratch.h"
#include "testing.h"
#include "transfer/values.h"

#include <stdlib.h>
#include <string.h>

#include <eventure/transfer.h>

static eventure__error error;

/* Returns the values, each followed by `|`, then "!" and the error; the caller frees it. */
static char *read_all(const char *text, size_t len, const char *member, bool open_array_ends)
{
    eventure__values values;
    eventure__buffer out = {0};
    const char *value = NULL;
    size_t value_len = 0;
    FILE *in = scratch_stream(text, len);
    eventure_status status = eventure__values_open(&values, eventure__input_read_file, in, &error);
    expect_ok(NULL, status);
    values.member = member;
    values.open_array_ends = open_array_ends;
    while ((status = eventure__values_next(&values, &value, &value_len)) == EVENTURE_ROW)
    {
        eventure__buffer_append(&out, value, value_len);
        eventure__buffer_append_char(&out, '|');
    }
    if (status != EVENTURE_OK)
        eventure__buffer_append_char(&out, '!');
    eventure__values_free(&values);
    fclose(in);
    return eventure__buffer_take(&out);
}

static void expect(const char *text, const char *values)
{
    char *got = read_all(text, strlen(text), NULL, false);
    ck_assert_str_eq(got, values);
    free(got);
}

START_TEST(values_follow_each_other)
{
    expect("", "");
    expect(" \n\t", "");
    expect("{\"a\":1}\n{\"b\":[2,{}]}", "{\"a\":1}|{\"b\":[2,{}]}|");
    expect("{}{} 1 true\"x\"null", "{}|{}|1|true|\"x\"|null|");
    expect("{\n \"a\": \"}{\\\"\\\\\"\n}\r\n\r\n{}", "{\n \"a\": \"}{\\\"\\\\\"\n}|{}|");
    expect("\xEF\xBB\xBF{}", "{}|");
}
END_TEST

START_TEST(elements_of_arrays_are_values)
{
    expect("[]", "");
    expect("[{}, {\"a\": [1]} ,3,\"x\" ]", "{}|{\"a\": [1]}|3|\"x\"|");
    expect("[1][2]\n[ ]{}", "1|2|{}|");
}
END_TEST

START_TEST(what_does_not_end_is_an_error)
{
    static const char *const wrong[] = {"{", "{\"a", "{\"a\\\"", "[", "[1", "[1,", "{\"a\":[}", "[[1]"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
    {
        char *got = read_all(wrong[i], strlen(wrong[i]), NULL, false);
        ck_assert_msg(strchr(got, '!') != NULL || strcmp(wrong[i], "{\"a\":[}") == 0, "%s: %s", wrong[i], got);
        free(got);
    }
    expect("[1,]", "1|!");
    expect("[1 2]", "1|!");
    expect("{\"a\n\"}", "!");
}
END_TEST

START_TEST(a_member_of_an_object_is_entered)
{
    static const char text[] = "{\"x\": {\"wanted\": [0]}, \"y\": \"]}\", \"wanted\": [1, {\"z\": 2}], \"n\": [3]}";
    char *got = read_all(text, sizeof text - 1, "wanted", true);
    ck_assert_str_eq(got, "1|{\"z\": 2}|");
    free(got);
    got = read_all("[1,2,", 5, "wanted", true);
    ck_assert_str_eq(got, "1|2|");
    free(got);
    got = read_all("{\"wanted\": 5, \"x\" 1}", 20, "wanted", true);
    ck_assert_str_eq(got, "!");
    free(got);
}
END_TEST

START_TEST(chunks_cut_anywhere)
{
    /* Each position of a value is once at the end of the first chunk. */
    static const char tail[] = "{\"k\\\"\": [\"}\\\\\", {\"x\": 1}], \"y\": true}\n\"string\\\\\"\n12345\n{}";
    static const char expected[] = "{\"k\\\"\": [\"}\\\\\", {\"x\": 1}], \"y\": true}|\"string\\\\\"|12345|{}|";
    const size_t chunk = (size_t)256 * 1024;
    char *text = malloc(chunk + sizeof tail);
    ck_assert_ptr_nonnull(text);
    for (size_t before = 0; before <= sizeof tail; before++)
    {
        memset(text, ' ', chunk);
        memcpy(text + chunk - before, tail, sizeof tail - 1);
        char *got = read_all(text, chunk - before + sizeof tail - 1, NULL, false);
        ck_assert_str_eq(got, expected);
        free(got);
    }
    free(text);
}
END_TEST

START_TEST(a_value_that_is_too_long_is_refused)
{
    const size_t len = (size_t)EVENTURE_IMPORT_LINE_MAX_BYTES + 10;
    char *text = malloc(len);
    ck_assert_ptr_nonnull(text);
    memset(text, '[', len);
    *text = '{';
    char *got = read_all(text, len, NULL, false);
    ck_assert_str_eq(got, "!");
    ck_assert_int_eq(error.status, EVENTURE_ERROR_LIMIT);
    free(got);
    free(text);
}
END_TEST

/* Gives a text byte by byte, and fails at its end. */
static int give_and_fail(void *bytes, size_t capacity, size_t *out_len, void *context)
{
    const char **rest = context;
    (void)capacity;
    if (**rest == '\0')
        return EVENTURE_ERROR_IO;
    memcpy(bytes, (*rest)++, 1);
    *out_len = 1;
    return 0;
}

START_TEST(an_error_of_the_callback_is_returned_wherever_it_happens)
{
    static const char text[] = "{\"a\" : {\"b\":[1]} , \"wanted\" : [ {\"x\": \"y\\\"\"} , 12 , \"z\" ] , \"c\" : 1 } ";
    for (size_t len = 3; len < sizeof text; len++)
    {
        char part[sizeof text] = "";
        const char *rest = part;
        const char *value = NULL;
        size_t value_len = 0;
        eventure__values values;
        memcpy(part, text, len);
        expect_ok(NULL, eventure__values_open(&values, give_and_fail, &rest, &error));
        values.member = "wanted";
        eventure_status status = EVENTURE_ROW;
        while (status == EVENTURE_ROW)
            status = eventure__values_next(&values, &value, &value_len);
        ck_assert_msg(status == EVENTURE_ERROR_IO, "%s: %d", part, status);
        eventure__values_free(&values);
    }
}
END_TEST

/* Expects the text of the error after these values, and its line. */
static void expect_error(const char *text, const char *member, int64_t line, const char *message)
{
    eventure__values values;
    const char *value = NULL;
    size_t len = 0;
    FILE *in = scratch_stream(text, strlen(text));
    expect_ok(NULL, eventure__values_open(&values, eventure__input_read_file, in, &error));
    values.member = member;
    eventure_status status = EVENTURE_ROW;
    while (status == EVENTURE_ROW)
        status = eventure__values_next(&values, &value, &len);
    ck_assert_int_eq(status, EVENTURE_ERROR_JSON);
    ck_assert_str_eq(error.text, message);
    ck_assert_int_eq(values.line, line);
    eventure__values_free(&values);
    fclose(in);
}

START_TEST(errors_name_their_cause_and_their_line)
{
    expect_error("[1,\n2", NULL, 2, "invalid JSON: the array has no end");
    expect_error("[1,\n]", NULL, 2, "invalid JSON: a comma must be followed by another one of what it separates");
    expect_error("[1\n2]", NULL, 2, "invalid JSON: an element of the array must be followed by `,` or `]`");
    expect_error("\n{\"a\":\n", NULL, 2, "the input is truncated: the value that begins here has no end");
    expect_error("\n\"a", NULL, 2, "the input is truncated: the value that begins here has no end");
    expect_error("\n{\n\"a\n\"}", NULL, 3, "invalid JSON: a string that begins in this line has no end");
    expect_error("{\"a\":1,\n", "m", 2, "invalid JSON: the object has no end");
    expect_error("{\"a\":\n", "m", 2, "invalid JSON: the object has no end");
    expect_error("{\n\"a\" 1}", "m", 2, "invalid JSON: a key must be followed by `:`");
    expect_error("{\n1:1}", "m", 2, "invalid JSON: a key of the object must be a string");
    expect_error("{\"a\":1\n\"b\":2}", "m", 2, "invalid JSON: a member of the object must be followed by `,` or `}`");
    expect_error("{\"a\":1,\n}", "m", 2, "invalid JSON: a comma must be followed by another one of what it separates");
}
END_TEST
