/*
 * Upgrading a store of an older format: the report, the content that is kept, and the calls that are refused.
 * tests/upgrade checks that nothing of a history is lost. test_upgrade_faults.c tests failures of memory, disk and
 * system.
 */
#include <sqlite3.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <eventure/upgrade.h>

#include "harness.h"
#include "old_store.h"
#include "scratch.h"
#include "session_world.h"
#include "store/inode.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

#define GOLDEN EVENTURE_TESTS_DIR "/data/formats"
#define OLD "old.db"
#define NEW "new.db"
#define COPY "old.db-format-5"

static eventure_upgrade_report report;
static char *old_content;
static unsigned char *image; /* the file of the old store */
static long image_len;

/* Restores the old store, and removes the files that a log leaves beside it. */
static void put_old(void)
{
    harness_remove(OLD);
    harness_store(OLD, image, image_len);
}

static void set_up(void)
{
    old_store_clear(NEW);
    old_store_unpack(GOLDEN, "format-5-rich", OLD);
    image = harness_load(OLD, &image_len);
    old_content = old_store_content(OLD);
    put_old();
    memset(&report, 'x', sizeof report);
}

static void tear_down(void)
{
    free(old_content);
    free(image);
    chmod(OLD, 0600);
    old_store_clear(OLD);
    old_store_clear(NEW);
}

/* Asserts that a file contains the unchanged old store. */
static void expect_old(const char *path)
{
    char *content = old_store_content(path);
    ck_assert_str_eq(content, old_content);
    free(content);
}

/* Asserts that a file is the store of the present format, sound, with all events. */
static void expect_new(const char *path)
{
    ck_assert_int_eq(old_store_format(path), 6);
    ck_assert_int_eq(world_number(path, "SELECT count(*) FROM events"), 42);
    world_verify(path);
}

/* Changes the old store with stock SQLite. */
static void damage(const char *sql)
{
    free(old_content);
    char *error = scratch_sql(OLD, sql);
    ck_assert_msg(error == NULL, "%s", error);
    old_content = old_store_content(OLD);
}

/* Upgrades OLD, and asserts the status and a part of the error text. */
static void expect_upgrade(const eventure_upgrade_options *options, eventure_status expected, const char *part)
{
    eventure_status status = eventure_store_upgrade(OLD, options, &report);
    ck_assert_msg(status == expected, "%s: %s", eventure_status_name(status), eventure_last_message());
    if (status == EVENTURE_OK)
        return;
    expect_part(eventure_last_message(), part);
    ck_assert_str_eq(report.backup, "");
}

/* The same, into NEW. */
static void expect_upgrade_to(const char *path, bool replace, eventure_status expected, const char *part)
{
    eventure_upgrade_options options = EVENTURE_UPGRADE_OPTIONS_INIT;
    options.new_path = path;
    options.replace = replace;
    expect_upgrade(&options, expected, part);
}

START_TEST(the_report_says_what_was_done)
{
    expect_upgrade(NULL, EVENTURE_OK, "");
    ck_assert_int_eq(report.from_format, 5);
    ck_assert_int_eq(report.to_format, 6);
    ck_assert_str_eq(report.backup, COPY);
    expect_new(OLD);
    expect_old(COPY);
    ck_assert_int_eq(world_files(OLD), 2);
}
END_TEST

START_TEST(the_copy_has_the_bytes_of_a_store_that_no_other_connection_reads)
{
    long len = 0;
    expect_upgrade(NULL, EVENTURE_OK, "");
    unsigned char *copy = harness_load(COPY, &len);
    ck_assert_int_eq(len, image_len);
    ck_assert_mem_eq(copy, image, (size_t)len);
    free(copy);
}
END_TEST

START_TEST(of_a_store_that_is_up_to_date_nothing_is_changed)
{
    expect_upgrade(NULL, EVENTURE_OK, "");
    char *content = old_store_content(OLD);
    old_store_clear(COPY);
    expect_upgrade(NULL, EVENTURE_OK, "");
    ck_assert_int_eq(report.from_format, 6);
    ck_assert_int_eq(report.to_format, 6);
    ck_assert_str_eq(report.backup, "");
    char *later = old_store_content(OLD);
    ck_assert_str_eq(later, content);
    ck_assert_int_eq(world_files(OLD), 1);
    expect_upgrade_to(NEW, false, EVENTURE_ERROR_ARGUMENT, "is of format 6 already");
    ck_assert_int_eq(world_files(NEW), 0);
    free(content);
    free(later);
}
END_TEST

