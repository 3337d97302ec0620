/*
 * Types by blocks of ticks: what a block's borders, gaps between ticks, crowded ticks and the last ticks that there are
 * could get wrong; cuts in the middle of a block; and stores that were made before there were blocks.
 */
#include <check.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embedded_sql.h"
#include "scratch.h"
#include "session_world.h"
#include "store/store.h"

#define OLD "old.db"
#define FORK "fork.db"

/* Blocks end before 8, 16, 24; the last one ends with the last tick. */
static const int64_t ticks[] = {
    0, 1, 7, 8, 9, 15, 16, 23, 24, 100, 101, 4000, INT64_MAX - 16, INT64_MAX - 8, INT64_MAX - 7, INT64_MAX - 1};
#define TICKS (sizeof ticks / sizeof *ticks)

static const char *const types[] = {"a.one", "a.two", "b.one", "b.two", "c.rare"};
#define TYPES (sizeof types / sizeof *types)
#define EVENTS_MAX 128

/* What was appended, to tell what an answer must be. */
static struct
{
    int64_t tick;
    size_t type;
} facts[EVENTS_MAX];
static int64_t facts_count;

static void append_fact(eventure_log *log, size_t type)
{
    scratch_append(log, types[type], NULL, NULL);
    facts[facts_count].tick = eventure_log_tick(log);
    facts[facts_count++].type = type;
}

/* One to seven events a tick; c.rare in three ticks only. */
static void fill(eventure_log *log, bool commit_last)
{
    facts_count = 0;
    for (size_t i = 0; i < TICKS; i++)
    {
        ck_assert_int_eq(eventure_log_advance_to(log, ticks[i]), EVENTURE_OK);
        for (size_t n = 0; n < 1 + i * 5 % 7; n++)
            append_fact(log, (i * 3 + n * 7 + n / 2) % 4);
        if (i % 6 == 1)
            append_fact(log, 4);
    }
    if (commit_last)
        ck_assert_int_eq(eventure_log_commit(log), EVENTURE_OK);
}

typedef struct choice
{
    const char *pattern;
    unsigned types; /* that it matches, a bit each */
} choice;

static const choice choices[] = {{"a.one", 1}, {"a.*", 3}, {"*.one", 5}, {"*", 31}, {"c.rare", 16}, {"no.such", 0}};

static bool is_wanted(int64_t seq, const eventure_filter *filter, unsigned wanted)
{
    return (wanted >> facts[seq - 1].type & 1) != 0 && facts[seq - 1].tick >= filter->tick_min &&
           facts[seq - 1].tick <= filter->tick_max &&
           (filter->after_seq == 0 || (filter->reverse ? seq < filter->after_seq : seq > filter->after_seq));
}

static void check_answer(eventure_reader *reader, const eventure_filter *filter, unsigned wanted)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    int64_t count = 0;
    int64_t told = -1;
    ck_assert_msg(eventure_query(reader, filter, &cursor) == EVENTURE_OK, "%s", eventure_reader_message(reader));
    for (int64_t i = 1; i <= facts_count && (filter->limit == 0 || count < filter->limit); i++)
    {
        int64_t seq = filter->reverse ? facts_count + 1 - i : i;
        if (!is_wanted(seq, filter, wanted))
            continue;
        ck_assert_int_eq(eventure_cursor_next(cursor, &event), EVENTURE_ROW);
        ck_assert_int_eq(event.seq, seq);
        ck_assert_int_eq(event.tick, facts[seq - 1].tick);
        ck_assert_str_eq(event.type, types[facts[seq - 1].type]);
        count++;
    }
    ck_assert_int_eq(eventure_cursor_next(cursor, &event), EVENTURE_OK);
    eventure_cursor_free(cursor);
    ck_assert_int_eq(eventure_count(reader, filter, &told), EVENTURE_OK);
    ck_assert_int_eq(told, count);
}

