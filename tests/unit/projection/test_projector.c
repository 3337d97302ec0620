/*
 * A projection that is kept up to date in a file: it is continued, rebuilt and shared, and callers wait for events.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bus_world.h"
#include "fault_vfs.h"
#include "ledger.h"
#include "testing.h"

TEST_FIXTURE(open_projecting_world, close_projecting_world);

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
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &other_reader));
    expect_ok(projection, eventure_projection_parse("x.sql", text, strlen(text), NULL, &projection));
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
    expect_ok(projector, eventure_projector_update(projector, &events));
    return events;
}

static void project(const char *text)
{
    expect_ok(projector, open_projector(text, 0));
    update();
}

static void write_events(int count)
{
    for (int i = 0; i < count; i++)
        scratch_append(here.log, "a.b", "{\"x\":1}", NULL);
    expect_ok(here.log, eventure_log_advance_tick(here.log));
}

START_TEST(an_update_applies_what_is_new)
{
    write_events(3);
    expect_ok(NULL, open_projector(counting, 0));
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
    expect_ok(NULL, open_projector(counting, 7));
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
    expect_ok(NULL, eventure_log_close(here.log));
    here.log = scratch_new();
    write_events(5);
    project(counting);
    ck_assert_str_eq(eventure_projector_rebuilt(projector), "it was built from another store");
    expect_answer("SELECT n FROM t", "5");
}
END_TEST

START_TEST(another_history_of_the_same_store_is_built_from_the_start)
{
    write_events(3);
    project(counting);
    /* Changes the recorded newest event, as in the file of a copy whose history diverged. */
    ck_assert_ptr_null(scratch_sql(INTO, "UPDATE eventure_projection SET timestamp = timestamp + 1"));
    project(counting);
    ck_assert_str_eq(eventure_projector_rebuilt(projector),
                     "the history of the store is not the one that it was built from");
    expect_answer("SELECT n FROM t", "3");
    ck_assert_ptr_null(scratch_sql(INTO, "UPDATE eventure_projection SET seq = 99"));
    project(counting);
    ck_assert_str_eq(eventure_projector_rebuilt(projector),
                     "the history of the store is not the one that it was built from");
    expect_answer("SELECT n FROM t", "3");
}
END_TEST

/* A projection that has read the archived events continues; a new one would lack them. */
START_TEST(archived_events_that_were_not_read_are_an_error)
{
    scratch_remove("archive.db");
    write_events(3);
    project(counting);
    expect_ok(here.log, eventure_log_archive(here.log, "archive.db", 1, NULL, NULL));
    write_events(2);
    project(counting);
    expect_answer("SELECT n FROM t", "5");
    close_all();
    scratch_remove(INTO);
    expect_ok(NULL, open_projector(counting, 0));
    int64_t events = -1;
    expect_status(EVENTURE_ERROR_ARCHIVED, projector, eventure_projector_update(projector, &events));
    expect_part(eventure_projector_message(projector),
                "the events up to 3 are in an archive, and the projection needs those after 0");
    scratch_remove("archive.db");
}
END_TEST

START_TEST(a_database_of_something_else_is_left_alone)
{
    char *before;
    write_events(3);
    ck_assert_ptr_null(scratch_sql(INTO, "CREATE TABLE mine (v); INSERT INTO mine VALUES (1)"));
    expect_status(EVENTURE_ERROR_FORMAT, NULL, open_projector(counting, 0));
    expect_part(eventure_projector_message(projector), INTO);
    expect_answer("SELECT v FROM mine", "1");
    expect_answer("PRAGMA journal_mode", "delete");
    close_all();
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &other_reader));
    expect_ok(NULL, eventure_projection_parse("x.sql", counting, strlen(counting), NULL, &projection));
    expect_status(EVENTURE_ERROR_ARGUMENT, other_reader,
                  eventure_projector_open(other_reader, projection, SCRATCH_PATH, NULL,
                                          &projector)); /* the path of the store itself */
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
    expect_status(EVENTURE_ERROR_FORMAT, NULL, open_projector(counting, 0));
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
    expect_ok(here.log, eventure_log_advance_tick(here.log));
    expect_ok(NULL, open_projector(picky, 2));
    expect_status(EVENTURE_ERROR_HANDLER, projector, eventure_projector_update(projector, NULL));
    ck_assert_str_eq(eventure_projector_message(projector),
                     "x.sql:4: CHECK constraint failed: v < 3 (at tick 0, event 0-EBFC-4, a.b)");
    expect_answer("SELECT group_concat(v) FROM t", "0,1");
    ck_assert_int_eq(eventure_projector_seq(projector), 2);
    /* No transaction is left open: the next call returns the same error. */
    expect_status(EVENTURE_ERROR_HANDLER, projector, eventure_projector_update(projector, NULL));
    expect_part(eventure_projector_message(projector), "x.sql:4: CHECK constraint failed: v < 3");
    expect_answer("SELECT group_concat(v) FROM t", "0,1");
}
END_TEST