START_TEST(a_copy_that_is_there_stays)
{
    char name[64] = COPY;
    for (int number = 1; number <= 3; number++)
    {
        if (number > 1)
            snprintf(name, sizeof name, COPY "-%d", number);
        put_old();
        expect_upgrade(NULL, EVENTURE_OK, "");
        ck_assert_str_eq(report.backup, name);
        expect_old(COPY);
        expect_old(name);
    }
    ck_assert_int_eq(world_files(OLD), 4);
}
END_TEST

START_TEST(of_too_many_copies_no_more_is_made)
{
    char name[64];
    for (int number = 1; number <= 99; number++)
    {
        snprintf(name, sizeof name, number == 1 ? COPY : COPY "-%d", number);
        harness_store(name, (const unsigned char *)"mine", 4);
    }
    expect_upgrade(NULL, EVENTURE_ERROR_EXISTS, "there are already 99 copies of its format; move them away");
    expect_old(OLD);
    ck_assert_int_eq(world_files(OLD), 100);
}
END_TEST

START_TEST(what_a_killed_run_left_of_a_copy_is_replaced)
{
    harness_store(COPY "-new", image, 5000);
    harness_store(COPY "-new-journal", (const unsigned char *)"something", 9);
    expect_upgrade(NULL, EVENTURE_OK, "");
    expect_old(COPY);
    ck_assert_int_eq(world_files(OLD), 2);
}
END_TEST

START_TEST(no_copy_is_kept_when_none_is_wanted)
{
    eventure_upgrade_options options = EVENTURE_UPGRADE_OPTIONS_INIT;
    options.without_backup = true;
    expect_upgrade(&options, EVENTURE_OK, "");
    ck_assert_int_eq(report.from_format, 5);
    ck_assert_str_eq(report.backup, "");
    expect_new(OLD);
    ck_assert_int_eq(world_files(OLD), 1);
}
END_TEST

START_TEST(a_log_brings_the_store_up_to_date_when_it_opens_it)
{
    for (int with_copy = 0; with_copy <= 1; with_copy++)
        for (int background = 0; background <= 1; background++)
        {
            eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
            eventure_log *log = NULL;
            old_store_clear(OLD);
            put_old();
            options.background = background == 1;
            options.without_backup = with_copy == 0;
            expect_ok(NULL, eventure_log_open(OLD, &options, &log));
            ck_assert_int_eq(eventure_log_tick(log), 20);
            ck_assert_ptr_nonnull(scratch_append(log, "a.b", NULL, "import:guard/1"));
            expect_ok(NULL, eventure_log_close(log));
            ck_assert_int_eq(world_number(OLD, "SELECT count(*) FROM events"), 43);
            world_verify(OLD);
            ck_assert_int_eq(world_files(OLD), 1 + with_copy);
            if (with_copy == 1)
                expect_old(COPY);
        }
}
END_TEST

START_TEST(a_log_that_wants_a_new_store_changes_nothing)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    options.mode = EVENTURE_OPEN_NEW;
    expect_status(EVENTURE_ERROR_EXISTS, NULL, eventure_log_open(OLD, &options, &log));
    eventure_log_close(log);
    expect_old(OLD);
    ck_assert_int_eq(world_files(OLD), 1);
}
END_TEST

START_TEST(a_limit_of_the_size_is_for_what_comes_after)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    eventure_status status = EVENTURE_OK;
    /* Makes an old store of few pages with 1500 events, whose tables become larger in the upgrade. */
    damage("DROP TRIGGER event_append_only_insert; VACUUM; "
           "WITH n (n) AS (SELECT 43 UNION ALL SELECT n + 1 FROM n WHERE n < 1500) "
           "INSERT INTO event (seq, tick, type, ordinal, timestamp, data) SELECT n, (SELECT max(tick) FROM tick), 1, "
           "n, 1.0, '{}' FROM n; "
           "UPDATE store SET digests = 'none'; DROP TRIGGER tick_append_only_update; "
           "UPDATE tick SET last_seq = 1500 WHERE tick = (SELECT max(tick) FROM tick)");
    options.max_file_bytes = 1;
    expect_ok(NULL, eventure_log_open(OLD, &options, &log));
    expect_ok(log, eventure_log_advance_tick(log));
    for (int i = 0; i < 10000 && status == EVENTURE_OK; i++)
        status = eventure_log_append(log, "a.b", eventure_no_data(), NULL, NULL);
    if (status == EVENTURE_OK)
        status = eventure_log_commit(log);
    expect_status(EVENTURE_ERROR_LIMIT, NULL, status);
    expect_ok(NULL, eventure_log_close(log));
    ck_assert_int_eq(world_number(OLD, "SELECT count(*) FROM events"), 1500);
}
END_TEST