static void check_ticks(eventure_reader *reader, eventure_filter *filter, unsigned wanted)
{
    static const int64_t firsts[] = {0, 1, 7, 8, 15, 17, 101, INT64_MAX - 8, INT64_MAX - 1};
    static const int64_t lasts[] = {0, 7, 8, 15, 16, 3999, INT64_MAX - 9, INT64_MAX - 1, INT64_MAX};
    static const int64_t afters[] = {0, 1, 9, 30, EVENTS_MAX};
    for (size_t first = 0; first < sizeof firsts / sizeof *firsts; first++)
        for (size_t last = 0; last < sizeof lasts / sizeof *lasts; last++)
            for (size_t after = 0; after < sizeof afters / sizeof *afters; after++)
            {
                filter->tick_min = firsts[first];
                filter->tick_max = lasts[last];
                filter->after_seq = afters[after];
                check_answer(reader, filter, wanted);
            }
}

static void check_all_answers(eventure_reader *reader)
{
    static const int64_t limits[] = {0, 1, 5};
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        for (size_t limit = 0; limit < sizeof limits / sizeof *limits; limit++)
            for (int reverse = 0; reverse < 2; reverse++)
            {
                eventure_filter filter = EVENTURE_FILTER_INIT;
                filter.type = choices[i].pattern;
                filter.limit = limits[limit];
                filter.reverse = reverse != 0;
                check_ticks(reader, &filter, choices[i].types);
            }
}

START_TEST(types_are_answered_in_append_order_across_all_borders)
{
    eventure_reader *reader = NULL;
    eventure_log *log = scratch_new();
    fill(log, true);
    ck_assert_int_eq(eventure_reader_open(SCRATCH_PATH, &reader), EVENTURE_OK);
    check_all_answers(reader);
    eventure_reader_close(reader);
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
    world_verify(SCRATCH_PATH);
}
END_TEST

START_TEST(a_log_answers_what_it_has_not_committed_as_well)
{
    eventure_log *log = scratch_new();
    fill(log, false);
    check_all_answers(eventure_log_reader(log));
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
    world_verify(SCRATCH_PATH);
}
END_TEST

static void expect_number(const char *sql, int64_t expected)
{
    int64_t got = world_number(SCRATCH_PATH, sql);
    ck_assert_msg(got == expected, "%s: %lld instead of %lld", sql, (long long)got, (long long)expected);
}

START_TEST(the_view_answers_the_same_at_every_border)
{
    char sql[256];
    eventure_log *log = scratch_new();
    fill(log, true);
    eventure_log_close(log);
    for (size_t i = 0; i < TICKS; i++)
        for (size_t type = 0; type < TYPES; type++)
        {
            int64_t at = 0;
            int64_t until = 0;
            for (int64_t n = 0; n < facts_count; n++)
            {
                at += facts[n].type == type && facts[n].tick == ticks[i];
                until += facts[n].type == type && facts[n].tick <= ticks[i];
            }
            snprintf(sql, sizeof sql, "SELECT count(*) FROM events WHERE type = '%s' AND tick = %lld", types[type],
                     (long long)ticks[i]);
            expect_number(sql, at);
            snprintf(sql, sizeof sql, "SELECT count(*) FROM events WHERE type = '%s' AND tick BETWEEN 0 AND %lld",
                     types[type], (long long)ticks[i]);
            expect_number(sql, until);
        }
    expect_number("SELECT count(*) FROM events", facts_count);
    expect_number("SELECT count(*) FROM events WHERE tick >= 16",
                  world_number(SCRATCH_PATH, "SELECT count(*) FROM event "
                                             "WHERE tick >= 16"));
    expect_number("SELECT first_tick FROM type_counts WHERE type = 'c.rare'", 1);
    expect_number("SELECT last_tick FROM type_counts WHERE type = 'c.rare'", INT64_MAX - 8);
    expect_number("SELECT sum(count) FROM type_counts", facts_count);
}
END_TEST

/* --- Crowded ticks --- */

#define CROWD 10000

/* How often SQLite reported that it had taken so many steps. */
static int count_steps(void *context)
{
    ++*(int64_t *)context;
    return 0;
}