START_TEST(two_projectors_on_one_file_apply_each_event_once)
{
    eventure_projector *second = NULL;
    write_events(10);
    expect_ok(NULL, open_projector(counting, 3));
    expect_ok(other_reader, eventure_projector_open(other_reader, projection, INTO, NULL, &second));
    update();
    write_events(5);
    expect_ok(second, eventure_projector_update(second, NULL));
    ck_assert_int_eq(update(), 0);
    write_events(5);
    ck_assert_int_eq(update(), 5);
    expect_ok(second, eventure_projector_update(second, NULL));
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
    expect_ok(NULL, eventure_projection_parse("x.sql", text, sizeof text - 1, NULL, &changed));
    expect_ok(other_reader, eventure_projector_open(other_reader, changed, INTO, NULL, &second));
    expect_ok(second, eventure_projector_update(second, NULL));
    write_events(1);
    expect_status(EVENTURE_ERROR_EXISTS, projector, eventure_projector_update(projector, NULL));
    expect_answer("SELECT count(*) FROM t", "2");
    eventure_projector_close(second);
    eventure_projection_close(changed);
}
END_TEST

START_TEST(the_checkpoint_is_out_of_the_reach_of_the_projection)
{
    static const char text[] = "-- @on a\nUPDATE eventure_projection SET seq = 0;";
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL,
                  eventure_projection_parse("x.sql", text, sizeof text - 1, NULL, &projection));
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
    expect_ok(NULL, open_projector(counting, 0));
    eventure_projector_close(projector);
    options.batch_events = 2;
    options.progress = stop;
    expect_ok(other_reader, eventure_projector_open(other_reader, projection, INTO, &options, &projector));
    int64_t events = 0;
    expect_status(EVENTURE_ERROR_INTERRUPTED, projector, eventure_projector_update(projector, &events));
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
        ; /* skips the changes that opening the projector made */
    ck_assert(!eventure_projector_wait(projector, 0));
    write_events(1);
    ck_assert(eventure_projector_wait(projector, 5000));
    ck_assert_int_eq(update(), 1);
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
    eventure_projector_options options = EVENTURE_PROJECTOR_OPTIONS_INIT;
    expect_ok(NULL, open_projector(counting, 0));
    eventure_projector_close(projector);
    expect_status(EVENTURE_ERROR_ARGUMENT, other_reader,
                  eventure_projector_open(other_reader, projection, INTO, NULL, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_projector_open(NULL, projection, INTO, NULL, &projector));
    expect_part(eventure_projector_message(projector), "reader");
    expect_status(EVENTURE_ERROR_ARGUMENT, projector, eventure_projector_update(projector, NULL));
    eventure_projector_close(projector);
    expect_status(EVENTURE_ERROR_ARGUMENT, other_reader,
                  eventure_projector_open(other_reader, NULL, INTO, NULL, &projector));
    eventure_projector_close(projector);
    expect_status(EVENTURE_ERROR_ARGUMENT, other_reader,
                  eventure_projector_open(other_reader, projection, "", NULL, &projector));
    eventure_projector_close(projector);
    expect_status(EVENTURE_ERROR_IO, other_reader,
                  eventure_projector_open(other_reader, projection, "no/such/folder", NULL, &projector));
    eventure_projector_close(projector);
    options.batch_events = -1;
    expect_status(EVENTURE_ERROR_ARGUMENT, other_reader,
                  eventure_projector_open(other_reader, projection, INTO, &options, &projector));
    expect_part(eventure_projector_message(projector), "batch_events");
}
END_TEST

