/*
 * A damaged index on parents, in which every event is a child of all before it: there are 2^n ways through such a
 * cascade. Whatever is asked of it ends, and verify says what is wrong.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"

#define EVENTS 60

/* A table without rowids has the records that an index has. */
#define CROSS                                                                                                          \
    "CREATE TABLE crossed (parent INTEGER, seq INTEGER, PRIMARY KEY (parent, seq)) WITHOUT ROWID;"                     \
    "INSERT INTO crossed SELECT parent.seq, child.seq FROM events AS parent JOIN events AS child "                     \
    "ON child.seq > parent.seq;"                                                                                       \
    "PRAGMA writable_schema = ON;"                                                                                     \
    "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'crossed') "                 \
    "WHERE name = 'events_parent_seq';"                                                                                \
    "DELETE FROM sqlite_schema WHERE name = 'crossed'"

static eventure_reader *reader;
static char first[64];

static void set_up(void)
{
    eventure_log *log = scratch_new();
    strcpy(first, scratch_append(log, "a.b", NULL, NULL));
    for (int i = 1; i < EVENTS; i++)
        scratch_append(log, "a.b", NULL, first);
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, CROSS));
    ck_assert_int_eq(eventure_reader_open(SCRATCH_PATH, &reader), EVENTURE_OK);
}

static void tear_down(void)
{
    eventure_reader_close(reader);
    scratch_remove(SCRATCH_PATH);
}

/* How many events an answer has, or its error. */
static int64_t walk(const eventure_filter *filter)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    int64_t count = 0;
    eventure_status status = eventure_query(reader, filter, &cursor);
    while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
        count++;
    eventure_cursor_free(cursor);
    return status < 0 ? status : count;
}

START_TEST(the_cascade_ends_in_every_order)
{
    static const eventure_order orders[] = {EVENTURE_ORDER_DEFAULT, EVENTURE_ORDER_ID, EVENTURE_ORDER_APPEND};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
    {
        eventure_filter filter = EVENTURE_FILTER_INIT;
        filter.cascade_of = first;
        filter.order = orders[i];
        int64_t count = walk(&filter);
        ck_assert_int_ge(count, EVENTS);
        ck_assert_int_lt(count, 1000000);
    }
}
END_TEST

START_TEST(counting_a_cascade_ends)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    int64_t count = 0;
    filter.cascade_of = first;
    ck_assert_int_eq(eventure_count(reader, &filter, &count), EVENTURE_OK);
    ck_assert_int_lt(count, 1000000);
}
END_TEST

START_TEST(the_viewer_ends)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    ck_assert_ptr_nonnull(out);
    ck_assert_int_le(eventure_cascade_print(reader, out, NULL), EVENTURE_OK);
    ck_assert_int_le(eventure_cascade_print_one(reader, first, out, NULL), EVENTURE_OK);
    fclose(out);
    ck_assert_uint_lt(len, 100000000);
    free(text);
}
END_TEST

START_TEST(verify_finds_it)
{
    eventure_verify_report report;
    ck_assert_int_eq(eventure_store_verify(reader, NULL, &report), EVENTURE_OK);
    ck_assert(!report.is_sound);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("crossed_index");
    TCase *tests = tcase_create("crossed_index");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, the_cascade_ends_in_every_order);
    tcase_add_test(tests, counting_a_cascade_ends);
    tcase_add_test(tests, the_viewer_ends);
    tcase_add_test(tests, verify_finds_it);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
