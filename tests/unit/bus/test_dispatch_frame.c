/*
 * The levels of the bus: the memory that is reserved before an event is appended must be enough for its copy, for all
 * kinds of data.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
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

/* Asserts how many bytes are reserved for an event. The parent's id adds as many bytes as it has, and the capacity of a
   buffer is a power of two: it shows whether the sum is the number that is expected. */
static void expect_bytes(eventure_event_input input, size_t max_data_bytes, size_t expected)
{
    static char filler[16384];
    eventure_event parent = {.id = filler};
    memset(filler, 'p', sizeof filler - 1);
    input.size = sizeof input;
    input.type = "t";
    input.parent = &parent;
    for (size_t more = 0; more < 2; more++)
    {
        parent.id_len = 8192 - expected + more;
        eventure__buffer_free(&level.text);
        ck_assert(eventure__dispatch_frame_reserve(&level, &input, max_data_bytes));
        ck_assert_uint_eq(level.text.capacity, more == 0 ? 8192 : 16384);
    }
}

START_TEST(the_longest_copy_is_reserved_and_no_more)
{
    enum
    {
        REST = 1 + 48 + 4 /* the type, a derived id, four NULs */
    };
    eventure_field key = eventure_int("key and more", 1);
    key.key_len = 3;
    expect_bytes((eventure_event_input){0}, PLENTY, REST + 2);
    expect_bytes((eventure_event_input){.data = eventure_json("{\"a\":1}")}, PLENTY, REST + 7);
    expect_bytes((eventure_event_input){.data = EVENTURE_DATA(eventure_string("k", "ab"))}, PLENTY, REST + 26);
    expect_bytes((eventure_event_input){.data = EVENTURE_DATA(eventure_json_field("k", "[1]"))}, PLENTY, REST + 15);
    expect_bytes((eventure_event_input){.data = EVENTURE_DATA(eventure_int("k", 1))}, PLENTY,
                 REST + 12 + EVENTURE__DOUBLE_BYTES);
    expect_bytes((eventure_event_input){.data = EVENTURE_DATA(eventure_double("k", 1), eventure_null("k2"))}, PLENTY,
                 REST + 28 + 2 * EVENTURE__DOUBLE_BYTES);
    expect_bytes((eventure_event_input){.data = EVENTURE_DATA(eventure_bool("", true))}, PLENTY,
                 REST + 6 + EVENTURE__DOUBLE_BYTES);
    expect_bytes((eventure_event_input){.data = eventure_data_fields(&key, 1)}, PLENTY,
                 REST + 24 + EVENTURE__DOUBLE_BYTES);
    expect_bytes((eventure_event_input){.data = eventure_data_fields(NULL, 3)}, PLENTY, REST + 2);
    expect_bytes((eventure_event_input){.data = EVENTURE_DATA(eventure_string("k", "ab"))}, 26, REST + 26);
    expect_bytes((eventure_event_input){.data = EVENTURE_DATA(eventure_string("k", "ab"))}, 25, REST + 25);
    expect_bytes((eventure_event_input){.id = "x"}, PLENTY, REST + 2 - 48 + 1024);
    expect_bytes((eventure_event_input){.parent_seq = 1}, PLENTY, REST + 2 + 1024);
    expect_bytes((eventure_event_input){.parent_id = "x"}, PLENTY, REST + 2 + 1024);
    expect_bytes((eventure_event_input){.parent_id = "x", .parent_seq = 1}, PLENTY, REST + 2 + 1024);
}
END_TEST

START_TEST(the_memory_of_the_event_before_is_used_again)
{
    static char text[8001];
    memset(text, 'x', sizeof text - 1);
    const eventure_data data = eventure_json(text);
    const eventure_event event = {.type = "a", .data = text};
    ck_assert(eventure__dispatch_frame_copy(&level, &event));
    ck_assert_uint_eq(level.text.capacity, 8192);
    ck_assert(reserve("a", &data, PLENTY, NULL));
    ck_assert_uint_eq(level.text.capacity, 8192);
    ck_assert_uint_eq(level.text.len, 0);
}
END_TEST

START_TEST(lengths_that_no_memory_has_are_refused)
{
    static const size_t lengths[] = {SIZE_MAX, SIZE_MAX / 6, SIZE_MAX / 6 + 1, SIZE_MAX / 6 - 1};
    for (size_t i = 0; i < COUNT_OF(lengths); i++)
    {
        eventure_field field = eventure_string("k", "x");
        field.value.text.len = lengths[i];
        eventure_data data = eventure_data_fields(&field, 1);
        ck_assert(!reserve("a", &data, SIZE_MAX, NULL));
        eventure__buffer_free(&level.text);
        field = eventure_int("k", 1);
        field.key_len = lengths[i];
        data = eventure_data_fields(&field, 1);
        ck_assert(!reserve("a", &data, SIZE_MAX, NULL));
        eventure__buffer_free(&level.text);
        ck_assert(reserve("a", &data, 100, NULL)); /* the log will refuse the event */
    }
}
END_TEST

