/*
 * The read transaction of the source of a copy: the readers and transactions that it opens, those that it leaves
 * unchanged, and the errors that the caller's reader receives.
 */
#include <string.h>

#include <sqlite3.h>

#include "scratch.h"
#include "session/copy_source.h"
#include "session_world.h"
#include "testing.h"

#define NEW_PATH "copied.db"

static eventure__copy_source source;

static eventure_log *new_log(void)
{
    eventure_log *log = scratch_new();
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(log, eventure_log_advance_tick(log));
    return log;
}

START_TEST(a_reader_in_a_read_transaction_is_taken_as_it_is)
{
    eventure_reader *reader = NULL;
    eventure_log_close(new_log());
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    expect_ok(reader, eventure_reader_begin(reader));
    expect_ok(reader, eventure__copy_source_open(&source, reader));
    ck_assert_ptr_eq(source.reader, reader);
    ck_assert(!source.opened && !source.begun);
    expect_status(EVENTURE_ERROR_TICK, NULL, eventure__copy_source_close(&source, EVENTURE_ERROR_TICK));
    ck_assert(reader->in_read_transaction);
    eventure_reader_end(reader);

    expect_ok(reader, eventure__copy_source_open(&source, reader));
    ck_assert_ptr_eq(source.reader, reader);
    ck_assert(!source.opened && source.begun);
    ck_assert(reader->in_read_transaction);
    expect_ok(reader, eventure__copy_source_close(&source, EVENTURE_OK));
    ck_assert(!reader->in_read_transaction);
    eventure_reader_close(reader);
}
END_TEST

START_TEST(beside_a_log_another_reader_is_opened)
{
    eventure_log *log = new_log();
    eventure_reader *given = eventure_log_reader(log);
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(given, eventure__copy_source_open(&source, given));
    ck_assert_ptr_ne(source.reader, given);
    ck_assert(source.opened && source.begun);
    ck_assert_int_eq(scratch_last_seq(source.reader), 1); /* the commit */
    ck_assert_int_eq(scratch_last_seq(given), 2);
    eventure__fail(&source.reader->error, EVENTURE_ERROR_TICK, "of the reader");
    expect_status(EVENTURE_ERROR_TICK, NULL, eventure__copy_source_close(&source, EVENTURE_ERROR_TICK));
    ck_assert_str_eq(eventure_reader_message(given), "of the reader");

    expect_ok(given, eventure__copy_source_open(&source, given));
    eventure__fail(&source.reader->error, EVENTURE_ERROR_TICK, "of the reader");
    eventure__clear(&given->error);
    expect_ok(given, eventure__copy_source_close(&source, EVENTURE_OK));
    ck_assert_str_eq(eventure_reader_message(given), "");
    eventure_log_close(log);
}
END_TEST

START_TEST(the_error_of_opening_a_reader_is_that_of_the_copy)
{
    eventure_log *log = new_log();
    eventure_reader *given = eventure_log_reader(log);
    scratch_remove(NEW_PATH);
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "PRAGMA user_version = 999"));
    expect_status(EVENTURE_ERROR_FORMAT, given, eventure__copy_source_open(&source, given));
    ck_assert_str_eq(eventure_reader_message(given), "open scratch.db: made by a newer version of Eventure: its format "
                                                     "is 999, this library knows formats up to 6");
    expect_status(EVENTURE_ERROR_FORMAT, given, eventure_store_copy(given, NEW_PATH, NULL));
    ck_assert_int_eq(world_files(NEW_PATH), 0);
    eventure_log_close(log);
}
END_TEST

