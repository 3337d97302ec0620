/*
 * The table in memory of the types that a log has used: see event/types.h.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "alloc_fail.h"
#include "event/types.h"
#include "testing.h"

/* Makes a unique name with a length from 1 to 255 bytes. */
static size_t make_name(size_t number, char name[256])
{
    size_t len = (size_t)snprintf(name, 256, "%zu.", number);
    size_t fill_to = number * 53 % 255 + 1;
    while (len < fill_to)
        name[len++] = (char)('a' + number % 26);
    name[len] = '\0';
    return len;
}

START_TEST(types_that_were_met_stay_found_by_their_names)
{
    enum
    {
        COUNT = 5000
    };
    eventure__types met = {0};
    char name[256];
    const char *first = NULL;
    for (size_t i = 0; i < COUNT; i++)
    {
        size_t len = make_name(i, name);
        ck_assert_uint_eq(eventure__types_find(&met, name, len), 0);
        ck_assert_uint_eq(eventure__types_add(&met, name, len), i + 1);
        ck_assert_uint_eq(eventure__types_add(&met, name, len), i + 1);
        if (i == 0)
            first = eventure__types_get(&met, 1)->name;
    }
    ck_assert_uint_eq(met.count, COUNT);
    ck_assert_ptr_eq(eventure__types_get(&met, 1)->name, first);
    for (size_t i = 0; i < COUNT; i++)
    {
        size_t len = make_name(i, name);
        size_t number = eventure__types_find(&met, name, len);
        ck_assert_uint_eq(number, i + 1);
        ck_assert_str_eq(eventure__types_get(&met, number)->name, name);
        ck_assert_uint_eq(eventure__types_get(&met, number)->name_len, len);
        ck_assert_uint_eq(eventure__types_find(&met, name, len - 1), 0);
    }
    eventure__types_free(&met);
    ck_assert_uint_eq(eventure__types_find(&met, "0.", 2), 0);
    eventure__types_free(&met);
}
END_TEST

START_TEST(without_memory_a_type_is_not_met_and_the_others_stay)
{
    eventure__types met = {0};
    char name[256];
    int failures = 0;
    for (size_t i = 0; i < 300; i++)
    {
        size_t len = make_name(i, name);
        bool hit = true;
        for (long n = 1; hit; n++)
        {
            alloc_fail_at(n);
            size_t number = eventure__types_add(&met, name, len);
            hit = alloc_fail_stop();
            ck_assert_uint_eq(number, hit ? 0 : i + 1);
            ck_assert_uint_eq(met.count, hit ? i : i + 1);
            ck_assert_uint_eq(eventure__types_find(&met, name, len), number);
            failures += hit;
        }
        len = make_name(i / 2, name);
        ck_assert_uint_eq(eventure__types_find(&met, name, len), i / 2 + 1);
    }
    ck_assert_int_ge(failures, 300 + 2);
    eventure__types_free(&met);
}
END_TEST
