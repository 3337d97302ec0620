/*
 * Events are collected in memory and written together: this must not be visible to any caller, no event may be lost,
 * and no event that was rolled back may be written.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"
#include "store/store.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

static eventure_log *log_;

static void set_up(void)
{
    log_ = scratch_new();
}

static void tear_down(void)
{
    expect_ok(NULL, eventure_log_close(log_));
}

static void append_some(int count)
{
    for (int i = 0; i < count; i++)
        scratch_append(log_, i % 3 == 0 ? "a.start" : "b.move", "{\"n\":1}", NULL);
}

START_TEST(every_question_sees_the_events_that_wait)
{
    static const int counts[] = {1, 31, 32, 33, 64, 100};
    int64_t expected = 0;
    for (size_t i = 0; i < COUNT_OF(counts); i++)
    {
        eventure_filter filter = EVENTURE_FILTER_INIT;
        int64_t count = -1;
        append_some(counts[i]);
        expected += counts[i];
        if (i % 2 == 0)
            ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), expected);
        expect_ok(eventure_log_reader(log_), eventure_query_count(eventure_log_reader(log_), &filter, &count));
        ck_assert_int_eq(count, expected);
    }
    char *in_file = scratch_ask(SCRATCH_PATH, "SELECT count(*) FROM events");
    ck_assert_str_eq(in_file, "0");
    free(in_file);
    expect_ok(log_, eventure_log_advance_tick(log_));
    in_file = scratch_ask(SCRATCH_PATH, "SELECT count(*) || ' ' || max(seq) FROM events");
    ck_assert_str_eq(in_file, "261 261");
    free(in_file);
}
END_TEST

START_TEST(an_event_that_waits_is_found_by_its_id_and_as_a_parent)
{
    char id[64];
    eventure_event *found = NULL;
    append_some(3);
    strcpy(id, scratch_append(log_, "a.start", "{\"who\":\"Ann\"}", NULL));
    const eventure_event parent = {.id = id};
    eventure_event child;
    expect_ok(log_, eventure_log_append(log_, "b.move", eventure_no_data(), &parent, &child));
    ck_assert_int_eq(child.parent_seq, 4);
    expect_ok(eventure_log_reader(log_), eventure_query_find(eventure_log_reader(log_), id, &found));
    ck_assert_str_eq(found->data, "{\"who\":\"Ann\"}");
    eventure_event_free(found);
}
END_TEST

START_TEST(a_parent_is_found_by_its_id_in_memory_and_beyond)
{
    static char ids[3000][32];
    for (int i = 0; i < 3000; i++)
    {
        strcpy(ids[i], scratch_append(log_, i % 7 == 0 ? "a.start" : "b.move", NULL, NULL));
        if (i % 500 == 0)
            expect_ok(log_, eventure_log_advance_tick(log_));
    }
    for (int i = 0; i < 3000; i += 13)
    {
        const eventure_event parent = {.id = ids[i]};
        eventure_event child;
        expect_ok(log_, eventure_log_append(log_, "c.end", eventure_no_data(), &parent, &child));
        ck_assert_int_eq(child.parent_seq, i + 1);
    }
    const eventure_event unknown = {.id = "1-ABCD-1"};
    expect_status(EVENTURE_ERROR_PARENT, log_, eventure_log_append(log_, "c.end", eventure_no_data(), &unknown, NULL));
    const eventure_event other_hash = {.id = "0-A-1"};
    expect_status(EVENTURE_ERROR_PARENT, log_,
                  eventure_log_append(log_, "c.end", eventure_no_data(), &other_hash, NULL));
}
END_TEST

START_TEST(a_rollback_forgets_the_events_that_wait)
{
    char id[64];
    append_some(5);
    expect_ok(log_, eventure_log_advance_tick(log_));
    append_some(40);
    strcpy(id, scratch_append(log_, "a.start", "{\"lost\":true}", NULL));
    expect_ok(log_, eventure_log_rollback(log_));
    const eventure_event gone = {.id = id};
    expect_status(EVENTURE_ERROR_PARENT, log_, eventure_log_append(log_, "b.move", eventure_no_data(), &gone, NULL));
    scratch_append(log_, "b.move", "{\"kept\":true}", NULL);
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 6);
    expect_ok(log_, eventure_log_commit(log_));
    char *data = scratch_ask(SCRATCH_PATH, "SELECT data FROM events WHERE seq = 6");
    ck_assert_str_eq(data, "{\"kept\":true}");
    free(data);
}
END_TEST

/* Returns data with this number of bytes. */
static char *make_data(size_t len)
{
    char *data = malloc(len + 1);
    ck_assert_ptr_nonnull(data);
    memset(data, 'x', len);
    memcpy(data, "{\"t\":\"", 6);
    memcpy(data + len - 2, "\"}", 3);
    return data;
}

