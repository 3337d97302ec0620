/*
 * The first difference of two histories: each property of an event, ticks, ends, and stores without digests.
 */
#include "damage.h"
#include "history_world.h"

#define OTHER "other.db"

/* Makes a store of these lines, with or without digests. */
static void make(const char *path, const char *lines, bool without_digests)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_import_options import = EVENTURE_IMPORT_OPTIONS_INIT;
    eventure_log *log = NULL;
    scratch_remove(path);
    options.without_digests = without_digests;
    options.sync = EVENTURE_SYNC_OFF;
    import.external_parents = true;
    expect_ok(NULL, eventure_log_open(path, &options, &log));
    expect_ok(log, scratch_import(log, lines, &import));
    expect_ok(NULL, eventure_log_close(log));
}

#define LINE(tick, timestamp, type, data, id, parent)                                                                  \
    "{\"tick\": " tick ", \"timestamp\": " timestamp ", \"type\": \"" type "\", \"data\": " data                       \
    ", \"event_id\": \"" id "\", \"parent_id\": " parent "}\n"
#define TWO LINE("0", "1.5", "a", "{}", "r", "null") LINE("0", "1.5", "a", "{}", "s", "null")
#define THIRD LINE("2", "1.5", "a.b", "{\"n\": 1}", "x", "\"r\"")
#define FOURTH LINE("3", "1.5", "c", "{}", "y", "null")

/* Compares the stores; both orders must have the same result. */
static eventure_difference compare(void)
{
    eventure_reader *left = NULL;
    eventure_reader *right = NULL;
    eventure_difference difference;
    eventure_difference other;
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &left));
    expect_ok(NULL, eventure_reader_open(OTHER, &right));
    expect_ok(right, eventure_store_diff(right, left, &other));
    expect_ok(left, eventure_store_diff(left, right, &difference));
    ck_assert_int_eq(difference.differ, other.differ);
    ck_assert_int_eq(difference.common_seq, other.common_seq);
    ck_assert_int_eq(difference.common_tick, other.common_tick);
    ck_assert_int_eq(difference.left == NULL, other.right == NULL);
    ck_assert_int_eq(difference.right == NULL, other.left == NULL);
    eventure_difference_clear(&other);
    ck_assert_ptr_null(other.left);
    ck_assert_ptr_null(other.right);
    eventure_reader_close(left);
    eventure_reader_close(right);
    return difference;
}

LOOP_TEST(every_property_of_an_event_makes_a_difference_except_its_time, 2)
{
    static const char *const others[] = {
        LINE("1", "1.5", "a.b", "{\"n\": 1}", "x", "\"r\""),   LINE("2", "1.5", "a.c", "{\"n\": 1}", "x", "\"r\""),
        LINE("2", "1.5", "a.b", "{\"n\": 2}", "x", "\"r\""),   LINE("2", "1.5", "a.b", "{\"n\": 10}", "x", "\"r\""),
        LINE("2", "1.5", "a.b", "{\"n\": 1}", "z", "\"r\""),   LINE("2", "1.5", "a.b", "{\"n\": 1}", "x", "\"s\""),
        LINE("2", "1.5", "a.b", "{\"n\": 1}", "x", "\"far\""), LINE("2", "1.5", "a.b", "{\"n\": 1}", "x", "null")};
    make(SCRATCH_PATH, TWO THIRD FOURTH, _i == 1);
    for (size_t i = 0; i < COUNT_OF(others); i++)
    {
        char lines[2000];
        snprintf(lines, sizeof lines, "%s%s%s", TWO, others[i], FOURTH);
        make(OTHER, lines, _i == 1);
        eventure_difference difference = compare();
        ck_assert(difference.differ);
        ck_assert_int_eq(difference.common_seq, 2);
        ck_assert_int_eq(difference.common_tick, 0);
        ck_assert_int_eq(difference.left->seq, 3);
        ck_assert_int_eq(difference.right->seq, 3);
        ck_assert_str_eq(difference.left->id, "x");
        eventure_difference_clear(&difference);
    }
    make(OTHER, TWO LINE("2", "7.25", "a.b", "{\"n\": 1}", "x", "\"r\"") FOURTH, _i == 1);
    eventure_difference difference = compare();
    ck_assert(!difference.differ);
    ck_assert_int_eq(difference.common_seq, 4);
    ck_assert_int_eq(difference.common_tick, 3);
    ck_assert_ptr_null(difference.left);
    ck_assert_ptr_null(difference.right);
}
END_TEST

