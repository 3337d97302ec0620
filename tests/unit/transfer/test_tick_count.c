/*
 * The number of different ticks, of events in order and of scattered ones.
 */
#include "transfer/tick_count.h"

#include "testing.h"

static int64_t count(bool scattered, const int64_t *ticks, size_t len)
{
    eventure__tick_count counter = {.scattered = scattered};
    for (size_t i = 0; i < len; i++)
        ck_assert(eventure__tick_count_add(&counter, ticks[i]));
    const int64_t counted = eventure__tick_count_get(&counter);
    ck_assert_int_eq(eventure__tick_count_get(&counter), counted);
    eventure__tick_count_free(&counter);
    return counted;
}

START_TEST(adjacent_ticks_are_counted_once)
{
    static const int64_t ticks[] = {0, 0, 0, 3, 3, 7, INT64_MAX, INT64_MAX};
    ck_assert_int_eq(count(false, ticks, 0), 0);
    ck_assert_int_eq(count(false, ticks, 1), 1);
    ck_assert_int_eq(count(false, ticks, 3), 1);
    ck_assert_int_eq(count(false, ticks, COUNT_OF(ticks)), 4);
}
END_TEST

START_TEST(scattered_ticks_are_counted_once)
{
    static const int64_t ticks[] = {5, 0, 5, 0, 0, 7, INT64_MAX, 5, INT64_MAX, 0};
    ck_assert_int_eq(count(true, ticks, 0), 0);
    ck_assert_int_eq(count(true, ticks, 1), 1);
    ck_assert_int_eq(count(true, ticks, 2), 2);
    ck_assert_int_eq(count(true, ticks, COUNT_OF(ticks)), 4);
}
END_TEST

START_TEST(few_ticks_take_little_memory)
{
    eventure__tick_count counter = {.scattered = true};
    for (int64_t i = 0; i < 2000; i++)
        ck_assert(eventure__tick_count_add(&counter, i % 31));
    ck_assert_uint_eq(counter.capacity, 64);
    ck_assert_int_eq(eventure__tick_count_get(&counter), 31);
    /* Half of the memory is not enough when there are 32. */
    for (int64_t i = 0; i < 2000; i++)
        ck_assert(eventure__tick_count_add(&counter, i % 32));
    ck_assert_uint_eq(counter.capacity, 128);
    ck_assert_int_eq(eventure__tick_count_get(&counter), 32);
    eventure__tick_count_free(&counter);
}
END_TEST

START_TEST(many_ticks_are_counted)
{
    eventure__tick_count counter = {.scattered = true};
    for (int64_t i = 0; i < 3000; i++)
        ck_assert(eventure__tick_count_add(&counter, i * 7919 % 1009));
    ck_assert_int_eq(eventure__tick_count_get(&counter), 1009);
    ck_assert(eventure__tick_count_add(&counter, -1));
    ck_assert_int_eq(eventure__tick_count_get(&counter), 1010);
    eventure__tick_count_free(&counter);
}
END_TEST