START_TEST(large_data_keeps_its_place_among_the_events_that_wait)
{
    static const size_t lens[] = {20, 65536, 65537, 30, 1000000, 40};
    for (size_t i = 0; i < 6; i++)
    {
        char *data = make_data(lens[i]);
        scratch_append(log_, "a.start", data, NULL);
        free(data);
    }
    expect_ok(log_, eventure_log_commit(log_));
    char *lengths = scratch_ask(SCRATCH_PATH, "SELECT group_concat(length(data)) FROM (SELECT data FROM events "
                                              "ORDER BY seq)");
    ck_assert_str_eq(lengths, "20,65536,65537,30,1000000,40");
    free(lengths);
}
END_TEST

/* Leaves room for only a few pages more than the file has, so that the disk is soon full. */
static void fill_disk(int more_pages)
{
    char sql[128];
    char *pages = scratch_ask(SCRATCH_PATH, "PRAGMA page_count");
    snprintf(sql, sizeof sql, "PRAGMA max_page_count = %d", atoi(pages) + more_pages);
    free(pages);
    ck_assert_int_eq(sqlite3_exec(eventure_log_reader(log_)->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void empty_disk(void)
{
    ck_assert_int_eq(sqlite3_exec(eventure_log_reader(log_)->db, "PRAGMA max_page_count = 1000000", NULL, NULL, NULL),
                     SQLITE_OK);
}

START_TEST(when_waiting_events_cannot_be_written_the_log_is_at_its_last_commit)
{
    char *data = make_data(4000);
    eventure_status status = EVENTURE_OK;
    append_some(10);
    expect_ok(log_, eventure_log_advance_tick(log_));
    fill_disk(5);
    int appended = 0;
    while (status == EVENTURE_OK && appended < 100)
    {
        status = eventure_log_append(log_, "b.move", eventure_json(data), NULL, NULL);
        appended++;
    }
    expect_status(EVENTURE_ERROR_IO, NULL, status);
    expect_part(eventure_log_message(log_), "full");
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 10);
    empty_disk();
    expect_ok(log_, eventure_log_append(log_, "b.move", eventure_json(data), NULL, NULL));
    expect_ok(log_, eventure_log_advance_tick(log_));
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 11);
    ck_assert_int_eq(eventure_log_tick(log_), 2);
    free(data);
}
END_TEST

/* The log keeps short ids of waiting events in memory, so a short id that it does not find there is not waiting. A long
 * id may belong to a waiting event, so the waiting events are written before the look-up. */
START_TEST(when_a_parent_is_looked_up_and_waiting_events_cannot_be_written_the_log_is_at_its_last_commit)
{
    char *data = make_data(60000);
    append_some(10);
    expect_ok(log_, eventure_log_advance_tick(log_));
    fill_disk(5);
    for (int i = 0; i < 5; i++)
        expect_ok(log_, eventure_log_append(log_, "b.move", eventure_json(data), NULL, NULL));
    const eventure_event unknown = {.id = "7-ABCD-1"};
    expect_status(EVENTURE_ERROR_PARENT, log_, eventure_log_append(log_, "b.move", eventure_no_data(), &unknown, NULL));
    expect_part(eventure_log_message(log_), "parent 7-ABCD-1 is not in this store");
    const eventure_event unknown_long = {.id = "an id that is longer than those that memory keeps"};
    expect_status(EVENTURE_ERROR_IO, log_,
                  eventure_log_append(log_, "b.move", eventure_no_data(), &unknown_long, NULL));
    expect_part(eventure_log_message(log_), "full");
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 10);
    empty_disk();
    scratch_append(log_, "b.move", NULL, NULL);
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 11);
    free(data);
}
END_TEST