static int64_t steps_of(eventure_reader *reader, const eventure_filter *filter, int64_t expected)
{
    int64_t steps = 0;
    int64_t rows = 0;
    eventure_cursor *cursor = NULL;
    eventure_event event;
    ck_assert_int_eq(eventure_query(reader, filter, &cursor), EVENTURE_OK);
    sqlite3_progress_handler(reader->db, 1, count_steps, &steps);
    while (eventure_cursor_next(cursor, &event) == EVENTURE_ROW)
        rows++;
    sqlite3_progress_handler(reader->db, 0, NULL, NULL);
    eventure_cursor_free(cursor);
    ck_assert_int_eq(rows, expected);
    return steps;
}

START_TEST(a_rare_type_in_a_crowded_tick_is_found_without_looking_at_the_crowd)
{
    eventure_reader *reader = NULL;
    eventure_log *log = scratch_new();
    eventure_log_advance_to(log, 12);
    for (int i = 0; i < CROWD; i++)
        scratch_append(log, i == CROWD / 2 ? "rare.one" : i == CROWD / 3 ? "rare.two" : "crowd.member", NULL, NULL);
    eventure_log_advance_tick(log);
    scratch_append(log, "rare.one", NULL, NULL);
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
    ck_assert_int_eq(eventure_reader_open(SCRATCH_PATH, &reader), EVENTURE_OK);
    for (int reverse = 0; reverse < 2; reverse++)
    {
        eventure_filter filter = EVENTURE_FILTER_INIT;
        filter.reverse = reverse != 0;
        filter.type = "rare.one";
        ck_assert_int_lt(steps_of(reader, &filter, 2), 1000);
        filter.type = "rare.*";
        ck_assert_int_lt(steps_of(reader, &filter, 3), 1000);
        filter.tick_min = filter.tick_max = 12;
        ck_assert_int_lt(steps_of(reader, &filter, 2), 1000);
        filter.type = "rare.two";
        ck_assert_int_lt(steps_of(reader, &filter, 1), 1000);
        filter.type = "crowd.member";
        filter.limit = 10;
        ck_assert_int_lt(steps_of(reader, &filter, 10), 2000);
    }
    eventure_reader_close(reader);
    world_verify(SCRATCH_PATH);
}
END_TEST

static int64_t steps_of_sql(const char *sql)
{
    int64_t steps = 0;
    sqlite3 *db = NULL;
    ck_assert_int_eq(sqlite3_open(SCRATCH_PATH, &db), SQLITE_OK);
    sqlite3_progress_handler(db, 1, count_steps, &steps);
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
    return steps;
}

/* Of a tick alone it sees the index of its block, crowd and all, but none of the crowd's rows; a tick of another block
 * costs nothing. */
START_TEST(the_view_does_not_look_at_the_crowd_either)
{
    eventure_log *log = scratch_new();
    for (int i = 0; i < CROWD; i++)
        scratch_append(log, i == CROWD / 2 ? "rare.one" : "crowd.member", NULL, NULL);
    eventure_log_advance_tick(log);
    scratch_append(log, "crowd.member", NULL, NULL);
    eventure_log_advance_to(log, 8);
    scratch_append(log, "crowd.member", NULL, NULL);
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
    ck_assert_int_lt(steps_of_sql("SELECT * FROM events WHERE tick = 0 AND type = 'rare.one'"), 1000);
    ck_assert_int_lt(steps_of_sql("SELECT * FROM events WHERE tick = 1"), 8 * CROWD);
    ck_assert_int_lt(steps_of_sql("SELECT * FROM events WHERE tick = 8"), 1000);
    ck_assert_int_lt(steps_of_sql("SELECT * FROM events WHERE tick > 7"), 1000);
    ck_assert_int_lt(steps_of_sql("SELECT * FROM type_counts"), 1000);
}
END_TEST

/* --- Pages --- */

static int pages_written(eventure_log *log)
{
    int pages = 0;
    int highest = 0;
    ck_assert_int_eq(sqlite3_db_status(eventure_log_reader(log)->db, SQLITE_DBSTATUS_CACHE_WRITE, &pages, &highest, 0),
                     SQLITE_OK);
    return pages;
}

