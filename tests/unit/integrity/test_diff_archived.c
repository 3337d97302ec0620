/*
 * The first difference of stores whose beginning is in an archive.
 */
#include <stdio.h>
#include <string.h>

#include "scratch.h"
#include "testing.h"

#define LEFT "left.db"
#define RIGHT "right.db"

#define TICKS 30

/* Makes a history with two events in each tick. The cause of the second event is the first event of the previous tick.
 * The data of the tick `other` differs. The ticks before `cut` are archived. */
static void make_history(const char *path, int ticks, int other, int cut, bool without_digests)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    char parent[32] = "";
    char archive[64];
    snprintf(archive, sizeof archive, "%s-archive", path);
    scratch_remove(path);
    scratch_remove(archive);
    options.without_digests = without_digests;
    expect_ok(NULL, eventure_log_open(path, &options, &log));
    for (int tick = 0; tick < ticks; tick++)
    {
        char first[32];
        expect_ok(log, eventure_log_advance_to(log, tick));
        snprintf(first, sizeof first, "%s", scratch_append(log, "a.b", tick == other ? "{\"x\":1}" : "{}", NULL));
        scratch_append(log, "c.d", "{}", tick > 0 ? parent : NULL);
        memcpy(parent, first, sizeof parent);
    }
    if (cut > 0)
        expect_ok(log, eventure_log_archive(log, archive, cut, NULL, NULL));
    expect_ok(NULL, eventure_log_close(log));
}

/* Expects the first difference at an event (0: no difference). A negative value is the expected status, with a part of
 * the error text. */
static void expect_diff(const char *one, const char *two, int64_t expected, const char *text)
{
    eventure_reader *left = NULL;
    eventure_reader *right = NULL;
    eventure_difference difference;
    expect_ok(NULL, eventure_reader_open(one, &left));
    expect_ok(NULL, eventure_reader_open(two, &right));
    eventure_status status = eventure_store_diff(left, right, &difference);
    if (expected < 0)
    {
        ck_assert_int_eq(status, expected);
        expect_part(eventure_reader_message(left), text);
    }
    else
    {
        expect_ok(left, status);
        ck_assert_int_eq(difference.differ, expected > 0);
        ck_assert_int_eq(difference.common_seq, expected > 0 ? expected - 1 : 2 * TICKS);
        ck_assert_int_eq(difference.common_tick, difference.common_seq > 0 ? (difference.common_seq - 1) / 2 : -1);
        const eventure_event *event = difference.left != NULL ? difference.left : difference.right;
        if (expected > 0)
            ck_assert_int_eq(event->seq, expected);
        eventure_difference_clear(&difference);
    }
    eventure_reader_close(right);
    eventure_reader_close(left);
}

/* All pairs of cuts, and each position of a difference, in both orders of the two stores. */
LOOP_TEST(the_first_difference_behind_the_cuts_is_found, 4)
{
    static const int cuts[][2] = {{10, 10}, {0, 10}, {5, 10}, {1, 29}};
    const int left_cut = cuts[_i][0];
    const int right_cut = cuts[_i][1];
    make_history(LEFT, TICKS, -1, left_cut, false);
    make_history(RIGHT, TICKS, -1, right_cut, false);
    expect_diff(LEFT, RIGHT, 0, NULL);
    expect_diff(RIGHT, LEFT, 0, NULL);
    for (int other = 0; other < TICKS; other += 3)
    {
        make_history(RIGHT, TICKS, other, right_cut, false);
        const int64_t expected = other >= right_cut ? 2 * other + 1 : EVENTURE_ERROR_ARCHIVED;
        expect_diff(LEFT, RIGHT, expected, "are not the beginning of");
        expect_diff(RIGHT, LEFT, expected, "right.db begins with tick ");
    }
    /* The first event after the cut. */
    make_history(RIGHT, TICKS, right_cut, right_cut, false);
    expect_diff(LEFT, RIGHT, 2 * right_cut + 1, NULL);
    expect_diff(RIGHT, LEFT, 2 * right_cut + 1, NULL);
}
END_TEST

START_TEST(a_history_that_ended_differs_behind_the_cut)
{
    make_history(LEFT, TICKS, -1, 10, false);
    make_history(RIGHT, 20, -1, 5, false);
    expect_diff(LEFT, RIGHT, 41, NULL);
    expect_diff(RIGHT, LEFT, 41, NULL);
    make_history(RIGHT, 8, -1, 0, false);
    expect_diff(LEFT, RIGHT, EVENTURE_ERROR_ARCHIVED, "left.db begins with tick 10");
    expect_diff(RIGHT, LEFT, EVENTURE_ERROR_ARCHIVED, "left.db begins with tick 10");
}
END_TEST

START_TEST(without_digests_an_archive_cannot_be_compared)
{
    make_history(LEFT, TICKS, -1, 10, true);
    make_history(RIGHT, TICKS, -1, 10, true);
    expect_diff(LEFT, RIGHT, EVENTURE_ERROR_ARCHIVED, "without digests, it is unknown whether");
    make_history(RIGHT, TICKS, -1, 0, false);
    expect_diff(LEFT, RIGHT, EVENTURE_ERROR_ARCHIVED, "the events after event 20 can be compared");
}
END_TEST
