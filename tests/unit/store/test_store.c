/*
 * Opening: files that are stores and files that are not; readers beside a log; a full disk.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log/log_internal.h"
#include "scratch.h"
#include "testing.h"

/* Asserts that a reader and a log refuse the file with this status and text, and that the file is unchanged. */
static void expect_refused(const char *path, eventure_status status, const char *text)
{
    struct stat before;
    struct stat after;
    int there = stat(path, &before);
    eventure_reader *reader = NULL;
    ck_assert_int_eq(eventure_reader_open(path, &reader), status);
    expect_part(eventure_reader_message(reader), text);
    eventure_reader_close(reader);
    eventure_log *log = NULL;
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.mode = EVENTURE_OPEN_EXISTING;
    ck_assert_int_eq(eventure_log_open(path, &options, &log), status);
    expect_part(eventure_log_message(log), text);
    eventure_log_close(log);
    ck_assert_int_eq(stat(path, &after), there);
    if (there == 0)
        ck_assert_int_eq(before.st_size, after.st_size);
    char lock[256];
    snprintf(lock, sizeof lock, "%s-writer", path);
    ck_assert_int_eq(access(lock, F_OK), -1);
}

START_TEST(a_missing_file_is_not_found)
{
    scratch_remove("missing.db");
    expect_refused("missing.db", EVENTURE_ERROR_NOT_FOUND, "open missing.db: there is no such file");
}
END_TEST

START_TEST(a_directory_is_refused)
{
    mkdir("folder.db", 0755);
    expect_refused("folder.db", EVENTURE_ERROR_IO, "open folder.db: it is a directory");
}
END_TEST

START_TEST(a_text_file_is_refused)
{
    scratch_write("text.db",
                  "This is a text that is long enough to be looked at as if it were the header of a database file, "
                  "which it is not.\n");
    expect_refused("text.db", EVENTURE_ERROR_FORMAT, "open text.db: not an Eventure store");
}
END_TEST

START_TEST(an_empty_file_is_refused_for_reading)
{
    scratch_write("empty.db", "");
    expect_refused("empty.db", EVENTURE_ERROR_FORMAT, "open empty.db: not an Eventure store: it is empty");
}
END_TEST

START_TEST(another_applications_database_is_refused)
{
    scratch_remove("other.db");
    ck_assert_ptr_null(scratch_sql("other.db", "CREATE TABLE t (x); INSERT INTO t VALUES (1)"));
    expect_refused("other.db", EVENTURE_ERROR_FORMAT, "an SQLite database of another application");
    ck_assert_ptr_null(scratch_sql("other.db", "PRAGMA application_id = 4711"));
    expect_refused("other.db", EVENTURE_ERROR_FORMAT, "application_id is 4711");
}
END_TEST

START_TEST(a_newer_format_is_refused_with_both_versions)
{
    eventure_log_close(scratch_new());
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "PRAGMA user_version = 999"));
    expect_refused(SCRATCH_PATH, EVENTURE_ERROR_FORMAT, "made by a newer version of Eventure: its format is 999");
}
END_TEST

START_TEST(a_read_only_file_is_refused_for_writing_and_read)
{
    eventure_log *log = scratch_new();
    scratch_append(log, "a.b", NULL, NULL);
    eventure_log_close(log);
    ck_assert_int_eq(chmod(SCRATCH_PATH, 0444), 0);
    log = NULL;
    expect_status(EVENTURE_ERROR_READ_ONLY, NULL, eventure_log_open(SCRATCH_PATH, NULL, &log));
    ck_assert_str_eq(eventure_log_message(log), "open " SCRATCH_PATH ": the file is read-only");
    eventure_log_close(log);
    eventure_reader *reader = NULL;
    int64_t seq = 0;
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    expect_ok(reader, eventure_reader_last_seq(reader, &seq));
    ck_assert_int_eq(seq, 1);
    eventure_reader_close(reader);
    chmod(SCRATCH_PATH, 0644);
}
END_TEST

