/*
 * Times as text, as callers read and write them.
 */
#include <math.h>
#include <string.h>

#include "testing.h"

START_TEST(text_becomes_a_timestamp)
{
    double timestamp = 7;
    expect_ok(NULL, eventure_time_from_text("1970-01-01T00:00:01.5Zx", 22, &timestamp));
    ck_assert(timestamp == 1.5);
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_time_from_text("1970-01-01T00:00:01.5Zx", 23, &timestamp));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_time_from_text(NULL, 0, &timestamp));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_time_from_text("1970-01-01T00:00:02Z", 20, NULL));
    ck_assert(timestamp == 1.5);
}
END_TEST

START_TEST(a_timestamp_becomes_text)
{
    char text[EVENTURE_TIME_BYTES] = "before";
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_time_to_text(-1, text));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_time_to_text((double)NAN, text));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_time_to_text((double)INFINITY, text));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_time_to_text(0, NULL));
    ck_assert_str_eq(text, "before");
    expect_ok(NULL, eventure_time_to_text(1.5, text));
    ck_assert_str_eq(text, "1970-01-01T00:00:01.5Z");
    expect_ok(NULL, eventure_time_to_text(0, text));
    ck_assert_str_eq(text, "1970-01-01T00:00:00Z");
}
END_TEST