START_TEST(a_store_that_was_renamed_is_not_copied)
{
    eventure_log *log = new_log();
    eventure_reader *given = eventure_log_reader(log);
    scratch_remove(NEW_PATH);
    scratch_remove("away.db");
    scratch_run("mv " SCRATCH_PATH " away.db");
    expect_status(EVENTURE_ERROR_IO, given, eventure__copy_source_open(&source, given));
    expect_part(eventure_reader_message(given), "scratch.db was renamed to ");
    expect_status(EVENTURE_ERROR_IO, given, eventure_store_copy(given, NEW_PATH, NULL));
    expect_part(eventure_reader_message(given), "/away.db while the log had it open");
    expect_status(EVENTURE_ERROR_IO, NULL, eventure_log_close(log));
    ck_assert_int_eq(world_files(NEW_PATH), 0);
    scratch_remove("away.db");
}
END_TEST

/* For each new connection: another store takes the name of the one that it has opened. */
static int exchange_store(sqlite3 *db, char **message, const sqlite3_api_routines *api)
{
    (void)db, (void)message, (void)api;
    scratch_run("mv " SCRATCH_PATH " away.db && cp other.db " SCRATCH_PATH);
    return SQLITE_OK;
}

START_TEST(a_store_that_is_exchanged_while_it_is_opened_is_not_copied)
{
    scratch_remove("away.db");
    scratch_remove(NEW_PATH);
    eventure_log_close(new_log());
    scratch_run("cp " SCRATCH_PATH " other.db");
    eventure_log *log = new_log();
    eventure_reader *given = eventure_log_reader(log);
    ck_assert_int_eq(sqlite3_auto_extension((void (*)(void))exchange_store), SQLITE_OK);
    eventure_status status = eventure__copy_source_open(&source, given);
    sqlite3_reset_auto_extension();
    expect_status(EVENTURE_ERROR_IO, given, status);
    expect_part(eventure_reader_message(given), ", and another file has its name");
    scratch_run("cmp " SCRATCH_PATH " other.db");
    expect_status(EVENTURE_ERROR_IO, NULL, eventure_log_close(log));
    scratch_run("cmp " SCRATCH_PATH " other.db");
    scratch_remove("away.db");
    scratch_remove("other.db");
}
END_TEST

static eventure_log *open_in_memory(int64_t max_file_bytes)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    options.mode = EVENTURE_OPEN_MEMORY;
    options.max_file_bytes = max_file_bytes;
    expect_ok(NULL, eventure_log_open("memory", &options, &log));
    return log;
}

START_TEST(a_store_in_memory_is_copied_between_its_commits_only)
{
    eventure_log *log = open_in_memory(0);
    eventure_reader *given = eventure_log_reader(log);
    scratch_append(log, "a.b", NULL, NULL);
    expect_status(EVENTURE_ERROR_BUSY, given, eventure__copy_source_open(&source, given));
    ck_assert_str_eq(eventure_reader_message(given),
                     "memory is in memory and has events that are not committed: commit before it is copied");
    expect_ok(log, eventure_log_commit(log));
    expect_ok(given, eventure__copy_source_open(&source, given));
    ck_assert_ptr_eq(source.reader, given);
    ck_assert(!source.opened && !source.begun);
    expect_ok(given, eventure__copy_source_close(&source, EVENTURE_OK));
    eventure_log_close(log);
}
END_TEST

/* The events that wait in memory cannot be written: the error is theirs, and not that a commit is missing. */
START_TEST(events_that_cannot_be_written_are_the_error_of_the_copy)
{
    static char json[60002];
    eventure_log *log = open_in_memory(150000);
    eventure_reader *given = eventure_log_reader(log);
    scratch_remove(NEW_PATH);
    memset(json, 'x', sizeof json - 1);
    memcpy(json, "{\"a\":\"", 6);
    memcpy(json + sizeof json - 3, "\"}", 2);
    for (int i = 0; i < 4; i++)
        scratch_append(log, "a.b", json, NULL);
    expect_status(EVENTURE_ERROR_LIMIT, given, eventure_store_copy(given, NEW_PATH, NULL));
    expect_part(eventure_reader_message(given), "the limit max_file_bytes is 150000");
    ck_assert_int_eq(world_files(NEW_PATH), 0);
    eventure_log_close(log);
}
END_TEST