START_TEST(a_new_file_leaves_the_old_one)
{
    expect_upgrade_to(NEW, false, EVENTURE_OK, "");
    ck_assert_int_eq(report.from_format, 5);
    ck_assert_int_eq(report.to_format, 6);
    ck_assert_str_eq(report.backup, "");
    expect_new(NEW);
    ck_assert_int_eq(world_files(NEW), 1);
    ck_assert_int_eq(world_files(COPY), 0);
    expect_old(OLD);
}
END_TEST

START_TEST(a_new_file_replaces_another_only_when_it_may)
{
    harness_store(NEW, (const unsigned char *)"mine", 4);
    expect_upgrade_to(NEW, false, EVENTURE_ERROR_EXISTS, "the file new.db exists");
    long len = 0;
    unsigned char *bytes = harness_load(NEW, &len);
    ck_assert_int_eq(len, 4);
    ck_assert_mem_eq(bytes, "mine", 4);
    free(bytes);
    expect_upgrade_to(NEW, true, EVENTURE_OK, "");
    expect_new(NEW);
    put_old();
    expect_upgrade_to(NEW, true, EVENTURE_OK, "");
    expect_new(NEW);
    ck_assert_int_eq(world_files(NEW), 1);
}
END_TEST

START_TEST(a_new_file_cannot_be_the_store_itself)
{
    ck_assert_int_eq(symlink(OLD, NEW), 0);
    expect_upgrade_to(OLD, true, EVENTURE_ERROR_ARGUMENT, "old.db is the store itself");
    expect_upgrade_to(NEW, true, EVENTURE_ERROR_ARGUMENT, "new.db is the store itself");
    ck_assert_int_eq(unlink(NEW), 0);
    ck_assert_int_eq(link(OLD, NEW), 0);
    expect_upgrade_to(NEW, true, EVENTURE_ERROR_ARGUMENT, "new.db is the store itself");
    expect_upgrade_to("", true, EVENTURE_ERROR_ARGUMENT, "no path was given");
    expect_upgrade_to(".", true, EVENTURE_ERROR_ARGUMENT, "is a directory");
    expect_upgrade_to("no/" NEW, true, EVENTURE_ERROR_IO, "no/new.db");
    expect_old(OLD);
}
END_TEST

START_TEST(a_new_file_that_a_log_writes_is_left_alone)
{
    eventure_log *log = scratch_open(NEW);
    expect_upgrade_to(NEW, true, EVENTURE_ERROR_BUSY, "another log writes this store");
    expect_ok(NULL, eventure_log_close(log));
    ck_assert_int_eq(world_number(NEW, "SELECT count(*) FROM events"), 0);
    ck_assert_int_eq(world_files(NEW), 1);
}
END_TEST

START_TEST(options_are_those_of_the_caller_s_version)
{
    eventure_upgrade_options options = EVENTURE_UPGRADE_OPTIONS_INIT;
    options.size = 0;
    expect_upgrade(&options, EVENTURE_ERROR_ARGUMENT, "eventure_upgrade_options was not initialised");
    options.size = SIZE_MAX;
    expect_upgrade(&options, EVENTURE_ERROR_ARGUMENT, "eventure_upgrade_options was not initialised");
    expect_old(OLD);
    /* Members that an older caller's struct does not have are not read. */
    options.size = offsetof(eventure_upgrade_options, without_backup);
    options.without_backup = true;
    expect_upgrade(&options, EVENTURE_OK, "");
    ck_assert_str_eq(report.backup, COPY);
}
END_TEST

START_TEST(without_a_path_or_a_report_nothing_is_done)
{
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_store_upgrade(NULL, NULL, &report));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_store_upgrade(OLD, NULL, NULL));
    expect_old(OLD);
}
END_TEST

/* Upgrades in place and into a new file; both must fail. */
static void expect_refused(eventure_status expected, const char *part)
{
    expect_upgrade(NULL, expected, part);
    ck_assert_int_eq(world_files(COPY), 0);
    expect_upgrade_to(NEW, false, expected, part);
    ck_assert_int_eq(world_files(NEW), 0);
}