/* Ticks of 100 events of 20 types, most of them with a cause in the tick. */
static void append_ticks(eventure_log *log, int count)
{
    char type[16];
    unsigned state = 1;
    for (int tick = 0; tick < count; tick++)
    {
        char cause[48] = "";
        for (int i = 0; i < 100; i++)
        {
            state = state * 1103515245 + 12345;
            snprintf(type, sizeof type, "type.n%u", state / 65536 % 20);
            const char *id =
                scratch_append(log, type, "{\"at\":[1,2,3],\"what\":\"some data\"}", i % 3 != 0 ? cause : NULL);
            if (i % 3 == 0)
                snprintf(cause, sizeof cause, "%s", id);
        }
        ck_assert_int_eq(eventure_log_advance_tick(log), EVENTURE_OK);
    }
}

/* The leaves of 20 types, one each, would make it more than 30 pages. */
START_TEST(a_commit_of_twenty_types_writes_few_pages)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    options.sync = EVENTURE_SYNC_OFF;
    scratch_remove(SCRATCH_PATH);
    ck_assert_int_eq(eventure_log_open(SCRATCH_PATH, &options, &log), EVENTURE_OK);
    append_ticks(log, 400);
    int before = pages_written(log);
    append_ticks(log, 160);
    ck_assert_int_lt((pages_written(log) - before) / 160, 20);
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
}
END_TEST

/* --- The same block, again and again --- */

START_TEST(a_block_is_noted_once_more_after_it_was_undone_or_the_log_was_closed)
{
    eventure_log *log = scratch_new();
    scratch_append(log, "a.one", NULL, NULL);
    ck_assert_ptr_nonnull(eventure_log_reader(log));
    eventure_filter filter = EVENTURE_FILTER_INIT;
    int64_t count = 0;
    ck_assert_int_eq(eventure_count(eventure_log_reader(log), &filter, &count), EVENTURE_OK); /* writes the rows */
    ck_assert_int_eq(eventure_log_rollback(log), EVENTURE_OK);
    for (int i = 0; i < 20; i++)
    {
        scratch_append(log, "a.one", NULL, NULL);
        scratch_append(log, i % 3 == 0 ? "a.two" : "b.one", NULL, NULL);
        if (i % 4 == 1)
        {
            ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
            log = scratch_open(SCRATCH_PATH);
        }
        if (i % 5 == 2)
        {
            ck_assert_int_eq(eventure_log_commit(log), EVENTURE_OK);
            scratch_append(log, "b.two", NULL, NULL);
            ck_assert_int_eq(eventure_log_rollback(log), EVENTURE_OK);
        }
        ck_assert_int_eq(eventure_log_advance_tick(log), EVENTURE_OK);
    }
    eventure_log_close(log);
    world_verify(SCRATCH_PATH);
    expect_number("SELECT count FROM type_counts WHERE type = 'a.one'", 20);
    expect_number("SELECT count(*) FROM type_counts WHERE type = 'b.two'", 0);
    expect_number("SELECT count(*) FROM type_block WHERE type = (SELECT id FROM type WHERE name = 'a.one')", 3);
}
END_TEST

START_TEST(archives_that_end_in_the_middle_of_a_block_leave_both_parts_right)
{
    eventure_log *log = world_whole(13);
    for (int64_t before = 1; before < 13; before += before == 4 ? 3 : 1)
    {
        world_archive(log, WORLD_ARCHIVE, before);
        scratch_append(log, "player.move", NULL, NULL); /* what the log remembers of the block is not so any more */
        ck_assert_int_eq(eventure_log_commit(log), EVENTURE_OK);
        world_verify(WORLD_ARCHIVE);
        world_verify(SCRATCH_PATH);
        ck_assert_int_eq(
            eventure_fork_at_tick(eventure_log_reader(log), FORK, before + 1,
                                  &(eventure_copy_options){.size = sizeof(eventure_copy_options), .replace = true}),
            EVENTURE_OK);
        world_verify(FORK);
    }
    eventure_log_close(log);
    scratch_remove(FORK);
}
END_TEST