START_TEST(a_copy_has_the_members_and_the_lengths_of_the_event)
{
    const eventure_event event = {.seq = 3,
                                  .tick = 2,
                                  .timestamp = 1.5,
                                  .type = "a.b and more",
                                  .type_len = 3,
                                  .data = "{\"n\":1} and more",
                                  .data_len = 7,
                                  .id = "own and more",
                                  .id_len = 3,
                                  .parent_id = "other and more",
                                  .parent_id_len = 5,
                                  .parent_seq = 1};
    const eventure_event measured = {.type = "a", .data = "{}", .id = "x", .parent_id = "y"};
    const eventure_event bare = {.type = "a"};
    ck_assert(eventure__dispatch_frame_copy(&level, &event));
    const eventure_event *copy = &level.event;
    ck_assert_int_eq(copy->seq, 3);
    ck_assert_int_eq(copy->tick, 2);
    ck_assert_int_eq(copy->parent_seq, 1);
    ck_assert_double_eq(copy->timestamp, 1.5);
    ck_assert_str_eq(copy->type, "a.b");
    ck_assert_str_eq(copy->data, "{\"n\":1}");
    ck_assert_str_eq(copy->id, "own");
    ck_assert_str_eq(copy->parent_id, "other");
    ck_assert_uint_eq(level.text.len, 3 + 7 + 3 + 5 + 4);
    ck_assert(eventure__dispatch_frame_copy(&level, &measured));
    ck_assert_uint_eq(copy->type_len, 1);
    ck_assert_uint_eq(copy->data_len, 2);
    ck_assert_uint_eq(copy->id_len, 1);
    ck_assert_uint_eq(copy->parent_id_len, 1);
    ck_assert_uint_eq(level.text.len, 5 + 4);
    ck_assert(eventure__dispatch_frame_copy(&level, &bare));
    ck_assert_ptr_null(copy->data);
    ck_assert_ptr_null(copy->id);
    ck_assert_ptr_null(copy->parent_id);
    ck_assert_uint_eq(copy->data_len + copy->id_len + copy->parent_id_len, 0);
    ck_assert_uint_eq(level.text.len, 2);
}
END_TEST

/* Up to 64 KiB are kept, and used again after the next event. */
START_TEST(a_level_keeps_the_memory_of_usual_events)
{
    static const size_t sizes[] = {65536, 131072};
    for (size_t i = 0; i < 2; i++)
    {
        eventure__dispatch_frame *first = NULL;
        eventure__dispatch_frame *frame = eventure__dispatch_frame_enter(&first, NULL);
        ck_assert(eventure__buffer_reserve(&frame->text, sizes[i]));
        ck_assert_uint_eq(frame->text.capacity, sizes[i]);
        const char *bytes = frame->text.bytes;
        ck_assert_ptr_eq(eventure__dispatch_frame_enter(&first, NULL), frame);
        ck_assert_ptr_eq(frame->before.bytes, bytes); /* the event before is still valid */
        ck_assert_ptr_null(frame->text.bytes);
        eventure__dispatch_frame_enter(&first, NULL);
        ck_assert_uint_eq(frame->text.capacity, i == 0 ? 65536 : 0);
        ck_assert_ptr_null(frame->before.bytes);
        eventure__dispatch_frame_free(first);
    }
}
END_TEST

/* A copy makes room for all texts first: the pointers to the first ones must not be those of a smaller block. */
START_TEST(a_long_text_does_not_move_the_others)
{
    enum
    {
        LONG = 100000
    };
    char *text = malloc(LONG + 1);
    ck_assert_ptr_nonnull(text);
    memset(text, 'x', LONG);
    text[LONG] = '\0';
    for (int place = 0; place < 4; place++)
    {
        const char *texts[] = {"a.b", "{}", "1-AAAA-1", "0-AAAA-1"};
        texts[place] = text;
        const eventure_event event = {
            .seq = 1, .type = texts[0], .data = texts[1], .id = texts[2], .parent_id = texts[3]};
        eventure__buffer_free(&level.text);
        ck_assert(eventure__dispatch_frame_copy(&level, &event));
        ck_assert_str_eq(level.event.type, texts[0]);
        ck_assert_str_eq(level.event.data, texts[1]);
        ck_assert_str_eq(level.event.id, texts[2]);
        ck_assert_str_eq(level.event.parent_id, texts[3]);
    }
    free(text);
}
END_TEST