START_TEST(a_reader_reads_where_it_may_not_write)
{
    if (geteuid() != 0)
        return; /* only root can become another user */
    /* Another user cannot reach the build tree when it is below a private folder, such as root's home. */
    const char *parent = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : P_tmpdir;
    char folder[512];
    char path[600];
    snprintf(folder, sizeof folder, "%s/eventure-XXXXXX", parent);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chmod(folder, 0755), 0);
    snprintf(path, sizeof path, "%s/shared.db", folder);
    eventure_log *log = scratch_open(path);
    scratch_append(log, "a.b", NULL, NULL);
    eventure_log_close(log);
    ck_assert_int_eq(chmod(path, 0644), 0);
    pid_t child = fork();
    if (child == 0)
    {
        eventure_reader *reader = NULL;
        int64_t seq = 0;
        if (setgid(65534) != 0 || setuid(65534) != 0)
            _exit(1);
        if (access(path, R_OK) != 0)
            _exit(77);
        int wrong = eventure_reader_open(path, &reader) != EVENTURE_OK ||
                    eventure_reader_last_seq(reader, &seq) != EVENTURE_OK || seq != 1;
        if (wrong)
            fprintf(stderr, "%s\n", eventure_reader_message(reader));
        eventure_reader_close(reader);
        _exit(wrong);
    }
    int status = 1;
    waitpid(child, &status, 0);
    scratch_remove(path);
    rmdir(folder);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        printf("skipped: another user cannot reach a file in %s\n", parent);
    else
        ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(a_new_store_that_fails_leaves_no_file)
{
    eventure_log *log = NULL;
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_log_open("no/such/folder.db", NULL, &log));
    expect_part(eventure_log_message(log), "no/such/folder.db");
    eventure_log_close(log);
}
END_TEST

START_TEST(names_that_sqlite_knows_are_names_of_files_here)
{
    static const char *const names[] = {":memory:", "file:memory.db?mode=memory"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
    {
        scratch_remove(names[i]);
        eventure_log *log = scratch_open(names[i]);
        scratch_append(log, "a.b", NULL, NULL);
        expect_ok(NULL, eventure_log_close(log));
        ck_assert_int_eq(access(names[i], F_OK), 0);
        eventure_reader *reader = NULL;
        int64_t seq = 0;
        expect_ok(NULL, eventure_reader_open(names[i], &reader));
        expect_ok(reader, eventure_reader_last_seq(reader, &seq));
        ck_assert_int_eq(seq, 1);
        eventure_reader_close(reader);
        scratch_remove(names[i]);
    }
}
END_TEST

START_TEST(a_reader_sees_committed_ticks_only)
{
    eventure_log *log = scratch_new();
    eventure_reader *reader = NULL;
    int64_t seq = -1;
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(reader, eventure_reader_last_seq(reader, &seq));
    ck_assert_int_eq(seq, 0);
    eventure_log_advance_tick(log);
    expect_ok(reader, eventure_reader_last_seq(reader, &seq));
    ck_assert_int_eq(seq, 1);
    expect_ok(reader, eventure_reader_tick(reader, &seq));
    ck_assert_int_eq(seq, 1);
    eventure_reader_close(reader);
    eventure_log_close(log);
}
END_TEST

START_TEST(a_reader_sees_one_commit_until_it_ends_its_read_transaction)
{
    eventure_log *log = scratch_new();
    eventure_reader *reader = NULL;
    int64_t seq = -1;
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    expect_ok(reader, eventure_reader_begin(reader));
    expect_status(EVENTURE_ERROR_ARGUMENT, reader, eventure_reader_begin(reader));
    scratch_append(log, "a.b", NULL, NULL);
    eventure_log_advance_tick(log);
    eventure_reader_last_seq(reader, &seq);
    ck_assert_int_eq(seq, 0);
    expect_ok(reader, eventure_reader_refresh(reader));
    eventure_reader_last_seq(reader, &seq);
    ck_assert_int_eq(seq, 1);
    scratch_append(log, "a.b", NULL, NULL);
    eventure_log_advance_tick(log);
    eventure_reader_end(reader);
    eventure_reader_end(reader);
    eventure_reader_last_seq(reader, &seq);
    ck_assert_int_eq(seq, 2);
    expect_status(EVENTURE_ERROR_ARGUMENT, eventure_log_reader(log), eventure_reader_begin(eventure_log_reader(log)));
    eventure_reader_close(reader);
    eventure_log_close(log);
}
END_TEST

START_TEST(a_cursor_continues_with_its_commit_while_the_log_writes)
{
    eventure_log *log = scratch_new();
    eventure_reader *reader = NULL;
    eventure_cursor *cursor = NULL;
    eventure_event event;
    for (int i = 0; i < 3; i++)
        scratch_append(log, "a.b", NULL, NULL);
    eventure_log_advance_tick(log);
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    expect_ok(reader, eventure_query(reader, NULL, &cursor));
    expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
    scratch_append(log, "new.type", NULL, NULL);
    eventure_log_advance_tick(log);
    expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
    expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
    expect_status(EVENTURE_DONE, NULL, eventure_cursor_next(cursor, &event));
    eventure_cursor_free(cursor);
    expect_ok(reader, eventure_query_by_type(reader, "new.type", &cursor));
    expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
    eventure_cursor_free(cursor);
    eventure_reader_close(reader);
    eventure_log_close(log);
}
END_TEST

START_TEST(a_full_disk_is_an_error_and_loses_nothing_committed)
{
    eventure_log *log = scratch_new();
    char big[2000];
    memset(big, 'x', sizeof big);
    memcpy(big, "{\"a\":\"", 6);
    strcpy(big + sizeof big - 3, "\"}");
    scratch_append(log, "a.b", big, NULL);
    eventure_log_advance_tick(log);
    ck_assert_int_eq(sqlite3_exec(log->store->db, "PRAGMA max_page_count = 30", NULL, NULL, NULL), SQLITE_OK);
    eventure_status status = EVENTURE_OK;
    for (int i = 0; i < 1000 && status == EVENTURE_OK; i++)
        status = eventure_log_append(log, "a.b", eventure_json(big), NULL, NULL);
    expect_status(EVENTURE_ERROR_IO, NULL, status);
    expect_part(eventure_log_message(log), "database or disk is full");
    int64_t seq = -1;
    expect_ok(eventure_log_reader(log), eventure_reader_last_seq(eventure_log_reader(log), &seq));
    ck_assert_int_eq(seq, 1);
    ck_assert_int_eq(eventure_log_tick(log), 1);
    sqlite3_exec(log->store->db, "PRAGMA max_page_count = 100000", NULL, NULL, NULL);
    ck_assert_str_eq(scratch_append(log, "player.attack", NULL, NULL), "1-DBCB-1");
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST

START_TEST(an_event_whose_type_is_missing_is_reported_as_damage)
{
    eventure_log *log = scratch_new();
    scratch_append(log, "a.b", NULL, NULL);
    eventure_log_close(log);
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "DROP TRIGGER events_update; PRAGMA writable_schema = ON;"
                                                 "UPDATE sqlite_schema SET sql = replace(sql, 'TEXT NOT NULL', 'TEXT') "
                                                 "WHERE name = 'events'"));
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "UPDATE events SET type = NULL"));
    eventure_reader *reader = NULL;
    eventure_cursor *cursor = NULL;
    eventure_event event;
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    expect_ok(reader, eventure_query(reader, NULL, &cursor));
    expect_status(EVENTURE_ERROR_CORRUPT, NULL, eventure_cursor_next(cursor, &event));
    expect_part(eventure_reader_message(reader), "scratch.db is damaged: event 1 has no type");
    eventure_cursor_free(cursor);
    eventure_reader_close(reader);
}
END_TEST

