/*
 * Appending imported events, as an import calls it: what is assigned and what is kept, what is refused with which text,
 * and what the log answers about events that are not written yet.
 */
#include <math.h>
#include <string.h>

#include "embedded_sql.h"
#include "log/bulk.h"
#include "log/log.h"
#include "log/log_internal.h"
#include "log/undo.h"
#include "refuse.h"
#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

#define LONG_ID "an id that is longer than the 47 bytes which the log keeps in memory"

static eventure_log *log_;

static void set_up(void)
{
    log_ = scratch_new();
}

static void tear_down(void)
{
    scratch_close(log_);
}

static eventure_event event_of(int64_t tick, const char *type, const char *id, const char *parent_id)
{
    return (eventure_event){
        .tick = tick, .timestamp = 2.5, .type = type, .data = "{}", .data_len = 2, .id = id, .parent_id = parent_id};
}

static void begin(void)
{
    expect_ok(log_, eventure__log_bulk_begin(log_));
}

static void commit(void)
{
    expect_ok(log_, eventure__log_bulk_commit(log_));
}

static void append(int64_t tick, const char *type, const char *id, const char *parent_id)
{
    const eventure_event event = event_of(tick, type, id, parent_id);
    expect_ok(log_, eventure__log_bulk_append(log_, &event, false));
}

/* Refuses an event, after which the caller undoes the import. */
static void refuse(eventure_status status, eventure_event event, const char *text)
{
    expect_status(status, log_, eventure__log_bulk_append(log_, &event, false));
    ck_assert_str_eq(eventure_log_message(log_), text);
    eventure__log_undo(log_, status);
    ck_assert_str_eq(eventure_log_message(log_), text);
    begin();
}

START_TEST(events_are_appended_as_they_are)
{
    begin();
    append(0, "a.b", "0-EBFC-1", NULL);
    append(0, "a.b", "mine", "0-EBFC-1");
    append(5, "a.b", "5-EBFC-1", "mine");
    ck_assert_int_eq(eventure_log_tick(log_), 5);
    append(5, "a.b", LONG_ID, "5-EBFC-1");
    append(5, "a.b", "last", LONG_ID);
    ck_assert_int_eq(eventure__log_last_seq(log_), 5);
    commit();
    ck_assert(!log_->bypasses_queue);
    scratch_expect_answer("SELECT group_concat(tick || ' ' || timestamp || ' ' || coalesce(parent_seq, '-')) "
                          "FROM (SELECT * FROM events ORDER BY seq)",
                          "0 2.5 -,0 2.5 1,5 2.5 2,5 2.5 3,5 2.5 4");
}
END_TEST

START_TEST(an_event_without_an_id_gets_one)
{
    eventure_event event = event_of(3, "a.b", NULL, NULL);
    begin();
    expect_ok(log_, eventure__log_bulk_place(log_, &event, false));
    ck_assert_int_eq(event.seq, 1);
    ck_assert_str_eq(event.id, "3-EBFC-1");
    ck_assert_uint_eq(event.id_len, 8);
    ck_assert_int_eq(event.parent_seq, 0);
    event = event_of(3, "a.b", NULL, "3-EBFC-1");
    expect_ok(log_, eventure__log_bulk_place(log_, &event, false));
    ck_assert_int_eq(event.seq, 2);
    ck_assert_str_eq(event.id, "3-EBFC-2");
    ck_assert_int_eq(event.parent_seq, 1);
    event = event_of(3, "a.b", NULL, "outside");
    event.parent_seq = 9;
    expect_ok(log_, eventure__log_bulk_place(log_, &event, true));
    ck_assert_int_eq(event.seq, 3);
    ck_assert_int_eq(event.parent_seq, 0);
    commit();
    scratch_expect_answer("SELECT parent_id || coalesce(parent_seq, '-') FROM events WHERE seq = 3", "outside-");
}
END_TEST

START_TEST(lengths_beside_texts_are_used)
{
    eventure_event event = event_of(0, "a.b and more", "my id and more", NULL);
    begin();
    event.type_len = 3;
    event.id_len = 5;
    expect_ok(log_, eventure__log_bulk_append(log_, &event, false));
    event = event_of(0, "a.b", "other", "my id and more");
    event.parent_id_len = 5;
    expect_ok(log_, eventure__log_bulk_append(log_, &event, false));
    commit();
    scratch_expect_answer("SELECT group_concat(type || ' ' || id || ' ' || coalesce(parent_id, '-')) FROM events",
                          "a.b my id -,a.b other my id");
}
END_TEST

