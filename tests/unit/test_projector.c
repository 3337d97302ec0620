/*
 * A projection kept up to date in a file: continued, rebuilt, shared, waited for.
 */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bus_world.h"
#include "ledger.h"

#define INTO "into.db"

static eventure_projection *projection;
static eventure_projector *projector;
static eventure_reader *other_reader;
static uint64_t seed = 2463534242U;

static const char counting[] = "-- @setup\nCREATE TABLE t (n INTEGER, last TEXT);\nINSERT INTO t VALUES (0, '');\n"
                               "CREATE TABLE seen (seq INTEGER PRIMARY KEY, type TEXT);\n"
                               "-- @on *\nUPDATE t SET n = n + 1, last = :event_id;\n"
                               "INSERT INTO seen VALUES (:event_seq, :event_type);\n";

static void open_projecting_world(void)
{
    open_world();
    scratch_remove(INTO);
}

static void close_all(void)
{
    eventure_projector_close(projector);
    eventure_projection_close(projection);
    eventure_reader_close(other_reader);
    projector = NULL;
    projection = NULL;
    other_reader = NULL;
}

static void close_projecting_world(void)
{
    close_all();
    close_world();
    scratch_remove(INTO);
}

static eventure_status open_projector(const char *text, int64_t batch_events)
{
    eventure_projector_options options = EVENTURE_PROJECTOR_OPTIONS_INIT;
    close_all();
    ck_assert_int_eq(eventure_reader_open(SCRATCH_PATH, &other_reader), EVENTURE_OK);
    eventure_status status = eventure_projection_parse("x.sql", text, strlen(text), NULL, &projection);
    ck_assert_msg(status == EVENTURE_OK, "%s", eventure_projection_message(projection));
    options.batch_events = batch_events;
    return eventure_projector_open(other_reader, projection, INTO, &options, &projector);
}

static void expect_answer(const char *sql, const char *answer)
{
    char *text = scratch_ask(INTO, sql);
    ck_assert_str_eq(text, answer);
    free(text);
}

static int64_t update(void)
{
    int64_t events = -1;
    eventure_status status = eventure_projector_update(projector, &events);
    ck_assert_msg(status == EVENTURE_OK, "%s", eventure_projector_message(projector));
    return events;
}

static void project(const char *text)
{
    ck_assert_msg(open_projector(text, 0) == EVENTURE_OK, "%s", eventure_projector_message(projector));
    update();
}

static void write_events(int count)
{
    for (int i = 0; i < count; i++)
        scratch_append(here.log, "a.b", "{\"x\":1}", NULL);
    ck_assert_int_eq(eventure_log_advance_tick(here.log), EVENTURE_OK);
}

START_TEST(an_update_applies_what_is_new)
{
    write_events(3);
    ck_assert_int_eq(open_projector(counting, 0), EVENTURE_OK);
    ck_assert_int_eq(update(), 3);
    expect_answer("SELECT n || last FROM t", "30-EBFC-3");
    ck_assert_int_eq(update(), 0);
    write_events(2);
    ck_assert_int_eq(update(), 2);
    ck_assert_int_eq(eventure_projector_seq(projector), 5);
    expect_answer("SELECT n FROM t", "5");
    expect_answer("SELECT seq || ' ' || tick || ' ' || event_id FROM eventure_projection", "5 1 1-EBFC-2");
    ck_assert_ptr_null(eventure_projector_rebuilt(projector));
}
END_TEST

START_TEST(what_is_not_committed_in_the_store_is_not_projected)
{
    write_events(3);
    scratch_append(here.log, "a.b", NULL, NULL);
    project(counting);
    expect_answer("SELECT n FROM t", "3");
}
END_TEST

START_TEST(a_file_is_continued_when_it_is_opened_again)
{
    write_events(3);
    project(counting);
    write_events(4);
    project(counting);
    expect_answer("SELECT n FROM t", "7");
    ck_assert_ptr_null(eventure_projector_rebuilt(projector));
}
END_TEST

START_TEST(batches_come_to_the_same)
{
    ledger_write(here.log, &seed, 500);
    ck_assert_int_eq(open_projector(counting, 7), EVENTURE_OK);
    ck_assert_int_eq(update(), 500);
    expect_answer("SELECT n || ' ' || (SELECT count(*) FROM seen) FROM t", "500 500");
}
END_TEST

START_TEST(a_changed_projection_is_built_from_the_start_and_not_mixed)
{
    write_events(3);
    project(counting);
    project("-- @setup\nCREATE TABLE u (v);\n-- @on a.*\nINSERT INTO u VALUES (:x);");
    ck_assert_str_eq(eventure_projector_rebuilt(projector), "the projection was changed");
    expect_answer("SELECT count(*) FROM u", "3");
    expect_answer("SELECT group_concat(name) FROM sqlite_schema WHERE type = 'table'", "eventure_projection,u");
}
END_TEST