START_TEST(what_is_not_a_store_is_refused)
{
    ck_assert_int_eq(unlink(OLD), 0);
    expect_refused(EVENTURE_ERROR_NOT_FOUND, "open old.db: there is no such file");
    ck_assert_int_eq(world_files(OLD), 0);
    harness_store(OLD, image, 0);
    expect_refused(EVENTURE_ERROR_FORMAT, "not an Eventure store: it is empty");
    harness_store(OLD, (const unsigned char *)"no database", 11);
    expect_refused(EVENTURE_ERROR_FORMAT, "not an Eventure store: file is not a database");
    ck_assert_int_eq(unlink(OLD), 0);
    ck_assert_int_eq(mkdir(OLD, 0777), 0);
    expect_refused(EVENTURE_ERROR_IO, "open old.db: it is a directory");
    ck_assert_int_eq(rmdir(OLD), 0);
}
END_TEST

START_TEST(a_store_of_a_newer_format_is_refused)
{
    damage("PRAGMA user_version = 7");
    expect_refused(EVENTURE_ERROR_FORMAT, "made by a newer version of Eventure: its format is 7");
    damage("PRAGMA user_version = -1");
    expect_refused(EVENTURE_ERROR_FORMAT, "its format is -1");
    damage("PRAGMA user_version = 5; PRAGMA application_id = 5");
    expect_refused(EVENTURE_ERROR_FORMAT, "an SQLite database of another application");
    expect_old(OLD);
}
END_TEST

START_TEST(a_view_in_place_of_a_table_is_refused)
{
    static const char endless[] = " AS WITH RECURSIVE n (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n) "
                                  "SELECT seq, seq AS tick, 1 AS type, 1 AS ordinal, NULL AS parent, 0.0 AS timestamp, "
                                  "'{}' AS data, seq AS id FROM n";
    static const char *const tables[] = {"event",           "type",       "store",   "foreign_id",
                                         "external_parent", "tick",       "archive", "archived_event",
                                         "data_value",      "data_index", "snapshot"};
    for (size_t i = 0; i < COUNT_OF(tables); i++)
    {
        char sql[1024];
        char part[64];
        put_old();
        snprintf(sql, sizeof sql, "DROP TABLE %s; CREATE VIEW %s%s", tables[i], tables[i], endless);
        snprintf(part, sizeof part, "%s is not a table in it", tables[i]);
        damage(sql);
        expect_refused(EVENTURE_ERROR_FORMAT, part);
        expect_old(OLD);
    }
}
END_TEST

START_TEST(events_without_a_type_are_damage)
{
    damage("DROP TRIGGER type_append_only_delete; DELETE FROM type WHERE id = (SELECT max(type) FROM event)");
    expect_refused(EVENTURE_ERROR_CORRUPT, "events have no type");
    expect_old(OLD);
    expect_upgrade_to(NEW, false, EVENTURE_ERROR_CORRUPT, "upgrade old.db: ");
}
END_TEST

START_TEST(what_else_cannot_be_moved_is_damage)
{
    static const char two_at_one_place[] = "DROP TRIGGER event_append_only_update; DROP INDEX event_type; "
                                           "UPDATE event SET tick = 1, type = 1, ordinal = 1 WHERE seq IN (40, 41)";
    static const char *const changes[] = {
        two_at_one_place,
        "DROP TABLE type",
        "DROP TABLE store",
        "DROP TABLE event",
        "DROP TABLE foreign_id",
        "DROP TABLE external_parent",
        "DELETE FROM store",
        "CREATE TABLE old_store (a)",
        "CREATE TABLE events_id (a)",
        "DROP VIEW events; CREATE TABLE events (seq)",
        "DROP VIEW archived_events; CREATE TABLE archived_events (seq)",
        "DROP TRIGGER foreign_id_append_only_update; UPDATE foreign_id SET id = '0-ACCF-1' WHERE seq = 5",
    };
    for (size_t i = 0; i < COUNT_OF(changes); i++)
    {
        eventure_status status = EVENTURE_OK;
        put_old();
        damage(changes[i]);
        status = eventure_store_upgrade(OLD, NULL, &report);
        ck_assert_msg(status == EVENTURE_ERROR_CORRUPT || status == EVENTURE_ERROR_FORMAT, "%s: %s: %s", changes[i],
                      eventure_status_name(status), eventure_last_message());
        expect_part(eventure_last_message(), OLD);
        ck_assert_msg(world_files(COPY) == 0, "%s", changes[i]);
        expect_old(OLD);
    }
}
END_TEST

START_TEST(a_trigger_of_the_file_does_not_run)
{
    damage("CREATE TABLE seen (a); CREATE TRIGGER seen_it AFTER INSERT ON tick BEGIN INSERT INTO seen VALUES (1); END; "
           "CREATE TRIGGER deleted AFTER DELETE ON event BEGIN INSERT INTO seen VALUES (2); END; "
           "CREATE TRIGGER bad BEFORE DELETE ON type BEGIN SELECT RAISE(ABORT, 'never'); END");
    expect_upgrade(NULL, EVENTURE_OK, "");
    damage("DROP TRIGGER seen_it"); /* a trigger that verify would report */
    expect_new(OLD);
    ck_assert_int_eq(world_number(OLD, "SELECT count(*) FROM seen"), 0);
}
END_TEST

