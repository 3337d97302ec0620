/*
 * The levels of the bus: the memory that is reserved before an event is appended must be enough for its copy, for all
 * kinds of data.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/dispatch_frame.h"
#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(open_history, close_history);

#define PLENTY ((size_t)1 << 24)

static eventure_log *history;
static eventure__dispatch_frame level;

static void open_history(void)
{
    history = scratch_new();
    memset(&level, 0, sizeof level);
}

static void close_history(void)
{
    eventure__buffer_free(&level.text);
    scratch_close(history);
}

/* Reserves memory for an event of this type and data. */
static bool reserve(const char *type, const eventure_data *data, size_t max_data_bytes, const eventure_event *parent)
{
    eventure_event_input input = {.size = sizeof input, .type = type, .data = *data, .parent = parent};
    return eventure__dispatch_frame_reserve(&level, &input, max_data_bytes);
}

/* Appends an event, and checks that its copy fits into the reserved memory. */
static void expect_room(const char *type, eventure_data data, const eventure_event *parent)
{
    eventure_event event;
    eventure__buffer_free(&level.text);
    ck_assert(reserve(type, &data, PLENTY, parent));
    const char *reserved = level.text.bytes;
    size_t room = level.text.capacity;
    expect_ok(history, eventure_log_append(history, type, data, parent, &event));
    size_t needed = strlen(event.type) + event.data_len + strlen(event.id) + 4 +
                    (event.parent_id != NULL ? strlen(event.parent_id) : 0);
    ck_assert_uint_ge(room, needed);
    ck_assert(eventure__dispatch_frame_copy(&level, &event));
    ck_assert_ptr_eq(level.text.bytes, reserved);
    ck_assert_str_eq(level.event.type, event.type);
    ck_assert_str_eq(level.event.data, event.data);
    ck_assert_str_eq(level.event.id, event.id);
    ck_assert_int_eq(level.event.parent_id == NULL, event.parent_id == NULL);
    if (event.parent_id != NULL)
        ck_assert_str_eq(level.event.parent_id, event.parent_id);
}

static char *repeated(char c, size_t count)
{
    char *text = malloc(count + 1);
    ck_assert_ptr_nonnull(text);
    memset(text, c, count);
    text[count] = '\0';
    return text;
}

START_TEST(no_data_and_json_fit)
{
    expect_room("a", eventure_no_data(), NULL);
    expect_room("a.b", eventure_json("{}"), NULL);
    expect_room("a.b", eventure_json(" { \"a\" : [ 1 , 2.50 , \"\\u00e9\\u20ac\\ud83d\\ude00\" ] } "), NULL);
    char *control = malloc(6 * 1000 + 16);
    ck_assert_ptr_nonnull(control);
    strcpy(control, "{\"a\":\"");
    for (int i = 0; i < 1000; i++)
        strcat(control, "\\u001F");
    strcat(control, "\"}");
    expect_room("a.b", eventure_json(control), NULL);
    free(control);
}
END_TEST

START_TEST(fields_fit_however_much_they_are_escaped)
{
    char *control = repeated('\x01', 10000);
    char *plain = repeated('x', 10000);
    expect_room("a.b", EVENTURE_DATA(eventure_string("text", control)), NULL);
    expect_room("a.b", EVENTURE_DATA(eventure_string("text", plain)), NULL);
    expect_room("a.b", EVENTURE_DATA(eventure_int(control, 1)), NULL);
    expect_room("a.b", EVENTURE_DATA(eventure_bool(plain, true), eventure_null(control)), NULL);
    expect_room("a.b", EVENTURE_DATA(eventure_string_n("nul", "\0\0\0\0", 4)), NULL);
    free(control);
    free(plain);
}
END_TEST

START_TEST(many_long_numbers_fit)
{
    enum
    {
        COUNT = 3000
    };
    static char keys[COUNT][8];
    static eventure_field fields[COUNT];
    for (int i = 0; i < COUNT; i++)
    {
        snprintf(keys[i], sizeof keys[i], "%d", i);
        fields[i] = i % 2 == 0 ? eventure_int(keys[i], INT64_MIN) : eventure_double(keys[i], -2.2250738585072014e-308);
    }
    expect_room("a.b", eventure_data_fields(fields, COUNT), NULL);
}
END_TEST

START_TEST(a_long_type_and_a_long_parent_id_fit)
{
    char *type = repeated('t', EVENTURE_TYPE_MAX_BYTES);
    eventure_event parent;
    expect_ok(history, eventure_log_append(history, type, eventure_no_data(), NULL, &parent));
    char id[64];
    snprintf(id, sizeof id, "%s", parent.id);
    parent.id = id;
    parent.type = type;
    expect_room(type, eventure_no_data(), NULL);
    expect_room(type, eventure_no_data(), &parent);
    free(type);
    /* The parent's id of an imported event can be long: its whole length is reserved. */
    char *long_id = repeated('i', 100000);
    eventure_event stranger = {.id = long_id};
    eventure_data data = eventure_no_data();
    eventure__buffer_free(&level.text);
    ck_assert(reserve("a", &data, PLENTY, &stranger));
    ck_assert_uint_ge(level.text.capacity, 100000);
    free(long_id);
}
END_TEST

START_TEST(data_beyond_the_logs_limit_gets_no_room)
{
    char *text = repeated('x', 1000000);
    eventure_data data = eventure_json(text);
    ck_assert(reserve("a", &data, 1000, NULL));
    ck_assert_uint_lt(level.text.capacity, 10000);
    eventure_data absurd = eventure_json_n(text, SIZE_MAX);
    ck_assert(!reserve("a", &absurd, SIZE_MAX, NULL));
    free(text);
}
END_TEST

START_TEST(levels_are_kept_and_used_again)
{
    eventure__dispatch_frame *first = NULL;
    eventure__dispatch_frame *outer = eventure__dispatch_frame_enter(&first, NULL);
    eventure__dispatch_frame *inner = eventure__dispatch_frame_enter(&first, outer);
    ck_assert_ptr_nonnull(inner);
    ck_assert_ptr_eq(first, outer);
    ck_assert_ptr_eq(inner->outer, outer);
    ck_assert_ptr_null(outer->outer);
    ck_assert_ptr_eq(eventure__dispatch_frame_enter(&first, outer), inner);
    ck_assert_ptr_eq(eventure__dispatch_frame_enter(&first, NULL), outer);
    eventure__dispatch_frame_free(first);
}
END_TEST
