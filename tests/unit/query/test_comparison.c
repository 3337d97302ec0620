/*
 * Comparisons of two JSON values: numbers as numbers, strings as their bytes without escapes, everything else only for
 * equality; and their errors.
 */
#include <string.h>

#include "query/comparison.h"
#include "testing.h"

static bool holds(const char *found, eventure_comparison comparison, const char *wanted)
{
    bool failed = true;
    const bool result = eventure__comparison_holds((eventure__span){found, strlen(found)}, comparison,
                                                   (eventure__span){wanted, strlen(wanted)}, &failed);
    ck_assert(!failed);
    return result;
}

/* Checks all four orders, in both directions; `order` is -1, 0 or 1, as of strcmp. */
static void expect_order(const char *a, const char *b, int order)
{
    for (int turned = 0; turned < 2; turned++)
    {
        ck_assert_msg(holds(a, EVENTURE_LESS, b) == (order < 0), "%s < %s", a, b);
        ck_assert_msg(holds(a, EVENTURE_LESS_OR_EQUAL, b) == (order <= 0), "%s <= %s", a, b);
        ck_assert_msg(holds(a, EVENTURE_GREATER, b) == (order > 0), "%s > %s", a, b);
        ck_assert_msg(holds(a, EVENTURE_GREATER_OR_EQUAL, b) == (order >= 0), "%s >= %s", a, b);
        const char *other = a;
        a = b;
        b = other;
        order = -order;
    }
}

static void expect_no_order(const char *a, const char *b)
{
    static const eventure_comparison orders[] = {EVENTURE_LESS, EVENTURE_LESS_OR_EQUAL, EVENTURE_GREATER,
                                                 EVENTURE_GREATER_OR_EQUAL};
    for (size_t i = 0; i < COUNT_OF(orders); i++)
    {
        ck_assert_msg(!holds(a, orders[i], b), "%s and %s", a, b);
        ck_assert_msg(!holds(b, orders[i], a), "%s and %s", b, a);
    }
}

START_TEST(numbers_are_ordered_by_their_value)
{
    expect_order("1", "2", -1);
    expect_order("2", "2", 0);
    expect_order("-1", "1", -1);
    expect_order("2", "10", -1);
    expect_order("9007199254740992", "9007199254740993", -1);
    expect_order("-9223372036854775808", "9223372036854775807", -1);
    expect_order("1.5", "1.25", 1);
    expect_order("1.0", "1", 0);
    expect_order("10e-1", "1", 0);
    expect_order("-0.0", "0", 0);
    /* Larger than a double of its sign, and equal to another such number. */
    expect_order("1e400", "1e308", 1);
    expect_order("1e400", "9223372036854775807", 1);
    expect_order("-1e400", "-1e308", -1);
    expect_order("1e400", "-1e400", 1);
    expect_order("1e400", "1e500", 0);
    expect_order("-1e400", "-1e500", 0);
}
END_TEST

START_TEST(strings_are_ordered_by_their_bytes_without_escapes)
{
    expect_order("\"a\"", "\"b\"", -1);
    expect_order("\"a\"", "\"a\"", 0);
    expect_order("\"a\"", "\"ab\"", -1);
    expect_order("\"\"", "\"a\"", -1);
    expect_order("\"\"", "\"\"", 0);
    expect_order("\"b\"", "\"ab\"", 1);
    expect_order("\"\\u0061\"", "\"a\"", 0);
    expect_order("\"\\u00e9\"", "\"z\"", 1);
    expect_order("\"a\\u0000b\"", "\"a\"", 1);
    expect_order("\"A\"", "\"a\"", -1);
    expect_order("\"10\"", "\"9\"", -1);
}
END_TEST

START_TEST(other_values_have_no_order)
{
    static const char *const values[] = {"1", "\"1\"", "true", "null", "[1]", "{\"a\":1}"};
    for (size_t i = 0; i < COUNT_OF(values); i++)
        for (size_t k = 0; k < COUNT_OF(values); k++)
            if (i != k || i > 1)
                expect_no_order(values[i], values[k]);
}
END_TEST

START_TEST(equality_is_that_of_json_values)
{
    static const char *const values[] = {"1", "\"1\"", "true", "null", "[1]", "{\"a\":1}", "\"\"", "2"};
    for (size_t i = 0; i < COUNT_OF(values); i++)
        for (size_t k = 0; k < COUNT_OF(values); k++)
        {
            ck_assert_int_eq(holds(values[i], EVENTURE_EQUAL, values[k]), i == k);
            ck_assert_int_eq(holds(values[i], EVENTURE_NOT_EQUAL, values[k]), i != k);
        }
    ck_assert(holds("{\"a\":1,\"b\":2}", EVENTURE_EQUAL, "{\"b\":2.0,\"a\":1}"));
    ck_assert(!holds("{\"a\":1,\"b\":2}", EVENTURE_NOT_EQUAL, "{\"b\":2.0,\"a\":1}"));
    ck_assert(!holds("1", (eventure_comparison)99, "1"));
    ck_assert(!holds("\"1\"", (eventure_comparison)99, "\"1\""));
}
END_TEST

START_TEST(a_text_contains_each_part_of_it)
{
    static const char text[] = "\"abcabd\"";
    static const char *const parts[] = {"\"\"",    "\"a\"",   "\"d\"",    "\"ab\"",
                                        "\"abd\"", "\"cab\"", "\"abca\"", "\"abcabd\""};
    static const char *const others[] = {"\"x\"", "\"abe\"", "\"ba\"", "\"abcabde\"", "\"dd\"", "\"A\"", "\"bdx\""};
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        ck_assert_msg(holds(text, EVENTURE_CONTAINS, parts[i]), "%s", parts[i]);
    for (size_t i = 0; i < COUNT_OF(others); i++)
        ck_assert_msg(!holds(text, EVENTURE_CONTAINS, others[i]), "%s", others[i]);
    ck_assert(holds("\"\"", EVENTURE_CONTAINS, "\"\""));
    ck_assert(!holds("\"\"", EVENTURE_CONTAINS, "\"a\""));
    ck_assert(holds("\"aaab\"", EVENTURE_CONTAINS, "\"aab\""));
    /* Another value than a string is searched as JSON. */
    ck_assert(holds("[1,{\"x\":null}]", EVENTURE_CONTAINS, "\"null\""));
    ck_assert(holds("12345", EVENTURE_CONTAINS, "234"));
    ck_assert(!holds("12345", EVENTURE_CONTAINS, "235"));
    ck_assert(holds("\"say \\\"x\\\"\"", EVENTURE_CONTAINS, "\"\\\"x\\\"\""));
}
END_TEST
