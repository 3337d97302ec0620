/*
 * Temporary files: what was written is read back, the file has no name, and errors are reported.
 */
#include "transfer/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "scratch.h"
#include "system_fail.h"
#include "testing.h"

static eventure__error error;

START_TEST(what_was_written_is_read_back)
{
    eventure__temporary file;
    char bytes[12] = "";
    scratch_run("rm -rf folder && mkdir folder");
    expect_ok(NULL, eventure__temporary_open(&file, "folder", &error));
    ck_assert_int_ge(file.descriptor, 0);
    scratch_run("test -z \"$(ls -A folder)\"");
    expect_ok(NULL, eventure__temporary_write(&file, "hello ", 6, &error));
    expect_ok(NULL, eventure__temporary_write(&file, "", 0, &error));
    expect_ok(NULL, eventure__temporary_write(&file, "world", 5, &error));
    ck_assert_int_eq(file.len, 11);
    expect_ok(NULL, eventure__temporary_read(&file, 0, bytes, 11, &error));
    ck_assert_str_eq(bytes, "hello world");
    expect_ok(NULL, eventure__temporary_read(&file, 7, bytes, 2, &error));
    ck_assert_int_eq(strncmp(bytes, "orllo", 5), 0);
    expect_status(EVENTURE_ERROR_IO, NULL, eventure__temporary_read(&file, 7, bytes, 5, &error));
    ck_assert_str_eq(error.text, "read a temporary file: it ends too early");
    const int descriptor = file.descriptor;
    eventure__temporary_close(&file);
    ck_assert_int_eq(file.descriptor, -1);
    ck_assert_int_eq(fcntl(descriptor, F_GETFD), -1);
    eventure__temporary_close(&file);
    scratch_run("rmdir folder");
}
END_TEST

START_TEST(calls_that_transfer_a_part_or_are_interrupted_are_continued)
{
    eventure__temporary file;
    char bytes[12] = "";
    expect_ok(NULL, eventure__temporary_open(&file, ".", &error));
    system_transfer_at_most(2);
    system_fail_at(SYSTEM_WRITE, 2, EINTR);
    expect_ok(NULL, eventure__temporary_write(&file, "hello", 5, &error));
    ck_assert(system_fail_stop());
    expect_ok(NULL, eventure__temporary_write(&file, " world", 6, &error));
    ck_assert_int_eq(file.len, 11);
    system_fail_at(SYSTEM_READ, 2, EINTR);
    expect_ok(NULL, eventure__temporary_read(&file, 0, bytes, 11, &error));
    ck_assert(system_fail_stop());
    ck_assert_str_eq(bytes, "hello world");
    system_transfer_at_most(0);
    eventure__temporary_close(&file);
}
END_TEST

START_TEST(errors_name_their_cause)
{
    eventure__temporary file;
    char byte = 0;
    expect_status(EVENTURE_ERROR_IO, NULL, eventure__temporary_open(&file, "no folder", &error));
    ck_assert_str_eq(error.text, "make a temporary file in no folder: No such file or directory");
    ck_assert_int_eq(file.descriptor, -1);
    expect_ok(NULL, eventure__temporary_open(&file, ".", &error));
    eventure__temporary closed = {1000, 0};
    expect_status(EVENTURE_ERROR_IO, NULL, eventure__temporary_write(&closed, "x", 1, &error));
    ck_assert_str_eq(error.text, "write a temporary file: Bad file descriptor");
    expect_status(EVENTURE_ERROR_IO, NULL, eventure__temporary_read(&closed, 0, &byte, 1, &error));
    ck_assert_str_eq(error.text, "read a temporary file: Bad file descriptor");
    eventure__temporary_close(&file);
}
END_TEST