START_TEST(everything_of_the_old_projection_is_dropped)
{
    write_events(1);
    project("-- @setup\nCREATE TABLE \"odd \"\" name\" (id INTEGER PRIMARY KEY AUTOINCREMENT, v);\n"
            "CREATE INDEX i ON \"odd \"\" name\" (v);\nCREATE VIEW w AS SELECT 1;\n"
            "CREATE TRIGGER tr INSTEAD OF INSERT ON w BEGIN SELECT 1; END;\n"
            "INSERT INTO \"odd \"\" name\" (v) VALUES (1);\nANALYZE;\n-- @on a\nSELECT 1;");
    project(counting);
    expect_answer(
        "SELECT group_concat(name) FROM (SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' ORDER BY 1)",
        "eventure_projection,seen,t");
}
END_TEST

START_TEST(another_store_is_built_from_the_start)
{
    write_events(3);
    project(counting);
    close_all();
    ck_assert_int_eq(eventure_log_close(here.log), EVENTURE_OK);
    here.log = scratch_new();
    write_events(5);
    project(counting);
    ck_assert_str_eq(eventure_projector_rebuilt(projector), "it was of another store");
    expect_answer("SELECT n FROM t", "5");
}
END_TEST

START_TEST(another_history_of_the_same_store_is_built_from_the_start)
{
    write_events(3);
    project(counting);
    /* As if the newest event were another one: what a copy is that went its own way. */
    ck_assert_ptr_null(scratch_sql(INTO, "UPDATE eventure_projection SET timestamp = timestamp + 1"));
    project(counting);
    ck_assert_str_eq(eventure_projector_rebuilt(projector), "the store has another history than the one it was of");
    expect_answer("SELECT n FROM t", "3");
    ck_assert_ptr_null(scratch_sql(INTO, "UPDATE eventure_projection SET seq = 99"));
    project(counting);
    ck_assert_str_eq(eventure_projector_rebuilt(projector), "the store has another history than the one it was of");
    expect_answer("SELECT n FROM t", "3");
}
END_TEST

START_TEST(a_database_of_something_else_is_left_alone)
{
    char *before;
    write_events(3);
    ck_assert_ptr_null(scratch_sql(INTO, "CREATE TABLE mine (v); INSERT INTO mine VALUES (1)"));
    ck_assert_int_eq(open_projector(counting, 0), EVENTURE_ERROR_FORMAT);
    ck_assert_ptr_nonnull(strstr(eventure_projector_message(projector), INTO));
    expect_answer("SELECT v FROM mine", "1");
    expect_answer("PRAGMA journal_mode", "delete");
    close_all();
    ck_assert_int_eq(eventure_reader_open(SCRATCH_PATH, &other_reader), EVENTURE_OK);
    ck_assert_int_eq(eventure_projection_parse("x.sql", counting, strlen(counting), NULL, &projection), EVENTURE_OK);
    ck_assert_int_eq(eventure_projector_open(other_reader, projection, SCRATCH_PATH, NULL, &projector),
                     EVENTURE_ERROR_FORMAT); /* the store itself */
    before = scratch_ask(SCRATCH_PATH, "SELECT count(*) FROM events");
    ck_assert_str_eq(before, "3");
    free(before);
}
END_TEST

START_TEST(a_file_that_is_not_a_database_is_left_alone)
{
    FILE *out = fopen(INTO, "w");
    ck_assert_ptr_nonnull(out);
    for (int i = 0; i < 200; i++)
        fputs("my diary\n", out);
    fclose(out);
    write_events(1);
    ck_assert_int_eq(open_projector(counting, 0), EVENTURE_ERROR_FORMAT);
    char line[32] = "";
    out = fopen(INTO, "r");
    ck_assert_ptr_nonnull(fgets(line, sizeof line, out));
    fclose(out);
    ck_assert_str_eq(line, "my diary\n");
}
END_TEST

