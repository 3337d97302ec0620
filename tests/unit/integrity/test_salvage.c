/*
 * Files that are short, zeroed or padded: repair saves complete ticks, its report of the losses is exact, and verify
 * reports up to which event the history is intact.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "damage.h"
#include "harness.h"
#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(set_up, NULL);
TEST_TIMEOUT(300);

#define NEW_PATH "repaired.db"
#define PAGE 4096
#define TICKS 400
#define EVENTS_A_TICK 5
#define EVENTS (TICKS * EVENTS_A_TICK)

static char *bytes_;
static size_t pages_;

/* Data of so many bytes. */
static const char *text_of(size_t len)
{
    static char data[6000];
    memset(data, 'x', len);
    memcpy(data, "{\"t\":\"", 6);
    strcpy(data + len - 2, "\"}");
    return data;
}

/* Makes one store for all tests; each test writes a damaged copy of it. One event in 25 has data that needs overflow
 * pages: the part on the event's own page is as large as the rest that does not fill an overflow page, or, where that
 * is too large (4,200 bytes), the least part that SQLite's format has. */
static void set_up(void)
{
    char number[16];
    if (bytes_ != NULL)
        return;
    eventure_log *log = scratch_new();
    for (int i = 0; i < EVENTS; i++)
    {
        snprintf(number, sizeof number, "{\"n\":%d}", i);
        const char *data = i % 50 == 0 ? text_of(5999) : i % 50 == 25 ? text_of(4200) : number;
        scratch_append(log, i % 3 == 0 ? "a.b" : "c.d", data, NULL);
        if (i % EVENTS_A_TICK == EVENTS_A_TICK - 1)
            expect_ok(log, eventure_log_advance_tick(log));
    }
    expect_ok(NULL, eventure_log_close(log));
    long len = 0;
    bytes_ = (char *)harness_load(SCRATCH_PATH, &len);
    pages_ = (size_t)len / PAGE;
}

/* Writes a copy with the first pages of the store, a range of which is zeroed (counted from 1), and with additional
 * bytes at the end. */
static void write_damaged(size_t pages, size_t zero_first, size_t zero_count, const char *more, size_t more_len)
{
    static const char zeros[PAGE];
    scratch_remove(SCRATCH_PATH);
    FILE *file = fopen(SCRATCH_PATH, "wb");
    ck_assert_ptr_nonnull(file);
    for (size_t page = 1; page <= pages; page++)
    {
        const char *from = page >= zero_first && page < zero_first + zero_count ? zeros : bytes_ + (page - 1) * PAGE;
        ck_assert_uint_eq(fwrite(from, PAGE, 1, file), 1);
    }
    if (more_len > 0)
        ck_assert_uint_eq(fwrite(more, more_len, 1, file), 1);
    ck_assert_int_eq(fclose(file), 0);
}

static eventure_repair_report repair(void)
{
    eventure_reader *reader = NULL;
    eventure_repair_report report;
    scratch_remove(NEW_PATH);
    expect_ok(reader, eventure_reader_open_damaged(SCRATCH_PATH, &reader));
    expect_ok(reader, eventure_store_repair(reader, NEW_PATH, NULL, &report));
    eventure_reader_close(reader);
    eventure_verify_report sound = damage_verify(NEW_PATH, false);
    ck_assert_msg(sound.is_sound, "%s", sound.problem);
    ck_assert_int_eq(sound.events, report.events);
    return report;
}

static void expect_exact(const eventure_repair_report *report)
{
    ck_assert_int_eq(report->events, report->ticks * EVENTS_A_TICK);
    if (!report->has_lost_end)
        ck_assert_int_eq(report->events + report->lost_events, EVENTS);
    if (!report->has_gaps)
        ck_assert_int_eq(report->ticks + report->lost_ticks, TICKS);
    ck_assert_int_le(report->events + report->lost_events, EVENTS);
    ck_assert_int_le(report->ticks + report->lost_ticks, TICKS);
}

