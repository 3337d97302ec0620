/*
 * Ids to text and back: each id has one spelling.
 */
#include <stdlib.h>
#include <string.h>

#include "event/id.h"
#include "testing.h"

START_TEST(ids_are_written_and_read_back)
{
    static const struct
    {
        int64_t tick;
        const char *hash;
        int64_t n;
        const char *text;
    } cases[] = {{4, "FADA", 1, "4-FADA-1"},
                 {0, "A", 10, "0-A-10"},
                 {7, "", 2, "7--2"},
                 {INT64_MAX, "FFFF", INT64_MAX, "9223372036854775807-FFFF-9223372036854775807"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        char text[EVENTURE__ID_BYTES];
        eventure__id id = {0};
        ck_assert_uint_eq(eventure__id_format(text, cases[i].tick, cases[i].hash, cases[i].n), strlen(cases[i].text));
        ck_assert_str_eq(text, cases[i].text);
        ck_assert(eventure__id_parse(text, strlen(text), &id));
        ck_assert_int_eq(id.tick, cases[i].tick);
        ck_assert_str_eq(id.hash, cases[i].hash);
        ck_assert_int_eq(id.n, cases[i].n);
    }
}
END_TEST

START_TEST(any_other_text_is_not_an_id)
{
    static const char *const texts[] = {"",
                                        "4",
                                        "4-",
                                        "4-FADA",
                                        "4-FADA-",
                                        "-FADA-1",
                                        "4-FADA-0",
                                        "4-FADA-01",
                                        "04-FADA-1",
                                        "00-FADA-1",
                                        "+4-FADA-1",
                                        "-4-FADA-1",
                                        "4-FADA-+1",
                                        "4-FADA--1",
                                        "4-fada-1",
                                        "4-FADAB-1",
                                        "4-FAGA-1",
                                        "4-FADA-1 ",
                                        " 4-FADA-1",
                                        "4-FADA-1-1",
                                        "4 FADA 1",
                                        "4-FAD1-1",
                                        "4.0-FADA-1",
                                        "x-FADA-1",
                                        "4-FADA-x",
                                        "4-FADA-1x",
                                        "4--",
                                        "--1",
                                        "4-1",
                                        "g001-0",
                                        "9223372036854775808-FADA-1",
                                        "4-FADA-9223372036854775808",
                                        "99999999999999999999-FADA-1"};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
    {
        size_t len = strlen(texts[i]);
        char *exact = malloc(len + 1);
        eventure__id id = {.tick = -77};
        memcpy(exact + 1, texts[i], len); /* ends with the last byte of the allocation, for the address sanitizer */
        ck_assert_msg(!eventure__id_parse(exact + 1, len, &id), "%s", texts[i]);
        free(exact);
        ck_assert_int_eq(id.tick, -77);
    }
    eventure__id id;
    ck_assert(!eventure__id_parse("4-FADA-1\0", 9, &id));
    ck_assert(eventure__id_parse("4-FADA-12345", 9, &id));
    ck_assert_int_eq(id.n, 12);
}
END_TEST