START_TEST(what_is_refused_is_named)
{
    char type[300];
    eventure_event event = event_of(0, "a.b", "x", NULL);
    memset(type, 't', sizeof type);
    type[256] = '\0';
    begin();
    append(4, "a.b", "first", NULL);
    commit();
    begin();
    refuse(EVENTURE_ERROR_TICK, event_of(3, "a.b", "x", NULL), "tick 3 goes back: the log is at tick 4");
    refuse(EVENTURE_ERROR_EXISTS, event_of(4, "a.b", "first", NULL), "id first is taken by event 1");
    refuse(EVENTURE_ERROR_PARENT, event_of(4, "a.b", "x", "none"), "parent none is not in this store");
    event = event_of(4, "a.b", "x", NULL);
    event.timestamp = NAN;
    refuse(EVENTURE_ERROR_ARGUMENT, event, "the timestamp NaN is not finite");
    event.timestamp = INFINITY;
    refuse(EVENTURE_ERROR_ARGUMENT, event, "the timestamp Infinity is not finite");
    event.timestamp = 1;
    event.data_len = (size_t)log_->options.max_data_bytes + 1;
    refuse(EVENTURE_ERROR_LIMIT, event, "data is 16777217 bytes long; the limit max_data_bytes is 16777216");
    event = event_of(4, type, "x", NULL);
    expect_status(EVENTURE_ERROR_TYPE, log_, eventure__log_bulk_append(log_, &event, false));
    eventure__log_undo(log_, EVENTURE_ERROR_TYPE);
    begin();
    event = event_of(4, "", "x", NULL);
    expect_status(EVENTURE_ERROR_TYPE, log_, eventure__log_bulk_append(log_, &event, false));
    eventure__log_undo(log_, EVENTURE_ERROR_TYPE);
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 1);
}
END_TEST

START_TEST(the_limits_of_the_log_hold_for_known_and_new_types)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    scratch_close(log_);
    options.max_tick_events = 2;
    options.max_type_bytes = 3;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log_));
    begin();
    append(4, "a.b", "one", NULL);
    append(4, "a.b", "two", NULL);
    commit();
    begin();
    for (int is_new = 0; is_new < 2; is_new++)
        refuse(EVENTURE_ERROR_LIMIT, event_of(4, is_new ? "c" : "a.b", "x", NULL),
               "tick 4 has 2 events already; the limit max_tick_events is 2");
    refuse(EVENTURE_ERROR_LIMIT, event_of(5, "abcd", "x", NULL),
           "the type abcd is 4 bytes long; the limit max_type_bytes is 3");
    append(5, "a.b", "three", NULL); /* the next tick has none yet */
    commit();
}
END_TEST

START_TEST(the_log_answers_about_events_that_wait)
{
    bool known = false;
    int64_t count = -1;
    eventure__buffer data = {0};
    eventure_event event = event_of(0, "a.b", "one", NULL);
    event.data = "{\"n\":1}";
    event.data_len = 7;
    begin();
    ck_assert(!eventure__log_bulk_tick_has_events(log_));
    expect_ok(log_, eventure__log_bulk_append(log_, &event, false));
    ck_assert(eventure__log_bulk_tick_has_events(log_));
    expect_ok(log_, eventure__log_bulk_knows(log_, "one", &known));
    ck_assert(known);
    expect_ok(log_, eventure__log_bulk_knows(log_, "two", &known));
    ck_assert(!known);
    expect_ok(log_, eventure__log_bulk_data(log_, "one", &data));
    ck_assert_str_eq(eventure__buffer_text(&data), "{\"n\":1}");
    expect_status(EVENTURE_ERROR_NOT_FOUND, log_, eventure__log_bulk_data(log_, "two", &data));
    ck_assert_str_eq(eventure_log_message(log_), "there is no event two");
    for (int i = 0; i < 3; i++)
    {
        static const char *const parents[] = {"outside", "outside", "elsewhere"};
        event = event_of(0, "a.b", NULL, parents[i]);
        expect_ok(log_, eventure__log_bulk_append(log_, &event, true));
    }
    expect_ok(log_, eventure__log_bulk_unknown_parents(log_, 0, &count));
    ck_assert_int_eq(count, 2);
    expect_ok(log_, eventure__log_bulk_unknown_parents(log_, 3, &count));
    ck_assert_int_eq(count, 1);
    expect_ok(log_, eventure__log_bulk_unknown_parents(log_, 4, &count));
    ck_assert_int_eq(count, 0);
    append(0, "a.b", "elsewhere", NULL); /* the cause comes later */
    expect_ok(log_, eventure__log_bulk_unknown_parents(log_, 0, &count));
    ck_assert_int_eq(count, 1);
    append(1, "a.b", LONG_ID, NULL);
    expect_ok(log_, eventure__log_bulk_knows(log_, LONG_ID, &known));
    ck_assert(known);
    commit();
    eventure__buffer_free(&data);
}
END_TEST