/* Any page can be zeroed: a leaf with events, a leaf with about 50 ticks, an inner page, a page of an index, of the
 * schema, or of long data. Only the rows below this page are lost. */
START_TEST(any_page_may_be_zeroed)
{
    const size_t step = harness_is_short() ? 7 : 1;
    for (size_t page = 1; page <= pages_; page += step)
    {
        write_damaged(pages_, page, 1, NULL, 0);
        ck_assert(!damage_verify(SCRATCH_PATH, false).is_sound || bytes_[(page - 1) * PAGE] == 0);
        eventure_repair_report report = repair();
        expect_exact(&report);
        ck_assert_msg(report.lost_events <= 300, "page %zu: %d events are lost", page, (int)report.lost_events);
        ck_assert(!report.has_gaps || report.lost_ticks == 0);
    }
}
END_TEST

/* The page numbers of a table's tree are lost with its root. Each page with rows is then found by its content. */
START_TEST(rows_are_found_without_the_root_of_their_table)
{
    write_damaged(pages_, 0, 0, NULL, 0);
    damage_root(SCRATCH_PATH, "events");
    eventure_repair_report report = repair();
    expect_exact(&report);
    ck_assert_int_eq(report.events, EVENTS);
}
END_TEST

/* The number of an overflow page has four bytes; more than 255 pages need two of them. */
START_TEST(long_rows_are_found_on_pages_of_higher_numbers)
{
    enum
    {
        LONG_EVENTS = 300
    };
    eventure_log *log = scratch_new();
    for (int i = 0; i < LONG_EVENTS; i++)
        scratch_append(log, "a.b", text_of(5999), NULL);
    expect_ok(log, eventure_log_advance_tick(log));
    expect_ok(NULL, eventure_log_close(log));
    char *pages = scratch_ask(SCRATCH_PATH, "PRAGMA page_count");
    ck_assert_int_gt(atol(pages), 300);
    free(pages);
    damage_root(SCRATCH_PATH, "events");
    eventure_repair_report report = repair();
    ck_assert_int_eq(report.events, LONG_EVENTS);
    ck_assert_int_eq(report.lost_events, 0);
}
END_TEST

START_TEST(runs_of_pages_may_be_zeroed)
{
    for (size_t first = 2; first < pages_; first += 17)
        for (size_t count = 2; count < pages_; count *= 3)
        {
            write_damaged(pages_, first, count, NULL, 0);
            eventure_repair_report report = repair();
            expect_exact(&report);
        }
}
END_TEST

START_TEST(a_file_may_end_anywhere)
{
    for (size_t pages = pages_ - 1; pages > 30; pages -= 11)
    {
        write_damaged(pages, 0, 0, bytes_ + pages * PAGE, pages % 2 == 0 ? 0 : 1000);
        eventure_verify_report verified = damage_verify(SCRATCH_PATH, false);
        eventure_repair_report report = repair();
        expect_exact(&report);
        ck_assert(!report.has_lost_end);
        ck_assert(!verified.is_sound);
        ck_assert_msg(strstr(verified.problem, "damaged") != NULL || strstr(verified.problem, "malformed") != NULL,
                      "%zu pages: %s", pages, verified.problem);
        ck_assert_int_le(verified.trusted_seq, report.events);
        ck_assert_int_ge(verified.trusted_seq, report.events - 300);
    }
}
END_TEST

START_TEST(what_follows_the_end_of_a_file_is_not_read)
{
    static const size_t lengths[] = {1, 4095, 4096, 40960};
    for (size_t i = 0; i < COUNT_OF(lengths); i++)
    {
        char *more = calloc(1, lengths[i]);
        ck_assert_ptr_nonnull(more);
        write_damaged(pages_, 0, 0, more, lengths[i]);
        free(more);
        ck_assert(damage_verify(SCRATCH_PATH, false).is_sound);
        eventure_repair_report report = repair();
        ck_assert_int_eq(report.events, EVENTS);
        ck_assert_int_eq(report.lost_events + report.lost_ticks, 0);
    }
}
END_TEST

