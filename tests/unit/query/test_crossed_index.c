/*
 * A damaged index on parents, in which every event is a child of all earlier events, so that a cascade has 2^n paths.
 * Every query must end, and verify must report the damage.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

#define EVENTS 60

/* A table WITHOUT ROWID has the same records as an index. */
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
    expect_ok(NULL, eventure_log_close(log));
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, CROSS));
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
}

static void tear_down(void)
{
    eventure_reader_close(reader);
    scratch_remove(SCRATCH_PATH);
}

/* Returns the number of events in the result of a query, or its error. */
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
    for (size_t i = 0; i < COUNT_OF(orders); i++)
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
    expect_ok(reader, eventure_query_count(reader, &filter, &count));
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
    expect_ok(reader, eventure_store_verify(reader, NULL, &report));
    ck_assert(!report.is_sound);
}
END_TEST