LOOP_TEST(a_history_may_end_before_the_other, 2)
{
    make(SCRATCH_PATH, TWO THIRD, _i == 1);
    make(OTHER, TWO THIRD FOURTH, _i == 1);
    eventure_difference difference = compare();
    ck_assert(difference.differ);
    ck_assert_int_eq(difference.common_seq, 3);
    ck_assert_int_eq(difference.common_tick, 2);
    ck_assert_ptr_null(difference.left);
    ck_assert_str_eq(difference.right->id, "y");
    eventure_difference_clear(&difference);
    make(SCRATCH_PATH, "", _i == 1);
    difference = compare();
    ck_assert_int_eq(difference.common_seq, 0);
    ck_assert_int_eq(difference.common_tick, -1);
    ck_assert_str_eq(difference.right->id, "r");
    eventure_difference_clear(&difference);
    make(OTHER, "", _i == 1);
    difference = compare();
    ck_assert(!difference.differ);
    ck_assert_int_eq(difference.common_seq, 0);
    ck_assert_int_eq(difference.common_tick, -1);
}
END_TEST

START_TEST(stores_with_and_without_digests_are_compared)
{
    make(SCRATCH_PATH, TWO THIRD FOURTH, false);
    make(OTHER, TWO THIRD, true);
    eventure_difference difference = compare();
    ck_assert(difference.differ);
    ck_assert_int_eq(difference.common_seq, 3);
    eventure_difference_clear(&difference);
}
END_TEST

START_TEST(the_last_tick_there_is_is_compared)
{
    static const char last[] = LINE("9223372036854775807", "1.5", "a", "{}", "l", "null");
    char lines[2000];
    snprintf(lines, sizeof lines, "%s%s", TWO, last);
    make(SCRATCH_PATH, lines, false);
    make(OTHER, lines, false);
    eventure_difference difference = compare();
    ck_assert(!difference.differ);
    ck_assert_int_eq(difference.common_tick, INT64_MAX);
    make(OTHER, TWO, false);
    difference = compare();
    ck_assert(difference.differ);
    ck_assert_int_eq(difference.common_seq, 2);
    eventure_difference_clear(&difference);
}
END_TEST

START_TEST(what_is_missing_in_a_call_is_an_error)
{
    eventure_reader *reader = NULL;
    eventure_difference difference;
    make(SCRATCH_PATH, TWO, false);
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_store_diff(NULL, reader, &difference));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_store_diff(reader, NULL, &difference));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_store_diff(reader, reader, NULL));
    eventure_difference_clear(NULL);
    expect_ok(reader, eventure_store_diff(reader, reader, &difference));
    ck_assert(!difference.differ);
    ck_assert_int_eq(difference.common_seq, 2);
    eventure_reader_close(reader);
}
END_TEST

LOOP_TEST(a_damaged_event_before_the_difference_is_an_error, 2)
{
    eventure_reader *left = NULL;
    eventure_reader *right = NULL;
    eventure_difference difference;
    make(SCRATCH_PATH, TWO THIRD FOURTH, _i == 1);
    make(OTHER, TWO THIRD LINE("3", "1.5", "d", "{}", "y", "null"), _i == 1);
    damage_store(OTHER, "UPDATE events SET timestamp = 9e999 WHERE seq = 3");
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &left));
    expect_ok(NULL, eventure_reader_open(OTHER, &right));
    expect_status(EVENTURE_ERROR_CORRUPT, left, eventure_store_diff(left, right, &difference));
    expect_part(eventure_reader_message(left), OTHER " is damaged: event 3 has no finite timestamp");
    expect_status(EVENTURE_ERROR_CORRUPT, right, eventure_store_diff(right, left, &difference));
    expect_part(eventure_reader_message(right), OTHER " is damaged: event 3 has no finite timestamp");
    eventure_reader_close(left);
    eventure_reader_close(right);
}
END_TEST

/* An error of the right store is that of the left one, which the caller asks. */
START_TEST(an_error_of_either_store_is_reported)
{
    for (int side = 0; side < 2; side++)
    {
        eventure_reader *left = NULL;
        eventure_reader *right = NULL;
        eventure_difference difference;
        make(SCRATCH_PATH, TWO, false);
        make(OTHER, TWO, false);
        char *wrong = scratch_sql(side == 0 ? SCRATCH_PATH : OTHER, "DROP TABLE archive");
        ck_assert_ptr_null(wrong);
        expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &left));
        expect_ok(NULL, eventure_reader_open(OTHER, &right));
        ck_assert_int_lt(eventure_store_diff(left, right, &difference), 0);
        expect_part(eventure_reader_message(left), "archive");
        eventure_reader_close(left);
        eventure_reader_close(right);
    }
}
END_TEST
