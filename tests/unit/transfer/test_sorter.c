/*
 * The external sort, with memory for all records and with memory for a few of them.
 */
#include "transfer/sorter.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "system_fail.h"
#include "testing.h"

#define COUNT 3000

static eventure__error error;

/* Sorts COUNT records of different lengths, whose keys are often equal. */
static void sort_with(size_t memory)
{
    eventure__sorter sorter;
    char text[400];
    uint32_t state = 12345;
    eventure__sorter_open(&sorter, memory, ".", &error);
    for (int i = 0; i < COUNT; i++)
    {
        state = state * 1664525 + 1013904223;
        const int64_t first = (int64_t)(state >> 24) - 100;
        const double second = (double)(state >> 16 & 7) / 4;
        const int len =
            snprintf(text, sizeof text, "%lld %.2f %d %*s", (long long)first, second, i, (int)(state >> 20 & 255), "");
        expect_ok(NULL, eventure__sorter_add(&sorter, (eventure__sort_key){first, second}, text, (size_t)len + 1));
    }
    ck_assert_int_eq(sorter.file.descriptor >= 0, memory < 100000);
    long long before_first = -1000;
    double before_second = -1;
    int before = -1;
    int count = 0;
    char *bytes = NULL;
    size_t len = 0;
    eventure_status status = EVENTURE_OK;
    while ((status = eventure__sorter_next(&sorter, &bytes, &len)) == EVENTURE_ROW)
    {
        long long first = 0;
        double second = 0;
        int number = 0;
        ck_assert_int_eq(sscanf(bytes, "%lld %lf %d", &first, &second, &number), 3);
        ck_assert_uint_eq(strlen(bytes) + 1, len);
        ck_assert(first > before_first || (first == before_first && second > before_second) ||
                  (first == before_first && second == before_second && number > before));
        before_first = first;
        before_second = second;
        before = number;
        count++;
    }
    expect_ok(NULL, status);
    ck_assert_int_eq(count, COUNT);
    expect_ok(NULL, eventure__sorter_next(&sorter, &bytes, &len));
    eventure__sorter_free(&sorter);
}

START_TEST(records_come_in_order)
{
    sort_with((size_t)4 * 1024 * 1024);
    sort_with(65536);
    sort_with(2000);
}
END_TEST

START_TEST(no_records_are_sorted)
{
    eventure__sorter sorter;
    char *bytes = NULL;
    size_t len = 0;
    eventure__sorter_open(&sorter, 65536, ".", &error);
    expect_ok(NULL, eventure__sorter_next(&sorter, &bytes, &len));
    eventure__sorter_free(&sorter);
}
END_TEST

START_TEST(a_record_that_is_too_large_is_refused)
{
    static const char bytes[1000];
    eventure__sorter sorter;
    eventure__sorter_open(&sorter, 1000, ".", &error);
    expect_status(EVENTURE_ERROR_LIMIT, NULL,
                  eventure__sorter_add(&sorter, (eventure__sort_key){0, 0}, bytes, sizeof bytes));
    expect_ok(NULL, eventure__sorter_add(&sorter, (eventure__sort_key){0, 0}, bytes, 10));
    eventure__sorter_free(&sorter);
}
END_TEST

START_TEST(a_folder_that_is_not_there_is_an_error)
{
    static const char bytes[500];
    eventure__sorter sorter;
    eventure_status status = EVENTURE_OK;
    eventure__sorter_open(&sorter, 1000, "no such folder", &error);
    for (int i = 0; i < 3 && status == EVENTURE_OK; i++)
        status = eventure__sorter_add(&sorter, (eventure__sort_key){i, 0}, bytes, sizeof bytes);
    expect_status(EVENTURE_ERROR_IO, NULL, status);
    expect_part(error.text, "no such folder");
    eventure__sorter_free(&sorter);
}
END_TEST

/* Sorts records that do not fit into the memory. */
static eventure_status sort_some(void)
{
    eventure__sorter sorter;
    char record[64] = {0};
    char *bytes = NULL;
    size_t len = 0;
    int64_t count = 0;
    eventure_status status = EVENTURE_OK;
    eventure__sorter_open(&sorter, 2000, ".", &error);
    for (int i = 0; i < 200 && status == EVENTURE_OK; i++)
        status = eventure__sorter_add(&sorter, (eventure__sort_key){i * 7919 % 200, 0}, record, sizeof record);
    while (status >= 0 && (status = eventure__sorter_next(&sorter, &bytes, &len)) == EVENTURE_ROW)
        count++;
    eventure__sorter_free(&sorter);
    ck_assert(status < 0 || count == 200);
    return status;
}