START_TEST(an_event_that_fails_keeps_what_was_committed_before_and_is_named)
{
    static const char picky[] = "-- @setup\nCREATE TABLE t (v CHECK (v < 3));\n-- @on a.b\nINSERT INTO t VALUES (:x);";
    for (int i = 0; i < 5; i++)
    {
        char data[32];
        snprintf(data, sizeof data, "{\"x\":%d}", i);
        scratch_append(here.log, "a.b", data, NULL);
    }
    ck_assert_int_eq(eventure_log_advance_tick(here.log), EVENTURE_OK);
    ck_assert_int_eq(open_projector(picky, 2), EVENTURE_OK);
    ck_assert_int_eq(eventure_projector_update(projector, NULL), EVENTURE_ERROR_HANDLER);
    ck_assert_str_eq(eventure_projector_message(projector),
                     "x.sql:4: CHECK constraint failed: v < 3 (at tick 0, event 0-EBFC-4, a.b)");
    expect_answer("SELECT group_concat(v) FROM t", "0,1");
    ck_assert_int_eq(eventure_projector_seq(projector), 2);
    ck_assert_int_eq(eventure_projector_update(projector, NULL), EVENTURE_ERROR_HANDLER); /* and again */
    expect_answer("SELECT group_concat(v) FROM t", "0,1");
}
END_TEST

START_TEST(two_projectors_on_one_file_apply_each_event_once)
{
    eventure_projector *second = NULL;
    write_events(10);
    ck_assert_int_eq(open_projector(counting, 3), EVENTURE_OK);
    ck_assert_int_eq(eventure_projector_open(other_reader, projection, INTO, NULL, &second), EVENTURE_OK);
    update();
    write_events(5);
    ck_assert_int_eq(eventure_projector_update(second, NULL), EVENTURE_OK);
    ck_assert_int_eq(update(), 0);
    write_events(5);
    ck_assert_int_eq(update(), 5);
    ck_assert_int_eq(eventure_projector_update(second, NULL), EVENTURE_OK);
    ck_assert_int_eq(eventure_projector_seq(second), 20);
    expect_answer("SELECT n FROM t", "20");
    eventure_projector_close(second);
}
END_TEST

START_TEST(a_projector_does_not_fight_with_one_that_began_another_projection)
{
    eventure_projection *changed = NULL;
    eventure_projector *second = NULL;
    static const char text[] = "-- @setup\nCREATE TABLE t (n);\n-- @on *\nINSERT INTO t VALUES (1);";
    write_events(2);
    project(counting);
    ck_assert_int_eq(eventure_projection_parse("x.sql", text, sizeof text - 1, NULL, &changed), EVENTURE_OK);
    ck_assert_int_eq(eventure_projector_open(other_reader, changed, INTO, NULL, &second), EVENTURE_OK);
    ck_assert_int_eq(eventure_projector_update(second, NULL), EVENTURE_OK);
    write_events(1);
    ck_assert_int_eq(eventure_projector_update(projector, NULL), EVENTURE_ERROR_EXISTS);
    expect_answer("SELECT count(*) FROM t", "2");
    eventure_projector_close(second);
    eventure_projection_close(changed);
}
END_TEST

START_TEST(the_checkpoint_is_out_of_the_reach_of_the_projection)
{
    static const char text[] = "-- @on a\nUPDATE eventure_projection SET seq = 0;";
    ck_assert_int_eq(eventure_projection_parse("x.sql", text, sizeof text - 1, NULL, &projection),
                     EVENTURE_ERROR_ARGUMENT);
}
END_TEST

static int stop(const eventure_progress *progress, void *context)
{
    (void)context;
    return progress->done >= 4;
}

START_TEST(an_update_can_be_stopped_and_continues_later)
{
    eventure_projector_options options = EVENTURE_PROJECTOR_OPTIONS_INIT;
    write_events(10);
    ck_assert_int_eq(open_projector(counting, 0), EVENTURE_OK);
    eventure_projector_close(projector);
    options.batch_events = 2;
    options.progress = stop;
    ck_assert_int_eq(eventure_projector_open(other_reader, projection, INTO, &options, &projector), EVENTURE_OK);
    int64_t events = 0;
    ck_assert_int_eq(eventure_projector_update(projector, &events), EVENTURE_ERROR_INTERRUPTED);
    ck_assert_int_eq(events, 4);
    expect_answer("SELECT n FROM t", "4");
    project(counting);
    expect_answer("SELECT n FROM t", "10");
}
END_TEST

START_TEST(rows_are_those_of_the_state_at_the_newest_tick)
{
    static const char text[] =
        "-- @setup\nCREATE TABLE b (account INTEGER PRIMARY KEY, amount INTEGER);\n"
        "-- @on *\nINSERT INTO b VALUES (:account, 0) ON CONFLICT DO NOTHING;\n"
        "-- @on money.deposited account.noted\nUPDATE b SET amount = amount + :amount WHERE account = "
        ":account;\n-- @on money.withdrawn\nUPDATE b SET amount = amount - :amount WHERE "
        "account = :account;\n";
    ledger_write(here.log, &seed, 300);
    ledger state = ledger_at(eventure_log_reader(here.log), EVENTURE_TICK_NEWEST);
    project(text);
    for (int i = 0; i < LEDGER_ACCOUNTS; i++)
    {
        char sql[80], amount[32];
        snprintf(sql, sizeof sql, "SELECT coalesce((SELECT amount FROM b WHERE account = %d), 0)", i);
        snprintf(amount, sizeof amount, "%lld", (long long)state.balances[i]);
        expect_answer(sql, amount);
    }
}
END_TEST