START_TEST(a_file_without_a_store_stays_none)
{
    eventure_reader *reader = NULL;
    eventure_repair_report report;
    eventure_verify_report verified;
    char *junk = malloc(40 * PAGE);
    ck_assert_ptr_nonnull(junk);
    for (size_t i = 0; i < 40 * PAGE; i++)
        junk[i] = (char)((i * 2654435761U) >> 13);
    for (size_t page = 0; page < 40; page++)
        memcpy(junk + page * PAGE, "\x0D\0\0\0\xFF\0\0\0", 8);
    write_damaged(0, 0, 0, junk, 40 * PAGE);
    free(junk);
    expect_ok(NULL, eventure_reader_open_damaged(SCRATCH_PATH, &reader));
    expect_status(EVENTURE_ERROR_FORMAT, reader, eventure_store_repair(reader, "none.db", NULL, &report));
    expect_part(eventure_reader_message(reader), "not an Eventure store");
    expect_status(EVENTURE_ERROR_FORMAT, reader, eventure_store_verify(reader, NULL, &verified));
    ck_assert_int_eq(access("none.db", F_OK), -1);
    eventure_reader_close(reader);
}
END_TEST

/* Numbers that no intact store has: repair must not take longer than for the existing rows. */
static const char *const numbers[] = {
    "UPDATE tick SET last_seq = 9223372036854775807 WHERE tick = 399",
    "UPDATE tick SET last_seq = 9223372036854775807 WHERE tick = 100",
    "UPDATE tick SET first_seq = 9223372036854775806, last_seq = 9223372036854775807 WHERE tick = 100",
    "UPDATE tick SET first_seq = first_seq + 4611686018427387904 WHERE tick >= 200",
    "UPDATE tick SET first_seq = -9223372036854775807 - 1 WHERE tick = 7",
    "UPDATE tick SET tick = 9223372036854775807 WHERE tick = 399",
    "UPDATE tick SET tick = -9223372036854775807 WHERE tick = 3",
    "UPDATE events SET seq = 9223372036854775807 WHERE seq = 2000",
    "UPDATE events SET tick = 9223372036854775807 WHERE seq = 77",
    "UPDATE proof SET value = 9223372036854775807 WHERE name IN ('events', 'ticks')",
    "UPDATE proof SET value = -9223372036854775807 WHERE name IN ('events', 'ticks', 'open_tick')",
    "UPDATE store SET current_tick = 9223372036854775807",
    "DELETE FROM tick WHERE tick BETWEEN 50 AND 300; UPDATE tick SET tick = tick + (1 << 62) WHERE tick > 300",
};

LOOP_TEST(numbers_without_measure_take_no_time, COUNT_OF(numbers))
{
    write_damaged(pages_, 0, 0, NULL, 0);
    sqlite3 *db = NULL;
    ck_assert_int_eq(sqlite3_open(SCRATCH_PATH, &db), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    ck_assert_msg(sqlite3_exec(db, numbers[_i], NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
    sqlite3_close(db);
    ck_assert_msg(!damage_verify(SCRATCH_PATH, false).is_sound, "%s", numbers[_i]);
    eventure_reader *reader = NULL;
    eventure_repair_report report;
    scratch_remove(NEW_PATH);
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    eventure_status status = eventure_store_repair(reader, NEW_PATH, NULL, &report);
    ck_assert_msg(status == EVENTURE_OK, "%s: %s", numbers[_i], eventure_reader_message(reader));
    eventure_reader_close(reader);
    ck_assert(damage_verify(NEW_PATH, false).is_sound);
    ck_assert_int_ge(report.lost_events, 0);
    ck_assert_int_le(report.lost_events, (int64_t)1 << 40);
    if (_i != 12 && _i != 3)
        ck_assert_int_ge(report.events, EVENTS - 15);
}
END_TEST