START_TEST(names_that_sqlite_knows_are_names_of_files_here)
{
    static const char *const names[] = {":memory:", "file:into.db", "file:x?mode=memory", "file:%41.db"};
    write_events(3);
    expect_ok(NULL, open_projector(counting, 0));
    eventure_projector_close(projector);
    projector = NULL;
    for (size_t i = 0; i < COUNT_OF(names); i++)
    {
        scratch_remove(names[i]);
        expect_ok(other_reader, eventure_projector_open(other_reader, projection, names[i], NULL, &projector));
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

/* The write-ahead log holds the rows of the updates until it is moved into the file. */
START_TEST(closing_reports_what_could_not_be_moved_into_the_file)
{
    fault_vfs_install();
    write_events(50);
    expect_ok(NULL, open_projector(counting, 0));
    ck_assert_int_eq(update(), 50);
    fault_vfs_reset();
    fault_vfs_set_room(0);
    expect_status(EVENTURE_ERROR_IO, NULL, eventure_projector_close(projector));
    projector = NULL;
    ck_assert_str_eq(eventure_last_message(),
                     "into.db: all rows are committed, but some of them stay in into.db-wal, because they could not be "
                     "moved into the file: database or disk is full");
    ck_assert_int_eq(access(INTO "-wal", F_OK), 0);
    fault_vfs_set_room(-1); /* the disk has room again */
    expect_ok(NULL, open_projector(counting, 0));
    ck_assert_int_eq(update(), 0);
    ck_assert_int_eq(eventure_projector_seq(projector), 50);
    expect_ok(NULL, eventure_projector_close(projector));
    projector = NULL;
    ck_assert_int_ne(access(INTO "-wal", F_OK), 0);
    expect_ok(NULL, eventure_projector_close(NULL));
    close_all();
    fault_vfs_remove();
}
END_TEST

START_TEST(a_second_name_of_a_file_beside_it_is_refused)
{
    static const char *const names[] = {INTO "-wal", INTO "-shm", INTO "-journal"};
    write_events(1);
    for (size_t i = 0; i < COUNT_OF(names); i++)
    {
        struct stat info;
        scratch_write("victim", "precious");
        ck_assert_int_eq(link("victim", names[i]), 0);
        expect_status(EVENTURE_ERROR_IO, NULL, open_projector(counting, 0));
        expect_part(eventure_last_message(), names[i]);
        ck_assert_int_eq(stat("victim", &info), 0);
        ck_assert_int_eq(info.st_size, 8);
        ck_assert_int_ne(access(INTO, F_OK), 0);
        unlink(names[i]);
        unlink("victim");
    }
}
END_TEST

START_TEST(the_store_and_the_names_beside_it_are_no_place)
{
    static const char *const names[] = {SCRATCH_PATH, "hard.db", SCRATCH_PATH "-wal", SCRATCH_PATH "-follow-x"};
    write_events(1);
    scratch_remove("hard.db");
    ck_assert_int_eq(link(SCRATCH_PATH, "hard.db"), 0);
    expect_ok(NULL, open_projector(counting, 0));
    eventure_projector_close(projector);
    for (size_t i = 0; i < COUNT_OF(names); i++)
    {
        expect_status(EVENTURE_ERROR_ARGUMENT, NULL,
                      eventure_projector_open(other_reader, projection, names[i], NULL, &projector));
        expect_part(eventure_last_message(), names[i]);
    }
    ck_assert_int_ne(access("hard.db-wal", F_OK), 0);
    ck_assert_int_ne(access(SCRATCH_PATH "-follow-x", F_OK), 0);
    scratch_remove("hard.db");
}
END_TEST

/* Reading a database in write-ahead mode makes files beside it. */
START_TEST(a_database_of_something_else_has_no_files_beside_it_afterwards)
{
    eventure_log *open = NULL;
    write_events(1);
    scratch_remove("other.db");
    expect_ok(NULL, eventure_log_open("other.db", NULL, &open));
    expect_ok(NULL, eventure_log_close(open)); /* its header is in the file from now on */
    expect_ok(NULL, eventure_log_open("other.db", NULL, &open));
    scratch_remove("hard.db");
    ck_assert_int_eq(link("other.db", "hard.db"), 0);
    expect_ok(NULL, open_projector(counting, 0));
    eventure_projector_close(projector);
    expect_status(EVENTURE_ERROR_FORMAT, NULL,
                  eventure_projector_open(other_reader, projection, "hard.db", NULL, &projector));
    ck_assert_int_ne(access("hard.db-wal", F_OK), 0);
    ck_assert_int_ne(access("hard.db-shm", F_OK), 0);
    expect_ok(open, eventure_log_advance_tick(open));
    expect_ok(NULL, eventure_log_close(open));
    scratch_remove("hard.db");
    scratch_remove("other.db");
}
END_TEST

START_TEST(the_file_has_the_permission_bits_of_the_store)
{
    struct stat info;
    write_events(1);
    for (mode_t mode = 0600; mode <= 0660; mode += 060)
    {
        scratch_remove(INTO);
        ck_assert_int_eq(chmod(SCRATCH_PATH, mode), 0);
        expect_ok(NULL, open_projector(counting, 0));
        ck_assert_int_eq(update(), 1);
        ck_assert_int_eq(stat(INTO, &info), 0);
        ck_assert_uint_eq(info.st_mode & 0777, mode);
        ck_assert_int_eq(stat(INTO "-wal", &info), 0);
        ck_assert_uint_eq(info.st_mode & 0777, mode);
        close_all();
    }
}
END_TEST