START_TEST(waiting_ends_when_there_is_something_new)
{
    write_events(1);
    project(counting);
    while (eventure_projector_wait(projector, 0))
        ; /* what the opening did */
    ck_assert(!eventure_projector_wait(projector, 0));
    write_events(1);
    ck_assert(eventure_projector_wait(projector, 5000));
    ck_assert_int_eq(update(), 1);
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
    eventure_projector_options options = EVENTURE_PROJECTOR_OPTIONS_INIT;
    ck_assert_int_eq(open_projector(counting, 0), EVENTURE_OK);
    eventure_projector_close(projector);
    ck_assert_int_eq(eventure_projector_open(other_reader, projection, INTO, NULL, NULL), EVENTURE_ERROR_ARGUMENT);
    ck_assert_int_eq(eventure_projector_open(NULL, projection, INTO, NULL, &projector), EVENTURE_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(eventure_projector_message(projector), "reader"));
    ck_assert_int_eq(eventure_projector_update(projector, NULL), EVENTURE_ERROR_ARGUMENT);
    eventure_projector_close(projector);
    ck_assert_int_eq(eventure_projector_open(other_reader, NULL, INTO, NULL, &projector), EVENTURE_ERROR_ARGUMENT);
    eventure_projector_close(projector);
    ck_assert_int_eq(eventure_projector_open(other_reader, projection, "", NULL, &projector), EVENTURE_ERROR_ARGUMENT);
    eventure_projector_close(projector);
    ck_assert_int_eq(eventure_projector_open(other_reader, projection, "no/such/folder", NULL, &projector),
                     EVENTURE_ERROR_IO);
    eventure_projector_close(projector);
    options.batch_events = -1;
    ck_assert_int_eq(eventure_projector_open(other_reader, projection, INTO, &options, &projector),
                     EVENTURE_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(eventure_projector_message(projector), "batch_events"));
}
END_TEST

START_TEST(names_that_sqlite_knows_are_names_of_files_here)
{
    static const char *const names[] = {":memory:", "file:into.db", "file:x?mode=memory", "file:%41.db"};
    write_events(3);
    ck_assert_int_eq(open_projector(counting, 0), EVENTURE_OK);
    eventure_projector_close(projector);
    projector = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    {
        scratch_remove(names[i]);
        ck_assert_int_eq(eventure_projector_open(other_reader, projection, names[i], NULL, &projector), EVENTURE_OK);
        update();
        eventure_projector_close(projector);
        projector = NULL;
        ck_assert_int_eq(access(names[i], F_OK), 0);
        scratch_remove(names[i]);
    }
    ck_assert_int_eq(access("x", F_OK), -1);
    ck_assert_int_eq(access("A.db", F_OK), -1);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("projector");
    tcase_add_checked_fixture(tests, open_projecting_world, close_projecting_world);
    tcase_add_test(tests, an_update_applies_what_is_new);
    tcase_add_test(tests, what_is_not_committed_in_the_store_is_not_projected);
    tcase_add_test(tests, a_file_is_continued_when_it_is_opened_again);
    tcase_add_test(tests, batches_come_to_the_same);
    tcase_add_test(tests, a_changed_projection_is_built_from_the_start_and_not_mixed);
    tcase_add_test(tests, everything_of_the_old_projection_is_dropped);
    tcase_add_test(tests, another_store_is_built_from_the_start);
    tcase_add_test(tests, another_history_of_the_same_store_is_built_from_the_start);
    tcase_add_test(tests, a_database_of_something_else_is_left_alone);
    tcase_add_test(tests, a_file_that_is_not_a_database_is_left_alone);
    tcase_add_test(tests, an_event_that_fails_keeps_what_was_committed_before_and_is_named);
    tcase_add_test(tests, two_projectors_on_one_file_apply_each_event_once);
    tcase_add_test(tests, a_projector_does_not_fight_with_one_that_began_another_projection);
    tcase_add_test(tests, the_checkpoint_is_out_of_the_reach_of_the_projection);
    tcase_add_test(tests, an_update_can_be_stopped_and_continues_later);
    tcase_add_test(tests, rows_are_those_of_the_state_at_the_newest_tick);
    tcase_add_test(tests, waiting_ends_when_there_is_something_new);
    tcase_add_test(tests, names_that_sqlite_knows_are_names_of_files_here);
    tcase_add_test(tests, bad_arguments_are_refused);
    return run_tests(tests, "projector");
}