/* Archiving may take the only events of a type that a block had, while the log goes on in that block. */
START_TEST(a_type_comes_back_in_a_block_from_which_it_was_archived)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    int64_t count = 0;
    eventure_log *log = scratch_new();
    scratch_remove(WORLD_ARCHIVE);
    scratch_append(log, "a.one", NULL, NULL);
    eventure_log_advance_tick(log);
    scratch_append(log, "a.two", NULL, NULL);
    eventure_log_advance_tick(log);
    world_archive(log, WORLD_ARCHIVE, 1);
    eventure_log_commit(log);
    expect_number("SELECT count(*) FROM type_counts", 1);
    scratch_append(log, "a.one", NULL, NULL);
    filter.type = "a.one";
    ck_assert_int_eq(eventure_count(eventure_log_reader(log), &filter, &count), EVENTURE_OK);
    ck_assert_int_eq(count, 1);
    filter.after_seq = 1; /* an archived event */
    ck_assert_int_eq(eventure_count(eventure_log_reader(log), &filter, &count), EVENTURE_OK);
    ck_assert_int_eq(count, 1);
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
    world_verify(SCRATCH_PATH);
}
END_TEST

/* --- Stores that were made before there were blocks --- */

static void run_sql(sqlite3 *db, const char *sql)
{
    char *message = NULL;
    sqlite3_exec(db, sql, NULL, NULL, &message);
    ck_assert_msg(message == NULL, "%s: %s", sql, message);
}

