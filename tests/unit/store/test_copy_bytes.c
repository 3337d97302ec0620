/*
 * Copying the bytes of an open database, through SQLite's file.
 */
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"
#include "store/files.h"
#include "testing.h"

#define COPY "bytes.db"

/* Returns the number that the next descriptor has: it grows when one stays open. */
static int next_descriptor(void)
{
    int descriptor = dup(STDERR_FILENO);
    ck_assert_int_ge(descriptor, 0);
    close(descriptor);
    return descriptor;
}

START_TEST(the_bytes_of_a_database_are_copied)
{
    sqlite3 *db = NULL;
    sqlite3_file *file = NULL;
    eventure__error error = {0};
    eventure_log *log = scratch_new();
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(NULL, eventure_log_close(log));
    ck_assert_int_eq(chmod(SCRATCH_PATH, 0640), 0);
    scratch_remove(COPY);
    ck_assert_int_eq(sqlite3_open(SCRATCH_PATH, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "SELECT count(*) FROM store", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file), SQLITE_OK);
    const int before = next_descriptor();
    expect_ok(NULL, eventure__files_write_bytes(file, SCRATCH_PATH, COPY, &error));
    ck_assert_int_eq(next_descriptor(), before);
    scratch_run("cmp " SCRATCH_PATH " " COPY);
    ck_assert_uint_eq(scratch_mode(COPY), 0640);
    /* An existing file is not replaced. */
    expect_status(EVENTURE_ERROR_IO, NULL, eventure__files_write_bytes(file, SCRATCH_PATH, COPY, &error));
    ck_assert_str_eq(error.text, "write " COPY ": File exists");
    expect_status(EVENTURE_ERROR_IO, NULL, eventure__files_write_bytes(file, SCRATCH_PATH, "no/" COPY, &error));
    ck_assert_str_eq(error.text, "write no/" COPY ": No such file or directory");
    ck_assert_int_eq(next_descriptor(), before);
    sqlite3_close(db);
    scratch_remove(COPY);
}
END_TEST
