/*
 * Files beside a store that SQLite did not make: they are neither used, nor truncated, nor removed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "scratch.h"
#include "testing.h"

#define DIARY "my diary"

static const char *const endings[] = {"-wal", "-journal"};

static const char *beside(const char *ending)
{
    static char name[64];
    snprintf(name, sizeof name, "%s%s", SCRATCH_PATH, ending);
    return name;
}

static void expect_diary(const char *name)
{
    long len = 0;
    unsigned char *text = harness_load(name, &len);
    ck_assert_int_eq(len, (long)strlen(DIARY));
    ck_assert_int_eq(memcmp(text, DIARY, strlen(DIARY)), 0);
    free(text);
}

static void make_store(void)
{
    eventure_log *log = scratch_new();
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(NULL, eventure_log_close(log));
}

LOOP_TEST(a_file_of_another_program_is_not_touched, COUNT_OF(endings))
{
    const char *name = beside(endings[_i]);
    char message[200];
    eventure_reader *reader = NULL;
    eventure_log *log = NULL;
    make_store();
    scratch_write(name, DIARY);
    snprintf(message, sizeof message,
             "%s was not made by SQLite, or is damaged; it is not changed: move it to another place", name);
    expect_status(EVENTURE_ERROR_IO, NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    expect_part(eventure_last_message(), message);
    expect_diary(name);
    expect_status(EVENTURE_ERROR_IO, NULL, eventure_log_open(SCRATCH_PATH, NULL, &log));
    expect_part(eventure_last_message(), message);
    expect_diary(name);
    ck_assert_int_eq(unlink(name), 0);
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, NULL, &log));
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST

/* Files that a killed process or a power cut leaves are used. */
LOOP_TEST(remains_of_sqlite_are_used, COUNT_OF(endings))
{
    static const unsigned char zeros[4096] = "";
    static const long lengths[] = {0, 3, 4096};
    for (size_t i = 0; i < COUNT_OF(lengths); i++)
    {
        eventure_log *log = NULL;
        make_store();
        harness_store(beside(endings[_i]), zeros, lengths[i]);
        expect_ok(NULL, eventure_log_open(SCRATCH_PATH, NULL, &log));
        scratch_append(log, "a.b", NULL, NULL);
        expect_ok(NULL, eventure_log_close(log));
        scratch_expect_answer("SELECT count(*) FROM events", "2");
    }
}
END_TEST

/* A write-ahead log in the other byte order of its checksums, and a journal that was left behind. */
START_TEST(headers_of_sqlite_are_recognised)
{
    static const unsigned char logs[][4] = {{0x37, 0x7F, 0x06, 0x82}, {0x37, 0x7F, 0x06, 0x83}};
    static const unsigned char others[][4] = {{0x37, 0x7F, 0x06, 0x84}, {0x36, 0x7F, 0x06, 0x82}};
    eventure_reader *reader = NULL;
    for (size_t i = 0; i < COUNT_OF(logs); i++)
    {
        make_store();
        harness_store(beside("-wal"), logs[i], sizeof logs[i]);
        expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
        eventure_reader_close(reader);
        make_store();
        harness_store(beside("-wal"), others[i], sizeof others[i]);
        expect_status(EVENTURE_ERROR_IO, NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    }
}
END_TEST