/* The history of SCRATCH_PATH as format 4 has it. */
static void make_old(void)
{
    static const char rows[] =
        "ATTACH '" SCRATCH_PATH "' AS new;"
        "INSERT INTO store SELECT * FROM new.store; INSERT INTO type SELECT * FROM new.type;"
        "INSERT INTO event (seq, tick, type, ordinal, parent, timestamp, data) "
        "SELECT seq, tick, type, ordinal, parent, timestamp, data FROM new.event;"
        "INSERT INTO tick SELECT * FROM new.tick;"
        "INSERT INTO type_tick SELECT type, tick, count(*) FROM new.event GROUP BY type, tick;"
        "INSERT INTO foreign_id SELECT * FROM new.foreign_id;"
        "INSERT INTO external_parent SELECT * FROM new.external_parent;"
        "INSERT INTO save_point SELECT * FROM new.save_point; INSERT INTO archive SELECT * FROM new.archive;"
        "INSERT INTO archived_event SELECT * FROM new.archived_event;"
        "CREATE VIEW type_counts AS SELECT type.name AS type, sum(type_tick.count) AS count FROM type "
        "JOIN type_tick ON type_tick.type = type.id GROUP BY type.id;"
        "CREATE VIEW events AS SELECT event.seq AS seq, type.name AS type FROM event "
        "JOIN type_tick ON type_tick.type = event.type AND type_tick.tick = event.tick "
        "JOIN type ON type.id = type_tick.type;"
        "PRAGMA application_id = 1165389428; PRAGMA user_version = 4; PRAGMA journal_mode = WAL";
    sqlite3 *db = NULL;
    scratch_remove(OLD);
    ck_assert_int_eq(sqlite3_open(OLD, &db), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    for (size_t i = 0; i < 4; i++)
        run_sql(db, eventure__migrations[i].text);
    run_sql(db, rows);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

/* Opens the old store for writing, goes on with it, and looks at all of it. */
static void check_migration(void)
{
    make_old();
    char *before = world_lines(SCRATCH_PATH, 0, INT64_MAX - 1);
    eventure_log_close(scratch_open(OLD));
    ck_assert_int_eq(world_number(OLD, "PRAGMA user_version"), (int64_t)eventure__migrations_count);
    world_verify(OLD);
    char *after = world_lines(OLD, 0, INT64_MAX - 1);
    ck_assert_str_eq(after, before);
    world_expect_same(SCRATCH_PATH, OLD, "SELECT * FROM type_block");
    world_expect_same(SCRATCH_PATH, OLD, "SELECT * FROM type_count");
    world_expect_same(SCRATCH_PATH, OLD, "SELECT * FROM events ORDER BY seq");
    world_expect_same(SCRATCH_PATH, OLD, "SELECT * FROM type_counts");
    world_expect_same(SCRATCH_PATH, OLD, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name");
    eventure_log *log = scratch_open(OLD);
    scratch_append(log, "player.move", NULL, NULL);
    scratch_append(log, "quite.new", NULL, NULL);
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
    world_verify(OLD);
    free(before);
    free(after);
    scratch_remove(OLD);
}

START_TEST(an_older_store_is_brought_up_to_date_whole)
{
    eventure_log_close(world_make(SCRATCH_PATH, 30));
    check_migration();
    eventure_log *log = scratch_new();
    fill(log, true);
    eventure_log_close(log);
    check_migration();
    eventure_log_close(scratch_new());
    check_migration();
    log = world_whole(30);
    world_archive(log, WORLD_ARCHIVE, 11);
    eventure_log_close(log);
    check_migration();
}
END_TEST

START_TEST(an_older_store_that_cannot_be_brought_up_to_date_stays_as_it_was)
{
    eventure_log *log = NULL;
    eventure_log_close(world_make(SCRATCH_PATH, 9));
    make_old();
    ck_assert_ptr_null(scratch_sql(OLD, "CREATE TABLE type_count (mine)"));
    ck_assert_int_lt(eventure_log_open(OLD, NULL, &log), 0);
    ck_assert_ptr_nonnull(strstr(eventure_log_message(log), "type_count already exists"));
    eventure_log_close(log);
    ck_assert_int_eq(world_number(OLD, "PRAGMA user_version"), 4);
    ck_assert_int_eq(world_number(OLD, "SELECT count(*) > 0 FROM type_tick"), 1);
    ck_assert_ptr_null(scratch_sql(OLD, "DROP TABLE type_count"));
    eventure_log_close(scratch_open(OLD));
    world_verify(OLD);
    scratch_remove(OLD);
}
END_TEST

START_TEST(ad_hoc_sql_does_not_change_what_leads_to_the_events)
{
    static const char *const statements[] = {
        "DELETE FROM type_block", "INSERT INTO type_block VALUES (1, 9)", "UPDATE type_block SET block = 9",
        "DELETE FROM type_count", "INSERT INTO type_count VALUES (9, 9)", "UPDATE type_count SET count = 9"};
    eventure_log_close(world_make(SCRATCH_PATH, 3));
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
    {
        char *message = scratch_sql(SCRATCH_PATH, statements[i]);
        ck_assert_msg(message != NULL && strstr(message, "of types are kept by eventure") != NULL, "%s: %s",
                      statements[i], message != NULL ? message : "done");
        sqlite3_free(message);
    }
    world_verify(SCRATCH_PATH);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("blocks");
    TCase *tests = tcase_create("blocks");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, types_are_answered_in_append_order_across_all_borders);
    tcase_add_test(tests, a_log_answers_what_it_has_not_committed_as_well);
    tcase_add_test(tests, the_view_answers_the_same_at_every_border);
    tcase_add_test(tests, a_rare_type_in_a_crowded_tick_is_found_without_looking_at_the_crowd);
    tcase_add_test(tests, the_view_does_not_look_at_the_crowd_either);
    tcase_add_test(tests, a_commit_of_twenty_types_writes_few_pages);
    tcase_add_test(tests, a_block_is_noted_once_more_after_it_was_undone_or_the_log_was_closed);
    tcase_add_test(tests, archives_that_end_in_the_middle_of_a_block_leave_both_parts_right);
    tcase_add_test(tests, a_type_comes_back_in_a_block_from_which_it_was_archived);
    tcase_add_test(tests, an_older_store_is_brought_up_to_date_whole);
    tcase_add_test(tests, an_older_store_that_cannot_be_brought_up_to_date_stays_as_it_was);
    tcase_add_test(tests, ad_hoc_sql_does_not_change_what_leads_to_the_events);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