START_TEST(what_waits_in_the_queue_of_a_thread_is_written_before_an_import_and_a_question)
{
    bool known = false;
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure__buffer data = {0};
    scratch_close(log_);
    options.background = true;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log_));
    for (int i = 0; i < 100; i++)
        expect_ok(log_, eventure_log_append(log_, "a.b", eventure_json("{\"n\":1}"), NULL, NULL));
    expect_ok(log_, eventure__log_bulk_knows(log_, "0-EBFC-100", &known));
    ck_assert(known);
    expect_ok(log_, eventure__log_bulk_data(log_, "0-EBFC-100", &data));
    ck_assert_str_eq(eventure__buffer_text(&data), "{\"n\":1}");
    eventure__buffer_free(&data);
    begin();
    ck_assert(log_->bypasses_queue);
    append(2, "c.d", "mine", "0-EBFC-100");
    commit();
    ck_assert(!log_->bypasses_queue);
    expect_ok(log_, eventure_log_append(log_, "a.b", eventure_no_data(), NULL, NULL));
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 102);
}
END_TEST

START_TEST(a_log_for_an_import_is_not_synced_and_takes_the_largest_data)
{
    eventure_log *log = NULL;
    scratch_remove("bulk.db");
    for (int without_digests = 0; without_digests < 2; without_digests++)
    {
        expect_ok(NULL, eventure__log_bulk_open("bulk.db", without_digests != 0, &log));
        ck_assert_int_eq(log->options.sync, EVENTURE_SYNC_OFF);
        ck_assert_int_eq(log->options.mode, EVENTURE_OPEN_OR_CREATE);
        ck_assert_int_eq(log->options.max_data_bytes, EVENTURE_DATA_MAX_BYTES);
        ck_assert_int_eq(log->writer.has_digests, without_digests == 0);
        expect_ok(NULL, eventure_log_close(log));
        scratch_remove("bulk.db");
    }
}
END_TEST

/* The indexes on events are dropped by the first event of an empty store, and built by the commit. */
START_TEST(the_indexes_are_those_of_any_store_after_the_commit)
{
    static const char indexes[] = "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name LIKE 'events_%'";
    begin();
    ck_assert(!log_->lacks_indexes);
    append(0, "a.b", "one", NULL);
    ck_assert(log_->lacks_indexes);
    append(0, "a.b", "two", NULL);
    commit();
    ck_assert(!log_->lacks_indexes);
    scratch_expect_answer(indexes, "5");
    begin();
    append(0, "a.b", "three", NULL);
    ck_assert(!log_->lacks_indexes); /* the store was not empty */
    commit();
    scratch_expect_answer(indexes, "5");
    scratch_expect_answer("PRAGMA integrity_check", "ok");
}
END_TEST

/* SQLite cannot drop an index while a statement is active. */
START_TEST(the_indexes_stay_while_a_statement_is_active)
{
    sqlite3_stmt *statement = NULL;
    const char sql[] = "SELECT 1 UNION ALL SELECT 2";
    ck_assert_int_eq(sqlite3_prepare_v2(log_->store->db, sql, -1, &statement, NULL), SQLITE_OK);
    begin();
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    append(0, "a.b", "one", NULL);
    ck_assert(!log_->lacks_indexes);
    sqlite3_finalize(statement);
    commit();
    scratch_expect_answer("PRAGMA integrity_check", "ok");
}
END_TEST

START_TEST(the_cache_of_the_writer_is_restored_after_the_indexes_were_built)
{
    sqlite3_stmt *statement = NULL;
    int size[2];
    for (int i = 0; i < 2; i++)
    {
        ck_assert_int_eq(sqlite3_prepare_v2(log_->store->db, "PRAGMA cache_size", -1, &statement, NULL), SQLITE_OK);
        ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
        size[i] = sqlite3_column_int(statement, 0);
        sqlite3_finalize(statement);
        if (i > 0)
            break;
        begin();
        append(0, "a.b", "one", NULL);
        commit();
    }
    ck_assert_int_eq(size[0], size[1]);
}
END_TEST

START_TEST(a_commit_that_cannot_build_the_indexes_leaves_the_store_as_it_was)
{
    begin();
    append(0, "a.b", "one", NULL);
    refuse_once(log_->store->db, SQLITE_CREATE_INDEX, NULL);
    ck_assert_int_lt(eventure__log_bulk_commit(log_), 0);
    expect_part(eventure_log_message(log_), "build an index: ");
    ck_assert(refuse_stop(log_->store->db));
    ck_assert(!log_->lacks_indexes);
    scratch_expect_answer("SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name LIKE 'events_%'", "5");
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 0);
    begin();
    append(0, "a.b", "one", NULL);
    commit();
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 1);
}
END_TEST
