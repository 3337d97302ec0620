/*
 * The growable buffer: its content, and its failures.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "alloc_fail.h"
#include "base/buffer.h"
#include "testing.h"

START_TEST(an_empty_buffer_is_empty_text)
{
    eventure__buffer buffer = {0};
    ck_assert_str_eq(eventure__buffer_text(&buffer), "");
    ck_assert_uint_eq(buffer.len, 0);
    eventure__buffer_free(&buffer);
}
END_TEST

START_TEST(what_is_appended_is_concatenated)
{
    eventure__buffer buffer = {0};
    eventure__buffer_append(&buffer, "a\0b", 3);
    eventure__buffer_append(&buffer, NULL, 0);
    eventure__buffer_append_text(&buffer, "text");
    eventure__buffer_append_char(&buffer, '!');
    eventure__buffer_append_int(&buffer, INT64_MIN);
    ck_assert_uint_eq(buffer.len, 28);
    ck_assert_mem_eq(eventure__buffer_text(&buffer), "a\0btext!-9223372036854775808", 29);
    ck_assert_uint_eq(buffer.len, 28);
    eventure__buffer_free(&buffer);
}
END_TEST

START_TEST(a_buffer_grows_far_beyond_its_first_size_without_losing_a_byte)
{
    eventure__buffer buffer = {0};
    for (int i = 0; i < 100000; i++)
        eventure__buffer_append_char(&buffer, (char)('a' + i % 26));
    ck_assert_uint_eq(buffer.len, 100000);
    for (int i = 0; i < 100000; i++)
        ck_assert_int_eq(buffer.bytes[i], 'a' + i % 26);
    eventure__buffer_free(&buffer);
}
END_TEST

START_TEST(taking_hands_the_bytes_over_and_empties)
{
    eventure__buffer buffer = {0};
    eventure__buffer_append_text(&buffer, "mine");
    char *taken = eventure__buffer_take(&buffer);
    ck_assert_str_eq(taken, "mine");
    ck_assert_ptr_null(buffer.bytes);
    ck_assert_uint_eq(buffer.len, 0);
    ck_assert_uint_eq(buffer.capacity, 0);
    free(taken);
}
END_TEST

START_TEST(clearing_keeps_the_memory)
{
    eventure__buffer buffer = {0};
    eventure__buffer_append_text(&buffer, "something");
    char *bytes = buffer.bytes;
    eventure__buffer_clear(&buffer);
    ck_assert_uint_eq(buffer.len, 0);
    eventure__buffer_append_text(&buffer, "else");
    ck_assert_ptr_eq(buffer.bytes, bytes);
    ck_assert_str_eq(eventure__buffer_text(&buffer), "else");
    eventure__buffer_free(&buffer);
}
END_TEST

START_TEST(a_failure_sticks_until_it_is_cleared)
{
    eventure__buffer buffer = {0};
    eventure__buffer_append_text(&buffer, "kept");
    alloc_fail_at(1);
    ck_assert(!eventure__buffer_reserve(&buffer, 1000));
    ck_assert(alloc_fail_stop());
    ck_assert(buffer.failed);
    eventure__buffer_append_text(&buffer, "not this");
    ck_assert(!eventure__buffer_reserve(&buffer, 1));
    ck_assert_ptr_null(eventure__buffer_text(&buffer));
    ck_assert_uint_eq(buffer.len, 4);
    ck_assert_mem_eq(buffer.bytes, "kept", 4);
    eventure__buffer_clear(&buffer);
    eventure__buffer_append_text(&buffer, "this");
    ck_assert_str_eq(eventure__buffer_text(&buffer), "this");
    eventure__buffer_free(&buffer);
}
END_TEST

START_TEST(taking_from_a_failed_buffer_is_null_and_leaks_nothing)
{
    eventure__buffer buffer = {0};
    eventure__buffer_append_text(&buffer, "text");
    buffer.failed = true;
    ck_assert_ptr_null(eventure__buffer_take(&buffer));
    ck_assert_ptr_null(buffer.bytes);
    ck_assert(!buffer.failed);
}
END_TEST

START_TEST(more_bytes_than_there_can_be_is_a_failure_and_no_overflow)
{
    eventure__buffer buffer = {0};
    eventure__buffer_append_text(&buffer, "text");
    ck_assert(!eventure__buffer_reserve(&buffer, SIZE_MAX - 2));
    ck_assert(buffer.failed);
    eventure__buffer_free(&buffer);
}
END_TEST