START_TEST(a_store_that_a_log_writes_is_busy)
{
    eventure__inode *inode = NULL;
    ck_assert_int_eq(eventure__inode_use(OLD, false, &inode), 0);
    ck_assert_int_eq(eventure__inode_lock(inode, OLD), 0);
    expect_upgrade(NULL, EVENTURE_ERROR_BUSY, "another log writes this store");
    ck_assert_int_eq(world_files(COPY), 0);
    expect_upgrade_to(NEW, false, EVENTURE_OK, "");
    expect_new(NEW);
    eventure__inode_unlock(inode);
    eventure__inode_leave(inode);
    expect_old(OLD);
}
END_TEST

START_TEST(a_file_that_may_not_be_written_stays)
{
    ck_assert_int_eq(chmod(OLD, 0400), 0);
    expect_upgrade(NULL, EVENTURE_ERROR_READ_ONLY, "the file is read-only");
    ck_assert_int_eq(world_files(OLD), 1);
    expect_upgrade_to(NEW, false, EVENTURE_OK, "");
    expect_new(NEW);
    ck_assert_int_eq(chmod(OLD, 0600), 0);
    expect_old(OLD);
}
END_TEST

START_TEST(readers_refuse_an_older_store_and_name_the_command)
{
    eventure_reader *reader = NULL;
    expect_status(EVENTURE_ERROR_FORMAT, NULL, eventure_reader_open(OLD, &reader));
    ck_assert_str_eq(eventure_reader_message(reader),
                     "open old.db: made by an older version of Eventure: its format is 5, this library reads format 6; "
                     "bring it up to date with: eventure upgrade old.db");
    eventure_reader_close(reader);
    expect_old(OLD);
}
END_TEST

static int64_t count_with(sqlite3_stmt *statement)
{
    int64_t count = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;
    sqlite3_reset(statement);
    return count;
}

START_TEST(who_reads_meanwhile_sees_the_old_store_or_an_error)
{
    sqlite3 *holds = NULL;
    sqlite3 *asks = NULL;
    sqlite3_stmt *held = NULL;
    sqlite3_stmt *old_table = NULL;
    sqlite3_stmt *both = NULL;
    ck_assert_int_eq(sqlite3_open(OLD, &holds), SQLITE_OK);
    ck_assert_int_eq(sqlite3_open(OLD, &asks), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(holds, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(holds, "SELECT count(*) FROM event", -1, &held, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(asks, "SELECT count(*) FROM event", -1, &old_table, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(asks, "SELECT count(*) FROM events WHERE id = '3-BEFA-5'", -1, &both, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(count_with(held), 42);
    ck_assert_int_eq(count_with(old_table), 42);
    ck_assert_int_eq(count_with(both), 1);
    expect_upgrade(NULL, EVENTURE_OK, "");
    ck_assert_int_eq(count_with(held), 42);
    ck_assert_int_eq(count_with(old_table), -1);
    ck_assert_int_eq(count_with(both), 1);
    ck_assert_int_eq(sqlite3_exec(holds, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(count_with(held), -1);
    sqlite3_finalize(held);
    sqlite3_finalize(old_table);
    sqlite3_finalize(both);
    sqlite3_close(holds);
    sqlite3_close(asks);
    expect_new(OLD);
}
END_TEST

START_TEST(an_archive_of_an_older_format_takes_more_events)
{
    eventure_archive_options options = EVENTURE_ARCHIVE_OPTIONS_INIT;
    eventure_archive_counts counts = {0};
    eventure_log *log = NULL;
    options.without_snapshots = true;
    old_store_unpack(GOLDEN, "format-5-archive", NEW);
    old_store_unpack(GOLDEN, "format-5-archived", OLD);
    expect_ok(NULL, eventure_log_open(OLD, NULL, &log));
    expect_ok(log, eventure_log_archive(log, NEW, 12, &options, &counts));
    ck_assert_int_eq(counts.events, 4);
    expect_ok(NULL, eventure_log_close(log));
    ck_assert_int_eq(world_number(NEW, "SELECT count(*) FROM events"), 39);
    ck_assert_int_eq(world_number(OLD, "SELECT count(*) FROM events"), 5);
    world_verify(NEW);
    world_verify(OLD);
    ck_assert_int_eq(world_files(NEW), 2);
}
END_TEST