START_TEST(a_trigger_of_the_file_does_not_run)
{
    eventure_log_close(scratch_new());
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "CREATE TRIGGER evil AFTER INSERT ON events BEGIN "
                                                 "DELETE FROM store; END"));
    eventure_log *log = scratch_open(SCRATCH_PATH);
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(NULL, eventure_log_close(log));
    char *rows = scratch_ask(SCRATCH_PATH, "SELECT count(*) FROM store");
    ck_assert_str_eq(rows, "1");
    free(rows);
}
END_TEST

START_TEST(many_more_statements_than_the_cache_holds_work_at_the_same_time)
{
    enum
    {
        CURSORS = EVENTURE__STATEMENTS + 8
    };
    eventure_log *log = scratch_new();
    eventure_cursor *cursors[CURSORS];
    eventure_event event;
    for (int i = 0; i < CURSORS; i++)
        scratch_append(log, "a.b", NULL, NULL);
    for (int i = 0; i < CURSORS; i++)
    {
        eventure_filter filter = EVENTURE_FILTER_INIT;
        filter.after_seq = i;
        expect_ok(eventure_log_reader(log), eventure_query(eventure_log_reader(log), &filter, &cursors[i]));
    }
    for (int i = 0; i < CURSORS; i++)
    {
        expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursors[i], &event));
        ck_assert_int_eq(event.seq, i + 1);
        eventure_cursor_free(cursors[i]);
    }
    eventure_log_close(log);
}
END_TEST