START_TEST(a_temporary_file_that_fails_is_an_error)
{
    int failures = 0;
    bool hit = true;
    for (long n = 1; hit; n++)
    {
        system_fail_at(SYSTEM_OPEN | SYSTEM_READ | SYSTEM_WRITE, n, EIO);
        eventure_status status = sort_some();
        hit = system_fail_stop();
        ck_assert_int_eq(status, hit ? EVENTURE_ERROR_IO : EVENTURE_OK);
        failures += hit;
    }
    ck_assert_int_gt(failures, 10);
}
END_TEST

/* A record takes 32 bytes, its bytes in units of 8, and 16 bytes for its pointers. */
START_TEST(a_record_as_large_as_the_memory_is_sorted)
{
    static const char bytes[1000];
    eventure__sorter sorter;
    char *got = NULL;
    size_t len = 0;
    const size_t space = 32 + 1000 + 16;
    eventure__sorter_open(&sorter, space - 1, ".", &error);
    expect_status(EVENTURE_ERROR_LIMIT, NULL,
                  eventure__sorter_add(&sorter, (eventure__sort_key){0, 0}, bytes, sizeof bytes));
    ck_assert_str_eq(error.text, "sort: an event takes 1048 bytes, and the memory for sorting is 1040");
    eventure__sorter_free(&sorter);
    eventure__sorter_open(&sorter, space, ".", &error);
    for (int i = 0; i < 3; i++)
        expect_ok(NULL, eventure__sorter_add(&sorter, (eventure__sort_key){-i, 0}, bytes, sizeof bytes - (size_t)i));
    ck_assert_uint_eq(sorter.runs_count, 2);
    for (size_t i = 3; i-- > 0;)
    {
        expect_status(EVENTURE_ROW, NULL, eventure__sorter_next(&sorter, &got, &len));
        ck_assert_uint_eq(len, sizeof bytes - i);
    }
    expect_ok(NULL, eventure__sorter_next(&sorter, &got, &len));
    eventure__sorter_free(&sorter);
    ck_assert_int_eq(sorter.file.descriptor, -1);
}
END_TEST

START_TEST(a_file_is_made_when_the_memory_is_full)
{
    static const char bytes[24];
    eventure__sorter sorter;
    /* Each record takes 56 bytes, and 16 for its pointers. */
    eventure__sorter_open(&sorter, (size_t)72 * 10, ".", &error);
    for (int i = 0; i < 10; i++)
    {
        expect_ok(NULL, eventure__sorter_add(&sorter, (eventure__sort_key){i, 0}, bytes, sizeof bytes));
        ck_assert_uint_eq(sorter.runs_count, 0);
    }
    expect_ok(NULL, eventure__sorter_add(&sorter, (eventure__sort_key){0, 0}, bytes, sizeof bytes));
    ck_assert_uint_eq(sorter.runs_count, 1);
    ck_assert_uint_eq(sorter.count, 1);
    ck_assert_int_eq(sorter.file.len, 10 * 56);
    eventure__sorter_free(&sorter);
}
END_TEST

/* Records that are larger than the part of a run that is read at once, and empty ones. */
START_TEST(records_of_all_sizes_are_merged)
{
    enum
    {
        RECORDS = 300
    };
    static char bytes[20000];
    eventure__sorter sorter;
    char *got = NULL;
    size_t len = 0;
    eventure__sorter_open(&sorter, 70000, ".", &error);
    for (int i = 0; i < RECORDS; i++)
    {
        const int key = i * 7 % RECORDS;
        memset(bytes, 'a' + key % 26, sizeof bytes);
        expect_ok(NULL, eventure__sorter_add(&sorter, (eventure__sort_key){0, key}, bytes, (size_t)(key * 61 % 19997)));
    }
    ck_assert_uint_gt(sorter.runs_count, 16);
    for (int key = 0; key < RECORDS; key++)
    {
        expect_status(EVENTURE_ROW, NULL, eventure__sorter_next(&sorter, &got, &len));
        ck_assert_uint_eq(len, (size_t)(key * 61 % 19997));
        for (size_t i = 0; i < len; i++)
            if (got[i] != 'a' + key % 26)
                ck_abort_msg("record %d, byte %zu: %c", key, i, got[i]);
    }
    expect_ok(NULL, eventure__sorter_next(&sorter, &got, &len));
    expect_ok(NULL, eventure__sorter_next(&sorter, &got, &len));
    eventure__sorter_free(&sorter);
}
END_TEST
